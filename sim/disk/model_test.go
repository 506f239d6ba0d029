package disk

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"

	"simrun/sim/chance"
)

// The oracle: it remembers every operation since the last crash and works out from scratch, each time it is asked, what
// must be seen and what must be durable. It knows inodes, where Disk knows marks, images and arenas.
type oracle struct {
	base     []inode // what the last crash left, in order of creation
	ops      []oracleOp
	issued   uint64 // operations before the first of ops
	happened uint64
}

type inode struct {
	name, born string // now, and when it was created
	content    []byte
	id         int // its place in the order of creation in this life
}

type oracleOp struct {
	Op
	data []byte
}

// touched says which inode an operation concerns, by its place in the order of creation, and whether it created it.
type touched struct {
	inode   int
	created bool
}

// play applies the operations, of each write the sectors and of each name the changes that are kept, and returns the files in order of creation.
func (o *oracle) play(keepData func(op, sector int) bool, keepName func(op int) bool) []inode {
	seen, names := map[string]int{}, map[string]int{} // the first as the node sees it
	content, born := map[int][]byte{}, map[int]string{}
	for id, f := range o.base {
		seen[f.name], names[f.name], content[id], born[id] = id, id, f.content, f.born
	}
	next := len(o.base)
	for i, op := range o.ops {
		id, ok := seen[op.Name]
		if !ok && (op.Kind == WriteOp || op.Kind == AppendOp) {
			id = next
			next++
			seen[op.Name], born[id] = id, op.Name
			if keepName(i) {
				names[op.Name] = id
			}
		}
		switch op.Kind {
		case WriteOp, AppendOp:
			for k, s := range sectors(op) {
				if keepData(i, k) {
					content[id] = patch(content[id], s[0], op.data[s[0]-int(op.Off):s[1]-int(op.Off)])
				}
			}
		case TruncateOp:
			if keepData(i, 0) {
				c := append(bytes.Clone(content[id]), make([]byte, op.Off)...)
				content[id] = c[:op.Off]
			}
		case RenameOp:
			if op.Name == op.To {
				break
			}
			delete(seen, op.Name)
			seen[op.To] = id
			if keepName(i) {
				delete(names, op.Name)
				names[op.To] = id
			}
		case RemoveOp:
			delete(seen, op.Name)
			if keepName(i) {
				delete(names, op.Name)
			}
		}
	}
	var files []inode
	for id := range next {
		for name, i := range names {
			if i == id {
				files = append(files, inode{name, born[id], content[id], id})
			}
		}
	}
	return files
}

func patch(b []byte, off int, p []byte) []byte {
	b = bytes.Clone(b)
	for len(b) < off+len(p) {
		b = append(b, 0)
	}
	copy(b[off:], p)
	return b
}

// sectors returns the parts [from, to) of a write, which lie in different sectors of the file.
func sectors(op oracleOp) (parts [][2]int) {
	for lo, end := int(op.Off), int(op.Off)+op.Len; lo < end; {
		hi := min((lo/512+1)*512, end)
		parts = append(parts, [2]int{lo, hi})
		lo = hi
	}
	return parts
}

func (o *oracle) visible() []inode {
	return o.play(func(int, int) bool { return true }, func(int) bool { return true })
}

// resolve says which inode each operation concerns.
func (o *oracle) resolve() []touched {
	seen := map[string]int{}
	for id, f := range o.base {
		seen[f.name] = id
	}
	next := len(o.base)
	out := make([]touched, len(o.ops))
	for i, op := range o.ops {
		id, ok := seen[op.Name]
		if !ok && (op.Kind == WriteOp || op.Kind == AppendOp) {
			id = next
			next++
			seen[op.Name] = id
			out[i].created = true
		}
		out[i].inode = id
		switch op.Kind {
		case RenameOp:
			delete(seen, op.Name)
			seen[op.To] = id
		case RemoveOp:
			delete(seen, op.Name)
		}
	}
	return out
}

// synced reports for each operation whether its data, and whether its change of names, is durable.
func (o *oracle) synced() (data, name []bool) {
	where := o.resolve()
	data, name = make([]bool, len(o.ops)), make([]bool, len(o.ops))
	for i, op := range o.ops {
		if o.issued+uint64(i)+1 > o.happened {
			break
		}
		for j := range i {
			data[j] = data[j] || op.Kind == SyncOp && where[i].inode == where[j].inode
			name[j] = name[j] || op.Kind == SyncDirOp
		}
	}
	return data, name
}

func (o *oracle) durable() []inode {
	data, name := o.synced()
	return o.play(func(i, _ int) bool { return data[i] }, func(i int) bool { return name[i] })
}

// A unit is what a crash keeps or loses as a whole.
type unit struct{ op, sector int }

// crash works out what must be left, given the outcomes of the picks by stream, each in order of their numbers. It says
// how many picks each stream must have had, and what was lost.
func (o *oracle) crash(mode Mode, picks map[string][]uint64) (left []inode, want map[string]int, loss Loss) {
	limit := o.happened
	if mode == Mix {
		limit++
	}
	where, asked := o.resolve(), map[string]int{}
	data, name := o.synced()
	lost := func(stream string) bool {
		k := asked[stream]
		asked[stream]++
		return mode == Lose || mode == Mix && k < len(picks[stream]) && picks[stream][k] == 1
	}
	dataLost, nameLost := map[unit]bool{}, map[int]bool{}
	born := o.born(where)
	reachable := o.reachable(where, name)
	for i := range o.ops { // operations that nobody decides about
		if o.issued+uint64(i)+1 > limit {
			data[i], name[i] = false, false
		}
	}
	for _, i := range o.byInode(where) {
		op := o.ops[i]
		if !reachable[where[i].inode] {
			continue
		}
		late := o.issued+uint64(i)+1 > limit
		for k, s := range units(op) {
			dataLost[unit{i, k}] = late || !data[i] && lost("unsynced n "+born[where[i].inode])
			if !late && dataLost[unit{i, k}] {
				loss.Bytes += s
			}
		}
		if !late {
			loss.count(op, dataLost, i)
		}
	}
	for i, op := range o.ops {
		late := o.issued+uint64(i)+1 > limit
		renames := op.Kind == RenameOp && op.Name != op.To
		if where[i].created || renames || op.Kind == RemoveOp {
			nameLost[i] = late || !name[i] && lost("unsynced-name n "+op.Name)
			if nameLost[i] && !late {
				loss.Names++
			}
		}
	}
	left = o.play(func(i, k int) bool { return !dataLost[unit{i, k}] }, func(i int) bool { return !nameLost[i] })
	return left, asked, loss
}

// reachable says which inodes have a name, for the node, on the durable disk, or in a change that is not durable. Nothing can be
// lost of the others: they were removed for good.
func (o *oracle) reachable(where []touched, nameDurable []bool) map[int]bool {
	ids := map[int]bool{}
	for _, f := range append(o.visible(), o.durable()...) {
		ids[f.id] = true
	}
	for i, op := range o.ops {
		if !nameDurable[i] && (where[i].created || op.Kind == RenameOp && op.Name != op.To || op.Kind == RemoveOp) {
			ids[where[i].inode] = true
		}
	}
	return ids
}

func (l *Loss) count(op oracleOp, lost map[unit]bool, i int) {
	n := 0
	for k := range units(op) {
		if lost[unit{i, k}] {
			n++
		}
	}
	switch {
	case n == 0:
	case n == len(units(op)):
		l.Writes++
	default:
		l.Torn++
	}
}

// units returns the bytes of each unit of data of an operation.
func units(op oracleOp) (sizes []int) {
	switch op.Kind {
	case WriteOp, AppendOp:
		for _, s := range sectors(op) {
			sizes = append(sizes, s[1]-s[0])
		}
	case TruncateOp:
		sizes = append(sizes, 0)
	}
	return sizes
}

// byInode lists the operations file by file, in order of creation.
func (o *oracle) byInode(where []touched) []int {
	order := make([]int, len(o.ops))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(where[a].inode, where[b].inode) })
	return order
}

// born returns the name under which each inode was created.
func (o *oracle) born(where []touched) map[int]string {
	names := map[int]string{}
	for id, f := range o.base {
		names[id] = f.born
	}
	for i, t := range where {
		if t.created {
			names[t.inode] = o.ops[i].Name
		}
	}
	return names
}

// tape draws by seed and writes all down.
type tape struct {
	seed  chance.Seed
	picks map[string][]chance.Decision
}

func (t *tape) Draw(s *chance.Stream, n uint64, d chance.Dist) uint64 {
	v := t.seed.Draw(s, n, d)
	t.picks[s.String()] = append(t.picks[s.String()], chance.Decision{Key: fmt.Sprintf("%020d", n), Outcome: v})
	return v
}

// sorted returns the outcomes of each stream in the order of their numbers. It fails the test if two picks had the same key.
func (t *tape) sorted(tb testing.TB) map[string][]uint64 {
	out := map[string][]uint64{}
	for stream, picks := range t.picks {
		slices.SortFunc(picks, func(a, b chance.Decision) int { return cmp.Compare(a.Key, b.Key) })
		for i, p := range picks {
			if i > 0 && p.Key == picks[i-1].Key {
				tb.Fatalf("two picks of stream %q have the number %s", stream, p.Key)
			}
			out[stream] = append(out[stream], p.Outcome)
		}
	}
	return out
}

// A walk drives a Disk and its oracle through the same random operations.
type walk struct {
	tb      testing.TB
	c       chance.Source
	seed    uint64
	n       uint64
	d       *Disk
	o       oracle
	crashes uint64
	log     []string
}

var walkStream = chance.NewStream("test", "", "", "walk")

func (w *walk) pick(n int) int {
	w.n++
	return int(w.c.Below(&walkStream, w.n, uint64(n)))
}

func (w *walk) step() {
	name, to := string("abc"[w.pick(3)]), string("abc"[w.pick(3)])
	size, _ := w.d.Size(name)
	data := make([]byte, []int{0, 1, 9, 60, 700, 1300}[w.pick(6)])
	for i := range data {
		data[i] = byte(1 + (w.n+uint64(i))%250)
	}
	op := oracleOp{Op{Name: name}, data}
	var err error
	switch k := w.pick(16); {
	case k < 5:
		op.Kind, op.Off, op.Len = AppendOp, size, len(data)
		err = w.d.Append(name, data)
	case k < 7:
		op.Kind, op.Off, op.Len = WriteOp, int64(w.pick(int(size)+600)), len(data)
		err = w.d.WriteAt(name, data, op.Off)
	case k == 7:
		op.Kind, op.Off = TruncateOp, int64(w.pick(int(size)+600))
		err = w.d.Truncate(name, op.Off)
	case k < 11:
		op.Kind = SyncOp
		err = w.d.Sync(name)
	case k == 11:
		op.Kind, op.To = RenameOp, to
		err = w.d.Rename(name, to)
	case k == 12:
		op.Kind = RemoveOp
		err = w.d.Remove(name)
	case k == 13:
		op.Kind, op.Name = SyncDirOp, ""
		err = w.d.SyncDir()
	default:
		w.o.happened = max(w.o.happened, w.d.Issued()-min(w.d.Issued(), uint64(w.pick(4))))
		w.d.Happened(w.o.happened)
		w.log = append(w.log, fmt.Sprint("happened ", w.o.happened))
		return
	}
	exists := slices.ContainsFunc(w.o.visible(), func(f inode) bool { return f.name == name })
	if missing := err != nil; missing == (exists || op.Kind <= AppendOp || op.Kind == SyncDirOp) {
		w.fail("%v returned %v, exists: %v", op.Op, err, exists)
	}
	w.log = append(w.log, op.String())
	if err == nil {
		w.o.ops = append(w.o.ops, op)
	}
}

func (w *walk) fail(format string, args ...any) {
	w.tb.Helper()
	for _, l := range w.log {
		w.tb.Log(l)
	}
	w.tb.Fatalf("seed %d: %s", w.seed, fmt.Sprintf(format, args...))
}

func (w *walk) check() {
	w.tb.Helper()
	if got, want := w.d.Issued(), w.o.issued+uint64(len(w.o.ops)); got != want {
		w.fail("issued %d, the oracle %d", got, want)
	}
	w.same("seen", w.d, w.o.visible())
	w.same("durable", w.d.Durable(), w.o.durable())
}

func (w *walk) same(what string, v View, files []inode) {
	w.tb.Helper()
	want := map[string][]byte{}
	for _, f := range files {
		want[f.name] = f.content
	}
	if got := dump(w.tb, v); !maps.EqualFunc(got, want, bytes.Equal) {
		w.fail("%s differs\nis     %v\nshould %v", what, brief(got), brief(want))
	}
}

func brief(files map[string][]byte) (s string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s += fmt.Sprintf("%s: %d bytes %08x; ", name, len(files[name]), chance.HashBytes(files[name])>>32)
	}
	return s
}

// dump reads a whole disk.
func dump(tb testing.TB, v View) map[string][]byte {
	tb.Helper()
	names, err := v.List()
	if err != nil || !slices.IsSorted(names) {
		tb.Fatal(names, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		size, err := v.Size(name)
		if err != nil {
			tb.Fatal(err)
		}
		b := make([]byte, size+1)
		n, err := v.ReadAt(name, b, 0)
		if n != int(size) || err != io.EOF {
			tb.Fatalf("read %d of %d bytes of %s: %v", n, size, name, err)
		}
		files[name] = b[:n]
	}
	return files
}

func (w *walk) crash(mode Mode) Loss {
	w.tb.Helper()
	w.crashes++
	t := &tape{chance.Seed(w.seed), map[string][]chance.Decision{}}
	source := chance.Driven(t)
	got := w.d.Crash(&source, chance.NewWord("n"), w.crashes, mode)
	w.log = append(w.log, fmt.Sprintf("crash %v: %v", mode, got))
	left, asked, loss := w.o.crash(mode, t.sorted(w.tb))
	if mode == Mix {
		for stream, n := range asked {
			if len(t.picks[stream]) != n {
				w.fail("%d picks of stream %q, the oracle counts %d", len(t.picks[stream]), stream, n)
			}
		}
	}
	if loss != got {
		w.fail("lost %+v, the oracle says %+v", got, loss)
	}
	w.same("after the crash, seen", w.d, left)
	w.same("after the crash, durable", w.d.Durable(), left)
	w.o = oracle{base: left, issued: w.d.Issued(), happened: w.d.Issued()}
	return got
}

// TestAgainstOracle would fail if a mark, an image or the arena were wrong at any step: each step compares all bytes seen and all
// durable bytes with what the oracle works out from the list of all operations.
func TestAgainstOracle(t *testing.T) {
	d := New()
	var total [3]Loss
	for seed := range uint64(1500) {
		d.Reset()
		w := walk{tb: t, c: chance.Seeded(seed), seed: seed, d: d}
		for range 2 {
			for range 4 + w.pick(30) {
				w.step()
				w.check()
			}
			mode := Mode(w.pick(3))
			l := w.crash(mode)
			total[mode].Bytes += l.Bytes
			total[mode].Torn += l.Torn
			total[mode].Writes += l.Writes
			total[mode].Names += l.Names
			w.check()
		}
	}
	if total[Keep] != (Loss{}) || total[Lose].Torn != 0 {
		t.Error("keep lost something, or lose tore a write:", total)
	}
	if total[Lose].Names == 0 || total[Mix].Names == 0 || total[Mix].Torn == 0 || total[Mix].Writes == 0 || total[Lose].Bytes == 0 {
		t.Error("the walks are too tame to show a mistake:", total)
	}
}
