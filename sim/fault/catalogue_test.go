package fault

import (
	"strings"
	"testing"
)

// Fails if an entry of the catalogue has no example that parses, if what it shows would not be counted as what the entry says, or if an entry lacks
// something; and if a kind of fault that is counted, or a verb, is in no entry.
func TestCatalogue(t *testing.T) {
	names, kinds, shown := map[string]bool{}, Set(0), map[Verb]bool{}
	for _, e := range Catalogue() {
		if names[e.Name] {
			t.Errorf("%s is there twice", e.Name)
		}
		names[e.Name] = true
		kinds.Add(e.Kind)
		if !strings.HasSuffix(e.Doc, ".") || strings.Count(e.Doc, ".") != 1 || e.Called == "" || e.Of == "" {
			t.Errorf("%s: %+v", e.Name, e)
		}
		plan, err := Parse(e.Example)
		if err != nil || plan.String() != e.Example+"\n" {
			t.Errorf("%s: %q prints %q, %v", e.Name, e.Example, plan.String(), err)
			continue
		}
		for _, l := range plan {
			shown[l.Verb] = true
		}
		// What only another fault brings out stands beside it.
		beside := "\n1s crash a2\n2s restart a2\n"
		if all, err := Parse(e.Example + beside); err != nil || !all.Enabled().Has(e.Kind) && !needsWorld[e.Kind] {
			t.Errorf("%s: its example does not enable %s (%v)", e.Name, e.Kind, err)
		}
	}
	for k := range Kinds {
		if !kinds.Has(k) && k != CutOff {
			t.Errorf("%s is counted and in no entry", k)
		}
	}
	for v := range verbs {
		if !shown[v] && !bare[v] {
			t.Errorf("no entry shows %s", v)
		}
	}
}

// needsWorld are the kinds of which a plan alone does not know whether they may happen: a torn write needs a long one, and bandwidth a crowd.
var needsWorld = map[Kind]bool{TornWrites: true, Lingering: true, ZonePower: true, ZoneNetwork: true}

// bare are the verbs that are no faults: settings, and what ends others.
var bare = map[Verb]bool{Resume: true, Heal: true, Thaw: true, Restart: true, Read: true, Write: true, Ties: true, Region: true, Budget: true, Beyond: true}
