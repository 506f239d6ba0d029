package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"simrun/sim/chance"
)

var (
	node   = chance.NewWord("n")
	benign = chance.Driven(chance.Benign{})
)

// do fails the test at the first error.
func do(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// content reads a file, or returns "-" if there is none.
func content(t testing.TB, v View, name string) string {
	t.Helper()
	b, ok := dump(t, v)[name]
	if !ok {
		return "-"
	}
	return string(b)
}

// all says that everything issued has happened.
func all(d *Disk) { d.Happened(d.Issued()) }

// scenario makes a disk on which a file f holds "old" durably.
func scenario(t testing.TB) *Disk {
	t.Helper()
	d := New()
	do(t, d.Append("f", []byte("old")), d.Sync("f"), d.SyncDir())
	all(d)
	return d
}

// TestSeenAtOnce would fail if a node did not see its own writes before they happened.
func TestSeenAtOnce(t *testing.T) {
	d := New()
	do(t, d.WriteAt("f", []byte("abc"), 2), d.Append("f", []byte("de")), d.WriteAt("f", []byte("X"), 3))
	if got := content(t, d, "f"); got != "\x00\x00aXcde" {
		t.Errorf("seen %q", got)
	}
	do(t, d.Truncate("f", 3), d.Truncate("f", 5))
	if got := content(t, d, "f"); got != "\x00\x00a\x00\x00" {
		t.Errorf("a file cut and extended shows %q, want zeros behind the cut", got)
	}
	do(t, d.Rename("f", "g"), d.Append("a", nil))
	if names, _ := d.List(); !slices.Equal(names, []string{"a", "g"}) {
		t.Errorf("names %q", names)
	}
}

// TestDurable walks through what it takes to make bytes outlive a crash. Each step would fail if one of Sync, SyncDir and Happened
// were not needed.
func TestDurable(t *testing.T) {
	d := New()
	want := func(step, v string) {
		t.Helper()
		if got := content(t, d.Durable(), "f"); got != v {
			t.Errorf("%s: durable is %q, want %q", step, got, v)
		}
	}
	do(t, d.Append("f", []byte("one")))
	all(d)
	want("written", "-")
	do(t, d.Sync("f"))
	all(d)
	want("synced without its name", "-")
	do(t, d.SyncDir())
	want("SyncDir issued but not happened", "-")
	all(d)
	want("name synced", "one")
	do(t, d.Append("f", []byte("two")), d.Sync("f"), d.Append("f", []byte("three")))
	d.Happened(d.Issued() - 2)
	want("sync not happened", "one")
	d.Happened(d.Issued() - 1)
	want("what was appended after the sync is not covered", "onetwo")
	do(t, d.WriteAt("f", []byte("X"), 0), d.Truncate("f", 2))
	all(d)
	want("overwritten and cut without a sync", "onetwo")
	do(t, d.Sync("f"))
	all(d)
	want("synced", "Xn")
}

// TestDurableNames would fail if Rename or Remove were durable before SyncDir, or if names and bytes were tied together.
func TestDurableNames(t *testing.T) {
	d := scenario(t)
	do(t, d.Append("tmp", []byte("new")), d.Rename("tmp", "f"))
	all(d)
	if got := content(t, d.Durable(), "f"); got != "old" {
		t.Errorf("before SyncDir %q", got)
	}
	do(t, d.SyncDir())
	all(d)
	if got := content(t, d.Durable(), "f"); got != "" {
		t.Errorf("a file renamed and not synced must be empty, is %q", got)
	}
	do(t, d.Sync("f"), d.Remove("f"))
	all(d)
	if got := content(t, d.Durable(), "f"); got != "new" {
		t.Errorf("a removal must not be durable before SyncDir: %q", got)
	}
	do(t, d.SyncDir())
	all(d)
	if names, _ := d.Durable().List(); len(names) != 0 {
		t.Errorf("left %q", names)
	}
}

// TestRenameBites is the mistake this disk exists for: write a new version beside the old one and rename it over, but forget
// to sync. It would fail if the disk were kinder than a real one.
func TestRenameBites(t *testing.T) {
	replace := func(d *Disk, careful bool) {
		do(t, d.Append("tmp", []byte("new")))
		if careful {
			do(t, d.Sync("tmp"))
		}
		do(t, d.Rename("tmp", "f"), d.SyncDir())
		all(d)
	}
	for _, careful := range []bool{false, true} {
		outcomes := map[string]int{}
		for seed := range uint64(100) {
			d := scenario(t)
			replace(d, careful)
			source := chance.Seeded(seed)
			d.Crash(&source, node, 1, Mix)
			outcomes[content(t, d, "f")]++
		}
		if lost := outcomes[""]; careful == (lost > 0) || outcomes["new"] == 0 {
			t.Errorf("synced before the rename: %v, content after the crash: %v", careful, outcomes)
		}
	}
}

// TestRenameIsAtomic would fail if a crash could leave both names or neither.
func TestRenameIsAtomic(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(50) {
		d := scenario(t)
		do(t, d.Rename("f", "g"))
		all(d)
		source := chance.Seeded(seed)
		d.Crash(&source, node, 1, Mix)
		names, _ := d.List()
		outcomes[strings.Join(names, " ")]++
	}
	if len(outcomes) != 2 || outcomes["f"] == 0 || outcomes["g"] == 0 {
		t.Errorf("names after the crash: %v", outcomes)
	}
}

// TestModes shows what each mode leaves of the same disk. It would fail if Keep kept what had not happened, or Lose what was not synced.
func TestModes(t *testing.T) {
	for _, c := range []struct {
		mode Mode
		f, g string
		loss Loss
	}{
		{Keep, "old+1", "g", Loss{}},
		{Lose, "old", "-", Loss{Bytes: 3, Writes: 2, Names: 1}},
		{Mix, "old+1+2", "g", Loss{}}, // all picks 0: the write under way got through as well
	} {
		d := scenario(t)
		do(t, d.Append("f", []byte("+1")), d.Append("g", []byte("g")), d.Append("f", []byte("+2")), d.Append("f", []byte("+3")))
		d.Happened(d.Issued() - 2)
		loss := d.Crash(&benign, node, 1, c.mode)
		if f, g := content(t, d, "f"), content(t, d, "g"); f != c.f || g != c.g || loss != c.loss {
			t.Errorf("%v: f %q, g %q, %v; want %q, %q, %v", c.mode, f, g, loss, c.f, c.g, c.loss)
		}
		if got := content(t, d.Durable(), "f"); got != c.f {
			t.Errorf("%v: durable %q", c.mode, got)
		}
		if d.Crash(&benign, node, 2, Lose) != (Loss{}) {
			t.Errorf("%v: what a crash left must be durable", c.mode)
		}
	}
}

// lose is a driver that loses the named picks and keeps the others.
func lose(keys ...string) chance.Source {
	var tape []chance.Decision
	for _, k := range keys {
		tape = append(tape, chance.Decision{Key: k, Outcome: 1})
	}
	return chance.Driven(chance.NewOverrides(nil, tape))
}

// TestTorn pins the keys of the picks, and what is left when chosen sectors of a write are lost: zeros before a sector that
// was kept, nothing behind the last one. The append that made "old" was write 0 of the file and this is write 1. A changed key would change the meaning of saved seeds.
func TestTorn(t *testing.T) {
	body := bytes.Repeat([]byte("x"), 1200)
	for _, c := range []struct {
		lost []string
		want string
		loss Loss
	}{
		{nil, "old" + strings.Repeat("x", 1200), Loss{}},
		{[]string{"unsynced n f#17592187092992"}, "old" + strings.Repeat("\x00", 509) + strings.Repeat("x", 691), Loss{Bytes: 509, Torn: 1}},
		{[]string{"unsynced n f#17592187092993"}, "old" + strings.Repeat("x", 509) + strings.Repeat("\x00", 512) + strings.Repeat("x", 179),
			Loss{Bytes: 512, Torn: 1}},
		{[]string{"unsynced n f#17592187092994"}, "old" + strings.Repeat("x", 1021), Loss{Bytes: 179, Torn: 1}},
	} {
		d := scenario(t)
		do(t, d.Append("f", body))
		all(d)
		source := lose(c.lost...)
		loss := d.Crash(&source, node, 1, Mix)
		if got := content(t, d, "f"); got != c.want || loss != c.loss {
			t.Errorf("lost %q: %d bytes %q, %v", c.lost, len(got), got, loss)
		}
	}
}

// TestNameKeys pins the keys of names: one file was created, one renamed, one removed.
func TestNameKeys(t *testing.T) {
	for _, c := range []struct{ lost, want string }{
		{"", "b new"},
		{"unsynced-name n a#17592186044416", "a new"},
		{"unsynced-name n new#17592186044416", "b"},
		{"unsynced-name n f#17592186044416", "b f new"},
	} {
		d := scenario(t)
		do(t, d.Append("a", nil), d.SyncDir())
		all(d)
		do(t, d.Rename("a", "b"), d.Append("new", nil), d.Remove("f"))
		all(d)
		source := lose(c.lost)
		loss := d.Crash(&source, node, 1, Mix)
		names, _ := d.List()
		if got := strings.Join(names, " "); got != c.want || (loss.Names == 1) != (c.lost != "") {
			t.Errorf("lost %q: names %q, want %q; %v", c.lost, got, c.want, loss)
		}
	}
}

// TestUnderWay would fail if an operation that had begun could not be torn, or if one behind it could get through.
func TestUnderWay(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(60) {
		d := scenario(t)
		do(t, d.Append("f", []byte("1")), d.Append("f", []byte("2")))
		source := chance.Seeded(seed)
		d.Crash(&source, node, 1, Mix)
		outcomes[content(t, d, "f")]++
	}
	if len(outcomes) != 2 || outcomes["old"] == 0 || outcomes["old1"] == 0 {
		t.Errorf("content after the crash: %v", outcomes)
	}
}

// TestNumbers would fail if an operation that did nothing had a number, or if a crash set the numbers back.
func TestNumbers(t *testing.T) {
	d := scenario(t)
	if d.Issued() != 3 {
		t.Fatal("issued", d.Issued())
	}
	_, _ = d.List()
	_ = d.Sync("none")
	_ = d.WriteAt("f", nil, -1)
	if d.Issued() != 3 {
		t.Error("looking and failing must not be numbered")
	}
	do(t, d.Rename("f", "f"), d.Append("f", nil))
	if d.Issued() != 5 {
		t.Error("what changes nothing is numbered all the same:", d.Issued())
	}
	d.Crash(&benign, node, 1, Lose)
	do(t, d.Append("f", []byte("x")))
	if d.Issued() != 6 {
		t.Error("numbers go on after a crash:", d.Issued())
	}
	d.Happened(2) // old news
	defer func() {
		if recover() == nil {
			t.Error("Happened must refuse what was never issued")
		}
	}()
	d.Happened(7)
}

// TestErrors would fail if misuse went through, or if an error did not name the file.
func TestErrors(t *testing.T) {
	d := scenario(t)
	_, noSize := d.Size("g")
	_, noRead := d.ReadAt("g", nil, 0)
	_, noDurable := d.Durable().ReadAt("g", nil, 0)
	_, noDurableSize := d.Durable().Size("g")
	for i, err := range []error{noSize, noRead, noDurable, noDurableSize, d.Truncate("g", 0), d.Sync("g"), d.Rename("g", "h"), d.Remove("g")} {
		if !errors.Is(err, ErrNotExist) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), " g: ") {
			t.Errorf("%d: %v", i, err)
		}
	}
	_, negative := d.ReadAt("f", nil, -1)
	for i, err := range []error{negative, d.WriteAt("f", nil, -1), d.Truncate("f", -1), d.Truncate("f", 1<<40), d.WriteAt("f", nil, 1<<40),
		d.WriteAt("f", []byte("x"), maxSize), d.Append("", nil), d.WriteAt("", nil, 0), d.Rename("f", "")} {
		if err == nil || errors.Is(err, ErrNotExist) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := content(t, d, "f"); got != "old" {
		t.Errorf("after the errors %q", got)
	}
}

// TestReadAt would fail if reads at the end differed from those of io.ReaderAt.
func TestReadAt(t *testing.T) {
	d := scenario(t)
	for _, c := range []struct {
		off  int64
		room int
		want string
		err  error
	}{{0, 3, "old", nil}, {1, 5, "ld", io.EOF}, {3, 1, "", io.EOF}, {9, 1, "", io.EOF}, {1, 1, "l", nil}} {
		p := make([]byte, c.room)
		n, err := d.ReadAt("f", p, c.off)
		if string(p[:n]) != c.want || err != c.err {
			t.Errorf("at %d: %q, %v", c.off, p[:n], err)
		}
	}
}

// TestDeterministic would fail if a crash depended on the order of a map, or on anything but the keys of its picks.
func TestDeterministic(t *testing.T) {
	var first map[string][]byte
	for run := range 200 {
		d := New()
		for i := range 12 {
			name := string(rune('a' + i))
			do(t, d.Append(name, bytes.Repeat([]byte{byte(i)}, 700)), d.WriteAt(name, []byte("over"), 100))
		}
		all(d)
		source := chance.Seeded(7)
		d.Crash(&source, node, 3, Mix)
		got := dump(t, d)
		if run == 0 {
			first = got
		}
		if brief(got) != brief(first) {
			t.Fatalf("run %d: %s, first %s", run, brief(got), brief(first))
		}
	}
}

// TestFilesAreIndependent would fail if leaving out the writes to one file changed what a crash does to another.
func TestFilesAreIndependent(t *testing.T) {
	run := func(other bool) string {
		d := New()
		for i := range 20 {
			if other {
				do(t, d.Append("other", []byte("noise")))
			}
			do(t, d.Append("f", []byte{byte('a' + i)}))
		}
		do(t, d.SyncDir())
		all(d)
		source := chance.Seeded(1)
		d.Crash(&source, node, 1, Mix)
		return content(t, d, "f")
	}
	if with, without := run(true), run(false); with != without || !strings.Contains(with, "\x00") {
		t.Errorf("%q with another file, %q without", with, without)
	}
}

// TestTwins would fail if two files that were created under one name shared their picks: then both lose or both keep their bytes.
func TestTwins(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(100) {
		d := New()
		do(t, d.Append("tmp", []byte("x")), d.Rename("tmp", "f"), d.Append("tmp", []byte("x")), d.SyncDir())
		all(d)
		source := chance.Seeded(seed)
		d.Crash(&source, node, 1, Mix)
		outcomes[content(t, d, "f")+"|"+content(t, d, "tmp")]++
	}
	if len(outcomes) != 4 {
		t.Errorf("content after the crash: %v", outcomes)
	}
}

// TestMemoryIsBounded would fail if a program that replaces a file again and again, or writes in place for ever, cost more and more.
func TestMemoryIsBounded(t *testing.T) {
	d := scenario(t)
	for i := range 3000 {
		do(t, d.Append("tmp", []byte("new")), d.Sync("tmp"), d.Rename("tmp", "f"), d.SyncDir())
		do(t, d.WriteAt("g", []byte("in place"), 0), d.Sync("g"))
		d.Happened(d.Issued() - uint64(i%3))
	}
	g := &d.files[d.names.find("g")]
	if len(d.files) > 8 || len(d.journal) > 8 || cap(d.syncs) > 512 || cap(g.arena) > 4096 || cap(g.pending) > 512 {
		t.Errorf("%d files, %d changes of names, %d syncs, arena of %d bytes, %d writes pending",
			len(d.files), len(d.journal), cap(d.syncs), cap(g.arena), cap(g.pending))
	}
}

// TestReset would fail if a disk that is used again showed anything of the run before.
func TestReset(t *testing.T) {
	d := scenario(t)
	do(t, d.WriteAt("f", []byte("X"), 0), d.Append("g", bytes.Repeat([]byte("y"), 2000)))
	d.Reset()
	if names, _ := d.List(); len(names) != 0 || d.Issued() != 0 {
		t.Fatal("left", names, d.Issued())
	}
	do(t, d.WriteAt("g", []byte("z"), 4), d.Sync("g"), d.SyncDir())
	all(d)
	if got := content(t, d.Durable(), "g"); got != "\x00\x00\x00\x00z" {
		t.Errorf("got %q", got)
	}
}

// TestWords pins what people and seed files read.
func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"append log 64 bytes":             Op{Kind: AppendOp, Name: "log", Len: 64}.String(),
		"write log 64 bytes at 512":       Op{Kind: WriteOp, Name: "log", Len: 64, Off: 512}.String(),
		"truncate log to 9 bytes":         Op{Kind: TruncateOp, Name: "log", Off: 9}.String(),
		"rename a to b":                   Op{Kind: RenameOp, Name: "a", To: "b"}.String(),
		"syncdir":                         Op{Kind: SyncDirOp}.String(),
		"sync log: file does not exist":   Op{Kind: SyncOp, Name: "log", Err: ErrNotExist}.String(),
		"op(99)":                          OpKind(99).String(),
		"lost nothing":                    Loss{}.String(),
		"lost 1 byte, 2 writes":           Loss{Bytes: 1, Writes: 2}.String(),
		"lost 96 bytes, 1 torn, 1 name":   Loss{Bytes: 96, Torn: 1, Names: 1}.String(),
		"\x02\x03log\x00\x00\x80\x01\x00": string(Op{Kind: AppendOp, Name: "log", Len: 64}.AppendHash(nil)),
		"\x04\x00\x00\x00\x00\x01\x03EOF": string(Op{Kind: SyncOp, Err: io.EOF}.AppendHash(nil)),
		"\x01\x02\x03\x04":                string(Loss{1, 2, 3, 4}.AppendHash(nil)),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, m := range []Mode{Keep, Lose, Mix} {
		if back, err := ParseMode(m.String()); back != m || err != nil {
			t.Error(m, back, err)
		}
	}
	if _, err := ParseMode("some"); err == nil {
		t.Error("no mode is called some")
	}
	if !SyncOp.Mutates() || ReadOp.Mutates() || SizeOp.Mutates() || ListOp.Mutates() {
		t.Error("Mutates")
	}
}

// TestFaulty would fail if an operation slipped past Fail, or happened in spite of it.
func TestFaulty(t *testing.T) {
	broken := errors.New("broken")
	var asked []OpKind
	pass := true
	under := scenario(t)
	d := &Faulty{under, func(o Op) error {
		asked = append(asked, o.Kind)
		if pass {
			return nil
		}
		return broken
	}}
	run := func() (errs []error) {
		_, list := d.List()
		_, size := d.Size("f")
		_, read := d.ReadAt("f", make([]byte, 1), 0)
		return []error{read, d.WriteAt("f", []byte("x"), 0), d.Append("f", []byte("x")), d.Truncate("f", 1), d.Sync("f"),
			d.Rename("f", "g"), d.Remove("g"), d.SyncDir(), list, size}
	}
	do(t, run()...)
	if slices.Sort(asked); len(asked) != int(opKinds) || len(slices.Compact(asked)) != int(opKinds) {
		t.Errorf("asked about %v", asked)
	}
	pass = false
	before := under.Issued()
	for k, err := range run() {
		if err != broken {
			t.Errorf("%v returned %v", OpKind(k), err)
		}
	}
	if under.Issued() != before {
		t.Error("an operation that failed changed the disk")
	}
}
