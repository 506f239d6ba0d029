package rapidtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A vocabulary is what the faults of a scenario can be about.
type vocabulary struct {
	model    fault.Model
	nodes    []string
	mortal   []string // those that may crash
	most     int      // how many crashes there may be in a run
	until    time.Duration
	messages []message
	effects  uint64 // crashes come after one of so many effects of a node
	verbs    []spell
}

// A message is what a node sent to another when nothing went wrong, with the number that it had in its stream.
type message struct {
	from, to, stream string
	n                uint64
}

// How much is listened to, and how much is drawn.
const (
	mostHeard    = 20_000 // events of the calm run
	mostMessages = 2_000
	mostEffects  = 64
	mostSpells   = 16
	plansSampled = 64
	mostCrashes  = 12
	latestFault  = 2 * time.Second
	mostLate     = 500 * time.Millisecond
	modestlyLate = fault.NetBound / 2
	tick         = 100 * time.Microsecond // instants are multiples of it
)

// listen makes a run in which nothing goes wrong and returns what faults could be about.
func listen(s *sim.Scenario, cfg sim.Config) (*vocabulary, error) {
	cfg.Plan = bare()
	w, err := s.World(cfg)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	v := &vocabulary{model: s.BuiltFor(cfg.Options), effects: mostEffects, until: min(s.Run, latestFault)}
	if s.Settle > 0 {
		v.until = min(v.until, s.Settle)
	}
	for _, id := range w.Nodes() {
		v.nodes = append(v.nodes, string(id))
	}
	counts := make(map[message]uint64)
	for e := range w.Events(0) {
		if e.Seq > mostHeard || len(v.messages) == mostMessages {
			break
		}
		if e.Kind == sim.Sent {
			m := message{from: string(e.Node), to: string(e.Peer), stream: streamOf(e.Data)}
			counts[m]++
			m.n = counts[m]
			v.messages = append(v.messages, m)
		}
	}
	if err := v.findMortal(s, cfg); err != nil {
		return nil, err
	}
	for _, x := range spells() {
		if v.allows(x) {
			v.verbs = append(v.verbs, x)
		}
	}
	return v, nil
}

// streamOf is the stream of a message: what it says, or the name of its type without the package.
func streamOf(m any) string {
	if s, ok := m.(interface{ Stream() string }); ok {
		return s.Stream()
	}
	t := fmt.Sprintf("%T", m)
	return t[strings.LastIndexByte(t, '.')+1:]
}

// findMortal finds out who may crash, and how often, from what a profile
// draws: it keeps to the groups of the scenario.
func (v *vocabulary) findMortal(s *sim.Scenario, cfg sim.Config) error {
	if v.model.Crash == fault.NoCrash {
		return nil
	}
	cfg.Plan, cfg.Faults = nil, "crash"
	for cfg.Seed = range uint64(plansSampled) {
		w, err := s.World(cfg)
		if err != nil {
			return err
		}
		crashed := 0
		for _, l := range w.Plan() {
			if l.Verb == fault.Crash {
				crashed++
				v.mortal = append(v.mortal, l.Node)
			}
		}
		w.Close()
		v.most = max(v.most, crashed)
	}
	slices.Sort(v.mortal)
	v.mortal = slices.Compact(v.mortal)
	if v.model.Crash != fault.FailStop {
		v.most = mostCrashes
	}
	return nil
}

// allows reports whether there is anything for a spell to be about, and
// whether the scenario's model allows it.
func (v *vocabulary) allows(x spell) bool {
	switch {
	case x.crash && len(v.mortal) == 0, x.message && len(v.messages) == 0, x.pair && len(v.nodes) < 2:
		return false
	}
	return len(v.model.Outside(x.sample)) == 0
}

// drawPlan draws a list of spells and lays it out as a plan.
func (v *vocabulary) drawPlan(t *rapid.T) fault.Plan {
	if len(v.verbs) == 0 {
		return fault.Plan{}
	}
	list := rapid.SliceOfN(rapid.Custom(v.drawSpell), 0, mostSpells).Draw(t, "faults")
	plan := fault.Plan{}
	crashes := 0
	for _, lines := range list {
		if lines[0].Verb == fault.Crash {
			if crashes++; crashes > v.most {
				continue
			}
		}
		plan = append(plan, lines...)
	}
	// The order of the list has no meaning but for lines at one instant.
	slices.SortStableFunc(plan, func(a, b fault.Line) int { return cmp.Compare(rank(a), rank(b)) })
	return plan
}

// rank orders lines as profiles do: those for the whole run, those at an instant, and the others.
func rank(l fault.Line) clock.Time {
	switch {
	case l.Verb > fault.Repeat:
		return -1
	case l.Verb <= fault.Thaw && l.Effect == 0:
		return l.At
	}
	return clock.Never
}

// A told spell prints as lines of a plan in what rapid logs.
type told fault.Plan

// GoString implements fmt.GoStringer.
func (x told) GoString() string {
	return strings.TrimSuffix(strings.ReplaceAll(fault.Plan(x).String(), "\n", "; "), "; ")
}

func (v *vocabulary) drawSpell(t *rapid.T) told {
	return told(rapid.SampledFrom(v.verbs).Draw(t, "verb").draw(v, t))
}

// instant draws when a fault happens: early rather than late, since that is when systems decide.
func (v *vocabulary) instant(t *rapid.T) clock.Time {
	return clock.Time(rapid.IntRange(0, int(v.until/tick)-1).Draw(t, "at")) * clock.Time(tick)
}

// after draws the end of what begins at an instant; ok is false if it lasts until faults end.
func (v *vocabulary) after(t *rapid.T, at clock.Time) (end clock.Time, ok bool) {
	ticks := rapid.IntRange(0, 2000).Draw(t, "for")
	end = at.Add(time.Duration(ticks) * tick)
	return end, ticks > 0 && end < clock.Time(v.until)
}

// delay draws how late something is. Within bounds it leaves room for the law of delays.
func (v *vocabulary) delay(t *rapid.T) time.Duration {
	most := mostLate
	if v.model.Bounded {
		most = modestlyLate
	}
	return time.Duration(rapid.IntRange(1, int(most/tick)).Draw(t, "late")) * tick
}
