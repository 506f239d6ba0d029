package threepc

import (
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// Fails if a message that was altered says the same, or cannot become all that it could.
func TestAlter(t *testing.T) {
	for s := Uncertain; s <= Aborted; s++ {
		for _, m := range []fake.Altering{Report{Tx: 1, Leader: 1, State: s}, Ask{Tx: 1, State: s}} {
			lies := fake.Lies(t, m)
			for _, x := range lies {
				if r, ok := x.(Report); ok && (r.Tx != 1 || r.Leader != 1 || r.State < Uncertain || r.State > Aborted) {
					t.Errorf("%v became %v", m, r)
				}
			}
			if len(lies) != 3 {
				t.Errorf("%v can become %v", m, lies)
			}
		}
	}
	if lies := fake.Lies(t, Vote{Tx: 1, Yes: true}); len(lies) != 1 || lies[0] != sim.Message(Vote{Tx: 1}) {
		t.Errorf("a yes can become %v", lies)
	}
}
