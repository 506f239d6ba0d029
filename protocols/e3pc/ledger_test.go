package e3pc

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
)

// A told is what a node sends or notes.
type told struct {
	node sim.NodeID
	data any
}

// complaints shows a run to the inner properties and returns what each says first: "name: why".
func complaints(run []told) (all []string) {
	l := &ledger{sites: three, need: 2}
	properties := l.innerProperties()
	silent := make([]bool, len(properties))
	for i, x := range run {
		e := &sim.Event{Seq: uint64(i + 1), Kind: sim.Sent, Node: x.node, Data: x.data}
		switch x.data.(type) {
		case Voted, Elected, Attempted, Decided:
			e.Kind = sim.Noted
		}
		for k, p := range properties {
			if err := p.Observe(e); err != nil && !silent[k] {
				silent[k] = true
				all = append(all, fmt.Sprintf("%s: %v", p.Name(), err))
			}
		}
	}
	return all
}

// agreed is the start of a run in which all vote yes.
func agreed(more ...told) []told {
	return append([]told{{"p1", Voted{1, true}}, {"p2", Voted{1, true}}, {"p3", Voted{1, true}}}, more...)
}

var (
	pc1  = PreCommit{Tx: 1, Election: first}
	ack1 = PreAck{Tx: 1, Election: first}
)

// Fails if an inner property complains of what is right.
func TestLedgerIsQuiet(t *testing.T) {
	for name, run := range map[string][]told{
		"committed": agreed(told{"c", pc1}, told{"p1", ack1}, told{"p2", ack1}, told{"c", Decided{1, true}}, told{"p3", Decided{1, true}}),
		"no vote":   {{"p1", Voted{1, true}}, {"p2", Decided{1, false}}, {"c", Decided{1, false}}},
		"overtaken": agreed(told{"c", pc1}, told{"p1", ack1}, told{"p2", Elected{1, Election{2, 2}, wait, Election{}}}, told{"p3", Standing{Tx: 1, Election: Election{2, 2}, State: wait}},
			told{"p2", Attempted{1, Election{2, 2}, preAborted}}, told{"p3", PreAck{Tx: 1, Election: Election{2, 2}}}, told{"p2", Decided{1, false}},
			told{"p3", Refused{1, first, Election{2, 2}}}, told{"p1", Decided{1, false}}),
		"taken over": agreed(told{"c", pc1}, told{"p1", ack1}, told{"p1", Elected{1, e2p1, preCommitted, first}}, told{"p3", Standing{Tx: 1, Election: e2p1, State: wait}},
			told{"p1", Attempted{1, e2p1, preCommitted}}, told{"p1", PreCommit{Tx: 1, Election: e2p1}}, told{"p3", PreAck{Tx: 1, Election: e2p1}}, told{"p1", Decided{1, true}}),
		// A crash comes between the record of the first attempt and its note.
		"attempted and said nothing": agreed(told{"c", pc1}, told{"p3", ack1}, told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p2", Standing{Tx: 1, Election: e2p1, State: wait}},
			told{"p1", Elected{1, e3p1, preAborted, e2p1}}, told{"p3", Standing{Tx: 1, Election: e3p1, State: preCommitted, Attempt: first}}, told{"p1", Attempted{1, e3p1, preAborted}}),
		// The same, and it had heard nobody: but by the time that anybody learns of the attempt a majority has joined, and can make no older one.
		"attempted too early, to no harm": agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p2", Standing{Tx: 1, Election: e2p3, State: wait}},
			told{"p1", Standing{Tx: 1, Election: e2p3, State: preAborted, Attempt: e2p1}}),
	} {
		if got := complaints(run); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Each property must complain of what it is there for, in these words.
func TestLedgerComplains(t *testing.T) {
	for _, c := range []struct {
		want string
		run  []told
	}{
		{"one-leader: p2 leads election 2.p1 of T1, which has been led before",
			agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p2", Elected{1, e2p1, wait, Election{}}})},
		{"elections-rise: p2 stands by election 1.c of T1 after it has joined 2.p3",
			agreed(told{"c", pc1}, told{"p2", Standing{Tx: 1, Election: e2p3, State: wait}}, told{"p2", ack1})},
		{"elections-rise: p2 stands by election 2.p1 of T1 after it has joined 2.p3",
			agreed(told{"p2", Refused{1, first, e2p3}}, told{"p2", Refused{1, first, e2p1}})},
		{"elections-rise: p2 says that its last attempt at T1 was none, but it has made 1.c",
			agreed(told{"c", pc1}, told{"p2", ack1}, told{"p2", Standing{Tx: 1, Election: e2p3, State: wait}})},
		{"attempt-safe: c asks for pre-commit of T1, for which not all have voted yes",
			[]told{{"p1", Voted{1, true}}, {"p2", Voted{1, true}}, {"c", pc1}}},
		{"attempt-safe: p1 asks for pre-commit in election 2.p1 of T1, in which pre-abort was asked for before",
			agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p3", Standing{Tx: 1, Election: e2p1, State: wait}}, told{"p1", PreAbort{Tx: 1, Election: e2p1}}, told{"p1", PreCommit{Tx: 1, Election: e2p1}})},
		{"attempt-safe: p2 attempts pre-abort of T1 in election 2.p2, which no majority makes safe: p1 has moved to pre-commit in 1.c, p2 has moved nowhere before it, p3 has not joined it",
			agreed(told{"c", pc1}, told{"p1", ack1}, told{"p2", Elected{1, Election{2, 2}, wait, Election{}}}, told{"p1", Standing{Tx: 1, Election: Election{2, 2}, State: preCommitted, Attempt: first}},
				told{"p2", Attempted{1, Election{2, 2}, preAborted}})},
		{"attempt-safe: p2 attempts pre-abort of T1 in election 2.p2, which no majority makes safe: p1 has not joined it, p2 has moved nowhere before it, p3 has not joined it",
			agreed(told{"p2", Elected{1, Election{2, 2}, wait, Election{}}}, told{"p2", Attempted{1, Election{2, 2}, preAborted}})},
		{"attempt-safe: p2 attempts pre-commit of T1 in election 2.p2, which no majority makes safe: p1 has not joined it, p2 has moved nowhere before it, p3 has moved nowhere before it",
			agreed(told{"p2", Elected{1, Election{2, 2}, wait, Election{}}}, told{"p3", Standing{Tx: 1, Election: Election{2, 2}, State: wait}}, told{"p2", Attempted{1, Election{2, 2}, preCommitted}})},
		{"attempt-safe: p1 attempts pre-abort of T1 in election 2.p1, which no majority makes safe: p1 has moved nowhere before it, p2 has not joined it, p3 has not joined it",
			agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p1", Elected{1, e3p1, preAborted, e2p1}})},
		{"attempt-safe: p1 attempts pre-abort of T1 in election 2.p1, which no majority makes safe: p1 has moved nowhere before it, p2 has not joined it, p3 has not joined it",
			agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p1", Standing{Tx: 1, Election: e2p3, State: preAborted, Attempt: e2p1}})},
		// A majority has joined since, but one of them has moved to the opposite before it did: a later leader would take the attempt for the latest.
		{"attempt-safe: p1 attempts pre-abort of T1 in election 2.p1, which no majority makes safe: p1 has moved nowhere before it, p2 has moved to pre-commit in 1.c, p3 has not joined it",
			agreed(told{"c", pc1}, told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p2", ack1}, told{"p3", ack1}, told{"c", Decided{1, true}},
				told{"p2", Standing{Tx: 1, Election: e2p3, State: preCommitted, Attempt: first}}, told{"p1", Standing{Tx: 1, Election: e2p3, State: preAborted, Attempt: e2p1}})},
		// No right site stands by a decision: it answers with that.
		{"attempt-safe: p1 attempts committed of T1 in election 2.p1, which no majority makes safe: p1 has moved nowhere before it, p2 has not joined it, p3 has not joined it",
			agreed(told{"p1", Elected{1, e2p1, wait, Election{}}}, told{"p1", Standing{Tx: 1, Election: e2p3, State: committed, Attempt: e2p1}})},
		{"decision-safe: c says T1 committed, but no majority has moved there in one election",
			agreed(told{"c", pc1}, told{"p2", ack1}, told{"p2", ack1}, told{"c", Decided{1, true}})},
		{"decision-safe: p3 says T1 aborted, but no majority has moved there in one election", agreed(told{"p3", Decided{1, false}})},
		{"decision-safe: c says T1 aborted, but no majority has moved there in one election", agreed(told{"c", pc1}, told{"c", Decided{1, false}})},
	} {
		if got := complaints(c.run); strings.Join(got, "\n") != c.want {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
		}
	}
}
