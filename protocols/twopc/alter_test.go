package twopc

import (
	"fmt"
	"testing"

	"simrun/protocols/internal/fake"
)

// Fails if a message that was altered says the same, is about another transaction or of another type, cannot become all that it could, or tells a state
// that there is none of.
func TestAlter(t *testing.T) {
	for _, c := range []struct {
		m    fake.Altering
		lies int
	}{
		{Vote{Tx: t1, Attempt: a11, Yes: true}, 1}, {Decision{Tx: t1, Attempt: a11}, 1}, {Outcome{t1, true}, 1}, {Answer{t1, Committed}, 2}, {Answer{t1, Unknown}, 3},
		{Fenced{Tx: t1, Attempt: a22, State: Prepared}, 2}, {Done{Tx: t1, Seq: 1, Value: "7"}, 10}, {Done{Tx: t1, Seq: 1, Value: "T1,T2"}, 1},
	} {
		lies := fake.Lies(t, c.m)
		if len(lies) != c.lies {
			t.Errorf("%v can become %v", c.m, lies)
		}
		for _, x := range lies {
			tx := Tx{}
			switch x := x.(type) {
			case Vote:
				tx = x.Tx
			case Decision:
				tx = x.Tx
			case Outcome:
				tx = x.Tx
			case Answer:
				tx = x.Tx
			case Fenced:
				tx = x.Tx
			case Done:
				tx = x.Tx
			}
			if tx != t1 {
				t.Errorf("%v became %v", c.m, fmt.Sprint(x))
			}
		}
	}
}
