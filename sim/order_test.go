package sim_test

import (
	"fmt"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
	"simrun/sim/fault"
)

// A diarist notes a number and then appends it to its log, again and again, at times syncs, and lets the disk sync on its own.
type diarist struct {
	n   byte
	log *reclog.Log
}

func (s *diarist) Start(env sim.Env) {
	log, records, err := reclog.Open(env.Disk(), "log")
	if err != nil {
		return
	}
	s.log = log
	for _, r := range records {
		s.n = max(s.n, r.Payload[0])
		env.Note(found{int(r.Payload[0])})
	}
	env.After(time.Millisecond, note{"go"})
}

func (s *diarist) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if m != (note{"go"}) || s.n > 100 {
		return
	}
	for range env.Pick("how many", 4) {
		s.n++
		env.Note(num{int(s.n)})
		if _, err := s.log.Append([]byte{s.n}); err != nil {
			return
		}
		switch env.Pick("then", 4) {
		case 1:
			if s.log.Sync() != nil {
				return
			}
		case 2:
			env.SyncThen("log", note{"synced"})
		}
	}
	env.After(time.Duration(env.Pick("pause", 3))*300*time.Microsecond, note{"go"})
}

// A found is a number that a life has found on its disk.
type found struct{ N int }

func (f found) AppendHash(b []byte) []byte { return append(b, byte(f.N)) }

// A hasty node notes a number, writes it down and syncs, three times in one call, and stops.
type hasty struct{ log *reclog.Log }

func (s *hasty) Start(env sim.Env) {
	log, records, err := reclog.Open(env.Disk(), "log")
	if err != nil {
		return
	}
	for _, r := range records {
		env.Note(found{int(r.Payload[0])})
	}
	s.log = log
	env.After(2*time.Millisecond, note{"go"})
}

func (s *hasty) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	for i := byte(1); i <= 3; i++ {
		env.Note(num{int(i)})
		if _, err := s.log.Append([]byte{i}); err != nil || s.log.Sync() != nil {
			return
		}
	}
}

// A crash in the middle of a call of a slow node leaves nothing on the disk that the node had yet to get to. Fails if what the disk
// had not begun is taken for what was under way: then a number is found that was never noted. And fails if nothing under way survives.
func TestNotBegunNeverHappens(t *testing.T) {
	s := stage(actor{"a", func() sim.Node { return &hasty{} }})
	early := 0
	for at := 1900 * time.Microsecond; at < 12*time.Millisecond; at += 50 * time.Microsecond {
		plan, err := fault.Parse(fmt.Sprintf("always unsynced mix\n0ms slow a 4x\n%v crash a\n20ms restart a", at))
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(8) {
			w := world(t, s, sim.Config{Seed: seed, Plan: &plan})
			noted, synced := map[int]bool{}, false
			for e := range w.Events(0) {
				if op, ok := e.Data.(*disk.Op); ok && op.Kind == disk.SyncOp {
					synced = true
				} else if e.Kind == sim.Crashed && len(noted) == 1 && !synced {
					early++
				}
				switch f := e.Data.(type) {
				case num:
					noted[f.N] = true
				case found:
					if !noted[f.N] {
						t.Fatalf("crash at %v, seed %d: a found %d, which it had not noted", at, seed, f.N)
					}
				}
			}
		}
	}
	if early == 0 {
		t.Error("no crash came between the first note and the first sync")
	}
}

// What a node noted before it wrote something down has happened, if what it wrote is found after a crash: effects happen in their order. Fails
// if a crash takes one effect and leaves a later one.
func TestEffectsSurviveInOrder(t *testing.T) {
	s := settling(stage(actor{"a", func() sim.Node { return &diarist{} }}), []sim.NodeID{"a"})
	s.Run = 300 * time.Millisecond
	lost := 0
	for seed := range uint64(3000) {
		w := world(t, s, sim.Config{Seed: seed})
		noted, finds := map[int]bool{}, 0
		for e := range w.Events(0) {
			switch f := e.Data.(type) {
			case num:
				if e.Kind == sim.Noted {
					noted[f.N] = true
				}
			case found:
				finds++
				if !noted[f.N] {
					t.Fatalf("seed %d: a found %d at %v, which it had not noted\n%v", seed, f.N, e.At, w.Plan())
				}
			}
		}
		if finds > 0 {
			lost++
		}
	}
	if lost < 500 {
		t.Errorf("something was found in %d runs only", lost)
	}
}
