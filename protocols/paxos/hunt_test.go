package paxos

import (
	"slices"
	"strings"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Mistakes on purpose, and the property that must catch each. The figures in the log are seeds to the
// first find; beside them is what small throw-away models needed.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake  string
		settings []string
		inner    string // the property inside that must complain; "" if none can
		outer    string // the one outside
		bound    uint64
		models   string
	}{
		{"answers before it syncs", []string{"durable=false"}, "backed", "agreement", 2000, "604 and 82"},
		{"quorum one too small", []string{"acceptors=4", "quorum=2"}, "safe-at", "agreement", 500, "34"},
		{"ignores the values in promises", []string{"mistake=deaf"}, "safe-at", "agreement", 200, "1.6"},
		{"two proposers with the same ballots", []string{"mistake=same-ballots"}, "one-value-per-ballot", "agreement", 500, "18"},
		{"forgets its promise on restart", []string{"mistake=forgets-promises"}, "promise-monotone", "agreement", 5000, "604"},
		{"counts acceptances of different ballots", []string{"mistake=adds-ballots-up"}, "", "integrity", 5000, "23000"},
	} {
		f := trial.Hunt(t, Scenario(), sim.Config{Options: trial.Options(t, Scenario(), c.settings...)}, 1, c.bound, trial.InnerAnd(c.outer))
		t.Logf("%-40s seeds to find: inner %d, outer %d; small models: %s; seen by %v", c.mistake, f.Inner, f.Of(c.outer), c.models, f.Seen)
		for _, p := range []string{c.inner, c.outer} {
			if p != "" && !f.All(p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
	}
}

// The mistake that breaks no promise of safety: proposers that never back off preempt one another for ever. It needs enough of them, and a network that is not in step. Fails
// if it is not told as a livelock within a few seeds, or if proposers that do back off stall.
func TestDuelIsALivelock(t *testing.T) {
	for _, c := range []struct {
		mistake string
		seeds   uint64
		caught  bool
	}{{"no-back-off", 40, true}, {"none", 12, false}} {
		o := trial.Options(t, Scenario(), "acceptors=9", "proposers=5", "mistake="+c.mistake)
		caught := false
		for seed := uint64(1); seed <= c.seeds && !caught; seed++ {
			v := trial.World(t, Scenario(), sim.Config{Seed: seed, Faults: "none", Options: o}).Run(0)
			if v.Outcome == sim.OK {
				continue
			}
			caught = true
			t.Logf("mistake=%s: seed %d: %s", c.mistake, seed, v.Why)
			if v.Outcome != sim.Stalled || v.Property != "termination" || !strings.Contains(v.Why, "; a livelock: ") || len(v.Violations) > 0 {
				t.Errorf("mistake=%s, seed %d: %v %s: %s", c.mistake, seed, v.Outcome, v.Property, v.Why)
			}
		}
		if caught != c.caught {
			t.Errorf("mistake=%s, %d seeds: caught %v", c.mistake, c.seeds, caught)
		}
	}
}

// A proposer that never backs off begins its next ballot in the same step in which it gives one up, but not more ballots than it has, and none when it knows.
func TestRash(t *testing.T) {
	for _, c := range []struct {
		name    string
		ballots int
		then    []sim.Message
		want    string
	}{
		{"preempted", 0, []sim.Message{Refused{Ballot: b11, Promised: b12}}, "has asked for promises in ballot 2.1"},
		{"overdue", 0, []sim.Message{overdue{b11}}, "has asked for promises in ballot 2.1"},
		{"one ballot left", 2, []sim.Message{overdue{b11}}, "has asked for promises in ballot 2.1"},
		{"no ballot left", 1, []sim.Message{overdue{b11}}, "has not begun its ballot number 2"},
		{"another ballot's refusal", 0, []sim.Message{Refused{Ballot: b12, Promised: b21}}, "has asked for promises in ballot 1.1"},
		{"knows", 0, []sim.Message{Promise{Ballot: b11}, Accepted{Ballot: b11, Value: "A"}}, "has not begun its ballot number 2"},
	} {
		env := fake.New("p1")
		p := proposer(1, 0)
		p.ballots, p.need = c.ballots, 1
		r := rash{p}
		r.Start(env)
		r.Handle(env, "p1", begin{})
		for _, m := range c.then {
			r.Handle(env, "a1", m)
		}
		if got := waitOf("p1", r).State; got != c.want {
			t.Errorf("%s: it %s, want %s", c.name, got, c.want)
		}
	}
}

// A rash proposer gives nothing up before it has begun: fails if words of an earlier life make it begin.
func TestRashWaitsForItsTime(t *testing.T) {
	env := fake.New("p1")
	r := rash{proposer(1, 0)}
	r.Start(env)
	r.Handle(env, "a1", Refused{Ballot: b11, Promised: b12})
	r.Handle(env, "l1", Ask{})
	if got := waitOf("p1", r).State; got != "has not begun its ballot number 1" || len(env.Take()) != 0 {
		t.Errorf("it %s", got)
	}
}

// An acceptor that answers before it syncs is found at once by what it says, and by two decisions within
// 2000 seeds in most of twenty disjoint ranges: fails if the default profile has become too tame for it.
func TestSeedsToFindAnUnsyncedAnswer(t *testing.T) {
	const ranges, length = 20, 2000
	var inner, outer []uint64
	cfg := sim.Config{Options: trial.Options(t, Scenario(), "durable=false")}
	for r := range uint64(ranges) {
		first := 1 + r*length
		f := trial.Hunt(t, Scenario(), cfg, first, first+length-1, trial.InnerAnd("agreement"))
		for _, x := range []struct {
			found uint64
			seeds *[]uint64
		}{{f.Inner, &inner}, {f.Of("agreement"), &outer}} {
			if x.found == 0 {
				x.found = first + length // not in this range
			}
			*x.seeds = append(*x.seeds, x.found-first+1)
		}
	}
	slices.Sort(inner)
	slices.Sort(outer)
	t.Logf("seeds to find, in %d ranges: inner median %d, most %d; outer median %d, most %d", ranges, inner[ranges/2], inner[ranges-1], outer[ranges/2], outer[ranges-1])
	if inner[ranges/2] > 3 || outer[ranges/2] > length {
		t.Errorf("the medians are %d and %d seeds, want at most 3 and %d", inner[ranges/2], outer[ranges/2], length)
	}
}

// A mute acceptor hears everything and says nothing.
type mute struct{ *Acceptor }

func (mute) Handle(sim.Env, sim.NodeID, sim.Message) {}

// Fails if a run in which nobody can learn anything counts as ended, or
// the reason does not say who waits for whom.
func TestTerminationComplains(t *testing.T) {
	s := scenario(cast{acceptor: func(a *Acceptor) sim.Node { return mute{a} }})
	w, err := s.World(sim.Config{Seed: 1, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.Stalled || v.Property != "termination" {
		t.Fatalf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
	for _, want := range []string{"which has not begun its ballot", "p2 has asked for promises in ballot", "and waits for a1, a2 and a3, which are up and say nothing", "l1 has learnt nothing"} {
		if !strings.Contains(v.Why, want) {
			t.Errorf("%q does not say %q", v.Why, want)
		}
	}
}

// The right protocol holds, and what good runs reach now and then is reached.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	reached := map[string]int{}
	checks := map[string]uint64{}
	for _, settings := range [][]string{nil, {"acceptors=5", "proposers=3", "learners=2"}, {"acceptors=1", "proposers=1", "learners=0"}, {"acceptors=4", "proposers=5"}} {
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(150) {
			w, err := s.World(sim.Config{Seed: seed, Options: o, CheckClones: true})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK {
				t.Errorf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, name := range v.Sometimes {
				reached[name]++
			}
			for _, c := range v.Checks {
				checks[c.Property] += c.Checks
			}
		}
	}
	for _, name := range s.Sometimes {
		if reached[name] < 20 {
			t.Errorf("%s reached in %d runs of 600", name, reached[name])
		}
	}
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
}
