package search

import (
	"fmt"
	"iter"
	"runtime/debug"

	"simrun/sim"
)

// A Divergence is a seed whose runs differ: something in the scenario depends on what is not in the
// seed, such as the order of a map, an address, the wall clock or a variable that outlives the run. It
// is a bug of the scenario or of the simulator, and no run of it can be trusted.
type Divergence struct {
	Seed   uint64
	Hashes [2]uint64 // of the two runs
	// The first event that is not the same, as text for people, and its number.
	// An empty text means that the run had ended. Seq is 0 if the hashes differed
	// and yet, when both runs were made again side by side, no event did.
	Seq           uint64
	First, Second string
}

// String tells the divergence in one line.
func (d Divergence) String() string {
	if d.Seq == 0 {
		return fmt.Sprintf("seed %#x: two runs gave the hashes %016x and %016x; made again side by side they did not differ", d.Seed, d.Hashes[0], d.Hashes[1])
	}
	text := func(s string) string {
		if s == "" {
			return "the end of the run"
		}
		return s
	}
	return fmt.Sprintf("seed %#x: event %d differs between two runs: %s / %s", d.Seed, d.Seq, text(d.First), text(d.Second))
}

// Compare makes two runs of the same configuration, side by side, event by event. It returns nil if they
// are equal in every event and in the verdict, else the first event that differs. A Driver in cfg must
// be a function of the key alone, since both runs ask it. A panic outside of nodes is an error.
func Compare(s *sim.Scenario, cfg sim.Config) (d *Divergence, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("search: seed %#x: panic: %v\n%s", cfg.Seed, r, debug.Stack())
		}
	}()
	cfg.Reuse = nil // the runs are at the same time
	var worlds [2]*sim.World
	for i := range worlds {
		w, err := s.World(cfg)
		if err != nil {
			return nil, err
		}
		defer w.Close()
		worlds[i] = w
	}
	// Side by side rather than one after the other: the first difference is found without keeping any
	// event, and can be told with both events at hand. What the runs share by mistake, such as a counter
	// in a package, they then share in turns.
	d = firstDifference(worlds[0].Events(0), worlds[1].Events(0))
	a, b := worlds[0].Verdict(), worlds[1].Verdict()
	if d == nil {
		// The events are the same; the properties may still disagree, if they depend on something else.
		if alike(a, b) {
			return nil, nil
		}
		d = &Divergence{Seq: a.Events + 1, First: verdictText(a), Second: verdictText(b)}
	}
	d.Seed = cfg.Seed
	d.Hashes = [2]uint64{a.Hash, b.Hash}
	return d, nil
}

func verdictText(v sim.Verdict) string {
	return fmt.Sprintf("%s %s: %s (hash %016x)", v.Outcome, v.Property, sentence(v.Why), v.Hash)
}

// firstDifference goes through two runs at the same pace.
func firstDifference(first, second iter.Seq[*sim.Event]) *Divergence {
	nextA, stopA := iter.Pull(first)
	defer stopA()
	nextB, stopB := iter.Pull(second)
	defer stopB()
	var bufA, bufB []byte
	for n := uint64(1); ; n++ {
		a, okA := nextA()
		b, okB := nextB()
		if !okA && !okB {
			return nil
		}
		if okA && okB {
			bufA, bufB = appendEvent(bufA[:0], a), appendEvent(bufB[:0], b)
			if string(bufA) == string(bufB) {
				continue
			}
		}
		d := &Divergence{Seq: n}
		if okA {
			d.First = eventText(a)
		}
		if okB {
			d.Second = eventText(b)
		}
		return d
	}
}

// appendEvent appends all that must be the same in two runs. Messages and facts are encoded as they are
// for the event hash; the rest of what events carry is data of the world, which prints canonically.
func appendEvent(b []byte, e *sim.Event) []byte {
	b = fmt.Appendf(b, "%d %d %d %d %q %q %q %T ", e.Seq, e.Cause, int64(e.At), e.Kind, e.Node, e.Peer, e.Reason, e.Data)
	switch e.Kind {
	case sim.Sent, sim.Dropped, sim.Delivered, sim.TimerSet, sim.TimerFired, sim.Noted:
		if h, ok := e.Data.(interface{ AppendHash([]byte) []byte }); ok {
			return h.AppendHash(b)
		}
		return sim.AppendContent(b, e.Data)
	case sim.Panicked:
		return b // the stack holds addresses
	}
	return fmt.Appendf(b, "%+v", e.Data)
}

// eventText is an event for people, in one line.
func eventText(e *sim.Event) string {
	s := fmt.Sprintf("%v %v %s", e.At, e.Kind, e.Node)
	if e.Peer != "" {
		s += " " + string(e.Peer)
	}
	if e.Reason != "" {
		s += " " + e.Reason
	}
	if e.Data != nil {
		s += fmt.Sprintf(" %T%+v", e.Data, e.Data)
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[:199]) + "…"
	}
	return s
}
