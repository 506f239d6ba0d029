package sim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// archivist does to its disk all that can be done to it, and tells what it finds when it starts.
func archivist(id, peer sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{
			func(env sim.Env) {
				names, _ := env.Disk().List()
				for _, name := range names {
					p := make([]byte, 9000)
					n, err := env.Disk().ReadAt(name, p, 0)
					env.Note(note{fmt.Sprintf("%s %q %v", name, p[:n], err)})
				}
				env.After(ms/2, note{"tick"})
			},
			func(env sim.Env, _ sim.NodeID, m sim.Message) {
				if m != (note{"tick"}) {
					return
				}
				n++
				rummage(env, fmt.Sprint("f", env.Pick("file", 3)), n)
				env.Send(peer, num{n})
				env.After(ms, m)
			},
		}
	}}
}

func rummage(env sim.Env, name string, n int) {
	d := env.Disk()
	switch env.Pick("what", 9) {
	case 0:
		d.Append(name, []byte(fmt.Sprint(env.ID(), n)))
	case 1:
		d.WriteAt(name, make([]byte, 1100), int64(env.Pick("where", 3000)))
	case 2:
		d.Truncate(name, int64(env.Pick("size", 4000)))
	case 3:
		d.Rename(name, fmt.Sprint("f", env.Pick("to", 3)))
	case 4:
		d.Remove(name)
	case 5:
		d.SyncDir()
	case 6:
		env.SyncThen(name, note{"synced"})
	default:
		d.Sync(name)
	}
}

// stops is a property of facts that complains, or panics, at the nth of them.
type stops struct {
	n, seen int
	how     string
}

func (x *stops) Name() string        { return "stops" }
func (x *stops) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }
func (x *stops) Checks() uint64      { return uint64(x.seen) }
func (x *stops) Finished() bool      { return x.how == "finished" && x.seen >= x.n }
func (x *stops) Inner() bool         { return x.how == "inner" }
func (x *stops) End(*sim.World) (sim.Result, error) {
	return sim.Open, errors.New("never seen enough")
}
func (x *stops) Observe(*sim.Event) error {
	if x.seen++; x.seen != x.n {
		return nil
	}
	if x.how == "panic" {
		panic("the property breaks")
	}
	if x.how == "finished" {
		return nil
	}
	return errors.New("enough")
}

// zoo is a handful of scenarios as unlike as can be: with one node and with many, with scripts, with options, and with
// every way to end.
func zoo() []*sim.Scenario {
	crowd := stage()
	crowd.Build = func(w *sim.World, o sim.Options) {
		for i := range o.Int("nodes") {
			peers := []sim.NodeID{"n0", "n1"}
			if i < 2 { // nobody answers itself without end
				peers = peers[1-i : 2-i]
			}
			a := ticker(sim.NodeID(fmt.Sprint("n", i)), 3*ms, peers...)
			w.Add(a.id, a.boot)
		}
		w.Group(1, "n0", "n1", "n2")
	}
	crowd.Options = []sim.Option{{Name: "nodes", Default: 5, Min: 3, Max: 40}}
	crowd.Run = 15 * ms
	list := []*sim.Scenario{
		village(), crowd, crashing(), stage(tells("a", scriptThatBreaks), worker("b")),
		settling(stage(archivist("a", "b"), archivist("b", "a"), worker("c", "a")), []sim.NodeID{"a", "b", "c"}),
		stage(idle("a")), stage(tells("a", stubborn), worker("b", "a")),
	}
	for _, how := range []string{"outer", "inner", "finished", "panic"} {
		s := village()
		s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&stops{n: 20, how: how}} }
		list = append(list, s)
	}
	list[4].Run, list[4].Settle = 60*ms, 40*ms
	return list
}

// stubborn does not want to end: it catches what unwinds it, a few times.
func stubborn(s *sim.Script) {
	for range 5 {
		func() {
			defer func() { recover() }()
			for {
				s.Send("b", num{1})
				s.Sleep(2 * ms)
			}
		}()
	}
}

// ending is how a run came to its end: its verdict, or what it panicked with, and how many events a loop saw.
type ending struct {
	Verdict sim.Verdict
	Panic   string
	Seen    int
}

// goes drives a run, in one of several ways, and keeps what can be known of it.
func goes(t *testing.T, s *sim.Scenario, cfg sim.Config, way int) (x ending) {
	w := world(t, s, cfg)
	defer func() {
		if v := recover(); v != nil {
			x.Panic = fmt.Sprint(v)
			if way%2 == 0 { // some ask for a verdict all the same
				x.Verdict = w.Verdict()
			}
		}
	}()
	switch way {
	case 0, 1:
		x.Verdict = w.Run(0)
		return x
	case 2:
		w.Close() // never run
		return x
	}
	r := rand.New(rand.NewPCG(cfg.Seed, 9))
	injected := 0
	for e := range w.Events(time.Duration(way) * 10 * ms) {
		x.Seen++
		switch {
		case way == 3 && e.Seq == cfg.Seed%100:
			return x // without a verdict of its own
		case way == 4 && e.Seq == cfg.Seed%200:
			panic("the observer breaks")
		case way == 5 && injected < 60 && r.IntN(9) == 0: // a fault makes events, on each of which others would follow
			injected++
			_ = w.Inject(anyLine(r, w.Nodes()))
		}
	}
	x.Verdict = w.Verdict()
	return x
}

// Fails if anything of a run in used memory differs from the same run in new memory, whatever the runs before it were
// and however they ended: with a panic of a node, of a property or of an observer, by a violation, left in the middle,
// or never begun.
func TestMemoryCarriesNothingOver(t *testing.T) {
	var m sim.Memory
	scenarios, profiles := zoo(), fault.Profiles()
	endings := map[string]int{}
	r := rand.New(rand.NewPCG(1, 1))
	for seed := range uint64(300) {
		s := scenarios[r.IntN(len(scenarios))]
		cfg := sim.Config{Seed: seed, Faults: profiles[r.IntN(len(profiles))].Name, CheckClones: r.IntN(3) == 0}
		if len(s.Options) > 0 {
			cfg.Options, _ = s.ParseOptions([]string{fmt.Sprint("nodes=", 3+r.IntN(16))})
		}
		if r.IntN(4) == 0 {
			cfg.Only = "panic"
		}
		if r.IntN(3) == 0 {
			cfg.Faults, cfg.Plan = "", plan(t, "always read 40µs\nalways write 90µs\nalways unsynced mix\nalways ties shuffled\n")
		}
		way := r.IntN(6)
		want := goes(t, s, cfg, way)
		cfg.Reuse = &m
		if got := goes(t, s, cfg, way); !reflect.DeepEqual(got, want) {
			t.Fatalf("run %d, of %s, driven in way %d:\nin used memory %+v\nin new memory  %+v", seed, s.Name, way, got, want)
		}
		endings[fmt.Sprint(want.Verdict.Outcome, " ", want.Verdict.Property, want.Panic)]++
	}
	for _, want := range []string{"ok ", "violated panic", "violated stops", "stalled stops", "ok the observer breaks", "ok the property breaks"} {
		if endings[want] == 0 {
			t.Errorf("no run ended so: %q; they ended %v", want, endings)
		}
	}
}
