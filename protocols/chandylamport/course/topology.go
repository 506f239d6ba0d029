package course

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A Topology is who there is, what everybody has at the start, and the one-way links between them.
type Topology struct {
	Nodes []Holding // in the order of the file
	Links []Link    // in the order of the file

	place map[sim.NodeID]int // of a node in Nodes
	known map[Link]bool
}

// A Holding is what a node has.
type Holding struct {
	Node   sim.NodeID
	Tokens int
}

// A Link leads one way.
type Link struct{ From, To sim.NodeID }

// ParseTopology reads a topology. File is its name, for errors.
func ParseTopology(file, text string) (t Topology, err error) {
	r, err := read(file, text)
	if err != nil {
		return t, err
	}
	first, err := r.next("the number of nodes")
	if err != nil {
		return t, err
	}
	if err := r.words(first, 1, "the number of nodes"); err != nil {
		return t, err
	}
	t.place, t.known = make(map[sim.NodeID]int), make(map[Link]bool)
	n, err := r.number(first, first.words[0], "the number of nodes", 1, mostNodes)
	if err != nil {
		return t, err
	}
	for i := range n {
		want := fmt.Sprintf(`"id tokens" for node %d of %d`, i+1, n)
		l, err := r.next(want)
		if err != nil {
			return t, err
		}
		if err := t.readNode(r, l, want); err != nil {
			return t, err
		}
	}
	for _, l := range r.lines {
		if err := t.readLink(r, l); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *Topology) readNode(r *reader, l line, want string) error {
	if err := r.words(l, 2, want); err != nil {
		return err
	}
	if err := r.id(l, l.words[0]); err != nil {
		return err
	}
	id := sim.NodeID(l.words[0])
	if t.index(id) >= 0 {
		return r.wrong(l.number, "node %s stands here twice: want another id", id)
	}
	tokens, err := r.number(l, l.words[1], "the tokens of "+l.words[0], 0, mostTokens)
	t.place[id] = len(t.Nodes)
	t.Nodes = append(t.Nodes, Holding{id, tokens})
	return err
}

func (t *Topology) readLink(r *reader, l line) error {
	if err := r.words(l, 2, `a link "src dst" between two of the nodes`); err != nil {
		return err
	}
	link := Link{sim.NodeID(l.words[0]), sim.NodeID(l.words[1])}
	if err := t.knows(r, l, l.words...); err != nil {
		return err
	}
	if link.From == link.To {
		return r.wrong(l.number, "link %v leads from a node to itself: want two nodes", link)
	}
	if t.linked(link) {
		return r.wrong(l.number, "link %v stands here twice: want each once", link)
	}
	t.known[link] = true
	t.Links = append(t.Links, link)
	return nil
}

// knows reports an error unless all of the words are ids of nodes.
func (t *Topology) knows(r *reader, l line, ids ...string) error {
	for _, id := range ids {
		if t.index(sim.NodeID(id)) < 0 {
			return r.wrong(l.number, "unknown node %q: want one of %s", id, t.names())
		}
	}
	return nil
}

// names lists the nodes for an error.
func (t *Topology) names() string {
	var all []string
	for _, n := range t.Nodes {
		all = append(all, string(n.Node))
	}
	if len(all) > 12 {
		all = append(all[:12], "...")
	}
	return strings.Join(all, ", ")
}

// index returns the place of a node, -1 if there is none of that name.
func (t *Topology) index(id sim.NodeID) int {
	if i, ok := t.place[id]; ok {
		return i
	}
	return -1
}

func (t *Topology) linked(l Link) bool { return t.known[l] }

// out returns the nodes that a node has links to, as strings in order.
func (t *Topology) out(id sim.NodeID) (to []sim.NodeID) {
	for _, l := range t.Links {
		if l.From == id {
			to = append(to, l.To)
		}
	}
	slices.Sort(to)
	return to
}

// in returns the nodes that have links to a node, as strings in order.
func (t *Topology) in(id sim.NodeID) (from []sim.NodeID) {
	for _, l := range t.Links {
		if l.To == id {
			from = append(from, l.From)
		}
	}
	slices.Sort(from)
	return from
}

// total is how many tokens there are.
func (t *Topology) total() (sum int) {
	for _, n := range t.Nodes {
		sum += n.Tokens
	}
	return sum
}

// unreached returns a node that no path leads to from another, "" if there is none.
func (t *Topology) unreached(from sim.NodeID) sim.NodeID {
	next := make(map[sim.NodeID][]sim.NodeID)
	for _, l := range t.Links {
		next[l.From] = append(next[l.From], l.To)
	}
	seen := map[sim.NodeID]bool{from: true}
	for todo := []sim.NodeID{from}; len(todo) > 0; todo = todo[1:] {
		for _, to := range next[todo[0]] {
			if !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	for _, n := range t.Nodes {
		if !seen[n.Node] {
			return n.Node
		}
	}
	return ""
}

// String prints the topology as a file.
func (t Topology) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, len(t.Nodes))
	for _, n := range t.Nodes {
		fmt.Fprintln(&b, n)
	}
	for _, l := range t.Links {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}

// String prints "N1 5".
func (h Holding) String() string { return fmt.Sprintf("%s %d", h.Node, h.Tokens) }

// String prints "N1 N2".
func (l Link) String() string { return fmt.Sprintf("%s %s", l.From, l.To) }
