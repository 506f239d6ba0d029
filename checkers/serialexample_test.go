package checkers_test

import (
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// The facts of a bank whose stores note what transactions do to their accounts.
type (
	// Viewed is that a transaction has read an account, as another has left it ("": as it was at first).
	Viewed struct{ Tx, Account, Writer string }
	// Written is that a transaction's new balance is the account's latest.
	Written struct{ Tx, Account string }
	// Committed is that a transaction has.
	Committed struct{ Tx string }
)

// Each of two transactions has seen that the other account can pay for what it takes from its own.
func ExampleSerializable() {
	serializable := checkers.Serializable(checkers.Transactions{
		Read: func(fact any) (tx any, key string, version checkers.Version, ok bool) {
			f, ok := fact.(Viewed)
			if ok && f.Writer != "" {
				version.Tx = f.Writer
			}
			return f.Tx, f.Account, version, ok
		},
		Installed: func(fact any) (tx any, key string, n int, ok bool) {
			f, ok := fact.(Written)
			return f.Tx, f.Account, 0, ok
		},
		Ended: func(fact any) (tx any, committed bool, ok bool) {
			f, ok := fact.(Committed)
			return f.Tx, ok, ok
		},
	})
	for i, fact := range []any{
		Written{"T0", "his"}, Written{"T0", "hers"}, Committed{"T0"},
		Viewed{"T1", "his", "T0"}, Viewed{"T1", "hers", "T0"}, Viewed{"T2", "his", "T0"}, Viewed{"T2", "hers", "T0"},
		Written{"T1", "his"}, Committed{"T1"}, Written{"T2", "hers"}, Committed{"T2"},
	} {
		if err := serializable.Observe(&sim.Event{Seq: uint64(i + 1), Kind: sim.Noted, Node: "bank", Data: fact}); err != nil {
			fmt.Println(err)
		}
	}
	_, err := serializable.End(nil)
	fmt.Println(err)
	// Output: G2-item (write skew): T1 read hers of T0, which T2 overwrote; T2 read his of T0, which T1 overwrote; so T1 would stand before itself
}
