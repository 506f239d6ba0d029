package multipaxos

import (
	"fmt"
	"testing"

	"simrun/checkers"
	"simrun/workload"
)

// hashed is what facts and messages have in common.
type hashed interface {
	fmt.Stringer
	AppendHash([]byte) []byte
}

// Each fact and message prints as its comment says, and two that differ have different contents. Fails if a field is left out of what the run's hash is made of.
func TestFactsAndMessages(t *testing.T) {
	m, b, c := member(1), ballot(3, 1), put(1, "x", "1")
	id, v := checkers.OpID{Client: "c1", N: 1}, batch([]workload.Command{c})
	ok, who := workload.Result{OK: true}, Config{member(1), member(2), member(4)}
	for _, x := range []struct {
		fact   hashed
		want   string
		others []hashed
	}{
		{Marked{m}, "marked as s1", []hashed{Marked{member(2)}}},
		{Wiped{m}, "s1 has lost its disk", []hashed{Wiped{Member{1, 2}}}},
		{Recovered{m, b, 20, 3}, "s1 recovered: promised 3.s1, snapshot below 20, 3 votes", []hashed{Recovered{m, b, 21, 3}, Recovered{m, b, 20, 4}, Recovered{m, ballot(4, 1), 20, 3}}},
		{EntryLost{7, b}, "lost the value of 7 in 3.s1", []hashed{EntryLost{8, b}, EntryLost{7, ballot(4, 1)}}},
		{SnapshotLost{20}, "lost the snapshot below 20", []hashed{SnapshotLost{21}}},
		{Repaired{7}, "has the value of 7 again", []hashed{Repaired{8}}},
		{Halted{"full"}, "halted: full", []hashed{Halted{"empty"}}},
		{Ran{b}, "runs with 3.s1", []hashed{Ran{ballot(3, 2)}}},
		{Led{b, 7, 9}, "leads in 3.s1 from 7, others before 9", []hashed{Led{b, 8, 9}, Led{b, 7, 10}}},
		{SteppedDown{b, ballot(4, 2)}, "no longer leads in 3.s1, for 4.s2", []hashed{SteppedDown{b, b}}},
		{Promised{m, b}, "s1 promised 3.s1", []hashed{Promised{member(2), b}}},
		{Proposed{7, b, v}, "proposed in 7, 3.s1: c1#1 put x 1", []hashed{Proposed{8, b, v}, Proposed{7, b, NoOp}}},
		{Voted{m, 7, b, v}, "s1 accepted in 7, 3.s1: c1#1 put x 1", []hashed{Voted{m, 7, b, NoOp}, Voted{member(2), 7, b, v}}},
		{Adopted{7, b, v}, "adopted in 7 what 3.s1 left: c1#1 put x 1", []hashed{Adopted{7, b, NoOp}}},
		{Filled{7}, "filled the gap 7", []hashed{Filled{8}}},
		{Executed{7, v}, "executed 7: c1#1 put x 1", []hashed{Executed{7, NoOp}, Executed{8, v}}},
		{Configured{7, who, 15}, "decided in 7: s1 s2 s4 vote from 15 on", []hashed{Configured{7, first(3), 15}, Configured{7, who, 16}}},
		{Snapshotted{20}, "snapshot below 20", []hashed{Snapshotted{21}}},
		{Installed{20}, "installed a snapshot below 20", []hashed{Installed{21}}},
		{Applied{7, id, ok, false}, "applied 7: c1#1 ok", []hashed{Applied{7, id, ok, true}, Applied{7, id, workload.Result{}, false}}},
		{Applied{7, id, ok, true}, "found c1#1 again in 7", []hashed{Applied{8, id, ok, true}}},
		{Read{7, id, workload.Result{OK: true, Value: "1"}}, "read c1#1 below 7: 1", []hashed{Read{7, id, ok}}},
		{Prepare{Ballot: b, From: 7}, "Prepare{3.s1 from 7}", []hashed{Prepare{Ballot: b, From: 8}}},
		{Promise{Ballot: b, By: m, Base: 2, Votes: []Vote{{7, b, v, false}}}, "Promise{3.s1 by s1, base 2, has 7: 3.s1 c1#1 put x 1}",
			[]hashed{Promise{Ballot: b, By: m, Base: 2}, Promise{Ballot: b, By: m, Base: 2, Votes: []Vote{{7, b, v, true}}}, Promise{Ballot: b, By: m, Base: 3, Votes: []Vote{{7, b, v, false}}}}},
		{Refused{b, ballot(4, 2)}, "Refused{3.s1, promised 4.s2}", []hashed{Refused{b, b}}},
		{Accept{b, 7, v, 6}, "Accept{3.s1 in 7: c1#1 put x 1}", []hashed{Accept{b, 7, v, 7}, Accept{b, 7, NoOp, 6}}},
		{Accepted{Ballot: b, Slot: 7, By: m}, "Accepted{3.s1 in 7 by s1}", []hashed{Accepted{Ballot: b, Slot: 8, By: m}, Accepted{Ballot: b, Slot: 7, By: member(2)}}},
		{Decided{b, 8}, "Decided{3.s1 below 8}", []hashed{Decided{b, 9}}},
		{Heartbeat{b, 8, 12}, "Heartbeat{3.s1 #12, decided below 8}", []hashed{Heartbeat{b, 8, 13}, Heartbeat{b, 9, 12}}},
		{Alive{b, m, 12}, "Alive{3.s1 #12 by s1}", []hashed{Alive{b, m, 13}, Alive{b, member(2), 12}}},
		{Ask{7, false}, "Ask{from 7}", []hashed{Ask{8, false}, Ask{7, true}}},
		{Entries{7, []Value{v, NoOp}}, "Entries{7 to 8}", []hashed{Entries{7, []Value{v}}, Entries{7, []Value{v, v}}}},
		{Snapshot{20, "x"}, "Snapshot{below 20}", []hashed{Snapshot{20, "y"}, Snapshot{21, "x"}}},
		{Identify{Life{1, 2}}, "Identify{}", []hashed{Identify{Life{2, 2}}, Identify{Life{1, 3}}}},
		{Identity{Life{1, 2}, Member{1, 2}, who}, "Identity{s1/2}", []hashed{Identity{Life{1, 3}, Member{1, 2}, who}, Identity{Life{1, 2}, m, who}, Identity{Life{1, 2}, Member{1, 2}, first(3)}}},
		{Formatted{m}, "Formatted{s1}", []hashed{Formatted{member(2)}}},
		{Confirmed{m}, "Confirmed{s1}", []hashed{Confirmed{member(2)}}},
		{Reconfigure{Change{Add: member(4)}, 3}, "Reconfigure{+s4 of 3}", []hashed{Reconfigure{Change{Remove: member(4)}, 3}, Reconfigure{Change{Add: member(4)}, 4}}},
		{Reconfigured{who, 12}, "Reconfigured{s1 s2 s4 from 12}", []hashed{Reconfigured{who, 13}, Reconfigured{first(3), 12}}},
	} {
		if got := x.fact.String(); got != x.want {
			t.Errorf("prints %q, want %q", got, x.want)
		}
		for _, other := range x.others {
			if string(other.AppendHash(nil)) == string(x.fact.AppendHash(nil)) {
				t.Errorf("%v and %v have the same content", x.fact, other)
			}
		}
	}
}
