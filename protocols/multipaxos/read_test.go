package multipaxos

import (
	"strings"
	"testing"

	"simrun/workload"
)

// A read by index is answered once a quorum has answered a heartbeat that left after it came, and not by one that left before. Fails if the
// answer comes sooner, or the reads that came meanwhile are forgotten.
func TestIndexRead(t *testing.T) {
	set := three()
	set.Reads = "index"
	d := start(t, 1, set)
	d.leads(t)
	d.goes(t, []step{
		{"c1", workload.Request{Command: get(1, "x")}, "Heartbeat{1.s1 #2, decided below 0} s2 s3"},
		{"c1", workload.Request{Command: get(1, "x")}, ""},
		{"s2", Alive{ballot(1, 1), member(2), 1}, ""}, // left before the read came
		{"s2", Alive{ballot(0, 2), member(2), 2}, ""}, // of another ballot
		{"c1", workload.Request{Command: get(2, "x")}, ""},
		{"s2", Alive{ballot(1, 1), Member{2, 2}, 2}, "Heartbeat{1.s1 #3, decided below 0} s2 s3"}, // of one who does not vote
		{"s2", Alive{ballot(1, 1), member(2), 2}, "Reply{c1#1 ok} c1"},
		{"s3", Alive{ballot(1, 1), member(3), 3}, "Reply{c1#2 ok} c1"},
	})
	d.hears("c1", workload.Request{Command: get(3, "x")})
	d.goes(t, []step{{"s2", Prepare{Ballot: ballot(2, 2)}, "Elsewhere{c1#3 s2} c1; Promise{2.s2 by s1} s2"}})
}

// A new leader answers no read before it has executed what its promisers knew of. Fails if it reads from the past.
func TestReadWaitsForThePast(t *testing.T) {
	set := three()
	set.Reads = "index"
	d := start(t, 1, set)
	d.leads(t, Vote{Slot: 0, Ballot: Ballot{0, member(2)}, Value: batch([]workload.Command{put(1, "x", "a1")})})
	d.goes(t, []step{
		{"c1", workload.Request{Command: get(2, "x")}, "Heartbeat{1.s1 #2, decided below 0} s2 s3"},
		{"s2", Alive{ballot(1, 1), member(2), 2}, ""},
		{"s2", Accepted{Ballot: ballot(1, 1), By: member(2)}, "Reply{c1#1 ok} c1; Reply{c1#2 a1} c1"},
	})
}

// Who reads must have the promises of a quorum of who votes in the next slot, too: others may have been at work there. Fails if a leader that knows
// of a new configuration by its log reads with the word of the old one.
func TestReadNeedsPromisesOfWhoVotesNow(t *testing.T) {
	set := three()
	set.Reads, set.Servers = "index", names("s", 5)
	d := start(t, 1, set)
	d.configs = []configFrom{{0, first(3)}, {1, Config{member(1), member(4), member(5)}}}
	d.leads(t)
	d.hears("s2", Accepted{Ballot: d.ballot, By: member(2)})
	if d.next != 1 || d.settled() {
		t.Errorf("executed %d slots, and up to date by the word of one of three who vote", d.next)
	}
	if d.hears("s4", Promise{Ballot: d.ballot, By: member(4)}); !d.settled() {
		t.Error("not up to date by the word of two of three who vote")
	}
}

// A lease begins when the heartbeat left, and ends Margin sooner than for those who gave it. Fails if the leader reads without asking a moment longer, or asks although it
// has the lease.
func TestLeaseRead(t *testing.T) {
	set := three()
	set.Reads = "lease"
	d := start(t, 1, set)
	d.env.Clock = set.Lease
	d.leads(t) // the first heartbeat leaves
	left := d.env.Clock
	d.env.Clock += d.patienceStep()
	d.hears("s2", Alive{ballot(1, 1), member(2), 1})
	d.env.Clock = left + set.Lease - set.Margin - 1
	d.goes(t, []step{{"c1", workload.Request{Command: get(1, "x")}, "Reply{c1#1 ok} c1"}})
	d.env.Clock++
	d.goes(t, []step{{"c1", workload.Request{Command: get(2, "x")}, "Heartbeat{1.s1 #2, decided below 0} s2 s3"}})
}

// A follower that has answered a heartbeat lets nobody else lead for the length of the lease, nor takes notice of a leader of long ago. After a restart it lets nobody
// lead at all for that long. Fails if a second leader could begin while the first reads by its lease.
func TestLeaseIsKept(t *testing.T) {
	set := three()
	set.Reads = "lease"
	d := start(t, 3, set)
	d.env.Clock = set.Lease
	d.hears("s2", Heartbeat{ballot(5, 2), 0, 1})
	d.env.Clock += set.Lease - 1
	d.goes(t, []step{
		{"s1", Heartbeat{ballot(4, 1), 0, 9}, "Refused{4.s1, promised 5.s2} s1"},
		{"s1", Prepare{Ballot: ballot(6, 1)}, ""},
		{"s2", Prepare{Ballot: ballot(6, 2)}, "Promise{6.s2 by s3} s2"},
	})
	d.env.Clock++
	d.goes(t, []step{{"s1", Prepare{Ballot: ballot(7, 1)}, "Promise{7.s1 by s3} s1"}})
	d = d.again(t)
	d.env.Clock += set.Lease - 1
	d.goes(t, []step{{"s1", Prepare{Ballot: ballot(8, 1)}, ""}, {"s2", Prepare{Ballot: ballot(8, 2)}, ""}})
	d.env.Clock++
	d.goes(t, []step{{"s1", Prepare{Ballot: ballot(8, 1)}, "Promise{8.s1 by s3} s1"}})
}

// A server reads from its own state, whoever leads, if it has come as far as the client has seen; else it sends the client to the leader. Answers say how far the service had come, also those
// to writes. Fails if it answers from a state that the client has left behind, or a client cannot know how far that was.
func TestLocalReads(t *testing.T) {
	set := three()
	set.Reads = "local"
	l := start(t, 1, set)
	l.leads(t)
	l.goes(t, []step{
		{"c1", workload.Request{Command: get(1, "x")}, "Reply{c1#1 ok} c1"},
		{"c1", workload.Request{Command: put(2, "x", "a")}, "Accept{1.s1 in 0: c1#2 put x a} s2 s3"},
		{"s2", Accepted{Ballot: ballot(1, 1), By: member(2)}, "Reply{c1#2 ok, at 1} c1"},
		{"c1", workload.Request{Command: get(3, "x"), Seen: 1}, "Reply{c1#3 a, at 1} c1"},
		{"c1", workload.Request{Command: put(2, "x", "a")}, "Reply{c1#2 ok, at 1} c1"},
	})
	f := start(t, 2, set)
	f.goes(t, []step{
		{"s1", Accept{ballot(1, 1), 0, batch([]workload.Command{put(2, "x", "a")}), 0}, "Accepted{1.s1 in 0 by s2} s1"},
		{"c2", workload.Request{Command: get(1, "x")}, "Reply{c1#1 ok} c1"},
		{"c1", workload.Request{Command: get(3, "x"), Seen: 1}, "Elsewhere{c1#3 s1} c1"},
		{"s1", Heartbeat{ballot(1, 1), 1, 1}, "Alive{1.s1 #1 by s2} s1"},
		{"c1", workload.Request{Command: get(3, "x"), Seen: 1}, "Reply{c1#3 a, at 1} c1"},
		{"c1", workload.Request{Command: put(4, "x", "b"), Seen: 1}, "Elsewhere{c1#4 s1} c1"},
	})
}

// Fails if settings pass that mean nothing together.
func TestLocalReadsAreChecked(t *testing.T) {
	for _, c := range []struct{ settings, why string }{
		{"read=local loop=open rate=5", "read=local is for loop=closed"},
		{"judge=sessions", "judge=sessions is for read=local"},
		{"read=local judge=sessions", ""},
		{"stale=100ms", "stale=100ms is for read=local"},
		{"patience=4ms", "patience=4ms: want 5ms at least"},
		{"patience=2562047h", "patience=2562047h0m0s: want 1h0m0s at most"}, // twice that is less than nothing
		{"patience=1h", ""},
		{"read=local stale=100ms", ""},
	} {
		_, err := Scenario().ParseOptions(strings.Fields(c.settings))
		if (err == nil) != (c.why == "") || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", c.settings, err, c.why)
		}
	}
}
