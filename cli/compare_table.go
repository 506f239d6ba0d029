package cli

import (
	"fmt"
	"slices"
	"strings"

	"simrun/figures"
	"simrun/sim"
	"simrun/view"
)

// A comparison for people: a column for each design, a row for each figure.

// tellComparison prints the table.
func (c *command) tellComparison(x *comparison) {
	head := fmt.Sprintf("seed %#x", x.from)
	if x.to-x.from > 1 {
		head = fmt.Sprintf("seeds %d:%d", x.from, x.to)
	}
	fmt.Fprintf(c.out, "%s  %s  %s\n", x.scenario.Name, head, x.faults())
	rows := x.table()
	widths := make([]int, len(x.designs)+1)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line := "  " + fmt.Sprintf("%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			line += "  " + fmt.Sprintf("%*s", widths[i+1], cell)
		}
		fmt.Fprintln(c.out, strings.TrimRight(line, " "))
	}
	for _, d := range x.designs {
		if d.failing != "" {
			fmt.Fprintf(c.out, "  %s fails: %s\n", d.setting, c.replayLine(d.failing, false))
		}
	}
}

// faults says which faults there were.
func (x *comparison) faults() string {
	profile := profileName(x.designs[0].cfg)
	switch {
	case x.given:
		return "the given plan in each"
	case x.to-x.from > 1:
		return fmt.Sprintf("the same faults in each, by profile %s", profile)
	}
	return fmt.Sprintf("the same faults in each, drawn by profile %s for %s", profile, x.drawnFor)
}

// table is the figures, a row each; those that no design has are left out, and a cell of those that some have not is a dash.
func (x *comparison) table() (rows [][]string) {
	add := func(name string, cell func(d *design) string) {
		row, some := []string{name}, false
		for _, d := range x.designs {
			text := cell(d)
			if some = some || text != ""; text == "" {
				text = "-"
			}
			row = append(row, text)
		}
		if some {
			rows = append(rows, row)
		}
	}
	add("", func(d *design) string { return d.setting })
	add("verdict", func(d *design) string { return d.verdicts() })
	add("outside the model", func(d *design) string { return unlessNone(d.outside) })
	add("answered", func(d *design) string {
		return fmt.Sprintf("%s of %s", view.Number(d.sum.Answered), view.Number(d.sum.Asked))
	})
	add("a second", func(d *design) string {
		if d.sum.PerSecond() == 0 {
			return ""
		}
		return perSecond(d.sum.PerSecond())
	})
	for _, kind := range x.kinds() {
		addTimes(add, kind, func(d *design) *figures.Times {
			for i := range d.sum.Kinds {
				if d.sum.Kinds[i].Name == kind {
					return &d.sum.Kinds[i].Latency
				}
			}
			return &figures.Times{}
		})
	}
	add("without a leader", func(d *design) string {
		if d.sum.Leader.Watched == 0 {
			return ""
		}
		return view.Duration(d.sum.Leader.Without)
	})
	add("leaders elected", func(d *design) string { return unlessNone(d.sum.Leader.Elected) })
	addTimes(add, "recovery", func(d *design) *figures.Times { return &d.sum.Recovery.Served })
	add("messages an answer", func(d *design) string {
		var all uint64
		for _, m := range d.sum.Sent {
			all += m.N
		}
		if d.sum.Answered == 0 {
			return ""
		}
		return fmt.Sprintf("%.1f", float64(all)/float64(d.sum.Answered))
	})
	return rows
}

// addTimes adds rows of durations.
func addTimes(add func(string, func(*design) string), name string, of func(*design) *figures.Times) {
	for _, q := range []struct {
		name    string
		percent float64
		least   uint64
	}{{"p50", 50, 1}, {"p90", 90, 1}, {"p99", 99, enoughFor99}, {"most", 100, 1}} {
		add(name+" "+q.name, func(d *design) string {
			if t := of(d); t.Count >= q.least {
				return view.Duration(t.Quantile(q.percent))
			}
			return ""
		})
	}
}

// unlessNone is a number, and nothing for none.
func unlessNone(n uint64) string {
	if n == 0 {
		return ""
	}
	return view.Number(n)
}

// kinds lists the kinds of operations of all designs.
func (x *comparison) kinds() (names []string) {
	for _, d := range x.designs {
		for i := range d.sum.Kinds {
			names = append(names, d.sum.Kinds[i].Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// verdicts says how many runs ended how: "ok" if one did, "24 ok, 1 violated".
func (d *design) verdicts() string {
	var text []string
	for o, n := range d.outcomes {
		if n > 0 {
			text = append(text, view.Number(n)+" "+sim.Outcome(o).String())
		}
	}
	if d.sum.Runs == 1 {
		return strings.TrimPrefix(text[0], "1 ")
	}
	return strings.Join(text, ", ")
}
