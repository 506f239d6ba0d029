// Package simtest is the door of go test to a simulated system: one call makes a test of a scenario.
//
//	func TestCounter(t *testing.T) { simtest.Check(t, counter.Scenario()) }
//
// # What a test does
//
// [Check] first makes the runs that are worth remembering, those in seeds/<scenario>/*.seed, each as a
// subtest with the name of its file. Then it makes the runs of consecutive seeds on all cores, the same
// seeds each time, and reports each distinct failure once, as a subtest named after the lowest seed that
// fails so. The report says what went wrong, makes the run as small as it can and still fail the same way, draws
// that, and ends with commands to paste: to make the small run again, to look at it in a browser,
// to keep it as a test of its own, and to make the run again that the seed makes:
//
//	go test example.com/counter -run 'TestCounter/seed=0x2a'
//
// A failure keeps to sixty lines, and its text is a function of the seed, but where the time for tests is nearly over.
//
// A seed that -run names is run whether or not it is among those that the test would have tried.
//
// # A green test has tested something
//
// The test fails, too, if a property never judged in any run, if a checker ran out of budget, if a kind
// of fault that was possible a thousand times never happened, if two runs of one seed differ (some are
// made twice, failing ones always, and without -short the first once more in a process of its own: the test
// binary starts itself, for this test alone, in another environment), if a node shares memory with its copy (tried in one run of ten,
// where nodes can be copied), and if there is not enough time for all runs. What the scenario should
// reach now and then, and did not, is said in the log.
//
// # Flags
//
//	-sim.seed=N      the first seed, decimal or 0x; "random" draws one and says which (default 0)
//	-sim.runs=N      how many seeds (default 200 or what the test asks for; a fifth of it with -short)
//	-sim.for=D       go on with seeds for that much real time, instead of a number of them
//	-sim.faults=P    the profile that draws the faults
//	-sim.verify=N    check one seed in N for what decides its run beside the seed: made twice, again in a process of its own,
//	                 and with an eye on memory that nodes share; 0: make no run again that has not failed
//	-sim.shrink=N    make each failing run small in at most N runs (default: as many as some seconds allow; 0: show it as it is)
//	-sim.replay=X    make the run of X alone, a token or a seed file, and show it as it is
//	-sim.html=FILE   draw the first run that is shown into a page for a browser; a relative name is relative to the package
//	-sim.test=FILE   write the first failing run that is shown down as a Go test, into a new file that ends in _test.go
//	-sim.trace       list all events of each run that is shown
//	-sim.v           tell more: the whole report and the plan of each run that is shown, and what all runs did
//
// Each has a twin in the environment (SIM_SEED, SIM_RUNS, ...) that also works for go test ./..., where
// some packages do not know the flags. A flag wins over its twin. The package comes before the flags: go
// test ./counter -sim.seed=7.
//
// # Other doors
//
// [Steps] tells one run step by step, and says what must come of it. [Fuzz] gives the decisions of a run to Go's fuzzer and [Benchmark] measures a scenario. Package
// rapidtest draws options and faults with rapid, and shrinks what fails.
package simtest

import (
	"fmt"
	"testing"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
)

// A check is one call of Check.
type check struct {
	t        *testing.T
	scenario *sim.Scenario
	settings Settings
	config   sim.Config // of the runs of seeds
	orders   orders
	call     int  // which call of Check in its test this is, from 1
	fuzzing  bool // it is one of Fuzz
}

// Check tests a scenario: it makes the runs of its seed files and of consecutive seeds, and fails the
// test if a property does not hold in one of them. See the package comment for what it reports and which
// flags it reads. Options that the scenario does not take, and flags and seed files that say nothing
// sensible, end the test with one clear line.
func Check(t *testing.T, s *sim.Scenario, opts ...Option) {
	t.Helper()
	if s == nil {
		panic("simtest: Check needs a scenario")
	}
	call := callOf(t)
	if search.Ordered() {
		serve(t, s, call)
		return
	}
	c, err := newCheck(t, s, opts)
	if err != nil {
		t.Fatal(err)
	}
	c.call = call
	if c.orders.again != nil {
		c.replay(c.orders.again)
		return
	}
	if err := c.corpus(); err != nil {
		t.Fatal(err)
	}
	wanted := selection(runPattern(), t.Name())
	for _, text := range wanted.seeds {
		t.Run("seed="+text, func(t *testing.T) { c.named(t, text) })
	}
	if wanted.campaign {
		c.campaign()
	}
}

func newCheck(t *testing.T, s *sim.Scenario, opts []Option) (*check, error) {
	c := &check{t: t, scenario: s, settings: Gather(opts...)}
	var err error
	if c.orders, err = readOrders(); err != nil {
		return nil, err
	}
	if c.orders.faults != "" {
		c.settings.Faults = c.orders.faults
	}
	if c.config, err = c.settings.Config(s); err != nil {
		return nil, err
	}
	return c, nil
}

// named makes the run of a seed that -run asks for.
func (c *check) named(t *testing.T, text string) {
	seed, err := seedfile.ParseSeed(text)
	if err != nil {
		t.Fatal(err)
	}
	cfg := c.config
	cfg.Seed = seed
	r, err := c.make(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.reportSeed(t, &r, nil)
	if clones, err := c.clones(seed, seed+1, 1); err != nil {
		t.Fatal(err)
	} else if clones != nil {
		fail(t, "clone: "+clones.Why)
	}
}

// fail reports a failure without the position of this package's code, which helps nobody.
func fail(t *testing.T, text string) {
	t.Helper()
	fmt.Fprintln(t.Output(), text)
	t.Fail()
}
