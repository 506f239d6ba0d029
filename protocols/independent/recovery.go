package independent

import (
	"fmt"
	"time"

	"simrun/sim"
)

// patience is how long an initiator waits for answers before it asks again; doubled each time, up to 8 times.
const patience = 20 * time.Millisecond

// A recovery is what its initiator knows of a round (Bhargava, Lian 1988; Elnozahy et al. 2002, section 3.2): it asks all for their
// dependencies, computes the recovery line, tells it, and lets all resume when all have rolled back. Nobody works meanwhile.
//
// An initiator that crashes begins another round when it is up again, with a higher number; whoever is in a lower round leaves it.
// A line that some had rolled back to already does no harm: they are still stopped, and the new line is computed from where they are.
type recovery struct {
	round   Round
	tries   int
	reports []*Report
	line    []int // nil: not yet
	lives   []int
	rolled  []bool
	outdone bool // somebody has promised a higher round
}

// An again tells an initiator to ask again, unless its round is over.
type again struct{ Round Round }

// AppendHash appends the timer's content.
func (t again) AppendHash(b []byte) []byte { return t.Round.append(b) }

// String prints "again{1.2}".
func (t again) String() string { return fmt.Sprintf("again{%v}", t.Round) }

// recover begins a round.
func (p *Process) recover(env sim.Env) {
	p.round = max(p.round, p.promised.N) + 1
	r := Round{p.round, p.cfg.Self}
	if !p.append(env, r.append([]byte{roundRecord})) || !p.sync(env) {
		return
	}
	n := len(p.cfg.Nodes)
	p.join(r)
	p.recovery = &recovery{round: r, reports: make([]*Report, n), rolled: make([]bool, n)}
	own := p.report()
	p.recovery.reports[p.cfg.Self] = &own
	p.urge(env)
}

// join makes the process a member of a round, of which it is not yet the initiator.
func (p *Process) join(r Round) {
	p.promised, p.stopped, p.rolled = r, true, false
	p.recovery = nil
}

func (p *Process) report() Report {
	return Report{p.promised, p.own, p.lastCheckpoint().start, Dependencies{p.end(), cloneNeeds(p.needs)}}
}

// urge asks whoever has not answered.
func (p *Process) urge(env sim.Env) {
	r := p.recovery
	for j, id := range p.cfg.Nodes {
		switch {
		case j == p.cfg.Self:
		case r.line != nil && !r.rolled[j]:
			env.Send(id, Rollback{r.round, r.line, r.lives})
		case r.line == nil && r.reports[j] == nil:
			env.Send(id, Request{r.round})
		}
	}
	env.After(patience<<min(r.tries, 3), again{r.round})
	r.tries++
}

// recoveryMessage handles what belongs to a recovery.
func (p *Process) recoveryMessage(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Request:
		p.requested(env, from, m.Round)
	case Rollback:
		p.rollback(env, from, m)
	case Resume:
		if m.Round == p.promised && p.rolled && p.stopped {
			p.resume(env)
		}
	case Report:
		if p.recovery == nil || m.Round != p.recovery.round {
			env.Send(from, Refused{m.Round, p.promised}) // the sender has joined a round that is over
			return
		}
		p.progress(env, p.place(from), m)
	case Refused:
		p.round = max(p.round, m.Promised.N)
		if p.recovery == nil && p.stopped && m.Round == p.promised {
			p.recover(env)
			return
		}
		p.progress(env, p.place(from), m)
	case Rolled, again:
		p.progress(env, p.place(from), m)
	}
}

// requested stops the process for a round, unless it has promised a higher one.
func (p *Process) requested(env sim.Env, from sim.NodeID, r Round) {
	switch {
	case r.Less(p.promised):
		env.Send(from, Refused{r, p.promised})
	case p.promised.Less(r):
		p.join(r)
		env.Send(from, p.report())
	case !p.rolled && p.stopped: // asked again: the answer may be late, but it is the same
		env.Send(from, p.report())
	}
}

// rollback undoes what is behind the line.
func (p *Process) rollback(env sim.Env, from sim.NodeID, m Rollback) {
	if m.Round != p.promised || m.Lives[p.cfg.Self] != p.own {
		env.Send(from, Refused{m.Round, p.promised})
		return
	}
	if !p.rolled && !p.rollTo(env, m.Line[p.cfg.Self]) {
		return
	}
	env.Send(from, Rolled{m.Round, p.rollRecord()})
}

// rollTo undoes the intervals from one on, if there are any, durably.
func (p *Process) rollTo(env sim.Env, from int) bool {
	if p.cfg.Policy == Coordinated {
		from = p.firstFrom(from)
	}
	if p.rolled = true; from >= p.end() {
		return true
	}
	if !p.append(env, appendInts(p.promised.append([]byte{rolledRecord}), from)) || !p.sync(env) {
		return false
	}
	before := p.handled
	p.restore(env, from)
	env.Note(RolledBack{from, before - p.handled})
	return !p.halted
}

// rollRecord names the record that a rollback rests on: the last, since nothing is written between.
func (p *Process) rollRecord() backing {
	return backing{p.history.at + 1}
}

// firstFrom returns the start of the first checkpoint with that number or a higher one: who has skipped a number
// has not worked in its interval.
func (p *Process) firstFrom(number int) int {
	for i := range p.checkpoints {
		if start := p.checkpoints[i].start; start >= number {
			return start
		}
	}
	return number
}

// progress advances a round at its initiator.
func (p *Process) progress(env sim.Env, from int, m sim.Message) {
	r := p.recovery
	if r == nil {
		return
	}
	switch m := m.(type) {
	case Report:
		if r.line == nil {
			r.reports[from] = &m
			p.find(env)
		} else if m.Life != r.lives[from] { // it has failed since the line was computed: that line will not do
			r.outdone = true
			env.Send(p.cfg.Nodes[from], Refused{m.Round, p.promised})
		}
	case Rolled:
		if m.Round == r.round && r.line != nil {
			r.rolled[from] = true
			p.complete(env)
		}
	case Refused:
		r.outdone = r.outdone || m.Round == r.round
	case again:
		if m.Round == r.round && r.outdone {
			p.recover(env)
		} else if m.Round == r.round {
			p.urge(env)
		}
	}
}

// find computes the recovery line once all have reported.
func (p *Process) find(env sim.Env) {
	r := p.recovery
	var all []Dependencies
	var starts, lives []int
	for _, rep := range r.reports {
		if rep == nil {
			return
		}
		all, starts = append(all, rep.Dependencies), append(starts, rep.Start)
		lives = append(lives, rep.Life)
	}
	r.lives = lives
	line, steps := p.lineOf(all, starts)
	r.line = line
	env.Note(LineFound{r.round, line, steps})
	if p.rollTo(env, line[p.cfg.Self]) {
		r.rolled[p.cfg.Self] = true
		p.urge(env)
	}
}

// lineOf returns the line that the policy of checkpoints allows.
func (p *Process) lineOf(all []Dependencies, starts []int) (line []int, steps []Step) {
	switch {
	case p.cfg.Policy == Coordinated:
		return commonLine(starts), nil
	case p.cfg.Policy == BySends:
		return starts, nil
	}
	return RecoveryLine(all)
}

// complete lets all resume once all have rolled back.
func (p *Process) complete(env sim.Env) {
	r := p.recovery
	for _, done := range r.rolled {
		if !done {
			return
		}
	}
	env.Note(Recovered{r.round, r.line})
	for j, id := range p.cfg.Nodes {
		if j != p.cfg.Self {
			env.Send(id, Resume{r.round})
		}
	}
	p.recovery = nil
	p.resume(env)
}

// resume begins the epoch of the round: the process works again, asks for what it has lost, and sees to what has waited.
func (p *Process) resume(env sim.Env) {
	p.epoch, p.stopped, p.fresh, p.early, p.release = p.promised, false, false, nil, nil
	p.marks = p.marks[:0]
	for _, list := range p.out {
		p.marks = append(p.marks, len(list))
	}
	env.Note(Resumed{p.epoch})
	p.catchUp(env)
	p.rest(env)
	p.askStable(env)
	waiting := p.deferred
	p.deferred = nil
	for _, a := range waiting {
		p.Handle(env, a.from, a.m)
	}
}

// catchUp asks for messages that this process has not received, or not any more.
func (p *Process) catchUp(env sim.Env) {
	for _, id := range p.cfg.From {
		env.Send(id, Have{p.epoch, p.in[p.place(id)]})
	}
}

// carryOn is all that is left of recovery with pessimistic logging: nobody else is concerned, but for messages that came while this process was
// down, or that it had not yet sent.
func (p *Process) carryOn(env sim.Env) {
	p.fresh = false
	p.catchUp(env)
	for j, list := range p.out {
		if len(list) > 0 {
			env.Send(p.cfg.Nodes[j], Missing{})
		}
	}
	if p.sync(env) {
		p.rest(env)
		p.settleOutputs(env)
	}
}

// resend sends again what a process has not received, or declares it lost. What was sent in this epoch is on its way.
func (p *Process) resend(env sim.Env, to, received int) {
	last := len(p.out[to])
	if p.cfg.Logging != Pessimistic && p.marks != nil {
		last = min(last, p.marks[to])
	}
	if received < last && !p.cfg.Resend {
		env.Send(p.cfg.Nodes[to], Gone{p.epoch, last, p.out[to][last-1].interval})
		return
	}
	for n := received + 1; n <= last && p.sync(env); n++ {
		env.Send(p.cfg.Nodes[to], p.tag(to, n))
	}
}

// giveUp declares messages lost: they will not be sent again.
func (p *Process) giveUp(env sim.Env, from int, m Gone) {
	first := p.in[from] + 1
	if first > m.N || p.cfg.Policy == Coordinated && m.Interval > p.interval && !p.checkpoint(env, m.Interval) {
		return
	}
	p.in[from] = m.N
	row := p.row(p.interval, len(p.cfg.Nodes))
	row[from] = max(row[from], m.Interval)
	env.Note(Lost{p.interval, p.cfg.Nodes[from], first, m.N})
	p.overtaken(env, from)
}
