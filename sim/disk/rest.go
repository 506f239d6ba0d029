package disk

import "slices"

// What is at rest. A log of one copy whose last record is damaged cannot say whether it rotted or was torn by a crash:
// both look the same. What came before can be told, by what was written behind it later, when it was durable already.
// So bytes are at rest once something has been written to their file as a whole, and is durable, that was issued when
// they were durable; the same is true of a file that was given another name, durably, when its bytes were durable,
// which is how files are replaced.
//
//	record 1   record 2   record 3
//	──────────────────────╮
//	           durable when record 3 was issued, and so at rest since record 3 is durable
//
// Whatever takes such evidence away leaves nothing at rest in the file, until there is a new one: a cut, or a write that was torn.
// For a file in one piece what is at rest is a prefix of it. For one that is split it is all but a list of young spans, each
// with the epoch in which it became durable: epochs count the syncs of the file that made something durable.

// A span is some bytes of a file that became durable in an epoch.
type span struct {
	from, to int
	epoch    int32
}

// known says what is durable now, for a write or a rename that is issued now.
func (f *file) known() int32 {
	if f.split {
		return f.epoch
	}
	return int32(f.prefix)
}

// splitRest says in epochs what was said by prefixes. Of several prefixes that pending writes have seen only the present one counts.
func (f *file) splitRest() {
	f.young, f.epoch = f.young[:0], 1
	if f.rest < f.prefix {
		f.young = append(f.young, span{f.rest, f.prefix, 1})
	}
	for i := f.head; i < len(f.pending); i++ {
		if w := &f.pending[i]; int(w.seen) == f.prefix {
			w.seen = 1
		} else {
			w.seen = 0
		}
	}
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

// settled puts to rest what had become durable by an epoch.
func (f *file) settled(epoch int32) {
	f.young = slices.DeleteFunc(f.young, func(s span) bool { return s.epoch <= epoch })
}

// age adds bytes to the image that have become durable just now.
func (f *file) age(from, to int) {
	if f.harm != nil {
		f.mended(from, to)
	}
	if last := len(f.young) - 1; last >= 0 && f.young[last].to == from && f.young[last].epoch == f.epoch+1 {
		f.young[last].to = to
		return
	}
	f.young = append(f.young, span{from, to, f.epoch + 1})
}

// unsettle says that nothing is at rest for now: a write is torn, or something is cut off.
func (f *file) unsettle() {
	f.rest = 0
	f.young = append(f.young[:0], span{0, maxSize, f.epoch + 1})
}

// shape cuts or extends the image of a file that is split.
func (f *file) shape(size int) {
	if old := len(f.image); size < old {
		f.unsettle()
	} else if size > old {
		f.age(old, size)
	}
	f.image = sized(f.image, size)
	if f.harm != nil {
		f.mendedBeyond(size)
	}
}

// named says that a change of names is durable which was issued when so much was.
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
