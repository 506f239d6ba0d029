package threepc

import "fmt"

// Begun is the fact that the coordinator has begun a transaction and asks the participants for their votes.
type Begun struct{ Tx Tx }

// Voted is the fact that a participant's vote is on record.
type Voted struct {
	Tx  Tx
	Yes bool
}

// Prepared is the fact that a site is pre-committed, moved there by that leader.
type Prepared struct {
	Tx     Tx
	Leader Site
}

// Decided is the fact that a site knows how the transaction ends. It is noted again by one that finds the decision in
// its log.
type Decided struct {
	Tx     Tx
	Commit bool
}

// Elected is the fact that a participant has become the backup of a coordinator that has crashed.
type Elected struct{ Tx Tx }

// Terminated is the fact that a backup has found the rule by which the transaction ends, among the states of those
// that are up.
type Terminated struct {
	Tx   Tx
	Rule Rule
}

// Recovered is the fact that a site started again, and found in its log a transaction that it had no decision of.
type Recovered struct {
	Tx    Tx
	State State
}

// Repaired is the fact that a recovered site could tell from the logs of others, those who may have failed last among
// them, how the transaction ends: nobody had been up without interruption.
type Repaired struct {
	Tx   Tx
	Rule Rule
}

// Ended is the fact that the coordinator knows that all have committed and may forget the transaction.
type Ended struct{ Tx Tx }

// Halted is the fact that a site does not trust its disk any more and falls silent. A restart reads the disk again.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Begun) AppendHash(b []byte) []byte { return f.Tx.append(b) }

// AppendHash appends the fact's content.
func (f Voted) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Yes) }

// AppendHash appends the fact's content.
func (f Prepared) AppendHash(b []byte) []byte { return append(f.Tx.append(b), byte(f.Leader)) }

// AppendHash appends the fact's content.
func (f Decided) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Commit) }

// AppendHash appends the fact's content.
func (f Elected) AppendHash(b []byte) []byte { return f.Tx.append(b) }

// AppendHash appends the fact's content.
func (f Terminated) AppendHash(b []byte) []byte { return append(f.Tx.append(b), byte(f.Rule)) }

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte { return append(f.Tx.append(b), byte(f.State)) }

// AppendHash appends the fact's content.
func (f Repaired) AppendHash(b []byte) []byte { return append(f.Tx.append(b), byte(f.Rule)) }

// AppendHash appends the fact's content.
func (f Ended) AppendHash(b []byte) []byte { return f.Tx.append(b) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return append(b, f.Why...) }

// String prints "T1 begun".
func (f Begun) String() string { return fmt.Sprintf("%v begun", f.Tx) }

// String prints "T1 voted yes".
func (f Voted) String() string { return fmt.Sprintf("%v voted %s", f.Tx, yesNo(f.Yes)) }

// String prints "T1 pre-committed", and "T1 pre-committed by p1" if that was a backup.
func (f Prepared) String() string { return fmt.Sprintf("%v pre-committed%s", f.Tx, by(f.Leader)) }

// String prints "T1 committed" or "T1 aborted".
func (f Decided) String() string {
	if f.Commit {
		return fmt.Sprintf("%v committed", f.Tx)
	}
	return fmt.Sprintf("%v aborted", f.Tx)
}

// String prints "T1 elected".
func (f Elected) String() string { return fmt.Sprintf("%v elected", f.Tx) }

// String prints "T1 terminated: all are uncertain".
func (f Terminated) String() string { return fmt.Sprintf("%v terminated: %v", f.Tx, f.Rule) }

// String prints "T1 recovered in w".
func (f Recovered) String() string { return fmt.Sprintf("%v recovered in %v", f.Tx, f.State) }

// String prints "T1 repaired: some are pre-committed".
func (f Repaired) String() string { return fmt.Sprintf("%v repaired: %v", f.Tx, f.Rule) }

// String prints "T1 ended".
func (f Ended) String() string { return fmt.Sprintf("%v ended", f.Tx) }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
