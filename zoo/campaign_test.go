package zoo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Fails if ranges are tried that cannot matter any more, or one is left out that can: a bug that was missed in three of five is not found in the middle.
func TestHopelessRanges(t *testing.T) {
	const miss = 5000
	for want, seeds := range map[string][]uint64{
		"3 true":  {miss, miss, miss, 1, 1, 1, 1, 1},
		"4 true":  {miss, miss, 1, miss, 1, 1, 1, 1},
		"5 true":  {miss, 1, 1, miss, miss, 1, 1, 1},
		"8 false": {miss, miss, 1, 1, 1, 1, 1, 1},
	} {
		c := takes(map[string][]uint64{"a/easy": seeds}, 3)
		c.Bugs = c.Bugs[:1]
		scores, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(len(scores[0].Results), " ", scores[0].Hard); got != want || scores[0].Found() == scores[0].Hard {
			t.Errorf("%v: %s ranges and a mark, want %s; found %t", seeds, got, want, scores[0].Found())
		}
	}
}

// Fails if a profile that is compared is tried further than it must be, or less far, in other ranges than the first, or before it is known how far.
func TestOthersAreFollowedSoFar(t *testing.T) {
	c := takes(map[string][]uint64{"a/easy": {2}, "a/hard": {20}, "a/masked": {2000}, "a/never": {2000}}, 2)
	c.Profiles = []string{"swarm", "calm"}
	scores, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range scores {
		if s.Profile == "calm" {
			got = append(got, fmt.Sprintf("%s %d of %d", s.Bug.Name, len(s.Results), s.Budget))
			for i, r := range s.Results {
				if r.From != uint64(i)*1000 || r.To != r.From+s.Budget {
					t.Errorf("%s: range %d is %d:%d", s.Bug.Name, i, r.From, r.To)
				}
			}
		}
	}
	// 30 times 2 is less than some hundred; 30 times 20 is not; and where nothing was found it is all.
	if want := "a/easy 5 of 500, a/hard 5 of 600, a/masked 1 of 1000, a/never 3 of 1000"; strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// Fails if what takes long is not left for the end, or another profile is tried while the first has something to do.
func TestOrderOfRanges(t *testing.T) {
	c := takes(map[string][]uint64{"a/easy": {1}, "a/hard": {100}, "a/masked": {2000}, "a/never": {2000}}, 1)
	c.Profiles, c.Ranges = []string{"swarm", "calm"}, 5
	try := c.Try
	var order []string
	c.Try = func(ctx context.Context, b *Bug, trial Trial) (Result, error) {
		r, err := try(ctx, b, trial)
		r.Seconds = float64(r.Runs)
		order = append(order, fmt.Sprint(b.Name[2:3], trial.Profile[:1], trial.From/1000))
		return r, err
	}
	c.Shrink = func(_ context.Context, b *Bug, _ *Seen) (*Small, error) {
		order = append(order, "small-"+b.Name[2:3])
		return &Small{}, nil
	}
	if _, err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = "es0 hs0 ms0 ns0 es1 es2 es3 es4 hs1 hs2 hs3 hs4 ns1 ns2 small-e small-h"
	if got := strings.Join(order, " "); !strings.HasPrefix(got, want) || strings.Contains(strings.TrimPrefix(got, want), "s0") {
		t.Errorf("got  %s\nwant %s and then the other profile", got, want)
	}
}

// Fails if the end is not in sight: at the last result nothing is left, and before it the estimate is what the rest then takes.
func TestProgress(t *testing.T) {
	c := takes(map[string][]uint64{"a/easy": {1}, "a/hard": {100}, "a/masked": {2000}, "a/never": {2000}}, 1)
	var seen []Progress
	c.Progress = func(p Progress) { seen = append(seen, p) }
	if _, err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, p := range seen {
		if p.Done != i+1 || p.Last == nil || p.Total < p.Done {
			t.Errorf("after %d results: %+v", i+1, p)
		}
	}
	last := seen[len(seen)-1]
	if last.Left != 0 || last.Total != 8+8+1+3 {
		t.Errorf("at the end: %+v", last)
	}
	if all := slices.IndexFunc(seen, func(p Progress) bool { return p.Done == 4 }); seen[all].Left != 16*time.Second { // each takes a second, and the one that misses is tried twice more
		t.Errorf("when each bug was tried once %v were left", seen[all].Left)
	}
}

// Fails if results that were kept are not found again when there are many, or the last one of a trial, which knows what it shrinks to, does not hold.
func TestKnownResults(t *testing.T) {
	c := takes(someTake, 1)
	small := &Small{Faults: 7}
	old := Result{Trial: Trial{Bug: "a/easy", From: 0, To: 1000}, Key: "key of a/easy", Outer: &Seen{4, "agreement", "token"}}
	new := old
	new.Small = small
	c.Known = []Result{old, new}
	c.Shrink = func(_ context.Context, b *Bug, _ *Seen) (*Small, error) { return &Small{Faults: 1}, nil }
	scores, err := c.Run(t.Context())
	if err != nil || scores[0].Small != small || scores[0].Results[0].Outer.Seed != 4 || scores[1].Small.Faults != 1 {
		t.Errorf("%v, %+v", err, scores[0])
	}
}

// Fails if what is seen behind the first ranges ends a campaign, as it did: then the doubt is not what the interval says, and with more workers there are more ranges.
func TestOnlyTheFirstRangesDecide(t *testing.T) {
	const miss = 5000
	for name, seeds := range map[string][]uint64{
		"missed later": {1, 1, 1, 1, 1, miss, miss, miss, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		"slow later":   {1, 1, 150, 500, 500, 500, 500, 500, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
	} {
		for _, workers := range []int{1, 4} {
			c := takes(map[string][]uint64{"a/easy": seeds}, workers)
			c.Bugs, c.Ranges = c.Bugs[:1], len(seeds)
			total := 0
			c.Progress = func(p Progress) { total = p.Total }
			scores, err := c.Run(t.Context())
			if s := &scores[0]; err != nil || len(s.Results) != c.Ranges || s.Hard || !s.Whole || total != c.Ranges {
				t.Errorf("%s, with %d workers: %v, %d ranges of %d, a mark: %t; %d were expected", name, workers, err, len(s.Results), c.Ranges, s.Hard, total)
			}
		}
	}
}

// Fails if a fifth range is asked for while the fourth may be the last: with two workers there would be five, and with one four.
func TestFourthRangeMayBeTheLast(t *testing.T) {
	c := Campaign{Ranges: 20, Budget: 1000}
	for missed, want := range []int{5, 5, 4, 3} {
		j := &job{bug: &Bug{}, budget: c.Budget}
		for i := range uint64(3) {
			r := Result{Trial: Trial{From: 1000 * i, To: 1000 * (i + 1)}}
			if int(i) >= missed {
				r.Outer = &Seen{Seed: r.From}
			}
			j.results = append(j.results, r)
		}
		if c.plan(j); j.want != want {
			t.Errorf("%d of three missed: %d ranges are asked for, want %d", missed, j.want, want)
		}
	}
}

// Fails if a bug that only another profile finds is not made small, or one that both find is made small twice.
func TestShrinksWhatAnyProfileFinds(t *testing.T) {
	for first, want := range map[string]string{"": "calm", "swarm": "swarm"} {
		c := takes(map[string][]uint64{"a/easy": {1}}, 1)
		c.Bugs, c.Profiles = c.Bugs[:1], []string{"swarm", "calm"}
		try, small := c.Try, ""
		c.Try = func(ctx context.Context, b *Bug, trial Trial) (Result, error) {
			r, err := try(ctx, b, trial)
			if trial.Profile == "swarm" && first == "" {
				r.Outer = nil
			} else {
				r.Outer.Token = trial.Profile
			}
			return r, err
		}
		c.Shrink = func(_ context.Context, _ *Bug, run *Seen) (*Small, error) {
			small += run.Token
			return &Small{}, nil
		}
		if _, err := c.Run(t.Context()); err != nil || small != want {
			t.Errorf("%v: made small %q, want %q", err, small, want)
		}
	}
}
