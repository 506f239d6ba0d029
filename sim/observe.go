package sim

import (
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// Durable shows what would be left of a node's disk if the power failed now and everything unsynced were lost. It is for
// observers, always of the present instant, and must not be kept.
func (w *World) Durable(id NodeID) disk.View { return w.must(id).disk.Durable() }

// Clock returns what a node's own clock shows now, also while the node is down. It is for observers.
func (w *World) Clock(id NodeID) clock.Reading {
	c := w.must(id).clock // a copy: whoever looks changes nothing
	return c.Read(w.now)
}
