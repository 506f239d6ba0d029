package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"simrun/view"
	"simrun/zoo"
)

// A scoreRecord is a bug under a profile as zoo score --json prints it. A number of seeds that was not reached is null.
type scoreRecord struct {
	Bug      string          `json:"bug"`
	ID       string          `json:"id,omitempty"`
	Masked   bool            `json:"masked,omitempty"`
	Profile  string          `json:"profile"`
	Budget   uint64          `json:"budget"` // seeds in a range
	Ranges   int             `json:"ranges"`
	Hard     bool            `json:"hard"`
	Found    bool            `json:"found"`
	Inner    quantileRecord  `json:"inner"`
	Outer    quantileRecord  `json:"outer"`
	Breaks   string          `json:"breaks"` // the property that is to catch it
	CaughtBy map[string]int  `json:"caught_by"`
	Expected bool            `json:"expected"`          // all of these are what the header says
	Against  *againstRecord  `json:"against,omitempty"` // how it compares with the first profile, if it is another and one of them found the bug
	Inside   map[string]int  `json:"caught_inside_by"`
	Small    *zoo.Small      `json:"small,omitempty"`
	Seconds  float64         `json:"elapsed_s"`          // of a range, in the middle
	Coverage *coverageRecord `json:"coverage,omitempty"` // what its runs reached
}

// A quantileRecord is how many seeds it takes.
type quantileRecord struct {
	Median     *float64 `json:"median"`
	MedianLow  *float64 `json:"median_low"`
	MedianHigh *float64 `json:"median_high"`
	P90        *float64 `json:"p90"`
	P90Low     *float64 `json:"p90_low"`
	P90High    *float64 `json:"p90_high"`
}

// An againstRecord compares two profiles with a bug.
type againstRecord struct {
	Profile string  `json:"profile"`
	Ratio   float64 `json:"ratio"`  // of the medians
	Beyond  bool    `json:"beyond"` // it is more than that
	Behind  bool    `json:"behind"` // it is less
}

// printScores prints a record of each score; those of one bug stand together.
func (c *command) printScores(scores []zoo.Score) {
	first := &scores[0]
	for i := range scores {
		s := &scores[i]
		if s.Bug != first.Bug {
			first = s
		}
		r := recordOfScore(s)
		if v, ok := s.Against(first); ok && s != first {
			r.Against = &againstRecord{first.Profile, v.Ratio, v.Beyond, v.Behind}
		}
		c.printJSON(r)
	}
}

func recordOfScore(s *zoo.Score) scoreRecord {
	expected := !slices.ContainsFunc(s.Caught(), func(x zoo.Share) bool { return !s.Bug.Expects(x.Property) })
	return scoreRecord{Bug: s.Bug.Name, ID: s.Bug.ID, Masked: s.Bug.Masked != "", Profile: s.Profile, Budget: s.Budget, Ranges: len(s.Results), Hard: s.Hard, Found: s.Found(),
		Inner: quantiles(s.Inner()), Outer: quantiles(s.Outer()), Breaks: s.Bug.Breaks, CaughtBy: sharesOf(s.Caught()), Expected: expected, Inside: sharesOf(s.CaughtInside()),
		Small: s.Small, Seconds: *cmp.Or(finite(s.Seconds()), new(float64)), Coverage: coverageOf(s.Coverage())}
}

func quantiles(q zoo.Quantiles) quantileRecord {
	return quantileRecord{finite(q.Median.Value), finite(q.Median.Low), finite(q.Median.High), finite(q.Most.Value), finite(q.Most.Low), finite(q.Most.High)}
}

// finite is nil for infinity, which JSON does not have.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func sharesOf(list []zoo.Share) map[string]int {
	m := make(map[string]int)
	for _, s := range list {
		m[s.Property] = s.Ranges
	}
	return m
}

// A scoreProgress is a line of --progress=json of zoo score.
type scoreProgress struct {
	Done    int     `json:"done"`
	Total   int     `json:"total"` // as far as known: bugs that are found soon are tried again
	Bug     string  `json:"bug"`   // tried last
	Seconds float64 `json:"elapsed_s"`
	Left    float64 `json:"left_s"` // what the rest may take
}

// showScore shows how far a score has come.
func (m *meter) showScore(p zoo.Progress, elapsed time.Duration) {
	seeds, last := "not found", p.Last
	if last.Outer != nil {
		seeds = "found in " + view.Number(last.Outer.Seed-last.From+1) + " seeds"
	}
	line := fmt.Sprintf("%d/%d ranges  %s, about %s left  %s %s", p.Done, p.Total, elapsed.Round(time.Second), p.Left.Round(time.Second), last.Bug, seeds)
	switch m.style {
	case "tty":
		fmt.Fprintf(m.w, "\r\x1b[K%s", shorten(line, m.width-1))
		m.drawn = true
	case "plain":
		if elapsed-m.shown >= plainEvery {
			m.shown = elapsed
			fmt.Fprintln(m.w, line)
		}
	case "json":
		if elapsed-m.shown >= jsonEvery {
			m.shown = elapsed
			m.print(scoreProgress{p.Done, p.Total, last.Bug, elapsed.Seconds(), p.Left.Seconds()})
		}
	}
}
