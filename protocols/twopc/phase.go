package twopc

import "simrun/sim"

// The phases that a hunt's coverage tells apart, see sim.Phased. A node is asked about the transaction that the message names.

// Phase says how far the participant is with the transaction: the words of [State]. It is "halted" if its disk failed, and says nothing about a
// message that names no transaction.
func (p *Participant) Phase(about sim.Message) string {
	tx, ok := transaction(about)
	b := p.byTx[tx]
	switch {
	case p.halted:
		return "halted"
	case !ok:
		return ""
	case b == nil:
		return Unknown.String()
	}
	return b.state.String()
}

// phaseWords are the phases of a coordinator in words.
var phaseWords = [...]string{
	idling: "idling", voting: "voting", inquiring: "inquiring", fencing: "fencing", telling: "telling", quieted: "quieted", over: "over",
}

// Phase says how far the coordinator is with the transaction, or that it knows nothing of it ("unknown"). It is "halted" if its disk failed, and says
// nothing about a message that names no transaction.
func (c *Coordinator) Phase(about sim.Message) string {
	tx, ok := transaction(about)
	r := c.byTx[tx]
	switch {
	case c.halted:
		return "halted"
	case !ok:
		return ""
	case r == nil:
		return Unknown.String()
	}
	return phaseWords[r.phase]
}

// Phase says whether the client waits for a transaction ("beginning"), for the outcome of one ("committing"), or for nothing ("ended").
func (c *Client) Phase(sim.Message) string {
	switch {
	case c.ended:
		return "ended"
	case c.tx.None():
		return "beginning"
	}
	return "committing"
}

// transaction returns the transaction that a message or a timer names, also one between clients and coordinators.
func transaction(m sim.Message) (tx Tx, ok bool) {
	switch m := m.(type) {
	case Do:
		return m.Tx, true
	case Done:
		return m.Tx, true
	case Abandon:
		return m.Tx, true
	case Commit:
		return m.Tx, true
	case Outcome:
		return m.Tx, true
	case overdue:
		return m.Tx, true
	case idle:
		return m.Tx, true
	}
	if named, ok := transactionOf(m); ok {
		return named.(Tx), true
	}
	return Tx{}, false
}
