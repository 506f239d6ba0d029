package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/zoo"
)

var everyWorth = flag.Bool("zoo.weak", false, "hold all judges against the zoo, and not only a few: it compiles some dozens of programs")

// A worth is a bug that shows what a property of its scenario is worth: without it the bug is found later.
type worth struct {
	property string
	bug      string
	beside   string // properties that see the same in the same runs, with commas between them: they are not heard in either case
	budget   uint64 // seeds in a range
}

// worthRanges is how many ranges of seeds each is tried in.
const worthRanges = 3

// sampled are the bugs of which a plain go test tries what they show: each is a program to compile.
var sampled = []string{"2pc/takes-silence-for-yes", "koo-toueg/nothing-sent-is-everything"}

// Fails if a property is not worth what the list says: if a bug is found about as soon when nobody hears it. Then it is blind, or another sees the same in the same
// runs; and if a bug is not found at all, the list is out of date.
func TestWorthOfProperties(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles this program with bugs")
	}
	z := openZoo(t)
	rows := make(map[string][]worth)
	for _, x := range worths {
		rows[x.bug] = append(rows[x.bug], x)
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if !*everyWorth && !slices.Contains(sampled, name) {
			continue
		}
		bug, ok := z.Find(name)
		if !ok {
			t.Errorf("the zoo has no %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			program := compiled(t, bug)
			for _, x := range rows[name] {
				inner := slices.Contains(bug.Inner, x.property) || isInner(t, bug, x.property)
				var beside []string
				unheard := x.property
				if x.beside != "" {
					beside = []string{"--without", x.beside}
					unheard += "," + x.beside
				}
				with, found := seedsTo(t, program, bug, x.budget, inner, beside...)
				without, _ := seedsTo(t, program, bug, x.budget, inner, "--without", unheard)
				t.Logf("%s: %d seeds in %d ranges with it, %d without", x.property, with, worthRanges, without)
				if found < 2 || without < 2*with {
					t.Errorf("%s: found in %d of %d ranges of %d seeds, after %d seeds in all, and without it after %d", x.property, found, worthRanges, x.budget, with, without)
				}
			}
		})
	}
}

// compiled makes the program with a bug, or with what a patch makes of a checker too.
func compiled(t *testing.T, bug *zoo.Bug) string {
	t.Helper()
	b := zoo.Builder{Root: rootOfModule, Program: "simrun/cmd/simrun", Named: seedfile.BugVariable, Cache: t.TempDir()}
	program, err := b.Build(t.Context(), bug)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// seedsTo returns how many seeds all ranges take together until the bug is seen, by an inner property or by an outer one, and in how many of them it is. A range in which
// it is not counts as a whole.
func seedsTo(t *testing.T, program string, bug *zoo.Bug, budget uint64, inner bool, more ...string) (seeds uint64, found int) {
	t.Helper()
	for i := range uint64(worthRanges) {
		args := []string{"zoo", "trial", bug.Scenario, "--seeds", fmt.Sprintf("%d:%d", i*budget, (i+1)*budget)}
		for _, set := range bug.Set {
			args = append(args, "--set", set)
		}
		if bug.Faults != "" {
			args = append(args, "--faults", bug.Faults)
		}
		out, err := exec.CommandContext(t.Context(), program, append(args, more...)...).Output()
		var r zoo.Result
		if err == nil {
			err = json.Unmarshal(out, &r)
		}
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		seen := r.Outer
		if inner {
			seen = r.Inner
		}
		if seen == nil {
			seeds += budget
			continue
		}
		seeds += seen.Seed - i*budget + 1
		found++
	}
	return seeds, found
}

// scenarioOf finds the scenario that shows a bug, and its settings.
func scenarioOf(t *testing.T, b *zoo.Bug) (*sim.Scenario, sim.Options) {
	t.Helper()
	i := slices.IndexFunc(scenarios(), func(s *sim.Scenario) bool { return s.Name == b.Scenario })
	if i < 0 {
		t.Fatalf("%s: there is no scenario %q", b.Name, b.Scenario)
	}
	o, err := scenarios()[i].ParseOptions(b.Set)
	if err != nil {
		t.Fatal(err)
	}
	return scenarios()[i], o
}

// judges lists the properties that judge the runs which show a bug, and whether each is an inner one.
func judges(t *testing.T, b *zoo.Bug) map[string]bool {
	t.Helper()
	s, o := scenarioOf(t, b)
	names, err := search.Properties(s, sim.Config{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	inner := map[string]bool{}
	for _, name := range names {
		inner[name] = name == "backed" || name == "invariant" // which the world judges
	}
	for _, p := range s.Properties(o) {
		if in, ok := p.(interface{ Inner() bool }); ok && p.Name() != "" {
			inner[p.Name()] = in.Inner()
		}
	}
	return inner
}

func isInner(t *testing.T, b *zoo.Bug, property string) bool {
	inner, ok := judges(t, b)[property]
	if !ok {
		t.Fatalf("nothing called %s judges the runs of %s", property, b.Name)
	}
	return inner
}

// ofTheWorld are the properties that every scenario has, and which no bug of a protocol is about. Their tests are those of package sim.
var ofTheWorld = []string{"panic", "immutable", "clone", "time-passes"}

// Fails if a property that judges a scenario with bugs is in neither list: nobody has asked what it is worth. Also if a property stands in both, or in one and nobody has it,
// or if the list of those that nothing in the zoo shows lacks a reason.
func TestEveryPropertyHasItsWorth(t *testing.T) {
	z := openZoo(t)
	shown := map[string]bool{}
	for _, x := range worths {
		b, ok := z.Find(x.bug)
		if !ok {
			t.Errorf("the zoo has no %s", x.bug)
			continue
		}
		shown[b.Scenario+" "+x.property] = true
	}
	there := map[string]bool{} // whether a header names it
	for _, b := range z {
		for name := range judges(t, b) {
			row := b.Scenario + " " + name
			there[row] = there[row] || name == b.Breaks || slices.Contains(b.Inner, name)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(there)) {
		_, name, _ := strings.Cut(row, " ")
		reason, listed := unshown[row]
		switch {
		case shown[row] && listed:
			t.Errorf("%s is in both lists", row)
		case shown[row] || slices.Contains(ofTheWorld, name):
		case !there[row] && !listed && (name == "backed" || name == "invariant"): // the world has them for all, and most scenarios nothing for them to judge
		case strings.TrimSpace(reason) == "":
			t.Errorf("%s: what is it worth? (a header names it: %v)", row, there[row])
		}
	}
	for _, list := range []iter.Seq[string]{maps.Keys(shown), maps.Keys(unshown)} {
		for row := range list {
			if _, ok := there[row]; !ok {
				t.Errorf("%s: there is no such property", row)
			}
		}
	}
}
