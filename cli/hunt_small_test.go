package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"simrun/search"
)

// It fails if a number of runs, a word or nonsense is taken for something else.
func TestShrinkBudget(t *testing.T) {
	for text, want := range map[string]shrinkBudget{"0": {none: true}, "500": {runs: 500}, "false": {none: true}, "true": {}} {
		b := shrinkBudget{runs: 7}
		if err := b.Set(text); err != nil || b != want {
			t.Errorf("--shrink %s is %+v, %v; want %+v", text, b, err, want)
		}
	}
	for _, text := range []string{"-1", "many", "", "1.5"} {
		b := shrinkBudget{runs: 7}
		if err := b.Set(text); err == nil || b.runs != 7 {
			t.Errorf("--shrink %q is taken as %+v", text, b)
		}
	}
}

// It fails if a failure that cannot be saved looks like one that was, or leaves half a file.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	c := &command{out: bufio.NewWriter(io.Discard)}
	all := []small{{Failure: &search.Failure{Seed: 42, Property: "once each/twice"}}}
	all[0].file.Scenario = "counter"
	var end *ending
	if err := c.save(dir, "gone", all); !errors.As(err, &end) || end.code != exitUnknown || all[0].saved != "" {
		t.Errorf("there is no folder, and the error is %v; saved as %q", err, all[0].saved)
	}
	if err := prepareSave(dir, "counter"); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "counter", "once-each-twice-0x2a.seed")
	if err := c.save(dir, "counter", all); err != nil || all[0].saved != want {
		t.Errorf("saved as %q, %v; want %s", all[0].saved, err, want)
	}
	if names, _ := os.ReadDir(filepath.Dir(want)); len(names) != 1 {
		t.Errorf("there is more than the file: %v", names)
	}
}
