package bench

import (
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// world is the ring in a sim.World.
type world struct {
	world   *sim.World
	nodes   []*pinger
	verdict sim.Verdict
	guarded bool
}

// newWorld makes a world that runs for about so many calls of a handler. The configuration says what it leaves out.
func newWorld(inFlight int, calls uint64, cfg sim.Config) (*world, error) {
	const mean = (leastDelay + mostDelay) / 2
	length := time.Duration(calls/uint64(inFlight)+1) * mean
	w := &world{guarded: !cfg.Unguarded}
	ids := ring()
	s := &sim.Scenario{
		Name: "ring", Run: length, Settle: length,
		Build: func(sw *sim.World, _ sim.Options) {
			w.nodes = ringNodes(ids, inFlight)
			for i, id := range ids {
				sw.Add(id, func() sim.Node { return w.nodes[i] })
			}
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&onward{}} },
	}
	plan := fault.Plan{
		{Verb: fault.Law, Law: net.Law{Kind: net.Uniform, Least: leastDelay, Most: mostDelay}},
		{Verb: fault.Ties, Mode: "ordered"},
	}
	var err error
	cfg.Seed, cfg.Plan = 1, &plan
	w.world, err = s.World(cfg)
	return w, err
}

// run makes the whole run and returns how many messages the nodes handled.
func (w *world) run() uint64 {
	w.verdict = w.world.Run(0)
	var calls uint64
	for _, n := range w.nodes {
		calls += n.calls
	}
	return calls
}

// check finds a world that did not do what it was measured for.
func (w *world) check() error {
	v := w.verdict
	if v.Outcome != sim.OK || len(v.Checks) == 0 || v.Checks[0].Checks == 0 || (v.Hash != 0) != w.guarded {
		return fmt.Errorf("bench: the world of the ring did not run as it should: %v %s %s", v.Outcome, v.Property, v.Why)
	}
	return nil
}

// onward is the property of the ring: a message that arrives has been passed on before.
type onward struct{ checks uint64 }

// These make it a property that wants deliveries only, as most want few kinds of events.

func (o *onward) Name() string                       { return "onward" }
func (o *onward) Watches() []sim.Kind                { return []sim.Kind{sim.Delivered} }
func (o *onward) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (o *onward) Checks() uint64                     { return o.checks }
func (o *onward) Observe(e *sim.Event) error {
	o.checks++
	if p, ok := e.Data.(ping); !ok || p.hops < 1000 {
		return fmt.Errorf("%s got %v, which nobody sent", e.Node, e.Data)
	}
	return nil
}
