package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/sim"
)

// A Bug is runs that show a bug of the zoo: where a test knows better than a hunt how to come to it.
type Bug struct {
	Name     string        // FOLDER/NAME
	Scenario *sim.Scenario // a world made for it; nil: the protocol's own
	Set      string        // settings, with blanks between them
	Faults   string        // the profile; "" is the default
	Plan     string        // in its place; lines with "; " between them
	Property string        // that complains
	Within   uint64        // so many seeds, from 0 on
}

// rightSeeds is how many seeds the right protocol is tried with.
const rightSeeds = 10

// Bugs holds a protocol against such rows. Compiled is the bug that this test was compiled with. With none the same runs must show nothing, or it would be no bug that they show; with
// one, each of its rows must, and it must have one: go test $(simrun zoo flags NAME) -run Bugs. A row about a patch that is not in the zoo fails.
func Bugs(t *testing.T, compiled string, s *sim.Scenario, rows []Bug) {
	t.Helper()
	judged := 0
	for _, b := range rows {
		if _, err := os.Stat(filepath.Join("..", "..", "zoo", filepath.FromSlash(b.Name)+".patch")); err != nil {
			t.Errorf("there is no such bug: %v", err)
		}
		if b.Scenario == nil {
			b.Scenario = s
		}
		switch compiled {
		case "":
			most := min(b.Within, rightSeeds)
			if seed, why, found := b.first(t, most); found {
				t.Errorf("%s %s: nothing is wrong, and %s complains at seed %d: %s", b.Name, b.Set, b.Property, seed, why)
			}
		case b.Name:
			seed, why, found := b.first(t, b.Within)
			if !found {
				t.Errorf("%s %s: %s does not complain in %d seeds", b.Name, b.Set, b.Property, b.Within)
				break
			}
			t.Logf("%s %s: %s complains at seed %d: %s", b.Name, b.Set, b.Property, seed, why)
		default:
			continue
		}
		judged++
	}
	if judged == 0 {
		t.Errorf("no row is about %q", compiled)
	}
}

// first returns the first of so many seeds at which the property complains, and what it says.
func (b *Bug) first(t *testing.T, seeds uint64) (seed uint64, why string, found bool) {
	t.Helper()
	cfg := sim.Config{Options: Options(t, b.Scenario, strings.Fields(b.Set)...), Faults: b.Faults, Only: b.Property, Reuse: &sim.Memory{}}
	if b.Plan != "" {
		cfg.Plan = Plan(t, b.Plan)
	}
	for cfg.Seed = range seeds {
		for _, v := range World(t, b.Scenario, cfg).Run(0).Violations {
			if v.Property == b.Property {
				return cfg.Seed, v.Why, true
			}
		}
	}
	return 0, "", false
}
