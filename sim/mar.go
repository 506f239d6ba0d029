package sim

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// An oddity is what has befallen a message that arrives all the same.
type oddity uint8

const (
	garbled  oddity = 1 << iota // altered on its way
	stale                       // held back until its receiver had started again
	withheld                    // kept from its receiver, since it would have decided
)

// arrived counts what has befallen a message that is handled now, and returns the reason that its event gives.
func (w *World) arrived(o oddity) (reason string) {
	if o&garbled != 0 {
		w.faults[fault.Garbled]++
		reason = "garbled"
	}
	if o&stale != 0 {
		w.faults[fault.StaleMessages]++
		if reason != "" {
			reason += ", "
		}
		reason += "stale"
	}
	if o&withheld != 0 {
		w.faults[fault.Withheld]++
		if reason != "" {
			reason += ", "
		}
		reason += "withheld"
	}
	return reason
}

// mar puts a message under way that is altered or held back. One that cannot be altered is lost, as if a checksum had
// noticed.
func (w *World) mar(f *flow, m Message, content, cause uint64, fate *net.Fate) {
	var odd oddity
	if fate.Garbled {
		other, ok := w.garble(f, m)
		if !ok {
			w.lost(f.from, f, m, content, cause, net.Corrupted)
			return
		}
		m, content, odd = other, w.content(f.info, other), garbled
	}
	ref := w.launch(f, m, content, cause, f.net.Sent())
	w.slots[ref].odd = odd
	if !fate.Stale {
		w.queue.push(fate.At, classArrive, ref)
		return
	}
	w.slots[ref].odd |= stale
	f.to.stale = append(f.to.stale, ref)
}

var (
	wordGarbled = chance.NewWord("garbled")
	wordReturn  = chance.NewWord("return")
)

// garble alters a message as noise on the wire does; false, if it cannot be altered. Its picks are keyed by the message,
// and by how many were made for it before. Alter is the user's code, and often no handler runs then: a panic in there is the sender's, and ends the run
// though the sender be a liar.
func (w *World) garble(f *flow, m Message) (Message, bool) {
	stream := chance.Combine(wordGarbled, f.from.word, f.to.word, f.word)
	n := f.net.Sent() << 8
	running, lying := w.running, f.from.lying
	w.running, f.from.lying = f.from, true
	other, ok := alter(m, func(bound int) int {
		n++
		return int(w.chance.Below(&stream, n, uint64(bound)))
	})
	w.running, f.from.lying = running, lying
	return other, ok
}

// staleWithin is how long after a node's start what was held back until then arrives, at most.
const staleWithin = 5 * time.Millisecond

// returnStale puts what was held back until a node starts under way again.
func (w *World) returnStale(h *host) {
	for _, ref := range h.stale {
		s := &w.slots[ref]
		stream := chance.Combine(wordReturn, s.flow.from.word, h.word, s.flow.word)
		w.queue.push(w.now.Add(1+time.Duration(w.chance.Below(&stream, 4*s.n, uint64(staleWithin)))), classArrive, ref)
	}
	h.stale = h.stale[:0]
}

// giveUpStale sees to it, when faults end, that what is still held back arrives within the bound, or never where links
// may lose: what lingers on the network has the same end.
func (w *World) giveUpStale() {
	lossless := w.model.NoLoss || w.model.FIFO || w.model.Bounded
	for _, h := range w.hosts {
		for _, ref := range h.stale {
			s := &w.slots[ref]
			stream := chance.Combine(wordReturn, s.flow.from.word, h.word, s.flow.word)
			if !lossless && w.chance.Below(&stream, 4*s.n+1, 2) == 1 {
				w.release(ref)
				continue
			}
			w.queue.push(w.now.Add(1)+clock.Time(w.chance.Below(&stream, 4*s.n+2, uint64(fault.NetBound-time.Millisecond))), classArrive, ref)
		}
		h.stale = h.stale[:0]
	}
}
