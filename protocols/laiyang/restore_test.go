package laiyang

import (
	"strings"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
)

// A resumed node sends what was in its outgoing channels once more, and goes on from its recorded state.
type resumed struct {
	apps.App
	channels []Channel
}

func (r resumed) Start(env sim.Env) {
	for _, c := range r.channels {
		for _, m := range c.Messages {
			if c.From == env.ID() {
				env.Send(c.To, m)
			}
		}
	}
	r.App.Start(env)
}

// restore boots another system from a snapshot, lets it run to its end and returns what is wrong with its answer.
func restore(t *testing.T, load *apps.Workload, s Snapshot, seed uint64) error {
	t.Helper()
	var all []apps.App
	again := &sim.Scenario{Name: "again", Run: 5 * time.Second, Build: func(w *sim.World, _ sim.Options) {
		for i, part := range s.Parts {
			a := load.Boot(i)
			if err := a.UnmarshalBinary(part.State); err != nil {
				t.Fatal(err)
			}
			all = append(all, a)
			w.Add(part.Node, func() sim.Node { return resumed{a, s.Channels} })
		}
	}}
	w, err := again.World(sim.Config{Seed: seed, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	w.Run(0)
	return load.Answer(all)
}

// What a snapshot recorded is a state in which the system could have been: one that starts from there comes to the right answer. Fails if anything is missing
// from a state or a channel, or is there twice. Without the channels the answer must be wrong, or the test would say nothing of them.
func TestSystemGoesOnFromASnapshot(t *testing.T) {
	for _, app := range apps.Names() {
		for _, method := range methodNames {
			restored, broken := 0, 0
			for seed := range uint64(12) {
				o := settings(t, "app="+app, "method="+method)
				w := world(t, sim.Config{Seed: seed, Options: o})
				var snapshots []Snapshot
				for e := range w.Events(0) {
					if f, ok := e.Data.(Complete); ok {
						snapshots = append(snapshots, f.Snapshot)
					}
				}
				for _, s := range snapshots {
					if err := restore(t, apps.FromOptions(o), s, seed); err != nil {
						t.Errorf("%s by %s seed %d: from %v: %v", app, method, seed, s, err)
					}
					restored++
					if s.Channels != nil {
						s.Channels = nil
						if err := restore(t, apps.FromOptions(o), s, seed); err != nil {
							broken++
						}
					}
				}
			}
			if restored != 12*4 || broken == 0 {
				t.Errorf("%s by %s: %d restored, %d of them wrong without their channels", app, method, restored, broken)
			}
		}
	}
}

// A snapshot prints as people read it, and says what it amounts to. Fails if a channel or a state would be left out.
func TestSnapshotInWords(t *testing.T) {
	s := Snapshot{ID{2, "p1"}, []Part{{Node: "p1", Text: "no token", Passive: true}, {Node: "p2", Text: "no token", Passive: true}}, []Channel{{"p1", "p2", []sim.Message{apps.Token{Steps: 3}}}}}
	const want = "snapshot p1#2\n  p1  no token\n  p2  no token\n  p1>p2  Token{3}"
	if s.String() != want || s.Amount() != 1 || s.Terminated() {
		t.Errorf("%q, amount %d, terminated %v", s.String(), s.Amount(), s.Terminated())
	}
	s.Channels = nil
	if !s.Terminated() || s.Amount() != 0 || strings.Contains(s.String(), ">") {
		t.Errorf("%q, amount %d, terminated %v", s.String(), s.Amount(), s.Terminated())
	}
	if s.Parts[1].Passive = false; s.Terminated() {
		t.Error("an active process has terminated")
	}
}
