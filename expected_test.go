package simrun

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/multicast"
	"simrun/protocols/multipaxos"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
)

// scenarios are those of this repository.
func scenarios() []*sim.Scenario {
	return []*sim.Scenario{bracha.Scenario(), chandylamport.Scenario(), kootoueg.Scenario(), laiyang.Scenario(), multipaxos.Scenario(), twopc.Scenario(), threepc.Scenario(), e3pc.Scenario(), twopc.Bank(), independent.Scenario(), paxos.Scenario(), paxoskv.Scenario(),
		election.Scenario(), multicast.Scenario()}
}

func scenarioNamed(t *testing.T, name string) *sim.Scenario {
	t.Helper()
	for _, s := range scenarios() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no scenario %s", name)
	return nil
}

// An expectation is a row of a table in docs/.
type expectation struct {
	scenario string
	settings []string
	profiles []string
	expected string // "ok", or "violated" or "stalled" and the property
	within   uint64 // how many seeds it may take
}

// expectations reads the tables of a document: rows that begin with the name of a scenario in backquotes.
func expectations(t *testing.T, name string) (list []expectation) {
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([^`\n]+)` \\|([^|\n]*)\\|([^|\n]*)\\|([^|\n]*)\\|([^|\n]*)\\|$")
	for _, m := range row.FindAllStringSubmatch(string(raw), -1) {
		within, _ := strconv.ParseUint(strings.TrimSpace(m[5]), 10, 64)
		list = append(list, expectation{m[1], strings.Fields(strings.Trim(m[2], " `")), strings.Split(strings.TrimSpace(m[3]), ", "), strings.TrimSpace(m[4]), within})
	}
	return list
}

// What the tables in docs/ expect is so. Fails if a run that should end well does not, or if a mistake is not found within the seeds that the
// table allows.
func TestExpectations(t *testing.T) {
	var list []expectation
	for _, name := range documents(t) {
		list = append(list, expectations(t, name)...)
	}
	if len(list) < 28 {
		t.Fatalf("found only %d rows", len(list))
	}
	for _, x := range list {
		s := scenarioNamed(t, x.scenario)
		for _, profile := range x.profiles {
			t.Run(x.scenario+"/"+profile+"/"+strings.Join(x.settings, ","), func(t *testing.T) { x.try(t, s, profile) })
		}
	}
}

// try makes runs until the expectation is met or has failed.
func (x *expectation) try(t *testing.T, s *sim.Scenario, profile string) {
	o, err := s.ParseOptions(x.settings)
	if err != nil {
		t.Fatal(err)
	}
	runs := x.within
	if x.expected == "ok" {
		if runs = 200; testing.Short() {
			runs = 20
		}
	} else if runs == 0 {
		t.Fatal("the table does not say within how many seeds")
	}
	only := ""
	if _, property, ok := strings.Cut(x.expected, " "); ok {
		only = property
	}
	var memory sim.Memory
	for seed := range runs {
		w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: profile, Only: only, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		switch got := strings.TrimSpace(v.Outcome.String() + " " + v.Property); {
		case x.expected == "ok" && got != "ok":
			t.Fatalf("seed %#x: %s: %s", seed, got, v.Why)
		case x.expected != "ok" && got == x.expected:
			t.Logf("found after %d seeds: %s", seed+1, v.Why)
			return
		}
	}
	if x.expected != "ok" {
		t.Errorf("not found in %d seeds", runs)
	}
}
