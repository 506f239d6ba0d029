package seedfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const header = "simseed v1"

// String is the canonical seed file: keys in a fixed order, one blank aligned column, what is not stated
// left out. [Parse] reads it back as f.
func (f File) String() string {
	var b strings.Builder
	b.WriteString(header + "\n")
	if f.Comment != "" {
		for line := range strings.SplitSeq(f.Comment, "\n") {
			b.WriteString(strings.TrimSpace("# "+line) + "\n")
		}
	}
	f.print(&b)
	return b.String()
}

// print prints the lines behind the comment.
func (f File) print(b *strings.Builder) {
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "%-8s %s\n", key, value)
		}
	}
	line("scenario", f.Scenario)
	line("bug", f.Bug)
	if f.Seedless {
		line("seed", noSeed)
	} else {
		line("seed", fmt.Sprintf("%#x", f.Seed))
	}
	if f.Simver != 0 {
		line("simver", strconv.Itoa(f.Simver))
	}
	if f.Made != 0 {
		line("made", fmt.Sprintf("%08x", f.Made))
	}
	line("faults", f.Faults)
	line("expect", f.Expect)
	line("set", joinSettings(f.Set))
	if f.For != 0 {
		line("for", f.For.String())
	}
	if f.Plan != nil {
		for _, l := range *f.Plan {
			line("plan", l.String())
		}
		if len(*f.Plan) == 0 {
			line("plan", noFaults)
		}
	}
	if f.Hash != 0 {
		line("hash", fmt.Sprintf("%016x", f.Hash))
	}
	if f.Build != 0 {
		line("build", fmt.Sprintf("%08x", f.Build))
	}
	line("marks", f.Marks.text())
	f.printRecord(line)
}

// What stands for a plan that is stated and empty, and for a seed that decides nothing.
const (
	noFaults = "none"
	noSeed   = "none"
)

// joinSettings prints settings as a set line holds them, sorted, quoted where they need it.
func joinSettings(set []string) string {
	words := slices.Clone(set)
	slices.Sort(words)
	for i, s := range words {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, mustQuote) {
			words[i] = strconv.Quote(s)
		}
	}
	return strings.Join(words, " ")
}

// mustQuote finds what would end a setting too early, or could not be seen in it.
func mustQuote(r rune) bool {
	return r == '"' || r == '\\' || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// splitSettings is the inverse of joinSettings. It takes a setting as it stands up to the next white
// space, unless it starts with a quote: so people need quotes only where a blank is meant.
func splitSettings(text string) (set []string, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] != '"' {
			end := strings.IndexFunc(text, unicode.IsSpace)
			if end < 0 {
				end = len(text)
			}
			set, text = append(set, text[:end]), text[end:]
			continue
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, fmt.Errorf("a quote in %s is not closed", text)
		}
		text = text[len(quoted):]
		if r, _ := utf8.DecodeRuneInString(text); text != "" && !unicode.IsSpace(r) {
			return nil, fmt.Errorf("after %s a blank is missing", quoted)
		}
		s, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("%s is not a quoted string", quoted)
		}
		set = append(set, s)
	}
	return set, nil
}
