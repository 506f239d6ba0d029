package chandylamport

import (
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
)

// The rules of section 3.1, step by step. Each step fails if a rule is bent: the state must be recorded before the markers leave, the first marker's
// channel is empty, and what came over the others since is their state.
func TestRules(t *testing.T) {
	load := apps.New("bank", apps.NewTopology("clique", 3, 0), 1)
	p := Wrap(func() sim.Node { return load.Boot(0) }, Place{All: load.Topology.Nodes, In: load.Topology.From(0), Out: load.Topology.To(0)})
	env, id := fake.New("p1"), ID{N: 1, Initiator: "p2"}
	p.Start(env)
	for _, step := range []struct {
		from        sim.NodeID
		m           sim.Message
		sent, facts string
	}{
		{"p3", app(0, 1, 5), "", ""}, // before the marker: in the state
		{"p2", Marker{id}, "p2 Marker{p2#1}; p3 Marker{p2#1}", "recorded for p2#1: 105 money, 1 transfers to make; recorded for p2#1 from p2: nothing"},
		{"p2", Marker{id}, "", ""},   // twice it would do no harm either
		{"p3", app(0, 2, 7), "", ""}, // after it, over another channel: in the channel
		{"p2", app(0, 1, 9), "", ""}, // over its own channel: in neither
		{"p3", app(0, 3, 1), "", ""},
		{"p3", Marker{id}, "p2 Report{p2#1: 105 money, 1 transfers to make; from p3 Transfer{7}, Transfer{1}}", "recorded for p2#1 from p3: Transfer{7}, Transfer{1}"},
		{"p3", Marker{id}, "", ""}, // it cannot come, and would do no harm
		{"p3", app(0, 4, 2), "", ""},
	} {
		p.Handle(env, step.from, step.m)
		if got := said(env); got != step.sent {
			t.Errorf("%v from %s: sent %q, want %q", step.m, step.from, got, step.sent)
		}
		if got := facts(env); got != step.facts {
			t.Errorf("%v from %s: noted %q, want %q", step.m, step.from, got, step.facts)
		}
	}
	if got := p.Application().(apps.App).Amount(); got != 124 {
		t.Errorf("the account has %d, want 124: messages must reach it whatever is recorded", got)
	}
}

// An initiator records at once, and has the snapshot when all parts are there. Fails if it would wait for a marker of its own, or take a
// part of another snapshot for one of this.
func TestInitiator(t *testing.T) {
	p, env := two(false)
	p.Start(env)
	if len(env.Timers) != 2 || str(env.Timers[1].Message) != "begin p1#1" {
		t.Fatalf("timers %v", env.Timers)
	}
	p.Handle(env, "p1", env.Timers[1].Message)
	if got := facts(env) + said(env); got != "began p1#1; recorded for p1#1: 100 money, 3 transfers to makep2 Marker{p1#1}" {
		t.Error(got)
	}
	part := Part{Node: "p2", Text: "60 money", Amount: 60, Passive: true}
	p.Handle(env, "p2", app(0, 1, 40))
	p.Handle(env, "p2", Marker{ID{N: 1, Initiator: "p1"}})
	p.Handle(env, "p2", Report{ID{N: 7, Initiator: "p1"}, part})
	facts(env)
	p.Handle(env, "p2", Report{ID{N: 1, Initiator: "p1"}, part})
	want := "complete: snapshot p1#1\n  p1  100 money, 3 transfers to make\n  p2>p1  Transfer{40}\n  p2  60 money"
	if len(env.Facts) != 1 || str(env.Facts[0]) != want {
		t.Fatalf("noted %q, want %q", facts(env), want)
	}
	if len(p.collections) > 0 {
		t.Error("the snapshot is complete, and still waits for parts")
	}
	if s := env.Facts[0].(Complete).Snapshot; s.Amount() != 200 || s.Terminated() {
		t.Errorf("amount %d, terminated %v", s.Amount(), s.Terminated())
	}
}

// Two snapshots under way at once are recorded each for itself. Fails if the markers of one would end the channels of the other.
func TestOverlappingSnapshots(t *testing.T) {
	p, env := two(false)
	p.Start(env)
	one, other := ID{N: 1, Initiator: "p1"}, ID{N: 1, Initiator: "p2"}
	p.Handle(env, "p1", begin{one})
	p.Handle(env, "p2", app(0, 1, 5))
	facts(env)
	p.Handle(env, "p2", Marker{other})
	if got := facts(env); got != "recorded for p2#1: 105 money, 3 transfers to make; p2#1 overlaps p1#1; recorded for p2#1 from p2: nothing" {
		t.Error(got)
	}
	p.Handle(env, "p2", app(0, 2, 6))
	p.Handle(env, "p2", Marker{one})
	if got := facts(env); got != "recorded for p1#1 from p2: Transfer{5}, Transfer{6}" {
		t.Error(got)
	}
}

// The application sees the world through the layer and does not notice: what it sends bears a name, what it gets is as it was sent, and its timers
// come back. Fails if the layer would keep or change something.
func TestTransparent(t *testing.T) {
	p, env := two(false)
	p.Start(env)
	p.Handle(env, "p1", env.Timers[0].Message)
	if got := said(env); got != "p2 Transfer{1}" {
		t.Errorf("sent %s", got)
	}
	env.Picks = map[string]int{"money": 4}
	p.Handle(env, "p1", env.Timers[len(env.Timers)-1].Message)
	sent := env.Take()[0].Message.(App)
	if sent.Name != (Name{0, 2, "p1"}) || sent.Stream() != "Transfer" || sent.Size() != 100 || sent.Backed(nil) != nil {
		t.Errorf("%+v %s", sent, sent.Stream())
	}
	if got := str(p.Application()); got != "94 money, 1 transfers to make" {
		t.Error(got)
	}
}

// Whether the application is passive is told when it begins and when it changes, and at no other time.
func TestTurned(t *testing.T) {
	load := apps.New("ring", apps.NewTopology("ring", 2, 0), 1)
	p, env := Wrap(func() sim.Node { return load.Boot(1) }, Place{All: load.Topology.Nodes, In: load.Topology.From(1), Out: load.Topology.To(1)}), fake.New("p2")
	p.Start(env)
	p.Handle(env, "p1", Marker{ID{N: 1, Initiator: "p1"}})
	p.Handle(env, "p1", App{Body: apps.Token{Steps: 2}})
	p.Handle(env, "p2", env.Timers[0].Message)
	p.Handle(env, "p1", App{Body: apps.Token{Steps: 0}})
	var got []string
	for _, f := range env.Facts {
		if f, ok := f.(Turned); ok {
			got = append(got, f.String())
		}
	}
	if strings.Join(got, ", ") != "turned passive, turned active, turned passive" {
		t.Error(got)
	}
}

// A poor node is one that owes a little.
type poor struct{ sim.Node }

func (poor) Invariant() error { return errEncoding }

// What the inner node does with nodes that are no processes, with streams and sizes of its own and with its invariant goes through. Fails if
// the layer would stand in the way.
func TestPassesThrough(t *testing.T) {
	m := App{Body: letter{"a"}}
	if m.Stream() != "letters" || m.Size() != 7 || m.Backed(nil) != errEncoding || !strings.Contains(string(m.AppendHash(nil)), "letters") {
		t.Errorf("stream %s, size %d, %v", m.Stream(), m.Size(), m.Backed(nil))
	}
	if (timer{Body: letter{}}).Stream() != "letters" {
		t.Error("timers have another stream")
	}
	env := fake.New("p1")
	p := Wrap(func() sim.Node { return poor{&echo{}} }, Place{All: []sim.NodeID{"p1"}})
	p.Start(env)
	if p.Invariant() != errEncoding {
		t.Error("the invariant is not asked")
	}
	p.Handle(env, "client", letter{"b"})
	if sent := env.Take(); len(sent) != 1 || sent[0].To != "client" || sent[0].Message != (letter{"b"}) {
		t.Errorf("to a client: %v", sent)
	}
	p.Handle(env, "p1", begin{ID{N: 1, Initiator: "p1"}})
	if got := facts(env); !strings.Contains(got, "complete: snapshot p1#1") {
		t.Errorf("a process alone: %s", got)
	}
}

// An echo sends back what it gets, and syncs a file.
type echo struct{}

func (*echo) Start(env sim.Env) { env.SyncThen("none", letter{"synced"}) }

func (*echo) Handle(env sim.Env, from sim.NodeID, m sim.Message) { env.Send(from, m) }

type letter struct{ Text string }

func (letter) Stream() string { return "letters" }
func (letter) Size() int      { return 7 }

func (letter) Backed(disk.View) error { return errEncoding }
