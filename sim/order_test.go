package sim_test

import (
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk/reclog"
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
