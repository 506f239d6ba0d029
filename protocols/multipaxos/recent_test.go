package multipaxos

import (
	"testing"
	"time"

	"simrun/sim/fault"
	"simrun/workload"
)

// bounded is three servers that answer reads from states at most 100 ms old.
func bounded() *Settings {
	set := three()
	set.Reads, set.Stale = "local", 100*time.Millisecond
	return set
}

// A follower asks with each answer to a heartbeat, and reads for as long as its state is younger than the bound, counted from when it asked. Fails if it reads before it knows, counts from the answer, takes an answer that is for another
// life, reads when it has not come as far as the leader was, or forgets an older answer over a newer one that it has not come up to.
func TestReadsWhileRecent(t *testing.T) {
	const ms = time.Millisecond
	f := start(t, 2, bounded())
	life := f.life
	beat := func(n uint64, commit Slot) Heartbeat { return Heartbeat{ballot(1, 1), commit, n} }
	read, away := workload.Request{Command: get(1, "x")}, "Elsewhere{c1#1 s1} c1"
	f.goes(t, []step{
		{"s1", beat(1, 0), "Alive{1.s1 #1 by s2} s1; Inquire{at 0s} s1"},
		{"c1", read, away}, // it does not know yet
	})
	f.env.Clock += 60 * ms
	f.goes(t, []step{
		{"s1", Current{Life{1, 99}, 50 * ms, 0}, ""}, // another life has asked
		{"c1", read, away},
		{"s1", Current{life, 0, 0}, ""},
		{"c1", read, "Reply{c1#1 ok} c1"}, // 60 ms old
		{"s1", Accept{ballot(1, 1), 0, batch([]workload.Command{put(2, "x", "a")}), 0}, "Accepted{1.s1 in 0 by s2} s1"},
		{"s1", Current{life, 50 * ms, 1}, ""},
		{"c1", read, "Reply{c1#1 ok} c1"}, // by the first answer still
	})
	f.env.Clock += 39 * ms
	f.goes(t, []step{{"c1", read, "Reply{c1#1 ok} c1"}})
	f.env.Clock += ms
	f.goes(t, []step{
		{"c1", read, away}, // 100 ms old, and it has not come to where the second answer says
		{"s1", beat(2, 1), "Alive{1.s1 #2 by s2} s1; Inquire{at 100ms} s1"},
		{"c1", read, "Reply{c1#1 a, at 1} c1"}, // 50 ms old
	})
	f.env.Clock += 50 * ms
	f.goes(t, []step{{"c1", read, away}})
	if again := f.again(t); again.life == life || again.recent(again.env) {
		t.Errorf("after a restart it is still in life %v, or knows what it knew", again.life)
	}
}

// A clock that is slow by 200 ppm shows less time than has passed. Fails if that is forgotten: 99.99 ms by such a clock are more than 100.
func TestRecentMindsDrift(t *testing.T) {
	f := start(t, 2, bounded())
	for _, c := range []struct {
		age  time.Duration
		want bool
	}{{99_970 * time.Microsecond, true}, {99_990 * time.Microsecond, false}} {
		f.marks = []mark{{0, 0}}
		f.env.Clock = time.Duration(f.began.Wall()) + c.age
		if real := c.age * 1_000_000 / (1_000_000 - fault.MaxDrift); f.recent(f.env) != c.want || c.want && real > f.Stale {
			t.Errorf("after %v by its clock, at most %v: %v", c.age, real, !c.want)
		}
	}
}

// A leader answers the question, and reads for clients whom others send to it, when a quorum has answered a heartbeat that left after that came. Fails if it answers at once, by a heartbeat of before, or does not say how far it had come;
// or if a question makes it send heartbeats, which would make followers ask again, without end.
func TestLeaderTellsHowFar(t *testing.T) {
	l := start(t, 1, bounded())
	life := Life{7, 7}
	l.leads(t)
	l.goes(t, []step{
		{"s3", Inquire{life, 5}, ""},
		{"s2", Alive{ballot(1, 1), member(2), 1}, ""}, // left before
		{"c1", workload.Request{Command: get(1, "x")}, "Heartbeat{1.s1 #2, decided below 0} s2 s3"},
		{"s2", Alive{ballot(1, 1), member(2), 2}, "Current{at 5ns, decided below 0} s3; Reply{c1#1 ok} c1"},
	})
	f := start(t, 2, bounded())
	f.goes(t, []step{{"s3", Inquire{life, 5}, ""}})
}
