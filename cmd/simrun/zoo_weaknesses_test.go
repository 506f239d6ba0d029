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
	"lai-yang terminated":           "what its bugs lose or count twice is money, and the application is passive at the end of most snapshots, wrong or not",
	"paxos-kv one-value-per-ballot": "ballots of servers are those of paxos, where bugs show it",
}

// weaknesses says for each patch to a checker which test notices, and which bug is found later with it.
var weaknesses = []weakness{
	{patch: "checkers/only-commits-are-compared", test: "TestAC1Violated", property: "ac1-agreement", bug: "3pc/votes-unsynced", budget: 60},
	{patch: "checkers/no-vote-is-no-objection", test: "TestAC3Violated", property: "ac3-validity", bug: "2pc/takes-silence-for-yes", budget: 102, sample: true},
	{patch: "checkers/decided-in-some-life", test: "TestDecisionOfAnEarlierLifeDoesNotCount", property: "ac5-termination", bug: "reclog/no-checksum", budget: 800},
	{patch: "checkers/forgets-reads-that-were-overwritten", test: "TestPlantedAnomalies", property: "serializable", bug: "bank/upgrade-beside-readers", beside: "conserved", budget: 60},
	{patch: "checkers/too-much-is-enough", test: "TestConservedViolated", property: "conservation", bug: "chandy-lamport/first-channel-stays-open", budget: 60},
	{patch: "checkers/asks-the-first-only", test: "TestConsistentCutViolated", property: "consistent-cut", bug: "lai-yang/receives-then-records", beside: "reachable", budget: 60},
	{patch: "checkers/extra-messages-pass", test: "TestChannelStatesViolated", why: "what its bugs record twice is money, and conservation complains when a snapshot is complete, before channel-states is asked"},
	{patch: "checkers/orphans-of-the-end-only", test: "TestRollbackTwice", why: "nothing-sent-is-everything is found as soon: in its runs no later rollback takes the orphan away again"},
	{patch: "checkers/received-once-is-received", test: "TestNoLostViolated", why: "the-log-is-not-state is found as soon: what it loses was never received"},
	{patch: "checkers/a-line-of-two", test: "TestRollbacksAgainstLists", why: "gives-up-alone is found as soon: its wrong lines are wrong between neighbours"},
	{patch: "checkers/proposed-for-anything", test: "TestValidityViolated", why: "a value of another instance is learnt nowhere in the zoo without being chosen twice, which agreement and linearizability see"},
	{patch: "checkers/last-life-only", test: "TestAgreementViolated", why: "half-a-majority is found as soon: where a node contradicts what it had decided before a crash, another contradicts it too"},
	{patch: "checkers/learnt-is-chosen", test: "TestIntegrityViolated", why: "no scenario asks it: what paxos calls integrity counts the acceptances itself"},
	{patch: "checkers/all-have-ended", test: "TestProgress", why: "no-window is found as soon: what breaks progress in the zoo leaves operations open"},
	{patch: "checkers/clients-in-any-order", test: "TestWeakerPromises", why: "where nothing gives an order to the operations of a client, the search takes far too long in the runs that show it"},
	{patch: "checkers/nobody-looks-at-the-end", test: "TestLinearizableNewOldInversion", why: "table-of-one-server is found as soon: a wrong answer is judged when it comes, and little is left for the end"},
	{patch: "checkers/spent-is-legal", test: "TestBudgetIsUnknown", why: "a search that runs out of budget has found no bug either; what is lost is that somebody is told"},
	{patch: "checkers/twice-as-old", test: "TestWeakerPromises", why: "the bugs with old reads are seen in the scenario's other settings, where no age is promised"},
	{patch: "checkers/writes-follow-nothing", test: "TestWeakerPromises", why: "no scenario promises it: a store of somebody else may"},
}
