package zoo

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
)

var inf = math.Inf(1)

// Fails if a quantile or the ranks of its interval are others than the binomial distribution gives. The ranks are those of a table
// for n = 5 and n = 20, computed elsewhere with whole numbers.
func TestQuantiles(t *testing.T) {
	count := func(n int) (x []float64) {
		for i := n; i > 0; i-- {
			x = append(x, float64(i))
		}
		return x
	}
	for _, c := range []struct {
		x    []float64
		want Quantiles
	}{
		{nil, Quantiles{0, Estimate{inf, 0, inf}, Estimate{inf, 0, inf}}},
		{[]float64{7}, Quantiles{1, Estimate{7, 0, inf}, Estimate{7, 0, inf}}},
		{count(5), Quantiles{5, Estimate{3, 1, 5}, Estimate{5, 3, inf}}},
		{count(20), Quantiles{20, Estimate{11, 6, 15}, Estimate{19, 16, inf}}},
		{count(2), Quantiles{2, Estimate{2, 0, inf}, Estimate{2, 1, inf}}},
		{[]float64{inf, 2, inf, 1, inf}, Quantiles{5, Estimate{inf, 1, inf}, Estimate{inf, inf, inf}}},
	} {
		if got := QuantilesOf(c.x); got != c.want {
			t.Errorf("of %v: got %+v, want %+v", c.x, got, c.want)
		}
	}
}

// Fails if an interval misses the true median more often than it says: samples are geometric, and drawn by a fixed sequence.
func TestIntervalsHold(t *testing.T) {
	state, missed := uint64(1), 0
	const trials, median = 2000, 69 // of a geometric distribution with p = 0.01
	for range trials {
		var x []float64
		for range 20 {
			n := 1.0
			for {
				state = state*6364136223846793005 + 1442695040888963407
				if state>>11 < 1<<53/100 {
					break
				}
				n++
			}
			x = append(x, n)
		}
		if e := QuantilesOf(x).Median; e.Low > median || e.High < median {
			missed++
		}
	}
	if missed > trials/10 || missed == 0 {
		t.Errorf("%d of %d intervals miss the true median: at most one in ten may, and some must", missed, trials)
	}
}

// takes makes a campaign in which each bug takes as many seeds in a range as is said, by its name.
func takes(seeds map[string][]uint64, workers int) Campaign {
	c := Campaign{Ranges: 8, Budget: 1000, Workers: workers, Key: func(b *Bug) (string, error) { return "key of " + b.Name, nil }}
	for _, name := range []string{"a/easy", "a/hard", "a/masked", "a/never"} {
		c.Bugs = append(c.Bugs, &Bug{Name: name, Breaks: "agreement"})
	}
	c.Bugs[2].Masked = "nobody can tell"
	c.Try = func(_ context.Context, b *Bug, trial Trial) (r Result, err error) {
		list := seeds[b.Name]
		n := list[int(trial.From/1000)%len(list)]
		r.Runs = min(n, trial.To-trial.From)
		if n <= r.Runs {
			r.Outer = &Seen{trial.From + n - 1, "agreement", "token"}
		}
		r.Inner, r.Seconds = &Seen{trial.From, "backed", "token"}, 1
		return r, nil
	}
	return c
}

var someTake = map[string][]uint64{"a/easy": {1, 2, 3}, "a/hard": {300, 2000, 100}, "a/masked": {2000}, "a/never": {2000}}

// Fails if the scores depend on the workers, if a hard bug is tried in all ranges or an easy one in few, or if results that are
// known are tried again.
func TestCampaign(t *testing.T) {
	var first []Score
	for _, workers := range []int{1, 4} {
		c := takes(someTake, workers)
		var known []Result
		c.Done = func(r Result) { known = append(known, r) }
		scores, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = scores
		} else if !reflect.DeepEqual(plain(first), plain(scores)) {
			t.Errorf("with %d workers\n got %+v\nwant %+v", workers, plain(scores), plain(first))
		}
		c.Known, c.Done = known, nil
		c.Try = func(context.Context, *Bug, Trial) (Result, error) { return Result{}, errors.New("tried again") }
		if _, err := c.Run(t.Context()); err != nil {
			t.Errorf("results were known: %v", err)
		}
		c.Key = func(*Bug) (string, error) { return "another program", nil }
		if _, err := c.Run(t.Context()); err == nil || err.Error() != "tried again" {
			t.Errorf("results of another program were taken: %v", err)
		}
	}
	var got []string
	for _, s := range first {
		got = append(got, fmt.Sprintf("%s %d %t %t %v", s.Bug.Name, len(s.Results), s.Hard, s.Found(), s.Outer().Median.Value))
	}
	if want := "a/easy 8 false true 2, a/hard 5 true true 300, a/masked 1 false false +Inf, a/never 3 true false +Inf"; strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// plain leaves values that can be compared: the bugs of two campaigns are not the same pointers.
func plain(scores []Score) (list []string) {
	for _, s := range scores {
		list = append(list, fmt.Sprint(s.Bug.Name, s.Profile, s.Hard))
		for _, r := range s.Results {
			list = append(list, fmt.Sprint(r.Trial, r.Key, r.Runs, r.Inner, r.Outer))
		}
	}
	return list
}

// Fails if a campaign that is interrupted loses what was finished, or keeps a hole; if an error of a trial is lost; or if an
// impossible campaign is taken.
func TestCampaignEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := takes(someTake, 2)
	var mu sync.Mutex
	n := 0
	try := c.Try
	c.Try = func(ctx context.Context, b *Bug, trial Trial) (Result, error) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n > 7 {
			cancel()
			return Result{}, ctx.Err()
		}
		return try(ctx, b, trial)
	}
	scores, err := c.Run(ctx)
	kept := 0
	for _, s := range scores {
		kept += len(s.Results)
		for i, r := range s.Results {
			if r.From != uint64(i)*1000 || r.To == 0 {
				t.Errorf("%s: range %d is %+v", s.Bug.Name, i, r.Trial)
			}
		}
	}
	// One that was under way with another worker may be in the way of those that are behind it.
	if !errors.Is(err, context.Canceled) || len(scores) != 4 || kept < 3 || kept > 7 {
		t.Errorf("got %v, %v", err, plain(scores))
	}
	for _, s := range scores { // nobody has decided yet which bugs take long
		if s.Hard {
			t.Errorf("%s was not tried to the end and counts as hard", s.Bug.Name)
		}
	}
	c = takes(someTake, 2)
	c.Try = func(context.Context, *Bug, Trial) (Result, error) { return Result{}, errors.New("it burnt") }
	if _, err := c.Run(t.Context()); err == nil || err.Error() != "it burnt" {
		t.Errorf("got %v", err)
	}
	c.Ranges = 0
	if _, err := c.Run(t.Context()); err == nil {
		t.Error("a campaign without ranges was taken")
	}
}

// Fails if what is small is not kept with the result, is made again, or is of a bug that was not found.
func TestCampaignShrinks(t *testing.T) {
	c := takes(someTake, 1)
	c.Profiles = []string{"swarm", "calm"}
	var known []Result
	c.Done = func(r Result) { known = append(known, r) }
	calls := 0
	c.Shrink = func(_ context.Context, b *Bug, run *Seen) (*Small, error) {
		if run.Property == "" {
			t.Error("nobody says which property complained")
		}
		calls++
		return &Small{Faults: 1, Nodes: 3, Events: 50}, nil
	}
	for range 2 {
		scores, err := c.Run(t.Context())
		if err != nil || calls != 2 {
			t.Fatalf("%v; shrunk %d, want the easy and the hard one once each", err, calls)
		}
		for _, s := range scores {
			if want := s.Profile == "swarm" && s.Found(); (s.Small != nil) != want {
				t.Errorf("%s under %s: small %v", s.Bug.Name, s.Profile, s.Small)
			}
		}
		c.Known, c.Done = known, nil
	}
}

// Fails if the table says something else, or a figure stands in the wrong column.
func TestTable(t *testing.T) {
	c := takes(someTake, 1)
	c.Shrink = func(context.Context, *Bug, *Seen) (*Small, error) {
		return &Small{Faults: 2, Nodes: 3, Events: 50}, nil
	}
	c.Bugs[1].Breaks = "validity"
	scores, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Table(&b, scores); err != nil {
		t.Fatal(err)
	}
	want := `
bug       inner   outer  between       nine in ten  ranges  time  caught by                  shrinks to
a/easy        1       2  1 – 3                   3       8  1.0s  agreement                  2 faults, 3 nodes, 50 events
a/hard        1     300  100 – >1,000       >1,000      5*  1.0s  agreement 3× (unexpected)  2 faults, 3 nodes, 50 events
a/masked      1  >1,000  0 – >1,000         >1,000       1  1.0s  nobody: it is masked
a/never       1  >1,000  0 – >1,000         >1,000      3*  1.0s  nobody
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	b.Reset()
	// A user sees it before anything inside complains; and a patch that somebody can see is not masked.
	odd := []Score{{Bug: c.Bugs[0], Budget: 1000, Results: []Result{{Trial: Trial{From: 0, To: 1000}, Outer: &Seen{6, "agreement", "t"}}}}}
	odd = append(odd, Score{Bug: c.Bugs[2], Budget: 1000, Results: odd[0].Results})
	if err := Table(&b, odd); err != nil || !strings.Contains(b.String(), "a/easy     none      7") || !strings.Contains(b.String(), " agreement (it is NOT masked)\n") {
		t.Errorf("%v, got\n%s", err, b.String())
	}
	if got := odd[1].Unmasked(); got != odd[0].Results[0].Outer || odd[0].Unmasked() != nil || scores[2].Unmasked() != nil {
		t.Errorf("what shows that a patch is not masked is %v, of others %v and %v", got, odd[0].Unmasked(), scores[2].Unmasked())
	}
	b.Reset()
	if err := Markdown(&b, scores[:1]); err != nil {
		t.Fatal(err)
	}
	want = "| bug | inner | outer | between | nine in ten | ranges | time | caught by | shrinks to |\n|---|--:|--:|---|--:|--:|--:|---|---|\n| a/easy | 1 | 2 | 1 – 3 | 3 | 8 | 1.0s | agreement | 2 faults, 3 nodes, 50 events |\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// Fails if the plot is no XML, lacks a score, or draws outside its frame.
func TestPlot(t *testing.T) {
	c := takes(someTake, 1)
	scores, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Plot(&b, scores); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	dots := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "circle" {
			dots++
		}
	}
	if dots != 4+2 { // an inner one each, an outer one of those that were found
		t.Errorf("%d dots", dots)
	}
	for _, s := range scores {
		if !strings.Contains(b.String(), s.Bug.Name) {
			t.Errorf("%s is not in the plot", s.Bug.Name)
		}
	}
	if plotX(1, 1000) != plotLeft || plotX(1000, 1000) != plotLeft+plotWidth || plotX(inf, 1000) != plotLeft+plotWidth || plotX(0, 1000) != plotLeft {
		t.Error("the axis has other ends")
	}
}

// Fails if a story leaves something out that the header says, or a section of a page is not found or takes more than itself.
func TestPage(t *testing.T) {
	b := mustParse(t, strings.Replace(strings.Replace(head, "needs: crash", "also: order — he counts in haste.\nneeds: crash|loss, cut", 1), "hint:", "id: CL-1\nsmallest: 3 events\nseen: a shop\nmend: Count once.\nhint:", 1)+diff)
	m := mustParse(t, strings.Replace(head, "hint:", "masked: nobody counts.\nhint:", 1)+diff)
	m.Name = "shop/mute"
	var w strings.Builder
	if err := Stories(&w, Zoo{b, m}); err != nil {
		t.Fatal(err)
	}
	want := `### shop

**clerk** (CL-1): a clerk counts wrong. He counts twice. It breaks ` + "`agreement`" + ` and needs crash or loss, cut. ` + "`order`" + ` may complain first: he counts in haste. The smallest run known has 3 events. Seen: a shop. *What mends it:* Count once. *Hint:* How often?

**mute**: a clerk counts wrong. He counts twice. *Masked:* nobody counts. *Hint:* How often?
`
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
	page := "a\n<!-- x -->\nold\n<!-- /x -->\nb\n"
	if got, ok := Replace(page, "x", "new\n"); !ok || got != "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n" {
		t.Errorf("got %q, %t", got, ok)
	}
	if got, ok := Replace(page, "y", "new\n"); ok || got != page {
		t.Errorf("got %q, %t", got, ok)
	}
}

// Fails if a result that was seen by all properties is taken for one in which some are not heard, or if a trial is not told which.
func TestCampaignWithout(t *testing.T) {
	bug := &Bug{Name: "x/a"}
	var tried []Trial
	c := Campaign{
		Bugs: []*Bug{bug}, Ranges: 1, Budget: 10, Workers: 1,
		Key: func(*Bug) (string, error) { return "key", nil },
		Try: func(_ context.Context, _ *Bug, t Trial) (Result, error) {
			tried = append(tried, t)
			return Result{}, nil
		},
		Known:   []Result{{Trial: Trial{Bug: "x/a", To: 10}, Key: "key"}},
		Without: func(*Bug) string { return "agreement" },
	}
	if _, err := c.Run(t.Context()); err != nil || len(tried) != 1 || tried[0].Without != "agreement" {
		t.Errorf("%v: tried %+v", err, tried)
	}
	c.Without = nil
	if _, err := c.Run(t.Context()); err != nil || len(tried) != 1 {
		t.Errorf("%v: what was known was tried again: %+v", err, tried)
	}
}
