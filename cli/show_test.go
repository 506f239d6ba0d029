package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/view"
)

// It fails if a file that could not be written whole is left half written, or takes the place of one that was there.
func TestWriteWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "run.html")
	say := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, text)
			return err
		}
	}
	if n, err := writeWhole(file, say("first", nil)); n != 5 || err != nil {
		t.Fatalf("wrote %d bytes, %v", n, err)
	}
	why := errors.New("no space")
	if _, err := writeWhole(file, say(strings.Repeat("second", 100_000), why)); err != why {
		t.Errorf("the error is %v, want %v", err, why)
	}
	if got, _ := os.ReadFile(file); string(got) != "first" {
		t.Errorf("the file that was there holds %.20q", got)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("files are left: %v", names)
	}
	if _, err := writeWhole(file, say("third", nil)); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "third" {
		t.Errorf("the file holds %.20q", got)
	}
	if info, _ := os.Stat(file); info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("others cannot read the file: %v", info.Mode())
	}
}

// It fails if a long run keeps the states of all its events, or not of those around the one that it is about.
func TestStatesOf(t *testing.T) {
	for _, c := range []struct {
		events, around uint64
		want           view.Window
	}{
		{100, 50, view.Window{}}, {20_000, 0, view.Window{}}, {1_000_000, 0, view.Window{From: 980_001, To: 1_000_000}},
		{1_000_000, 500_000, view.Window{From: 482_001, To: 502_000}}, {1_000_000, 10, view.Window{From: 1, To: 2010}},
	} {
		if got := statesOf(c.events, c.around); got != c.want {
			t.Errorf("of %d events around %d: %+v, want %+v", c.events, c.around, got, c.want)
		}
	}
}

func TestSizeText(t *testing.T) {
	for n, want := range map[int64]string{9999: "9,999 bytes", 60_000: "60 kB", 5_708_123: "5,708 kB", 20_000_000: "20 MB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d bytes are told as %q, want %q", n, got, want)
		}
	}
}
