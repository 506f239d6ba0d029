package apps

import (
	"encoding/binary"
	"fmt"

	"simrun/sim"
)

// opening is what every account holds to begin with.
const opening = 100

// most is the largest amount of a transfer.
const most = 20

// An Account sends random amounts to random neighbours until it has made all its transfers.
type Account struct {
	to      []sim.NodeID
	balance int64
	left    int // transfers to make
}

// A Transfer takes money to another account.
type Transfer struct{ Money int64 }

func bootAccount(w *Workload, i int) App {
	return &Account{to: w.Topology.To(i), balance: opening, left: w.work}
}

// Start implements sim.Node.
func (a *Account) Start(env sim.Env) {
	if a.left > 0 {
		pause(env)
	}
}

// Handle implements sim.Node.
func (a *Account) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Transfer:
		a.balance += m.Money
	case tick:
		a.left--
		if money := min(a.balance, int64(1+env.Pick("money", most))); money > 0 {
			a.balance -= money
			env.Send(a.to[env.Pick("to", len(a.to))], Transfer{money})
		}
		a.Start(env)
	}
}

// Amount is the balance.
func (a *Account) Amount() int64 { return a.balance }

// Passive reports whether all transfers have been made.
func (a *Account) Passive() bool { return a.left == 0 }

// Invariant checks that nobody has spent what they had not.
func (a *Account) Invariant() error {
	if a.balance < 0 {
		return fmt.Errorf("the balance is %d", a.balance)
	}
	return nil
}

// MarshalBinary returns the state.
func (a *Account) MarshalBinary() ([]byte, error) {
	return appendInt(binary.AppendVarint(nil, a.balance), a.left), nil
}

// UnmarshalBinary takes over a state.
func (a *Account) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	a.balance, a.left = r.int64(), r.int()
	return r.end()
}

// String prints "100 money, 3 transfers to make".
func (a *Account) String() string {
	return fmt.Sprintf("%d money, %d transfers to make", a.balance, a.left)
}

// Amount is the money.
func (m Transfer) Amount() int64 { return m.Money }

// AppendHash appends the message's content.
func (m Transfer) AppendHash(b []byte) []byte { return binary.AppendVarint(b, m.Money) }

// String prints "Transfer{7}".
func (m Transfer) String() string { return fmt.Sprintf("Transfer{%d}", m.Money) }
