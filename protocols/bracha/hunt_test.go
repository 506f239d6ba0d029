package bracha

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// betrayals draws lines that make some of the processes lie, no more than may: most of them from the start on, and half of them all the time.
func betrayals(r *rand.Rand, nodes []sim.NodeID, most int) (p fault.Plan) {
	modes := []string{"any", "drop", "repeat", "delay", "alter", "equivocate"}
	for _, i := range r.Perm(len(nodes))[:min(most, r.IntN(2*most+2))] {
		l := fault.Line{Verb: fault.Betray, Node: string(nodes[i]), Mode: modes[r.IntN(len(modes))], Amount: min(1_000_000, 10_000*(1+r.Int64N(200)))}
		if r.IntN(4) == 0 {
			l.At = clock.Time(r.Int64N(int64(50 * time.Millisecond)))
		}
		p = append(p, l)
	}
	return p
}

// run makes one run: what the profile draws, and betrayals.
func run(t *testing.T, s *sim.Scenario, o sim.Options, profile string, seed uint64, m *sim.Memory) sim.Verdict {
	t.Helper()
	cfg := sim.Config{Seed: seed, Options: o, Faults: profile, Reuse: m, CheckClones: seed%8 == 0}
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	p := slices.DeleteFunc(slices.Clone(w.Plan()), func(l fault.Line) bool { return l.Verb == fault.Betray })
	p = append(p, betrayals(r, w.Nodes(), MostLiars(len(w.Nodes())))...)
	w.Verdict() // so that its memory can be used again
	cfg.Plan = &p
	if w, err = s.World(cfg); err != nil {
		t.Fatalf("%v\n%v", err, p)
	}
	v := w.Run(0)
	if len(v.Outside) > 0 {
		t.Fatalf("seed %d is outside of the model: %v\n%v", seed, v.Outside, p)
	}
	return v
}

// Fails if liars, no more than there may be, bring the right protocol down, if all that the judges say is said of nothing, or if the lies are none.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	var m sim.Memory
	checks, kinds, amplified, runs := map[string]uint64{}, fault.Counts{}, 0, uint64(150)
	if testing.Short() {
		runs = 40
	}
	for _, settings := range [][]string{nil, {"nodes=5", "senders=5"}, {"nodes=7", "senders=3", "messages=2"}, {"nodes=1", "senders=1"}, {"nodes=10", "senders=1"}} {
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range runs {
			v := run(t, s, o, "swarm", seed, &m)
			if v.Outcome != sim.OK {
				t.Fatalf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, c := range v.Checks {
				checks[c.Property] += c.Checks
			}
			for k, n := range v.Faults {
				kinds[k] += n
			}
			amplified += len(v.Sometimes)
		}
	}
	for _, name := range []string{"agreement", "integrity", "validity", "totality", "invariant"} {
		if checks[name] < 5*runs {
			t.Errorf("%s judged only %d times: %v", name, checks[name], checks)
		}
	}
	if kinds[fault.Betrayals] < 1000 || amplified < int(runs)/10 || kinds[fault.Duplicates] == 0 {
		t.Errorf("%d betrayals, %d duplicates, amplified in %d runs", kinds[fault.Betrayals], kinds[fault.Duplicates], amplified)
	}
}

// Mistakes on purpose, and the property that must catch each, among liars that know nothing of the protocol. Fails if one is not caught within
// the bound of seeds. The log says how many it took.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake    string
		settings   []string
		properties []string // each of which must complain
		bound      uint64
	}{
		{"no-echo", nil, []string{"agreement", "totality"}, 300},
		{"majority", []string{"nodes=5", "senders=1"}, []string{"agreement"}, 20000},
		{"one-ready", nil, []string{"validity"}, 300},
		{"no-amplify", nil, []string{"totality"}, 1000},
		{"two-f", []string{"senders=1"}, []string{"totality"}, 20000},
		{"count-messages", nil, []string{"totality", "agreement"}, 20000},
		{"any-sender", nil, []string{"validity"}, 1000},
	} {
		if testing.Short() && c.bound > 1000 {
			continue
		}
		s := Scenario()
		o, err := s.ParseOptions(append(c.settings, "mistake="+c.mistake))
		if err != nil {
			t.Fatal(err)
		}
		var m sim.Memory
		found := map[string]uint64{}
		for seed := uint64(1); seed <= c.bound; seed++ {
			for _, x := range run(t, s, o, "swarm", seed, &m).Checks {
				if x.Outcome > sim.Undecided && found[x.Property] == 0 {
					found[x.Property] = seed
				}
			}
			if !slices.ContainsFunc(c.properties, func(p string) bool { return found[p] == 0 }) {
				break
			}
		}
		var say []string
		for _, p := range c.properties {
			if say = append(say, fmt.Sprintf("%s at seed %d", p, found[p])); found[p] == 0 {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
		t.Logf("%-15s %s", c.mistake, strings.Join(say, ", "))
	}
}
