package workload

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
)

const ms = time.Millisecond

func reply(n uint64, value string) Reply {
	return Reply{ID: checkers.OpID{Client: "c1", N: n}, Result: Result{true, value}}
}

func elsewhere(n uint64, server sim.NodeID) Elsewhere {
	return Elsewhere{checkers.OpID{Client: "c1", N: n}, server}
}

// A client asks the next server when it hears nothing, later each time, gives up after the fourth, and goes on in a new session. Fails if an answer counts twice, or
// one to what was given up.
func TestClientSilence(t *testing.T) {
	c, e := client(t, "operations=put x 1; get x; get x")
	same(t, "at first", e.takeSent(), "s1 Request{c1#1 put x 1}")
	for _, step := range []struct {
		until time.Duration
		want  string
	}{
		{69 * ms, ""}, {70 * ms, "s2 Request{c1#1 put x 1}"}, {209 * ms, ""}, {210 * ms, "s3 Request{c1#1 put x 1}"}, {490 * ms, "s1 Request{c1#1 put x 1}"},
		{769 * ms, ""}, {770 * ms, "s2 Request{c1#2 get x}"},
	} {
		e.run(step.until)
		same(t, fmt.Sprint("until ", step.until), e.takeSent(), step.want)
	}
	same(t, "facts", e.takeFacts(), "called c1#1 put x 1, gave up c1#1, called c1#2 get x")
	if c.lanes[0].now.Session != 2 {
		t.Errorf("after it gave up its session is %d", c.lanes[0].now.Session)
	}
	c.Handle(e, "s1", reply(1, ""))
	same(t, "after an answer to what was given up", e.takeSent()+e.takeFacts(), "")
	c.Handle(e, "s3", reply(2, "1"))
	same(t, "after an answer", e.takeSent(), "s2 Request{c1#3 get x}")
	c.Handle(e, "s3", reply(2, "1"))
	same(t, "after its copy", e.takeSent(), "")
	if c.lanes[0].now.Session != 2 || fmt.Sprint(c.Waits("c1")) != "[{c1 has asked for get x [s2] [] []}]" || c.Done() {
		t.Errorf("session %d, %v, done: %v", c.lanes[0].now.Session, c.Waits("c1"), c.Done())
	}
	c.Handle(e, "s2", reply(3, "1"))
	same(t, "facts", e.takeFacts(), "returned c1#2 1, called c1#3 get x, returned c1#3 1")
	e.run(time.Minute)
	same(t, "when all is done", e.takeSent()+e.takeFacts()+fmt.Sprint(c.Waits("c1"), c.Done()), "[] true")
}

// requests counts the requests in a text.
func requests(sent string) int { return strings.Count(sent, "Request") }

// Each policy asks as it says: the times of all requests for an operation that nobody answers, in ms. The last is that of the next operation.
func TestRetryPolicies(t *testing.T) {
	for retry, want := range map[string]string{
		"none":        "0:s1 280:s2",
		"fixed":       "0:s1 70:s2 140:s3 210:s1 280:s2",
		"exponential": "0:s1 70:s2 210:s3 490:s1 770:s2",
		"hedged":      "0:s1 15:s2 70:s2 85:s3 210:s3 225:s1 490:s1 505:s2 770:s2",
	} {
		_, e := client(t, "operations=put x 1; get x", "retry="+retry)
		var got []string
		for at := time.Duration(0); at < 784*ms; at += ms {
			e.run(at)
			for _, s := range e.sent {
				got = append(got, fmt.Sprintf("%d:%s", at/ms, s[:2]))
			}
			done := strings.Contains(e.takeSent(), "get x")
			if done {
				break
			}
		}
		same(t, retry, strings.Join(got, " "), want)
	}
}

// A client is as patient as its last operation took long, and each time it has given up it tries once more. Fails if an alarm that was set for an operation before,
// and is still to come, lets it sleep over the deadline of this one.
func TestPatience(t *testing.T) {
	c, e := client(t, "operations=put x 1; put x 2; put x 3; put x 4")
	e.run(200 * ms)
	c.Handle(e, "s1", reply(1, ""))
	e.takeSent()
	e.run(479 * ms) // the first took 200 ms: four times 70 ms is the most
	same(t, "the second, before its deadline", e.takeSent(), "")
	e.run(1050 * ms) // its deadlines are at 480 ms, 1040 ms and 2160 ms
	if got := requests(e.takeSent()); got != 2 {
		t.Errorf("the second was sent %d times more", got)
	}
	c.Handle(e, "s1", reply(2, ""))
	e.takeSent()
	e.run(1329 * ms)
	same(t, "the third, before its deadline", e.takeSent(), "")
	e.run(1330 * ms)
	if got := requests(e.takeSent()); got != 1 {
		t.Errorf("the third was sent %d times at its deadline", got)
	}

	_, e = client(t, "operations=put x 1; put x 2; put x 3", "retry=fixed")
	e.run(time.Minute)
	for n, want := range []int{maxTries, maxTries + 1, maxTries + 2} {
		if got := strings.Count(strings.Join(e.sent, " "), fmt.Sprintf("c1#%d ", n+1)); got != want {
			t.Errorf("operation %d was sent %d times, want %d", n+1, got, want)
		}
	}
}

// An alarm can be a nanosecond early by a clock that stood still or was set meanwhile. Fails if a client passes over the only alarm there is, and so never asks again.
func TestOnlyAlarm(t *testing.T) {
	_, e := client(t, "operations=put x 1")
	e.takeSent()
	e.timers[0].at-- // as its clock has it
	e.run(71 * ms)
	same(t, "sent", e.takeSent(), "s2 Request{c1#1 put x 1}")
}

// Fails if those who failed together ask again together.
func TestRetryJitter(t *testing.T) {
	_, e := client(t, "operations=put x 1")
	e.picks = map[string]int{"jitter": 7}
	e.takeSent()
	e.run(70 * ms)
	same(t, "the first time", e.takeSent(), "s2 Request{c1#1 put x 1}")
	e.run(271 * ms) // 140, and seven sixteenths of it
	same(t, "too early", e.takeSent(), "")
	e.run(272 * ms)
	same(t, "the second time", e.takeSent(), "s3 Request{c1#1 put x 1}")
}

// A hedging client takes the first answer, whoever it is from, and asks nobody else once it has it.
func TestHedge(t *testing.T) {
	c, e := client(t, "operations=put x 1", "retry=hedged")
	e.run(20 * ms)
	same(t, "sent", e.takeSent(), "s1 Request{c1#1 put x 1}, s2 Request{c1#1 put x 1}")
	c.Handle(e, "s2", elsewhere(1, "s3"))
	same(t, "the word of the second does not count", e.takeSent(), "")
	c.Handle(e, "s2", reply(1, ""))
	c.Handle(e, "s1", reply(1, ""))
	e.run(time.Minute)
	same(t, "facts", e.takeFacts()+e.takeSent(), "called c1#1 put x 1, returned c1#1 ok")
	c, e = client(t, "operations=put x 1", "retry=hedged")
	e.run(5 * ms)
	c.Handle(e, "s1", elsewhere(1, "s3"))
	e.run(19 * ms)
	same(t, "the second is asked for the new server, not the old", e.takeSent(), "s1 Request{c1#1 put x 1}, s3 Request{c1#1 put x 1}")
	e.run(20 * ms)
	same(t, "in its time", e.takeSent(), "s1 Request{c1#1 put x 1}")
	c, e = client(t, "operations=put x 1", "retry=hedged")
	c.Handle(e, "s1", reply(1, ""))
	e.run(time.Minute)
	same(t, "answered in time", e.takeSent(), "s1 Request{c1#1 put x 1}")
}

// A client goes where it is sent at once, but not for ever.
func TestRedirected(t *testing.T) {
	c, e := client(t, "operations=put x 1")
	e.takeSent()
	c.Handle(e, "s1", elsewhere(1, "s3"))
	same(t, "sent to s3", e.takeSent(), "s3 Request{c1#1 put x 1}")
	c.Handle(e, "s1", elsewhere(1, "s2"))
	same(t, "the copy of a word from who was asked before", e.takeSent(), "")
	c.Handle(e, "s3", elsewhere(1, "s1"))
	same(t, "sent to s1", e.takeSent(), "s1 Request{c1#1 put x 1}")
	c.Handle(e, "s1", elsewhere(1, "s3"))
	same(t, "sent away for the third time", e.takeSent(), "")
	c.Handle(e, "s1", elsewhere(1, "s3"))
	c.Handle(e, "s3", elsewhere(1, "s3"))
	e.run(69 * ms) // it has been sent on at 0: the deadline is at 70 ms
	same(t, "it waits, and goes", e.takeSent(), "")
	e.run(69*ms + rest<<2)
	if got := requests(e.takeSent()); got != 1 {
		t.Errorf("after the rest, or the deadline, %d requests", got)
	}
}

// One that knows nobody is no reason to ask the next at once, and what the next said before counts for nothing. With a new deadline it goes at once again
// where it is sent.
func TestRedirectedToNobody(t *testing.T) {
	c, e := client(t, "operations=put x 1")
	e.takeSent()
	c.Handle(e, "s1", elsewhere(1, ""))
	c.Handle(e, "s2", elsewhere(1, "s3"))
	e.run(19 * ms)
	same(t, "it rests", e.takeSent(), "")
	e.run(20 * ms)
	same(t, "and asks the next", e.takeSent(), "s2 Request{c1#1 put x 1}")
	c.Handle(e, "s2", elsewhere(1, ""))
	e.run(60 * ms)
	same(t, "it rests twice as long", e.takeSent(), "s3 Request{c1#1 put x 1}")
	e.run(70 * ms)
	same(t, "at its deadline", e.takeSent(), "s1 Request{c1#1 put x 1}")
	c.Handle(e, "s1", elsewhere(1, "s2"))
	same(t, "it goes at once", e.takeSent(), "s2 Request{c1#1 put x 1}")
}

// Fails if servers that know no leader, or send a client to one another, are asked all the time: each request is answered at once, twice, and in half a second
// there are a handful of them. Once somebody leads it is found soon.
func TestRedirectStorm(t *testing.T) {
	for _, lost := range []map[string]sim.NodeID{{}, {"s1": "s2", "s2": "s1", "s3": "s1"}, {"s1": "s1", "s2": "s2", "s3": "s3"}, {"s1": "s2", "s2": "s3", "s3": "s1"}} {
		c, e := client(t, "operations=put x 1")
		asked := 0
		for at := time.Duration(0); at < 500*ms; at += ms {
			e.run(at)
			sent := e.sent
			e.sent = nil
			for _, s := range sent {
				asked++
				for range 2 {
					c.Handle(e, sim.NodeID(s[:2]), elsewhere(1, lost[s[:2]]))
				}
			}
		}
		if asked < 5 || asked > 25 || len(e.timers) > 3 {
			t.Errorf("with %v it asked %d times, and has %d timers", lost, asked, len(e.timers))
		}
		found := false
		for at := 500 * ms; at < 750*ms && !found; at += ms {
			e.run(at)
			for _, s := range strings.Split(e.takeSent(), ", ") {
				if found = strings.HasPrefix(s, "s2"); !found && s != "" {
					c.Handle(e, sim.NodeID(s[:2]), elsewhere(1, "s2"))
				}
			}
		}
		if !found {
			t.Errorf("with %v it does not find s2, which leads now", lost)
		}
	}
}

// In an open loop operations come when they come. Fails if one waits for the answer of another, if those under way share a session, or if more
// than a few are under way: the next fails, and is never sent.
func TestOpenLoop(t *testing.T) {
	c, e := client(t, "loop=open", "rate=100", "operations=put x 1; put x 2; put x 3; put x 4; put x 5; put x 6; put x 7")
	same(t, "at first", e.takeSent(), "")
	e.run(40 * ms)
	same(t, "sent", e.takeSent(), "s1 Request{c1#1 put x 1}, s1 Request{c1#2 put x 2}, s1 Request{c1#3 put x 3}, s1 Request{c1#4 put x 4}")
	e.takeFacts()
	e.run(50 * ms)
	same(t, "one too many", e.takeSent()+e.takeFacts(), "called c1#5 put x 5, failed c1#5")
	sessions := map[uint64]bool{}
	for _, l := range c.lanes {
		sessions[l.now.Session] = true
	}
	if len(sessions) != mostLanes || fmt.Sprint(c.Waits("c1")) != "[{c1 has asked for put x 1 [s1] [] []}]" {
		t.Errorf("%d sessions, %v", len(sessions), c.Waits("c1"))
	}
	c.Handle(e, "s1", reply(2, ""))
	same(t, "after an answer", e.takeFacts()+e.takeSent(), "returned c1#2 ok")
	e.run(60 * ms)
	same(t, "there is room", e.takeSent()+e.takeFacts(), "s1 Request{c1#6 put x 6}called c1#6 put x 6")
	if l := c.lanes[1]; l.now.Session != 2 || l.now.ID.N != 6 {
		t.Errorf("%v is in session %d", l.now, l.now.Session)
	}
}

// Fails if a client in a closed loop thinks before it has an answer, or not at all, or if clients do not come one after the other on a ramp.
func TestThinkAndRamp(t *testing.T) {
	c, e := client(t, "think=30ms", "operations=put x 1; put x 2")
	e.run(29 * ms)
	same(t, "it thinks", e.takeSent(), "")
	e.run(60 * ms)
	same(t, "and calls", e.takeSent(), "s1 Request{c1#1 put x 1}")
	c.Handle(e, "s1", reply(1, ""))
	e.run(89 * ms)
	same(t, "it thinks again", e.takeSent(), "")
	e.run(90 * ms)
	same(t, "and calls again", e.takeSent(), "s1 Request{c1#2 put x 2}")

	// Without a word about thinking, the busiest client's operations take as long as the scenario says.
	o := settings(t, "ops=50", "clients=3")
	if l := (Defaults{Spread: 2 * time.Second}).load(o, nil); l.gap != 2*time.Second/17 {
		t.Errorf("of 50 operations and 3 clients each thinks for %v", l.gap)
	}

	o = settings(t, "ramp=2s", "clients=4", "think=30ms")
	for i, want := range []time.Duration{30 * ms, 530 * ms, 1030 * ms, 1530 * ms} {
		c := &Client{load: unit.load(o, []sim.NodeID{"s1"}), number: i, ops: 1}
		e := &env{id: "c", hears: c}
		c.Start(e)
		if e.run(want - ms); e.takeSent() != "" {
			t.Errorf("client %d is early", i+1)
		}
		if e.run(want); e.takeSent() == "" {
			t.Errorf("client %d is late", i+1)
		}
	}
}

// What is drawn: no value twice, a compare-and-swap expects what was seen last, and a lock is asked for in the client's own name.
func TestDraws(t *testing.T) {
	c, e := client(t, "service=kv", "ops=500")
	e.dice = 1
	written := map[string]bool{}
	swaps := 0
	for n := uint64(1); n <= 400; n++ {
		op := c.lanes[0].now.Op
		if op.Verb != "get" && written[op.Value] {
			t.Errorf("value %q is written twice", op.Value)
		}
		written[op.Value] = true
		if op.Verb == "cas" {
			swaps++
			if op.Expect != c.seen[op.Key] {
				t.Errorf("%v expects what was not seen: %q", op, c.seen[op.Key])
			}
		}
		c.Handle(e, "s1", reply(n, "seen"+op.Key))
		if op.Verb == "get" && c.seen[op.Key] != "seen"+op.Key {
			t.Errorf("after %v it has seen %q", op, c.seen[op.Key])
		}
	}
	if swaps < 20 || len(written) < 100 {
		t.Errorf("%d swaps, %d values", swaps, len(written))
	}
	if c, e = client(t, "service=lock"); c.word(e, "me", "x") != "c1" {
		t.Error("it asks for a lock in the name of another")
	}
}

// A client that only reads draws nothing else, and each of the service's reads as often as its share says; those behind the readers draw all. Fails if a reader writes, or a service has a
// read that is never drawn.
func TestReaders(t *testing.T) {
	for _, s := range Services() {
		c, e := client(t, "service="+s.Name, "clients=2", "readers=1")
		drawn := map[string]int{}
		for p := range c.readShares {
			e.picks = map[string]int{"operation": p}
			drawn[c.operation(e).Verb]++
		}
		for _, v := range s.Verbs {
			if want := v.Share; v.Reads && drawn[v.Name] != want || !v.Reads && drawn[v.Name] > 0 {
				t.Errorf("%s: %s is drawn %d times of %d", s.Name, v.Name, drawn[v.Name], want)
			}
		}
		e.picks, e.dice = nil, 1
		for range 50 {
			if op := c.operation(e); !s.Reads(op) {
				t.Errorf("%s: by chance a reader calls %v", s.Name, op)
			}
		}
		c.number, drawn = 1, map[string]int{}
		for p := range c.shares {
			e.picks = map[string]int{"operation": p}
			drawn[c.operation(e).Verb]++
		}
		if len(drawn) != len(s.Verbs) {
			t.Errorf("%s: one that is no reader draws %v", s.Name, drawn)
		}
	}
}

// A client with a server of its own reads there, writes where a write was answered last, and shows how far the service had come by all answers. Fails if a write moves its reads, or
// what it shows goes back.
func TestClientThatStays(t *testing.T) {
	d := unit
	d.Stays = func(sim.Options) bool { return true }
	o := settings(t, "operations=put x 1; get x; put x 2; get x; get x")
	ops, scripts := counts(o)
	c := &Client{load: d.load(o, []sim.NodeID{"s1", "s2", "s3"}), ops: uint64(ops[0]), script: scripts[0]}
	e := &env{id: "c1", hears: c, picks: map[string]int{"home": 1}}
	c.Start(e)
	same(t, "at first", e.takeSent(), "s2 Request{c1#1 put x 1}")
	c.Handle(e, "s2", Elsewhere{checkers.OpID{Client: "c1", N: 1}, "s3"})
	same(t, "sent elsewhere", e.takeSent(), "s3 Request{c1#1 put x 1}")
	for _, x := range []struct {
		from sim.NodeID
		at   uint64
		want string
	}{
		{"s3", 7, "s2 Request{c1#2 get x, seen 7}"}, {"s2", 9, "s3 Request{c1#3 put x 2, seen 9}"}, {"s3", 8, "s2 Request{c1#4 get x, seen 9}"}, {"s2", 0, "s2 Request{c1#5 get x, seen 9}"},
	} {
		c.Handle(e, x.from, Reply{ID: c.lanes[0].now.ID, Result: Result{OK: true}, At: x.at})
		same(t, "after an answer", e.takeSent(), x.want)
	}
}
