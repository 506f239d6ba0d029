package multipaxos

import (
	"testing"
)

// A change governs slots from a window behind its own on; the leader fills the slots up to there with nothing, and asks who is new for a promise. Another change waits
// until then. Fails if a slot is decided by who does not vote there, or two changes overlap.
func TestReconfiguration(t *testing.T) {
	set := three()
	set.Servers = names("s", 4)
	d := start(t, 1, set)
	d.leads(t)
	add, remove := Change{Add: member(4)}, Change{Remove: member(2)}
	b := ballot(1, 1)
	d.goes(t, []step{
		{operator, Reconfigure{Change{Add: member(3)}, 0}, "Reconfigured{s1 s2 s3 from 0} o"}, // it is so
		{operator, Reconfigure{add, 1}, "Reconfigured{s1 s2 s3 from 0} o"},                    // about others
		{operator, Reconfigure{add, 0}, "Accept{1.s1 in 0: +s4} s2 s3; Reconfigured{s1 s2 s3 from 0} o"},
		{operator, Reconfigure{remove, 0}, "Reconfigured{s1 s2 s3 from 0} o"}, // one at a time
		{"s2", Accepted{Ballot: b, Slot: 0, By: member(2)}, "Prepare{1.s1 from 1} s3 s4; Accept{1.s1 in 1: no-op} s2 s3; Accept{1.s1 in 2: no-op} s2 s3"},
		{operator, Reconfigure{remove, 3}, "Reconfigured{s1 s2 s3 s4 from 3} o"},
		{"s2", Accepted{Ballot: b, Slot: 1, By: member(2)}, ""},
		{"s4", Accepted{Ballot: b, Slot: 2, By: member(4)}, ""}, // does not vote there
		{"s2", Accepted{Ballot: b, Slot: 2, By: member(2)}, ""},
		{operator, Reconfigure{remove, 3}, "Reconfigured{s1 s2 s3 s4 from 3} o"}, // two of four have not promised: what stands in slot 3 is unknown
		{"s4", Promise{Ballot: b, By: member(4)}, ""},
		{operator, Reconfigure{remove, 0}, "Reconfigured{s1 s2 s3 s4 from 3} o"}, // a wish from before s4 voted
		{operator, Reconfigure{remove, 3}, "Accept{1.s1 in 3: -s2} s2 s3 s4; Reconfigured{s1 s2 s3 s4 from 3} o"},
		{"s2", Accepted{Ballot: b, Slot: 3, By: member(2)}, ""}, // two of four
		{"s4", Accepted{Ballot: b, Slot: 3, By: member(4)}, "Prepare{1.s1 from 4} s3; Accept{1.s1 in 4: no-op} s2 s3 s4; Accept{1.s1 in 5: no-op} s2 s3 s4"},
	})
	if got := d.facts(); !contains(got, "decided in 0: s1 s2 s3 s4 vote from 3 on") || !contains(got, "decided in 3: s1 s3 s4 vote from 6 on") {
		t.Errorf("facts %q", got)
	}
	if len(d.configs) != 2 {
		t.Errorf("keeps %v", d.configs)
	}
}

// A leader that votes no more steps down. Fails if it goes on, or steps down before the change is in force.
func TestRemovedLeaderStepsDown(t *testing.T) {
	d := start(t, 1, three())
	d.leads(t)
	d.configs = append(d.configs, configFrom{2, first(3).Without(member(1))})
	d.next = 1
	d.leading.first, d.leading.issue = 1, 1
	if d.hears("s1", beat{d.ballot}); d.role != leader {
		t.Error("stepped down too early")
	}
	d.next = 2
	if d.hears("s1", beat{d.ballot}); d.role == leader {
		t.Error("leads and does not vote")
	}
	d.env.Clock = d.deadline
	d.Settings.Servers = names("s", 3)
	d.env.Picks = map[string]int{"whom to ask": 1}
	if got := d.hears("s1", wake{}); got != "Ask{from 2} s2" {
		t.Errorf("sends %q", got)
	}
}
