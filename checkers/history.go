package checkers

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"simrun/sim"
	"simrun/sim/clock"
)

// An OpID names an operation: the N-th of a client, in whatever way the client counts. It is used once in a
// run: a retry has the same one, the next operation, in a later life too, another.
type OpID struct {
	Client sim.NodeID
	N      uint64
}

// String prints the name as c1#3.
func (id OpID) String() string { return string(id.Client) + "#" + strconv.FormatUint(id.N, 10) }

// An Outcome is what a client knows of its operation.
type Outcome uint8

// The outcomes. To take an operation that timed out for failed invents violations and hides losses: it is
// unknown.
const (
	Done    Outcome = iota // it took effect between call and return, and the output is what it returned
	Failed                 // it certainly had no effect and never will
	Unknown                // the client gave up: it may have had an effect, or have it at any later time, or never
)

// TookEffectLater is among what [Linearizable] has reached, for a scenario's Sometimes, when an operation
// took effect for the first time after its client had given it up with an unknown outcome. It needs
// History.Effect.
const TookEffectLater = "unknown-took-effect-later"

// A History says how operations are read from a run. Call and Return are needed, the rest may be left out.
// Each function says ok = false for what does not concern it; it is called for every fact, or every
// message, so it had better not put an empty input into an interface then.
//
// An operation that is called and never returns is unknown. If its client says Unknown and later, having
// heard after all, Done or Failed, the later word counts.
//
// An input may have a method ReadOnly() bool. Where it returns true the operation changes nothing, and if
// its outcome is unknown it is left out: it constrains nothing. It may have a method Overwrites() bool, true where what it makes of the object does not
// depend on what that was: then the smallest window of a wrong history is found sooner.
type History struct {
	// Call reads the fact that a client calls an operation. The key is the part of the object that it
	// concerns: parts are judged one by one. A model that cannot be split has the key "" for all.
	Call func(fact any) (id OpID, key string, input any, ok bool)
	// Return reads the fact that a client's operation has ended. The output matters if the outcome is Done,
	// and is not nil then.
	Return func(fact any) (id OpID, output any, outcome Outcome, ok bool)
	// Reached reads from a message that is handled by a node, its past self's included, that a request for
	// the operation has arrived. Operations of unknown outcome that reached no node are left out. Without
	// Reached all are taken to have arrived.
	Reached func(m sim.Message) (id OpID, ok bool)
	// Taken reads the facts that say that a server takes operations up, so that they may take effect from then on: a leader proposes them.
	// It tells each of them, since one fact may be about a batch. Operations of unknown outcome that nobody took up are left out, and the others
	// take effect no earlier than that. Without Taken it is Reached that counts; a system that takes nothing up in secret is judged better and much sooner
	// with it, since each operation that may or may not have had an effect can double the work.
	Taken func(fact any, tell func(OpID))
	// Effect reads the fact that an operation takes effect somewhere: a replica executes it.
	Effect func(fact any) (id OpID, ok bool)

	Total int // so many operations are called in a run: when they have returned, the property is finished. 0: unknown, never finished
	Steps int // the budget for each key, in steps of the model; 0: a million
}

// An operation is one line of a history.
type operation struct {
	id            OpID
	key           int32
	client        int32
	call, ret     uint64 // numbers of events; ret is 0 until it has returned
	callAt, retAt clock.Time
	outcome       Outcome // if it has returned
	reached       bool    // a request has arrived somewhere
	from          uint64  // the number of the event since which it may take effect, where that is known: somebody has heard of it, or taken it up
	effect        bool    // it took effect somewhere
	input, output any
}

// open reports whether its output and its end are unknown: it may take effect after every other.
func (op *operation) open() bool { return op.ret == 0 || op.outcome == Unknown }

// since is the number of the event from which on the operation may take effect. Of one that has returned it is what its client says; for one that
// has not it is later that a server can have heard of it, and each moment less is fewer orders to try.
func (op *operation) since() uint64 {
	if op.open() {
		return max(op.call, op.from)
	}
	return op.call
}

// A caller is a client, with its operations sorted by number.
type caller struct {
	id      sim.NodeID
	ops     []int32
	pending int // how many of them have not returned
}

// A record is what has been read of a run so far.
type record struct {
	ops       []operation // in the order of their calls
	keys      []string    // in the order of first use
	keyOf     map[string]int32
	prefixes  []*prefix // one a key
	newPrefix func() *prefix
	touched   []int32 // keys whose prefixes have something to go through
	callers   []caller
	callOf    map[sim.NodeID]int32 // nil while they are few

	blind      bool   // nobody says when an operation can have its first effect
	taken      bool   // operations count from when they are taken up, and not from when they reach somebody
	returned   int    // how many have returned
	late       uint64 // how many took effect after they had been given up
	busy, most int    // clients that wait for an operation: now, and at most
}

// newRecord makes an empty record with room for a run of known length.
func newRecord(total int) *record {
	return &record{ops: make([]operation, 0, total), keyOf: make(map[string]int32)}
}

// fewCallers is up to how many clients are found faster by looking at each than in a map.
const fewCallers = 8

// caller returns the number of a client, if it is known.
func (r *record) caller(id sim.NodeID) (c int32, ok bool) {
	if r.callOf != nil {
		c, ok = r.callOf[id]
		return c, ok
	}
	for c := range r.callers {
		if r.callers[c].id == id {
			return int32(c), true
		}
	}
	return 0, false
}

// addCaller adds a client that is not known yet.
func (r *record) addCaller(id sim.NodeID) int32 {
	c := int32(len(r.callers))
	r.callers = append(r.callers, caller{id: id})
	if r.callOf != nil {
		r.callOf[id] = c
	} else if len(r.callers) > fewCallers {
		r.callOf = make(map[sim.NodeID]int32)
		for c := range r.callers {
			r.callOf[r.callers[c].id] = int32(c)
		}
	}
	return c
}

// find returns the place of an operation, or -1.
func (r *record) find(id OpID) int32 {
	c, ok := r.caller(id.Client)
	if !ok {
		return -1
	}
	at, found := r.search(r.callers[c].ops, id.N)
	if !found {
		return -1
	}
	return r.callers[c].ops[at]
}

// search looks for the number n among a client's operations: where it is, or where it belongs. Most often
// it is the last.
func (r *record) search(ops []int32, n uint64) (at int, found bool) {
	if last := len(ops) - 1; last < 0 || n > r.ops[ops[last]].id.N {
		return last + 1, false
	} else if n == r.ops[ops[last]].id.N {
		return last, true
	}
	return slices.BinarySearchFunc(ops, n, func(op int32, n uint64) int { return cmp.Compare(r.ops[op].id.N, n) })
}

// call adds an operation. An error is about the clients, who do not keep to their names: nothing can be
// said about such a history.
func (r *record) call(e *sim.Event, id OpID, key string, input any) error {
	c, ok := r.caller(id.Client)
	if !ok {
		c = r.addCaller(id.Client)
	}
	k, ok := r.keyOf[key]
	if !ok {
		k = int32(len(r.keys))
		r.keyOf[key] = k
		r.keys = append(r.keys, key)
		r.prefixes = append(r.prefixes, r.newPrefix())
	}
	client := &r.callers[c]
	at, found := r.search(client.ops, id.N)
	if found {
		return fmt.Errorf("the history cannot be judged: %v called %v at %v, a name used before", e.Node, id, e.At)
	}
	client.ops = slices.Insert(client.ops, at, int32(len(r.ops)))
	r.ops = append(r.ops, operation{id: id, key: k, client: c, call: e.Seq, callAt: e.At, input: input})
	r.mark(int32(len(r.ops)-1), calls)
	if client.pending++; client.pending == 1 {
		r.busy++
		r.most = max(r.most, r.busy)
	}
	return nil
}

// end says what became of an operation. Errors are as for call.
func (r *record) end(e *sim.Event, id OpID, output any, outcome Outcome) error {
	i := r.find(id)
	if i < 0 {
		return fmt.Errorf("the history cannot be judged: %v returned at %v, but was never called", id, e.At)
	}
	op := &r.ops[i]
	switch { // a client that gave up may hear after all; one that knows cannot change its mind
	case op.ret == 0:
		r.returned++
		client := &r.callers[op.client]
		if client.pending--; client.pending == 0 {
			r.busy--
		}
	case op.outcome != Unknown:
		return fmt.Errorf("the history cannot be judged: %v returned at %v, for the second time", id, e.At)
	default:
		r.prefixes[op.key].lose() // it was taken for one of unknown outcome
	}
	op.ret, op.retAt, op.outcome, op.output = e.Seq, e.At, outcome, output
	r.mark(i, returns)
	return nil
}

// mark tells an operation's prefix that something has happened to it.
func (r *record) mark(i int32, what markKind) {
	key := r.ops[i].key
	r.prefixes[key].push(i, what)
	if n := len(r.touched); n == 0 || r.touched[n-1] != key {
		r.touched = append(r.touched, key)
	}
}

// arrive says that a request for the operation has arrived at a node. What is not an operation of a client
// is nothing to us.
func (r *record) arrive(seq uint64, id OpID) {
	if i := r.find(id); i >= 0 {
		if r.ops[i].reached = true; !r.taken {
			r.begin(seq, i)
		}
	}
}

// take says that somebody has taken the operation up.
func (r *record) take(seq uint64, id OpID) {
	if i := r.find(id); i >= 0 {
		r.ops[i].reached = true
		r.begin(seq, i)
	}
}

// begin says that from now on the operation may take effect.
func (r *record) begin(seq uint64, i int32) {
	if r.ops[i].from == 0 && !r.blind {
		r.ops[i].from = seq
		r.mark(i, arrives)
	}
}

// effect says that the operation took effect at some node. The first time counts: other replicas execute it
// too.
func (r *record) effect(seq uint64, id OpID) {
	i := r.find(id)
	if i < 0 || r.ops[i].effect {
		return
	}
	op := &r.ops[i]
	op.effect, op.reached = true, true
	r.begin(seq, i)
	if op.ret != 0 && op.outcome == Unknown {
		r.late++
	}
}
