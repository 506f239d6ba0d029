package checkers

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// overdue is how long an operation may be under way when a run ends. Faults have ended long before, and services recover in much less.
const overdue = 2 * time.Second

// A progress is the liveness property of services.
type progress struct {
	History
	look     func(w *sim.World) ([]Wait, bool)
	open     []pending
	ended    int // operations
	answered int
	vain     int // given up since the last that was answered
	settled  clock.Time
	over     bool       // faults are, since settled
	asked    clock.Time // when faults had ended long before, the first call since then and since the last answer that was given up; 0: there is none
	late     bool       // and another was given up long after it
	checks   uint64
}

// A pending operation was called and has not ended.
type pending struct {
	id    OpID
	since clock.Time
}

// Progress returns the liveness property "progress": all operations of a history, which must have a Total, end, answered or given up. It is finished when they have, unless the last were in vain.
//
// If they have not when the run ends, look says who waits for whom, and whether a client has called and ended all that it was to. The run is stalled if an operation is under way for two
// seconds, or given up and none was answered since, or if none has ended. Else the service answers: if a client has come to its end the others are late, as one is that stood still for long, and that is no stall; and if
// none has, there was too little time for so much work, so that nobody knows.
//
// That all have ended is not enough either, since clients that give up come to their end with any service. The run is stalled too if, from two seconds after the end of faults on, operations were called and given up for
// two seconds and none was answered since. Where all were given up sooner, nothing is judged: Checks is 0. An operation that failed was not answered.
func Progress(h History, look func(w *sim.World) (waits []Wait, done bool)) sim.Property {
	return &progress{History: h, look: look}
}

func (p *progress) Name() string        { return "progress" }
func (p *progress) Inner() bool         { return false }
func (p *progress) Watches() []sim.Kind { return []sim.Kind{sim.Noted, sim.Settled} }
func (p *progress) Finished() bool      { return p.ended >= p.Total && !p.late }
func (p *progress) Checks() uint64      { return p.checks }

// Observe notices what begins and what ends.
func (p *progress) Observe(e *sim.Event) error {
	if e.Kind == sim.Settled {
		p.settled, p.over = e.At, true
		return nil
	}
	if id, _, _, ok := p.Call(e.Data); ok {
		p.open = append(p.open, pending{id, e.At})
		return nil
	}
	id, _, outcome, ok := p.Return(e.Data)
	if !ok {
		return nil
	}
	if i := slices.IndexFunc(p.open, func(c pending) bool { return c.id == id }); i >= 0 { // else it had been given up, and its client has heard after all
		if outcome == Unknown {
			p.despair(p.open[i].since, e.At)
		}
		p.open = slices.Delete(p.open, i, i+1)
		p.ended++
	}
	switch outcome {
	case Done:
		p.answered++
		p.vain, p.asked, p.late = 0, 0, false
	case Unknown:
		p.vain++
	}
	return nil
}

// despair takes in that an operation was given up. One alone says little: its client may have asked nobody but a server that stays broken.
func (p *progress) despair(called, ended clock.Time) {
	if !p.over || called.Sub(p.settled) < overdue {
		return
	}
	if p.asked == 0 || called < p.asked {
		p.asked = called
	}
	p.late = p.late || ended.Sub(p.asked) >= overdue
}

// End asks whether the run came to its end.
func (p *progress) End(w *sim.World) (sim.Result, error) {
	if p.Finished() && p.answered == 0 { // there is nothing to judge by
		return sim.Holds, nil
	}
	p.checks++
	if p.Finished() {
		return sim.Holds, nil
	}
	tally := fmt.Sprintf("%d of %d operations have ended", p.ended, p.Total)
	waits, done := p.look(w)
	if p.late && len(p.open) == 0 {
		tally += fmt.Sprintf(", the last %d in vain", p.vain)
	}
	var open []string
	for _, c := range p.open {
		open = append(open, c.id.String())
	}
	waiting := func(c pending) bool { return w.Now().Sub(c.since) >= overdue }
	if p.ended == 0 && len(p.open) > 0 || p.vain > 0 || slices.ContainsFunc(p.open, waiting) {
		if len(open) > 0 {
			tally += fmt.Sprintf(", and %s %s not", firstOf(open, fewNames), inNumber(len(open), "has", "have"))
		}
		if why := Explain(w, waits); why != nil {
			return sim.Open, fmt.Errorf("%s: %w", tally, why)
		}
		return sim.Open, errors.New(tally + ": nobody waits")
	}
	if done {
		return sim.Holds, nil
	}
	return sim.Unknown, fmt.Errorf("the run was too short: %s in %v", tally, w.Now())
}
