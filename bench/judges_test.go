package bench

import (
	"errors"
	"testing"
	"time"

	"simrun/sim"
)

// A judge judges in two ways, of which the second takes longer.
type judge struct {
	talked
	asked  *int
	second sim.Result
	wrong  error // what the second says
}

func (j *judge) Name() string { return "judge" }
func (j *judge) Rejudge(each func(string, func() (sim.Result, error))) {
	each("quick", func() (sim.Result, error) { *j.asked++; return sim.Holds, nil })
	each("slow", func() (sim.Result, error) { time.Sleep(100 * time.Microsecond); return j.second, j.wrong })
}

// judging is a scenario with such a property.
func judging(asked *int, second sim.Result, wrong error) *sim.Scenario {
	s := talk()
	s.Properties = func(sim.Options) []sim.Property {
		return []sim.Property{&judge{asked: asked, second: second, wrong: wrong}}
	}
	return s
}

// Fails if a way is not measured, a run is judged too often or too seldom, the ratio is not to the last way, or a spent budget is not told.
func TestJudges(t *testing.T) {
	asked := 0
	rows, err := Judges(judging(&asked, sim.Unknown, nil), 5, 3)
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if asked != 5+5*3 { // once to see that they agree
		t.Errorf("asked %d times", asked)
	}
	quick, slow := rows[0], rows[1]
	if quick.Name != "talk/quick" || slow.Name != "talk/slow" || quick.Ratio <= 1 || quick.To != "slow" || slow.Ratio != 0 || slow.RunsPerS <= 0 || slow.RunsPerS > 10_000 {
		t.Errorf("%+v\n%+v", quick, slow)
	}
	if quick.PerRun.Undecided != 0 || slow.PerRun.Undecided < 0.99 || slow.PerRun.Undecided > 1.01 {
		t.Errorf("unknown: %v and %v", quick.PerRun.Undecided, slow.PerRun.Undecided)
	}
	if rows, err := Judges(talk(), 2, 1); err != nil || len(rows) != 0 {
		t.Errorf("where nobody judges again: %v, %v", rows, err)
	}
}

// Fails if judges that differ are measured as if nothing were wrong; one that has no answer differs from nobody.
func TestJudgesDiffer(t *testing.T) {
	asked := 0
	if _, err := Judges(judging(&asked, sim.Holds, errors.New("no")), 2, 1); err == nil {
		t.Error("one says yes and one says no")
	}
}

// Fails if a scenario is not measured with the settings that it names, or wrong ones pass.
func TestBenchSettings(t *testing.T) {
	s := talk()
	s.Bench = "nothing=3"
	if _, err := Runs(s, 1, 1, func(*sim.Verdict) bool { return true }); err == nil {
		t.Error("a setting that there is not")
	}
	rows, err := Runs(talk(), 4, 1, func(*sim.Verdict) bool { return true })
	if err != nil || rows[0].VirtualPerS <= 0 {
		t.Errorf("%+v, %v", rows, err)
	}
}
