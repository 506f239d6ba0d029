package multipaxos

import (
	"fmt"
	"strings"
	"testing"

	"simrun/workload"
)

// Who asks for decided slots gets values as long as there are some, and else the state. Fails if it gets what is not decided, or nothing.
func TestTell(t *testing.T) {
	set := three()
	set.Keep = 2
	d := start(t, 3, set)
	a := batch([]workload.Command{put(1, "x", "a1")})
	d.hears("s1", Entries{0, []Value{a}})
	d.hears("s1", Accept{ballot(1, 1), 1, NoOp, 0})
	d.goes(t, []step{
		{"s2", Ask{0, false}, "Entries{0 to 0} s2"},
		{"s2", Ask{1, false}, ""},
		{"s2", Ask{2, false}, ""},
		{"s2", Ask{1, true}, "Snapshot{below 1} s2"}, // it has lost its own
		{"s1", Decided{ballot(1, 1), 2}, ""},
		{"s2", Ask{0, false}, "Snapshot{below 2} s2"},
	})
}

// A state that is ahead takes the place of one's own, sessions and configuration with it; one that is behind does not. Fails if the server goes back, or a command is
// executed again after.
func TestInstall(t *testing.T) {
	old, ahead := start(t, 1, three()), start(t, 2, three())
	for slot, v := range []Value{batch([]workload.Command{put(1, "x", "a1")}), Change{Add: member(4)}.value(), batch([]workload.Command{put(2, "x", "a2")})} {
		ahead.hears("s1", Entries{Slot(slot), []Value{v}})
	}
	early := Snapshot{1, func() string { d := start(t, 3, three()); d.hears("s1", Entries{0, []Value{NoOp}}); return d.encode() }()}
	d := old
	d.goes(t, []step{{"s2", Snapshot{3, ahead.encode()}, ""}, {"s3", early, ""}})
	if got := d.facts(); got != "installed a snapshot below 3" || d.next != 3 || d.in(4).String() != "s1 s2 s3 s4" || d.in(3).String() != "s1 s2 s3" {
		t.Errorf("facts %q, %d executed, %v vote", got, d.next, d.configs)
	}
	d = d.again(t)
	d.hears("s2", Entries{3, []Value{batch([]workload.Command{put(2, "x", "a2")})}})
	if got := d.facts(); !contains(got, "found c1#2 again in 3") {
		t.Errorf("facts %q", got)
	}
}

// A leader that has slots under way which were decided without it steps down when it learns so: what it says is decided would not be what it proposed.
func TestLeaderInstalls(t *testing.T) {
	d, ahead := start(t, 1, three()), start(t, 2, three())
	ahead.hears("s3", Entries{0, []Value{NoOp, NoOp}})
	d.leads(t)
	d.hears("c1", workload.Request{Command: put(1, "x", "a1")})
	d.goes(t, []step{{"s2", Entries{0, []Value{NoOp}}, ""}}) // its own slots a leader counts itself
	if d.next != 0 {
		t.Error("took another's word")
	}
	d.hears("s2", Snapshot{2, ahead.encode()})
	if d.role != follower || d.next != 2 {
		t.Errorf("is %v, %d executed", d.role, d.next)
	}
}

// A crash after any effect of a snapshot leaves the server with all that it had promised and accepted, and with all it had executed or less. Fails if there is an
// instant at which neither the old files nor the new ones hold it.
func TestSnapshotAndCrash(t *testing.T) {
	for effect := 0; ; effect++ {
		set := three()
		set.Keep = 2
		d := start(t, 3, set)
		for slot := range Slot(5) {
			d.hears("s1", Accept{ballot(1, 1), slot, batch([]workload.Command{put(uint64(slot)+1, "x", fmt.Sprint("a", slot))}), 0})
		}
		power := &failing{FS: d.env.Store, left: effect}
		d.env.Store = power
		d.hears("s1", Heartbeat{ballot(1, 1), 4, 1}) // two snapshots
		done := !d.halted
		d.env.Store = power.FS
		d = d.again(t)
		if !strings.HasPrefix(d.facts(), "s3 recovered: promised 1.s1") {
			t.Fatalf("after effect %d: facts %q", effect, d.facts())
		}
		if names, err := d.env.Store.List(); err != nil || len(names) > 3 {
			t.Errorf("after effect %d: %q is left (%v)", effect, names, err)
		}
		for slot := d.base; slot < 5; slot++ {
			if c := d.known(slot); c.ballot != ballot(1, 1) || c.missing || c.value == "" {
				t.Errorf("after effect %d: slot %d: %v", effect, slot, c)
			}
		}
		d.hears("s1", Heartbeat{ballot(1, 1), 4, 2})
		if got := d.store.Read(workload.Op{Verb: "get", Key: "x"}).Value; d.next != 4 || got != "a3" {
			t.Errorf("after effect %d: executed %d slots, x is %s", effect, d.next, got)
		}
		if done {
			if effect < 20 {
				t.Errorf("two snapshots took %d effects", effect)
			}
			return
		}
	}
}
