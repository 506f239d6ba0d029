package sim_test

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// scribe keeps a list, a map, and things behind pointers.
type scribe struct {
	words []string
	seen  map[string]int
	last  *entry
	copy  func(*scribe) *scribe
}

type entry struct {
	text string
	next *entry
}

func (x *scribe) Start(env sim.Env) {
	x.words, x.seen = make([]string, 1, 8), map[string]int{}
	env.After(ms, note{"one"})
	env.After(2*ms, note{"two"})
}

func (x *scribe) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	text := m.(note).Text
	x.words[0] = text
	x.words = append(x.words, text)
	x.seen[text]++
	if x.last != nil {
		x.last.text = text
	} else {
		x.last = &entry{text: "first"}
		x.last.next = x.last // a ring
	}
}

func (x *scribe) Clone() sim.Node { return x.copy(x) }

func deepCopy(x *scribe) *scribe {
	c := *x
	c.words = append([]string(nil), x.words...)
	c.seen = map[string]int{}
	for k, v := range x.seen {
		c.seen[k] = v
	}
	if x.last != nil {
		c.last = &entry{text: x.last.text}
		c.last.next = c.last
	}
	return &c
}

// Fails if a copy that shares memory passes, if one that lacks something does, or if a right one does not.
func TestCheckClones(t *testing.T) {
	for name, test := range map[string]struct {
		copy func(*scribe) *scribe
		why  string
	}{
		"right":           {deepCopy, ""},
		"shares a slice":  {func(x *scribe) *scribe { c := deepCopy(x); c.words = x.words; return c }, "share memory"},
		"shares a map":    {func(x *scribe) *scribe { c := deepCopy(x); c.seen = x.seen; return c }, "share memory"},
		"shares a struct": {func(x *scribe) *scribe { c := deepCopy(x); c.last = x.last; return c }, "share memory"},
		"is the same":     {func(x *scribe) *scribe { return x }, "share memory"},
		"lacks a field":   {func(x *scribe) *scribe { c := deepCopy(x); c.words = nil; return c }, "is not equal"},
	} {
		s := stage(actor{"a", func() sim.Node { return &scribe{copy: test.copy} }})
		v := world(t, s, sim.Config{CheckClones: true}).Run(0)
		c := v.Checks[len(v.Checks)-1]
		if test.why == "" && (v.Outcome != sim.OK || c.Property != "clone" || c.Checks != 3) {
			t.Errorf("%s: %v %s, checks %v", name, v.Outcome, v.Why, v.Checks)
		} else if test.why != "" && (v.Property != "clone" || !strings.Contains(v.Why, test.why)) {
			t.Errorf("%s: %v %s %q", name, v.Outcome, v.Property, v.Why)
		}
	}
}

// Fails if checking copies makes another run.
func TestCheckingClonesChangesNothing(t *testing.T) {
	for seed := range uint64(10) {
		s := stage(actor{"a", func() sim.Node { return &scribe{copy: deepCopy} }}, idle("b"))
		a := world(t, s, sim.Config{Seed: seed}).Run(0)
		b := world(t, s, sim.Config{Seed: seed, CheckClones: true}).Run(0)
		if a.Hash != b.Hash {
			t.Fatalf("seed %d: %x without and %x with copies", seed, a.Hash, b.Hash)
		}
	}
}

// saver counts, and syncs what it has counted.
type saver struct{ n int }

func (x *saver) Start(env sim.Env) { env.After(ms, num{1}) }
func (x *saver) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x.n += m.(num).N
	env.Disk().Append("log", []byte{byte(x.n)})
	env.Disk().Sync("log")
	env.Note(num{x.n})
	if x.n < 3 {
		env.After(time.Microsecond, num{1})
	}
}
func (x *saver) Clone() sim.Node { c := *x; return &c }

// Fails if an observer sees what a node has computed before the effects of that have happened.
func TestNodeWhileBusy(t *testing.T) {
	for _, clones := range []bool{false, true} {
		s := stage(actor{"a", func() sim.Node { return &saver{} }}, ticker("b", 100*time.Microsecond))
		w := world(t, s, sim.Config{Plan: plan(t, "5ms crash a\n"), CheckClones: clones})
		shown, busy, noted := 0, 0, 0
		for e := range w.Events(0) {
			if e.Kind == sim.Noted {
				noted = e.Data.(num).N
			}
			n, ok := w.Node("a")
			if up := at(*e) < 5*ms; !ok {
				if busy++; up && (clones || n != nil) && e.Kind != sim.Started {
					t.Fatalf("clones %v: event %d shows no node", clones, e.Seq)
				}
				continue
			} else if !up && e.Kind != sim.Faulted {
				t.Fatalf("a node that is down is shown")
			}
			shown++
			if got := n.(*saver).n; (got > noted || got < noted && !clones) && at(*e) > ms {
				t.Fatalf("clones %v: at %v the node shows %d, and %d has happened", clones, e.At, got, noted)
			}
		}
		if shown < 10 || busy < 10 {
			t.Errorf("clones %v: shown at %d events, not at %d", clones, shown, busy)
		}
		if v := w.Verdict(); v.Faults[fault.Crashes] != 1 {
			t.Errorf("no crash")
		}
	}
}
