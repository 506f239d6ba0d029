package multipaxos

import (
	"fmt"
	"slices"

	"simrun/sim"
	"simrun/workload"
)

// The mistakes that the option mistake makes servers make, each with what is wrong about it.
const (
	answersFirst    = "answers-first"     // votes before the disk has them
	truncates       = "truncate"          // takes a damaged entry for the end of its log
	sameIdentity    = "same-identity"     // a server that lost its disk votes as if it had not
	rejoins         = "rejoin"            // a server that lost its disk votes as if it had not, once it has seen one more decision
	staleHeartbeat  = "stale-heartbeat"   // takes the heartbeat of any ballot for the sign of a leader, and answers it
	fillsGaps       = "fill"              // closes gaps by the word of one acceptor
	earlierBallots  = "earlier-ballots"   // counts who has accepted a value in an earlier ballot
	appliesTwice    = "twice"             // executes a command as often as it is decided
	backwards       = "backwards"         // puts any snapshot that comes in the place of its state and its log
	forgetsSessions = "forgets-sessions"  // leaves out of snapshots who has asked what
	acksBatch       = "acks-batch"        // answers for a batch before it is decided
	readsDeposed    = "reads-deposed"     // reads without asking whether it still leads
	leasesLate      = "lease-from-answer" // counts a lease from when it was answered, and not from when it was asked for
	noWindow        = "no-window"         // changes who votes at once, and several times over
	forgetsPlace    = "forgets-place"     // answers a client's read from its own state, however far the client has seen
	forgetsWrites   = "forgets-writes"    // does not tell a client how far the service had come when it wrote
	agesFromAnswer  = "age-from-answer"   // counts how old its state is from when the leader answered, and not from when it was asked
)

// mistakes lists them.
var mistakes = []string{answersFirst, truncates, sameIdentity, rejoins, staleHeartbeat, fillsGaps, earlierBallots, appliesTwice, backwards, forgetsSessions, acksBatch, readsDeposed, leasesLate, noWindow, forgetsPlace, forgetsWrites, agesFromAnswer}

// What follows is what the servers do that make one of the larger mistakes.

// heedsStale is the mistake "stale-heartbeat": the handler of heartbeats asks for the ballot last, when it has set the timer and is about to answer.
// A leader that was deposed believes for as long as others answer it, and serves reads by their word.
func (s *Server) heedsStale(env sim.Env, m Heartbeat) bool {
	if s.Wrong != staleHeartbeat || !m.Ballot.Less(s.least()) {
		return false
	}
	s.wait(env)
	s.heard = s.now(env)
	return true
}

// countEarlier is the mistake "earlier-ballots": who has reported a value in its promise need not be sent it again, and counts as if it had accepted it
// in this ballot. It has not, and another leader with a ballot in between may have had another value accepted: figure 8 of "In Search of an
// Understandable Consensus Algorithm", told of Paxos.
func (s *Server) countEarlier(env sim.Env, slot Slot, v Value) {
	if s.Wrong != earlierBallots {
		return
	}
	for _, p := range slices.Clone(s.leading.promises) {
		if p.By != s.member && slices.ContainsFunc(p.Votes, func(x Vote) bool { return x.Slot == slot && !x.Missing && x.Value == v }) {
			s.acceptedBy(env, Accepted{Ballot: s.ballot, Slot: slot, By: p.By})
		}
	}
}

// goBack is the mistake "backwards": a snapshot takes the place of the state and of the log, whatever it is of. What was accepted behind it is forgotten.
func (s *Server) goBack(to Slot) {
	s.base, s.cells = to, nil
}

// askAll is the mistake "no-window" of the operator: it does not wait for one change before it asks for the next.
func (o *Operator) askAll(env sim.Env, c Change) {
	was := o.config
	for range len(o.servers) {
		o.config = c.apply(o.config)
		next, ok := o.wanted()
		if !ok {
			break
		}
		c = next
		for _, id := range o.servers {
			env.Send(id, Reconfigure{c, o.known})
		}
	}
	o.config = was
}

// A Watch answers [Formatted] in the mistake "rejoin": the disk was lost, so see one more decision before you vote. That is the rule of "Paxos Made
// Live", section 5.1: an instance that began after the disk was lost, which the server cannot have forgotten anything of. But a promise is about all
// instances to come, and it is forgotten ("Recovering Shared Objects Without Stable Storage", Michael et al. 2017); and so are the votes for all before, even
// where what was decided is learnt again.
type Watch struct{ Member Member }

// AppendHash appends the message's content.
func (m Watch) AppendHash(b []byte) []byte { return m.Member.append(b) }

// String prints "Watch{s1}".
func (m Watch) String() string { return fmt.Sprintf("Watch{%v}", m.Member) }

// A watch is what a server that watches waits for.
type watch struct {
	heard bool // a leader
	until Slot // and this slot was not proposed yet, as the leader could not be so far ahead
}

// watches handles what a server must not answer as an acceptor while it watches. It returns false for what is handled as always.
func (s *Server) watches(env sim.Env, from sim.NodeID, m sim.Message) bool {
	ballot, commit := Ballot{}, Slot(0)
	switch m := m.(type) {
	case Prepare, workload.Request:
		return true
	case Accept:
		ballot, commit = m.Ballot, m.Commit
	case Heartbeat:
		ballot, commit = m.Ballot, m.Commit
	default:
		return false
	}
	if w := s.watching; !w.heard {
		w.heard, w.until = true, commit+s.Window
	}
	s.hear(env, from, ballot, commit)
	if s.halted || s.lost || s.next <= s.watching.until {
		return true
	}
	s.watching = nil
	if err := s.confirm(); err != nil {
		s.halt(env, err)
	}
	return true
}
