package chandylamport

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
)

// inFlight is what good runs reach now and then: a snapshot with a message in a channel.
const inFlight = "in-flight"

// amounts reads how much of what is conserved a snapshot shows.
func amounts(fact any) (what string, amount int64, ok bool) {
	f, ok := fact.(Complete)
	if !ok {
		return "", 0, false
	}
	return "snapshot " + f.Snapshot.ID.String(), f.Snapshot.Amount(), true
}

// turned reads whether a process is passive.
func turned(fact any) (passive any, ok bool) {
	f, ok := fact.(Turned)
	return f.Passive, ok
}

// terminated returns the outer property that a snapshot shows that the application has terminated if it had when the snapshot began, and only if
// it has when the snapshot is complete (section 4.3 of the paper). It is not asked while a process is without a state.
func terminated(c checkers.Cutting, whole func() bool) sim.Property {
	return checkers.Stable("terminated", c, turned, checkers.Terminated, func(fact any) (snapshot any, holds, ok bool) {
		f, ok := fact.(Complete)
		return f.Snapshot.ID, f.Snapshot.Terminated(), ok && whole()
	})
}

// markers returns the inner property that a snapshot that is complete has cost one marker a channel.
func markers(channels int) sim.Property {
	sent := make(map[ID]int)
	return checkers.Always("markers", true, []sim.Kind{sim.Sent, sim.Noted}, func(e *sim.Event) (bool, error) {
		switch x := e.Data.(type) {
		case Marker:
			sent[x.ID]++
		case Complete:
			n := sent[x.Snapshot.ID]
			delete(sent, x.Snapshot.ID)
			if n != channels {
				return true, fmt.Errorf("snapshot %v has taken %d markers over %d channels", x.Snapshot.ID, n, channels)
			}
			return true, nil
		}
		return false, nil
	})
}

// lastSnapshot returns the inner property that processes go back to the last snapshot that is complete, and to no older one.
func lastSnapshot() sim.Property {
	var last ID
	return checkers.Always("last-snapshot", true, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
		switch f := e.Data.(type) {
		case Complete:
			if last.Before(f.Snapshot.ID) {
				last = f.Snapshot.ID
			}
		case RolledBack:
			if f.To.Before(last) {
				return true, fmt.Errorf("%s went back to %v at %v, though %v was complete", e.Node, f.To, e.At, last)
			}
			return true, nil
		}
		return false, nil
	})
}

// An ending judges how a run ends: all snapshots that were asked for are complete, and the application comes to the right answer, as if nobody
// had looked, and nobody had crashed.
type ending struct {
	load        *apps.Workload
	want        int          // snapshots, in the last incarnation
	stable      bool         // processes go back after a crash
	incarnation uint32       // the last
	begun, done int          // snapshots, in the last incarnation
	under       int          // messages of the last incarnation that are under way
	over        bool         // a snapshot shows that the application has terminated
	gone        []sim.NodeID // processes that have started, and not gone back to anything yet
	checks      uint64

	rollbacks, complete, markers, inFlight uint64
}

// whole reports whether every process has a state: without stable storage, always.
func (x *ending) whole() bool { return !x.stable || len(x.gone) == 0 }

func newEnding(load *apps.Workload, snapshots int, stable bool) *ending {
	return &ending{load: load, want: snapshots, stable: stable}
}

func (x *ending) Name() string   { return "ending" }
func (x *ending) Inner() bool    { return false }
func (x *ending) Checks() uint64 { return x.checks }
func (x *ending) Watches() []sim.Kind {
	return []sim.Kind{sim.Started, sim.Sent, sim.Delivered, sim.Dropped, sim.Noted}
}

// Observe counts what is under way.
func (x *ending) Observe(e *sim.Event) error {
	if e.Kind == sim.Started && !slices.Contains(x.gone, e.Node) {
		x.gone = append(x.gone, e.Node)
	}
	switch m := e.Data.(type) {
	case App:
		x.enter(m.Incarnation)
		switch {
		case m.Incarnation != x.incarnation:
		case e.Kind == sim.Sent:
			x.under++
		case e.Kind != sim.Noted:
			x.under--
		}
	case Marker:
		if e.Kind == sim.Sent {
			x.markers++
		}
	case Recovering:
		x.enter(m.Incarnation)
		x.rollbacks++
	case RolledBack:
		x.gone = slices.DeleteFunc(x.gone, func(id sim.NodeID) bool { return id == e.Node })
	case Began:
		x.begun++
	case Complete:
		x.done++
		x.complete++
		x.over = x.over || m.Snapshot.Terminated()
		for _, p := range m.Snapshot.Parts {
			for _, c := range p.Channels {
				x.inFlight += uint64(len(c.Messages))
			}
		}
	}
	return nil
}

// enter forgets what was of an older incarnation.
func (x *ending) enter(n uint32) {
	if n > x.incarnation {
		x.incarnation, x.begun, x.done, x.under, x.over = n, 0, 0, 0, false
	}
}

// Finished reports whether all snapshots are complete, and one of them shows that there is nothing left to do.
func (x *ending) Finished() bool { return x.over && x.done >= x.want }

// End looks at the application.
func (x *ending) End(w *sim.World) (sim.Result, error) {
	x.checks++
	var all []apps.App
	for _, id := range x.load.Topology.Nodes {
		n, ok := w.Node(id)
		if !ok {
			return sim.Open, x.stall(w, "%s is down or busy", id)
		}
		a, ok := n.(interface{ Application() sim.Node }).Application().(apps.App)
		switch {
		case !ok:
			return sim.Open, x.stall(w, "%s has no state", id)
		case !a.Passive():
			return sim.Open, x.stall(w, "%s has not finished: %v", id, a)
		}
		all = append(all, a)
	}
	if x.under > 0 {
		return sim.Open, x.stall(w, "%d messages are under way", x.under)
	}
	if err := x.load.Answer(all); err != nil {
		return sim.Holds, err
	}
	if x.done < x.want {
		return sim.Open, x.stall(w, "%d of %d snapshots are complete, %d were begun", x.done, x.want, x.begun)
	}
	return sim.Holds, nil
}

// stall says what is missing at the end, and who waits for whom.
func (x *ending) stall(w *sim.World, format string, args ...any) error {
	why := fmt.Errorf(format, args...)
	var waits []checkers.Wait
	for _, id := range x.load.Topology.Nodes {
		if n, ok := w.Node(id); ok {
			waits = append(waits, n.(interface {
				waits(self sim.NodeID) []checkers.Wait
			}).waits(id)...)
		}
	}
	if err := checkers.Explain(w, waits); err != nil {
		return fmt.Errorf("%w. %w", why, err)
	}
	return why
}

// Reached says whether a message was caught in a channel.
func (x *ending) Reached() []string {
	if x.inFlight > 0 {
		return []string{inFlight}
	}
	return nil
}

// Tally adds what was done.
func (x *ending) Tally(add func(name string, n uint64)) {
	add("snapshots complete", x.complete)
	add("markers", x.markers)
	add("messages in channels", x.inFlight)
	add("recoveries", x.rollbacks)
}

// cutting says how global states are read from a run. Whole reports whether no process is without a state: the leader may think that everybody
// has gone back when somebody has crashed again.
func cutting(fifo bool, whole func() bool) checkers.Cutting {
	return checkers.Cutting{
		App: func(m sim.Message) (any, bool) {
			app, ok := m.(App)
			return app.Body, ok
		},
		ID: func(m sim.Message) any { return m.(App).Name },
		Recorded: func(fact any) (any, bool) {
			f, ok := fact.(Recorded)
			return f.ID, ok
		},
		Channel: func(fact any) (snapshot any, from sim.NodeID, bodies []any, ok bool) {
			f, ok := fact.(ChannelRecorded)
			for _, m := range f.Channel.Messages {
				bodies = append(bodies, m.Body)
			}
			return f.ID, f.Channel.From, bodies, ok
		},
		Complete: func(fact any) (any, bool) {
			f, ok := fact.(Complete)
			return f.Snapshot.ID, ok
		},
		Amount: func(fact any) (any, int64, bool) {
			f, ok := fact.(Recorded)
			return f.ID, f.Part.Amount, ok
		},
		Carried: func(body any) int64 { return body.(apps.Message).Amount() },
		FIFO:    fifo,
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
		Recovered: func(fact any) bool {
			_, ok := fact.(Recovered)
			return ok && whole()
		},
	}
}
