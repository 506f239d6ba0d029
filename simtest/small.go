package simtest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/seedfile"
	"simrun/view"
)

// A failing run of a hundred messages and thirty faults explains nothing, so what a test shows of it is the smallest run that
// fails the same way. What comes of that depends on the run and the budget alone, and so does the text of a failure; but where the time for tests
// is nearly over there is the smallest run so far, and a line that says so.

// A smaller is a failing run that was made small.
type smaller struct {
	run                  // of the small one
	shrunk search.Shrunk // what it took
	cut    bool          // the time was over
}

// mostExplained is how many runs an explanation may take where a budget was given for something larger.
const mostExplained = 1000

// recipeLines is how many faults and picks of a small run are listed.
const recipeLines = 10

// smaller makes a failing run small. It returns nil if nobody wants that, or, with a reason, if it cannot be done.
func (c *check) smaller(t *testing.T, r *run) (s *smaller, why string) {
	if c.orders.shrink == 0 || r.differs != nil || !search.Judge(r.verdict, c.settings.Property).Failed() {
		return nil, ""
	}
	ctx, stop, ok := timeFor(t)
	defer stop()
	if !ok {
		return nil, "the time for tests is nearly over"
	}
	cfg := r.config
	cfg.Only = c.settings.Property
	given, _, err := search.Explicit(c.scenario, cfg)
	if err != nil {
		return nil, err.Error()
	}
	s = &smaller{}
	var needs search.Explanation
	s.shrunk, err = search.Shrink{Case: given, Property: c.settings.Property, Runs: max(c.orders.shrink, 0), Workers: workers()}.Run(ctx)
	if err != nil {
		return nil, err.Error()
	}
	if ctx.Err() == nil {
		if needs, err = s.shrunk.Case.Explain(ctx, c.settings.Property, min(max(c.orders.shrink, 0), mostExplained)); err != nil {
			return nil, err.Error()
		}
	}
	s.cut = ctx.Err() != nil
	file := s.shrunk.File()
	if cfg, err = file.Config(c.scenario); err != nil {
		return nil, err.Error()
	}
	s.run, err = c.make(cfg)
	s.needs = &needs
	switch {
	case err != nil:
		return nil, err.Error()
	case s.differs != nil:
		return nil, "the small run is not the same when it is made again"
	}
	return s, ""
}

// leastTime is what making a run small needs, where there is a limit.
const leastTime = 2 * time.Second

// timeFor returns a context that leaves some of the time of a test for what follows. It reports false if there is too little.
func timeFor(t *testing.T) (ctx context.Context, stop context.CancelFunc, ok bool) {
	end, limited := t.Deadline()
	if !limited {
		ctx, stop = context.WithCancel(t.Context())
		return ctx, stop, true
	}
	left := time.Until(end) / 2
	ctx, stop = context.WithTimeout(t.Context(), left)
	return ctx, stop, left >= leastTime
}

// tellSize says what became of the run r, and what makes the small one.
func (c *check) tellSize(w io.Writer, s *smaller) {
	fmt.Fprint(w, view.Wrap("  it was    ", s.shrunk.Before.String()))
	fmt.Fprint(w, view.Wrap("  and is    ", s.shrunk.After.String()))
	after := fmt.Sprintf("%s runs", view.Number(uint64(s.shrunk.Runs)))
	switch {
	case s.cut:
		after += "; the time for tests is nearly over: there may be something smaller"
	case s.shrunk.Spent && c.orders.shrink > 0:
		after += "; that was the budget: there may be something smaller"
	case s.shrunk.Spent:
		after += "; that was the budget: there may be something smaller, which a higher -sim.shrink looks for"
	}
	fmt.Fprint(w, view.Wrap("  after     ", after))
	fmt.Fprint(w, view.Recipe(s.shrunk.File(), recipeLines, s.needs.Of))
	if t := s.needs.Twin; t != nil {
		fmt.Fprint(w, view.Wrap("  a twin    ", fmt.Sprintf("%s: %s; the two part at event %d", t.Differs, t.Says, max(t.At[0], t.At[1]))))
	}
}

// tellStory draws how it came to a failure. A short run is recorded for that, so that what events changed is told too; of a long one, of which it was seen at its
// end only that it failed, there are the last events.
func (c *check) tellStory(t *testing.T, w io.Writer, r *run) {
	trace, err := c.recordCheap(t, r)
	if err != nil {
		fmt.Fprintf(w, "its states are not told: %v\n", err)
	}
	var story view.Story
	switch {
	case trace != nil:
		story = trace.Story(r.seen, storyLines)
	case r.teller != nil:
		story = r.teller.Story(r.end, storyRows)
	}
	switch {
	case len(story.Lanes) > 0:
		fmt.Fprintln(w)
		view.Diagram(w, story, hints)
		fmt.Fprintln(w)
	case !c.orders.trace:
		fmt.Fprintf(w, "the last %d of %s events%s:\n%s", len(r.events), view.Number(r.verdict.Events), upTo(r), indent(strings.Join(r.events, "\n")))
	}
}

// recordCheap records a run unless it is long.
func (c *check) recordCheap(t *testing.T, r *run) (*view.Trace, error) {
	if r.verdict.Events > cheap || r.differs != nil {
		return nil, nil
	}
	return c.record(t, r)
}

// token is the run as one word, or the file whose tape decided it.
func (c *check) token(r *run) string {
	if r.tape != "" {
		return r.tape
	}
	return seedfile.Of(c.scenario, r.config, r.verdict).Token()
}
