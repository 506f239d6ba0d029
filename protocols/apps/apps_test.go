package apps

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/fault"
)

// alone is a scenario in which an application runs by itself.
func alone(standIn func(App) sim.Node) *sim.Scenario {
	return &sim.Scenario{
		Name:    "alone",
		Options: Options(),
		Check:   CheckOptions,
		Model:   fault.Model{Crash: fault.NoCrash, NoLoss: true, NoDup: true, NoCut: true},
		Build: func(w *sim.World, o sim.Options) {
			load := FromOptions(o)
			for i, id := range load.Topology.Nodes {
				w.Add(id, func() sim.Node {
					if standIn != nil {
						return standIn(load.Boot(i))
					}
					return load.Boot(i)
				})
			}
		},
		Run: 20 * time.Second, Settle: 5 * time.Second,
	}
}

// world makes a run of an application.
func world(t *testing.T, s *sim.Scenario, seed uint64, faults string, settings ...string) (*sim.World, *Workload) {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return w, FromOptions(o)
}

// all returns the processes of a world at its end.
func all(t *testing.T, w *sim.World) (list []App) {
	t.Helper()
	for _, id := range w.Nodes() {
		n, ok := w.Node(id)
		if !ok {
			t.Fatalf("%s cannot be seen", id)
		}
		list = append(list, n.(App))
	}
	return list
}

// Every application on every topology comes to the right end, on links that keep order and on such that do not, and at every moment states
// and messages amount to the total. Fails if an application loses, makes or forgets something, or does not end.
func TestApplicationsEnd(t *testing.T) {
	for _, app := range Names() {
		for _, topology := range TopologyKinds() {
			for seed := range uint64(4) {
				faults := [...]string{"none", "swarm"}[seed%2]
				settings := []string{"app=" + app, "topology=" + topology, fmt.Sprintf("nodes=%d", 2+3*seed)}
				if topology == "random" {
					settings = append(settings, fmt.Sprintf("graph=%d", seed))
				}
				w, load := world(t, alone(nil), seed, faults, settings...)
				under, sent, seen := int64(0), 0, 0
				for e := range w.Events(0) {
					if got, ok := amount(w); ok {
						if seen++; got+under != load.Total() {
							t.Fatalf("%s seed %d at %v: %d in all, want %d", settings, seed, e.At, got+under, load.Total())
						}
					}
					switch m, ok := e.Data.(Message); {
					case ok && e.Kind == sim.Sent:
						under += m.Amount()
						sent++
					case ok && e.Kind == sim.Delivered: // it is told before it is handled
						under -= m.Amount()
					}
				}
				if seen < sent/2 {
					t.Errorf("%v seed %d: the sum was seen %d times only", settings, seed, seen)
				}
				if err := load.Answer(all(t, w)); err != nil || sent < load.Len() {
					t.Errorf("%v seed %d %s: %d messages; %v", settings, seed, faults, sent, err)
				}
			}
		}
	}
}

// amount adds up what all processes hold, if each can be seen: none is in the middle of something.
func amount(w *sim.World) (sum int64, ok bool) {
	for _, id := range w.Nodes() {
		n, ok := w.Node(id)
		if !ok {
			return 0, false
		}
		sum += n.(App).Amount()
	}
	return sum, true
}

// A process restored from the bytes of another goes on as the other does: given the same messages and picks, both do the same and come to the same
// state. Fails if part of a state is left out of its bytes.
func TestRestoredProcessGoesOn(t *testing.T) {
	messages := map[string]sim.Message{"bank": Transfer{5}, "mesh": Ping{1}, "ring": Token{9}, "wordcount": Line{0, "a a late clock"}}
	for _, app := range Names() {
		load := New(app, NewTopology("clique", 3, 0), 6)
		one, env := load.Boot(0), fake.New("p1")
		one.Start(env)
		for step := range 12 {
			saved, err := one.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			two, again := load.Boot(0), fake.New("p1")
			if err := two.UnmarshalBinary(saved); err != nil {
				t.Fatalf("%s step %d: %v", app, step, err)
			}
			if two.String() != one.String() || two.Amount() != one.Amount() || two.Passive() != one.Passive() {
				t.Errorf("%s step %d: restored as %v, it was %v", app, step, two, one)
			}
			env.Take()
			for _, m := range []sim.Message{messages[app], tick{}} {
				one.Handle(env, "p2", m)
				two.Handle(again, "p2", m)
			}
			if a, b := fmt.Sprint(env.Take()), fmt.Sprint(again.Take()); a != b {
				t.Errorf("%s step %d: the restored one sends %s, the other %s", app, step, b, a)
			}
			a, _ := one.MarshalBinary()
			if b, _ := two.MarshalBinary(); !bytes.Equal(a, b) {
				t.Errorf("%s step %d: the states differ: %v and %v", app, step, one, two)
			}
		}
	}
}

// Start sets a timer if there is work to do, and does nothing else: the work itself is not done again. Fails if a restored
// process would send something by being started, or if one that has finished would go on.
func TestStartDoesNothingTwice(t *testing.T) {
	for _, app := range Names() {
		for _, work := range []int{0, 3} {
			env, load := fake.New("p1"), New(app, NewTopology("line", 2, 0), work)
			a := load.Boot(0)
			before := a.String()
			a.Start(env)
			want := 1
			if work == 0 {
				want = 0
			}
			if len(env.Timers) != want || len(env.Sent) != 0 || a.String() != before || a.Passive() != (work == 0) {
				t.Errorf("%s, work %d: %d timers, sent %v, %s", app, work, len(env.Timers), env.Sent, a)
			}
		}
	}
}

// Bytes that are cut short, too long or of another application are refused. Fails if a damaged state would be taken for one.
func TestDamagedStates(t *testing.T) {
	for _, app := range Names() {
		load := New(app, NewTopology("clique", 3, 0), 4)
		a := load.Boot(1)
		if app == "wordcount" {
			a.Handle(fake.New("p2"), "p1", Line{1, "to be or not to be"})
		}
		good, _ := a.MarshalBinary()
		if err := load.Boot(1).UnmarshalBinary(good); err != nil {
			t.Errorf("%s: %v", app, err)
		}
		for n := range good {
			if load.Boot(1).UnmarshalBinary(good[:n]) == nil {
				t.Errorf("%s: %d bytes of %d pass for a state", app, n, len(good))
			}
		}
		if load.Boot(1).UnmarshalBinary(append(good, 0)) == nil {
			t.Errorf("%s: a byte too many passes", app)
		}
	}
	if load := New("mesh", NewTopology("clique", 3, 0), 4); load.Boot(0).UnmarshalBinary([]byte{2, 0, 2, 0, 8}) == nil {
		t.Error("the state of a process with one neighbour passes for that of one with two")
	}
}

// Messages come back as they were; anything else does not pass for one.
func TestEncode(t *testing.T) {
	for _, m := range []sim.Message{Transfer{7}, Token{0}, Line{3, "a late node"}, Word{2, ""}, Ping{-1}} {
		b := Encode(nil, m)
		if got, err := Decode(b); err != nil || got != m {
			t.Errorf("%v became %v (%v)", m, got, err)
		}
		for n := range b {
			if got, err := Decode(b[:n]); err == nil {
				t.Errorf("%d bytes of %v pass for %v", n, m, got)
			}
		}
	}
	if _, err := Decode([]byte{'z', 0}); err == nil {
		t.Error("an unknown kind of message passes")
	}
	defer func() {
		if recover() == nil {
			t.Error("a timer passes for a message")
		}
	}()
	Encode(nil, tick{})
}

// Each kind of wrong end is told apart. Fails if an answer that is wrong in such a way passes for the right one.
func TestAnswerComplains(t *testing.T) {
	clique := NewTopology("clique", 3, 0)
	for _, c := range []struct {
		app   string
		spoil func(all []App)
		want  string
	}{
		{"bank", func(all []App) { all[1].(*Account).balance-- }, "all states together amount to 299, which must be 300"},
		{"bank", func(all []App) { all[2].(*Account).left = 1 }, "p3 has not finished: 100 money, 1 transfers to make"},
		{"ring", func(all []App) { all[0].(*Station).token = false }, "all states together amount to 0, which must be 1"},
		{"ring", func(all []App) { all[0].(*Station).seen++ }, "the token has arrived 1 times, which must be 0"},
		{"mesh", func(all []App) { all[0].(*Peer).sent[1]++ }, "all states together amount to -1, which must be 0"},
		{"mesh", func(all []App) { all[0].(*Peer).sent[1]++; all[1].(*Peer).got[0]++ }, "p1 has sent 0 messages to p2, which has received 1"},
		{"wordcount", func(all []App) { all[0].Handle(fake.New("p1"), "p2", Word{0, "x"}) }, "all states together amount to 1, which must be 0"},
	} {
		load := New(c.app, clique, 0)
		list := []App{load.Boot(0), load.Boot(1), load.Boot(2)}
		if err := load.Answer(list); err != nil {
			t.Errorf("%s: %v", c.app, err)
		}
		c.spoil(list)
		if err := load.Answer(list); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.app, err, c.want)
		}
	}
}

// The counts are compared word by word: fails if one word counted for another, or by the wrong worker, would pass because the sum is right.
func TestWordCountAnswer(t *testing.T) {
	load := New("wordcount", NewTopology("clique", 2, 0), 1)
	good := func() []App {
		list := []App{load.Boot(0), load.Boot(1)}
		env := fake.New("p1")
		list[0].Handle(env, "p1", tick{})
		for _, s := range env.Sent {
			list[1].Handle(fake.New("p2"), "p1", s.Message)
		}
		return list
	}
	list := good()
	if err := load.Answer(list); err != nil {
		t.Fatalf("%v: %v", list, err)
	}
	spoilt := good()[0].(*Worker)
	spoilt.counts[0], spoilt.counts[1] = spoilt.counts[0]+1, spoilt.counts[1]-1
	if err := load.Answer([]App{spoilt, list[1]}); err == nil || !strings.Contains(err.Error(), "which must be") {
		t.Errorf("a word too many: %v", err)
	}
	if err := load.Answer([]App{list[1], list[0]}); err == nil || !strings.Contains(err.Error(), "which is not its word") {
		t.Errorf("workers that have counted each other's words: %v", err)
	}
}

// A thief keeps a transfer now and then; the sum at the end must say so.
type thief struct{ App }

func (p thief) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if x, ok := m.(Transfer); ok && x.Money == 1 {
		return
	}
	p.App.Handle(env, from, m)
}

// Fails if money that vanishes is not missed.
func TestMissingMoney(t *testing.T) {
	w, load := world(t, alone(func(a App) sim.Node { return thief{a} }), 1, "none", "nodes=6")
	w.Run(0)
	if load.Answer(all(t, w)) == nil {
		t.Error("nobody misses the money")
	}
}

// Fails if a setting that would be ignored is accepted.
func TestCheckOptions(t *testing.T) {
	if _, err := alone(nil).ParseOptions([]string{"graph=3", "topology=star"}); err == nil {
		t.Error("graph=3 is let pass where it means nothing")
	}
	if _, err := alone(nil).ParseOptions([]string{"graph=3"}); err != nil {
		t.Error(err)
	}
}

func TestNewPanics(t *testing.T) {
	for what, f := range map[string]func(){
		"application": func() { New("chess", NewTopology("ring", 2, 0), 1) },
		"topology":    func() { NewTopology("torus", 4, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an unknown %s is let pass", what)
				}
			}()
			f()
		}()
	}
}
