package laiyang

import (
	"fmt"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
)

// What good runs reach now and then: a snapshot with a message in a channel, snapshots under way at the same time, and a red message that makes its receiver
// record.
const (
	inFlight    = "in-flight"
	overlapping = "overlapping"
	heldBack    = "held-back"
)

// cutting says how global states are read from a run.
func cutting() checkers.Cutting {
	return checkers.Cutting{
		App: func(m sim.Message) (any, bool) {
			app, ok := m.(App)
			return app.Body, ok
		},
		Recorded: func(fact any) (any, bool) {
			f, ok := fact.(Recorded)
			return f.ID, ok
		},
		Held: func(fact any) bool {
			f, ok := fact.(Recorded)
			return ok && f.Held
		},
		Channel: func(fact any) (snapshot any, from sim.NodeID, bodies []any, ok bool) {
			f, ok := fact.(ChannelRecorded)
			for _, m := range f.Channel.Messages {
				bodies = append(bodies, m)
			}
			return f.ID, f.Channel.From, bodies, ok
		},
		To: func(fact any) sim.NodeID { return fact.(ChannelRecorded).Channel.To },
		Complete: func(fact any) (any, bool) {
			f, ok := fact.(Complete)
			return f.Snapshot.ID, ok
		},
		Amount: func(fact any) (any, int64, bool) {
			f, ok := fact.(Recorded)
			return f.ID, f.Part.Amount, ok
		},
		Carried: func(body any) int64 { return body.(apps.Message).Amount() },
	}
}

// passive reads whether a process is passive from now on.
func passive(fact any) (state any, ok bool) {
	f, ok := fact.(Turned)
	return f.Passive, ok
}

// A bill is what a snapshot has cost in messages over links; what the initiator sends to itself costs nothing.
type bill struct{ takes, reports, lates int }

// due is what a snapshot must have cost: a Take to each of the others and a Report back; and by counting each message that was in a channel of another
// process once more, since that sends it on.
func due(s Snapshot, processes int, method Method) bill {
	b := bill{takes: processes - 1, reports: processes - 1}
	for _, c := range s.Channels {
		if method == ByCounting && c.To != s.ID.Initiator {
			b.lates += len(c.Messages)
		}
	}
	return b
}

// control returns the inner property that a snapshot that is complete has cost what is due.
func control(processes int, method Method) sim.Property {
	bills := make(map[ID]*bill)
	of := func(id ID) *bill {
		if bills[id] == nil {
			bills[id] = &bill{}
		}
		return bills[id]
	}
	return checkers.Always("control", true, []sim.Kind{sim.Sent, sim.Noted}, func(e *sim.Event) (bool, error) {
		switch x := e.Data.(type) {
		case Take:
			of(x.ID).takes++
		case Report:
			of(x.ID).reports++
		case Late:
			of(x.ID).lates++
		case Complete:
			got, want := *of(x.Snapshot.ID), due(x.Snapshot, processes, method)
			delete(bills, x.Snapshot.ID)
			if got != want {
				return true, fmt.Errorf("snapshot %v has cost %+v, which must be %+v", x.Snapshot.ID, got, want)
			}
			return true, nil
		}
		return false, nil
	})
}

// An ending judges how a run ends: all snapshots that were asked for are complete, and the application comes to the right answer, as if nobody
// had looked.
type ending struct {
	load        *apps.Workload
	want        int  // snapshots
	begun, done int  // snapshots
	under       int  // messages under way
	over        bool // a snapshot shows that the application has terminated
	checks      uint64

	control, channels, history uint64
	overlapped, held           bool
}

func newEnding(load *apps.Workload, snapshots int) *ending {
	return &ending{load: load, want: snapshots}
}

func (x *ending) Name() string   { return "ending" }
func (x *ending) Inner() bool    { return false }
func (x *ending) Checks() uint64 { return x.checks }
func (x *ending) Watches() []sim.Kind {
	return []sim.Kind{sim.Sent, sim.Delivered, sim.Dropped, sim.Noted}
}

// Observe counts what is under way.
func (x *ending) Observe(e *sim.Event) error {
	switch m := e.Data.(type) {
	case App:
		if e.Kind == sim.Sent {
			x.under++
		} else {
			x.under--
		}
	case Take, Report, Late:
		if e.Kind == sim.Sent {
			x.control++
		}
	case Began:
		x.begun++
		x.overlapped = x.overlapped || x.begun-x.done > 1
	case Recorded:
		x.held = x.held || m.Held
		if len(m.Part.History.Sent) > 0 { // by counting there is none
			x.history += uint64(len(m.Part.History.append(nil)))
		}
	case Complete:
		x.done++
		x.over = x.over || m.Snapshot.Terminated()
		x.channels += uint64(m.Snapshot.InFlight())
	}
	return nil
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
		a := n.(interface{ Application() sim.Node }).Application().(apps.App)
		if !a.Passive() {
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

// Reached says what of the rarer things has happened.
func (x *ending) Reached() (names []string) {
	for _, r := range []struct {
		name string
		ok   bool
	}{{inFlight, x.channels > 0}, {overlapping, x.overlapped}, {heldBack, x.held}} {
		if r.ok {
			names = append(names, r.name)
		}
	}
	return names
}

// Tally adds what was done, and what it has cost: in a history, every message that was ever sent, for each snapshot again.
func (x *ending) Tally(add func(name string, n uint64)) {
	add("snapshots complete", uint64(x.done))
	add("control messages", x.control)
	add("messages in channels", x.channels)
	add("bytes of history", x.history)
}
