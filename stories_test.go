package simrun

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// The stories under seeds/ are told in their comments. This file holds them to it: each has a row below that says what must happen in the run, in that order, and
// what must not. A verdict alone would not do: a story whose fault no longer hits what it was aimed at ends well, and teaches nothing.

// A story is what a seed file's run must show.
//
// A step is a node or *, a kind of event as "run --events" prints it, and parts of the type and the text of what it is about, with .. between
// them. "p1 note Adopted .. B of 1.2" is p1's noting the fact "2.1 adopted B of 1.2".
type story struct {
	happens []string // steps that are found one after the other, others in between
	never   []string // steps that are found nowhere
	reached []string // of the scenario's Sometimes that no event shows
	like    string   // the story whose plan this one has, if any, to show another end
}

var stories = map[string]story{
	"bank/deadlock": {
		happens: []string{"s1 note Saw T1 read a1", "s2 note Saw T2 read a2", "s2 note Saw T1 read a2", "s1 note Saw T2 read a1", "s1 note Waited T1 waits for a1, which T2 holds",
			"s2 note Refused T2 refused a2, which T1 holds", "k2 note Retried .. T2", "s1 send Done{T1 #2", "k1 note Transferred T1 paid 5", "k2 note Transferred .. paid 3 from a2 to a1"},
		never: []string{"s2 note Waited T2", "* note Refused T1", "* drop"},
	},
	"bank/in-doubt": {
		happens: []string{"s1 note Voted T1 voted yes", "s2 note Voted T1 voted yes", "c1 crash", "s2 note Refused T2:1 refused a2, which T1 holds", "s2 note Refused T2:6 refused a2, which T1 holds",
			"k2 note Closed .. given up", "s1 note Asked T1", "c1 start life 2", "* note Decided T1 aborted", "k1 note Transferred T5/2"},
		never: []string{"* note Decided T1 committed", "k2 note Transferred"},
	},
	"bank/taken-over": {
		happens: []string{"s1 note Voted T1 voted yes", "s2 note Voted T1 voted yes", "c1 crash", "s2 note Refused T2:1 refused a2, which T1 holds", "s1 note Asked T1", "c2 note TookOver T1",
			"s2 note Decided T1 committed", "c2 note Decided T1 committed", "k1 note Transferred T1"},
		never: []string{"c1 start life 2", "* note Decided T1 aborted"},
	},
	"bank/lost-update": {
		happens: []string{"s1 note Saw T1 read a1: ", "s1 note Saw T2 read a1: ", "s1 note Installed T1 wrote a1: 95", "s1 note Installed T2 wrote a1: 97"},
		never:   []string{"* note Waited", "* note Refused"},
	},
	"bank/early-release": {
		happens: []string{"s1 note Voted T1 voted yes", "s1 note Saw T2 read a1:", "c1 note Decided T1 committed", "s2 note Installed T1 wrote a2: 105", "s2 note Saw T2 read a2 of T1: 105", "k2 note Audited T2 found 205"},
		never:   []string{"s1 note Installed", "* note Refused", "* note Waited"},
	},
	"bank/locked-audit": {
		happens: []string{"s1 note Voted T1 voted yes", "s1 note Refused T2 refused a1, which T1 holds", "s2 note Installed T1 wrote a2: 105", "s1 note Refused T4 refused a1, which T1 holds",
			"s1 note Installed T1 wrote a1: 95", "k2 note Audited T5 found 200"},
		like: "bank/early-release",
	},
	"bank/forgotten-work": {
		happens: []string{"s2 note Saw T1 read a2", "s2 crash", "s2 start life 2", "s2 recv CanCommit{T1}", "s2 note Voted T1 voted no", "s1 note Voted T1 voted yes", "c1 note Decided T1 aborted",
			"k1 note Retried .. T1", "k1 note Transferred T2 paid 5"},
		never: []string{"s2 drop", "* note Refused"},
	},
	"election/cut-off-leader": {
		happens: []string{"c1 note Ruled", "c1 note Ruled", "* fault", "c1 note Ruled", "c1 note Resigned", "c3 note Stood .. epoch 2", "c3 note Ruled c3 rules in epoch 2", "* note Ruled .. epoch 3"},
		never:   []string{"c1 note Ruled .. epoch 2", "c2 note Ruled .. epoch 2"},
	},
	"election/still-rules": {
		happens: []string{"* fault", "c3 note Ruled c3 rules in epoch 2", "c1 note Ruled c1 rules in epoch 1"},
		never:   []string{"c1 note Resigned"},
		like:    "election/cut-off-leader",
	},
	"election/another-life": {
		happens: []string{"c1 note Ruled", "c1 crash", "c1 start life 2", "c1 note Stood c1/2 stands for epoch 1", "c1 note Adopted .. c1 of", "c1 note Elected c1 leads in epoch 1", "c3 note Ruled c3 rules in epoch 2"},
		never:   []string{"c1 note Ruled c1/2 rules in epoch 1"},
		like:    "election/second-life",
	},
	"election/second-life": {
		happens: []string{"c1 note Ruled", "c1 crash", "c1 start life 2", "c1 note Stood c1 stands for epoch 1", "c1 note Ruled c1 rules in epoch 1", "c3 note Ruled c3 rules in epoch 2", "c1 note Ruled c1 rules in epoch 1"},
	},
	"election/frozen": {
		happens: []string{"c1 note Ruled", "c1 fault .. with clock", "c2 note Ruled c2 rules in epoch 2", "c1 fault .. resume", "c1 note Ruled c1 rules in epoch 1"},
	},
	"election/paused": {
		happens: []string{"c1 note Ruled", "c1 fault", "c2 note Ruled c2 rules in epoch 2", "c1 fault .. resume", "c1 note Resigned", "c2 note Ruled c2 rules in epoch 3"},
		never:   []string{"c1 recv Chosen"},
	},
	"multicast/missed": {
		happens: []string{"p2 drop Chosen{slot 2", "p2 recv Chosen{slot 3", "p2 send Ask{slot 2}", "p2 recv Known{2 to", "p2 note Delivered delivered 2", "p2 note Delivered delivered 3"},
	},
	"multicast/skipped": {
		happens: []string{"p2 drop Chosen{slot 2", "p2 recv Chosen{slot 3", "p2 note Delivered delivered 3"},
		never:   []string{"p2 note Delivered delivered 2"},
		like:    "multicast/missed",
	},
	"multicast/left-half-way": {
		happens: []string{"p1 send Accept{slot 2, 1.1 p1#1}", "p1 crash", "p2 send Ask{slot 2}", "p2 recv Accepted{slot 2, 1.1 p1#1}", "p2 send Accept{slot 2, 1.2 p1#1}", "p2 note Delivered delivered 2: p1#1"},
		never:   []string{"p1 note Delivered delivered 2"},
	},
	"multicast/refused": {
		happens: []string{"a3 recv Accept{slot 1, 1.1 p1#1}", "p2 note Adopted .. p1#1", "p1 note Preempted", "p2 note Delivered delivered 1: p1#1", "p1 note Delivered delivered 2: p2#1"},
		never:   []string{"* send Accept{slot 2, 1.1 p1#1}"},
	},
	"multicast/twice": {
		happens: []string{"a3 recv Accept{slot 1, 1.1 p1#1}", "p2 note Adopted .. p1#1", "p1 note Preempted", "p2 note Delivered delivered 1: p1#1", "p1 note Delivered delivered 1: p1#1", "p1 send Accept{slot 2, 1.1 p1#1}", "p1 note Delivered delivered 2: p1#1"},
		like:    "multicast/refused",
	},
	"broadcast/two-faced": {
		happens: []string{"p1 send Initial{p1#1 A'}", "p1 send Initial{p1#1 A}", "p4 send Ready{p1#1 A'}", "p3 note Amplified .. A' because", "p3 note Delivered .. A'", "p2 note Delivered .. A'", "p4 note Delivered .. A'"},
		never:   []string{"* send Ready{p1#1 A}"},
	},
	"broadcast/believed": {
		happens: []string{"p1 send Initial{p1#1 A}", "p2 note Delivered .. A'", "p3 note Delivered .. delivered A"},
		like:    "broadcast/two-faced",
	},
	"broadcast/split-in-half": {
		happens: []string{"p1 send Initial{p1#1 A'}", "p1 send Initial{p1#1 A}", "p2 send Echo{p1#1 A'}", "p3 send Echo{p1#1 A}", "p4 send Echo{p1#1 A'}", "p5 send Echo{p1#1 A}", "* settle"},
		never:   []string{"* send Ready", "* note Delivered"},
	},
	"broadcast/quorum-too-small": {
		happens: []string{"p4 send Ready{p1#1 A'}", "p5 send Ready{p1#1 A}", "p1 send Ready{p1#1 A'}", "p1 send Ready{p1#1 A}", "p2 note Delivered .. A'", "p3 note Delivered .. delivered A"},
		like:    "broadcast/split-in-half",
	},
	"broadcast/told-few": {
		happens: []string{"p3 send Ready", "p1 send Ready", "p3 note Delivered", "p4 note Amplified", "p4 send Echo", "p4 note Delivered", "p2 note Delivered"},
		never:   []string{"p4 recv Initial", "* drop"},
	},
	"broadcast/left-behind": {
		happens: []string{"p2 send Ready", "p3 note Delivered", "* settle"},
		never:   []string{"p4 send Ready", "p2 note Delivered", "p4 note Delivered", "* note Amplified"},
		like:    "broadcast/told-few",
	},
	"2pc/all-yes": {
		happens: []string{"c note Opened", "* note Voted T1 voted yes", "* note Voted T1 voted yes", "* note Voted T1 voted yes", "c note Decided T1 committed", "k1 note Ended T1 ended committed",
			"* note Decided T1 committed", "* note Decided T1 committed", "* note Decided T1 committed"},
		never: []string{"* note Asked", "* drop", "* crash"},
	},
	"2pc/blocked": {
		happens: []string{"p1 note Voted T1 voted yes", "c crash", "p3 crash", "p1 send Answer{T1 prepared}", "p2 send Answer{T1 prepared}", "* settle", "* note Asked"},
		never:   []string{"* note Decided", "* start life 2"},
	},
	"2pc/blocked-recovery": {
		happens: []string{"p1 note Voted T1 voted yes", "c crash", "p3 crash", "r note TookOver T1 .. 2.2", "r recv Fenced{T1 prepared", "r recv Fenced{T1 prepared", "* settle", "r send Fence{T1, 2.2}"},
		never:   []string{"* note Decided", "* start life 2"},
		like:    "2pc/blocked",
	},
	"2pc/coordinator-lost": {
		happens: []string{"p2 note Voted T1 voted yes", "p3 note Voted T1 voted yes", "p1 note Voted T1 voted yes", "c crash", "p1 note Refused T2 refused .. which T1 holds", "* note Asked", "* send Answer{T1 prepared}", "* settle",
			"* note Asked T1"},
		never: []string{"* note Decided T1", "* start life 2"},
	},
	"2pc/coordinator-replaced": {
		happens: []string{"c crash", "p1 note Refused T2 refused .. which T1 holds", "r note TookOver T1", "r send Decision{T1 commit, 2.2}", "* note Decided T1 committed", "r note Decided T1 committed"},
		never:   []string{"c start life 2", "* note Decided T1 aborted"},
		like:    "2pc/coordinator-lost",
	},
	"2pc/forced-not-told": {
		happens: []string{"c crash", "c start life 2", "c note Recovered", "c note Decided T1 committed", "c send Decision{T1 commit}", "* note Decided T1 committed", "k1 note Ended T1 ended committed"},
		never:   []string{"* note Presumed", "* note Asked"},
	},
	"2pc/heuristic": {
		happens: []string{"c note Decided T1 committed", "p1 note Decided T1 committed", "p2 note Decided T1 aborted"},
		never:   []string{"* crash", "p2 send GetDecision"},
	},
	"2pc/lost-acknowledgement": {
		happens: []string{"p1 note Decided T1 committed", "c drop Ack{T1 commit}", "c send Decision{T1 commit}", "p1 recv Decision{T1 commit}", "p1 send Ack{T1 commit}", "c recv Ack{T1 commit}", "k1 note Ended T2 ended committed"},
		never:   []string{"* crash", "* note Asked"},
	},
	"2pc/never-voted": {
		happens: []string{"p1 note Voted T1 voted yes", "c crash", "* note Asked", "p3 recv GetDecision", "p3 note Decided T1 aborted", "* note Learned T1 aborted, says p3", "c start life 2", "k1 note Ended T1 ended aborted"},
		never:   []string{"p3 note Voted T1 voted yes"},
	},
	"2pc/one-no": {
		happens: []string{"p2 note Decided T1 aborted", "p2 note Voted T1 voted no", "c note Decided T1 aborted", "k1 note Ended T1 ended aborted", "* note Decided T1 aborted", "* note Decided T1 aborted"},
		never:   []string{"* send Decision{T1 commit}", "p2 recv Decision", "* send Ack"},
	},
	"2pc/outdone": {
		happens: []string{"r note TookOver T1 .. 2.2", "p3 send Fenced{T1 prepared, 2.2}", "c send Decision{T1 abort}", "p3 send Stale{T1, 1.1, joined 2.2}", "c note Outdone T1: 1.1 outdone by 2.2", "r send Decision{T1 commit, 2.2}",
			"p3 note Decided T1 committed", "k1 note Ended T1 ended committed"},
		never: []string{"* note Decided T1 aborted"},
	},
	"2pc/participant-asks": {
		happens: []string{"p2 note Voted T1 voted yes", "p2 crash", "p2 drop Decision{T1 commit}", "p2 start life 2", "p2 note Recovered", "p2 note Asked", "c recv GetDecision", "c send Decision{T1 commit}", "p2 note Decided T1 committed"},
		never:   []string{"p2 note Decided T1 aborted"},
	},
	"2pc/peer-knows": {
		happens: []string{"c send Decision{T1 commit}", "c crash", "p1 note Decided T1 committed", "* note Asked", "p1 send Answer{T1 committed}", "* note Learned T1 committed, says p1", "* note Learned T1 committed, says"},
		never:   []string{"c start life 2", "p2 recv Decision Decision{", "p3 recv Decision Decision{"},
	},
	"2pc/presumed-abort": {
		happens: []string{"* note Voted T1 voted yes", "c crash", "c start life 2", "* note Asked", "c note Presumed T1 presumed aborted", "* note Decided T1 aborted", "k1 note Ended T1 ended aborted"},
		never:   []string{"c note Recovered", "* note Decided T1 committed"},
	},
	"2pc/presumed-commit": {
		happens: []string{"c note Decided T1 committed", "p1 note Decided T1 committed", "c crash", "c start life 2", "p2 note Asked", "c note Presumed T1 presumed committed", "p2 note Decided T1 committed"},
		never:   []string{"* send Ack", "c note Recovered", "p2 note Learned"},
	},
	"2pc/vote-forced": {
		happens: []string{"p2 note Voted T1 voted yes", "p2 crash", "p2 start life 2", "p2 note Recovered", "p3 note Asked", "p3 note Decided T1 committed"},
		never:   []string{"* note Decided T1 aborted"},
		like:    "2pc/vote-not-forced",
	},
	"2pc/vote-not-forced": {
		happens: []string{"p2 send Vote{T1 yes}", "p2 crash", "c note Decided T1 committed", "p2 start life 2", "p3 note Asked", "p2 recv GetDecision", "p2 note Decided T1 aborted"},
		never:   []string{"p2 note Recovered"},
	},
	"3pc-quorum/committed-by-heirs": {
		happens: []string{"c send PreCommit{T1 in 1.c}", "c crash", "p1 send PreAck", "p1 note Elected .. pre-commit in 1.c", "p2 send Standing .. wait}", "p1 note Attempted attempted pre-commit", "p2 send PreAck{T1 in 2.p1}",
			"p1 note Decided T1 committed", "c start life 2", "c note Decided T1 committed"},
		never: []string{"p2 send PreAck{T1 in 1.c}", "p3 send PreAck{T1 in 1.c}", "* note Decided T1 aborted"},
	},
	"3pc-quorum/minority-waits": {
		happens: []string{"* fault .. cut p3", "c note Decided T1 committed", "p3 note Elected .. wait", "p3 note Blocked .. heard 1 of 2", "p3 note Blocked .. heard 1 of 2", "* fault .. heal", "* recv Elect", "p3 recv DoCommit", "p3 note Decided T1 committed"},
		never:   []string{"* note Decided T1 aborted", "* note Attempted"},
	},
	"3pc-quorum/no-quorum": {
		happens: []string{"p1 send Vote{T1 yes}", "p3 send Vote{T1 yes}", "p2 send Vote{T1 yes}", "c crash", "p1 crash", "p2 crash", "p3 note Elected .. wait", "p3 note Blocked .. heard 1 of 2", "* settle", "p3 note Blocked .. heard 1 of 2"},
		never:   []string{"* note Decided"},
	},
	"3pc-quorum/not-asked-yet": {
		happens: []string{"p3 drop CanCommit", "c crash", "p1 note Elected", "p3 note Decided T1 aborted", "p3 send DoAbort", "p1 note Decided T1 aborted", "p2 note Decided T1 aborted", "c start life 2", "c note Decided T1 aborted"},
		never:   []string{"p3 note Voted", "* note Attempted"},
	},
	"3pc-quorum/old-precommit": {
		happens: []string{"c crash", "p2 send Standing{T1 in 2.p1: wait}", "p1 note Attempted attempted pre-abort", "p2 recv PreCommit{T1 in 1.c}", "p2 send Refused{T1 in 1.c, elected 2.p1}", "p2 recv PreAbort{T1 in 2.p1}", "p1 note Decided T1 aborted",
			"c start life 2", "c send PreCommit{T1 in 1.c}", "c note Decided T1 aborted"},
		never: []string{"* send PreAck{T1 in 1.c}"},
	},
	"3pc-quorum/partition-survived": {
		happens: []string{"* fault .. cut", "p1 drop PreCommit", "p2 drop PreCommit", "p3 send PreAck{T1 in 1.c}", "c recv PreAck{T1 in 1.c}", "p1 note Attempted attempted pre-abort", "p1 note Decided T1 aborted", "p3 note Blocked .. heard 1 of 2",
			"* fault .. heal", "p3 note Decided T1 aborted"},
		never: []string{"* note Decided T1 committed"},
	},
	"3pc-quorum/quorum-reconnects": {
		happens: []string{"p2 send PreAck{T1 in 1.c}", "p1 note Attempted attempted pre-abort", "p3 send PreAck{T1 in 2.p1}", "p1 crash", "* fault .. heal", "p2 note Elected .. pre-commit in 1.c", "p3 send Standing .. pre-abort in 2.p1",
			"p2 note Attempted attempted pre-abort", "p3 send PreAck{T1 in 2.p2}", "p2 note Decided T1 aborted", "p3 note Decided T1 aborted", "* settle"},
		never: []string{"* note Blocked", "* note Decided T1 committed"},
	},
	"3pc-quorum/quorum-too-small": {
		happens: []string{"* fault .. cut", "c recv PreAck{T1 in 1.c}", "c note Decided T1 committed", "p1 note Elected", "p1 note Attempted attempted pre-abort", "p1 note Decided T1 aborted"},
		like:    "3pc-quorum/partition-survived",
	},
	"3pc-quorum/skeen-blocks": {
		happens: []string{"p2 send PreAck{T1 in 1.c}", "p3 send PreAck{T1 in 2.p1}", "p1 crash", "* fault .. heal", "p2 note Elected .. pre-commit in 1.c", "p3 send Standing .. pre-abort in 2.p1", "p2 note Blocked .. heard 2 of 2",
			"* settle", "* note Blocked .. heard 2 of 2"},
		never: []string{"* note Decided"},
		like:  "3pc-quorum/quorum-reconnects",
	},
	"3pc/backup-crashes": {
		happens: []string{"c send PreCommit{T1}", "c crash", "p1 note Terminated .. some are pre-committed", "p1 send PreCommit{T1 by p1}", "p1 crash", "p3 recv PreCommit{T1 by p1}", "p2 note Elected", "p3 send Report{T1 by p2, p}",
			"p2 send PreCommit{T1 by p2}", "p2 note Decided T1 committed", "p3 note Decided T1 committed", "p1 start life 2", "p1 note Decided T1 committed", "c start life 2", "c note Decided T1 committed"},
		never: []string{"p2 recv PreCommit", "* note Decided T1 aborted"},
	},
	"3pc/dead-reckoning": {
		happens: []string{"p3 note Prepared", "p3 crash", "p1 note Terminated .. all are uncertain", "p1 note Decided T1 aborted", "p1 crash", "p2 note Elected", "p2 crash", "p3 start life 2", "p3 note Recovered .. in p", "p2 start life 2",
			"p3 note Repaired .. all are uncertain", "p3 note Decided T1 aborted", "p2 note Decided T1 aborted", "c start life 2", "c note Decided T1 aborted", "p1 start life 2", "p1 note Decided T1 aborted"},
		never: []string{"p1 send DoAbort", "* note Decided T1 committed"},
	},
	"3pc/half-sent-precommit": {
		happens: []string{"c send PreCommit{T1}", "c crash", "p3 note Prepared", "p1 note Elected", "p3 send Report{T1 by p1, p}", "p1 note Terminated .. some are pre-committed", "p2 note Prepared .. by p1", "p1 note Decided T1 committed",
			"c start life 2", "c note Recovered .. in p", "c note Decided T1 committed"},
		never: []string{"p2 recv PreCommit{T1}", "p1 recv PreCommit", "* note Decided T1 aborted"},
	},
	"3pc/last-to-fail": {
		happens: []string{"c crash", "p1 note Elected", "p1 crash", "p2 note Elected", "p2 crash", "p3 note Elected", "p3 crash", "p1 start life 2", "p2 start life 2", "p1 recv Ask{T1, has w by p2}", "* settle", "p1 send Ask"},
		never:   []string{"p3 start life 2", "* note Repaired", "* note Decided"},
	},
	"3pc/late-message": {
		happens: []string{"c send PreCommit{T1}", "c note Decided T1 committed", "p1 note Terminated .. all are uncertain", "p1 note Decided T1 aborted"},
		never:   []string{"* crash", "* drop", "* fault"},
	},
	"3pc/partition": {
		happens: []string{"c send PreCommit{T1}", "* fault .. cut", "p1 drop PreCommit", "c recv PreAck", "c note Decided T1 committed", "p1 note Terminated .. all are uncertain", "p1 note Decided T1 aborted"},
		never:   []string{"* crash"},
	},
	"3pc/recovered-stands-aside": {
		happens: []string{"p3 send PreAck", "p3 crash", "p3 start life 2", "p3 note Recovered .. in p", "p1 note Elected", "p3 recv StateReq", "p1 note Terminated .. all are uncertain", "p1 note Decided T1 aborted", "p3 note Decided T1 aborted",
			"c start life 2", "c note Decided T1 aborted"},
		never: []string{"p3 send Report", "* note Decided T1 committed"},
	},
	"3pc/total-failure": {
		happens: []string{"c crash", "p1 note Elected", "p1 crash", "p2 note Elected", "p2 crash", "p3 note Elected", "p3 crash", "p1 note Recovered .. in w", "p2 note Recovered .. in w", "p1 recv Ask{T1, has w by p2}", "p3 start life 2",
			"* note Repaired .. some are pre-committed", "* note Decided T1 committed", "* note Decided T1 committed", "* note Decided T1 committed", "* note Decided T1 committed"},
		never: []string{"* note Decided T1 aborted"},
	},
	"3pc/uncertain-abort": {
		happens: []string{"c recv Vote{T1 yes}", "c recv Vote{T1 yes}", "c recv Vote{T1 yes}", "c crash", "p1 note Elected", "p1 note Terminated .. all are uncertain", "p1 note Decided T1 aborted", "c start life 2", "c note Recovered .. in p",
			"c note Decided T1 aborted"},
		never: []string{"c send PreCommit", "* note Decided T1 committed"},
	},
	"chandy-lamport/token-in-channel": {
		happens: []string{"p2 send App Token{0}", "p1 note Recorded .. p1#1: no token", "p1 recv App Token{0}", "p2 note Recorded .. p1#1: no token", "p1 recv Marker", "p1 note ChannelRecorded .. p1#1 from p2: Token{0}",
			"p1 note Complete .. p1#1 .. p2>p1 .. Token{0}", "p1 note Complete .. p1#2 .. the token, 0 steps left"},
		never: []string{"p2 note ChannelRecorded .. Token"},
	},
	"chandy-lamport/token-unseen": {
		happens: []string{"p2 send App Token{0}", "p1 note Recorded .. p1#1: no token", "p1 recv App Token{0}", "p2 note Recorded .. p1#1: no token", "p1 note ChannelRecorded .. p1#1 from p2: nothing", "p1 note Complete .. p1#1"},
		never:   []string{"* note ChannelRecorded .. Token", "* note Recorded .. the token"},
	},
	"chandy-lamport/token-twice": {
		happens: []string{"p1 note Recorded .. the token", "p1 send App Token", "p1 send Marker", "p2 recv App Token", "p2 recv Marker", "p2 note Recorded .. the token", "p1 note Complete"},
	},
	"chandy-lamport/token-before-state": {
		happens: []string{"p1 note Recorded .. the token", "p1 send Marker", "p1 send App Token", "p2 recv Marker", "p2 recv App Token", "p2 note Recorded .. the token", "p1 note Complete"},
	},
	"chandy-lamport/marker-overtakes": {
		happens: []string{"p1 send App Token", "p1 note Recorded .. no token", "p2 recv Marker", "p2 note Recorded .. no token", "p2 note ChannelRecorded .. from p1: nothing", "p1 note Complete"},
		never:   []string{"p2 recv App Token", "* note ChannelRecorded .. Token"},
	},
	"chandy-lamport/marker-overtaken": {
		happens: []string{"p1 note Recorded .. the token", "p1 send Marker", "p1 send App Token", "p2 recv App Token", "p2 send App Token", "p2 recv Marker", "p2 note Recorded .. no token", "p1 note ChannelRecorded .. from p2: Token",
			"p1 note Complete"},
	},
	"chandy-lamport/overlapping": {
		happens: []string{"p2 send App Token{0}", "p1 note Recorded .. p1#1: no token", "p2 note Recorded .. p2#1: no token", "p1 recv App Token{0}", "p2 note Overlapped", "p1 note Recorded .. p2#1: the token", "p1 note Overlapped",
			"p1 note ChannelRecorded .. p1#1 from p2: Token{0}", "* note Complete", "* note Complete", "* note Complete", "* note Complete"},
	},
	"chandy-lamport/second-marker": {
		happens: []string{"p3 send App Token{2}", "p1 note Recorded .. no token", "p2 note Recorded .. no token", "p3 note Recorded .. no token", "p1 recv Marker", "p1 note ChannelRecorded .. from p3: nothing", "p1 recv App Token{2}", "p1 note Complete"},
		never:   []string{"* note ChannelRecorded .. Token"},
	},
	"chandy-lamport/first-channel": {
		happens: []string{"p1 note Recorded .. the token", "p1 send Marker", "p1 send App Token", "p2 recv Marker", "p2 note Recorded .. no token", "p2 recv App Token", "p2 recv Marker", "p2 note ChannelRecorded .. from p1: Token", "p1 note Complete"},
	},
	"chandy-lamport/markers-without-ids": {
		happens: []string{"p1 note Recorded .. p1#2: the token", "p1 send App Token", "p2 recv Marker .. p1#2", "p2 recv App Token", "p2 recv Marker .. p1#1", "p2 note Recorded .. p1#2: the token", "p1 note Complete .. p1#2"},
	},
	"chandy-lamport/rollback": {
		happens: []string{"p1 note Complete .. p2>p1 .. Token{2}", "p2 recv App Token{1}", "p2 crash", "p2 start life 2", "p2 send Rejoin", "p1 note Recovering .. incarnation 2", "p1 note RolledBack .. p1#1", "p2 note RolledBack .. p1#1",
			"p1 note Recovered", "p2 send App Token{2} of 2, again", "p1 recv App Token{2} of 2, again", "p1 note Complete .. p1#2/2 .. the token, 0 steps left"},
		never: []string{"* note Discarded"},
	},
	"chandy-lamport/leader-crashes": {
		happens: []string{"p2 crash", "p1 note Recovering .. incarnation 2", "p1 crash", "p1 note Recovering .. incarnation 3", "p2 send Stopped .. 2", "p2 send Stopped .. 3", "p1 recv Stopped{2", "p1 recv Stopped{3", "p1 note RolledBack .. p1#1, incarnation 3",
			"p1 note Recovered", "p2 send App Token{2} of 3, again", "p1 note Complete .. the token, 0 steps left"},
		never: []string{"* note RolledBack .. incarnation 2", "* note Recovered .. incarnation 2"},
	},
	"chandy-lamport/old-token": {
		happens: []string{"p2 send App Token{4}", "p1 crash", "* note Recovered .. incarnation 2", "p3 recv App Token{4}", "p3 note Discarded .. Token{4}", "p1 note Complete .. the token, 0 steps left"},
		like:    "chandy-lamport/old-token-let-in",
	},
	"chandy-lamport/old-token-let-in": {
		happens: []string{"p2 send App Token{4}", "p1 crash", "* note Recovered .. incarnation 2", "p3 recv App Token{4}", "p3 send App Token{3} of 2", "p1 note Complete"},
		never:   []string{"* note Discarded"},
	},
	"lai-yang/red-message": {
		happens: []string{"p1 note Recorded .. p1#1: the token", "p1 send Take", "p1 send App Token{1} of 1", "p2 recv App Token{1} of 1", "p2 note Recorded .. p1#1: no token, before the message", "p1 note Complete .. p1#1", "p2 recv Take{p1#1}",
			"p1 note Complete .. the token, 0 steps left"},
		never: []string{"* note CameLate", "* note ChannelRecorded"},
		like:  "lai-yang/red-received",
	},
	"lai-yang/red-received": {
		happens: []string{"p1 note Recorded .. p1#1: the token", "p2 recv App Token{1} of 1", "p2 note Recorded .. p1#1: the token", "p1 note Complete .. p1#1"},
		never:   []string{"p2 recv Take"},
	},
	"lai-yang/late-white": {
		happens: []string{"p1 send App Token{1}", "p1 note Recorded .. p1#1: no token", "p2 note Recorded .. p1#1: no token", "p1 note ChannelRecorded .. from p1 to p2: Token{1}", "p1 note Complete .. p1#1", "p2 recv App Token{1}",
			"p2 note CameLate", "p1 note Complete .. the token, 0 steps left"},
		never: []string{"* send Late"},
		like:  "chandy-lamport/marker-overtakes",
	},
	"lai-yang/late-white-counted": {
		happens: []string{"p1 note Recorded .. p1#1: no token", "p1 recv Report", "p2 recv App Token{1}", "p2 note CameLate", "p2 send Late", "p1 recv Late", "p1 note ChannelRecorded .. from p1 to p2: Token{1}", "p1 note Complete .. p1#1",
			"p1 note Complete .. the token, 0 steps left"},
		like: "lai-yang/late-white",
	},
	"lai-yang/late-white-not-awaited": {
		happens: []string{"p1 note Recorded .. p1#1: no token", "p2 note Recorded .. p1#1: no token", "p1 recv Report", "p1 note Complete .. p1#1"},
		never:   []string{"p2 recv App Token{1}", "* note ChannelRecorded"},
		like:    "lai-yang/late-white-counted",
	},
	"lai-yang/late-white-not-kept": {
		happens: []string{"p2 recv App Token{1}", "p2 note CameLate", "p2 send Late", "p1 recv Late", "p1 note Complete .. p1#1"},
		never:   []string{"* note ChannelRecorded"},
		like:    "lai-yang/late-white-counted",
	},
	"lai-yang/one-history": {
		happens: []string{"p2 send App Token{4}", "p1 recv App Token{4}", "p3 send App Token{2}", "p1 note Recorded .. no token", "p2 note Recorded .. no token", "p3 note Recorded .. no token", "p1 note Complete"},
		never:   []string{"p1 recv App Token{2}", "* note ChannelRecorded"},
	},
	"lai-yang/silent": {
		happens: []string{"p1 note Recorded .. the token, 0 steps left", "p1 send Take", "p1 send Take", "p2 note Recorded", "p3 note Recorded", "p1 note Complete"},
		never:   []string{"* send App", "* note Turned .. active"},
	},
	"lai-yang/two-snapshots": {
		happens: []string{"p1 note Recorded .. p1#1: the token", "p1 note Recorded .. p1#2: the token", "p1 send App Token{1} of 2", "p2 note Recorded .. p1#1: no token, before the message", "p2 note Recorded .. p1#2: no token, before the message",
			"p2 recv Take{p1#2}", "p1 note Complete .. p1#1", "p1 note Complete .. p1#2", "p2 recv Take{p1#1}", "p1 note Complete .. the token, 0 steps left"},
		like: "lai-yang/two-snapshots-one-bit",
	},
	"lai-yang/two-snapshots-one-bit": {
		happens: []string{"p1 note Recorded .. p1#2: the token", "p1 send App Token{1} of 2", "p2 recv App Token{1} of 2", "p2 recv Take", "p2 note Recorded .. the token", "p1 note Complete"},
	},
	"independent/coordinated": {
		happens: []string{"p1 note Checkpointed checkpoint 2", "p2 note Checkpointed checkpoint 2", "p3 note Checkpointed checkpoint 2", "p3 crash", "p3 note Restored restored at 2", "p3 note LineFound line 2 2 2", "* note RolledBack rolled back to 2", "* note RolledBack rolled back to 2", "p3 note Recovered"},
		never:   []string{"* note LineFound .. has of"},
	},
	"independent/domino-late-log": {
		happens: []string{"p3 send App Note{1} of 4", "p2 note Handled handled #1 of p3 in 5", "p3 crash", "p3 note Restored restored at 4", "p3 note LineFound line 5 5 4", "p1 note RolledBack rolled back to 5", "p2 note RolledBack rolled back to 5", "p3 note Recovered"},
		never:   []string{"* note RolledBack rolled back to 1"},
	},
	"independent/domino-logged": {
		happens: []string{"p2 note Handled handled #1 of p3", "p3 crash", "p3 note Restored"},
		never:   []string{"* note RolledBack", "* note LineFound"},
	},
	"independent/domino-p1": {
		happens: []string{"p1 note Checkpointed checkpoint 3", "p1 crash", "p1 note Restored restored at 3", "p1 note LineFound line 3 3 3", "p1 note Recovered"},
		never:   []string{"* note RolledBack"},
	},
	"independent/domino-p2": {
		happens: []string{"p2 send App Note{3} of 2", "p1 note Handled handled #2 of p2 in 2", "p1 note Checkpointed checkpoint 3", "p2 crash", "p2 note Restored restored at 2", "p2 note LineFound line 2 2 3; p1 to 2: has of 2 of p2", "p1 note RolledBack rolled back to 2", "p2 note Recovered"},
		never:   []string{"p3 note RolledBack", "p2 note RolledBack"},
	},
	"independent/domino-p3": {
		happens: []string{"p3 send App Note{1} of 2", "p2 note Handled handled #1 of p3 in 1", "p2 note Checkpointed checkpoint 2", "p3 crash", "p3 note Restored restored at 2", "p3 note LineFound line 1 1 1 .. p2 to 1: has of 2 of p3 .. p3 to 1: has of 1 of p2 .. p1 to 1: has of 1 of p2", "p3 note RolledBack rolled back to 1", "p1 note RolledBack rolled back to 1", "p2 note RolledBack rolled back to 1", "p3 note Recovered"},
	},
	"independent/early-output": {
		happens: []string{"p1 note Checkpointed checkpoint 2", "p1 note Released output 1", "p1 crash", "p1 note Restored restored at 2"},
	},
	"independent/every-second-send": {
		happens: []string{"p1 send App Note{1}", "p2 note Handled handled #1 of p1 in 1", "p2 note Checkpointed checkpoint 2", "p1 crash", "p1 note Restored restored at 1", "p1 note LineFound line 1 2", "p2 note RolledBack rolled back to 2, 0 undone"},
		never:   []string{"p1 note Checkpointed checkpoint 3"},
	},
	"independent/every-send": {
		happens: []string{"p1 note Checkpointed checkpoint 2", "p1 send App Note{1}", "p2 note Handled handled #1 of p1 in 1", "p1 crash", "p1 note Restored restored at 2", "p1 note LineFound line 2 3"},
		like:    "independent/every-second-send",
	},
	"independent/livelock": {
		happens: []string{"p1 send App Note{1}", "p2 crash", "p2 note Restored", "p2 send Undone{from 1}", "p2 note Handled handled #1 of p1", "p1 note RolledBack", "p2 note RolledBack", "p1 note RolledBack", "p2 note RolledBack", "p1 note RolledBack", "p2 note RolledBack", "p1 note RolledBack"},
	},
	"independent/livelock-ends": {
		happens: []string{"p1 send App Note{1}", "p2 crash", "p2 note Restored", "p2 send Undone{from 1}", "p2 recv App Note{1}", "p1 note RolledBack", "p1 send App Note{1}", "p2 note Handled handled #1 of p1"},
		never:   []string{"p2 note RolledBack"},
		like:    "independent/livelock",
	},
	"independent/lost-message": {
		happens: []string{"p2 note Handled handled #1 of p1 in 2", "p2 crash", "p2 note Restored restored at 2", "p2 note LineFound line 2 2", "p1 send Gone{up to 1, of 1}", "p2 note Lost lost #1 of p1"},
		never:   []string{"p1 note RolledBack"},
	},
	"independent/lost-message-sent-again": {
		happens: []string{"p2 note Handled handled #1 of p1 in 2", "p2 crash", "p2 note Restored restored at 2", "p1 recv Have{0}", "p1 send App Note{1} of", "p2 note Handled handled #1 of p1 in 2"},
		never:   []string{"* note Lost", "p1 note RolledBack"},
		like:    "independent/lost-message",
	},
	"independent/old-message": {
		happens: []string{"p1 send App Note{1}", "p2 crash", "p2 note LineFound line 1 2; p1 to 1: has of 2 of p2", "p1 note RolledBack rolled back to 1", "p2 note Resumed", "p2 note Handled handled #1 of p1", "p1 send App Note{1}"},
	},
	"independent/old-message-dropped": {
		happens: []string{"p1 send App Note{1}", "p2 crash", "p1 note RolledBack rolled back to 1", "p2 note Resumed", "p2 recv App Note{1}", "p1 send App Note{1}", "p2 note Handled handled #1 of p1"},
		like:    "independent/old-message",
	},
	"independent/output-commit": {
		happens: []string{"p2 note Handled handled #1 of p1 in 1", "p1 crash", "p2 note RolledBack rolled back to 1", "p2 note Handled handled #1 of p1 in 1", "p2 note Checkpointed", "p2 note Released output 1"},
		like:    "independent/early-output",
	},
	"koo-toueg/chain": {
		happens: []string{"p1 note Recorded", "p1 send Request", "p3 note Recorded", "p3 send Request", "p2 note Recorded", "p2 send Request", "p1 send Willing .. yes", "p2 send Willing .. yes", "p3 send Willing .. yes", "p1 note Decided .. yes",
			"p3 note MadePermanent", "p2 note MadePermanent"},
		never: []string{"* note Undone", "* send Inquire"},
	},
	"koo-toueg/not-redundant": {
		happens: []string{"p3 note MadePermanent .. p1 C1.1", "p1 note Recorded .. p1 C1.2", "p2 note Recorded .. p1 C1.2", "p1 note MadePermanent .. p1 C1.2", "p2 note MadePermanent .. p1 C1.2"},
		never:   []string{"p3 note Recorded .. p1 C1.2", "* note Undone"},
	},
	"koo-toueg/redundant": {
		happens: []string{"p3 note MadePermanent .. p1 C1.1", "p1 note Recorded .. p1 C1.2", "p3 note Recorded .. p1 C1.2", "p3 note MadePermanent .. p1 C1.2"},
		never:   []string{"* note Undone"},
		like:    "koo-toueg/not-redundant",
	},
	"koo-toueg/initiator-gone": {
		happens: []string{"p1 crash", "p2 send Willing .. yes", "p3 send Willing .. yes", "p2 send Inquire", "* settle", "p3 send Inquire"},
		never:   []string{"* note Decided", "* note MadePermanent", "* note Undone"},
	},
	"koo-toueg/initiator-back": {
		happens: []string{"p1 crash", "p3 send Willing .. yes", "p1 start life 2", "p1 note Undone .. p1 C1.1", "p2 send Inquire{p1 C1.1", "p1 send Undo{p1 C1.1", "p1 note RolledBack", "p1 note MadePermanent .. p1 C2"},
		never:   []string{"* note MadePermanent .. p1 C1.1"},
	},
	"koo-toueg/participant-gone": {
		happens: []string{"p1 note Recorded", "p1 send Request", "p3 note Recorded", "p3 crash", "* settle"},
		never:   []string{"p2 note Recorded", "* note Decided", "* note Undone"},
	},
	"koo-toueg/refuse-each-other": {
		happens: []string{"p1 note Began", "p2 note Began", "p1 note Refused .. p2", "p2 note Refused .. p1", "p2 note Undone", "p1 note Undone", "p2 note Refused .. p1", "p1 note Refused .. p2", "* note Decided .. yes", "* note Decided .. yes"},
		never:   []string{"* fault", "* crash"},
	},
	"koo-toueg/rollback-of-two": {
		happens: []string{"p2 recv App Token{2}", "p1 crash", "p2 note Prepared", "p2 send Prepare", "p3 send Ready .. yes", "p1 note Decided .. yes", "p1 note RolledBack", "p2 note RolledBack", "p2 recv App Token{2}"},
		never:   []string{"p3 note Prepared", "p3 note RolledBack"},
	},
	"koo-toueg/lost-message": {
		happens: []string{"p2 recv App Token{2}", "p2 crash", "p2 note RolledBack", "p2 send Hello .. received #0", "p1 note Resent", "p1 send App Token{2}", "p2 recv App Token{2}"},
		never:   []string{"p1 note RolledBack"},
	},
	"koo-toueg/old-message": {
		happens: []string{"p2 note RolledBack", "p1 send App Token{5} #1", "p1 note Resent", "p2 recv App Token{5} #1", "p2 note Discarded", "p2 recv App Token{5} #1 (1>2)"},
	},
	"koo-toueg/old-message-let-in": {
		happens: []string{"p2 note RolledBack", "p1 send App Token{5} #1", "p1 note Resent", "p2 recv App Token{5} #1", "p2 recv App Token{5} #1 (1>2)"},
		never:   []string{"* note Discarded"},
		like:    "koo-toueg/old-message",
	},
	"koo-toueg/sent-early": {
		happens: []string{"p1 note Recorded", "p1 send App Ping{2}", "p2 recv App Ping{2}", "p2 note Recorded", "p1 note MadePermanent"},
		never:   []string{"* note Undone"},
	},
	"koo-toueg/unsynced-tentative": {
		happens: []string{"p2 note Recorded", "p2 send Willing .. yes", "p2 crash .. lost", "p1 note MadePermanent", "p2 note Restarted .. the initial state", "p2 note RolledBack .. the initial state"},
		never:   []string{"p1 note RolledBack"},
	},
	"koo-toueg/told-too-early": {
		happens: []string{"p1 send MakePermanent", "p1 crash .. lost", "p2 note MadePermanent", "p1 note Undone", "p1 note RolledBack .. the initial state"},
		never:   []string{"p2 note RolledBack"},
	},
	"koo-toueg/cohort-only": {
		happens: []string{"p3 note Recorded", "p1 note MadePermanent", "p3 note MadePermanent", "p2 crash", "p2 note RolledBack .. the initial state"},
		never:   []string{"p2 note Recorded", "p3 note RolledBack"},
	},
	"koo-toueg/largest-label": {
		happens: []string{"p1 send App Token{3}", "p1 crash", "p2 recv App Token{3}", "p2 send Ready .. yes", "p1 note RolledBack", "p2 send App Token{2}"},
		never:   []string{"p2 note Prepared"},
	},
	"koo-toueg/overtaken": {
		happens: []string{"* note Discarded"},
		never:   []string{"* crash", "* note Resent"},
	},
	"multipaxos/cut-at-damage": {
		happens: []string{"s2 note Executed executed 3: c3#2 get z", "s1 note Executed executed 3: c3#2 get z", "s1 crash", "s2 crash", "s1 start life 2", "s1 note Recovered .. 0 votes", "s3 note Led leads in 2.s3",
			"s3 note Executed executed 3: c1#3 append x a3"},
		never: []string{"* note EntryLost"},
	},
	"multipaxos/damaged-entry": {
		happens: []string{"s1 crash", "s2 crash", "s1 start life 2", "s1 note EntryLost .. value of 0", "s1 note Recovered .. 8 votes", "s3 note Led leads in 2.s3", "s3 note Adopted adopted in 3", "s3 note Executed executed 3: c3#2 get z",
			"s1 note Repaired has the value of 0 again", "s2 start life 2"},
		like: "multipaxos/cut-at-damage",
	},
	"paxos/withheld": {
		happens: []string{"a1 send Accepted{1.", "p1 note Preempted", "p2 note Preempted", "* fault .. 1s withhold 20ms", "p1 note Chosen", "l1 note Learned", "p2 note Chosen"},
		never:   []string{"* crash", "* drop"},
	},
	"paxos/adopted-value": {
		happens: []string{"p1 crash", "* send Accepted{1.1 A}", "* send Accepted{1.1 A}", "p2 note Adopted .. A of 1.1", "p2 note Chosen{1.2 A}", "p1 start life 2", "p1 note Chosen .. A}"},
		never:   []string{"* send Accept .. B}", "* note Chosen .. B}", "p1 recv Accepted{1.1 A}"},
	},
	"paxos/duelling-proposers": {
		happens: []string{"p1 note Preempted", "p2 note Preempted", "p1 note Preempted", "p2 note Preempted", "p1 note Chosen .. A}", "p2 note Adopted .. A of", "p2 note Chosen .. A}"},
		never:   []string{"* drop", "* crash", "* fault"},
	},
	"paxos/never-backs-off": {
		happens: []string{"p2 note Preempted 1.2", "p4 note Preempted 1.4", "p5 note Preempted", "p3 note Preempted", "p1 note Preempted", "* note Adopted .. E of", "* settle", "p3 note Preempted", "* note Adopted .. E of"},
		never:   []string{"* note Chosen", "* note Adopted .. A of", "* drop", "* crash", "* fault"},
	},
	"paxos/forgotten-acceptance": {
		happens: []string{"a2 send Accepted{1.1 A}", "p1 note Chosen{1.1 A}", "a2 crash", "a2 start life 2", "a2 send Promise{1.2}", "p2 note Chosen{1.2 B}"},
		never:   []string{"* note Recovered", "* note Adopted"},
	},
	"paxos/forgotten-promise": {
		happens: []string{"a2 send Promise{1.2}", "a2 crash", "a2 start life 2", "a2 recv Accept{1.1 A}", "a2 send Accepted{1.1 A}", "p1 note Chosen{1.1 A}",
			"a2 send Accepted{1.2 B}", "p2 note Chosen{1.2 B}"},
		never: []string{"* note Recovered", "a2 send Refused"},
	},
	"paxos/power-after-choice": {
		happens: []string{"p2 note Chosen{1.2 B}", "a1 crash", "a2 crash", "a1 send Promise{2.1, has 1.1 A}", "a2 send Promise{2.1, has 1.1 A}", "p1 note Chosen{2.1 A}"},
		never:   []string{"* note Recovered"},
	},
	"paxos/power-survived": {
		happens: []string{"p2 note Chosen{1.2 B}", "a1 crash", "a2 crash", "a1 note Recovered", "a2 note Recovered", "p1 note Adopted", "p1 note Chosen .. B"},
		never:   []string{"* note Chosen .. A"},
		like:    "paxos/power-after-choice",
	},
	"paxos/recovered-promise": {
		happens: []string{"a2 send Promise{1.2}", "a2 crash", "a2 start life 2", "a2 note Recovered", "a2 recv Accept{1.1 A}", "a2 send Refused{1.1, promised 1.2}",
			"p1 note Preempted", "p2 note Chosen{1.2 B}", "p1 note Adopted .. B of 1.2", "p1 note Chosen .. B}"},
		never: []string{"* note Chosen .. A}"},
		like:  "paxos/forgotten-promise",
	},
	"paxos/half-sent-accept": {
		happens: []string{"p1 send Accept{1.1 A}", "p1 crash", "a1 send Accepted{1.1 A}", "p2 note Chosen{1.2 B}", "p1 start life 2",
			"a1 send Promise{2.1/2, has 1.1 A}", "p1 note Adopted .. B of 1.2", "p1 note Chosen .. B}"},
		never: []string{"a2 recv Accept{1.1", "a3 recv Accept{1.1", "a1 recv Prepare{1.2}", "a3 recv Prepare{2.1/2}", "* note Chosen .. A}"},
	},
	"paxos/learner-after-loss": {
		happens: []string{"p1 note Chosen{1.1 A}", "l1 recv Accepted{1.1 A}", "l1 timer tick", "l1 send Ask", "l1 recv", "l1 note Learned .. A"},
		never:   []string{"* send Prepare{2"},
	},
	"paxos/minority-cut": {
		happens: []string{"* fault .. cut", "p2 note Chosen .. B}", "l1 note Learned .. B", "p1 send Prepare{2.1}", "p1 send Prepare{3.1}", "* fault .. heal", "p1 note Adopted .. B", "p1 note Chosen .. B}"},
		never:   []string{"p1 send Accept .. A}"},
	},
	"paxos/one-liar": {
		happens: []string{"p1 note Chosen{1.1 A}", "a1 send Promise .. has 1.1 A'}", "a3 send Promise .. has 1.1 A}", "p2 note Adopted .. A' of 1.1", "p2 note Chosen .. A'"},
		never:   []string{"* crash", "* drop"},
	},
	"paxos/old-prepare": {
		happens: []string{"p2 note Chosen{1.2 B}", "* recv Prepare{1.1}", "* send Refused{1.1, promised 1.2}", "p1 note Preempted", "p1 note Adopted .. B of 1.2", "p1 note Chosen .. B}"},
		never:   []string{"* send Promise{1.1}"},
	},
	"multipaxos/gap-filled": {
		happens: []string{"s2 note Proposed .. in 0, 1.s2: c1#1", "s2 note Proposed .. in 1, 1.s2: c2#1", "* note Voted .. in 1, 1.s2: c2#1", "s2 crash", "* note Filled .. gap 0", "* note Adopted .. in 1 what 1.s2 left: c2#1",
			"* note Executed .. 0: no-op", "* note Executed .. 1: c2#1 put y b", "* note Executed .. put x a"},
		never: []string{"s1 recv Accept{1.s2 in 0", "s3 recv Accept{1.s2 in 0"},
	},
	"multipaxos/leader-dies": {
		happens: []string{"s2 note Proposed .. put x a", "s1 note Voted", "s3 note Voted", "s2 crash", "* note Adopted .. put x a", "* note Executed .. 0: c1#1 put x a", "c1 note Returned .. c1#1 ok"},
		never:   []string{"s2 send Reply{c1#1"},
	},
	"multipaxos/lost-disk": {
		happens: []string{"s3 note Marked .. as s3", "s3 crash", "s3 start life 2", "o note Wiped .. s3", "s3 note Marked .. s3/2", "* note Configured .. s1 s2 vote", "* note Configured .. s1 s2 s3/2 vote", "s3 note Voted .. s3/2 accepted"},
		never:   []string{"s3 note Recovered"},
	},
	"multipaxos/rotten-value": {
		happens: []string{"s3 crash", "s3 start life 2", "s3 note EntryLost .. value of 0", "s3 note Recovered", "s3 recv Entries", "s3 note Repaired .. of 0"},
		never:   []string{"s3 note EntryLost .. value of 1"},
	},
	"multipaxos/disk-lost-and-forgotten": {
		happens: []string{"s3 note Voted .. put x a", "s2 note Executed .. 0: c1#1 put x a", "s2 crash", "s3 start life 2", "o note Wiped", "s3 note Marked .. as s3", "s3 note Promised", "s1 note Executed .. 0: c2#1 put y b"},
		never:   []string{"* note Adopted"},
	},
	"multipaxos/lost-disk-waits": {
		happens: []string{"s2 note Executed .. 0: c1#1 put x a", "s3 start life 2", "s3 note Marked .. s3/2", "s2 start life 2", "s2 send Promise .. has 0: 1.s2 c1#1", "s1 note Executed .. 0: c1#1 put x a", "* fault .. heal"},
		never:   []string{"* note Executed .. 0: c2#1"},
		like:    "multipaxos/disk-lost-and-forgotten",
	},
	"multipaxos/read-by-a-deposed-leader": {
		happens: []string{"* fault .. cut", "s1 note Executed .. put x b", "s2 note Read", "s1 note Executed .. put x c", "c2 note Returned .. c2#2 ok", "s2 note Read .. : b"},
		never:   []string{"s2 note SteppedDown"},
	},
	"multipaxos/read-waits-for-a-quorum": {
		happens: []string{"* fault .. cut", "c1 send Request .. get x", "* note Executed .. put x d", "* fault .. heal", "s2 note SteppedDown", "c1 note Returned .. d"},
		like:    "multipaxos/read-by-a-deposed-leader",
	},
	"paxos-kv/cas-race": {
		happens: []string{"* note SlotLost .. slot 0", "* note Executed .. slot 0: .. cas x", "* note Returned .. #1 ok", "* note Executed .. slot 1: .. cas x", "* note Returned .. #1 not ok"},
		never:   []string{"* drop", "* note Suppressed"},
	},
	"paxos-kv/given-up": {
		happens: []string{"c1 note Returned gave up c1#1", "c1 note Returned .. c1#2 ok", "s1 recv Request .. put x a", "* note Executed .. put x a", "c1 note Returned .. c1#3 a"},
		reached: []string{checkers.TookEffectLater},
	},
	"paxos-kv/late-duplicate": {
		happens: []string{"* note Executed .. slot 0: .. put x a", "c1 drop Reply", "* note Executed .. slot 1: .. put x b", "c1 send Request .. put x a", "* note Suppressed .. slot 2: .. put x a",
			"c2 note Returned .. c2#2 b"},
	},
	"paxos-kv/power-cut": {
		happens: []string{"c1 note Returned .. c1#1 ok", "s1 crash", "s2 crash", "s3 crash", "* note Recovered", "* note Recovered", "* note Recovered",
			"s1 note Adopted .. put x a", "s1 note SlotLost .. slot 0", "s1 note Executed .. slot 0: .. put x a", "c1 note Returned .. c1#2 a"},
		never: []string{"* send Known", "* note Suppressed"},
		like:  "paxos-kv/lost-acknowledgement",
	},
	"paxos-kv/lost-acknowledgement": {
		happens: []string{"c1 note Returned .. c1#1 ok", "s1 crash", "s2 crash", "s3 crash", "s1 start life 2", "s1 note Executed .. slot 0: .. get x"},
		never:   []string{"* note Recovered", "* note Adopted"},
	},
	"paxos-kv/no-stale-read": {
		happens: []string{"s1 note Executed .. slot 0: .. put x a", "* fault .. cut", "s2 note Executed .. slot 1: .. put x b", "s1 recv Request .. get x", "s1 send Prepare{slot 1", "s2 recv Request .. get x",
			"c1 note Returned .. c1#2 b"},
		never: []string{"s1 note Executed .. slot 1", "s1 send Reply{#2"},
	},
	"paxos-kv/relearning-server": {
		happens: []string{"s3 note Executed .. slot 1", "s3 crash", "s3 start life 2", "s3 note Recovered", "s3 recv Known", "s3 note Executed .. slot 0", "s3 note Executed .. slot 1", "c1 note Returned .. c1#3 ab"},
		never:   []string{"* note Adopted"},
	},
	"paxos-kv/retried-command": {
		happens: []string{"s1 note Executed .. slot 0: .. append x 1", "c1 drop Reply", "c1 send Request .. append x 1", "s2 note Suppressed .. slot 1: .. append x 1", "c1 note Returned .. c1#1 ok",
			"c1 note Returned .. c1#2 1"},
		never: []string{"* note Executed .. slot 1", "c1 note Returned .. c1#2 11"},
	},
	"paxos-kv/slot-lost": {
		happens: []string{"s1 send Prepare", "s2 send Prepare", "s1 note Adopted .. put x b", "s1 note SlotLost .. slot 0", "s1 note Executed .. slot 0: .. put x b", "s1 note Executed .. slot 1: .. put x a"},
		never:   []string{"* drop", "* note Suppressed"},
	},
	"paxos-kv/untold-decision": {
		happens: []string{"s1 crash", "s2 send Accepted .. put x a", "s3 send Accepted .. put x a", "s2 note Adopted .. put x a", "s2 note SlotLost .. slot 0, .. put x b", "s2 note Executed .. slot 0: .. put x a",
			"s2 note Executed .. slot 1: .. put x b", "* note Suppressed .. slot 2: .. put x a", "c1 note Returned .. c1#1 ok"},
		never: []string{"s1 send Chosen", "s1 start life 2", "* note Suppressed .. put x b"},
	},
}

// A tale is a run as lines that steps are looked for in.
type tale struct {
	lines   []line
	verdict sim.Verdict
}

// A line is what a step says about an event.
type line struct{ node, kind, text string }

func lineOf(e *sim.Event) line {
	text := ""
	switch {
	case e.Kind == sim.Started:
		text = fmt.Sprintf("life %v", e.Data)
	case e.Data != nil && e.Kind != sim.DiskDone:
		text = fmt.Sprintf("%s %v", reflect.TypeOf(e.Data).Name(), e.Data)
	}
	return line{string(e.Node), e.Kind.String(), text}
}

// says reports whether the line is what a step means.
func (l line) says(step string) bool {
	words := strings.SplitN(step, " ", 3)
	if words[0] != "*" && words[0] != l.node || words[1] != l.kind {
		return false
	}
	rest := l.text
	for part := range strings.SplitSeq(strings.Join(words[2:], ""), "..") {
		_, after, found := strings.Cut(rest, strings.TrimSpace(part))
		if !found {
			return false
		}
		rest = after
	}
	return true
}

// settles reports whether faults end by themselves here.
func (l line) settles() bool { return l.says("* settle") }

// rescued reports whether the run lasts until faults end by themselves, though its plan has none that is for good: who is broken for
// good is waited for until then, and so is who lies; and a run that withholds
// messages goes on to its end, as does one that stalls.
func (t tale) rescued(p fault.Plan) bool {
	return t.verdict.Outcome != sim.Stalled && slices.ContainsFunc(t.lines, line.settles) && !slices.ContainsFunc(p, func(l fault.Line) bool { return l.Good || l.Verb == fault.Betray || l.Verb == fault.Withhold })
}

// lacks says what is wrong with a run that was to tell the story, "" if nothing is.
func (s story) lacks(t tale) string {
	rest := t.lines
	for _, step := range s.happens {
		i := slices.IndexFunc(rest, func(l line) bool { return l.says(step) })
		if i < 0 {
			return fmt.Sprintf("%q does not happen, or not after the steps before it", step)
		}
		rest = rest[i+1:]
	}
	for _, step := range s.never {
		if i := slices.IndexFunc(t.lines, func(l line) bool { return l.says(step) }); i >= 0 {
			return fmt.Sprintf("%q must not happen, and %v does", step, t.lines[i])
		}
	}
	for _, name := range s.reached {
		if !slices.Contains(t.verdict.Sometimes, name) {
			return fmt.Sprintf("%s is not reached", name)
		}
	}
	return ""
}

// tell makes the run of a seed file.
func tell(t *testing.T, f seedfile.File) (told tale) {
	t.Helper()
	if f.Bug != "" && f.Bug != seedfile.Bug() {
		return tellWithBug(t, f)
	}
	s := scenarioNamed(t, f.Scenario)
	cfg, err := f.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		told.lines = append(told.lines, lineOf(e))
	}
	told.verdict = w.Verdict()
	return told
}

// pathOf is where a story lies.
func pathOf(name string) string { return filepath.Join("seeds", filepath.FromSlash(name)+".seed") }

// read reads the seed file of a story.
func read(name string) (seedfile.File, error) {
	text, err := os.ReadFile(pathOf(name))
	if err != nil {
		return seedfile.File{}, err
	}
	return seedfile.Parse(string(text))
}

// eachStory calls f with each seed file, in a subtest.
func eachStory(t *testing.T, f func(t *testing.T, name string, s story, file seedfile.File)) {
	paths, err := filepath.Glob("seeds/*/*.seed")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != len(stories) {
		t.Errorf("there are %d seed files and %d rows about them", len(paths), len(stories))
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(path), "seeds/"), ".seed")
		t.Run(name, func(t *testing.T) {
			s, ok := stories[name]
			if !ok {
				t.Fatal("this file has no row in the table of stories: say there what must happen in it")
			}
			file, err := read(name)
			if err != nil {
				t.Fatal(err)
			}
			f(t, name, s, file)
		})
	}
}

// Fails if a run under seeds/ does not end as its file expects, or does not show what its comment tells. A run with other events than the file was written for is
// noted in the log; "go test -run Stories . -update" writes its hash down, and the file in canonical form.
func TestStories(t *testing.T) {
	eachStory(t, func(t *testing.T, name string, s story, f seedfile.File) {
		if first, _, _ := strings.Cut(f.Comment, "\n"); !strings.HasSuffix(first, ".") || f.Expect == "" || f.Plan == nil {
			t.Error("a story begins with a sentence, says what to expect and has a plan")
		}
		if want := filepath.Base(filepath.Dir(pathOf(name))); f.Scenario != want {
			t.Errorf("a run of scenario %s lies among those of %s", f.Scenario, want)
		}
		told := tell(t, f)
		if !f.Meets(told.verdict) {
			t.Errorf("expected %s, got %s: %s", f.Expect, seedfile.Expected(told.verdict), told.verdict.Why)
		}
		if why := s.lacks(told); why != "" {
			t.Error(why)
		}
		if told.rescued(*f.Plan) {
			t.Error("the story is not over when faults end by themselves: let its plan end it")
		}
		if s.like != "" {
			other, err := read(s.like)
			if err != nil || !slices.EqualFunc(*f.Plan, *other.Plan, func(a, b fault.Line) bool { return a.String() == b.String() }) {
				t.Errorf("its plan differs from that of %s (%v)", s.like, err)
			}
		}
		if *update && !t.Failed() {
			f.Simver, f.Hash = sim.Version, told.verdict.Hash
			if err := os.WriteFile(pathOf(name), []byte(f.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if f.Hash != told.verdict.Hash {
			t.Logf("stale: the hash was %016x and is %016x; see -update", f.Hash, told.verdict.Hash)
		}
		if text, err := os.ReadFile(pathOf(name)); err != nil || string(text) != f.String() {
			t.Errorf("%s is not in canonical form (%v): see -update", pathOf(name), err)
		}
	})
}

// Each fault of a story must be needed to tell it, or to tell one with the same plan. Fails if one can be left out: then the row above checks too little, or the
// plan says too much.
func TestStoriesNeedTheirFaults(t *testing.T) {
	judged := 0
	eachStory(t, func(t *testing.T, name string, s story, f seedfile.File) {
		whole := *f.Plan
		for i, l := range whole {
			if l.Verb >= fault.Law && l.Verb != fault.Unsynced {
				continue // how long things take is not a fault
			}
			without := slices.Delete(slices.Clone(whole), i, i+1)
			if toldWith(t, name, without) && s.like == "" {
				t.Errorf("%v can be left out: the story is told all the same", l)
			}
			judged++
		}
	})
	part := strings.Contains(flag.Lookup("test.run").Value.String(), "/") // only some subtests run
	if judged < 40 && !part {
		t.Errorf("judged only %d faults", judged)
	}
}

// toldWith reports whether a story, and all that are like it, are told with another plan.
func toldWith(t *testing.T, name string, plan fault.Plan) bool {
	t.Helper()
	f, err := read(name)
	if err != nil {
		t.Fatal(err)
	}
	f.Plan = &plan
	told := tell(t, f)
	if !f.Meets(told.verdict) || stories[name].lacks(told) != "" || told.rescued(plan) {
		return false
	}
	for other, s := range stories {
		if s.like == name && !toldWith(t, other, plan) {
			return false
		}
	}
	return true
}

// The search for steps must be able to fail: on a wrong node, kind, text or order, on what must never happen, and on what was not reached.
func TestStoryLacks(t *testing.T) {
	told := tale{lines: []line{{"p1", "note", "Preempted 1.1 preempted by 1.2"}, {"a2", "send", "Refused Refused{1.1, promised 1.2}"}, {"", "fault", "Line 1s heal"}},
		verdict: sim.Verdict{Sometimes: []string{"Adopted"}}}
	for _, c := range []struct {
		s     story
		right bool
	}{
		{story{happens: []string{"p1 note Preempted .. 1.1 .. by 1.2", "* send Refused", "* fault .. heal"}, never: []string{"* crash"}, reached: []string{"Adopted"}}, true},
		{story{happens: []string{"p2 note Preempted"}}, false},
		{story{happens: []string{"p1 send Preempted"}}, false},
		{story{happens: []string{"p1 note Preempted .. 1.2 .. by 1.1"}}, false},
		{story{happens: []string{"a2 send Refused", "p1 note Preempted"}}, false},
		{story{happens: []string{"p1 note Preempted", "p1 note Preempted"}}, false},
		{story{never: []string{"* send"}}, false},
		{story{reached: []string{"Recovered"}}, false},
	} {
		if why := c.s.lacks(told); (why == "") != c.right {
			t.Errorf("%+v: %q", c.s, why)
		}
	}
}
