package sim_test

import (
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a line that can have no effect, or no single meaning, for the nodes and zones that there are is accepted; or if one that can
// is refused.
func TestLinesThatMakeNoSense(t *testing.T) {
	for text, want := range map[string]string{
		"10ms partition bridge a1,a2":                            "bridge needs at least 3 nodes",
		"10ms partition isolate a1":                              "isolate needs at least 2 nodes",
		"10ms partition majority za":                             "majority needs at least 3 nodes",
		"10ms partition ring za,a1,a2":                           "ring needs at least 3 nodes",
		"10ms partition isolate @num":                            "isolate needs at least 2 nodes",
		"10ms partition halves @num,a1":                          "",
		"10ms partition bridge za,b1":                            "",
		"always budget zones 4":                                  "there are 3 zones: a budget of 4 would hold nothing back",
		"always budget zones 3":                                  "",
		"always zone zd a1; always budget zones 4":               "",
		"always budget down 7":                                   "the largest group has 6 nodes: a budget of 7 would hold nothing back",
		"always budget copies 7":                                 "the largest group has 6 nodes",
		"always budget copies 6; always budget down":             "",
		"10ms swap za b1":                                        "za means 2 nodes: two disks are exchanged",
		"10ms swap b1 za":                                        "za means 2 nodes",
		"always zone zd a1; 10ms swap zd a1":                     "the disk of a1 cannot be exchanged with itself",
		"always zone zd a1; 10ms swap zd a2":                     "",
		"10ms swap @num a2":                                      "",
		"always zone zd a1,a2; always zone ze a2,b1":             "a2 stands in two lines that say where it is",
		"always zone za a1; always zone za a2":                   "za stands in two lines that say where it is",
		"always region r za,zb; always region s zb,zc":           "zb stands in two lines that say where it is",
		"always region r za; always region r zb":                 "r stands in two lines that say where it is",
		"always zone zd a1,a2; always region r zd,zb":            "",
		"crash @num after effect 3":                              "a node's name is meant",
		"10ms cut za | a1":                                       "a1 cannot be cut from itself",
		"lose za>b1 num#3":                                       "za is no node",
		"10ms crash @num; after num#3 swap @num a1; 1ms wipe za": "",
	} {
		p, err := fault.Parse(strings.ReplaceAll(text, "; ", "\n"))
		if err == nil {
			_, err = archipelago().World(sim.Config{Plan: &p})
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{"always budget zones": "there are no zones: such a budget would", "always budget down": "there are no groups of nodes that may fail: such a budget would"} {
		if _, err := stage(idle("a")).World(sim.Config{Plan: plan(t, text+"\n")}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	// A line that is made in code never meets the parser.
	made := fault.Plan{{Verb: fault.Fail, Node: "@num", Stream: "sync", N: 3}}
	if _, err := archipelago().World(sim.Config{Plan: &made}); err == nil || !strings.Contains(err.Error(), "a node's name is meant") {
		t.Errorf("%v: error %v", made, err)
	}
}

// Fails if what is refused in a plan can be injected.
func TestInjectedLinesMakeSense(t *testing.T) {
	for _, text := range []string{"10ms partition bridge a1,a2", "10ms swap za b1", "10ms cut za | a1"} {
		l, err := fault.ParseLine(text)
		if err != nil {
			t.Fatal(err)
		}
		w := world(t, archipelago(), sim.Config{Plan: plan(t, "")})
		for range w.Events(0) {
			if err := w.Inject(l); err == nil {
				t.Errorf("%q was injected", text)
			}
			break
		}
	}
}
