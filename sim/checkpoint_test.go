package sim_test

import (
	"reflect"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
)

// tallyman counts for ever, and does what act says at each count.
func tallyman(act func(env sim.Env, n int)) actor {
	return plays("a", func(env sim.Env) { env.After(ms, num{1}) }, func(env sim.Env, _ sim.NodeID, m sim.Message) {
		n := m.(num).N
		act(env, n)
		env.After(100*time.Microsecond, num{n + 1})
	})
}

// parted returns between which two events the checkpoints of two runs say that they part; 0, 0 if they do not.
func parted(a, b []sim.Checkpoint) (same, other uint64) {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return same, max(a[i].Seq, b[i].Seq)
		}
		same = a[i].Seq
	}
	return 0, 0
}

// Fails if there are too many checkpoints, if they are not evenly spread, or if the last event has none.
func TestCheckpointsAreFewAndEvenlySpread(t *testing.T) {
	for _, length := range []time.Duration{0, 2 * ms, 4 * ms, 5 * ms, 17 * ms, 100 * ms} {
		w := world(t, stage(tallyman(func(sim.Env, int) {})), sim.Config{For: length, Faults: "none"})
		v := w.Run(0)
		list := v.Checkpoints
		n := len(list)
		if n == 0 || n > 65 || list[n-1].Seq != v.Events || v.Events > 64 && n < 33 {
			t.Fatalf("%d events have %d checkpoints: %v", v.Events, n, list)
		}
		for i, c := range list[:n-1] {
			if c.Seq != uint64(i+1)*list[0].Seq {
				t.Errorf("%d events: checkpoint %d is at event %d, the first at %d", v.Events, i, c.Seq, list[0].Seq)
			}
		}
	}
}

// Fails if a difference of one event is not between the two checkpoints that say so, or if equal runs have different ones.
func TestCheckpointsEncloseADifference(t *testing.T) {
	run := func(odd int) sim.Verdict {
		s := stage(tallyman(func(env sim.Env, n int) {
			if n == odd {
				env.Note(num{-n})
			}
			env.Note(num{n})
		}))
		return world(t, s, sim.Config{Faults: "none"}).Run(0)
	}
	right := run(0)
	if same := run(0); !reflect.DeepEqual(right, same) {
		t.Fatalf("one seed, two verdicts: %v %v", right, same)
	}
	for odd := 1; odd < 900; odd += 37 {
		seq := uint64(2 + 3*(odd-1)) // the start, the timer, and three events for each count before
		after, upTo := parted(right.Checkpoints, run(odd).Checkpoints)
		if after > seq+1 || upTo < seq+2 {
			t.Errorf("count %d differs, at event %d: the checkpoints say between %d and %d", odd, seq+2, after, upTo)
		}
	}
}

// Fails if the guard sees only what happens: what a crash cancels and how long a timer is are in no event of these runs.
func TestCheckpointsSeeWhatNeverHappens(t *testing.T) {
	effects := map[string]func(env sim.Env, odd bool){
		"a fact that a crash cancels": func(env sim.Env, odd bool) {
			env.Disk().Append("log", []byte("x"))
			env.Disk().Sync("log")
			if odd {
				env.Note(num{7})
			}
		},
		"a timer that never fires": func(env sim.Env, odd bool) {
			if odd {
				env.After(time.Hour, num{0})
			} else {
				env.After(2*time.Hour, num{0})
			}
		},
		"the name of a file": func(env sim.Env, odd bool) {
			if odd {
				env.Disk().Append("log", []byte("x"))
			} else {
				env.Disk().Append("LOG", []byte("x"))
			}
		},
	}
	for name, act := range effects {
		run := func(odd bool) sim.Verdict {
			s := stage(tallyman(func(env sim.Env, n int) { act(env, odd && n == 1) }))
			return world(t, s, sim.Config{Plan: plan(t, "always sync 10ms\n1.95ms crash a\n")}).Run(0)
		}
		a, b := run(false), run(true)
		if a.Hash != b.Hash {
			t.Errorf("%s: the events differ: this tests nothing", name)
		}
		if _, upTo := parted(a.Checkpoints, b.Checkpoints); upTo == 0 {
			t.Errorf("%s: the checkpoints are the same", name)
		}
	}
}

// Fails if whoever asks to see effects misses one, sees it late, or makes another run by looking.
func TestIssuedShowsEachEffect(t *testing.T) {
	s := stage(idle("b"), tells("c", func(s *sim.Script) { s.Recv(); s.Note(num{100}) }), tallyman(func(env sim.Env, n int) {
		switch n {
		case 1:
			env.Send("c", num{1})
			env.Disk().Append("log", []byte("x"))
			env.Disk().Sync("log")
			env.Note(num{2})
		case 2:
			env.SyncThen("log", num{50})
		}
	}))
	v := world(t, s, sim.Config{For: 1200 * time.Microsecond, Faults: "none"}).Run(0)
	var got []sim.Effect
	see := func(e sim.Effect) {
		if op, ok := e.Data.(*disk.Op); ok {
			e.Data = op.Kind.String() + " " + op.Name
		}
		e.After = 0
		got = append(got, e)
	}
	watched := world(t, s, sim.Config{For: 1200 * time.Microsecond, Faults: "none", Issued: see}).Run(0)
	if !reflect.DeepEqual(v, watched) {
		t.Errorf("seen, the run is another: %v %v", v, watched)
	}
	want := []sim.Effect{
		{Kind: sim.TimerSet, Node: "a", Data: num{1}, Delay: ms},
		{Kind: sim.Sent, Node: "a", To: "c", Data: num{1}},
		{Kind: sim.DiskDone, Node: "a", Data: "append log"},
		{Kind: sim.DiskDone, Node: "a", Data: "sync log"},
		{Kind: sim.Noted, Node: "a", Data: num{2}},
		{Kind: sim.TimerSet, Node: "a", Data: num{2}, Delay: 100 * time.Microsecond},
	}
	if len(got) < len(want) || !reflect.DeepEqual(got[:len(want)], want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Fails if a world without its guard is another world: then the two could not be compared in a benchmark.
func TestUnguardedIsTheSameRun(t *testing.T) {
	s := stage(ticker("a", ms, "b"), slowWriter("b"))
	v := world(t, s, sim.Config{Seed: 3}).Run(0)
	for _, cfg := range []sim.Config{{Seed: 3, Unguarded: true}, {Seed: 3, Unguarded: true, Unhashed: true}} {
		w := world(t, s, cfg).Run(0)
		if w.Events != v.Events || w.Sent != v.Sent || w.Virtual != v.Virtual || w.Hash != 0 {
			t.Errorf("%+v: %d events, %d sent, hash %x; with its guard %d and %d", cfg, w.Events, w.Sent, w.Hash, v.Events, v.Sent)
		}
	}
}
