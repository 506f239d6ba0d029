package election

import (
	"errors"
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

// elected reads the fact that decides who leads, and stood that somebody proposes itself.
func elected(fact any) (instance, value any, ok bool) {
	f, ok := fact.(Elected)
	return f.Epoch, f.Who, ok
}

func stood(fact any) (instance, value any, ok bool) {
	f, ok := fact.(Stood)
	return f.Epoch, f.Who, ok
}

// A reign is what an observer knows of the acts of office so far.
type reign struct {
	elected []paxos.Value // by epoch: who it was, as first said
	last    Ruled         // the act with the highest epoch
	at      clock.Time    // of its first act
	epochs  uint64        // in which somebody has ruled
}

// oneAtATime returns the outer property that nobody rules but the leader elected, and nobody in an epoch once somebody has ruled in a later one.
func oneAtATime() sim.Property {
	var r reign
	p := checkers.Always("one-at-a-time", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
		switch f := e.Data.(type) {
		case Elected:
			r.enter(f)
		case Ruled:
			return true, r.judge(e.Node, f, e.At)
		}
		return false, nil
	})
	return checkers.Tallied(p, func(add func(string, uint64)) { add("terms", r.epochs) })
}

func (r *reign) enter(f Elected) {
	for int(f.Epoch) >= len(r.elected) {
		r.elected = append(r.elected, "")
	}
	if r.elected[f.Epoch] == "" {
		r.elected[f.Epoch] = f.Who
	}
}

// judge judges an act of office.
func (r *reign) judge(node sim.NodeID, f Ruled, at clock.Time) error {
	if int(f.Epoch) >= len(r.elected) || r.elected[f.Epoch] != f.Who {
		return fmt.Errorf("%s rules in epoch %d as %s, which was not elected", node, f.Epoch, f.Who)
	}
	if f.Epoch < r.last.Epoch {
		return fmt.Errorf("%s still rules in epoch %d, but %s has ruled in epoch %d since %v", f.Who, f.Epoch, r.last.Who, r.last.Epoch, r.at)
	}
	if f.Epoch > r.last.Epoch {
		r.last, r.at = f, at
		r.epochs++
	}
	return nil
}

// A following is what an observer knows of who follows a leader once faults have ended.
type following struct {
	candidates []sim.NodeID
	terms      Epoch // after which the run may end before faults do; 0 for none
	settled    bool
	ruled      []Epoch // in which somebody has ruled since then
	knows      map[sim.NodeID][]Epoch
}

// led returns the liveness property that once faults have ended each candidate that works learns of an epoch in which somebody rules; or, if terms is
// not 0, that somebody has ruled after so many.
func led(candidates []sim.NodeID, terms int) sim.Property {
	f := &following{candidates: candidates, terms: Epoch(terms), knows: make(map[sim.NodeID][]Epoch)}
	return checkers.Eventually("led", []sim.Kind{sim.Settled, sim.Noted}, f.observe, f.waiting)
}

func (f *following) observe(e *sim.Event) bool {
	switch x := e.Data.(type) {
	case Ruled:
		if f.terms > 0 && x.Epoch > f.terms {
			return true
		}
		if f.settled && !slices.Contains(f.ruled, x.Epoch) {
			f.ruled = append(f.ruled, x.Epoch)
		}
	case Elected:
		if f.settled {
			f.knows[e.Node] = append(f.knows[e.Node], x.Epoch)
		}
	default:
		f.settled = f.settled || e.Kind == sim.Settled
		return false
	}
	return f.settled && !slices.ContainsFunc(f.candidates, func(id sim.NodeID) bool { return !f.follows(id) })
}

// follows reports whether a candidate has learnt of an epoch in which somebody ruled.
func (f *following) follows(id sim.NodeID) bool {
	return slices.ContainsFunc(f.knows[id], func(e Epoch) bool { return slices.Contains(f.ruled, e) })
}

// waiting says who follows nobody, and why.
func (f *following) waiting(w *sim.World) error {
	var waits []checkers.Wait
	missing := false
	for _, id := range f.candidates {
		if !w.Healed(id) || f.follows(id) {
			continue
		}
		missing = true
		n, _ := w.Node(id)
		if x, ok := n.(interface {
			wait(self sim.NodeID) checkers.Wait
		}); ok {
			waits = append(waits, x.wait(id))
		}
	}
	if !missing {
		return nil
	}
	if err := checkers.Explain(w, waits); err != nil {
		return fmt.Errorf("not everybody follows a leader who rules: %w", err)
	}
	return errors.New("not everybody follows a leader who rules")
}
