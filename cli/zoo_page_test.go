package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"simrun/zoo"
)

// It fails if a section that a page has is not written, if anything outside of sections is, if a new page gets more than the first, or if a page that has none is lost.
func TestWritePage(t *testing.T) {
	text := func(name string) section {
		return section{name, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "new %s\n", name)
			return err
		}}
	}
	sections := []section{text("stories"), text("score"), text("slowest")}
	file := filepath.Join(t.TempDir(), "page.md")
	for _, c := range [][2]string{
		{"", "new stories\n"},
		{"a\n<!-- score -->\nold\n<!-- /score -->\nb\n<!-- x -->\nmine\n<!-- /x -->\n", "a\n<!-- score -->\nnew score\n<!-- /score -->\nb\n<!-- x -->\nmine\n<!-- /x -->\n"},
		{"<!-- slowest -->\n<!-- /slowest --><!-- stories -->\nold\n<!-- /stories -->", "<!-- slowest -->\nnew slowest\n<!-- /slowest --><!-- stories -->\nnew stories\n<!-- /stories -->"},
	} {
		if err := os.WriteFile(file, []byte(c[0]), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := writePage(file, sections); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != c[1] {
			t.Errorf("of %q: got %q, want %q", c[0], got, c[1])
		}
	}
	const mine = "a page of something else\n"
	if err := os.WriteFile(file, []byte(mine), 0o666); err != nil {
		t.Fatal(err)
	}
	err := writePage(file, sections)
	if got, _ := os.ReadFile(file); err == nil || string(got) != mine {
		t.Errorf("%v: a page without sections is now %q", err, got)
	}
	if runtime.GOOS == "linux" { // a device that can be read for ever, and says that it is full when it is written
		if err := writePage("/dev/full", sections); err == nil || !strings.Contains(err.Error(), "cannot write /dev/full") {
			t.Errorf("a full device: %v", err)
		}
		f := scoreFlags{save: "/dev/full"}
		if before, err := f.saved(); err != nil || len(before.Bugs) > 0 {
			t.Errorf("what is saved in a device: %v, %v", before, err)
		}
		if _, err := openLog("/dev/full", &zoo.Campaign{}); err == nil || !strings.Contains(err.Error(), "it is no plain file") {
			t.Errorf("a log on a device: %v", err)
		}
	}
	if err := writePage(filepath.Join(file, "below"), sections); err == nil {
		t.Error("a file below a file was written")
	}
}
