// Package kootoueg takes coordinated checkpoints of any application, and rolls it back to them: Koo and Toueg, "Checkpointing and
// Rollback-Recovery for Distributed Systems", IEEE TSE SE-13(1), 1987.
//
// [Wrap] puts the algorithm around a node that knows nothing of it. Each process keeps one permanent checkpoint on its disk, to
// begin with its initial state, and at times a tentative one. The permanent checkpoints of all together are always a consistent global state.
//
// # Checkpoints
//
// It is two-phase commit among those that must take part. Labels number the messages of each channel. The initiator p takes a
// tentative checkpoint, and asks its cohort: those it has received something from since its last checkpoint.
//
//	p --*--[C]-- Request(last_rmsg) -->  q : takes one if it sent that message after its own last checkpoint,
//	                                         and asks its cohort in turn
//	p <-------- Willing(yes) ----------- q   when all of those are willing
//	p --[decision]-- MakePermanent ----> q   and on along the same edges
//
// From its tentative checkpoint to the decision a process sends no message of the application: what it would send waits. So
// nothing that is received before a checkpoint was sent after one, and whoever need not take a checkpoint is not asked to.
//
// # Rollback
//
// A process that has crashed has no state. It asks all that it can send to whether they have received anything that its permanent checkpoint
// does not contain; who has is prepared, and asks on. When all are ready, all that are prepared go back to their permanent checkpoints.
//
// # What the paper leaves open, and what is done here
//
//   - A process takes part in one instance at a time and says no to others, which are then undone and tried again after a random
//     while. A process that has crashed, and does not try just then, joins the rollback of another.
//   - Only the initiator gives up waiting for answers, after a patience that doubles up to some seconds. What it decides is on its disk before anybody hears of it; what is
//     not on disk is undone ("presumed abort"). Who waits for a decision asks the initiator for it now and then. An initiator that is gone for
//     good leaves them waiting; one that starts again answers from its log.
//   - last_smsg is 0, the paper's smallest label, where nothing was sent before the checkpoint. Copies of the algorithm have the largest there: then who
//     has received only what is undone would not roll back (see [LargestLabel]).
//   - Lost messages are those that a permanent checkpoint has sent and the receiver's has not received. Each sender keeps a log of what
//     the receiver's permanent checkpoint may lack, as a part of its own state. A process that has rolled back says Hello to its neighbours with the labels
//     that it has, and both sides send again what the other lacks. The log is cut when the receiver's checkpoint becomes permanent: its Request said
//     which label that has.
//   - Each rollback of a process begins a new incarnation of it. A message says which incarnations it is from and for; if either is over, it
//     is dropped. Without that a message sent before a rollback, and sent again because of it, would count twice.
//
// Channels are FIFO, and lose messages only when the receiver is down. A request then travels behind all that its sender has sent before,
// and what is undone has been received, and is counted, when the decision is made.
//
// # Costs
//
// A checkpoint costs a request along each edge that is followed, as many answers, and as many decisions: 3(k-1) messages for k processes whose
// dependencies are a tree, and two forced writes each.
package kootoueg
