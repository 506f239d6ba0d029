package multipaxos

import (
	"fmt"
	"testing"

	"simrun/workload"
)

// What is put into a value comes out again, and prints as it should. Fails if anything is lost, or one kind is taken for another.
func TestValues(t *testing.T) {
	two := []workload.Command{put(1, "x", "a1"), get(2, "y")}
	v := batch(two)
	if got := v.commands(); fmt.Sprint(got) != fmt.Sprint(two) || v.String() != "c1#1 put x a1, c1#2 get y" {
		t.Errorf("%v, %q", got, v)
	}
	if _, ok := v.change(); ok {
		t.Error("commands are a change")
	}
	c := Change{Add: Member{4, 2}, Remove: member(1)}
	if got, ok := c.value().change(); !ok || got != c || c.value().String() != "+s4/2 -s1" || len(c.value().commands()) != 0 {
		t.Errorf("%v %v, %q", got, ok, c.value())
	}
	if NoOp.String() != "no-op" || len(NoOp.commands()) != 0 {
		t.Error("no-op is something")
	}
	if s := fmt.Sprint(Vote{7, ballot(3, 1), NoOp, false}, Vote{7, ballot(3, 1), "", true}); s != "7: 3.s1 no-op 7: 3.s1 (lost)" {
		t.Error(s)
	}
}

// Ballots are ordered by round and then by member, so that no two are alike; configurations are ordered sets. Fails if two members can use one ballot, or majorities
// are too small.
func TestBallotsAndConfigs(t *testing.T) {
	up := []Ballot{{}, ballot(1, 1), {1, Member{1, 2}}, ballot(1, 2), ballot(2, 1)}
	for i, a := range up {
		for j, b := range up {
			if a.Less(b) != (i < j) {
				t.Errorf("%v less than %v: %v", a, b, a.Less(b))
			}
		}
	}
	c := first(3)
	d := Change{Add: Member{2, 2}, Remove: member(2)}.apply(c)
	if d.String() != "s1 s2/2 s3" || c.String() != "s1 s2 s3" || !d.Has(Member{2, 2}) || d.Has(member(2)) {
		t.Errorf("%v, %v", c, d)
	}
	for n, want := range []int{1, 2, 2, 3, 3} {
		if q := first(n + 1).Quorum(); q != want {
			t.Errorf("quorum of %d is %d", n+1, q)
		}
	}
	if got := (Change{Remove: member(1)}).apply(first(1)); len(got) != 1 {
		t.Error("the last member is gone")
	}
	if n := d.count([]Member{member(2), member(3), member(3), {2, 2}}); n != 2 {
		t.Errorf("%d of them vote", n)
	}
}
