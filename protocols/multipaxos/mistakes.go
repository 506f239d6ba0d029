package multipaxos

// The mistakes that the option mistake makes servers make, each with what is wrong about it.
const (
	answersFirst    = "answers-first"    // votes before the disk has them
	truncates       = "truncate"         // takes a damaged entry for the end of its log
	sameIdentity    = "same-identity"    // a server that lost its disk votes as if it had not
	staleHeartbeat  = "stale-heartbeat"  // a leader that was deposed keeps others from trying
	fillsGaps       = "fill"             // closes gaps by the word of one acceptor
	earlierBallots  = "earlier-ballots"  // counts acceptances of another ballot
	appliesTwice    = "twice"            // executes a command as often as it is decided
	backwards       = "backwards"        // takes the state of a server that is behind
	forgetsSessions = "forgets-sessions" // leaves out of snapshots who has asked what
	acksBatch       = "acks-batch"       // answers for a batch before it is decided
	readsDeposed    = "reads-deposed"    // reads without asking whether it still leads
	noWindow        = "no-window"        // changes who votes at once, and several times over
)

// mistakes lists them.
var mistakes = []string{answersFirst, truncates, sameIdentity, staleHeartbeat, fillsGaps, earlierBallots, appliesTwice, backwards, forgetsSessions, acksBatch, readsDeposed, noWindow}
