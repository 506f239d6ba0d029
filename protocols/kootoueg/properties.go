package kootoueg

import (
	"errors"
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
)

// cutting says how checkpoints and rollbacks are read from a run.
func cutting(fifo bool) checkers.Cutting {
	tentative := make(map[sim.NodeID]ID) // what each process has recorded last
	return checkers.Cutting{
		App: func(m sim.Message) (any, bool) {
			app, ok := m.(App)
			return app.Body, ok
		},
		ID: func(m sim.Message) any { return m.(App).Name },
		Recorded: func(fact any) (any, bool) {
			f, ok := fact.(Recorded)
			if ok {
				tentative[f.By] = f.ID
			}
			return f.ID, ok
		},
		FIFO: fifo,
		Held: func(fact any) bool {
			_, ok := fact.(Discarded)
			return ok
		},
		Received: func(any) (any, bool) { return nil, false }, // what is discarded is never received
		RolledBack: func(fact any) (any, bool) {
			f, ok := fact.(RolledBack)
			if f.To == (ID{}) {
				return nil, ok
			}
			return f.To, ok
		},
		Permanent: func(fact any) (any, bool) {
			switch f := fact.(type) {
			case MadePermanent:
				return f.ID, true
			case Restarted: // it may have crashed before it could note that
				return f.Permanent, f.Permanent != ID{}
			}
			return nil, false
		},
		Undone: func(fact any) (any, bool) {
			switch f := fact.(type) {
			case Undone:
				return f.ID, true
			case Restarted: // a checkpoint that did not reach the disk
				id := tentative[f.By]
				return id, id != ID{} && id != f.Permanent && id != f.Tentative
			}
			return nil, false
		},
	}
}

// A whenOver leaves out the end of a run in which a rollback or a checkpoint is not over: some have gone back then, and others not yet.
type whenOver struct{ sim.Property }

func (x whenOver) End(w *sim.World) (sim.Result, error) {
	if !over(w) {
		return sim.Holds, nil
	}
	return x.Property.End(w)
}

// over reports whether everybody is there and in the middle of nothing.
func over(w *sim.World) bool {
	for _, id := range w.Nodes() {
		if n, ok := w.Node(id); !ok || n.(*Process).Waits() != "" {
			return false
		}
	}
	return true
}

// Inner says that no user could see it.
func (whenOver) Inner() bool { return true }

// Watches says what the property itself says.
func (x whenOver) Watches() []sim.Kind {
	return x.Property.(interface{ Watches() []sim.Kind }).Watches()
}

// An ending judges how a run ends: the application has come to the right answer, as if nobody had crashed, and all checkpoints that were wanted
// are permanent.
type ending struct {
	load                    *apps.Workload
	initiators, checkpoints int
	seen                    bool
	resting                 map[sim.NodeID]bool // those that have rested, and done nothing since
	under                   int                 // messages on their way
	counts                  map[string]uint64
}

func newEnding(load *apps.Workload, initiators, checkpoints int) *ending {
	return &ending{load: load, initiators: initiators, checkpoints: checkpoints, resting: make(map[sim.NodeID]bool), counts: make(map[string]uint64)}
}

func (x *ending) Name() string { return "ending" }
func (x *ending) Inner() bool  { return false }
func (x *ending) Watches() []sim.Kind {
	return []sim.Kind{sim.Sent, sim.Delivered, sim.Dropped, sim.TimerFired, sim.Crashed, sim.Noted}
}

// Finished reports whether everybody has rested, nobody has done anything since, and nothing is on its way.
func (x *ending) Finished() bool { return x.under == 0 && len(x.resting) == x.load.Len() }

// Checks is one: there is one end.
func (x *ending) Checks() uint64 {
	if x.seen {
		return 1
	}
	return 0
}

// Observe counts what is done, and what is under way.
func (x *ending) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		switch e.Kind {
		case sim.Sent:
			x.under++
		case sim.Delivered, sim.Dropped:
			x.under--
		}
		if _, rests := e.Data.(rest); !rests && e.Kind != sim.Dropped {
			delete(x.resting, e.Node)
		}
		return nil
	}
	switch f := e.Data.(type) {
	case Rested:
		x.resting[e.Node] = true
	case Decided:
		switch {
		case f.Yes && f.ID.Rollback:
			x.counts["rollbacks"]++
		case f.Yes:
			x.counts["checkpoints"]++
		default:
			x.counts["given up"]++
		}
	case MadePermanent:
		x.counts["taken"]++
	case RolledBack:
		x.counts["gone back"]++
	}
	return nil
}

// End looks at all processes.
func (x *ending) End(w *sim.World) (sim.Result, error) {
	x.seen = true
	var all []apps.App
	var waiting []string
	var waits []checkers.Wait
	for i, id := range x.load.Topology.Nodes {
		say, app := x.look(w, i, id)
		if n, ok := w.Node(id); ok {
			waits = append(waits, n.(*Process).waits(id)...)
		}
		if say != "" {
			waiting = append(waiting, string(id)+" "+say)
		}
		all = append(all, app)
	}
	if len(waiting) > 0 {
		why := strings.Join(waiting, "; ")
		if err := checkers.Explain(w, waits); err != nil {
			return sim.Open, fmt.Errorf("%s. %w", why, err)
		}
		return sim.Open, errors.New(why)
	}
	if x.under > 0 { // what they carry is in no state, and would be missed
		return sim.Open, fmt.Errorf("%d messages are under way", x.under)
	}
	return sim.Holds, x.load.Answer(all)
}

// look says what a process has not finished, "" if it has.
func (x *ending) look(w *sim.World, i int, id sim.NodeID) (waits string, app apps.App) {
	n, ok := w.Node(id)
	if !ok {
		if since, down := w.Down(id); down {
			return fmt.Sprintf("is down since %v", since), nil
		}
		return "is busy", nil
	}
	p := n.(*Process)
	app, _ = p.Application().(apps.App)
	switch waits := p.Waits(); {
	case waits != "":
		return waits, app
	case !app.Passive():
		return "has not finished: " + app.String(), app
	case i < x.initiators && p.taken < x.checkpoints:
		return fmt.Sprintf("has taken %d checkpoints of %d", p.taken, x.checkpoints), app
	}
	return "", app
}

// Tally adds what was done.
func (x *ending) Tally(add func(name string, n uint64)) {
	for _, name := range []string{"checkpoints", "taken", "rollbacks", "gone back", "given up"} {
		add(name, x.counts[name])
	}
}
