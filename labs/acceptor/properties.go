package acceptor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// The names of what must be true, as the stages call for them.
const (
	Answers     = "answers"      // answers go to who has asked, and are about what was asked
	Promises    = "promise"      // a Prepare is answered, unless something goes wrong
	Accepts     = "accept"       // an Accept is answered, unless something goes wrong
	PromiseKept = "promise-kept" // no acceptor takes part in anything older than what it has said, in whichever of its lives
	Reports     = "report"       // a promise says what was accepted last, in whichever life
	Agreement   = "agreement"    // no two values are chosen
	Validity    = "validity"     // what is chosen was proposed
	Termination = "termination"  // all proposers know in the end
)

// enough is how long an acceptor may take to answer where nothing goes wrong.
const enough = 20 * time.Millisecond

// A request is what an acceptor was asked.
type request struct {
	acceptor, proposer sim.NodeID
	what               string // "Prepare" or "Accept"
	ballot             Ballot
	value              Value
	at                 clock.Time
	answered           bool
	late               bool // it was asked about something newer before: to keep silent is right
}

// before reports whether r stands before s in the life of an acceptor: by ballots, and in a ballot the Prepare comes first.
func (r request) before(s request) bool {
	if r.ballot != s.ballot {
		return r.ballot.Less(s.ballot)
	}
	return r.what == "Prepare" && s.what == "Accept"
}

// A stray is something that an acceptor has said to whom it did not concern, or without need.
type stray struct {
	acceptor sim.NodeID
	at       clock.Time
	why      error
}

// A word is what an acceptor has said so far, in all its lives.
type word struct {
	life     uint64 // this one
	highest  Ballot // in which it took part: it promised it, or accepted in it
	how      string // "promised" or "accepted in"
	took     said
	accepted Ballot // the highest in which it has said that it accepted
	value    Value
	did      said
}

// said is when an acceptor said something, and in which of its lives.
type said struct {
	life uint64
	at   clock.Time
}

// A ledger is what an observer who misses nothing knows. The properties of a run share one; whichever
// sees an event first enters it.
type ledger struct {
	seq       uint64 // of the event entered last
	requests  []request
	newest    map[sim.NodeID]request // that each acceptor was asked, in all its lives
	words     map[sim.NodeID]*word
	proposed  map[Ballot]Value
	disturbed bool // something has gone wrong by which an answer may be late

	// What is to be said of the event entered last.
	isAnswer, isPromise    bool
	astray, broken, untrue error

	strays []stray // what acceptors have said that was no answer
}

var watched = []sim.Kind{sim.Started, sim.Sent, sim.Delivered, sim.Noted, sim.Crashed, sim.Faulted}

func properties(o sim.Options) []sim.Property {
	l := &ledger{newest: make(map[sim.NodeID]request), words: make(map[sim.NodeID]*word), proposed: make(map[Ballot]Value)}
	judge := func(name string, inner bool, say func(e *sim.Event) (bool, error)) sim.Property {
		return checkers.Always(name, inner, watched, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return say(e)
		})
	}
	return []sim.Property{
		judge(Answers, true, func(*sim.Event) (bool, error) { return l.isAnswer, l.astray }),
		judge(PromiseKept, true, func(*sim.Event) (bool, error) { return l.isAnswer, l.broken }),
		judge(Reports, true, func(*sim.Event) (bool, error) { return l.isPromise, l.untrue }),
		judge(Promises, false, func(e *sim.Event) (bool, error) { return l.silence(e, "Prepare", "promise") }),
		judge(Accepts, false, func(e *sim.Event) (bool, error) { return l.silence(e, "Accept", "accept") }),
		checkers.Agreement(chosen),
		checkers.Validity(wanted, chosen),
		termination(proposers(o)),
	}
}

// chosen reads the fact that a value was chosen, there being one decision only.
func chosen(fact any) (instance, value any, ok bool) {
	f, ok := fact.(Chosen)
	return nil, f.Value, ok
}

func wanted(fact any) (instance, value any, ok bool) {
	f, ok := fact.(Wanted)
	return nil, f.Value, ok
}

// enter takes notice of an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.isAnswer, l.isPromise = e.Seq, false, false
	l.astray, l.broken, l.untrue = nil, nil, nil
	switch e.Kind {
	case sim.Started:
		l.word(e.Node).life = e.Data.(uint64)
	case sim.Crashed: // it owes no answer any more
		l.requests = slices.DeleteFunc(l.requests, func(r request) bool { return r.acceptor == e.Node })
	case sim.Faulted:
		l.disturbed = l.disturbed || slows(e.Data.(fault.Line).Verb)
	case sim.Delivered:
		l.asked(e)
	case sim.Sent:
		switch m := e.Data.(type) {
		case Accept:
			l.proposed[m.Ballot] = m.Value
		case Promise:
			l.answer(e, "Prepare", m.Ballot, "")
			l.promised(e, m)
		case Accepted:
			l.answer(e, "Accept", m.Ballot, m.Value)
			l.accepted(e, m)
		case Refused:
			l.refused(e, m)
		}
	}
}

// slows reports whether a fault may make an answer late. Those that stand here make messages late or lost,
// or crash nodes, which is seen.
func slows(v fault.Verb) bool {
	switch v {
	case fault.Loop, fault.Cut, fault.Heal, fault.Partition, fault.Flap, fault.Break:
		return false
	}
	return true
}

// asked enters what an acceptor was asked, the first time.
func (l *ledger) asked(e *sim.Event) {
	r := request{acceptor: e.Node, proposer: e.Peer, at: e.At}
	switch m := e.Data.(type) {
	case Prepare:
		r.what, r.ballot = "Prepare", m.Ballot
	case Accept:
		r.what, r.ballot, r.value = "Accept", m.Ballot, m.Value
	default:
		return
	}
	if slices.ContainsFunc(l.requests, func(q request) bool { return q.acceptor == r.acceptor && q.what == r.what && q.ballot == r.ballot }) {
		return
	}
	newest, heard := l.newest[r.acceptor]
	if r.late = heard && !newest.before(r); !r.late { // what it was asked in an earlier life may be on its disk
		l.newest[r.acceptor] = r
	}
	l.requests = append(l.requests, r)
}

// answer finds what was asked: "" stands for both.
func (l *ledger) answer(e *sim.Event, what string, b Ballot, v Value) {
	l.isAnswer = true
	meant := "which nobody has asked for"
	found := false
	for i := range l.requests {
		r := &l.requests[i]
		switch {
		case r.acceptor != e.Node || r.ballot != b || what != "" && r.what != what:
		case r.proposer != e.Peer:
			meant = fmt.Sprintf("which is for %s, who has asked", r.proposer)
		case r.value != v && what == "Accept":
			meant = fmt.Sprintf("but was asked to accept %s", r.value)
		default:
			r.answered, found = true, true
		}
	}
	if !found {
		l.astray = fmt.Errorf("%s tells %s %v, %s", e.Node, e.Peer, e.Data, meant)
		l.strays = append(l.strays, stray{e.Node, e.At, l.astray})
	}
}

// refused judges a refusal: only a higher ballot stands in the way of one.
func (l *ledger) refused(e *sim.Event, m Refused) {
	if m.Ballot.Less(m.Promised) {
		l.answer(e, "", m.Ballot, "")
		return
	}
	l.isAnswer = true
	l.astray = fmt.Errorf("%s refuses %v for the sake of %v, which is not above it", e.Node, m.Ballot, m.Promised)
	l.strays = append(l.strays, stray{e.Node, e.At, l.astray})
}

// promised judges a promise by all that its acceptor has said before.
func (l *ledger) promised(e *sim.Event, m Promise) {
	l.isPromise = true
	w := l.word(e.Node)
	report := "reports nothing"
	if m.Value != "" || !m.Accepted.None() {
		report = fmt.Sprintf("reports %v %s", m.Accepted, m.Value)
	}
	switch value, made := l.proposed[m.Accepted]; {
	case m.Accepted.Less(w.accepted) && !m.Ballot.Less(w.accepted):
		l.untrue = fmt.Errorf("%s promises %v and %s, although it accepted %s in %v%s", e.Node, m.Ballot, report, w.value, w.accepted, w.when(w.did))
	case m.Accepted.None() && m.Value == "":
	case !made:
		l.untrue = fmt.Errorf("%s promises %v and %s, which nobody has proposed", e.Node, m.Ballot, report)
	case value != m.Value:
		l.untrue = fmt.Errorf("%s promises %v and %s, but in %v it was %s that was proposed", e.Node, m.Ballot, report, m.Accepted, value)
	}
	l.takesPart(e, m.Ballot, "promised", fmt.Sprintf("promises %v", m.Ballot))
}

func (l *ledger) accepted(e *sim.Event, m Accepted) {
	l.takesPart(e, m.Ballot, "accepted in", fmt.Sprintf("accepts %s in %v", m.Value, m.Ballot))
	if w := l.word(e.Node); w.accepted.Less(m.Ballot) {
		w.accepted, w.value, w.did = m.Ballot, m.Value, said{w.life, e.At}
	}
}

// takesPart enters that an acceptor says that it takes part in a ballot, and judges that.
func (l *ledger) takesPart(e *sim.Event, b Ballot, how, says string) {
	w := l.word(e.Node)
	if b.Less(w.highest) {
		l.broken = fmt.Errorf("%s %s, although it %s %v%s", e.Node, says, w.how, w.highest, w.when(w.took))
		return
	}
	if w.highest.Less(b) {
		w.highest, w.how, w.took = b, how, said{w.life, e.At}
	}
}

// when tells the time of what was said, by which it is found in a drawing, and whether that was in an
// earlier life.
func (w *word) when(x said) string {
	if x.life < w.life {
		return fmt.Sprintf(" at %v, before it crashed", time.Duration(x.at))
	}
	return fmt.Sprintf(" at %v", time.Duration(x.at))
}

func (l *ledger) word(id sim.NodeID) *word {
	w := l.words[id]
	if w == nil {
		w = new(word)
		l.words[id] = w
	}
	return w
}

// silence complains when a proposer comes back to an acceptor that has not answered, although it has not
// crashed since, nothing else has gone wrong, and there was time enough.
func (l *ledger) silence(e *sim.Event, what, verb string) (judged bool, err error) {
	switch e.Data.(type) {
	case Accept: // a majority has promised
		if e.Kind == sim.Sent {
			return what == "Prepare", nil
		}
	case Chosen:
		return what == "Accept", nil
	}
	if e.Kind != sim.Delivered || l.disturbed {
		return false, nil
	}
	for _, r := range l.requests {
		if r.acceptor == e.Node && r.proposer == e.Peer && l.open(r, what, e.At) {
			return true, fmt.Errorf("%s asked %s at %v to %s %s, and has heard %s", r.proposer, r.acceptor, time.Duration(r.at), verb, r.wish(), l.heard(r, e.At))
		}
	}
	return false, nil
}

// heard is what a proposer has heard in the place of an answer, from this acceptor and from the others.
func (l *ledger) heard(r request, now clock.Time) string {
	for _, x := range l.strays {
		if x.acceptor == r.acceptor && x.at >= r.at {
			return fmt.Sprintf("no answer: %v", x.why)
		}
	}
	others := l.silent(r, now)
	switch len(others) {
	case 0:
		return "nothing"
	case 1:
		return fmt.Sprintf("nothing: %s is silent too", others[0])
	}
	return fmt.Sprintf("nothing: %s and %s are silent too", strings.Join(others[:len(others)-1], ", "), others[len(others)-1])
}

// open reports whether a request waits for its answer for too long.
func (l *ledger) open(r request, what string, now clock.Time) bool {
	return r.what == what && !r.answered && !r.late && now.Sub(r.at) >= enough
}

// silent lists who else owes the answer to what was asked in a ballot.
func (l *ledger) silent(r request, now clock.Time) (others []string) {
	for _, q := range l.requests {
		if q.ballot == r.ballot && q.acceptor != r.acceptor && l.open(q, r.what, now) {
			others = append(others, string(q.acceptor))
		}
	}
	slices.Sort(others)
	return others
}

// wish is what was asked for.
func (r request) wish() string {
	if r.what == "Accept" {
		return fmt.Sprintf("%s in %v", r.value, r.ballot)
	}
	return r.ballot.String()
}

// termination returns the liveness property that all proposers know in the end.
func termination(waiters []sim.NodeID) sim.Property {
	know := make(map[sim.NodeID]bool)
	observe := func(e *sim.Event) bool {
		if _, ok := e.Data.(Chosen); ok {
			know[e.Node] = true
		}
		return len(know) == len(waiters)
	}
	return checkers.Eventually(Termination, []sim.Kind{sim.Noted}, observe, func(w *sim.World) error {
		var waits []checkers.Wait
		for _, id := range waiters {
			if n, ok := w.Node(id); ok && !know[id] {
				waits = append(waits, n.(*proposer).waits(id))
			}
		}
		return checkers.Explain(w, waits)
	})
}
