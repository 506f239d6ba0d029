// Package bracha lets a process tell all others something so that they are told the same, though some of them lie:
// the reliable broadcast of Gabriel Bracha, "Asynchronous Byzantine Agreement Protocols" (Information and Computation 75, 1987).
//
// # The story
//
// A sender that lies can tell one process A and another B. So nobody believes a sender: each [Process] tells all others what it was told, with an
// [Echo], and waits until so many have echoed the same that no other value can ever have as many. Then it says so, with a [Ready]. It delivers
// the value when it knows that everybody will:
//
//	p1        p2        p3        p4
//	│ Initial │         │         │
//	├────────▷├────────▷├────────▷│
//	│   Echo  │         │         │    from each to all
//	├────────▷├◁───────▷├◁───────▷│    more than (n+f)/2 echoes of A: ready for A
//	│   Ready │         │         │    from each to all
//	├────────▷├◁───────▷├◁───────▷│    f+1 ready for A: ready too; 2f+1: deliver A
//
// # Why the numbers
//
// There are n processes, of which at most f lie, and n is at least 3f+1.
//
//   - Two sets of more than (n+f)/2 processes have more than f in common, so one that is honest, and it echoes one value only. Hence no two
//     honest processes are ready for different values because of echoes.
//   - Among f+1 that are ready one is honest. So f liars alone make nobody ready for anything.
//   - Among 2f+1 that are ready f+1 are honest, and all have heard of these, or will: they become ready, at least n-f >= 2f+1 of them, and all deliver.
//     That is why somebody who delivers knows that all others will, even if the sender has told only a few.
//
// Nobody waits for time, and no clock is read: messages may take as long as they like.
//
// # What is assumed
//
// Links are those of the paper: what is sent arrives, perhaps late, perhaps twice, out of order, and its receiver knows whom it came from. Processes
// do not crash: one that does is taken for one that lies, by saying nothing. No signatures are needed.
//
// # What is judged
//
// A process is correct if it is not Byzantine. No two correct ones deliver different values of one broadcast (agreement), nor one
// twice (integrity). What is delivered of a correct sender is what it sent, and it is delivered by all that are correct (validity); if one that is
// correct delivers, whoever the sender was, all do (totality).
package bracha
