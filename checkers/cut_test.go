package checkers

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// The messages and facts of an imaginary snapshot.
type (
	coin   struct{ N, Value int } // a message of the application
	marker struct{}
	saved  struct {
		Of     int
		Amount int64
		Early  bool // before the message that is being delivered
	}
	savedChannel struct {
		Of   int
		From sim.NodeID
		All  []any
	}
	collected struct{ Of int }
	held      struct{}
	handed    struct{ N int }
	wentBack  struct{ To int } // 0: to the initial state
	recovered struct{}
	gaveUp    struct{ N int }
	kept      struct{ Of int }
	undone    struct{ Of int }
	counts    struct{ Of, Sent, Received int }
)

func (c coin) String() string { return "coin " + strconv.Itoa(c.N) }

// snapshots is how they are read where nobody rolls back.
func snapshots() Cutting {
	return Cutting{
		App: func(m sim.Message) (any, bool) { c, ok := m.(coin); return c, ok },
		Recorded: func(fact any) (any, bool) {
			if c, ok := fact.(counts); ok {
				return c.Of, true
			}
			f, ok := fact.(saved)
			return f.Of, ok
		},
		Channel: func(fact any) (any, sim.NodeID, []any, bool) {
			f, ok := fact.(savedChannel)
			return f.Of, f.From, f.All, ok
		},
		Complete: func(fact any) (any, bool) { f, ok := fact.(collected); return f.Of, ok },
		Amount:   func(fact any) (any, int64, bool) { f, ok := fact.(saved); return f.Of, f.Amount, ok },
		Carried:  func(body any) int64 { return int64(body.(coin).Value) },
		Counts:   func(fact any) (int, int, bool) { f, ok := fact.(counts); return f.Sent, f.Received, ok },
		Held:     func(fact any) bool { f, ok := fact.(saved); return ok && f.Early },
		FIFO:     true,
	}
}

// rollbacks is how they are read with rollbacks: coins have names, and are received when somebody says so.
func rollbacks() Cutting {
	c := snapshots()
	c.ID = func(m sim.Message) any { return m.(coin).N }
	c.Held = func(fact any) bool { return fact == held{} }
	c.Received = func(fact any) (any, bool) {
		f, ok := fact.(handed)
		if f.N == 0 {
			return nil, ok
		}
		return f.N, ok
	}
	c.RolledBack = func(fact any) (any, bool) {
		f, ok := fact.(wentBack)
		if f.To == 0 {
			return nil, ok
		}
		return f.To, ok
	}
	c.Recovered = func(fact any) bool { return fact == recovered{} }
	c.Lost = func(fact any) (any, bool) { f, ok := fact.(gaveUp); return f.N, ok }
	return c
}

// A reel is a run made by hand for judges of cuts: it keeps which Sent a message has.
type reel struct {
	tape
	sent map[int]uint64
}

// shoot plays a script to a property, one event a word:
//
//	ab1   a sends coin 1 to b            b1    b is delivered coin 1       b-1   coin 1 to b is dropped
//	a[1   a records for snapshot 1       a(1   the same, before the message that is being delivered
//	b{1:a:2,3  coins 2 and 3 are recorded of the channel from a to b       c]1   c says that snapshot 1 is complete
//	b_    b holds the message back       b!1   b's application receives coin 1, b! the one held
//	a+    a starts a life                a<1   a rolls back to its checkpoint 1    c|   the rollback is over
//	a$1   coin 1 is given up             a=1   checkpoint 1 is permanent           a~1   checkpoint 1 is undone
//	a#1:2:3  a records for snapshot 1 a state that says it has sent 2 coins and received 3
//	am    a is delivered a marker
//	a.    a becomes passive, a* active
//	a>bc  a waits for b and c, a> for nobody
//	c?1   c says that snapshot 1 has found what it looks for, c/1 that it has not
//
// Coin n is worth n; what processes record is worth nothing, unless a[1:20 says how much.
func shoot(p sim.Property, script string) *reel {
	r := &reel{tape{p: p}, map[int]uint64{}}
	for _, word := range strings.Fields(script) {
		r.play(word)
	}
	return r
}

func number(text string) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

func (r *reel) play(word string) {
	node, verb, rest := sim.NodeID(word[:1]), word[1], word[2:]
	args := strings.Split(rest, ":")
	switch {
	case verb >= '0' && verb <= '9':
		n := number(word[1:])
		r.message(sim.Delivered, node, "", coin{n, n}, r.sent[n])
	case verb == 'm':
		r.message(sim.Delivered, node, "", marker{}, 0)
	case verb >= 'a' && verb <= 'z':
		n := number(rest)
		r.message(sim.Sent, node, sim.NodeID(verb), coin{n, n}, 0)
		r.sent[n] = r.seq
	case verb == '-':
		n := number(rest)
		r.message(sim.Dropped, node, "", coin{n, n}, r.sent[n])
	case verb == '+':
		r.event(sim.Started, node, uint64(1))
	case verb == '>':
		f := waiting{}
		for _, c := range rest {
			f.For = append(f.For, sim.NodeID(c))
		}
		r.note(node, f)
	default:
		r.note(node, factOf(verb, args))
	}
}

func factOf(verb byte, args []string) any {
	n := number(args[0])
	switch verb {
	case '[', '(':
		f := saved{Of: n, Early: verb == '('}
		if len(args) > 1 {
			f.Amount = int64(number(args[1]))
		}
		return f
	case '{':
		f := savedChannel{n, sim.NodeID(args[1]), nil}
		for _, c := range strings.Split(args[2], ",") {
			f.All = append(f.All, coin{number(c), number(c)})
		}
		return f
	case '#':
		return counts{n, number(args[1]), number(args[2])}
	case '!':
		return handed{n}
	}
	return map[byte]any{
		'.': passive{true}, '*': passive{false}, '?': answered{n, true}, '/': answered{n, false},
		']': collected{n}, '_': held{}, '<': wentBack{n}, '|': recovered{}, '$': gaveUp{n}, '=': kept{n}, '~': undone{n},
	}[verb]
}

func (r *reel) message(kind sim.Kind, node, peer sim.NodeID, m any, cause uint64) {
	r.seq++
	e := sim.Event{Seq: r.seq, Cause: cause, At: clock.Time(0).Add(time.Duration(r.seq) * time.Millisecond), Kind: kind, Node: node, Peer: peer, Data: m}
	if err := r.p.Observe(&e); err != nil && r.err == nil {
		r.err = err
	}
}

// Fails if consistent cuts are accused: with a message in a channel, one received before the sender recorded, one
// that came after both.
func TestConsistentCutHolds(t *testing.T) {
	shoot(ConsistentCut(snapshots()), "ab1 a[1 ab2 b1 b[1 b2").holds(t, 1)
	shoot(ConsistentCut(snapshots()), "ab1 b1 b[1 a[1 c[1").holds(t, 2)
	shoot(ConsistentCut(snapshots()), "a[1 ab1 b1 b(1").holds(t, 1) // b records before it receives
	r := shoot(ConsistentCut(snapshots()), "ab1 b1 bc2 c2 a[1")
	r.holds(t, 0)
	if !inner(r.p) {
		t.Error("nobody sees vector clocks")
	}
}

// Fails if a receipt without its sending passes: with the sender first or second, or by way of a third process.
func TestConsistentCutViolated(t *testing.T) {
	const why = "b recorded snapshot 1 at 4ms with coin 1, received from a at 3ms, but a sent it at 2ms and had recorded at 1ms without it"
	shoot(ConsistentCut(snapshots()), "a[1 ab1 b1 b[1").violates(t, why)
	shoot(ConsistentCut(snapshots()), "a[1 ab1 b1 bc2 c2 c[1").
		violates(t, "c recorded snapshot 1 at 6ms, which depends, by way of others, on what a did after it had recorded at 1ms")
}

// Fails if an empty system is accused, or a message on its way at the cut is not.
func TestStronglyConsistentCut(t *testing.T) {
	shoot(StronglyConsistentCut(snapshots()), "ab1 b1 a[1 b[1 a]1 ab2 b2").holds(t, 1)
	shoot(StronglyConsistentCut(snapshots()), "ab1 a[1 b1 b[1 a[2 b[2").holds(t, 0)
	shoot(StronglyConsistentCut(snapshots()), "ab1 a[1 b[1 b1 a]1").
		violates(t, "snapshot 1 has coin 1 on the way from a, which recorded at 2ms, to b, which recorded at 3ms")
	shoot(StronglyConsistentCut(snapshots()), "a[1 ab1 b1 b[1 a]1").
		violates(t, "b recorded snapshot 1 at 4ms with coin 1, received from a at 3ms, but a sent it at 2ms and had recorded at 1ms without it")
}

// Fails if right channels are accused: of messages received before either cut, sent after both, still on their way when
// the snapshot is complete, lost by the network, recorded in two parts, or of a process that took no part.
func TestChannelStatesHold(t *testing.T) {
	r := shoot(ChannelStates(snapshots()), "ab1 ab2 ab3 b1 b[1 b2 a[1 ab4 b3 b4 b{1:a:2,3 a]1")
	r.holds(t, 1)
	if !inner(r.p) {
		t.Error("nobody sees what crosses a cut")
	}
	shoot(ChannelStates(snapshots()), "ab1 ab2 a[1 b[1 b1 b{1:a:1 b{1:a:2 a]1 b2").holds(t, 1)
	shoot(ChannelStates(snapshots()), "ab1 a[1 b-1 b[1 a]1").holds(t, 0)
	shoot(ChannelStates(snapshots()), "ac1 a[1 b[1 c1 a]1").holds(t, 0)
	shoot(ChannelStates(snapshots()), "ab1 a[1 b1 b(1 b{1:a:1 bm a]1").holds(t, 1)
	c := snapshots()
	c.FIFO = false
	shoot(ChannelStates(c), "ab1 ab2 a[1 b[1 b2 b1 b{1:a:2,1 a]1").holds(t, 1)
	shoot(ChannelStates(snapshots()), "ab1 a[1 b[1 b1").holds(t, 0) // not complete
}

// What a collector says of a channel between others counts for that channel. Fails if it is taken for one that ends at the collector.
func TestChannelsOfOthers(t *testing.T) {
	c := snapshots()
	c.To = func(any) sim.NodeID { return "b" }
	shoot(ChannelStates(c), "ab1 a[1 c[1 b[1 b1 c{1:a:1 c]1").holds(t, 1)
	shoot(ChannelStates(snapshots()), "ab1 a[1 c[1 b[1 b1 c{1:a:1 c]1").violates(t, "snapshot 1 has coin 1 in the channel from a to c, which was not on the way when a recorded at 2ms and c at 3ms; it has coin 1")
}

// Fails if a channel may be recorded with less, more, or in another order than what crosses the cut.
func TestChannelStatesViolated(t *testing.T) {
	shoot(ChannelStates(snapshots()), "ab1 a[1 b[1 b1 a]1").violates(t,
		"snapshot 1 lacks coin 1 in the channel from a to b: a sent it at 1ms, before it recorded at 2ms, and b had not received it when it recorded at 3ms; it has nothing")
	shoot(ChannelStates(snapshots()), "ab1 ab2 a[1 b[1 b1 b2 b{1:a:1 a]1").violates(t,
		"snapshot 1 lacks coin 2 in the channel from a to b: a sent it at 2ms, before it recorded at 3ms, and b had not received it when it recorded at 4ms; it has coin 1")
	shoot(ChannelStates(snapshots()), "a[1 ab1 b[1 b1 b{1:a:1 a]1").violates(t,
		"snapshot 1 has coin 1 in the channel from a to b, which was not on the way when a recorded at 1ms and b at 3ms; it has coin 1")
	shoot(ChannelStates(snapshots()), "ab1 b1 a[1 b[1 b{1:a:1 a]1").violates(t,
		"snapshot 1 has coin 1 in the channel from a to b, which was not on the way when a recorded at 3ms and b at 4ms; it has coin 1")
	shoot(ChannelStates(snapshots()), "ab1 ab2 a[1 b[1 b1 b2 b{1:a:2,1 a]1").violates(t,
		"snapshot 1 has the channel from a to b in another order: coin 2, coin 1, but coin 1 was sent before coin 2")
	shoot(ChannelStates(snapshots()), "ab1 a[1 b[1 b1 b{1:a:1,1 a]1").violates(t,
		"snapshot 1 has coin 1 in the channel from a to b, which was not on the way when a recorded at 2ms and b at 3ms; it has coin 1, coin 1")
}

// Fails if two snapshots under way at once share what was recorded.
func TestSnapshotsOverlap(t *testing.T) {
	const run = "ab1 a[1 ab2 a[2 b[2 b1 b[1 b2 b{2:a:1,2 a]2 a]1"
	shoot(ConsistentCut(snapshots()), run).holds(t, 2)
	shoot(ChannelStates(snapshots()), run).holds(t, 1)
	shoot(ConsistentCut(snapshots()), "a[1 ab1 a[2 b1 b[2 b[1").violates(t,
		"b recorded snapshot 1 at 6ms with coin 1, received from a at 4ms, but a sent it at 2ms and had recorded at 1ms without it")
}

// Fails if money in a channel is not counted, or if the sum is not looked at.
func TestConservedCut(t *testing.T) {
	r := shoot(ConservedCut(snapshots(), 12), "ab2 a[1:4 b[1:6 b2 b{1:a:2 a]1")
	r.holds(t, 1)
	if inner(r.p) {
		t.Error("whoever takes a snapshot sees its sum")
	}
	shoot(ConservedCut(snapshots(), 12), "ab2 a[1:4 b[1:6 b2 a]1").violates(t, "snapshot 1 has 10 of 12: 10 with the processes and 0 on the way")
	shoot(ConservedCut(snapshots(), 12), "ab2 a[1:4 b2 b[1:8 b{1:a:2 a]1").violates(t, "snapshot 1 has 14 of 12: 12 with the processes and 2 on the way")
	shoot(ConservedCut(snapshots(), 12), "ab2 a[1:4 b[1:6 b2").holds(t, 0)
}

// Fails if a state that can be reached is accused: the one of the paper's figure 8, which the run was never in, and
// one that says what it has done.
func TestReachable(t *testing.T) {
	shoot(Reachable(snapshots()), "ab1 b1 a[1 ab2 bc3 b[1 b2 c3 c[1 ca4 a4 a]1").holds(t, 1)
	shoot(Reachable(snapshots()), "ab1 a[1 ba2 b[1 a2 b1 a{1:b:2 b{1:a:1 a]1").holds(t, 1)
	shoot(Reachable(snapshots()), "ab1 a#1:1:0 b1 b#1:0:1 a]1").holds(t, 1)
}

// Fails if a receipt before its sending, a wrong channel, links that reorder, or a state of another moment pass.
func TestReachableViolated(t *testing.T) {
	const no = "snapshot 1 is no state that the run could have been in: with what comes before it done first, "
	shoot(Reachable(snapshots()), "a[1 ab1 b1 b[1 a]1").violates(t, no+"coin 1 is not on the channel from a when b receives it")
	shoot(Reachable(snapshots()), "ab1 ab2 b2 a[1 b[1 b{1:a:1 b1 a]1").violates(t, no+"b receives coin 2 from a, but coin 1 was sent before it")
	shoot(Reachable(snapshots()), "ab1 a[1 b[1 b1 a]1").violates(t,
		"snapshot 1 lacks coin 1 in the channel from a to b: a sent it at 1ms, before it recorded at 2ms, and b had not received it when it recorded at 3ms; it has nothing")
	shoot(Reachable(snapshots()), "ab1 a#1:0:0 b[1 b{1:a:1 b1 a]1").violates(t,
		"a recorded for snapshot 1 a state with 0 sent and 0 received, but at 2ms it had sent 1 and received 0")
}

// Fails if a snapshot that is complete while processes are on their way back is accused for the sake of what they
// have lost since, or let off what they had done before; or if what a rollback has undone is taken for done.
func TestReachableInCrashes(t *testing.T) {
	shoot(Reachable(rollbacks()), "a+ b+ a[1 b[1 ba1 a1 am b+ a]1").holds(t, 1)
	shoot(Reachable(rollbacks()), "a+ b+ a[1 b[1 ba1 a1 am b+ b+ a]1").holds(t, 1)
	shoot(Reachable(rollbacks()), "a+ b+ ba1 a1 b+ b<0 a<0 a| a[1 b[1 ba2 a2 am a]1").holds(t, 1)
	const no = "snapshot 1 is no state that the run could have been in: with what comes before it done first, "
	shoot(Reachable(rollbacks()), "a+ b+ b[1 ba1 a1 a[1 b+ a]1").violates(t, no+"coin 1 is not on the channel from b when a receives it")
	shoot(Reachable(rollbacks()), "a+ b+ a[1 b[1 ba1 ba2 a2 am b+ a]1").violates(t, no+"a receives coin 2 from b, but coin 1 was sent before it")
	shoot(Reachable(rollbacks()), "a+ b+ ba1 a1 b+ b<0 a[1 b[1 a]1").violates(t, no+"coin 1 is not on the channel from b when a receives it")
}

// Fails if a message that is sent again, by a process that has gone back or by one that is not sure, is taken for another; or if
// a copy that is lost counts, where another is not.
func TestMessagesSentAgain(t *testing.T) {
	shoot(ConsistentCut(rollbacks()), "a+ b+ ab1 a<0 b<0 a| ab1 b1 b[1 a[1").holds(t, 1) // what b knows of a is not what was undone
	shoot(ChannelStates(rollbacks()), "a+ b+ ab1 b-1 ab1 a[1 b[1 b1 b{1:a:1 bm a]1").holds(t, 1)
	shoot(ChannelStates(rollbacks()), "a+ b+ ab1 ab1 b-1 a[1 b[1 b1 b{1:a:1 bm a]1").holds(t, 1)
	shoot(ChannelStates(rollbacks()), "a+ b+ ab1 ab1 a[1 b[1 b1 b{1:a:1 b-1 a]1").holds(t, 1)
	shoot(NoOrphans(rollbacks()), "a+ b+ ab1 ab1 b1 b1 bm a|").violates(t, "b received coin 1 from a 2 times, the last at 6ms, and a has sent it once")
}

// Fails if a rollback does not take back what a process knows, or if a snapshot that it has given up goes on.
func TestCutsAfterRollbacks(t *testing.T) {
	shoot(ConsistentCut(rollbacks()), "a+ b+ ab1 b1 b[1 b<1 a<0 a| a[2 b[2").
		violates(t, "b recorded snapshot 2 at 10ms with coin 1, received from a at 4ms, but a sent it at 3ms and had recorded at 9ms without it")
	// What a has done since does not make good what was undone.
	shoot(ConsistentCut(rollbacks()), "a+ b+ ab1 b1 a<0 a| ac2 b[1 a[1").
		violates(t, "b recorded snapshot 1 at 8ms with coin 1, received from a at 4ms, but a sent it at 3ms and had recorded at 9ms without it")
	shoot(ConsistentCut(rollbacks()), "a+ b+ a[1 a<0 b<0 a| b[1").holds(t, 0)
}

// Fails if a state that is recorded again counts twice, a snapshot is judged twice, or one that nobody has recorded for; or if
// a crash takes from a process what it was delivered, where nobody goes back.
func TestRecordedAgain(t *testing.T) {
	shoot(ConservedCut(snapshots(), 12), "a[1:4 a[1:5 b[1:7 a]1 b]1 a]9").holds(t, 1)
	shoot(ChannelStates(snapshots()), "a+ b+ ab1 b1 b+ a[1 b[1 a]1").holds(t, 0)
}

// Fails if the judges of one run, which read it together, miss what was shown to another first.
func TestSharedCuts(t *testing.T) {
	c := Shared(snapshots())
	judges := []sim.Property{ConsistentCut(c), ChannelStates(c), Reachable(c)}
	r := &reel{tape{p: &everyone{judges}}, map[int]uint64{}}
	for _, word := range strings.Fields("ab1 a[1 b[1 b1 b{1:a:1 a]1") {
		r.play(word)
	}
	for _, p := range judges {
		if p.Checks() != 1 {
			t.Errorf("%s judged %d times", p.Name(), p.Checks())
		}
	}
}

// everyone shows a run to several properties.
type everyone struct{ all []sim.Property }

func (e *everyone) Name() string                       { return "everyone" }
func (e *everyone) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (e *everyone) Checks() uint64                     { return 0 }
func (e *everyone) Observe(x *sim.Event) error {
	for _, p := range e.all {
		if err := p.Observe(x); err != nil {
			return err
		}
	}
	return nil
}

// Fails if a judge is made that would never judge.
func TestCutsNeedExtractors(t *testing.T) {
	c := snapshots()
	c.Complete = nil
	for _, make := range []func(){
		func() { ChannelStates(c) }, func() { Reachable(c) }, func() { StronglyConsistentCut(c) }, func() { ConservedCut(c, 1) },
		func() { PermanentLine(c) }, func() { ConsistentCut(Cutting{}) },
		func() { Stable("termination", c, nil, Terminated, nil) },
	} {
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "checkers: ") || !strings.Contains(p, " needs ") {
					t.Errorf("panic %q", p)
				}
			}()
			make()
		}()
	}
}
