package steps

import (
	"errors"
	"strings"
	"testing"
	"time"

	"simrun/checkers"

	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/twopc"
	"simrun/sim"
	"simrun/sim/fault"
)

// A run can stand at each of its events, by the name that its log has for it, and a node can crash right behind each of its own effects. Fails if
// a name is not understood or is that of another event, or if a crash comes later than at once.
func TestEveryEvent(t *testing.T) {
	crashes := 0
	for _, x := range []struct {
		s    *sim.Scenario
		set  []string
		node sim.NodeID
	}{
		{paxos.Scenario(), nil, "a1"}, {paxos.Scenario(), []string{"durable=false"}, "p2"}, {twopc.Scenario(), nil, "c"},
		{kootoueg.Scenario(), []string{"nodes=3"}, "p1"}, {independent.Scenario(), []string{"nodes=2", "rate=2"}, "p2"}, {paxoskv.Scenario(), []string{"operations=c1: put x 1; get x"}, "s1"},
	} {
		if crashes == 0 || !testing.Short() {
			crashes += everyEvent(t, x.s, x.set, x.node)
		}
	}
	if crashes < 12 {
		t.Errorf("only %d crashes right behind an effect", crashes)
	}
}

// everyEvent tries up to 150 events of a run.
func everyEvent(t *testing.T, s *sim.Scenario, set []string, node sim.NodeID) (crashes int) {
	all := New(t, s, set...)
	for len(all.log.marks) < 150 && all.step() {
	}
	all.judged = true
	for i := range all.log.marks {
		m := &all.log.marks[i]
		if isMessage(m.kind) && i%3 > 0 || m.kind == sim.DiskDone && i%5 > 0 && m.node != node {
			continue // there are many
		}
		r := New(t, s, set...)
		r.RunUntil(m.name())
		if r.seen != uint64(i+1) {
			t.Errorf("%s: %s is event %d, and RunUntil comes to %d", s.Name, m.name(), i+1, r.seen)
		}
		if isEffect(m.kind) && m.who() == node {
			crashes++
			r.Crash(string(node))
			if l := (*r.c.Config.Plan)[0]; l.Effect == 0 {
				t.Errorf("%s: no crash right behind event %d, %s, but %v", s.Name, i+1, m.name(), l)
			}
		}
		r.judged = true
		r.close()
	}
	return crashes
}

// A drummer notes a beat each millisecond.
type drummer struct{ beats int }

type (
	beat struct{ N int }
	tick struct{}
)

func (d *drummer) Start(env sim.Env) { env.After(time.Millisecond, tick{}) }

func (d *drummer) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	d.beats++
	env.Note(beat{d.beats})
	env.After(time.Millisecond, tick{})
}

// band is a scenario with two drummers. Two properties complain: "short" of the third beat of anybody, and "even" if the nodes ever get out of step
// by three beats, as they do by a crash.
func band(boot func() sim.Node) *sim.Scenario {
	return &sim.Scenario{
		Name: "band", Source: "music.Band()", Run: 20 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("d1", boot)
			w.Add("d2", boot)
		},
		Properties: func(sim.Options) []sim.Property {
			beats := map[sim.NodeID]int{}
			return []sim.Property{
				checkers.Always("short", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
					if e.Data.(beat).N == 3 {
						return true, errors.New("a third beat")
					}
					return true, nil
				}),
				checkers.Always("even", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
					if beats[e.Node]++; beats["d1"] > beats["d2"]+3 {
						return true, errors.New("d1 is ahead")
					}
					return true, nil
				}),
			}
		},
	}
}

// A run that goes on for one property beyond where another ends it is told with Only. Fails if the test that is printed would end there.
func TestOnly(t *testing.T) {
	s := band(func() sim.Node { return &drummer{} })
	r := New(t, s)
	r.Only("even")
	r.RunUntil("note d2 beat#5")
	r.CrashFor("d2", 5*time.Millisecond)
	r.Violates("even")
	text, err := Test{Case: r.c, Property: "even"}.Source()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\tw.Only(\"even\")\n", "\tw.RunUntil(\"note d2 beat#5\")", "\tw.Holds(\"even\")\n", "simtest.Steps(t, music.Band())"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
}

// Fails if a scenario that something decides beside its picks is taken for a mistake of the test.
func TestStepsOfARunThatDiffers(t *testing.T) {
	beats := 0
	s := band(func() sim.Node { return &drummer{beats} })
	var tb trial
	defer func() {
		for _, f := range tb.cleanups {
			f()
		}
	}()
	r := New(&tb, s)
	r.Only("even")
	r.RunUntil("note d1")
	beats = 7
	l, err := fault.ParseLine("3ms crash d2")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.amend(r.with(l)); err == nil || !strings.Contains(err.Error(), "not the same when it is made again") {
		t.Errorf("got %v", err)
	}
}
