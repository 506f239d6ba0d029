// Package net is a virtual network: a function from one send to its arrivals.
//
// A [Network] has one [Link] for each ordered pair of nodes. A link has a [Law] of delays, rates of what can go wrong
// with a message, a bandwidth and a queue before it; it may be ordered, it may be cut, and it may break. The messages of
// one kind on one link are a [Flow]: the fate of the n-th message of a flow is a function of the seed, the flow's name
// and n, so that leaving one message out does not change the fate of the others.
//
// The network knows nothing of what a message says: it sees a stream's name and a size. So it says which messages are
// altered on their way, and which are held back until their receiver starts again; the caller does both.
package net

import (
	"math/bits"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

// A Network connects a fixed set of nodes, which it knows by number.
type Network struct {
	names []chance.Word
	links []Link // from*len(names)+to
	fixes []Fix
	calm  bool // see Calm
}

// A Link carries messages one way. Its exported fields may be set at any time and hold for messages sent from then on.
type Link struct {
	Law     Law
	Loss    uint32 // parts per million of the messages that are lost
	Repeat  uint32 // parts per million that arrive twice
	Rate    uint64 // bytes a second, 0 for unlimited; messages wait in line for the wire
	Queue   uint64 // bytes that may wait for the wire, 0 for unlimited; what comes when there is no room is lost
	Corrupt uint32 // parts per million that are damaged, which a checksum notices: they are lost
	Garble  uint32 // parts per million that are altered, which nothing notices
	Stale   uint32 // parts per million that arrive only after the receiver's next start
	Ordered bool   // keeps order, resends what is lost or damaged, and repeats nothing, until it is cut or breaks; of what can go wrong by chance only Garble is left

	cut    stops
	until  clock.Time // when a link that is down comes up again
	mended uint64     // how often it was mended
	broken clock.Time // what was sent before this is lost if it is still under way
	last   clock.Time // the latest arrival so far
	free   clock.Time // when the wire is free again
}

// stops are the reasons why nothing gets over a link. They come and go independently of one another.
type stops uint8

const (
	byCut   stops = 1 << iota // until it is mended
	byFlap                    // for a time
	byBreak                   // for a time, while the connection is made again
)

// Cut reports whether the link is cut or down: nothing that is sent over it, or would arrive over it now, arrives.
func (l *Link) Cut() bool { return l.cut != 0 }

// Stops reports whether a message that was sent then would not arrive now: because the link is cut or down, or because it
// has broken in between.
func (l *Link) Stops(sent clock.Time) bool { return l.cut != 0 || sent < l.broken }

// Why says why Stops reports true: Cut or Broken.
func (l *Link) Why(sent clock.Time) Why {
	if l.cut&byCut == 0 && (l.cut&byBreak != 0 || sent < l.broken) {
		return Broken
	}
	return Cut
}

// Down takes the link down until then, if it is not down for longer. [Link.Up] brings it up again.
func (l *Link) Down(until clock.Time) {
	l.cut |= byFlap
	l.until = max(l.until, until)
}

// Up brings a link that is down up again, unless it is to stay down beyond now.
func (l *Link) Up(now clock.Time) {
	if now >= l.until {
		l.cut &^= byFlap | byBreak
	}
}

// Break breaks the connection that the link stands for: all that is under way now is lost, and the link is down until
// then. What is sent over the next connection waits for nothing that was sent over this one.
func (l *Link) Break(now, until clock.Time) {
	l.cut |= byBreak
	l.until = max(l.until, until)
	l.broken = now + 1
	l.last, l.free = min(l.last, now), min(l.free, now)
}

// mend undoes all cuts of the link, and brings it up.
func (l *Link) mend() {
	l.cut, l.until = 0, 0
	l.mended++
}

// Mended returns how often the link was mended, whether anything was wrong with it or not, so that whoever makes it flap
// can tell when to stop.
func (l *Link) Mended() uint64 { return l.mended }

// full reports whether there is no room before the wire for a message of this size. An idle wire takes any message.
func (l *Link) full(now clock.Time, size int) bool {
	if l.Queue == 0 || l.free <= now {
		return false
	}
	hi, lo := bits.Mul64(uint64(l.free-now), l.Rate)
	if hi >= uint64(time.Second) {
		return true // more waits than can be counted
	}
	waiting, _ := bits.Div64(hi, lo, uint64(time.Second))
	return waiting+uint64(size) > l.Queue
}

// New returns a network of nodes with these names in which every message arrives at once.
func New(names []string) *Network {
	n := &Network{links: make([]Link, len(names)*len(names))}
	for _, s := range names {
		n.names = append(n.names, chance.NewWord(s))
	}
	return n
}

// Link returns the link from one node to another.
func (n *Network) Link(from, to int) *Link { return &n.links[from*len(n.names)+to] }

// Fix decides the fate of one message. It must be called before the flow of that message is asked for.
func (n *Network) Fix(f Fix) { n.fixes = append(n.fixes, f) }

// Cut cuts the links from every node of a to every node of b; both ways, unless oneWay. A node is never cut from
// itself.
func (n *Network) Cut(a, b []int, oneWay bool) {
	n.Each(a, b, oneWay, func(l *Link) { l.cut |= byCut })
}

// Mend undoes Cut for these links, and brings those of them up that are down.
func (n *Network) Mend(a, b []int, oneWay bool) { n.Each(a, b, oneWay, (*Link).mend) }

// MendAll undoes all cuts, and brings all links up.
func (n *Network) MendAll() {
	for i := range n.links {
		n.links[i].mend()
	}
}

// Calm ends what has been fixed for messages that are still to be sent, and sees to it that none of them waits for an earlier one beyond a
// time.
func (n *Network) Calm(latest clock.Time) {
	n.calm = true
	for i := range n.links {
		l := &n.links[i]
		l.last, l.free = min(l.last, latest), min(l.free, latest)
	}
}

// Each does something to every link from a node of a to a node of b, and, unless oneWay, to every link back.
func (n *Network) Each(a, b []int, oneWay bool, do func(*Link)) {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				continue
			}
			do(n.Link(x, y))
			if !oneWay {
				do(n.Link(y, x))
			}
		}
	}
}
