// Package twopc commits transactions on several nodes, on all of them or on none: two-phase commit, in the variants basic,
// presumed abort and presumed commit, with cooperative termination, and with a recovery coordinator.
//
// # The story
//
// A [Client] has a transaction of which each [Participant] does a part. A [Coordinator] asks all participants whether they
// can commit. If all vote yes it decides commit, if one votes no or is silent, abort, and it tells them.
//
//	c        p1        p2
//	│CanCommit         │
//	├────────▷├───────▷│    phase 1
//	│◁────────┼────────┤    Vote: a yes is forced to the log (prepared) before it is sent
//	│Decision │        │
//	├────────▷├───────▷│    phase 2: commit is forced to the log before it is told
//	│◁────────┼────────┤    Ack: forced before it is sent; with all of them c forgets the transaction
//
// Who has voted yes is in doubt until it hears the decision: it must be able to commit and to abort, so it keeps its
// locks, whatever happens and for however long. It asks (GetDecision) when it has waited long enough, and never
// decides alone. That is the weakness of the protocol: if c fails then, and whoever might know with it, those in doubt
// block. The stories in seeds/2pc show it.
//
// # What is forced
//
// Every record goes to one log a node; a forced one is synced before anything that follows from it is said. A coordinator
// that has forgotten a transaction, or never wrote anything about it, answers what is presumed of it ([Presume]), so that
// the usual case needs fewer records and acknowledgements. The forced records of commit, of the coordinator and of
// each participant, are those of Mohan, Lindsay and Obermarck; see costs.go for the whole table:
//
//	basic             commit, then end unforced          prepared, commit    acknowledged
//	presumed abort    commit, then end unforced          prepared, commit    acknowledged
//	presumed commit   initiated, commit                  prepared            not acknowledged: commit is unforced
//
// In presumed commit an abort is acknowledged by all that did not vote no, also those that were never reached: a late
// CanCommit that was taken for a new one would end in doubt, and the presumption would commit it.
//
// # Forgotten votes
//
// Where abort is presumed a no is not forced. A participant that forgets its no in a crash must not vote yes when it is asked
// again, so work belongs to a life of the participant: a CanCommit says in which it was done, or is to be done, and in any other the
// vote is no. For the same reason transactions carry the life of the coordinator that gave them, and one of an earlier life is
// never put to the vote again.
//
// # Taking over
//
// With recovery=true each coordinator can end what another has left (the lecture's recovery coordinator). Then no coordinator has
// a say of its own: a decision binds, and a client is told, when a participant holds it durably. Whoever takes over
// first fences all participants with an [Attempt] that is higher than any before, so that no lower one can be carried out any
// more, and hears how they stand. If any knows a decision, or has not voted, that settles it; if all are prepared nothing has been
// decided. It must wait for all. One that is silent may have committed, or aborted: with a coordinator and one participant gone
// for good, every other one blocks, as before.
//
// # Data
//
// Participants keep values by key, under strict two-phase locking; wait-die keeps deadlocks away (see locks.go).
// Locks of prepared transactions are taken again after a crash. Values in doubt are in the log, the rest is built from it.
//
// A [Client] sends its work with the vote. A [Teller] of the scenario [Bank] works before: it asks for one operation after the other
// (Do), each under its lock, and for the vote at the end, naming the life of each participant that has worked for it.
//
// # The coordinator as a story
//
// script.go tells the coordinator once more, as straight-line code that waits where the textbook waits (script=true). Where
// nothing fails both say the same at the same times.
//
// # What is judged
//
// Atomicity and termination (AC1 to AC5), serializability of the lists that clients append to, and inside: the
// write-ahead rule of every message that promises something, one decision an attempt, no yes after a no, all fenced before a
// takeover decides, and locks held in doubt.
//
// # Sources
//
// Gray, "Notes on Data Base Operating Systems" (1978); Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed
// Database Management System" (TODS 11(4), 1986); Bernstein, Hadzilacos, Goodman, "Concurrency Control and Recovery in Database
// Systems" (1987), chapter 7; Rosenkrantz, Stearns, Lewis, "System Level Concurrency Control for Distributed Database Systems"
// (TODS 3(2), 1978). Where one must choose: a participant that aborts because a peer asks forces that in all variants,
// which R*, having no peers that ask, does not need; where abort is presumed a coordinator writes nothing of one, while that of R*
// leaves an unforced record in the log that it shares with its data; and coordinators wait for all votes, or a time-out, before they abort.
package twopc
