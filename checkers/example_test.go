package checkers_test

import (
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// Chosen is the fact of a protocol that a value was chosen for a slot.
type Chosen struct {
	Slot  int
	Value string
}

// A judge learns from an extractor which facts of a protocol are
// decisions. In a run the world shows it the events.
func ExampleAgreement() {
	agreement := checkers.Agreement(func(fact any) (instance, value any, ok bool) {
		c, ok := fact.(Chosen)
		return c.Slot, c.Value, ok
	})
	run := []sim.Event{
		{Seq: 1, At: 10_000_000, Kind: sim.Noted, Node: "p1", Data: Chosen{3, "x"}},
		{Seq: 2, At: 12_300_000, Kind: sim.Noted, Node: "p2", Data: Chosen{3, "y"}},
	}
	for i := range run {
		if err := agreement.Observe(&run[i]); err != nil {
			fmt.Println(err)
		}
	}
	// Output: p2 decided "y" for instance 3 at 12.3ms, but p1 decided "x" at 10ms
}

// Called and Returned are the facts of a client.
type Called struct {
	ID checkers.OpID
	In checkers.KVInput
}

// Returned is what became of it.
type Returned struct {
	ID  checkers.OpID
	Out checkers.KVOutput
}

// A read that misses a write which had returned before it began.
func ExampleLinearizable() {
	linearizability := checkers.Linearizable(checkers.KV(), checkers.History{
		Call: func(fact any) (id checkers.OpID, key string, input any, ok bool) {
			if f, ok := fact.(Called); ok {
				return f.ID, f.In.Key, f.In, true
			}
			return id, "", nil, false
		},
		Return: func(fact any) (id checkers.OpID, output any, outcome checkers.Outcome, ok bool) {
			if f, ok := fact.(Returned); ok {
				return f.ID, f.Out, checkers.Done, true
			}
			return id, nil, checkers.Done, false
		},
	})
	write, read := checkers.OpID{Client: "c1", N: 1}, checkers.OpID{Client: "c2", N: 1}
	run := []sim.Event{
		{Seq: 1, At: 1e6, Kind: sim.Noted, Node: "c1", Data: Called{write, checkers.KVInput{Op: checkers.Put, Key: "k", Value: "v"}}},
		{Seq: 2, At: 4e6, Kind: sim.Noted, Node: "c1", Data: Returned{write, checkers.KVOutput{}}},
		{Seq: 3, At: 5e6, Kind: sim.Noted, Node: "c2", Data: Called{read, checkers.KVInput{Op: checkers.Get, Key: "k"}}},
		{Seq: 4, At: 7e6, Kind: sim.Noted, Node: "c2", Data: Returned{read, checkers.KVOutput{Value: ""}}},
	}
	for i := range run {
		if err := linearizability.Observe(&run[i]); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// on key "k", c2#1 get -> "" at 7ms is explained by no order of the operations until then
	//   c1#1 put "v", from 1ms to 4ms
	//   c2#1 get -> "", from 5ms to 7ms
}
