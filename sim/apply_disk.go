package sim

import "simrun/sim/fault"

var unbuiltDisk = []fault.Verb{fault.Rot, fault.Latent, fault.Stall, fault.Throttle, fault.Capacity, fault.Fail, fault.Phantom, fault.Misdirect, fault.Outdated}

// diskFault changes how a node's disk goes on, at the start or at a time.
func (w *World) diskFault(h *host, l *fault.Line) bool {
	switch l.Verb {
	case fault.Sync:
		h.sync = l.Time
	case fault.Read:
		h.read = l.Time
	case fault.Write:
		h.write = l.Time
	}
	if l.Time > fault.SyncBound && (l.Node != "" || h.index == 0) { // counted once a line
		w.faults[fault.SlowDisks]++
	}
	return true
}

// spoil decides the fate of one operation of a disk.
func (w *World) spoil(h *host, l *fault.Line) {}
