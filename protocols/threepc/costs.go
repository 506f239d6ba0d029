package threepc

import (
	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// calm is the model of a run whose costs are counted: nothing happens but the protocol.
func calm(o sim.Options) fault.Model {
	if !o.Bool("costs") {
		return model
	}
	return fault.Model{Crash: fault.NoCrash, Bounded: true, FIFO: true, NoLoss: true, NoDup: true, NoCut: true}
}

// costs says what belongs to a transaction: each message, and each record but for its header.
func costs(c checkers.Commitment, coordinator sim.NodeID) checkers.Costing {
	return checkers.Costing{
		Commitment: c,
		Message: func(m sim.Message) (any, bool) {
			t, ok := m.(interface{ of() Tx })
			if !ok {
				return nil, false
			}
			return t.of(), true
		},
		Record: func(file string, b []byte) (any, bool) {
			r, err := parseRecord(b)
			return r.tx, err == nil && file == dtLog
		},
		Role: func(id sim.NodeID) string {
			if id == coordinator {
				return "coordinator"
			}
			return "participant"
		},
	}
}

func (m CanCommit) of() Tx     { return m.Tx }
func (m Vote) of() Tx          { return m.Tx }
func (m PreCommit) of() Tx     { return m.Tx }
func (m PreAck) of() Tx        { return m.Tx }
func (m DoCommit) of() Tx      { return m.Tx }
func (m DoAbort) of() Tx       { return m.Tx }
func (m HaveCommitted) of() Tx { return m.Tx }
func (m Elect) of() Tx         { return m.Tx }
func (m StateReq) of() Tx      { return m.Tx }
func (m Report) of() Tx        { return m.Tx }
func (m Ask) of() Tx           { return m.Tx }

// formula is what a transaction costs when nothing fails, for n participants of whom k vote yes.
//
// To commit takes five messages for each participant: CanCommit, Vote, PreCommit, PreAck, DoCommit. They are one delay
// each, so that the coordinator has decided after four and all participants after five. With acks HaveCommitted is
// a sixth. Each site forces three records: it is in w, in p, in c. With acks the coordinator writes a fourth, unforced.
//
// An abort is decided at the first no, which is the coordinator's second delay. Each participant has been asked and
// answers, and all but the one that answered no first are told: 3n-1 messages. Who votes no has aborted after one delay
// and forces one record; who votes yes has after three, and forces two, as the coordinator does.
func formula(acks bool) func(checkers.Cost) (checkers.Cost, bool) {
	return func(m checkers.Cost) (checkers.Cost, bool) {
		if m.Commit {
			return ofCommit(m.Participants, acks), m.Yes == m.Participants
		}
		return ofAbort(m.Participants, m.Yes), m.Yes < m.Participants
	}
}

func ofCommit(n int, acks bool) checkers.Cost {
	c := checkers.Cost{
		Messages: 5 * n, Delays: 5,
		Types: []checkers.TypeCost{{Type: "CanCommit", N: n}, {Type: "Vote", N: n}, {Type: "PreCommit", N: n}, {Type: "PreAck", N: n}, {Type: "DoCommit", N: n}},
		Roles: []checkers.RoleCost{{Role: "coordinator", Forced: 3, First: 4, Last: 4}, {Role: "participant", Forced: 3 * n, First: 5, Last: 5}},
	}
	if acks {
		c.Messages, c.Delays = 6*n, 6
		c.Types = append(c.Types, checkers.TypeCost{Type: "HaveCommitted", N: n})
		c.Roles[0].Unforced = 1
	}
	return c
}

func ofAbort(n, k int) checkers.Cost {
	last, delays := 1, 2
	if k > 0 {
		last = 3
	}
	if n > 1 {
		delays = 3
	}
	return checkers.Cost{
		Messages: 3*n - 1, Delays: delays,
		Roles: []checkers.RoleCost{{Role: "coordinator", Forced: 2, First: 2, Last: 2}, {Role: "participant", Forced: 2*k + (n - k), First: 1, Last: last}},
	}
}
