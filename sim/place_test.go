package sim_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// slowWriter syncs for each message it gets, notes it, and answers.
func slowWriter(id sim.NodeID) actor {
	return plays(id, nil, func(env sim.Env, from sim.NodeID, m sim.Message) {
		if from == env.ID() {
			return
		}
		env.Disk().Append("log", []byte("x"))
		env.Disk().Sync("log")
		env.Note(m)
		env.Send(from, m)
	})
}

// burst sends n numbered messages to b at once, one millisecond after its start.
func burst(n int) actor {
	return plays("a", func(env sim.Env) { env.After(ms, note{"go"}) }, func(env sim.Env, from sim.NodeID, m sim.Message) {
		if from == env.ID() {
			for i := range n {
				env.Send("b", num{i})
			}
		}
	})
}

// Fails if a busy node is given something, or if what waits is given to it in another order or at another time than
// when it is free.
func TestArrivalsWaitForABusyNode(t *testing.T) {
	events, v := perform(t, stage(burst(10), slowWriter("b")), 1, "always sync 1ms\n")
	var free time.Duration
	got := of(events, sim.Delivered, "b")
	for i, e := range got {
		if e.Data != (num{i}) {
			t.Errorf("delivery %d: %v", i, e.Data)
		}
		if want := max(free, 2*ms); at(e) != want {
			t.Errorf("message %d handled at %v, the node was free at %v", i, e.At, want)
		}
		free = at(of(events, sim.Noted, "b")[i])
		if took := free - at(e); took < ms/2 || took > 3*ms/2 {
			t.Errorf("a sync of 1ms took %v", took)
		}
	}
	if len(got) != 10 || v.Late != 0 {
		t.Errorf("%d handled, %d late", len(got), v.Late)
	}
	_, v = perform(t, stage(burst(10), slowWriter("b")), 1, "always sync 20ms\n")
	if v.Late < 4 {
		t.Errorf("of ten messages that waited for 20 ms each only %d were counted as late", v.Late)
	}
}

// Fails if a pause loses, reorders or handles messages, or if a slow node is not as slow as the plan says.
func TestPauseAndSlow(t *testing.T) {
	s := stage(ticker("a", ms, "b"), plays("b", nil, func(env sim.Env, from sim.NodeID, m sim.Message) { env.Note(m) }))
	events, _ := perform(t, s, 1, "10.5ms pause b\n50.5ms resume b\n60.5ms slow b 10x\n70.5ms slow b 1x\n")
	var got []int
	for _, e := range of(events, sim.Noted, "b") {
		got = append(got, e.Data.(num).N)
		switch sent := time.Duration(e.Data.(num).N) * ms; {
		case at(e) > 10500*time.Microsecond && at(e) < 50500*time.Microsecond:
			t.Errorf("a paused node noted %v at %v", e.Data, e.At)
		case sent >= 10*ms && sent < 49*ms && at(e) != 50500*time.Microsecond:
			t.Errorf("what had waited was noted at %v, when the pause ended at 50.5ms", e.At)
		case sent >= 60*ms && sent < 69*ms && at(e) != sent+ms+200*time.Microsecond:
			t.Errorf("%v, sent at %v, was noted at %v; a handler ten times as slow takes 200µs", e.Data, sent, e.At)
		case sent >= 70*ms && at(e) != sent+ms:
			t.Errorf("%v, sent at %v, was noted at %v, though the node is no longer slow", e.Data, sent, e.At)
		}
	}
	if !reflect.DeepEqual(got, upTo(len(got))) || len(got) < 97 {
		t.Errorf("got %v", got)
	}
}

// upTo is 1, 2 and so on up to n.
func upTo(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

// Fails if a node that was slow or paused when it crashed still is after its spell has ended or it has restarted.
func TestSpellsAndCrashes(t *testing.T) {
	s := stage(ticker("a", ms, "b"), plays("b", nil, func(env sim.Env, from sim.NodeID, m sim.Message) { env.Note(m) }))
	for _, p := range []string{"10ms pause b\n20ms crash b\n30ms restart b\n", "10ms slow b 1000x\n20ms crash b\n25ms slow b 1x\n30ms restart b\n"} {
		events, _ := perform(t, s, 1, p)
		after := 0
		for _, e := range of(events, sim.Noted, "b") {
			if at(e) > 30*ms {
				after++
			}
		}
		if after < 65 {
			t.Errorf("after %q b noted %d messages", p, after)
		}
	}
}

// Fails if what waits for a node survives its crash, or vanishes without a word.
func TestCrashDropsTheInbox(t *testing.T) {
	events, _ := perform(t, stage(burst(10), slowWriter("b")), 1, "always sync 1ms\n4ms crash b\n5ms restart b\n")
	handled, dropped := len(of(events, sim.Delivered, "b")), of(events, sim.Dropped, "b")
	for i, e := range dropped {
		if e.Reason != "crash" || e.Data != (num{handled + i}) || at(e) != 4*ms || events[e.Cause-1].Kind != sim.Sent {
			t.Errorf("dropped %v at %v: %q", e.Data, e.At, e.Reason)
		}
	}
	if handled < 2 || handled+len(dropped) != 10 {
		t.Errorf("%d handled, %d dropped", handled, len(dropped))
	}
}

// kept is a message that promises a file of a size.
type kept struct{ Size int64 }

func (m kept) Backed(d disk.View) error {
	if n, err := d.Size("log"); err != nil || n < m.Size {
		return fmt.Errorf("%d bytes, %v", n, err)
	}
	return nil
}

// pipeline writes without waiting, and tells b of each record when its sync is over.
func pipeline(t *testing.T) actor {
	return plays("a", func(env sim.Env) {
		d := env.Disk()
		if n, err := d.Size("log"); err == nil {
			env.Note(num{int(n)})
			return
		}
		d.Append("log", nil)
		d.SyncDir()
		env.After(ms, note{"go"})
	}, func(env sim.Env, _ sim.NodeID, m sim.Message) {
		switch m := m.(type) {
		case note:
			n, _ := env.Disk().Size("log")
			env.Disk().Append("log", []byte("x"))
			env.SyncThen("log", num{int(n) + 1})
			if n < 20 {
				env.After(ms/2, m)
			}
		case num:
			env.Send("b", kept{int64(m.N)})
		}
	})
}

// Fails if done comes before what it speaks of is durable, out of order, or in another life; or if it holds the node
// up.
func TestSyncThen(t *testing.T) {
	for seed := range uint64(20) {
		for _, p := range []string{"always sync 1ms\n", "always sync 2ms\nalways unsynced mix\n13ms crash a\n14ms restart a\n"} {
			s := stage(pipeline(t), idle("b"))
			events, v := perform(t, s, seed, p)
			if v.Outcome != sim.OK || v.Checks[len(v.Checks)-1].Property != "backed" || v.Checks[len(v.Checks)-1].Checks == 0 {
				t.Fatalf("seed %d, %q: %v %s, %v", seed, p, v.Outcome, v.Why, v.Checks)
			}
			crashed, last := false, 0
			for _, e := range events {
				crashed = crashed || e.Kind == sim.Crashed
				if n, ok := e.Data.(num); ok && e.Kind == sim.TimerFired {
					if crashed || n.N != last+1 {
						t.Fatalf("seed %d, %q: done %d after %d, crashed %v", seed, p, n.N, last, crashed)
					}
					last = n.N
				}
				if e.Cause >= e.Seq {
					t.Fatalf("event %d has the cause %d", e.Seq, e.Cause)
				}
			}
			for _, e := range of(events, sim.Noted, "a") {
				if e.Data.(num).N < last {
					t.Fatalf("seed %d: %d bytes after the crash, and %d were said to be durable", seed, e.Data.(num).N, last)
				}
			}
		}
	}
}

// Fails if a sync that fails is reported as done.
func TestSyncThenOfNothing(t *testing.T) {
	events, v := perform(t, stage(plays("a", func(env sim.Env) { env.SyncThen("nothing", num{1}) }, nil)), 1, "")
	if len(of(events, sim.TimerFired, "a")) != 0 || len(of(events, sim.DiskDone, "a")) != 1 || v.Outcome != sim.OK {
		t.Errorf("events %v", texts(events))
	}
}

// Fails if an event after a disk operation names no event, or a later one, as its cause.
func TestCausesBehindTheDisk(t *testing.T) {
	s := stage(plays("a", func(env sim.Env) {
		d := env.Disk()
		d.Append("x", []byte("x"))
		d.Append("y", []byte("y"))
		d.Sync("x")
		env.SyncThen("y", num{1})
		d.Size("y")
		env.Send("b", num{2})
		env.After(0, num{3})
	}, nil), idle("b"))
	events, _ := perform(t, s, 1, "")
	for _, e := range events {
		if e.Cause >= e.Seq || e.Cause == 0 && e.Kind != sim.Started {
			t.Errorf("%d: %v at %s: caused by %d", e.Seq, e.Kind, e.Node, e.Cause)
		}
		if e.Cause > 0 && events[e.Cause-1].Node != e.Node && e.Kind != sim.Delivered {
			t.Errorf("%d: %v at %s: caused by what happened at %s", e.Seq, e.Kind, e.Node, events[e.Cause-1].Node)
		}
	}
}

// many does eight things in one handler, of every sort, among them a sync that takes time.
var many = plays("a", func(env sim.Env) {
	env.After(ms, note{"go"}) // effect 1
}, func(env sim.Env, from sim.NodeID, m sim.Message) {
	if m != (note{"go"}) {
		return
	}
	env.Send("b", num{2})
	env.Disk().Append("log", []byte("x")) // 3
	env.Note(num{4})
	env.Disk().Sync("log") // 5
	env.Note(num{6})
	env.Send("c", num{7})
	env.SyncThen("log", num{8}) // 8
	env.After(0, num{9})
	env.Send("b", num{10})
})

// Fails if a crash after effect n cancels something before it, or lets something behind it happen.
func TestEveryPlaceOfACrash(t *testing.T) {
	s := stage(many, idle("b"), idle("c"))
	whole, _ := perform(t, s, 1, "")
	done := func(events []sim.Event) (list []string) {
		for _, e := range events {
			switch e.Kind {
			case sim.Sent, sim.Noted, sim.TimerSet, sim.DiskDone:
				if op, ok := e.Data.(disk.Op); !ok || op.Kind != disk.SyncOp || at(e) < 1700*time.Microsecond { // the sync of SyncThen comes later
					list = append(list, fmt.Sprint(e.At, e.Kind, e.Data))
				}
			}
		}
		return list
	}
	all := done(whole)
	for n := 1; n <= 10; n++ {
		events, v := perform(t, s, 1, fmt.Sprintf("crash a after effect %d\n", n))
		want := all[:min(n, 7)]
		if n > 8 {
			want = all[:n-1]
		}
		if got := done(events); !reflect.DeepEqual(got, want) || v.Faults[fault.Crashes] != 1 {
			t.Errorf("crash after effect %d: happened\n%s\nwant\n%s", n, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if _, v := perform(t, s, 1, "crash a after effect 100\n"); v.Faults[fault.Crashes] != 0 || v.Outcome != sim.OK {
		t.Errorf("an effect that never came: %v", v.Faults)
	}
}

// Fails if a broadcast is not cut in two by a crash between two sends without anything between them.
func TestCrashCutsABroadcast(t *testing.T) {
	s := stage(plays("a", func(env sim.Env) {
		for _, to := range []sim.NodeID{"b", "c", "d"} {
			env.Send(to, num{1})
		}
	}, nil), idle("b"), idle("c"), idle("d"))
	events, _ := perform(t, s, 1, "crash a after effect 2\n10ms restart a\ncrash a after effect 3\n")
	if b, c, d := len(of(events, sim.Delivered, "b")), len(of(events, sim.Delivered, "c")), len(of(events, sim.Delivered, "d")); b != 2 || c != 1 || d != 0 {
		t.Errorf("delivered %d to b, %d to c, %d to d: want 2, 1 and 0", b, c, d)
	}
}
