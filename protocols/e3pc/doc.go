// Package e3pc commits a transaction at all sites or at none, and lets every site decide that is connected to a
// quorum of them, whatever has happened before: the quorum-based three-phase commit of Idit Keidar and Danny
// Dolev, "Increasing the Resilience of Distributed and Replicated Database Systems" (JCSS 57(3), 1998), called
// E3PC there. It grew from Dale Skeen's "A Quorum-Based Commit Protocol" (1982).
//
// # The story
//
// A [Coordinator] asks the sites for their votes. When all have said yes it asks them to pre-commit, and when a
// quorum has done so it commits. That is three-phase commit, save that a quorum is enough.
//
//	c         p1        p2        p3
//	│CanCommit│         │         │
//	├────────▷├────────▷├────────▷│    phase 1
//	│◁────────┼─────────┤ Vote    │    written and synced before it is sent; after a yes no site aborts alone
//	│PreCommit│         │         │
//	├────────▷├────────▷├────────▷│    phase 2: all have voted yes
//	│◁────────┼─────────┤ PreAck  │    written and synced; with a quorum the transaction is committed
//	│DoCommit │         │         │
//	├────────▷├────────▷├────────▷│    phase 3
//
// A [Site] that hears nothing for too long leads an election. Those that it reaches join: from then on they
// have nothing to do with older elections. They tell where they stand, and the leader applies the decision
// rule:
//
//	somebody has aborted, or has not voted                        abort
//	somebody has committed                                        commit
//	a quorum, and the latest attempt among them is a pre-commit   ask them to pre-commit
//	a quorum, and it is not, or there is none                     ask them to pre-abort
//	no quorum                                                     wait, and try again
//
// With a quorum of acknowledgements the leader decides. Plain three-phase commit has no such quorum: it takes
// silence for death, and in a partition both sides go on.
//
// # Two numbers
//
// Last_Elected is the latest election that a site has joined, Last_Attempt the latest in which it moved to
// pre-commit or pre-abort. Both are on disk before anybody is told.
//
// Last_Attempt is what is gained over Skeen's protocol. There a quorum that holds one site in pre-commit and
// one in pre-abort has to wait for the others, since it cannot tell which of the two was left behind. Here the
// later attempt can: its leader had heard a quorum that made the older one hopeless. So a site may leave
// pre-commit for pre-abort, and the other way round, and a connected quorum never waits.
//
// Last_Elected is what makes that true: the fence. A PreCommit can be under way for as long as it likes. A site
// that obeyed it after it has told a later leader that it was in wait would complete a quorum that the leader
// had counted out; one side would commit, and the other has aborted. So what belongs to an election before
// Last_Elected is refused. For the same reason no two leaders may use the same number, see [Election].
//
// Who knows Paxos will recognise it: an election is a ballot, Elect and Standing are Prepare and Promise, and
// the move before a decision is an acceptance. The coordinator owns the first ballot, and only for commit.
//
// # Where this goes beyond the paper
//
// The paper runs within connected components and starts over when one changes. Here there are only messages,
// which are lost, late and repeated, so numbers take the place of components: they are pairs, unique by
// construction, and a site that was not heard in an election may still join it and be counted. A leader asks a
// quorum to move as soon as it has heard one. The coordinator is no site: it has no vote, and is asked whether
// it knows the decision.
//
// # What is judged
//
// Atomic commitment (checkers.Atomicity), and that all who are repaired decide in the end (checkers.Decision).
// Inner properties see a mistake before it does harm: one leader an election, numbers that never go down, no
// attempt while an older one at the opposite can still succeed, and no decision without a quorum.
package e3pc
