package zoo

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"simrun/view"
)

// A column of the table of scores.
type column struct {
	title string
	right bool
	cell  func(*Score) string
}

// columns are those of the table. The budget is that of a range.
func columns(budget uint64, profiles bool) []column {
	list := []column{{"bug", false, func(s *Score) string { return s.Bug.Name }}}
	if profiles {
		list = append(list, column{"profile", false, func(s *Score) string { return orDefault(s.Profile) }})
	}
	return append(list,
		column{"inner", true, func(s *Score) string { return inside(s, budget) }},
		column{"outer", true, func(s *Score) string { return Seeds(s.Outer().Median.Value, budget) }},
		column{"between", false, func(s *Score) string { return between(s.Outer().Median, budget) }},
		column{"nine in ten", true, func(s *Score) string { return Seeds(s.Outer().Most.Value, budget) }},
		column{"ranges", true, ranges},
		column{"caught by", false, func(s *Score) string { return strings.Join(caughtBy(s), ", ") }},
		column{"shrinks to", false, func(s *Score) string { return s.Small.String() }},
	)
}

// orDefault names the profile.
func orDefault(profile string) string {
	if profile == "" {
		return "swarm"
	}
	return profile
}

// ranges says how many ranges were tried, with a mark if they are few since the bug takes long.
func ranges(s *Score) string {
	mark := ""
	if s.Hard {
		mark = "*"
	}
	return strconv.Itoa(len(s.Results)) + mark
}

// inside prints how many seeds an inner property takes. Where a user sees the bug first, ranges end before any would complain, if one ever would.
func inside(s *Score, budget uint64) string {
	if n := s.Inner().Median.Value; !math.IsInf(n, 1) || !s.Found() {
		return Seeds(n, budget)
	}
	return "none"
}

// caughtBy lists the properties that were first; the one that the bug's header names stands without a remark.
func caughtBy(s *Score) []string {
	if s.Bug.Masked != "" && len(s.Caught()) == 0 {
		return []string{"nobody: it is masked"}
	}
	var list []string
	for _, c := range s.Caught() {
		text := c.Property
		if c.Ranges < len(s.Results) {
			text += fmt.Sprintf(" %d×", c.Ranges)
		}
		switch {
		case s.Bug.Masked != "":
			text += " (it is NOT masked)"
		case c.Property != s.Bug.Breaks:
			text += " (unexpected)"
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return []string{"nobody"}
	}
	return list
}

// String says how small it is; "" for none.
func (s *Small) String() string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d %s, %d nodes, %d events", s.Faults, plural(s.Faults, "fault"), s.Nodes, s.Events)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Seeds prints a number of seeds: with commas, and what is beyond the budget of a range as more than that.
func Seeds(n float64, budget uint64) string {
	if math.IsInf(n, 1) {
		return ">" + view.Number(budget)
	}
	return view.Number(uint64(n))
}

// between prints an interval.
func between(e Estimate, budget uint64) string {
	return Seeds(e.Low, budget) + " – " + Seeds(e.High, budget)
}

// cells are the table as text, titles first.
func cells(scores []Score, list []column) [][]string {
	rows := [][]string{make([]string, len(list))}
	for i, c := range list {
		rows[0][i] = c.title
	}
	for i := range scores {
		row := make([]string, len(list))
		for k, c := range list {
			row[k] = c.cell(&scores[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// manyProfiles reports whether scores are of more than one profile.
func manyProfiles(scores []Score) bool {
	for _, s := range scores {
		if s.Profile != scores[0].Profile {
			return true
		}
	}
	return false
}

// Table prints scores for a terminal.
func Table(w io.Writer, scores []Score, budget uint64) error {
	list := columns(budget, manyProfiles(scores))
	rows := cells(scores, list)
	width := make([]int, len(list))
	for _, row := range rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, c := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if list[i].right {
				c = pad + c
			} else {
				c += pad
			}
			line += c + "  "
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown prints scores as a table in Markdown.
func Markdown(w io.Writer, scores []Score, budget uint64) error {
	list := columns(budget, manyProfiles(scores))
	var b strings.Builder
	for i, row := range cells(scores, list) {
		for k := range row {
			row[k] = strings.ReplaceAll(row[k], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i > 0 {
			continue
		}
		for _, c := range list {
			if c.right {
				b.WriteString("|--:")
			} else {
				b.WriteString("|---")
			}
		}
		b.WriteString("|\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A Comparison says how two profiles fare with the same bugs.
type Comparison struct {
	First, Second string
	Bugs          int     // that both were tried on and at least one found
	Ratio         float64 // the geometric mean, over the bugs, of the second's median of outer seeds to the first's
	AtLeast       bool    // the second did not find some within the budget, which stands for what it would have taken
	AtMost        bool    // the same of the first
}

// Compare compares the profiles of scores with the first of them, bug by bug. Masked bugs do not count.
func Compare(scores []Score, budget uint64) (list []Comparison) {
	if len(scores) == 0 {
		return nil
	}
	first := scores[0].Profile
	base := make(map[string]*Score)
	logs := make(map[string]float64)
	for i := range scores {
		s := &scores[i]
		if s.Bug.Masked != "" || len(s.Results) == 0 {
			continue
		}
		if s.Profile == first {
			base[s.Bug.Name] = s
			continue
		}
		b := base[s.Bug.Name]
		if b == nil || !b.Found() && !s.Found() {
			continue
		}
		at := len(list) - 1
		for at >= 0 && list[at].Second != s.Profile {
			at--
		}
		if at < 0 {
			at = len(list)
			list = append(list, Comparison{First: first, Second: s.Profile})
		}
		c := &list[at]
		c.Bugs++
		c.AtLeast = c.AtLeast || !s.Found()
		c.AtMost = c.AtMost || !b.Found()
		logs[s.Profile] += math.Log(within(s, budget)) - math.Log(within(b, budget))
	}
	for i := range list {
		list[i].Ratio = math.Exp(logs[list[i].Second] / float64(list[i].Bugs))
	}
	return list
}

// within is the median, or the budget if it is beyond.
func within(s *Score, budget uint64) float64 {
	return min(s.Outer().Median.Value, float64(budget))
}
