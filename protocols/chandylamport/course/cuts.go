package course

import (
	"simrun/checkers"
	"simrun/protocols/chandylamport"
	"simrun/sim"
)

// cuts are the judges of global states.
func cuts() []sim.Property {
	c := checkers.Shared(cutting)
	return []sim.Property{checkers.ConsistentCut(c), checkers.ChannelStates(c)}
}

// cutting says how global states are read from a run.
var cutting = checkers.Cutting{
	App: func(m sim.Message) (any, bool) {
		app, ok := m.(chandylamport.App)
		return app.Body, ok
	},
	Recorded: func(fact any) (any, bool) {
		f, ok := fact.(chandylamport.Recorded)
		return f.ID, ok
	},
	Channel: func(fact any) (snapshot any, from sim.NodeID, bodies []any, ok bool) {
		f, ok := fact.(chandylamport.ChannelRecorded)
		for _, m := range f.Channel.Messages {
			bodies = append(bodies, m.Body)
		}
		return f.ID, f.Channel.From, bodies, ok
	},
	Complete: func(fact any) (any, bool) {
		f, ok := fact.(chandylamport.Complete)
		return f.Snapshot.ID, ok
	},
	FIFO: true,
}
