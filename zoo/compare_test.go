package zoo

import (
	"math"
	"strings"
	"testing"
)

// scored makes a score of a bug from how many seeds its ranges took; 0: not found.
func scored(b *Bug, profile string, budget uint64, seeds ...uint64) Score {
	s := Score{Bug: b, Profile: profile, Budget: budget, Whole: true}
	for i, n := range seeds {
		r := Result{Trial: Trial{Bug: b.Name, Profile: profile, From: uint64(i) * 1e6, To: uint64(i)*1e6 + budget}, Seconds: 1}
		if n > 0 {
			r.Outer = &Seen{r.From + n - 1, "agreement", "t"}
		}
		s.Results = append(s.Results, r)
	}
	return s
}

// Fails if a bound passes for a figure, or stands for one that is better for the first profile than the truth can be.
func TestAgainst(t *testing.T) {
	b := &Bug{Name: "a/b", Breaks: "agreement"}
	for _, c := range []struct {
		first, second Score
		text          string
		counts        float64
		ok            bool
	}{
		{scored(b, "", 1000, 10, 10, 10), scored(b, "x", 1000, 85, 85, 85), "8.5×", 8.5, true},
		{scored(b, "", 1000, 85, 85, 85), scored(b, "x", 1000, 10, 10, 10), "0.12×", 10.0 / 85, true},
		{scored(b, "", 1000, 1, 1, 1), scored(b, "x", 500, 45, 45, 45), "45×", 30, true},                   // known, and counts as no more than 30
		{scored(b, "", 1000, 20, 20, 20), scored(b, "x", 600, 0, 0, 0), ">30×", 30, true},                  // as far as it was followed
		{scored(b, "", 1000, 1, 1, 1), scored(b, "x", 500, 0, 0, 0), ">30×", 30, true},                     // and no further, though 500 were tried
		{scored(b, "", 1000, 400, 400, 400), scored(b, "x", 1000, 0, 0, 0), ">2.5×", 2.5, true},            // the budget was over
		{scored(b, "", 1000, 0, 0, 0), scored(b, "x", 1000, 500, 500, 500), "<0.5×", 1.0 / 30, true},       // who knows what it would have taken
		{scored(b, "", 1000, 0, 0, 0), scored(b, "x", 1000, 10, 10, 10), "<0.01×", 0.01, true},             // the bound is worse
		{scored(b, "", 1000, 0, 0, 0), scored(b, "x", 500, 10, 10, 10), "<0.01×", 0.01, true},              // the first was tried in more
		{scored(b, "", 1000, 0, 0, 0), scored(b, "x", 1000, 0, 0, 0), "", 0, false},                        // nothing is known
		{scored(b, "", 1000, 3), scored(b, "x", 0), "", 0, false},                                          // it was not tried
		{scored(&Bug{Masked: "so"}, "", 9, 1), scored(&Bug{Masked: "so"}, "x", 9, 1), "", 0, false},        // no bug
		{scored(b, "", 1000, 5, 5, 0, 0), scored(b, "x", 1000, 5, 5, 5), "<0.005×", 0.005, true},           // half of the ranges is not the middle
		{scored(b, "", 1000, 10, 10, 10), scored(b, "x", 500, 10, 10, 0, 0, 0), ">30×", 30, true},          // the same of the other
		{scored(b, "", 1000, 1000, 1000, 1000), scored(b, "x", 1000, 0, 0, 0), ">1×", 1, true},             // nothing is won
		{scored(b, "", 1000, 100, 100, 100), scored(b, "x", 1000, 100, 100, 100, 100, 100), "1×", 1, true}, // as many
	} {
		v, ok := c.second.Against(&c.first)
		if ok != c.ok || ok && (v.String() != c.text || math.Abs(v.counts()-c.counts) > 1e-9) {
			t.Errorf("got %v (%v, %t), want %s (%v, %t)", v, v.counts(), ok, c.text, c.counts, c.ok)
		}
	}
}

// Fails if the mean is not the geometric one over the bugs that count, if counts are wrong, or if the interval depends on chance or does not hold the mean.
func TestCompare(t *testing.T) {
	var scores []Score
	for i, n := range [][2]uint64{{10, 20}, {10, 80}, {40, 10}, {7, 7}, {0, 50}, {0, 0}, {100, 0}} {
		b := &Bug{Name: "a/" + string(rune('a'+i)), Breaks: "agreement"}
		scores = append(scores, scored(b, "", 1000, n[0], n[0], n[0]), scored(b, "x", 1000, n[1], n[1], n[1]))
	}
	masked := &Bug{Name: "a/z", Masked: "so"}
	scores = append(scores, scored(masked, "", 1000, 0), scored(masked, "x", 1000, 0), scored(&Bug{Name: "b/alone"}, "", 1000, 3))
	got := Compare(scores)
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	c := got[0]
	want := math.Pow(2*8*0.25*1*(1.0/30)*10, 1.0/6)
	if c.Bugs != 6 || c.Neither != 1 || c.More != 3 || c.Fewer != 2 || c.Only != 1 || c.Beyond != 1 || math.Abs(c.Ratio-want) > 1e-9 {
		t.Errorf("got %+v, want a ratio of %v", c, want)
	}
	if c.Low >= c.Ratio || c.High <= c.Ratio || c.Low < 1.0/30 || c.High > 10 {
		t.Errorf("the interval is %v to %v", c.Low, c.High)
	}
	if again := Compare(scores)[0]; again != c {
		t.Errorf("once %+v and then %+v", c, again)
	}
	const text = "x takes 1× the seeds of swarm in the geometric mean of 6 bugs, too few for an interval: more for 3, fewer for 2, as many for 1. " +
		"It does not find 1 in what was tried, which count as no more than that, and as 30× at most. Only x finds 1, which count as 1/30 or less. Neither finds 1, which do not count."
	if c.String() != text {
		t.Errorf("got\n%s\nwant\n%s", c.String(), text)
	}
	c.Bugs = manyBugs
	if got := c.String(); !strings.Contains(got, " of 20 bugs (nine times in ten between 0.29× and 3.7×): more for 3") {
		t.Errorf("got\n%s", got)
	}
}

// Fails if the interval misses the true mean more often than it says: logarithms of ratios are drawn from a known distribution by a fixed sequence.
func TestMeansHold(t *testing.T) {
	state, missed := uint64(7), 0
	const trials = 200
	for range trials {
		var logs []float64
		for range 60 { // even from -1 to 1
			state = state*6364136223846793005 + 1442695040888963407
			logs = append(logs, float64(state>>11)/(1<<52)-1)
		}
		var c Comparison
		if c.mean(logs); c.Low > 1 || c.High < 1 {
			missed++
		}
	}
	if missed > trials*15/100 || missed < trials*4/100 {
		t.Errorf("%d of %d intervals miss the true mean: it should be about one in ten", missed, trials)
	}
}

// Fails if a table that compares profiles has a line for each, or says a bound as a figure.
func TestTableOfProfiles(t *testing.T) {
	a, b := &Bug{Name: "a/a", Breaks: "agreement"}, &Bug{Name: "b/b", Breaks: "agreement"}
	scores := []Score{scored(a, "swarm", 1000, 40, 40, 40), scored(a, "calm", 1000, 340, 340, 340), scored(a, Strategy+"flp", 1000, 0, 0, 0), scored(b, "swarm", 1000, 5), scored(b, "calm", 0)}
	var w strings.Builder
	if err := Table(&w, scores); err != nil {
		t.Fatal(err)
	}
	want := `bug  inner  outer  between     nine in ten  ranges  time  caught by       calm  strategy flp  shrinks to
a/a   none     40  0 – >1,000           40       3  1.0s  agreement  340, 8.5×  >1,000, >25×
b/b   none      5  0 – >1,000            5       1  1.0s  agreement          –             –
`
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
	w.Reset()
	if err := Plot(&w, scores); err != nil || !strings.Contains(w.String(), "● strategy flp") || strings.Count(w.String(), `r="2.5"`) != 1 {
		t.Errorf("%v: the plot lacks a profile:\n%s", err, w.String())
	}
}

// Fails if bugs that were measured first under one profile are told as if it had been another: a file of scores may have been made in parts.
func TestCompareKeepsFirstsApart(t *testing.T) {
	a, b, c := &Bug{Name: "a/a"}, &Bug{Name: "a/b"}, &Bug{Name: "a/c"}
	got := Compare([]Score{
		scored(a, "", 1000, 10, 10, 10), scored(a, "calm", 1000, 20, 20, 20),
		scored(b, "crash", 1000, 10, 10, 10), scored(b, "calm", 1000, 80, 80, 80),
		scored(c, "swarm", 1000, 10, 10, 10), scored(c, "calm", 1000, 20, 20, 20),
	})
	if len(got) != 2 || got[0].Bugs != 2 || math.Abs(got[0].Ratio-2) > 1e-9 || got[1].First != "crash" || got[1].Bugs != 1 || math.Abs(got[1].Ratio-8) > 1e-9 {
		t.Errorf("got %+v", got)
	}
}
