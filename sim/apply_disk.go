package sim

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// What a plan does to disks. How long operations take is decided here; what becomes of them and of what is at rest is package disk's.
// A disk on which an operation failed or something was damaged is hurt: its node may be left broken when faults end, as one that its group
// can spare.

// An ailment of a host's disk is what the world itself keeps of what ails it.
type ailment struct {
	throttle  int64 // bytes a second, 0 for no limit
	throttled bool  // since the line, for the count
	stalled   clock.Time
	harms     uint64 // bits that rotted and sectors that became unreadable by now, which number the next
	doubtful  bool   // what the node reads need not follow from what it wrote, so it is hashed
}

// diskFault changes how a node's disk goes on, at the start or at a time.
func (w *World) diskFault(h *host, l *fault.Line) bool {
	switch l.Verb {
	case fault.Rot, fault.Latent:
		w.harm(h, l)
		return false
	case fault.Stall:
		h.ailment.stalled = max(h.ailment.stalled, w.now.Add(l.Time))
		w.faults[fault.DiskStalls]++
	case fault.Throttle:
		h.ailment.throttle, h.ailment.throttled = l.Amount, false
	case fault.Capacity:
		w.ail(h)
		h.disk.Ails(&w.chance, h.word).Capacity = l.Amount
	case fault.Fail, fault.Phantom, fault.Misdirect, fault.Outdated:
		w.ail(h)
		for _, k := range afflicted(l) {
			h.disk.Rate(ailments[l.Verb], k, uint32(l.Amount))
		}
	default:
		w.pace(h, l)
	}
	return true
}

// pace changes how long operations take.
func (w *World) pace(h *host, l *fault.Line) {
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
}

var ailments = map[fault.Verb]disk.Ailment{
	fault.Fail: disk.Failing, fault.Phantom: disk.Phantom, fault.Misdirect: disk.Misdirected, fault.Outdated: disk.Outdated,
}

// afflicted lists the kinds of operations that a line is about: the one that it names, or all that the verb is possible for.
func afflicted(l *fault.Line) (kinds []disk.OpKind) {
	for k := range disk.SizeOp + 1 {
		if l.Stream == k.String() || l.Stream == "" && ailments[l.Verb].Befalls(k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// spoil decides the fate of one operation of a disk.
func (w *World) spoil(h *host, l *fault.Line) {
	w.ail(h)
	for _, k := range afflicted(l) {
		h.disk.Hit(ailments[l.Verb], k, l.N)
	}
}

// didOperate reports whether the operation that a line is about has been asked for.
func (h *host) didOperate(l *fault.Line) bool {
	for _, k := range afflicted(l) {
		if h.disk != nil && h.disk.Did(k) >= l.N {
			return true
		}
	}
	return false
}

// ail makes a host's disk able to ail, within the budget, and counts what befalls it.
func (w *World) ail(h *host) {
	h.spin()
	a := h.disk.Ails(&w.chance, h.word)
	h.ailment.doubtful = true
	if a.Befell != nil {
		return
	}
	a.Allow = func(x disk.Ailment, keys []string) bool {
		switch {
		case w.budget == nil || x == disk.Outdated:
			return true
		case x == disk.Failing || x == disk.Full:
			return w.affordsFailure(h)
		}
		return w.affordsDamage(h, keys...)
	}
	a.Befell = func(x disk.Ailment, k disk.OpKind) {
		w.faults[kindOf(x, k)]++
		h.hurt = h.hurt || x != disk.Outdated
	}
}

// kindOf is as what an ailment of an operation is counted.
func kindOf(x disk.Ailment, k disk.OpKind) fault.Kind {
	switch x {
	case disk.Phantom:
		return fault.PhantomWrites
	case disk.Misdirected:
		return fault.Misdirections
	case disk.Outdated:
		return fault.OutdatedReads
	case disk.Full:
		return fault.FullDisks
	}
	if k == disk.SyncOp || k == disk.SyncDirOp {
		return fault.FailedSyncs
	}
	return fault.IOErrors
}

// affordsFailure reports whether the budget has room for one more node whose disk fails openly, and counts a failure that is held back. It
// damages no copy of a record that was durable, but its node may stay broken.
func (w *World) affordsFailure(h *host) bool {
	hurt := func(x *host) bool { return x.hurt || x == h }
	copies := w.budget.copies < 0 || w.groupsAfford(w.budget.copies, hurt, []*host{h})
	return w.spend(copies && w.zonesAfford([]*host{h}, nil))
}

// harm damages a byte at rest, or the one that the line names, if it is there and the budget allows. The event says where.
func (w *World) harm(h *host, l *fault.Line) {
	hit := *l
	hit.Node = string(h.id)
	if h.disk == nil {
		return
	}
	if l.File == "" {
		var ok bool
		if hit.File, hit.Off, ok = h.disk.AtRest(&w.chance, h.word, h.ailment.harms+1); !ok {
			return
		}
	}
	from, n := hit.Off, 1
	if l.Verb == fault.Latent {
		from, n = hit.Off-hit.Off%disk.SectorSize, disk.SectorSize
	}
	if !w.affordsDamage(h, h.disk.KeysAt(hit.File, from, n)...) {
		return
	}
	h.ailment.harms++
	switch {
	case l.Verb == fault.Rot && h.disk.Rot(&w.chance, h.word, h.ailment.harms, hit.File, hit.Off):
		w.faults[fault.BitRot]++
	case l.Verb == fault.Latent && h.disk.Latent(hit.File, hit.Off):
		w.faults[fault.LatentSectors]++
	default:
		return // there is no such byte
	}
	h.hurt, h.ailment.doubtful = true, true
	w.emit(Faulted, h, nil, hit, hashLine(&hit), 0, "")
}

// calmDisk ends what ails a node's disk: what is damaged stays so.
func (w *World) calmDisk(h *host) {
	h.ailment.throttle, h.ailment.stalled = 0, 0
	if h.ailment.doubtful {
		h.disk.Ails(&w.chance, h.word).Calm()
	}
}

// throttled is how much longer an operation takes because the disk's rate is limited.
func (h *host) throttled(op *disk.Op) time.Duration {
	a := &h.ailment
	if a.throttle <= 0 || op.Len == 0 {
		return 0
	}
	if !a.throttled {
		a.throttled = true
		h.w.faults[fault.Throttles]++
	}
	return time.Duration(int64(op.Len) * int64(time.Second) / a.throttle)
}

// heard hashes what a doubtful disk told its node.
func (h *host) heard(op *disk.Op, read []byte) (sum uint64) {
	if op.Err != nil {
		sum = chance.HashString(op.Err.Error())
	}
	return chance.Fold(sum, chance.HashBytes(read))
}
