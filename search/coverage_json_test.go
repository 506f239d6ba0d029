package search

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a trial says that its runs reached something else than a hunt over the same seeds does, if it ends otherwise for being asked, or if anything is lost when it is written down and read again.
func TestCoverageOfATrial(t *testing.T) {
	const to = 300
	want := covered(t, benignHunt(bulbs, to))
	trial := Trial{Scenario: bulbs, Config: sim.Config{Plan: &fault.Plan{}}, To: to}
	plain, err := trial.Run(t.Context())
	if err != nil || plain.Coverage != nil {
		t.Fatalf("%v; nobody asked, and it reached %+v", err, plain.Coverage)
	}
	trial.Cover = true
	got, err := trial.Run(t.Context())
	if err != nil || !reflect.DeepEqual(got.Coverage, want) {
		t.Fatalf("%v: got\n%+v\nwant\n%+v", err, got.Coverage, want)
	}
	if got.Runs != plain.Runs || got.Events != plain.Events {
		t.Errorf("%d runs of %d events, and %d of %d when asked", plain.Runs, plain.Events, got.Runs, got.Events)
	}
	text, err := json.Marshal(got.Coverage)
	if err != nil {
		t.Fatal(err)
	}
	var again Coverage
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(&again, want) {
		t.Errorf("%v: of %s\n got %+v\nwant %+v", err, text, again, want)
	}
}

// Fails if what is no sight is read as one.
func TestBrokenSights(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                            "a sight of nothing",
		`["colour","red",1,2,3]`:        `"colour" is no kind of sight`,
		`["fault","crash",1,2]`:         "a sight of kind fault has 5 parts, not 4",
		`["situation","A","p","M",1,2]`: "a sight of kind situation has 7 parts, not 6",
		`["fault","crash","often",2,3]`: "cannot unmarshal string",
		`[7,"crash",1,2,3]`:             "cannot unmarshal number",
		`{"kind":"fault"}`:              "cannot unmarshal object",
	} {
		var s Sight
		if err := json.Unmarshal([]byte(text), &s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
