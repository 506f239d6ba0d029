package zoo

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// A key is a word that a line of the header may start with.
type key struct {
	name string
	must bool
	weak bool                 // a checker that is made weak has it too
	text func(*Bug) *string   // where its text goes, or
	list func(*Bug) *[]string // its words, which commas part, or
	also func(*Bug) *[]Also   // a property and why; it may be stated more than once
}

// keys is all that a header can say, in the order in which it says it.
var keys = []key{
	{name: "title", must: true, weak: true, text: func(b *Bug) *string { return &b.Title }},
	{name: "id", text: func(b *Bug) *string { return &b.ID }},
	{name: "story", must: true, weak: true, text: func(b *Bug) *string { return &b.Story }},
	{name: "weakens", weak: true, text: func(b *Bug) *string { return &b.Weakens }},
	{name: "breaks", must: true, text: func(b *Bug) *string { return &b.Breaks }},
	{name: "also", also: func(b *Bug) *[]Also { return &b.Also }},
	{name: "inner", list: func(b *Bug) *[]string { return &b.Inner }},
	{name: "needs", list: func(b *Bug) *[]string { return &b.Needs }},
	{name: "masked", text: func(b *Bug) *string { return &b.Masked }},
	{name: "scenario", must: true, text: func(b *Bug) *string { return &b.Scenario }},
	{name: "set", list: func(b *Bug) *[]string { return &b.Set }},
	{name: "faults", text: func(b *Bug) *string { return &b.Faults }},
	{name: "smallest", text: func(b *Bug) *string { return &b.Smallest }},
	{name: "seen", text: func(b *Bug) *string { return &b.Seen }},
	{name: "mend", text: func(b *Bug) *string { return &b.Mend }},
	{name: "hint", must: true, text: func(b *Bug) *string { return &b.Hint }},
}

// diffStarts are how a line begins with which the header is over.
var diffStarts = []string{"diff --git ", "--- "}

// Parse reads a patch with its header. Its name is left to the caller, since it is that of the file. An error says which line is wrong, and what would be right.
func Parse(text string) (*Bug, error) {
	b := &Bug{}
	rest, err := b.readHeader(text)
	if err != nil {
		return nil, err
	}
	b.Patch = rest
	if b.files, _, err = gitdiff.Parse(strings.NewReader(rest)); err != nil {
		return nil, fmt.Errorf("the diff: %w", err)
	}
	if len(b.files) == 0 {
		return nil, fmt.Errorf("there is no diff behind the header: it starts with a line such as --- a/protocols/paxos/acceptor.go")
	}
	for _, f := range b.files {
		f.OldName, f.NewName = strip(f.OldName), strip(f.NewName)
		switch {
		case f.IsNew || f.IsDelete || f.IsRename || f.IsCopy || f.IsBinary:
			return nil, fmt.Errorf("the diff of %s: a bug changes lines of files that are there, and does nothing else", f.NewName+f.OldName)
		case f.OldName != f.NewName:
			return nil, fmt.Errorf("the diff renames %s to %s", f.OldName, f.NewName)
		case !fs.ValidPath(f.NewName):
			return nil, fmt.Errorf("the diff of %q: files are named from the root of the module, such as a/protocols/paxos/acceptor.go", f.NewName)
		case len(f.TextFragments) == 0:
			return nil, fmt.Errorf("the diff of %s changes nothing", f.NewName)
		}
	}
	return b, nil
}

// strip takes away the folder that git puts before the name of a file.
func strip(name string) string {
	if folder, rest, ok := strings.Cut(name, "/"); ok && (folder == "a" || folder == "b") {
		return rest
	}
	return name
}

// readHeader reads the lines before the diff, and returns the diff.
func (b *Bug) readHeader(text string) (diff string, err error) {
	h := header{bug: b, seen: make(map[string]bool)}
	at := 0
	for number := 1; at < len(text); number++ {
		line, _, _ := strings.Cut(text[at:], "\n")
		if startsDiff(line) {
			break
		}
		if err := h.read(line, number); err != nil {
			return "", fmt.Errorf("line %d: %w", number, err)
		}
		at += min(len(line)+1, len(text)-at)
	}
	if h.end(); h.wrong != nil {
		return "", h.wrong
	}
	for _, k := range keys {
		switch weak := h.seen["weakens"]; {
		case k.must && !h.seen[k.name] && (k.weak || !weak):
			return "", fmt.Errorf("the header has no line that starts with %q", k.name+":")
		case weak && h.seen[k.name] && !k.weak:
			return "", fmt.Errorf("a checker that is made weak is no bug of a system: it has no line that starts with %q", k.name+":")
		}
	}
	for _, s := range b.Set {
		if name, _, ok := strings.Cut(s, "="); !ok || name == "" {
			return "", fmt.Errorf("the setting %q is not of the form name=value", s)
		}
	}
	return text[at:], nil
}

// A header is being read.
type header struct {
	bug  *Bug
	seen map[string]bool
	key  *key   // the line's that was read last; nil: none, or a blank line stood behind it
	text string // its value
	line int    // and its number

	wrong error // the first value that does not do
}

// read reads a line. One that begins with white space goes on with the one before.
func (h *header) read(line string, number int) error {
	text := strings.TrimSpace(line)
	switch {
	case text == "":
		h.end()
		return nil
	case line[0] == ' ' || line[0] == '\t':
		if h.key == nil {
			return fmt.Errorf("it begins with white space and there is nothing that it goes on with")
		}
		h.text += " " + text
		return nil
	}
	h.end()
	name, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	k := findKey(name)
	switch {
	case !ok || k == nil:
		return fmt.Errorf("%q is no line of a header: one starts with %s", cut(line), keyNames())
	case h.seen[name] && k.also == nil:
		return fmt.Errorf("%s is stated twice", name)
	case value == "":
		return fmt.Errorf("%s lacks its value", name)
	}
	h.seen[name], h.key, h.text, h.line = true, k, value, number
	return nil
}

// end puts what was read into its field.
func (h *header) end() {
	switch k := h.key; {
	case k == nil:
	case k.text != nil:
		*k.text(h.bug) = h.text
	case k.also != nil:
		property, reason, ok := strings.Cut(h.text, " — ")
		if property = strings.TrimSpace(property); (!ok || property == "" || strings.Contains(property, " ")) && h.wrong == nil {
			h.wrong = fmt.Errorf("line %d: %s wants a property, a dash and the reason, such as %s: validity — who decides twice is seen first; this is %q", h.line, k.name, k.name, cut(h.text))
		}
		*k.also(h.bug) = append(*k.also(h.bug), Also{property, strings.TrimSpace(reason)})
	default:
		for w := range strings.SplitSeq(h.text, ",") {
			*k.list(h.bug) = append(*k.list(h.bug), strings.TrimSpace(w))
		}
	}
	h.key = nil
}

// startsDiff reports whether a line is the first of a diff.
func startsDiff(line string) bool {
	for _, s := range diffStarts {
		if strings.HasPrefix(line, s) {
			return true
		}
	}
	return false
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
		names[i] = k.name + ":"
	}
	return strings.Join(names, " ")
}

// cut shortens a line for a message.
func cut(line string) string {
	if r := []rune(line); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return line
}
