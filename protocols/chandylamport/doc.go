// Package chandylamport records global states of a running system, after Chandy and Lamport, "Distributed Snapshots: Determining Global
// States of Distributed Systems", ACM TOCS 3(1), 1985, and rolls the system back to one after a crash.
//
// # The algorithm
//
// A [Process] stands between an application's node and the world ([Wrap]); the application does not notice. Channels keep order and lose
// nothing. Section 3.1 of the paper has two rules. A process that records its state sends a [Marker] on each outgoing channel before it
// sends anything else there. A process that receives a marker records its own state, unless it has done so, with the marker's channel as
// empty; if it has, the state of that channel is what came over it since.
//
//	p1 ──●────t──────M─────────▶   ● p1 records, and sends its marker M after t.
//	         ╲        ╲
//	p2 ───────●r───────●───────▶   ● p2 records when M comes: t is in its state. What p2 sent before that, and p1
//	                                 received after its own ●, is the state of the channel from p2 to p1.
//
// One marker runs over each channel, whatever the topology. Markers bear the [ID] of their snapshot, so any number of snapshots, of one initiator
// or of several, may be under way at the same time. Who has recorded all sends its [Part] to the initiator, which puts the [Snapshot] together
// (section 3.2 leaves that open).
//
// # Recovery
//
// With stable storage the initiator writes each complete snapshot to its disk. After a crash all processes go back to the last one, in two phases
// that the first process leads: everybody stops and says which snapshots it holds; everybody gets its state of the last; then all go on, and
// send again what was in their channels. Every message bears the number of the incarnation, which each recovery raises, and those of an older one
// are dropped: they are of a past that has not happened. A crash during a recovery leads to another. A system starts like that, too: from
// the snapshot in which nothing has happened yet.
package chandylamport
