// Package acceptor is a lab: you write the acceptor of single-decree Paxos, and everything else is there.
//
// The handout is README.md beside this file. What you write is acceptor.go, and nothing else. The
// messages that it gets and sends are in messages.go, and what the proposers make of its answers is in
// proposer.go: read both first.
//
//	p1        a1        a2        a3
//	│ Prepare │         │         │
//	├────────▷├────────▷├────────▷│    take part in nothing older than this ballot!
//	│◁────────┼─────────┤ Promise │    I will; and this is what I have accepted last
//	│ Accept  │         │         │
//	├────────▷├────────▷├────────▷│    accept this value in this ballot!
//	│◁────────┼─────────┤ Accepted│    I have
//
// A value that a majority has accepted in one and the same ballot is chosen. Two proposers want two
// different values, messages are lost, late and repeated, and acceptors crash and start again: that no
// two values are ever chosen is up to the acceptors alone.
//
// The tests go by the [Stages], from the first sign of life to the worst of weather.
package acceptor
