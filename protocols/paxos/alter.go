package paxos

import "simrun/sim"

// What a liar, or a wire that garbles, makes of the messages. Nothing here is built for it: one acceptor that lies about what it has accepted is
// enough for two decisions. The slot stays what it is, since an acceptor keeps a place for each up to the highest that it has heard of.

// An offer is what an acceptor is asked to accept.
type offer struct {
	Ballot Ballot
	Value  Value
}

// A report is what a [Promise] says.
type report struct {
	Ballot, Accepted Ballot
	Value            Value
}

// A refusal is what a [Refused] says.
type refusal struct{ Ballot, Promised Ballot }

// Alter returns a message with another ballot.
func (m Prepare) Alter(pick func(n int) int) sim.Message {
	m.Ballot = sim.AlterFields(m.Ballot, pick).(Ballot)
	return m
}

// Alter returns a message with another ballot, or that reports something else.
func (m Promise) Alter(pick func(n int) int) sim.Message {
	x := sim.AlterFields(report{m.Ballot, m.Accepted, m.Value}, pick).(report)
	m.Ballot, m.Accepted, m.Value = x.Ballot, x.Accepted, x.Value
	return m
}

// Alter returns a message with other ballots.
func (m Refused) Alter(pick func(n int) int) sim.Message {
	x := sim.AlterFields(refusal{m.Ballot, m.Promised}, pick).(refusal)
	m.Ballot, m.Promised = x.Ballot, x.Promised
	return m
}

// Alter returns a message with another proposal.
func (m Accept) Alter(pick func(n int) int) sim.Message {
	m.Ballot, m.Value = alterProposal(m.Ballot, m.Value, pick)
	return m
}

// Alter returns a message with another proposal.
func (m Accepted) Alter(pick func(n int) int) sim.Message {
	m.Ballot, m.Value = alterProposal(m.Ballot, m.Value, pick)
	return m
}

// Alter returns a message with another proposal.
func (m Chosen) Alter(pick func(n int) int) sim.Message {
	m.Ballot, m.Value = alterProposal(m.Ballot, m.Value, pick)
	return m
}

func alterProposal(b Ballot, v Value, pick func(n int) int) (Ballot, Value) {
	x := sim.AlterFields(offer{b, v}, pick).(offer)
	return x.Ballot, x.Value
}
