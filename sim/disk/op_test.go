package disk

import (
	"errors"
	"io"
	"slices"
	"testing"
)

// TestWords pins what people and seed files read.
func TestWords(t *testing.T) {
	for _, c := range []struct{ want, got string }{
		{"append log 64 bytes", Op{Kind: AppendOp, Name: "log", Len: 64}.String()},
		{"write log 64 bytes at 512", Op{Kind: WriteOp, Name: "log", Len: 64, Off: 512}.String()},
		{"truncate log to 9 bytes", Op{Kind: TruncateOp, Name: "log", Off: 9}.String()},
		{"rename a to b", Op{Kind: RenameOp, Name: "a", To: "b"}.String()},
		{"syncdir", Op{Kind: SyncDirOp}.String()},
		{"sync log: file does not exist", Op{Kind: SyncOp, Name: "log", Err: ErrNotExist}.String()},
		{"op(99)", OpKind(99).String()},
		{"lost nothing", Loss{}.String()},
		{"lost 1 byte, 2 writes", Loss{Bytes: 1, Writes: 2}.String()},
		{"lost 96 bytes, 1 torn, 1 name", Loss{Bytes: 96, Torn: 1, Names: 1}.String()},
		{"\x02\x03log\x00\x00\x80\x01\x00", string(Op{Kind: AppendOp, Name: "log", Len: 64}.AppendHash(nil))},
		{"\x04\x00\x00\x00\x00\x01\x03EOF", string(Op{Kind: SyncOp, Err: io.EOF}.AppendHash(nil))},
		{"\x01\x02\x03\x04", string(Loss{1, 2, 3, 4}.AppendHash(nil))},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
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
