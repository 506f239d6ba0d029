package mutate

import (
	"fmt"
	"path"
	"strings"
)

// A spot is a place in a file: a line and a column, both from 1.
type spot struct{ line, column int }

func (s spot) before(t spot) bool {
	return s.line < t.line || s.line == t.line && s.column < t.column
}

// A block is a piece of code that runs as one, as coverage counts it.
type block struct {
	file     string // without a folder
	from, to spot
}

// parseProfile reads a coverage profile: the blocks of the package with this import path, and
// whether each has run.
func parseProfile(text, importPath string) (map[block]bool, error) {
	ran := make(map[block]bool)
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "mode:") {
			continue
		}
		colon := strings.LastIndexByte(l, ':')
		if colon < 0 {
			return nil, fmt.Errorf("coverage: %q is not a line of a profile", l)
		}
		b := block{file: path.Base(l[:colon])}
		var statements, times int
		if _, err := fmt.Sscanf(l[colon+1:], "%d.%d,%d.%d %d %d", &b.from.line, &b.from.column, &b.to.line, &b.to.column, &statements, &times); err != nil {
			return nil, fmt.Errorf("coverage: %q is not a line of a profile: %w", l, err)
		}
		if path.Dir(l[:colon]) == importPath {
			ran[b] = ran[b] || times > 0
		}
	}
	return ran, nil
}

// around returns the smallest block in which a mutant begins; false if it is in none, as constants and
// the variables of a package are.
func around(blocks []block, m *Mutant) (best block, ok bool) {
	at := spot{m.Line, m.Column}
	for _, b := range blocks {
		if b.file != m.File || at.before(b.from) || !at.before(b.to) {
			continue
		}
		if !ok || best.from.before(b.from) {
			best, ok = b, true
		}
	}
	return best, ok
}
