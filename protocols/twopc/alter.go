package twopc

import "simrun/sim"

// What a liar makes of the messages that decide. Nothing here is built for it: a coordinator that tells one participant to commit and another to abort is
// obeyed by both.

// Alter returns the other vote.
func (m Vote) Alter(func(n int) int) sim.Message {
	m.Yes = !m.Yes
	return m
}

// Alter returns the other decision.
func (m Decision) Alter(func(n int) int) sim.Message {
	m.Commit = !m.Commit
	return m
}

// Alter returns an answer of the other decision; one that knows of none stays as it is.
func (m Answer) Alter(func(n int) int) sim.Message {
	switch m.State {
	case Committed:
		m.State = Aborted
	case Aborted:
		m.State = Committed
	}
	return m
}
