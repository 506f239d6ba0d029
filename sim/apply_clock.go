package sim

import "simrun/sim/fault"

var unbuiltClock = []fault.Verb{fault.Strobe, fault.Smear, fault.Reset, fault.Uncertainty}

// clockFault changes how a node's clock goes on, at the start or at a time.
func (w *World) clockFault(h *host, l *fault.Line) bool {
	switch l.Verb {
	case fault.Drift:
		h.clock.SetDrift(w.now, l.Amount)
		w.faults[fault.Drifts]++
	case fault.Offset:
		h.clock.Step(l.Time)
		w.faults[fault.Offsets]++
	case fault.Step:
		w.faults[fault.Steps]++
		h.clock.Step(l.Time)
	case fault.Freeze:
		w.faults[fault.Freezes]++
		h.clock.Freeze(h.here()) // it has read its clock for what it does until then
	case fault.Thaw:
		w.thaw(h)
	}
	return true
}

func (w *World) thaw(h *host) {
	h.clock.Thaw(w.now)
	waiting := h.frozen
	h.frozen = nil
	for _, ref := range waiting {
		w.await(h, ref)
	}
}
