package threepc

import (
	"time"

	"simrun/sim/fault"
)

// How long a site waits before it takes another for crashed. That must never be wrong: the protocol has no other
// defence against two sites that decide differently. All follows from fault.Bound, within which a message has been
// sent, has been handled, and all effects of that have happened; from fault.MaxDrift; and from one assumption
// about timers, that one which is due waits for its node no longer than a message would, and is done with within
// fault.Bound too.
//
// Several transactions share a site's disk. Of each of them there is seldom more than one step to record at a time, which takes
// 2 ms on the slowest disk: 16 ms for eight transactions, of the 30 ms that the network leaves of fault.Bound. What can wait
// longer are the questions of recovered sites, behind a backup that is left alone and takes three steps at once; they have no
// time to keep.
const (
	// slack is more than what a clock of fault.MaxDrift is off after any of these times: 0.2 ms in a second.
	slack = 2 * time.Millisecond

	// roundTrip is how long an answer may take: the request and what its receiver does about it within one bound,
	// the answer within another.
	roundTrip = 2*fault.Bound + slack

	// patience is how long a leader that is up may be silent towards a site that it has asked. It sends to all at
	// one instant, waits for the last answer for a roundTrip at most, acts when that time is up, within one
	// bound, and what it then sends is handled within another.
	patience = roundTrip + 2*fault.Bound + slack

	// askAgain is how often a recovered site repeats its question.
	askAgain = roundTrip
)

// startsLate is how late after its time a transaction's CanCommit may be handled: the coordinator begins when its
// timer goes off, after it has opened its log, and the message follows. Clocks drift meanwhile.
func startsLate(begins time.Duration) time.Duration {
	return begins + 2*begins*fault.MaxDrift/1_000_000 + 3*fault.Bound + slack
}

// soonest is the time within which a site that has been up since the transaction began decides, after the latest crash of
// anybody, or after the beginning. One that is never asked waits until the time of the transaction is over. One that is
// asked votes (two bounds after the beginning), and may then wait for a leader in vain (patience). Those that would
// lead next may have crashed unnoticed, each of which takes it a roundTrip to find out. Then there is a leader, up for good:
// it collects states and moves those that are up (a roundTrip each) and decides, with three bounds for what is done in between.
func soonest(participants, transactions int, stagger time.Duration) time.Duration {
	asked := 2*fault.Bound + patience + time.Duration(participants)*roundTrip + 2*roundTrip + 3*fault.Bound
	return max(asked, startsLate(time.Duration(transactions-1)*stagger))
}
