package simtest

import (
	"flag"
	"fmt"
	"testing"

	"simrun/search"
	"simrun/sim"
	"simrun/sim/chance"
)

// Fuzz is a fuzz target: the fuzzer's bytes decide all that the world leaves open, faults included.
//
//	func FuzzCounter(f *testing.F) { simtest.Fuzz(f, counter.Scenario()) }
//
// Each decision looks up one byte by the hash of what it decides. So a changed byte changes few
// decisions, and longer inputs give finer control; no bytes at all are the run in which nothing goes
// wrong. Without -fuzz the target makes the runs of a few inputs and of those that the fuzzer has kept.
// Runs that a checker could not decide are skipped.
//
// Go shrinks every input that reaches new code, for up to a minute each, and runs nothing else
// meanwhile. Since all bytes of an input matter here that leads nowhere: -fuzzminimizetime=1x makes a
// campaign many times faster.
func Fuzz(f *testing.F, s *sim.Scenario, opts ...Option) {
	f.Helper()
	settings := Gather(opts...)
	cfg, err := settings.Config(s)
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range firstInputs() {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		c := &check{t: t, scenario: s, settings: settings, config: cfg, fuzzing: true}
		if f := flag.Lookup("test.fuzzworker"); f == nil || f.Value.String() == "false" {
			c.orders.shrink = -1 // else the fuzzer is still looking for small inputs
		}
		c.fuzzed(input)
	})
}

// firstInputs are where a fuzzer starts: the benign run, and inputs of
// some lengths that have little and much of everything.
func firstInputs() [][]byte {
	inputs := [][]byte{nil}
	seed := chance.Seeded(1)
	for i, n := range []int{8, 64, 64, 512, 512} {
		input := make([]byte, n)
		stream := chance.NewStream("fuzz", fmt.Sprint(i), "", "")
		for j := range input {
			// In every other input most decisions are benign.
			if i%2 == 1 || seed.Below(&stream, uint64(2*j), 8) == 0 {
				input[j] = byte(seed.Below(&stream, uint64(2*j+1), 256))
			}
		}
		inputs = append(inputs, input)
	}
	return inputs
}

// fuzzed makes the run that the bytes decide.
func (c *check) fuzzed(input []byte) {
	cfg := c.config
	cfg.Driver = chance.Bytes(input)
	r, err := c.once(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	switch j := search.Judge(r.verdict, c.settings.Property); {
	case j.Outcome == sim.Undecided:
		c.t.Skip("unknown:", j.Why)
	case j.Failed():
		if r, err = c.make(cfg); err != nil {
			c.t.Fatal(err)
		}
		c.tellFuzzed(&r)
	}
}

// once makes a run once, which is enough while nothing is wrong.
func (c *check) once(cfg sim.Config) (r run, err error) {
	r.verdict, err = play(c.scenario, cfg, &r)
	return r, err
}

// tellFuzzed reports a run that no seed makes. The fuzzer keeps the input
// and prints the command that tries it again.
func (c *check) tellFuzzed(r *run) {
	w := c.t.Output()
	if r.differs != nil {
		fmt.Fprintf(w, "not deterministic: %v\n", r.differs)
	}
	c.headline(w, r)
	shown := c.tellSmall(c.t, w, r)
	if shown == r {
		fmt.Fprintf(w, "plan:\n%s", indent(r.plan.String()))
	} else {
		c.tellCommands(w, shown)
	}
	c.t.Fail()
}

// Benchmark measures runs of consecutive seeds, one after the other on one core, and reports events/s
// and events/run. It fails if a run does.
func Benchmark(b *testing.B, s *sim.Scenario, opts ...Option) {
	b.Helper()
	settings := Gather(opts...)
	cfg, err := settings.Config(s)
	if err != nil {
		b.Fatal(err)
	}
	var events, runs uint64
	cfg.Reuse = new(sim.Memory)
	for b.Loop() {
		w, err := s.World(cfg)
		if err != nil {
			b.Fatal(err)
		}
		v := w.Run(0)
		if j := search.Judge(v, settings.Property); j.Failed() {
			b.Fatalf("seed %#x: %v %s: %s", cfg.Seed, j.Outcome, j.Property, j.Why)
		}
		events += v.Events
		runs++
		cfg.Seed++
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(events)/float64(runs), "events/run")
}
