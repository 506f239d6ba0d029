package sim

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/disk"
)

// files is a node's disk as the node sees it. Reads and writes are served by the page cache and take no time unless
// the plan says otherwise; Sync and SyncDir take some, and all that the node does after one happens when it is over.
type files struct{ h *host }

// defaultSync is how long a sync takes on average, where the plan does not say.
const defaultSync = 300 * time.Microsecond

// do issues one operation: its result is known at once, it happens when the disk gets to it.
func (f *files) do(op disk.Op, written []byte, run func(d *disk.Disk) error) error {
	h := f.h
	if h.inert {
		return errCrashed
	}
	op.Err = run(h.disk)
	op.Bytes = written
	var sum uint64
	if written != nil {
		sum = chance.HashBytes(written)
	}
	if op.Err != nil && h.ailment.doubtful {
		sum = h.heard(&op, nil)
	}
	f.issued(op, sum)
	return op.Err
}

func (f *files) issued(op disk.Op, sum uint64) {
	h := f.h
	h.issueDisk(op, sum)
	begun := max(h.here(), h.diskFree, h.ailment.stalled)
	at := begun.Add(h.throttled(&op))
	switch op.Kind {
	case disk.SyncOp, disk.SyncDirOp:
		at = at.Add(h.syncTime(h.disk.Issued()))
	case disk.ReadOp, disk.ListOp, disk.SizeOp:
		at = at.Add(h.cost(h.read))
	default:
		at = at.Add(h.cost(h.write))
	}
	h.diskFree = at
	if at > h.w.now {
		h.busy = at
		op.Bytes = h.w.kept(op.Bytes) // the node may use its own again before the operation happens
		h.ops = append(h.ops, operation{op, sum, h.disk.Issued(), begun})
		h.pend(effect{kind: DiskDone})
		return
	}
	h.disk.Happened(h.disk.Issued())
	h.w.diskDone(h, &op, sum, h.cause)
	h.cause = h.lastDisk
	h.placed()
}

// underWay tells the disk of a node that is about to crash which operation it was busy with: one that it had begun by
// now. Behind others that it has yet to do, or in a handler that has not got so far, an operation has not begun, and
// can leave no trace that its predecessors do not leave.
func (h *host) underWay() {
	now := h.w.now
	if h.suspended { // and its disk has begun nothing since
		now = h.asleep
	}
	for _, list := range [...][]operation{h.ops[h.firstOp:], h.syncing} {
		for i := range list {
			if x := &list[i]; x.begun < now {
				h.disk.Begun(x.issued)
			}
		}
	}
}

// kept copies bytes that somebody will watch being written; where nobody watches there is nothing to keep.
func (w *World) kept(b []byte) []byte {
	if b == nil || len(w.judge.watchers[DiskDone]) == 0 && w.yield == nil {
		return nil
	}
	return append([]byte(nil), b...)
}

// syncTime draws how long the sync with this number takes: half to one and a half of the disk's usual time.
func (h *host) syncTime(n uint64) time.Duration {
	d := uint64(h.cost(h.sync))
	return time.Duration(d/2 + h.w.chance.Below(&h.w.syncs[h.index], n, d+1))
}

func (f *files) ReadAt(name string, p []byte, off int64) (n int, err error) {
	h := f.h
	if h.inert {
		return 0, errCrashed
	}
	op := disk.Op{Kind: disk.ReadOp, Name: name, Off: off, Len: len(p)}
	n, op.Err = h.disk.ReadAt(name, p, off)
	var sum uint64
	if h.ailment.doubtful {
		sum = h.heard(&op, p[:n])
	}
	f.issued(op, sum)
	return n, op.Err
}

func (f *files) WriteAt(name string, p []byte, off int64) error {
	return f.do(disk.Op{Kind: disk.WriteOp, Name: name, Off: off, Len: len(p)}, p, func(d *disk.Disk) error { return d.WriteAt(name, p, off) })
}

func (f *files) Append(name string, p []byte) error {
	return f.do(disk.Op{Kind: disk.AppendOp, Name: name, Len: len(p)}, p, func(d *disk.Disk) error { return d.Append(name, p) })
}

func (f *files) Truncate(name string, size int64) error {
	return f.do(disk.Op{Kind: disk.TruncateOp, Name: name, Off: size}, nil, func(d *disk.Disk) error { return d.Truncate(name, size) })
}

func (f *files) Sync(name string) error {
	return f.do(disk.Op{Kind: disk.SyncOp, Name: name}, nil, func(d *disk.Disk) error { return d.Sync(name) })
}

func (f *files) Rename(from, to string) error {
	return f.do(disk.Op{Kind: disk.RenameOp, Name: from, To: to}, nil, func(d *disk.Disk) error { return d.Rename(from, to) })
}

func (f *files) Remove(name string) error {
	return f.do(disk.Op{Kind: disk.RemoveOp, Name: name}, nil, func(d *disk.Disk) error { return d.Remove(name) })
}

func (f *files) SyncDir() error {
	return f.do(disk.Op{Kind: disk.SyncDirOp}, nil, func(d *disk.Disk) error { return d.SyncDir() })
}

func (f *files) List() (names []string, err error) {
	err = f.do(disk.Op{Kind: disk.ListOp}, nil, func(d *disk.Disk) error {
		names, err = d.List()
		return err
	})
	return names, err
}

func (f *files) Size(name string) (size int64, err error) {
	err = f.do(disk.Op{Kind: disk.SizeOp, Name: name}, nil, func(d *disk.Disk) error {
		size, err = d.Size(name)
		return err
	})
	return size, err
}

// SyncThen starts a sync and lets the node go on. The disk does one thing at a time: its next operation waits for the
// sync.
func (h *host) SyncThen(name string, done Message) {
	if h.inert {
		return
	}
	f := h.flow(h, done)
	op := disk.Op{Kind: disk.SyncOp, Name: name}
	op.Err = h.disk.SyncThen(name)
	h.issueDisk(op, f.info.hash)
	begun := max(h.here(), h.diskFree, h.ailment.stalled)
	h.syncing = append(h.syncing, operation{op: op, issued: h.disk.Issued(), begun: begun})
	h.diskFree = begun.Add(h.syncTime(h.disk.Issued()))
	ref := h.w.slot()
	s := &h.w.slots[ref]
	s.kind, s.flow, s.msg, s.n, s.content, s.cause = dueSync, f, done, h.life<<32, h.w.content(f.info, done), h.cause
	s.when = 0
	h.w.queue.push(h.diskFree, classEffect, ref)
	if h.busy > h.w.now { // what is before it has yet to happen
		h.counted()
		return
	}
	h.placed()
}
