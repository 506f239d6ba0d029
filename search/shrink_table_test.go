package search_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/multicast"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
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

// String is the line of the variant, with its scenario.
func (v variant) String() string { return v.scenario.Name + " " + v.set + " | " + v.property }

// mistakes are the wrong variants of the scenarios of this repository, each a line: the settings, the property, how many steps the smallest counter-example has that is
// known, 0 if none is, and what they are where it was counted by hand; and the profile, if it is not the default one. A step is a delivery, a timer that fires or a crash. What is known is
// from search over small models, breadth-first for Paxos: they have no timers, no clients and no disks, and nothing happens in them beside what is needed.
var mistakes = map[*sim.Scenario]string{
	paxos.Scenario(): `
		durable=false | agreement | 11
		durable=false | backed | 1
		acceptors=4 quorum=2 | agreement | 10
		acceptors=4 quorum=2 | safe-at | 4 # two promises, each asked for
		mistake=deaf | agreement | 10
		mistake=deaf | safe-at | 5 # of one acceptor, a promise to p1, an acceptance, a promise to p2
		mistake=same-ballots | agreement | 8
		mistake=same-ballots | one-value-per-ballot | 4 # of one acceptor, a promise to each
		mistake=forgets-promises | agreement | 11
		mistake=forgets-promises | promise-monotone | 3 # a1 promises, crashes, and promises less
		mistake=adds-ballots-up | integrity | 16
		mistake=no-back-off acceptors=9 proposers=5 | termination | 0 | none`,
	paxoskv.Scenario(): `
		durable=false | agreement | 11
		durable=false | backed | 1
		mistake=executes-twice | linearizability | 0
		mistake=reads-locally | linearizability | 8`,
	twopc.Scenario(): `
		durable=false | backed | 2
		durable=false | ac1-agreement | 8
		heuristic=true | ac1-agreement | 8
		mistake=votes-unforced | ac1-agreement | 8
		mistake=tells-unforced | ac1-agreement | 10
		mistake=acknowledges-unforced | ac1-agreement | 12
		mistake=counts-messages | ac3-validity | 8
		mistake=counts-earlier | ac3-validity | 14
		mistake=says-aborted | ac1-agreement | 10
		mistake=guesses | ac1-agreement | 0
		mistake=forgets-early | ac1-agreement | 0
		mistake=presumes-commit | ac3-validity | 0
		mistake=begins-unforced variant=presumed-commit | ac3-validity | 8
		mistake=ignores-the-silent recovery=true | ac1-agreement | 8
		mistake=trusts-one recovery=true | ac1-agreement | 0
		mistake=obeys-the-old recovery=true cooperative=false | ac1-agreement | 0`,
	twopc.Bank(): `
		locks=none | serializable | 0
		locks=none | conserved | 0
		locks=early | serializable | 0
		mistake=forgets-locks | serializable | 0
		mistake=forgets-work | conserved | 0
		mistake=refuses-when-asked | ac1-agreement | 8`,
	threepc.Scenario(): `
		mistake=p-aborts no=0 | ac1-agreement | 0
		mistake=w-aborts-p-commits no=0 | ac1-agreement | 10
		mistake=moves-nobody no=0 | all-prepared | 9
		mistake=w-before-p no=0 | no-mixed-states | 9
		mistake=recovered-take-part no=0 | ac1-agreement | 0
		mistake=recovered-decide no=0 | ac1-agreement | 0
		mistake=trusts-the-dead no=0 | ac1-agreement | 0
		mistake=votes-unforced no=0 | ac1-agreement | 8
		mistake=tells-unforced no=0 | ac1-agreement | 10`,
	e3pc.Scenario(): `
		quorum=1 | attempt-safe | 0
		mistake=no-fence transactions=4 no=0 | elections-rise | 0
		mistake=silence-consents transactions=4 no=0 | attempt-safe | 0
		mistake=forgets-attempt transactions=4 no=0 | elections-rise | 0
		mistake=forgets-election transactions=1 no=0 | one-leader | 0
		mistake=committable-over-all transactions=4 no=0 | attempt-safe | 0
		mistake=shares-numbers transactions=4 no=0 | one-leader | 0
		mistake=leader-unacknowledged transactions=1 no=0 | decision-safe | 0
		mistake=coordinator-unacknowledged | decision-safe | 3 # a transaction begins, is put to the vote of one, who votes
		mistake=aborts-alone | decision-safe | 3 # the same, but that it waits for an answer in vain`,
	multicast.Scenario(): `
		mistake=skips | total-order | 0
		mistake=own-first | total-order | 0
		mistake=one-acceptance | total-order | 0
		mistake=deaf | total-order | 0
		mistake=deaf | safe-at | 0
		mistake=moves-on | integrity | 0
		mistake=newest-first | causal-order | 0
		mistake=never-asks | delivery | 0`,
	election.Scenario(): `
		mistake=self-crowned | agreement | 0
		mistake=deaf | agreement | 0
		mistake=deaf | safe-at | 0
		mistake=nominates | validity | 0
		mistake=late-count | one-at-a-time | 0
		mistake=any-life | one-at-a-time | 0
		mistake=impatient | one-at-a-time | 0
		mistake=never-resigns | one-at-a-time | 0`,
	bracha.Scenario(): `
		mistake=no-echo | agreement | 0 | byzantine
		mistake=majority nodes=5 senders=1 | agreement | 0 | byzantine
		mistake=one-ready | validity | 0 | byzantine
		mistake=no-amplify | totality | 0 | byzantine
		mistake=two-f senders=1 | totality | 0 | byzantine
		mistake=count-messages | agreement | 0 | byzantine
		mistake=any-sender | validity | 0 | byzantine`,
	chandylamport.Scenario(): `
		links=reorder | conservation | 6
		mistake=late-marker | conservation | 5
		mistake=no-channels | conservation | 4
		mistake=first-channel | conservation | 6
		mistake=late-record | conservation | 5
		mistake=second-marker | conservation | 7
		mistake=no-ids | conservation | 9
		mistake=no-incarnation restore=true | no-orphans | 0
		mistake=one-phase restore=true | no-lost | 0`,
	laiyang.Scenario(): `
		mistake=late-record | conserved-cut | 6
		mistake=late-record method=counting | conserved-cut | 6
		mistake=one-bit | conserved-cut | 0
		mistake=one-history | conserved-cut | 0
		mistake=late-whites method=counting | conserved-cut | 0
		mistake=early method=counting | conserved-cut | 0`,
	kootoueg.Scenario(): `
		mistake=sends-early | permanent-line | 7
		mistake=unsynced | backed | 8
		mistake=old-messages | no-orphans | 9
		mistake=direct-cohort | permanent-line | 0
		mistake=tells-first | backed | 0
		mistake=largest-label | no-orphans | 0
		links=reorder | no-lost | 0`,
	independent.Scenario(): `
		checkpoints=sends sends=2 | no-orphan | 6
		checkpoints=sends sends=3 | no-orphan | 6
		incarnations=false | no-orphan | 0
		incarnations=false recovery=notices | no-livelock | 0
		incarnations=false logging=optimistic | no-orphan | 0
		commit=false | output-commit | 4
		commit=false logging=optimistic | output-commit | 0`,
}

// variants reads the lines, in the order of the names of scenarios.
func variants(t *testing.T) (list []variant) {
	t.Helper()
	for s, lines := range mistakes {
		for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
			line, _, _ = strings.Cut(line, " # ")
			f := append(strings.Split(strings.TrimSpace(line), " | "), "")
			known, err := strconv.Atoi(f[2])
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, variant{s, f[0], f[1], known, f[3]})
		}
	}
	slices.SortStableFunc(list, func(a, b variant) int { return strings.Compare(a.scenario.Name, b.scenario.Name) })
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

// A row is what a variant shrinks to.
type row struct {
	seed  uint64
	r     search.Shrunk
	steps int
	cpu   time.Duration
}

// measured hunts a variant and shrinks the first run that fails; false, if none does. It fails the test if the result does not fail as that run did.
func measured(t *testing.T, v variant) (x row, ok bool) {
	t.Helper()
	c, seed, ok := found(t, v)
	if !ok {
		return row{}, false
	}
	before := worked()
	r, err := search.Shrink{Case: c, Property: v.property}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	x = row{seed, r, 0, worked() - before}
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	was, is := search.Judge(w.Run(0), v.property), search.Judge(r.Verdict, v.property)
	if !is.Failed() || was.Signature() != is.Signature() {
		t.Errorf("%s %s %s: it failed by %q and fails by %q", v.scenario.Name, v.set, v.property, was.Signature(), is.Signature())
	}
	x.r.Case.Config.Only = v.property
	x.steps = steps(t, x.r.Case)
	return x, true
}

// Some lines of the table, always. Fails if what a mistake shrinks to has become larger than this.
func TestShrinkTableIsTrue(t *testing.T) {
	for of, most := range map[string]search.Size{
		"paxos mistake=forgets-promises | agreement":         {Faults: 1, Nodes: 3, Events: 60},
		"3pc mistake=votes-unforced no=0 | ac1-agreement":    {Faults: 2, Nodes: 3, Events: 70},
		"2pc durable=false | backed":                         {Nodes: 3, Events: 35},
		"chandy-lamport mistake=no-channels | conservation":  {Nodes: 2, Events: 32},
		"lai-yang mistake=early method=counting | conserved": {Faults: 1, Nodes: 2, Events: 32},
	} {
		judged := 0
		for _, v := range variants(t) {
			if !strings.HasPrefix(v.String(), of) {
				continue
			}
			judged++
			x, ok := measured(t, v)
			if a := x.r.After; !ok || a.Faults > most.Faults || a.Picks > 0 || a.Nodes > most.Nodes || a.Events > most.Events {
				t.Errorf("%v: seed %d shrinks to %v, want at most %v", v, x.seed, a, most)
			}
			if v.known > 0 && x.steps > 2*v.known {
				t.Errorf("%v: %d steps, and %d are known to be enough", v, x.steps, v.known)
			}
		}
		if judged != 1 {
			t.Errorf("%d lines are called %s", judged, of)
		}
	}
}

// With -shrink.table: what a failing run of each wrong variant shrinks to. Fails if a result does not fail as it should, or cannot be printed as a Go test.
func TestShrinkTable(t *testing.T) {
	if !*table {
		t.Skip("measures: give -shrink.table")
	}
	const columns = "%-15s %-52s %-20s %5v  %-16v %-14v %5v %5v  %6v %7v %9v\n"
	fmt.Printf(columns, "scenario", "mistake", "property", "seed", "before*", "after", "steps", "known", "runs", "seconds", "of a core")
	short := func(s search.Size) string { return fmt.Sprintf("%d %d %d %d", s.Faults, s.Picks, s.Nodes, s.Events) }
	var took []time.Duration
	quick, known, twice := 0, 0, 0
	for _, v := range variants(t) {
		if !strings.Contains(v.String(), *only) {
			continue
		}
		x, ok := measured(t, v)
		if !ok {
			fmt.Printf("%v: not found in 20000 seeds\n", v)
			continue
		}
		took = append(took, x.cpu)
		if x.cpu < 10*time.Second {
			quick++
		}
		if v.known > 0 {
			known++
			if x.steps <= 2*v.known {
				twice++
			}
		}
		runs := fmt.Sprint(x.r.Runs)
		if x.r.Spent {
			runs += "+" // the budget was spent
		}
		fmt.Printf(columns, v.scenario.Name, v.set, v.property, x.seed, short(x.r.Before), short(x.r.After), x.steps, v.known, runs,
			fmt.Sprintf("%.1f", x.r.Elapsed.Seconds()), fmt.Sprintf("%.1f", x.cpu.Seconds()))
		if _, err := (told.Test{Case: x.r.Case, Property: v.property}).Source(); err != nil {
			t.Errorf("%v: no test can be printed: %v", v, err)
		}
		if *full {
			file := x.r.File()
			fmt.Printf("%s\n%s\n", x.r.Verdict.Why, file.String())
		}
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		fmt.Printf("* faults, picks, nodes, events\n%d shrunk, %d of them within ten seconds of a core: half within %.1fs, nine in ten within %.1fs, all within %.1fs. Of %d with a smallest one that is known, %d have at most twice its steps\n",
			n, quick, took[n/2].Seconds(), took[n*9/10].Seconds(), took[n-1].Seconds(), known, twice)
	}
}
