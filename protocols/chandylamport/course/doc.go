// Package course runs cases of distributed snapshots in the text format that many courses have, so that a teacher's
// files run unchanged.
//
// # The files
//
// A topology: the number of nodes, a line "id tokens" for each, then one-way links.
//
//	2
//	N1 1
//	N2 0
//	N1 N2
//	N2 N1
//
// A script. Lines between two ticks happen at the same time, in their order; tokens leave at the send; snapshots are
// numbered from 0 in the order in which they are started.
//
//	send N1 N2 1
//	snapshot N2
//	tick 4
//
// A list of delays: how many ticks beyond the first each message takes, from 0 to 4, one for each send in the order of
// the program. A node that sends to several neighbours does so in the order of their ids as strings. Without a
// list the seed picks.
//
// A snapshot: its number, what each node had, and the messages recorded on links. Of those into one node, the order is
// that in which they arrived.
//
//	0
//	N1 0
//	N2 0
//	N1 N2 token(1)
//
// In all of them # starts a comment and empty lines mean nothing. What a file says wrong is an [Error], with the file, the line and what was
// expected.
//
// # The rules
//
// Time is a whole number, and the network is in tick mode: see sim.World.Ticks. After the script, ticks go on until
// every snapshot is complete. A snapshot is Chandy's and Lamport's, by package chandylamport: what is judged here is that
// algorithm, not another one.
package course
