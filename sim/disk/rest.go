package disk

import "slices"

// What is at rest. A log of one copy whose last record is damaged cannot say whether it rotted or was torn by a crash:
// both look the same. What came before can be told, by what was written behind it later, when it was durable already.
// So bytes are at rest once something is durable that was written to their file, as a whole, after a sync of them; the same is
// true of a file that was given another name, durably, after a sync, which is how files are replaced.
//
//	record 1   record 2   sync   record 3   sync
//	──────────────────────╯
//	                      at rest, since record 3 is durable
//
// Whatever takes such evidence away leaves nothing at rest in the file, until there is a new one: a cut, or a write that was torn.
// For a file in one piece what is at rest is a prefix of it. For one that is split it is all but a list of young spans, each
// with the epoch in which it was written: epochs count the syncs of the file. Operations happen in the order in which they
// are issued, so what counts is which syncs were issued before.

// A span is some bytes of a file that were written in an epoch.
type span struct {
	from, to int
	epoch    int32
}

// promise says that a sync has been issued for which the node waits.
func (f *file) promise() {
	f.epoch++
	f.promised = len(f.cache)
}

// known says what will be durable when a write or a rename happens that is issued now.
func (f *file) known() int32 {
	if f.split {
		return f.epoch
	}
	return int32(f.promised)
}

// splitRest says in epochs what was said by prefixes: each that a pending write has seen is an epoch, after that of what is durable by now.
func (f *file) splitRest() {
	f.young, f.epoch = f.young[:0], 0
	if f.rest < f.prefix {
		f.young = append(f.young, span{f.rest, f.prefix, 0})
	}
	last := int32(-1)
	for i := f.head; i < len(f.pending); i++ {
		f.epochOf(&f.pending[i].seen, &last)
	}
	promised := int32(f.promised)
	f.epochOf(&promised, &last)
}

// epochOf turns a prefix into an epoch; last is the prefix before it.
func (f *file) epochOf(seen, last *int32) {
	switch {
	case int(*seen) < f.prefix:
		*seen = 0
		return
	case *seen != *last:
		f.epoch++
	}
	*seen, *last = f.epoch, *seen
}

// joinRest is the way back: what lies behind the first young byte does not count as at rest.
func (f *file) joinRest() {
	f.rest = len(f.image)
	for _, s := range f.young {
		f.rest = min(f.rest, s.from)
	}
	f.young = f.young[:0]
}

// whole says that a write is durable from end to end: what was durable when it was issued is at rest.
func (f *file) whole(w write) {
	if f.split {
		f.settled(w.seen)
	} else {
		f.rest = max(f.rest, int(w.seen))
	}
}

// settled puts to rest what was written before an epoch.
func (f *file) settled(epoch int32) {
	kept := 0
	for _, s := range f.young {
		if s.epoch >= epoch {
			f.young[kept] = s
			kept++
		}
	}
	f.young = f.young[:kept]
}

// put writes to the image of a file that is split, what was issued in an epoch.
func (f *file) put(off int, p []byte, epoch int32) {
	gap := min(off, len(f.image)) // zeros from there to where the bytes are
	f.image = place(f.image, off, p)
	f.age(gap, off+len(p), epoch)
	if f.harm != nil {
		f.mended(off, off+len(p))
	}
}

// age says that bytes of the image have become durable just now.
func (f *file) age(from, to int, epoch int32) {
	if last := len(f.young) - 1; last >= 0 && f.young[last].to == from && f.young[last].epoch == epoch {
		f.young[last].to = to
		return
	}
	f.young = append(f.young, span{from, to, epoch})
}

// unsettle says that nothing is at rest for now: a write is torn, or something is cut off.
func (f *file) unsettle(epoch int32) {
	f.rest = 0
	f.young = append(f.young[:0], span{0, maxSize, epoch})
}

// shape cuts or extends the image of a file that is split.
func (f *file) shape(size int, epoch int32) {
	if old := len(f.image); size < old {
		f.unsettle(epoch)
	} else if size > old {
		f.age(old, size, epoch)
	}
	f.image = sized(f.image, size)
	if f.harm != nil {
		f.mendedBeyond(size)
	}
}

// named says that a rename is durable which was issued after some syncs.
func (f *file) named(c *naming) {
	switch {
	case c.split != f.split: // too much has happened since to say what was durable then
	case f.split:
		f.settled(c.seen)
	default:
		f.rest = max(f.rest, int(c.seen))
	}
}

// atRest calls do for each stretch of bytes that is at rest, in order.
func (f *file) atRest(do func(from, to int)) {
	if !f.split {
		if f.rest > 0 {
			do(0, f.rest)
		}
		return
	}
	young := slices.Clone(f.young)
	slices.SortFunc(young, func(a, b span) int { return a.from - b.from })
	at := 0
	for _, s := range append(young, span{from: len(f.image)}) {
		if to := min(s.from, len(f.image)); to > at {
			do(at, to)
		}
		at = max(at, s.to)
	}
}
