package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// hunted is a hunt with something of everything, and what it found.
func hunted() (*search.Hunt, *search.Summary) {
	h := &search.Hunt{Scenario: &sim.Scenario{Name: "paxos", Sometimes: []string{"Adopted", "Rewarded"}}, To: 2000}
	inner, outer := uint64(3), uint64(0x2a)
	sum := &search.Summary{
		Runs: 2000, OK: 1990, Violated: 7, Stalled: 2, Unknown: 1, Events: 600_000, Sent: 100_000, Late: 2500, Virtual: 5 * time.Hour, Elapsed: 4 * time.Second,
		Sometimes:  []search.Share{{Name: "Adopted", Runs: 301}, {Name: "Rewarded"}},
		Checks:     []search.CheckSum{{Name: "agreement", Checks: 4000, Runs: 1999, Unknown: 1}, {Name: "safe-at", Inner: true}},
		Tallies:    []sim.Tally{{Name: "operations", N: 200_000}, {Name: "operations unknown", N: 12}},
		FirstInner: &inner, FirstOuter: &outer, Failing: []uint64{0x2a, 0x40},
		Failures: []search.Failure{
			{Seed: 0x2a, Outcome: sim.Violated, Property: "agreement", Why: "p1 decided A, but p2 decided B", Signature: "agreement: N decided N, but N decided N",
				Count: 7, Verdict: sim.Verdict{Hash: 0xff}, File: seedfile.File{Scenario: "paxos", Seed: 0x2a, Hash: 0xff}},
			{Seed: 0x40, Outcome: sim.Stalled, Property: "termination", Why: "p1 waits", Count: 1, File: seedfile.File{Scenario: "paxos", Seed: 0x40}},
		},
	}
	sum.Faults[fault.Crashes], sum.FaultRuns[fault.Crashes], sum.Enabled[fault.Crashes] = 5000, 1500, 1600
	sum.Enabled[fault.TornWrites] = 1200
	return h, sum
}

// into returns a command whose output is collected.
func into(out, err *strings.Builder) *command {
	return &command{ctx: context.Background(), out: bufio.NewWriter(out), outFile: out, err: err, name: "simrun", program: "simrun"}
}

// It fails if the summary of a hunt changes or leaves something out: what
// was found, what was tested, what was not.
func TestTellHunt(t *testing.T) {
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	h, sum := hunted()
	c.tellHunt(h, sum, c.makeSmall(h, sum, shrinkBudget{none: true}, nil), false)
	c.out.Flush()
	want := `seed 0x2a  violated agreement  (7 seeds fail so)
  why     p1 decided A, but p2 decided B
  replay  simrun replay TOKEN

seed 0x40  stalled termination  (1 seed fails so)
  why     p1 waits
  replay  simrun replay TOKEN

paxos  2,000 runs in 4s, 500 a second
  verdicts    1,990 ok, 7 violated, 2 stalled, 1 unknown (<0.1 %)
  failing     0x2a, 0x40 and 7 more
  first seed  inner violation: 0x3 (4 runs), outer: 0x2a (43 runs)
  events      600,000, 300 a run, in 5.0 hours of virtual time
  messages    100,000 sent, 2.5 % of them took longer than 50ms
  figures     200,000 operations, 12 operations unknown
  faults      crash                 5,000 times, in  75.0 % of runs (possible in 80.0 %)
              possible, and never happened: torn-write (in 60.0 %)
  properties  agreement                           4,000 checks, in  99.9 % of runs, unknown in <0.1 %
              safe-at (inner)              never judged
  reached     Adopted                      in  15.0 % of runs
              Rewarded                     NEVER
`
	want = strings.Replace(want, "TOKEN", sum.Failures[0].File.Token(), 1)
	want = strings.Replace(want, "TOKEN", sum.Failures[1].File.Token(), 1)
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// It fails if a share that is not all looks like all, or one that is not nothing like nothing.
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		part, whole uint64
		want        string
	}{{0, 10, "0.0 %"}, {10, 10, "100.0 %"}, {9999, 10000, "99.9 %"}, {1, 20000, "<0.1 %"}, {1, 3, "33.3 %"}, {0, 0, "0.0 %"}} {
		if got := percent(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d is %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}

// It fails if a hunt in which nothing was possible looks as if faults had been tested.
func TestTellHuntWithoutFaults(t *testing.T) {
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	h, sum := hunted()
	sum.Faults, sum.FaultRuns, sum.Enabled = fault.Counts{}, fault.Counts{}, fault.Counts{}
	c.tellHunt(h, sum, c.makeSmall(h, sum, shrinkBudget{none: true}, nil), true)
	c.out.Flush()
	if s := out.String(); !strings.Contains(s, "faults      none were possible\n") || !strings.Contains(s, "\x1b[31mviolated\x1b[0m agreement") {
		t.Errorf("got\n%s", s)
	}
}

// It fails if a documented field of the JSON of a hunt is renamed, dropped or has another value.
func TestPrintHunt(t *testing.T) {
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	h, sum := hunted()
	c.printHunt(h, sum, c.makeSmall(h, sum, shrinkBudget{none: true}, nil))
	c.out.Flush()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d objects, want one for each of 2 failures and one that sums up", len(lines))
	}
	fields(t, lines[0], map[string]any{
		"seed": 42.0, "verdict": "violated", "property": "agreement", "why": "p1 decided A, but p2 decided B",
		"signature": "agreement: N decided N, but N decided N", "count": 7.0, "hash": "00000000000000ff", "token": sum.Failures[0].File.Token(),
	})
	fields(t, lines[2], map[string]any{
		"scenario": "paxos", "profile": "swarm", "runs": 2000.0, "ok": 1990.0, "violated": 7.0, "stalled": 2.0, "unknown": 1.0, "unknown_share": 0.0005, "check_unknown_share": map[string]any{"agreement": 0.0005}, "distinct": 2.0,
		"events": 600000.0, "runs_per_s": 500.0, "elapsed_s": 4.0, "virtual_s": 18000.0, "sent": 100000.0, "late": 2500.0,
		"faults":      map[string]any{"crash": 5000.0, "torn-write": 0.0},
		"fault_share": map[string]any{"crash": 0.75, "torn-write": 0.0}, "fault_enabled": map[string]any{"crash": 1600.0, "torn-write": 1200.0},
		"sometimes": map[string]any{"Adopted": 301.0, "Rewarded": 0.0}, "sometimes_share": map[string]any{"Adopted": 0.1505, "Rewarded": 0.0},
		"checks": map[string]any{"agreement": 4000.0, "safe-at": 0.0}, "check_share": map[string]any{"agreement": 0.9995, "safe-at": 0.0},
		"tallies":     map[string]any{"operations": 200000.0, "operations unknown": 12.0},
		"never_fired": []any{"torn-write"}, "never_reached": []any{"Rewarded"}, "failing_seeds": []any{42.0, 64.0}, "from": 0.0, "first_inner": 3.0, "first_outer": 42.0,
		"diverged": []any{}, "interrupted": false,
	})
}

// fields checks the values of the fields of a JSON object.
func fields(t *testing.T, text string, want map[string]any) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("field %s is %v, want %v", name, got[name], value)
		}
	}
}

// It fails if a hunt ends with a code that hides what it found, or that it tested nothing.
func TestEndHunt(t *testing.T) {
	clean := func(s *search.Summary) {
		s.OK, s.Violated, s.Stalled, s.Unknown, s.Failures = s.Runs, 0, 0, 0, nil
		s.Enabled[fault.TornWrites] = 0
	}
	for _, c := range []struct {
		name   string
		change func(*search.Hunt, *search.Summary)
		code   int
		says   string
	}{
		{"all is well", func(*search.Hunt, *search.Summary) {}, 0, ""},
		{"a violation", func(_ *search.Hunt, s *search.Summary) { s.Violated = 1 }, 1, ""},
		{"a stalled run", func(_ *search.Hunt, s *search.Summary) { s.Stalled = 1 }, 1, ""},
		{"an unknown run", func(_ *search.Hunt, s *search.Summary) { s.Unknown = 1 }, 4, ""},
		{"a violation and an unknown run", func(_ *search.Hunt, s *search.Summary) { s.Violated, s.Unknown = 1, 1 }, 1, ""},
		{"a fault that never happened", func(_ *search.Hunt, s *search.Summary) { s.Enabled[fault.Pauses] = 1000 }, 4,
			"simrun: pause was possible in 1000 runs and never happened: the hunt did not test it\n"},
		{"a fault that was hardly possible", func(_ *search.Hunt, s *search.Summary) { s.Enabled[fault.Pauses] = 999 }, 0, ""},
		{"the property never judged", func(h *search.Hunt, _ *search.Summary) { h.Property = "safe-at" }, 4,
			"simrun: safe-at never judged: the hunt did not test it\n"},
		{"nothing judged", func(_ *search.Hunt, s *search.Summary) { s.Checks = []search.CheckSum{{Name: "agreement"}} }, 4,
			"simrun: no property judged anything in 2000 runs: the hunt tested nothing\n"},
		{"nondeterminism", func(_ *search.Hunt, s *search.Summary) {
			s.Violated = 1
			s.Diverged = []search.Divergence{{Seed: 1, Seq: 5, First: "x", Second: "y"}, {Seed: 2}}
		}, 3, "simrun: the same run made twice differs: seed 0x1: event 5 differs between two runs: x / y; and 1 more seeds\n"},
		{"an interrupt", func(_ *search.Hunt, s *search.Summary) { s.Violated, s.Interrupted = 1, true }, 130, "simrun: interrupted after 2000 runs\n"},
	} {
		var out, stderr strings.Builder
		cmd := into(&out, &stderr)
		h, sum := hunted()
		clean(sum)
		c.change(h, sum)
		code := 0
		var e *ending
		if errors.As(cmd.endHunt(h, sum), &e) {
			code = e.code
		}
		if code != c.code || stderr.String() != c.says {
			t.Errorf("%s: code %d and %q, want %d and %q", c.name, code, stderr.String(), c.code, c.says)
		}
	}
}

// It fails if a field of the JSON of a run is renamed, dropped or has another value.
func TestRecordOf(t *testing.T) {
	v := sim.Verdict{
		Outcome: sim.Violated, Property: "agreement", Why: "two", Events: 16, Hash: 0xff, Virtual: time.Millisecond, Sent: 9, Late: 2,
		Checks:     []sim.Check{{Property: "agreement", Outcome: sim.Violated, Checks: 2, Why: "two"}, {Property: "backed", Inner: true, Checks: 7}},
		Violations: []sim.Violation{{Property: "agreement", Why: "two", Seq: 15}},
		Outside:    []string{"crash"}, Tallies: []sim.Tally{{Name: "slots", N: 4}},
	}
	v.Enabled.Add(fault.Pauses)
	v.Faults[fault.Crashes] = 3
	s := &sim.Scenario{Name: "paxos"}
	m := &made{verdict: v, wall: time.Microsecond}
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	c.printJSON(recordOf(s, sim.Config{Seed: 1 << 40, Faults: "crash"}, m, "s1-x"))
	c.out.Flush()
	fields(t, out.String(), map[string]any{
		"scenario": "paxos", "seed": float64(1 << 40), "simver": float64(sim.Version), "profile": "crash", "verdict": "violated", "property": "agreement",
		"why": "two", "events": 16.0, "sim_ns": 1e6, "wall_ns": 1e3, "hash": "00000000000000ff",
		"checks": map[string]any{"agreement": 2.0, "backed": 7.0}, "faults": map[string]any{"crash": 3.0, "pause": 0.0},
		"sent": 9.0, "late": 2.0, "sometimes": []any{}, "tallies": map[string]any{"slots": 4.0}, "outside": []any{"crash"}, "token": "s1-x",
		"violations": []any{map[string]any{"property": "agreement", "inner": false, "why": "two", "event": 15.0}},
	})
	if names := []string{profileName(sim.Config{}), profileName(sim.Config{Faults: "x"}), profileName(sim.Config{Plan: &fault.Plan{}})}; !slices.Equal(names, []string{"swarm", "x", "plan"}) {
		t.Errorf("profiles are called %q", names)
	}
	if named(v) != 15 || named(sim.Verdict{Property: "termination"}) != 0 {
		t.Error("the event that the verdict is named after is not found")
	}
}

// written is a run that was written down in a file, and made again with verdict v.
func written(expect string, simver int, hash uint64, v sim.Verdict) *replayed {
	r := &replayed{file: "x.seed", seed: seedfile.File{Scenario: "paxos", Expect: expect, Simver: simver, Hash: hash}, made: made{verdict: v}}
	r.same = compareWith(&r.seed, &v, nil, 7)
	return r
}

// It fails if a replay ends otherwise than by what its file expects, a token otherwise than by the
// verdict, or if a stale run goes unmentioned.
func TestReplayEnds(t *testing.T) {
	ok := sim.Verdict{Outcome: sim.OK, Hash: 5}
	bad := sim.Verdict{Outcome: sim.Violated, Property: "agreement", Hash: 5}
	dunno := sim.Verdict{Outcome: sim.Undecided, Property: "linearizability", Hash: 5}
	token := written("", sim.Version, 5, bad)
	token.file = ""
	differs := written("ok", sim.Version, 5, ok)
	differs.made.diverged = &search.Divergence{Seq: 1}
	for _, c := range []struct {
		name  string
		run   *replayed
		code  int
		stale bool
	}{
		{"exact, as expected", written("ok", sim.Version, 5, ok), 0, false},
		{"a violation, as expected", written("violated agreement", sim.Version, 5, bad), 0, false},
		{"any violation, as expected", written("violated", sim.Version, 5, bad), 0, false},
		{"another property", written("violated validity", sim.Version, 5, bad), 1, false},
		{"violated where ok is expected", written("ok", sim.Version, 5, bad), 1, false},
		{"ok where a violation is expected", written("violated agreement", sim.Version, 5, ok), 1, false},
		{"undecided where ok is expected", written("ok", sim.Version, 5, dunno), 4, false},
		{"nothing expected", written("", sim.Version, 5, dunno), 4, false},
		{"another hash", written("ok", sim.Version, 6, ok), 0, true},
		{"no hash", written("ok", sim.Version, 0, ok), 0, false},
		{"another simver", written("ok", sim.Version+1, 6, ok), 0, true},
		{"another simver, no hash", written("ok", sim.Version+1, 0, ok), 0, true},
		{"another simver, and yet the same", written("ok", sim.Version+1, 5, ok), 0, false},
		{"a token", token, 1, false},
		{"nondeterminism", differs, 3, false},
	} {
		code := 0
		var e *ending
		if errors.As(c.run.end(), &e) {
			code = e.code
		}
		if code != c.code || (c.run.stale() != "") != c.stale {
			t.Errorf("%s: code %d, stale %q; want %d, %v", c.name, code, c.run.stale(), c.code, c.stale)
		}
		if c.run.sameness() == "" {
			t.Errorf("%s: nothing is said", c.name)
		}
	}
}
