package e3pc

import (
	"encoding/binary"
	"errors"

	"simrun/sim/disk/reclog"
)

// A State is where a site or the coordinator is in a transaction: the states of three-phase commit and, for the
// recovery with quorums, pre-abort.
type State uint8

const (
	initial      State = iota // q: has not voted, and may abort alone
	wait                      // w: has voted yes; of the coordinator: has asked for votes
	preCommitted              // pc: will commit if a quorum does likewise
	preAborted                // pa: will abort if a quorum does likewise
	committed                 // c
	aborted                   // a
)

var stateNames = [...]string{"initial", "wait", "pre-commit", "pre-abort", "committed", "aborted"}

// String returns the paper's name of the state: "wait", "pre-commit".
func (s State) String() string { return stateNames[s] }

// final reports whether the state is a decision.
func (s State) final() bool { return s == committed || s == aborted }

// A stance is all that must survive a crash of what a node knows of one transaction. It is written whole,
// whenever it changes.
type stance struct {
	state   State
	elected Election // Last_Elected: the latest election that the site has joined; what is older is refused
	attempt Election // Last_Attempt: in which it moved to pre-commit or pre-abort; never above elected
}

// dtLog is the file in which every node keeps its stances: the log of distributed transactions.
const dtLog = "dt.log"

// A record is a stance as it stands in the log. The last one of a transaction counts.
type record struct {
	tx Tx
	stance
}

func (r record) append(b []byte) []byte {
	return r.attempt.append(r.elected.append(append(r.tx.append(b), byte(r.state))))
}

var errRecord = errors.New("not a record of a transaction")

func parseRecord(b []byte) (r record, err error) {
	var n [6]uint64
	for i := range n {
		x, size := binary.Uvarint(b)
		if size <= 0 {
			return record{}, errRecord
		}
		n[i], b = x, b[size:]
	}
	if n[1] > uint64(aborted) || len(b) > 0 {
		return record{}, errRecord
	}
	return record{Tx(n[0]), stance{State(n[1]), Election{uint32(n[2]), uint32(n[3])}, Election{uint32(n[4]), uint32(n[5])}}}, nil
}

// A journal is the log of a node. After an error it is not to be trusted any more.
type journal struct {
	log *reclog.Log
	buf []byte
}

// force appends a record and syncs it. It returns the record's offset, which backs the messages that promise it.
func (j *journal) force(r record) (at int64, err error) {
	j.buf = r.append(j.buf[:0])
	if at, err = j.log.Append(j.buf); err != nil {
		return 0, err
	}
	return at, j.log.Sync()
}
