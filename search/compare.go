package search

import (
	"fmt"
	"iter"
	"runtime/debug"
	"strings"

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

	// What a Guard has found out. First and Second may then be effects that came
	// before any event differed, and Seq is 0 if none of these effects has happened.
	Where    string     // what was compared
	Between  [2]uint64  // the last event known to be the same, and one that is not
	Node     sim.NodeID // whose doing it is
	Handler  Frame      // the node's code that the world called
	Place    Frame      // the code that issued the effect, in Handler or called by it
	Cause    Cause      // what probably decides the run, "" if that is not known
	Evidence []string   // what speaks for the cause, each a sentence
}

// String tells the divergence in one line.
func (d Divergence) String() string {
	if d.Within() {
		return fmt.Sprintf("seed %#x: after event %d, %s: %s; %s", d.Seed, d.Seq, d.whose(), d.Cause, strings.Join(d.Evidence, "; "))
	}
	if d.Seq == 0 && d.Cause != "" {
		return fmt.Sprintf("seed %#x: two runs differ%s; likely: %s", d.Seed, d.by(), d.Cause)
	}
	if d.Seq == 0 && d.Where != "" {
		return fmt.Sprintf("seed %#x: %s gave the hashes %016x and %016x", d.Seed, d.Where, d.Hashes[0], d.Hashes[1])
	}
	if d.Seq == 0 {
		return fmt.Sprintf("seed %#x: two runs gave the hashes %016x and %016x; made again side by side they did not differ", d.Seed, d.Hashes[0], d.Hashes[1])
	}
	text := func(s string) string {
		if s == "" {
			return "the end of the run"
		}
		return s
	}
	s := fmt.Sprintf("seed %#x: event %d differs between two runs: %s / %s", d.Seed, d.Seq, text(d.First), text(d.Second))
	s += d.by()
	if d.Cause != "" {
		s += fmt.Sprintf("; likely: %s", d.Cause)
	}
	return s
}

// Within reports whether the fault shows within one run: a message was changed after sending, or nodes share memory. The
// runs of the seed may all be equal; First and Second are then what was sent and what became of it.
func (d Divergence) Within() bool { return d.Cause == ChangedMessage || d.Cause == SharedMemory }

// by names the node and its code behind what was said before, if they are known.
func (d Divergence) by() string {
	if d.Node == "" {
		return ""
	}
	return "; " + d.whose()
}

// whose names the node and its code.
func (d Divergence) whose() string {
	if d.Handler.Func == "" {
		return fmt.Sprintf("node %s", d.Node)
	}
	return fmt.Sprintf("node %s in %s", d.Node, d.Handler)
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
		return appendData(b, e.Data)
	case sim.Panicked:
		return b // the stack holds addresses
	}
	return fmt.Appendf(b, "%+v", e.Data)
}

// appendData appends what a message or a fact says, as the event hash has it.
func appendData(b []byte, data any) []byte {
	if h, ok := data.(interface{ AppendHash([]byte) []byte }); ok {
		return h.AppendHash(b)
	}
	return sim.AppendContent(b, data)
}

// eventText is an event for people, in one line that is not too long.
func eventText(e *sim.Event) string { return clip(fullText(e), 200) }

// fullText is an event for people.
func fullText(e *sim.Event) string {
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
	return s
}
