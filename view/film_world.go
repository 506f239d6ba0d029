package view

import (
	"iter"

	"simrun/sim"
)

// A standing world is one that was driven up to an event and waits there. The event has been applied, and the code that handles it has not run. It cannot be
// copied, nor go back.
type standing struct {
	w     *sim.World
	at    uint64 // the number of the event; 0 before the first
	event *sim.Event
	over  bool   // the run has ended
	used  uint64 // when it last went on, by the count of all events that were made: the one used last has the highest

	wanted uint64 // events before it are passed over
	pull   func() (*sim.Event, bool)
	stop   func()
}

// newStanding builds a world that stands before its first event.
func newStanding(s *sim.Scenario, cfg sim.Config) (*standing, error) {
	w, err := s.World(cfg)
	if err != nil {
		return nil, err
	}
	x := &standing{w: w}
	x.pull, x.stop = iter.Pull(func(yield func(*sim.Event) bool) {
		for e := range w.Events(0) {
			if e.Seq >= x.wanted && !yield(e) {
				return
			}
		}
	})
	return x, nil
}

// to lets the world go on until an event, and reports whether it has come so far.
func (x *standing) to(seq uint64) bool {
	x.wanted = seq
	e, ok := x.pull()
	if x.over = !ok; x.over {
		return false
	}
	x.event, x.at = e, e.Seq
	return true
}

// next lets the world go on to the next event, and reports whether there is one.
func (x *standing) next() bool { return !x.over && x.to(x.at+1) }

// end ends the run.
func (x *standing) end() {
	x.stop()
	x.w.Close()
}
