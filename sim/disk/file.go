package disk

import "slices"

// A file holds two images of its content, the node's and the durable one. It keeps a file that only grows in one
// piece of memory:
//
//	cache   ████████████████████████   what the node sees
//	durable ████████████╯              what is durable is a prefix of it, the same bytes
//
// so that a sync moves a mark and copies nothing. The first write into bytes that are there already, or the first
// cut, splits it: from then on the durable image is a copy of its own, and writes keep their bytes in the arena until
// a sync applies them to it.
type file struct {
	born     string // the name it was created under, and
	twin     uint64 // how many files there were already that had been created so: both key the picks of its crashes
	cache    []byte
	prefix   int // cache[:prefix] is durable, unless split
	rest     int // cache[:rest] is at rest, unless split
	promised int // cache[:promised] will be durable when the syncs under way have happened, unless split
	split    bool
	image    []byte // the durable bytes, if split
	young    []span // what of the image is not at rest, if split
	epoch    int32  // which one it is, if split
	pending  []write
	head     int    // pending[:head] are durable
	arena    []byte // the bytes of pending writes, if split
	count    uint64 // writes and cuts since it was created or the disk last crashed
	used     bool   // for sweep
	*harm           // nil for nearly all
}

// A write is one write or cut of a file that is not durable yet.
type write struct {
	n, count uint64 // its number among all operations of the disk, and among the writes of the file
	off, len int
	at       int   // where its bytes are in the arena, if the file is split
	cut      bool  // a truncate to size off
	seen     int32 // what was synced when it was issued: the prefix, or the epoch of a file that is split
}

// reset makes an empty file and keeps the memory.
func (f *file) reset(name string, twin uint64) {
	*f = file{born: name, twin: twin, cache: f.cache[:0], image: f.image[:0], young: f.young[:0], pending: f.pending[:0], arena: f.arena[:0]}
}

// stable returns the durable bytes.
func (f *file) stable() []byte {
	if f.split {
		return f.image
	}
	return f.cache[:f.prefix]
}

// write puts p at off, as operation n.
func (f *file) write(n uint64, off int, p []byte) {
	if len(p) == 0 {
		return
	}
	if off < len(f.cache) && !f.split { // bytes that a crash may have to bring back are about to change
		f.divide()
	}
	f.push(write{n: n, off: off, len: len(p), at: len(f.arena)})
	if f.split {
		f.arena = append(f.arena, p...)
	}
	f.cache = place(f.cache, off, p)
	if f.harm != nil {
		f.heal(off, len(p))
	}
}

// resize cuts or extends the file, as operation n.
func (f *file) resize(n uint64, size int) {
	if size < len(f.cache) && !f.split {
		f.divide()
	}
	f.push(write{n: n, off: size, at: len(f.arena), cut: true})
	f.cache = sized(f.cache, size)
	if f.harm != nil {
		f.healBeyond(size)
	}
}

// push queues a write until a sync makes it durable.
func (f *file) push(w write) {
	w.count, w.seen = f.count, f.known()
	f.count++
	f.pending = append(f.pending, w)
}

// divide gives the durable image and the pending writes bytes of their own. As long as the file only grew the pending
// writes lie side by side in the cache, unharmed. A file stays divided until the next crash: a program that writes in
// place once will do it again.
func (f *file) divide() {
	f.image = append(f.image[:0], f.cache[:f.prefix]...)
	f.splitRest()
	for i := f.head; i < len(f.pending); i++ {
		w := &f.pending[i]
		w.at = len(f.arena)
		f.arena = append(f.arena, f.cache[w.off:w.off+w.len]...)
	}
	f.split = true
}

// syncBefore makes durable the writes issued before operation n, a sync. It costs as much as the bytes written since
// the last one, and nothing for a file that only grows.
func (f *file) syncBefore(n uint64) {
	if f.harm != nil {
		f.keepVersion(n)
	}
	for f.head < len(f.pending) && f.pending[f.head].n < n {
		w := f.pending[f.head]
		f.head++
		switch {
		case !f.split:
			f.prefix = w.off + w.len
			if !w.cut {
				f.whole(w)
			}
		case w.cut:
			f.shape(w.off, w.seen)
		default:
			f.whole(w)
			f.put(w.off, f.arena[w.at:w.at+w.len], w.seen)
		}
	}
	if f.harm != nil && f.head == len(f.pending) {
		f.pruneMarks()
	}
	f.pending, f.head = compact(f.pending, f.head)
	if len(f.pending) == 0 {
		f.arena = f.arena[:0]
	} else if f.head == 0 && f.split {
		f.compactArena()
	}
}

// compactArena drops the bytes before those of the first pending write. It is called when as much has been dropped
// from the queue of writes, so that the arena of a file whose syncs always wait does not grow for ever.
func (f *file) compactArena() {
	base := f.pending[0].at
	if base == 0 {
		return
	}
	f.arena = f.arena[:copy(f.arena, f.arena[base:])]
	for i := range f.pending {
		f.pending[i].at -= base
	}
}

// place puts p at off of b, over what is there and beyond its end.
func place(b []byte, off int, p []byte) []byte {
	if off > len(b) {
		b = sized(b, off)
	}
	n := copy(b[off:], p)
	return append(b, p[n:]...)
}

// sized cuts b, or extends it with zeros.
func sized(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	old := len(b)
	b = slices.Grow(b, size-old)[:size]
	clear(b[old:])
	return b
}
