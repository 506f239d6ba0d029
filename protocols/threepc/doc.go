// Package threepc ends transactions by three-phase commit, which blocks nobody who stays up, as described by Dale Skeen in
// "Nonblocking Commit Protocols" (SIGMOD 1981) and by Bernstein, Hadzilacos and Goodman in "Concurrency Control and
// Recovery in Database Systems" (1987), sections 7.5 and 7.6. Sections in these comments are sections of that book.
//
// # The story
//
// Under two-phase commit a participant that has voted yes is uncertain: the coordinator may have committed or aborted, and
// if it crashes nobody who is left may know which. So there is a phase between. The coordinator commits only once
// all that are up are pre-committed: know that all votes were yes. Then whoever is left can tell. If somebody is
// pre-committed nobody has aborted; if everybody is uncertain nobody has committed.
//
//	c          p1         p2         p3
//	│ CanCommit│          │          │
//	├─────────▷├─────────▷├─────────▷│   1. each votes, on record before it says so
//	│◁─────────┼──────────┼─────Vote─┤
//	│ PreCommit│          │          │
//	├─────────▷├─────────▷├─────────▷│   2. all votes were yes; on record at the coordinator, then at each participant
//	│◁─────────┼──────────┼───PreAck─┤
//	│ DoCommit │          │          │
//	├─────────▷├─────────▷├─────────▷│   3. who has not answered has crashed
//	│◁─────────┼─────HaveCommitted───┤      the coordinator may forget
//
// That is 5n messages, 6n with the last acknowledgements, 5 delays until all have committed, and 3 forced records at each
// site, for n participants.
//
// # The states
//
//	           yes             PreCommit           DoCommit
//	q ───────────────▷ w ───────────────────▷ p ───────────────▷ c
//	│ no, or not asked │ DoAbort              │ DoAbort, of a backup that was never told of p:
//	▽                  ▽                      ▽ only after this site has crashed
//	a                  a                      a
//
// Each step is forced to the log before the message that tells of it. Each state has a time-out: in q a participant
// aborts alone; in w and p it elects a backup; the coordinator aborts in w, and commits in p.
//
// # The backup
//
// Sites lead in an order: the coordinator, p1, p2, ... A participant whose leader is silent elects the next that it does
// not know to have crashed. This backup asks all that are up for their states and follows the first rule that applies:
// somebody has committed, so commit; somebody has aborted, so abort; somebody is pre-committed, so move all that are up
// there, and then commit; else abort. A backup can crash as well, and the next begins anew. It must move the others
// before it decides: else it could commit and crash, and leave behind only sites that are uncertain.
//
// A site that has crashed takes no part when it is back, since others have acted on its absence. It asks how the
// transaction ended, unless it can tell alone: it had not voted, its log has the decision, or it is the coordinator and
// has told nobody to pre-commit.
//
// # Total failure
//
// If all have crashed while it matters nobody has the right to act, until those who may have failed last are back: what a
// site saw before it crashed may have been overtaken by those that lived longer (7.5). The book has each site keep
// the set UP of those that are up. Here that set is not logged but follows from a number that is: each site records the
// last leader whom it has answered, before it answers. Whoever leads has found all before it crashed. So of sites that have
// recovered let s be the last leader that any of them has answered; then the one that failed last is among s and those
// after it. Once all of these have recovered, the rules are applied to the states of those that have answered s.
//
// Why only theirs: a site that crashed, pre-committed, before s asked may have been counted out by a leader before s,
// who then aborted, and is not back. Those that answered s have outlived all leaders before it: each is pre-committed
// if such a leader has committed, and none if it has aborted. What s itself decided it knows. All that
// recover find the same s: if one finds a later one than another, then that s, or who has answered it, is among those that
// the other must have heard.
//
// The set is as large as is safe: a leader that found others silent has not put that on record, so it waits for these too if
// it crashes. It decides within a round trip of finding out, so little is lost.
//
// # What is assumed, and where it breaks
//
// Silence means a crash: messages arrive within fault.Bound, clocks run within fault.MaxDrift, the network is not cut.
// All times that a site waits are derived from these. When a partition or a late message breaks the assumption, two sites lead, and
// one side commits what the other aborts. Run the scenario with --faults partition or --faults async to see it.
//
// # What is judged
//
// Inner properties are the two halves of Skeen's nonblocking theorem. The outer ones are atomic commitment, AC1
// to AC5, and non-blocking: a site that was never interrupted decides within a bound after the latest crash.
package threepc
