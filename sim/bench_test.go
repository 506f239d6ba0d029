package sim_test

import (
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// juggler keeps several balls in the air.
type juggler struct {
	peers []sim.NodeID
	balls int
}

func (j *juggler) Start(env sim.Env) {
	for range j.balls {
		env.Send(j.peers[0], ball{1})
	}
}

func (j *juggler) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	env.Send(from, ball{m.(ball).Hits + 1})
}

type counter struct{ n uint64 }

func (c *counter) Name() string                       { return "counter" }
func (c *counter) Observe(e *sim.Event) error         { c.n++; return nil }
func (c *counter) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (c *counter) Checks() uint64                     { return c.n }
func (c *counter) Watches() []sim.Kind                { return []sim.Kind{sim.Delivered} }

func juggling(balls int) *sim.Scenario {
	return pair(func(s *sim.Scenario) {
		s.Run = 1000 * time.Hour
		s.Build = func(w *sim.World, _ sim.Options) {
			w.Add("a", func() sim.Node { return &juggler{peers: []sim.NodeID{"b"}, balls: balls} })
			w.Add("b", func() sim.Node { return &juggler{peers: []sim.NodeID{"a"}} })
		}
		s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&counter{}} }
	})
}

func benchmarkWorld(b *testing.B, balls int) {
	s := juggling(balls)
	p, err := fault.Parse("always law uniform 500us 5ms")
	if err != nil {
		b.Fatal(err)
	}
	w := world(b, s, sim.Config{Seed: 1, Plan: &p})
	b.ReportAllocs()
	v := w.Run(time.Duration(b.N) * 2750 * time.Microsecond / time.Duration(balls))
	n := v.Checks[0].Checks
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkWorld100(b *testing.B)   { benchmarkWorld(b, 100) }
func BenchmarkWorld10000(b *testing.B) { benchmarkWorld(b, 10000) }
