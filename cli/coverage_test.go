package cli

import (
	"strings"
	"testing"

	"simrun/search"
	"simrun/sim"
)

// reached is what some runs have come by, with something of everything.
func reached() *search.Coverage {
	at := func(node, phase, message string, runs, after uint64) search.Sight {
		x := sim.Situation{Node: node, Phase: phase, Message: message}
		return search.Sight{Kind: search.SawSituation, Name: x.String(), Situation: x, Runs: runs, Seed: after, After: after}
	}
	return &search.Coverage{Runs: 4000, Sights: []search.Sight{
		at("Acceptor", "new", "Accept", 1, 2500),
		at("Acceptor", "new", "Prepare", 4000, 0),
		at("Acceptor", "promised", "Accept", 3996, 0),
		at("Acceptor", "", "Ping", 4000, 0),
		at("Client", "", "Reply", 4000, 0),
		{Kind: search.SawSometimes, Name: "Adopted", Runs: 30, After: 17},
		{Kind: search.SawSometimes, Name: "Rewarded"},
		{Kind: search.SawFault, Name: "crash", Runs: 1, After: 999},
		{Kind: search.SawFault, Name: "torn-write"},
	}}
}

// It fails if the lines about what was reached change, or if the list leaves out what was never seen.
func TestTellCoverage(t *testing.T) {
	short := `  coverage    5 situations, 1 of 2 sometimes, 1 of 2 kinds of faults
              new in each 1,000 runs: 6 0 1 0
              2 seen in 1 run only: new ones in 1 of 2,000 runs (Good-Turing)
`
	long := short + `  situations  Acceptor handles Accept: new <0.1 %, promised 99.9 %
              Acceptor handles Ping: 100.0 %
              Acceptor handles Prepare: new 100.0 %; never promised
              Client handles Reply: 100.0 %
  never seen  Rewarded, torn-write
`
	for all, want := range map[bool]string{false: short, true: long} {
		var out, stderr strings.Builder
		c := into(&out, &stderr)
		c.tellCoverage(reached(), all)
		c.out.Flush()
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// It fails if a hunt that did not look, or made no run, says what it reached.
func TestTellNoCoverage(t *testing.T) {
	for _, cov := range []*search.Coverage{nil, {}} {
		var out, stderr strings.Builder
		c := into(&out, &stderr)
		c.tellCoverage(cov, true)
		c.out.Flush()
		if got := out.String(); got != "" {
			t.Errorf("got %q", got)
		}
	}
	if coverageOf(nil) != nil {
		t.Error("JSON says something of nothing")
	}
}

// It fails if an outlook promises more than the runs can tell.
func TestOutlook(t *testing.T) {
	cov := reached()
	cov.Runs = 99
	if got, want := outlook(cov), "2 seen in 1 run only; too few runs to say what more would show"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cov.Sights = cov.Sights[1:5]
	cov.Runs = 4000
	if got, want := outlook(cov), "all seen twice or more: new ones, if any, in under 1 of 4,000 runs"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// It fails if a hunt of a night prints a number for each of its thousands, or if those that it sums up are lost.
func TestNewcomers(t *testing.T) {
	for _, c := range []struct {
		runs, after uint64
		want        string
	}{
		{34, 3, "1"},
		{1000, 3, "1"},
		{2001, 3, "1 0 0"},
		{10_000, 9_999, "0 0 0 0 0 0 0 0 0 1"},
		{100_000, 3, "1 0 0 0 0 0 0 0 0 0, and in all after these 0"},
		{90_000, 60_000, "0 0 0 0 0 0 0 0 0 0, and in all after these 1"},
	} {
		cov := &search.Coverage{Runs: c.runs, Sights: []search.Sight{{Runs: 1, After: c.after}}}
		if got := newcomers(cov); got != c.want {
			t.Errorf("%d runs: got %q, want %q", c.runs, got, c.want)
		}
	}
}

// It fails if a documented field of the JSON is renamed, dropped or has another value.
func TestPrintCoverage(t *testing.T) {
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	h, sum := hunted()
	sum.Failures, sum.Coverage = nil, reached()
	c.printHunt(h, sum, nil)
	c.out.Flush()
	fields(t, strings.TrimSpace(out.String()), map[string]any{"coverage": map[string]any{
		"situations":   map[string]any{"Acceptor new, Accept": 1.0, "Acceptor new, Prepare": 4000.0, "Acceptor promised, Accept": 3996.0, "Acceptor, Ping": 4000.0, "Client, Reply": 4000.0},
		"reached":      map[string]any{"situation": 5.0, "sometimes": 1.0, "fault": 1.0},
		"known":        map[string]any{"situation": 5.0, "sometimes": 2.0, "fault": 2.0},
		"new_per_1000": []any{6.0, 0.0, 1.0}, "once": 2.0, "next": 0.0005,
	}})
}

// It fails if progress does not say how much was reached.
func TestProgressOfCoverage(t *testing.T) {
	if got, want := line(search.Progress{Done: 10, Total: 20, Reached: 1234}), "10/20 seeds  0/s  1,234 reached  0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
