package fault

import (
	"slices"
	"strings"
	"testing"
)

// like reports whether a line of a plan is one that an entry of the catalogue shows: of the same verb, in the same manner.
func like(e *Entry, x, l *Line) bool {
	aimed := func(l *Line) bool {
		return l.After.What != "" || strings.Contains(strings.Join(append(l.Sides[0], l.Sides[1]...), ""), "@")
	}
	zoned := func(l *Line) bool {
		return l.Node != "" && l.Node[0] == 'z' || len(l.Sides[0]) > 0 && l.Sides[0][0][0] == 'z'
	}
	switch e.Name {
	case "aimed":
		return l.Place() == Aimed
	case "duplicate", "loss":
		return l.Verb == x.Verb
	case "leader-alone":
		return l.Verb == Cut && aimed(l)
	case "crash-stop":
		return l.Verb == Crash && l.Good
	case "crash-recovery":
		return l.Verb == Crash && l.Time > 0 || l.Verb == Restart
	case "slow-disk":
		return l.Verb == Sync && l.Time > SyncBound
	case "asymmetric-latency":
		return l.Verb == Law && l.From != ""
	case "reorder":
		return l.Verb == Law && reorders(l.Law)
	case "linger":
		return l.Verb == Law && lingers(l.Law)
	case "io-error", "failed-sync":
		return l.Verb == Fail && (l.Stream == "sync") == (e.Name == "failed-sync")
	}
	return l.Verb == x.Verb && l.Mode == x.Mode && l.Good == x.Good && (l.Effect > 0) == (x.Effect > 0) && zoned(l) == zoned(x) && (aimed(l) == aimed(x) || l.Verb == Pause)
}

// Fails if the catalogue says of a profile that it draws a fault which it does not draw in many seeds, or does not say so of one
// that does.
func TestCatalogueProfiles(t *testing.T) {
	spaces := []Space{everything(), everything(), everything(), everything()}
	spaces[1].Model = Model{TrueTime: true}
	spaces[2].Model = Model{Crash: FailStop}
	spaces[3].Model = Model{Disk: Lying} // where all nodes may lie, those that a group can spare do, and none is left to damage
	examples := map[string]*Line{}
	for _, e := range Catalogue() {
		plan, err := Parse(e.Example)
		if err != nil {
			t.Fatal(err)
		}
		examples[e.Name] = &plan[0]
		if e.Of == "zone" || e.Kind == Overflows {
			examples[e.Name] = &plan[len(plan)-1]
		}
	}
	for _, p := range Profiles() {
		drawn := map[string]bool{}
		for seed := range uint64(700) {
			for i, s := range spaces {
				for _, l := range draw(p, seed, s) {
					for _, e := range Catalogue() {
						if !drawn[e.Name] && (like(&e, examples[e.Name], &l) || e.Name == "crash-stop" && i == 2 && l.Verb == Crash) {
							drawn[e.Name] = true
						}
					}
				}
			}
		}
		for _, e := range Catalogue() {
			if says := slices.Contains(e.Profiles(), p.Name); says != drawn[e.Name] {
				t.Errorf("%s draws %s: %v, and the catalogue says %v", p.Name, e.Name, drawn[e.Name], says)
			}
		}
	}
}

// Fails if an entry has no families though some profile must draw it, or a family is in no entry.
func TestEveryFamilyIsInTheCatalogue(t *testing.T) {
	in := map[family]bool{windows: true, excesses: true, uncertains: true} // others at another time; beyond; no fault
	known := map[string]bool{}
	for _, e := range Catalogue() {
		known[e.Name] = true
		if len(entryFamilies[e.Name]) == 0 && e.Name != "broken-bound" && e.Name != "withhold" { // plans alone ask for these
			t.Errorf("no family draws %s", e.Name)
		}
		for _, f := range entryFamilies[e.Name] {
			in[f] = true
		}
	}
	for name := range entryFamilies {
		if !known[name] {
			t.Errorf("%s is not in the catalogue", name)
		}
	}
	for f := range families {
		if !in[f] {
			t.Errorf("family %s is in no entry", familyTable[f].name)
		}
	}
}
