package view

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// Record makes a run and writes down all of it. States are written for the events in the window. An error says what is wrong with
// the configuration, or that the context is done.
//
// A state is printed when the node's code has run and its effects have happened, and belongs to the event that was handled. The states of
// scripts are not shown: they are where a script stands.
func Record(ctx context.Context, s *sim.Scenario, cfg sim.Config, states Window) (*Trace, error) {
	r := newRecorder(s.Name, cfg, states)
	// The properties of the run are asked what operations they saw.
	var historians []historian
	asked := *s
	asked.Properties = func(o sim.Options) (all []sim.Property) {
		if s.Properties != nil {
			all = s.Properties(o)
		}
		for _, p := range all {
			if h, ok := p.(historian); ok {
				historians = append(historians, h)
			}
		}
		return all
	}
	w, err := Watch(&asked, r.see).World(cfg)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	r.operation = s.Operation
	r.begin(w)
	for e := range w.Events(0) {
		if e.Seq%recordStops == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	r.end(historians)
	return r.t, nil
}

// recordStops is after how many events a recording looks whether it is still wanted.
const recordStops = 4096

// A historian is a property that has a history of operations.
type historian interface {
	// Operations tells of each operation who called it, at which events it was called and returned, what it was, and whether its
	// client knows that it took effect.
	Operations(add func(client sim.NodeID, call, ret uint64, text string, done bool))
}

// A windower is a historian that can say which operations exclude one another.
type windower interface {
	// Illegal tells of them as Operations does. It returns how many others there are of which it looked at, and whether there may be fewer.
	Illegal(add func(client sim.NodeID, call, ret uint64, text string, done bool)) (others int, spent bool)
}

// blame marks an operation of the history as illegal.
func (t *Trace) blame(client sim.NodeID, call, _ uint64, _ string, _ bool) {
	for i := range t.History {
		if o := &t.History[i]; o.Client == client && o.Call == call {
			o.Illegal = true
		}
	}
}

// A recorder makes a Trace of the events that it sees.
type recorder struct {
	t     *Trace
	w     *sim.World
	place map[sim.NodeID]uint16
	ids   map[string]uint32
	cuts  *cutter

	operation func(at sim.NodeID, fact any) (sim.Operation, bool) // what a fact tells of an operation; nil: nothing
	under     map[any]int                                         // by operation, its place in the history

	// By node, in the window of states:
	moved []uint32            // the event whose effect on the node is not yet known; 0: none
	wrote []uint32            // the same for its disk
	known []map[uint32]uint32 // its lines: values by path
	wrong []time.Duration     // by how much its clock was seen to be wrong
	lives []sim.Node          // as they were seen last; nil for one that is down
	begun bool                // the window has begun
}

func newRecorder(scenario string, cfg sim.Config, states Window) *recorder {
	return &recorder{
		t: &Trace{Scenario: scenario, Config: cfg, States: states, texts: []string{""}}, place: make(map[sim.NodeID]uint16), ids: map[string]uint32{"": 0},
		under: make(map[any]int),
	}
}

// begin takes the world, before its first event.
func (r *recorder) begin(w *sim.World) {
	r.w, r.t.Nodes = w, slices.Clone(w.Nodes())
	for i, id := range r.t.Nodes {
		r.place[id] = uint16(i + 1)
	}
	n := len(r.t.Nodes)
	r.moved, r.wrote, r.wrong, r.known = make([]uint32, n), make([]uint32, n), make([]time.Duration, n), make([]map[uint32]uint32, n)
	r.lives = make([]sim.Node, n)
	for i := range r.known {
		r.known[i] = make(map[uint32]uint32)
	}
	r.cuts = &cutter{w: w, t: r.t}
}

// end takes what is known when the run is over.
func (r *recorder) end(historians []historian) {
	t := r.t
	r.settle()
	r.arrange()
	r.cuts.end()
	t.Verdict = r.w.Verdict()
	t.Verdict.Checks = slices.DeleteFunc(slices.Clone(t.Verdict.Checks), func(c sim.Check) bool { return c.Property == watch(nil).Name() })
	for _, l := range r.w.Plan() {
		t.Plan = append(t.Plan, l.String())
	}
	if len(historians) > 0 {
		t.History = nil // a property knows better
	}
	for _, h := range historians {
		h.Operations(func(client sim.NodeID, call, ret uint64, text string, done bool) {
			t.History = append(t.History, Operation{client, call, ret, text, done, false})
		})
		if w, ok := h.(windower); ok {
			w.Illegal(t.blame)
		}
		if v, ok := h.(visualizer); ok {
			t.judge = v
		}
	}
	slices.SortStableFunc(t.History, func(a, b Operation) int { return cmp.Compare(a.Call, b.Call) })
}

// id returns the name of a text.
func (r *recorder) id(s string) uint32 {
	id, ok := r.ids[s]
	if !ok {
		id = uint32(len(r.t.texts))
		r.t.texts = append(r.t.texts, s)
		r.ids[s] = id
	}
	return id
}

// see writes an event down. The World has applied it; the code of the node that handles it has not run yet.
func (r *recorder) see(e *sim.Event) {
	t := r.t
	if t.States.Holds(e.Seq) {
		r.look(e)
	} else if r.begun {
		r.settle() // of the last events in the window
	}
	typ, text := r.words(e)
	t.at, t.cause, t.kind = append(t.at, e.At), append(t.cause, uint32(e.Cause)), append(t.kind, e.Kind)
	t.node, t.peer = append(t.node, r.place[e.Node]), append(t.peer, r.place[e.Peer])
	t.typ, t.text, t.reason = append(t.typ, typ), append(t.text, text), append(t.reason, r.id(e.Reason))
	r.cuts.see(e)
	if r.operation != nil && e.Kind == sim.Noted {
		r.operate(e)
	}
}

// operate writes down what a fact tells of an operation.
func (r *recorder) operate(e *sim.Event) {
	o, ok := r.operation(e.Node, e.Data)
	if !ok {
		return
	}
	i, known := r.under[o.Of]
	if !known {
		i = len(r.t.History)
		r.under[o.Of] = i
		r.t.History = append(r.t.History, Operation{Client: e.Node, Call: e.Seq})
	}
	h := &r.t.History[i]
	if o.Text != "" {
		h.Text = o.Text
	}
	if o.Ended {
		h.Ret, h.Done = e.Seq, o.Done
	}
}

// words returns the type and the text of an event. What arrives says what was said when it left, unless it was changed on the way.
func (r *recorder) words(e *sim.Event) (typ, text uint32) {
	t := r.t
	switch e.Kind {
	case sim.Delivered, sim.Dropped, sim.TimerFired:
		if i := int(e.Cause) - 1; i >= 0 && i < len(t.kind) && e.Reason != "garbled" && (t.kind[i] == sim.Sent || t.kind[i] == sim.TimerSet) {
			return t.typ[i], t.text[i]
		}
	case sim.Started:
		return 0, r.id(fmt.Sprintf("life %v", e.Data))
	case sim.DiskDone:
		op := e.Data.(*disk.Op)
		return r.id(op.Kind.String()), r.id(op.String())
	case sim.Faulted:
		if l, ok := e.Data.(fault.Line); ok {
			return r.id(l.Verb.String()), r.id(untimed(l.String(), e.At))
		}
	case sim.Crashed:
		if !forgot(e.Data) {
			return 0, 0
		}
		return 0, r.id(Text(e.Data))
	case sim.Panicked:
		s, _ := e.Data.(string)
		s, _, _ = strings.Cut(s, "\n\n")
		return 0, r.id(Text(s))
	case sim.Settled, sim.Exited:
		return 0, 0
	}
	if e.Data == nil {
		return 0, 0
	}
	return r.id(typeName(e.Data)), r.id(Text(e.Data))
}

// untimed is a line of a plan without its instant, which its event has.
func untimed(line string, at clock.Time) string {
	if when, rest, ok := strings.Cut(line, " "); ok && when == time.Duration(at).String() {
		return rest
	}
	return line
}

// look finds out what has become of the nodes since the event before, and notes what this one will change.
func (r *recorder) look(e *sim.Event) {
	seq := uint32(e.Seq)
	if !r.begun { // all that is there already
		r.begun = true
		for i, id := range r.t.Nodes {
			r.wrote[i] = seq - 1
			if r.w.Up(id) {
				r.moved[i] = seq - 1
			}
			r.readClock(i, seq-1, e.At)
		}
	}
	r.settle()
	p := r.place[e.Node]
	if p == 0 {
		return
	}
	i := p - 1
	switch e.Kind {
	case sim.Delivered, sim.TimerFired, sim.Started:
		r.moved[i] = seq
	case sim.DiskDone:
		r.wrote[i] = seq
	case sim.Crashed:
		if n := r.lives[i]; n != nil && r.moved[i] != 0 { // in the middle of a call, or before its effects: what it had come to know
			r.compare(int(i), r.moved[i], stateLines(n), false)
		}
		r.moved[i], r.wrote[i], r.lives[i] = 0, seq, nil
		r.compare(int(i), seq, nil, false)
	}
	r.readClock(int(i), seq, e.At)
}

// readClock notes by how much a node's clock is wrong now, if that has changed.
func (r *recorder) readClock(i int, seq uint32, now clock.Time) {
	if by := r.w.Clock(r.t.Nodes[i]).Wall() - time.Duration(now); by != r.wrong[i] {
		r.wrong[i] = by
		r.t.skews = append(r.t.skews, skew{seq, uint16(i), by})
	}
}

// waits reports whether the state of some node is not yet known, as it is busy.
func (r *recorder) waits() bool {
	return slices.ContainsFunc(r.moved, func(seq uint32) bool { return seq != 0 })
}

// arrange puts changes into the order of events, since those of a node that was busy came late, and finds out where each line's are.
func (r *recorder) arrange() {
	slices.SortStableFunc(r.t.changes, func(a, b change) int { return cmp.Compare(a.seq, b.seq) })
	r.t.index()
}

// settle writes down the states that can be seen now. A node that is busy has to wait.
func (r *recorder) settle() {
	for i, id := range r.t.Nodes {
		if seq := r.moved[i]; seq != 0 {
			if n, ok := r.w.Node(id); ok {
				r.moved[i], r.lives[i] = 0, n
				r.compare(i, seq, stateLines(n), false)
			}
		}
		if seq := r.wrote[i]; seq != 0 {
			r.wrote[i] = 0
			r.compare(i, seq, diskLines(r.w.Durable(id)), true)
		}
	}
}

// onDisk is what the paths of lines about a disk begin with.
const onDisk = "disk: "

// compare writes down how the lines of a node, those of its disk or the others, differ from those known.
func (r *recorder) compare(i int, seq uint32, lines []StateLine, ofDisk bool) {
	known, there := r.known[i], make(map[uint32]bool, len(lines))
	for _, l := range lines {
		path, value := r.id(l.Path), r.id(l.Value)
		there[path] = true
		if known[path] != value {
			known[path] = value
			r.t.changes = append(r.t.changes, change{seq, uint16(i + 1), path, value})
		}
	}
	if len(there) == len(known) {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(known)) {
		if !there[path] && strings.HasPrefix(r.t.texts[path], onDisk) == ofDisk {
			delete(known, path)
			r.t.changes = append(r.t.changes, change{seq, uint16(i + 1), path, 0})
		}
	}
}

// mostFiles is how many files of a disk are shown, shownBytes how many bytes of each: the last ones.
const (
	mostFiles  = 50
	shownBytes = 32
)

// diskLines prints what is durable, a line a file.
func diskLines(d disk.View) (lines []StateLine) {
	names, err := d.List()
	if err != nil {
		return []StateLine{{onDisk + "(all)", err.Error()}}
	}
	for i, name := range names {
		if i == mostFiles {
			return append(lines, StateLine{onDisk + "…", fmt.Sprintf("and %d files more", len(names)-i)})
		}
		size, err := d.Size(name)
		text := fmt.Sprintf("%s bytes", Number(uint64(size)))
		if tail := make([]byte, min(size, shownBytes)); err == nil && len(tail) > 0 {
			if _, err = d.ReadAt(name, tail, size-int64(len(tail))); err == nil {
				text += ": "
				if size > shownBytes {
					text += "… "
				}
				text += bytesText(tail)
			}
		}
		if err != nil {
			text += ": " + err.Error()
		}
		lines = append(lines, StateLine{onDisk + name, text})
	}
	return lines
}
