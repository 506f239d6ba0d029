package bench

import (
	"encoding/binary"
	"strconv"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// ringSize is how many nodes there are. Messages go round the ring.
const ringSize = 10

// A ping is the message that is handed round.
type ping struct{ hops uint64 }

// AppendHash appends the content.
func (p ping) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, p.hops) }

// A pinger passes on what it gets. It is the node of both the bare loop and the world.
type pinger struct {
	next  sim.NodeID
	sends int // how many messages it sets off when it starts
	calls uint64
}

// Start sends the first messages.
func (p *pinger) Start(env sim.Env) {
	for range p.sends {
		env.Send(p.next, ping{1000}) // small numbers would be boxed without an allocation
	}
}

// Handle passes a message on. It is all that a handler does here: what is measured is what goes on around it.
func (p *pinger) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	p.calls++
	env.Send(p.next, ping{m.(ping).hops + 1})
}

// ring returns the names of the nodes.
func ring() []sim.NodeID {
	ids := make([]sim.NodeID, ringSize)
	for i := range ids {
		ids[i] = sim.NodeID("n" + strconv.Itoa(i+1))
	}
	return ids
}

// ringNodes makes the nodes of a ring, between which so many messages are in flight.
func ringNodes(ids []sim.NodeID, inFlight int) []*pinger {
	nodes := make([]*pinger, len(ids))
	for i := range nodes {
		nodes[i] = &pinger{next: ids[(i+1)%len(ids)], sends: inFlight / len(ids)}
	}
	return nodes
}

// bare is the least that a simulator of nodes with keyed picks can do.
type bare struct {
	queue  heap[arrival]
	now    int64
	nodes  []sim.Node
	index  map[sim.NodeID]int
	envs   []bareEnv
	chance chance.Source
}

// An arrival is a message on its way.
type arrival struct {
	from, to int
	message  sim.Message
}

// A bareEnv is a node's world: it can send.
type bareEnv struct {
	loop   *bare
	id     sim.NodeID
	at     int
	delays chance.Stream
	sent   uint64
}

// newBare starts all nodes, so that the messages are in flight.
func newBare(inFlight int) *bare {
	ids := ring()
	b := &bare{chance: chance.Seeded(1), envs: make([]bareEnv, len(ids)), index: make(map[sim.NodeID]int)}
	for i, n := range ringNodes(ids, inFlight) {
		b.nodes = append(b.nodes, n)
		b.index[ids[i]] = i
	}
	for i, id := range ids {
		b.envs[i] = bareEnv{loop: b, id: id, at: i, delays: chance.NewStream("delay", string(id), "", "ping")}
		b.nodes[i].Start(&b.envs[i])
	}
	return b
}

// run pops, handles and pushes. There is no other check than that of the slices: this is the least.
func (b *bare) run(calls uint64) uint64 {
	for range calls {
		at, a := b.queue.pop()
		b.now = at
		b.nodes[a.to].Handle(&b.envs[a.to], b.envs[a.from].id, a.message)
	}
	return calls
}

// Send implements [sim.Env].
func (e *bareEnv) Send(to sim.NodeID, m sim.Message) {
	delay := leastDelay + e.loop.chance.Below(&e.delays, e.sent, mostDelay-leastDelay+1)
	e.sent++
	e.loop.queue.push(e.loop.now+int64(delay), arrival{e.at, e.loop.index[to], m})
}

// The rest of [sim.Env] is there to be an Env; pingers do not use it.

func (e *bareEnv) ID() sim.NodeID                   { return e.id }
func (e *bareEnv) Now() clock.Reading               { panic("bench: the bare loop has no clocks") }
func (e *bareEnv) Pick(string, int) int             { panic("bench: the bare loop has no picks of nodes") }
func (e *bareEnv) After(time.Duration, sim.Message) { panic("bench: the bare loop has no timers") }
func (e *bareEnv) Disk() disk.FS                    { panic("bench: the bare loop has no disks") }
func (e *bareEnv) SyncThen(string, sim.Message)     { panic("bench: the bare loop has no disks") }
func (e *bareEnv) Note(any)                         { panic("bench: the bare loop has no observers") }
