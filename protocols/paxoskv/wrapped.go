package paxoskv

import (
	"simrun/protocols/paxos"
	"simrun/sim"
)

// Wrapped returns the scenario with somebody else's node around each server, such as a layer that takes snapshots. The properties that read
// messages do not look into its envelopes.
func Wrapped(around func(*Server) sim.Node) *sim.Scenario { return scenario(around) }

// AppendState appends a canonical encoding of what the replica has come to: the commands that it has executed, and what the store holds. Of two
// replicas that have executed as many commands it is the same.
func (s *Server) AppendState(b []byte) []byte {
	return sim.AppendContent(b, struct {
		executed []paxos.Value
		store    store
	}{s.log[:s.next], s.store})
}
