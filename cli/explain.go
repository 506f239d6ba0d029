package cli

import (
	"fmt"
	"strings"

	"simrun/search"
	"simrun/sim"
	"simrun/view"
)

// mostExplained is how many runs an explanation may take where a budget was given for something larger.
const mostExplained = 1500

// explain asks what a failing run needs in order to fail, within a part of the budget of the command: 0 for a second's worth. What an interrupt made worthless is
// nil.
func (c *command) explain(k search.Case, property string, runs int) (*search.Explanation, error) {
	if c.ctx.Err() != nil {
		return nil, nil
	}
	e, err := k.Explain(c.ctx, property, min(runs, mostExplained))
	if err != nil {
		return nil, &ending{exitUnknown, err.Error()}
	}
	return &e, nil
}

// tellExplained prints what the run needs: what is needed with what becomes of the run without it, in a line each, what is not, and the twin.
func (c *command) tellExplained(k search.Case, e *search.Explanation) error {
	heads := [...]string{search.Fault: "  without   - ", search.Pick: "  without   - ", search.Setting: "  with      - "}
	var idle [2][]string // faults and picks; settings
	told := ""
	for _, w := range e.Without {
		switch {
		case !w.Needed && w.Kind == search.Setting:
			idle[1] = append(idle[1], w.What)
			continue
		case !w.Needed:
			idle[0] = append(idle[0], strings.TrimPrefix(w.Changed(), "without "))
			continue
		}
		head := heads[w.Kind]
		what, _ := strings.CutPrefix(w.Changed(), strings.Fields(head)[0]+" ")
		if head == told {
			head = strings.Repeat(" ", len(head)-2) + "- "
		}
		told = heads[w.Kind]
		fmt.Fprint(c.out, view.Wrap(head, what+": "+w.Says))
	}
	if too := failsToo(idle); too != "" {
		fmt.Fprint(c.out, view.Wrap("  fails too   ", too))
	}
	if e.Twin == nil {
		fmt.Fprint(c.out, view.Wrap("  no twin     ", e.NoTwin))
		return nil
	}
	return c.tellTwin(k, e.Twin)
}

// failsToo lists what the failure does not need.
func failsToo(idle [2][]string) string {
	var says []string
	if len(idle[0]) > 0 {
		says = append(says, "without "+strings.Join(idle[0], "; "))
	}
	if len(idle[1]) > 0 {
		says = append(says, "with the usual "+strings.Join(idle[1], ", "))
	}
	return strings.Join(says, "; and ")
}

// tellTwin prints the nearest run that passes, and the events in which the two part.
func (c *command) tellTwin(k search.Case, t *search.Twin) error {
	here, err := eventAt(k, t.At[0])
	if err != nil {
		return err
	}
	there, err := eventAt(t.Case, t.At[1])
	if err != nil {
		return err
	}
	file := t.Case.File(t.Verdict)
	fmt.Fprint(c.out, view.Wrap("  a twin      ", fmt.Sprintf("%s: %s; the two part at event %d", t.Differs, t.Says, max(t.At[0], t.At[1]))))
	fmt.Fprint(c.out, view.Wrap("    here      ", here))
	fmt.Fprint(c.out, view.Wrap("    there     ", there))
	fmt.Fprintf(c.out, "    replay    %s\n", c.replayLine(file.Token(), false)) // in one line, to be pasted
	return nil
}

// eventAt prints one event of a run; the end of it for 0.
func eventAt(k search.Case, seq uint64) (string, error) {
	text := "the end of the run"
	if seq == 0 {
		return text, nil
	}
	k.Scenario = view.Watch(k.Scenario, func(e *sim.Event) {
		if e.Seq == seq {
			line, _, _ := strings.Cut(view.EventLine(e), "  <- ")
			text = "#" + strings.Join(strings.Fields(line), " ")
		}
	})
	w, err := k.World()
	if err != nil {
		return "", &ending{exitUnknown, err.Error()}
	}
	defer w.Close()
	for e := range w.Events(0) {
		if e.Seq >= seq {
			break
		}
	}
	return text, nil
}

// An explainedRecord is an explanation in --json.
type explainedRecord struct {
	Without []withoutRecord `json:"without"`
	Twin    *twinRecord     `json:"twin,omitempty"`
	NoTwin  string          `json:"no_twin,omitempty"` // why there is none
	Runs    int             `json:"runs"`
	Spent   bool            `json:"spent"`
}

// A withoutRecord is what becomes of the run when one thing is left out, or a setting put back to its default.
type withoutRecord struct {
	Kind     string `json:"kind"` // fault, pick or setting
	What     string `json:"what"`
	Says     string `json:"says"`
	Needed   bool   `json:"needed"` // the run does not fail as it did
	Passes   bool   `json:"passes"`
	Verdict  string `json:"verdict,omitempty"` // "" if there was none
	Property string `json:"property,omitempty"`
}

// A twinRecord is the nearest run that passes.
type twinRecord struct {
	Differs string    `json:"differs"`
	Says    string    `json:"says"`
	Passes  bool      `json:"passes"`
	At      [2]uint64 `json:"at"` // the first event that is not the same, in the run and in the twin; 0: it had ended
	Seed    string    `json:"seed_file"`
	Token   string    `json:"token"`
}

// explainedRecordOf puts an explanation into its record; nil stays nil.
func explainedRecordOf(e *search.Explanation) *explainedRecord {
	if e == nil {
		return nil
	}
	r := &explainedRecord{Without: []withoutRecord{}, NoTwin: e.NoTwin, Runs: e.Runs, Spent: e.Spent}
	for _, w := range e.Without {
		x := withoutRecord{Kind: w.Kind.String(), What: w.What, Says: w.Says, Needed: w.Needed, Passes: w.Passes}
		if w.Verdict.Events > 0 {
			x.Verdict, x.Property = w.Verdict.Outcome.String(), w.Verdict.Property
		}
		r.Without = append(r.Without, x)
	}
	if t := e.Twin; t != nil {
		f := t.Case.File(t.Verdict)
		r.Twin = &twinRecord{t.Differs, t.Says, t.Passes, t.At, f.String(), f.Token()}
	}
	return r
}
