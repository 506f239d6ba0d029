package view

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// It fails if a file that could not be written whole is left half written, or takes the place of one that was there.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "run.html")
	say := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, text)
			return err
		}
	}
	if n, err := WriteFile(file, say("first", nil)); n != 5 || err != nil {
		t.Fatalf("wrote %d bytes, %v", n, err)
	}
	why := errors.New("no space")
	if _, err := WriteFile(file, say(strings.Repeat("second", 100_000), why)); err != why {
		t.Errorf("the error is %v, want %v", err, why)
	}
	if got, _ := os.ReadFile(file); string(got) != "first" {
		t.Errorf("the file that was there holds %.20q", got)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("files are left: %v", names)
	}
	if _, err := WriteFile(file, say("third", nil)); err != nil {
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
func TestAround(t *testing.T) {
	for _, c := range []struct {
		events, around uint64
		want           Window
	}{
		{100, 50, Window{}}, {20_000, 0, Window{}}, {1_000_000, 0, Window{From: 980_001, To: 1_000_000}},
		{1_000_000, 500_000, Window{From: 482_001, To: 502_000}}, {1_000_000, 10, Window{From: 1, To: 2010}},
	} {
		if got := Around(c.events, c.around); got != c.want {
			t.Errorf("of %d events around %d: %+v, want %+v", c.events, c.around, got, c.want)
		}
	}
}
