package multipaxos

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
	"simrun/workload"
)

var noted = []sim.Kind{sim.Noted}

// A ledger is what the facts of a run say about the slots. The properties share it, and each has columns of its own.
type ledger struct {
	first   Config
	window  Slot
	slots   []page
	configs []configFrom
	promise map[Member]Ballot
}

// A page is what was noted of a slot.
type page struct {
	proposals []Vote // one a ballot
	votes     []votes
	chosen    Vote // by a majority of those who vote in the slot; a ballot of none if nothing is
	executed  Value
	by        sim.NodeID // who executed it first; "" nobody
}

// Votes are who has accepted in a ballot.
type votes struct {
	ballot Ballot
	value  Value
	by     []Member
}

func newLedger(first Config, window Slot) *ledger {
	return &ledger{first: first, window: window, configs: []configFrom{{0, first}}, promise: make(map[Member]Ballot)}
}

func (l *ledger) page(slot Slot) *page {
	for Slot(len(l.slots)) <= slot {
		l.slots = append(l.slots, page{})
	}
	return &l.slots[slot]
}

// in returns who votes in a slot.
func (l *ledger) in(slot Slot) Config {
	who := l.first
	for _, c := range l.configs {
		if c.from <= slot {
			who = c.who
		}
	}
	return who
}

// inner returns the properties that look inside servers.
func (l *ledger) inner() []sim.Property {
	return []sim.Property{
		checkers.Always("promise-monotone", true, noted, l.monotone),
		checkers.Always("one-value-per-ballot", true, noted, l.oneValue),
		checkers.Always("chosen-stays", true, noted, l.stays),
		checkers.Always("executed-was-chosen", true, noted, l.wasChosen),
		l.sameResult(),
	}
}

// monotone checks that no member goes back on a promise.
func (l *ledger) monotone(e *sim.Event) (bool, error) {
	switch f := e.Data.(type) {
	case Promised:
		if f.Ballot.Less(l.promise[f.By]) {
			return true, fmt.Errorf("%v promised %v, and then %v", f.By, l.promise[f.By], f.Ballot)
		}
		l.promise[f.By] = f.Ballot
		return true, nil
	case Voted:
		if f.Ballot.Less(l.promise[f.By]) {
			return true, fmt.Errorf("%v promised %v, and then accepted %v in slot %d", f.By, l.promise[f.By], f.Ballot, f.Slot)
		}
		l.promise[f.By] = f.Ballot
		return true, nil
	}
	return false, nil
}

// oneValue checks that in a slot no ballot proposes or has accepted two values.
func (l *ledger) oneValue(e *sim.Event) (bool, error) {
	var v Vote
	switch f := e.Data.(type) {
	case Proposed:
		v = Vote{Slot: f.Slot, Ballot: f.Ballot, Value: f.Value}
	case Voted:
		v = Vote{Slot: f.Slot, Ballot: f.Ballot, Value: f.Value}
	default:
		return false, nil
	}
	p := l.page(v.Slot)
	for _, w := range p.proposals {
		if w.Ballot == v.Ballot {
			if w.Value != v.Value {
				return true, fmt.Errorf("in slot %d ballot %v has two values: %v, and %v", v.Slot, v.Ballot, w.Value, v.Value)
			}
			return true, nil
		}
	}
	p.proposals = append(p.proposals, v)
	return true, nil
}

// stays checks that what a majority has accepted in one ballot is all that is proposed in higher ones, and that no other value gets a majority.
func (l *ledger) stays(e *sim.Event) (bool, error) {
	switch f := e.Data.(type) {
	case Configured:
		if !slices.ContainsFunc(l.configs, func(c configFrom) bool { return c.from == f.From }) {
			l.configs = append(l.configs, configFrom{f.From, f.Who})
			slices.SortFunc(l.configs, func(a, b configFrom) int { return int(int64(a.from) - int64(b.from)) })
		}
	case Proposed:
		if c := l.page(f.Slot).chosen; !c.Ballot.None() && c.Ballot.Less(f.Ballot) && c.Value != f.Value {
			return true, fmt.Errorf("in slot %d %v was chosen in %v, and %v proposes %v", f.Slot, c.Value, c.Ballot, f.Ballot, f.Value)
		}
		return true, nil
	case Voted:
		return true, l.vote(f)
	}
	return false, nil
}

// wasChosen checks that nobody executes in a slot what no majority has accepted there in one ballot.
func (l *ledger) wasChosen(e *sim.Event) (bool, error) {
	f, ok := e.Data.(Executed)
	if !ok {
		return false, nil
	}
	switch c := l.page(f.Slot).chosen; {
	case c.Ballot.None():
		return true, fmt.Errorf("%s executes %v in slot %d, where nothing is chosen", e.Node, f.Value, f.Slot)
	case c.Value != f.Value:
		return true, fmt.Errorf("%s executes %v in slot %d, where %v is chosen", e.Node, f.Value, f.Slot, c.Value)
	}
	return true, nil
}

// vote counts an acceptance.
func (l *ledger) vote(f Voted) error {
	p := l.page(f.Slot)
	i := slices.IndexFunc(p.votes, func(v votes) bool { return v.ballot == f.Ballot })
	if i < 0 {
		i, p.votes = len(p.votes), append(p.votes, votes{ballot: f.Ballot, value: f.Value})
	}
	v := &p.votes[i]
	if !slices.Contains(v.by, f.By) {
		v.by = append(v.by, f.By)
	}
	who := l.in(f.Slot)
	if who.count(v.by) < who.Quorum() {
		return nil
	}
	if c := p.chosen; !c.Ballot.None() && c.Value != v.value {
		return fmt.Errorf("in slot %d %v is chosen in %v, and %v was in %v", f.Slot, v.value, v.ballot, c.Value, c.Ballot)
	}
	if p.chosen.Ballot.None() || v.ballot.Less(p.chosen.Ballot) {
		p.chosen = Vote{Slot: f.Slot, Ballot: v.ballot, Value: v.value}
	}
	return nil
}

// agreement returns the outer property that no two servers find different values in a slot.
func (l *ledger) agreement() sim.Property {
	agree := checkers.Always("agreement", false, noted, func(e *sim.Event) (bool, error) {
		f, ok := e.Data.(Executed)
		if !ok {
			return false, nil
		}
		p := l.page(f.Slot)
		if p.by == "" {
			p.executed, p.by = f.Value, e.Node
			return false, nil
		}
		if p.executed != f.Value {
			return true, fmt.Errorf("in slot %d %s found %v, and %s found %v", f.Slot, p.by, p.executed, e.Node, f.Value)
		}
		return true, nil
	})
	return checkers.Tallied(agree, func(add func(string, uint64)) { add("slots", uint64(len(l.slots))) })
}

// An effect is what a command did.
type effect struct {
	slot   Slot
	result workload.Result
	by     sim.NodeID
}

// sameResult returns the inner property that a command takes effect in one slot, and with the same result everywhere.
func (l *ledger) sameResult() sim.Property {
	did := make(map[checkers.OpID]effect)
	return checkers.Always("exactly-once", true, noted, func(e *sim.Event) (bool, error) {
		f, ok := e.Data.(Applied)
		if !ok || f.Again {
			return false, nil
		}
		was, known := did[f.ID]
		if !known {
			did[f.ID] = effect{f.Slot, f.Result, e.Node}
			return false, nil
		}
		if was.slot != f.Slot || was.result != f.Result {
			return true, fmt.Errorf("%v took effect in slot %d at %s (%v), and in slot %d at %s (%v)", f.ID, was.slot, was.by, was.result, f.Slot, e.Node, f.Result)
		}
		return true, nil
	})
}
