package cli

import (
	"bufio"
	"strings"
	"testing"

	"simrun/search"
	"simrun/zoo"
)

// It fails if what bugs of one scenario reached is counted twice, if ranges of a bug are not added up, or if something is said of what nobody looked at.
func TestTellReached(t *testing.T) {
	a, b, other := &zoo.Bug{Name: "x/a", Scenario: "x"}, &zoo.Bug{Name: "x/b", Scenario: "x"}, &zoo.Bug{Name: "y/c", Scenario: "y"}
	result := func() zoo.Result { return zoo.Result{Coverage: reached()} }
	scores := []zoo.Score{
		{Bug: a, Results: []zoo.Result{result(), result()}},
		{Bug: b, Profile: "calm", Results: []zoo.Result{result(), {}}},
		{Bug: other, Results: []zoo.Result{{Coverage: &search.Coverage{Runs: 8000, Sights: reached().Sights[:1]}}}},
	}
	tell := func(scores []zoo.Score, each bool) string {
		var out strings.Builder
		c := &command{out: bufio.NewWriter(&out)}
		c.tellReached(scores, each)
		c.out.Flush()
		return out.String()
	}
	// 12,000 runs of x and 8,000 of y. In x/b two things were seen once, in y/c one.
	const all = `Coverage: 20,000 runs of 2 scenarios reached 6 situations, 1 of 2 sometimes, and
1 of 2 kinds of faults. One run more would show something that no other with its
bug has in 1 of 6,667 cases (Good-Turing).
`
	if got := tell(scores, false); got != all {
		t.Errorf("got\n%s\nwant\n%s", got, all)
	}
	want := `  x/a 5 situations, 1 of 2 sometimes, 1 of 2 kinds of faults; all seen twice or
      more: new ones, if any, in under 1 of 8,000 runs
  x/b under calm 5 situations, 1 of 2 sometimes, 1 of 2 kinds of faults; 2 seen
                 in 1 run only: new ones in 1 of 2,000 runs (Good-Turing)
`
	if got := tell(scores, true); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, all) {
		t.Errorf("got\n%s\nwant\n%s and the rest", got, want)
	}
	few := &search.Coverage{Runs: 7, Sights: reached().Sights[:1]}
	if got := tell([]zoo.Score{{Bug: a, Results: []zoo.Result{{Coverage: few}}}}, false); strings.Contains(got, "Good-Turing") || !strings.HasPrefix(got, "Coverage: 7 runs") {
		t.Errorf("an estimate of few runs: %s", got)
	}
	if got := tell([]zoo.Score{{Bug: a, Results: make([]zoo.Result, 3)}}, true); got != "" {
		t.Errorf("nobody looked, and it says %q", got)
	}
}
