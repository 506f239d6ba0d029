package sim_test

import (
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Ping asks for a Pong with the same number.
type Ping struct{ N int }

// Pong answers a Ping.
type Pong struct{ N int }

// Answered is a fact: the server has answered this many pings.
type Answered struct{ N int }

// A pinger sends the next ping when the last one is answered, and again when no answer has come for 10 ms.
type pinger struct{ next int }

func (p *pinger) Start(env sim.Env) { p.ask(env) }

func (p *pinger) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Pong:
		if m.N == p.next { // else it is late, or a copy
			p.next++
			env.Note(Answered{p.next})
			p.ask(env)
		}
	case Ping: // the timer: a message from the pinger's past self
		if m.N == p.next {
			p.ask(env)
		}
	}
}

func (p *pinger) ask(env sim.Env) {
	env.Send("server", Ping{p.next})
	env.After(10*time.Millisecond, Ping{p.next})
}

type ponger struct{}

func (ponger) Start(sim.Env) {}

func (ponger) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	env.Send(from, Pong{m.(Ping).N})
}

// progress is a property: in the end at least so many pings were answered, one after the other.
type progress struct{ want, got int }

func (p *progress) Name() string   { return "progress" }
func (p *progress) Checks() uint64 { return uint64(p.got) }

func (p *progress) Observe(e *sim.Event) error {
	if a, ok := e.Data.(Answered); ok && e.Kind == sim.Noted {
		if a.N != p.got+1 {
			return fmt.Errorf("ping %d was answered after ping %d", a.N, p.got)
		}
		p.got = a.N
	}
	return nil
}

func (p *progress) End(*sim.World) (sim.Result, error) {
	if p.got < p.want {
		return sim.Open, fmt.Errorf("only %d pings were answered, want %d", p.got, p.want)
	}
	return sim.Holds, nil
}

// A whole scenario: two nodes, one of which may crash, a property, and a run under a plan of faults.
func Example() {
	ping := &sim.Scenario{
		Name: "ping",
		Run:  200 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("client", func() sim.Node { return &pinger{} })
			w.Add("server", func() sim.Node { return ponger{} })
			w.Group(0, "server")
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&progress{want: 50}} },
	}
	for _, text := range []string{
		"always law uniform 500us 1ms\nlose client>server Ping#3\n",
		"20ms crash server\n150ms restart server\n",
	} {
		plan, err := fault.Parse(text)
		if err != nil {
			panic(err)
		}
		w, err := ping.World(sim.Config{Seed: 7, Plan: &plan})
		if err != nil {
			panic(err)
		}
		v := w.Run(0)
		fmt.Printf("%v: %q\n", v.Outcome, v.Why)
		for _, k := range []fault.Kind{fault.Losses, fault.Crashes, fault.Restarts} {
			fmt.Println(" ", k, v.Faults[k])
		}
	}
	// Output:
	// ok: ""
	//   loss 1
	//   crash 0
	//   restart 0
	// stalled: "only 35 pings were answered, want 50"
	//   loss 0
	//   crash 1
	//   restart 1
}

// A client is told best as a story: its calls wait, and the world goes on meanwhile.
func ExampleScripted() {
	story := func(s *sim.Script) {
		for n := range 3 {
			for attempt := 1; ; attempt++ {
				_, ok := s.Call("server", Ping{n}, 10*time.Millisecond, func(m sim.Message) bool { return m == Pong{n} })
				if ok {
					fmt.Println("ping", n, "answered at attempt", attempt)
					break
				}
			}
		}
	}
	told := &sim.Scenario{
		Name: "told",
		Run:  time.Second,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("client", func() sim.Node { return sim.Scripted(story) })
			w.Add("server", func() sim.Node { return ponger{} })
		},
	}
	plan := fault.Plan{{Verb: fault.Lose, From: "server", To: "client", Stream: "Pong", N: 2}}
	w, err := told.World(sim.Config{Plan: &plan})
	if err != nil {
		panic(err)
	}
	fmt.Println(w.Run(0).Outcome)
	// Output:
	// ping 0 answered at attempt 1
	// ping 1 answered at attempt 2
	// ping 2 answered at attempt 1
	// ok
}

// Ranging over Events drives the world; the body sees each event, and may make faults happen.
func ExampleWorld_Events() {
	pair := &sim.Scenario{
		Name: "pair",
		Run:  5 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("client", func() sim.Node { return &pinger{} })
			w.Add("server", func() sim.Node { return ponger{} })
		},
	}
	w, err := pair.World(sim.Config{Plan: &fault.Plan{}})
	if err != nil {
		panic(err)
	}
	for e := range w.Events(0) {
		if e.Kind == sim.Noted && e.Data == (Answered{1}) {
			if err := w.Inject(fault.Line{Verb: fault.Crash, Node: "server"}); err != nil {
				panic(err)
			}
		}
		if e.Kind != sim.TimerSet {
			fmt.Println(e.At, e.Kind, e.Node)
		}
	}
	fmt.Print(w.Plan())
	// Output:
	// 0s start client
	// 0s send client
	// 0s start server
	// 1ms recv server
	// 1ms send server
	// 2ms recv client
	// 2ms note client
	// 2ms send client
	// 2.000001ms crash server
	// 3ms drop server
	// 2.000001ms crash server
}
