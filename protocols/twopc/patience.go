package twopc

import (
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// How long nodes wait, in virtual time, all in one place. Nothing depends on these for safety. They are long
// enough that nobody gives up in a run without faults: there a message is sent and handled within
// fault.Bound, and clocks are apart by fault.MaxDrift at most, which the margins cover. They are short enough
// that all is settled soon after the last fault is repaired.
const (
	// lockPatience is how long a transaction waits for a lock before it is aborted there. Wait-die keeps deadlocks
	// away, but not a holder that is in doubt.
	lockPatience = 4 * fault.Bound
	// idlePatience is how long a transaction that is at work may be silent before the participant gives it up:
	// longer than its client waits for a lock elsewhere.
	idlePatience = 2*lockPatience + 4*fault.Bound
	// doubt is after how long a prepared participant asks: another's CanCommit may come a bound later than its
	// own, and that one's vote and the decision take two more.
	doubt = 3*fault.Bound + margin
	// voteAgain is after how long a coordinator asks for votes again, and voteTries how often it asks in all. Together
	// they outlast the request, a lock and the vote.
	voteAgain = 2*fault.Bound + margin
	voteTries = 4
	// tellAgain is after how long a coordinator repeats a decision or a fence to those that have not answered.
	tellAgain = 2*fault.Bound + margin
	// clientAgain is after how long a client asks again.
	clientAgain = 6 * fault.Bound
	// quiet is the least that a coordinator keeps quiet after another's attempt was higher, and quietQuantum the unit
	// of what chance adds: two of them must not outdo each other for ever.
	quiet        = 4 * fault.Bound
	quietQuantum = fault.Bound / 4

	margin   = fault.Bound / 5
	doubling = 2 // how often a time is doubled at most when somebody asks again
)

// backOff is d, doubled with each try.
func backOff(d time.Duration, tries int) time.Duration { return d << min(tries, doubling) }

// An overdue tells a node that it has waited long enough for what it waited for at that step of a transaction.
type overdue struct {
	Tx   Tx
	Step uint32
}

// An idle asks a participant whether a transaction at work has done anything since.
type idle struct {
	Tx  Tx
	Seq uint32 // of its operations
}

// AppendHash appends the timer's content.
func (t overdue) AppendHash(b []byte) []byte {
	return append(t.Tx.append(b), byte(t.Step), byte(t.Step>>8))
}

// AppendHash appends the timer's content.
func (t idle) AppendHash(b []byte) []byte { return append(t.Tx.append(b), byte(t.Seq), byte(t.Seq>>8)) }

// String prints "overdue{T3}".
func (t overdue) String() string { return "overdue{" + t.Tx.String() + "}" }

// String prints "idle{T3}".
func (t idle) String() string { return "idle{" + t.Tx.String() + "}" }

var _ sim.Message = overdue{}
