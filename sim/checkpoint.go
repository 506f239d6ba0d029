package sim

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/disk"
)

// The guard. Two hashes roll through a run: that of the events, which is the run's name, and that of the effects, taken
// when a node asks for them. They differ in what they see. An effect that a crash cancels never becomes an event, and of
// a timer the event does not say how long it is, so a node that asks for something else in the second run may make the
// same events for a long time. Of both together the guard keeps a few values: where two runs of a seed part is known
// to within one of them, with no event kept.

// A Checkpoint is what had happened and been asked for up to an event.
type Checkpoint struct {
	Seq  uint64 // the event; the last checkpoint of a run is at its last event
	Hash uint64 // over all events up to this one, and all effects that were issued before it
}

// mostCheckpoints is how many are kept, without that of the last event. When there are as many, every other one goes and
// the distance between them doubles.
const mostCheckpoints = 64

// A guard is the part of a world that sees whether two runs are the same.
type guard struct {
	issued uint64 // hash over the effects
	next   uint64 // the event of the next checkpoint
	every  uint64 // the distance
	kept   int
	marks  [mostCheckpoints]uint64
}

// begin makes the guard ready for the first event.
func (g *guard) begin() { g.next, g.every = 1, 1 }

// mark keeps a checkpoint.
func (g *guard) mark(hash uint64) {
	if g.kept == mostCheckpoints {
		for i := range mostCheckpoints / 2 {
			g.marks[i] = g.marks[2*i+1] // those at whole multiples of the new distance
		}
		g.next += g.every // this event lies half-way between two multiples
		g.kept, g.every = mostCheckpoints/2, 2*g.every
		return
	}
	g.marks[g.kept] = chance.Fold(hash, g.issued)
	g.kept++
	g.next += g.every
}

// checkpoints lists those that were kept, and that of the last event.
func (g *guard) checkpoints(seq, hash uint64) []Checkpoint {
	if g.every == 0 || seq == 0 {
		return nil
	}
	list := make([]Checkpoint, 0, g.kept+1)
	for i, h := range g.marks[:g.kept] {
		list = append(list, Checkpoint{uint64(i+1) * g.every, h})
	}
	return append(list, Checkpoint{seq, chance.Fold(hash, g.issued)})
}

// An Effect is what a node asks of the world, at the instant at which its code asks: see Config.Issued. It may happen
// later, or never, if the node crashes before.
type Effect struct {
	After    uint64 // the latest event
	Kind     Kind   // Sent, TimerSet, Noted or DiskDone
	Node, To NodeID // who asks; the receiver of what is sent
	Data     any    // the message or fact, or the *disk.Op, which is valid during the call only
	Delay    time.Duration
}

// issue takes an effect into the hash. The body is a hash of what it says, and extra tells the receiver, the delay or
// the place on the disk.
func (h *host) issue(k Kind, body, extra uint64) {
	if w := h.w; !w.cfg.Unguarded {
		w.guard.issued = chance.Fold(w.guard.issued^body, h.word.Hash()+uint64(k)^extra)
	}
}

// told shows an effect to whoever wants to see them.
func (h *host) told(k Kind, to NodeID, data any, delay time.Duration) {
	h.w.cfg.Issued(Effect{h.w.seq, k, h.id, to, data, delay})
}

// issueDisk is issue for an operation of the disk.
func (h *host) issueDisk(op disk.Op, sum uint64) {
	if h.w.cfg.Unguarded {
		return
	}
	h.issue(DiskDone, sum^chance.HashString(op.Name), uint64(op.Kind)<<56^uint64(op.Len)<<32^uint64(op.Off))
	if h.w.cfg.Issued != nil {
		x := op // a copy, so that op itself does not escape
		h.told(DiskDone, "", &x, 0)
	}
}

// AppendState appends an encoding of all that can be reached from a node: equal states have equal encodings. Unlike
// [AppendContent] it follows pointers; of functions and channels, and so of scripts, it sees only whether they are there.
// It is for those who look for memory that nodes share.
func AppendState(b []byte, n Node) []byte { return appendState(b, n) }
