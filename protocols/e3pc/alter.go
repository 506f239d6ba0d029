package e3pc

import "simrun/sim"

// What a liar, or a wire that garbles, makes of the messages that say where a site stands. Elections and attempts stay what they are: to lie about the
// state is enough.

// Alter returns the opposite vote.
func (m Vote) Alter(func(n int) int) sim.Message {
	m.Yes = !m.Yes
	return m
}

// Alter returns a standing with another state that is no decision.
func (m Standing) Alter(pick func(n int) int) sim.Message {
	const undecided = int(preAborted - wait + 1)
	m.State = wait + State((max(int(m.State), int(wait))-int(wait)+1+pick(undecided-1))%undecided)
	return m
}
