// Package net is a virtual network: a function from one send to its arrivals.
//
// A [Network] has one [Link] for each ordered pair of nodes. A link has a [Law] of delays, rates of loss and
// repetition, a bandwidth; it may be ordered, and it may be cut. The messages of one kind on one link are a [Flow]:
// the fate of the n-th message of a flow is a function of the seed, the flow's name and n, so that leaving one message
// out does not change the fate of the others.
//
// The network knows nothing of what a message says: it sees a stream's name and a size.
package net

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

// A Network connects a fixed set of nodes, which it knows by number.
type Network struct {
	names []chance.Word
	links []Link // from*len(names)+to
	fixes []Fix
}

// A Link carries messages one way. Its exported fields may be set at any time and hold for messages sent from then on.
type Link struct {
	Law     Law
	Loss    uint32 // parts per million of the messages that are lost
	Repeat  uint32 // parts per million that arrive twice
	Rate    uint64 // bytes a second, 0 for unlimited; messages wait in line for the wire
	Ordered bool   // keeps order and, until it is cut, loses and repeats nothing

	cut  bool
	last clock.Time // the latest arrival so far
	free clock.Time // when the wire is free again
}

// Cut reports whether the link is cut: nothing that is sent over it, or under way on it, arrives.
func (l *Link) Cut() bool { return l.cut }

// A Fix decides the fate of one message, whatever chance would say: it is not lost unless Lose is set. Only a cut is
// stronger. Several for the same message act together: it is lost if one says so, else late by the sum of them.
type Fix struct {
	From, To int
	Stream   string
	N        uint64 // the first is 1
	Lose     bool
	Late     time.Duration // more than the link's law, if not 0
	Repeat   time.Duration // a second copy arrives that much after the first, if not 0
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
func (n *Network) Cut(a, b []int, oneWay bool) { n.set(a, b, oneWay, true) }

// Mend undoes Cut for these links.
func (n *Network) Mend(a, b []int, oneWay bool) { n.set(a, b, oneWay, false) }

// MendAll undoes all cuts.
func (n *Network) MendAll() {
	for i := range n.links {
		n.links[i].cut = false
	}
}

// Calm sees to it that no later message waits for an earlier one beyond a time.
func (n *Network) Calm(latest clock.Time) {
	for i := range n.links {
		l := &n.links[i]
		l.last, l.free = min(l.last, latest), min(l.free, latest)
	}
}

func (n *Network) set(a, b []int, oneWay, cut bool) {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				continue
			}
			n.Link(x, y).cut = cut
			if !oneWay {
				n.Link(y, x).cut = cut
			}
		}
	}
}

// A Flow is the messages of one stream on one link.
type Flow struct {
	link              *Link
	lose, late, again chance.Stream
	sent              uint64
	fixes             []Fix
}

// Words of the picks about messages, as they stand in tapes.
var (
	wordLose  = chance.NewWord("lose")
	wordDelay = chance.NewWord("delay")
	wordAgain = chance.NewWord("repeat")
)

// Flow returns the flow of the messages with this stream name from one node to another. The caller keeps it: a second
// one for the same name would count from the start again.
func (n *Network) Flow(from, to int, stream chance.Word) *Flow {
	a, b := n.names[from], n.names[to]
	f := &Flow{
		link:  n.Link(from, to),
		lose:  chance.Combine(wordLose, a, b, stream),
		late:  chance.Combine(wordDelay, a, b, stream),
		again: chance.Combine(wordAgain, a, b, stream),
	}
	for _, x := range n.fixes {
		if x.From == from && x.To == to && x.Stream == stream.String() {
			f.fixes = append(f.fixes, x)
		}
	}
	return f
}

// Link returns the link that the flow runs on.
func (f *Flow) Link() *Link { return f.link }

// Sent returns how many messages the flow has carried: the number of the latest.
func (f *Flow) Sent() uint64 { return f.sent }

// Why says what kept a message from arriving.
type Why uint8

const (
	Arrived Why = iota // it arrives
	Lost               // by chance, at the link's rate
	Cut                // the link is cut
	Planned            // by a Fix
)

// A Fate is what becomes of one message.
type Fate struct {
	At       clock.Time // when it arrives, unless Why says why not
	Again    clock.Time // when its copy arrives, maybe before At; 0 if there is no copy
	Why      Why
	Lingers  bool // it is one of the law's late ones, or late by a Fix
	Overtook bool // it arrives before an earlier message of the link
}

// Send decides the fate of the flow's next message, of the given size in bytes, sent now.
func (f *Flow) Send(c *chance.Source, now clock.Time, size int) (fate Fate) {
	f.sent++
	l := f.link
	if l.cut {
		fate.Why = Cut
		return fate
	}
	fix, fixed := f.fix()
	if fix.Lose {
		fate.Why = Planned
		return fate
	}
	if !fixed && !l.Ordered && c.Chance(&f.lose, f.sent, l.Loss) {
		fate.Why = Lost
		return fate
	}
	if l.Rate > 0 {
		l.free = max(l.free, now) + clock.Time(uint64(size)*uint64(time.Second)/l.Rate)
		now = l.free
	}
	d, lingers := l.Law.delay(c, &f.late, f.sent)
	fate.Lingers = lingers
	if fix.Late > 0 {
		d += fix.Late
		fate.Lingers = true
	}
	fate.At = now.Add(d)
	if l.Ordered || l.Law.Kind == InOrder {
		fate.At = max(fate.At, l.last+1)
	}
	fate.Overtook = fate.At < l.last
	l.last = max(l.last, fate.At)
	if fix.Repeat > 0 {
		fate.Again = fate.At.Add(fix.Repeat)
	} else if !l.Ordered && c.Chance(&f.again, f.sent, l.Repeat) {
		fate.Again = now.Add(f.copyDelay(c))
	}
	return fate
}

// fix returns what was fixed for the message just counted, and whether anything was.
func (f *Flow) fix() (sum Fix, fixed bool) {
	for i := range f.fixes {
		if x := &f.fixes[i]; x.N == f.sent {
			fixed = true
			sum.Lose = sum.Lose || x.Lose
			sum.Late += x.Late
			sum.Repeat = max(sum.Repeat, x.Repeat)
		}
	}
	return sum, fixed
}

// copyDelay draws how long the second copy of a repeated message takes. Its picks are those of the message's number
// with the highest bit set, so that they are keyed apart from the first copy's.
func (f *Flow) copyDelay(c *chance.Source) time.Duration {
	d, _ := f.link.Law.delay(c, &f.late, f.sent|1<<63)
	return d + 1
}
