package disk

import (
	"encoding/binary"
	"fmt"

	"simrun/sim/chance"
)

// A Mode says what a crash does to what was not synced.
type Mode uint8

const (
	Keep Mode = iota // everything that happened is kept
	Lose             // everything unsynced is lost
	Mix              // each sector of each write, and each change of names, is kept or lost by a pick
)

var modeNames = [...]string{"keep", "lose", "mix"}

// String returns the mode as it stands in a plan: "keep", "lose" or "mix".
func (m Mode) String() string { return modeNames[m] }

// ParseMode is the inverse of String. An error names the modes.
func ParseMode(s string) (Mode, error) {
	for i, name := range modeNames {
		if s == name {
			return Mode(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not keep, lose or mix", s)
}

// SectorSize is the unit, in bytes, in which a disk writes: a write is torn only where a multiple of it lies inside.
const SectorSize = 512

// Loss is what a crash cost.
type Loss struct {
	Bytes  int // bytes written, not synced and lost
	Writes int // writes and truncates lost as a whole
	Torn   int // writes of which some sectors were lost and others kept
	Names  int // creations, renames and removals lost
}

// String tells the loss to people: "lost 96 bytes, 2 writes, 1 torn, 1 name" or "lost nothing".
func (l Loss) String() string {
	if l == (Loss{}) {
		return "lost nothing"
	}
	s := "lost " + count(l.Bytes, "byte")
	if l.Writes > 0 {
		s += ", " + count(l.Writes, "write")
	}
	if l.Torn > 0 {
		s += fmt.Sprintf(", %d torn", l.Torn)
	}
	if l.Names > 0 {
		s += ", " + count(l.Names, "name")
	}
	return s
}

// count says "1 write" or "2 writes".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// AppendHash appends a canonical encoding of the loss.
func (l Loss) AppendHash(b []byte) []byte {
	for _, n := range [...]int{l.Bytes, l.Writes, l.Torn, l.Names} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// The words of the streams of picks: "unsynced a1 log" and "unsynced-name a1 log".
var (
	verbWrite = chance.NewWord("unsynced")
	verbName  = chance.NewWord("unsynced-name")
	noWord    = chance.NewWord("")
)

// The number of a pick holds, from the highest bits down, the crash, which of several files of one name, the write
// within the file and the sector within the write.
const (
	twinBits   = 8
	writeBits  = 16
	sectorBits = 20
)

// Crash makes the power of node who fail, for the nth time. Operations that have not happened never will; of those
// that happened and were not synced the mode says what is kept. In mode Mix what was under way, begun and not done
// (see [Disk.Begun]), counts as one of these: it may have reached the disk, in part or as a whole. In the other modes
// it did not.
//
// Afterwards what the node sees, what is durable and what was kept are the same. Numbers go on: all that were issued
// count as happened.
//
// Mix asks source c for one pick for each sector of a write, each truncate and each change of a name, 0 being "kept".
// Its key holds the node, the name under which the file was created, nth, the number of the write among those of the
// file since the last crash, and the sector; for a name, the number of the change among those of that name which are
// not durable.
func (d *Disk) Crash(c *chance.Source, who chance.Word, nth uint64, mode Mode) Loss {
	f := fate{source: c, mode: mode, nth: nth, limit: d.happened}
	if mode == Mix {
		f.limit = max(d.begun, d.happened)
	}
	// First the bytes, file by file. The order does not matter, since no pick depends on another.
	for i := range d.files {
		if x := &d.files[i]; len(x.pending) > 0 {
			f.stream, f.twin = chance.Combine(verbWrite, who, noWord, chance.NewWord(x.born)), x.twin
			x.crash(&f)
		}
	}
	// Then the names, in the order in which they were changed: later ones win.
	for i, change := range d.journal {
		if change.n > f.limit {
			break
		}
		f.stream, f.twin = chance.Combine(verbName, who, noWord, chance.NewWord(change.name)), 0
		if f.lost(earlier(d.journal[:i], change.name), 0) {
			f.loss.Names++
		} else {
			d.durable.apply(change)
		}
	}
	d.halt()
	return f.loss
}

// earlier counts the changes of a name in the journal: it numbers the pick of the next one.
func earlier(journal []naming, name string) (n uint64) {
	for i := range journal {
		if journal[i].name == name {
			n++
		}
	}
	return n
}

// A fate decides what a crash keeps, and counts what it does not.
type fate struct {
	source *chance.Source
	stream chance.Stream // of the file or name in question
	twin   uint64        // which of several files of that name
	mode   Mode
	nth    uint64 // which crash
	limit  uint64 // later operations never happened
	loss   Loss
}

// lost decides about a sector of a write, by their numbers. The modes Keep and Lose ask nothing of chance.
func (f *fate) lost(write, sector uint64) bool {
	if f.mode != Mix {
		return f.mode == Lose
	}
	n := ((f.nth<<twinBits+f.twin)<<writeBits+write)<<sectorBits + sector
	return f.source.Below(&f.stream, n, 2) == 1
}

// crash applies to the durable image what is kept of the pending writes.
func (f *file) crash(x *fate) {
	end := f.prefix
	if f.harm != nil {
		f.keepVersion(x.limit + 1)
	}
	for _, w := range f.pending[f.head:] {
		if w.n > x.limit {
			break
		}
		if w.cut {
			end = f.crashCut(w, end, x)
		} else {
			end = f.crashWrite(w, end, x)
		}
	}
	f.prefix = end
}

// crashCut decides about a truncate. End is the size so far of a file that is not split: that of one which is lies in
// its image.
func (f *file) crashCut(w write, end int, x *fate) int {
	switch {
	case x.lost(w.count, 0):
		x.loss.Writes++
	case f.split:
		f.shape(w.off, w.seen)
	default:
		end = w.off
	}
	return end
}

// crashWrite decides about the sectors of a write. In a file that is not split a lost sector becomes zeros, which
// are seen if something behind it is kept.
func (f *file) crashWrite(w write, end int, x *fate) int {
	lost := 0 // bytes
	for lo, sector := w.off, uint64(0); lo < w.off+w.len; sector++ {
		hi := min(lo-lo%SectorSize+SectorSize, w.off+w.len)
		switch {
		case x.lost(w.count, sector):
			lost += hi - lo
			if !f.split {
				clear(f.cache[lo:hi])
			}
		case f.split:
			f.put(lo, f.arena[w.at+lo-w.off:w.at+hi-w.off], w.seen)
		default:
			end = hi
		}
		lo = hi
	}
	x.loss.Bytes += lost
	switch lost {
	case 0: // kept as a whole
		f.whole(w)
	case w.len:
		x.loss.Writes++
	default:
		x.loss.Torn++
		f.unsettle(w.seen)
	}
	return end
}

// settle makes the node see what is durable, and nothing is pending.
func (f *file) settle() {
	if f.split {
		f.joinRest()
		f.cache = append(f.cache[:0], f.image...)
		f.prefix, f.split = len(f.cache), false
	}
	if f.harm != nil {
		f.unheal()
	}
	f.cache, f.promised = f.cache[:f.prefix], f.prefix
	f.pending, f.head, f.arena, f.count = f.pending[:0], 0, f.arena[:0], 0
}
