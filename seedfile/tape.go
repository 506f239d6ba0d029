package seedfile

import (
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"simrun/sim"
	"simrun/sim/chance"
)

// What was recorded of a run stands in three kinds of lines behind all others:
//
//	recorded 3 outcomes 5 events sum 0a1b2c3d
//	tape     delay a1>a2 Accept# 1=250000 3=17
//	tape     lose a1>a2 Accept# 2=1
//	trail    1 9f3c 0b1d 77e0 1234 abcd
//
// The tape has the outcomes that were not 0, in lines of one stream of picks each, as number=outcome: what package chance calls
// lose a1>a2 Accept#2 is outcome 2 of the stream lose a1>a2 Accept. Streams are sorted, and so are the numbers in
// them, so that two tapes can be compared line by line. A stream that people could not see as it is stands in quotes, as
// Go quotes strings. The trail has two bytes of the hash of each event, in lines that start with the number of their
// first. The first line says how much there must be of both, and their checksum: without it, as after changes by
// hand, a tape is taken as it stands.
//
// A file without a seed has tape lines alone, since its tape is a part of what makes the run, to be edited like its plan.

// Record adds to the file what was recorded of its run: the outcomes of all picks that were not 0, and the events.
func (f *File) Record(tape []chance.Decision, trail Trail) {
	f.Tape, f.Trail = sorted(tape), trail
}

// Recorded reports whether the file holds what happened in the run, beside what made it.
// The tape of a file without a seed is of what makes the run.
func (f File) Recorded() bool { return len(f.Trail) > 0 || len(f.Tape) > 0 && !f.Seedless }

// A Trail is two bytes of a hash of each event: by it the first event is found that differs in another run. Make it
// with See, and compare it with the Trail of that run.
type Trail []uint16

// See adds an event, which must be the next one.
func (t *Trail) See(e *sim.Event) {
	b := fmt.Appendf(nil, "%d %d %d %d %q %q %q %T ", e.Seq, e.Cause, int64(e.At), e.Kind, e.Node, e.Peer, e.Reason, e.Data)
	if e.Kind != sim.Panicked && e.Data != nil { // the stack of a panic holds addresses
		b = appendData(b, e)
	}
	*t = append(*t, uint16(chance.HashString(string(b))))
}

// appendData appends messages and facts as they are for the hash of the run; the rest is data of the world, which prints the same
// each time.
func appendData(b []byte, e *sim.Event) []byte {
	switch e.Kind {
	case sim.Sent, sim.Dropped, sim.Delivered, sim.TimerSet, sim.TimerFired, sim.Noted:
		if h, ok := e.Data.(interface{ AppendHash([]byte) []byte }); ok {
			return h.AppendHash(b)
		}
		return sim.AppendContent(b, e.Data)
	}
	return fmt.Appendf(b, "%+v", e.Data)
}

// Parted returns the first event that is not in both runs, 0 if there is none.
func (t Trail) Parted(other Trail) uint64 {
	for i := range max(len(t), len(other)) {
		if i >= len(t) || i >= len(other) || t[i] != other[i] {
			return uint64(i + 1)
		}
	}
	return 0
}

// A pick is a decision with the two parts of its key.
type pick struct {
	stream     string
	n, outcome uint64
}

// sorted returns a tape in the order of seed files. What was decided twice, in the same way, stands in it once.
func sorted(tape []chance.Decision) (list []chance.Decision) {
	for _, p := range picks(tape) {
		list = append(list, chance.Decision{Key: p.stream + "#" + strconv.FormatUint(p.n, 10), Outcome: p.outcome})
	}
	return slices.Compact(list)
}

// picks sorts a tape.
func picks(tape []chance.Decision) []pick {
	list := make([]pick, len(tape))
	for i, d := range tape {
		at := strings.LastIndexByte(d.Key, '#')
		n, err := strconv.ParseUint(d.Key[at+1:], 10, 64)
		if at < 0 || err != nil {
			panic(fmt.Sprintf("seedfile: %q is not the key of a pick", d.Key))
		}
		list[i] = pick{d.Key[:at], n, d.Outcome}
	}
	slices.SortFunc(list, func(a, b pick) int {
		return cmp.Or(cmp.Compare(a.stream, b.stream), cmp.Compare(a.n, b.n))
	})
	return list
}

// Examples of such lines, for errors.
const (
	recordedExample = "recorded 2 outcomes 3 events sum 0a1b2c3d"
	tapeExample     = "tape delay a1>a2 Accept# 1=250000 3=17"
)

// lineWidth is where a line of a tape or of a trail ends, roughly.
const lineWidth = 100

// printRecord prints the lines of what was recorded.
func (f File) printRecord(line func(key, value string)) {
	tape, trail := tapeLines(f.Tape), trailLines(f.Trail)
	if f.Recorded() {
		line("recorded", recordedLine(len(f.Tape), len(f.Trail), checkLines(tape, trail)))
	}
	for _, l := range tape {
		line("tape", l)
	}
	for _, l := range trail {
		line("trail", l)
	}
}

// recordedLine says how much there is.
func recordedLine(outcomes, events int, sum uint32) string {
	return fmt.Sprintf("%d outcomes %d events sum %08x", outcomes, events, sum)
}

// checkLines is the checksum of a tape and a trail as they are printed.
func checkLines(tape, trail []string) uint32 {
	return crc32.ChecksumIEEE([]byte(strings.Join(tape, "\n") + "\n" + strings.Join(trail, "\n")))
}

// tapeLines prints a tape: what follows the word tape in each line.
func tapeLines(tape []chance.Decision) (lines []string) {
	list := picks(tape)
	for i, p := range list {
		outcome := fmt.Sprintf(" %d=%d", p.n, p.outcome)
		last := len(lines) - 1
		if i > 0 && list[i-1].stream == p.stream && len(lines[last])+len(outcome) <= lineWidth {
			lines[last] += outcome
			continue
		}
		lines = append(lines, quoteStream(p.stream)+"#"+outcome)
	}
	return lines
}

// quoteStream quotes the words of a stream if they could not be read back.
func quoteStream(s string) string {
	if s == "" || s != strings.TrimSpace(s) || strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && mustQuote(r) }) || strings.ContainsRune(s, '\uFFFD') {
		return strconv.Quote(s)
	}
	return s
}

// trailLines prints a trail: what follows the word trail in each line.
func trailLines(trail []uint16) (lines []string) {
	const perLine = lineWidth / 5
	for i, h := range trail {
		if i%perLine == 0 {
			lines = append(lines, strconv.Itoa(i+1))
		}
		lines[len(lines)-1] += fmt.Sprintf(" %04x", h)
	}
	return lines
}

// readTape reads the outcomes of one stream.
func readTape(f *reading, value string) error {
	at := strings.LastIndex(value, "# ")
	if at < 0 {
		return fmt.Errorf("tape %s: want a stream of picks and its outcomes, such as: %s", value, tapeExample)
	}
	stream := value[:at]
	if stream != "" && stream[0] == '"' {
		s, err := strconv.Unquote(stream)
		if err != nil {
			return fmt.Errorf("tape: %s is not a quoted string", stream)
		}
		stream = s
	}
	for _, word := range strings.Fields(value[at+1:]) {
		number, outcome, _ := strings.Cut(word, "=")
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return fmt.Errorf("tape: %q is not of the form number=outcome, such as 3=17", word)
		}
		v, err := strconv.ParseUint(outcome, 10, 64)
		if err != nil || v == 0 {
			return fmt.Errorf("tape: %q: want an outcome from 1; what was 0 is not written down", word)
		}
		key := stream + "#" + strconv.FormatUint(n, 10)
		if f.keys[key] {
			return fmt.Errorf("tape: the outcome of %s is stated twice", key)
		}
		f.keys[key] = true
		f.Tape = append(f.Tape, chance.Decision{Key: key, Outcome: v})
	}
	return nil
}

// readTrail reads a part of the trail, which must go on where the one before ended.
func readTrail(f *reading, value string) error {
	words := strings.Fields(value)
	if first, err := strconv.Atoi(words[0]); err != nil || first != len(f.Trail)+1 {
		return fmt.Errorf("trail %s: want the number of the next event, %d: a line is missing or out of place", words[0], len(f.Trail)+1)
	}
	for _, w := range words[1:] {
		h, err := readShort(w)
		if err != nil {
			return fmt.Errorf("trail: %w", err)
		}
		f.Trail = append(f.Trail, h)
	}
	return nil
}

// readRecorded reads how much there is to be.
func readRecorded(f *reading, value string) error {
	var outcomes, events int
	var sum uint32
	if _, err := fmt.Sscanf(value, "%d outcomes %d events sum %x", &outcomes, &events, &sum); err != nil || recordedLine(outcomes, events, sum) != value {
		return fmt.Errorf("recorded %s: want, for example: %s", value, recordedExample)
	}
	f.recorded = value
	return nil
}

// whole checks that what was recorded is all there and as it was.
func (f *reading) whole() error {
	if f.recorded == "" {
		return nil
	}
	is := recordedLine(len(f.Tape), len(f.Trail), checkLines(tapeLines(f.Tape), trailLines(f.Trail)))
	counts := func(s string) string { before, _, _ := strings.Cut(s, " sum "); return before }
	switch {
	case is == f.recorded:
		return nil
	case counts(is) != counts(f.recorded):
		return fmt.Errorf("the file ends with %s recorded, where there were %s: it is cut short", counts(is), counts(f.recorded))
	}
	return errors.New("what was recorded has changed, by its checksum; whoever changed it on purpose leaves this line out")
}
