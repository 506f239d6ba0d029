package multipaxos

import (
	"slices"
	"time"

	"simrun/sim"
)

// Who votes is decided in the log like all else: a change that stands in slot i governs slots from i+window on. So who votes in a slot is known to
// whoever may propose there, since it has executed all that is a window behind. One change waits for another: two configurations that follow
// one another then differ by one member, and any majority of the one meets any of the other.

// reconfigure takes a wish of the operator, if this server leads, no other change is under way, and the wish is about those who vote now. A wish that was on its
// way for long could undo what the operator has wished since.
func (s *Server) reconfigure(env sim.Env, from sim.NodeID, m Reconfigure) {
	last := s.configs[len(s.configs)-1]
	free := s.settled() && last.from <= s.next && !s.changing() && m.Of == last.from
	if free && !slices.Equal(m.Change.apply(last.who), last.who) {
		s.leading.change = m.Change
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
	who := c.apply(s.configs[len(s.configs)-1].who)
	now := s.in0(slot)
	s.configs = slices.DeleteFunc(s.configs, func(x configFrom) bool { return x.from < now.from }) // superseded long ago
	s.configs = append(s.configs, configFrom{from, who})
	env.Note(Configured{slot, who, from})
	if s.role == leader {
		for _, m := range who {
			if !slices.Contains(s.promisers(), m) {
				env.Send(m.ID(), Prepare{s.ballot, s.next, backing{s.promise}})
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

// wanted returns the next change on the way from who votes to who should: first goes who has lost its disk, and votes no more; then come those who are
// missing; and last go those who are not wanted, once nobody is missing.
func (o *Operator) wanted() (c Change, ok bool) {
	for _, x := range o.config {
		if i := x.Server - 1; x.Mark < o.marks[i] && o.used[i] {
			return Change{Remove: x}, true
		}
	}
	missing := false
	for i, votes := range o.voters {
		m := Member{uint32(i + 1), max(o.marks[i], 1)}
		switch {
		case !votes || o.config.Has(m):
		case o.used[i]:
			return Change{Add: m}, true
		default:
			missing = true // it has not come yet, or not again
		}
	}
	for _, x := range o.config {
		if !o.voters[x.Server-1] && !missing {
			return Change{Remove: x}, true
		}
	}
	return Change{}, false
}

// nudgeAfter is when the operator asks once more.
const nudgeAfter = 100 * time.Millisecond

// next asks for the next change, until it is so.
func (o *Operator) next(env sim.Env) {
	c, ok := o.wanted()
	if !ok || o.busy {
		return
	}
	o.busy = true
	for _, id := range o.servers {
		env.Send(id, Reconfigure{c, o.known})
	}
	env.After(nudgeAfter, nudge{})
}

// heard learns who votes.
func (o *Operator) heard(env sim.Env, m Reconfigured) {
	if m.From >= o.known {
		o.known, o.config = m.From, m.Config
		o.next(env)
	}
}

// move replaces a voter by a server that does not vote, for no reason.
func (o *Operator) move(env sim.Env) {
	o.moves--
	var in, out []int
	for i, votes := range o.voters {
		if votes {
			out = append(out, i)
		} else if o.used[i] {
			in = append(in, i)
		}
	}
	if _, busy := o.wanted(); !busy && len(in) > 0 {
		o.voters[in[env.Pick("whom to let vote", len(in))]] = true
		o.voters[out[env.Pick("whom to replace", len(out))]] = false
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
