package simtest

import (
	"context"
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/sim/fault"
	"simrun/view"
)

const (
	defaultRuns = 200
	shortShare  = 5   // with -short, one in so many
	verifyShare = 50  // one in so many runs is made twice
	cloneShare  = 10  // one in so many runs is made with Config.CheckClones
	mostShown   = 3   // distinct failures that are told in full
	margin      = 0.1 // share of the time left for a test that is kept for the report
)

// campaign makes the runs of consecutive seeds and says what they showed.
func (c *check) campaign() {
	t := c.t
	from, to := c.seeds()
	if c.orders.random {
		fmt.Fprintf(t.Output(), "the first seed, drawn at random, is -sim.seed=%#x\n", from)
	}
	t.Attr("sim.base", fmt.Sprintf("%#x", from))
	ctx, stop := c.deadline()
	defer stop()
	h := search.Hunt{Scenario: c.scenario, Config: c.config, From: from, To: to, For: c.orders.length, Workers: workers(),
		Property: c.settings.Property, Progress: c.progress()}
	if err := c.guard(&h); err != nil {
		t.Fatal(err)
	}
	sum, err := h.Run(ctx)
	shown := c.showFailures(&sum)
	c.summary(&sum, from)
	if err != nil {
		t.Fatal(err)
	}
	c.complain(&sum, shown)
	if ctx.Err() != nil {
		return
	}
	// What remains is about nodes that can be copied; it costs a tenth of the runs again, and nothing
	// where there are none.
	if clones, err := c.clones(from, from+max(1, sum.Runs/cloneShare), workers()); err != nil {
		t.Error(err)
	} else if clones != nil {
		fail(t, fmt.Sprintf("clone: %s\nagain:   %s", clones.Why, c.again(t)+fmt.Sprintf("/seed=%#x", clones.Seed)))
	}
}

// seeds returns the range to try. Its end is open if time is the limit.
func (c *check) seeds() (from, to uint64) {
	runs := c.settings.Runs
	if runs == 0 {
		runs = defaultRuns
	}
	if testing.Short() {
		runs = max(1, runs/shortShare)
	}
	if c.orders.runs > 0 {
		runs = c.orders.runs
	}
	from = c.orders.base
	if c.orders.length > 0 && c.orders.runs == 0 || uint64(runs) > math.MaxUint64-from {
		return from, math.MaxUint64
	}
	return from, from + uint64(runs)
}

// workers is how many runs are made at once: as many as go test allows tests to run at once, and no more
// than there are cores.
func workers() int {
	n := runtime.GOMAXPROCS(0)
	if f := flag.Lookup("test.parallel"); f != nil {
		if p, err := strconv.Atoi(f.Value.String()); err == nil && p > 0 {
			n = min(n, p)
		}
	}
	return n
}

// deadline returns a context that ends somewhat before the test binary would be killed.
func (c *check) deadline() (context.Context, context.CancelFunc) {
	end, ok := c.t.Deadline()
	if !ok {
		return context.WithCancel(c.t.Context())
	}
	left := time.Until(end)
	return context.WithTimeout(c.t.Context(), left-time.Duration(margin*float64(left)))
}

// progress returns what a hunt reports to: nothing, or with -sim.v a line every ten seconds.
func (c *check) progress() func(search.Progress) {
	if !c.orders.loud {
		return nil
	}
	last := time.Duration(0)
	return func(p search.Progress) {
		if p.Elapsed-last < 10*time.Second {
			return
		}
		last = p.Elapsed
		fmt.Fprintf(c.t.Output(), "%s seeds after %v, %d failed in %d ways\n", view.Number(p.Done), p.Elapsed.Round(time.Second), p.Failures, p.Distinct)
	}
}

// showFailures reports distinct failures and seeds that differ from themselves, each in a subtest, as
// far as there is room. It returns how many distinct failures it has shown.
func (c *check) showFailures(sum *search.Summary) int {
	differs := make(map[uint64]*search.Divergence)
	var seeds []uint64
	for i := range sum.Diverged {
		d := &sum.Diverged[i]
		differs[d.Seed] = d
		if i < mostShown {
			seeds = append(seeds, d.Seed)
		}
	}
	shown := min(len(sum.Failures), mostShown)
	for _, f := range sum.Failures[:shown] {
		seeds = append(seeds, f.Seed)
	}
	slices.Sort(seeds)
	for _, seed := range slices.Compact(seeds) {
		c.t.Run(fmt.Sprintf("seed=%#x", seed), func(t *testing.T) {
			cfg := c.config
			cfg.Seed = seed
			r, err := c.make(cfg)
			if err != nil {
				t.Fatal(err)
			}
			c.reportSeed(t, &r, differs[seed])
			c.alike(t, sum, seed)
		})
	}
	return shown
}

// alike says how many seeds failed as this one did. The hunt has judged it: where the run now ends well,
// it is not the same run.
func (c *check) alike(t *testing.T, sum *search.Summary, seed uint64) {
	for _, f := range sum.Failures {
		if f.Seed != seed {
			continue
		}
		t.Attr("sim.signature", strings.Join(strings.Fields(f.Signature), " "))
		fmt.Fprintf(t.Output(), "%s of %s seeds failed like this\n", view.Number(f.Count), view.Number(sum.Runs))
		if !t.Failed() {
			fail(t, fmt.Sprintf("not deterministic: the first run of seed %#x failed (%s), this one did not", seed, f.Why))
		}
	}
}

// complain fails the test for what is wrong with all the runs together, and says what is only remarkable.
func (c *check) complain(sum *search.Summary, shown int) {
	t := c.t
	if more := len(sum.Failures) - shown; more > 0 {
		var seeds []string
		for _, f := range sum.Failures[shown:min(len(sum.Failures), shown+10)] {
			seeds = append(seeds, fmt.Sprintf("%#x (%s)", f.Seed, f.Property))
		}
		fail(t, fmt.Sprintf("and %d more ways to fail, such as seed %s", more, strings.Join(seeds, ", ")))
	}
	if more := len(sum.Diverged) - mostShown; more > 0 {
		fail(t, fmt.Sprintf("and %d more seeds whose two runs differ", more))
	}
	c.complainOfGuard(sum)
	if sum.Unknown > 0 {
		fail(t, fmt.Sprintf("unknown in %d of %d runs: a checker ran out of budget, and unknown is not ok", sum.Unknown, sum.Runs))
	}
	for _, k := range sum.NeverFired() {
		fail(t, fmt.Sprintf("%v was possible in %d runs and never happened: this was not tested", k, sum.Enabled[k]))
	}
	if sum.Interrupted {
		fail(t, fmt.Sprintf("stopped after %d runs: the time for tests is nearly over; raise -timeout or lower -sim.runs", sum.Runs))
	}
	if sum.Runs > 0 && len(sum.Failures) == 0 {
		c.complainOfSilence(sum)
	}
}

// complainOfSilence fails the test for properties that never judged. Where runs fail it says nothing:
// they may have ended before there was anything to judge.
func (c *check) complainOfSilence(sum *search.Summary) {
	if len(sum.Checks) == 0 {
		fail(c.t, fmt.Sprintf("scenario %s has no properties: a test of it is green whatever happens", c.scenario.Name))
	}
	for _, p := range sum.Checks {
		if p.Checks == 0 && (c.settings.Property == "" || c.settings.Property == p.Name) {
			fail(c.t, fmt.Sprintf("%s never judged in %d runs: this was not tested", p.Name, sum.Runs))
		}
	}
}

// unknownShare is the share of runs without an answer, in brackets; nothing if all have one.
func unknownShare(sum *search.Summary) string {
	if sum.Unknown == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.1f %%)", max(0.1, 100*float64(sum.Unknown)/float64(sum.Runs))) // not nothing
}

// summary writes down what the runs did: with go test -v, or when the test fails, people see it.
func (c *check) summary(sum *search.Summary, from uint64) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s runs from seed %#x, %d ok, %d violated, %d stalled, %d unknown%s; %s events in %v\n", c.scenario.Name, view.Number(sum.Runs), from,
		sum.OK, sum.Violated, sum.Stalled, sum.Unknown, unknownShare(sum), view.Number(sum.Events), sum.Elapsed.Round(time.Millisecond))
	if sum.Outside > 0 {
		fmt.Fprintf(&b, "%d runs had faults that %s is not built for\n", sum.Outside, c.scenario.Name)
	}
	if sum.Excused > 0 {
		fmt.Fprintf(&b, "%d of those that are ok stalled, as they may beyond their budget\n", sum.Excused)
	}
	var parts []string
	for _, p := range sum.Checks {
		parts = append(parts, fmt.Sprintf("%s %s", p.Name, view.Number(p.Checks)))
	}
	list(&b, "checks      ", parts)
	parts = nil
	for _, s := range sum.Sometimes {
		parts = append(parts, fmt.Sprintf("%s in %d runs", s.Name, s.Runs))
	}
	list(&b, "sometimes   ", parts)
	list(&b, "NOT REACHED ", sum.NeverReached())
	if c.orders.loud {
		parts = nil
		for k := fault.Kind(0); k < fault.Kinds; k++ {
			if sum.Enabled[k] > 0 || sum.Faults[k] > 0 {
				parts = append(parts, fmt.Sprintf("%v %s (in %d of %d runs)", k, view.Number(sum.Faults[k]), sum.FaultRuns[k], sum.Enabled[k]))
			}
		}
		list(&b, "faults      ", parts)
		parts = nil
		for _, x := range sum.Tallies {
			parts = append(parts, fmt.Sprintf("%s %s", view.Number(x.N), x.Name))
		}
		list(&b, "figures     ", parts)
	}
	fmt.Fprint(c.t.Output(), b.String())
}

func list(b *strings.Builder, head string, parts []string) {
	if len(parts) > 0 {
		b.WriteString(view.Wrap("  "+head, strings.Join(parts, ", ")))
	}
}

// clones makes runs in which each node that can be copied is copied before each call, to see whether the
// copy stays as it was. It returns the first failure, nil if there is none.
func (c *check) clones(from, to uint64, workers int) (*search.Failure, error) {
	h := search.Hunt{Scenario: c.scenario, Config: c.config, From: from, To: from + 1, Workers: workers, Property: "clone", StopAfter: 1, Verify: -1}
	h.Config.CheckClones = true
	sum, err := h.Run(context.Background())
	if copied := slices.ContainsFunc(sum.Checks, func(x search.CheckSum) bool { return x.Name == "clone" }); err == nil && copied && len(sum.Failures) == 0 && to > from+1 {
		h.From, h.To = from+1, to
		sum, err = h.Run(context.Background())
	}
	if err != nil || len(sum.Failures) == 0 {
		return nil, err
	}
	return &sum.Failures[0], nil
}
