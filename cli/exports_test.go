package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/view"
)

// It fails if scripts that read the events of `run --events --json` could not read those of the export: what both have must have one name and say the same.
func TestExportedEventsAreThoseOfRuns(t *testing.T) {
	args := []string{"run", "counter", "--seed", "3", "--set", "dedupe=false"}
	read := func(out string) (events []map[string]any, run map[string]any) {
		t.Helper()
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			var x map[string]any
			if err := json.Unmarshal([]byte(line), &x); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if x["event"] != nil {
				events = append(events, x)
			} else {
				run = x
			}
		}
		return events, run
	}
	_, out, _ := call(context.Background(), append(args, "--events", "--json")...)
	want, run := read(out)
	code, out, stderr := call(context.Background(), "show", run["token"].(string), "--format", "ndjson")
	if code != 0 {
		t.Fatal(stderr)
	}
	got, exported := read(out)
	if len(got) != len(want) || len(got) < 30 {
		t.Fatalf("%d events are exported, of %d", len(got), len(want))
	}
	for i, e := range got {
		delete(e, "type")
		delete(e, "changes")
		if at, line, ok := strings.Cut(fmt.Sprint(want[i]["data"]), " "); ok && e["kind"] == "fault" && strings.HasSuffix(at, "ms") {
			want[i]["data"] = line // the instant of a fault is in at_ns
		}
		if !maps.Equal(e, want[i]) {
			t.Errorf("exported %v, want %v", e, want[i])
		}
	}
	for _, name := range []string{"scenario", "seed", "simver", "verdict", "property", "why", "events", "hash", "plan"} {
		if exported[name] == nil || exported[name] != run[name] {
			t.Errorf("%s of the run is exported as %v, want %v", name, exported[name], run[name])
		}
	}
}

// It fails if a long run is written as a picture that nobody can open, if it is refused with more than a line or with another code, or if a part of it cannot be had.
func TestLongRunsInParts(t *testing.T) {
	_, out, stderr := call(context.Background(), "run", "counter", "--seed", "1", "--set", "adds=10000", "--for", "1h", "--faults", "none", "--json")
	var run struct {
		Token  string
		Events int
	}
	if err := json.Unmarshal([]byte(out), &run); err != nil || run.Events <= view.MostDrawn {
		t.Fatalf("%v, %d events: %s", err, run.Events, stderr)
	}
	for _, format := range []string{"svg", "shiviz"} {
		file := filepath.Join(t.TempDir(), "run."+format)
		want := fmt.Sprintf("simrun: the run has %s events, and %s is for at most 20,000: --around EVENT shows a part\n", view.Number(uint64(run.Events)), format)
		code, out, stderr := call(context.Background(), "show", run.Token, "--format", format, "--out", file)
		if _, err := os.Stat(file); code != 2 || out != "" || stderr != want || err == nil {
			t.Errorf("%s ends with %d, %q: want %q", format, code, stderr, want)
		}
		code, _, stderr = call(context.Background(), "show", run.Token, "--format", format, "--out", file, "--around", "25000")
		if text, err := os.ReadFile(file); code != 0 || err != nil || len(text) < 1000 {
			t.Errorf("a part as %s ends with %d, %q", format, code, stderr)
		}
	}
}
