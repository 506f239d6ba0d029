package steps

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

const ms = time.Millisecond

// stands expects a run to stand at an instant.
func stands(t *testing.T, r *Run, want time.Duration) {
	t.Helper()
	if r.Now() != clock.Time(want) {
		t.Errorf("the run stands at %v, %s: want %v", r.Now(), r.place(), want)
	}
}

// A drummer notes a beat each millisecond, and d1 shouts to d2.
type drummer struct{ beats int }

type (
	beat  struct{ N int }
	tick  struct{}
	shout struct{ N int }
)

func (d *drummer) Start(env sim.Env) { env.After(time.Millisecond, tick{}) }

func (d *drummer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if m != (tick{}) {
		return
	}
	d.beats++
	env.Note(beat{d.beats})
	if env.ID() == "d1" {
		env.Send("d2", shout{d.beats})
	}
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

// Numbers count over the whole run, of messages those that were sent. Fails if one is counted from where the run stands, if messages are counted as
// they arrive, or if a name without a node counts one node alone.
func TestNumbers(t *testing.T) {
	s := band(func() sim.Node { return &drummer{} })
	r := New(t, s)
	r.Only("even")
	r.Lose("d1", "d2", "shout", 2)
	r.RunUntil("note beat#3")
	stands(t, r, 2*ms) // one of each at 1ms
	r.RunUntil("recv d1>d2 shout#3")
	stands(t, r, 4*ms) // sent at 3ms
	r.RunUntil("note d1 beat#5")
	stands(t, r, 5*ms)
	r.RunUntilFunc(func(e *sim.Event) bool { return e.Kind == sim.Noted && e.Node == "d1" })
	stands(t, r, 6*ms)
	r.RunUntil("recv shout")
	stands(t, r, 7*ms)
	r.RunUntil("recv shout")
	stands(t, r, 8*ms)
	r.RunUntil("recv shout#7") // of all that arrive, and one did not
	stands(t, r, 9*ms)
	r.Holds("even")
}

// A judgement by a property goes on for that property. Fails if another one ends the run before.
func TestJudgedByOne(t *testing.T) {
	r := New(t, band(func() sim.Node { return &drummer{} }))
	r.RunUntil("note d2 beat#2")
	r.CrashFor("d2", 10*ms)
	r.Violates("even")
	r = New(t, band(func() sim.Node { return &drummer{} }))
	r.Violates("short")
}

// Fails if what a crash cancels is still counted among the effects to come, so that a later crash cannot be put behind an effect.
func TestEffectsAfterACrash(t *testing.T) {
	r := New(t, paxos.Scenario())
	r.RunUntil("a1 append#1")
	r.RunFor(time.Microsecond) // in the middle of the sync, with more to come
	r.CrashFor("a1", ms)
	for _, event := range []string{"send a1>p1 Promise", "a1 syncdir#1", "a1 size#2"} {
		again := New(t, paxos.Scenario())
		for _, l := range r.Faults() {
			again.Plan(l.String())
		}
		p, err := parsePattern(event, again.world.Nodes())
		if err != nil {
			t.Fatal(err)
		}
		s := seeker{pattern: p}
		for again.step() {
			if s.finds(&again.log.marks[len(again.log.marks)-1], uint64(len(again.log.marks))) {
				again.seen, again.timed = uint64(len(again.log.marks)), false
				break
			}
		}
		if again.timed {
			t.Errorf("there is no %s", event)
		} else {
			again.Crash("a1")
		}
		again.judged = true
		if plan := again.Faults().String(); !strings.Contains(plan, "after effect") {
			t.Errorf("behind %s: %s", event, plan)
		}
	}
	r.Holds()
}

// A fault with a time is told after the event that says most, as long as no event comes in another order than it did. Fails if one
// does, or if a time is told without need.
func TestTimesAreTold(t *testing.T) {
	for line, want := range map[string]string{
		"2ms crash d2 for good":     `w.RunUntil("note d1 beat#1")`,
		"1900us crash d2 for 2.5ms": "w.RunTo(1900 * time.Microsecond)\n\tw.CrashFor(\"d2\", 2500*time.Microsecond)", // else it starts before the fourth beat of d1
	} {
		l, err := fault.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		r := New(t, band(func() sim.Node { return &drummer{} }))
		r.Only("even")
		r.Plan(l.String())
		r.Plan("13ms crash d2 for good")
		c := r.c
		r.Violates("even")
		text, err := Test{Case: c, Property: "even"}.Source()
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: want %s in\n%s\n%v", line, want, text, err)
		}
	}
}

// Fails if a function is taken that tests cannot call, or one that makes something else.
func TestMakers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"lamps.go": "package lamps\nfunc Scenario() *sim.Scenario\nfunc small() *sim.Scenario\nfunc With(n int) *sim.Scenario\nfunc Node() sim.Node\n" +
			"func (l lamp) Scenario() *sim.Scenario\nfunc Two() (*sim.Scenario, error)\n",
		"other_test.go":  "package lamps_test\nfunc other() *sim.Scenario\n",
		"inside_test.go": "package lamps\nfunc inside() *sim.Scenario\nfunc Also() *sim.Scenario\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{"lamps.go": "lamps: Scenario", "other_test.go": "lamps_test: other", "inside_test.go": "lamps: inside, Also", "none.go": ": "} {
		names, pkg := makers(filepath.Join(dir, file))
		if got := pkg + ": " + list(names); got != want {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
}

// Fails if the package of a file is not found: in a module, or where the compiler was told to trim paths.
func TestImportPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("// lamps\nmodule example.com/lamps // the best\n\ngo 1.26\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(dir, "lamps.go"):          "example.com/lamps",
		filepath.Join(dir, "red", "light.go"):   "example.com/lamps/red",
		"example.com/lamps@v1.2.0/red/light.go": "example.com/lamps/red",
		"example.com/lamps@v1.2.0/lamps.go":     "example.com/lamps",
		"simrun/protocols/paxos/scenario.go":    "simrun/protocols/paxos",
	} {
		if got := importPath(file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}
