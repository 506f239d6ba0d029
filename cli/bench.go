package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"simrun/bench"
	"simrun/sim"
	"simrun/view"
)

// Speed is measured by package bench. What this command adds is which scenarios are measured. A scenario says which of
// its runs count: one in which hardly anything was done, or nobody judged, is fast and says nothing.

// A benchRecord is a row as bench --json prints it. Figures that a row does not have are left out.
type benchRecord struct {
	Name           string             `json:"name"`
	EventsPerS     float64            `json:"events_per_s,omitempty"`
	RunsPerS       float64            `json:"runs_per_s,omitempty"`
	AllocsPerEvent float64            `json:"allocs_per_event"`
	VirtualPerS    float64            `json:"virtual_s_per_s,omitempty"` // seconds of virtual time in a second
	Set            string             `json:"set,omitempty"`             // the settings of whole runs that are not the defaults
	Ratio          float64            `json:"ratio,omitempty"`
	To             string             `json:"ratio_to,omitempty"`        // of judges: what the ratio is to
	Unknown        float64            `json:"unknown,omitempty"`         // of judges: the share of runs for which the budget was too small
	Guarded        float64            `json:"ratio_unguarded,omitempty"` // to the same without the guard and without counting faults
	Counted        float64            `json:"counted,omitempty"`         // the share of runs that count towards runs_per_s
	EventsPerRun   float64            `json:"events_per_run,omitempty"`
	FaultsPerRun   float64            `json:"faults_per_run,omitempty"`
	Tallies        map[string]float64 `json:"tallies,omitempty"` // a run
}

// The sizes of a bench: rounds, handler calls a round and row, runs a
// round and row. Quick ones serve to see that it works.
type benchSize struct {
	rounds      int
	calls, runs uint64
}

var (
	fullBench  = benchSize{9, 300_000, 150}
	quickBench = benchSize{1, 20_000, 5}
)

// bench makes the command that measures speed.
func (c *command) bench() *cobra.Command {
	var asJSON, quick bool
	cmd := &cobra.Command{
		Use:   "bench [SCENARIO ...]",
		Short: "Measure events and runs a second, against the least that a simulator can do",
		Long: "Measures, in one process and by turns: a loop over a heap of closures; a bare loop with nodes behind an interface and\n" +
			"keyed picks; a world with the same nodes and one property, without hashes; with a hash over all content; and with all that\n" +
			"runs have, the hash of events and effects, checkpoints and counts of faults; each with 100 and with 10,000 messages in\n" +
			"flight. Then whole runs of each scenario, or of those named, on one core, on all, and on one without that guard and those\n" +
			"counts, with the settings that the scenario is measured with and default faults. Of the runs those count that did what their\n" +
			"scenario is for. Where a property can judge in several ways, each judges the same runs again.",
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			return c.offered(given), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, names []string) error {
			size := fullBench
			if quick {
				size = quickBench
			}
			scenarios, err := c.named(names)
			if err != nil {
				return err
			}
			return c.doBench(scenarios, size, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a row")
	cmd.Flags().BoolVar(&quick, "quick", false, "measure hardly anything: to see that it works")
	return cmd
}

// named returns the scenarios of these names, each once; all, if there are none.
func (c *command) named(names []string) ([]*sim.Scenario, error) {
	if len(names) == 0 {
		return c.scenarios, nil
	}
	var list []*sim.Scenario
	for _, name := range names {
		s, err := c.scenario(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list, nil
}

// doBench prints the rows as they are measured, so that a slow machine shows that it works. Rows of the
// engine come first: they need no scenario.
func (c *command) doBench(scenarios []*sim.Scenario, size benchSize, asJSON bool) error {
	if !asJSON {
		fmt.Fprintf(c.out, "%-20s %14s %10s %14s   %s\n", "", "handled/s", "runs/s", "allocs/event", "ratio")
	}
	for _, depth := range []struct {
		inFlight int
		suffix   string
	}{{100, ""}, {10_000, "/10000"}} {
		rows, err := bench.Engine(depth.inFlight, size.calls, size.rounds, depth.suffix)
		if err != nil {
			return &ending{exitUnknown, err.Error()}
		}
		c.printRows(rows, "", asJSON)
		if c.ctx.Err() != nil {
			return interrupted()
		}
	}
	for _, s := range scenarios {
		counts := s.Counts
		if counts == nil {
			counts = func(*sim.Verdict) bool { return true }
		}
		rows, err := bench.Runs(s, size.runs, size.rounds, counts)
		if err != nil {
			return &ending{exitUnknown, err.Error()}
		}
		c.printRows(rows, s.Bench, asJSON)
		if !asJSON {
			c.tellPerRun(s, &rows[0])
		}
		judges, err := bench.Judges(s, size.runs, size.rounds)
		if err != nil {
			return &ending{exitUnknown, err.Error()}
		}
		c.printRows(judges, s.Bench, asJSON)
		if c.ctx.Err() != nil {
			return interrupted()
		}
	}
	return nil
}

// ratioTo says what the ratio of a row is to; of the rows of whole runs it is one core.
var ratioTo = map[string]string{"bare": "closure", "unhashed": "bare", "unguarded": "unhashed", "world": "bare"}

// printRows prints rows and flushes: the next ones take seconds.
func (c *command) printRows(rows []bench.Row, set string, asJSON bool) {
	for _, r := range rows {
		if asJSON {
			c.printJSON(benchRecord{r.Name, round(r.EventsPerS, 0), round(r.RunsPerS, 1), round(r.AllocsPerEvent, 3), round(r.VirtualPerS, 1), set, round(r.Ratio, 3), r.To, round(r.PerRun.Undecided, 4), round(r.Guarded, 3),
				round(r.PerRun.Counted, 4), round(r.PerRun.Events, 1), round(r.PerRun.Faults, 1), rounded(r.PerRun.Tallies)})
			continue
		}
		runs, ratio := "", ""
		if r.RunsPerS > 0 {
			runs = view.Number(uint64(r.RunsPerS))
		}
		if r.Ratio > 0 {
			base, _, _ := strings.Cut(r.Name, "/")
			to := cmp.Or(r.To, ratioTo[base], "core")
			ratio = fmt.Sprintf("%.2f of %s", r.Ratio, to)
		}
		if r.Guarded > 0 {
			ratio = strings.TrimPrefix(fmt.Sprintf("%s, %.2f of unguarded", ratio, r.Guarded), ", ")
		}
		if r.EventsPerS == 0 && r.PerRun.Undecided > 0 {
			ratio = strings.TrimPrefix(fmt.Sprintf("%s, no answer for %.1f %%", ratio, 100*r.PerRun.Undecided), ", ")
		}
		events, allocs := "", ""
		if r.EventsPerS > 0 {
			events, allocs = view.Number(uint64(r.EventsPerS)), fmt.Sprintf("%.3f", r.AllocsPerEvent)
		}
		fmt.Fprintf(c.out, "%-20s %14s %10s %14s   %s\n", r.Name, events, runs, allocs, ratio)
	}
	c.out.Flush()
}

// tellPerRun prints what the measured runs were made of.
func (c *command) tellPerRun(s *sim.Scenario, r *bench.Row) {
	p := &r.PerRun
	if s.Bench != "" {
		fmt.Fprintf(c.out, "  with %s\n", s.Bench)
	}
	fmt.Fprintf(c.out, "  on one core a second has %s seconds of virtual time\n", view.Number(uint64(r.VirtualPerS)))
	text := fmt.Sprintf("%.0f events, %.1f faults", p.Events, p.Faults)
	for _, name := range p.TallyNames() {
		text += fmt.Sprintf(", %.1f %s", p.Tallies[name], name)
	}
	fmt.Fprint(c.out, view.Wrap("  a run has ", text))
	if p.Counted < 1 {
		fmt.Fprintf(c.out, "  %.1f %% of the runs count; the others did too little of what %s is for\n", 100*p.Counted, s.Name)
	}
	if p.Violations > 0 {
		c.warn("%.2f %% of the measured runs failed: see %s hunt %s", 100*p.Violations, c.name, s.Name)
	}
}

// round rounds to a number of decimals, so that JSON holds no noise.
func round(x float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(x*p) / p
}

// rounded is round for a table.
func rounded(m map[string]float64) map[string]float64 {
	r := make(map[string]float64, len(m))
	for k, x := range m {
		r[k] = round(x, 2)
	}
	return r
}
