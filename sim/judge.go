package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A judge holds what the properties of a run say.
type judge struct {
	w        *World
	watched  []watched
	watchers [kinds][]*watched
	rumours  []*watched // those that are shown what Byzantine nodes note
	enders   []interface{ Finished() bool }

	violations []Violation
	builtin    [builtins]watched
	before     []byte // with CheckClones: what the copy was
	fair       bool   // whether all arrives in the end is judged, so the run goes to its end
}

// A watched is a property and how it stands.
type watched struct {
	Property
	name   string
	inner  bool
	done   bool // violated: it is not asked again
	checks uint64
	result Result
	why    string
}

// The properties that the world itself judges.
const (
	isBacked = iota
	hasInvariant
	noPanic
	isImmutable
	isClone
	timePasses
	builtins
)

var builtinNames = [builtins]string{"backed", "invariant", "panic", "immutable", "clone", "time-passes"}

func (j *judge) begin(w *World, properties []Property) {
	j.w = w
	for i, name := range builtinNames {
		j.builtin[i] = watched{name: name, inner: i == isBacked || i == hasInvariant}
	}
	if j.fair = w.withholds(); j.fair {
		properties = append(slices.Clone(properties), &fairness{})
	}
	j.watched = make([]watched, len(properties))
	for i, p := range properties {
		x := &j.watched[i]
		x.Property, x.name = p, p.Name()
		if in, ok := p.(interface{ Inner() bool }); ok {
			x.inner = in.Inner()
		}
		if f, ok := p.(interface{ Finished() bool }); ok {
			j.enders = append(j.enders, f)
		}
		if r, ok := p.(interface{ Rumours() bool }); ok && r.Rumours() {
			j.rumours = append(j.rumours, x)
		}
		watches, ok := p.(interface{ Watches() []Kind })
		for k := range kinds {
			if !ok || contains(watches.Watches(), k) {
				j.watchers[k] = append(j.watchers[k], x)
			}
		}
	}
}

// knows reports an error unless there is a property of that name; "" is none in particular.
func (j *judge) knows(name string) error {
	if name == "" {
		return nil
	}
	known := j.w.Properties()
	if slices.Contains(known, name) {
		return nil
	}
	return fmt.Errorf("scenario %s has no property %q; it has: %s", j.w.scenario.Name, name, strings.Join(known, ", "))
}

// Properties lists the names of all that judges the run: the scenario's properties in their order, then the world's own.
func (w *World) Properties() (names []string) {
	for i := range w.judge.watched {
		if name := w.judge.watched[i].name; name != "" {
			names = append(names, name)
		}
	}
	return append(names, builtinNames[:]...)
}

func contains(list []Kind, k Kind) bool {
	for _, x := range list {
		if x == k {
			return true
		}
	}
	return false
}

// observe shows an event to properties. What a Byzantine node sends and says may be knowledge, but is no violation.
func (j *judge) observe(watchers []*watched, e *Event) {
	for _, x := range watchers {
		if x.done {
			continue
		}
		if err := x.Observe(e); err != nil && e.Reason != byzantine {
			j.violated(x, err.Error(), e.Seq)
		}
	}
}

// violated writes a violation down. The run ends at the first outer one, or at the one that it is about.
func (j *judge) violated(x *watched, why string, seq uint64) {
	x.done, x.why = true, why
	j.violations = append(j.violations, Violation{x.name, x.inner, why, seq})
	if only := j.w.cfg.Only; only != "" {
		if x.name == only || x.name == builtinNames[noPanic] {
			j.w.stopped = true
		}
	} else if !x.inner {
		j.w.stopped = true
	}
}

// finish ends the run early if all properties that can say so have seen enough.
func (j *judge) finish() {
	if len(j.enders) == 0 || j.fair {
		return
	}
	for _, f := range j.enders {
		if !f.Finished() {
			return
		}
	}
	j.w.stopped = true
}

// backed asks a message whether the sender's disk bears it out.
func (j *judge) backed(h *host, info *typeInfo, m Backed, seq uint64) {
	x := &j.builtin[isBacked]
	if h.disk.Damaged() {
		return // what is missing there need not be the sender's fault
	}
	x.checks++
	if x.done {
		return
	}
	if err := m.Backed(h.disk.Durable()); err != nil {
		j.violated(x, fmt.Sprintf("%s sent %s %v, which its disk does not bear out: %v", h.id, info.word, m, err), seq)
	}
}

// invariant asks a node about itself.
func (j *judge) invariant(h *host) {
	x := &j.builtin[hasInvariant]
	x.checks++
	if x.done {
		return
	}
	if err := h.invariant.Invariant(); err != nil {
		j.violated(x, fmt.Sprintf("%s: %v", h.id, err), j.w.seq)
	}
}

// stoodStill reports a run in which time has stopped: nodes answer one another, or wake themselves, without end in no time. It ends the run
// whatever the run is about.
func (j *judge) stoodStill() {
	why := fmt.Sprintf("%d things have happened at %v and there is no end: somebody sends or sets timers without delay, for ever", mostAtOnce, j.w.now)
	if x := &j.builtin[timePasses]; !x.done {
		j.violated(x, why, j.w.seq)
	}
	j.w.stopped = true
}

// changed reports a message or a fact that did not stay as it was.
func (j *judge) changed(h *host, why string) {
	if x := &j.builtin[isImmutable]; !x.done {
		j.violated(x, why, j.w.seq)
	}
}

// panicked reports a node's panic: it is an event, and the end of the run. What code does that is running though its
// node has crashed is nothing, a panic too. A Byzantine node may hear what contradicts what it never knew it had said, so its panic is no
// evidence, and ends its life alone; but not one over what it was made to say, or over a call that no node may make.
func (w *World) panicked(v any, stack string) {
	h := w.running
	w.running = nil
	if h.inert {
		return
	}
	if p, ok := v.(scriptPanic); ok {
		v, stack = p.value, p.stack
	}
	stack = story(stack)
	said, misuse := v.(string)
	misuse = misuse && strings.HasPrefix(said, "sim:")
	liar := h.treason != nil && !h.lying && !misuse
	reason := ""
	if liar {
		reason = byzantine
	}
	seq := w.emit(Panicked, h, nil, fmt.Sprintf("%v\n\n%s", v, stack), chance.HashString(fmt.Sprint(v)), h.cause, reason)
	if liar {
		w.crash(h, seq)
		return
	}
	w.judge.violated(&w.judge.builtin[noPanic], fmt.Sprintf("%s panicked: %v\n\n%s", h.id, v, stack), seq)
	w.stopped = true
}

// story is what a stack tells of the node's own code: from the panic to where the world called it, without what
// differs from run to run.
func story(stack string) string {
	lines := strings.Split(stack, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "panic(") {
			lines = lines[min(i+2, len(lines)):]
			break
		}
	}
	var b strings.Builder
	for i, own := 0, false; i+1 < len(lines); i += 2 {
		name, place := lines[i], lines[i+1]
		if world := strings.HasPrefix(name, "simrun/sim."); world && own {
			break
		} else if !world && !strings.HasPrefix(name, "runtime.") {
			own = true
		}
		if at := strings.LastIndexByte(name, '('); at > 0 {
			name = name[:at]
		}
		place, _, _ = strings.Cut(place, " +0x")
		b.WriteString(name + "\n" + place + "\n")
	}
	return b.String()
}

// copied takes a copy of a node before its code runs.
func (j *judge) copied(h *host) {
	h.shadow = nil
	if c, ok := h.node.(Cloner); ok {
		h.shadow = c.Clone()
		j.before = appendState(j.before[:0], h.shadow)
		if x := &j.builtin[isClone]; !x.done && string(appendState(nil, h.node)) != string(j.before) {
			j.violated(x, fmt.Sprintf("%s: a copy made by Clone is not equal to the node", h.id), j.w.seq)
		}
	}
}

// uncopied checks that the copy has not changed while the node's code ran.
func (j *judge) uncopied(h *host) {
	if h.shadow == nil {
		return
	}
	x := &j.builtin[isClone]
	x.checks++
	if !x.done && string(appendState(nil, h.shadow)) != string(j.before) {
		j.violated(x, fmt.Sprintf("%s: a copy made by Clone changed when the node went on: they share memory", h.id), j.w.seq)
	}
}

// conclude ends the run and judges it.
func (w *World) conclude() {
	j := &w.judge
	w.watching = true
	for i := range j.watched {
		x := &j.watched[i]
		if !x.done {
			r, err := x.End(w)
			x.settle(j, r, err)
		}
		x.checks = x.Checks()
	}
	if w.grown {
		w.survey()
	}
	w.occasion()
	for k, n := range w.faults {
		if n > 0 { // such as a node that is broken for good when faults end
			w.enabled.Add(fault.Kind(k))
		}
	}
	w.overspent()
	v := &Verdict{
		Violations: j.violations, Events: w.seq, Hash: w.hash, Virtual: time.Duration(w.now), Enabled: w.enabled, Faults: w.faults,
		Sent: w.sent, Late: w.late, Outside: w.outside, Spared: w.spared, Idle: w.idleLines(), Checkpoints: w.guard.checkpoints(w.seq, w.hash),
	}
	for i := range j.watched {
		if j.watched[i].name != "" {
			v.Checks = append(v.Checks, w.excused(j.watched[i].check(), v))
		}
		w.report(v, j.watched[i].Property)
	}
	for i := range j.builtin {
		if x := &j.builtin[i]; x.checks > 0 || x.done {
			v.Checks = append(v.Checks, x.check())
		}
	}
	for i, name := range w.scenario.Sometimes {
		if w.reached&(1<<i) != 0 {
			v.Sometimes = append(v.Sometimes, name)
		}
	}
	v.name(w.cfg.Only)
	w.verdict = v
}

// settle takes what a property says at the end.
func (x *watched) settle(j *judge, r Result, err error) {
	if r == Holds && err != nil {
		j.violated(x, err.Error(), 0)
		return
	}
	if r == Open && j.w.now < j.w.end && j.w.stopped {
		return // the run ended early: the bound has not passed
	}
	x.result = r
	if err != nil {
		x.why = err.Error()
	}
}

// excused takes a liveness property that is open for none that failed, if the plan goes beyond every budget: the run
// may stall there, and must not answer wrongly.
func (w *World) excused(c Check, v *Verdict) Check {
	if w.beyond && c.Outcome == Stalled {
		v.Excused = append(v.Excused, c.Property+": "+c.Why)
		c.Outcome = OK
	}
	return c
}

func (x *watched) check() Check {
	c := Check{Property: x.name, Inner: x.inner, Checks: x.checks, Why: x.why}
	switch {
	case x.done:
		c.Outcome = Violated
	case x.result == Open:
		c.Outcome = Stalled
	case x.result == Unknown:
		c.Outcome = Undecided
	}
	return c
}

// report asks a property what else it has to say.
func (w *World) report(v *Verdict, p Property) {
	if r, ok := p.(interface{ Reached() []string }); ok {
		for _, name := range r.Reached() {
			for i, s := range w.scenario.Sometimes {
				if s == name {
					w.reached |= 1 << i
				}
			}
		}
	}
	if t, ok := p.(interface{ Tally(func(string, uint64)) }); ok {
		t.Tally(func(name string, n uint64) { v.Tallies = append(v.Tallies, Tally{name, n}) })
	}
	if a, ok := p.(interface{ Account() string }); ok {
		if text := a.Account(); text != "" {
			v.Accounts = append(v.Accounts, Account{p.Name(), text})
		}
	}
}

// name finds what the verdict is named after: the worst outcome, and of violations an outer one before an inner one.
// With only, that property alone counts, and panics.
func (v *Verdict) name(only string) {
	rank := func(c Check) int {
		r := 2 * int(c.Outcome)
		if !c.Inner {
			r++
		}
		return r
	}
	best := -1
	for i, c := range v.Checks {
		if c.Outcome == OK || only != "" && c.Property != only && c.Property != builtinNames[noPanic] && c.Property != builtinNames[timePasses] {
			continue
		}
		if best < 0 || rank(c) > rank(v.Checks[best]) {
			best = i
		}
	}
	if best >= 0 {
		v.Outcome, v.Property, v.Why = v.Checks[best].Outcome, v.Checks[best].Property, v.Checks[best].Why
	}
}
