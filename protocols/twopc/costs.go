package twopc

import (
	"strings"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// What a transaction costs where nothing fails, after Mohan, Lindsay and Obermarck (1986), sections 2 and 3: their
// figures are per node for a commit, and those for an abort follow from the same rules. Of n participants k
// vote yes; the coordinator hears all votes before it decides.
//
// Messages and delays. CanCommit goes to all n (delay 1) and all answer (2): 2n. If all vote yes the decision
// goes to all n (3), and all acknowledge it (4), unless it need not be: 4n, or 3n under presumed commit. If
// some vote no the transaction is aborted. Those that voted no know it and are not told; the k others are (3), and
// acknowledge it (4), unless they need not, under presumed abort: 2n+2k, or 2n+k. With k = 0 nobody is told
// and all is over with the votes.
//
// Records of a participant. One that votes yes forces prepared, and writes the decision: forced if it is to be acknowledged, since
// the coordinator forgets then, else lazily. One that votes no writes aborted: forced in basic and presumed
// commit, lazily under presumed abort.
//
//	           commit                       abort
//	           forced   unforced            forced         unforced
//	basic      2n       0                   2k + (n-k)     0
//	p. abort   2n       0                   k              k + (n-k)
//	p. commit  n        n                   2k + (n-k)     0
//
// Records of the coordinator. It forces the commit record before anybody hears of it. Where acknowledgements are due it writes an
// end record, lazily, when all have come: then it may forget. Basic forces the abort record too. Under presumed abort an
// abort leaves nothing behind (in the paper an unforced record, in a log that the coordinator shares with data of its own). Under presumed commit the initiation record, which names the participants, is
// forced before they are asked, so that a coordinator which finds it without a commit record
// can tell them all to abort; that is why its abort record is lazy. The commit record ends the transaction.
//
//	           commit                       abort
//	           forced   unforced            forced         unforced
//	basic      1        1                   1              1
//	p. abort   1        1                   0              0
//	p. commit  2        0                   1              2
//
// With a recovery coordinator each decision is forced and acknowledged, by those that voted no as well, and the
// coordinator has decided only when somebody holds the decision: at delay 4 for a commit. For an abort
// that is who voted no. There is always an end record, under presumed abort too.
func price(presume Presume, recovery bool, n, k int) checkers.Cost {
	commit := k == n
	acked := recovery || presume.forces(commit)
	told := k // who are sent the decision: all that have voted yes
	c := checkers.Cost{Label: presume.String(), Participants: n, Yes: k, Commit: commit, Messages: 2*n + told, Delays: 2}
	c.Types = []checkers.TypeCost{{Type: "CanCommit", N: n}, {Type: "Vote", N: n}}
	if told > 0 {
		c.Delays = 3
		c.Types = append(c.Types, checkers.TypeCost{Type: "Decision", N: told})
		if acked {
			c.Messages += told
			c.Delays = 4
			c.Types = append(c.Types, checkers.TypeCost{Type: "Ack", N: told})
		}
	}
	c.Roles = []checkers.RoleCost{coordinatorPrice(presume, recovery, commit), participantPrice(acked, n, k)}
	return c
}

// coordinatorPrice counts the records of the coordinator.
func coordinatorPrice(presume Presume, recovery, commit bool) checkers.RoleCost {
	r := checkers.RoleCost{Role: coordinatorRole, First: 2, Last: 2} // it decides by the votes
	if recovery && commit {
		r.First, r.Last = 4, 4
	}
	if presume == PresumedCommit {
		r.Forced++ // initiation
	}
	switch {
	case commit, presume == Basic:
		r.Forced++ // the decision
	case presume == PresumedCommit:
		r.Unforced++ // abort
	}
	if recovery || presume.forces(commit) {
		r.Unforced++ // end
	}
	return r
}

// participantPrice counts the records of all participants. One that votes no has decided then.
func participantPrice(acked bool, n, k int) checkers.RoleCost {
	r := checkers.RoleCost{Role: participantRole, Forced: k, First: 3, Last: 3}
	if acked {
		r.Forced += n
	} else {
		r.Unforced = n
	}
	if k < n {
		r.First = 1
	}
	if k == 0 {
		r.Last = 1
	}
	return r
}

// The roles in the table of costs.
const (
	coordinatorRole = "coordinator"
	participantRole = "participant"
)

// roleOf tells coordinators and participants by their names.
func roleOf(id sim.NodeID) string {
	switch {
	case id == "c" || id == "r":
		return coordinatorRole
	case strings.HasPrefix(string(id), "p"):
		return participantRole
	}
	return ""
}

// calm is the model of runs in which costs are counted: nothing fails.
var calm = fault.Model{Crash: fault.NoCrash, Bounded: true, FIFO: true, NoLoss: true, NoDup: true, NoCut: true}

// eachVote is the work whose costs are counted: one after another and for each variant, transactions with n, n-1, ..., 0
// votes of yes among n.
func eachVote(n int) work {
	x := work{clients: 1, transactions: 3 * (n + 1), variant: variant{each: uint32(n) + 1}}
	for range 3 {
		for yes := n; yes >= 0; yes-- {
			x.votes.set = append(x.votes.set, strings.Repeat("y", yes)+strings.Repeat("n", n-yes))
		}
	}
	return x
}

// costs returns the outer property "costs", with the table of what transactions cost beside what they should.
func costs(participants int, recovery bool) sim.Property {
	v := eachVote(participants).variant
	return checkers.Costs(costing(), func(measured checkers.Cost) (checkers.Cost, bool) {
		tx := measured.Tx.(Tx)
		return price(v.draw(nil, tx.N), recovery, participants, measured.Yes), !measured.Refused
	})
}

// costing says how costs are read from a run.
func costing() checkers.Costing {
	return checkers.Costing{
		Commitment: commitmentOf(),
		Message:    transactionOf,
		Record: func(_ string, record []byte) (any, bool) {
			r := reader{b: record}
			x := r.header()
			return x.tx, r.err == nil && x.kind != lived
		},
		Role: roleOf,
	}
}

// transactionOf returns the transaction that a message of the protocol is about. Those between clients and coordinators
// are none of it.
func transactionOf(m sim.Message) (tx any, ok bool) {
	switch m := m.(type) {
	case CanCommit:
		return m.Tx, true
	case Vote:
		return m.Tx, true
	case Decision:
		return m.Tx, true
	case Ack:
		return m.Tx, true
	case GetDecision:
		return m.Tx, true
	case Answer:
		return m.Tx, true
	case Fence:
		return m.Tx, true
	case Fenced:
		return m.Tx, true
	case Stale:
		return m.Tx, true
	}
	return nil, false
}
