package checkers

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// A tape is a run made by hand: it gives a property one event after the other, each a millisecond later,
// and keeps the first error.
type tape struct {
	p   sim.Property
	seq uint64
	err error
}

func play(p sim.Property) *tape { return &tape{p: p} }

// event shows one event to the property, if it watches that kind.
func (r *tape) event(kind sim.Kind, node sim.NodeID, data any) *tape {
	r.seq++
	if w, ok := r.p.(interface{ Watches() []sim.Kind }); ok {
		watched := false
		for _, k := range w.Watches() {
			watched = watched || k == kind
		}
		if !watched {
			return r
		}
	}
	return r.show(sim.Event{Kind: kind, Node: node, Data: data})
}

// rumour shows what a Byzantine node notes.
func (r *tape) rumour(node sim.NodeID, fact any) *tape {
	r.seq++
	return r.show(sim.Event{Kind: sim.Noted, Node: node, Data: fact, Reason: "byzantine"})
}

// show shows an event that happens now.
func (r *tape) show(e sim.Event) *tape {
	e.Seq, e.At = r.seq, clock.Time(0).Add(time.Duration(r.seq)*time.Millisecond)
	if err := r.p.Observe(&e); err != nil && r.err == nil {
		r.err = err
	}
	return r
}

func (r *tape) note(node sim.NodeID, fact any) *tape { return r.event(sim.Noted, node, fact) }

// end ends the run, as the world does: End is not asked after an error.
func (r *tape) end() (sim.Result, error) {
	if r.err != nil {
		return sim.Holds, r.err
	}
	return r.p.End(nil)
}

// holds fails the test unless the run is right and was judged that many times.
func (r *tape) holds(t *testing.T, checks uint64) {
	t.Helper()
	if result, err := r.end(); result != sim.Holds || err != nil {
		t.Errorf("%s: got %v, %v, want it to hold", r.p.Name(), result, err)
	}
	if got := r.p.Checks(); got != checks {
		t.Errorf("%s: %d checks, want %d", r.p.Name(), got, checks)
	}
}

// violates fails the test unless the run is wrong and the first line of the reason is this.
func (r *tape) violates(t *testing.T, why string) {
	t.Helper()
	result, err := r.end()
	if result != sim.Holds || err == nil {
		t.Fatalf("%s: got %v, %v, want a violation", r.p.Name(), result, err)
	}
	if line, _, _ := strings.Cut(err.Error(), "\n"); line != why {
		t.Errorf("%s:\n got %q\nwant %q", r.p.Name(), line, why)
	}
}

// inner reports whether a property is an inner one, as the world asks.
func inner(p sim.Property) bool {
	i, ok := p.(interface{ Inner() bool })
	return ok && i.Inner()
}
