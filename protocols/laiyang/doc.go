// Package laiyang records global states of a running system over channels that do not keep order, after Lai and Yang, "On Distributed
// Snapshots", Information Processing Letters 25, 1987. Where markers are of no use, since a message may overtake them, every message says
// itself on which side of the cut it was sent.
//
// # The algorithm
//
// A [Process] stands between an application's node and the world ([Wrap]); the application does not notice. It is white until it records its
// state and red from then on, and every message of the application bears the colour of its sender. Two rules make the cut consistent:
//
//   - A white process may record at any time.
//   - It must have done so before it receives a red message.
//
// So nothing that was sent after the cut is received before it. What a channel held is what was sent on it white, but was not received white:
//
//	p1 ──●───r────────────w──▶   ● p1 records and is red, and so is its message r.
//	           ╲        ╱
//	             ╲   ╱
//	             ╱   ╲
//	p2 ────────w──────●r─────▶   ● p2 is white when r comes, and records before it receives r. Its message w, sent white, reaches p1
//	                               when that is red: it is the state of the channel from p2 to p1.
//
// # What is in the channels
//
// There are two ways to know ([Method]). By history, as the paper has it: each process keeps all that it has ever sent and received, and
// reports it with its state. The initiator of the snapshot takes one from the other, channel by channel. That is complete as soon as all have
// reported, however late the messages are. By counting, as Mattern has it ("Efficient Algorithms for Distributed Snapshots and Global Virtual Time
// Approximation", JPDC 18, 1993): each reports only how many more messages it has sent than received, and whoever is red and receives a
// white message sends it on to the initiator. When as many have come as the sum of the reports says, none is missing. That needs no
// memory, but waits for the latest message.
//
// # Several snapshots
//
// Colours are numbers: a message says, for each initiator, which of its snapshots was the latest that the sender has recorded for. So a process
// can tell of any message, for any snapshot, whether it is white or red, and snapshots may overlap. Who is behind by several records for each of
// them.
//
// # Silence
//
// Colours travel with the application's messages, and where there are none nobody learns of a snapshot: who hears nothing must be told. The
// initiator sends a [Take] to each other process, straight, wherever the application has channels. It may come before or after the first red
// message, and what it asks for is done once: so nothing depends on its order among other messages.
package laiyang
