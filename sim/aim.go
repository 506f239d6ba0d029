package sim

import "simrun/sim/fault"

// aim arms a line that waits for its trigger.
func (w *World) aim(l fault.Line) {}
