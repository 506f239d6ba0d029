package apps

import (
	"fmt"
	"slices"
	"strconv"

	"simrun/sim"
	"simrun/sim/chance"
)

// A Topology says who can send to whom. Every process can reach every other, if not directly.
type Topology struct {
	Nodes []sim.NodeID // p1, p2, ...
	Out   [][]int      // by process, the places in Nodes of those it can send to, ascending
}

// TopologyKinds returns the kinds that [NewTopology] knows.
func TopologyKinds() []string { return []string{"clique", "line", "random", "ring", "star"} }

// NewTopology returns a topology of n processes, at least 2:
//
//   - ring: each sends to the next, the last to the first;
//   - line: neighbours send to each other;
//   - star: the first and each of the others send to each other;
//   - clique: everybody sends to everybody;
//   - random: a ring through all in some order, and up to two more channels from each. Graph says which.
//
// It panics if it does not know the kind.
func NewTopology(kind string, n, graph int) Topology {
	t := Topology{Nodes: make([]sim.NodeID, n), Out: make([][]int, n)}
	for i := range t.Nodes {
		t.Nodes[i] = sim.NodeID("p" + strconv.Itoa(i+1))
	}
	switch kind {
	case "ring":
		for i := range n {
			t.connect(i, (i+1)%n)
		}
	case "line":
		for i := range n - 1 {
			t.connect(i, i+1)
			t.connect(i+1, i)
		}
	case "star":
		for i := 1; i < n; i++ {
			t.connect(0, i)
			t.connect(i, 0)
		}
	case "clique":
		for i := range n * n {
			t.connect(i/n, i%n)
		}
	case "random":
		t.scatter(graph)
	default:
		panic(fmt.Sprintf("apps: no topology %q", kind))
	}
	for _, out := range t.Out {
		slices.Sort(out)
	}
	return t
}

// connect makes a channel, unless it is there or would lead back.
func (t *Topology) connect(from, to int) {
	if from != to && !slices.Contains(t.Out[from], to) {
		t.Out[from] = append(t.Out[from], to)
	}
}

// scatter makes a random topology.
func (t *Topology) scatter(graph int) {
	source, n := chance.Seeded(uint64(graph)), len(t.Nodes)
	stream := chance.NewStream("topology", "", "", "")
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	source.Shuffle(&stream, 1, n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	for i, from := range order {
		t.connect(from, order[(i+1)%n])
	}
	for i := range uint64(2 * n) {
		t.connect(int(i)%n, int(source.Below(&stream, uint64(n)+1+i, uint64(n))))
	}
}

// Channels is how many channels there are.
func (t Topology) Channels() (n int) {
	for _, out := range t.Out {
		n += len(out)
	}
	return n
}

// To returns whom process number i can send to.
func (t Topology) To(i int) (ids []sim.NodeID) {
	for _, to := range t.Out[i] {
		ids = append(ids, t.Nodes[to])
	}
	return ids
}

// From returns who can send to process number i, in the order of Nodes.
func (t Topology) From(i int) (ids []sim.NodeID) {
	for from, out := range t.Out {
		if slices.Contains(out, i) {
			ids = append(ids, t.Nodes[from])
		}
	}
	return ids
}

// routes returns, for each process and destination, the neighbour that is next on a shortest way, the first of several.
func (t Topology) routes() [][]int {
	n := len(t.Nodes)
	next := make([][]int, n)
	for from := range next {
		first := make([]int, n) // the neighbour by which a process is reached, -1 if it is not yet
		for i := range first {
			first[i] = -1
		}
		first[from] = from
		reached := []int{from}
		for len(reached) > 0 {
			at := reached[0]
			reached = reached[1:]
			for _, to := range t.Out[at] {
				if first[to] >= 0 {
					continue
				}
				if first[to] = first[at]; at == from {
					first[to] = to
				}
				reached = append(reached, to)
			}
		}
		next[from] = first
	}
	return next
}
