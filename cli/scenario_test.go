package cli_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// The system of these tests: a client that adds to a server's counter,
// and says it again when it hears nothing.

type add struct{ ID uint64 }
type added struct{ ID uint64 }
type again struct{ ID uint64 }

// Counted and Retried are facts.
type Counted struct{ ID, Total uint64 }
type Retried struct{ ID uint64 }

func (m add) AppendHash(b []byte) []byte     { return binary.AppendUvarint(b, m.ID) }
func (m added) AppendHash(b []byte) []byte   { return binary.AppendUvarint(b, m.ID) }
func (m again) AppendHash(b []byte) []byte   { return binary.AppendUvarint(b, m.ID) }
func (m Counted) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, m.ID<<32|m.Total) }
func (m Retried) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, m.ID) }
func (m Counted) String() string             { return fmt.Sprintf("counted #%d: %d", m.ID, m.Total) }
func (m Retried) String() string             { return fmt.Sprintf("says #%d again", m.ID) }

type client struct{ id, adds uint64 }

func (c *client) Start(env sim.Env) { c.next(env) }

func (c *client) next(env sim.Env) {
	if c.id == c.adds {
		return
	}
	c.id++
	env.Send("server", add{c.id})
	env.After(50*time.Millisecond, again{c.id})
}

func (c *client) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case added:
		if m.ID == c.id {
			c.next(env)
		}
	case again:
		if m.ID == c.id {
			env.Note(Retried{c.id})
			env.Send("server", add{c.id})
			env.After(50*time.Millisecond, again{c.id})
		}
	}
}

type server struct {
	dedupe      bool
	last, total uint64
}

func (s *server) Start(sim.Env) {}

func (s *server) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	a := m.(add)
	if !s.dedupe || a.ID > s.last {
		s.last = a.ID
		s.total++
		env.Note(Counted{a.ID, s.total})
	}
	env.Send(from, added(a))
}

// exactlyOnce holds if no addition is counted twice.
type exactlyOnce struct{ seen map[uint64]bool }

func (p *exactlyOnce) Name() string                       { return "exactly-once" }
func (p *exactlyOnce) Watches() []sim.Kind                { return []sim.Kind{sim.Noted} }
func (p *exactlyOnce) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (p *exactlyOnce) Checks() uint64                     { return uint64(len(p.seen)) }
func (p *exactlyOnce) Tally(add func(string, uint64))     { add("additions", uint64(len(p.seen))) }
func (p *exactlyOnce) Observe(e *sim.Event) error {
	c, ok := e.Data.(Counted)
	if !ok {
		return nil
	}
	if p.seen[c.ID] {
		return fmt.Errorf("addition %d is counted twice", c.ID)
	}
	p.seen[c.ID] = true
	return nil
}

func counter() *sim.Scenario {
	return &sim.Scenario{
		Name: "counter", Source: "counter.Scenario()",
		Doc: "A client adds to a server's counter. Each addition must count once.",
		Options: []sim.Option{
			{Name: "adds", Default: 10, Min: 1, Max: 1_000_000, Doc: "how many additions"},
			{Name: "dedupe", Default: true, Doc: "the server knows an addition again; false is wrong"},
			{Name: "style", Default: "plain", Of: []string{"plain", "fancy"}, Doc: "nothing"},
		},
		Build: func(w *sim.World, o sim.Options) {
			w.Add("client", func() sim.Node { return &client{adds: uint64(o.Int("adds"))} })
			w.Add("server", func() sim.Node { return &server{dedupe: o.Bool("dedupe")} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&exactlyOnce{map[uint64]bool{}}} },
		Sometimes:  []string{"Retried", "Rewarded"},
		Run:        time.Second, Settle: 500 * time.Millisecond,
		Model: fault.Model{Crash: fault.NoCrash},
	}
}

// idler is a counter whose runs never count.
func idler() *sim.Scenario {
	s := counter()
	s.Name = "idler"
	s.Counts = func(v *sim.Verdict) bool { return false }
	return s
}

// A judge is a property of one sentence.
type judge struct {
	name   string
	result sim.Result
	err    error
}

func (j judge) Name() string                       { return j.name }
func (j judge) Observe(*sim.Event) error           { return nil }
func (j judge) End(*sim.World) (sim.Result, error) { return j.result, j.err }
func (j judge) Checks() uint64                     { return 1 }

// flakes outlives a run, which is what no node may look at.
var flakes uint64

// flaky is a scenario whose runs differ, and fail.
func flaky() *sim.Scenario {
	s := counter()
	s.Name = "flaky"
	s.Build = func(w *sim.World, o sim.Options) {
		flakes++
		n := flakes
		w.Add("client", func() sim.Node { return &client{adds: n % 7} })
		w.Add("server", func() sim.Node { return &server{} })
	}
	s.Properties = func(sim.Options) []sim.Property {
		return []sim.Property{judge{"finished", sim.Open, errors.New("everybody waits for Godot")}}
	}
	return s
}

// dithering is a scenario whose checker never comes to an end.
func dithering() *sim.Scenario {
	s := counter()
	s.Name = "dithering"
	s.Properties = func(sim.Options) []sim.Property {
		return []sim.Property{judge{"insight", sim.Unknown, errors.New("out of budget after 10 steps")}}
	}
	return s
}

// broken is a scenario whose own code panics.
func broken() *sim.Scenario {
	s := counter()
	s.Name = "broken"
	s.Build = func(*sim.World, sim.Options) { panic("the author made a mistake") }
	return s
}

// A forkedServer goes on with the memory that its copies have.
type forkedServer struct {
	server
	heard map[uint64]bool
}

func (f *forkedServer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	f.heard[m.(add).ID] = true
	f.server.Handle(env, from, m)
}

func (f *forkedServer) Clone() sim.Node {
	c := *f
	return &c
}

// forked is a scenario that is right, but for a copy that is none.
func forked() *sim.Scenario {
	s := counter()
	s.Name = "forked"
	s.Build = func(w *sim.World, o sim.Options) {
		w.Add("client", func() sim.Node { return &client{adds: 3} })
		w.Add("server", func() sim.Node { return &forkedServer{server{dedupe: true}, map[uint64]bool{}} })
	}
	return s
}
