package search_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/twopc"
	"simrun/search"
	"simrun/sim"
	told "simrun/steps"
)

var table = flag.Bool("shrink.table", false, "shrink a failing run of each wrong variant and print the table")
var only = flag.String("shrink.only", "", "rows of the table that contain this text")
var full = flag.Bool("shrink.full", false, "print the smallest runs too")

// A variant is a wrong setting of a scenario, the property by which it is hunted, and how many steps the smallest counter-example has that is known;
// 0 if none is.
type variant struct {
	scenario      *sim.Scenario
	set, property string
	known         int
	faults        string // the profile, if not the default one
}

// variants lists the mistakes that can be set. What is known is from breadth-first search or by hand, with each delivery, time-out and crash a step.
func variants() (list []variant) {
	add := func(s *sim.Scenario, known int, set, property string) {
		list = append(list, variant{s, set, property, known, ""})
	}
	p, kv, two, bank, e3 := paxos.Scenario(), paxoskv.Scenario(), twopc.Scenario(), twopc.Bank(), e3pc.Scenario()
	add(p, 11, "durable=false", "agreement")
	add(p, 1, "durable=false", "backed")
	add(p, 10, "acceptors=4 quorum=2", "agreement")
	add(p, 0, "acceptors=4 quorum=2", "safe-at")
	add(kv, 11, "durable=false", "agreement")
	add(kv, 1, "durable=false", "backed")
	add(two, 2, "durable=false", "backed")
	add(two, 8, "durable=false", "ac1-agreement")
	add(two, 8, "heuristic=true", "ac1-agreement")
	add(bank, 0, "locks=none", "serializable")
	add(bank, 0, "locks=none", "conserved")
	add(bank, 0, "locks=early", "serializable")
	add(e3, 0, "quorum=1", "attempt-safe")
	b := bracha.Scenario()
	for _, m := range []string{"no-echo | agreement", "majority nodes=5 senders=1 | agreement", "one-ready | validity", "no-amplify | totality", "two-f senders=1 | totality", "count-messages | agreement", "any-sender | validity"} {
		set, property, _ := strings.Cut(m, " | ")
		list = append(list, variant{b, "mistake=" + set, property, 0, "byzantine"})
	}
	cl := chandylamport.Scenario()
	add(cl, 6, "links=reorder", "conservation")
	add(cl, 5, "mistake=late-marker", "conservation")
	add(cl, 4, "mistake=no-channels", "conservation")
	add(cl, 6, "mistake=first-channel", "conservation")
	add(cl, 5, "mistake=late-record", "conservation")
	add(cl, 7, "mistake=second-marker", "conservation")
	add(cl, 9, "mistake=no-ids", "conservation")
	add(cl, 0, "mistake=no-incarnation restore=true", "no-orphans")
	add(cl, 0, "mistake=one-phase restore=true", "no-lost")
	ly := laiyang.Scenario()
	add(ly, 6, "mistake=late-record", "conserved-cut")
	add(ly, 6, "mistake=late-record method=counting", "conserved-cut")
	for _, m := range []string{"one-bit", "one-history", "late-whites method=counting", "early method=counting"} {
		add(ly, 0, "mistake="+m, "conserved-cut")
	}
	kt := kootoueg.Scenario()
	add(kt, 7, "mistake=sends-early", "permanent-line")
	add(kt, 8, "mistake=unsynced", "backed")
	add(kt, 9, "mistake=old-messages", "no-orphans")
	add(kt, 0, "mistake=direct-cohort", "permanent-line")
	add(kt, 0, "mistake=tells-first", "backed")
	add(kt, 0, "mistake=largest-label", "no-orphans")
	add(kt, 0, "links=reorder", "no-lost")
	in := independent.Scenario()
	add(in, 6, "checkpoints=sends sends=2", "no-orphan")
	add(in, 6, "checkpoints=sends sends=3", "no-orphan")
	add(in, 0, "incarnations=false", "no-orphan")
	add(in, 0, "incarnations=false recovery=notices", "no-livelock")
	add(in, 0, "incarnations=false logging=optimistic", "no-orphan")
	return list
}

// steps counts in a run what search over small models counts: what nodes handle, and what strikes them.
func steps(t *testing.T, c search.Case) (n int) {
	t.Helper()
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		switch e.Kind {
		case sim.Delivered, sim.TimerFired, sim.Crashed:
			n++
		}
	}
	return n
}

// worked is how much processor time this process has had.
func worked() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// found is a failing run of a variant, spelt out.
func found(t *testing.T, v variant) (search.Case, uint64, bool) {
	t.Helper()
	o, err := v.scenario.ParseOptions(strings.Fields(v.set))
	if err != nil {
		t.Fatalf("%s %s: %v", v.scenario.Name, v.set, err)
	}
	h := search.Hunt{Scenario: v.scenario, Config: sim.Config{Options: o, Faults: v.faults}, From: 1, To: 20_001, Property: v.property, StopAfter: 1, Verify: -1, Elsewhere: -1}
	sum, err := h.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Failing) == 0 {
		return search.Case{}, 0, false
	}
	c, _, err := search.Explicit(v.scenario, sim.Config{Options: o, Faults: v.faults, Seed: sum.Failing[0], Only: v.property})
	if err != nil {
		t.Fatal(err)
	}
	return c, sum.Failing[0], true
}

// With -shrink.table: what a failing run of each wrong variant shrinks to. Fails if a result does not fail as it should, or cannot be printed as a Go test.
func TestShrinkTable(t *testing.T) {
	if !*table {
		t.Skip("measures: give -shrink.table")
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintln(w, "scenario\tmistake\tproperty\tseed\tbefore (faults, picks, nodes, events)\tafter\tsteps\tknown\truns\tseconds\tof a core")
	var took []time.Duration
	for _, v := range variants() {
		if !strings.Contains(v.scenario.Name+" "+v.set+" | "+v.property, *only) {
			continue
		}
		c, seed, ok := found(t, v)
		if !ok {
			fmt.Fprintf(w, "%s\t%s\t%s\tnot found in 20000 seeds\n", v.scenario.Name, v.set, v.property)
			continue
		}
		before := worked()
		r, err := search.Shrink{Case: c, Property: v.property}.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		cpu := worked() - before
		took = append(took, r.Elapsed)
		short := func(s search.Size) string { return fmt.Sprintf("%d %d %d %d", s.Faults, s.Picks, s.Nodes, s.Events) }
		spent := ""
		if r.Spent {
			spent = " spent"
		}
		r.Case.Config.Only = v.property
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%d\t%d\t%d%s\t%.1f\t%.1f\n", v.scenario.Name, v.set, v.property, seed, short(r.Before), short(r.After), steps(t, r.Case), v.known,
			r.Runs, spent, r.Elapsed.Seconds(), cpu.Seconds())
		w.Flush()
		if _, err := (told.Test{Case: r.Case, Property: v.property}).Source(); err != nil {
			t.Errorf("%s %s %s: no test can be printed: %v", v.scenario.Name, v.set, v.property, err)
		}
		if *full {
			file := r.File()
			fmt.Printf("%s\n%s\n", r.Verdict.Why, file.String())
		}
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		fmt.Fprintf(w, "%d shrunk; half within %.1fs, nine in ten within %.1fs, all within %.1fs\n", n, took[n/2].Seconds(), took[n*9/10].Seconds(), took[n-1].Seconds())
	}
}
