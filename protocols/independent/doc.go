// Package independent is rollback recovery with independent checkpoints: each process takes checkpoints when its own clock says so, and after a
// failure a recovery line is found among them. It follows Bhargava and Lian, "Independent Checkpointing and Concurrent Rollback for Recovery in
// Distributed Systems" (SRDS 1988), Strom and Yemini, "Optimistic Recovery in Distributed Systems" (TOCS 3(3), 1985), and the survey of
// Elnozahy, Alvisi, Wang and Johnson (ACM Computing Surveys 34(3), 2002), sections 3 and 4.
//
// # Intervals
//
// Checkpoint k of a process begins its interval k, the first state of all being checkpoint 1. A message carries the interval of its sender; its receiver
// remembers that its own current interval needs that one. If a process fails it returns to its last checkpoint: the interval that this
// begins is undone. Whoever has received something from there has received what was never sent, an orphan message, and must undo the
// interval in which it did; and so forth ([RecoveryLine]). Without anything that keeps it from going on, this may
// end at the beginning: the domino effect.
//
//	p1 ──1────────────2────────────3────────X     p1 fails: it returns to 3
//	       \      /          /
//	p2 ──1──────/───────2───/────────────────     p2 fails: it returns to 2, and p1 to 2, for p1's 2 needs p2's 2
//	          \   /
//	p3 ──1──────2────────────────────────────     p3 fails: it returns to 2, p2 to 1, p1 to 1, and p3 once more, to 1
//
// A message may also be lost by a rollback: its sender has sent it, and its receiver has undone that it received it. Each process keeps what
// it has sent, as part of its state, and sends it again (resend=true); or it is declared lost ([Lost]).
//
// # Recovery
//
// A process that has failed stops all others, collects their dependencies, tells them the line, and lets them go on when all have returned to it
// ([Process], recovery.go). Each recovery begins an epoch. Messages carry it: what is on its way since before the rollback is recognised and
// dropped. Without that (incarnations=false) it would be taken for a message of the new epoch, which nobody has sent.
//
// # Cures
//
// With checkpoints=coordinated, checkpoints have numbers that travel on messages, and who receives a higher number takes a checkpoint first: those of
// one number are consistent, so nobody returns further than to the last number that all have.
//
// With logging, every message or timer handled begins an interval, and can be handled again, with the same picks: a process is
// deterministic between. Pessimistic logging writes it before it has consequences, so a failed process comes back as it was, and
// nobody else notices. Optimistic logging writes later; what was not written is lost, and those who depend on it roll back,
// exactly as far as they do: messages carry a vector of intervals, by which the dependencies are known to the end.
//
// # Output
//
// What the outside world has seen cannot be undone. An output ([Released]) waits until it is before the line that a failure of everybody would have
// (commit=true).
package independent
