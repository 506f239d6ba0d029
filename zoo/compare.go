package zoo

import (
	"fmt"
	"math"
	"slices"

	"simrun/sim/chance"
)

// How profiles compare is told by ratios of medians, and medians are not always known: what was not found in the seeds that were tried takes more than these. Where such a
// bound stands for a figure it is the one that is worse for the first profile, whose merit is in question.

// Far is how many times the first profile's median others are tried. What they take beyond is not measured, and counts as so many times.
const Far = 30

// A Versus is how a profile fares with a bug, against the first one.
type Versus struct {
	Ratio  float64 // of the medians of outer seeds, this profile's to the first one's
	Beyond bool    // this profile did not find it, so the ratio is greater
	Behind bool    // the first one did not, so the ratio is less
}

// Against compares a score with that of the first profile. It is false if there is nothing to say: neither found the bug, it is masked, or it was not tried.
func (s *Score) Against(first *Score) (v Versus, ok bool) {
	if s.Bug.Masked != "" || len(s.Results) == 0 || len(first.Results) == 0 || !s.Found() && !first.Found() {
		return v, false
	}
	v.Beyond, v.Behind = !s.Found(), !first.Found()
	v.Ratio = min(s.Outer().Median.Value, float64(s.Budget)) / min(first.Outer().Median.Value, float64(first.Budget))
	return v, true
}

// counts is what the ratio counts as in a mean: Far at most, and at most 1/Far where the first did not find the bug.
func (v Versus) counts() float64 {
	if v.Behind {
		return min(v.Ratio, 1.0/Far)
	}
	return min(v.Ratio, Far)
}

// String says "8.5×", ">30×" or "<0.2×".
func (v Versus) String() string {
	switch {
	case v.Beyond:
		return ">" + times(min(v.Ratio, Far))
	case v.Behind:
		return "<" + times(v.Ratio)
	}
	return times(v.Ratio)
}

// times prints a factor with two digits that count.
func times(x float64) string {
	if x >= 10 {
		return fmt.Sprintf("%.0f×", x)
	}
	return fmt.Sprintf("%.2g×", x)
}

// A Comparison says how two profiles fare with the same bugs.
type Comparison struct {
	First, Second string
	Bugs          int // that at least one of them found
	Neither       int // that none of them found: they do not count
	More          int // of Bugs, for how many the second takes more seeds in the middle
	Fewer         int // and for how many fewer
	Only          int // of Fewer: those that only the second found. Each counts as 1/Far, or as what the bounds say if that is less
	Beyond        int // of More: those that it did not find in what was tried. Each counts as what was tried, Far at most

	Ratio     float64 // the geometric mean, over Bugs, of the second's median of outer seeds to the first's
	Low, High float64 // an interval that holds nine of ten such means of as many bugs, drawn anew from these
}

// Compare compares the profiles of scores with the first one of each bug; where bugs begin with different ones, as those of a file may, each pair is told on its own. Masked bugs do not count. The mean rather understates what the first is worth: a
// bug counts as Far times at most, and one that was not found as no more than was tried. The interval is a bootstrap over bugs: what it holds is the doubt about which
// bugs one happens to have, and with that the one about their medians; draws are the same each time.
func Compare(scores []Score) (list []Comparison) {
	var logs [][]float64 // of those of the list
	for _, row := range rowsOf(scores) {
		for i := range row[1:] {
			s := &row[1+i]
			at := slices.IndexFunc(list, func(c Comparison) bool {
				return c.Second == s.Profile && orDefault(c.First) == orDefault(row[0].Profile)
			})
			if at < 0 {
				at = len(list)
				list, logs = append(list, Comparison{First: row[0].Profile, Second: s.Profile}), append(logs, nil)
			}
			if v, ok := s.Against(&row[0]); ok {
				list[at].add(v)
				logs[at] = append(logs[at], math.Log(v.counts()))
			} else if s.Bug.Masked == "" && len(s.Results) > 0 {
				list[at].Neither++
			}
		}
	}
	for i := range list {
		list[i].mean(logs[i])
	}
	return slices.DeleteFunc(list, func(c Comparison) bool { return c.Bugs == 0 })
}

// add counts a bug.
func (c *Comparison) add(v Versus) {
	c.Bugs++
	switch {
	case v.Behind || v.Ratio < 1 && !v.Beyond:
		c.Fewer++
	case v.Beyond || v.Ratio > 1:
		c.More++
	}
	if v.Behind {
		c.Only++
	}
	if v.Beyond {
		c.Beyond++
	}
}

// manyBugs is from how many bugs on an interval is told: what is drawn from a few says little of others, and its interval is too narrow. Where each profile is
// better with some, that of ten bugs misses the mean of all 13 times in a hundred, and that of twenty 12 times.
const manyBugs = 20

// resamples is how often bugs are drawn anew.
const resamples = 2000

// mean takes the geometric mean of ratios, given by their logarithms, and its interval.
func (c *Comparison) mean(logs []float64) {
	n := len(logs)
	if n == 0 {
		return
	}
	mean := func(pick func(int) int) float64 {
		sum := 0.0
		for i := range n {
			sum += logs[pick(i)]
		}
		return math.Exp(sum / float64(n))
	}
	c.Ratio = mean(func(i int) int { return i })
	var drawn []float64
	for k := range resamples {
		drawn = append(drawn, mean(func(i int) int { return int(chance.Mix(uint64(k), uint64(i), uint64(n)) % uint64(n)) }))
	}
	slices.Sort(drawn)
	c.Low, c.High = drawn[resamples/20], drawn[resamples-1-resamples/20]
}

// String says it in a sentence or two.
func (c *Comparison) String() string {
	between := ", too few for an interval"
	if c.Bugs >= manyBugs {
		between = fmt.Sprintf(" (nine times in ten between %s and %s)", times(c.Low), times(c.High))
	}
	text := fmt.Sprintf("%s takes %s the seeds of %s in the geometric mean of %d %s%s: more for %d, fewer for %d, as many for %d.",
		orDefault(c.Second), times(c.Ratio), orDefault(c.First), c.Bugs, plural(c.Bugs, "bug"), between, c.More, c.Fewer, c.Bugs-c.More-c.Fewer)
	if c.Beyond > 0 {
		text += fmt.Sprintf(" It does not find %d in what was tried, which count as no more than that, and as %d× at most.", c.Beyond, Far)
	}
	if c.Only > 0 {
		text += fmt.Sprintf(" Only %s finds %d, which count as 1/%d or less.", orDefault(c.Second), c.Only, Far)
	}
	if c.Neither > 0 {
		text += fmt.Sprintf(" Neither finds %d, which do not count.", c.Neither)
	}
	return text
}

// rowsOf splits scores where another bug begins.
func rowsOf(scores []Score) (rows [][]Score) {
	for len(scores) > 0 {
		n := slices.IndexFunc(scores, func(s Score) bool { return s.Bug != scores[0].Bug })
		if n < 0 {
			n = len(scores)
		}
		rows = append(rows, scores[:n])
		scores = scores[n:]
	}
	return rows
}
