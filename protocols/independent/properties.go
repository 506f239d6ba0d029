package independent

import (
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk"
)

// appended returns the bytes of an append to a disk.
func appended(e *sim.Event) ([]byte, bool) {
	op, ok := e.Data.(*disk.Op)
	if !ok || op.Kind != disk.AppendOp || op.Err != nil {
		return nil, false
	}
	return op.Bytes, true
}

// noOrphan is the inner property that recovery lines are consistent: when all have rolled back, and at every
// message handled while nobody recovers, what is received has been sent.
func (l *ledger) noOrphan() sim.Property {
	return checkers.Always("no-orphan", true, kinds, func(e *sim.Event) (bool, error) {
		l.enter(e)
		return l.judged, l.wrong
	})
}

// outputCommit is the property that what the outside world has seen is never undone.
func (l *ledger) outputCommit() sim.Property {
	return checkers.Always("output-commit", false, kinds, func(e *sim.Event) (bool, error) {
		l.enter(e)
		_, released := e.Data.(Released)
		return released, l.undone
	})
}

// patient is how many rollbacks of each process, on average, one failure may cause.
const patient = 10

// noLivelock is the property that recovery ends: a failure does not make processes roll back again and again.
func (l *ledger) noLivelock() sim.Property {
	return checkers.Always("no-livelock", false, kinds, func(e *sim.Event) (bool, error) {
		l.enter(e)
		if _, ok := e.Data.(RolledBack); !ok {
			return false, nil
		}
		if l.since <= patient*len(l.nodes) {
			return true, nil
		}
		return true, fmt.Errorf("livelock: %s rolls back for the %dth time, and there have been %d rollbacks since somebody last failed", e.Node, l.self[l.place(e.Node)].back, l.since)
	})
}

// A delivery is the property that once a run has come to rest what was received has been sent, and what was sent has been received or declared
// lost.
type delivery struct {
	*ledger
	checks uint64
}

// Name implements sim.Property.
func (p *delivery) Name() string { return "nothing-lost" }

// Watches implements sim.Property.
func (p *delivery) Watches() []sim.Kind { return kinds }

// Observe implements sim.Property.
func (p *delivery) Observe(e *sim.Event) error {
	p.enter(e)
	return nil
}

// Checks implements sim.Property.
func (p *delivery) Checks() uint64 { return p.checks }

// End implements sim.Property.
func (p *delivery) End(w *sim.World) (sim.Result, error) {
	if p.waits(w) != "" {
		return sim.Holds, nil // something may still be on its way
	}
	p.checks++
	if p.audit(); p.wrong != nil {
		return sim.Holds, p.wrong
	}
	return sim.Holds, p.lost()
}

// An ending judges a run that has come to rest: the application's answer is right. A run that does not come to
// rest has stalled.
type ending struct {
	*ledger
	load   *apps.Workload // nil: a script
	checks uint64
}

// Name implements sim.Property.
func (p *ending) Name() string { return "right-answer" }

// Watches implements sim.Property.
func (p *ending) Watches() []sim.Kind { return kinds }

// Observe implements sim.Property.
func (p *ending) Observe(e *sim.Event) error {
	p.enter(e)
	return nil
}

// Finished lets a run end when there is nothing more to do.
func (p *ending) Finished() bool { return p.quiet() }

// Checks implements sim.Property.
func (p *ending) Checks() uint64 { return p.checks }

// End implements sim.Property.
func (p *ending) End(w *sim.World) (sim.Result, error) {
	p.checks++
	if waits := p.waits(w); waits != "" {
		if err := checkers.Explain(w, p.recovering(w)); err != nil {
			waits += ". " + err.Error()
		}
		return sim.Open, fmt.Errorf("the work is not done: %s", waits)
	}
	if p.load == nil || p.declared > 0 {
		return sim.Holds, nil
	}
	var all []apps.App
	for i := range p.nodes {
		app := p.load.Boot(i)
		if err := app.UnmarshalBinary([]byte(p.self[i].state)); err != nil {
			return sim.Holds, fmt.Errorf("%s rests in a state that is none: %w", p.nodes[i], err)
		}
		all = append(all, app)
	}
	return sim.Holds, p.load.Answer(all)
}

// waits says who has not finished.
func (p *ledger) waits(w *sim.World) string {
	var say []string
	for i, id := range p.nodes {
		switch b := &p.self[i]; {
		case !w.Healed(id):
			say = append(say, string(id)+" is broken for good")
			if since, down := w.Down(id); down {
				say[len(say)-1] = fmt.Sprintf("%s is down since %v", id, since)
			}
		case !b.working:
			say = append(say, fmt.Sprintf("%s waits for a recovery to end", id))
		case !b.idle:
			say = append(say, fmt.Sprintf("%s still works, having rolled back %d times", id, b.back))
		}
	}
	return strings.Join(say, ", ")
}

// recovering lists those that are in a recovery: it goes on until all have taken part.
func (p *ledger) recovering(w *sim.World) (waits []checkers.Wait) {
	for i, id := range p.nodes {
		if !w.Healed(id) || p.self[i].working {
			continue
		}
		wait := checkers.Wait{Node: id, State: "is in a recovery"}
		for j, other := range p.nodes {
			if j != i && !(w.Healed(other) && p.self[j].working) {
				wait.For = append(wait.For, other)
			}
		}
		waits = append(waits, wait)
	}
	return waits
}

// Account tells what the run has cost.
func (p *ending) Account() string {
	rows := []struct {
		what string
		n    uint64
	}{
		{"messages and timers handled", p.work}, {"of these undone", p.wasted}, {"recoveries", p.lines}, {"rollbacks caused by others'", p.dominoes},
		{"messages declared lost", p.declared}, {"checkpoints", p.checkpoints}, {"bytes of checkpoints", p.bytes}, {"bytes of logs", p.logBytes},
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-28s %8d\n", r.what, r.n)
	}
	return b.String()
}

// Tally adds the same for the summary of many runs.
func (p *ending) Tally(add func(name string, n uint64)) {
	add("handled", p.work)
	add("undone", p.wasted)
	add("checkpoint bytes", p.bytes)
	add("log bytes", p.logBytes)
}
