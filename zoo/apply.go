package zoo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// With returns the bug with what another patch does beside it, under the same name. The two must not change the same file.
func (b *Bug) With(other *Bug) (*Bug, error) {
	both := *b
	for _, name := range other.Files() {
		if slices.Contains(b.Files(), name) {
			return nil, fmt.Errorf("%s and %s both change %s", b.Name, other.Name, name)
		}
	}
	both.Patch += other.Patch
	both.files = append(slices.Clone(b.files), other.files...)
	return &both, nil
}

// Apply returns the files that the patch changes as they are with the bug, by their names below the root of the module. A file is read by
// its name. A hunk may have moved since the patch was made, if the lines that it is about are still there and only once. An error names the file and the hunk.
func (b *Bug) Apply(read func(name string) ([]byte, error)) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, f := range b.files {
		text, err := read(f.NewName)
		if err != nil {
			return nil, fmt.Errorf("%s: the patch is about a file that cannot be read: %w", b.Name, err)
		}
		moved, err := relocate(f, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name, err)
		}
		var out bytes.Buffer
		if err := gitdiff.Apply(&out, bytes.NewReader(text), moved); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", b.Name, f.NewName, err)
		}
		files[f.NewName] = out.Bytes()
	}
	return files, nil
}

// Refresh returns the patch with the line numbers that its hunks have now, as a diff.
func (b *Bug) Refresh(read func(name string) ([]byte, error)) (string, error) {
	var diff strings.Builder
	for _, f := range b.files {
		text, err := read(f.NewName)
		if err != nil {
			return "", fmt.Errorf("%s: %w", b.Name, err)
		}
		moved, err := relocate(f, text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", b.Name, err)
		}
		fmt.Fprintf(&diff, "--- a/%s\n+++ b/%s\n", f.NewName, f.NewName)
		for _, h := range moved.TextFragments {
			diff.WriteString(h.String())
		}
	}
	return diff.String(), nil
}

// relocate returns the changes of a file with each hunk where its lines stand now.
func relocate(f *gitdiff.File, text []byte) (*gitdiff.File, error) {
	lines := strings.SplitAfter(string(text), "\n")
	moved := *f
	moved.TextFragments = nil
	from, shift := 0, int64(0)
	for i, h := range f.TextFragments {
		var old []string
		for _, l := range h.Lines {
			if l.Op != gitdiff.OpAdd {
				old = append(old, l.Line)
			}
		}
		at, err := locate(lines, old, int(h.OldPosition)-1, from)
		if err != nil {
			return nil, fmt.Errorf("%s: hunk %d (@@ -%d): %w", f.NewName, i+1, h.OldPosition, err)
		}
		n := *h
		n.OldPosition = int64(at + 1)
		n.NewPosition = n.OldPosition + shift
		shift += n.LinesAdded - n.LinesDeleted
		from = at + len(old)
		moved.TextFragments = append(moved.TextFragments, &n)
	}
	return &moved, nil
}

// locate finds where old stands in lines, at or after from: where it is said to be, else the only place where it is.
func locate(lines, old []string, said, from int) (int, error) {
	if len(old) == 0 {
		return 0, fmt.Errorf("it has no line of the file around it, so nobody can tell where it belongs")
	}
	stands := func(at int) bool {
		return at >= from && at+len(old) <= len(lines) && slices.Equal(lines[at:at+len(old)], old)
	}
	if stands(said) {
		return said, nil
	}
	found := -1
	for at := from; at+len(old) <= len(lines); at++ {
		if !stands(at) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("its lines stand in two places, at %d and at %d: give it more lines around it", found+1, at+1)
		}
		found = at
	}
	if found < 0 {
		return 0, fmt.Errorf("it no longer applies: the file has no lines such as %q", cut(strings.TrimSpace(firstChanged(old, lines))))
	}
	return found, nil
}

// firstChanged returns the first of the lines that the file does not have at all; if it has them all, in another order, the first.
func firstChanged(old, lines []string) string {
	for _, l := range old {
		if !slices.Contains(lines, l) {
			return l
		}
	}
	return old[0]
}
