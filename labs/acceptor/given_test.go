package acceptor

import (
	"slices"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// These are tests of what students are given. Those of what they write are in lab_test.go, and in grade
// are the mistakes by which it is known that they are seen.

// Fails if a vote that was written down reads as another one, or if something else reads as a vote.
func TestVotesOnDisk(t *testing.T) {
	for _, v := range []Vote{
		{},
		{Promised: Ballot{2, 1}},
		{Promised: Ballot{3, 2}, Accepted: Ballot{1, 2}, Value: "B"},
		{Promised: Ballot{1<<32 - 1, 5}, Accepted: Ballot{300, 7}, Value: "\x80"},
	} {
		if got, err := ReadVote(v.Bytes()); err != nil || got != v {
			t.Errorf("%+v reads as %+v, %v", v, got, err)
		}
	}
	for _, bad := range [][]byte{nil, {1, 2}, {1, 2, 3, 0x80}, {0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0}} {
		if v, err := ReadVote(bad); err == nil {
			t.Errorf("%v reads as %+v", bad, v)
		}
	}
}

// Fails if ballots are compared by the proposer before the round.
func TestBallots(t *testing.T) {
	order := []Ballot{{}, {1, 1}, {1, 2}, {2, 1}, {10, 1}}
	for i, b := range order {
		for j, c := range order {
			if b.Less(c) != (i < j) {
				t.Errorf("%v.Less(%v) is %v", b, c, b.Less(c))
			}
		}
	}
	if !order[0].None() || order[1].None() || order[0].String() != "none" || order[4].String() != "10.1" {
		t.Error("the zero ballot is none, and no other")
	}
}

// A desk is an Env that writes down what a node sends and notes.
type desk struct{ did []any }

func (*desk) ID() sim.NodeID                     { return "p1" }
func (*desk) Now() clock.Reading                 { return clock.Reading{} }
func (*desk) Pick(string, int) int               { return 0 }
func (d *desk) Send(_ sim.NodeID, m sim.Message) { d.did = append(d.did, m) }
func (*desk) After(time.Duration, sim.Message)   {}
func (*desk) Disk() disk.FS                      { return nil }
func (*desk) SyncThen(string, sim.Message)       {}
func (d *desk) Note(fact any)                    { d.did = append(d.did, fact) }

// hears hands a proposer messages, and returns what it did upon the last.
func hears(p *proposer, list ...any) []any {
	var d desk
	for i := 0; i < len(list); i += 2 {
		d.did = nil
		p.Handle(&d, sim.NodeID(list[i].(string)), list[i+1])
	}
	return slices.Compact(d.did)
}

func newProposer() *proposer {
	return &proposer{number: 1, own: "A", acceptors: names("a", 3)}
}

// The proposer is right: what goes wrong is the acceptors' doing. Each row says what it hears, and what it
// does upon the last of it.
func TestProposer(t *testing.T) {
	b := Ballot{1, 1}
	for _, x := range []struct {
		name  string
		hears []any
		does  []any
	}{
		{"asks", []any{"p1", begin{}}, []any{Prepare{b}}},
		{"one promise is no majority", []any{"p1", begin{}, "a1", Promise{Ballot: b}}, nil},
		{"nor are two of one acceptor", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a1", Promise{Ballot: b}}, nil},
		{"two are", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: b}}, []any{Accept{b, "A"}}},
		{"a promise of another ballot is none", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: Ballot{1, 2}}}, nil},
		{"the highest that is reported is proposed", []any{"p1", begin{}, "a1", Promise{b, Ballot{0, 3}, "C"}, "a2", Promise{b, Ballot{0, 2}, "B"}},
			[]any{Adopted{b, Ballot{0, 3}, "C"}, Accept{b, "C"}}},
		{"a late promise changes nothing", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: b}, "a3", Promise{b, Ballot{0, 3}, "C"}}, nil},
		{"a majority chooses", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: b}, "a3", Accepted{b, "A"}, "a2", Accepted{b, "A"}}, []any{Chosen{b, "A"}}},
		{"one that answers twice is none", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: b}, "a3", Accepted{b, "A"}, "a3", Accepted{b, "A"}}, nil},
		{"a refusal ends a ballot", []any{"p1", begin{}, "a1", Refused{b, Ballot{4, 2}}}, []any{Preempted{b, Ballot{4, 2}}}},
		{"and the next is above it", []any{"p1", begin{}, "a1", Refused{b, Ballot{4, 2}}, "p1", begin{1}}, []any{Prepare{Ballot{5, 1}}}},
		{"a refusal of an old ballot does not", []any{"p1", begin{}, "a1", Refused{Ballot{0, 1}, Ballot{4, 2}}}, nil},
		{"silence ends a ballot", []any{"p1", begin{}, "p1", overdue{b, "Prepare"}}, []any{GaveUp{b, "Prepare"}}},
		{"but not once the promises are there", []any{"p1", begin{}, "a1", Promise{Ballot: b}, "a2", Promise{Ballot: b}, "p1", overdue{b, "Prepare"}}, nil},
	} {
		if got := hears(newProposer(), x.hears...); !slices.Equal(got, x.does) {
			t.Errorf("%s: it does %v, want %v", x.name, got, x.does)
		}
	}
}
