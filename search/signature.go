package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"simrun/sim"
)

// Signature says how a run failed, without what changes from seed to seed: the property, and its complaint with numbers, names that
// end in numbers and quoted values replaced. Two seeds that fail by the same bug have the same signature, as a rule. With a
// property it signs by that one's complaint; with "" by the one the verdict is named after.
func Signature(v sim.Verdict, property string) string {
	return sign(judge(v, property))
}

// longest is how many runes of a complaint count; what a checker prints after that is detail.
const longest = 160

func sign(j judgement) string {
	if j.outcome == sim.Stalled {
		return j.property + " stalled: " + shape(j.why)
	}
	return j.property + ": " + shape(j.why)
}

// item finds what has been replaced, and separators are what may stand between the members of an enumeration.
var (
	item       = regexp.MustCompile(`\p{L}*#|"…"`)
	separators = []string{", ", ",", " and ", ", and ", " or ", ", or "}
)

// shorten writes an enumeration of things of the same shape as one of them, since its length varies: "a#, a# and a#" becomes "a#…".
func shorten(s string) string {
	var b strings.Builder
	var last string // the item in front
	from := 0       // where the text behind it starts
	listed := false
	for _, at := range item.FindAllStringIndex(s, -1) {
		between, this := s[from:at[0]], s[at[0]:at[1]]
		from = at[1]
		if this == last && slices.Contains(separators, between) {
			if !listed {
				b.WriteString("…")
			}
			listed = true
			continue
		}
		b.WriteString(between + this)
		last, listed = this, false
	}
	return b.String() + s[from:]
}

// shape replaces what varies in a sentence: 17, 0x2a, 1.5ms and 3.2 become #, a1 becomes a#, and "red" becomes "…".
func shape(s string) string {
	var b strings.Builder
	before := ' ' // the rune in front of s
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if q := quotedLen(s); q > 0 && !(r == '\'' && isWord(before)) {
			b.WriteString(`"…"`)
			n = q
		} else if w := wordLen(s); w > 0 {
			b.WriteString(wordShape(s[:w]))
			n = w
		} else if !isSign(before, r, s[n:]) {
			b.WriteRune(r)
		}
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
	out := []rune(shorten(b.String()))
	return string(out[:min(len(out), longest)])
}

// quotedLen is the length of the quoted text that s starts with, or 0.
func quotedLen(s string) int {
	q := s[0]
	if q != '"' && q != '`' && q != '\'' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q == '"':
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return 0
}

// wordLen is the length of the word or number that s starts with, or 0. A point or a colon belongs to it if there is a digit before and a
// letter or digit behind: 1.5ms, p1.3, 12:30.
func wordLen(s string) int {
	digit := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		if !isWord(r) && !((r == '.' || r == ':') && digit && isWord(next)) {
			return i
		}
		digit = digit || unicode.IsDigit(r)
		i += n
	}
	return len(s)
}

// wordShape keeps the letters before the first digit.
func wordShape(word string) string {
	if i := strings.IndexFunc(word, unicode.IsDigit); i >= 0 {
		return word[:i] + "#"
	}
	return word
}

// isSign reports whether r is the sign of the number that follows it.
func isSign(before, r rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return (r == '-' || r == '+') && unicode.IsDigit(next) && !isWord(before)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
