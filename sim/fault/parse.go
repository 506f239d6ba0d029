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
// words.
//
//	plan     = { [ fault ] [ "#" comment ] newline }
//	fault    = time crash [ "for" "good" ] | time change | crash "after" "effect" n [ "for" ( time | "good" ) ] | message | "always" standing
//	crash    = "crash" node
//	change   = ( "restart" | "pause" | "resume" | "freeze" | "thaw" ) node
//	         | "cut" sides [ "for" "good" ] | "heal" [ sides ]
//	         | "slow" node n"x" | "step" node time
//	sides    = node { "," node } "|" node { "," node } [ "one-way" ]
//	message  = "lose" link which | ( "delay" | "repeat" ) link which time
//	link     = node ">" node
//	which    = stream "#" n
//	standing = "law" [ links ] law | ( "loss" | "repeat" ) [ links ] percent | "rate" [ links ] n
//	         | "drift" node n"ppm" | "offset" node time | "sync" [ node ] time
//	         | "unsynced" ( "keep" | "lose" | "mix" ) | "ties" ( "shuffled" | "ordered" )
//	links    = link | node ">*" | "*>" node
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
	mostRate    = 1_000_000_000_000 // bytes a second
	mostSlow    = 1_000_000         // times
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
		f = &mistake{1, "found nothing, where a fault is meant, such as: " + verbForms[Crash].example}
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
	timed bool     // the line starts with a time
	wrong *mistake // the first
}

// parseWords reads a line of at least one word.
func parseWords(words []word) (Line, *mistake) {
	r := &reader{words: words}
	r.verb()
	if r.wrong == nil {
		r.rest()
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
func (r *reader) example() string { return verbForms[r.line.Verb].example }

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

// verb reads the start of the line, up to the verb.
func (r *reader) verb() {
	switch first := r.peek(); {
	case first == "always":
		r.skip()
		r.oneOf(firstAlways, lastAlways, "")
	case strings.ContainsRune("+-.0123456789", rune(first[0])):
		r.timed = true
		r.line.At = clock.Time(r.duration(0, "the time of a fault"))
		r.oneOf(firstTimed, lastTimed, first+" ")
	case first == verbForms[Crash].name:
		r.line.Verb = Crash
		r.skip()
		if len(r.words) < 2 || r.words[1].text != "after" {
			r.words = append([]word{r.last}, r.words...)
			r.meant("a time is meant first, such as: 120ms crash a2, or at the end an effect, such as: crash a2 after effect 17")
		}
	default:
		r.bareVerb(first)
	}
}

// bareVerb reads a verb with nothing before it: only those for one message stand so.
func (r *reader) bareVerb(first string) {
	for v := firstTimed; v <= lastTimed; v++ {
		if first == verbForms[v].name {
			r.meant("a time is meant first, such as: %s", verbForms[v].example)
		}
	}
	for v := firstAlways; v <= lastAlways; v++ {
		if first == verbForms[v].name && v != Repeats {
			r.meant("the word always is meant first, such as: %s", verbForms[v].example)
		}
	}
	if slices.Contains(verbNames(firstMessage, lastMessage), first) {
		r.oneOf(firstMessage, lastMessage, "")
		return
	}
	hint := ""
	if near := nearest(first, verbNames(0, lastAlways, "always")); near != "" {
		hint = " (did you mean " + near + "?)"
	}
	r.meant("a fault is meant, such as: %s; or: %s; or: %s%s", verbForms[Crash].example,
		verbForms[Lose].example, verbForms[Loss].example, hint)
}

// verbNames lists the verbs from first to last, and what is to be listed after them.
func verbNames(first, last Verb, more ...string) []string {
	var names []string
	for v := first; v <= last; v++ {
		names = append(names, verbForms[v].name)
	}
	return append(names, more...)
}

// oneOf reads one of these verbs. Before is what stands before it in the line, for the example in the error.
func (r *reader) oneOf(first, last Verb, before string) {
	for v := first; v <= last; v++ {
		if r.peek() == verbForms[v].name {
			r.line.Verb = v
			r.skip()
			return
		}
	}
	names := verbNames(first, last)
	if near := nearest(r.peek(), names); near != "" {
		r.meant("one of these is meant: %s (did you mean %s?)", strings.Join(names, ", "), near)
	}
	example := verbForms[first].example
	if before != "" {
		_, after, _ := strings.Cut(example, " ")
		example = before + after
	}
	r.meant("one of these is meant: %s, such as: %s", strings.Join(names, ", "), example)
}

// rest reads what follows the verb: whom it concerns, and then the values.
func (r *reader) rest() {
	l := &r.line
	switch l.Verb {
	case Crash, Restart, Pause, Resume, Freeze, Thaw, Slow, Step, Drift, Offset:
		l.Node = r.node()
	case Cut, Heal:
		if l.Verb == Cut || len(r.words) > 0 {
			r.sides()
		}
	case Lose, Delay, Repeat:
		r.link(false)
		r.message()
	case Law, Loss, Repeats, Rate:
		if strings.Contains(r.peek(), ">") {
			r.link(true)
		}
	case Sync, Read, Write:
		if len(r.words) > 1 {
			l.Node = r.node()
		}
	}
	r.values()
}

// values reads the quantities at the end of the line.
func (r *reader) values() {
	l := &r.line
	switch l.Verb {
	case Crash:
		if r.timed {
			r.forGood()
		} else {
			r.effect()
		}
	case Cut:
		r.forGood()
	case Slow:
		l.Amount = r.number("x", 1, mostSlow)
	case Step, Offset:
		l.Time = r.duration(-longestTime, "a time")
	case Delay, Repeat, Sync, Read, Write:
		l.Time = r.duration(0, "a time")
	case Law:
		r.law()
	case Loss, Repeats:
		ppm, err := net.ParsePPM(r.peek())
		if err != nil {
			r.meant("a percentage from 0%% to 100%% is meant, with at most four decimals, as in: %s", r.example())
		}
		l.Amount = int64(ppm)
		r.skip()
	case Rate:
		l.Amount = r.number("", 1, mostRate)
	case Drift:
		l.Amount = r.number("ppm", -mostDrift, mostDrift)
	case Unsynced:
		l.Mode = r.mode(unsyncedModes)
	case Ties:
		l.Mode = r.mode(tiesModes)
	}
}
