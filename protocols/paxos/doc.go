// Package paxos lets several nodes choose one value, and never two, as described by Leslie Lamport in
// "Paxos Made Simple" (2001). Sections in these comments are sections of that paper.
//
// # The story
//
// A [Proposer] wants its value chosen. A value is chosen once a majority of the [Acceptor] nodes has
// accepted it in one and the same [Ballot], and a [Learner] is whoever wants to know. Two majorities
// share an acceptor: that is the whole secret. Before a proposer may ask for a value it asks a majority
// what they have accepted so far, and makes them promise to accept nothing older from then on. If one of
// them reports a value, the proposer gives up its own and takes that of the highest ballot reported,
// since it may have been chosen already.
//
//	p1        a1        a2        a3
//	│ Prepare │         │         │
//	├────────▷├────────▷├────────▷│    phase 1a
//	│◁────────┼─────────┤ Promise │    phase 1b: from a majority, written and synced before it is sent
//	│ Accept  │         │         │
//	├────────▷├────────▷├────────▷│    phase 2a: one value a ballot, the highest reported or one's own
//	│◁────────┼─────────┤ Accepted│    phase 2b: written and synced; with a majority the value is chosen
//
// # What must survive a crash
//
// An acceptor's promise and acceptance, since others build upon them: each answer is backed by a record
// in the file acceptor.log, and can be asked for it (sim.Backed). Of a proposer, only that it lived:
// every life has a number of its own, taken from the file proposer.log before the first ballot, and
// ballots carry it, so a restarted proposer never uses a ballot again.
//
// # Many decisions
//
// All messages carry the [Slot] they are about, so one acceptor serves any number of independent
// instances, and [Attempt], the proposer's side of one ballot, is a value without a node around it.
// Package paxoskv builds a replicated store from them.
//
// # What is judged
//
// Inner properties see a mistake before it does harm: one value a ballot, a proposal is safe at its
// ballot, promises never go down ([InnerProperties]). The outer ones are those of consensus: agreement,
// validity, integrity, and that all learn in the end.
package paxos
