package sim

// inherit takes over the memory of a world that has ended. Nothing of what it holds is looked at: a run in used memory is the run in new memory.
func (w *World) inherit(old *World) {
	if old.verdict == nil {
		panic("sim: Config.Reuse is a world that has not ended")
	}
	clear(old.slots)
	w.slots, w.buf, w.old = old.slots[:0], old.buf, old.hosts
	w.queue.items = old.queue.items[:0]
	if w.scenario == old.scenario {
		w.types = old.types
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
	}
	if h.disk != nil {
		h.disk.Reset()
	}
	return h
}
