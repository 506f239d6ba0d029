package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"simrun/cli"
)

// calm is a plan in which nothing goes wrong: links take a millisecond, disks no time, and s1 is the first to miss a leader.
const calm = "always law constant 1ms\nalways ties ordered\nalways sync 0s\nalways start s2 5ms\nalways start s3 10ms\n"

// printed returns what the command prints, with its lines under their names.
func printed(t *testing.T, code int, args ...string) (out string, lines map[string]string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := cli.Run(context.Background(), args, &stdout, &stderr, scenarios()...); got != code {
		t.Fatalf("%v exits %d, want %d: %s", args, got, code, stderr.String())
	}
	lines = make(map[string]string)
	for l := range strings.Lines(stdout.String()) {
		if name, text, ok := strings.Cut(strings.TrimPrefix(l, "  "), "  "); ok {
			lines[name] = strings.TrimSpace(text)
		}
	}
	return stdout.String() + stderr.String(), lines
}

// planFile writes a plan to a file.
func planFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calm.plan")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// What is printed of a run is what one reckons by hand: four one-way delays a write, 2(n-1) messages a slot, and after a crash of the leader nobody leads until the next one says so. Fails
// if people or programs are told something else, or if what was not measured is printed.
func TestPrintedFigures(t *testing.T) {
	set := []string{"run", "multipaxos", "--set", "think=0s", "--set", "clients=1", "--set", "ops=200", "--set", "service=register"}
	quiet := append(set, "--plan", planFile(t, calm))
	_, lines := printed(t, 0, quiet...)
	if _, told := lines["recovery"]; told || !strings.HasPrefix(lines["writes"], "p50 4ms, p90 4ms") || !strings.HasPrefix(lines["served"], "200 of 200 operations, 100.0 %; ") ||
		!strings.Contains(lines["leader"], "; 1 elected") || !strings.Contains(lines["an answer"], "2.00 Accept, 2.00 Accepted, 1.") {
		t.Errorf("a quiet run: %v", lines)
	}
	var r struct {
		Figures struct {
			Answered uint64
			Kinds    map[string]struct {
				Latency struct{ Count, P50_ns uint64 }
			}
			Leader   struct{ Elected, Without_ns, Longest_ns uint64 }
			Sent     map[string]uint64
			Recovery *struct {
				Faults, Leaders_felled uint64
				Led, Served            struct{ Count, Max_ns uint64 }
			}
		}
	}
	out, _ := printed(t, 0, append(quiet, "--json")...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	f := &r.Figures
	if f.Answered != 200 || f.Sent["Prepare"] != 2 || f.Sent["Promise"] != 2 || f.Sent["Accept"] != 400 || f.Kinds["writes"].Latency.P50_ns/1000 != 4000 || f.Recovery != nil {
		t.Errorf("a quiet run in JSON: %s", out)
	}
	before := f.Leader.Without_ns
	out, _ = printed(t, 0, append(set, "--json", "--plan", planFile(t, calm+"after Led#1 +300ms crash @Led for good\n"))...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	x := f.Recovery
	if x == nil || x.Faults != 1 || x.Leaders_felled != 1 || x.Led.Count != 1 || f.Leader.Elected != 2 || f.Leader.Without_ns != before+x.Led.Max_ns || x.Served.Max_ns <= x.Led.Max_ns ||
		x.Led.Max_ns < uint64(100*time.Millisecond) {
		t.Errorf("the leader crashes: %s", out)
	}
	if _, lines := printed(t, 0, "hunt", "multipaxos", "--seeds", "0:3", "--progress", "none"); lines["leader"] == "" || lines["an answer"] != "" || !strings.Contains(lines["served"], " of 180 operations") {
		t.Errorf("a hunt: %v", lines)
	}
	if _, lines := printed(t, 0, "run", "paxos-kv"); lines["leader"] != "" || lines["reads"] == "" {
		t.Errorf("where nobody leads: %v", lines)
	}
	if _, lines := printed(t, 0, "run", "broadcast"); lines["served"] != "" {
		t.Errorf("where nobody is served: %v", lines)
	}
}
