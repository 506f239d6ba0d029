package sim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// archipelago is six workers in three zones, in a group that can spare two of them.
func archipelago() *sim.Scenario {
	ids := []sim.NodeID{"a1", "a2", "b1", "b2", "c1", "c2"}
	s := &sim.Scenario{Name: "archipelago", Run: 150 * ms, Settle: 100 * ms}
	s.Build = func(w *sim.World, _ sim.Options) {
		for i, id := range ids {
			w.Add(id, worker(id, ids[(i+1)%6], ids[(i+2)%6]).boot)
		}
		w.Zone("za", "a1", "a2")
		w.Zone("zb", "b1", "b2")
		w.Zone("zc", "c1", "c2")
		w.Group(2, ids...)
	}
	return s
}

// disaster makes up a line in which nodes or zones crash, pause, lose their disks or each other, at a time, after an
// effect or aimed.
func disaster(r *rand.Rand) string {
	names := []string{"a1", "a2", "b1", "b2", "c1", "c2", "za", "zb", "zc", "@num"}
	x, y := r.IntN(9), r.IntN(8)
	if y >= x {
		y++
	}
	one, other := names[x], names[y]
	if strings.HasPrefix(one, "z") && one[1] == other[0] || strings.HasPrefix(other, "z") && other[1] == one[0] {
		other = "rest"
	}
	what := []string{"crash " + one, "crash " + one + " for 7ms", "crash @num for 9ms", "crash " + one + " for good", "loop " + one + " 3x 4ms", "pause " + one,
		"wipe " + one, "partition bridge a1,b1,c1", "flap a2 | " + names[2+r.IntN(4)] + " 4x 3ms", "cut " + one + " | " + other, "cut " + one + " | rest one-way", "cut @num | rest", "restart " + names[r.IntN(9)], "resume " + names[r.IntN(9)],
		"restart " + names[r.IntN(9)], "resume " + names[r.IntN(9)], "heal", "swap a1 b2"}[r.IntN(18)]
	switch r.IntN(5) {
	case 0:
		return fmt.Sprintf("after num#%d %s\n", 1+r.IntN(100), what)
	case 1:
		return fmt.Sprintf("crash %s after effect %d for 6ms\n", one, 1+r.IntN(200))
	}
	return fmt.Sprintf("%dms %s\n", r.IntN(90), what)
}

// disasters is a plan of many of them.
func disasters(r *rand.Rand, budget string) string {
	var b strings.Builder
	for range 12 {
		b.WriteString(disaster(r))
	}
	return budget + b.String()
}

// Fails if more nodes of a group are ever down at once than a budget allows, by whatever line or at the end of faults, or
// if a budget that allows all holds something back.
func TestBudgetOfNodesDown(t *testing.T) {
	for budget, most := range map[string]int{"always budget down\n": 2, "always budget down 1\n": 1, "always budget down 4\n": 4, "always budget down 6\n": 6} {
		spared, reached := uint64(0), 0
		for seed := range uint64(60) {
			w := world(t, archipelago(), sim.Config{Seed: seed, Plan: plan(t, disasters(rand.New(rand.NewPCG(seed, 1)), budget))})
			started := 0
			for e := range w.Events(0) {
				if e.Kind == sim.Started {
					started++
				}
				if started < 6 || e.Kind != sim.Crashed {
					continue
				}
				down := 0
				for _, id := range w.Nodes() {
					if !w.Up(id) {
						down++
					}
				}
				if reached = max(reached, down); down > most {
					t.Fatalf("%q, seed %d: %d nodes are down at %v:\n%v", budget, seed, down, e.At, w.Plan())
				}
			}
			spared += w.Verdict().Spared
		}
		if reached < min(most, 5) || (spared == 0) != (most == 6) {
			t.Errorf("%q: at most %d down, %d faults held back", budget, reached, spared)
		}
	}
}

// trouble is the least number of zones without which all is well: a second opinion, by trying all sets of zones.
func trouble(w *sim.World, paused map[sim.NodeID]bool, lost map[sim.NodeID]bool) int {
	least := 3
	for set := range 8 {
		in := func(id sim.NodeID) bool { return set>>(strings.Index("abc", string(id[0])))&1 == 1 }
		well, n := true, set&1+set>>1&1+set>>2
		for _, x := range w.Nodes() {
			if in(x) {
				continue
			}
			well = well && w.Up(x) && !paused[x] && !lost[x]
			for _, y := range w.Nodes() {
				well = well && (in(y) || !w.Cut(x, y))
			}
		}
		if well {
			least = min(least, n)
		}
	}
	return least
}

// Fails if more zones are ever in trouble at once than a budget allows.
func TestBudgetOfZones(t *testing.T) {
	for budget, most := range map[string]int{"always budget zones\n": 1, "always budget zones 1\n": 1, "always budget zones 2\n": 2} {
		spared, times := uint64(0), 0
		for seed := range uint64(60) {
			w := world(t, archipelago(), sim.Config{Seed: seed, Plan: plan(t, disasters(rand.New(rand.NewPCG(seed, 2)), budget))})
			paused, lost, started := map[sim.NodeID]bool{}, map[sim.NodeID]bool{}, 0
			for e := range w.Events(0) {
				switch l, _ := e.Data.(fault.Line); {
				case e.Kind == sim.Started:
					started++
				case e.Kind == sim.Crashed || e.Kind == sim.Faulted && l.Verb == fault.Resume:
					paused[e.Node] = false
				case e.Kind == sim.Faulted && l.Verb == fault.Pause:
					paused[e.Node] = true
				case e.Kind == sim.Faulted && l.Verb == fault.Wipe:
					lost[e.Node] = true
				case e.Kind == sim.Faulted && l.Verb == fault.Swap:
					lost["a1"], lost["b2"] = true, true
				case e.Kind == sim.Settled:
					clear(paused)
				}
				if started < 6 || e.Kind != sim.Crashed && e.Kind != sim.Faulted && e.Kind != sim.Settled { // nothing else changes who is in trouble
					continue
				}
				n := trouble(w, paused, lost)
				if n == most {
					times++
				}
				if n > most {
					t.Fatalf("%q, seed %d: %d zones in trouble at %v:\n%v", budget, seed, n, e.At, w.Plan())
				}
			}
			spared += w.Verdict().Spared
		}
		if times == 0 || spared == 0 {
			t.Errorf("%q: the budget was spent %d times, %d faults held back", budget, times, spared)
		}
	}
}

// Fails if one line that a budget has no room for happens in part, if what is down already or cured counts twice, or if budgets
// are not independent of one another.
func TestWhatABudgetHoldsBack(t *testing.T) {
	for _, c := range []struct {
		plan, crashed string
		spared        uint64
	}{
		{"always budget down\n10ms crash za\n20ms crash b1\n", "a1 a2", 1},
		{"always budget down\n10ms crash b1\n20ms crash za\n", "b1", 1},
		{"always budget down\n10ms crash a1\n20ms crash za\n", "a1 a2", 0},
		{"always budget down 1\n10ms crash b1\n20ms restart b1\n30ms crash c1\n", "b1 c1", 0},
		{"always budget down 1\n10ms crash b1 for 5ms\n12ms crash c1\n20ms crash c1\n", "b1 c1", 1},
		{"always budget zones\n10ms crash a1\n20ms crash a2\n30ms crash b1\n", "a1 a2", 1},
		{"always budget zones\n10ms cut a1 | b1\n20ms crash c1\n30ms crash b2\n", "b2", 1},
		{"always budget zones\n10ms cut a1 | b1\n20ms heal\n30ms crash c1\n", "c1", 0},
		{"always budget zones\n10ms pause a1\n20ms crash c1\n", "", 1},
		{"always budget zones\n10ms cut a1 | a2\n20ms crash c1\n", "", 1},
		{"always budget zones\n10ms crash b1\n20ms cut za | zc\n30ms crash b2\n", "b1 b2", 1},
		{"always budget zones 2\n10ms cut za | zb\n20ms cut zb | zc\n30ms crash c1\n", "c1", 0},
		{"always budget zones\nalways budget down 4\n10ms crash za\n20ms crash b1\n", "a1 a2", 1},
		{"always budget zones\n10ms partition ring a1,a2,b1,b2,c1\n20ms crash c1\n", "c1", 1},
		{"always budget zones\n10ms flap a1 | b1 3x 5ms\n17ms crash c1\n", "c1", 2},
		{"always budget zones 3\nalways budget down 1\n10ms crash za\n20ms crash b1\n", "b1", 1},
		{"always budget copies 1\n10ms wipe a1\n20ms wipe b1\n30ms crash b1\n", "a1 b1", 1},
		{"always budget copies 1\n10ms wipe a1\n20ms wipe a1\n30ms swap a1 b1\n", "a1", 1},
		{"always budget copies\n10ms swap a1 b1\n20ms wipe c1\n", "a1 b1", 1},
		{"always budget down 1\nalways beyond\n10ms crash za\n20ms crash b1\n", "a1 a2 b1", 0},
	} {
		events, v := perform(t, archipelago(), 1, c.plan)
		var names []string
		for _, e := range of(events, sim.Crashed, "") {
			if at(e) < 100*ms {
				names = append(names, string(e.Node))
			}
		}
		if got := strings.Join(names, " "); got != c.crashed || v.Spared != c.spared {
			t.Errorf("%q: crashed %s, %d held back; want %s and %d", c.plan, got, v.Spared, c.crashed, c.spared)
		}
		if c.spared > 0 && len(v.Idle) != int(c.spared) && !strings.Contains(c.plan, "flap") {
			t.Errorf("%q: what was held back is not idle: %q", c.plan, v.Idle)
		}
	}
}

// ledger writes records to its disk one after another; each third record is on all nodes, the others on one.
func ledger() *sim.Scenario {
	keep := func(id sim.NodeID, records ...string) actor {
		return plays(id, func(env sim.Env) {
			for _, r := range records {
				env.Disk().Append("log", []byte(r))
			}
			env.Disk().Sync("log")
			env.Disk().SyncDir()
		}, nil)
	}
	s := stage(keep("a", "x1", "y1"), keep("b", "x1", "y2"), keep("c", "x2", "y1"), keep("d", "z1"))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Group(1, "a", "b", "c", "d")
		w.Records(func(file string, payload []byte) string { return file + "/" + string(payload) })
	}
	return s
}

// Fails if a budget of copies counts disks and not the copies of a record where the scenario tells records apart.
func TestBudgetOfCopies(t *testing.T) {
	for _, c := range []struct {
		plan, wiped string
		spared      uint64
	}{
		{"always budget copies 1\n10ms wipe a\n20ms wipe b\n30ms wipe c\n40ms wipe d\n", "a d", 2},
		{"always budget copies\n10ms wipe b\n20ms wipe c\n30ms wipe a\n40ms wipe d\n", "b c d", 1},
		{"always budget copies 2\n10ms wipe a\n20ms wipe b\n30ms wipe c\n40ms wipe d\n", "a b c d", 0},
	} {
		events, v := perform(t, ledger(), 1, c.plan)
		if got := who(of(events, sim.Faulted, "")); got != c.wiped || v.Spared != c.spared {
			t.Errorf("%q: wiped %s, %d held back; want %s and %d", c.plan, got, v.Spared, c.wiped, c.spared)
		}
	}
}

// Fails if damage in one place of a disk counts for records in another, or damage that is held back happens.
func TestBudgetOfRot(t *testing.T) {
	for _, c := range []struct {
		plan   string
		rotten uint64
		spared uint64
	}{
		{"always budget copies 1\n10ms rot a log@0\n20ms rot b log@1\n30ms rot b log@2\n40ms latent d log@0\n", 3, 1},
		{"always budget copies 1\n10ms rot a log@3\n20ms rot b log@0\n30ms rot a log@1\n40ms rot c log@3\n", 2, 2},
		{"always budget copies 2\n10ms rot a log@0\n20ms rot b log@0\n30ms rot a log@1\n", 3, 0},
		{"always budget copies 1\n10ms rot a log@0\n20ms wipe b\n30ms wipe d\n", 1, 1},
		{"always budget copies 1\nalways phantom a 100%\nalways phantom b 100%\n", 0, 1},
	} {
		_, v := perform(t, ledger(), 1, c.plan)
		if n := v.Faults[fault.BitRot] + v.Faults[fault.LatentSectors]; n != c.rotten || v.Spared != c.spared {
			t.Errorf("%q: %d places damaged, %d held back; want %d and %d", c.plan, n, v.Spared, c.rotten, c.spared)
		}
	}
}

// patient is a property that is open until all nodes of three are healed.
type patient struct{ checks uint64 }

func (p *patient) Name() string             { return "patience" }
func (p *patient) Observe(*sim.Event) error { p.checks++; return nil }
func (p *patient) Checks() uint64           { return p.checks }
func (p *patient) End(w *sim.World) (sim.Result, error) {
	for _, id := range w.Nodes() {
		if !w.Healed(id) {
			return sim.Open, errors.New("waits for " + string(id))
		}
	}
	return sim.Holds, nil
}

// Fails if a stall beyond the budget is a failure, if a wrong answer there is none, if more than a group can spare never
// stays broken there, or if inside it does.
func TestBeyond(t *testing.T) {
	s := settling(stage(ticker("a", ms, "b"), ticker("b", ms, "c"), ticker("c", ms, "a")), []sim.NodeID{"a", "b", "c"})
	s.Run = 400 * ms
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&patient{}} }
	most := map[bool]int{}
	for seed := range uint64(40) {
		for _, beyond := range []bool{false, true} {
			text := "10ms crash a\n10ms crash b\n"
			if beyond {
				text += "always beyond\n"
			}
			w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, text)})
			v := w.Run(0)
			broken := 0
			for _, id := range w.Nodes() {
				if !w.Healed(id) {
					broken++
				}
			}
			most[beyond] = max(most[beyond], broken)
			switch {
			case broken == 0 && (v.Outcome != sim.OK || len(v.Excused) > 0):
				t.Errorf("seed %d, beyond %v: %v %q with all healed", seed, beyond, v.Outcome, v.Excused)
			case broken > 0 && beyond && (v.Outcome != sim.OK || len(v.Excused) != 1 || !strings.HasPrefix(v.Excused[0], "patience: waits for ")):
				t.Errorf("seed %d: a stall beyond the budget is %v, excused %q", seed, v.Outcome, v.Excused)
			case broken > 0 && !beyond && (v.Outcome != sim.Stalled || len(v.Excused) > 0):
				t.Errorf("seed %d: a stall is %v, excused %q", seed, v.Outcome, v.Excused)
			}
		}
	}
	if most[false] != 1 || most[true] != 3 {
		t.Errorf("left broken: %v, want one, and beyond the budget all three", most)
	}
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&patient{}, noSecond{}} }
	if v := world(t, s, sim.Config{Plan: plan(t, "always beyond\n")}).Run(0); v.Outcome != sim.Violated {
		t.Errorf("a wrong answer beyond the budget is %v", v.Outcome)
	}
}

// noSecond is a property that nothing satisfies.
type noSecond struct{}

func (noSecond) Name() string             { return "no second" }
func (noSecond) Observe(*sim.Event) error { return nil }
func (noSecond) Checks() uint64           { return 1 }
func (noSecond) End(*sim.World) (sim.Result, error) {
	return sim.Holds, errors.New("a second has passed")
}

// Fails if more damaged disks than a group can spare go unmentioned, or if those who have them need to heal.
func TestDamagedDisksAreSpared(t *testing.T) {
	s := settling(stage(idle("a"), idle("b"), idle("c")), []sim.NodeID{"a", "b", "c"})
	s.Run = 400 * ms
	for text, want := range map[string]string{
		"10ms wipe a\n":              "",
		"10ms wipe a\n20ms wipe b\n": "damaged disks: a, b, where a, b, c can spare 1",
	} {
		for seed := range uint64(20) {
			w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, text)})
			v := w.Run(0)
			var disks []string
			for _, o := range v.Outside {
				if strings.HasPrefix(o, "damaged") {
					disks = append(disks, o)
				}
			}
			if got := strings.Join(disks, "; "); got != want {
				t.Fatalf("%q: outside %q, want %q", text, got, want)
			}
			if w.Healed("a") || !w.Healed("c") || !w.Up("a") {
				t.Fatalf("%q, seed %d: a is healed, or c is not, or a has not come back", text, seed)
			}
		}
	}
}
