package steps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/view"
)

// A pattern is the name of an event, or of several: what is left out is not asked for.
type pattern struct {
	kind       sim.Kind
	node, peer sim.NodeID
	what       string
	n          uint64
	seq        uint64 // of "#31"
}

// kinds are the kinds of events that have names.
var kinds = []sim.Kind{sim.Noted, sim.Sent, sim.Delivered, sim.Dropped, sim.TimerSet, sim.TimerFired, sim.DiskDone, sim.Started, sim.Crashed, sim.Faulted,
	sim.Settled, sim.Panicked, sim.Exited}

// parsePattern reads the name of an event among these nodes.
func parsePattern(text string, nodes []sim.NodeID) (p pattern, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return p, fmt.Errorf("want the name of an event, such as %q", "note "+string(nodes[0])+" Chosen#1")
	}
	if last := &words[len(words)-1]; strings.Contains(*last, "#") {
		number := (*last)[strings.IndexByte(*last, '#')+1:]
		*last = strings.TrimSuffix(*last, "#"+number)
		if p.n, err = strconv.ParseUint(number, 10, 64); err != nil || p.n == 0 {
			return p, fmt.Errorf("%q: the number behind # counts from 1", text)
		}
		if len(words) == 1 && *last == "" {
			return pattern{seq: p.n}, nil
		}
	}
	kind := slices.IndexFunc(kinds, func(k sim.Kind) bool { return k.String() == words[0] })
	if kind >= 0 {
		p.kind, words = kinds[kind], words[1:]
	} else {
		p.kind = sim.Noted // as after in a plan
	}
	if isMessage(p.kind) && len(words) > 0 {
		if from, to, link := strings.Cut(words[0], ">"); link {
			p.peer, p.node, words = sim.NodeID(from), sim.NodeID(to), words[1:]
		}
	}
	if len(words) > 0 && p.peer == "" && (len(words) == 2 || slices.Contains(nodes, sim.NodeID(words[0])) || !said(p.kind)) {
		p.node, words = sim.NodeID(words[0]), words[1:]
		if p.kind == sim.Sent {
			p.node, p.peer = "", p.node
		}
	}
	for _, id := range []sim.NodeID{p.node, p.peer} {
		if id != "" && !slices.Contains(nodes, id) {
			return p, fmt.Errorf("%q: there is no node %q; there are %s", text, id, list(nodes))
		}
	}
	if len(words) == 1 && said(p.kind) {
		p.what, words = words[0], nil
	}
	if len(words) > 0 || kind < 0 && p.what == "" {
		return p, fmt.Errorf("%q is not the name of an event: want a kind (%s), then who, then what", text, list(kinds))
	}
	if kind < 0 && p.node != "" && slices.Contains(operations, p.what) {
		p.kind = sim.DiskDone
	}
	return p, nil
}

// said reports whether an event of this kind is about a message, a fact or an operation.
func said(k sim.Kind) bool {
	return isMessage(k) || isEffect(k) || k == sim.TimerFired
}

// operations are the names of what a disk does.
var operations = func() (names []string) {
	for k := range disk.SizeOp + 1 {
		names = append(names, k.String())
	}
	return names
}()

// fits reports whether a mark has what the pattern asks for, but for the number.
func (p *pattern) fits(m *mark) bool {
	return m.kind == p.kind && (p.node == "" || p.node == m.node) && (p.peer == "" || p.peer == m.peer) && (p.what == "" || p.what == m.what)
}

// exact reports whether the pattern asks for all that numbers are counted by.
func (p *pattern) exact() bool {
	return p.node != "" && (p.peer != "" || !isMessage(p.kind)) && (p.what != "" || !said(p.kind))
}

// A seeker looks for the event of a pattern, from the first event on.
type seeker struct {
	pattern
	count uint64
}

// finds is asked for each event in turn.
func (s *seeker) finds(m *mark, seq uint64) bool {
	if s.seq > 0 {
		return seq == s.seq
	}
	if !s.fits(m) {
		return false
	}
	s.count++
	switch {
	case s.n == 0:
		return true
	case s.exact():
		return m.n == s.n
	}
	return s.count == s.n
}

// RunUntil lets the run go on until right after the event of that name; see the package comment.
func (r *Run) RunUntil(event string) {
	r.t.Helper()
	step := fmt.Sprintf("RunUntil(%q)", event)
	r.alive(step)
	p, err := parsePattern(event, r.world.Nodes())
	if err != nil {
		r.t.Fatalf("steps: RunUntil: %v", err)
	}
	s := seeker{pattern: p}
	for i := range r.log.marks[:r.seen] {
		if s.finds(&r.log.marks[i], uint64(i+1)) && (p.n > 0 || p.seq > 0) && p.kind != sim.Delivered { // a message may arrive twice
			r.t.Fatalf("steps: %s: that has happened already, as event %d; the run stands at %s", step, i+1, r.place())
		}
	}
	r.until(step, s.finds)
}

// RunUntilFunc lets the run go on until right after the first event of which found returns true. It must not keep the event.
func (r *Run) RunUntilFunc(found func(*sim.Event) bool) {
	r.t.Helper()
	r.alive("RunUntilFunc")
	// What the world has seen already may be one event ahead of where the run stands, so another world is asked.
	at := uint64(0)
	c := r.c
	c.Scenario = view.Watch(c.Scenario, func(e *sim.Event) {
		if at == 0 && e.Seq > r.seen && found(e) {
			at = e.Seq
		}
	})
	w, err := c.World()
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	for range w.Events(0) {
		if at > 0 {
			break
		}
	}
	r.until("RunUntilFunc", func(_ *mark, seq uint64) bool { return seq == at })
}

// until goes on to the first event that is found.
func (r *Run) until(step string, found func(m *mark, seq uint64) bool) {
	r.t.Helper()
	for seq := r.seen + 1; ; seq++ {
		if seq > uint64(len(r.log.marks)) && !r.step() {
			break
		}
		if found(&r.log.marks[seq-1], seq) {
			r.seen, r.timed = seq, false
			return
		}
	}
	r.t.Fatalf("steps: %s: the run ends before that: %s%s", step, r.outcome(), r.heard())
}

// outcome says how the world has ended.
func (r *Run) outcome() string {
	v := r.world.Verdict()
	text := fmt.Sprintf("%v after %s events, at %s", v.Outcome, view.Number(v.Events), view.Duration(v.Virtual))
	if v.Property != "" && v.Outcome != sim.OK {
		text += ": " + v.Property + ": " + firstLine(v.Why)
	}
	return text
}

// heard lists the facts that were noted from where the run stands on, as a help with their names.
func (r *Run) heard() string {
	var names []string
	for i := range r.log.marks[r.seen:] {
		if m := &r.log.marks[r.seen:][i]; m.kind == sim.Noted && len(names) < 12 && !slices.Contains(names, string(m.node)+" "+m.what) {
			names = append(names, string(m.node)+" "+m.what)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; until then were noted: " + strings.Join(names, ", ")
}

// RunTo lets the run go on to an instant of true time. All that happens before it has happened, and nothing of what happens in it.
func (r *Run) RunTo(d time.Duration) {
	r.t.Helper()
	step := fmt.Sprintf("RunTo(%v)", d)
	r.alive(step)
	if at := clock.Time(d); at < r.Now() || at == r.Now() && !r.timed {
		r.t.Fatalf("steps: %s: the run stands at %s already", step, r.place())
	}
	r.to(step, clock.Time(d))
}

// RunFor lets the run go on for that much true time.
func (r *Run) RunFor(d time.Duration) {
	r.t.Helper()
	step := fmt.Sprintf("RunFor(%v)", d)
	r.alive(step)
	if d <= 0 {
		r.t.Fatalf("steps: %s: want a time above 0", step)
	}
	r.to(step, r.Now().Add(d))
}

func (r *Run) to(step string, at clock.Time) {
	r.t.Helper()
	seq := r.seen + 1
	for ; seq <= uint64(len(r.log.marks)) || r.step(); seq++ {
		if r.log.marks[seq-1].at >= at {
			r.seen, r.timed, r.now = seq-1, true, at
			return
		}
	}
	if v := r.world.Verdict(); v.Virtual < time.Duration(at) {
		r.t.Fatalf("steps: %s: the run ends before that: %s", step, r.outcome())
	}
	r.seen, r.timed, r.now = uint64(len(r.log.marks)), true, at
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// list puts things into one line.
func list[T any](things []T) string {
	words := make([]string, len(things))
	for i, x := range things {
		words[i] = fmt.Sprint(x)
	}
	return strings.Join(words, ", ")
}
