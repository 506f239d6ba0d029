package seedfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"simrun/sim/fault"
)

// The forms in which a plan may be handed in, and the plan in them.
const thePlan = "always law newest-first 2ms 300ms 25%\n120ms crash a2\n300ms cut a1,a2 | a3\n"

var forms = map[string]string{
	"a plan":       "# by hand\n\nalways law newest-first 2ms 300ms 25%\n120ms crash a2 # then\n300ms cut a1,a2 | a3\n",
	"a seed file":  "simseed v1\n# planned well\nscenario paxos\nseed 1\nplan always law newest-first 2ms 300ms 25%\nplan\t120ms crash a2\nset a=1\nplan     300ms cut a1,a2 | a3\n",
	"a listing":    "plan     always law newest-first 2ms 300ms 25%\nplan     120ms crash a2\nplan     300ms cut a1,a2 | a3\n     1  0s  start  a1\n 2 the plan is long\n\npaxos  ok\n  plan        swarm\n",
	"JSON":         `{"event":1,"kind":"start"}` + "\n" + `{"scenario":"paxos","plan":"always law newest-first 2ms 300ms 25%\n120ms crash a2\n300ms cut a1,a2 | a3\n","token":"s2-x"}` + "\n",
	"JSON, spread": "{\n \"plan\": \"always law newest-first 2ms 300ms 25%\\n120ms crash a2\\n300ms cut a1,a2 | a3\\n\"\n}\n",
}

// Fails if a plan is not found in what prints it, or if something else is taken for it.
func TestPlanText(t *testing.T) {
	for name, text := range forms {
		plan, err := PlanText(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := fault.Parse(plan)
		if err != nil || p.String() != thePlan {
			t.Errorf("%s:\n%s\n%v", name, p, err)
		}
	}
	for _, text := range []string{"plan none\n", "plan     none\n  1 0s start a1\n", "simseed v1\nscenario x\nseed 1\nplan none\n", "", `{"plan":""}`} {
		plan, err := PlanText(text)
		if p, e := fault.Parse(plan); err != nil || e != nil || len(p) != 0 {
			t.Errorf("%q: %v, %v, %v", text, p, err, e)
		}
	}
	for text, want := range map[string]string{
		"simseed v1\nscenario paxos\nseed 1\n": "this is a seed file without any plan line: its profile draws the faults",
		`{"event":1}`:                          `these are records in JSON, and none has a field "plan"`,
		"{\"event\":1}\n{\"plan\":":            "line 2: what starts here is not a whole JSON object, as the first line suggests",
		"{\"plan\":\"\"}\n120ms crash":         "line 2: what starts here is not a whole JSON object, as the first line suggests",
	} {
		if _, err := PlanText(text); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// Fails if the line or the column of a mistake in a plan is not that of the text which people see.
func TestParseErrorsKeepTheirPlace(t *testing.T) {
	for name, want := range map[string]string{"a plan": "line 4, column 7: ", "a seed file": "line 6, column 12: ", "a listing": "line 2, column 16: ", "JSON": "line 2, column 7: "} {
		plan, err := PlanText(strings.Replace(forms[name], "crash", "crahs", 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fault.Parse(plan); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	_, err := Parse("simseed v1\nscenario s\nseed 1\n  plan \t 120ms crahs a2\n")
	if err == nil || !strings.HasPrefix(err.Error(), `line 4: plan: column 16: found "crahs"`) {
		t.Errorf("in a seed file: %v", err)
	}
}

// Fails if an error about names is located in another line or column than that of the name.
func TestLocate(t *testing.T) {
	nodes := []string{"a1", "a2"}
	p, err := fault.Parse(thePlan)
	if err != nil {
		t.Fatal(err)
	}
	wrong := p.Check(nodes)
	if wrong == nil {
		t.Fatal("a3 passes for a node")
	}
	for name, want := range map[string]string{"a plan": "line 5, column 19: ", "a seed file": "line 8, column 28: ", "a listing": "line 3, column 28: ", "JSON": "line 3, column 19: "} {
		got := Locate(forms[name], fmt.Errorf("wrapped: %w", wrong))
		if !strings.HasPrefix(got.Error(), want+"there is no node a3") {
			t.Errorf("%s: got %v, want %s", name, got, want)
		}
	}
	for _, c := range []struct{ line, name, want string }{
		{"10ms crash a", "a", "column 12"},
		{"é>a1 a1>a", "a", "column 9"},
		{"10ms cut cat | at,a,aa", "a", "column 19"},
		{"  10ms crash x", "", "column 3"},
		{"10ms crash @Led", "Led", "column 13"},
	} {
		got := Locate("# first\n"+c.line, &fault.Wrong{Name: c.name, Why: "no"})
		if got.Error() != "line 2, "+c.want+": no" {
			t.Errorf("%q in %q: %v", c.name, c.line, got)
		}
	}
	other := errors.New("other")
	if Locate(thePlan, other) != other {
		t.Error("an error about something else is changed")
	}
	if far := error(&fault.Wrong{Index: 3, Line: p[0], Why: "no"}); Locate(thePlan, far) != far {
		t.Error("a line that is not in the text was found in it")
	}
}

// Fails if any text makes PlanText or Locate panic, or gives a line that the text does not have.
func FuzzPlanText(f *testing.F) {
	for _, text := range forms {
		f.Add(text, 1, "a3")
	}
	f.Add("plan\u00a0none\nplanned", 0, "")
	f.Fuzz(func(t *testing.T, text string, index int, name string) {
		plan, err := PlanText(text)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("an error of several lines: %q", err)
		}
		got := Locate(text, &fault.Wrong{Index: max(index, 0), Name: name, Why: "no"})
		var line, column int
		if n, _ := fmt.Sscanf(got.Error(), "line %d, column %d: no", &line, &column); n == 2 {
			if lines := strings.Split(plan, "\n"); line < 1 || line > len(lines) || column < 1 || column > 1+len(lines[line-1]) {
				t.Fatalf("%v of %q", got, plan)
			}
		}
	})
}
