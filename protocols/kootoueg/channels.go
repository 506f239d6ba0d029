package kootoueg

import (
	"slices"

	"simrun/sim"
)

// A link is what the state of a process says of the channels to and from a neighbour. It is part of a checkpoint.
type link struct {
	sent, got uint64        // labels of the last message sent, and of the last received; 0: none
	log       []entry       // the last messages sent: those that the receiver's permanent checkpoint may lack
	waiting   []sim.Message // the application has sent them, and they have not left yet
}

// An entry is a message in the log of its sender. Labels in a log have no gaps.
type entry struct {
	incarnation uint32 // of the sender, when it was sent first
	body        sim.Message
}

// A peer is a neighbour.
type peer struct {
	id sim.NodeID
	link
	incarnation uint32      // of the neighbour, as far as it is known
	open        bool        // the neighbour is known to have heard of this process's incarnation, and this of its
	greeting    sim.Message // a Hello or Welcome that waits until the process takes part in nothing
	asked       ID          // the checkpoint that the neighbour asked for last
	lacks       uint64      // the labels after this are those that the checkpoint lacks
}

// clone copies what a checkpoint takes with it. Entries are never changed.
func (l *link) clone() link {
	return link{l.sent, l.got, slices.Clone(l.log), slices.Clone(l.waiting)}
}

// peer returns the neighbour of that name, nil if there is none.
func (p *Process) peer(id sim.NodeID) *peer {
	for i := range p.peers {
		if p.peers[i].id == id {
			return &p.peers[i]
		}
	}
	return nil
}

// last returns the links of the last checkpoint, tentative or permanent, with a neighbour.
func (p *Process) last(pe *peer) *link {
	c := &p.permanent
	if p.tentative != nil {
		c = p.tentative
	}
	return c.link(pe.id)
}

// lastReceived is the paper's last_rmsg: the label of the last message received from a neighbour since the last checkpoint, 0 if none.
func (p *Process) lastReceived(pe *peer) uint64 {
	if pe.got == p.last(pe).got {
		return 0
	}
	return pe.got
}

// firstSent is the paper's first_smsg: the label of the first message sent to a neighbour since the last checkpoint, 0 if none.
func (p *Process) firstSent(pe *peer) uint64 {
	if s := p.last(pe).sent; pe.sent > s {
		return s + 1
	}
	return 0
}

// lastSent is the paper's last_smsg: the label of the last message sent to a neighbour before the permanent checkpoint, 0 if none.
func (p *Process) lastSent(id sim.NodeID) uint64 {
	s := p.permanent.link(id).sent
	if s == 0 && p.Mistake == LargestLabel {
		return ^uint64(0)
	}
	return s
}

// post sends a message of the application, or keeps it until that may be: until the process takes part in nothing, and the channel is open.
func (p *Process) post(env sim.Env, pe *peer, body sim.Message) {
	pe.waiting = append(pe.waiting, body)
	p.flush(env, pe)
}

// flush sends what has been waiting.
func (p *Process) flush(env sim.Env, pe *peer) {
	if p.instance != nil && p.Mistake != SendsEarly || !pe.open {
		return
	}
	for _, body := range pe.waiting {
		pe.sent++
		pe.log = append(pe.log, entry{p.incarnation, body})
		p.transmit(env, pe, pe.sent)
	}
	pe.waiting = nil
}

// transmit sends the message with that label, which is in the log.
func (p *Process) transmit(env sim.Env, pe *peer, label uint64) {
	x := pe.log[uint64(len(pe.log))-1-(pe.sent-label)]
	name := Name{env.ID(), pe.id, x.incarnation, label}
	env.Send(pe.id, App{name, p.incarnation, pe.incarnation, x.body})
}

// receive hands a message to the application, unless it is of an incarnation that is over or not the next one: then it comes again.
func (p *Process) receive(env sim.Env, from sim.NodeID, m App) {
	pe := p.peer(from)
	old := m.Knows != p.incarnation || m.Incarnation != pe.incarnation
	switch {
	case old && p.app != nil && p.Mistake == OldMessages:
	case p.app == nil || old || m.Name.Label != pe.got+1:
		env.Note(Discarded{m.Name})
		return
	default:
		pe.got = m.Name.Label
	}
	p.app.Handle(p.inside(env), from, m.Body)
}

// trim forgets messages that are part of a neighbour's permanent checkpoint.
func (p *Process) trim(id ID) {
	for i := range p.peers {
		pe := &p.peers[i]
		if first := pe.sent - uint64(len(pe.log)); pe.asked == id && pe.lacks > first {
			pe.log = slices.Clone(pe.log[min(pe.lacks-first, uint64(len(pe.log))):])
		}
	}
}

// greetAll says hello to all neighbours: this incarnation is new to them. The first one is not, but they may have sent to it before it began.
func (p *Process) greetAll(env sim.Env) {
	for i := range p.peers {
		env.Send(p.peers[i].id, Hello{p.session(&p.peers[i])})
	}
}

func (p *Process) session(pe *peer) session {
	return session{p.incarnation, pe.got, p.reborn}
}

// greeted takes a Hello or a Welcome. What the neighbour sends from now on is of its new incarnation. While the process takes part in an
// instance it must not send, not even again: its side is opened after that. Without a state it says hello itself when it has one.
func (p *Process) greeted(env sim.Env, pe *peer, m sim.Message) {
	s, current := sessionOf(m, p.incarnation)
	if p.app == nil || !current || s.Incarnation < pe.incarnation {
		return
	}
	if s.Incarnation > pe.incarnation {
		pe.incarnation, pe.open = s.Incarnation, false
	}
	if p.instance != nil {
		pe.greeting = m
		return
	}
	if _, hello := m.(Hello); hello && (s.Incarnation > 1 || p.incarnation > 1) {
		env.Send(pe.id, Welcome{s.Incarnation, p.session(pe)})
	}
	// A session that is open already is known from the other greeting; but before its first incarnation a process has missed what was sent to it.
	if !pe.open || s.Incarnation == 1 && p.incarnation == 1 {
		pe.open = true
		p.resend(env, pe, s.Got)
		p.flush(env, pe)
	}
}

// sessionOf reads a greeting; a Welcome is current if it is for this incarnation.
func sessionOf(m sim.Message, incarnation uint32) (s session, current bool) {
	switch m := m.(type) {
	case Hello:
		return m.session, true
	case Welcome:
		return m.session, m.To == incarnation
	}
	return session{}, false
}

// resend sends all messages after a label again.
func (p *Process) resend(env sim.Env, pe *peer, got uint64) {
	first := max(got, pe.sent-uint64(len(pe.log))) + 1
	if first <= pe.sent {
		env.Note(Resent{pe.id, int(pe.sent - first + 1)})
	}
	for label := first; label <= pe.sent; label++ {
		p.transmit(env, pe, label)
	}
}

// resume goes on when an instance is over: greetings that have come meanwhile are answered, and what was to be sent is sent.
func (p *Process) resume(env sim.Env) {
	p.instance = nil
	if p.app == nil {
		return
	}
	for i := range p.peers {
		pe := &p.peers[i]
		if m := pe.greeting; m != nil {
			pe.greeting = nil
			p.greeted(env, pe, m)
		}
		p.flush(env, pe)
	}
}
