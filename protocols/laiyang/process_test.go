package laiyang

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
)

// The rules, step by step, by counting. Fails if a red message is received before the state is recorded, if a white one that comes after that is not sent
// on, or is so for a snapshot for which it is red, or if one is recorded twice.
func TestRules(t *testing.T) {
	p, env := three(ByCounting)
	p.Start(env)
	facts(env)
	p.Snapshots = 0
	const after = "105 money, 3 transfers to make"
	play(t, p, env, []step{
		{"p3", app(1, 5, 0, 0), "", ""}, // white to a white one: in the state
		{"p2", app(1, 7, 0, 1), "p2 Report{p2#1: " + after + "}", "recorded for p2#1: " + after + ", before the message"},
		{"p2", Take{ID{1, "p2"}}, "", ""}, // it has been done
		{"p3", app(3, 9, 0, 0), "p2 Late{p2#1, from p3 Transfer{9}}", "late for p2#1 from p3: Transfer{9}"},
		{"p3", app(2, 1, 0, 1), "", ""}, // red to a red one
		{"p2", Take{ID{2, "p2"}}, "p2 Report{p2#2: 122 money, 3 transfers to make}", "recorded for p2#2: 122 money, 3 transfers to make"},
		{"p3", app(4, 3, 0, 1), "p2 Late{p2#2, from p3 Transfer{3}}", "late for p2#2 from p3: Transfer{3}"}, // between the two
		{"p3", app(5, 2, 0, 0), "p2 Late{p2#1, from p3 Transfer{2}}; p2 Late{p2#2, from p3 Transfer{2}}",
			"late for p2#1 from p3: Transfer{2}; late for p2#2 from p3: Transfer{2}"},
	})
	if got := p.Application().(apps.App).Amount(); got != 127 {
		t.Errorf("the account has %d, want 127: messages must reach it whatever is recorded", got)
	}
}

// Who is two snapshots behind, of one initiator and of another, records for each before the message is received. Fails if one is left out: no message need
// come that says so again.
func TestCatchesUp(t *testing.T) {
	p, env := three(ByCounting)
	p.Start(env)
	facts(env)
	const state = "100 money, 3 transfers to make"
	play(t, p, env, []step{{"p3", app(1, 5, 1, 2),
		"p1 Report{p1#1: " + state + "}; p2 Report{p2#1: " + state + "}; p2 Report{p2#2: " + state + "}",
		"recorded for p1#1: " + state + ", before the message; recorded for p2#1: " + state + ", before the message; recorded for p2#2: " + state + ", before the message"}})
	p.Handle(env, "p2", Take{ID{4, "p2"}}) // the one for 3 is late
	if got := said(env); !strings.Contains(got, "p2#3") || !strings.Contains(got, "p2#4") {
		t.Errorf("sent %q", got)
	}
}

// Messages bear the colour that their sender has when it sends them. Fails if a later recording would reach those that are under way.
func TestColourIsKept(t *testing.T) {
	p, env := three(ByHistory)
	p.Start(env)
	tick := env.Timers[0].Message
	p.Handle(env, "p1", tick)
	p.Handle(env, "p2", Take{ID{1, "p2"}})
	p.Handle(env, "p1", tick)
	sent := env.Take()
	if first, last := sent[0].Message.(App), sent[2].Message.(App); first.Colour.String() != "0/0" || last.Colour.String() != "0/1" || first.N != 1 || last.N != 2 {
		t.Errorf("sent %+v", sent)
	}
}

// A history holds what was sent and received on each channel until the state was recorded, and nothing later. Fails if one is left out, or is
// that of another channel, or if what follows gets in.
func TestHistory(t *testing.T) {
	p, env := three(ByHistory)
	p.Start(env)
	tick := env.Timers[0].Message
	p.Handle(env, "p1", tick) // to p2
	p.Handle(env, "p3", app(2, 5, 0, 0))
	p.Handle(env, "p3", app(1, 6, 0, 0))
	p.Handle(env, "p2", app(1, 7, 0, 0))
	p.Handle(env, "p2", Take{ID{1, "p2"}})
	part := env.Sent[len(env.Sent)-1].Message.(Report).Part
	p.Handle(env, "p1", tick)
	p.Handle(env, "p3", app(3, 8, 0, 0))
	want := History{[][]sim.Message{nil, {apps.Transfer{Money: 1}}, nil}, [][]uint32{nil, {1}, {2, 1}}}
	if string(part.History.append(nil)) != string(want.append(nil)) || part.Deficit != -2 {
		t.Errorf("history %+v, deficit %d", part.History, part.Deficit)
	}
	if q, env := three(ByCounting); true {
		q.Start(env)
		q.Handle(env, "p2", Take{ID{1, "p2"}})
		if h := env.Sent[0].Message.(Report).Part.History; len(h.Sent)+len(h.Received) > 0 {
			t.Errorf("by counting a history is kept: %+v", h)
		}
	}
}

// A part says what the application says of itself, and by history is as large as that. Fails if it says something else, or if a long history costs nothing.
func TestPart(t *testing.T) {
	for work, passive := range []bool{true, false} {
		load := apps.New("bank", apps.NewTopology("clique", 3, 0), work)
		p, env := Wrap(load.Boot(0), Place{All: load.Topology.Nodes, Initiators: load.Topology.Nodes}), fake.New("p1")
		p.Start(env)
		part := p.state(env)
		want, err := load.Boot(0).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if part.Node != "p1" || part.Passive != passive || part.Amount != 100 || string(part.State) != string(want) {
			t.Errorf("%+v, want state %v", part, want)
		}
		before := Report{ID{1, "p1"}, part}.Size()
		for n := range 50 {
			p.Handle(env, "p2", app(uint32(n+1), 1, 0, 0, 0))
		}
		if after := (Report{ID{1, "p1"}, p.state(env)}).Size(); after < before+50 {
			t.Errorf("a report has %d bytes, and %d after 50 messages", before, after)
		}
	}
}

// What is only passed through: nodes that are no processes, what an application sends to itself, streams and sizes of its own, what backs it and its
// invariant. Fails if the layer stands in the way.
func TestPassesThrough(t *testing.T) {
	m := App{Body: letter{"a"}}
	if m.Stream() != "letters" || m.Size() != 7 || m.Backed(nil) != errLetter || (timer{letter{}}).Stream() != "letters" {
		t.Errorf("stream %s, size %d, %v", m.Stream(), m.Size(), m.Backed(nil))
	}
	if m := app(1, 2); m.Stream() != "Transfer" || m.Size() != 100 || m.Backed(nil) != nil {
		t.Errorf("stream %s, size %d, %v", m.Stream(), m.Size(), m.Backed(nil))
	}
	env := fake.New("p1")
	p := Wrap(echo{}, Place{All: []sim.NodeID{"p1", "p2"}, Initiators: []sim.NodeID{"p1"}})
	p.Start(env)
	if p.Invariant() != errLetter {
		t.Error("the invariant is not asked")
	}
	if len(env.Timers) != 2 || env.Timers[1].Message != (timer{letter{"synced"}}) {
		t.Errorf("timers and syncs: %v", env.Timers)
	}
	p.Handle(env, "client", letter{"b"})
	p.Handle(env, "p1", env.Timers[0].Message)
	if sent := env.Take(); len(sent) != 1 || sent[0].To != "client" || sent[0].Message != (letter{"b"}) {
		t.Errorf("to a client: %v", sent)
	}
	if last := env.Timers[len(env.Timers)-1]; last.After != 0 || last.Message != (timer{letter{"self"}}) || p.sent != 0 {
		t.Errorf("to itself: %v, %d counted", last, p.sent)
	}
}

var errLetter = errors.New("of a letter")

// An echo sends back what it gets.
type echo struct{}

func (echo) Start(env sim.Env) {
	env.Send(env.ID(), letter{"self"})
	if err := env.Disk().Append("file", []byte("a")); err != nil {
		panic(err)
	}
	env.SyncThen("file", letter{"synced"})
}

func (echo) Handle(env sim.Env, from sim.NodeID, m sim.Message) { env.Send(from, m) }
func (echo) Invariant() error                                   { return errLetter }

type letter struct{ Text string }

func (letter) Stream() string         { return "letters" }
func (letter) Size() int              { return 7 }
func (letter) Backed(disk.View) error { return errLetter }
func (l letter) String() string       { return l.Text }

// Every word of a message or fact counts for its hash. Fails if one is left out: two messages that differ would pass for the same.
func TestHashesTellApart(t *testing.T) {
	id, other := ID{1, "p1"}, ID{1, "p2"}
	part := Part{Node: "p1", State: []byte{1}, Amount: 2, Deficit: 3}
	busy := part
	busy.Passive = true
	long := part
	long.History = History{[][]sim.Message{{letter{"a"}}}, [][]uint32{{1}}}
	longer := part
	longer.History = History{[][]sim.Message{{letter{"a"}}}, [][]uint32{{2}}}
	ch := Channel{"p1", "p2", []sim.Message{letter{"a"}}}
	list := []interface{ AppendHash([]byte) []byte }{
		app(1, 2, 0, 1), app(1, 2, 1, 0), app(2, 2, 0, 1), app(1, 3, 0, 1), App{Body: letter{"a"}}, App{Body: letter{"b"}},
		Report{id, part}, Report{other, part}, Report{id, busy}, Report{id, long}, Report{id, longer},
		Late{id, "p2", letter{"a"}}, Late{id, "p3", letter{"a"}}, Late{id, "p2", letter{"b"}},
		Recorded{id, part, false}, Recorded{id, part, true},
		ChannelRecorded{id, ch}, ChannelRecorded{id, Channel{"p2", "p1", ch.Messages}}, ChannelRecorded{id, Channel{"p1", "p2", nil}},
		Complete{Snapshot{id, []Part{part}, nil}}, Complete{Snapshot{id, []Part{part}, []Channel{ch}}},
		timer{letter{"a"}}, timer{letter{"b"}}, Turned{true}, Turned{false},
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if reflect.TypeOf(a) == reflect.TypeOf(b) && string(a.AppendHash(nil)) == string(b.AppendHash(nil)) {
				t.Errorf("%v and %v have the same content", a, b)
			}
		}
	}
}
