package zoo

import (
	"context"
	"math"
	"strings"
	"testing"

	"simrun/sim/chance"
)

// geometric makes a campaign of one bug which each seed shows with the same probability, so that it takes as many in the middle as is said; under the second profile the
// ratio times that.
func geometric(draw, median uint64, ratio float64) Campaign {
	c := Campaign{Bugs: []*Bug{{Name: "a/b"}}, Profiles: []string{"swarm", "calm"}, Ranges: 20, Budget: 100_000, Workers: 1, Key: func(*Bug) (string, error) { return "", nil }}
	c.Try = func(_ context.Context, _ *Bug, trial Trial) (r Result, err error) {
		m, other := float64(median), uint64(0)
		if trial.Profile != "swarm" {
			m, other = m*ratio, 1
		}
		even := (float64(chance.Mix(draw, median+other<<32, trial.From)>>11) + 0.5) / (1 << 53)
		if n := math.Ceil(math.Log2(even) * -m); n <= float64(trial.To-trial.From) {
			r.Outer = &Seen{Seed: trial.From + uint64(n) - 1, Property: "agreement"}
		}
		r.Seconds = 1
		return r, nil
	}
	return c
}

// Fails if what a campaign says of bugs that are known flatters: if its intervals, for all that it stops early, hold the true median less often than nine times in ten, if its
// medians are below the true one more often than not, or if the first profile wins against one that is as good, or by more than it is better.
func TestCampaignsDoNotFlatter(t *testing.T) {
	const campaigns = 400
	for _, median := range []uint64{40, 5000, 15_000, 25_000, 60_000, 100_000} {
		for _, ratio := range []float64{1, 8} {
			missed, below, all, logs := 0, 0, 0, 0.0
			for draw := range uint64(campaigns) {
				scores, err := geometric(draw, median, ratio).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				e := scores[0].Outer().Median
				if e.Low > float64(median) || e.High < float64(median) {
					missed++
				}
				if e.Value < float64(median) {
					below++
				}
				if v, ok := scores[1].Against(&scores[0]); ok {
					all++
					logs += math.Log(v.counts())
				}
			}
			if missed > campaigns/10 {
				t.Errorf("median %d: %d of %d intervals miss it", median, missed, campaigns)
			}
			if below > campaigns*55/100 {
				t.Errorf("median %d: %d of %d estimates are below it", median, below, campaigns)
			}
			if mean := math.Exp(logs / float64(all)); mean > ratio || mean < ratio/6 {
				t.Errorf("median %d: a profile that takes %v times the seeds is said to take %.2f times, in the mean of %d", median, ratio, mean, all)
			}
		}
	}
}

// Fails if an interval of a mean is told of so few bugs that it is too narrow. The logarithms are even, as those of bugs of which each profile likes some.
func TestMeansOfFewHold(t *testing.T) {
	missed := 0
	const trials = 1000
	for k := range uint64(trials) {
		var c Comparison
		var logs []float64
		for i := range uint64(manyBugs) {
			logs = append(logs, float64(chance.Mix(k, i, 3)>>11)/(1<<52)-1)
		}
		if c.mean(logs); c.Low > 1 || c.High < 1 {
			missed++
		}
	}
	t.Logf("%d of %d miss", missed, trials)
	if missed > trials*125/1000 {
		t.Errorf("%d of %d intervals of %d bugs miss the true mean", missed, trials, manyBugs)
	}
}

// Fails if what was not found in fewer seeds than the first takes counts as fewer seeds.
func TestBeyondIsNeverFewer(t *testing.T) {
	var c Comparison
	c.add(Versus{Ratio: 0.25, Beyond: true})
	if c.More != 1 || c.Fewer != 0 {
		t.Errorf("got %+v", c)
	}
}

// Fails if shares do not begin with the most frequent one, if the time is another than that in the middle, or if of two bugs that were not found the one that was seen now and
// then counts as slower.
func TestOrders(t *testing.T) {
	a, b := &Bug{Name: "a/rarely"}, &Bug{Name: "a/never"}
	s := []Score{scored(a, "", 1000, 5, 7, 0, 0, 0), scored(b, "", 1000, 0, 0, 0)}
	s[0].Results[0].Outer.Property = "order"
	s[0].Results[2].Outer = &Seen{Seed: s[0].Results[2].From, Property: "agreement"}
	for i, x := range []float64{9, 1, 2, 8, 3} {
		s[0].Results[i].Seconds = x
	}
	if got := s[0].Caught(); len(got) != 2 || got[0] != (Share{"agreement", 2}) || s[0].Seconds() != 3 {
		t.Errorf("caught by %v, in %v seconds", got, s[0].Seconds())
	}
	s[0].Results[2].Outer = nil
	var w strings.Builder
	if err := Slowest(&w, s, 1); err != nil || !strings.Contains(w.String(), "| a/never | >1,000 |") {
		t.Errorf("%v: the slowest is\n%s", err, w.String())
	}
}

// Fails if ranges of a file do not begin where they did when they were shorter for the profile that is compared.
func TestPublishedRangesBeginAlike(t *testing.T) {
	b := &Bug{Name: "a/b"}
	p := Publish([]Score{scored(b, "", 1000, 5, 7, 9), scored(b, "calm", 500, 5, 7, 9)}, 1000, 3, "")
	s, err := p.Scores(Zoo{b})
	if err != nil || len(s) != 2 || s[1].Results[2].From != 2000 || s[1].Results[2].To != 2500 {
		t.Errorf("%v: %+v", err, s)
	}
}

// Fails if a program in the cache, or a result in a log, is taken for one of another patch of the same name.
func TestKeyKnowsThePatch(t *testing.T) {
	b := Builder{Root: t.TempDir(), Cache: t.TempDir()}
	keys := make(map[string]bool)
	for _, bug := range []*Bug{{Name: "a/b", Patch: "+x\n"}, {Name: "a/b", Patch: "+y\n"}, {Name: "a/c", Patch: "+x\n"}} {
		key, err := b.Key(bug)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = true
	}
	if len(keys) != 3 {
		t.Errorf("three programs have %d keys", len(keys))
	}
}
