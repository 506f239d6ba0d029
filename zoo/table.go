package zoo

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"simrun/view"
)

// A column of the table of scores. A row is the scores of one bug, the first profile's first.
type column struct {
	title string
	right bool
	cell  func(row []Score) string
}

// columns are those of the table, with one for each other profile that there is a score of.
func columns(rows [][]Score) []column {
	list := []column{
		{"bug", false, func(row []Score) string { return row[0].Bug.Name }},
		{"inner", true, func(row []Score) string { return inside(&row[0]) }},
		{"outer", true, func(row []Score) string { return seedsOf(&row[0], row[0].Outer().Median.Value) }},
		{"between", false, func(row []Score) string { return between(&row[0]) }},
		{"nine in ten", true, func(row []Score) string { return seedsOf(&row[0], row[0].Outer().Most.Value) }},
		{"ranges", true, func(row []Score) string { return ranges(&row[0]) }},
		{"time", true, func(row []Score) string { return timeOf(&row[0]) }},
		{"caught by", false, func(row []Score) string { return strings.Join(caughtBy(&row[0]), ", ") }},
	}
	for _, profile := range others(rows) {
		list = append(list, column{orDefault(profile), true, func(row []Score) string { return against(row, profile) }})
	}
	return append(list, column{"shrinks to", false, func(row []Score) string { return smallOf(row).String() }})
}

// others lists the profiles that are compared with the first one, in the order in which they come.
func others(rows [][]Score) (profiles []string) {
	for _, row := range rows {
		for _, s := range row[1:] {
			if !slices.Contains(profiles, s.Profile) {
				profiles = append(profiles, s.Profile)
			}
		}
	}
	return profiles
}

// orDefault names the profile.
func orDefault(profile string) string {
	if profile == "" {
		return "swarm"
	}
	return profile
}

// nothing stands where nobody has measured.
const nothing = "–"

// against prints how a profile fares with a bug: the median, and the ratio to that of the first.
func against(row []Score, profile string) string {
	at := slices.IndexFunc(row[1:], func(s Score) bool { return s.Profile == profile }) + 1
	if at == 0 || len(row[at].Results) == 0 {
		return nothing
	}
	s := &row[at]
	text := seedsOf(s, s.Outer().Median.Value)
	if v, ok := s.Against(&row[0]); ok {
		text += ", " + v.String()
	}
	return text
}

// smallOf is what a bug shrinks to, under the first profile that found it.
func smallOf(row []Score) *Small {
	for i := range row {
		if row[i].Small != nil {
			return row[i].Small
		}
	}
	return nil
}

// seedsOf prints a number of seeds of a score.
func seedsOf(s *Score, n float64) string {
	if len(s.Results) == 0 {
		return nothing
	}
	return Seeds(n, s.Budget)
}

// ranges says how many ranges were tried, with marks if they are few since the bug takes long, or of a patch that was another.
func ranges(s *Score) string {
	text := strconv.Itoa(len(s.Results))
	if s.Hard {
		text += "*"
	}
	if s.Stale {
		text += "†"
	}
	return text
}

// timeOf prints how long a range took, in the middle.
func timeOf(s *Score) string {
	switch t := s.Seconds(); {
	case len(s.Results) == 0:
		return nothing
	case t < 10:
		return fmt.Sprintf("%.1fs", t)
	default:
		return fmt.Sprintf("%.0fs", t)
	}
}

// inside prints how many seeds an inner property takes. Where a user sees the bug first, ranges end before any would complain, if one ever would.
func inside(s *Score) string {
	if n := s.Inner().Median.Value; !math.IsInf(n, 1) || !s.Found() {
		return seedsOf(s, n)
	}
	return "none"
}

// caughtBy lists the properties that were first; those that the bug's header names stand without a remark.
func caughtBy(s *Score) []string {
	if len(s.Results) == 0 {
		return []string{"not measured yet"}
	}
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
		case !s.Bug.Expects(c.Property):
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

// between prints the interval of the median.
func between(s *Score) string {
	if len(s.Results) == 0 {
		return nothing
	}
	e := s.Outer().Median
	return Seeds(e.Low, s.Budget) + " – " + Seeds(e.High, s.Budget)
}

// cells are the table as text, titles first.
func cells(rows [][]Score, list []column) [][]string {
	text := [][]string{make([]string, len(list))}
	for i, c := range list {
		text[0][i] = c.title
	}
	for _, row := range rows {
		line := make([]string, len(list))
		for k, c := range list {
			line[k] = c.cell(row)
		}
		text = append(text, line)
	}
	return text
}

// Table prints scores for a terminal, a line a bug. Scores of one bug stand side by side, the first profile's first.
func Table(w io.Writer, scores []Score) error {
	list := columns(rowsOf(scores))
	rows := cells(rowsOf(scores), list)
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

// Markdown prints scores as a table in Markdown, as Table does.
func Markdown(w io.Writer, scores []Score) error {
	list := columns(rowsOf(scores))
	right := make([]bool, len(list))
	for i, c := range list {
		right[i] = c.right
	}
	_, err := io.WriteString(w, markdown(cells(rowsOf(scores), list), right))
	return err
}

// markdown prints rows as a table, the first as its titles.
func markdown(rows [][]string, right []bool) string {
	var b strings.Builder
	for i, row := range rows {
		for k := range row {
			row[k] = strings.ReplaceAll(row[k], "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i > 0 {
			continue
		}
		for _, r := range right {
			if r {
				b.WriteString("|--:")
			} else {
				b.WriteString("|---")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}
