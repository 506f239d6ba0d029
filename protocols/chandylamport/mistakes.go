package chandylamport

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// A mistake turns a process into one that gets the algorithm wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	of        func(*Process) sim.Node
}

var mistakes = []mistake{
	{"none", "", func(p *Process) sim.Node { return p }},
	{"late-marker", "the marker leaves after the next message", func(p *Process) sim.Node { return &lateMarker{Process: p} }},
	{"no-channels", "channels are not recorded", func(p *Process) sim.Node { return noChannels{p} }},
	{"first-channel", "the channel that brought the first marker is recorded like the others", func(p *Process) sim.Node { return &firstChannel{p, map[ID]sim.NodeID{}} }},
	{"late-record", "a process records after the message behind the marker", func(p *Process) sim.Node { return &lateRecord{Process: p} }},
	{"second-marker", "the second marker ends the recording of all channels", func(p *Process) sim.Node { return secondMarker{p} }},
	{"no-ids", "a marker counts for whatever snapshot is being recorded", func(p *Process) sim.Node { return noIDs{p} }},
	{"no-incarnation", "messages from before a rollback are let in", func(p *Process) sim.Node { return noIncarnation{p} }},
	{"one-phase", "whoever has its state goes on at once", func(p *Process) sim.Node { return onePhase{p} }},
}

// Mistaken returns the process with the mistake of that name, one of the option "mistake": itself for "none". It panics if there is none of
// that name.
func Mistaken(name string, p *Process) sim.Node {
	return mistakes[slices.Index(mistakeNames(), name)].of(p)
}

// slack is how long a mistake holds up what the right algorithm would do at once, if nothing else happens before.
const slack = 3 * time.Millisecond

// A lateMarker sends each marker after the next message on its channel, or after some time.
type lateMarker struct {
	*Process
	held []release
}

// A release is a marker that is held up, and the timer that lets it go.
type release struct {
	Peer sim.NodeID
	ID   ID
}

// AppendHash appends the timer's content.
func (t release) AppendHash(b []byte) []byte { return t.ID.append(appendText(b, string(t.Peer))) }

// String prints "release p1#2".
func (t release) String() string { return fmt.Sprintf("release %v", t.ID) }

type lateMarkerEnv struct {
	sim.Env
	p *lateMarker
}

func (p *lateMarker) Start(env sim.Env) { p.Process.Start(lateMarkerEnv{env, p}) }

func (p *lateMarker) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if t, ok := m.(release); ok {
		p.let(env, t.Peer)
		return
	}
	p.Process.Handle(lateMarkerEnv{env, p}, from, m)
}

// let lets go the markers that are held up on a channel.
func (p *lateMarker) let(env sim.Env, to sim.NodeID) {
	p.held = slices.DeleteFunc(p.held, func(r release) bool {
		if r.Peer == to {
			env.Send(to, Marker{r.ID})
		}
		return r.Peer == to
	})
}

func (e lateMarkerEnv) Send(to sim.NodeID, m sim.Message) {
	if marker, ok := m.(Marker); ok {
		r := release{to, marker.ID}
		e.p.held = append(e.p.held, r)
		e.Env.After(slack, r)
		return
	}
	e.Env.Send(to, m)
	if _, ok := m.(App); ok {
		e.p.let(e.Env, to)
	}
}

// A noChannels process does not see messages come while it records.
type noChannels struct{ *Process }

func (p noChannels) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(App); ok {
		open := p.open
		p.open = nil
		defer func() { p.open = open }()
	}
	p.Process.Handle(env, from, m)
}

// A firstChannel process keeps recording the channel of the first marker until all others are done.
type firstChannel struct {
	*Process
	first map[ID]sim.NodeID
}

func (p *firstChannel) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	marker, ok := m.(Marker)
	if !ok {
		p.Process.Handle(env, from, m)
		return
	}
	if !slices.Contains(p.known, marker.ID) {
		p.first[marker.ID] = from
		p.record(env, marker.ID)
	} else {
		p.Process.Handle(env, from, m)
	}
	for _, r := range slices.Clone(p.open) {
		if first, ok := p.first[r.id]; ok && r.left == 1 {
			p.close(env, r, first)
		}
	}
}

// A lateRecord process handles the message behind a marker before it records.
type lateRecord struct {
	*Process
	held []release
}

func (p *lateRecord) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case release:
		p.let(env, m.Peer)
	case Marker:
		if slices.Contains(p.known, m.ID) {
			p.Process.Handle(env, from, m)
			return
		}
		p.held = append(p.held, release{from, m.ID})
		env.After(slack, release{from, m.ID})
	default:
		p.Process.Handle(env, from, m)
		if _, ok := m.(App); ok {
			p.let(env, from)
		}
	}
}

// let handles the markers of a channel that are held up.
func (p *lateRecord) let(env sim.Env, from sim.NodeID) {
	held := p.held
	p.held = nil
	for _, r := range held {
		if r.Peer == from {
			p.Process.Handle(env, from, Marker{r.ID})
		} else {
			p.held = append(p.held, r)
		}
	}
}

// A secondMarker process takes the second marker of a snapshot for the last.
type secondMarker struct{ *Process }

func (p secondMarker) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	marker, ok := m.(Marker)
	second := ok && slices.Contains(p.known, marker.ID)
	p.Process.Handle(env, from, m)
	for _, peer := range p.In {
		if second {
			p.Process.Handle(env, peer, m)
		}
	}
}

// A noIDs process does not tell markers of several snapshots apart.
type noIDs struct{ *Process }

func (p noIDs) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(Marker); ok && len(p.open) > 0 {
		m = Marker{p.open[0].id}
	}
	p.Process.Handle(env, from, m)
}

// A noIncarnation process lets in what was sent before a rollback.
type noIncarnation struct{ *Process }

func (p noIncarnation) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if app, ok := m.(App); ok {
		app.Incarnation = p.incarnation
		m = app
	}
	p.Process.Handle(env, from, m)
}

// A onePhase leader does not wait until everybody has its state.
type onePhase struct{ *Process }

type onePhaseEnv struct{ sim.Env }

func (p onePhase) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(onePhaseEnv{env}, from, m)
}

func (e onePhaseEnv) Send(to sim.NodeID, m sim.Message) {
	e.Env.Send(to, m)
	if r, ok := m.(Restore); ok {
		e.Env.Send(to, Go{r.Incarnation})
	}
}
