package twopc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// runOf makes one run.
func runOf(t *testing.T, s *sim.Scenario, cfg sim.Config, settings ...string) sim.Verdict {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options = o
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// ways are the ways to run the protocol that must all be right.
var ways = [][]string{
	nil, {"variant=basic"}, {"variant=presumed-commit"}, {"variant=mixed", "cooperative=false"},
	{"recovery=true"}, {"recovery=true", "variant=mixed"}, {"recovery=true", "cooperative=false", "variant=presumed-commit"},
	{"participants=1"}, {"participants=6", "clients=3", "transactions=6", "no=2"},
}

// The right protocol holds, and what good runs reach now and then is reached.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	s.Sometimes = append(slices.Clone(s.Sometimes), "TookOver", "Outdone", "Opened", "Halted")
	reached, checks := map[string]int{}, map[string]uint64{}
	seeds := uint64(120)
	if testing.Short() {
		seeds = 40
	}
	var memory sim.Memory
	for _, settings := range ways {
		for seed := range seeds {
			v := runOf(t, s, sim.Config{Seed: seed, CheckClones: seed < 10, Reuse: &memory}, settings...)
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
		if name != "Halted" && reached[name] < int(seeds)/4 {
			t.Errorf("%s reached in %d runs", name, reached[name])
		}
	}
	for _, name := range []string{"ac1-agreement", "ac2-stability", "ac3-validity", "ac5-termination", "told", "serializable-lists", "one-decision", "word-kept", "all-fenced", "backed", "invariant"} {
		if checks[name] == 0 {
			t.Errorf("%s has judged nothing", name)
		}
	}
}

// Without faults all yes means commit, in each variant, though messages take as long as they may and locks are waited
// for: fails if a time-out is too short, or if ac4 judges nothing.
func TestNobodyGivesUpWithoutFaults(t *testing.T) {
	for _, settings := range ways {
		for _, law := range []string{"constant 1ms", "constant 20ms", "uniform 1ms 20ms"} {
			plan, err := fault.Parse("always law " + law + "\n")
			if err != nil {
				t.Fatal(err)
			}
			judged := uint64(0)
			for seed := range uint64(10) {
				v := runOf(t, Scenario(), sim.Config{Seed: seed, Plan: &plan}, append(slices.Clone(settings), "no=0", "transactions=6")...)
				if v.Outcome != sim.OK {
					t.Errorf("%v, %s: seed %d: %v %s: %s", settings, law, seed, v.Outcome, v.Property, v.Why)
				}
				for _, c := range v.Checks {
					if c.Property == "ac4-nontriviality" {
						judged += c.Checks
					}
				}
			}
			if judged == 0 {
				t.Errorf("%v, %s: ac4 judges nothing", settings, law)
			}
		}
	}
}

// Whatever a node does, it may crash after it, and all is well when it is back: the coordinator, the recovery coordinator and a
// participant, after each of their effects, in each variant, and the coordinator as a story too. With a recovery coordinator
// c need not come back. After 850ms the client is the first to ask it.
func TestCrashAfterEveryEffect(t *testing.T) {
	crashes := 0
	told := [][]string{{"script=true"}, {"script=true", "variant=basic"}, {"script=true", "variant=presumed-commit"}}
	for _, settings := range append(slices.Clone(ways[:7]), told...) {
		settings = append(slices.Clone(settings), "clients=1", "transactions=1")
		recovery := slices.Contains(settings, "recovery=true")
		for _, votes := range []string{"yyy", "yny"} {
			for _, end := range []string{"c for 50ms", "c for 850ms", "c for good", "p1 for 50ms", "p2 for 400ms"} {
				if end == "c for good" && !recovery {
					continue
				}
				node, down, _ := strings.Cut(end, " ")
				for k := 1; ; k++ {
					plan, err := fault.Parse(fmt.Sprintf("always law constant 1ms\nalways ties ordered\nalways unsynced lose\ncrash %s after effect %d %s", node, k, down))
					if err != nil {
						t.Fatal(err)
					}
					v := runOf(t, Scenario(), sim.Config{Plan: &plan}, append(slices.Clone(settings), "votes="+votes)...)
					if v.Faults[fault.Crashes] == 0 {
						break // it does no more
					}
					if crashes++; v.Outcome != sim.OK {
						t.Errorf("%v votes=%s, %s after effect %d: %v %s: %s", settings, votes, end, k, v.Outcome, v.Property, v.Why)
					}
				}
			}
		}
	}
	if crashes < 500 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes", crashes)
}

// A run in which somebody waits for ever stalls, and the reason says who waits for whom. Fails if liveness is taken for
// granted, or if a stall is not explained.
func TestStallsAreExplained(t *testing.T) {
	for _, c := range []struct {
		plan, property string
		settings       []string
		want           []string
	}{
		{"4.5ms crash c for good", "ac5-termination", nil,
			[]string{"p1, p2 and p3 are prepared in T1, with x1, y1, x2, y2, x3 and y3 locked, and wait for one another, and for c, which crashed at 4.5ms"}},
		{"4.5ms crash c for good", "ac5-termination", []string{"cooperative=false"},
			[]string{"p1, p2 and p3 are prepared in T1, with x1, y1, x2, y2, x3 and y3 locked, and wait for c, which crashed at 4.5ms"}},
		{"4.5ms crash c for good\n5ms crash p3 for good", "ac5-termination", nil,
			[]string{"p1 and p2 are prepared in T1, with x1, y1, x2 and y2 locked, and wait for one another, and for c, which crashed at 4.5ms, and for p3, which crashed at 5ms"}},
		{"2.5ms crash c for good", "told", nil, []string{"k1 has put T1 to the vote and waits for c, which crashed at 2.5ms"}},
		{"0.5ms crash c for good", "told", nil, []string{"k1 has asked for a transaction and waits for c, which crashed at 500µs"}},
		{"4.5ms crash c for good\n5ms crash p3 for good", "ac5-termination", []string{"recovery=true"},
			[]string{"p1 and p2 are prepared in T1, with x1, y1, x2 and y2 locked, and wait for one another, and for c, which crashed at 4.5ms, and for p3, which crashed at 5ms, and for r, which has taken T1 over and waits for p3, which crashed at 5ms"}},
		{"3.5ms crash p1 for good\n3.5ms crash p2 for good\n3.5ms crash p3 for good\ncrash c after effect 10 for 5ms", "told", nil,
			[]string{"k1 has put T1 to the vote and waits for c, which has no record of T1 and waits for p1, p2 and p3, which crashed at 3.5ms"}},
		{"always unsynced lose\ncrash c after effect 18 for good\ncrash p1 after effect 15 for 10ms", "ac5-termination", []string{"variant=presumed-commit"},
			[]string{"p1, p2 and p3 are prepared in T1, with x1, y1, x2, y2, x3 and y3 locked, and wait for one another, and for c, which crashed at"}},
		{"crash c after effect 16 for good\n6.5ms cut p1 | c,p2,p3,k1 for good", "ac5-termination", nil,
			[]string{"p2 and p3 are prepared in T1, with x2, y2, x3 and y3 locked, and wait for one another, and for c, which crashed at", "p1, who knows, is cut off"}},
	} {
		plan, err := fault.Parse("always law constant 1ms\nalways sync 100µs\nalways ties ordered\n" + c.plan)
		if err != nil {
			t.Fatal(err)
		}
		v := runOf(t, Scenario(), sim.Config{Plan: &plan}, append(c.settings, "clients=1", "transactions=1", "no=0")...)
		if v.Outcome != sim.Stalled || v.Property != c.property {
			t.Errorf("%s: %v %s: %s", c.plan, v.Outcome, v.Property, v.Why)
		}
		for _, want := range c.want {
			if !strings.Contains(v.Why, want) {
				t.Errorf("%s: %q does not say %q", c.plan, v.Why, want)
			}
		}
	}
}

// A decision that does not bind waits for whoever should hold it: fails if a coordinator is silent about that, or still says
// it when it binds.
func TestUnboundDecisionsAreWaitedFor(t *testing.T) {
	c, env := coordinator(recoverable)
	c.Handle(env, "k1", Begin{1})
	c.Handle(env, "k1", request(t1, PresumedAbort))
	c.Handle(env, "p1", vote(t1, true))
	c.Handle(env, "p2", vote(t1, true))
	w := c.waits("c", nil)
	if len(w) != 1 || w[0].State != "has told a decision on T1 that nobody holds yet" || !slices.Equal(w[0].For, []sim.NodeID{"p1", "p2"}) {
		t.Errorf("it waits: %v", w)
	}
	c.Handle(env, "p2", Ack{Tx: t1, Commit: true})
	if w := c.waits("c", nil); len(w) != 0 {
		t.Errorf("the decision binds, and it waits: %v", w)
	}
}

// The votes that are set, and what is wrong with others.
func TestVotes(t *testing.T) {
	v := parseVotes("yn/ny", 0)
	var got []string
	for n := range uint32(3) {
		for number := range 3 {
			got = append(got, yesNo(v.yes(nil, number+1, Tx{1, 1, n + 1})))
		}
	}
	if s := strings.Join(got, " "); s != "yes no yes no yes yes no yes yes" {
		t.Errorf("votes are %s", s)
	}
	for text, ok := range map[string]bool{"": true, "y": true, "yyn/nny": true, "yxn": false, "yes": false, "y n": false} {
		if err := checkVotes(text); (err == nil) != ok {
			t.Errorf("votes=%s: %v", text, err)
		}
	}
}

// Two nodes crash, each after any of its effects in a run of one transaction, and come back: the coordinator and a
// participant, or two participants. With a recovery coordinator c need not come back.
func TestTwoCrashesAfterEveryEffect(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand runs")
	}
	s, pairs := Scenario(), 0
	var memory sim.Memory
	for _, settings := range ways[:7] {
		o, err := s.ParseOptions(append(slices.Clone(settings), "clients=1", "transactions=1", "participants=2", "no=0"))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range [][3]string{{"c", "for 20ms", "p1"}, {"p1", "for 20ms", "p2"}, {"c", "for good", "p1"}} {
			if x[1] == "for good" && !o.Bool("recovery") {
				continue
			}
			both := func(i, j int) (crashes uint64) {
				text := fmt.Sprintf("always law constant 1ms\nalways ties ordered\nalways unsynced lose\ncrash %s after effect %d %s\ncrash %s after effect %d for 300ms", x[0], i, x[1], x[2], j)
				plan, err := fault.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				w, err := s.World(sim.Config{Plan: &plan, Options: o, Reuse: &memory})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				if pairs++; v.Outcome != sim.OK {
					t.Errorf("%v:\n%s: %v %s: %s", settings, text, v.Outcome, v.Property, v.Why)
				}
				return v.Faults[fault.Crashes]
			}
			for i := 1; ; i++ {
				j := 1
				for both(i, j) == 2 {
					j++
				}
				if j == 1 {
					break // the first does no more
				}
			}
		}
	}
	t.Logf("%d pairs", pairs)
	if pairs < 4000 {
		t.Errorf("only %d pairs", pairs)
	}
}

// With spare=1 a participant may die for good, and all others must decide. Fails if such a run stalls, if nobody was asked to decide, or if it
// counts as within the model where no participant can be spared.
func TestSpareParticipant(t *testing.T) {
	for spare, outside := range map[string]bool{"spare=0": true, "spare=1": false} {
		plan, err := fault.Parse("1ms crash p1 for good\n")
		if err != nil {
			t.Fatal(err)
		}
		v := runOf(t, Scenario(), sim.Config{Plan: &plan}, spare)
		i := slices.IndexFunc(v.Checks, func(c sim.Check) bool { return c.Property == "ac5-termination" })
		if v.Outcome != sim.OK || i < 0 || v.Checks[i].Checks == 0 || len(v.Outside) > 0 != outside {
			t.Errorf("%s: %v %s, outside %v", spare, v.Outcome, v.Why, v.Outside)
		}
	}
}

// Fails if the option readers is not obeyed: with 0 each participant is appended to, with 100 none is, and in between there are both;
// or if transactions of such a kind are not serializable.
func TestReadersOnlyRead(t *testing.T) {
	for _, c := range []struct {
		readers      string
		append, read bool // there are parts that append, and parts that do not
	}{{"0", true, false}, {"50", true, true}, {"100", false, true}} {
		o, err := Scenario().ParseOptions([]string{"readers=" + c.readers})
		if err != nil {
			t.Fatal(err)
		}
		appends, reads := 0, 0
		for seed := range uint64(10) {
			w, err := Scenario().World(sim.Config{Seed: seed, Options: o})
			if err != nil {
				t.Fatal(err)
			}
			for e := range w.Events(0) {
				m, ok := e.Data.(CanCommit)
				switch {
				case !ok || e.Kind != sim.Sent:
				case len(m.Ops) == 2 && m.Ops[0].Kind == Append && m.Ops[1].Kind == Read:
					appends++
				case len(m.Ops) == 1 && m.Ops[0].Kind == Read:
					reads++
				default:
					t.Fatalf("readers=%s: a part is %v", c.readers, m.Ops)
				}
			}
			if v := w.Verdict(); v.Outcome != sim.OK {
				t.Errorf("readers=%s, seed %d: %v", c.readers, seed, v)
			}
		}
		if appends > 0 != c.append || reads > 0 != c.read {
			t.Errorf("readers=%s: %d parts append and %d only read", c.readers, appends, reads)
		}
	}
}
