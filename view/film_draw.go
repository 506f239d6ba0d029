package view

import (
	"context"
	"fmt"
	"io"
	"strings"

	"simrun/sim"
)

// Draw draws events as rows of a diagram, as a story does, one lane for each node of the run, with all that they changed. The line that names the lanes comes first, if
// it is wanted.
func (f *Film) Draw(ctx context.Context, w io.Writer, seqs []uint64, head bool) error {
	s := Story{Lanes: f.Trace.Nodes}
	for _, seq := range seqs {
		r, err := f.row(ctx, seq)
		if err != nil {
			return err
		}
		s.rows = append(s.rows, r)
	}
	f.Trace.markDown(&s)
	var b strings.Builder
	if err := Diagram(&b, s, Hints{}); err != nil {
		return err
	}
	text := b.String()
	if !head {
		_, text, _ = strings.Cut(text, "\n")
		if lanes, _ := s.fit(); len(lanes) < len(s.Lanes) { // which the foot says, and was said before
			text = text[:strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1]
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

// mostTold is how many changes of one event are told.
const mostTold = 6

// row makes a row of an event, with what it changed in the state of its node, or on its disk.
func (f *Film) row(ctx context.Context, seq uint64) (row, error) {
	diff, err := f.Changes(ctx, seq)
	if err != nil {
		return row{}, err
	}
	r := f.Trace.row(seq)
	if r.kind == sim.Crashed || r.kind == sim.Started && r.text == "1" { // all is lost, or new
		return r, nil
	}
	all := turnedBy(diff)
	var paths []string
	for _, c := range all {
		paths = append(paths, c.path)
	}
	name := names(paths)
	for _, c := range all {
		if !opaque(c.after) && !opaque(c.before) {
			r.more = append(r.more, c.words(name[c.path]))
		}
	}
	for _, c := range diff {
		if file, ofDisk := strings.CutPrefix(c.Path, onDisk); ofDisk {
			r.more = append(r.more, fmt.Sprintf("on disk: %s %s", file, sizeIn(c.After)))
		}
	}
	if left := len(r.more) - mostTold; left > 0 {
		r.more = append(r.more[:mostTold], fmt.Sprintf("and %d more", left))
	}
	return r, nil
}

// sizeIn is the size of a file, as a line of a state tells it.
func sizeIn(line string) string {
	size, _, _ := strings.Cut(line, ":")
	if size == "" {
		return "is gone"
	}
	return size
}
