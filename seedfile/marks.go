package seedfile

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/sim"
)

// Marks are a few values of the hash that rolls through a run, so that another run can be told to be the same up to one
// of them: the value of index i is that after event (i+1)*Every. Two bytes of each are enough: once two runs have parted
// they stay apart, and one mark in 65,536 is the same by accident.
type Marks struct {
	Every uint64
	Hash  []uint16
}

// mostMarks is how many a token has room for.
const mostMarks = 8

// marksOf thins the checkpoints of a run out. The last of them is left out, since the hash of all events says more.
func marksOf(points []sim.Checkpoint) (m Marks) {
	if len(points) < 2 {
		return m
	}
	points = points[:len(points)-1]
	step := (len(points) + mostMarks - 1) / mostMarks
	for step&(step-1) != 0 {
		step++ // a power of two, as are the distances in every other run
	}
	for i := step - 1; i < len(points); i += step {
		m.Hash = append(m.Hash, uint16(points[i].Hash))
	}
	if len(m.Hash) > 0 {
		m.Every = points[step-1].Seq
	}
	return m
}

// Parted says between which events another run, of these checkpoints, has parted from the one of the marks: it is the
// same up to event after, and is not by event by. Either is 0 if the marks do not tell. The last checkpoint is that of the
// end of the run.
func (m Marks) Parted(points []sim.Checkpoint) (after, by uint64) {
	for _, p := range points[:max(len(points)-1, 0)] {
		i := p.Seq/max(m.Every, 1) - 1 // wraps around below the first
		if m.Every == 0 || p.Seq%m.Every != 0 || i >= uint64(len(m.Hash)) {
			continue
		}
		if uint16(p.Hash) != m.Hash[i] {
			return after, p.Seq
		}
		after = p.Seq
	}
	return after, 0
}

// text is what stands in a seed file: the distance, and the marks.
func (m Marks) text() string {
	if len(m.Hash) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(strconv.FormatUint(m.Every, 10))
	for _, h := range m.Hash {
		fmt.Fprintf(&b, " %04x", h)
	}
	return b.String()
}

func readMarks(f *reading, value string) error {
	words := strings.Fields(value)
	every, err := strconv.ParseUint(words[0], 10, 63)
	if err != nil || every == 0 {
		return fmt.Errorf("marks %s: want first the number of events between two marks, from 1", words[0])
	}
	if len(words) == 1 {
		return fmt.Errorf("marks %s: want marks after the number of events between them", value)
	}
	if len(words) > 1+255 {
		return fmt.Errorf("marks: %d of them: want at most 255", len(words)-1)
	}
	f.Marks.Every = every
	for _, w := range words[1:] {
		h, err := readShort(w)
		if err != nil {
			return fmt.Errorf("marks: %w", err)
		}
		f.Marks.Hash = append(f.Marks.Hash, h)
	}
	return nil
}

// readShort reads a hash of which two bytes are written down.
func readShort(s string) (uint16, error) {
	h, err := strconv.ParseUint(s, 16, 16)
	if err != nil || len(s) != 4 {
		return 0, fmt.Errorf("%s: want four hexadecimal digits", s)
	}
	return uint16(h), nil
}
