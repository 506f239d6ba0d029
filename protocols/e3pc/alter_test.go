package e3pc

import (
	"testing"

	"simrun/protocols/internal/fake"
)

// Fails if a message that was altered says the same, tells a state that decides or is none, or cannot become all that it could.
func TestAlter(t *testing.T) {
	for s := wait; s <= preAborted; s++ {
		lies := fake.Lies(t, Standing{Tx: 1, Election: first, State: s})
		for _, x := range lies {
			if m := x.(Standing); m.Tx != 1 || m.Election != first || m.State < wait || m.State > preAborted {
				t.Errorf("%v became %v", s, m)
			}
		}
		if len(lies) != 2 {
			t.Errorf("%v can become %v", s, lies)
		}
	}
	if lies := fake.Lies(t, Vote{Tx: 1}); len(lies) != 1 || !lies[0].(Vote).Yes {
		t.Errorf("a no can become %v", lies)
	}
}
