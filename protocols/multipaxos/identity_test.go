package multipaxos

import (
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// An office is an operator with its world.
type office struct {
	*Operator
	env *fake.Env
}

func open(set *Settings, moves int) office {
	o := office{NewOperator(set, first(3), moves), fake.New(operator)}
	o.Start(o.env)
	return o
}

func (o office) hears(from sim.NodeID, m sim.Message) string {
	return sends(o.env, o.Operator, from, m)
}

// A server without a mark takes no part. It asks who it is, puts that on the disk, tells the operator, and takes part once it is confirmed; after a restart it
// goes on where it was. Fails if it votes before.
func TestFirstStart(t *testing.T) {
	set := three()
	d := desk{NewServer(2, set), fake.New("s2")}
	d.Start(d.env)
	d.goes(t, []step{
		{"s1", Prepare{Ballot: ballot(1, 1)}, "Identify{} o"},
		{"s2", retry{}, "Identify{} o"},
		{operator, Identity{Life{1, 0}, member(2), first(3)}, ""}, // for another life
		{operator, Confirmed{member(2)}, ""},
		{operator, Identity{d.life, member(2), first(3)}, "Formatted{s2} o"},
		{"s1", Prepare{Ballot: ballot(1, 1)}, ""},
		{operator, Confirmed{Member{2, 2}}, ""},
	})
	d = d.again(t)
	d.goes(t, []step{
		{"s1", Prepare{Ballot: ballot(1, 1)}, "Formatted{s2} o"},
		{operator, Confirmed{member(2)}, ""},
		{"s1", Prepare{Ballot: ballot(1, 1)}, "Promise{1.s1 by s2} s1"},
	})
	d = d.again(t)
	d.goes(t, []step{{"s1", Prepare{Ballot: ballot(2, 1)}, "Promise{2.s1 by s2} s1"}})
}

// The operator gives no identity to two disks: who asks when its identity is in use has lost its disk, and is another from now on, voted in in the place of the
// first. Fails if an identity is used twice, or one is used up by questions that are repeated.
func TestOperatorKnowsWhoWasWiped(t *testing.T) {
	o := open(three(), 0)
	for _, x := range []step{
		{"s2", Identify{Life{1, 0}}, "Identity{s2} s2"},
		{"s2", Identify{Life{2, 0}}, "Identity{s2} s2"}, // it crashed before it said that the mark is there
		{"s2", Formatted{member(2)}, "Confirmed{s2} s2"},
		{"s2", Identify{Life{2, 0}}, "Identity{s2} s2"},   // late, of the same life
		{"s2", Identify{Life{2, 7}}, "Identity{s2/2} s2"}, // of another, though its clock shows the same
		{"s2", Identify{Life{2, 7}}, "Identity{s2/2} s2"},
		{"s2", Formatted{Member{2, 2}}, "Reconfigure{-s2 of 0} s1 s2 s3; Confirmed{s2/2} s2"},
		{"s1", Reconfigured{first(3).Without(member(2)), 9}, ""}, // asks for one change at a time
		{operator, nudge{}, "Reconfigure{+s2/2 of 9} s1 s2 s3"},
		{"s1", Reconfigured{first(3), 2}, ""}, // old news
		{"s1", Reconfigured{first(3).Without(member(2)).With(Member{2, 2}), 20}, ""},
		{operator, nudge{}, ""},
	} {
		if got := o.hears(x.from, x.m); got != x.want {
			t.Errorf("%v from %s makes it send %q, want %q", x.m, x.from, got, x.want)
		}
	}
	if len(o.env.Facts) != 1 {
		t.Errorf("facts %v", o.env.Facts)
	}
}

// On a whim the operator lets a spare server vote in the place of a voter. Fails if it removes one and adds none, or moves more often than it should.
func TestOperatorMoves(t *testing.T) {
	set := three()
	set.Servers = names("s", 4)
	o := open(set, 2)
	o.hears(operator, whim{}) // the spare server has not come yet
	o.hears("s4", Identify{})
	o.hears("s4", Formatted{member(4)})
	o.env.Picks = map[string]int{"whom to replace": 1}
	if got := o.hears(operator, whim{}); got != "Reconfigure{+s4 of 0} s1 s2 s3 s4" {
		t.Errorf("sends %q", got)
	}
	o.hears("s1", Reconfigured{first(4), 5})
	if got := o.hears(operator, nudge{}); got != "Reconfigure{-s2 of 5} s1 s2 s3 s4" {
		t.Errorf("sends %q", got)
	}
	if n := len(o.env.Timers); o.moves != 0 || n != 4 { // two whims and two nudges
		t.Errorf("%d moves left, %d timers", o.moves, n)
	}
}

// Who is to come loses its disk before it votes. Fails if the one in whose place it comes has to go meanwhile: fewer would vote, and fewer failures stop the cluster than it
// can spare.
func TestNobodyGoesBeforeWhoComes(t *testing.T) {
	set := three()
	set.Servers = names("s", 4)
	o := open(set, 1)
	o.hears("s4", Identify{Life{1, 0}})
	o.hears("s4", Formatted{member(4)})
	for _, x := range []step{
		{operator, whim{}, "Reconfigure{+s4 of 0} s1 s2 s3 s4"},
		{"s4", Identify{Life{2, 0}}, "Identity{s4/2} s4"},
		{operator, nudge{}, ""},
		{"s4", Formatted{Member{4, 2}}, "Reconfigure{+s4/2 of 0} s1 s2 s3 s4; Confirmed{s4/2} s4"},
	} {
		if got := o.hears(x.from, x.m); got != x.want {
			t.Errorf("%v from %s makes it send %q, want %q", x.m, x.from, got, x.want)
		}
	}
}
