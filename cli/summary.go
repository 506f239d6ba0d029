package cli

import (
	"fmt"
	"math"
	"strings"
	"time"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// The summary of a hunt is there to be distrusted. Beside the failures it says how often each kind of
// fault happened and in which share of the runs, how often each property judged, and which of the things
// that good runs reach now and then were reached: so a reader sees what the word ok is worth. People and
// programs get the same figures.

// A failureRecord is a distinct failure as hunt --json prints it.
type failureRecord struct {
	Seed      uint64 `json:"seed"` // the lowest that fails so
	Verdict   string `json:"verdict"`
	Property  string `json:"property"`
	Why       string `json:"why"`
	Signature string `json:"signature"`
	Count     uint64 `json:"count"` // how many seeds fail so
	Hash      string `json:"hash"`
	Token     string `json:"token"`

	Outside []string `json:"outside,omitempty"` // what of its plan the system is not built for

	Shrunk *smallRecord `json:"shrunk,omitempty"` // the smallest run that fails so, if it was looked for
}

// A huntRecord sums a hunt up, as the last line of hunt --json.
type huntRecord struct {
	Scenario  string  `json:"scenario"`
	Simver    int     `json:"simver"`
	Bug       string  `json:"bug,omitempty"` // that this program was compiled with
	Profile   string  `json:"profile"`
	Property  string  `json:"for_property,omitempty"`
	Runs      uint64  `json:"runs"`
	OK        uint64  `json:"ok"`
	Violated  uint64  `json:"violated"`
	Stalled   uint64  `json:"stalled"`
	Unknown   uint64  `json:"unknown"`
	Undecided float64 `json:"unknown_share"`     // the share of the runs that are unknown
	Distinct  int     `json:"distinct"`          // distinct failures
	Excused   uint64  `json:"excused,omitempty"` // of those that are ok: they stalled, as they may beyond their budget
	Outside   uint64  `json:"outside,omitempty"` // runs with faults that the system is not built for
	Spared    uint64  `json:"spared,omitempty"`  // faults that a budget held back
	Events    uint64  `json:"events"`
	Sent      uint64  `json:"sent"`
	Late      uint64  `json:"late"`
	Virtual   float64 `json:"virtual_s"` // the virtual time of all runs together
	Seconds   float64 `json:"elapsed_s"`
	RunsPerS  float64 `json:"runs_per_s"`
	From      uint64  `json:"from"` // the first seed

	Faults        map[string]uint64  `json:"faults"`        // by kind, those that could happen: how often they did
	FaultShare    map[string]float64 `json:"fault_share"`   // in which share of the runs each happened
	FaultEnabled  map[string]uint64  `json:"fault_enabled"` // in how many runs each could happen
	Sometimes     map[string]uint64  `json:"sometimes"`     // by name: how many runs reached it
	SometimeShare map[string]float64 `json:"sometimes_share"`
	Checks        map[string]uint64  `json:"checks"`                        // by property: how many times it judged
	CheckShare    map[string]float64 `json:"check_share"`                   // in which share of the runs it judged at all
	CheckUnknown  map[string]float64 `json:"check_unknown_share,omitempty"` // by property: in which share of the runs it ran out of budget, where it ever did
	Tallies       map[string]uint64  `json:"tallies"`

	Figures  *figuresRecord  `json:"figures,omitempty"`  // how well clients were served, over all runs
	Coverage *coverageRecord `json:"coverage,omitempty"` // what of the system's behaviour was reached

	NeverFired   []string `json:"never_fired"`   // possible in 1000 runs or more, and never happened
	NeverReached []string `json:"never_reached"` // of sometimes
	Failing      []uint64 `json:"failing_seeds"` // the lowest: as many as --stop-after asks for, else at most 20
	FirstInner   *uint64  `json:"first_inner"`   // the lowest seed with an inner violation, or null
	FirstOuter   *uint64  `json:"first_outer"`
	Diverged     []string `json:"diverged"` // seeds whose two runs differed
	Interrupted  bool     `json:"interrupted"`
	Twice        uint64   `json:"twice"`     // how many seeds were run twice and compared
	Elsewhere    uint64   `json:"elsewhere"` // and in another process
}

// printHunt prints a hunt as JSON.
func (c *command) printHunt(h *search.Hunt, sum *search.Summary, all []small) {
	for i := range all {
		f := &all[i]
		c.printJSON(failureRecord{f.Seed, f.Outcome.String(), f.Property, f.Why, f.Signature, f.Count, hash(f.Verdict.Hash), f.File.Token(), f.Verdict.Outside, f.record(h)})
	}
	r := huntRecord{
		Scenario: h.Scenario.Name, Simver: sim.Version, Bug: seedfile.Bug(), Profile: profileName(h.Config), Property: h.Property,
		Runs: sum.Runs, OK: sum.OK, Violated: sum.Violated, Stalled: sum.Stalled, Unknown: sum.Unknown, Undecided: share(sum.Unknown, sum.Runs), Distinct: len(sum.Failures),
		Excused: sum.Excused, Outside: sum.Outside, Spared: sum.Spared, Events: sum.Events, Sent: sum.Sent, Late: sum.Late, Virtual: sum.Virtual.Seconds(), Seconds: sum.Elapsed.Seconds(), RunsPerS: rate(sum.Runs, sum.Elapsed), From: h.From,
		Faults: map[string]uint64{}, FaultShare: map[string]float64{}, FaultEnabled: map[string]uint64{},
		Sometimes: map[string]uint64{}, SometimeShare: map[string]float64{}, Checks: map[string]uint64{}, CheckShare: map[string]float64{}, CheckUnknown: map[string]float64{},
		Tallies: map[string]uint64{}, NeverFired: []string{}, NeverReached: append([]string{}, sum.NeverReached()...),
		Failing: append([]uint64{}, sum.Failing...), FirstInner: sum.FirstInner, FirstOuter: sum.FirstOuter, Diverged: []string{}, Interrupted: sum.Interrupted,
		Twice: sum.Twice, Elsewhere: sum.Elsewhere, Figures: figuresRecordOf(&sum.Figures), Coverage: coverageOf(sum.Coverage),
	}
	for k := fault.Kind(0); k < fault.Kinds; k++ {
		if sum.Enabled[k] > 0 || sum.Faults[k] > 0 {
			r.Faults[k.String()], r.FaultEnabled[k.String()] = sum.Faults[k], sum.Enabled[k]
			r.FaultShare[k.String()] = share(sum.FaultRuns[k], sum.Runs)
		}
	}
	for _, x := range sum.Sometimes {
		r.Sometimes[x.Name], r.SometimeShare[x.Name] = x.Runs, share(x.Runs, sum.Runs)
	}
	for _, x := range sum.Checks {
		r.Checks[x.Name], r.CheckShare[x.Name] = x.Checks, share(x.Runs, sum.Runs)
		if x.Unknown > 0 {
			r.CheckUnknown[x.Name] = share(x.Unknown, sum.Runs)
		}
	}
	for _, t := range sum.Tallies {
		r.Tallies[t.Name] = t.N
	}
	for _, k := range sum.NeverFired() {
		r.NeverFired = append(r.NeverFired, k.String())
	}
	for _, d := range sum.Diverged {
		r.Diverged = append(r.Diverged, d.String())
	}
	c.printJSON(r)
}

// share is part of whole, from 0 to 1, to four decimals.
func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*1e4) / 1e4
}

// rate is how many a second, to one decimal.
func rate(n uint64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return math.Round(float64(n)/d.Seconds()*10) / 10
}

// percent prints a share as people read it. It is cut off, not rounded: 100.0 % means all, and what
// happened at all is never 0.0 %.
func percent(part, whole uint64) string {
	tenths := part * 1000 / max(whole, 1)
	if part > 0 && tenths == 0 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%d.%d %%", tenths/10, tenths%10)
}

// tellHunt prints a hunt for people: the failures, then what was tested.
func (c *command) tellHunt(h *search.Hunt, sum *search.Summary, all []small, colour bool) {
	for i := range all {
		c.tellFailure(h, &all[i], colour)
	}
	if len(sum.Diverged) > 0 {
		c.tellDivergence(&sum.Diverged[0], false)
		fmt.Fprintln(c.out)
	}
	c.tellRuns(h, sum)
	c.tellFaults(sum)
	c.tellShares(sum)
}

// tellRuns prints how much was done and what became of it.
func (c *command) tellRuns(h *search.Hunt, sum *search.Summary) {
	head := fmt.Sprintf("%s  %s runs in %s, %s a second", h.Scenario.Name, view.Number(sum.Runs), view.Duration(sum.Elapsed),
		view.Number(uint64(rate(sum.Runs, sum.Elapsed))))
	fmt.Fprintln(c.out, head)
	if bug := seedfile.Bug(); bug != "" {
		fmt.Fprintf(c.out, "  bug         %s\n", bug)
	}
	by := ""
	if h.Property != "" {
		by = ", by " + h.Property + " alone"
	}
	unknown := view.Number(sum.Unknown) + " unknown"
	if sum.Unknown > 0 {
		unknown += " (" + percent(sum.Unknown, sum.Runs) + ")"
	}
	fmt.Fprintf(c.out, "  verdicts    %s ok, %s violated, %s stalled, %s%s\n", view.Number(sum.OK), view.Number(sum.Violated),
		view.Number(sum.Stalled), unknown, by)
	if sum.Excused > 0 {
		fmt.Fprintf(c.out, "  beyond      %s of those that are ok stalled, as they may beyond their budget\n", view.Number(sum.Excused))
	}
	if sum.Outside > 0 {
		fmt.Fprint(c.out, view.Wrap("  outside     ", fmt.Sprintf("%s of the runs had faults that %s is not built for: what fails there is a lesson, and no news", view.Number(sum.Outside), h.Scenario.Name)))
	}
	if sum.Spared > 0 {
		fmt.Fprintf(c.out, "  held back   %s of the faults, by a budget\n", view.Number(sum.Spared))
	}
	if h.Guard > 0 {
		fmt.Fprintf(c.out, "  verified    %s seeds run twice, %s of them in another process too\n", view.Number(sum.Twice), view.Number(sum.Elsewhere))
	}
	if len(sum.Failing) > 0 {
		fmt.Fprint(c.out, view.Wrap("  failing     ", failing(sum)))
	}
	if sum.FirstInner != nil || sum.FirstOuter != nil {
		fmt.Fprintf(c.out, "  first seed  inner violation: %s, outer: %s\n", firstSeed(sum.FirstInner, h.From), firstSeed(sum.FirstOuter, h.From))
	}
	fmt.Fprintf(c.out, "  events      %s, %s a run, in %s of virtual time\n", view.Number(sum.Events), view.Number(sum.Events/max(sum.Runs, 1)), view.Long(sum.Virtual))
	fmt.Fprintf(c.out, "  messages    %s sent, %s of them took longer than %v\n", view.Number(sum.Sent), percent(sum.Late, sum.Sent), fault.Bound)
	var tallied []string
	for _, t := range sum.Tallies {
		tallied = append(tallied, view.Number(t.N)+" "+t.Name)
	}
	if len(tallied) > 0 {
		fmt.Fprint(c.out, view.Wrap("  figures     ", strings.Join(tallied, ", ")))
	}
	for _, f := range figureLines(&sum.Figures) {
		fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %-11s ", f.Name), f.Text))
	}
}

// failing lists the lowest failing seeds, as they are typed.
func failing(sum *search.Summary) string {
	var seeds []string
	for _, s := range sum.Failing {
		seeds = append(seeds, fmt.Sprintf("%#x", s))
	}
	text := strings.Join(seeds, ", ")
	if more := sum.Violated + sum.Stalled - uint64(len(seeds)); more > 0 {
		text += fmt.Sprintf(" and %s more", view.Number(more))
	}
	return text
}

// firstSeed prints a seed as it is typed, and how many were tried up to it; or that there is none.
func firstSeed(s *uint64, from uint64) string {
	switch {
	case s == nil:
		return "none"
	case *s == from:
		return fmt.Sprintf("%#x (1 run)", *s)
	}
	return fmt.Sprintf("%#x (%s runs)", *s, view.Number(*s-from+1))
}

// tellFaults prints a table of the faults that happened, and which others could have.
func (c *command) tellFaults(sum *search.Summary) {
	const indent = "              "
	head := "  faults      "
	var never []string
	for k := fault.Kind(0); k < fault.Kinds; k++ {
		switch {
		case sum.Faults[k] > 0:
			fmt.Fprintf(c.out, "%s%-14s %12s times, in %7s of runs (possible in %s)\n", head, k, view.Number(sum.Faults[k]),
				percent(sum.FaultRuns[k], sum.Runs), percent(sum.Enabled[k], sum.Runs))
			head = indent
		case sum.Enabled[k] > 0:
			never = append(never, fmt.Sprintf("%s (in %s)", k, percent(sum.Enabled[k], sum.Runs)))
		}
	}
	switch {
	case sum.Enabled == (fault.Counts{}):
		fmt.Fprintf(c.out, "%snone were possible\n", head)
	case len(never) > 0:
		fmt.Fprint(c.out, view.Wrap(head, "possible, and never happened: "+strings.Join(never, ", ")))
	}
}

// outOfBudget says in how many runs a property had no answer, if there are any.
func outOfBudget(x search.CheckSum, sum *search.Summary) string {
	if x.Unknown == 0 {
		return ""
	}
	return ", unknown in " + percent(x.Unknown, sum.Runs)
}

// tellShares prints in how many runs each property judged, and each thing
// was reached that good runs reach now and then.
func (c *command) tellShares(sum *search.Summary) {
	head := "  properties  "
	for _, x := range sum.Checks {
		name := x.Name
		if x.Inner {
			name += " (inner)"
		}
		if x.Checks == 0 {
			fmt.Fprintf(c.out, "%s%-28s never judged\n", head, name)
		} else {
			fmt.Fprintf(c.out, "%s%-28s %12s checks, in %7s of runs%s\n", head, name, view.Number(x.Checks), percent(x.Runs, sum.Runs), outOfBudget(x, sum))
		}
		head = "              "
	}
	head = "  reached     "
	for _, x := range sum.Sometimes {
		if x.Runs == 0 {
			fmt.Fprintf(c.out, "%s%-28s NEVER\n", head, x.Name)
		} else {
			fmt.Fprintf(c.out, "%s%-28s in %7s of runs\n", head, x.Name, percent(x.Runs, sum.Runs))
		}
		head = "              "
	}
}
