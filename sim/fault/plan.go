package fault

import (
	"strconv"
	"strings"
	"unicode"

	"simrun/sim/net"
)

// Plans print in one form only, and what prints parses to the same plan: times and laws with all their numbers and
// units as Go prints them, percentages without needless zeros, streams in quotes only where they need them. So two
// plans are the same if their texts are.

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

// appendTo prints the line: its place, the verb, and what follows the verb.
func (l *Line) appendTo(b []byte) []byte {
	f := &forms[l.Verb]
	args := f.args
	switch l.Place() {
	case Standing:
		b = append(b, "always "...)
	case Timed:
		b = append(append(b, l.At.String()...), ' ')
	case Aimed:
		b = append(l.After.appendTo(append(b, "after "...)), ' ')
		if l.At != 0 {
			b = append(append(append(b, '+'), l.At.String()...), ' ')
		}
	case Single:
		args = f.one
	}
	b = append(b, f.name...)
	for _, a := range args {
		if s := l.arg(a); s != "" {
			b = append(append(b, ' '), s...)
		}
	}
	return b
}

// appendTo prints a trigger.
func (t *Trigger) appendTo(b []byte) []byte {
	if t.Node != "" {
		b = append(append(b, t.Node...), ' ')
	}
	return strconv.AppendUint(append(append(b, quoteStream(t.What)...), '#'), t.N, 10)
}

// arg prints one arg; "" if it is not there.
func (l *Line) arg(a arg) string {
	switch a {
	case argNode, argAnyNode, argName:
		return l.Node
	case argOther:
		return l.Other
	case argLink, argAnyLink:
		if l.From == "" {
			return ""
		}
		return l.From + ">" + l.To
	case argMessage, argOpN:
		return quoteStream(l.Stream) + "#" + strconv.FormatUint(l.N, 10)
	case argOp:
		return l.Stream
	case argSides, argAnySides:
		return l.sides()
	case argNodes:
		return strings.Join(l.Nodes, ",")
	case argTime, argBy:
		return l.Time.String()
	case argSpan:
		if l.spansTime() {
			return l.Time.String()
		}
		return l.Span.String()
	case argLaw:
		return l.Law.String()
	case argMode:
		return l.Mode
	}
	return l.number(a)
}

// number prints an arg that is a number, or one that may be left out.
func (l *Line) number(a arg) string {
	switch a {
	case argTimes:
		return strconv.FormatInt(l.Amount, 10) + "x"
	case argShare:
		return net.FormatPPM(uint32(l.Amount))
	case argDrift:
		return strconv.FormatInt(l.Amount, 10) + "ppm"
	case argBytes:
		return strconv.FormatInt(l.Amount, 10)
	case argAnySpan:
		if l.Time != 0 {
			return l.Time.String()
		}
	case argAnyN:
		if l.Amount != 0 {
			return strconv.FormatInt(l.Amount, 10)
		}
	case argPlace:
		if l.File != "" {
			return quoteStream(l.File) + "@" + strconv.FormatInt(l.Off, 10)
		}
	case argGood:
		return l.good("")
	case argDown:
		return l.down()
	case argClock:
		if l.Mode != "" {
			return "with " + l.Mode
		}
	case argBroken:
		return l.Mode
	}
	return ""
}

// good says that the fault is for good, if it is; else what is given.
func (l *Line) good(or string) string {
	if l.Good {
		return "for good"
	}
	return or
}

// down says after which effect a node crashes, and how long it is down.
func (l *Line) down() string {
	s := ""
	if l.Place() == AfterEffect {
		s = "after effect " + strconv.FormatUint(l.Effect, 10) + " "
	}
	if l.Time != 0 {
		s += l.good("for " + l.Time.String())
	} else {
		s += l.good("")
	}
	return strings.TrimSuffix(s, " ")
}

// spansTime reports whether the length of time that the line states is its Time: of verbs that state only one.
func (l *Line) spansTime() bool {
	f := &forms[l.Verb]
	return !f.has(argBy) && !f.has(argTime)
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
