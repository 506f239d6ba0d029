package search

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// spellOut puts lines about single messages into the place of laws and rates and of the picks behind them: what was lost, late or
// repeated is then a fault like any other, and can be left out by itself. All other messages take the millisecond that they take where a plan
// says nothing. It is taken only if it makes the case smaller.
func (x *shrinker) spellOut() {
	if !slices.ContainsFunc(x.now.plan, aboutLinks) {
		return
	}
	lines, err := messages(x.now.Case)
	if err != nil {
		return
	}
	kept := x.now
	spelt := kept.withPlan(append(slices.DeleteFunc(slices.Clone(kept.plan), aboutLinks), lines...))
	spelt.Tape = slices.DeleteFunc(slices.Clone(kept.Tape), func(d chance.Decision) bool {
		verb, _, _ := strings.Cut(d.Key, " ")
		return verb == "lose" || verb == "delay" || verb == "repeat"
	})
	if x.first(1, func(int) Case { return spelt }, nil) < 0 {
		return
	}
	x.lines()
	if x.now.size.weight() > kept.size.weight() {
		x.now = kept
	}
}

// aboutLinks reports whether a line says how links are.
func aboutLinks(l fault.Line) bool {
	switch l.Verb {
	case fault.Law, fault.Loss, fault.Repeats, fault.Rate:
		return l.Place() != fault.Single
	}
	return false
}

// usual is how long messages take where a plan says nothing.
const usual = time.Millisecond

// messages makes the run of a case and returns a line for each message that was lost by chance, late or repeated. An error says that it cannot be made,
// or that there are too many of them.
func messages(c Case) (lines fault.Plan, err error) {
	w, err := c.World()
	if err != nil {
		return nil, err
	}
	type sent struct {
		link, stream string
		n            uint64
		at, arrived  clock.Time
	}
	count, under := map[string]uint64{}, map[uint64]*sent{}
	line := func(v fault.Verb, s *sent, t time.Duration) {
		from, to, _ := strings.Cut(s.link, ">")
		lines = append(lines, fault.Line{Verb: v, From: from, To: to, Stream: s.stream, N: s.n, Time: t})
	}
	for e := range w.Events(0) {
		switch e.Kind {
		case sim.Sent:
			s := &sent{link: string(e.Node) + ">" + string(e.Peer), stream: sim.StreamOf(e.Data), at: e.At}
			key := s.link + " " + s.stream
			count[key]++
			s.n = count[key]
			under[e.Seq] = s
		case sim.Dropped:
			if s := under[e.Cause]; s != nil && e.Reason == "loss" {
				line(fault.Lose, s, 0)
			}
		case sim.Delivered:
			s := under[e.Cause]
			switch {
			case s == nil:
			case s.arrived > 0:
				line(fault.Repeat, s, max(e.At.Sub(s.arrived), 1))
			default:
				if s.arrived = e.At; e.At.Sub(s.at) > usual {
					line(fault.Delay, s, e.At.Sub(s.at)-usual)
				}
			}
		}
		if len(lines) > mostSpelt { // of a livelock it could be all that a machine has room for
			return nil, fmt.Errorf("search: more than %d messages", mostSpelt)
		}
	}
	return lines, nil
}

// mostSpelt is how many messages are worth a line each.
const mostSpelt = 2000
