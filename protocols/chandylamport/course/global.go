package course

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A Global is a global state: one snapshot, as a file has it.
type Global struct {
	Number   int
	Nodes    []Holding // what was recorded of each node
	Messages []Carried // what was recorded on links; those into one node in the order in which they arrived
}

// A Carried is a message on a link.
type Carried struct {
	Link
	Tokens int
}

// ParseGlobal reads a snapshot of a topology with that many snapshots. File is its name, for errors.
func ParseGlobal(file, text string, t Topology, snapshots int) (g Global, err error) {
	r, err := read(file, text)
	if err != nil {
		return g, err
	}
	first, err := r.next("the number of the snapshot")
	if err != nil {
		return g, err
	}
	if err := r.words(first, 1, "the number of the snapshot"); err != nil {
		return g, err
	}
	if snapshots == 0 {
		return g, r.wrong(first.number, "snapshot %q is expected, but the script starts none: want no such file", first.words[0])
	}
	if g.Number, err = r.number(first, first.words[0], "the number of the snapshot, counted from 0 in the script", 0, snapshots-1); err != nil {
		return g, err
	}
	for _, l := range r.lines {
		if err := g.readLine(r, l, &t); err != nil {
			return g, err
		}
	}
	for _, n := range t.Nodes {
		if !slices.ContainsFunc(g.Nodes, func(h Holding) bool { return h.Node == n.Node }) {
			return g, r.wrong(r.last, `the file ends here: want "%s tokens", what was recorded of node %s`, n.Node, n.Node)
		}
	}
	return g, nil
}

func (g *Global) readLine(r *reader, l line, t *Topology) (err error) {
	switch len(l.words) {
	case 2:
		if err := t.knows(r, l, l.words[0]); err != nil {
			return err
		}
		h := Holding{Node: sim.NodeID(l.words[0])}
		if slices.ContainsFunc(g.Nodes, func(o Holding) bool { return o.Node == h.Node }) {
			return r.wrong(l.number, "node %s stands here twice: want each once", h.Node)
		}
		h.Tokens, err = r.number(l, l.words[1], "the tokens of "+l.words[0], 0, mostTogether)
		g.Nodes = append(g.Nodes, h)
		return err
	case 3:
		if err := t.knows(r, l, l.words[:2]...); err != nil {
			return err
		}
		m := Carried{Link: Link{sim.NodeID(l.words[0]), sim.NodeID(l.words[1])}}
		if !t.linked(m.Link) {
			return r.wrong(l.number, "there is no link %v: want a message on one of the topology's", m.Link)
		}
		word, ok := strings.CutPrefix(l.words[2], "token(")
		if word, ok = cutSuffix(word, ")", ok); !ok {
			return r.wrong(l.number, "%q: want a message such as token(3)", l.words[2])
		}
		m.Tokens, err = r.number(l, word, "the tokens of the message", 0, mostTogether)
		g.Messages = append(g.Messages, m)
		return err
	}
	return r.wrong(l.number, `%q: want "id tokens" or "src dst token(k)"`, strings.Join(l.words, " "))
}

func cutSuffix(s, suffix string, ok bool) (string, bool) {
	before, found := strings.CutSuffix(s, suffix)
	return before, found && ok
}

// into returns the messages recorded into a node, in their order.
func (g *Global) into(id sim.NodeID) (in []Carried) {
	for _, m := range g.Messages {
		if m.To == id {
			in = append(in, m)
		}
	}
	return in
}

// tokens returns what was recorded of a node, -1 if nothing was.
func (g *Global) tokens(id sim.NodeID) int {
	for _, h := range g.Nodes {
		if h.Node == id {
			return h.Tokens
		}
	}
	return -1
}

// total is how many tokens were recorded, on nodes and on links.
func (g *Global) total() (sum int64) {
	for _, h := range g.Nodes {
		sum += int64(h.Tokens)
	}
	for _, m := range g.Messages {
		sum += int64(m.Tokens)
	}
	return sum
}

// String prints the snapshot as a file.
func (g Global) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, g.Number)
	for _, h := range g.Nodes {
		fmt.Fprintln(&b, h)
	}
	for _, m := range g.Messages {
		fmt.Fprintln(&b, m)
	}
	return b.String()
}

// String prints "N1 N2 token(3)".
func (m Carried) String() string { return fmt.Sprintf("%v token(%d)", m.Link, m.Tokens) }
