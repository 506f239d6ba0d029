// Package zoo keeps bugs worth knowing, each a small patch to real code, and builds programs that have one of them.
//
// A [Bug] is a file zoo/FOLDER/NAME.patch below the root of a module. It begins with what there is to know, one key a line,
// goes on with a unified diff against the module's own files, and is called FOLDER/NAME:
//
//	title:    an acceptor keeps its promise in memory
//	id:       PX-03
//	story:    The promise is answered and not written down. After a crash the acceptor
//	          accepts a lower ballot, which it had promised not to.
//	breaks:   agreement
//	also:     integrity — a proposer whose ballot is preempted may have decided, and decides again
//	inner:    backed
//	needs:    crash, lost-bytes
//	scenario: paxos
//	smallest: 11 events
//	seen:     https://example.org/the-report
//	hint:     What must have reached the disk when an answer leaves?
//
//	--- a/protocols/paxos/acceptor.go
//	+++ b/protocols/paxos/acceptor.go
//	@@ ...
//
// The files on disk are never changed. A patch is applied in memory, what comes out is written beside the finished program in a
// cache, and the Go tool compiles it in the place of the original by its flag -overlay. So everything that the program can
// do it can do with the bug: run, hunt, shrink, draw. A [Builder] does that, and knows by the contents of all sources whether
// a program from the cache is still the right one.
//
// How good a harness is at finding the bugs is measured in seeds, see [Campaign] and [Score]. What was measured is kept in a file of the
// module, see [Published], from which tables and pictures are made.
package zoo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// Folder is where the patches of a module are, below its root.
const Folder = "zoo"

// Suffix is what the names of patches end with.
const Suffix = ".patch"

// A Bug is one mistake, and what is known of it.
type Bug struct {
	Name  string // FOLDER/NAME, such as paxos/deaf
	Title string // half a sentence: who does what wrong
	ID    string // in a published list; may be empty
	Story string // a paragraph in plain words

	Breaks string   // the outer property that a user sees broken first
	Also   []Also   // other outer properties that may be broken first
	Inner  []string // inner properties that see it earlier
	Needs  []string // kinds of faults without which it cannot show, or several of which one will do, with | between them; none: concurrency alone
	Masked string   // if nobody can ever see it: why. Such a patch is no bug

	Weakens string // of a patch that makes a checker weak: the property that judges less by it. Such a patch is no bug, and has a title and a story only

	Scenario string   // the one that shows it
	Set      []string // settings of that scenario without which it cannot show, or shows much later, as name=value
	Faults   string   // the profile that finds it, if the default one cannot

	Smallest string // the smallest run known: "11 events"; may be empty
	Seen     string // where it happened; may be empty
	Mend     string // of words that were followed literally: the sentence that mends them
	Hint     string // for a student: a question

	Patch string // the unified diff, without what stands before it
	files []*gitdiff.File
}

// An Also is an outer property that may see a bug before the one that its header says, and why that is no mistake.
type Also struct{ Property, Reason string }

// Expects reports whether an outer property is one that may see the bug first, by what the header says.
func (b *Bug) Expects(property string) bool {
	return property == b.Breaks || slices.ContainsFunc(b.Also, func(a Also) bool { return a.Property == property })
}

// Mark returns a short hash of what a score of the bug depends on in its file: the lines that the patch changes, and what it is run with. Where the lines
// stand does not matter.
func (b *Bug) Mark() string {
	h := sha256.New()
	fmt.Fprintln(h, b.Scenario, b.Set, b.Faults)
	for line := range strings.Lines(b.Patch) {
		if line[0] == '+' || line[0] == '-' {
			io.WriteString(h, line)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// Files returns the names of the files that the patch changes, below the root of the module, with slashes.
func (b *Bug) Files() []string {
	names := make([]string, len(b.files))
	for i, f := range b.files {
		names[i] = f.NewName
	}
	return names
}

// NeedsText says in words what faults it needs: "crash, loss or cut".
func (b *Bug) NeedsText() string {
	if len(b.Needs) == 0 {
		return "no fault: concurrency alone"
	}
	words := make([]string, len(b.Needs))
	for i, n := range b.Needs {
		words[i] = strings.ReplaceAll(n, "|", " or ")
	}
	return strings.Join(words, ", ")
}

// A Zoo is the bugs of a module, sorted by name.
type Zoo []*Bug

// Open reads the patches in the folders of fsys, the root of a module. An error names the file, and the line where there is one.
// A module without patches has an empty zoo.
func Open(fsys fs.FS) (Zoo, error) {
	z, _, err := OpenAll(fsys)
	return z, err
}

// OpenAll is [Open] for those who also want the patches that make a checker weak: what the bugs are worth as a test of the checkers shows when
// they are found later, or not, with one of these beside them (see [Bug.With]).
func OpenAll(fsys fs.FS) (bugs, weak Zoo, err error) {
	all, err := read(fsys)
	for _, b := range all {
		if b.Weakens != "" {
			weak = append(weak, b)
		} else {
			bugs = append(bugs, b)
		}
	}
	return bugs, weak, err
}

// read reads all patches.
func read(fsys fs.FS) (Zoo, error) {
	var z Zoo
	var wrong []error
	err := fs.WalkDir(fsys, Folder, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == Folder:
			return nil
		case err != nil:
			return err
		case d.IsDir() || path.Ext(name) != Suffix:
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		b, err := Parse(string(text))
		if err == nil && strings.ContainsFunc(name, notInName) {
			err = errors.New("a bug is called what its file is, with nothing but letters, digits, hyphens, underscores, dots and slashes")
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			return nil
		}
		b.Name = strings.TrimSuffix(strings.TrimPrefix(name, Folder+"/"), Suffix)
		z = append(z, b)
		return nil
	})
	if err != nil {
		wrong = append(wrong, err)
	}
	slices.SortFunc(z, func(a, b *Bug) int { return cmp.Compare(a.Name, b.Name) })
	return z, errors.Join(wrong...)
}

// notInName reports whether a rune would make the name of a bug more than one word, to a shell, a linker or a list.
func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./", r)
}

// Find returns the bug of that name. The part behind the slash will do if it is the only one, and so will an ID.
func (z Zoo) Find(name string) (*Bug, bool) {
	var found []*Bug
	for _, b := range z {
		if b.Name == name {
			return b, true
		}
		if path.Base(b.Name) == name || strings.EqualFold(b.ID, name) {
			found = append(found, b)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return nil, false
}

// Names lists the names of all bugs.
func (z Zoo) Names() []string {
	names := make([]string, len(z))
	for i, b := range z {
		names[i] = b.Name
	}
	return names
}
