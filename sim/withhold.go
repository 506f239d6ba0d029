package sim

import (
	"slices"
	"time"

	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A plan that withholds puts the scheduler of Fischer, Lynch and Paterson (JACM 32(2), 1985) between the network and the nodes: it looks at each
// message at the moment when its receiver would handle it, asks the scenario whether a decision could come of that, and if so keeps it
// until none could. It loses nothing, and with a bound it keeps nothing that is older. When faults end it is over.
//
// It goes by the state of the run alone and picks nothing, so the line of the plan and the seed make the same run.

// A keeper is what withholds messages in a world.
type keeper struct {
	decides Deciding
	most    time.Duration // how old a message may be that is still kept; 0 for no bound
	off     bool          // faults have ended
	kept    []int32       // by slot, in the order in which they were first kept
}

// withhold begins to keep what would decide, or changes the bound.
func (w *World) withhold(most time.Duration) {
	if w.keeper == nil {
		w.keeper = &keeper{decides: w.scenario.Decides(w.cfg.Options)}
	}
	w.keeper.most = most
	for _, ref := range w.keeper.kept {
		w.putOff(ref, w.keeper.until(&w.slots[ref], w.now))
	}
}

// nonsenseWithhold says why nothing can be withheld in this world.
func (w *World) nonsenseWithhold() string {
	switch {
	case w.scenario.Decides == nil:
		return "scenario " + w.scenario.Name + " does not say which messages decide, so none can be withheld"
	case w.model.FIFO:
		return "the links of scenario " + w.scenario.Name + " keep order: whatever follows would have to be withheld too"
	}
	return ""
}

// until is when a message that is kept now arrives at the latest.
func (k *keeper) until(s *slot, now clock.Time) clock.Time {
	if k.most == 0 {
		return clock.Never
	}
	return max(now, clock.Time(s.when).Add(k.most))
}

// keeps reports whether a message that its receiver is about to handle is kept from it, and if so puts it off.
func (w *World) keeps(ref int32) bool {
	k, s := w.keeper, &w.slots[ref]
	if k.off || k.most > 0 && w.now.Sub(clock.Time(s.when)) >= k.most || !k.decides(w, s.flow.to.id, s.msg) {
		return false
	}
	s.odd |= withheld
	k.kept = append(k.kept, ref)
	w.queue.push(k.until(s, w.now), classArrive, ref)
	return true
}

// reconsider lets those go that would decide nothing any more. Each is looked at again when it arrives: of two that decide nothing, the
// first may make the second one decide. Where nothing else is left to happen, all go,
// since all arrives in the end.
func (w *World) reconsider() {
	k := w.keeper
	for _, ref := range k.kept {
		if h := w.slots[ref].flow.to; !h.up {
			w.putOff(ref, w.now)
		} else if _, idle := w.Node(h.id); idle && !k.decides(w, h.id, w.slots[ref].msg) {
			w.putOff(ref, w.now)
		}
	}
	if w.queue.items[0].at > w.end {
		w.letGo()
	}
}

// letGo ends it all: whatever is kept arrives now.
func (w *World) letGo() {
	if w.keeper == nil {
		return
	}
	w.keeper.off = true
	for _, ref := range w.keeper.kept {
		w.putOff(ref, w.now+1)
	}
}

// putOff changes when a message arrives that is kept.
func (w *World) putOff(ref int32, at clock.Time) {
	i := slices.IndexFunc(w.queue.items, func(it item) bool { return it.ref == ref })
	if w.queue.items[i].at != at {
		w.queue.items[i].at = at
		w.queue.rebuild()
	}
}

// forget strikes a message that is about to arrive off the list of those that are kept.
func (k *keeper) forget(ref int32) {
	if i := slices.Index(k.kept, ref); i >= 0 {
		k.kept = slices.Delete(k.kept, i, i+1)
	}
}

// withholds reports whether the plan ever withholds anything.
func (w *World) withholds() bool {
	return slices.ContainsFunc(w.plan, func(l fault.Line) bool { return l.Verb == fault.Withhold })
}
