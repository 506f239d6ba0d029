package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"simrun/sim"
)

// A Film is a run whose states can be seen at any event, however long it is. A Trace holds the states of some events in memory; a Film
// makes the run once more up to the event that it is asked about, and from there on writes a piece of states down, a reel.
//
// Its memory is bounded. It keeps the reels that were looked at last, and some worlds that stand still, each at the event that it has come to: the
// next reel begins at the nearest of them. They stand at growing distances from the end, where most people look, so that going back costs little
// near the end and never more than half a run.
//
// Its methods may be called by several goroutines.
type Film struct {
	Trace *Trace // the events; of its states those that it holds

	scenario *sim.Scenario
	cfg      sim.Config

	mu     sync.Mutex
	worlds []*standing // ascending by the event at which they stand
	reels  []*Trace    // states alone; the one that was looked at last is the last
	made   uint64      // events that were made once more, for tests
}

// The bounds of a Film.
const (
	reelEvents = 1024    // events in a reel
	mostReels  = 64      // that are kept
	mostLoose  = 2       // worlds that stand where somebody looked, beside those at their places
	nearest    = 1 << 14 // events from the end to the nearest place
	growth     = 4       // each place is that many times as far from the end as the one before
	atATime    = 1 << 16 // events between two looks whether anybody still waits
)

// NewFilm returns the film of the run that was recorded with cfg. It must be closed.
func NewFilm(s *sim.Scenario, cfg sim.Config, t *Trace) *Film {
	cfg.Reuse = nil // there are several worlds at a time
	return &Film{Trace: t, scenario: s, cfg: cfg}
}

// Close ends the worlds that stand still.
func (f *Film) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range f.worlds {
		x.end()
	}
	f.worlds = nil
}

// State returns the state of a node after an event, as Trace.State does. The error says that the run is another one when it is made again, or
// that the context is done.
func (f *Film) State(ctx context.Context, node sim.NodeID, seq uint64) (lines []StateLine, err error) {
	err = f.look(ctx, seq, func(t *Trace) { lines = t.State(node, seq) })
	return lines, err
}

// Changes returns what an event changed, as Trace.Changes does.
func (f *Film) Changes(ctx context.Context, seq uint64) (diff []Change, err error) {
	err = f.look(ctx, seq, func(t *Trace) { diff = t.Changes(seq) })
	return diff, err
}

// Skew returns by how much a node's wall clock was ahead of true time at the last event that it saw, or at one since.
func (f *Film) Skew(ctx context.Context, node sim.NodeID, seq uint64) (by time.Duration, err error) {
	err = f.look(ctx, seq, func(t *Trace) { by = t.skew(node, seq) })
	return by, err
}

// skew is the last skew of a node up to an event.
func (t *Trace) skew(node sim.NodeID, seq uint64) (by time.Duration) {
	for _, s := range t.skews {
		if uint64(s.seq) > seq {
			break
		}
		if t.Nodes[s.node] == node {
			by = s.by
		}
	}
	return by
}

// look shows the states around an event.
func (f *Film) look(ctx context.Context, seq uint64, show func(*Trace)) error {
	if last := uint64(f.Trace.Len()); seq < 1 || seq > last {
		return fmt.Errorf("view: there is no event %d: the run has events 1 to %d", seq, last)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.Trace; t.States.Holds(seq) && (seq == 1 || t.States.Holds(seq-1)) {
		show(t)
		return nil
	}
	from := (seq-1)/reelEvents*reelEvents + 1
	i := slices.IndexFunc(f.reels, func(t *Trace) bool { return t.States.From == from-1 })
	if i < 0 {
		reel, err := f.expose(ctx, from)
		if err != nil {
			return err
		}
		if f.reels = append(f.reels, reel); len(f.reels) > mostReels {
			f.reels = slices.Delete(f.reels, 0, 1)
		}
		i = len(f.reels) - 1
	}
	reel := f.reels[i]
	f.reels = append(slices.Delete(f.reels, i, i+1), reel)
	show(reel)
	return nil
}

// expose makes the reel that begins at an event.
func (f *Film) expose(ctx context.Context, from uint64) (*Trace, error) {
	x, err := f.take(from - 1)
	if err != nil {
		return nil, err
	}
	if err := f.advance(ctx, x, from-1); err != nil {
		x.end()
		return nil, err
	}
	to := from + reelEvents - 1
	r := newRecorder(f.Trace.Scenario, f.cfg, Window{from - 1, to}) // from-1: it begins with all that is there
	r.begin(x.w)
	for x.next() && x.at <= to {
		r.look(x.event)
	}
	for ; !x.over && r.waits() && x.at < to+reelEvents; x.next() { // for the nodes that are busy
		r.settle()
	}
	r.settle()
	r.arrange()
	f.made += x.at - from + 1
	if x.at == from-1 { // it should have gone on
		x.end()
		return nil, f.parted()
	}
	f.keep(x)
	return r.t, nil
}

// advance lets a world go on until it stands at an event.
func (f *Film) advance(ctx context.Context, x *standing, seq uint64) error {
	for x.at < seq {
		before := x.at
		if !x.to(min(seq, before+atATime)) {
			return f.parted()
		}
		f.made += x.at - before
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// parted is the error of a run that ended earlier than the one that was recorded.
func (f *Film) parted() error {
	return fmt.Errorf("view: the run is another one when it is made again: it depends on what is not in its seed")
}

// take takes the world that stands nearest before an event, or at it; a new one, if there is none.
func (f *Film) take(seq uint64) (*standing, error) {
	for i, x := range slices.Backward(f.worlds) {
		if x.at <= seq {
			f.worlds = slices.Delete(f.worlds, i, i+1)
			return x, nil
		}
	}
	return newStanding(f.scenario, f.cfg)
}

// keep keeps a world for later, and ends the one of those not at their places that nobody has used for longest.
func (f *Film) keep(x *standing) {
	if x.over {
		x.end()
		return
	}
	x.used = f.made
	i, _ := slices.BinarySearchFunc(f.worlds, x.at, func(y *standing, at uint64) int { return cmp.Compare(y.at, at) })
	f.worlds = slices.Insert(f.worlds, i, x)
	places, loose, oldest := f.places(), 0, -1
	for i, y := range f.worlds {
		if !slices.Contains(places, y.at) {
			if loose++; oldest < 0 || y.used < f.worlds[oldest].used {
				oldest = i
			}
		}
	}
	if loose > mostLoose {
		f.worlds[oldest].end()
		f.worlds = slices.Delete(f.worlds, oldest, oldest+1)
	}
}

// places are the events at which worlds should stand, from the last to the first.
func (f *Film) places() (at []uint64) {
	end := uint64(f.Trace.Len())
	for far := uint64(nearest); far < end; far *= growth {
		at = append(at, end-far)
	}
	return at
}

// Restock brings worlds to those places where none stands, so that the next look back is a short way: where one has gone on, one that stands
// earlier takes its place, and so on down to a new one. It is for a goroutine of its own, after a look: looks come between its steps. Without it a film
// shows the same, later.
func (f *Film) Restock(ctx context.Context) error {
	for _, place := range f.places() {
		for {
			more, err := f.restock(ctx, place)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// restock takes one step towards a world that stands at a place, and reports whether there are more to take.
func (f *Film) restock(ctx context.Context, place uint64) (more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if slices.ContainsFunc(f.worlds, func(x *standing) bool { return x.at == place }) {
		return false, nil
	}
	x, err := f.take(place)
	if err != nil {
		return false, err
	}
	if err := f.advance(ctx, x, min(place, x.at+atATime)); err != nil {
		x.end()
		return false, err
	}
	f.keep(x)
	return true, nil
}
