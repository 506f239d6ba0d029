package e3pc

import (
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
)

// Fails if a record does not come back as it was written, or something else passes for one.
func TestRecords(t *testing.T) {
	for _, r := range []record{{1, stance{wait, first, Election{}}}, {300, stance{preAborted, Election{70000, 9}, Election{200, 3}}}, {7, stance{aborted, e2p1, first}}} {
		b := r.append(nil)
		got, err := parseRecord(b)
		if err != nil || got != r {
			t.Errorf("%v came back as %v, %v", r, got, err)
		}
		for cut := range b {
			if got, err := parseRecord(b[:cut]); err == nil {
				t.Errorf("%d bytes of %d pass for %v", cut, len(b), got)
			}
		}
		if _, err := parseRecord(append(b, 0)); err == nil {
			t.Error("one byte more is no record")
		}
	}
	if _, err := parseRecord(record{1, stance{aborted + 1, first, first}}.append(nil)); err == nil {
		t.Error("there is no such state")
	}
}

// Fails if a message may leave that a crash of its sender would make a lie: each is backed by exactly the
// stance that it promises.
func TestBacked(t *testing.T) {
	stances := []stance{
		{wait, first, Election{}}, {wait, e2p1, Election{}}, {preCommitted, first, first}, {preCommitted, e2p1, first}, {preCommitted, e2p1, e2p1},
		{preAborted, e2p1, e2p1}, {committed, first, first}, {aborted, first, Election{}},
	}
	env := fake.New("p1")
	s := &Site{number: 1, sites: three, need: 2, rule: e3pc}
	s.Start(env)
	var at []int64
	for _, x := range stances {
		s.force(env, 1, x)
		at = append(at, s.branch(1).at)
	}
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	for _, c := range []struct {
		m      func(backing) sim.Backed
		backed string // which of the stances back it
	}{
		{func(b backing) sim.Backed { return Vote{1, true, b} }, "12"},
		{func(b backing) sim.Backed { return Vote{1, false, b} }, "8"},
		{func(b backing) sim.Backed { return Vote{2, true, b} }, ""},
		{func(b backing) sim.Backed { return PreCommit{1, first, b} }, "34"},
		{func(b backing) sim.Backed { return PreCommit{1, e2p1, b} }, "5"},
		{func(b backing) sim.Backed { return PreAbort{1, e2p1, b} }, "6"},
		{func(b backing) sim.Backed { return PreAck{1, e2p1, b} }, "56"},
		{func(b backing) sim.Backed { return PreAck{1, first, b} }, "34"},
		{func(b backing) sim.Backed { return DoCommit{1, b} }, "7"},
		{func(b backing) sim.Backed { return DoAbort{1, b} }, "8"},
		{func(b backing) sim.Backed { return Elect{1, e2p1, b} }, "2456"},
		{func(b backing) sim.Backed { return Standing{1, e2p1, wait, Election{}, b} }, "2"},
		{func(b backing) sim.Backed { return Standing{1, e2p1, preCommitted, first, b} }, "4"},
	} {
		got := ""
		for i := range stances {
			if c.m(backing{at[i]}).Backed(d.Durable()) == nil {
				got += string(rune('1' + i))
			}
		}
		if got != c.backed {
			t.Errorf("%v is backed by %q, want %q", c.m(backing{}), got, c.backed)
		}
	}
	if err := (DoAbort{1, backing{at[7] + 1}}).Backed(d.Durable()); err == nil {
		t.Error("there is no record at that place")
	}
}

// Fails if a vote is not the one listed, if the last list is not that of all further transactions, or yes is
// not the benign draw.
func TestVotes(t *testing.T) {
	env := fake.New("p1")
	v := votes{listed: listed("yn,ny")}
	got := ""
	for _, tx := range []Tx{1, 2, 3} {
		for site := 1; site <= 3; site++ {
			got += yesNo(v.of(env, tx, site)) + " "
		}
	}
	if got != "yes no yes no yes yes no yes yes " {
		t.Error(got)
	}
	draw := func(no, pick int) bool {
		env.Picks = map[string]int{"vote": pick}
		return votes{no: no}.of(env, 1, 1)
	}
	if !draw(99, 0) || draw(1, 99) || !draw(1, 98) || !draw(0, 99) || draw(100, 0) {
		t.Error("the draw is off")
	}
	for text, ok := range map[string]bool{"": true, "y": true, "yn,yyn": true, ",": false, "yx": false, "y,": false, "y n": false} {
		if (checkVotes(text) == nil) != ok {
			t.Errorf("%q: %v", text, checkVotes(text))
		}
	}
}
