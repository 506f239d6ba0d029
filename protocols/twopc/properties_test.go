package twopc

import (
	"strings"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// Each inner property complains of the last of these events, and of nothing before.
func TestInnerPropertiesComplain(t *testing.T) {
	sent := func(from sim.NodeID, m sim.Message) sim.Event { return sim.Event{Kind: sim.Sent, Node: from, Data: m} }
	noted := func(by sim.NodeID, f any) sim.Event { return sim.Event{Kind: sim.Noted, Node: by, Data: f} }
	opened := noted("c", Opened{t1, peers})
	in22 := func(from sim.NodeID, s State) sim.Event { return sent(from, Fenced{Tx: t1, Attempt: a22, State: s}) }
	for _, c := range []struct {
		why      string
		events   []sim.Event
		property string // "" for none
	}{
		{"another decision in one attempt", []sim.Event{sent("c", decide(t1, true, Basic)), sent("c", decide(t1, true, Basic)), sent("c", decide(t1, false, Basic))}, "one-decision"},
		{"another decision of another transaction", []sim.Event{sent("c", decide(t1, true, Basic)), sent("c", decide(t2, false, Basic))}, ""},
		{"another decision in a higher attempt, with all fenced", []sim.Event{opened, sent("c", decide(t1, true, Basic)), in22("p1", Prepared), in22("p2", Aborted), sent("r", Decision{Tx: t1, Attempt: a22})}, ""},
		{"a takeover that has not heard from all", []sim.Event{opened, in22("p1", Prepared), sent("r", Decision{Tx: t1, Attempt: a22})}, "all-fenced"},
		{"yes after no", []sim.Event{sent("p1", vote(t1, false)), sent("p1", vote(t1, true))}, "word-kept"},
		{"yes after aborted", []sim.Event{sent("p1", Answer{t1, Aborted}), sent("p1", vote(t1, true))}, "word-kept"},
		{"yes after aborted in an attempt", []sim.Event{in22("p1", Aborted), sent("p1", vote(t1, true))}, "word-kept"},
		{"yes in a lower attempt than was joined", []sim.Event{in22("p1", Prepared), sent("p1", vote(t1, true))}, "word-kept"},
		{"yes, the abort of another, and yes again", []sim.Event{noted("p1", Voted{t1, true}), sent("p1", Answer{t1, Aborted}), sent("p1", vote(t1, true))}, ""},
		{"another's no", []sim.Event{sent("p2", vote(t1, false)), sent("p1", vote(t1, true))}, ""},
	} {
		properties := newLedger().innerProperties(true)
		for i := range c.events {
			e := &c.events[i]
			e.Seq = uint64(i + 1)
			for _, p := range properties {
				err := p.Observe(e)
				if want := i == len(c.events)-1 && p.Name() == c.property; (err != nil) != want {
					t.Errorf("%s: event %d: %s says %v", c.why, i+1, p.Name(), err)
				}
			}
		}
	}
}

// A client asks until it is told, its own coordinator first, and where there is another that one too.
func TestClientAsks(t *testing.T) {
	for _, c := range []struct {
		setup setup
		want  string
	}{
		{right, "c: Begin{1} c: Begin{1} c: Begin{1} | c: Commit{T1} c: Commit{T1} c: Commit{T1} c: Commit{T1} c: Commit{T1}"},
		{recoverable, "c: Begin{1} c: Begin{1} r: Begin{1} | c: Commit{T1} c: Commit{T1} r: Commit{T1} c: Commit{T1} r: Commit{T1}"},
	} {
		env := fake.New("k1")
		k := &Client{setup: c.setup, participants: peers, total: 2}
		k.Start(env)
		env.Take() // it has no transaction yet, so none of these is its own:
		for _, m := range []sim.Message{Outcome{t1, true}, Begun{Request: 2, Tx: t2}} {
			if tell(env, k, "c", m) != "" {
				t.Errorf("it answers %v", m)
			}
		}
		env = fake.New("k1")
		k = &Client{setup: c.setup, participants: peers, total: 2}
		k.Start(env)
		got := spoken(env) + " " + due(env, k) + " " + due(env, k) + " |"
		got += " " + tell(env, k, "c", Begun{Request: 1, Tx: t1})
		old := env.Timers[0].Message
		for range 4 {
			got += " " + due(env, k)
		}
		if got != c.want {
			t.Errorf("it asks\n\t%s, want\n\t%s", got, c.want)
		}
		steps := []step{
			{"an old timer", "k1", old, ""},
			{"another transaction's outcome", "c", Outcome{t2, true}, ""},
			{"another one for the same request", "c", Begun{Request: 1, Tx: t3}, ""},
			{"its own", "c", Outcome{t1, false}, "c: Begin{2}; [T1 ended aborted]"},
			{"once", "c", Outcome{t1, false}, ""},
		}
		play1(t, env, k, steps)
		tell(env, k, "c", Begun{Request: 2, Tx: t2})
		if got := tell(env, k, "c", Outcome{t2, true}); got != "[T2 ended committed]" {
			t.Errorf("the last: %q", got)
		}
		if got := due(env, k); got != "" || k.waits("k1", nil) != nil {
			t.Errorf("it has all it wanted: %q", got)
		}
	}
}

// A client begins its next transaction where it was told how the last one ended, not where nobody answers any more.
func TestClientStaysWithWhoAnswers(t *testing.T) {
	for _, from := range []sim.NodeID{"c", "r"} {
		env := fake.New("k1")
		k := &Client{setup: recoverable, participants: peers, total: 2}
		k.Start(env)
		k.Handle(env, "c", Begun{Request: 1, Tx: t1})
		spoken(env)
		if got, want := tell(env, k, from, Outcome{t1, true}), string(from)+": Begin{2}; [T1 ended committed]"; got != want {
			t.Errorf("told by %s it says %s", from, got)
		}
	}
}

// What a client has done at a participant: one list is appended to, another read, as drawn.
func TestClientsWork(t *testing.T) {
	env := fake.New("k1")
	env.Picks = map[string]int{"lists": 2, "variant": 1}
	k := &Client{setup: right, participants: peers, total: 1, variant: variant{mixed: true}}
	k.Start(env)
	k.Handle(env, "c", Begun{Request: 1, Tx: t1})
	sent := env.Take()
	m := sent[len(sent)-1].Message.(Commit)
	var got []string
	for _, p := range m.Parts {
		for _, o := range p.Ops {
			got = append(got, string(p.Node)+" "+o.String())
		}
	}
	if s := strings.Join(got, ", "); s != "p1 append x1 T1, p1 read y1, p2 append y2 T1, p2 read x2" || m.Presume != PresumedCommit {
		t.Errorf("%v: %s", m.Presume, s)
	}
}
