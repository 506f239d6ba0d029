// Package election elects leaders for terms of office, by one instance of Paxos a term. It builds upon package paxos, whose acceptors it uses
// as they are.
//
// # The story
//
// Each [Candidate] would lead. Who leads in an epoch is the value of one instance of Paxos, whose slot has the number of the epoch: a candidate
// that sees a new epoch begin proposes itself ([Stood]), and learns who was elected ([Elected]). So no epoch has two leaders, and nobody leads
// who has not stood.
//
//	epoch 1                         epoch 2
//	c1 │ stands ── elected, rules ─┤ its term is over
//	c2 │ stands ── learns: c1      ┊        │ stands ── elected, rules ──
//	c3 │        ── learns: c1      ┊        │ stands ── learns: c2
//
// That is all that Paxos gives. It does not end a term: a leader that is cut off does not hear that it has a successor, and may go on for as long as
// it likes. A system in which that is harmless numbers what leaders do by their epochs, and refuses the lower number. One in which it is not
// needs clocks.
//
// # Terms
//
// A term has a length T. The leader counts it from when it stood, before anybody could elect it. A candidate that learns who leads in an epoch waits
// for T from then on, before it stands in the next: so whoever is elected there begins after the term before is over, as long
// as clocks drift by ρ at most and the leader stops a margin m earlier:
//
//	(T - m) (1 + ρ) ≤ T (1 - ρ)
//
// That bounds T, with m = 5 ms and ρ = 200 ppm to 12.5 s. A clock that stands still, as with a virtual machine that is frozen, keeps no such bound, and
// is outside the model.
//
// Who has forgotten when it stood, in a crash, does not rule: the value of an epoch names the life that stood ("c1/2"). Who has forgotten what it knew
// begins with epoch 1. It learns one epoch after the other, by proposing itself in it, or from a leader, and waits in each; but not where an acceptor
// tells that somebody has stood in the next epoch already, for that one had waited.
//
// # What is judged
//
// Inside, what package paxos judges in every slot. Outside: no two leaders an epoch (agreement); who is elected has stood for that epoch (validity);
// an act of office is one of the leader elected, and after the first act in an epoch there is none in an earlier one (one-at-a-time); and once faults
// stop, all that work follow a leader who rules (led).
//
// A message that a leader sent while it ruled may arrive when it no longer does. Against that, only numbers help.
package election
