package view

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// A Run is what there is to tell about one run.
type Run struct {
	Scenario string
	Config   sim.Config // the one that the run was made with
	Nodes    []sim.NodeID
	Verdict  sim.Verdict
	Wall     time.Duration // real time that the run took
	Trace    *Trace        // the run, if it was recorded: then the story tells what events changed
	Figures  []Figure      // of how well clients were served
	Teller   *Teller       // in the place of a Trace: has seen the run up to End, if there is a story to draw; or nil
	End      uint64        // the event at which the run was seen to go wrong; 0: its end
	Replay   string        // the command that makes the run again
	Hints    Hints         // how to see what the page has no room for
	Colour   bool          // mark verdicts with ANSI colours
}

// A Figure is a line of a report: a name of at most eleven letters, and what there is to say.
type Figure struct{ Name, Text string }

// A report is meant to fit a screen: the diagram takes the room that is left, within limits.
const (
	page       = 40
	belowStory = 6 // its own head and foot, an empty line, the replay line, and two that a replay adds
	leastRows  = 4
	mostRows   = 14
)

// Of a run that was recorded more is drawn, since it says more: so many lines at most, and at least so many even if the page is full.
const (
	leastDrawn = 30
	mostDrawn  = 36
)

// Cheap is up to how many events a run is worth recording for a report: that takes ten times as long as making it.
const Cheap = 200_000

// toldStates is for how many events before its end a story knows the states of nodes: to print one takes a third of a millisecond if a node holds much.
const toldStates = 3_000

// Before is the window of events in which states are recorded for the story of an event, or of the last one if that is 0, in a run with so many events.
func Before(events, event uint64) (w Window) {
	if events <= toldStates {
		return w
	}
	if event == 0 {
		event = events
	}
	return Window{max(event, toldStates) - toldStates + 1, event}
}

// seedText is "seed 0x2a", or "no seed" where a tape decides in its place.
func seedText(cfg sim.Config) string {
	if seedfile.Seedless(cfg) {
		return "no seed"
	}
	return fmt.Sprintf("seed %#x", cfg.Seed)
}

// Report prints a run on a page: who took part, what happened to them, what became of the operations,
// each property with its verdict and the number of times it judged, the story of the violation if there
// is one, and how to have the run again. It returns the first error of w.
func Report(w io.Writer, r Run) error {
	var b bytes.Buffer
	v := &r.Verdict
	fmt.Fprintf(&b, "%s  %s  simver %d  %s\n", r.Scenario, seedText(r.Config), sim.Version, r.verdict())
	if bug := seedfile.Bug(); bug != "" {
		b.WriteString(Wrap("  bug         ", bug))
	}
	b.WriteString(Wrap("  cluster     ", r.cluster()))
	b.WriteString(Wrap("  plan        ", r.plan()))
	b.WriteString(Wrap("  messages    ", fmt.Sprintf("%s sent, %s lost, %s repeated, %s took longer than %v", Number(v.Sent),
		Number(v.Faults[fault.Losses]+v.Faults[fault.CutOff]), Number(v.Faults[fault.Duplicates]), Number(v.Late), fault.Bound)))
	b.WriteString(Wrap("  faults      ", fired(v)))
	for _, t := range tallies(v.Tallies) {
		b.WriteString(Wrap(fmt.Sprintf("  %-11s ", t.name), t.text))
	}
	for _, f := range r.Figures {
		b.WriteString(Wrap(fmt.Sprintf("  %-11s ", f.Name), f.Text))
	}
	if len(v.Sometimes) > 0 {
		b.WriteString(Wrap("  reached     ", strings.Join(v.Sometimes, ", ")))
	}
	for _, o := range v.Outside {
		b.WriteString(Wrap("  outside the model: ", o))
	}
	r.exceptions(&b)
	r.properties(&b)
	for i, a := range v.Accounts {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n\n", strings.TrimRight(a.Text, "\n"))
	}
	fmt.Fprintf(&b, "  time        %s virtual, %s of real time; %s events\n", Duration(v.Virtual), Duration(r.Wall), Number(v.Events))
	fmt.Fprintf(&b, "  hash        %016x\n", v.Hash)
	if v.Outcome != sim.OK {
		said := *v
		var details []string
		said.Why, details = sentenceOf(v.Why)
		b.WriteString("\n" + Wrap("", because(&said, r.Hints)))
		r.details(&b, details)
		if story, ok := r.story(page - bytes.Count(b.Bytes(), []byte("\n")) - belowStory); ok {
			if err := Diagram(&b, story, r.Hints); err != nil {
				return err
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "  replay      %s\n", r.Replay)
	_, err := w.Write(b.Bytes())
	return err
}

// story picks what a report draws, if there is anything, where so many rows have room.
func (r *Run) story(room int) (s Story, ok bool) {
	switch {
	case r.Trace != nil:
		return r.Trace.Story(r.End, min(max(room, leastDrawn), mostDrawn)), true
	case r.Teller != nil:
		return r.Teller.Story(r.End, min(max(room, leastRows), mostRows)), true
	}
	return s, false
}

// exceptions tells what did not happen though the plan says so, and what did and is no failure.
func (r *Run) exceptions(b *bytes.Buffer) {
	v := &r.Verdict
	if v.Spared > 0 {
		b.WriteString(Wrap("  held back   ", Number(v.Spared)+" of the faults, by the budget"))
	}
	for _, l := range v.Idle {
		b.WriteString(Wrap("  idle        ", fmt.Sprintf("%q never did anything", l)))
	}
	for _, e := range v.Excused {
		b.WriteString(Wrap("  excused     ", "stalled, as it may beyond its budget: "+e))
	}
}

// verdict is the end of the first line: the outcome and the property that it is named after.
func (r *Run) verdict() string {
	s := Outcome(r.Verdict.Outcome, r.Colour)
	if r.Verdict.Property != "" {
		s += " " + r.Verdict.Property
	}
	return s
}

// Outcome prints an outcome, in green, yellow or red if colours are wanted.
func Outcome(o sim.Outcome, colour bool) string {
	if !colour {
		return o.String()
	}
	code := map[sim.Outcome]string{sim.OK: "32", sim.Undecided: "33"}[o]
	if code == "" {
		code = "31"
	}
	return "\x1b[" + code + "m" + o.String() + "\x1b[0m"
}

// longestSetting is how much of a setting a report prints, in runes: the replay line has the whole.
const longestSetting = 2 * Width

// cluster names the nodes, and the settings that are not the defaults.
func (r *Run) cluster() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d nodes:", len(r.Nodes))
	for _, id := range r.Nodes {
		b.WriteString(" " + string(id))
	}
	for i, set := range r.Config.Options.Given() {
		if i == 0 {
			b.WriteString("; set")
		}
		b.WriteString(" " + cut(set, longestSetting))
	}
	return b.String()
}

// plan says who decided which faults there are.
func (r *Run) plan() string {
	if r.Config.Plan != nil {
		if len(*r.Config.Plan) == 1 {
			return "1 line, given"
		}
		return fmt.Sprintf("%d lines, given", len(*r.Config.Plan))
	}
	if r.Config.Faults == "" {
		return "drawn by profile swarm"
	}
	return "drawn by profile " + r.Config.Faults
}

// fired lists the faults that happened, and those that could have.
func fired(v *sim.Verdict) string {
	var did, could []string
	for k := fault.Kind(0); k < fault.Kinds; k++ {
		switch {
		case v.Faults[k] > 0:
			did = append(did, fmt.Sprintf("%v %s", k, Number(v.Faults[k])))
		case v.Enabled.Has(k):
			could = append(could, k.String())
		}
	}
	s := "none"
	if len(did) > 0 {
		s = strings.Join(did, ", ")
	}
	if len(could) > 0 {
		s += "; could have happened: " + strings.Join(could, ", ")
	}
	return s
}

// A tally is a line of figures whose names start with the same word.
type tally struct{ name, text string }

// tallies joins figures whose names share their first word: "operations
// done" and "operations failed" are one line.
func tallies(all []sim.Tally) []tally {
	var lines []tally
	var single []string
	at := make(map[string]int)
	for _, t := range all {
		first, rest, _ := strings.Cut(t.Name, " ")
		if family(all, first) < 2 {
			single = append(single, Number(t.N)+" "+t.Name)
			continue
		}
		i, ok := at[first]
		if !ok {
			i = len(lines)
			at[first] = i
			lines = append(lines, tally{name: first})
		} else {
			lines[i].text += ", "
		}
		if rest == "" {
			rest = "in all"
		}
		lines[i].text += Number(t.N) + " " + rest
	}
	if len(single) > 0 {
		lines = append(lines, tally{"figures", strings.Join(single, ", ")})
	}
	return lines
}

// family counts the figures whose names start with a word.
func family(all []sim.Tally, first string) (n int) {
	for _, t := range all {
		if word, _, _ := strings.Cut(t.Name, " "); word == first {
			n++
		}
	}
	return n
}

// properties prints one line a property.
func (r *Run) properties(b *bytes.Buffer) {
	head := "  properties  "
	for _, c := range r.Verdict.Checks {
		name := c.Property
		if c.Inner {
			name += " (inner)"
		}
		checks := fmt.Sprintf("%8s checks", Number(c.Checks))
		switch c.Checks {
		case 0:
			checks = "never judged"
			if c.Outcome == sim.Violated { // a panic is seen, not looked for
				checks = ""
			}
		case 1:
			checks = fmt.Sprintf("%8s check", "1")
		}
		outcome := fmt.Sprintf("%-9s", c.Outcome)
		line := fmt.Sprintf("%s%-30s %s %s", head, cut(name, 30), strings.Replace(outcome, c.Outcome.String(), Outcome(c.Outcome, r.Colour), 1), checks)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		head = strings.Repeat(" ", len(head))
	}
}

// longestReason is how much of a reason a report prints, in runes.
const longestReason = 6 * Width

// because says in one paragraph what went wrong: the property that the verdict is named after, and the
// others that did not hold.
func because(v *sim.Verdict, hints Hints) string {
	s := v.Property + ": " + v.Why
	if v.Property == "" {
		s = v.Why
	}
	for o := sim.Violated; o > sim.OK; o-- {
		var also []string
		for _, c := range v.Checks {
			if c.Outcome == o && c.Property != v.Property {
				also = append(also, c.Property)
			}
		}
		if len(also) > 0 {
			s += fmt.Sprintf(" — also %v: %s", o, strings.Join(also, ", "))
		}
	}
	if short := cut(s, longestReason); short != s {
		if hints.Why != "" {
			short += " (" + hints.Why + ")"
		}
		return short
	}
	return s
}
