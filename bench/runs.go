package bench

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"simrun/sim"
)

// PerRun is what a run was made of, on average.
type PerRun struct {
	Counted    float64 // the share of runs that count, from 0 to 1
	Events     float64
	Faults     float64            // faults that happened, of all kinds together
	Tallies    map[string]float64 // by name
	Undecided  float64            // the share of runs in which a checker ran out of budget
	Violations float64            // the share of runs that violated a property or stalled
}

// options are those with which a scenario is measured.
func options(s *sim.Scenario) (sim.Options, error) { return s.ParseOptions(strings.Fields(s.Bench)) }

// Runs measures whole runs of a scenario with the settings of its Bench and the default profile: name/core
// with one worker on one core, name/all with a worker a core, name/unguarded as name/core but without the guard and without counting faults to
// messages. Each round makes runs with seeds of its
// own. A run adds to the rate only if counts says so. An error means that a world could not be made.
func Runs(s *sim.Scenario, perRound uint64, rounds int, counts func(*sim.Verdict) bool) ([]Row, error) {
	opts, err := options(s)
	if err != nil {
		return nil, err
	}
	cores := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(cores)
	totals := [3]*total{newTotal(), newTotal(), newTotal()}
	samples := make([][]sample, 3)
	for round := range rounds {
		for i, workers := range []int{1, cores, 1} {
			runtime.GOMAXPROCS(workers)
			crew := &crew{scenario: s, opts: opts, counts: counts, unguarded: i == 2, next: uint64(round) * perRound, to: uint64(round+1) * perRound}
			samples[i] = append(samples[i], measured(func() uint64 { return crew.run(workers, totals[i]) }))
			if crew.err != nil {
				return nil, crew.err
			}
		}
	}
	rows := []Row{totals[0].row(s.Name+"/core", samples[0]), totals[1].row(s.Name+"/all", samples[1]), totals[2].row(s.Name+"/unguarded", samples[2])}
	rows[1].Ratio = medianRatio(samples[1], samples[0])
	rows[0].Guarded = medianRatio(samples[0], samples[2])
	return rows, nil
}

// A crew makes the runs of a range of seeds.
type crew struct {
	scenario  *sim.Scenario
	opts      sim.Options
	counts    func(*sim.Verdict) bool
	unguarded bool
	next, to  uint64 // next is taken by one worker at a time

	mu  sync.Mutex
	err error
}

// run makes all runs, adds them up, and returns how many count.
func (c *crew) run(workers int, sum *total) uint64 {
	before := sum.counted
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			own, memory := newTotal(), sim.Memory{}
			for {
				seed := atomic.AddUint64(&c.next, 1) - 1
				if seed >= c.to || !c.one(seed, own, &memory) {
					break
				}
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			sum.merge(own)
		})
	}
	all.Wait()
	return sum.counted - before
}

// one makes one run; it returns false if that cannot be done.
func (c *crew) one(seed uint64, own *total, memory *sim.Memory) bool {
	w, err := c.scenario.World(sim.Config{Seed: seed, Options: c.opts, Reuse: memory, Unguarded: c.unguarded})
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.err = fmt.Errorf("bench: seed %#x: %w", seed, err)
		return false
	}
	v := w.Run(0)
	w.Close()
	own.add(&v, c.counts(&v))
	return true
}

// A total is what runs were made of.
type total struct {
	runs, counted, events, faults, undecided, violations uint64
	virtual                                              time.Duration
	tallies                                              map[string]uint64
}

// newTotal is a total of no runs.
func newTotal() *total { return &total{tallies: make(map[string]uint64)} }

// add takes in one run.
func (t *total) add(v *sim.Verdict, counts bool) {
	t.runs++
	t.events += v.Events
	t.virtual += v.Virtual
	for _, n := range v.Faults {
		t.faults += n
	}
	for _, x := range v.Tallies {
		t.tallies[x.Name] += x.N
	}
	if counts {
		t.counted++
	}
	switch v.Outcome {
	case sim.Undecided:
		t.undecided++
	case sim.Violated, sim.Stalled:
		t.violations++
	}
}

// merge takes in what another worker added up.
func (t *total) merge(o *total) {
	t.runs += o.runs
	t.counted += o.counted
	t.events += o.events
	t.virtual += o.virtual
	t.faults += o.faults
	t.undecided += o.undecided
	t.violations += o.violations
	for name, n := range o.tallies {
		t.tallies[name] += n
	}
}

// row turns samples, whose calls are runs that count, into a row.
func (t *total) row(name string, samples []sample) Row {
	m := median(samples)
	runs := float64(max(t.runs, 1))
	var elapsed time.Duration
	var mallocs uint64
	for _, s := range samples {
		elapsed += s.elapsed
		mallocs += s.mallocs
	}
	p := PerRun{
		Counted: float64(t.counted) / runs, Events: float64(t.events) / runs, Faults: float64(t.faults) / runs,
		Undecided: float64(t.undecided) / runs, Violations: float64(t.violations) / runs, Tallies: make(map[string]float64),
	}
	for n, x := range t.tallies {
		p.Tallies[n] = float64(x) / runs
	}
	return Row{Name: name, RunsPerS: m.perSecond(), EventsPerS: float64(t.events) / elapsed.Seconds(), VirtualPerS: t.virtual.Seconds() / elapsed.Seconds(),
		AllocsPerEvent: float64(mallocs) / float64(max(t.events, 1)), PerRun: p}
}

// TallyNames returns the names of the tallies, sorted.
func (p PerRun) TallyNames() []string {
	var names []string
	for n := range p.Tallies {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
