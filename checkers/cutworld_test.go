package checkers_test

import (
	"fmt"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// A little bank with the snapshot of Chandy and Lamport built into it.
type (
	gold      struct{ Amount int64 }
	mark      struct{}
	payday    struct{ N int }
	recorded  struct{ Amount int64 }
	channelOf struct {
		From sim.NodeID
		All  []int64
	}
	collected struct{}
	idle      struct{ Yes bool }
)

// A banker pays others now and then, and takes part in one snapshot.
type banker struct {
	others    []sim.NodeID
	money     int64
	left      int // payments
	initiates bool
	late      bool // wrong: its markers leave after its next payments
	recorded  bool
	open      map[sim.NodeID][]int64 // channels that are being recorded
	done      map[sim.NodeID]bool
}

func (b *banker) Start(env sim.Env) {
	b.open, b.done = map[sim.NodeID][]int64{}, map[sim.NodeID]bool{}
	env.Note(idle{b.left == 0})
	env.After(time.Millisecond, payday{})
}

func (b *banker) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case payday:
		if b.initiates && m.N == 2 {
			b.record(env)
		}
		if b.left > 0 {
			b.left--
			b.money--
			env.Send(b.others[env.Pick("whom", len(b.others))], gold{1})
			env.Note(idle{b.left == 0})
			env.After(time.Millisecond, payday{m.N + 1})
		}
	case gold:
		b.money += m.Amount
		if _, open := b.open[from]; open && b.recorded && !b.done[from] {
			b.open[from] = append(b.open[from], m.Amount)
		}
	case mark:
		if !b.recorded {
			b.record(env)
		}
		b.done[from] = true
		env.Note(channelOf{from, b.open[from]})
		if len(b.done) == len(b.others) {
			env.Note(collected{})
		}
	}
}

func (b *banker) record(env sim.Env) {
	b.recorded = true
	env.Note(recorded{b.money})
	for _, id := range b.others {
		b.open[id] = nil
		if b.late { // a payment slips in between
			b.money--
			env.Send(id, gold{1})
		}
		env.Send(id, mark{})
	}
}

// bank is the scenario. All judges share one reading.
func bank(fifo, late bool) *sim.Scenario {
	ids := []sim.NodeID{"a", "b", "c"}
	return &sim.Scenario{
		Name: "bank", Model: fault.Model{Crash: fault.NoCrash, FIFO: fifo, NoLoss: true, NoDup: true, NoCut: true}, Run: time.Second,
		Build: func(w *sim.World, _ sim.Options) {
			for i, id := range ids {
				others := append(append([]sim.NodeID{}, ids[:i]...), ids[i+1:]...)
				w.Add(id, func() sim.Node { return &banker{others: others, money: 100, left: 8, initiates: i == 0, late: late} })
			}
		},
		Properties: func(sim.Options) []sim.Property { return bankJudges(len(ids)) },
	}
}

func bankJudges(nodes int) []sim.Property {
	collections := 0
	c := checkers.Shared(checkers.Cutting{
		App:      func(m sim.Message) (any, bool) { g, ok := m.(gold); return g.Amount, ok },
		Recorded: func(fact any) (any, bool) { _, ok := fact.(recorded); return 1, ok },
		Channel: func(fact any) (any, sim.NodeID, []any, bool) {
			f, ok := fact.(channelOf)
			var all []any
			for _, amount := range f.All {
				all = append(all, amount)
			}
			return 1, f.From, all, ok
		},
		Complete: func(fact any) (any, bool) {
			if _, ok := fact.(collected); !ok {
				return nil, false
			}
			collections++
			return 1, collections == nodes
		},
		Amount:  func(fact any) (any, int64, bool) { f, ok := fact.(recorded); return 1, f.Amount, ok },
		Carried: func(body any) int64 { return body.(int64) },
		FIFO:    true,
	})
	passive := func(fact any) (any, bool) { f, ok := fact.(idle); return f.Yes, ok }
	return []sim.Property{
		checkers.ConsistentCut(c), checkers.ChannelStates(c), checkers.Reachable(c), checkers.ConservedCut(c, int64(100*nodes)),
		checkers.Stable("termination", c, passive, checkers.Terminated, nil),
	}
}

// complaints makes runs and counts which property complained, and how many judged.
func complaints(t *testing.T, s *sim.Scenario, seeds uint64) (counts, checks map[string]int) {
	t.Helper()
	counts, checks = map[string]int{}, map[string]int{}
	for seed := range seeds {
		w, err := s.World(sim.Config{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		for _, x := range v.Violations {
			if counts[x.Property]++; counts[x.Property] == 1 {
				t.Logf("seed %d: %s: %s", seed, x.Property, x.Why)
			}
		}
		for _, x := range v.Checks {
			checks[x.Property] += int(x.Checks)
		}
	}
	return counts, checks
}

// Fails if the judges accuse the right algorithm in a real world, or skip it.
func TestRightSnapshotInAWorld(t *testing.T) {
	counts, checks := complaints(t, bank(true, false), 300)
	if len(counts) > 0 {
		t.Errorf("complaints: %v", counts)
	}
	for _, p := range []string{"consistent-cut", "channel-states", "reachable", "conserved-cut", "termination"} {
		if checks[p] < 100 {
			t.Errorf("%s judged %d times", p, checks[p])
		}
	}
}

// Fails if the right algorithm on links that reorder, or one whose markers are late, is not found out by each judge that
// could.
func TestWrongSnapshotsInAWorld(t *testing.T) {
	for name, s := range map[string]*sim.Scenario{"links that reorder": bank(false, false), "markers that are late": bank(true, true)} {
		counts, _ := complaints(t, s, 300)
		t.Log(name, fmt.Sprint(counts))
		if counts["reachable"] == 0 || counts["conserved-cut"]+counts["consistent-cut"] == 0 {
			t.Errorf("%s: only %v complain", name, counts)
		}
	}
}
