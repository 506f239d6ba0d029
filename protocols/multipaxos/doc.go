// Package multipaxos is a replicated service with a stable leader: the log of package paxoskv as one would build it to use it.
//
// # The story
//
// All servers execute the same log of commands in the same order, and so go through the same states. What stands in a slot of the log is decided by
// an instance of Paxos, but the instances have a leader in common, which asks for promises once for all slots that are not decided
// (Lamport, "Paxos Made Simple", section 3; [Prepare], [Promise]). From then on each slot takes one round trip:
//
//	c1          s1 (leads in 3.s1)   s2         s3
//	│ Request ────▶│
//	│              ├─ Accept 7 ─────▶│          │
//	│              ├─ Accept 7 ─────────────────▶
//	│              │◀─── Accepted 7 ─┤          │
//	│◀────── Reply ┤  a majority, with the leader itself: decided
//	│              ├─ Accept 8 ─────▶│          │   "all below 8 are decided" rides along
//
// That is four one-way delays for a write, 2(n-1) messages for a slot, and n-1 more if decisions are told at once ([Settings].Told) and do not ride along on
// the next message to the same server. Window is how many slots are under way at most, Batch how many commands share one.
//
// A leader shows that it lives ([Heartbeat]). Who has not heard of one for a while, which is drawn anew each time, tries to lead with a higher ballot. Who has
// promised that refuses the old leader ([Refused]), which steps down. How long that while is ([Settings].Patience) sets the pace of all else: how often a leader shows that it lives, and when something is sent
// again. Servers that are hasty change leaders when there is no need, and so meet what can go wrong then.
//
// # What a new leader must do
//
// Promises of a quorum tell what has been accepted where. In a slot in which one of them has accepted something, the new leader must propose the value of the
// highest ballot among them, since it may have been chosen ([Adopted]). A slot in which none has, while there is something beyond, is a gap:
// it is filled with a command that does nothing ([Filled]), for nothing can have been chosen there. Who has accepted something
// and cannot say what, counts for nothing in that slot: its disk has lost the value, or it has forgotten it because it was decided ([Promise].Base). Then the
// leader waits for others, or learns the decision.
//
// A follower learns that a slot is decided by a number, and with which value only if it has accepted in that very ballot; the value of an
// earlier ballot may be another one. All else it asks for ([Ask], [Entries]).
//
// # Memory
//
// The disk holds who one is, what one has promised and accepted, and now and then a [Snapshotted] state, in place of the slots that led to it (stable.go). Who asks for
// slots that are forgotten gets the state ([Snapshot]). Sessions belong to it: who has asked what, and with what result. A client that hears nothing asks again, so that one command can stand in two slots;
// the second time it is answered and not executed, also by a server that knows the first from a snapshot alone.
//
// A value that the disk has damaged is known to be missing, by slot and ballot, and fetched from others. To take it for the end of the log would be
// to forget acceptances (Alagappan and others, "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018). Damage where promises stand is another matter: then nobody can
// know what was promised, and the disk counts as lost.
//
// # Identity
//
// A server writes a format mark at its first start ([Marked]). One without it does not know whether its disk is new, and asks the [Operator], a person with a
// notebook, who knows whether the identity was in use. If so the server is another [Member] from now on, s1/2 in the place of s1, and votes only once a change of the configuration has let it. "Paxos Made
// Live" (section 5.1) lets it vote under the old name, as soon as it has seen an instance that began after it asked. That may break a promise: "Recovering Shared Objects Without Stable Storage"
// (Michael and others, DISC 2017) shows how.
//
// # Who votes
//
// It is decided in the log like all else ("Paxos Made Moderately Complex", section 4.5, and Lamport's α): a [Change] in slot i governs slots from i+Window on, and in no slot is proposed before all that are a window behind
// it are executed. So whoever proposes knows who votes there. Changes are of one member, one after the other.
//
// # Three ways to read
//
// Through the log, a read is a command. By read index, the leader answers from its state, once a quorum has answered a heartbeat that left after the
// read came: then nobody led when it came but this leader. By lease, at once: a follower that answers a heartbeat lets nobody else lead for the time Lease from when the
// heartbeat came, and the leader counts Lease less Margin from when it left. With clocks that drift by ρ at most that is safe if
//
//	(Lease - Margin) (1 + ρ) ≤ Lease (1 - ρ)
//
// so for 200ms and 200ppm a margin of 80µs will do. After a restart a server does not know whom it has answered, and lets nobody lead for that long. However it reads, a leader first executes all that its
// promisers knew of, and those must be a quorum of who votes in the next slot.
//
// A fourth way promises less: with read=local any server answers from its own state, if that has come as far as the client has seen (Seen of [workload.Request]). A client may see an old state, and never goes
// back: that is sequentially consistent, and not linearizable, and is judged so. How old, can be bounded ([Settings].Stale): a follower asks the leader with each answer to a heartbeat how far the service has come ([Inquire]), which the leader
// answers as it would a read by index. What the follower then knows is as old as its question, by its own clock. If it knows nothing young enough it sends clients to the leader, which reads by index for them.
//
// # What is judged
//
// Inside: that nobody goes back on a promise (promise-monotone), that no ballot has two values in a slot (one-value-per-ballot), that what was chosen is
// all that is proposed later (chosen-stays), that nothing else is executed (executed-was-chosen), and that a command takes effect in one slot with one result (exactly-once). Outside: that all
// find the same in a slot (agreement); what clients see (linearizability, package checkers); and that all operations end once faults stop (progress).
package multipaxos
