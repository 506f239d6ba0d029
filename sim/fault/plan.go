package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"simrun/sim/net"
)

// Plans print in one form only, and what prints parses to the same plan: times and laws with all their numbers and
// units as Go prints them, percentages without needless zeros, streams in quotes only where they need them. So two
// plans are the same if their texts are.

// A verbForm is how a verb is written.
type verbForm struct{ name, example string }

// verbForms has a name and an example for each verb; the names of the three families of verbs, at an instant, for one
// message and after "always", are apart, but repeat is in two of them.
var verbForms = [...]verbForm{
	Crash:   {"crash", "120ms crash a2"},
	Restart: {"restart", "500ms restart a2"},
	Pause:   {"pause", "120ms pause a2"},
	Resume:  {"resume", "150ms resume a2"},
	Cut:     {"cut", "300ms cut a1,a2 | a3 one-way"},
	Heal:    {"heal", "1s heal"},
	Slow:    {"slow", "200ms slow a2 20x"},
	Step:    {"step", "200ms step a2 -30ms"},
	Freeze:  {"freeze", "200ms freeze a2"},
	Thaw:    {"thaw", "250ms thaw a2"},

	Lose:   {"lose", "lose a1>a2 Accept#3"},
	Delay:  {"delay", "delay a1>a2 Accept#3 40ms"},
	Repeat: {"repeat", "repeat a1>a2 Accept#3 5ms"},

	Law:      {"law", "always law newest-first"},
	Loss:     {"loss", "always loss a1>a2 3%"},
	Repeats:  {"repeat", "always repeat 3%"},
	Rate:     {"rate", "always rate a1>a2 1000000"},
	Drift:    {"drift", "always drift a2 50ppm"},
	Offset:   {"offset", "always offset a2 3ms"},
	Unsynced: {"unsynced", "always unsynced lose"},
	Sync:     {"sync", "always sync a2 2ms"},
	Read:     {"read", "always read a2 100µs"},
	Write:    {"write", "always write a2 20µs"},
	Ties:     {"ties", "always ties shuffled"},
}

// The families of verbs, as they follow one another in the list of constants.
const (
	firstTimed, lastTimed     = Crash, Thaw
	firstMessage, lastMessage = Lose, Repeat
	firstAlways, lastAlways   = Law, Ties
)

// String is the word for the verb.
func (v Verb) String() string { return verbForms[v].name }

// The words that may follow unsynced and ties.
var (
	unsyncedModes = []string{"keep", "lose", "mix"}
	tiesModes     = []string{"shuffled", "ordered"}
)

// String prints the plan, one line a fault, in the form that [Parse] reads.
func (p Plan) String() string {
	var b []byte
	for i := range p {
		b = append(p[i].appendTo(b), '\n')
	}
	return string(b)
}

// String prints the line in the form that [ParseLine] reads.
func (l Line) String() string { return string(l.appendTo(nil)) }

// appendTo prints the line: what comes before the verb, the verb, the link or the node, and then the values.
func (l *Line) appendTo(b []byte) []byte {
	switch {
	case l.Verb >= firstAlways:
		b = append(b, "always "...)
	case l.Verb <= lastTimed && l.Effect == 0:
		b = append(append(b, l.At.String()...), ' ')
	}
	b = append(b, l.Verb.String()...)
	word := func(s string) {
		if s != "" {
			b = append(append(b, ' '), s...)
		}
	}
	if l.From != "" {
		word(l.From + ">" + l.To)
	}
	word(l.Node)
	switch l.Verb {
	case Crash:
		if l.Effect != 0 {
			word("after effect " + strconv.FormatUint(l.Effect, 10))
			if l.Time != 0 && !l.Good {
				word("for " + l.Time.String())
			}
		}
	case Cut, Heal:
		word(l.sides())
	case Slow:
		word(strconv.FormatInt(l.Amount, 10) + "x")
	case Lose, Delay, Repeat:
		word(quoteStream(l.Stream) + "#" + strconv.FormatUint(l.N, 10))
		if l.Verb != Lose {
			word(l.Time.String())
		}
	case Step, Offset, Sync, Read, Write:
		word(l.Time.String())
	case Law:
		word(l.Law.String())
	case Loss, Repeats:
		word(net.FormatPPM(uint32(l.Amount)))
	case Rate:
		word(strconv.FormatInt(l.Amount, 10))
	case Drift:
		word(strconv.FormatInt(l.Amount, 10) + "ppm")
	case Unsynced, Ties:
		word(l.Mode)
	}
	if l.Good && (l.Verb == Crash || l.Verb == Cut) {
		word("for good")
	}
	return b
}

// sides prints whom a cut separates: "a1,a2 | a3 one-way"; nothing, for a heal of everything.
func (l *Line) sides() string {
	if len(l.Sides[0])+len(l.Sides[1]) == 0 {
		return ""
	}
	s := strings.Join(l.Sides[0], ",") + " | " + strings.Join(l.Sides[1], ",")
	if l.OneWay {
		s += " one-way"
	}
	return s
}

// quoteStream quotes the name of a stream that would not be one word, or would be taken for a comment.
func quoteStream(s string) string {
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == unicode.ReplacementChar
	}
	if s == "" || s[0] == '#' || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

// CheckName reports why a node of this name could not stand in a plan: names are one word without the signs that
// plans use.
func CheckName(name string) error {
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`,|>#*"`, r)
	}
	if name == "" || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("%q is not a node's name: one word without any of , | > # * \"", name)
	}
	return nil
}

// Check reports the first line that speaks of a node that is not among these, or of no node where it needs one. The
// error names the line by its text.
func (p Plan) Check(nodes []string) error {
	for i := range p {
		if err := p[i].check(nodes); err != nil {
			return fmt.Errorf("%s: %w", p[i].String(), err)
		}
	}
	return nil
}

// check is Check for one line.
func (l *Line) check(nodes []string) error {
	if l.Node == "" && l.needsNode() {
		return fmt.Errorf("the node is missing, as in: %s", verbForms[l.Verb].example)
	}
	for _, names := range [][]string{{l.Node, l.From, l.To}, l.Sides[0], l.Sides[1]} {
		for _, n := range names {
			if n == "" || n == "*" || slices.Contains(nodes, n) {
				continue
			}
			if near := nearest(n, nodes); near != "" {
				return fmt.Errorf("there is no node %s; did you mean %s?", n, near)
			}
			return fmt.Errorf("there is no node %s", n)
		}
	}
	return nil
}

// needsNode reports whether the verb is about one node, so that a line without it has no meaning. The parser sees to
// that; lines made in code may lack it.
func (l *Line) needsNode() bool {
	switch l.Verb {
	case Cut, Heal, Sync, Read, Write:
		return false
	case Drift, Offset:
		return true
	}
	return l.Verb <= lastTimed
}

// nearest returns the known word that is least unlike s, or "" if none is like it. Of equals it is the first.
func nearest(s string, known []string) string {
	best, least := "", max(1, (len(s)+1)/3)+1
	for _, k := range known {
		if d := distance(s, k); d < least && d < max(len(s), len(k)) {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, drop, change or exchange with their neighbour to make b of a.
func distance(a, b string) int {
	// Row i of the table has the distances of the first i letters of a from every start of b. An exchange
	// looks two rows back.
	var older []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			d := row[j]
			if a[i] != b[j] {
				d++
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, older[j-1]+1)
			}
			next[j+1] = min(d, row[j+1]+1, next[j]+1)
		}
		older, row = row, next
	}
	return row[len(b)]
}
