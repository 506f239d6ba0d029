package multipaxos

import (
	"slices"
	"time"

	"simrun/sim"
)

// Who votes is decided in the log like all else: a change that stands in slot i governs slots from i+window on. So who votes in a slot is known to
// whoever may propose there, since it has executed all that is a window behind. One change waits for another: two configurations that follow
// one another then differ by one member, and any majority of the one meets any of the other.

// reconfigure takes a wish of the operator, if this server leads and no other change is under way.
func (s *Server) reconfigure(env sim.Env, from sim.NodeID, c Change) {
	last := s.configs[len(s.configs)-1]
	free := s.settled() && last.from <= s.next && !s.changing() || s.role == leader && s.Wrong == noWindow
	if len(s.configs) > 0 && free && !slices.Equal(c.apply(last.who), last.who) {
		s.leading.change = c
		s.propose(env, true)
		last = s.configs[len(s.configs)-1]
	}
	env.Send(from, Reconfigured{last.who, last.from})
}

// changing reports whether a change is proposed, or about to be, and not executed.
func (s *Server) changing() bool {
	l := &s.leading
	if l.change != (Change{}) {
		return true
	}
	for slot := max(s.next, l.first); slot < l.issue; slot++ {
		if _, ok := l.tries[slot-l.first].value.change(); ok {
			return true
		}
	}
	return false
}

// reconfigured takes notice of a change that was decided in a slot.
func (s *Server) reconfigured(env sim.Env, slot Slot, c Change) {
	from := slot + s.Window
	if s.Wrong == noWindow {
		from = slot + 1
	}
	who := c.apply(s.configs[len(s.configs)-1].who)
	s.configs = slices.DeleteFunc(s.configs, func(x configFrom) bool { // superseded long ago
		return x.from < s.in0(slot).from
	})
	s.configs = append(s.configs, configFrom{from, who})
	env.Note(Configured{slot, who, from})
	if s.role == leader {
		for _, m := range who {
			if !slices.Contains(s.promisers(), m) {
				env.Send(m.ID(), Prepare{s.ballot, s.next})
			}
		}
	}
}

// in0 returns the configuration in force in a slot, with where it began.
func (s *Server) in0(slot Slot) configFrom {
	now := s.configs[0]
	for _, c := range s.configs[1:] {
		if c.from <= slot {
			now = c
		}
	}
	return now
}

// The operator's side.

// succeed puts a new member in the place of those that its server was before. If one of them votes, or was to, it is taken away first, since
// it votes no more.
func (o *Operator) succeed(env sim.Env, m Member) {
	was := func(x Member) bool { return x.Server == m.Server && x.Mark < m.Mark }
	o.spare = slices.DeleteFunc(o.spare, was)
	voter := false
	for i := range o.plan {
		if was(o.plan[i].Add) {
			voter, o.plan[i].Add = true, m
		}
	}
	for _, x := range o.config {
		if was(x) {
			voter = true
			o.plan = append(o.plan, Change{Remove: x}, Change{Add: m})
		}
	}
	switch {
	case voter:
		o.next(env)
	case !o.config.Has(m):
		o.spare = append(o.spare, m)
	}
}

// next asks for the next change of the plan, until it is so.
func (o *Operator) next(env sim.Env) {
	for len(o.plan) > 0 && slices.Equal(o.plan[0].apply(o.config), o.config) {
		o.plan = o.plan[1:]
	}
	if len(o.plan) == 0 || o.busy {
		return
	}
	o.busy = true
	for _, id := range o.servers {
		env.Send(id, Reconfigure{o.plan[0]})
	}
	env.After(askEvery, nudge{})
}

// heard learns who votes.
func (o *Operator) heard(env sim.Env, m Reconfigured) {
	if m.From >= o.known {
		o.known, o.config = m.From, m.Config
		o.next(env)
	}
}

// move replaces a member by a spare server, for no reason.
func (o *Operator) move(env sim.Env) {
	o.moves--
	if len(o.spare) > 0 && len(o.config) > 0 && len(o.plan) == 0 {
		in := o.spare[0]
		out := o.config[env.Pick("whom to replace", len(o.config))]
		o.spare = append(o.spare[1:], out)
		o.plan = append(o.plan, Change{Add: in}, Change{Remove: out})
		o.next(env)
	}
	if o.moves > 0 {
		env.After(restful(env), whim{})
	}
}

// restful draws how long the operator leaves the cluster alone.
func restful(env sim.Env) time.Duration {
	return time.Duration(1+env.Pick("rest", 8)) * 250 * time.Millisecond
}
