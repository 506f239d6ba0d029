package sim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// A recorder of a test writes a record of 512 bytes each millisecond, its letter all over, and syncs it; it notes what it is told. Every
// fifth time it reads the file, and notes of each record the first byte, "_" for a zero, "!" if it cannot be read.
func recorder(id sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := byte('a')
		return role{func(env sim.Env) {
			size, _ := env.Disk().Size("log")
			n += byte(size / disk.SectorSize)
			if env.Disk().SyncDir() != nil {
				env.Note(note{"no directory"})
			}
			env.After(ms, note{"write"})
		}, func(env sim.Env, _ sim.NodeID, _ sim.Message) {
			d := env.Disk()
			if err := d.Append("log", []byte(strings.Repeat(string(n), disk.SectorSize))); err != nil {
				env.Note(note{err.Error()})
			} else if n++; d.Sync("log") != nil {
				env.Note(note{"sync failed"})
			}
			if _ = d.SyncDir(); n%5 == 0 {
				env.Note(note{sectorsOf(d)})
			}
			if n < 'z' {
				env.After(ms, note{"write"})
			}
		}}
	}}
}

// sectorsOf reads the log of a recorder.
func sectorsOf(d disk.FS) (s string) {
	size, _ := d.Size("log")
	for off := int64(0); off < size; off += disk.SectorSize {
		p := make([]byte, disk.SectorSize)
		if _, err := d.ReadAt("log", p, off); err != nil {
			s += "!"
		} else if p[0] == 0 {
			s += "_"
		} else {
			s += string(p[:1])
		}
	}
	return s
}

// noted are the texts of a node's notes.
func noted(events []sim.Event, id sim.NodeID) (texts []string) {
	for _, e := range of(events, sim.Noted, id) {
		texts = append(texts, fmt.Sprint(e.Data))
	}
	return texts
}

// Fails if a verb about disks has no effect, another one, or is not counted; each is tried alone.
func TestEveryDiskVerb(t *testing.T) {
	says := func(want ...string) func([]sim.Event) bool {
		return func(e []sim.Event) bool {
			got := strings.Join(noted(e, "a"), "; ")
			for _, w := range want {
				if !strings.Contains(got, w) {
					return false
				}
			}
			return true
		}
	}
	last := func(e []sim.Event) time.Duration {
		all := of(e, sim.DiskDone, "a")
		return time.Duration(all[len(all)-1].At)
	}
	const readAll = "{abcdefghijklmnopqr}"
	for _, c := range []struct {
		plan   string
		counts map[fault.Kind]uint64 // 0 for any number above 0
		effect func([]sim.Event) bool
	}{
		{"", nil, says(readAll)},
		{"fail a append#3\n", map[fault.Kind]uint64{fault.IOErrors: 1}, says("{append log: input/output error}", readAll)},
		{"fail a sync#3\n", map[fault.Kind]uint64{fault.FailedSyncs: 1}, says("{sync failed}", readAll)},
		{"fail a sync#3\n30ms crash a for 1ms\n", map[fault.Kind]uint64{fault.FailedSyncs: 1, fault.Crashes: 1, fault.Restarts: 1}, says("{sync failed}", "{ab_defghijklmnopqrstuvw}")},
		{"fail a syncdir#1\n", map[fault.Kind]uint64{fault.FailedSyncs: 1}, says("{no directory}", readAll)},
		{"fail a read#3\n", map[fault.Kind]uint64{fault.IOErrors: 1}, says("{ab!}")},
		{"5.5ms fail append 100%\n8.5ms fail append 0%\n", map[fault.Kind]uint64{fault.IOErrors: 0}, says("append log", readAll)},
		{"7.6ms rot a log@515\n", map[fault.Kind]uint64{fault.BitRot: 1}, nil},
		{"7.6ms rot a\n", map[fault.Kind]uint64{fault.BitRot: 1}, nil},
		{"7.6ms latent a log@1030\n", map[fault.Kind]uint64{fault.LatentSectors: 1}, says("{abc}", "{ab!defghijklm}")},
		{"phantom a append#4\n", map[fault.Kind]uint64{fault.PhantomWrites: 1}, says(readAll)},
		{"misdirect a append#4\n", map[fault.Kind]uint64{fault.Misdirections: 1}, says(readAll)},
		{"outdated a read#3\n", map[fault.Kind]uint64{fault.OutdatedReads: 1}, says("{ab_}", readAll)},
		{"always capacity a 3000\n", map[fault.Kind]uint64{fault.FullDisks: 0}, says("{append log: no space left on device}")},
		{"always capacity a 3000\n20.5ms capacity a 0\n", map[fault.Kind]uint64{fault.FullDisks: 0}, says("no space", "{abcdefgh}")},
		{"5ms stall a 50ms\n", map[fault.Kind]uint64{fault.DiskStalls: 1}, func(e []sim.Event) bool { return last(e) > 80*ms }},
		{"always throttle a 100000\n", map[fault.Kind]uint64{fault.Throttles: 1}, func(e []sim.Event) bool { return last(e) > 80*ms }},
		{"5ms sync a 3ms\n", map[fault.Kind]uint64{fault.SlowDisks: 1}, func(e []sim.Event) bool { return last(e) > 80*ms }},
	} {
		events, v := perform(t, stage(recorder("a"), idle("b")), 3, c.plan)
		var want fault.Counts
		for k, n := range c.counts {
			if want[k] = n; n == 0 {
				want[k] = v.Faults[k]
			}
			if v.Faults[k] == 0 {
				t.Errorf("%q: no %v", c.plan, k)
			}
		}
		if v.Faults != want {
			t.Errorf("%q: counted %v, want %v", c.plan, v.Faults, want)
		}
		if c.effect != nil && !c.effect(events) {
			t.Errorf("%q: notes %q", c.plan, noted(events, "a"))
		}
		if len(v.Idle) > 0 {
			t.Errorf("%q: idle %q", c.plan, v.Idle)
		}
	}
}

// Fails if what a disk fault leaves on the disk outlives a crash, or does not.
func TestDiskFaultsAfterACrash(t *testing.T) {
	reborn := func(id sim.NodeID) actor {
		first := recorder(id).boot
		lives := 0
		return actor{id, func() sim.Node {
			if lives++; lives == 1 {
				return first()
			}
			return role{start: func(env sim.Env) { env.Note(note{"then " + sectorsOf(env.Disk())}) }}
		}}
	}
	for plan, want := range map[string]string{
		"":                       "then abcdefghijklmn",
		"fail a sync#3\n":        "then ab_defghijklm",
		"phantom a append#4\n":   "then abc_efghijklmn",
		"outdated a read#3\n":    "then abcdefghijklmn",
		"10ms wipe a\n":          "then ",
		"10ms swap a b\n":        "then ",
		"5ms latent a log@600\n": "then a!cdefghijklmn",
	} {
		events, v := perform(t, stage(reborn("a"), idle("b")), 3, plan+"21.5ms crash a\n22ms restart a\n")
		if got := noted(events, "a"); got[len(got)-1] != "{"+want+"}" {
			t.Errorf("%q: %q, want %q; %v", plan, got[len(got)-1], want, v.Faults)
		}
	}
}

// Fails if rot with no place named strikes what may look torn, if the event does not say where it struck, or if nothing is at rest and it is counted.
func TestRotIsToldWithItsPlace(t *testing.T) {
	places, apart := map[int64]bool{}, 0
	for seed := range uint64(20) {
		events, _ := perform(t, stage(recorder("a")), seed, "7.9ms rot a\n7.9ms rot a\n")
		struck := of(events, sim.Faulted, "a")
		if len(struck) != 2 {
			t.Fatal(struck)
		}
		if struck[0].Data.(fault.Line).Off != struck[1].Data.(fault.Line).Off {
			apart++
		}
		l := struck[0].Data.(fault.Line)
		// By then seven records are durable, and what lies before the last was when that was written.
		if l.File != "log" || l.Off < 0 || l.Off >= 6*disk.SectorSize {
			t.Errorf("seed %d: %v", seed, l)
		}
		places[l.Off] = true
	}
	if len(places) < 10 || apart < 15 {
		t.Errorf("it struck %d places, and twice in a run different ones %d times", len(places), apart)
	}
	_, v := perform(t, stage(recorder("a")), 1, "1ns rot a\n2ns latent a\n1us rot a none@3\n")
	if v.Faults != (fault.Counts{}) || len(v.Idle) != 3 {
		t.Errorf("%v, idle %q", v.Faults, v.Idle)
	}
}

// Fails if faults of disks go on when faults have ended, or if a disk that was damaged is not counted among those that a group can spare.
func TestDiskFaultsEnd(t *testing.T) {
	late := func(id sim.NodeID) actor {
		return plays(id, func(env sim.Env) { env.After(settleAt+100*ms, note{"late"}) }, func(env sim.Env, _ sim.NodeID, _ sim.Message) {
			d := env.Disk()
			env.Note(note{fmt.Sprint(d.Append("log", make([]byte, 9000)), d.Sync("log"), d.SyncDir())})
		})
	}
	events, v := perform(t, settling(stage(late("a"), late("b")), []sim.NodeID{"a", "b"}), 4,
		"always fail append 100%\nalways fail sync 100%\nalways phantom 100%\nalways capacity 10\nalways throttle 1\n1ms stall a 100s\nphantom a append#1\n")
	for _, id := range []sim.NodeID{"a", "b"} {
		if got := noted(events, id); !slices.Equal(got, []string{"{<nil> <nil> <nil>}"}) {
			t.Errorf("%s: %q; %v", id, got, v.Faults)
		}
	}
}

// Fails if more disks of a group are hurt than the budget allows, or none; or if what is held back is not counted.
func TestDiskFaultsWithinBudget(t *testing.T) {
	actors := []actor{recorder("a"), recorder("b"), recorder("c")}
	for _, line := range []string{"always fail append 20%", "always capacity 2000", "7.9ms rot a\n8.9ms rot b\n9.9ms rot c", "7.9ms latent a\n8ms latent b\n8.1ms rot c\n", "always phantom 20%", "always misdirect 20%"} {
		s := settling(stage(actors...), []sim.NodeID{"a", "b", "c"})
		for seed := range uint64(5) {
			w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, "always budget copies 1\n"+line+"\n")})
			hurt := map[sim.NodeID]bool{}
			for e := range w.Events(40 * ms) {
				if op, ok := e.Data.(*disk.Op); ok && op.Err != nil && (errors.Is(op.Err, disk.ErrIO) || errors.Is(op.Err, disk.ErrNoSpace)) || e.Kind == sim.Faulted && e.Node != "" && e.At > 0 {
					hurt[e.Node] = true
				}
			}
			v := w.Verdict()
			if len(hurt) > 1 || v.Spared == 0 || len(v.Outside) > 0 && strings.Contains(fmt.Sprint(v.Outside), "damaged disks") {
				t.Errorf("%q, seed %d: hurt %v, held back %d, outside %q", line, seed, hurt, v.Spared, v.Outside)
			}
		}
	}
}

// Fails if a run whose disk lies, and tells its node something else, has the hash of another.
func TestHashCoversWhatDisksTell(t *testing.T) {
	silent := plays("a", func(env sim.Env) {
		d := env.Disk()
		_, _ = d.Append("f", []byte(strings.Repeat("x", 600))), d.Sync("f")
		env.After(5*ms, note{"read"})
	}, func(env sim.Env, _ sim.NodeID, _ sim.Message) {
		p := make([]byte, 600)
		_, _ = env.Disk().ReadAt("f", p, 0)
	})
	hashes := map[uint64]string{}
	for _, p := range []string{"outdated a read#2\n", "outdated a read#1\n", "fail a read#1\n", "fail a sync#1\n", "fail a append#1\n", "capacity"} {
		if p == "capacity" {
			p = "always capacity a 9\n"
		}
		_, v := perform(t, stage(silent), 1, p)
		if old, there := hashes[v.Hash]; there {
			t.Errorf("%q has the hash of %q", p, old)
		}
		hashes[v.Hash] = p
	}
}

// Fails if an injected fault of a disk makes another run than the plan with it, given back.
func TestInjectedDiskFaults(t *testing.T) {
	for _, text := range []string{"0ms rot a", "0ms latent a", "0ms fail a append 50%", "0ms phantom a 50%", "0ms misdirect a 50%", "0ms outdated a 50%", "0ms capacity a 5000",
		"0ms throttle a 100000", "0ms stall a 5ms"} {
		s := stage(recorder("a"), idle("b"))
		l, err := fault.ParseLine(text)
		if err != nil {
			t.Fatal(err)
		}
		w := world(t, s, sim.Config{Seed: 9, Plan: plan(t, "")})
		injected := false
		for e := range w.Events(0) {
			if e.At > 7_900_000 && !injected {
				injected = true
				if l.At = e.At; w.Inject(l) != nil {
					t.Fatal(w.Inject(l))
				}
			}
		}
		p := w.Plan()
		again := world(t, s, sim.Config{Seed: 9, Plan: plan(t, p.String())}).Run(0)
		if v := w.Verdict(); v.Hash != again.Hash || v.Faults != again.Faults || v.Faults == (fault.Counts{}) {
			t.Errorf("%s: hash %x, given back %x; %v, %v", text, v.Hash, again.Hash, v.Faults, again.Faults)
		}
	}
}

// Fails if a node is blamed for a promise that its disk does not bear out because the disk lied or rotted; or if it is not, when a sync failed
// openly and it promised nevertheless.
func TestBackedByADoubtfulDisk(t *testing.T) {
	promiser := plays("a", func(env sim.Env) {
		d := env.Disk()
		_, _, _ = d.Append("log", []byte("hello")), d.Sync("log"), d.SyncDir()
		env.Send("b", promise{5})
	}, nil)
	for text, want := range map[string]sim.Outcome{"": sim.OK, "phantom a append#1\n": sim.OK, "fail a sync#1\n": sim.Violated} {
		_, v := perform(t, stage(promiser, idle("b")), 1, text)
		if v.Outcome != want {
			t.Errorf("%q: %v %s", text, v.Outcome, v.Why)
		}
	}
}
