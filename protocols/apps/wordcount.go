package apps

import (
	"fmt"
	"sort"
	"strings"

	"simrun/sim"
)

// text is what is counted, again from the start if more lines are wanted.
var text = [...]string{
	"one node fails and one node waits",
	"the message is late or the node is gone",
	"who waits for one late message waits long",
	"a clock is no message",
	"the late node is not gone",
	"one message and no answer",
	"no node is long alone",
}

// lineOf returns line number i.
func lineOf(i int) string { return text[i%len(text)] }

// words returns the words of the first lines.
func words(lines int) (all []string) {
	for i := range lines {
		all = append(all, strings.Fields(lineOf(i))...)
	}
	return all
}

// A Worker counts the words that belong to it. It maps too: it takes lines apart and sends each word to the worker that counts it. The first
// is the source besides: it deals the lines out. What goes to somebody who is no neighbour is passed on.
type Worker struct {
	self   int
	nodes  []sim.NodeID
	routes []int // by destination, the next on the way
	lines  int   // in all
	next   int   // the line that the source deals out next
	words  []string
	counts []int // by word
}

// A Line is to be taken apart by worker number To, from 0.
type Line struct {
	To   int
	Text string
}

// A Word is to be counted by worker number To, from 0.
type Word struct {
	To   int
	Text string
}

func bootWorker(w *Workload, i int) App {
	p := &Worker{self: i, nodes: w.Topology.Nodes, routes: w.routes[i], lines: w.work}
	if i > 0 {
		p.next = p.lines
	}
	return p
}

// Start implements sim.Node.
func (p *Worker) Start(env sim.Env) {
	if !p.Passive() {
		pause(env)
	}
}

// Handle implements sim.Node.
func (p *Worker) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Line:
		p.mapLine(env, m)
	case Word:
		p.reduce(env, m)
	case tick:
		if p.Passive() {
			return
		}
		p.next++
		p.mapLine(env, Line{env.Pick("worker", len(p.nodes)), lineOf(p.next - 1)})
		p.Start(env)
	}
}

// mapLine takes a line apart, or passes it on.
func (p *Worker) mapLine(env sim.Env, m Line) {
	if m.To != p.self {
		env.Send(p.nodes[p.routes[m.To]], m)
		return
	}
	for _, word := range strings.Fields(m.Text) {
		p.reduce(env, Word{owner(word, len(p.nodes)), word})
	}
}

// owner returns who counts a word.
func owner(word string, workers int) (n int) {
	for _, c := range []byte(word) {
		n = (n*31 + int(c)) % workers
	}
	return n
}

// reduce counts a word, or passes it on.
func (p *Worker) reduce(env sim.Env, m Word) {
	if m.To != p.self {
		env.Send(p.nodes[p.routes[m.To]], m)
		return
	}
	i := sort.SearchStrings(p.words, m.Text)
	if i == len(p.words) || p.words[i] != m.Text {
		p.words = append(p.words[:i:i], append([]string{m.Text}, p.words[i:]...)...)
		p.counts = append(p.counts[:i:i], append([]int{0}, p.counts[i:]...)...)
	}
	p.counts[i]++
}

// Amount is how many words are here: counted, or in lines that are to be dealt out.
func (p *Worker) Amount() int64 {
	n := sum(p.counts)
	for i := p.next; i < p.lines; i++ {
		n += len(strings.Fields(lineOf(i)))
	}
	return int64(n)
}

// Passive reports whether all lines have been dealt out.
func (p *Worker) Passive() bool { return p.next >= p.lines }

// MarshalBinary returns the state.
func (p *Worker) MarshalBinary() ([]byte, error) {
	b := appendInts(appendInt(nil, p.next), p.counts)
	for _, word := range p.words {
		b = appendText(b, word)
	}
	return b, nil
}

// UnmarshalBinary takes over a state.
func (p *Worker) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	p.next, p.counts, p.words = r.int(), r.ints(), nil
	for range p.counts {
		p.words = append(p.words, r.text())
	}
	if p.next < 0 {
		r.bad = true
	}
	return r.end()
}

// String prints the counts: "late 3, node 5", and how many lines are to come.
func (p *Worker) String() string {
	var parts []string
	for i, word := range p.words {
		parts = append(parts, fmt.Sprintf("%s %d", word, p.counts[i]))
	}
	if !p.Passive() {
		parts = append(parts, fmt.Sprintf("%d lines to deal out", p.lines-p.next))
	}
	if parts == nil {
		return "no words"
	}
	return strings.Join(parts, ", ")
}

// rightCounts compares all counts with those of somebody who has the whole text at hand.
func rightCounts(w *Workload, all []App) error {
	for i, a := range all {
		p := a.(*Worker)
		for j, word := range p.words {
			if owner(word, w.Len()) != i {
				return fmt.Errorf("%s has counted %q, which is not its word", w.Topology.Nodes[i], word)
			}
			want := 0
			for _, x := range words(w.work) {
				if x == word {
					want++
				}
			}
			if p.counts[j] != want {
				return fmt.Errorf("%s has counted %q %d times, which must be %d", w.Topology.Nodes[i], word, p.counts[j], want)
			}
		}
	}
	return nil
}

// Amount is how many words are in the line.
func (m Line) Amount() int64 { return int64(len(strings.Fields(m.Text))) }

// Amount is 1: one word.
func (m Word) Amount() int64 { return 1 }

// AppendHash appends the message's content.
func (m Line) AppendHash(b []byte) []byte { return appendText(appendInt(b, m.To), m.Text) }

// AppendHash appends the message's content.
func (m Word) AppendHash(b []byte) []byte { return appendText(appendInt(b, m.To), m.Text) }

// String prints "Line{p3: a clock is no message}".
func (m Line) String() string { return fmt.Sprintf("Line{p%d: %s}", m.To+1, m.Text) }

// String prints "Word{p3: clock}".
func (m Word) String() string { return fmt.Sprintf("Word{p%d: %s}", m.To+1, m.Text) }
