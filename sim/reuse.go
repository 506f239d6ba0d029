package sim

import "slices"

// Memory is what a run leaves to the next: whoever makes many runs one after another gives all of them the same
// Memory, which makes them faster. A world must not be used any more once the next one with its Memory is made. The
// zero Memory is empty; runs at the same time need one each.
type Memory struct{ last *World }

// inherit takes over the memory of the run before, if it has ended. Nothing of what it holds is looked at: a run in
// used memory is the run in new memory.
func (w *World) inherit(m *Memory) {
	old := m.last
	m.last = w
	if old == nil || old.verdict == nil {
		return
	}
	clear(old.slots)
	w.slots, w.buf, w.old = old.slots[:0], old.buf, old.hosts
	w.queue.items = old.queue.items[:0]
	if slices.Equal(w.scenario.Sometimes, old.scenario.Sometimes) { // which is all of a scenario that they know
		w.types = old.types
		for _, info := range w.types {
			info.noter, info.noted = nil, 0
			if w.cfg.Situations != old.cfg.Situations {
				info.met = nil
			}
		}
	}
	*old = World{verdict: old.verdict, stopped: true}
}

// newHost returns an empty host, in the memory of an old one if there is one.
func (w *World) newHost() *host {
	if len(w.hosts) >= len(w.old) {
		return &host{}
	}
	h := w.old[len(w.hosts)]
	clear(h.pending[:cap(h.pending)])
	*h = host{
		disk: h.disk, frozen: h.frozen[:0], ops: h.ops[:0], pending: h.pending[:0], inbox: h.inbox[:0], picks: h.picks[:0],
		posture: posture{states: h.posture.states[:0]},
	}
	if h.disk != nil {
		h.disk.Reset()
	}
	return h
}
