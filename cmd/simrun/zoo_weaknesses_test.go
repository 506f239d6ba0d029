package main

// unshown are the properties that no bug of the zoo shows to be worth something, and why they are kept. Each has a test in its own package that shows it a run that is wrong.
var unshown = map[string]string{
	"3pc ac2-stability":             "a site that reverses a decision contradicts another, so ac1-agreement complains of the same run, and as soon; in 2pc a bug shows it beside that",
	"3pc-quorum ac2-stability":      "as in 3pc",
	"bank ac2-stability":            "its coordinator is that of 2pc, where a bug shows it",
	"2pc ac4-nontriviality":         "it is about runs without any fault, in which a coordinator that aborts for no reason hides nothing: the transcripts would show it first",
	"3pc ac4-nontriviality":         "as in 2pc",
	"3pc-quorum ac4-nontriviality":  "as in 2pc",
	"3pc ac3-validity":              "no bug of its folder commits without a vote; those of 3pc-quorum and 2pc do, and the judge is the same",
	"bank ac3-validity":             "its coordinator is that of 2pc, where bugs show it",
	"bank ac5-termination":          "its coordinator is that of 2pc, where a bug shows it",
	"bank served":                   "no bug of its folder leaves an order without an answer for ever",
	"chandy-lamport last-snapshot":  "no bug of its folder goes back to an older snapshot than the last",
	"chandy-lamport markers":        "a marker too many costs something and harms nobody, so it is no bug of the zoo",
	"koo-toueg no-livelock":         "no bug of its folder rolls back for ever, since the bugs with old messages lose some before that",
	"paxos-kv one-value-per-ballot": "ballots of servers are those of paxos, where bugs show it",
}

// weaknesses says for each patch to a checker which test notices, and which bug is found later with it. A patch may stand here several times, once for each checker that it makes weak.
var weaknesses = []weakness{
	{patch: "checkers/only-commits-are-compared", test: "TestAC1Violated", property: "ac1-agreement", bug: "3pc/votes-unsynced", budget: 120},
	{patch: "checkers/second-thoughts", test: "TestAC2Violated", property: "ac2-stability", bug: "2pc/says-aborted", beside: "ac1-agreement,serializable-lists", budget: 100},
	{patch: "checkers/no-vote-is-no-objection", test: "TestAC3Violated", property: "ac3-validity", bug: "2pc/takes-silence-for-yes", budget: 102, sample: true},
	{patch: "checkers/decided-in-some-life", test: "TestDecisionOfAnEarlierLifeDoesNotCount", property: "ac5-termination", bug: "reclog/no-checksum", budget: 800},
	{patch: "checkers/forgets-reads-that-were-overwritten", test: "TestPlantedAnomalies", property: "serializable", bug: "bank/upgrade-beside-readers", beside: "conserved", budget: 60},
	{patch: "checkers/forgets-reads-that-were-overwritten", test: "TestPlantedAnomalies", property: "serializable-lists", bug: "2pc/reads-unlocked-early", budget: 2000},
	{patch: "checkers/too-much-is-enough", test: "TestConservedViolated", property: "conservation", bug: "chandy-lamport/first-channel-stays-open", budget: 60},
	{patch: "checkers/the-rest-is-on-the-way", test: "TestConservedCut", property: "conserved-cut", bug: "lai-yang/complete-when-all-have-reported", budget: 60},
	{patch: "checkers/asks-the-first-only", test: "TestConsistentCutViolated", property: "consistent-cut", bug: "lai-yang/receives-then-records", beside: "reachable", budget: 60},
	{patch: "checkers/only-what-was-recorded", test: "TestChannelStatesViolated", property: "channel-states", bug: "chandy-lamport/second-marker-is-the-last", budget: 60},
	{patch: "checkers/only-what-was-recorded", test: "TestReachableViolated", property: "reachable", bug: "chandy-lamport/second-marker-is-the-last", beside: "channel-states", budget: 60},
	{patch: "checkers/extra-messages-pass", test: "TestChannelStatesViolated", why: "what first-channel-stays-open and its like put into a channel too much comes after the process has said what is in it: conservation sees that, and no judge of channels"},
	{patch: "checkers/found-is-true", test: "TestTerminationWrong", property: "terminated", bug: "lai-yang/complete-when-all-have-reported", beside: "conserved-cut", budget: 60},
	{patch: "checkers/sent-once-is-sent", test: "TestNoOrphansViolated", property: "no-orphans", bug: "koo-toueg/nothing-sent-is-everything", beside: "minimal-rollback,no-lost,permanent-line", budget: 60},
	{patch: "checkers/orphans-of-the-end-only", test: "TestRollbackTwice", why: "nothing-sent-is-everything and messages-of-the-past are found as soon: in their runs no later rollback takes the orphan away again"},
	{patch: "checkers/arrived-is-received", test: "TestNoLostViolated", property: "no-lost", bug: "chandy-lamport/one-phase", beside: "channel-states,reachable", budget: 150},
	{patch: "checkers/received-once-is-received", test: "TestNoLostViolated", why: "what the bugs lose was never received: the-log-is-not-state and one-phase are found as soon"},
	{patch: "checkers/a-line-of-two", test: "TestRollbacksAgainstLists", property: "permanent-line", bug: "koo-toueg/gives-up-alone", beside: "no-orphans,no-lost,minimal", budget: 60},
	{patch: "checkers/each-for-itself", test: "TestAgreementViolated", property: "agreement", bug: "lecture/half-is-enough", budget: 120},
	{patch: "checkers/last-life-only", test: "TestAgreementViolated", why: "half-is-enough is found as soon: where a node contradicts what it had decided before a crash, another contradicts it too"},
	{patch: "checkers/something-was-proposed", test: "TestValidityViolated", property: "validity", bug: "paxos/adopts-nothing", budget: 60},
	{patch: "checkers/proposed-for-anything", test: "TestValidityViolated", why: "paxos, which alone asks for validity in the zoo, has one instance"},
	{patch: "checkers/learnt-is-chosen", test: "TestIntegrityViolated", why: "no scenario asks it: what paxos calls integrity counts the acceptances itself"},
	{patch: "checkers/not-yet", test: "TestTermination", property: "termination", bug: "paxos/waits-for-all-answers", budget: 60},
	{patch: "checkers/not-yet", test: "TestTermination", property: "totality", bug: "broadcast/two-f-deliver", budget: 2600},
	{patch: "checkers/answered-once", test: "TestProgress", property: "progress", bug: "multipaxos/no-window", budget: 60},
	{patch: "checkers/all-have-ended", test: "TestProgress", why: "no-window and waits-for-its-ballot are found as soon: what breaks progress in the zoo leaves operations open"},
	{patch: "checkers/reads-pass", test: "TestLinearizableStaleRead", property: "linearizability", bug: "paxos-kv/reads-from-memory", budget: 60},
	{patch: "checkers/nobody-looks-at-the-end", test: "TestLinearizableNewOldInversion", why: "table-of-one-server is found as soon: a wrong answer is judged when it comes, and little is left for the end"},
	{patch: "checkers/spent-is-legal", test: "TestBudgetIsUnknown", why: "a search that runs out of budget has found no bug either; what is lost is that somebody is told"},
	{patch: "checkers/reads-of-any-time", test: "TestWeakerPromises", property: "sequential-consistency", bug: "multipaxos/writes-tell-no-place", budget: 20},
	{patch: "checkers/own-writes-may-be-missing", test: "TestWeakerPromises", property: "read-your-writes", bug: "multipaxos/writes-tell-no-place", set: []string{"judge=sessions"}, budget: 60},
	{patch: "checkers/reads-in-any-order", test: "TestWeakerPromises", property: "monotonic-reads", bug: "multipaxos/reads-anywhere", set: []string{"judge=sessions"}, beside: "read-your-writes", budget: 60},
	{patch: "checkers/twice-as-old", test: "TestWeakerPromises", property: "staleness", bug: "multipaxos/age-from-answer", set: []string{"stale=5ms"}, budget: 700},
	{patch: "checkers/writes-follow-nothing", test: "TestWeakerPromises", why: "no scenario promises it: a store of somebody else may"},
}

// unweakened are the checkers, by their types, that judge bugs of the zoo, and that no patch makes so weak that one of these is found later.
var unweakened = map[string]string{
	"ac4":    "no bug of the zoo aborts where nothing stands in the way",
	"always": "it hands events to a function of the scenario, and judges nothing itself",
}
