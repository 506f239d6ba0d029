package zoo

import (
	"math"
	"slices"

	"simrun/search"
)

// A Trial is one attempt at finding a bug: seeds From to To, without To, one after the other, until a user would see it.
type Trial struct {
	Bug     string `json:"bug"`
	Profile string `json:"profile"` // that draws the faults, or what is in its place: see [Strategy]
	From    uint64 `json:"from"`
	To      uint64 `json:"to"`
	Without string `json:"without,omitempty"` // names of properties that are not heard, with commas between them
}

// A Seen is a failure that a trial met.
type Seen struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Token    string `json:"token"` // of the run; "" if properties are not heard
}

// A Result is how a trial went.
type Result struct {
	Trial
	Key     string  `json:"key"` // of the program that made the runs: another program may come to something else
	Runs    uint64  `json:"runs"`
	Events  uint64  `json:"events"`
	Inner   *Seen   `json:"inner"` // the first failures, of a property that looks inside nodes and of one that a user could see; nil: none in these seeds
	Outer   *Seen   `json:"outer"`
	Small   *Small  `json:"small,omitempty"` // what the outer failure shrinks to, if somebody tried
	Seconds float64 `json:"elapsed_s"`

	Coverage *search.Coverage `json:"coverage,omitempty"` // what the runs reached; nil: nobody looked
}

// seeds returns how many seeds it took, and infinity if all were not enough.
func (r *Result) seeds(s *Seen) float64 {
	if s == nil {
		return math.Inf(1)
	}
	return float64(s.Seed - r.From + 1)
}

// Inner is how many seeds it takes until a property that looks inside nodes complains. In a range that ends before, that counts as never.
func (s *Score) Inner() Quantiles { return s.quantiles(func(r *Result) *Seen { return r.Inner }) }

// Outer is how many seeds it takes until a user could see the bug.
func (s *Score) Outer() Quantiles { return s.quantiles(func(r *Result) *Seen { return r.Outer }) }

// A Score is what is known of one bug under one profile.
type Score struct {
	Bug     *Bug
	Profile string
	Budget  uint64   // seeds in a range; 0: it was not tried
	Results []Result // of ranges that do not overlap, in their order
	Whole   bool     // all ranges that are to be tried were
	Hard    bool     // it takes so long that few ranges were tried
	Stale   bool     // the patch has changed since
	Small   *Small   // what its first outer failure shrinks to; nil: nobody tried, or there is none
}

// A Small is the size of a run that was made small.
type Small struct {
	Faults  int     `json:"faults"`
	Nodes   int     `json:"nodes"`
	Events  uint64  `json:"events"`
	Token   string  `json:"token,omitempty"` // of the small run; a published one is left out if it is very long
	Seconds float64 `json:"elapsed_s"`
}

func (s *Score) quantiles(which func(*Result) *Seen) Quantiles {
	var n []float64
	for i := range s.Results {
		n = append(n, s.Results[i].seeds(which(&s.Results[i])))
	}
	return QuantilesOf(n)
}

// Unmasked returns the first outer failure of a patch that is said to be masked: somebody can see it after all. It is nil if there is none.
func (s *Score) Unmasked() *Seen {
	for i := range s.Results {
		if s.Bug.Masked != "" && s.Results[i].Outer != nil {
			return s.Results[i].Outer
		}
	}
	return nil
}

// Found reports whether the bug was found in more than half of the ranges.
func (s *Score) Found() bool { return !math.IsInf(s.Outer().Median.Value, 1) }

// Caught counts the properties that complained first in each range, outer ones, the most frequent first.
func (s *Score) Caught() []Share { return s.caught(func(r *Result) *Seen { return r.Outer }) }

// CaughtInside does the same for inner properties.
func (s *Score) CaughtInside() []Share { return s.caught(func(r *Result) *Seen { return r.Inner }) }

// A Share is in how many ranges a property was the first.
type Share struct {
	Property string
	Ranges   int
}

func (s *Score) caught(which func(*Result) *Seen) (list []Share) {
	for i := range s.Results {
		seen := which(&s.Results[i])
		if seen == nil {
			continue
		}
		at := slices.IndexFunc(list, func(x Share) bool { return x.Property == seen.Property })
		if at < 0 {
			at = len(list)
			list = append(list, Share{Property: seen.Property})
		}
		list[at].Ranges++
	}
	slices.SortStableFunc(list, func(a, b Share) int { return b.Ranges - a.Ranges })
	return list
}

// Coverage is what all runs reached, those of one range after those of another. It is nil if nobody looked.
func (s *Score) Coverage() (all *search.Coverage) {
	for i := range s.Results {
		if c := s.Results[i].Coverage; c != nil {
			if all == nil {
				all = &search.Coverage{}
			}
			all.Add(c)
		}
	}
	return all
}

// Seconds is the time that a range took, in the middle.
func (s *Score) Seconds() float64 {
	var t []float64
	for _, r := range s.Results {
		t = append(t, r.Seconds)
	}
	return QuantilesOf(t).Median.Value
}

// An Estimate is a quantile with an interval that holds the true one nine times in ten, whatever the distribution. Infinity is beyond all that was tried.
type Estimate struct{ Value, Low, High float64 }

// Quantiles are what seeds-to-find are told by.
type Quantiles struct {
	N            int
	Median, Most Estimate // Most: nine of ten ranges need no more
}

// doubt is what an interval may miss at each of its ends.
const doubt = 0.05

// QuantilesOf estimates from independent samples. A quantile is the least sample that enough others do not exceed, and where two have the same right to
// be it, as the two in the middle of an even number, the greater: no figure shall flatter. The ends of its interval are the samples
// of such ranks that the true quantile is beyond them with a probability of at most one in twenty at each end, which the binomial
// distribution tells. Where there are too few samples for that the interval is open: from 0, or to infinity. That a campaign ends with the third range in which
// nothing was found does not spoil this: with three or four samples the interval begins at 0.
func QuantilesOf(samples []float64) Quantiles {
	x := slices.Sorted(slices.Values(samples))
	return Quantiles{len(x), estimate(x, 0.5), estimate(x, 0.9)}
}

// estimate is about the q-quantile of sorted samples.
func estimate(x []float64, q float64) Estimate {
	n := len(x)
	if n == 0 {
		return Estimate{math.Inf(1), 0, math.Inf(1)}
	}
	e := Estimate{x[min(int(q*float64(n)+1e-9), n-1)], 0, math.Inf(1)}
	// The number of samples below the true quantile is binomial (n, q). The sample of rank r is above it if fewer than r are below.
	below := 0.0
	for r := 0; r < n; r++ {
		below += binomial(n, r, q) // P(at most r samples are below)
		if below <= doubt {
			e.Low = x[r] // rank r+1
		}
		if 1-below <= doubt {
			e.High = x[r]
			break
		}
	}
	return e
}

// binomial is the probability of k successes in n attempts.
func binomial(n, k int, p float64) float64 {
	b := 1.0
	for i := range k {
		b *= float64(n-i) / float64(i+1)
	}
	return b * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
}
