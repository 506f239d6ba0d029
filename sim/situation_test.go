package sim_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// mood is a state that prints itself as a word.
type mood uint8

const (
	serene mood = iota
	angry
	furious
)

func (m mood) String() string { return [...]string{"serene", "angry", "furious"}[m] }

// tide is one that counts from below zero, and its words are two.
type tide int

func (x tide) String() string {
	if x < 0 {
		return "far out"
	}
	return [...]string{"low", "high-water"}[x]
}

// These are no states of a machine: none prints itself as a word, or not as different ones.
type (
	serial   uint32
	constant uint8
	unnamed  uint8
)

func (n serial) String() string { return fmt.Sprintf("T%d", uint32(n)) }
func (constant) String() string { return "same" }

// temper is a node whose phase is told by its fields: by those of its own struct and of one within, and not by those that it points to.
type temper struct {
	role
	number serial
	wait   time.Duration
	fixed  constant
	byte   unnamed
	count  int
	inner  struct{ mood mood }
	far    *mood
	tide   tide
}

func (x *temper) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x.count++
	x.number++
	x.fixed++
	x.byte++
	x.wait++
	x.far = new(mood)
	*x.far = mood(x.count % 2)
	x.inner.mood = mood(min(x.count, 2))
	x.tide = tide(1 - x.count)
}

// teller says its phase itself, as far as a message is concerned.
type teller struct {
	role
	mood mood // counts for nothing beside
	seen []int
}

func (x *teller) Phase(about sim.Message) string {
	if m, ok := about.(num); ok && slices.Contains(x.seen, m.N) {
		return "again"
	}
	return "new"
}

func (x *teller) Handle(_ sim.Env, _ sim.NodeID, m sim.Message) {
	if m, ok := m.(num); ok {
		x.seen = append(x.seen, m.N)
	}
	x.mood = furious
}

// moods is a scenario in which it is known who handles what in which phase.
func moods(sends ...sim.Message) *sim.Scenario {
	return stage(
		plays("starter", func(env sim.Env) {
			for _, to := range []sim.NodeID{"temper", "teller", "script", "starter"} {
				for _, m := range sends {
					env.Send(to, m)
				}
			}
		}, nil),
		actor{"temper", func() sim.Node { return &temper{} }},
		actor{"teller", func() sim.Node { return &teller{} }},
		tells("script", func(s *sim.Script) {
			for {
				s.Recv()
			}
		}),
	)
}

// inSituations makes a run, and returns in words what it came by.
func inSituations(t testing.TB, s *sim.Scenario, cfg sim.Config, where *sim.Situations) (met []string, v sim.Verdict) {
	t.Helper()
	cfg.Situations = where
	if cfg.Plan == nil {
		cfg.Plan = plan(t, "always law constant 1ms")
	}
	v = world(t, s, cfg).Run(0)
	return latest(where), v
}

func latest(s *sim.Situations) (met []string) {
	for i, x := range s.Known() {
		if bits := s.Latest(); i/64 < len(bits) && bits[i/64]>>(i%64)&1 == 1 {
			met = append(met, x.String())
		}
	}
	slices.Sort(met)
	return met
}

// Fails if a situation is missed or made up: a phase is that before the message is handled, told by the node or by those of its fields that are states;
// numbers, durations and what always says the same are none.
func TestSituations(t *testing.T) {
	want := []string{
		"role, num", "script, num",
		"teller again, num", "teller new, num",
		"temper angry low, num", "temper furious far out, num", "temper serene low, num",
	}
	got, _ := inSituations(t, moods(num{1}, num{1}, num{2}), sim.Config{}, new(sim.Situations))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Fails if a run is another one because somebody takes down what it came by.
func TestSituationsChangeNothing(t *testing.T) {
	s := moods(num{1}, num{2})
	for seed := range uint64(20) {
		plain := world(t, s, sim.Config{Seed: seed}).Run(0)
		seen := world(t, s, sim.Config{Seed: seed, Situations: new(sim.Situations)}).Run(0)
		if plain.Hash != seen.Hash || plain.Events != seen.Events {
			t.Fatalf("seed %d: hash %x, and %x when situations are taken down", seed, plain.Hash, seen.Hash)
		}
	}
}

// Fails if the latest run has situations of an earlier one, or misses some since its memory is used again: with the same list, with
// another one, and with another scenario between.
func TestSituationsRunAfterRun(t *testing.T) {
	var memory sim.Memory
	var one, other sim.Situations
	small, large := moods(num{1}), moods(num{1}, num{1}, ball{2})
	for i, c := range []struct {
		s     *sim.Scenario
		where *sim.Situations
	}{{small, &one}, {large, &one}, {small, &one}, {small, &other}, {large, &other}, {large, &one}, {small, &one}} {
		want, _ := inSituations(t, c.s, sim.Config{}, new(sim.Situations))
		got, _ := inSituations(t, c.s, sim.Config{Reuse: &memory}, c.where)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("run %d: got %q, want %q", i, got, want)
		}
	}
	if n := len(one.Known()); n != len(other.Known()) || n <= 5 {
		t.Errorf("%d and %d situations are known after the same runs", n, len(other.Known()))
	}
	names := map[string]bool{}
	for _, x := range one.Known() {
		names[x.String()] = true
	}
	if len(names) != len(one.Known()) {
		t.Errorf("a situation is known twice: %v", one.Known())
	}
}

// Fails if a node has no situation after a restart, or if its phase is still that of its last life.
func TestSituationsAfterACrash(t *testing.T) {
	s := stage(
		plays("starter", func(env sim.Env) {
			for i := range 3 {
				env.After(time.Duration(i)*10*ms, num{i})
			}
		}, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Send("temper", m) }),
		actor{"temper", func() sim.Node { return &temper{} }},
	)
	got, _ := inSituations(t, s, sim.Config{Plan: plan(t, "always law constant 1ms\n5ms crash temper for 2ms\n15ms crash temper for 2ms")}, new(sim.Situations))
	if want := []string{"role, num", "temper serene low, num"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Fails if a liar hides the phase of the node within.
func TestSituationsOfALiar(t *testing.T) {
	s := moods(num{1}, num{1})
	s.Model.Byzantine = true
	got, _ := inSituations(t, s, sim.Config{Plan: plan(t, "always law constant 1ms\nalways betray teller drop 100%")}, new(sim.Situations))
	if !slices.Contains(got, "teller again, num") {
		t.Errorf("got %q", got)
	}
}

// chatty mistakes a count for a phase.
type chatty struct {
	role
	n int
}

func (x *chatty) Phase(sim.Message) string { return fmt.Sprint("heard ", x.n) }
func (x *chatty) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x.n++
	env.After(time.Microsecond, m)
}

// Fails if a phase that counts fills the memory of a hunt, or if it takes another run to notice when the situations are known already.
func TestPhaseThatCounts(t *testing.T) {
	s := stage(actor{"a", func() sim.Node {
		return &chatty{role: role{start: func(env sim.Env) { env.After(0, num{1}) }}}
	}})
	var where sim.Situations
	want := `sim: one run came by over 4096 situations, such as "chatty heard 4096, num": a phase is one of a few words`
	for range 2 {
		refuses(t, want, func() { inSituations(t, s, sim.Config{}, &where) })
	}
	if n := len(where.Known()); n != 4097 || !strings.HasPrefix(where.Known()[0].String(), "chatty heard 0") {
		t.Errorf("%d situations are known, the first is %v", n, where.Known()[0])
	}
}
