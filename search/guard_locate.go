package search

import (
	"context"
	"fmt"
	"math"

	"simrun/sim"
)

// A trial makes the runs of one configuration in several circumstances, to see in which they differ.
type trial struct {
	ctx   context.Context // ends the experiments
	guard Guard
	cfg   sim.Config

	here, there []recording // two runs in this process, if there is no other; two in each of two fresh processes, one after the other
	second      []recording
	again       bool // two runs in one process differ
	alternates  bool // and both fresh processes saw the same first and the same second run
	fresh       bool // the first runs of two fresh processes in the same environment differ
	elsewhere   bool // the run differs in another environment, and in no other circumstance
	history     bool // a run of this process differs from that of a fresh one, and in no other circumstance
	variables   []string
	seeded      bool // with math/rand seeded by 1 fresh processes agree, which otherwise differ
}

// observe makes the runs.
func (t *trial) observe() (err error) {
	t.here = make([]recording, 2)
	for i := range t.here {
		if t.here[i], err = record(t.ctx, t.guard.Scenario, t.cfg, part{}); err != nil {
			return err
		}
	}
	t.again = !t.here[0].same(&t.here[1])
	if t.guard.Process == nil {
		return nil
	}
	if t.there, err = t.make(2, part{}); err != nil {
		return err
	}
	if t.second, err = t.make(2, part{}); err != nil {
		return err
	}
	t.again = t.again || !t.there[0].same(&t.there[1]) || !t.second[0].same(&t.second[1])
	t.fresh = !t.there[0].same(&t.second[0])
	t.alternates = !t.there[0].same(&t.there[1]) && !t.fresh && t.there[1].same(&t.second[1])
	switch {
	case t.fresh:
		return t.seed()
	case t.again:
		return nil
	}
	if err := t.perturb(); err != nil || t.elsewhere {
		return err
	}
	t.history = !t.here[0].same(&t.there[0])
	return nil
}

// make has runs made in a fresh process.
func (t *trial) make(times int, p part, change ...string) ([]recording, error) {
	return t.guard.Process.make(t.ctx, t.guard.Scenario, t.cfg, times, p, change)
}

// seed finds out whether the global generator of math/rand is what differs: it can be made to start as it did in the old
// days, with the same seed in every process.
//
// Chance may make runs agree that have nothing to do with it: the order of a map of two is the same every other time. So many
// must agree; if they do not, two or three of them mostly show that.
func (t *trial) seed() error {
	const enough = 8
	var first recording
	for i := range enough {
		r, err := t.make(1, part{}, "GODEBUG=randautoseed=0")
		if err != nil {
			return err
		}
		if i == 0 {
			first = r[0]
		} else if !first.same(&r[0]) {
			return nil
		}
	}
	t.seeded = true
	return nil
}

// perturb finds out whether the environment decides, and which variable: it halves the changes as long as one of the
// halves makes the difference by itself.
func (t *trial) perturb() error {
	differs := func(changes []string) (bool, error) {
		r, err := t.make(1, part{}, changes...)
		if err != nil {
			return false, err
		}
		return !r[0].same(&t.there[0]), nil
	}
	r, changes, err := t.guard.Process.perturbed(t.ctx, t.guard.Scenario, t.cfg)
	if err != nil || r.same(&t.there[0]) {
		return err
	}
	t.elsewhere = true
	yes := false
	for len(changes) > 1 {
		half := changes[:len(changes)/2]
		if yes, err = differs(half); err == nil && !yes {
			half = changes[len(changes)/2:]
			yes, err = differs(half)
		}
		if err != nil {
			return err
		}
		if !yes {
			break // only several together make the difference
		}
		changes = half
	}
	t.variables = changes
	return nil
}

// pair records the same part of two runs that are expected to differ.
func (t *trial) pair(p part) (a, b *recording, err error) {
	var first, second []recording
	switch {
	case t.guard.Process == nil || t.again && t.there[0].same(&t.there[1]) && t.second[0].same(&t.second[1]):
		first = make([]recording, 2)
		for i := range first {
			if first[i], err = record(t.ctx, t.guard.Scenario, t.cfg, p); err != nil {
				return nil, nil, err
			}
		}
		return &first[0], &first[1], nil
	case t.again:
		if first, err = t.make(2, p); err != nil {
			return nil, nil, err
		}
		return &first[0], &first[1], nil
	}
	if t.history {
		r, e := record(t.ctx, t.guard.Scenario, t.cfg, p)
		first, err = []recording{r}, e
	} else {
		first, err = t.make(1, p)
	}
	if err != nil {
		return nil, nil, err
	}
	if t.elsewhere {
		second, err = t.make(1, p, t.variables...)
	} else {
		second, err = t.make(1, p)
	}
	if err != nil {
		return nil, nil, err
	}
	return &first[0], &second[0], nil
}

// A found is where two recorded runs part.
type found struct {
	a, b  *recording
	at    int    // the first item that differs
	same  uint64 // the latest event that they have in common
	seq   uint64 // the first event that differs; 0: none of those recorded does
	node  string
	stack []Frame // from the place where the effect was issued out to the handler; nil if it is not known
	coder []Frame // the methods by which what it is about says what it is
}

// tries is how often locate makes the runs: what made them differ need not do so each time.
const tries = 12

// locate makes runs with their items written down until it has two that differ there. It returns nil if that does not
// happen.
func (t *trial) locate() (*found, error) {
	p := part{0, t.guard.window}
	if p.Most == 0 {
		p.Most = mostItems
	}
	for range tries {
		a, b, err := t.pair(p)
		if err != nil {
			return nil, err
		}
		if f := firstFound(a, b, int(p.Most)); f != nil {
			return f, nil
		}
		same, other := partedAt(a.Checkpoints, b.Checkpoints)
		switch {
		case other == 0: // not this time
		case same == p.From && len(a.Items) > 0: // behind what was recorded, though no checkpoint says so
			p.From = a.Items[len(a.Items)-1].Seq
		default:
			p.From = same
		}
	}
	return nil, nil
}

// firstFound finds the first items that differ; nil if none of those recorded do, of which there was room for so many.
func firstFound(a, b *recording, room int) *found {
	f := &found{a: a, b: b, at: -1}
	for i := range max(len(a.Items), len(b.Items)) {
		x, y := itemAt(a, i), itemAt(b, i)
		if x == nil || y == nil {
			// One run is longer, unless there was no room for the rest of it.
			if len(a.Items) >= room || len(b.Items) >= room {
				return nil
			}
		} else if x.Body == y.Body && x.Effect == y.Effect {
			if !x.Effect {
				f.same = x.Seq
			}
			continue
		}
		f.at = i
		break
	}
	if f.at < 0 {
		return nil
	}
	if f.same == 0 && len(a.Items) > 0 && a.Items[0].Seq > 1 && f.at == 0 {
		return nil // they part before what was recorded
	}
	f.seq = firstEvent(a, b, f.at)
	f.whose()
	return f
}

func itemAt(r *recording, i int) *item {
	if i < len(r.Items) {
		return &r.Items[i]
	}
	return nil
}

// firstEvent returns the number of the first event that differs among the items from at on; 0 if none does.
func firstEvent(a, b *recording, at int) uint64 {
	next := func(r *recording, i int) int {
		for i < len(r.Items) && r.Items[i].Effect {
			i++
		}
		return i
	}
	i, j := next(a, at), next(b, at)
	for {
		x, y := itemAt(a, i), itemAt(b, j)
		if x == nil && y == nil {
			return 0
		}
		if x == nil || y == nil || x.Body != y.Body {
			least := uint64(math.MaxUint64)
			if x != nil {
				least = x.Seq
			}
			if y != nil {
				least = min(least, y.Seq)
			}
			return least
		}
		i, j = next(a, i+1), next(b, j+1)
	}
}

// whose finds the node and the code behind the item. Of an effect they are known; an event that is no node's doing by
// itself goes back to what caused it.
func (f *found) whose() {
	for _, r := range []*recording{f.a, f.b} {
		x := itemAt(r, f.at)
		if x == nil {
			continue
		}
		if f.node == "" {
			f.node = x.Node
		}
		for hops := 0; x != nil && hops < 100; hops++ {
			if x.Effect && x.Site > 0 {
				f.node, f.stack = x.Node, r.Sites[x.Site-1]
				if x.Coder > 0 {
					f.coder = r.Sites[x.Coder-1]
				}
				return
			}
			x = r.behind(x)
		}
	}
}

// behind finds what led to an item: of an event the effect that it was, or else the event that caused it.
func (r *recording) behind(x *item) *item {
	if x.Effect {
		return nil
	}
	for i := range r.Items {
		y := &r.Items[i]
		if y.Effect && y.Node == x.Node && y.Seq+1 == x.Seq && !x.Starts {
			return y // it happened at once
		}
	}
	for i := range r.Items {
		if y := &r.Items[i]; !y.Effect && y.Seq == x.Cause && y.Seq != x.Seq {
			return y
		}
	}
	return nil
}

// String is for tests.
func (f *found) String() string {
	return fmt.Sprintf("event %d, item %d of %s at %v", f.seq, f.at, f.node, f.stack)
}
