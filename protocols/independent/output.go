package independent

import "simrun/sim"

// A release is what a process that wants to release outputs knows of what others would keep.
type release struct {
	number  int
	answers []*Stable
}

// settleOutputs releases outputs at once where they can never be undone (output commit, Elnozahy et al. 2002, section 2.5): with
// pessimistic logging.
func (p *Process) settleOutputs(env sim.Env) {
	if !p.cfg.Commit || p.cfg.Logging == Pessimistic {
		p.releaseBefore(env, p.interval+1)
	}
}

// askStable asks all what they would keep if they failed now, if an output waits for that; what is before the recovery line of
// their answers is before every later line. It is called when more of this process has become durable.
func (p *Process) askStable(env sim.Env) {
	switch {
	case len(p.outputs) == 0 || p.stopped || !p.cfg.Commit || p.cfg.Logging == Pessimistic:
	case p.release == nil && p.outputs[0].interval < p.durable().End:
		p.release = &release{p.produced, make([]*Stable, len(p.cfg.Nodes))}
		own := Stable{p.epoch, p.release.number, p.lastCheckpoint().start, p.durable()}
		for _, id := range p.cfg.Nodes {
			if id != env.ID() {
				env.Send(id, Ask{p.epoch, p.release.number})
			}
		}
		p.stable(env, p.cfg.Self, own)
	}
}

// stable enters an answer, and releases what is safe when all are there.
func (p *Process) stable(env sim.Env, from int, m Stable) {
	r := p.release
	if r == nil || m.N != r.number {
		return
	}
	r.answers[from] = &m
	var all []Dependencies
	var starts []int
	for _, a := range r.answers {
		if a == nil {
			return
		}
		all, starts = append(all, a.Dependencies), append(starts, a.Start)
	}
	p.release = nil
	line, _ := p.lineOf(all, starts)
	p.releaseBefore(env, line[p.cfg.Self])
}

// releaseBefore shows outputs of intervals before one to the world.
func (p *Process) releaseBefore(env sim.Env, interval int) {
	for len(p.outputs) > 0 && p.outputs[0].interval < interval {
		o := p.outputs[0]
		p.outputs = p.outputs[1:]
		env.Note(Released{o.n, o.interval, o.amount})
	}
}
