package twopc

import (
	"strconv"

	"simrun/sim"
)

// What a liar, or a wire that garbles, makes of the messages that say how a transaction ends. Nothing here is built for it: one participant that is
// told another decision than the rest is enough. Transactions and attempts stay what they are, since they name places.

// Alter returns the opposite vote.
func (m Vote) Alter(func(n int) int) sim.Message {
	m.Yes = !m.Yes
	return m
}

// Alter returns the opposite decision.
func (m Decision) Alter(func(n int) int) sim.Message {
	m.Commit = !m.Commit
	return m
}

// Alter returns the opposite outcome.
func (m Outcome) Alter(func(n int) int) sim.Message {
	m.Committed = !m.Committed
	return m
}

// Alter returns an answer with another state.
func (m Answer) Alter(pick func(n int) int) sim.Message {
	m.State = m.State.other(pick)
	return m
}

// Alter returns an answer with another state.
func (m Fenced) Alter(pick func(n int) int) sim.Message {
	m.State = m.State.other(pick)
	return m
}

// Alter returns an answer that tells another number, if it told one, or the opposite of a refusal.
func (m Done) Alter(pick func(n int) int) sim.Message {
	if n, err := strconv.ParseInt(m.Value, 10, 32); err == nil && pick(2) == 0 {
		m.Value = strconv.FormatInt(n+1+int64(pick(9)), 10)
	} else {
		m.Refused = !m.Refused
	}
	return m
}

// other is another of the states that messages tell.
func (s State) other(pick func(n int) int) State {
	all := [...]State{Committed, Aborted, Prepared}
	for i, x := range all {
		if x == s {
			return all[(i+1+pick(len(all)-1))%len(all)]
		}
	}
	return all[pick(len(all))]
}
