package twopc

import (
	"encoding/binary"
	"fmt"
)

// Fetched is the fact that a teller was told what an account holds, and who wrote that: the zero Tx for the first
// version. What a shard has read counts only then: if it crashes before it says so it will be asked again, and may
// read another version.
type Fetched struct {
	Tx      Tx
	Account string
	Version Tx
	Balance int
}

// Transferred is the fact that a teller knows a transfer between two accounts to be committed.
type Transferred struct {
	Tx       Tx
	From, To string
	Amount   int
}

// Audited is the fact that a teller has read all accounts in a transaction that is committed.
type Audited struct {
	Tx  Tx
	Sum int64
}

// Retried is the fact that a teller tries an order again, after Tx was aborted. Its next transaction has the
// age of the first.
type Retried struct{ Tx Tx }

// Closed is the fact that a teller is done with an order, the Number-th of its own: it is committed, or given
// up after several transactions for it were aborted.
type Closed struct {
	Teller, Number int
	Committed      bool
}

// AppendHash appends the fact's content.
func (f Fetched) AppendHash(b []byte) []byte {
	return binary.AppendVarint(f.Version.append(appendText(f.Tx.append(b), f.Account)), int64(f.Balance))
}

// AppendHash appends the fact's content.
func (f Transferred) AppendHash(b []byte) []byte {
	b = appendText(appendText(f.Tx.append(b), f.From), f.To)
	return binary.AppendVarint(b, int64(f.Amount))
}

// AppendHash appends the fact's content.
func (f Audited) AppendHash(b []byte) []byte { return binary.AppendVarint(f.Tx.append(b), f.Sum) }

// AppendHash appends the fact's content.
func (f Retried) AppendHash(b []byte) []byte { return f.Tx.append(b) }

// AppendHash appends the fact's content.
func (f Closed) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(f.Teller)), uint64(f.Number))
	return appendBool(b, f.Committed)
}

// String prints "T3 was told a1 of T1: 95", or "T3 was told a1: 100" for the first version.
func (f Fetched) String() string {
	if f.Version.None() {
		return fmt.Sprintf("%v was told %s: %d", f.Tx, f.Account, f.Balance)
	}
	return fmt.Sprintf("%v was told %s of %v: %d", f.Tx, f.Account, f.Version, f.Balance)
}

// String prints "T3 paid 5 from a1 to a2".
func (f Transferred) String() string {
	return fmt.Sprintf("%v paid %d from %s to %s", f.Tx, f.Amount, f.From, f.To)
}

// String prints "T3 found 600".
func (f Audited) String() string { return fmt.Sprintf("%v found %d", f.Tx, f.Sum) }

// String prints "in the place of T3".
func (f Retried) String() string { return fmt.Sprintf("in the place of %v", f.Tx) }

// String prints "order 2 of k1 done", or "order 2 of k1 given up".
func (f Closed) String() string {
	if f.Committed {
		return fmt.Sprintf("order %d of k%d done", f.Number, f.Teller)
	}
	return fmt.Sprintf("order %d of k%d given up", f.Number, f.Teller)
}
