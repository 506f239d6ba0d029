package view

import (
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// A Trace is the events of one run as values that outlive it, with all that the drawings and exports of a run need. [Record]
// makes it on a replay, never in a hunt.
//
// It is a table by columns: an event takes 33 bytes, and each text is kept once. States are differences, so that a
// node that changes one field costs one change.
type Trace struct {
	Scenario string
	Config   sim.Config // the one that the run was made with
	Plan     []string   // the complete plan, a line each
	Nodes    []sim.NodeID
	Verdict  sim.Verdict
	States   Window      // the events after which the states of nodes are known
	Cuts     []Band      // when nodes were kept apart, in order
	History  []Operation // what was asked for, in the order of the calls: as a property tells it, or else as the scenario does

	at         []clock.Time
	cause      []uint32
	kind       []sim.Kind
	node, peer []uint16 // 1 + the place in Nodes; 0 for none
	typ        []uint32 // names in texts
	text       []uint32
	reason     []uint32
	texts      []string        // texts[0] is ""
	changes    []change        // ascending by seq
	skews      []skew          // ascending by seq
	judge      visualizer      // the property that has the history; nil for none that can show it
	byNode     [][]pathChanges // of each node's lines, by 1 + its place in Nodes; see index
}

// A Window is a range of events by their numbers, both ends included. The zero Window is the whole run.
type Window struct{ From, To uint64 }

// Holds reports whether an event lies in the window.
func (w Window) Holds(seq uint64) bool { return seq >= w.From && (w.To == 0 || seq <= w.To) }

// statesKept is for how many events of a longer run the states of nodes are kept: those before the one that it is about, mostly.
const statesKept = 20_000

// Around is the window of events in which the states of a run with so many events are recorded, for a picture of the given event, or
// of the last one if that is 0: the whole of a short run.
func Around(events, event uint64) (w Window) {
	if events <= statesKept {
		return w
	}
	if event == 0 {
		event = events
	}
	w.To = min(events, event+statesKept/10)
	w.From = max(w.To-min(w.To, statesKept)+1, 1)
	return w
}

// A Moment is one event of a Trace.
type Moment struct {
	Seq, Cause   uint64 // its number, from 1; that of the event that led to it, or 0
	At           clock.Time
	Kind         sim.Kind
	Node, Peer   sim.NodeID // as in sim.Event
	Type         string     // of the message, the timer or the fact; the operation of a disk; the verb of a fault; else ""
	Text, Reason string     // what it is about, on one line; why, as in sim.Event
}

// A Band is a time in which some nodes were kept from hearing others.
type Band struct {
	From, To uint64 // the first event in it, and the last
	Side     []int  // by place in Trace.Nodes: nodes with the same number hear one another both ways
	Text     string // "a1 a2 | a3", or pairs such as "a1 ↛ p1" where some hear others
}

// An Operation is what a client asked for.
type Operation struct {
	Client    sim.NodeID
	Call, Ret uint64 // the events; Ret is 0 if it never returned
	Text      string // the operation and what became of it
	Done      bool   // the client knows that it took effect
	Illegal   bool   // it is one of the few that exclude one another, of a history that is not as it should be
}

// A change is one line of a node's state that is another one after an event.
type change struct {
	seq         uint32
	node        uint16
	path, value uint32 // names in Trace.texts; a value of 0: the line is gone
}

// A skew says that from an event on a node's wall clock shows so much more than true time.
type skew struct {
	seq  uint32
	node uint16
	by   time.Duration
}

// Len is the number of events.
func (t *Trace) Len() int { return len(t.kind) }

// Event returns the event of that number, from 1 to Len.
func (t *Trace) Event(seq uint64) Moment {
	i := seq - 1
	return Moment{
		Seq: seq, Cause: uint64(t.cause[i]), At: t.at[i], Kind: t.kind[i], Node: t.name(t.node[i]), Peer: t.name(t.peer[i]),
		Type: t.texts[t.typ[i]], Text: t.texts[t.text[i]], Reason: t.texts[t.reason[i]],
	}
}

// name is the inverse of the columns of nodes.
func (t *Trace) name(i uint16) sim.NodeID {
	if i == 0 {
		return ""
	}
	return t.Nodes[i-1]
}

// A StateLine is one part of a node's state: where it is, such as "promised" or "votes[a1]", and what it says.
type StateLine struct{ Path, Value string }

// State returns the state of a node after an event, in the order in which its lines came to be, and then what its disk holds. While the
// node is down there is the disk alone, and nothing if the window of states does not hold the event.
func (t *Trace) State(node sim.NodeID, seq uint64) (lines []StateLine) {
	if !t.States.Holds(seq) {
		return nil
	}
	var files []StateLine // which are known sooner than the rest, of a node that is busy
	for i := range t.lines(node) {
		p := &t.lines(node)[i]
		v := p.value(t, seq)
		switch l := (StateLine{t.texts[p.path], t.texts[v]}); {
		case v == 0:
		case strings.HasPrefix(l.Path, onDisk):
			files = append(files, l)
		default:
			lines = append(lines, l)
		}
	}
	return append(lines, files...)
}

// Changes returns the lines of a node's state that an event changed, each with what it says before and after: "" where there was
// none, or is none any more.
func (t *Trace) Changes(seq uint64) (diff []Change) {
	for _, c := range t.changesAt(seq) {
		d := Change{Node: t.name(c.node), Path: t.texts[c.path], After: t.texts[c.value]}
		lines := t.lines(d.Node)
		k := slices.IndexFunc(lines, func(p pathChanges) bool { return p.path == c.path })
		d.Before = t.texts[lines[k].value(t, seq-1)]
		diff = append(diff, d)
	}
	return diff
}

// A Change is how one line of a node's state differs before and after an event.
type Change struct {
	Node                sim.NodeID
	Path, Before, After string
}
