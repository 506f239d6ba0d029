package checkers

import (
	"slices"
	"testing"
)

// randomGraph makes edges between so many nodes, with no edge from a node to itself.
func randomGraph(d *dice, nodes, edges int) *graph {
	var list []edge
	for range edges {
		from, to := d.below(nodes), d.below(nodes-1)
		if to >= from {
			to++
		}
		list = append(list, edge{from: int32(from), to: int32(to), kind: 1 << d.below(3), old: int32(len(list))})
	}
	return newGraph(nodes, list)
}

// distances are those along edges of some kinds, by Floyd and Warshall; far is no way at all.
func distances(g *graph, kinds dependency) [][]int {
	n := int(g.nodes())
	dist := make([][]int, n)
	for v := range dist {
		dist[v] = slices.Repeat([]int{far}, n)
		dist[v][v] = 0
	}
	for _, e := range g.edges {
		if e.is(kinds) {
			dist[e.from][e.to] = 1
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				dist[i][j] = min(dist[i][j], dist[i][k]+dist[k][j])
			}
		}
	}
	return dist
}

const far = 1 << 20

// isCycle fails the test unless the edges are a cycle of these kinds.
func isCycle(t *testing.T, cycle []edge, kinds dependency) {
	t.Helper()
	for i, e := range cycle {
		if next := cycle[(i+1)%len(cycle)]; e.to != next.from || !e.is(kinds) {
			t.Fatalf("no cycle of kinds %b: %v", kinds, cycle)
		}
	}
}

// Fails if an edge is lost or moved while the edges are sorted.
func TestGraphKeepsItsEdges(t *testing.T) {
	d := &dice{seed: 1}
	for range 100 {
		g := randomGraph(d, 2+d.below(8), d.below(30))
		seen := map[int32]bool{}
		for v := range g.nodes() {
			for i := g.first[v]; i < g.first[v+1]; i++ {
				if g.edges[i].from != v {
					t.Fatalf("edge %v stands at node %d", g.edges[i], v)
				}
				seen[g.edges[i].old] = true
			}
		}
		if len(seen) != len(g.edges) {
			t.Fatalf("%d edges of %d", len(seen), len(g.edges))
		}
	}
}

// Fails if two nodes are in one component and do not reach each other, or the other way round, or if the
// numbers of components do not fall along the edges, on which closing relies.
func TestComponents(t *testing.T) {
	d := &dice{seed: 2}
	for range 2000 {
		g := randomGraph(d, 2+d.below(7), d.below(14))
		for _, kinds := range []dependency{ww, ww | wr, ww | wr | rw} {
			component, dist := g.components(kinds), distances(g, kinds)
			for v := range g.nodes() {
				for u := range g.nodes() {
					if same := dist[v][u] < far && dist[u][v] < far; same != (component[v] == component[u]) {
						t.Fatalf("%v, kinds %b: %d and %d in components %d and %d", g.edges, kinds, v, u, component[v], component[u])
					}
					if dist[v][u] < far && component[v] < component[u] {
						t.Fatalf("%v, kinds %b: %d leads to %d, components %d and %d", g.edges, kinds, v, u, component[v], component[u])
					}
				}
			}
		}
	}
}

// Fails if a ring is not the shortest there is, is none, or is missed.
func TestRingIsShortest(t *testing.T) {
	d, lengths := &dice{seed: 3}, map[int]int{}
	for range 3000 {
		g := randomGraph(d, 2+d.below(8), d.below(16))
		for _, kinds := range []dependency{ww, ww | wr, ww | wr | rw} {
			want, dist := far, distances(g, kinds)
			for _, e := range g.edges {
				if e.is(kinds) {
					want = min(want, 1+dist[e.to][e.from])
				}
			}
			cycle := g.ring(kinds)
			isCycle(t, cycle, kinds)
			if got := len(cycle); got != want && (got != 0 || want < far) {
				t.Fatalf("%v, kinds %b: %v, want %d edges", g.edges, kinds, cycle, want)
			}
			lengths[len(cycle)]++
		}
	}
	if lengths[0] < 100 || lengths[2] < 100 || lengths[4] < 10 {
		t.Errorf("lengths %v", lengths)
	}
}

// Fails if a cycle with one rw is missed, is not the shortest of them, or has another rw. There are often
// more than 64 of them to ask.
func TestSingleIsShortest(t *testing.T) {
	d, found, none := &dice{seed: 4}, 0, 0
	for n := range 1500 {
		nodes := 2 + d.below(8)
		g := randomGraph(d, nodes, d.below(16))
		if n%10 == 0 {
			g = randomGraph(d, 60, 150)
		}
		// What is not rw leads upwards, so that it makes no cycle.
		for i, e := range g.edges {
			if e.kind != rw && e.from > e.to {
				g.edges[i].kind = rw
			}
		}
		want, dist := far, distances(g, ww|wr)
		for _, e := range g.edges {
			if e.kind == rw {
				want = min(want, 1+dist[e.to][e.from])
			}
		}
		cycle := g.single()
		isCycle(t, cycle, ww|wr|rw)
		if cycle == nil {
			none++
			if want < far {
				t.Fatalf("%v: nothing found, want %d edges", g.edges, want)
			}
			continue
		}
		found++
		anti := slices.DeleteFunc(slices.Clone(cycle), func(e edge) bool { return e.kind != rw })
		if len(cycle) != want || len(anti) != 1 {
			t.Fatalf("%v: %v, want %d edges, one rw", g.edges, cycle, want)
		}
	}
	if found < 100 || none < 100 {
		t.Errorf("%d found, %d without", found, none)
	}
}

// Fails if a history that is wrong in more ways than are looked through is not found wrong, or the search
// for the shortest cycle is not bounded: the last edge alone closes a short one.
func TestManyCycles(t *testing.T) {
	const n = 3 * mostStarts
	var edges []edge
	for v := range int32(n) {
		edges = append(edges, edge{from: v, to: (v + 1) % n, kind: ww})
	}
	edges = append(edges, edge{from: n - 1, to: n - 2, kind: ww})
	cycle := newGraph(n, edges).ring(ww)
	isCycle(t, cycle, ww)
	if len(cycle) != n {
		t.Errorf("%d edges, want the long one: the short one begins beyond the bound", len(cycle))
	}
}

// Fails if two chains of hubs say something else than an edge for each pair: a reader of the last version
// comes before every late write of others, and never before its own.
func TestHubsStandForAllPairs(t *testing.T) {
	d := &dice{seed: 5}
	for range 2000 {
		s := newSerial("test", true)
		txs := 2 + d.below(5)
		for tx := range txs {
			s.end(s.tx(tnum(tx+1)), true)
		}
		var pairs []edge
		for k := range 2 {
			key := s.key(string(rune('x' + k)))
			for tx := range int32(txs) {
				if d.below(2) == 0 {
					s.keys[key].late = append(s.keys[key].late, write{tx: tx})
				}
			}
			for tx := range int32(txs) {
				if d.below(2) == 0 {
					continue
				}
				s.sights = append(s.sights, sight{tx, key, -1})
				for _, w := range s.keys[key].late {
					if w.tx != tx {
						pairs = append(pairs, edge{from: tx, to: w.tx, kind: rw})
					}
				}
			}
		}
		hubs, plain := distances(s.graph(), ww|wr|rw), distances(newGraph(txs, pairs), rw)
		for v := range txs {
			for u := range txs {
				if (hubs[v][u] < far) != (plain[v][u] < far) {
					t.Fatalf("late %v, %v; sights %v: from %d to %d by hubs %d, by pairs %d", s.keys[0].late, s.keys[1].late, s.sights, v, u, hubs[v][u], plain[v][u])
				}
			}
		}
		if got, want := s.graph().ring(rw) != nil, newGraph(txs, pairs).ring(rw) != nil; got != want {
			t.Fatalf("a cycle by hubs %t, by pairs %t", got, want)
		}
	}
}
