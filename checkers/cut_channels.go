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

// compare finds the first message that is missing, one too many, or out of order.
func (l *passage) compare(name string, fifo bool) error {
	left := contents(l.recorded)
	for i, m := range l.crossing {
		at := slices.Index(left, content(m.body))
		switch {
		case at < 0:
			return fmt.Errorf("%s without %s, which %s sent at %v, before it recorded at %v, and %s had not received when it recorded at %v",
				l.says(name), say(m.body), m.from.id, m.sentAt(), l.from.at, m.to.id, l.to.at)
		case fifo && at > 0 && i+at < len(l.recorded):
			return fmt.Errorf("%s in another order: %s was sent before %s", l.says(name), say(m.body), say(l.recorded[i]))
		}
		left = slices.Delete(left, at, at+1)
	}
	if len(left) == 0 {
		return nil
	}
	for _, body := range l.recorded {
		if content(body) == left[0] {
			return fmt.Errorf("%s with %s, which was not on the way from %s, which recorded at %v, to %s, which recorded at %v",
				l.says(name), say(body), l.from.process.id, l.from.at, l.to.process.id, l.to.at)
		}
	}
	panic("checkers: a message that was not recorded")
}

// says tells what was recorded of the channel.
func (l *passage) says(name string) string {
	words := "nothing"
	if n := len(l.recorded); n > 0 {
		var bodies []string
		for _, body := range l.recorded[:min(n, fewNames)] {
			bodies = append(bodies, say(body))
		}
		words = strings.Join(bodies, ", ")
		if n > fewNames {
			words += fmt.Sprintf(" and %d more", n-fewNames)
		}
	}
	return fmt.Sprintf("snapshot %s has the channel from %s to %s with %s,", name, l.from.process.id, l.to.process.id, words)
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
