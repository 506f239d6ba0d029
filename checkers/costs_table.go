package checkers

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"simrun/sim"
)

// costs is the property "costs".
type costs struct {
	*ledger
	expect    func(measured Cost) (formula Cost, ok bool)
	disturbed bool
	rows      []row
	checks    uint64
}

// A row is a transaction in the table: what it has cost, and what it should have, if that is known.
type row struct {
	measured, formula Cost
	judged            bool
}

// Costs returns the outer property "costs": in a run that was Undisturbed each decided transaction has cost what a
// formula says. Expect is given what was measured, of which it may use all but the counts themselves (who took
// part, how they voted, what was decided), and returns what it should be; ok = false if it cannot tell. It must
// give Messages, Delays and Roles; Types are compared if it gives any. Each comparison is a check.
//
// Account is the table, with a row for each transaction: how it ended and how many voted yes, the messages sent, the delays until the last of them,
// and for each role its forced and its lazy records and the delays until the first and the last of it have decided. "10≠9" is ten
// where the formula says nine.
//
// It keeps runs from ending early: the last acknowledgements cost something too.
func Costs(c Costing, expect func(measured Cost) (formula Cost, ok bool)) sim.Property {
	return &costs{ledger: newLedger(c), expect: expect}
}

func (c *costs) Name() string        { return "costs" }
func (c *costs) Inner() bool         { return false }
func (c *costs) Watches() []sim.Kind { return everyKind() }
func (c *costs) Finished() bool      { return false }
func (c *costs) Checks() uint64      { return c.checks }

// Observe only adds up.
func (c *costs) Observe(e *sim.Event) error {
	c.observe(e)
	return nil
}

// End compares, and tells the first transactions that differ.
func (c *costs) End(w *sim.World) (sim.Result, error) {
	c.disturbed = !w.Undisturbed()
	var wrong []string
	for _, a := range c.order {
		r := row{measured: a.Cost}
		if !c.disturbed && a.Decided {
			r.formula, r.judged = c.expect(a.Cost)
		}
		c.rows = append(c.rows, r)
		if !r.judged {
			continue
		}
		c.checks++
		if diff := r.differences(); len(diff) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s took %s", say(a.Tx), strings.Join(diff, ", ")))
		}
	}
	if n := len(wrong) - fewSentences; n > 0 {
		wrong = append(wrong[:fewSentences], fmt.Sprintf("and %d more transactions", n))
	}
	if len(wrong) > 0 {
		return sim.Holds, errors.New(strings.Join(wrong, "; "))
	}
	return sim.Holds, nil
}

// A figure is one number of a row.
type figure struct {
	measured, formula int
	what              string // "messages"
}

// figures lists the numbers of a row that are in the table, for these roles.
func (r *row) figures(roles []string) []figure {
	all := []figure{
		{r.measured.Messages, r.formula.Messages, "messages"},
		{r.measured.Delays, r.formula.Delays, "delays"},
	}
	for _, name := range roles {
		m, f := r.measured.role(name), r.formula.role(name)
		all = append(all, figure{m.Forced, f.Forced, name + " forced"}, figure{m.Unforced, f.Unforced, name + " unforced"},
			figure{m.First, f.First, name + " first decides"}, figure{m.Last, f.Last, name + " last decides"})
	}
	return all
}

// differences says what the formula does not.
func (r *row) differences() (all []string) {
	figures := r.figures(roles(*r))
	if len(r.formula.Types) > 0 {
		for _, t := range r.measured.Types {
			figures = append(figures, figure{t.N, r.formula.ofType(t.Type), t.Type})
		}
		for _, t := range r.formula.Types {
			if r.measured.ofType(t.Type) == 0 {
				figures = append(figures, figure{0, t.N, t.Type})
			}
		}
	}
	for _, f := range figures {
		if f.measured != f.formula {
			all = append(all, fmt.Sprintf("%d %s instead of %d", f.measured, f.what, f.formula))
		}
	}
	return all
}

// roles lists the roles that have a share in some row.
func roles(rows ...row) (names []string) {
	var all Cost
	for _, r := range rows {
		for _, x := range append(r.measured.Roles[:len(r.measured.Roles):len(r.measured.Roles)], r.formula.Roles...) {
			all.share(x.Role)
		}
	}
	for _, x := range all.Roles {
		names = append(names, x.Role)
	}
	return names
}

// Account returns the table.
func (c *costs) Account() string {
	if len(c.rows) == 0 {
		return ""
	}
	columns := roles(c.rows...)
	lines := [][]string{{"", "", "", "", ""}, {"transaction", "outcome", "yes", "sent", "delays"}}
	for _, name := range columns {
		lines[0] = append(lines[0], name, "", "")
		lines[1] = append(lines[1], "forced", "lazy", "decides")
	}
	differ, judged := 0, 0
	for i := range c.rows {
		lines = append(lines, c.rows[i].cells(columns))
		if c.rows[i].judged {
			judged++
		}
		if len(c.rows[i].differences()) > 0 && c.rows[i].judged {
			differ++
		}
	}
	text := table(lines)
	switch {
	case c.disturbed:
		text += "not compared with what it should be: the run was disturbed"
	case differ > 0:
		text += fmt.Sprintf("%d of %d transactions differ from the formulas", differ, judged)
	default:
		text += fmt.Sprintf("%d of %d transactions compared: as the formulas say", judged, len(c.rows))
	}
	return text
}

// table aligns the cells of lines, of which the first names groups of columns: it widens none.
func table(lines [][]string) string {
	widths := make([]int, len(lines[1]))
	for _, l := range lines[1:] {
		for i, cell := range l {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, l := range lines {
		var text string
		at := 0 // where the column begins
		for i, cell := range l {
			if n > 0 || cell != "" {
				text += strings.Repeat(" ", max(at-utf8.RuneCountInString(text), 0)) + cell
			}
			at += widths[i] + 2
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}

// cells prints a row.
func (r *row) cells(columns []string) []string {
	m, f := &r.measured, &r.formula
	name, outcome := say(m.Tx), "open"
	if f.Label != "" {
		name += " " + f.Label
	}
	if m.Decided {
		outcome = map[bool]string{true: "commit", false: "abort"}[m.Commit]
	}
	cells := []string{name, outcome, fmt.Sprintf("%d/%d", m.Yes, m.Participants)}
	add := func(measured, formula string) {
		if r.judged && measured != formula {
			measured += "≠" + formula
		}
		cells = append(cells, measured)
	}
	add(fmt.Sprint(m.Messages), fmt.Sprint(f.Messages))
	add(fmt.Sprint(m.Delays), fmt.Sprint(f.Delays))
	for _, name := range columns {
		x, y := m.role(name), f.role(name)
		add(fmt.Sprint(x.Forced), fmt.Sprint(y.Forced))
		add(fmt.Sprint(x.Unforced), fmt.Sprint(y.Unforced))
		add(x.decides(), y.decides())
	}
	return cells
}

// decides prints the delays until a role has decided: "3", or "1-3".
func (r RoleCost) decides() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}
