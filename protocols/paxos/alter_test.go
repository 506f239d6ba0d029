package paxos

import (
	"fmt"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a message that was altered says the same, is another type's, is about another slot, or has lost what backs it; and if some field is out of reach.
func TestAlter(t *testing.T) {
	b, c := Ballot{1, 2, 1}, Ballot{1, 1, 1}
	for _, m := range []interface {
		Alter(func(int) int) sim.Message
		AppendHash([]byte) []byte
	}{
		Prepare{5, b, backing{at: 9}}, Promise{5, b, c, "x", backing{at: 9}}, Refused{5, b, c}, Accept{5, b, "x"}, Accepted{5, b, "x", backing{9, true}}, Chosen{5, b, "x"},
	} {
		lies := map[string]bool{}
		for i := range 64 {
			n := i
			lie := m.Alter(func(below int) int {
				x := n % below
				n /= 2
				return x
			})
			if fmt.Sprintf("%T", lie) != fmt.Sprintf("%T", m) || string(lie.(interface{ AppendHash([]byte) []byte }).AppendHash(nil)) == string(m.AppendHash(nil)) {
				t.Errorf("%v became %v", m, lie)
			}
			if s, backed := slotOf(lie); s != 5 || !backed {
				t.Errorf("%v became %#v", m, lie)
			}
			lies[fmt.Sprint(lie)] = true
		}
		if len(lies) < 5 {
			t.Errorf("%v can become %d others only", m, len(lies))
		}
	}
}

// slotOf returns the slot of one of the messages above, and whether what backs it is as it was.
func slotOf(m sim.Message) (Slot, bool) {
	switch m := m.(type) {
	case Prepare:
		return m.Slot, m.at == 9
	case Promise:
		return m.Slot, m.at == 9
	case Refused:
		return m.Slot, true
	case Accept:
		return m.Slot, true
	case Accepted:
		return m.Slot, m.at == 9 && m.again
	case Chosen:
		return m.Slot, true
	}
	return 0, false
}

// One acceptor that lies must be enough for two decisions: Paxos is not built for it, and the report says so. Fails if lies do no harm, or are called inside the model.
func TestOneLiarIsEnough(t *testing.T) {
	p, err := fault.Parse("always betray a1 any 50%\n")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	var memory sim.Memory
	for seed := range uint64(300) {
		w, err := Scenario().World(sim.Config{Seed: seed, Plan: &p, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if found[v.Property]++; len(v.Outside) != 1 {
			t.Fatalf("seed %d: outside of the model: %v", seed, v.Outside)
		}
	}
	if found["agreement"] == 0 || found[""] == 0 || found["panic"] > 0 {
		t.Errorf("300 seeds: %v", found)
	}
}
