package search

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// How long a case is shaken without any success.
const shakes = 1500

// shake changes several things at random at once, and takes what is smaller. What can fail in one way can often fail by fewer faults at other
// places: no two steps that leave something out lead there, since the first of them makes the run pass.
func (x *shrinker) shake() {
	x.dice = chance.Seeded(1)
	for !x.over() {
		x.doing = "changing several things at once"
		seen := survey(x.now.Case)
		if seen == nil {
			break
		}
		round := x.thrown
		if x.first(shakes, func(i int) Case {
			x.thrown = round + uint64(i)*64
			return x.shaken(seen)
		}, x.lighter) < 0 {
			break
		}
		x.thrown = round + shakes*64
		kept := x.now
		x.descend()
		if x.now.size.weight() > kept.size.weight() {
			x.now = kept
		}
		x.best = x.now
	}
}

var throws = chance.NewStream("shrink", "", "", "shake")

// throw returns a number below n.
func (x *shrinker) throw(n int) int {
	x.thrown++
	return int(x.dice.Below(&throws, x.thrown, uint64(n)))
}

// A seen is what there was in a run that a fault could strike.
type seen struct {
	nodes    []string
	messages []message
	effects  map[string]uint64
	until    clock.Time
}

// A message as a plan names it: the n-th of its stream on its link. A long run has millions, and a whole line for each would be six times as large.
type message struct {
	from, to, stream string
	n                uint64
}

// lost is the line by which the message is lost.
func (m *message) lost() fault.Line {
	return fault.Line{Verb: fault.Lose, From: m.from, To: m.to, Stream: m.stream, N: m.n}
}

// late is the line by which it comes that much later.
func (m *message) late(by time.Duration) fault.Line {
	l := m.lost()
	l.Verb, l.Time = fault.Delay, by
	return l
}

// survey makes the run of a case and looks.
func survey(c Case) *seen {
	w, err := c.World()
	if err != nil {
		return nil
	}
	s := &seen{effects: map[string]uint64{}}
	for _, id := range w.Nodes() {
		s.nodes = append(s.nodes, string(id))
	}
	count := map[message]uint64{}
	for e := range w.Events(0) {
		switch e.Kind {
		case sim.Sent:
			m := message{from: string(e.Node), to: string(e.Peer), stream: sim.StreamOf(e.Data)}
			count[m]++
			m.n = count[m]
			s.messages = append(s.messages, m)
			s.effects[m.from]++
		case sim.TimerSet, sim.DiskDone, sim.Noted:
			s.effects[string(e.Node)]++
		}
		s.until = e.At
	}
	return s
}

// shaken is the case with up to two things left out and others changed, and sometimes with something new.
func (x *shrinker) shaken(s *seen) Case {
	var gone []int
	for range min(x.throw(3), x.len()) {
		if i := x.throw(x.len()); !slices.Contains(gone, i) {
			gone = append(gone, i)
		}
	}
	slices.Sort(gone)
	c := x.now.without(gone...)
	p := slices.Clone(*c.Config.Plan)
	for range 1 + x.throw(3) {
		if len(p) > 0 {
			x.change(&p[x.throw(len(p))], s)
		}
	}
	if len(gone) > 1 && x.throw(2) == 0 {
		p = append(p, x.fresh(s))
	}
	return x.fewerEntries(x.fewerOf(c.withPlan(p)))
}

// fewerOf makes a number smaller and sets a time, now and then: where there are fewer transactions, another effect is the one after which a crash does harm, and where there is less
// work, something else must begin earlier to fall into it.
func (x *shrinker) fewerOf(c Case) Case {
	for _, o := range x.Case.Scenario.Options {
		set := ""
		switch o.Default.(type) {
		case int:
			if now := c.Config.Options.Int(o.Name); now > o.Min && x.throw(4) == 0 {
				set = fmt.Sprintf("%s=%d", o.Name, now-1-x.throw(2)*(now-1-o.Min))
			}
		case time.Duration:
			if x.throw(4) == 0 {
				set = fmt.Sprintf("%s=%v", o.Name, time.Duration(1+x.throw(20))*time.Millisecond/2)
			}
		}
		if set == "" {
			continue
		}
		if other := c.with(set); other.Scenario != nil {
			c = other
		}
	}
	return c
}

// fewerEntries leaves out, now and then, an entry of a list that is set.
func (x *shrinker) fewerEntries(c Case) Case {
	for _, o := range c.Scenario.Options {
		if _, text := o.Default.(string); !text || len(o.Of) > 0 || !c.Config.Options.Has(o.Name) || x.throw(2) == 0 {
			continue
		}
		text := c.Config.Options.Text(o.Name)
		sep := separator(text)
		if sep == "" {
			continue
		}
		list := entries(text, sep)
		i := x.throw(len(list))
		return c.with(o.Name + "=" + join(slices.Delete(list, i, i+1), sep))
	}
	return c
}

// change changes a line.
func (x *shrinker) change(l *fault.Line, s *seen) {
	node := func() string { return s.nodes[x.throw(len(s.nodes))] }
	switch {
	case l.Effect > 0:
		if x.throw(4) == 0 {
			l.Node = node()
		}
		l.Effect = 1 + uint64(x.throw(int(s.effects[l.Node])+1))
	case l.Place() == fault.Single && l.From != "" && len(s.messages) > 0:
		m := s.messages[x.throw(len(s.messages))]
		l.From, l.To, l.Stream, l.N = m.from, m.to, m.stream, m.n
	case l.Place() == fault.Timed && x.throw(2) == 0:
		l.At = x.instant(s)
	case l.Verb == fault.Cut || l.Verb == fault.Heal && len(l.Sides[0]) > 0:
		l.Sides = x.sides(s)
	case l.Node != "" && x.throw(2) == 0:
		l.Node = node()
	}
	if l.Time > 0 && x.throw(2) == 0 {
		l.Time = []time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond}[x.throw(7)]
	}
}

func (x *shrinker) instant(s *seen) clock.Time {
	return clock.Time(x.throw(int(s.until/clock.Time(time.Millisecond))+2)) * clock.Time(time.Millisecond)
}

// sides puts each node on one of two sides, or one against all others.
func (x *shrinker) sides(s *seen) (sides [2][]string) {
	one := x.throw(len(s.nodes) + 2)
	for i, n := range s.nodes {
		side := 0
		if one < len(s.nodes) && i != one || one >= len(s.nodes) && x.throw(2) == 0 {
			side = 1
		}
		sides[side] = append(sides[side], n)
	}
	return sides
}

// fresh is a fault that was not there.
func (x *shrinker) fresh(s *seen) fault.Line {
	if len(s.messages) == 0 || x.throw(3) == 0 {
		n := s.nodes[x.throw(len(s.nodes))]
		return fault.Line{Verb: fault.Crash, Node: n, Effect: 1 + uint64(x.throw(int(s.effects[n])+1)), Time: time.Millisecond}
	}
	m := &s.messages[x.throw(len(s.messages))]
	if x.throw(2) == 0 {
		return m.late(time.Duration(1+x.throw(50)) * time.Millisecond)
	}
	return m.lost()
}
