// Package apps holds small distributed applications that know nothing of snapshots, checkpoints or crashes: what the algorithms that
// record global states are tried on.
//
//	bank       accounts send one another money                     the money in accounts and on its way is always the same
//	ring       a token goes round                                   there is exactly one
//	wordcount  a source deals out lines, workers count their words  the answer is known
//	mesh       everybody sends numbered messages to everybody       what was sent is received, or on its way
//
// Each is a plain sim.Node on a [Topology]: it sends to its out-neighbours only, all its chance comes through Env.Pick, and its work is
// bounded, so that in the end everybody is passive. It keeps nothing on disk. Its whole state goes into bytes and back ([App]), so a
// middleware can save it, boot a fresh one, restore it and start that: Start looks at the state it finds and sets the timers which that needs.
//
// In each of them something is conserved ([Workload.Total]): states and messages have an Amount, and all amounts together never
// change. A recorded global state that sums to another number is not one that the system could have been in.
package apps
