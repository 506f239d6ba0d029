// Package account is small enough that all its mutants can be known. Its test has gaps on purpose.
package account

// A Disk keeps what was synced.
type Disk interface {
	Write(balance int)
	Sync() error
}

// An Account answers when what it says is on its disk.
type Account struct {
	Balance int
	Disk    Disk
	Send    func(answer string)
}

// Withdraw answers yes if there is enough.
func (a *Account) Withdraw(n int) {
	if n > a.Balance {
		a.Send("no")
		return
	}
	a.Balance -= n
	a.Disk.Write(a.Balance)
	if err := a.Disk.Sync(); err != nil {
		return
	}
	a.Send("yes")
}

// Larger returns the larger of two numbers; which one does not matter if they are equal.
func Larger(x, y int) int {
	if x > y {
		return x
	}
	return y
}

// Empty goes down to nothing.
func Empty(n int) int {
	for n != 0 {
		n--
	}
	return n
}

// Close is called by no test.
func (a *Account) Close() {
	a.Disk = nil
}

// loud is for those who look for mistakes.
const loud = false

// Greet is about text, which has sums and no differences. Some of it is not compiled.
func Greet(name string, send func(string)) {
	greeting := name
	greeting += name
	if loud && len(name) > 1 {
		greeting = "!"
	}
	send(greeting)
}
