package checkers

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// A Temperature tells a livelock from a standstill. A run heats up with each round that somebody begins, which is one more try to get something
// decided, and cools down with each decision; so one that is busy and gets nowhere is hot, and one in which nothing happens any more is not. When faults end it
// is taken anew, since until then it may be their doing.
type Temperature struct {
	Kinds   []sim.Kind            // of the events that tell of rounds and decisions
	Began   func(*sim.Event) bool // whether Node begins a round
	Decided func(*sim.Event) bool // whether something is decided, or whatever else is progress
	Round   string                // what a round is called, in one word: "ballot"
	Goal    string                // and a decision: "decision"
}

const (
	hot       = 5  // rounds without a decision are a livelock, if they go on
	worthSay  = 20 // rounds without a decision are told of, whatever becomes of the run
	patiently = 2  // times the longest break between two rounds: who is quiet for longer has stopped
)

// Tempered returns the liveness property with a thermometer. Where its goal is not reached it says besides whether that is a livelock:
//
//	a livelock: p1 and p2 have begun 214 ballots since the last decision, the latest, by p2, at 4.98s
//
// or a standstill, in which nobody begins a round any more, or neither, since more nodes of a group are broken than it can spare. A run with a long spell
// without a decision has an account of it.
func Tempered(p sim.Property, t Temperature) sim.Property {
	m := &tempered{Property: p, Temperature: t, own: everyKind()}
	if w, ok := p.(interface{ Watches() []sim.Kind }); ok {
		m.own = w.Watches()
	}
	m.kinds = slices.Clone(m.own)
	for _, k := range append([]sim.Kind{sim.Settled}, t.Kinds...) {
		if !slices.Contains(m.kinds, k) {
			m.kinds = append(m.kinds, k)
		}
	}
	if f, ok := p.(interface{ Finished() bool }); ok {
		return &temperedEnding{m, f}
	}
	return m
}

// A tempered property hands on what it sees, and takes the temperature.
type tempered struct {
	sim.Property
	Temperature
	own   []sim.Kind // that the property itself watches
	kinds []sim.Kind

	now, most spell
}

// A temperedEnding is one that can end a run.
type temperedEnding struct {
	*tempered
	ender interface{ Finished() bool }
}

// A spell is rounds without a decision between them.
type spell struct {
	since   clock.Time // the decision before, the end of faults, or the start of the run
	after   outset
	rounds  int
	by      []sim.NodeID // who began them, in the order of their first
	last    sim.NodeID
	at      clock.Time // when the last began
	longest clock.Time // the longest time between two, or until the first
}

// An outset is what a spell begins with.
type outset uint8

const (
	theStart outset = iota
	aDecision
	endOfFaults
)

// Finished says what the property itself says.
func (t *temperedEnding) Finished() bool { return t.ender.Finished() }

// Watches are the kinds of events that either wants.
func (t *tempered) Watches() []sim.Kind { return t.kinds }

// Inner says what the property itself says.
func (t *tempered) Inner() bool {
	in, ok := t.Property.(interface{ Inner() bool })
	return ok && in.Inner()
}

// Observe takes the temperature, and shows the event to the property if that watches its kind.
func (t *tempered) Observe(e *sim.Event) error {
	switch {
	case e.Kind == sim.Settled:
		t.begin(e.At, endOfFaults)
	case !slices.Contains(t.Kinds, e.Kind):
	case t.Decided(e):
		t.begin(e.At, aDecision)
	case t.Began(e):
		t.now.heat(e)
	}
	if slices.Contains(t.own, e.Kind) {
		return t.Property.Observe(e)
	}
	return nil
}

// begin ends a spell and begins another.
func (t *tempered) begin(at clock.Time, after outset) {
	t.keep()
	t.now = spell{since: at, after: after, by: t.now.by[:0]}
}

// keep remembers the spell with the most rounds.
func (t *tempered) keep() {
	if t.now.rounds >= worthSay && t.now.rounds > t.most.rounds {
		t.most = t.now
		t.most.by = slices.Clone(t.now.by)
	}
}

// heat enters a round.
func (s *spell) heat(e *sim.Event) {
	before := s.at
	if s.rounds == 0 {
		before = s.since
	}
	s.longest = max(s.longest, e.At-before)
	s.rounds++
	s.last, s.at = e.Node, e.At
	if !slices.Contains(s.by, e.Node) {
		s.by = append(s.by, e.Node)
	}
}

// End adds to a stall whether it is a livelock.
func (t *tempered) End(w *sim.World) (sim.Result, error) {
	r, err := t.Property.End(w)
	if r == sim.Open && err != nil {
		err = fmt.Errorf("%w; %s", err, t.says(w))
	}
	return r, err
}

// says tells what kind of stall it is.
func (t *tempered) says(w *sim.World) string {
	s := &t.now
	broken := unspared(w)
	switch {
	case s.rounds == 0 && broken == "":
		if s.after == theStart {
			return fmt.Sprintf("a standstill: nobody has ever begun a %s", t.Round)
		}
		return fmt.Sprintf("a standstill: nobody has begun a %s since %s", t.Round, t.outset(s))
	case s.rounds == 0:
		return fmt.Sprintf("a standstill: %s", broken)
	case broken != "":
		return fmt.Sprintf("no livelock, though %s: %s", t.tried(s), broken)
	case w.Now()-s.at > patiently*s.longest:
		return fmt.Sprintf("a standstill: %s", t.tried(s))
	case s.rounds < hot:
		return t.tried(s)
	}
	return "a livelock: " + t.tried(s)
}

// tried tells of the rounds of a spell.
func (t *tempered) tried(s *spell) string {
	in := " without a " + t.Goal
	switch s.after {
	case aDecision:
		in = " since " + t.outset(s)
	case endOfFaults:
		in = " since " + t.outset(s) + "," + in
	}
	who, verb := list(s.by), inNumber(len(s.by), "has", "have")
	if s.rounds == 1 {
		return fmt.Sprintf("%s %s begun one %s%s, at %v", who, verb, t.Round, in, s.at)
	}
	return fmt.Sprintf("%s %s begun %d %ss%s, the latest, by %s, at %v", who, verb, s.rounds, t.Round, in, s.last, s.at)
}

// outset says with what a spell began, and when.
func (t *tempered) outset(s *spell) string {
	if s.after == aDecision {
		return fmt.Sprintf("the last %s, at %v", t.Goal, s.since)
	}
	return fmt.Sprintf("faults ended, at %v", s.since)
}

// unspared names the nodes of a group of which more are broken than it can spare; "" if every group has enough left.
func unspared(w *sim.World) string {
	for _, g := range w.Groups() {
		var broken, all []sim.NodeID
		for _, name := range g.Nodes {
			id := sim.NodeID(name)
			if all = append(all, id); !w.Healed(id) {
				broken = append(broken, id)
			}
		}
		if len(broken) > g.Spare {
			return fmt.Sprintf("%s %s broken, and %s can spare %d", list(broken), inNumber(len(broken), "is", "are"), list(all), g.Spare)
		}
	}
	return ""
}

// Account tells of the longest spell, if it was long.
func (t *tempered) Account() string {
	t.keep()
	s := &t.most
	if s.rounds < worthSay {
		return ""
	}
	return fmt.Sprintf("%s began %d %ss in %v without a %s, the latest, by %s, at %v", list(s.by), s.rounds, t.Round, s.at.Sub(s.since).Round(time.Millisecond), t.Goal, s.last, s.at)
}
