package view

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"simrun/sim"
)

// The bounds of a Mermaid diagram. Beyond them forges do not draw it.
const (
	mermaidMessages = 200
	mermaidRunes    = 50_000
	mermaidText     = 60    // runes of a text
	mermaidNear     = 3_000 // events on each side among which there is what fits
)

// Mermaid writes a run as a sequence diagram for Mermaid, which forges draw in issues: an arrow for each message where it arrives, or where it was
// lost, and notes for facts, faults and what an event changed in a node. It holds at most 200 messages and 50,000 characters. Of a longer run it tells what
// leads to an event: to around, or if that is 0 to the violation, or else how the run begins; and says what it leaves out. It returns the first error of w.
func Mermaid(w io.Writer, t *Trace, around uint64) error {
	m := newMermaid(t)
	part := m.choose(around)
	b := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(b, "sequenceDiagram\n")
	fmt.Fprintf(b, "  %%%% %s\n", mermaidComment(t.title()))
	for i, name := range m.names {
		if !m.used[i] {
			continue
		}
		if name == string(t.Nodes[i]) {
			fmt.Fprintf(b, "  participant %s\n", name)
		} else {
			fmt.Fprintf(b, "  participant %s as %s\n", name, m.escape(string(t.Nodes[i])))
		}
	}
	m.leftOut(b, 1, part.From, "before")
	for seq := part.From; seq <= part.To; seq++ {
		b.WriteString(m.lines[seq])
	}
	m.leftOut(b, part.To+1, uint64(t.Len())+1, "after")
	return b.Flush()
}

// A mermaid makes the lines of a diagram.
type mermaid struct {
	t     *Trace
	names []string
	used  []bool // by node: it has a part in the lines
	lines map[uint64]string
	more  map[uint64][]string // by event: what it changed, in the words of a story
}

func newMermaid(t *Trace) *mermaid {
	m := &mermaid{t: t, used: make([]bool, len(t.Nodes)), lines: make(map[uint64]string)}
	taken := make(map[string]bool)
	for _, id := range t.Nodes {
		taken[string(id)] = true
	}
	for i, id := range t.Nodes {
		name := string(id)
		if !mermaidName.MatchString(name) || mermaidWords[strings.ToLower(name)] {
			for name = fmt.Sprintf("node%d", i+1); taken[name]; {
				name += "x"
			}
		}
		m.names = append(m.names, name)
	}
	return m
}

// mermaidName are the names that a node may have in a diagram as they are; mermaidWords are not among them.
var (
	mermaidName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	mermaidWords = map[string]bool{
		"activate": true, "actor": true, "alt": true, "and": true, "as": true, "autonumber": true, "box": true, "break": true, "create": true, "critical": true,
		"deactivate": true, "destroy": true, "else": true, "end": true, "left": true, "link": true, "links": true, "loop": true, "note": true, "opt": true, "option": true,
		"over": true, "par": true, "participant": true, "properties": true, "rect": true, "right": true, "sequencediagram": true, "title": true,
	}
)

// choose makes the lines of the events that fit. It begins at an event, goes back from there, and then forth.
func (m *mermaid) choose(around uint64) Window {
	n := uint64(m.t.Len())
	if around == 0 {
		around = max(m.t.named(), 1)
	}
	near := m.t.Passage(Window{max(around, mermaidNear+1) - mermaidNear, min(around+mermaidNear, n)})
	m.more = make(map[uint64][]string)
	for _, r := range near.rows {
		m.more[r.seq] = r.more
	}
	room, messages := mermaidRunes-2000, mermaidMessages // for the head and the notes about what is left out
	for _, id := range m.t.Nodes {
		room -= 2*utf8.RuneCountInString(m.escape(string(id))) + 30
	}
	part := Window{around + 1, around}
	fits := func(seq uint64, reserve int) bool {
		line := m.line(seq)
		size, message := utf8.RuneCountInString(line), 0
		if strings.Contains(line, "-)") || strings.Contains(line, "-x") {
			message = 1
		}
		if size > room-reserve*mermaidRunes/mermaidMessages || message > messages-reserve {
			return false
		}
		room, messages = room-size, messages-message
		m.lines[seq] = line
		return true
	}
	for part.From > 1 && fits(part.From-1, mermaidMessages/4) {
		part.From--
	}
	for part.To < n && fits(part.To+1, 0) {
		part.To++
	}
	for part.From > 1 && fits(part.From-1, 0) { // with what is left over
		part.From--
	}
	return part
}

// line is what an event adds to the diagram.
func (m *mermaid) line(seq uint64) string {
	e := m.t.Event(seq)
	node := m.name(m.t.node[seq-1])
	var b strings.Builder
	switch e.Kind {
	case sim.Delivered:
		fmt.Fprintf(&b, "  %s-)%s: %s\n", m.name(m.t.peer[seq-1]), node, m.escape(e.Text))
	case sim.Dropped:
		fmt.Fprintf(&b, "  %s-x%s: %s\n", m.name(m.t.peer[seq-1]), node, m.escape("lost ("+e.Reason+"): "+e.Text))
	case sim.Settled:
		node = ""
	}
	if lines := append(e.inNote(len(m.more[seq]) > 0), m.more[seq]...); len(lines) > 0 {
		m.note(&b, node, lines)
	}
	return b.String()
}

// inNote is what a note says of an event that is no message; of some only if there is more to say.
func (e *Moment) inNote(more bool) []string {
	switch {
	case e.Kind == sim.Noted:
		return []string{e.Text}
	case e.Kind == sim.Crashed:
		return []string{strings.TrimSuffix("✗ crash: "+e.Text, ": ")}
	case e.Kind == sim.Faulted:
		return []string{"fault: " + e.Text}
	case e.Kind == sim.Panicked:
		return []string{"✗ panics: " + e.Text}
	case e.Kind == sim.Settled:
		return []string{"faults end"}
	case e.Kind == sim.Started && (more || e.Text != "life 1"):
		return []string{"starts " + e.Text}
	case e.Kind == sim.Sent && more:
		return []string{"sends " + e.Text}
	}
	return nil
}

// name is the name of a node, by 1 + its place, and counts as a use; "" for none.
func (m *mermaid) name(node uint16) string {
	if node == 0 {
		return ""
	}
	m.used[node-1] = true
	return m.names[node-1]
}

// note adds a note of some lines over a node, or over all if there is none.
func (m *mermaid) note(b *strings.Builder, node string, lines []string) {
	if node == "" {
		if node = m.everybody(); node == "" {
			return
		}
	}
	safe := make([]string, len(lines))
	for i, l := range lines {
		safe[i] = m.escape(l)
	}
	fmt.Fprintf(b, "  Note over %s: %s\n", node, strings.Join(safe, "<br/>"))
}

// everybody names the first node and the last.
func (m *mermaid) everybody() string {
	switch n := uint16(len(m.names)); n {
	case 0:
		return ""
	case 1:
		return m.name(1)
	default:
		return m.name(1) + "," + m.name(n)
	}
}

// leftOut says how many messages and events of a range are not drawn.
func (m *mermaid) leftOut(b *bufio.Writer, from, to uint64, where string) {
	if from >= to {
		return
	}
	messages := 0
	for _, k := range m.t.kind[from-1 : to-1] {
		if k == sim.Delivered || k == sim.Dropped {
			messages++
		}
	}
	over := slices.Index(m.used, true)
	if over < 0 {
		return
	}
	last := len(m.used) - 1
	for !m.used[last] {
		last--
	}
	name := m.names[over]
	if last > over {
		name += "," + m.names[last]
	}
	fmt.Fprintf(b, "  Note over %s: %s messages and %s other events %s are left out: a diagram holds %d messages and %s characters\n", name,
		Number(uint64(messages)), Number(to-from-uint64(messages)), where, mermaidMessages, Number(mermaidRunes))
}

// escape makes a text safe as the text of a line: neither a mark of Mermaid's own nor HTML.
func (m *mermaid) escape(text string) string {
	text = cut(strings.Join(strings.Fields(text), " "), mermaidText)
	if text == "" {
		return " "
	}
	return mermaidSpecial.ReplaceAllStringFunc(text, func(s string) string {
		if c := s[0] | 0x20; c >= 'a' && c <= 'z' {
			return fmt.Sprintf("#%d;%s", s[0], s[1:])
		}
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "#%d;", c)
		}
		return b.String()
	})
}

// mermaidSpecial is what is written as entities: the marks of entities, of statements, of HTML, of comments and of mathematics; and the first letter of
// an end of a block, and of how a text begins that is to be wrapped.
var mermaidSpecial = regexp.MustCompile(`(?i)[#;<>&]|%%+|\$\$+|\bend\b|^(?:no)?wrap:`)

// mermaidComment is a text in a comment, where braces would begin a directive.
func mermaidComment(text string) string {
	return strings.NewReplacer("{", "(", "}", ")").Replace(strings.Join(strings.Fields(text), " "))
}
