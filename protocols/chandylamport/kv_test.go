package chandylamport

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/internal/trial"
	"simrun/protocols/paxoskv"
	"simrun/sim"
	"simrun/sim/chance"
)

// A replica is a server whose state can be recorded; it is not meant to be restored.
type replica struct{ *paxoskv.Server }

func (r replica) MarshalBinary() ([]byte, error) { return r.AppendState(nil), nil }

func (r replica) String() string { return "a replica" }

// store returns the scenario paxos-kv with snapshots of its three servers, which two of them begin every 15 ms; or without, if n is 0.
func store(n int) *sim.Scenario {
	if n == 0 {
		return paxoskv.Scenario()
	}
	all := []sim.NodeID{"s1", "s2", "s3"}
	next := 0
	return paxoskv.Wrapped(func(s *paxoskv.Server) sim.Node {
		self := next % len(all) // servers start in order, and do not crash here
		next++
		place := Place{All: all, First: time.Millisecond, Every: 15 * time.Millisecond}
		for i, id := range all {
			if i != self {
				place.In, place.Out = append(place.In, id), append(place.Out, id)
			}
		}
		if self < 2 {
			place.Snapshots = n
		}
		return Wrap(func() sim.Node { return replica{s} }, place)
	})
}

// A trace is what clients have seen of a run: a hash over their operations, with the times of call and return.
type trace struct {
	hash       uint64
	operations int
	snapshots  []Snapshot
	verdict    sim.Verdict
}

func watch(t *testing.T, s *sim.Scenario, seed uint64, text string, judges ...sim.Property) (x trace) {
	t.Helper()
	if properties := s.Properties; len(judges) > 0 {
		s.Properties = func(o sim.Options) []sim.Property { return append(properties(o), judges...) }
	}
	w, err := s.World(sim.Config{Seed: seed, Plan: trial.Plan(t, text)})
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		switch f := e.Data.(type) {
		case paxoskv.Called, paxoskv.Returned:
			x.operations++
			x.hash = chance.HashString(fmt.Sprintf("%d %v %s %v", x.hash, e.At, e.Node, f))
		case Complete:
			x.snapshots = append(x.snapshots, f.Snapshot)
		}
	}
	x.verdict = w.Verdict()
	return x
}

// A replicated store that is snapshot while it works gives the same answers at the same instants as one that is not, on links that keep their
// order and on such that lose, repeat and reorder: the layer's messages have fates of their own, and take none from others. Fails if the layer
// delays, drops or reorders anything, or draws from the chance of the store.
func TestSnapshotsOfAStoreChangeNoAnswer(t *testing.T) {
	for _, text := range []string{steady, "always law constant 3ms; always ties ordered; always sync 1ms",
		"always law uniform 500us 5ms; always ties ordered; always loss 3%; always repeat 3%; always sync 200us; always drift s2 150ppm"} {
		for seed := range uint64(5) {
			without, with := watch(t, store(0), seed, text), watch(t, store(8), seed, text)
			if without.hash != with.hash || without.operations != 200 {
				t.Errorf("%s, seed %d: clients see %016x in %d steps without snapshots, %016x in %d with", text, seed, without.hash, without.operations, with.hash, with.operations)
			}
			if with.verdict.Hash == without.verdict.Hash || len(with.snapshots) < 8 && text == steady {
				t.Errorf("%s, seed %d: %d snapshots were taken: the comparison says nothing", text, seed, len(with.snapshots))
			}
			if with.verdict.Outcome != sim.OK {
				t.Errorf("%s, seed %d: %v %s: %s", text, seed, with.verdict.Outcome, with.verdict.Property, with.verdict.Why)
			}
			if seed == 0 {
				t.Logf("%s: hash %016x over %d calls and returns, %d snapshots", text, with.hash, with.operations, len(with.snapshots))
			}
		}
	}
	if a, b := watch(t, store(0), 1, steady), watch(t, store(0), 2, steady); a.hash == b.hash {
		t.Error("two seeds look the same to clients: the hash is blind")
	}
}

// The snapshots of the store are consistent, as long as links keep their order, and say something: the replicas have executed commands, and messages
// are on their way. Fails if the layer loses its way in a protocol of many kinds of messages.
func TestSnapshotsOfAStore(t *testing.T) {
	c := checkers.Shared(cutting(true, func() bool { return true }))
	x := watch(t, store(8), 3, steady, checkers.ConsistentCut(c), checkers.ChannelStates(c), checkers.Reachable(c))
	if x.verdict.Outcome != sim.OK {
		t.Fatalf("%s: %s", x.verdict.Property, x.verdict.Why)
	}
	first, last := x.snapshots[0], x.snapshots[len(x.snapshots)-1]
	if reflect.DeepEqual(first.Parts, last.Parts) || bytes.Equal(first.Parts[0].State, last.Parts[0].State) {
		t.Error("the first and the last snapshot are the same")
	}
	inFlight := 0
	for _, s := range x.snapshots {
		for _, p := range s.Parts {
			for _, ch := range p.Channels {
				inFlight += len(ch.Messages)
			}
		}
	}
	if inFlight == 0 {
		t.Error("no snapshot has a message in a channel")
	}
	t.Logf("%d snapshots, %d messages in channels", len(x.snapshots), inFlight)
}
