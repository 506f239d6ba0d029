package checkers

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

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
// Account is the table, with a row for each transaction: "9 =" is nine as the formula says, "10, not 9" is not.
// Its columns "decides" are the delays until the first and the last of a role have decided.
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
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	columns := roles(c.rows...)
	fmt.Fprint(t, "transaction\toutcome\tyes\tmessages\tdelays")
	for _, name := range columns {
		fmt.Fprintf(t, "\t%s forced\tunforced\tdecides", name)
	}
	fmt.Fprintln(t)
	for i := range c.rows {
		fmt.Fprintln(t, strings.Join(c.rows[i].cells(columns), "\t"))
	}
	t.Flush()
	if c.disturbed {
		b.WriteString("not compared with what it should be: the run was disturbed\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// cells prints a row.
func (r *row) cells(columns []string) []string {
	m, f := &r.measured, &r.formula
	name, outcome := say(m.Tx), "undecided"
	if f.Label != "" {
		name += " " + f.Label
	}
	if m.Decided {
		outcome = map[bool]string{true: "commit", false: "abort"}[m.Commit]
	}
	cells := []string{name, outcome, fmt.Sprintf("%d of %d", m.Yes, m.Participants)}
	add := func(measured, formula string) {
		switch {
		case r.judged && measured == formula:
			measured += " ="
		case r.judged:
			measured += ", not " + formula
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
