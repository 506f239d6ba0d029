package account

import "testing"

type disk struct{ balance int }

func (d *disk) Write(balance int) { d.balance = balance }
func (d *disk) Sync() error       { return nil }

// Nobody tries to withdraw all that there is, and nobody looks whether a sync was made.
func TestWithdraw(t *testing.T) {
	var said []string
	d := new(disk)
	a := &Account{Balance: 10, Disk: d, Send: func(s string) { said = append(said, s) }}
	a.Withdraw(11)
	a.Withdraw(4)
	if len(said) != 2 || said[0] != "no" || said[1] != "yes" || a.Balance != 6 || d.balance != 6 {
		t.Errorf("said %v, balance %d, on disk %d", said, a.Balance, d.balance)
	}
}

func TestLarger(t *testing.T) {
	if Larger(1, 2) != 2 || Larger(2, 1) != 2 || Larger(3, 3) != 3 {
		t.Error("the larger is another")
	}
}

func TestEmpty(t *testing.T) {
	if Empty(5) != 0 {
		t.Error("something is left")
	}
}

// Without -short somebody looks at what is said.
func TestGreet(t *testing.T) {
	said := ""
	Greet("ab", func(s string) { said += s })
	if !testing.Short() && said != "abab" {
		t.Errorf("said %q", said)
	}
}
