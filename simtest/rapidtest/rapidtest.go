// Package rapidtest tests a scenario with rapid: it draws the options of a run and the list of its
// faults, and shrinks what fails.
//
//	func TestCounterFaults(t *testing.T) { rapidtest.Check(t, counter.Scenario(), simtest.Set("dedupe=true")) }
//
// # Why a list of faults
//
// A seed does not shrink: the next smaller number is another run altogether. A list of faults does,
// since the other decisions of a run stay what they are when one fault is left out. So a run here has a
// plan that rapid draws line by line, from a vocabulary that fits the scenario: the nodes that it has,
// those that may crash, the messages that were seen on each link when nothing went wrong, and only what
// its model allows. The seed, which decides what the plan leaves open, is a small number.
//
// Shrinking goes towards no faults, early instants, default options and seed 0, and it stays with the
// first way to fail that was found: a smaller run that fails otherwise does not count.
//
// # What it prints
//
// A failure is a sentence about what went wrong, the run as a seed file, which can be put under seeds/,
// and the token for replay. The text is a function of what was drawn: rapid takes a text that varies for
// a flaky test and would not shrink.
//
// # Reproducible by default
//
// Rapid starts from a new random seed each time unless told otherwise. In a test binary that imports
// this package it starts from 1, as all tests here start from a fixed seed: -rapid.seed=0 brings back
// the random one. The other flags of rapid hold too: -rapid.checks, -rapid.failfile.
package rapidtest

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/simtest"
)

func init() {
	// Rapid has registered its flags and read its environment; the command line comes later and wins.
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == "0" {
		f.Value.Set("1")
		f.DefValue = "1"
	}
}

// mostSeeds is how many seeds are drawn from: the faults make the difference, not the seed.
const mostSeeds = 64

// Check fails the test if rapid finds options and faults for which a property of the
// scenario does not hold. Of the options of a test it knows Set, Property and Command:
// options of the scenario that Set names keep their value, the others are drawn; those
// that make the system wrong on purpose should be set. The number of checks is rapid's,
// and it is an error if there was time for fewer, or if a property never judged.
func Check(t rapid.TB, s *sim.Scenario, opts ...simtest.Option) {
	t.Helper()
	if s == nil {
		panic("rapidtest: Check needs a scenario")
	}
	settings := simtest.Gather(opts...)
	if settings.Faults != "" {
		t.Fatalf("rapidtest: the faults are drawn line by line: leave out Faults(%q)", settings.Faults)
	}
	if _, err := settings.Config(s); err != nil {
		t.Fatalf("rapidtest: %v", err)
	}
	p := &prover{scenario: s, settings: settings, words: make(map[string]*vocabulary)}
	rapid.Check(t, p.prove)
	p.report(t)
}

// A prover makes the runs of one call of Check.
type prover struct {
	scenario *sim.Scenario
	settings simtest.Settings
	words    map[string]*vocabulary // by the options
	first    string                 // the signature of the first failure
	runs     int
	unknown  int
	checks   []sim.Check // summed over all runs
}

// prove is rapid's property.
func (p *prover) prove(t *rapid.T) {
	cfg := p.draw(t)
	w, err := p.scenario.World(cfg)
	if err != nil {
		t.Skipf("options that make no world: %v", err)
	}
	defer w.Close()
	v := w.Run(0)
	p.runs++
	p.count(v)
	signature, why := p.judge(v)
	if signature == "" {
		return
	}
	if p.first == "" {
		p.first = signature
	}
	if signature == p.first {
		t.Log(p.text(cfg, v))
		// There is one place at which this fails, and one text for each run: by these rapid tells
		// whether a smaller run fails the same way.
		t.Fatal(why)
	}
}

// draw draws the configuration of a run.
func (p *prover) draw(t *rapid.T) sim.Config {
	set := append(append([]string{}, p.settings.Set...), drawOptions(t, p.scenario, p.settings.Set)...)
	o, err := p.scenario.ParseOptions(set)
	if err != nil {
		t.Skipf("options that do not go together: %v", err)
	}
	cfg := sim.Config{Options: o}
	key := strings.Join(o.Given(), "\n")
	words := p.words[key]
	if words == nil {
		if words, err = listen(p.scenario, cfg); err != nil {
			t.Skipf("options that make no world: %v", err)
		}
		p.words[key] = words
	}
	cfg.Seed = rapid.Uint64Range(0, mostSeeds-1).Draw(t, "seed")
	plan := words.drawPlan(t)
	cfg.Plan = &plan
	return cfg
}

// judge returns the signature of a failing run and what went wrong in it; "" if nothing did.
func (p *prover) judge(v sim.Verdict) (signature, why string) {
	j := search.Judge(v, p.settings.Property)
	if j.Outcome == sim.Undecided {
		p.unknown++
	}
	if !j.Failed() {
		return "", ""
	}
	// A stack follows the first line of a panic.
	why, _, _ = strings.Cut(j.Why, "\n")
	return j.Signature(), fmt.Sprintf("%v %s: %s", j.Outcome, j.Property, why)
}

// text is a failing run as people keep it, and as they make it again.
func (p *prover) text(cfg sim.Config, v sim.Verdict) string {
	file := seedfile.Of(p.scenario, cfg, v)
	file.Expect = seedfile.Expected(v)
	file.Build, file.Marks = 0, seedfile.Marks{} // nothing that is worth a line in a file to keep
	return fmt.Sprintf("the run, as a file for seeds/%s/:\n\n%s\nreplay:  %s", p.scenario.Name, file, p.settings.Replay(file.Token()))
}

// count sums what the properties judged.
func (p *prover) count(v sim.Verdict) {
next:
	for _, c := range v.Checks {
		for i := range p.checks {
			if p.checks[i].Property == c.Property {
				p.checks[i].Checks += c.Checks
				continue next
			}
		}
		p.checks = append(p.checks, c)
	}
}

// report says what was tested, when nothing has failed. Rapid says OK,
// too, when it ran out of time after a few checks.
func (p *prover) report(t rapid.TB) {
	t.Helper()
	var parts []string
	for _, c := range p.checks {
		parts = append(parts, fmt.Sprintf("%s %d", c.Property, c.Checks))
		if c.Checks == 0 && (p.settings.Property == "" || p.settings.Property == c.Property) {
			t.Errorf("%s never judged in %d runs: this was not tested", c.Property, p.runs)
		}
	}
	t.Logf("%s: %d runs; checks: %s", p.scenario.Name, p.runs, strings.Join(parts, ", "))
	if len(p.checks) == 0 {
		t.Errorf("scenario %s has no properties: a test of it is green whatever happens", p.scenario.Name)
	}
	if want := checksWanted(); p.runs < want {
		t.Errorf("there was time for %d of %d runs: raise -timeout or lower -rapid.checks", p.runs, want)
	}
	if p.unknown > 0 {
		t.Errorf("unknown in %d of %d runs: a checker ran out of budget, and unknown is not ok", p.unknown, p.runs)
	}
}

// checksWanted is how many checks rapid was told to make, which is fewer with -short.
func checksWanted() int {
	f := flag.Lookup("rapid.checks")
	if f == nil {
		return 0
	}
	n, err := strconv.Atoi(f.Value.String())
	if err != nil {
		return 0
	}
	if testing.Short() {
		n /= 5
	}
	return n
}

// bare is the plan in which nothing goes wrong.
func bare() *fault.Plan { return &fault.Plan{} }
