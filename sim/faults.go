package sim

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// raise turns the configuration and the nodes that Build has added into a world ready to run.
func (w *World) raise() error {
	if err := w.draw(); err != nil {
		return err
	}
	names := make([]string, len(w.ids))
	for i, id := range w.ids {
		names[i] = string(id)
	}
	w.net = net.New(names)
	for _, l := range w.links("", "") {
		l.Law, l.Ordered = net.Law{Kind: net.Constant, Least: defaultDelay}, w.model.FIFO
	}
	if w.ticks != nil {
		w.startTicks(names)
	}
	for i := range w.ids {
		w.due(dueStart, 0, classStart, w.hosts[i])
	}
	for _, l := range w.plan {
		w.prepare(l)
	}
	if w.settle != clock.Never {
		w.due(dueSettle, w.settle, classFault, nil)
	}
	return nil
}

// defaultDelay is how long messages take under a plan with no law of delays.
const defaultDelay = 1_000_000 // 1 ms

// draw finds the plan: the one that is given, or what the profile draws.
func (w *World) draw() error {
	space := fault.Space{Groups: w.groups, Model: w.model, Until: min(w.settle, w.end)}
	for _, id := range w.ids {
		space.Nodes = append(space.Nodes, string(id))
	}
	if w.ticks != nil {
		return w.benign()
	}
	if w.cfg.Plan != nil {
		w.plan = append(fault.Plan{}, *w.cfg.Plan...)
	} else {
		name := w.cfg.Faults
		if name == "" {
			name = "swarm"
		}
		p, err := fault.FindProfile(name)
		if err != nil {
			return err
		}
		w.plan = p.Draw(&w.chance, space)
	}
	if err := w.plan.Check(space.Nodes); err != nil {
		return err
	}
	for _, l := range w.plan {
		if timed(l) && l.At >= w.settle {
			return fmt.Errorf("plan line %q: faults end at %v in scenario %s, when it is given time to settle: choose an earlier time", l.String(), w.settle, w.scenario.Name)
		}
	}
	w.survey()
	return nil
}

func (w *World) due(kind due, at clock.Time, class uint64, h *host) *slot {
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.n = kind, 0
	if h != nil {
		s.flow = h.self
	}
	w.queue.push(at, class, ref)
	return s
}

// prepare puts a line of the plan into force.
func (w *World) prepare(l fault.Line) {
	switch {
	case l.Verb == fault.Crash && l.Effect > 0:
		h := w.must(NodeID(l.Node))
		h.crashAfter = append(h.crashAfter, l)
		sort.SliceStable(h.crashAfter, func(i, j int) bool { return h.crashAfter[i].Effect < h.crashAfter[j].Effect })
	case timed(l):
		w.later(l)
	case l.Verb == fault.Lose || l.Verb == fault.Delay || l.Verb == fault.Repeat:
		f := net.Fix{From: w.must(NodeID(l.From)).index, To: w.must(NodeID(l.To)).index, Stream: l.Stream, N: l.N, Lose: l.Verb == fault.Lose}
		if l.Verb == fault.Delay {
			f.Late = l.Time
		} else if l.Verb == fault.Repeat {
			f.Repeat = l.Time
		}
		w.net.Fix(f)
	default:
		w.always(l)
	}
}

// later queues a line for its instant.
func (w *World) later(l fault.Line) {
	s := w.due(dueFault, l.At, classFault, nil)
	s.link = uint32(len(w.timed))
	w.timed = append(w.timed, l)
}

// always applies a line that holds for the whole run.
func (w *World) always(l fault.Line) {
	switch l.Verb {
	case fault.Law, fault.Loss, fault.Repeats, fault.Rate:
		for _, link := range w.links(l.From, l.To) {
			switch l.Verb {
			case fault.Law:
				link.Law = l.Law
			case fault.Loss:
				link.Loss = uint32(l.Amount)
			case fault.Repeats:
				link.Repeat = uint32(l.Amount)
			case fault.Rate:
				link.Rate = uint64(l.Amount)
			}
		}
	case fault.Drift:
		w.must(NodeID(l.Node)).clock.SetDrift(0, l.Amount)
		w.faults[fault.Drifts]++
	case fault.Offset:
		w.must(NodeID(l.Node)).clock.Step(l.Time)
		w.faults[fault.Offsets]++
	case fault.Sync, fault.Read, fault.Write:
		for _, h := range w.hosts {
			if l.Node != "" && NodeID(l.Node) != h.id {
				continue
			}
			switch l.Verb {
			case fault.Sync:
				h.sync = l.Time
			case fault.Read:
				h.read = l.Time
			case fault.Write:
				h.write = l.Time
			}
		}
		if l.Time > fault.SyncBound {
			w.faults[fault.SlowDisks]++
		}
	case fault.Unsynced:
		w.unsynced = l.Mode
	case fault.Ties:
		if w.queue.tie = nil; l.Mode == "shuffled" {
			w.queue.tie = w.tie
		}
	}
}

// links returns the links that a pattern means: "" is every one, "*" any node on that side.
func (w *World) links(from, to string) (links []*net.Link) {
	for i, a := range w.ids {
		for j, b := range w.ids {
			if i != j && (from == "" || from == "*" || from == string(a)) && (to == "" || to == "*" || to == string(b)) {
				links = append(links, w.net.Link(i, j))
			}
		}
	}
	return links
}

// tie ranks an arrival among others at its instant, by a pick that is keyed by what arrives.
func (w *World) tie(ref int32) uint32 {
	s := &w.slots[ref]
	if !s.tied {
		a, b, what := s.flow.to.word, chance.Word{}, wordStart
		switch s.kind {
		case dueMessage:
			a, b, what = s.flow.from.word, s.flow.to.word, s.flow.info.word
		case dueTimer:
			what = wordTimer
		case dueWake:
			what = wordWake
		}
		w.stream = chance.Combine(wordTie, a, b, what)
		s.link, s.tied = uint32(w.chance.Below(&w.stream, s.n, math.MaxUint32)), true
	}
	return s.link
}

var (
	wordStart = chance.NewWord("start")
	wordTimer = chance.NewWord("timer")
	wordWake  = chance.NewWord("wake")
)

// Inject makes a fault happen, one nanosecond from now and before all else at that instant, and writes it into the
// run's plan. The line's own time is ignored. It is for the body of a loop over Events. "crash NODE after effect N"
// is possible too. The error says what is wrong with the line, or that faults have ended.
func (w *World) Inject(l fault.Line) error {
	at := w.now + 1
	if w.stopped {
		return fmt.Errorf("sim: %v: the run is over", l)
	}
	if w.settled || at >= w.settle {
		return fmt.Errorf("sim: %v: faults ended at %v", l, w.settle)
	}
	if timed(l) {
		l.At = at
	} else if l.Verb != fault.Crash {
		return fmt.Errorf("sim: %v: only faults at an instant, and crashes after an effect, can be injected into a run", l)
	}
	if w.ticks != nil {
		return fmt.Errorf("sim: %v: there are no faults in tick mode", l)
	}
	names := make([]string, len(w.ids))
	for i, id := range w.ids {
		names[i] = string(id)
	}
	if err := (fault.Plan{l}).Check(names); err != nil {
		return err
	}
	if l.Verb == fault.Crash && l.Effect > 0 {
		if had := w.must(NodeID(l.Node)).effects; l.Effect <= had { // the plan, given back, would crash it there
			return fmt.Errorf("sim: %v: it has had %d effects by now", l, had)
		}
	}
	w.plan = append(w.plan, l)
	w.grown = true
	w.prepare(l)
	return nil
}

// survey finds out what the plan means as a whole. It is asked again, when it matters, if lines were injected.
func (w *World) survey() {
	w.enabled, w.outside, w.grown = w.model.Enabled(w.plan), w.model.Outside(w.plan), false
	for _, g := range w.groups {
		if lost := w.plan.Lost(g.Nodes); len(lost) > g.Spare && w.model.Crash != fault.FailStop {
			w.outside = append(w.outside, fmt.Sprintf("crash for good: %s, where %s can spare %d", strings.Join(lost, ", "), strings.Join(g.Nodes, ", "), g.Spare))
		}
	}
}

// apply makes a fault happen.
func (w *World) apply(l fault.Line) {
	if l.Verb == fault.Crash {
		if h := w.must(NodeID(l.Node)); h.up {
			h.doomed = l.Good
			w.crash(h, 0)
		} else if l.Good { // it is down already, and stays so
			h.broken = true
		}
		return
	}
	body := hashLine(&l)
	if l.Verb == fault.Cut || l.Verb == fault.Heal {
		w.reconnect(l)
		w.emit(Faulted, nil, nil, l, body, 0, "")
		return
	}
	h := w.must(NodeID(l.Node))
	if l.Verb == fault.Restart {
		if !h.up && !h.broken {
			w.faults[fault.Restarts]++
			w.start(h, 0)
		}
		return
	}
	if h.up || l.Verb == fault.Slow || l.Verb == fault.Step || l.Verb == fault.Freeze || l.Verb == fault.Thaw {
		w.afflict(h, l)
		w.emit(Faulted, h, nil, l, body, 0, "")
	}
}

// hashLine hashes what a line at an instant says.
func hashLine(l *fault.Line) uint64 {
	h := chance.Mix(uint64(l.Verb), uint64(l.Time), uint64(l.Amount))
	for _, side := range l.Sides {
		h++
		for _, name := range side {
			h = chance.Fold(h, chance.HashString(name))
		}
	}
	if l.Good {
		h++
	}
	return h
}

func (w *World) reconnect(l fault.Line) {
	a, b := w.indexes(l.Sides[0]), w.indexes(l.Sides[1])
	switch {
	case l.Verb == fault.Cut:
		w.faults[fault.Cuts]++
		w.net.Cut(a, b, l.OneWay)
		if l.Good {
			w.severed = append(w.severed, l)
		}
		return
	case len(a) == 0:
		w.net.MendAll()
	default:
		w.net.Mend(a, b, l.OneWay)
	}
	w.sever()
}

// sever cuts again what was cut for good.
func (w *World) sever() {
	for _, l := range w.severed {
		w.net.Cut(w.indexes(l.Sides[0]), w.indexes(l.Sides[1]), l.OneWay)
	}
}

func (w *World) indexes(names []string) (x []int) {
	for _, s := range names {
		x = append(x, w.must(NodeID(s)).index)
	}
	return x
}

// afflict changes how one node runs.
func (w *World) afflict(h *host, l fault.Line) {
	switch l.Verb {
	case fault.Pause:
		if !h.paused {
			w.faults[fault.Pauses]++
		}
		h.paused = true
	case fault.Resume:
		h.paused = false
		w.wakeLater(h)
	case fault.Slow:
		if l.Amount > 1 {
			w.faults[fault.Slowness]++
		}
		h.slow = uint64(l.Amount)
	case fault.Step:
		w.faults[fault.Steps]++
		h.clock.Step(l.Time)
	case fault.Freeze:
		w.faults[fault.Freezes]++
		h.clock.Freeze(h.here()) // it has read its clock for what it does until then
	case fault.Thaw:
		w.thaw(h)
	}
}

func (w *World) thaw(h *host) {
	h.clock.Thaw(w.now)
	waiting := h.frozen
	h.frozen = nil
	for _, ref := range waiting {
		w.await(h, ref)
	}
}

// crash ends a life at once: what the node had set under way and had not happened never does, and its disk forgets.
func (w *World) crash(h *host, cause uint64) {
	w.faults[fault.Crashes]++
	h.up, h.inert, h.since = false, true, w.now
	h.crashes++
	if back := w.now.Add(h.down); h.down > 0 && back < w.settle && !h.doomed {
		w.later(fault.Line{Verb: fault.Restart, At: back, Node: string(h.id)})
	}
	h.broken = h.broken || h.doomed
	h.down, h.doomed = 0, false
	h.underWay()
	loss := h.disk.Crash(&w.chance, h.word, h.crashes, unsyncedModes[w.unsynced])
	if loss.Bytes > 0 {
		w.faults[fault.LostBytes]++
	}
	if loss.Torn > 0 {
		w.faults[fault.TornWrites]++
	}
	w.emit(Crashed, h, nil, &loss, chance.Mix(uint64(loss.Bytes), uint64(loss.Torn), uint64(loss.Names)), cause, "")
	h.forget()
	if h.script != nil && w.running != h {
		h.script.unwind()
	}
	if w.running != h {
		h.node, h.script, h.invariant, h.shadow = nil, nil, nil, nil
	}
}

var unsyncedModes = map[string]disk.Mode{"keep": disk.Keep, "lose": disk.Lose, "mix": disk.Mix}

// start begins a life.
func (w *World) start(h *host, cause uint64) {
	if h.disk == nil {
		h.disk = disk.New()
	}
	if h.script != nil {
		h.script.unwind()
	}
	h.life++
	h.up, h.inert, h.picks = true, false, h.picks[:0]
	w.running = h // a panic in there is the node's
	h.node = h.boot()
	w.running = nil
	if h.node == nil {
		panic(fmt.Sprintf("sim: the boot function of %s returned nil", h.id))
	}
	h.script, _ = h.node.(*scripted)
	h.invariant, _ = h.node.(interface{ Invariant() error })
	h.cause = w.emit(Started, h, nil, h.life, h.life, cause, "")
	w.call(h, nil, nil)
}

// timed reports whether a line happens at an instant.
func timed(l fault.Line) bool { return l.Verb <= fault.Thaw && l.Effect == 0 }
