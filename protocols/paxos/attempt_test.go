package paxos

import (
	"slices"
	"testing"
)

// Any two majorities share an acceptor, and no smaller number has that property: tried with all sets.
func TestMajority(t *testing.T) {
	meet := func(n, size int) bool {
		for v := range Votes(1 << n) {
			for w := range Votes(1 << n) {
				if v.Count() == size && w.Count() == size && v&w == 0 {
					return false
				}
			}
		}
		return true
	}
	for n := 1; n <= 7; n++ {
		m := Majority(n)
		if !meet(n, m) {
			t.Errorf("of %d acceptors two sets of %d need not meet", n, m)
		}
		if m > 1 && meet(n, m-1) {
			t.Errorf("of %d acceptors %d would do", n, m-1)
		}
	}
}

// Votes are a set: an oracle with a map counts the same.
func TestVotesAgainstOracle(t *testing.T) {
	var v Votes
	seen := map[int]bool{}
	for _, i := range []int{0, 3, 3, 63, 0, 17, 63, 5} {
		v = v.With(i)
		seen[i] = true
		if v.Count() != len(seen) {
			t.Errorf("after %d: %d votes, want %d", i, v.Count(), len(seen))
		}
	}
	for i := range MaxAcceptors {
		if v.Has(i) != seen[i] {
			t.Errorf("Has(%d) = %v", i, v.Has(i))
		}
	}
}

// Lists by slot: what is in them stays, what is new is zero, and a list of one slot has no room for a hundred.
func TestUpTo(t *testing.T) {
	l := upTo[int](nil, 1)
	if len(l) != 1 || cap(l) > 8 {
		t.Errorf("one place takes %d", cap(l))
	}
	l[0] = 7
	for _, n := range []int{1, 2, 100, 101, 500, 3} {
		before := len(l)
		if l = upTo(l, n); len(l) != max(before, n) || l[0] != 7 {
			t.Errorf("up to %d: %d places, the first holds %d", n, len(l), l[0])
		}
		for i := 1; i < len(l); i++ {
			if l[i] != 0 {
				t.Fatalf("up to %d: place %d holds %d", n, i, l[i])
			}
		}
	}
}

// A list has the room that it needs while it has one slot, much more once it grows, and moves only when it is full: fails if a slot more costs
// a copy of all.
func TestUpToHasRoom(t *testing.T) {
	if l := upTo[int](nil, 0); len(l) != 0 {
		t.Errorf("no place is %d places", len(l))
	}
	if l := upTo[int](nil, 3); len(l) != 3 || cap(l) != 3 {
		t.Errorf("three places are %d, with room for %d", len(l), cap(l))
	}
	for before, least := range map[int]int{1: 101, 100: 200, 300: 600} {
		l := upTo(upTo[int](nil, before), before+1)
		if cap(l) < least {
			t.Errorf("a list of %d that grows has room for %d, want %d", before, cap(l), least)
		}
		first := &l[0]
		if l = upTo(l, cap(l)); &l[0] != first {
			t.Errorf("a list of %d is copied before it is full", len(l))
		}
	}
}

// Ballots are totally ordered by round, proposer, life; printing tells them apart.
func TestBallotOrder(t *testing.T) {
	sorted := []Ballot{{}, {1, 1, 1}, {1, 1, 2}, {1, 2, 1}, {2, 1, 1}, {2, 1, 3}, {3, 1, 1}}
	for i, b := range sorted {
		for j, c := range sorted {
			if b.Less(c) != (i < j) {
				t.Errorf("%v.Less(%v) = %v", b, c, b.Less(c))
			}
			if (b.String() == c.String()) != (i == j) {
				t.Errorf("%v and %v print alike", b, c)
			}
		}
	}
	if got := (Ballot{2, 1, 3}).String() + " " + (Ballot{}).String(); got != "2.1/3 none" {
		t.Errorf("printed as %q", got)
	}
}

// Section 2.2, P2c, and what a proposer must not be talked into.
func TestAttempt(t *testing.T) {
	begin := func() *Attempt {
		a := Begin(0, b22, "own", 2)
		return &a
	}
	t.Run("free to propose its own", func(t *testing.T) {
		a := begin()
		if a.Promise(0, Promise{Ballot: b22}) || !a.Promise(1, Promise{Ballot: b22}) || a.Value != "own" || !a.From.None() {
			t.Errorf("%+v", a)
		}
	})
	t.Run("the highest reported, whatever the order", func(t *testing.T) {
		for _, order := range [][]Promise{
			{{Ballot: b22, Accepted: b11, Value: "old"}, {Ballot: b22, Accepted: b12, Value: "new"}},
			{{Ballot: b22, Accepted: b12, Value: "new"}, {Ballot: b22, Accepted: b11, Value: "old"}},
			{{Ballot: b22}, {Ballot: b22, Accepted: b12, Value: "new"}},
		} {
			a := begin()
			a.Promise(0, order[0])
			a.Promise(2, order[1])
			if a.Value != "new" || a.From != b12 {
				t.Errorf("%v: proposes %s of %v", order, a.Value, a.From)
			}
		}
	})
	t.Run("a promise too late changes nothing", func(t *testing.T) {
		a := begin()
		a.Promise(0, Promise{Ballot: b22})
		a.Promise(1, Promise{Ballot: b22})
		if a.Promise(2, Promise{Ballot: b22, Accepted: b21, Value: "late"}) || a.Value != "own" {
			t.Errorf("proposes %s", a.Value)
		}
	})
	t.Run("who answers twice counts once", func(t *testing.T) {
		a := begin()
		if first, again := a.Promise(0, Promise{Ballot: b22}), a.Promise(0, Promise{Ballot: b22}); first || again {
			t.Error("one acceptor is a quorum of promises")
		}
		a.Promise(1, Promise{Ballot: b22})
		if first, again := a.Accepted(1, Accepted{Ballot: b22}), a.Accepted(1, Accepted{Ballot: b22}); first || again {
			t.Error("one acceptor is a quorum of acceptances")
		}
		if !a.Accepted(0, Accepted{Ballot: b22, Value: "own"}) || a.Accepted(2, Accepted{Ballot: b22, Value: "own"}) || a.Open() {
			t.Error("the second acceptor makes the value chosen, once")
		}
	})
	t.Run("answers to other ballots and slots", func(t *testing.T) {
		a := begin()
		a.Promise(0, Promise{Ballot: b22})
		if a.Promise(1, Promise{Ballot: b12}) || a.Promise(1, Promise{Slot: 1, Ballot: b22}) || a.Accepted(1, Accepted{Ballot: b22}) {
			t.Error("an answer to something else counts")
		}
		a.Promise(1, Promise{Ballot: b22})
		if a.Accepted(0, Accepted{Ballot: b22}) {
			t.Error("an acceptance of what was not proposed yet counts")
		}
		if a.Accepted(1, Accepted{Ballot: b12}) || a.Accepted(1, Accepted{Slot: 1, Ballot: b22}) {
			t.Error("an acceptance of something else counts")
		}
	})
	t.Run("the zero attempt waits for nothing", func(t *testing.T) {
		if a := (Attempt{}); a.Open() {
			t.Error("it is open")
		}
	})
}

// Messages and facts that differ hash differently: an encoding that left a field out, or ran two
// together, would not.
func TestContentTellsApart(t *testing.T) {
	type hashed interface{ AppendHash([]byte) []byte }
	for _, family := range [][]hashed{
		{Prepare{0, b11, backing{}}, Prepare{1, b11, backing{}}, Prepare{0, b12, backing{}}, Prepare{0, b21, backing{}}, Prepare{0, Ballot{1, 1, 2}, backing{}}},
		{Promise{Ballot: b11}, Promise{Slot: 1, Ballot: b11}, Promise{Ballot: b12}, Promise{Ballot: b12, Accepted: b11}, Promise{Ballot: b12, Accepted: b11, Value: "A"}},
		{Refused{0, b11, b12}, Refused{1, b11, b12}, Refused{0, b11, b21}, Refused{0, b21, b12}},
		{Accept{0, b11, "A"}, Accept{1, b11, "A"}, Accept{0, b12, "A"}, Accept{0, b11, "B"}, Accept{0, b11, ""}},
		{Accepted{0, b11, "A", backing{}}, Accepted{1, b11, "A", backing{}}, Accepted{0, b12, "A", backing{}}, Accepted{0, b11, "B", backing{}}},
		{Chosen{0, b11, "A"}, Chosen{1, b11, "A"}, Chosen{0, b12, "A"}, Chosen{0, b11, "B"}},
		{Ask{0}, Ask{1}},
		{Proposed{0, "A"}, Proposed{1, "A"}, Proposed{0, "B"}},
		{Adopted{0, b12, b11, "A"}, Adopted{1, b12, b11, "A"}, Adopted{0, b21, b11, "A"}, Adopted{0, b12, b21, "A"}, Adopted{0, b12, b11, "B"}},
		{Preempted{0, b11, b12}, Preempted{1, b11, b12}, Preempted{0, b11, b21}},
		{Recovered{1}, Recovered{2}}, {Learned{0, "A"}, Learned{1, "A"}, Learned{0, "B"}}, {Halted{"x"}, Halted{"y"}},
		{begin{0}, begin{1}}, {overdue{b11}, overdue{b12}}, {tick{}},
	} {
		var seen []string
		for _, m := range family {
			h := string(m.AppendHash([]byte("before")))
			if slices.Contains(seen, h) || h[:6] != "before" {
				t.Errorf("%T %v: content %q", m, m, h)
			}
			seen = append(seen, h)
		}
	}
}
