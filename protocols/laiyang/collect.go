package laiyang

import (
	"fmt"
	"slices"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// A collection is a snapshot as its initiator puts it together.
type collection struct {
	Place
	id       ID
	parts    []Part
	have     int       // parts that have come
	deficit  int       // by counting: messages that were in channels by what has been reported, less those that have come
	channels []Channel // by counting: what has come
}

func newCollection(id ID, place Place) *collection {
	return &collection{Place: place, id: id, parts: make([]Part, len(place.All))}
}

// collection finds a snapshot that is not complete, nil if there is none.
func (p *Process) collection(id ID) *collection {
	for _, c := range p.collections {
		if c.id == id {
			return c
		}
	}
	return nil
}

// report adds a part to a snapshot that this process has begun.
func (p *Process) report(env sim.Env, m Report) {
	c := p.collection(m.ID)
	i := slices.Index(p.All, m.Part.Node)
	if c == nil || c.parts[i].Node != "" { // it is over, or the report has come twice
		return
	}
	c.parts[i] = m.Part
	c.have++
	c.deficit += m.Part.Deficit
	p.close(env, c)
}

// late adds a message to a channel that ends at the node which has sent it on.
func (p *Process) late(env sim.Env, at sim.NodeID, m Late) {
	c := p.collection(m.ID)
	if c == nil {
		return
	}
	c.add(m.From, at, m.Body)
	c.deficit--
	p.close(env, c)
}

// add adds a message to a channel.
func (c *collection) add(from, to sim.NodeID, body sim.Message) {
	for i := range c.channels {
		if ch := &c.channels[i]; ch.From == from && ch.To == to {
			ch.Messages = append(ch.Messages, body)
			return
		}
	}
	c.channels = append(c.channels, Channel{from, to, []sim.Message{body}})
}

// close ends a snapshot that lacks nothing. By counting: every message that was in a channel has been sent once and not been received when all had
// recorded, so the sum of the deficits is how many there are. It means nothing before all parts are there.
func (p *Process) close(env sim.Env, c *collection) {
	if c.have == len(c.parts) && (p.Method == ByHistory || c.deficit == 0) {
		p.complete(env, c)
	}
}

// Waits says what this process still waits for, snapshot by snapshot: "p2, p3 to report for p1#1", or "the late messages of p1#1, of which 2
// are missing".
func (p *Process) Waits() (list []string) {
	for _, c := range p.collections {
		if c.have == len(c.parts) {
			list = append(list, fmt.Sprintf("the late messages of %v, of which %d are missing", c.id, c.deficit))
			continue
		}
		var silent []string
		for i, part := range c.parts {
			if part.Node == "" {
				silent = append(silent, string(p.All[i]))
			}
		}
		list = append(list, fmt.Sprintf("%s to report for %v", strings.Join(silent, ", "), c.id))
	}
	return list
}

// waits says the same with names.
func (p *Process) waits(self sim.NodeID) (waits []checkers.Wait) {
	for _, c := range p.collections {
		w := checkers.Wait{Node: self, State: fmt.Sprintf("has begun %v", c.id)}
		if c.have == len(c.parts) {
			w.State = fmt.Sprintf("has all parts of %v, and lacks %d late messages", c.id, c.deficit)
		}
		for i, part := range c.parts {
			if part.Node == "" {
				w.For = append(w.For, p.All[i])
			}
		}
		waits = append(waits, w)
	}
	return waits
}

// complete says what a snapshot is.
func (p *Process) complete(env sim.Env, c *collection) {
	p.collections = slices.DeleteFunc(p.collections, func(x *collection) bool { return x == c })
	if p.Method == ByHistory {
		c.subtract()
	}
	for _, ch := range c.channels {
		env.Note(ChannelRecorded{c.id, ch})
	}
	env.Note(Complete{Snapshot{c.id, c.parts, c.channels}})
}

// subtract takes what was received from what was sent, channel by channel.
func (c *collection) subtract() {
	for i, from := range c.parts {
		for j, to := range c.parts {
			if left := less(from.History.Sent[j], to.History.Received[i]); len(left) > 0 {
				c.channels = append(c.channels, Channel{from.Node, to.Node, left})
			}
		}
	}
}

// less returns the messages whose numbers, which are those of their places from 1, are not among the numbers.
func less(sent []sim.Message, received []uint32) (left []sim.Message) {
	came := make([]bool, len(sent))
	for _, n := range received {
		if int(n) <= len(sent) { // it is, unless the cut is wrong
			came[n-1] = true
		}
	}
	for i, m := range sent {
		if !came[i] {
			left = append(left, m)
		}
	}
	return left
}
