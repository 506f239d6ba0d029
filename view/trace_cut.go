package view

import (
	"slices"
	"strings"

	"simrun/sim"
)

// A cutter finds out when nodes cannot hear one another. It asks the world itself, so that it need not know the verbs of plans: after
// each fault, and when a message shows that something has changed.
type cutter struct {
	w    *sim.World
	t    *Trace
	now  []bool // by from*len(nodes)+to; nil while nobody is cut off
	from uint64
	last uint64
}

// mostCut is up to how many nodes links are looked at: their number is the square.
const mostCut = 64

// see looks at the links after an event.
func (c *cutter) see(e *sim.Event) {
	c.last = e.Seq
	if n := len(c.t.Nodes); n > mostCut {
		return
	}
	switch e.Kind {
	case sim.Faulted, sim.Settled:
	case sim.Dropped:
		if e.Reason != "cut" || c.cut(e.Peer, e.Node) {
			return
		}
	case sim.Delivered:
		if !c.cut(e.Peer, e.Node) {
			return
		}
	default:
		return
	}
	if now := c.links(); !slices.Equal(now, c.now) {
		c.close(e.Seq)
		c.now, c.from = now, e.Seq
	}
}

// cut reports whether a link is known to be cut.
func (c *cutter) cut(from, to sim.NodeID) bool {
	if c.now == nil {
		return false
	}
	a, b := slices.Index(c.t.Nodes, from), slices.Index(c.t.Nodes, to)
	return a >= 0 && b >= 0 && c.now[a*len(c.t.Nodes)+b]
}

// links asks which links are cut; nil if none is.
func (c *cutter) links() (cut []bool) {
	n := len(c.t.Nodes)
	for i, a := range c.t.Nodes {
		for j, b := range c.t.Nodes {
			if c.w.Cut(a, b) {
				if cut == nil {
					cut = make([]bool, n*n)
				}
				cut[i*n+j] = true
			}
		}
	}
	return cut
}

// close ends the band that is open.
func (c *cutter) close(seq uint64) {
	if c.now != nil {
		side := c.sides()
		c.t.Cuts = append(c.t.Cuts, Band{c.from, seq, side, c.text(side)})
	}
	c.now = nil
}

// end ends the band that is open at the end of the run.
func (c *cutter) end() { c.close(c.last) }

// sides numbers the parts: nodes that hear one another, be it by way of others, have the same number.
func (c *cutter) sides() []int {
	n := len(c.t.Nodes)
	side := make([]int, n)
	for i := range side {
		side[i] = -1
	}
	next := 0
	var visit func(i int)
	visit = func(i int) {
		side[i] = next
		for j := range n {
			if side[j] < 0 && !c.now[i*n+j] && !c.now[j*n+i] {
				visit(j)
			}
		}
	}
	for i := range n {
		if side[i] < 0 {
			visit(i)
			next++
		}
	}
	return side
}

// morePairs is how many pairs are named.
const morePairs = 4

// text says who is cut off from whom.
func (c *cutter) text(side []int) string {
	n, parts := len(c.t.Nodes), slices.Max(side)+1
	if parts > 1 && !c.oneWay() {
		names := make([][]string, parts)
		for i, s := range side {
			names[s] = append(names[s], string(c.t.Nodes[i]))
		}
		var text []string
		for _, part := range names {
			text = append(text, strings.Join(part, " "))
		}
		return strings.Join(text, " | ")
	}
	var pairs []string
	for i := range n {
		for j := range n {
			if !c.now[i*n+j] || j < i && c.now[j*n+i] {
				continue
			}
			arrow := " ↛ "
			if c.now[j*n+i] {
				arrow = " ↮ "
			}
			pairs = append(pairs, string(c.t.Nodes[i])+arrow+string(c.t.Nodes[j]))
		}
	}
	if len(pairs) > morePairs {
		pairs = append(pairs[:morePairs], "…")
	}
	return strings.Join(pairs, ", ")
}

// oneWay reports whether some node hears another that does not hear it.
func (c *cutter) oneWay() bool {
	n := len(c.t.Nodes)
	for i := range n {
		for j := range i {
			if c.now[i*n+j] != c.now[j*n+i] {
				return true
			}
		}
	}
	return false
}
