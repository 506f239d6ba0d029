package kootoueg

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A herald sends one message to each neighbour, and nothing after that: its channels are the graph of dependences.
type herald struct {
	to   []sim.NodeID
	done bool
}

func (h *herald) Start(env sim.Env) {
	if !h.done {
		env.After(5*time.Millisecond, apps.Ping{})
	}
}

func (h *herald) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	if from != env.ID() {
		return
	}
	h.done = true
	for _, to := range h.to {
		env.Send(to, apps.Ping{N: 1})
	}
}

func (h *herald) MarshalBinary() ([]byte, error) { return []byte{byte(b2i(h.done))}, nil }
func (h *herald) UnmarshalBinary(b []byte) error { h.done = b[0] == 1; return nil }

// A drawing is a directed graph, and who begins a checkpoint there.
type drawing struct {
	name  string
	out   [][]int
	start int
}

func (d *drawing) nodes() (ids []sim.NodeID) {
	for i := range d.out {
		ids = append(ids, sim.NodeID(fmt.Sprintf("p%d", i+1)))
	}
	return ids
}

// place returns the neighbours of a process.
func (d *drawing) place(i int, everybody bool) Place {
	ids := d.nodes()
	p := Place{All: ids, Codec: Codec{apps.Encode, apps.Decode}, Everybody: everybody, First: 40 * time.Millisecond}
	for j, out := range d.out {
		if slices.Contains(out, i) {
			p.In = append(p.In, ids[j])
		}
		if j == i {
			for _, k := range out {
				p.Out = append(p.Out, ids[k])
			}
		}
	}
	if i == d.start {
		p.Checkpoints = 1
	}
	return p
}

// run takes one checkpoint and returns who took it, and how many messages of each kind that took.
func (d *drawing) run(t *testing.T, everybody bool) (members []sim.NodeID, requests, answers, decisions int) {
	t.Helper()
	property := &minimality{ledger: newLedger(d.nodes()), all: everybody}
	s := &sim.Scenario{Name: "drawing", Model: fault.Model{FIFO: true, Crash: fault.NoCrash}, Run: 2 * time.Second,
		Build: func(w *sim.World, _ sim.Options) {
			for i, id := range d.nodes() {
				place := d.place(i, everybody)
				w.Add(id, func() sim.Node { return Wrap(func() sim.Node { return &herald{to: place.Out} }, place) })
			}
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{property} },
	}
	w, err := s.World(sim.Config{Seed: 1, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[uint64]bool{} // who asks for the decision is answered besides
	for e := range w.Events(0) {
		switch m := e.Data.(type) {
		case Inquire:
			asked[e.Seq] = true
		case Request:
			requests += b2i(e.Kind == sim.Sent)
		case Willing:
			answers += b2i(e.Kind == sim.Sent)
		case MakePermanent:
			decisions += b2i(e.Kind == sim.Sent && !asked[e.Cause])
		case MadePermanent:
			members = append(members, e.Node)
		case Undone:
			t.Errorf("%s: %s gave up %v", d.name, e.Node, m.ID)
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK || property.checks != 1 {
		t.Errorf("%s: %v %s", d.name, v.Outcome, v.Why)
	}
	slices.Sort(members)
	return members, requests, answers, decisions
}

// expect says the same by the graph alone, in another way than the property does: who can reach the initiator (Warshall), and how many edges
// lead to those.
func (d *drawing) expect() (members []sim.NodeID, edges int) {
	n := len(d.out)
	reach := make([][]bool, n)
	for i := range reach {
		reach[i] = make([]bool, n)
		reach[i][i] = true
		for _, j := range d.out[i] {
			reach[i][j] = true
		}
	}
	for m := range n {
		for i := range n {
			for j := range n {
				reach[i][j] = reach[i][j] || reach[i][m] && reach[m][j]
			}
		}
	}
	ids := d.nodes()
	for i := range n {
		if !reach[i][d.start] {
			continue
		}
		members = append(members, ids[i])
		for j := range n {
			if slices.Contains(d.out[j], i) {
				edges++
			}
		}
	}
	slices.Sort(members)
	return members, edges
}

// drawings are rings, stars, cliques, trees and random graphs of 2 to 64 processes.
func drawings() (list []drawing) {
	for _, n := range []int{2, 3, 5, 16, 64} {
		for _, kind := range []string{"ring", "line", "star", "clique"} {
			list = append(list, drawing{fmt.Sprintf("%s of %d", kind, n), apps.NewTopology(kind, n, 0).Out, 0}, drawing{fmt.Sprintf("%s of %d", kind, n), apps.NewTopology(kind, n, 0).Out, n - 1})
		}
		toRoot, fromRoot := make([][]int, n), make([][]int, n)
		for i := 1; i < n; i++ {
			toRoot[i], fromRoot[(i-1)/2] = []int{(i - 1) / 2}, append(fromRoot[(i-1)/2], i)
		}
		for _, start := range []int{0, 1, n / 2, n - 1} {
			list = append(list, drawing{fmt.Sprintf("tree of %d to its root, from %d", n, start), toRoot, start}, drawing{fmt.Sprintf("tree of %d from its root, from %d", n, start), fromRoot, start})
		}
	}
	source := chance.Seeded(1)
	stream := chance.NewStream("graph", "", "", "")
	pick := uint64(0)
	below := func(n int) int { pick++; return int(source.Below(&stream, pick, uint64(n))) }
	for k := range 60 {
		n := 2 + below(63)
		out := make([][]int, n)
		for range below(2*n) + 1 {
			if i, j := below(n), below(n); i != j && !slices.Contains(out[i], j) {
				out[i] = append(out[i], j)
			}
		}
		list = append(list, drawing{fmt.Sprintf("random %d, of %d", k, n), out, below(n)})
	}
	return list
}

// On every graph those take a checkpoint from whom the initiator can have heard of, directly or not, and it takes a request, an answer and a
// decision for each edge that leads to one of them: 3(k-1) on a tree. Fails if one process too many or too few is asked, or one twice along an edge.
func TestMessagesFollowTheGraph(t *testing.T) {
	trees, part := 0, 0
	for _, d := range drawings() {
		if testing.Short() && len(d.out) > 16 {
			continue
		}
		members, requests, answers, decisions := d.run(t, false)
		want, edges := d.expect()
		if !slices.Equal(members, want) || requests != edges || answers != edges || decisions != edges {
			t.Errorf("%s: %v took %d, %d and %d messages; want %v and %d of each", d.name, members, requests, answers, decisions, want, edges)
		}
		part += b2i(len(members) > 1 && len(members) < len(d.out))
		if d.name[:4] == "tree" {
			trees++
			if k := len(members); requests+answers+decisions != 3*(k-1) {
				t.Errorf("%s: %d messages, want 3(%d-1)", d.name, requests+answers+decisions, k)
			}
		}
		if len(d.out) == 64 {
			t.Logf("%s: %d of 64 take a checkpoint, %d messages", d.name, len(members), requests+answers+decisions)
		}
	}
	least := 20
	if testing.Short() { // without the large ones
		least = 15
	}
	if trees < least || part < least {
		t.Errorf("%d trees, and %d graphs of which a part takes a checkpoint: that says little", trees, part)
	}
}

// In the lecture's variant everybody is asked: 3(N-1) messages, whatever the graph.
func TestEverybodyIsAsked(t *testing.T) {
	for _, d := range drawings() {
		if len(d.out) > 16 {
			continue
		}
		n := len(d.out)
		members, requests, answers, decisions := d.run(t, true)
		if len(members) != n || requests != n-1 || answers != n-1 || decisions != n-1 {
			t.Errorf("%s: %d of %d took one, with %d, %d and %d messages", d.name, len(members), n, requests, answers, decisions)
		}
	}
}
