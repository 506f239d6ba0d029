package steps

import (
	"context"
	"fmt"
	"strings"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// How long the story of a failure is, and the longest run that has one.
const (
	storyLines = 40
	mostDrawn  = 200_000
)

// Holds lets the run go to its end, and fails the test unless every property holds; or the one property that is named.
func (r *Run) Holds(property ...string) {
	r.t.Helper()
	r.alive("Holds")
	if len(property) > 1 {
		r.t.Fatalf("steps: Holds: want one property, or none for all of them")
	}
	name := strings.Join(property, "")
	v := r.conclude("Holds", name)
	j := search.Judge(v, name)
	switch {
	case j.Failed():
		r.t.Fatalf("%s", r.report(v, j))
	case j.Outcome != sim.OK:
		r.t.Fatalf("steps: %v: %s", j.Outcome, j.Why)
	}
	r.checkIdle(v)
}

// Violates lets the run go to its end, and fails the test unless this property is violated.
func (r *Run) Violates(property string) { r.t.Helper(); r.fails("Violates", property, sim.Violated) }

// Stalls lets the run go to its end, and fails the test unless this property still waits for something then.
func (r *Run) Stalls(property string) { r.t.Helper(); r.fails("Stalls", property, sim.Stalled) }

func (r *Run) fails(step, property string, want sim.Outcome) {
	r.t.Helper()
	r.alive(step)
	v := r.conclude(step, property)
	j := search.Judge(v, property)
	if j.Outcome == want {
		r.checkIdle(v)
		return
	}
	got := fmt.Sprintf("the run is %v", v.Outcome)
	if v.Outcome != sim.OK {
		got += " " + v.Property + ": " + firstLine(v.Why)
	}
	r.t.Fatalf("steps: %s(%q): %s, after %s events, at %s", step, property, got, view.Number(v.Events), view.Duration(v.Virtual))
}

// checkIdle fails the test if a step did nothing: then the run is not the one that the test tells.
func (r *Run) checkIdle(v sim.Verdict) {
	r.t.Helper()
	if len(v.Idle) > 0 {
		r.t.Fatalf("steps: nothing came of %s", strings.Join(v.Idle, "; "))
	}
}

// conclude makes the whole run, judged by one property if one is named.
func (r *Run) conclude(step, property string) sim.Verdict {
	r.t.Helper()
	if property != "" {
		r.c.Config.Only = property
	}
	w, err := r.c.World()
	if err != nil {
		r.t.Fatalf("steps: %s: %v", step, err)
	}
	r.close()
	r.judged = true
	return w.Run(0)
}

// report tells a failure: what is wrong, how it came to that, and how to have it again.
func (r *Run) report(v sim.Verdict, j search.Judgement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v %s\n%s", r.c.Scenario.Name, j.Outcome, j.Property, view.Wrap("  ", firstLine(j.Why)))
	end := uint64(0) // seen at the end only
	for _, x := range v.Violations {
		if x.Property == j.Property && x.Seq > 0 {
			end = x.Seq
		}
	}
	f, whole := r.written("Holds")
	if cfg, err := f.Config(r.c.Scenario); err == nil && v.Events <= mostDrawn {
		cfg.Only = r.c.Config.Only
		if trace, err := view.Record(context.Background(), r.c.Scenario, cfg, view.Around(v.Events, end)); err == nil {
			b.WriteString("\n")
			view.Diagram(&b, trace.Story(end, storyLines), view.Hints{})
			b.WriteString("\n")
		}
	}
	if len(v.Outside) > 0 {
		b.WriteString(view.Wrap("outside the model: ", strings.Join(v.Outside, "; ")))
	}
	fmt.Fprintf(&b, "replay %s\n", f.Token())
	if !search.Judge(whole, j.Property).Failed() {
		b.WriteString(view.Wrap("which ends before: ", fmt.Sprintf("%v %s, since a replay is judged by all properties", whole.Outcome, whole.Property)))
	}
	return b.String()
}

// File writes the run down as it is told so far, to its end, judged by all properties, as whoever replays it judges it.
func (r *Run) File() seedfile.File {
	r.t.Helper()
	f, _ := r.written("File")
	return f
}

// written is the run as it is written down. A file does not say by which property it is to be judged, so one that was ends where it ends when all judge.
func (r *Run) written(step string) (seedfile.File, sim.Verdict) {
	r.t.Helper()
	c := r.c
	c.Config.Only = ""
	w, err := c.World()
	if err != nil {
		r.t.Fatalf("steps: %s: %v", step, err)
	}
	v := w.Run(0)
	return c.File(v), v
}
