package checkers

// A dependency says why one transaction must stand before another in every serial order (Adya 1999,
// section 3.1). They are bits, so that several kinds can be asked for at once.
type dependency uint8

const (
	ww dependency = 1 << iota // the second's version of a key follows the first's: it write-depends
	wr                        // the second read a version of the first: it read-depends
	rw                        // the first read a version, and the second's is the next one: it anti-depends
)

// An edge is one dependency: from stands before to. It has kind 0 if it starts at a hub, which is no
// transaction: see serial.fan.
type edge struct {
	from, to int32
	kind     dependency
	key      int32
	old, new int32 // versions of the key: what was read or overwritten (-1: the initial one), and what took its place
}

// A graph holds the dependencies of a history, by the node from which they start.
type graph struct {
	edges []edge
	first []int32 // edges[first[v]:first[v+1]] start at v
}

// newGraph sorts the edges by counting, and keeps the order of those of one node.
func newGraph(nodes int, edges []edge) *graph {
	g := &graph{edges: make([]edge, len(edges)), first: make([]int32, nodes+1)}
	for _, e := range edges {
		g.first[e.from]++
	}
	sum := int32(0)
	for v := range g.first {
		sum += g.first[v]
		g.first[v] = sum
	}
	for i := len(edges) - 1; i >= 0; i-- {
		v := edges[i].from
		g.first[v]--
		g.edges[g.first[v]] = edges[i]
	}
	return g
}

// nodes returns the number of nodes.
func (g *graph) nodes() int32 { return int32(len(g.first)) - 1 }

// is reports whether the edge is one of these kinds. A hub's always is.
func (e *edge) is(kinds dependency) bool { return e.kind&^kinds == 0 }

// A walk finds strongly connected components as Tarjan does (1972).
type walk struct {
	*graph
	kinds      dependency
	seen, low  []int32 // seen: the how-manieth node it was, from 1
	open       []int32 // nodes whose component is not complete
	component  []int32 // 0: not complete yet
	nth, count int32
}

// components numbers the strongly connected components of the edges of these kinds, from 1, and says for
// each node in which it is. An edge between two of them leads to the lower number.
func (g *graph) components(kinds dependency) []int32 {
	n := g.nodes()
	all := make([]int32, 3*n)
	w := walk{graph: g, kinds: kinds, seen: all[:n], low: all[n : 2*n], component: all[2*n:]}
	for v := range n {
		if w.seen[v] == 0 {
			w.visit(v)
		}
	}
	return w.component
}

// visit walks on from v. It calls itself as deep as the longest path, which Go's stacks bear.
func (w *walk) visit(v int32) {
	w.nth++
	w.seen[v], w.low[v] = w.nth, w.nth
	w.open = append(w.open, v)
	for i := w.first[v]; i < w.first[v+1]; i++ {
		if e := &w.edges[i]; !e.is(w.kinds) || w.component[e.to] != 0 {
			continue
		} else if w.seen[e.to] == 0 {
			w.visit(e.to)
			w.low[v] = min(w.low[v], w.low[e.to])
		} else {
			w.low[v] = min(w.low[v], w.seen[e.to])
		}
	}
	if w.low[v] < w.seen[v] {
		return
	}
	w.count++
	for top := int32(-1); top != v; {
		top = w.open[len(w.open)-1]
		w.open = w.open[:len(w.open)-1]
		w.component[top] = w.count
	}
}

// mostStarts bounds the work on a history that is wrong in very many ways: the shortest cycle is looked for
// among those through so many edges.
const mostStarts = 500

// ring returns a shortest cycle of edges of these kinds, or nil if there is none.
func (g *graph) ring(kinds dependency) []edge {
	within := g.components(kinds)
	var starts []int32
	for i := range g.edges {
		if e := &g.edges[i]; e.kind != 0 && e.is(kinds) && within[e.from] == within[e.to] {
			starts = append(starts, int32(i))
		}
	}
	return g.shortest(starts, kinds, within)
}

// single returns a shortest cycle with exactly one rw, or nil if there is none. There must be no cycle
// without one.
func (g *graph) single() []edge {
	within := g.components(ww | wr | rw)
	var candidates []int32
	for i := range g.edges {
		if e := &g.edges[i]; e.kind == rw && within[e.from] == within[e.to] {
			candidates = append(candidates, int32(i))
		}
	}
	return g.shortest(g.closing(candidates), ww|wr, within)
}

// closing returns those of the edges from whose end ww and wr lead back to the start: enough of them, if
// there are many. Since ww and wr make no cycle, 64 edges can be asked in one pass over the nodes in their
// order, each with a bit of its own.
func (g *graph) closing(candidates []int32) (closing []int32) {
	sorted := make([]int32, g.nodes()+1) // by component, each of which is one node; the last come first
	for v, c := range g.components(ww | wr) {
		sorted[c] = int32(v)
	}
	reached := make([]uint64, g.nodes())
	for len(candidates) > 0 && len(closing) < mostStarts {
		block := candidates[:min(64, len(candidates))]
		candidates = candidates[len(block):]
		clear(reached)
		for bit, i := range block {
			reached[g.edges[i].to] |= 1 << bit
		}
		for c := len(sorted) - 1; c > 0; c-- {
			v := sorted[c]
			for i := g.first[v]; i < g.first[v+1] && reached[v] != 0; i++ {
				if e := &g.edges[i]; e.is(ww | wr) {
					reached[e.to] |= reached[v]
				}
			}
		}
		for bit, i := range block {
			if reached[g.edges[i].from]>>bit&1 == 1 {
				closing = append(closing, i)
			}
		}
	}
	return closing
}

// shortest returns a shortest cycle that begins with one of these edges, goes on along edges of these kinds
// and stays within one component; nil if there are no edges to begin with. Steps between hubs count.
func (g *graph) shortest(starts []int32, kinds dependency, within []int32) (cycle []edge) {
	came := make([]int32, g.nodes()) // by which edge a node was reached
	reached := make([]int32, g.nodes())
	queue := make([]int32, 0, g.nodes())
	for n, start := range starts[:min(mostStarts, len(starts))] {
		e, turn := g.edges[start], int32(n+1)
		// Breadth first, level by level, until another cycle could only be as long.
		queue = append(queue[:0], e.to)
		reached[e.to] = turn
		for length, head := 2, 0; head < len(queue) && reached[e.from] != turn && (cycle == nil || length < len(cycle)); length++ {
			for level := len(queue); head < level; head++ {
				v := queue[head]
				for i := g.first[v]; i < g.first[v+1]; i++ {
					if to := g.edges[i].to; g.edges[i].is(kinds) && reached[to] != turn && within[to] == within[v] {
						reached[to], came[to] = turn, i
						queue = append(queue, to)
					}
				}
			}
		}
		if reached[e.from] == turn {
			cycle = g.back(e, came)
		}
	}
	return cycle
}

// back writes down the cycle that begins with e, from its end.
func (g *graph) back(e edge, came []int32) []edge {
	var path []edge
	for v := e.from; v != e.to; v = path[len(path)-1].from {
		path = append(path, g.edges[came[v]])
	}
	cycle := []edge{e}
	for i := len(path) - 1; i >= 0; i-- {
		cycle = append(cycle, path[i])
	}
	return cycle
}
