package simtest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// How much of a run a report shows, so that it stays within a screen.
const (
	storyRows   = 12 // of a long run, whose states are not known
	storyLines  = 26 // of one that was recorded
	lastEvents  = 12
	detailLines = 12
)

// hints are the flags that show what a report leaves out.
var hints = view.Hints{Events: "-sim.trace lists all", Why: "-sim.trace shows the event"}

// A run is all that there is to tell about one run. It was made twice.
type run struct {
	config  sim.Config
	tape    string // the file whose tape decided it; "" if none did
	verdict sim.Verdict
	nodes   []sim.NodeID
	plan    fault.Plan
	wall    time.Duration
	seen    uint64              // the event at which it went wrong; 0 if that was seen at the end only, or never
	end     uint64              // the same, or the last one
	teller  *view.Teller        // has seen the run up to end; nil if nothing went wrong that could be drawn
	trace   *view.Trace         // once it is recorded
	needs   *search.Explanation // what it needs in order to fail; nil as long as nobody has asked
	events  []string            // those before end, or all
	differs *search.Divergence  // the two runs were not the same
}

// make makes a run, and again to see whether it is the same run and to watch what happens.
func (c *check) make(cfg sim.Config) (r run, err error) {
	r.config = cfg
	start := time.Now()
	if r.verdict, err = play(c.scenario, cfg, &r); err != nil {
		return r, err
	}
	r.wall = time.Since(start)
	judged := search.Judge(r.verdict, c.settings.Property)
	r.seen = seenAt(r.verdict, judged.Property)
	if r.end = r.seen; r.end == 0 {
		r.end = r.verdict.Events
	}
	teller := view.NewTeller(r.nodes)
	watch := func(e *sim.Event) {
		if e.Seq <= r.end {
			teller.See(e)
		}
		if c.orders.trace || e.Seq <= r.end && e.Seq+lastEvents > r.end {
			r.events = append(r.events, view.EventLine(e))
		}
	}
	again, err := play(view.Watch(c.scenario, watch), cfg, &r)
	if err != nil {
		return r, err
	}
	if r.seen > 0 && judged.Failed() {
		r.teller = teller
	}
	if again.Hash != r.verdict.Hash {
		if r.differs, err = search.Compare(c.scenario, cfg); r.differs == nil {
			r.differs = &search.Divergence{Seed: cfg.Seed, Hashes: [2]uint64{r.verdict.Hash, again.Hash}}
		}
	}
	return r, err
}

// cheap is up to how many events a run is worth recording for a report.
const cheap = 50_000

// record records a run, once, with the states of its nodes.
func (c *check) record(t *testing.T, r *run) (*view.Trace, error) {
	if r.trace != nil {
		return r.trace, nil
	}
	trace, err := view.Record(t.Context(), c.scenario, r.config, view.Around(r.verdict.Events, r.seen))
	if err == nil && trace.Verdict.Hash != r.verdict.Hash {
		err = errors.New("the run is not the same when it is made again")
	}
	if err == nil {
		r.trace = trace
	}
	return r.trace, err
}

// play makes a run to its end.
func play(s *sim.Scenario, cfg sim.Config, r *run) (sim.Verdict, error) {
	w, err := s.World(cfg)
	if err != nil {
		return sim.Verdict{}, err
	}
	defer w.Close()
	v := w.Run(0)
	r.nodes, r.plan = w.Nodes(), w.Plan()
	return v, nil
}

// seenAt returns the event at which a property was violated, 0 if that was seen at the end or never.
func seenAt(v sim.Verdict, property string) uint64 {
	for _, x := range v.Violations {
		if x.Property == property {
			return x.Seq
		}
	}
	return 0
}

// reportSeed ends the subtest of a seed: it reports the run, and fails if that failed. The campaign may
// have seen it differ from itself.
func (c *check) reportSeed(t *testing.T, r *run, differs *search.Divergence) {
	t.Attr("sim.seed", fmt.Sprintf("%#x", r.config.Seed))
	c.explain(r, differs)
	outcome := search.Judge(r.verdict, c.settings.Property).Outcome
	t.Attr("sim.outcome", outcome.String())
	c.tell(t, r)
	if outcome != sim.OK || r.differs != nil {
		t.Fail()
	}
}

// tell writes a run down for people: what went wrong, how it came to that in a run that was made small, and what to do with it.
func (c *check) tell(t *testing.T, r *run) {
	w := t.Output()
	if r.differs != nil {
		_, rest, _ := strings.Cut(r.differs.Report(), "\n")
		fmt.Fprintf(w, "not deterministic: %v\n%s", r.differs, rest)
	}
	c.headline(w, r)
	shown := c.tellSmall(t, w, r)
	if c.orders.trace {
		fmt.Fprintf(w, "all %s events:\n%s", view.Number(shown.verdict.Events), indent(strings.Join(shown.events, "\n")))
	}
	c.draw(t, shown)
	c.writeTest(t, shown)
	if search.Judge(r.verdict, c.settings.Property).Outcome != sim.OK || c.orders.loud {
		c.tellCommands(w, shown)
	}
	if c.orders.again == nil {
		fmt.Fprintf(w, "again:   %s\n", c.again(t))
	}
}

// tellSmall makes a failing run small, if that is wanted, and tells its story. It returns the run that it told: the small one, or r itself.
func (c *check) tellSmall(t *testing.T, w io.Writer, r *run) *run {
	s, why := c.smaller(t, r)
	if s == nil {
		c.tellWhy(t, w, r, detailLines)
	} else {
		c.tellWhy(t, w, r, 0)
		r = &s.run
		fmt.Fprintf(w, "made small:\n")
		c.tellWhy(t, w, r, detailLines)
		c.tellSize(w, s)
	}
	if why != "" {
		fmt.Fprintf(w, "it is shown as it is, and not made small: %s\n", why)
	}
	j := search.Judge(r.verdict, c.settings.Property)
	switch {
	case c.orders.loud:
		if j.Outcome != sim.OK {
			c.recordCheap(t, r) // without it there is less to tell
		}
		view.Report(w, view.Run{Trace: r.trace, Scenario: c.scenario.Name, Config: r.config, Nodes: r.nodes, Verdict: r.verdict, Wall: r.wall,
			Teller: r.teller, End: r.seen, Replay: c.commands(r)[0].line, Hints: hints})
		fmt.Fprintf(w, "plan:\n%s", indent(r.plan.String()))
	case j.Outcome != sim.OK:
		c.tellStory(t, w, r)
	}
	return r
}

// headline writes the verdict and the reason.
func (c *check) headline(w io.Writer, r *run) {
	j := search.Judge(r.verdict, c.settings.Property)
	who := fmt.Sprintf("seed %#x", r.config.Seed)
	switch {
	case r.tape != "":
		who = "the tape of " + r.tape
	case seedfile.Seedless(r.config):
		who = "a run without a seed"
	case r.config.Driver != nil:
		who = "the fuzzer's run"
	}
	fmt.Fprintf(w, "%s, %s: %s", c.scenario.Name, who, j.Outcome)
	if j.Outcome == sim.OK {
		fmt.Fprintf(w, ", %s events, hash %016x\n", view.Number(r.verdict.Events), r.verdict.Hash)
		return
	}
	fmt.Fprintf(w, " %s\n", j.Property)
}

// tellWhy writes what the property complains of, with so many lines of particulars; none are told of a run that another is told for.
func (c *check) tellWhy(t *testing.T, w io.Writer, r *run, details int) {
	j := search.Judge(r.verdict, c.settings.Property)
	if j.Outcome == sim.OK {
		return
	}
	if details == 0 {
		j.Why, _, _ = strings.Cut(j.Why, "\n")
	} else if strings.Contains(j.Why, "\n") && j.Outcome != sim.Undecided {
		c.recordCheap(t, r) // without it there is less to tell
	}
	if c.orders.loud && details > 0 {
		details = math.MaxInt
	}
	sentence, more := view.Complaint(j.Why, r.trace, details, "-sim.v prints all")
	fmt.Fprint(w, view.Wrap("  ", sentence), more)
	if x := view.Inside(r.verdict, j.Property); x != nil && details > 0 {
		why, _, _ := strings.Cut(x.Why, "\n")
		fmt.Fprint(w, view.Wrap("  inside    ", fmt.Sprintf("%s at event %d: %s", x.Property, x.Seq, why)))
	}
	if len(r.verdict.Outside) > 0 {
		fmt.Fprintf(w, "outside the model: %s\n", strings.Join(r.verdict.Outside, "; "))
	}
}

// upTo says that the events before a violation are not the last of the run.
func upTo(r *run) string {
	if r.end == r.verdict.Events {
		return ""
	}
	return fmt.Sprintf(" up to %d", r.end)
}

// again is the command that runs the test t alone, as it ran here.
func (c *check) again(t *testing.T) string {
	return strings.Join(append([]string{c.goTest(regexp.QuoteMeta(t.Name()))}, c.orders.flagsAgain()...), " ")
}

// testedPackage is the import path of the package under test; "." if the test binary does not say. That of a package main is without a suffix.
func testedPackage() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "."
	}
	switch path := strings.TrimSuffix(info.Path, ".test"); path {
	case "", "command-line-arguments":
		return "."
	default:
		return path
	}
}

// buildTags is the flag that the test binary was built with, where some of its files are there only then.
func buildTags() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, x := range info.Settings {
			if x.Key == "-tags" && x.Value != "" {
				return "-tags=" + x.Value + " "
			}
		}
	}
	return ""
}

// indent sets every line of a text two columns in, and ends it with a line break.
func indent(text string) string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}
