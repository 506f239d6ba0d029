package checkers

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A channelStates compares recorded channels with what crosses the cut.
type channelStates struct{ cutJudge }

// ChannelStates returns the inner property "channel-states": in a snapshot that is Complete, what was recorded of a
// channel is what the sender's state contains the sending of and the receiver's not the receipt (C1 of Chandy and
// Lamport, TOCS 1985): not less and not more, in the order of sending where channels are FIFO. A message that the
// network had lost by then belongs to no channel. Bodies are compared by their content.
//
// A channel between two processes that have recorded is a check, if there is or should be anything in it.
func ChannelStates(c Cutting) sim.Property {
	c.mustComplete("ChannelStates")
	return &channelStates{c.judge("channel-states")}
}

// A passage is the messages of one channel across a cut: those that were recorded, and those that cross it.
type passage struct {
	from, to *recording
	recorded []any
	crossing []*letter
}

// links returns the channels of a snapshot with anything in them, in the order in which they were first spoken of.
func (h *chronicle) links(s *snapshot) (all []*passage) {
	find := func(from, to *process) *passage {
		for _, l := range all {
			if l.from.process == from && l.to.process == to {
				return l
			}
		}
		a, b := s.of(from), s.of(to)
		if a == nil || b == nil {
			return nil
		}
		all = append(all, &passage{from: a, to: b})
		return all[len(all)-1]
	}
	for _, c := range s.channels {
		if len(c.bodies) == 0 {
			continue
		}
		if l := find(c.from, c.to); l != nil {
			l.recorded = append(l.recorded, c.bodies...)
		}
	}
	for _, m := range h.letters {
		if m.crosses(s) {
			l := find(m.from, m.to)
			l.crossing = append(l.crossing, m)
		}
	}
	return all
}

// crosses reports whether a snapshot contains the sending of a message and not the receipt.
func (m *letter) crosses(s *snapshot) bool {
	from, to := s.of(m.from), s.of(m.to)
	return from != nil && to != nil && !m.lost && from.head.hasAny(m.sendings) && !to.head.hasAny(m.receipts)
}

// Observe judges the channels of a snapshot when it is complete.
func (c *channelStates) Observe(e *sim.Event) error {
	if err := c.read(e); err != nil || c.completed == nil {
		return err
	}
	for _, l := range c.links(c.completed) {
		c.checks++
		if err := l.compare(say(c.completed.name), c.FIFO); err != nil {
			return err
		}
	}
	return nil
}

// compare finds the first message that is missing, out of order, or one too many.
func (l *passage) compare(name string, fifo bool) error {
	a, b := l.from, l.to
	where := fmt.Sprintf("the channel from %s to %s", a.process.id, b.process.id)
	left := contents(l.recorded)
	for i, m := range l.crossing {
		at := slices.Index(left, content(m.body))
		switch {
		case at < 0:
			return fmt.Errorf("snapshot %s lacks %s in %s: %s sent it at %v, before it recorded at %v, and %s had not received it when it recorded at %v; it has %s",
				name, say(m.body), where, a.process.id, m.sentAt(), a.at, b.process.id, b.at, several(l.recorded))
		case fifo && at > 0:
			return fmt.Errorf("snapshot %s has %s in another order: %s, but %s was sent before %s", name, where, several(l.recorded), say(m.body), say(l.recorded[i]))
		}
		left = slices.Delete(left, at, at+1)
	}
	for _, body := range l.recorded {
		if len(left) > 0 && content(body) == left[0] {
			return fmt.Errorf("snapshot %s has %s in %s, which was not on the way when %s recorded at %v and %s at %v; it has %s",
				name, say(body), where, a.process.id, a.at, b.process.id, b.at, several(l.recorded))
		}
	}
	return nil
}

// several lists the first bodies.
func several(bodies []any) string {
	var words []string
	for _, body := range bodies[:min(len(bodies), fewNames)] {
		words = append(words, say(body))
	}
	switch more := len(bodies) - fewNames; {
	case len(bodies) == 0:
		return "nothing"
	case more > 0:
		return strings.Join(words, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(words, ", ")
}

// content is what a body says, as bytes.
func content(body any) string {
	if a, ok := body.(interface{ AppendHash([]byte) []byte }); ok {
		return fmt.Sprintf("%T ", body) + string(a.AppendHash(nil))
	}
	return fmt.Sprintf("%T ", body) + string(sim.AppendContent(nil, body))
}

func contents(bodies []any) (list []string) {
	for _, body := range bodies {
		list = append(list, content(body))
	}
	return list
}

// A conservedCut adds up snapshots.
type conservedCut struct {
	cutJudge
	want int64
}

// ConservedCut returns the outer property "conserved-cut": the amounts that the processes recorded for a snapshot that
// is Complete, and those carried by the messages recorded of its channels, make want together. It looks at
// nothing but the snapshot, as whoever takes it does. A snapshot is a check.
func ConservedCut(c Cutting, want int64) sim.Property {
	c.mustComplete("ConservedCut")
	if c.Amount == nil || c.Carried == nil {
		panic("checkers: ConservedCut needs Amount and Carried")
	}
	p := &conservedCut{c.judge("conserved-cut"), want}
	p.outer = true
	return p
}

// Observe adds up a snapshot when it is complete.
func (c *conservedCut) Observe(e *sim.Event) error {
	if err := c.read(e); err != nil || c.completed == nil {
		return err
	}
	c.checks++
	var local, carried int64
	for _, r := range c.completed.recordings {
		local += r.amount
	}
	for _, x := range c.completed.channels {
		for _, body := range x.bodies {
			carried += c.Carried(body)
		}
	}
	if local+carried == c.want {
		return nil
	}
	return fmt.Errorf("snapshot %s has %d of %d: %d with the processes and %d on the way", say(c.completed.name), local+carried, c.want, local, carried)
}
