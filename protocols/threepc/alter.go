package threepc

import "simrun/sim"

// What a liar, or a wire that garbles, makes of the messages that say where a site stands. The protocol takes all that it hears for true.

// Alter returns the opposite vote.
func (m Vote) Alter(func(n int) int) sim.Message {
	m.Yes = !m.Yes
	return m
}

// Alter returns a report with another state.
func (m Report) Alter(pick func(n int) int) sim.Message {
	m.State = m.State.other(pick)
	return m
}

// Alter returns a question that tells another state.
func (m Ask) Alter(pick func(n int) int) sim.Message {
	m.State = m.State.other(pick)
	return m
}

// other is another of the states from uncertain on.
func (s State) other(pick func(n int) int) State {
	const n = int(Aborted - Uncertain + 1)
	return Uncertain + State((max(int(s), int(Uncertain))-int(Uncertain)+1+pick(n-1))%n)
}
