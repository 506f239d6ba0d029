package view

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A state is recorded in lines, and a line such as votes=[{promised:1.1 accepted:none}] holds several values. A story tells which value became
// another one, so lines are taken apart into leaves.

// A leaf is one value in a node's state: where it is, such as "votes[0].promised", and what it says.
type leaf struct{ path, value string }

// leaves takes a line apart and appends its leaves. What is not in the syntax of printed states is one leaf.
func leaves(to []leaf, path, value string) []leaf {
	inner, open := bracketed(value)
	switch {
	case open == '{':
		parts := fieldsOf(inner)
		if parts == nil && inner != "" {
			break
		}
		for _, p := range parts {
			if strings.HasPrefix(p.path, `"`) || p.path[0] >= '0' && p.path[0] <= '9' {
				to = leaves(to, path+"["+p.path+"]", p.value)
			} else {
				to = leaves(to, path+"."+p.path, p.value)
			}
		}
		return to
	case open == '[' && strings.ContainsAny(inner, "{["):
		for i, w := range splitTop(inner) {
			to = leaves(to, path+"["+strconv.Itoa(i)+"]", w)
		}
		return to
	}
	return append(to, leaf{path, value})
}

// bracketed returns what stands in the brackets that a value begins and ends with, and which they are; 0 for none.
func bracketed(value string) (inner string, open byte) {
	n := len(value)
	if n < 2 || value[0] != '{' && value[0] != '[' || value[n-1] != value[0]+2 {
		return "", 0
	}
	return value[1 : n-1], value[0]
}

// splitTop splits at spaces outside of quotes and brackets.
func splitTop(s string) (parts []string) {
	depth, from, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ' ' && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	if from < len(s) {
		parts = append(parts, s[from:])
	}
	return parts
}

// fieldsOf splits "name:value name:value"; nil if it is nothing of the kind. A value may contain spaces, if it printed itself.
func fieldsOf(s string) (fields []leaf) {
	for _, w := range splitTop(s) {
		colon := keyEnd(w)
		switch {
		case colon > 0:
			fields = append(fields, leaf{w[:colon], w[colon+1:]})
		case len(fields) == 0:
			return nil
		default:
			fields[len(fields)-1].value += " " + w
		}
	}
	return fields
}

// keyEnd returns where the colon behind a key is, or 0.
func keyEnd(w string) int {
	if strings.HasPrefix(w, `"`) {
		if q, err := strconv.QuotedPrefix(w); err == nil && strings.HasPrefix(w[len(q):], ":") {
			return len(q)
		}
		return 0
	}
	colon := strings.IndexByte(w, ':')
	if colon < 1 || strings.ContainsAny(w[:colon], `"{[`) {
		return 0
	}
	return colon
}

// A turn is one value of a node's state that became another one: "" where there was none, or is none any more.
type turn struct{ path, before, after string }

// turns finds what differs between two sets of lines of one node, in the order of the later one.
func turns(before, after []StateLine) (diff []turn) {
	var old, now []leaf
	for _, l := range before {
		old = leaves(old, l.Path, l.Value)
	}
	for _, l := range after {
		now = leaves(now, l.Path, l.Value)
	}
	was, is := make(map[string]string, len(old)), make(map[string]bool, len(now))
	for _, l := range old {
		was[l.path] = l.value
	}
	for _, l := range now {
		is[l.path] = true
		if b, there := was[l.path]; b != l.value && (there || !blank(l.value)) {
			diff = append(diff, turn{l.path, b, l.value})
		}
	}
	for _, l := range old {
		if !is[l.path] && !blank(l.value) {
			diff = append(diff, turn{l.path, l.value, ""})
		}
	}
	return diff
}

// blank reports whether a value is what a field holds before anything is put there, as far as one can tell from how it is printed.
func blank(value string) bool {
	return slices.Contains([]string{"", "0", `""`, "none", "nil", "false", "[]", "{}", "0s", "-", "-1"}, value)
}

// opaque reports whether a value tells a person nothing: bytes, and numbers as long as checksums.
func opaque(value string) bool {
	hex := len(value) >= 5
	for i := 0; i < len(value) && hex; i++ {
		hex = i%3 == 2 && value[i] == ' ' || i%3 != 2 && strings.IndexByte("0123456789abcdef", value[i]) >= 0
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && (n >= 1e8 || n <= -1e8) {
		return true
	}
	return hex || strings.ContainsRune(value, '\uFFFD') || strings.Contains(value, `\x`)
}

// valueText is a value as a story prints it: a text without its quotes, nothing longer than some words.
func valueText(value string) string {
	if s, err := strconv.Unquote(value); err == nil && s != "" && !strings.ContainsAny(s, " ,\n\t") {
		value = s
	}
	return cut(value, longestValue)
}

// longestValue is how much of a value a story prints, in runes.
const longestValue = 28

// words prints a turn, the value being called by that name.
func (c turn) words(name string) string {
	switch {
	case c.after == "true" && (c.before == "false" || c.before == ""):
		return name
	case c.after == "false" && c.before == "true":
		return "no longer " + name
	case c.before == "":
		return name + " " + valueText(c.after)
	case c.after == "":
		return name + " " + valueText(c.before) + " → gone"
	}
	if more, ok := appended(c.before, c.after); ok {
		return name + " + " + cut(more, longestValue)
	}
	return name + " " + valueText(c.before) + " → " + valueText(c.after)
}

// lost prints what a node knew and does not know any more.
func (c turn) lost(name string) string {
	if c.after == "" || blank(c.after) {
		if c.before == "true" {
			return name
		}
		return name + " " + valueText(c.before)
	}
	return name + " " + valueText(c.before) + " → " + valueText(c.after)
}

// appended returns what a list has got at its end.
func appended(before, after string) (more string, ok bool) {
	b, open := bracketed(before)
	a, same := bracketed(after)
	if open != '[' || same != '[' || len(b) >= len(a) {
		return "", false
	}
	if b == "" {
		return a, true
	}
	return strings.CutPrefix(a, b+" ")
}

// names finds a name for each path: as much of its end as says which one is meant among all of them.
func names(paths []string) map[string]string {
	name := make(map[string]string)
	for _, p := range paths {
		end := lastPart(p)
		for len(end) < len(p) && slices.ContainsFunc(paths, func(q string) bool { return q != p && (q == end || strings.HasSuffix(q, "."+end)) }) {
			rest := strings.TrimSuffix(p, "."+end)
			end = lastPart(rest) + "." + end
		}
		name[p] = strings.ReplaceAll(end, `"`, "")
	}
	return name
}

// lastPart is what stands behind the last full stop outside of brackets.
func lastPart(path string) string {
	depth := 0
	for i := len(path) - 1; i > 0; i-- {
		switch path[i] {
		case ']':
			depth++
		case '[':
			depth--
		case '.':
			if depth == 0 {
				return path[i+1:]
			}
		}
	}
	return path
}

// words splits a text into what people would call its words: names, numbers, ballots and times.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r < utf8.RuneSelf && !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '_' || r == '-') || r == '→'
	})
}
