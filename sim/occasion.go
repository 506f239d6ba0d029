package sim

import "simrun/sim/fault"

// ofDisks are the kinds of faults that need somebody who uses a disk. A slow one counts without.
var ofDisks = func() (s fault.Set) {
	for _, k := range []fault.Kind{fault.LostBytes, fault.IOErrors, fault.FailedSyncs, fault.LatentSectors, fault.BitRot, fault.Misdirections,
		fault.PhantomWrites, fault.OutdatedReads, fault.FullDisks, fault.Throttles} {
		s.Add(k)
	}
	return s
}()

// occasion takes from the kinds of faults that the plan could produce those for which the system gave no occasion: where no disk is
// used nothing on it is lost or damaged. A plan knows nothing of that, and a hunt would complain of faults that never
// happened.
func (w *World) occasion() {
	for _, h := range w.hosts {
		if h.disk != nil && h.disk.Issued() > 0 {
			return
		}
	}
	w.enabled &^= ofDisks
}
