package steps

import (
	"errors"
	"fmt"
	"slices"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// A Test is a failing run that is to be told as the source of a Go test.
type Test struct {
	Case     search.Case // spelt out, and best made small: see search.Shrink
	Property string      // that it fails by; "": the one that the verdict is named after
	Name     string      // of the test function; "": after the scenario and the property
	Package  string      // of the file, see [PackageOf]; "": that of the scenario, as an external test
	Scenario string      // the Go expression that makes the scenario, such as "counter.Scenario()"; "": what the scenario says, see [Expression]
}

// A told is a run, seen by itself or as steps tell it.
type told struct {
	verdict   sim.Verdict
	signature string
	shape     []string // the names of its events
	marks     []mark
	trail     seedfile.Trail
}

// Source returns the source of a test that makes the run and fails as it does, formatted. The steps have been tried: where the time of a fault, told
// as what the world is doing then, would make another run, the time is told; where that would too, the line of the plan is.
//
// An error says that the run does not fail, or that no expression for its scenario is known.
func (x Test) Source() (string, error) {
	if x.Case.Scenario == nil || x.Case.Config.Plan == nil {
		return "", errors.New("steps: a test needs a case that is spelt out")
	}
	if x.Property != "" {
		x.Case.Config.Only = x.Property
	}
	e, err := expression(x.Case.Scenario, x.Scenario)
	if err != nil {
		return "", err
	}
	base, err := x.watch()
	if err != nil {
		return "", err
	}
	calls, same, err := x.tell(base)
	if err != nil {
		return "", err
	}
	hash := uint64(0)
	if same {
		hash = x.hash()
	}
	return x.print(e, base, calls, hash)
}

// hash is that of the run as its seed file makes it, which goes on where one that is judged by a single property may not.
func (x *Test) hash() uint64 {
	c := x.Case
	c.Config.Only = ""
	w, err := c.World()
	if err != nil {
		return 0
	}
	return w.Run(0).Hash
}

// watch makes the run as its case says.
func (x *Test) watch() (t told, err error) {
	log := newLog(true)
	c := x.Case
	c.Config.Issued = log.issued
	c.Scenario = view.Watch(c.Scenario, log.see)
	w, err := c.World()
	if err != nil {
		return t, err
	}
	t = log.told(w.Run(0), x.Property)
	if !search.Judge(t.verdict, x.Property).Failed() {
		return t, fmt.Errorf("steps: the run does not fail: %s", seedfile.Expected(t.verdict))
	}
	return t, nil
}

func (l *log) told(v sim.Verdict, property string) told {
	t := told{verdict: v, signature: search.Judge(v, property).Signature(), marks: l.marks, trail: l.trail}
	for i := range l.marks {
		t.shape = append(t.shape, l.marks[i].name())
	}
	return t
}

// like reports whether the run is the other one but for instants.
func (t *told) like(other *told) bool {
	return t.signature == other.signature && slices.Equal(t.shape, other.shape)
}

// A call is a step as it stands in a test.
type call struct {
	name string
	args []any  // string, int, uint64 or time.Duration
	note string // a comment
}

// tell finds the steps that make the run. Same says whether they make every event as it was, also its instant.
func (x *Test) tell(base told) (calls []call, same bool, err error) {
	head := x.head()
	var ways [][]way
	for _, l := range *x.Case.Config.Plan {
		ways = append(ways, waysOf(&l, &base))
	}
	// A run that goes on though another property has complained is told so only if a step needs it.
	only := append([]call{{name: "Only", args: []any{x.judged(&base)}}}, head...)
	left := len(ways) + 1
	for _, h := range [][]call{head, only} {
		choice, ok := x.choose(h, ways, &base)
		if !ok {
			continue
		}
		lines := 0 // of a plan, as they are
		for i, c := range choice {
			if c > 0 && ways[i][c].head {
				lines++
			}
		}
		if lines < left {
			left, calls = lines, assemble(h, ways, choice, x.last())
		}
		if left == 0 || x.Case.Config.Only == "" {
			break
		}
	}
	if calls == nil {
		return nil, false, errors.New("steps: the steps make another run than the case")
	}
	t := x.play(calls)
	return calls, t.trail.Parted(base.trail) == 0, nil
}

// choose finds a way to tell each line: all as they read best; if that is another run, each as well as the others let it. It reports false if not even the lines
// as they stand in the plan make the run.
func (x *Test) choose(head []call, ways [][]way, base *told) (choice []int, ok bool) {
	works := func() bool {
		t := x.play(assemble(head, ways, choice, x.last()))
		return t != nil && t.like(base)
	}
	choice = make([]int, len(ways))
	if works() {
		return choice, true
	}
	for i := range choice {
		choice[i] = len(ways[i]) - 1
	}
	if !works() {
		return nil, false
	}
	var open []int // lines that can be told otherwise
	for i := range choice {
		if choice[i] > 0 {
			open = append(open, i)
		}
	}
	improve(choice, open, works)
	return choice, true
}

// improve makes as many choices as it can as good as they can be: all of some lines at once, and if that does not work, those of each half.
func improve(choice, lines []int, works func() bool) {
	was := slices.Clone(choice)
	for _, i := range lines {
		choice[i] = 0
	}
	if len(lines) == 0 || works() {
		return
	}
	copy(choice, was)
	if n := len(lines) / 2; n > 0 {
		improve(choice, lines[:n], works)
		improve(choice, lines[n:], works)
		return
	}
	i := lines[0]
	for choice[i] = 1; choice[i] < was[i] && !works(); choice[i]++ {
	}
}

func (x *Test) judged(base *told) string {
	if x.Property != "" {
		return x.Property
	}
	return base.verdict.Property
}

// head are the steps that are about the whole run.
func (x *Test) head() (calls []call) {
	cfg := x.Case.Config
	if cfg.For > 0 {
		calls = append(calls, call{name: "Lasts", args: []any{cfg.For}})
	}
	for _, d := range x.Case.Tape {
		calls = append(calls, call{name: "Pick", args: []any{d.Key, d.Outcome}})
	}
	return calls
}

// last is what the test expects: all to hold, since it is to fail as long as it does not.
func (x *Test) last() call {
	if x.Property == "" && x.Case.Config.Only == "" {
		return call{name: "Holds"}
	}
	property := x.Property
	if property == "" {
		property = x.Case.Config.Only
	}
	return call{name: "Holds", args: []any{property}}
}
