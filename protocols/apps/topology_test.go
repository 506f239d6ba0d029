package apps

import (
	"fmt"
	"slices"
	"testing"
)

// Fails if a kind of topology has other channels than its name says.
func TestTopologies(t *testing.T) {
	for _, n := range []int{2, 3, 7, 64} {
		for kind, want := range map[string]int{"ring": n, "line": 2 * (n - 1), "star": 2 * (n - 1), "clique": n * (n - 1)} {
			if got := NewTopology(kind, n, 0).Channels(); got != want {
				t.Errorf("%s of %d: %d channels, want %d", kind, n, got, want)
			}
		}
	}
	for kind, want := range map[string]string{
		"ring": "[[1] [2] [3] [0]]", "line": "[[1] [0 2] [1 3] [2]]", "star": "[[1 2 3] [0] [0] [0]]", "clique": "[[1 2 3] [0 2 3] [0 1 3] [0 1 2]]",
	} {
		if got := fmt.Sprint(NewTopology(kind, 4, 0).Out); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	star := NewTopology("star", 4, 0)
	if got := fmt.Sprint(star.To(0), star.From(0), star.To(3)); got != "[p2 p3 p4] [p2 p3 p4] [p1]" {
		t.Errorf("neighbours in a star: %s", got)
	}
}

// Random topologies differ by their number, are the same for the same, and everybody can reach everybody. Fails too if From and To are not
// the two sides of the same channels.
func TestRandomTopologies(t *testing.T) {
	seen := map[string]bool{}
	for graph := range 50 {
		g := NewTopology("random", 9, graph)
		seen[fmt.Sprint(g.Out)] = true
		if again := NewTopology("random", 9, graph); fmt.Sprint(again) != fmt.Sprint(g) {
			t.Fatalf("graph %d is not the same twice", graph)
		}
		in := 0
		for i, id := range g.Nodes {
			in += len(g.From(i))
			for _, to := range g.To(i) {
				if j := slices.Index(g.Nodes, to); !slices.Contains(g.From(j), id) || j == i {
					t.Errorf("graph %d: the channel from %s to %s has one side", graph, id, to)
				}
			}
		}
		if in != g.Channels() || in < 9 || in > 27 {
			t.Errorf("graph %d: %d channels from outside, %d from inside", graph, in, g.Channels())
		}
	}
	if len(seen) < 45 {
		t.Errorf("only %d different topologies of 50", len(seen))
	}
}

// Routes are compared with distances that are found by trying every middle (Floyd, Warshall): fails if a route does not come nearer with
// each step.
func TestRoutes(t *testing.T) {
	for _, kind := range TopologyKinds() {
		g := NewTopology(kind, 8, 3)
		d, next := distances(g), g.routes()
		for from := range d {
			for to := range d {
				if from == to {
					continue
				}
				hop := next[from][to]
				if !slices.Contains(g.Out[from], hop) || d[hop][to] != d[from][to]-1 {
					t.Errorf("%s: from %d to %d by %d", kind, from, to, hop)
				}
			}
		}
	}
}

func distances(g Topology) [][]int {
	n := len(g.Nodes)
	d := make([][]int, n)
	for i := range d {
		d[i] = make([]int, n)
		for j := range d[i] {
			if d[i][j] = n; i == j {
				d[i][j] = 0
			} else if slices.Contains(g.Out[i], j) {
				d[i][j] = 1
			}
		}
	}
	for m := range d {
		for i := range d {
			for j := range d {
				d[i][j] = min(d[i][j], d[i][m]+d[m][j])
			}
		}
	}
	return d
}
