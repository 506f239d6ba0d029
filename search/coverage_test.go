package search

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A bulb is a node that is on or off; a message may turn it on, once in a while, and one in a thousand breaks it.
type bulb struct{ state shine }

type shine uint8

func (s shine) String() string { return [...]string{"dark", "lit", "broken"}[s] }

type (
	press struct{ N int }
	shock struct{}
)

func (b *bulb) Start(env sim.Env) {
	for i := range 3 {
		env.After(time.Duration(i+1)*time.Millisecond, press{i})
	}
}

func (b *bulb) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch {
	case b.state == 2:
	case env.Pick("shock", 1000) == 7:
		b.state = 2
		env.After(0, shock{})
	case env.Pick("turn", 2) == 1:
		b.state ^= 1
		env.Note(heard{"bulb", int(b.state)})
	}
}

var bulbs = &sim.Scenario{
	Name:      "bulbs",
	Build:     func(w *sim.World, _ sim.Options) { w.Add("b", func() sim.Node { return &bulb{} }) },
	Sometimes: []string{"heard", "missed"},
	Run:       10 * time.Millisecond,
}

// everySituation is all that a bulb can come by.
var everySituation = []string{"bulb broken, press", "bulb broken, shock", "bulb dark, press", "bulb lit, press"}

func covered(t *testing.T, h Hunt) *Coverage {
	t.Helper()
	h.Cover = true
	sum := hunt(t, h)
	if sum.Coverage == nil || sum.Coverage.Runs != sum.Runs {
		t.Fatalf("a hunt of %d runs has the coverage %+v", sum.Runs, sum.Coverage)
	}
	return sum.Coverage
}

func benignHunt(s *sim.Scenario, to uint64) Hunt {
	return Hunt{Scenario: s, Config: sim.Config{Plan: &fault.Plan{}}, To: to, Verify: -1}
}

// oneByOne is a second opinion: it makes the runs one after another, and looks at each event itself.
func oneByOne(t *testing.T, to uint64) (first, runs map[string]uint64) {
	t.Helper()
	first, runs = make(map[string]uint64), make(map[string]uint64)
	for seed := range to {
		w, err := bulbs.World(sim.Config{Seed: seed, Plan: &fault.Plan{}})
		if err != nil {
			t.Fatal(err)
		}
		here := make(map[string]bool)
		for e := range w.Events(0) {
			if e.Kind != sim.TimerFired {
				continue
			}
			n, _ := w.Node("b")
			here[fmt.Sprintf("bulb %v, %T", n.(*bulb).state, e.Data)] = true
		}
		for x := range here {
			x = x[:len(x)-len("search.press")] + x[len(x)-len("press"):]
			if runs[x]++; runs[x] == 1 {
				first[x] = seed
			}
		}
	}
	return first, runs
}

// Fails if a campaign does not reach just what there is, counts a run twice that is made twice, or tells another first seed, or another thousand, than a plain
// loop over the seeds does: there are pairs here that late seeds alone show.
func TestCoverageAgainstAPlainLoop(t *testing.T) {
	const to = 4000
	first, runs := oneByOne(t, to)
	h := benignHunt(bulbs, to)
	h.Verify = 5
	c := covered(t, h)
	var names []string
	thousands := make([]int, 4)
	for _, s := range c.Sights {
		if s.Kind != SawSituation {
			continue
		}
		names = append(names, s.Name)
		if s.Runs != runs[s.Name] || s.Seed != first[s.Name] || s.After != first[s.Name] {
			t.Errorf("%s: in %d runs, first in %d after %d; want %d and %d", s.Name, s.Runs, s.Seed, s.After, runs[s.Name], first[s.Name])
		}
		thousands[s.After/1000]++
	}
	if !slices.Equal(names, everySituation) {
		t.Errorf("reached %q, want %q", names, everySituation)
	}
	if seen, known := c.Count(SawSometimes); seen != 1 || known != 2 {
		t.Errorf("%d of %d sometimes, want 1 of 2", seen, known)
	}
	if seen, known := c.Count(SawFault); seen != 0 || known != 0 {
		t.Errorf("%d of %d faults in runs without any", seen, known)
	}
	thousands[0]++ // heard
	if got := c.New(1000); !slices.Equal(got, thousands[:len(got)]) || !slices.Equal(thousands[len(got):], make([]int, 4-len(got))) {
		t.Errorf("new by the thousand: %v, want %v", got, thousands)
	}
}

// Fails if a pair that only a late seed shows is counted in another thousand than its own. Where the range begins does not matter.
func TestNewInTheRightThousand(t *testing.T) {
	first, _ := oneByOne(t, 4000)
	late := first["bulb broken, shock"]
	if late < 100 {
		t.Fatalf("the pair is seen in seed %d: choose a rarer one", late)
	}
	for _, before := range []uint64{0, 7, 99} {
		h := benignHunt(bulbs, late+1)
		h.From = late - before
		counts := covered(t, h).New(10)
		if at := int(before / 10); len(counts) != at+1 || counts[at] == 0 {
			t.Errorf("seen after %d runs, and counted by tens as %v", before, counts)
		}
		if h.To = late; h.From < h.To {
			if n, _ := covered(t, h).Count(SawSituation); n > 2 {
				t.Errorf("%d situations before the seed that breaks the bulb", n)
			}
		}
	}
}

// Fails if what was reached depends on the workers, with faults and where a hunt stops early: a run behind its end does not count.
func TestCoverageWhateverTheWorkers(t *testing.T) {
	for _, stop := range []int{0, 1, 40} {
		h := Hunt{Scenario: beacons, To: 300, Workers: 1, Verify: 10, StopAfter: stop}
		want := covered(t, h)
		if n, _ := want.Count(SawFault); n < 3 && stop != 1 {
			t.Fatalf("the test tests nothing: %+v", want)
		}
		for _, workers := range []int{2, 5} {
			h.Workers = workers
			if got := covered(t, h); !reflect.DeepEqual(got, want) {
				t.Errorf("%d workers:\ngot  %+v\nwant %+v", workers, got, want)
			}
		}
	}
}

// Fails if a hunt in two parts, added up, has not reached what the hunt in one piece has, in the same order; in particular what was possible in one part and
// seen in the other.
func TestCoverageAddsUp(t *testing.T) {
	h := Hunt{Scenario: beacons, To: 60, Verify: -1}
	want := covered(t, h)
	for _, cut := range []uint64{1, 2, 30, 59} {
		a, b := h, h
		a.To, b.From = cut, cut
		sum := new(Coverage)
		sum.Add(covered(t, a))
		sum.Add(covered(t, b))
		if !reflect.DeepEqual(sum, want) {
			t.Errorf("cut at %d:\ngot  %+v\nwant %+v", cut, sum, want)
		}
	}
}

// Fails if a hunt that was not asked to look has looked, or takes down what its second runs come by.
func TestNoCoverageUnlessAsked(t *testing.T) {
	if c := hunt(t, benignHunt(bulbs, 10)).Coverage; c != nil {
		t.Errorf("got %+v", c)
	}
}

// Fails if progress does not tell how much was reached so far, and how long ago something new was.
func TestProgressOfCoverage(t *testing.T) {
	var last Progress
	h := benignHunt(bulbs, 500)
	h.Progress = func(p Progress) { last = p }
	c := covered(t, h)
	reached, latest := 0, uint64(0)
	for _, s := range c.Sights {
		if s.Runs > 0 {
			reached++
			latest = max(latest, s.After)
		}
	}
	if last.Reached != reached || last.Since != 500-latest-1 {
		t.Errorf("%d reached, the last %d runs ago; want %d and %d", last.Reached, last.Since, reached, 500-latest-1)
	}
}

// zipf is how many things there are that show in a run with the probabilities 1/2, 1/8, 1/18, ...
const zipf = 60

// zipped makes a runner whose runs show each thing with its probability, which has nothing to do with that of other things.
func zipped(names []string) runner {
	return func(_ *sim.Scenario, cfg sim.Config) (v sim.Verdict, _ fault.Plan, _ error) {
		r := rand.New(rand.NewPCG(cfg.Seed, 2))
		for i, name := range names {
			if r.Float64() < 1/float64(2*(i+1)*(i+1)) {
				v.Sometimes = append(v.Sometimes, name)
			}
		}
		return v, nil, nil
	}
}

// Fails if the estimate is not what theory says for a known distribution: over many campaigns, its mean is the mean of what the next run of each would
// really show that is new.
func TestGoodTuringAgainstAKnownDistribution(t *testing.T) {
	var names []string
	for i := range zipf {
		names = append(names, fmt.Sprint("thing ", i))
	}
	s := &sim.Scenario{Name: "zipf", Sometimes: names}
	for _, n := range []uint64{10, 50, 200} {
		const campaigns = 400
		said, really := 0.0, 0.0
		for i := range uint64(campaigns) {
			h := Hunt{Scenario: s, From: i * n, To: (i + 1) * n, Verify: -1, Workers: 1, run: zipped(names)}
			c := covered(t, h)
			said += c.Next() / campaigns
			for _, x := range c.Sights {
				if k := slices.Index(names, x.Name); x.Runs == 0 {
					really += 1 / float64(2*(k+1)*(k+1)) / campaigns
				}
			}
		}
		theory := 0.0
		for i := range zipf {
			p := 1 / float64(2*(i+1)*(i+1))
			theory += p * math.Pow(1-p, float64(n-1))
		}
		if math.Abs(said/theory-1) > 0.1 || math.Abs(said/really-1) > 0.15 {
			t.Errorf("after %d runs the next is said to show %.4f new, in the mean; theory says %.4f, and it is %.4f", n, said, theory, really)
		}
	}
}

// Fails if there is an estimate of nothing, or one where all was seen twice.
func TestGoodTuringAtTheEdges(t *testing.T) {
	if c := new(Coverage); c.Next() != 0 || c.New(1000) != nil {
		t.Error("no runs say something")
	}
	c := &Coverage{Runs: 10, Sights: []Sight{{Kind: SawFault, Name: "crash", Runs: 2}, {Kind: SawFault, Name: "cut"}}}
	if c.Next() != 0 || c.Once() != 0 {
		t.Errorf("%d seen once, next %v", c.Once(), c.Next())
	}
	c.Sights[1].Runs = 1
	if c.Next() != 0.1 {
		t.Errorf("one of 10 runs alone showed something: next %v, want 0.1", c.Next())
	}
}

// BenchmarkCover makes runs with and without looking at what they reach: the difference is the price.
func BenchmarkCover(b *testing.B) {
	for _, cover := range []bool{false, true} {
		b.Run(map[bool]string{false: "without", true: "with"}[cover], func(b *testing.B) {
			h := Hunt{Scenario: beacons, To: uint64(b.N), Workers: 1, Verify: -1, Cover: cover}
			if _, err := h.Run(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
