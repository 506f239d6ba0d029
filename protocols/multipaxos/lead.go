package multipaxos

import (
	"slices"
	"time"

	"simrun/sim"
	"simrun/workload"
)

// Leading is what a candidate or leader keeps for its ballot.
type leading struct {
	promises []Promise // one a member
	first    Slot      // it has proposed from here
	issue    Slot      // up to here
	top      Slot      // and below this, others may have been at work before
	tries    []try     // by slot, from first on

	queue     []workload.Command // not proposed yet
	under     []opID             // in the queue or proposed, and not executed
	gathering bool
	change    Change // to be proposed

	beats     uint64 // heartbeats so far
	sent      [beatsKept]time.Duration
	alive     []aliveAt // one a member
	reads     []read
	inquiries []inquiry
	until     time.Duration // the lease
}

// A try is a slot in which the leader has proposed.
type try struct {
	value Value
	by    []Member // who has accepted it
	sent  time.Duration
}

// beatsKept is of how many heartbeats a leader remembers when they left.
const beatsKept = 16

// run tries to lead: phase 1, for all slots that are not decided.
func (s *Server) run(env sim.Env) {
	b := Ballot{max(s.promised.Round, s.ballot.Round) + 1, s.member}
	s.follow(env, b)
	s.role = candidate
	env.Note(Ran{b})
	if !s.promise1(env, b) { // before anybody hears of the ballot: a later life must not use it again
		return
	}
	s.others(env, Prepare{b, s.next, backing{s.promise}})
	s.wait(env)
	s.promisedBy(env, env.ID(), Promise{Ballot: b, By: s.member, Base: s.base, Votes: s.report(s.next)})
}

// promisedBy counts a promise. With a quorum of those who vote in the next slot the candidate leads.
func (s *Server) promisedBy(env sim.Env, from sim.NodeID, m Promise) {
	if s.role == follower || m.Ballot != s.ballot || slices.ContainsFunc(s.leading.promises, func(p Promise) bool { return p.By == m.By }) {
		return
	}
	l := &s.leading
	l.promises = append(l.promises, m)
	l.top = max(l.top, m.Base) // what its sender has forgotten was decided
	if n := len(m.Votes); n > 0 {
		l.top = max(l.top, m.Votes[n-1].Slot+1)
	}
	if m.Base > s.next {
		s.ask(env, from)
	}
	if s.role == candidate && s.in(s.next).count(s.promisers()) >= s.in(s.next).Quorum() {
		s.lead(env)
	} else if s.role == leader {
		s.propose(env, false)
	}
}

// promisers lists who has promised.
func (s *Server) promisers() (who []Member) {
	for _, p := range s.leading.promises {
		who = append(who, p.By)
	}
	return who
}

// lead begins to lead.
func (s *Server) lead(env sim.Env) {
	s.role = leader
	l := &s.leading
	l.first, l.issue, l.top = s.next, s.next, max(l.top, s.next)
	env.Note(Led{s.ballot, s.next, l.top})
	s.propose(env, false)
	s.beat(env)
}

// propose proposes in as many slots as may be under way: what others may have chosen there before, a change of who votes, commands. A batch that
// is not full waits for company, unless it must go now.
func (s *Server) propose(env sim.Env, now bool) {
	l := &s.leading
	for s.role == leader && !s.halted && l.issue < s.next+s.Window {
		v, ok := s.mandate(env, l.issue)
		if !ok {
			return
		}
		if v == "" {
			if v = s.wish(env, now); v == "" {
				return
			}
		}
		s.put(env, v)
	}
}

// mandate finds out what must be proposed in a slot, "" being anything, by the promises of a quorum of those who vote there: the value of the highest ballot in which one
// of them has accepted something, or nothing to close a gap. It returns false if they are not enough yet.
func (s *Server) mandate(env sim.Env, slot Slot) (Value, bool) {
	best, usable := Vote{}, []Member(nil)
	votes := make([]Vote, len(s.leading.promises))
	for i, p := range s.leading.promises {
		if at, found := slices.BinarySearchFunc(p.Votes, slot, func(v Vote, s Slot) int { return int(int64(v.Slot) - int64(s)) }); found {
			votes[i] = p.Votes[at]
		}
		if v := votes[i]; !v.Missing && best.Ballot.Less(v.Ballot) {
			best = v
		}
	}
	for i, p := range s.leading.promises {
		if slot >= p.Base && !(votes[i].Missing && best.Ballot.Less(votes[i].Ballot)) { // else it knows more than it can say
			usable = append(usable, p.By)
		}
	}
	if who := s.in(slot); who.count(usable) < who.Quorum() {
		return "", false
	}
	switch {
	case !best.Ballot.None():
		env.Note(Adopted{slot, best.Ballot, best.Value})
		return best.Value, true
	case slot < s.leading.top:
		env.Note(Filled{slot})
		return NoOp, true
	}
	return "", true
}

// wish returns what the leader would like to propose; "" for nothing.
func (s *Server) wish(env sim.Env, now bool) Value {
	l := &s.leading
	if l.change != (Change{}) {
		c := l.change
		l.change = Change{}
		return c.value()
	}
	if len(l.queue) == 0 {
		if s.configs[len(s.configs)-1].from > l.issue { // a change takes effect sooner
			return NoOp
		}
		return ""
	}
	if len(l.queue) < s.Batch && !now {
		if !l.gathering {
			l.gathering = true
			env.After(s.Gather, gather{s.ballot})
		}
		return ""
	}
	n := min(len(l.queue), s.Batch)
	v := batch(l.queue[:n])
	l.queue = slices.Delete(l.queue, 0, n)
	return v
}

// put proposes a value in the next slot (phase 2a).
func (s *Server) put(env sim.Env, v Value) {
	l := &s.leading
	slot := l.issue
	l.issue++
	l.tries = append(l.tries, try{value: v, sent: s.now(env)})
	env.Note(Proposed{slot, s.ballot, v})
	for _, m := range s.in(slot) {
		if m != s.member {
			env.Send(m.ID(), Accept{s.ballot, slot, v, s.next})
		}
	}
	if !s.in(slot).Has(s.member) {
		return
	}
	if err := s.accept(slot, s.ballot, v); err != nil {
		s.halt(env, err)
		return
	}
	env.Note(Voted{s.member, slot, s.ballot, v})
	s.acceptedBy(env, Accepted{Ballot: s.ballot, Slot: slot, By: s.member})
}

// acceptedBy counts an acceptance. What a quorum of those who vote in the slot has accepted in this one ballot is decided.
func (s *Server) acceptedBy(env sim.Env, m Accepted) {
	l := &s.leading
	if s.role != leader || m.Slot < l.first || m.Slot >= l.issue || m.Ballot != s.ballot {
		return
	}
	t := &l.tries[m.Slot-l.first]
	if slices.Contains(t.by, m.By) {
		return
	}
	t.by = append(t.by, m.By)
	if who := s.in(m.Slot); who.count(t.by) != who.Quorum() {
		return
	}
	if c := s.cell(m.Slot); c != nil && !c.decided {
		c.value, c.decided = t.value, true
	}
	was := s.next
	s.advance(env)
	if s.Told && s.next > was && s.role == leader && !s.halted {
		s.others(env, Decided{s.ballot, s.next})
	}
	s.propose(env, false)
}

// beat shows that the leader lives, and sends again what has been without an answer for long.
func (s *Server) beat(env sim.Env) {
	l := &s.leading
	if !s.votes() {
		s.follow(env, s.ballot)
		s.wait(env)
		return
	}
	s.pulse(env)
	if l.beats > 1 { // else all was asked for just now
		s.askAgain(env)
	}
	env.After(s.beatEvery(), beat{s.ballot})
}

// pulse sends a heartbeat, which the leader answers itself too.
func (s *Server) pulse(env sim.Env) {
	l := &s.leading
	l.beats++
	l.sent[l.beats%beatsKept] = s.now(env)
	s.others(env, Heartbeat{s.ballot, s.next, l.beats})
	s.aliveFrom(env, Alive{s.ballot, s.member, l.beats})
}

// askAgain asks for what the leader still lacks: decisions that its promisers have forgotten, promises, and acceptances.
func (s *Server) askAgain(env sim.Env) {
	l := &s.leading
	var know []sim.NodeID
	for _, p := range l.promises {
		if p.Base > s.next {
			know = append(know, p.By.ID())
		}
	}
	if len(know) > 0 { // one after the other: some of them may be gone
		s.ask(env, know[l.beats%uint64(len(know))])
	}
	promisers := s.promisers()
	for _, c := range s.configs {
		for _, m := range c.who {
			if !slices.Contains(promisers, m) && m != s.member {
				env.Send(m.ID(), Prepare{s.ballot, s.next, backing{s.promise}})
				promisers = append(promisers, m)
			}
		}
	}
	for slot := max(s.next, l.first); slot < l.issue; slot++ {
		t := &l.tries[slot-l.first]
		if s.now(env)-t.sent < s.resendAfter() {
			continue
		}
		t.sent = s.now(env)
		for _, m := range s.in(slot) {
			if m != s.member && !slices.Contains(t.by, m) {
				env.Send(m.ID(), Accept{s.ballot, slot, t.value, s.next})
			}
		}
	}
}
