package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// The form of a plan. What is in brackets may be left out; a name or a number is one word; white space stands between
// words. What follows each verb is in the table of forms.
//
//	plan    = { [ fault ] [ "#" comment ] newline }
//	fault   = "always" verb args | time verb args | "after" trigger [ "+"time ] verb args
//	        | verb one | "crash" node "after" "effect" n [ "for" ( time | "good" ) ]
//	trigger = [ node ] type"#"n | node operation"#"n
//	sides   = node { "," node } "|" node { "," node } [ "one-way" ]
//	link    = node ">" node | node ">*" | "*>" node
//	message = stream "#" n
//
// A time is a duration as Go writes it, a law is as the package net reads it. A stream that is no word is quoted as
// Go quotes strings.
//
// The parser goes through a line word by word. Each function reads what it is named after and, if something else
// stands there, notes a mistake and goes on: only the first mistake is reported, so none needs to look whether there
// is one.

// Limits of what a plan may say, so that sums of times cannot overflow.
const (
	longestTime = 1000 * time.Hour
	mostDrift   = 500_000           // parts per million, either way
	mostBytes   = 1_000_000_000_000 // as a size, or a second
	mostTimes   = 1_000_000
)

// Parse reads a plan: one line a fault; empty lines and what follows a word that starts with # are skipped. An error
// names line and column, what stands there and what would be meant.
func Parse(text string) (Plan, error) {
	var p Plan
	n := 0
	for s := range strings.Lines(text) {
		n++
		words, f := split(s)
		if f == nil && len(words) == 0 {
			continue
		}
		var l Line
		if f == nil {
			l, f = parseWords(words)
		}
		if f != nil {
			return nil, fmt.Errorf("line %d, %w", n, f)
		}
		p = append(p, l)
	}
	return p, nil
}

// ParseLine reads one line of a plan. An error names the column, what stands there and what would be meant.
func ParseLine(s string) (Line, error) {
	words, f := split(s)
	if f == nil && len(words) == 0 {
		f = &mistake{1, "found nothing, where a fault is meant, such as: " + forms[Crash].example}
	}
	if f != nil {
		return Line{}, f
	}
	l, f := parseWords(words)
	if f != nil {
		return Line{}, f
	}
	return l, nil
}

// A mistake is what is wrong at a column, counted in letters from 1.
type mistake struct {
	col  int
	text string
}

// Error says where and what.
func (m *mistake) Error() string { return fmt.Sprintf("column %d: %s", m.col, m.text) }

// A word of a line, and the column where it starts.
type word struct {
	text string
	col  int
}

// split cuts a line into words at white space. A word may start with a quoted part, which holds white space. A
// word that starts with # ends the line.
func split(s string) ([]word, *mistake) {
	var words []word
	col := 1
	skip := func(n int) {
		col += utf8.RuneCountInString(s[:n])
		s = s[n:]
	}
	for {
		rest := strings.TrimLeftFunc(s, unicode.IsSpace)
		skip(len(s) - len(rest))
		if s == "" || s[0] == '#' {
			return words, nil
		}
		quoted := ""
		if s[0] == '"' {
			q, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, &mistake{col, `found a " that nothing closes, where a name is meant such as "my stream"#3`}
			}
			quoted = q
		}
		n := strings.IndexFunc(s[len(quoted):], unicode.IsSpace)
		if n < 0 {
			n = len(s) - len(quoted)
		}
		words = append(words, word{s[:len(quoted)+n], col})
		skip(len(quoted) + n)
	}
}

// A reader goes through the words of a line. What it reads after a mistake has no meaning.
type reader struct {
	words []word
	last  word // the one before words
	line  Line
	wrong *mistake // the first
}

// parseWords reads a line of at least one word.
func parseWords(words []word) (Line, *mistake) {
	r := &reader{words: words}
	args := r.start()
	for i, a := range args {
		if r.wrong == nil {
			r.arg(a, args[i+1:])
		}
	}
	if len(r.words) > 0 {
		r.meant("the end of the line is meant, as in: %s", r.example())
	}
	if r.wrong != nil {
		return Line{}, r.wrong
	}
	return r.line, nil
}

// example is a line with the verb that has been read.
func (r *reader) example() string { return forms[r.line.Verb].example }

// meant notes a mistake at the next word, unless there is one already.
func (r *reader) meant(format string, args ...any) {
	if r.wrong != nil {
		return
	}
	var found string
	var col int
	if len(r.words) > 0 {
		found, col = strconv.Quote(r.words[0].text), r.words[0].col
	} else {
		found = "nothing after " + strconv.Quote(r.last.text)
		col = r.last.col + utf8.RuneCountInString(r.last.text)
	}
	r.wrong = &mistake{col, "found " + found + ", where " + fmt.Sprintf(format, args...)}
}

// peek returns the next word, "" at the end.
func (r *reader) peek() string {
	if len(r.words) == 0 {
		return ""
	}
	return r.words[0].text
}

// skip goes on to the word after the next; at the end it stays there.
func (r *reader) skip() {
	if len(r.words) > 0 {
		r.last, r.words = r.words[0], r.words[1:]
	}
}

// start reads the line up to the verb, and returns what is to follow.
func (r *reader) start() []arg {
	switch first := r.peek(); {
	case first == "always":
		r.skip()
		r.oneOf(always, "")
	case strings.ContainsRune("+-.0123456789", rune(first[0])):
		r.line.At = clock.Time(r.duration(0, "the time of a fault"))
		r.oneOf(atATime, first+" ")
	case first == "after":
		r.skip()
		r.trigger()
		r.oneOf(atATime, "after Chosen#1 ")
	case first == forms[Crash].name:
		r.line.Verb = Crash
		r.skip()
		if len(r.words) < 2 || r.words[1].text != "after" {
			r.words = append([]word{r.last}, r.words...)
			r.meant("a time is meant first, such as: 120ms crash a2, or at the end an effect, such as: crash a2 after effect 17")
		}
		r.line.Effect = 1 // until it is read
	default:
		return r.bareVerb(first)
	}
	return forms[r.line.Verb].args
}

// bareVerb reads a verb with nothing before it: only those for one message, or one operation, stand so.
func (r *reader) bareVerb(first string) []arg {
	for _, v := range verbsIn(forOne) {
		if first == forms[v].name {
			r.line.Verb = v
			r.skip()
			return forms[v].one
		}
	}
	for v := range verbs {
		if first != forms[v].name {
			continue
		}
		if forms[v].always {
			r.meant("the word always is meant first, such as: %s", forms[v].standing())
		}
		r.meant("a time is meant first, such as: %s", forms[v].example)
	}
	hint := ""
	if near := nearest(first, append(verbWords(func(*form) bool { return true }), "always", "after")); near != "" {
		hint = " (did you mean " + near + "?)"
	}
	r.meant("a fault is meant, such as: %s; or: %s; or: %s%s", forms[Crash].example,
		forms[Lose].example, forms[Loss].example, hint)
	return nil
}

// standing is an example of a line that holds from the start on.
func (f *form) standing() string {
	if strings.HasPrefix(f.example, "always ") {
		return f.example
	}
	_, rest, _ := strings.Cut(f.example, " ")
	return "always " + rest
}

// verbWords lists the words for the verbs that can stand in a place, each once.
func verbWords(in func(*form) bool) (words []string) {
	for _, v := range verbsIn(in) {
		if !slices.Contains(words, forms[v].name) {
			words = append(words, forms[v].name)
		}
	}
	return words
}

// oneOf reads a verb that can stand in a place. Before is what stands before it in the line, for the example in the error.
func (r *reader) oneOf(in func(*form) bool, before string) {
	if r.wrong != nil {
		return
	}
	for _, v := range verbsIn(in) {
		if r.peek() == forms[v].name {
			r.line.Verb = v
			r.skip()
			return
		}
	}
	words := verbWords(in)
	if near := nearest(r.peek(), words); near != "" {
		r.meant("a fault is meant (did you mean %s?)", near)
	}
	example := forms[Loss].example
	if before != "" {
		_, rest, _ := strings.Cut(forms[Crash].example, " ")
		example = before + rest
	}
	r.meant("one of these is meant: %s, such as: %s", strings.Join(words, ", "), example)
}

// arg reads one arg; what is still to come tells whether one that may be left out is there.
func (r *reader) arg(a arg, rest []arg) {
	l := &r.line
	switch a {
	case argNode:
		l.Node = r.node(l.mayAim())
	case argAnyNode:
		if r.here(rest) {
			l.Node = r.node(l.mayAim())
		}
	case argOther:
		if r.peek() == l.Node && l.Node != "" {
			r.meant("another node is meant, as in: %s", r.example())
		}
		l.Other = r.node(l.mayAim())
	case argName:
		l.Node = r.node(false)
	case argLink:
		r.link(false)
	case argAnyLink:
		if strings.Contains(r.peek(), ">") {
			r.link(true)
		}
	case argMessage:
		l.Stream, l.N = r.numbered("a message is meant, its stream, # and its number from 1, as in: %s", "lose a1>a2 Accept#3")
	case argOp:
		l.Stream = r.mode(operationsOf(l.Verb))
	case argOpN:
		r.operation()
	case argSides:
		r.sides()
	case argAnySides:
		if len(r.words) > 0 {
			r.sides()
		}
	case argNodes:
		l.Nodes = r.nodes()
	case argLaw:
		r.law()
	case argMode:
		l.Mode = r.mode(l.Verb.modes())
	default:
		r.quantity(a)
	}
}

// here reports whether an arg that may be left out is there: there are more words than what is still to come needs.
func (r *reader) here(rest []arg) bool {
	words := len(r.words)
	need := 0
	for _, a := range rest {
		if a == argBroken {
			if words > 0 && r.words[words-1].text == "broken" {
				words--
			}
			continue
		}
		need++
	}
	return words > need
}

// quantity reads a number or a time, and what may stand at the end of a line.
func (r *reader) quantity(a arg) {
	l := &r.line
	switch a {
	case argTime:
		l.Time = r.duration(0, "a time")
	case argBy:
		l.Time = r.duration(-longestTime, "a time")
	case argSpan:
		if d := r.duration(1, "a length of time"); l.spansTime() {
			l.Time = d
		} else {
			l.Span = d
		}
	case argTimes:
		l.Amount = r.number("x", 1, mostTimes)
	case argShare:
		ppm, err := net.ParsePPM(r.peek())
		if err != nil {
			r.meant("a percentage from 0%% to 100%% is meant, with at most four decimals, as in: %s", r.example())
		}
		l.Amount = int64(ppm)
		r.skip()
	case argDrift:
		l.Amount = r.number("ppm", -mostDrift, mostDrift)
	case argBytes:
		l.Amount = r.number("", 0, mostBytes)
	case argAnySpan:
		if len(r.words) > 0 {
			l.Time = r.duration(1, "a length of time")
		}
	case argAnyN:
		if len(r.words) > 0 {
			l.Amount = r.number("", 1, mostTimes)
		}
	default:
		r.ending(a)
	}
}

// ending reads what may stand at the end of a line.
func (r *reader) ending(a arg) {
	l := &r.line
	switch a {
	case argPlace:
		if len(r.words) > 0 {
			r.place()
		}
	case argGood:
		r.forGood()
	case argDown:
		if l.Effect > 0 {
			r.effect()
		} else {
			r.down()
		}
	case argClock:
		if r.peek() == "with" {
			r.skip()
			l.Mode = r.mode([]string{"clock"})
		}
	case argBroken:
		if r.peek() == "broken" {
			l.Mode = "broken"
			r.skip()
		}
	}
}
