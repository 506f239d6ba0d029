package disk

import (
	"errors"

	"simrun/sim/chance"
)

// The errors of a disk that fails. Test for them with errors.Is: they come wrapped with the operation and the name.
var (
	// ErrIO says that the disk could not do what it was asked to. Nothing was written or read. If it was a sync, what it
	// was to make durable never will be, though it can still be read until the node crashes: neither this sync, asked for
	// again, nor any later one will say so.
	ErrIO = errors.New("input/output error")
	// ErrNoSpace says that the disk is full. Nothing was written.
	ErrNoSpace = errors.New("no space left on device")
)

// An Ailment is what befalls an operation of a disk.
type Ailment uint8

// The ailments. What fails says so; the others lie.
const (
	Failing     Ailment = iota // any operation returns ErrIO
	Phantom                    // a write or append is acknowledged, and nothing is written; the node sees it until it crashes
	Misdirected                // the bytes of a write or append land elsewhere; the node sees them where they should be until it crashes
	Outdated                   // a read returns an older version of what it should: the durable one, or the one before
	Full                       // a write, append or truncate finds no room; a matter of Capacity, not of chance
	ailments
)

var ailmentWords = [ailments]chance.Word{chance.NewWord("fail"), chance.NewWord("phantom"), chance.NewWord("misdirect"),
	chance.NewWord("outdated"), chance.NewWord("full")}

var opWords = func() (w [opKinds]chance.Word) {
	for k := range opKinds {
		w[k] = chance.NewWord(k.String())
	}
	return w
}()

// String is the word under which chance is asked about it: "fail", "phantom", "misdirect", "outdated" or "full".
func (x Ailment) String() string {
	if x >= ailments {
		return "nothing"
	}
	return ailmentWords[x].String()
}

// Befalls reports whether the ailment is possible for that kind of operation.
func (x Ailment) Befalls(k OpKind) bool {
	switch x {
	case Failing:
		return k < opKinds
	case Phantom, Misdirected:
		return k == WriteOp || k == AppendOp
	case Outdated:
		return k == ReadOp
	case Full:
		return k == WriteOp || k == AppendOp || k == TruncateOp
	}
	return false
}

// Ails are what goes wrong with a disk, apart from crashes. Get it from [Disk.Ails].
type Ails struct {
	// Capacity is how many bytes all files together may have, if it is not 0.
	Capacity int64
	// Allow, if it is not nil, is asked before an ailment befalls an operation, and may forbid it. The keys are those of the records
	// that would be damaged.
	Allow func(x Ailment, keys []string) bool
	// Befell, if it is not nil, is told of every operation that something befell.
	Befell func(Ailment, OpKind)
	// Key, if it is not nil, says for each write which record it holds, for [Disk.KeysAt]; "" for none.
	Key func(name string, written []byte) string

	source *chance.Source
	who    chance.Word
	rates  [ailments][opKinds]uint32
	hits   []hit
	old    bool // older versions are kept
}

// A hit is an operation that is sure to be befallen.
type hit struct {
	what Ailment
	kind OpKind
	n    uint64
}

// Ails makes a disk able to ail, as that of node who, and returns what ails it: nothing yet. Asked again, it returns the same. They
// stay with the node when its disk is wiped or swapped; Reset takes them away.
//
// Picks of source c decide what is hit at random. Their keys hold the ailment, the node, and the operation with its number among
// those of its kind over the whole run, counted from 1 as [Disk.Did] does.
func (d *Disk) Ails(c *chance.Source, who chance.Word) *Ails {
	if d.ails == nil {
		d.ails = &Ails{source: c, who: who}
	}
	return d.ails
}

// Did returns how many operations of a kind were asked for, those that failed included. A crash does not set it back.
func (d *Disk) Did(k OpKind) uint64 { return d.did[k] }

// Damaged reports whether what is durable may not be what was written and synced: something rotted, became
// unreadable, or was not written where it should have been.
func (d *Disk) Damaged() bool { return d.damaged }

// Rate makes an ailment befall, from now on, so many of a million operations of a kind. It panics if it cannot befall them.
func (d *Disk) Rate(x Ailment, k OpKind, ppm uint32) {
	d.mustBefall(x, k)
	d.ails.rates[x][k] = ppm
	if x == Outdated && ppm > 0 {
		d.keepOld()
	}
}

// Hit makes an ailment befall the nth operation of a kind. It panics if it cannot befall it.
func (d *Disk) Hit(x Ailment, k OpKind, n uint64) {
	d.mustBefall(x, k)
	d.ails.hits = append(d.ails.hits, hit{x, k, n})
	if x == Outdated {
		d.keepOld()
	}
}

// Calm ends all ailments: what has befallen the disk by now stays.
func (a *Ails) Calm() {
	a.Capacity, a.rates, a.hits = 0, [ailments][opKinds]uint32{}, nil
}

func (d *Disk) mustBefall(x Ailment, k OpKind) {
	if x == Full || !x.Befalls(k) {
		panic("disk: " + x.String() + " cannot be asked to befall " + k.String())
	}
}

// strikes reports whether an ailment befalls the operation just counted.
func (d *Disk) strikes(x Ailment, k OpKind) bool {
	a, n := d.ails, d.did[k]
	for _, h := range a.hits {
		if h.what == x && h.kind == k && h.n == n {
			return true
		}
	}
	ppm := a.rates[x][k]
	if ppm == 0 {
		return false
	}
	s := chance.Combine(ailmentWords[x], a.who, noWord, opWords[k])
	return a.source.Chance(&s, n, ppm)
}

// allowed asks whoever may forbid it.
func (a *Ails) allowed(x Ailment, keys ...string) bool { return a.Allow == nil || a.Allow(x, keys) }

// befell tells whoever counts.
func (a *Ails) befell(x Ailment, k OpKind) {
	if a.Befell != nil {
		a.Befell(x, k)
	}
}

// failing returns an error if the operation just counted is to fail.
func (d *Disk) failing(k OpKind, name string) error {
	if !d.strikes(Failing, k) || !d.ails.allowed(Failing) {
		return nil
	}
	d.ails.befell(Failing, k)
	return fail(k, name, ErrIO)
}

// room returns an error if the operation is to fail, or makes the files longer than there is room for.
func (d *Disk) room(k OpKind, name string, growth int) error {
	if err := d.failing(k, name); err != nil {
		return err
	}
	if d.ails.Capacity <= 0 || growth <= 0 {
		return nil
	}
	used := int64(growth)
	for _, e := range d.names {
		used += int64(len(d.files[e.file].cache))
	}
	if used <= d.ails.Capacity || !d.ails.allowed(Full) {
		return nil
	}
	d.ails.befell(Full, k)
	return fail(k, name, ErrNoSpace)
}

// readAiling reads from a file of a disk that ails.
func (d *Disk) readAiling(f *file, name string, p []byte, off int64) (int, error) {
	if err := d.failing(ReadOp, name); err != nil {
		return 0, err
	}
	n, err := f.readable(name, f.cache, p, off, true)
	if n > 0 && d.strikes(Outdated, ReadOp) && d.ails.allowed(Outdated) && f.outdate(p[:n], int(off)) {
		d.ails.befell(Outdated, ReadOp)
	}
	return n, err
}

// writeAiling writes to a file of a disk that ails.
func (d *Disk) writeAiling(k OpKind, name string, p []byte, off int) error {
	size := 0
	if i := d.names.find(name); i >= 0 {
		size = len(d.files[i].cache)
	}
	if err := d.room(k, name, off+len(p)-size); err != nil {
		return err
	}
	d.issued++
	f := d.open(name)
	var keys []string
	if a := d.ails; a.Key != nil && len(p) > 0 {
		if key := a.Key(name, p); key != "" {
			keys = append(keys, key)
			f.mark(off, len(p), key)
		}
	}
	switch {
	case len(p) > 0 && d.strikes(Phantom, k) && d.ails.allowed(Phantom, keys...):
		f.pretend(off, p)
		d.ails.befell(Phantom, k)
		d.damaged = true
	case len(p) > 0 && d.strikes(Misdirected, k) && d.misdirect(k, f, p, off, keys):
		d.ails.befell(Misdirected, k)
		d.damaged = true
	default:
		f.write(d.issued, off, p)
	}
	return nil
}

// forsake is what a failed sync does: what it was to make durable, and no sync before it that is under way will, is taken for written from now on.
func (d *Disk) forsake(file int32) {
	var covered uint64 // by an earlier one
	for _, b := range d.syncs[d.syncHead:] {
		if b.file == file {
			covered = b.n
		}
	}
	if file != theDirectory {
		d.files[file].forsake(covered)
		return
	}
	for i, c := range d.journal {
		if c.n > covered {
			d.journal = d.journal[:i]
			break
		}
	}
}
