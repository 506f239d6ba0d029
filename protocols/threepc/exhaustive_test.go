package threepc

import (
	"fmt"
	"runtime/debug"
	"testing"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// Every crash that can matter to one transaction of three participants: the coordinator crashes for good after each of
// its effects, and so does each backup from the moment it leads, until one participant is left. So every prefix of every
// broadcast is cut off once. Nothing else is left open: messages take 1 ms, and things of one instant happen in order.

// A tally is what was seen in all runs: how many there were, and how often a backup found each rule.
type tally struct {
	runs  int
	rules [AllUncertain + 1]int
}

// A crasher makes the runs.
type crasher struct {
	t        *testing.T
	scenario *sim.Scenario
	votes    string
	memory   sim.Memory
	deepest  int // how many may crash
	tally
	violated map[string]int // by property
	stuck    int            // participants that are up and have not decided
}

// endless is a property that keeps runs from ending early: what comes after the last decision is crashed as well.
type endless struct{ sim.Property }

func (endless) Finished() bool { return false }

func newCrasher(t *testing.T, c cast, deepest int) *crasher {
	s := scenario(c)
	known := s.Properties
	s.Properties = func(o sim.Options) []sim.Property {
		return append(known(o), endless{checkers.Always("endless", true, nil, func(*sim.Event) (bool, error) { return true, nil })})
	}
	return &crasher{t: t, scenario: s, deepest: deepest, violated: map[string]int{}}
}

// A path is the crashes of one run: that of the coordinator first, then those of the backups.
type path []string

// An act is what a site did in a run.
type act struct {
	effects int // how many
	led     int // the number of the effect before it became the backup; -1: it did not
	decided bool
	crashed bool
}

// run makes the run of a path, and returns what each site did in it.
func (c *crasher) run(p path) []act {
	text := "always law constant 1ms\nalways ties ordered\nalways sync 100µs\n"
	for _, line := range p {
		text += line + "\n"
	}
	plan, err := fault.Parse(text)
	if err != nil {
		c.t.Fatal(err)
	}
	o, err := c.scenario.ParseOptions([]string{"transactions=1", "votes=" + c.votes})
	if err != nil {
		c.t.Fatal(err)
	}
	w, err := c.scenario.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: &c.memory})
	if err != nil {
		c.t.Fatal(err)
	}
	acts := make([]act, len(w.Nodes()))
	for i := range acts {
		acts[i].led = -1
	}
	for e := range w.Events(0) {
		for i, id := range w.Nodes() {
			if id == e.Node {
				c.see(&acts[i], e)
			}
		}
	}
	c.runs++
	for _, x := range w.Verdict().Checks {
		if x.Outcome != sim.OK {
			c.violated[x.Property]++
		}
	}
	for _, a := range acts[1:] {
		if !a.crashed && !a.decided {
			c.stuck++
		}
	}
	return acts
}

// see counts an event of a site.
func (c *crasher) see(a *act, e *sim.Event) {
	switch e.Kind {
	case sim.Sent, sim.TimerSet, sim.DiskDone:
		a.effects++
	case sim.Crashed:
		a.crashed = true
	case sim.Noted:
		a.effects++
		switch f := e.Data.(type) {
		case Elected:
			a.led = a.effects - 3 // it has appended, synced and noted that it leads
		case Terminated:
			c.rules[f.Rule]++
		case Decided:
			a.decided = true
		}
	}
}

// explore makes the run of a path, and then those in which the next to lead crashes too.
func (c *crasher) explore(p path) {
	acts := c.run(p)
	next := len(p)
	if next == c.deepest {
		return
	}
	first := acts[next].led + 1
	if next == 0 {
		first = 1 // the coordinator leads from the beginning
	}
	if first == 0 {
		return // nobody had to lead
	}
	for n := first; n <= acts[next].effects; n++ {
		c.explore(append(p[:next:next], fmt.Sprintf("crash %s after effect %d for good", []string{"c", "p1", "p2"}[next], n)))
	}
}

// every explores all votes.
func (c *crasher) every() {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // small worlds, quickly forgotten
	for _, c.votes = range []string{"yyy", "yyn", "yny", "ynn", "nyy", "nyn", "nny", "nnn"} {
		c.explore(nil)
	}
}

// Fails if two sites decide differently in any of the runs, or one that is up is left undecided, or if the code does
// another number of things than the model of model_test.go.
func TestEveryCrash(t *testing.T) {
	deepest := 3
	if testing.Short() {
		deepest = 2
	}
	var want tally
	for _, votes := range []string{"yyy", "yyn", "yny", "ynn", "nyy", "nyn", "nny", "nnn"} {
		want.expected(votes, deepest)
	}
	c := newCrasher(t, cast{}, deepest)
	c.every()
	if c.tally != want {
		t.Errorf("runs and rules %v, by the model %v", c.tally, want)
	}
	t.Logf("%d runs; rules %v", c.runs, c.rules[1:])
	if golden := map[int]int{2: 572, 3: 3532}; c.runs != golden[deepest] {
		t.Errorf("%d runs, want %d", c.runs, golden[deepest])
	}
	if len(c.violated) > 0 || c.stuck > 0 {
		t.Errorf("complaints by property: %v; %d participants were up and undecided", c.violated, c.stuck)
	}
	for r := SomeCommitted; r <= AllUncertain; r++ {
		if c.rules[r] == 0 {
			t.Errorf("the rule %q was never used", r)
		}
	}
}

// ofThree explores the crashes for good of the coordinator, p3 and p1, after each of their effects: those of p3 too, which
// is told first and never leads before the end.
func (c *crasher) ofThree() {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	c.votes = "yyy"
	crashes := func(p path, id string, i int, then func(path)) {
		for n := range c.run(p)[i].effects {
			then(append(p[:len(p):len(p)], fmt.Sprintf("crash %s after effect %d for good", id, n+1)))
		}
	}
	crashes(nil, "c", 0, func(p path) {
		crashes(p, "p3", 3, func(p path) {
			crashes(p, "p1", 1, func(p path) { c.run(p) })
		})
	})
}

// Fails if the right protocol decides differently in any of these runs, or a wrong one in none.
func TestEveryCrashOfThree(t *testing.T) {
	if testing.Short() {
		t.Skip("tens of thousands of runs")
	}
	for _, x := range []struct {
		name  string
		wrong bool
		play  func(*Participant) sim.Node
	}{
		{"right", false, nil},
		{"backup commits before it moves the others (T3-04)", true, func(p *Participant) sim.Node { return hasty{p} }},
	} {
		c := newCrasher(t, cast{participant: x.play}, 0)
		c.ofThree()
		t.Logf("%s: %d runs; rules %v; complaints by property: %v", x.name, c.runs, c.rules[1:], c.violated)
		if x.wrong && c.violated["ac1-agreement"] == 0 || !x.wrong && len(c.violated)+c.stuck > 0 {
			t.Errorf("%s: complaints by property: %v; %d participants were up and undecided", x.name, c.violated, c.stuck)
		}
	}
}

// Rules in the wrong order (T3-06) do harm here, which random runs seldom show. Fails if the check is blind to it.
func TestEveryCrashFindsAMistake(t *testing.T) {
	c := newCrasher(t, cast{participant: func(p *Participant) sim.Node { p.rule = wOverP; return p }}, 3)
	c.every()
	t.Logf("%d runs; complaints by property: %v", c.runs, c.violated)
	if c.violated["ac1-agreement"] == 0 {
		t.Errorf("nobody decided differently in %d runs", c.runs)
	}
}

// All participants crash or restart at any time, not only as backups: the coordinator after each of its effects and with
// it one participant after each of its own, each of them for good or for a while. Fails if anything is complained of,
// such as a recovered site that meddles.
func TestEveryTwoCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	c := newCrasher(t, cast{}, 0)
	for _, c.votes = range []string{"yyy", "yny"} {
		for n := range c.run(nil)[0].effects {
			for _, long := range []string{"for good", "for 5ms", "for 300ms"} {
				first := path{fmt.Sprintf("crash c after effect %d %s", n+1, long)}
				for i, a := range c.run(first) {
					for k := 0; i > 0 && k < a.effects; k++ {
						for _, long := range []string{"for good", "for 5ms", "for 300ms"} {
							c.run(append(first[:1:1], fmt.Sprintf("crash p%d after effect %d %s", i, k+1, long)))
						}
					}
				}
			}
		}
	}
	t.Logf("%d runs; rules %v", c.runs, c.rules[1:])
	if len(c.violated) > 0 || c.stuck > 0 {
		t.Errorf("complaints by property: %v; %d participants were up and undecided", c.violated, c.stuck)
	}
}
