package sim_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// Fails if a seed comes to mean another run: on another architecture, under the race detector, in another process, or
// after a change to the world. If the change is meant, raise sim.Version and run: go test ./sim -run Golden -update
func TestGoldenHashes(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "simver %d\n", sim.Version)
	for _, p := range fault.Profiles() {
		for seed := range uint64(4) {
			v := world(t, village(), sim.Config{Seed: seed, Faults: p.Name}).Run(0)
			fmt.Fprintf(&b, "%-9s %d %016x after %d events, %d sent\n", p.Name, seed, v.Hash, v.Events, v.Sent)
		}
	}
	const file = "testdata/hashes.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("seeds have another meaning than they had: raise sim.Version and pass -update if that is meant\n got\n%swant\n%s", b.String(), want)
	}
}

// curious is a worker that asks for a pick and ignores it.
func curious(a actor) actor {
	return actor{a.id, func() sim.Node {
		n := a.boot()
		return role{n.Start, func(env sim.Env, from sim.NodeID, m sim.Message) {
			env.Pick("extra", 10)
			n.Handle(env, from, m)
		}}
	}}
}

// Fails if a pick that nobody heeds changes anything: then picks are keyed by when they are asked.
func TestUnrelatedPick(t *testing.T) {
	for seed := range uint64(30) {
		s, extra := village(), village()
		s.Build = withBuild(func(*sim.World, sim.Options) {}, worker("a", "b", "c"), worker("b", "a"), worker("c", "a", "b"))
		extra.Build = withBuild(func(*sim.World, sim.Options) {}, worker("a", "b", "c"), curious(worker("b", "a")), worker("c", "a", "b"))
		a := world(t, s, sim.Config{Seed: seed}).Run(0)
		b := world(t, extra, sim.Config{Seed: seed}).Run(0)
		if a.Hash != b.Hash || a.Events < 100 {
			t.Fatalf("seed %d: %x after %d events without the pick, %x after %d with it", seed, a.Hash, a.Events, b.Hash, b.Events)
		}
	}
}

// pace asks each life and each word for ten numbers.
func pace(words ...string) actor {
	return plays("a", func(env sim.Env) {
		for range 10 {
			for _, w := range words {
				env.Note(note{fmt.Sprint(w, env.Pick(w, 1000))})
			}
		}
	}, nil)
}

// Fails if the picks of one kind depend on those of another, or if a second life picks what the first did.
func TestPicksAreKeyed(t *testing.T) {
	only := func(events []sim.Event, word string) (list []string) {
		for _, e := range of(events, sim.Noted, "a") {
			if s := e.Data.(note).Text; strings.HasPrefix(s, word) {
				list = append(list, s)
			}
		}
		return list
	}
	one, _ := perform(t, stage(pace("x")), 1, "10ms crash a\n20ms restart a\n")
	two, _ := perform(t, stage(pace("y", "x")), 1, "10ms crash a\n20ms restart a\n")
	x := only(one, "x")
	if !reflect.DeepEqual(x, only(two, "x")) || reflect.DeepEqual(x[:10], x[10:]) || x[0] == x[1] {
		t.Errorf("picks of x alone: %v; with others between them: %v", x, only(two, "x"))
	}
}

type left struct{ N int }
type right struct{ N int }

// Stream puts rights into a stream that another type is in, too.
func (right) Stream() string { return "shared" }

type wrong struct{ N int }

func (wrong) Stream() string { return "shared" }

type boxed[T any] struct{ V T }

// streams sends 50 messages of each of three types, round robin, and boxes of two.
func streams(id sim.NodeID) actor {
	return plays(id, func(env sim.Env) {
		for i := range 50 {
			env.After(time.Duration(i+1)*ms, num{i})
		}
	}, func(env sim.Env, from sim.NodeID, m sim.Message) {
		if from == env.ID() {
			n := m.(num).N
			env.Send("b", left{n})
			env.Send("b", right{n})
			env.Send("b", wrong{n})
			env.Send("b", boxed[left]{left{n}})
			env.Send("b", boxed[int]{n})
		}
	})
}

// fates says of each message when it arrived, "" if it did not.
func fates(events []sim.Event) map[string]string {
	list := map[string]string{}
	for _, e := range events {
		if e.Kind == sim.Delivered {
			list[fmt.Sprintf("%T %v", e.Data, e.Data)] += fmt.Sprint(e.At, " ")
		}
	}
	return list
}

// Fails if losing one message changes the fate of any other.
func TestOneMessageLeftOut(t *testing.T) {
	const p = "always law newest-first\nalways loss 20%\nalways repeat 10%\n"
	s := stage(streams("a"), idle("b"))
	for seed := range uint64(10) {
		whole, _ := perform(t, s, seed, p)
		without, _ := perform(t, s, seed, p+"lose a>b left#10\n")
		a, b := fates(whole), fates(without)
		if b["sim_test.left {9}"] != "" {
			t.Fatalf("seed %d: the message was not lost", seed)
		}
		delete(a, "sim_test.left {9}")
		if !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d: the fates of other messages have changed", seed)
		}
	}
}

// Fails if messages of different types in one stream are not counted together, or if the stream of a generic type has
// no readable name.
func TestStreams(t *testing.T) {
	s := stage(streams("a"), idle("b"))
	for line, lost := range map[string]any{
		"lose a>b left#2\n":   left{1},
		"lose a>b shared#3\n": right{1},
		"lose a>b shared#4\n": wrong{1},
		"lose a>b boxed#3\n":  boxed[left]{left{1}},
		"lose a>b boxed#2\n":  boxed[int]{0},
	} {
		events, _ := perform(t, s, 1, line)
		dropped := of(events, sim.Dropped, "b")
		if len(dropped) != 1 || dropped[0].Data != lost || dropped[0].Reason != "planned" {
			t.Errorf("%q: dropped %v, want %v", line, texts(dropped), lost)
		}
	}
}

// Fails if links that keep order lose, repeat or reorder anything without a cut or a crash, under any profile.
func TestOrderedLinks(t *testing.T) {
	arrived, cut := 0, 0
	for _, p := range fault.Profiles() {
		for seed := range uint64(12) {
			s := stage(ticker("a", 250*time.Microsecond, "b", "c"), idle("b"), ticker("c", 500*time.Microsecond, "b"))
			s.Model, s.Run, s.Settle = fault.Model{FIFO: true}, 400*ms, 200*ms
			build := s.Build
			s.Build = func(w *sim.World, o sim.Options) { build(w, o); w.Group(1, "a", "b", "c") }
			w := world(t, s, sim.Config{Seed: seed, Faults: p.Name})
			type link struct{ from, to sim.NodeID }
			next, open := map[link]uint64{}, map[uint64]sim.NodeID{}
			for e := range w.Events(0) {
				switch e.Kind {
				case sim.Sent:
					if at(*e) < 350*ms {
						open[e.Seq] = e.Peer
					}
				case sim.Delivered:
					l := link{e.Peer, e.Node}
					if e.Cause <= next[l] {
						t.Fatalf("%s, seed %d: message %d of %v arrived after %d\n%v", p.Name, seed, e.Cause, l, next[l], w.Plan())
					}
					next[l] = e.Cause
					arrived++
					delete(open, e.Cause)
				case sim.Dropped:
					if e.Reason == "loss" || e.Reason == "planned" {
						t.Fatalf("%s, seed %d: a message was lost: %s", p.Name, seed, e.Reason)
					}
					if e.Reason == "cut" {
						cut++
					}
					delete(open, e.Cause)
				}
			}
			for seq, to := range open {
				if w.Healed(to) {
					t.Fatalf("%s, seed %d: message %d to %s has neither arrived nor been lost", p.Name, seed, seq, to)
				}
			}
			if v := w.Verdict(); v.Faults[fault.Losses]+v.Faults[fault.Duplicates]+v.Faults[fault.Reorders] > 0 {
				t.Fatalf("%s, seed %d: %v", p.Name, seed, v.Faults)
			}
		}
	}
	if arrived < 100_000 || cut < 100 {
		t.Errorf("%d messages arrived and %d were cut off: too few", arrived, cut)
	}
}
