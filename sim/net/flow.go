package net

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

// A Flow is the messages of one stream on one link.
type Flow struct {
	link              *Link
	lose, late, again chance.Stream
	sent              uint64
	fixes             []Fix

	odd    *oddities // nil until one is asked for
	net    *Network
	nodes  [2]int
	stream chance.Word
}

// oddities are the picks that most flows never ask for.
type oddities struct{ corrupt, garble, stale chance.Stream }

// Words of the picks about messages, as they stand in tapes.
var (
	wordLose    = chance.NewWord("lose")
	wordDelay   = chance.NewWord("delay")
	wordAgain   = chance.NewWord("repeat")
	wordCorrupt = chance.NewWord("corrupt")
	wordGarble  = chance.NewWord("garble")
	wordStale   = chance.NewWord("stale")
)

// A Fix decides the fate of one message, whatever chance would say: it is not lost, damaged, altered or held back unless
// the Fix says so. Only a cut is stronger, and [Network.Calm]. Several for the same message act together: it is lost if one says so, else
// late by the sum of them.
type Fix struct {
	From, To int
	Stream   string
	N        uint64 // the first is 1
	Lose     bool
	Corrupt  bool          // damaged, which a checksum notices
	Garble   bool          // altered, which nothing notices
	Stale    bool          // held back until the receiver's next start
	Late     time.Duration // more than the link's law, if not 0
	Repeat   time.Duration // a second copy arrives that much after the first, if not 0
}

// Flow returns the flow of the messages with this stream name from one node to another. The caller keeps it: a second
// one for the same name would count from the start again.
func (n *Network) Flow(from, to int, stream chance.Word) *Flow {
	a, b := n.names[from], n.names[to]
	f := &Flow{
		link:   n.Link(from, to),
		lose:   chance.Combine(wordLose, a, b, stream),
		late:   chance.Combine(wordDelay, a, b, stream),
		again:  chance.Combine(wordAgain, a, b, stream),
		net:    n,
		nodes:  [2]int{from, to},
		stream: stream,
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
	Arrived   Why = iota // it arrives
	Lost                 // by chance, at the link's rate
	Cut                  // the link is cut
	Planned              // by a Fix
	Corrupted            // it was damaged, and a checksum noticed
	Overflow             // there was no room for it before the wire
	Broken               // the connection broke, or was not yet made again
)

// A Fate is what becomes of one message.
type Fate struct {
	At       clock.Time // when it arrives, unless Why says why not
	Again    clock.Time // when its copy arrives, maybe before At; 0 if there is no copy
	Why      Why
	Lingers  bool // it is one of the law's late ones, late by a Fix, or waits for the wire for longer than the law ever takes
	Overtook bool // it arrives before an earlier message of the link
	Garbled  bool // it is altered on its way; its copy is not
	Stale    bool // it is held back until its receiver starts again, and At means nothing; its copy is not
}

// Send decides the fate of the flow's next message, of the given size in bytes, sent now.
func (f *Flow) Send(c *chance.Source, now clock.Time, size int) (fate Fate) {
	f.sent++
	l := f.link
	if l.cut != 0 {
		fate.Why = l.Why(now)
		return fate
	}
	fix := f.fix()
	if fix != nil && fix.Lose {
		fate.Why = Planned
		return fate
	}
	if fix == nil && !l.Ordered && c.Chance(&f.lose, f.sent, l.Loss) {
		fate.Why = Lost
		return fate
	}
	waits := false
	if l.Rate > 0 {
		if fix == nil && !l.Ordered && l.full(now, size) {
			fate.Why = Overflow
			return fate
		}
		waits = l.free.Sub(now) > l.Law.Longest()
		l.free = max(l.free, now) + clock.Time(uint64(size)*uint64(time.Second)/l.Rate)
		now = l.free
	}
	if fix != nil {
		fate.be(fix.Corrupt, fix.Garble, fix.Stale)
	} else if l.Corrupt|l.Garble|l.Stale != 0 {
		f.mar(c, &fate)
	}
	if fate.Why != Arrived {
		return fate
	}
	d, lingers := l.Law.delay(c, &f.late, f.sent)
	fate.Lingers = lingers || waits
	if fix != nil && fix.Late > 0 {
		d += fix.Late
		fate.Lingers = true
	}
	fate.At = now.Add(d)
	if fate.Stale { // nothing waits for it, and it overtakes nothing
		fate.Lingers = false
	} else {
		l.place(&fate)
	}
	if fix != nil && fix.Repeat > 0 {
		fate.Again = fate.At.Add(fix.Repeat)
	} else if !l.Ordered && c.Chance(&f.again, f.sent, l.Repeat) {
		fate.Again = now.Add(f.copyDelay(c))
	}
	return fate
}

// place puts an arrival behind those that it must not overtake.
func (l *Link) place(fate *Fate) {
	if l.Ordered || l.Law.Kind == InOrder {
		fate.At = max(fate.At, l.last+1)
	}
	fate.Overtook = fate.At < l.last
	l.last = max(l.last, fate.At)
}

// mar draws what chance does to the message just counted, other than losing it, delaying it and repeating it. An ordered
// link resends what is damaged, and its connections do not outlive their ends.
func (f *Flow) mar(c *chance.Source, fate *Fate) {
	if f.odd == nil {
		a, b := f.net.names[f.nodes[0]], f.net.names[f.nodes[1]]
		f.odd = &oddities{
			corrupt: chance.Combine(wordCorrupt, a, b, f.stream),
			garble:  chance.Combine(wordGarble, a, b, f.stream),
			stale:   chance.Combine(wordStale, a, b, f.stream),
		}
	}
	l := f.link
	fate.be(!l.Ordered && c.Chance(&f.odd.corrupt, f.sent, l.Corrupt),
		c.Chance(&f.odd.garble, f.sent, l.Garble),
		!l.Ordered && c.Chance(&f.odd.stale, f.sent, l.Stale))
}

// be says what has happened to a message. One that is damaged arrives neither altered nor late.
func (fate *Fate) be(corrupt, garbled, stale bool) {
	if corrupt {
		fate.Why = Corrupted
		return
	}
	fate.Garbled, fate.Stale = garbled, stale
}

// fix returns what was fixed for the message just counted; nil, for most messages.
func (f *Flow) fix() *Fix {
	if len(f.fixes) == 0 || f.net.calm {
		return nil
	}
	return f.sum()
}

// sum adds up what was fixed for the message just counted.
func (f *Flow) sum() *Fix {
	var sum *Fix
	for i := range f.fixes {
		x := &f.fixes[i]
		if x.N != f.sent {
			continue
		}
		if sum == nil {
			sum = &Fix{}
		}
		sum.Lose, sum.Corrupt = sum.Lose || x.Lose, sum.Corrupt || x.Corrupt
		sum.Garble, sum.Stale = sum.Garble || x.Garble, sum.Stale || x.Stale
		sum.Late += x.Late
		sum.Repeat = max(sum.Repeat, x.Repeat)
	}
	return sum
}

// copyDelay draws how long the second copy of a repeated message takes. Its picks are those of the message's number
// with the highest bit set, so that they are keyed apart from the first copy's.
func (f *Flow) copyDelay(c *chance.Source) time.Duration {
	d, _ := f.link.Law.delay(c, &f.late, f.sent|1<<63)
	return d + 1
}
