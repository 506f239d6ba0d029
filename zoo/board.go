package zoo

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"simrun/view"
)

// A table of scores is for looking things up. What a reader wants first is said in sentences below it, and in a short table where there is no room for a long one. All
// of this is made of scores alone, whether they have just been measured or come from a file.

// A tally is what there is to count in a table. Only the first profile of each bug counts: whether the harness finds it is asked of the default.
type tally struct {
	bugs, found, masked, missing int
	hard, stale                  bool
	open                         []string // not found in more than half of the ranges, and in how many
	odd                          []string // caught by what the header does not name
}

func (t *tally) add(s *Score) {
	t.hard, t.stale = t.hard || s.Hard, t.stale || s.Stale
	switch {
	case len(s.Results) == 0:
		t.missing++
		return
	case s.Bug.Masked != "":
		t.masked++
		return
	case s.Found():
		t.found++
	case s.hits() == 0:
		t.open = append(t.open, s.Bug.Name)
	default:
		t.open = append(t.open, fmt.Sprintf("%s (found in %d of %d)", s.Bug.Name, s.hits(), len(s.Results)))
	}
	t.bugs++
	if slices.ContainsFunc(s.Caught(), func(c Share) bool { return !s.Bug.Expects(c.Property) }) {
		t.odd = append(t.odd, s.Bug.Name)
	}
}

// Notes are what is to be said below a table of scores, a sentence or some each.
func Notes(scores []Score) (notes []string) {
	var t tally
	for _, row := range rowsOf(scores) {
		t.add(&row[0])
	}
	add := func(when bool, format string, args ...any) {
		if when {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	add(t.bugs > 0, "%d of %d %s found in more than half of %s ranges%s.", t.found, t.bugs, choose(t.bugs, "bug is", "bugs are"), choose(t.bugs, "its", "their"), ofSeeds(scores))
	add(len(t.open) > 0, "Open: %s.", strings.Join(t.open, ", "))
	add(t.masked > 0, "%d more %s masked: nobody is to see what %s.", t.masked, choose(t.masked, "patch is", "patches are"), choose(t.masked, "it does", "they do"))
	add(len(t.odd) > 0, "Caught by another property than the header names, in some range at least: %s.", strings.Join(t.odd, ", "))
	add(t.hard, "* takes long, so fewer ranges were tried.")
	add(t.stale, "† was measured of another patch than the one that is there now.")
	add(t.missing > 0, "%d %s not measured yet.", t.missing, choose(t.missing, "is", "are"))
	for _, c := range Compare(scores) {
		notes = append(notes, c.String())
	}
	return notes
}

// ofSeeds says how long the ranges of first profiles are, if they are of one length. What is kept in one file is, but scores may come from elsewhere.
func ofSeeds(scores []Score) string {
	var budget uint64
	for _, row := range rowsOf(scores) {
		switch b := row[0].Budget; {
		case len(row[0].Results) == 0 || b == budget:
		case budget == 0:
			budget = b
		default:
			return ""
		}
	}
	if budget == 0 {
		return ""
	}
	return ", of " + view.Number(budget) + " seeds each"
}

// choose chooses a word by whether there is one.
func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Board prints a table of scores in Markdown with what is to be said of it: about above, notes below.
func Board(w io.Writer, scores []Score, about string) error {
	if _, err := fmt.Fprintf(w, "%s\n\n", about); err != nil {
		return err
	}
	if err := Markdown(w, scores); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, n := range Notes(scores) {
		fmt.Fprintf(&b, "- %s\n", strings.Replace(n, "* ", `\* `, 1)) // a star would begin another list
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Summary prints a short table of scores in Markdown, a line a folder, and how profiles compare. What was not measured does not stand in it; about says what was.
func Summary(w io.Writer, scores []Score, about string) error {
	rows := slices.DeleteFunc(rowsOf(scores), func(row []Score) bool { return len(row[0].Results) == 0 || row[0].Bug.Masked != "" })
	profiles := others(rows)
	right := []bool{false, true, true, true, false}
	table := [][]string{{"bugs in", "bugs", "found", "seeds", "the slowest"}}
	for _, p := range profiles {
		table[0], right = append(table[0], orDefault(p)), append(right, true)
	}
	for start := 0; start < len(rows); { // bugs are sorted by name, so those of a folder stand together
		folder := path.Dir(rows[start][0].Bug.Name)
		end := start
		for end < len(rows) && path.Dir(rows[end][0].Bug.Name) == folder {
			end++
		}
		table = append(table, summaryOf(folder, rows[start:end], profiles))
		start = end
	}
	all := slices.Concat(rows...) // without what does not stand in the table, so that the sentence below is about the same bugs
	text := ""
	if len(rows) > 0 {
		text = markdown(append(table, summaryOf("all", rows, profiles)), right) + "\n"
	}
	text += about + "\n"
	for _, c := range Compare(all) {
		text += "\n" + c.String() + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// summaryOf is a line of the short table. The figure of a folder is the median of medians: a mean would be that of its slowest bug, and those that were not found have none.
func summaryOf(name string, rows [][]Score, profiles []string) []string {
	found := 0
	var medians []float64
	slowest := rows[0]
	for _, row := range rows {
		if row[0].Found() {
			found++
		}
		medians = append(medians, row[0].Outer().Median.Value)
		if slower(row, slowest) < 0 {
			slowest = row
		}
	}
	middle := QuantilesOf(medians).Median.Value
	line := []string{name, fmt.Sprint(len(rows)), fmt.Sprint(found), seedsOf(&rows[0][0], middle),
		path.Base(slowest[0].Bug.Name) + ", " + seedsOf(&slowest[0], slowest[0].Outer().Median.Value)}
	for _, p := range profiles {
		cell := nothing
		for _, c := range Compare(slices.Concat(rows...)) {
			if c.Second == p {
				cell = times(c.Ratio)
			}
		}
		line = append(line, cell)
	}
	return line
}

// Slowest prints a table of the bugs that take the most seeds in the middle, n of them, in Markdown: first those that were not found, then the slowest.
func Slowest(w io.Writer, scores []Score, n int) error {
	rows := slices.DeleteFunc(rowsOf(scores), func(row []Score) bool { return len(row[0].Results) == 0 || row[0].Bug.Masked != "" })
	slices.SortStableFunc(rows, slower)
	table := [][]string{{"bug", "outer", "inner", "found", "needs", "what it is"}}
	for _, row := range rows[:min(n, len(rows))] {
		s := &row[0]
		table = append(table, []string{s.Bug.Name, seedsOf(s, s.Outer().Median.Value), inside(s), fmt.Sprintf("%d of %d", s.hits(), len(s.Results)), s.Bug.NeedsText(), s.Bug.Title})
	}
	_, err := io.WriteString(w, markdown(table, []bool{false, true, true, true, false, false}))
	return err
}

// slower orders bugs by what they take in the middle, the slowest first, and those that were not found by how rarely they were.
func slower(a, b []Score) int {
	x, y := &a[0], &b[0]
	return cmp.Or(cmp.Compare(y.Outer().Median.Value, x.Outer().Median.Value), cmp.Compare(x.hits()*len(y.Results), y.hits()*len(x.Results)))
}

// hits counts the ranges in which a user could see the bug.
func (s *Score) hits() (n int) {
	for i := range s.Results {
		if s.Results[i].Outer != nil {
			n++
		}
	}
	return n
}
