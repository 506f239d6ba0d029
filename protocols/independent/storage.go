package independent

import "simrun/sim"

// append adds a record to the log, which is not durable before sync. It returns false if the disk fails.
func (p *Process) append(env sim.Env, record []byte) bool {
	if p.halted {
		return false
	}
	at, err := p.log.Append(record)
	if err != nil {
		p.halt(env, err)
		return false
	}
	p.history.at, p.dirty = at, true
	return true
}

// sync makes all records durable. It returns false if the disk fails.
func (p *Process) sync(env sim.Env) bool {
	if p.halted || !p.dirty {
		return !p.halted
	}
	if err := p.log.Sync(); err != nil {
		p.halt(env, err)
		return false
	}
	p.dirty = false
	return true
}

// record writes an event before it is handled (pessimistic logging). A message must be durable before the application sees it, since it
// cannot be had again in the same order; a timer before something leaves that was caused by it.
func (p *Process) record(env sim.Env, e *event) bool {
	if !p.append(env, e.append(nil)) {
		return false
	}
	return e.timer != nil || p.sync(env)
}

// write writes the events that have not been written (optimistic logging).
func (p *Process) write(env sim.Env) {
	if p.cfg.Logging != Optimistic || p.written == len(p.events) {
		return
	}
	for i := p.written; i < len(p.events); i++ {
		if !p.append(env, p.events[i].append(nil)) {
			return
		}
	}
	if p.sync(env) {
		p.written = len(p.events)
		env.Note(Logged{p.events[p.written-1].interval})
		p.askStable(env)
	}
}

// checkpointDue takes a checkpoint because it is time, unless the process has stopped.
func (p *Process) checkpointDue(env sim.Env) {
	if !p.stopped {
		if !p.checkpoint(env, p.interval+1) {
			return
		}
		if p.cfg.Policy == Coordinated {
			for _, id := range p.cfg.Nodes {
				if id != env.ID() {
					env.Send(id, Take{p.interval})
				}
			}
		}
	}
	env.After(p.cfg.Interval, due{})
}

// checkpoint takes a checkpoint, durably; start is the first interval that is not in it.
func (p *Process) checkpoint(env sim.Env, start int) bool {
	p.wanted, p.sends = false, 0
	p.write(env)
	segments, err := p.segments()
	if err != nil {
		p.halt(env, err)
		return false
	}
	p.row(start-1, len(p.cfg.Nodes))
	before, kind := p.lastCheckpoint(), byte(fullRecord)
	if p.cfg.Incremental && before != nil {
		kind = pagesRecord
	}
	c := checkpoint{start: start, segments: segments, needs: cloneNeeds(p.needs[:start])}
	if !p.append(env, appendCheckpoint(nil, kind, &c, before)) || !p.sync(env) {
		return false
	}
	p.checkpoints = append(p.checkpoints, c)
	if !p.logs() {
		p.interval = start
	}
	env.Note(Checkpointed{start, p.handled})
	p.askStable(env)
	return true
}

// restore returns to the last state before interval from, by the last checkpoint before it and, with a log, the events since. Of what is on
// disk it changes nothing.
func (p *Process) restore(env sim.Env, from int) {
	p.undo(from)
	p.written = min(p.written, len(p.events))
	c := p.lastCheckpoint()
	if c == nil {
		p.halt(env, errRecord)
		return
	}
	s := p.first()
	if err := s.load(c.segments); err != nil {
		p.halt(env, err)
		return
	}
	s.needs = cloneNeeds(c.needs)
	if s.interval = c.start; p.logs() {
		s.interval--
	}
	p.state, p.fresh = s, true
	p.life++
	p.early, p.outbox, p.sends = nil, nil, 0
	if p.logs() {
		p.again(env, c.start)
	}
	p.armed = nil
	p.app.Start(inner{env, p})
}

// again lets the application handle the events from an interval on once more, in the same order and with the same picks. What it sends
// goes into its log only: whoever has not received it will ask.
func (p *Process) again(env sim.Env, start int) {
	p.replays = true
	p.app.Start(inner{env, p})
	for i := range p.events {
		e := &p.events[i]
		if e.interval < start {
			continue
		}
		p.interval, p.born = e.interval, e.epoch
		copy(p.row(p.interval, len(p.cfg.Nodes)), e.needs)
		body := *e
		if e.timer != nil {
			body.body = p.timer(e.timer)
		} else {
			p.in[e.from] = e.n
		}
		p.replay = e.picks
		p.handle(env, &body)
		p.replay = nil
	}
	p.replays = false
}

// end returns the first interval that the process cannot keep, having perhaps lost it: after a restoration the current interval
// is empty, and if it does not begin with an event, others may depend on what was in it before.
func (p *Process) end() int {
	if p.fresh && !p.logs() {
		return p.interval
	}
	return p.interval + 1
}

// durable returns what the process would keep if it failed now.
func (p *Process) durable() Dependencies {
	end := p.lastCheckpoint().start
	if p.cfg.Logging == Optimistic && p.written > 0 {
		end = max(end, p.events[p.written-1].interval+1)
	}
	return Dependencies{end, cloneNeeds(p.needs[:min(end, len(p.needs))])}
}
