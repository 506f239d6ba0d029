package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/sim/fault"
)

// listed runs list with these arguments.
func listed(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err strings.Builder
	code = cli.Run(context.Background(), append([]string{"list"}, args...), &out, &err, counter())
	return code, out.String(), err.String()
}

// It fails if an entry of the catalogue is not listed with all that is known of it, or not as JSON.
func TestListFaults(t *testing.T) {
	code, text, _ := listed(t, "--faults")
	if code != 0 {
		t.Fatalf("code %d", code)
	}
	_, lines, _ := listed(t, "--faults", "--json")
	type record struct {
		Fault, Of, Doc, Called, Kind string
		Example, Profiles            []string
	}
	records := map[string]record{}
	for line := range strings.Lines(lines) {
		var r record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		records[r.Fault] = r
	}
	for _, e := range fault.Catalogue() {
		r := records[e.Name]
		if r.Doc != e.Doc || r.Called != e.Called || strings.Join(r.Example, "\n") != e.Example || r.Of != e.Of || r.Kind != e.Kind.String() || r.Profiles == nil {
			t.Errorf("%s: %+v", e.Name, r)
		}
		if !strings.Contains(text, "\n  "+e.Name+" ") || !strings.Contains(text, "  "+strings.Split(e.Example, "\n")[0]+"\n") {
			t.Errorf("%s is not in\n%s", e.Name, text)
		}
	}
	for _, want := range []string{"drawn by plans alone", "known as: transactions", "process\n", "\ndisk\n"} {
		if strings.Contains(text, want) == (want == "known as: transactions") {
			t.Errorf("%q: %v", want, !strings.Contains(text, want))
		}
	}
	if code, _, err := listed(t, "--faults", "counter"); code != 2 || !strings.Contains(err, `what is "counter"?`) {
		t.Errorf("code %d, %s", code, err)
	}
}

// It fails if a dial is not listed, or not with what holds if it is not set.
func TestListDials(t *testing.T) {
	_, text, _ := listed(t, "--dials")
	_, lines, _ := listed(t, "--dials", "--json")
	if !strings.Contains(text, "crash.for ") || !strings.Contains(text, "1ms..300ms") || strings.Count(lines, "\n") != len(fault.Dials()) {
		t.Errorf("%d of %d dials; %s", strings.Count(lines, "\n"), len(fault.Dials()), text)
	}
	var r struct {
		Dial, Usual string
		Profiles    []string
	}
	first, _, _ := strings.Cut(lines, "\n")
	if err := json.Unmarshal([]byte(first), &r); err != nil || r.Dial != "crash.in" || r.Usual == "" || len(r.Profiles) == 0 {
		t.Errorf("%v, %+v", err, r)
	}
}

// It fails if a scenario is listed without what it assumes and what it can spare.
func TestListAssumptions(t *testing.T) {
	_, text, _ := listed(t)
	if !strings.Contains(text, "  assumes     nodes ") || !strings.Contains(text, "can spare") {
		t.Errorf("printed\n%s", text)
	}
	_, lines, _ := listed(t, "--json")
	var r struct{ Assumes []string }
	first, _, _ := strings.Cut(lines, "\n")
	if err := json.Unmarshal([]byte(first), &r); err != nil || len(r.Assumes) < 4 {
		t.Errorf("%v, %+v", err, r)
	}
}

// It fails if a shell is not offered profiles to compose, or dials to set.
func TestProfileCompletion(t *testing.T) {
	for typed, want := range map[string]string{
		"": "swarm\t", "crash+": "crash+clock\t", "crash+cl": "crash+clock\t", "swarm:": "swarm:loss=\t", "crash+clock:crash=1,": "crash+clock:crash=1,drift=\t",
	} {
		var out, err strings.Builder
		cli.Run(context.Background(), []string{"__complete", "run", "counter", "--faults", typed}, &out, &err, counter())
		if !strings.Contains("\n"+out.String(), "\n"+want) {
			t.Errorf("after %q: %q is not offered by\n%.500s", typed, want, out.String())
		}
	}
}
