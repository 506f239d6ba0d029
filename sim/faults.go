package sim

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"simrun/sim/chance"
	"simrun/sim/clock"
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
	w.postponeStarts()
	for i := range w.ids {
		w.due(dueStart, w.hosts[i].begins, classStart, w.hosts[i])
	}
	for i := range w.areas.matrix {
		w.always(&w.areas.matrix[i])
	}
	for i, l := range w.plan {
		w.prepare(l, i)
	}
	if w.beyond {
		w.budget = nil
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
	space := fault.Space{Groups: w.groups, Model: w.model, Until: min(w.settle, w.end), Zones: w.areas.list(), Targets: w.scenario.Targets}
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
			name = fault.DefaultProfile
		}
		p, err := fault.FindProfile(name)
		if err != nil {
			return err
		}
		w.plan = p.Draw(&w.chance, space)
	}
	if err := w.plan.Check(space.Nodes, w.areas.names()...); err != nil {
		return err
	}
	if err := w.settleAreas(); err != nil {
		return err
	}
	if err := w.checkPlan(); err != nil {
		return err
	}
	for i, l := range w.plan {
		if l.Place() == fault.Timed && l.At >= w.settle {
			why := fmt.Sprintf("faults end at %v in scenario %s, when it is given time to settle: choose an earlier time", w.settle, w.scenario.Name)
			return &fault.Wrong{Index: i, Line: l, Name: l.At.String(), Why: why}
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

// prepare puts a line of the plan into force, which has this place in it.
func (w *World) prepare(l fault.Line, place int) {
	switch l.Place() {
	case fault.Standing:
		w.always(&l)
	case fault.Timed:
		w.later(l).n = uint64(place + 1)
	case fault.Aimed:
		w.aim(l, place)
	case fault.Single:
		w.single(&l)
	case fault.AfterEffect:
		for _, h := range w.meant(l.Node) {
			h.crashAfter = append(h.crashAfter, doom{l, place})
			sort.SliceStable(h.crashAfter, func(i, j int) bool { return h.crashAfter[i].Effect < h.crashAfter[j].Effect })
		}
	}
}

// always puts a line into force that holds from the start on.
func (w *World) always(l *fault.Line) {
	switch domainOf(l.Verb) {
	case ofNetwork:
		w.network(l)
	case ofWorld:
		w.rule(l)
	default:
		for _, h := range w.meant(l.Node) {
			w.befall(h, l)
		}
	}
}

// rule puts a line into force that is about the world as a whole.
func (w *World) rule(l *fault.Line) {
	switch l.Verb {
	case fault.Unsynced:
		w.unsynced = l.Mode
	case fault.Budget:
		w.allow(l)
	case fault.Beyond:
		w.beyond = true
	case fault.Ties:
		if w.queue.tie = nil; l.Mode == "shuffled" {
			w.queue.tie = w.tie
		}
	}
}

// single puts a line into force that is about one message or one operation of a disk.
func (w *World) single(l *fault.Line) {
	if l.From != "" {
		w.fix(l)
		return
	}
	for _, h := range w.meant(l.Node) {
		w.spoil(h, l)
	}
}

// A domain is what a verb is about.
type domain uint8

const (
	ofProcess domain = iota
	ofNetwork
	ofClock
	ofDisk
	ofWorld
)

// domainOf says what a verb is about.
func domainOf(v fault.Verb) domain {
	switch v {
	case fault.Cut, fault.Heal, fault.Partition, fault.Flap, fault.Break, fault.Lose, fault.Delay, fault.Repeat, fault.Law, fault.Loss,
		fault.Repeats, fault.Rate, fault.Queue, fault.Corrupt, fault.Garble, fault.Stale, fault.Withhold:
		return ofNetwork
	case fault.Step, fault.Freeze, fault.Thaw, fault.Strobe, fault.Smear, fault.Reset, fault.Drift, fault.Offset, fault.Uncertainty:
		return ofClock
	case fault.Rot, fault.Latent, fault.Stall, fault.Sync, fault.Read, fault.Write, fault.Throttle, fault.Capacity, fault.Fail,
		fault.Phantom, fault.Misdirect, fault.Outdated:
		return ofDisk
	case fault.Unsynced, fault.Ties, fault.Zone, fault.Region, fault.Budget, fault.Beyond:
		return ofWorld
	}
	return ofProcess
}

// befall changes how one node, its clock or its disk goes on. It reports whether that is worth an event: what a crash, a restart
// and the like do are events of their own.
func (w *World) befall(h *host, l *fault.Line) bool {
	switch domainOf(l.Verb) {
	case ofClock:
		return w.clockFault(h, l)
	case ofDisk:
		return w.diskFault(h, l)
	}
	return w.processFault(h, l)
}

// apply makes a fault happen at its time.
func (w *World) apply(l fault.Line) {
	if !w.aimed(&l) || !w.affords(&l) {
		return
	}
	body := hashLine(&l)
	if domainOf(l.Verb) == ofNetwork {
		if w.network(&l) {
			w.emit(Faulted, nil, nil, l, body, 0, "")
		}
		return
	}
	crashes := w.faults[fault.Crashes]
	for _, h := range w.meant(l.Node) {
		if w.befall(h, &l) {
			w.emit(Faulted, h, nil, l, body, 0, "")
		}
	}
	if l.Verb == fault.Crash && w.faults[fault.Crashes] > crashes {
		w.countAreas(l.Node, fault.ZonePower)
	}
}

// later queues a line for its instant.
func (w *World) later(l fault.Line) *slot {
	s := w.due(dueFault, l.At, classFault, nil)
	s.link = uint32(len(w.timed))
	w.timed = append(w.timed, l)
	return s
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
	l.At = at
	switch l.Place() {
	case fault.Timed:
	case fault.AfterEffect:
		l.At = 0
	default:
		return fmt.Errorf("sim: %v: only faults at an instant, and crashes after an effect, can be injected into a run", l)
	}
	if w.ticks != nil {
		return fmt.Errorf("sim: %v: there are no faults in tick mode", l)
	}
	if l.Verb == fault.Withhold { // a run that withholds is judged, and goes on to its end, from the start
		return fmt.Errorf("sim: %v: messages are withheld in a run whose plan says so before it begins", l)
	}
	names := make([]string, len(w.ids))
	for i, id := range w.ids {
		names[i] = string(id)
	}
	if err := (fault.Plan{l}).Check(names, w.areas.names()...); err != nil {
		return err
	}
	if _, why := w.nonsense(&l); why != "" {
		return fmt.Errorf("sim: %v: %s", l, why)
	}
	if l.Verb == fault.Crash && l.Effect > 0 {
		for _, h := range w.meant(l.Node) {
			if l.Effect <= h.effects { // the plan, given back, would crash it there
				return fmt.Errorf("sim: %v: it has had %d effects by now", l, h.effects)
			}
		}
	}
	w.plan = append(w.plan, l)
	w.grown = true
	w.prepare(l, len(w.plan)-1)
	return nil
}

// survey finds out what the plan means as a whole. It is asked again, when it matters, if lines were injected.
func (w *World) survey() {
	plan := w.spelled()
	w.enabled, w.outside, w.grown = w.model.Enabled(plan), w.model.Outside(plan), false
	w.enableAreas()
	beyond := slices.ContainsFunc(plan, func(l fault.Line) bool { return l.Verb == fault.Beyond })
	for _, g := range w.groups {
		if lost := plan.Lost(g.Nodes); len(lost) > g.Spare && !beyond && w.model.Crash != fault.FailStop {
			w.outside = append(w.outside, fmt.Sprintf("crash for good: %s, where %s can spare %d", strings.Join(lost, ", "), strings.Join(g.Nodes, ", "), g.Spare))
		}
	}
	w.outside = append(w.outside, w.traitors(plan)...)
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
	if l.Verb > fault.Thaw || l.Mode != "" || l.After.What != "" { // what older verbs did not say counts where it is said
		h = chance.Fold(h, chance.HashString(l.String()))
	}
	return h
}
