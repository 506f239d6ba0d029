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

// sorted returns the outcomes of each stream in the order of their numbers. It fails the test if two picks had the
// same key.
func (t *tape) sorted(tb testing.TB) map[string][]uint64 {
	out := map[string][]uint64{}
	for _, stream := range slices.Sorted(maps.Keys(t.picks)) {
		picks := t.picks[stream]
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
	if w.o.happened < w.d.Issued() && w.pick(2) == 0 { // one was under way
		w.o.begun = w.o.happened + 1
		w.d.Begun(w.o.begun)
	}
	t := &tape{chance.Seed(w.seed), map[string][]chance.Decision{}}
	source := chance.Driven(t)
	got := w.d.Crash(&source, chance.NewWord("n"), w.crashes, mode)
	w.log = append(w.log, fmt.Sprintf("crash %v: %v", mode, got))
	left, asked, loss := w.o.crash(mode, t.sorted(w.tb))
	if mode == Mix {
		for _, stream := range slices.Sorted(maps.Keys(asked)) {
			if got := len(t.picks[stream]); got != asked[stream] {
				w.fail("%d picks of stream %q, the oracle counts %d", got, stream, asked[stream])
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

// TestAgainstOracle would fail if a mark, an image or the arena were wrong at any step: each step compares all bytes
// seen and all durable bytes with what the oracle works out from the list of all operations.
func TestAgainstOracle(t *testing.T) {
	d := New()
	var total [3]Loss
	for seed := range uint64(1000) {
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
