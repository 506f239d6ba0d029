package search

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"simrun/sim"
)

// Signature says how a run failed, without what changes from seed to seed: the property, and the words
// of its complaint. Numbers, words with a digit in them (such as the names of nodes), single capital
// letters and quoted values all become #, an enumeration of those counts as one of them, and the detail
// behind a colon that ends a clause of five words or more is left out. Two seeds that fail by the same
// bug have the same signature, as a rule, and two bugs have two.
func (j Judgement) Signature() string {
	words := shape(sentence(j.Why))
	if j.Outcome == sim.Stalled {
		return j.Property + " stalled: " + words
	}
	return j.Property + ": " + words
}

// longest is how many runes of a complaint count; what a checker prints after that is detail.
const longest = 160

// clause is how many words make a statement, so that a colon behind it introduces its particulars.
// Behind fewer, as in "a1 panicked: nil map", comes the statement itself.
const clause = 5

// shape replaces what varies in a sentence.
func shape(s string) string {
	var b strings.Builder
	before := ' ' // the rune in front of s
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if q := quotedLen(s); q > 0 && !(r == '\'' && isWord(before)) {
			b.WriteByte('#')
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
	out := []rune(withoutDetail(enumeration.ReplaceAllString(b.String(), "#")))
	return string(out[:min(len(out), longest)])
}

// enumeration finds several replaced things in a row.
var enumeration = regexp.MustCompile(`#(?:(?:, and |, or |, | and | or |,)#)+`)

// withoutDetail cuts s at the first colon that ends a clause.
func withoutDetail(s string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], ": ")
		if i < 0 {
			return s
		}
		from += i
		if len(strings.Fields(s[:from])) >= clause {
			return s[:from]
		}
		from += len(": ")
	}
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
			i++ // what follows a backslash does not close the quote
		case s[i] == q:
			return i + 1
		}
	}
	return 0
}

// wordLen is the length of the word or number that s starts with, or 0. A point, a colon or a slash belongs to it if there is a digit
// before and a letter or digit behind: 1.5ms, p1.3, 12:30, 3.2/5.
func wordLen(s string) int {
	digit := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		joins := (r == '.' || r == ':' || r == '/') && digit && isWord(next)
		if !isWord(r) && !joins {
			return i
		}
		digit = digit || unicode.IsDigit(r)
		i += n
	}
	return len(s)
}

// wordShape keeps a word unless it stands for a value.
func wordShape(word string) string {
	if len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z' || strings.ContainsFunc(word, unicode.IsDigit) {
		return "#"
	}
	return word
}

// isSign reports whether r is the sign of the number that follows it, as opposed to a dash between two things.
func isSign(before, r rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return (r == '-' || r == '+') && unicode.IsDigit(next) && !isWord(before)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
