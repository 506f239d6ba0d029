package view

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// failed is a run with something of everything.
func failed() Run {
	v := sim.Verdict{
		Outcome: sim.Violated, Property: "agreement", Why: "a1 decided y, but had decided x",
		Checks: []sim.Check{
			{Property: "agreement", Outcome: sim.Violated, Checks: 2, Why: "a1 decided y, but had decided x"},
			{Property: "backed", Inner: true, Outcome: sim.Violated, Checks: 1200},
			{Property: "termination", Outcome: sim.Stalled, Checks: 1},
			{Property: "validity", Outcome: sim.OK},
		},
		Events: 16, Hash: 0x4c4cff4a475e6815, Virtual: 37 * time.Millisecond, Sent: 1234, Late: 1,
		Outside: []string{"crash: the model has no crashes"}, Sometimes: []string{"Adopted", "Recovered"},
		Tallies: []sim.Tally{{Name: "operations", N: 100}, {Name: "operations unknown", N: 2}, {Name: "slots", N: 17}},
	}
	v.Faults[fault.Crashes], v.Faults[fault.Losses], v.Faults[fault.CutOff] = 2, 5, 1
	v.Enabled.Add(fault.Crashes)
	v.Enabled.Add(fault.Pauses)
	return Run{
		Scenario: "paxos", Config: sim.Config{Seed: 0x2a}, Nodes: []sim.NodeID{"a1", "p1", "p2"}, Verdict: v,
		Wall: 1234 * time.Microsecond, Teller: witness(forgotten()), End: 15, Replay: "simrun replay s1-x",
		Hints: Hints{Events: "--events prints all", Why: "--json prints all"},
	}
}

func reported(t *testing.T, r Run) string {
	t.Helper()
	var b strings.Builder
	if err := Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// It fails if the page changes, or leaves out a part.
func TestReport(t *testing.T) {
	want := `paxos  seed 0x2a  simver 1  violated agreement
  cluster     3 nodes: a1 p1 p2
  plan        drawn by profile swarm
  messages    1,234 sent, 6 lost, 0 repeated, 1 took longer than 50ms
  faults      loss 5, cut-off 1, crash 2; could have happened: pause
  operations  100 in all, 2 unknown
  figures     17 slots
  reached     Adopted, Recovered
  outside the model: crash: the model has no crashes
  properties  agreement                      violated         2 checks
              backed (inner)                 violated     1,200 checks
              termination                    stalled          1 check
              validity                       ok        never judged
  time        37ms virtual, 1.234ms of real time; 16 events
  hash        4c4cff4a475e6815

agreement: a1 decided y, but had decided x — also violated: backed — also
stalled: termination
     virtual  a1  p1  p2   event
     1.000ms  ◀───○   │    #4 p1→a1 Accept{x}
     1.000ms  ●   │   │    #6 a1 decided x
     2.000ms  │   │   │    #7 FAULT cut a1 | p1
     3.000ms  ✗   │   │    #8 FAULT crash a1: lost 24 bytes, 1 write
     4.000ms  ●   │   │    #10 a1 starts life 2
    36.000ms  ◀───┼───○    #14 p2→a1 Accept{y} (sent 30ms before)
    36.000ms  ●   │   │    #15 a1 decided y
              (8 other events up to there: --events prints all)

  replay      simrun replay s1-x
`
	got := reported(t, failed())
	if got = strings.Replace(got, "simver "+itoa(sim.Version), "simver 1", 1); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func itoa(n int) string { return Number(uint64(n)) }

// It fails if a run that holds draws a story, or if colours are printed without being asked for.
func TestReportOfRunThatHolds(t *testing.T) {
	r := failed()
	r.Verdict.Outcome, r.Verdict.Property, r.Verdict.Why = sim.OK, "", ""
	r.Verdict.Checks = r.Verdict.Checks[3:]
	got := reported(t, r)
	if strings.Contains(got, "virtual  a1") || strings.Contains(got, "\x1b") || !strings.Contains(got, "simver "+itoa(sim.Version)+"  ok\n") {
		t.Errorf("got\n%s", got)
	}
	r.Colour = true
	if got := reported(t, r); !strings.Contains(got, "\x1b[32mok\x1b[0m") {
		t.Errorf("no colours though asked for:\n%q", got)
	}
	for o, want := range map[sim.Outcome]string{sim.Undecided: "33", sim.Stalled: "31", sim.Violated: "31"} {
		if got := Outcome(o, true); got != "\x1b["+want+"m"+o.String()+"\x1b[0m" {
			t.Errorf("%v is coloured %q", o, got)
		}
	}
}

// It fails if what properties have to tell runs into the rest, or is far from it.
func TestReportOfAccounts(t *testing.T) {
	for want, texts := range map[string][]string{
		"  never judged\n  time  ":                            nil,
		"  never judged\n\na table\n\n  time  ":               {"a table\n"},
		"  never judged\n\na table\n of two\n\nb\n\n  time  ": {"a table\n of two", "b\n"},
	} {
		r := failed()
		for _, text := range texts {
			r.Verdict.Accounts = append(r.Verdict.Accounts, sim.Account{Text: text})
		}
		if got := reported(t, r); !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// It fails if a reason without end pushes the rest off the screen.
func TestReportCutsALongReason(t *testing.T) {
	r := failed()
	r.Verdict.Why = strings.Repeat("because of this ", 500)
	got := reported(t, r)
	if n := strings.Count(got, "\n"); n > 40 {
		t.Errorf("%d lines, want at most 40", n)
	}
	if !strings.Contains(strings.Join(strings.Fields(got), " "), "… (--json prints all)") {
		t.Error("the report does not say that the reason goes on")
	}
	// Nothing is made up where nobody says how to see the rest.
	r.Hints = Hints{}
	got = reported(t, r)
	if !strings.Contains(got, "…\n") || !strings.Contains(got, "(8 other events up to there)\n") || strings.Contains(got, "prints") {
		t.Errorf("without hints:\n%s", got)
	}
}

// It fails if a long story makes the page longer than a screen, or a long page leaves no story.
func TestReportFitsTheScreen(t *testing.T) {
	for checks := range 60 {
		r := failed()
		for range checks {
			r.Verdict.Checks = append(r.Verdict.Checks, sim.Check{Property: "another", Checks: 1})
		}
		var events []sim.Event
		for seq := uint64(1); seq <= 50; seq++ {
			events = append(events, sim.Event{Seq: seq, Kind: sim.Noted, Node: "a1", Data: decided{"x"}})
		}
		r.Teller, r.End = witness(events), 50
		got := reported(t, r)
		if n := strings.Count(got, "\n"); n > page-2 && checks < 13 {
			t.Errorf("%d lines with %d properties more, want at most %d", n, checks, page-2)
		}
		if n := strings.Count(got, "a1 decided x"); n < leastRows || n > mostRows {
			t.Errorf("%d rows with %d properties more, want %d to %d", n, checks, leastRows, mostRows)
		}
	}
}

// It fails if what decided the faults is not told.
func TestReportSaysWhoseThePlanIs(t *testing.T) {
	r := failed()
	r.Config.Faults = "crash"
	if got := reported(t, r); !strings.Contains(got, "plan        drawn by profile crash\n") {
		t.Errorf("got\n%s", got)
	}
	r.Config.Plan = &fault.Plan{{}, {}}
	if got := reported(t, r); !strings.Contains(got, "plan        2 lines, given\n") {
		t.Errorf("got\n%s", got)
	}
}

// A setting that would fill the page is cut; the replay line has it whole. Fails if a short one is cut too.
func TestReportCutsALongSetting(t *testing.T) {
	s := &sim.Scenario{Name: "paxos", Options: []sim.Option{{Name: "ops", Default: ""}, {Name: "quorum", Default: 0, Max: 9}}}
	o, err := s.ParseOptions([]string{"ops=" + strings.Repeat("put x 1; ", 100), "quorum=2"})
	if err != nil {
		t.Fatal(err)
	}
	r := failed()
	r.Config.Options = o
	got := reported(t, r)
	if strings.Count(got, "put") != 17 || !strings.Contains(got, "pu… quorum=2\n") {
		t.Errorf("the settings are told as\n%s", got)
	}
}

// It fails if figures of one family stand on several lines, or lone ones get a line each.
func TestTallies(t *testing.T) {
	got := tallies([]sim.Tally{{Name: "operations done", N: 98}, {Name: "slots", N: 1000}, {Name: "operations failed", N: 2}, {Name: "calls", N: 3}})
	want := []tally{{"operations", "98 done, 2 failed"}, {"figures", "1,000 slots, 3 calls"}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := tallies(nil); len(got) != 0 {
		t.Errorf("no figures give %q", got)
	}
}

// It fails if the story of a run that was recorded does not say what changed, or takes more than its share of the page.
func TestReportOfATrace(t *testing.T) {
	r := failed()
	r.Trace = recorded(t, counting(60), Window{}, "")
	r.End = find(t, r.Trace, sim.Noted, "counter", "counted 50")
	got := reported(t, r)
	if !strings.Contains(got, "seen[50]") || strings.Contains(got, "Accept") {
		t.Errorf("the story is not that of the trace:\n%s", got)
	}
	_, story, _ := strings.Cut(got, "\n\n")
	if n := strings.Count(story, "\n"); n > mostDrawn+belowStory {
		t.Errorf("the story takes %d lines", n)
	}
}

// It fails if a story of a long run has states of events that it does not tell of, or not those just before its end.
func TestBefore(t *testing.T) {
	for _, c := range []struct {
		events, event uint64
		want          Window
	}{
		{3000, 10, Window{}}, {10_000, 0, Window{7001, 10_000}}, {10_000, 5000, Window{2001, 5000}}, {10_000, 10, Window{1, 10}},
	} {
		if got := Before(c.events, c.event); got != c.want {
			t.Errorf("before event %d of %d: %v, want %v", c.event, c.events, got, c.want)
		}
	}
}
