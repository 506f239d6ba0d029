package disk

import (
	"bytes"
	"strings"
	"testing"

	"simrun/sim/chance"
)

// TestRenameBites is the mistake this disk exists for: write a new version beside the old one and rename it over, but
// forget to sync. It would fail if the disk were kinder than a real one.
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

// TestModes shows what each mode leaves of the same disk. It would fail if Keep kept what had not happened, or Lose
// what was not synced.
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
		d.Begun(d.Issued() - 1)
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

// TestTorn pins the keys of the picks, and what is left when chosen sectors of a write are lost: zeros before a
// sector that was kept, nothing behind the last one. The append that made "old" was write 0 of the file and this is
// write 1. A changed key would change the meaning of saved seeds.
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

// TestUnderWay would fail if an operation that had begun could not get through, or if one could that the disk had not
// begun: the one behind it, or the first of all when the disk was told of none.
func TestUnderWay(t *testing.T) {
	for begun, want := range []int{1, 2} {
		outcomes := map[string]int{}
		for seed := range uint64(60) {
			d := scenario(t)
			before := d.Issued()
			do(t, d.Append("f", []byte("1")), d.Append("f", []byte("2")))
			d.Begun(before + uint64(begun))
			source := chance.Seeded(seed)
			d.Crash(&source, node, 1, Mix)
			outcomes[content(t, d, "f")]++
		}
		if len(outcomes) != want || outcomes["old"] == 0 || want == 2 && outcomes["old1"] == 0 {
			t.Errorf("%d begun, content after the crash: %v", begun, outcomes)
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

// TestTwins would fail if two files that were created under one name shared their picks: then both lose or both keep
// their bytes.
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
