package cli

import (
	"fmt"
	"math"
	"time"

	"simrun/view"
	"simrun/zoo"
)

// A scoreRecord is a bug under a profile as zoo score --json prints it. A number of seeds that was not reached is null.
type scoreRecord struct {
	Bug      string         `json:"bug"`
	ID       string         `json:"id,omitempty"`
	Masked   bool           `json:"masked,omitempty"`
	Profile  string         `json:"profile"`
	Ranges   int            `json:"ranges"`
	Hard     bool           `json:"hard"`
	Found    bool           `json:"found"`
	Inner    quantileRecord `json:"inner"`
	Outer    quantileRecord `json:"outer"`
	Breaks   string         `json:"breaks"` // the property that is to catch it
	CaughtBy map[string]int `json:"caught_by"`
	Inside   map[string]int `json:"caught_inside_by"`
	Small    *zoo.Small     `json:"small,omitempty"`
	Seconds  float64        `json:"elapsed_s"` // of a range, in the middle
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

func recordOfScore(s *zoo.Score) scoreRecord {
	return scoreRecord{s.Bug.Name, s.Bug.ID, s.Bug.Masked != "", s.Profile, len(s.Results), s.Hard, s.Found(), quantiles(s.Inner()), quantiles(s.Outer()),
		s.Bug.Breaks, sharesOf(s.Caught()), sharesOf(s.CaughtInside()), s.Small, s.Seconds()}
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
}

// showScore shows how far a score has come.
func (m *meter) showScore(done, total int, elapsed time.Duration, last *zoo.Result) {
	seeds := "not found"
	if last.Outer != nil {
		seeds = "found in " + view.Number(last.Outer.Seed-last.From+1) + " seeds"
	}
	line := fmt.Sprintf("%d/%d ranges  %s  %s %s", done, total, elapsed.Round(time.Second), last.Bug, seeds)
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
			m.print(scoreProgress{done, total, last.Bug, elapsed.Seconds()})
		}
	}
}
