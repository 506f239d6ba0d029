package seedfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"simrun/sim/fault"
)

// A key is a word that a line of a seed file may start with.
type key struct {
	name    string
	example string
	many    bool // may stand on several lines, which add up
	read    func(f *reading, value string) error
}

// keys is all that a seed file can say, in the order in which it is printed.
var keys = []key{
	{"scenario", "scenario paxos", false, readScenario},
	{"bug", "bug paxos/deaf", false, readBug},
	{"seed", "seed 0x2a", false, readSeed},
	{"simver", "simver 1", false, readSimver},
	{"made", "made 0a1b2c3d", false, readMade},
	{"faults", "faults swarm", false, readFaults},
	{"expect", "expect violated agreement", false, readExpect},
	{"set", "set acceptors=3 proposers=2", true, readSet},
	{"for", "for 30s", false, readFor},
	{"plan", "plan 120ms crash a2", true, readPlan},
	{"hash", "hash 4c4cff4a475e6815", false, readHash},
	{"build", "build 0a1b2c3d", false, readBuild},
	{"marks", "marks 128 1a2b 3c4d", false, readMarks},
	{"recorded", recordedExample, false, readRecorded},
	{"tape", tapeExample, true, readTape},
	{"trail", "trail 1 9f3c 0b1d 77e0", true, readTrail},
}

// Parse reads a seed file. An error is one line that starts with the number of the line it is about, and
// says what would be right.
func Parse(text string) (File, error) {
	first, rest, _ := strings.Cut(text, "\n")
	if first = strings.TrimSpace(first); first != header {
		if version, ok := strings.CutPrefix(first, "simseed "); ok {
			return File{}, fmt.Errorf("line 1: the format %q is not known here: this program reads %q", version, header)
		}
		return File{}, fmt.Errorf("line 1: this is not a seed file: its first line is not %q", header)
	}
	return parseBody(rest, 1)
}

// A reading is a file of which a part has been read.
type reading struct {
	File
	seen     map[string]int  // by key: the line in which it stood last
	column   int             // where the value of this line starts, counted in letters from 0
	keys     map[string]bool // those of the tape
	recorded string          // what there is to be of tape and trail
}

// parseBody is the whole grammar: each line is blank, a comment, or a key and its value. It reads what
// follows the header, which took up the given number of lines.
func parseBody(text string, lines int) (File, error) {
	f := reading{seen: make(map[string]int), keys: make(map[string]bool)}
	var comment []string
	for raw := range strings.SplitSeq(text, "\n") {
		lines++
		line := strings.TrimSpace(raw)
		if c, ok := strings.CutPrefix(line, "#"); ok {
			comment = append(comment, strings.TrimSpace(c))
			continue
		}
		if line == "" {
			continue
		}
		if err := f.readLine(raw, lines); err != nil {
			return File{}, fmt.Errorf("line %d: %w", lines, err)
		}
	}
	for _, name := range []string{"scenario", "seed"} {
		if f.seen[name] == 0 {
			return File{}, fmt.Errorf("line %d: the file ends without its %s line, such as: %s", lines, name, findKey(name).example)
		}
	}
	if f.Tape != nil {
		f.Tape = sorted(f.Tape)
	}
	if err := f.whole(); err != nil {
		return File{}, fmt.Errorf("line %d: %w", f.seen["recorded"], err)
	}
	f.Comment = strings.Trim(strings.Join(comment, "\n"), "\n")
	slices.Sort(f.Set)
	return f.File, nil
}

// readLine reads a line that is neither blank nor a comment.
func (f *reading) readLine(raw string, number int) error {
	line := strings.TrimSpace(raw)
	name, value := line, ""
	if i := strings.IndexFunc(line, unicode.IsSpace); i >= 0 {
		name, value = line[:i], strings.TrimSpace(line[i:])
	}
	f.column = utf8.RuneCountInString(strings.TrimRightFunc(raw, unicode.IsSpace)) - utf8.RuneCountInString(value)
	k := findKey(name)
	switch {
	case k == nil:
		return fmt.Errorf("unknown word %q: a line starts with one of %s", name, keyNames())
	case value == "":
		return fmt.Errorf("%s lacks its value; write, for example: %s", name, k.example)
	case f.seen[name] > 0 && !k.many:
		return fmt.Errorf("%s is stated twice", name)
	}
	f.seen[name] = number
	return k.read(f, value)
}

func findKey(name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func keyNames() string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

func readScenario(f *reading, value string) error { return readWord(&f.Scenario, "scenario", value) }
func readBug(f *reading, value string) error      { return readWord(&f.Bug, "bug", value) }
func readFaults(f *reading, value string) error   { return readWord(&f.Faults, "faults", value) }

func readWord(to *string, name, value string) error {
	if len(strings.Fields(value)) != 1 {
		return fmt.Errorf("%s %s: want one word", name, value)
	}
	*to = value
	return nil
}

// The reading functions get a value that is not empty, without white space at its ends.

func readSeed(f *reading, value string) (err error) {
	if value == noSeed {
		f.Seedless = true
		return nil
	}
	if f.Seed, err = ParseSeed(value); err != nil {
		err = fmt.Errorf("%w, or %s", err, noSeed)
	}
	return err
}

// ParseSeed reads a seed, decimal or hexadecimal with 0x. The error says what would be right.
func ParseSeed(s string) (uint64, error) {
	digits, base := s, 10
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, fmt.Errorf("seed %q: want a whole number from 0 to 2^64-1, such as 42 or 0x2a", s)
	}
	return n, nil
}

func readSimver(f *reading, value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("simver %s: want a whole number from 1", value)
	}
	f.Simver = int(n)
	return nil
}

func readExpect(f *reading, value string) error {
	words := strings.Fields(value)
	switch words[0] {
	case "ok":
		if len(words) > 1 {
			return fmt.Errorf("expect %s: nothing follows ok", value)
		}
	case "violated", "stalled", "unknown":
	default:
		return fmt.Errorf("expect %s: want ok, or violated, stalled or unknown and the name of a property", value)
	}
	f.Expect = strings.Join(words, " ")
	return nil
}

func readSet(f *reading, value string) error {
	set, err := splitSettings(value)
	if err != nil {
		return err
	}
	for _, s := range set {
		name, _, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return fmt.Errorf("setting %q is not of the form name=value", s)
		}
		if slices.ContainsFunc(f.Set, func(other string) bool { return strings.HasPrefix(other, name+"=") }) {
			return fmt.Errorf("%s is set twice", name)
		}
		f.Set = append(f.Set, s)
	}
	return nil
}

func readFor(f *reading, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return fmt.Errorf("for %s: want a duration above 0, such as 30s", value)
	}
	f.For = d
	return nil
}

func readPlan(f *reading, value string) error {
	// A plan that is there and empty (no faults at all) is not the same as none (the profile draws).
	switch {
	case f.Plan == nil:
		f.Plan = &fault.Plan{}
	case value == noFaults || len(*f.Plan) == 0:
		return fmt.Errorf("plan %s and other plan lines contradict one another", noFaults)
	}
	if value == noFaults {
		return nil
	}
	l, err := fault.ParseLine(strings.Repeat(" ", f.column) + value) // the error counts the columns of the file
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	*f.Plan = append(*f.Plan, l)
	return nil
}

func readHash(f *reading, value string) error {
	// All digits must be there: a hash that lost one in a paste would make every replay look stale.
	h, err := strconv.ParseUint(value, 16, 64)
	if err != nil || len(value) != 16 {
		return fmt.Errorf("hash %s: want 16 hexadecimal digits", value)
	}
	f.Hash = h
	return nil
}

func readMade(f *reading, value string) error  { return readSum(&f.Made, "made", value) }
func readBuild(f *reading, value string) error { return readSum(&f.Build, "build", value) }

func readSum(to *uint32, name, value string) error {
	n, err := strconv.ParseUint(value, 16, 32)
	if err != nil || n == 0 || len(value) != 8 {
		return fmt.Errorf("%s %s: want 8 hexadecimal digits, not all 0", name, value)
	}
	*to = uint32(n)
	return nil
}
