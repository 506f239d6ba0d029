package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/zoo"
)

// mum is a system of one node that does nothing, in which each property of the names complains at the end.
func mum(scenario string, names ...string) *sim.Scenario {
	return &sim.Scenario{
		Name:  scenario,
		Build: func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return mumNode{} }) },
		Properties: func(sim.Options) (all []sim.Property) {
			for _, name := range names {
				all = append(all, sulks(name))
			}
			return all
		},
		Run: 1,
	}
}

type mumNode struct{}

func (mumNode) Start(sim.Env)                           {}
func (mumNode) Handle(sim.Env, sim.NodeID, sim.Message) {}

// Sulks is the name of a property that is never reached.
type sulks string

func (s sulks) Name() string                       { return string(s) }
func (s sulks) Observe(*sim.Event) error           { return nil }
func (s sulks) End(*sim.World) (sim.Result, error) { return sim.Open, usage("it sulks") }
func (s sulks) Checks() uint64                     { return 1 }

// Fails if the runs of a trial are judged by a property that was left out, or if a name that nobody has is taken.
func TestTrialWithout(t *testing.T) {
	trial := func(without ...string) (r zoo.Result, code int, stderr string) {
		var out, err strings.Builder
		args := append([]string{"zoo", "trial", "mum", "--seeds", "3:9"}, without...)
		code = Run(context.Background(), args, &out, &err, mum("mum", "bread", "wine"))
		if code == exitOK {
			if e := json.Unmarshal([]byte(out.String()), &r); e != nil {
				t.Fatalf("%v: %s", e, out.String())
			}
		}
		return r, code, err.String()
	}
	if r, code, _ := trial(); code != exitOK || r.Outer == nil || r.Outer.Property != "bread" || r.Outer.Token == "" || r.Runs != 1 {
		t.Errorf("all heard: code %d, %+v", code, r)
	}
	if r, code, _ := trial("--without", "bread"); code != exitOK || r.Outer == nil || r.Outer.Property != "wine" || r.Outer.Token != "" {
		t.Errorf("without bread: code %d, %+v", code, r)
	}
	if r, code, _ := trial("--without", "bread,wine"); code != exitOK || r.Outer != nil || r.Runs != 6 {
		t.Errorf("without both: code %d, %+v", code, r)
	}
	if _, code, err := trial("--without", "bred"); code != exitUsage || !strings.Contains(err, "--without bred: there is no such property: did you mean bread? there are bread, wine, backed,") || strings.Count(err, "\n") != 1 {
		t.Errorf("a wrong name: code %d, %s", code, err)
	}
}

// Fails if a score does not tell each bug's trials which of the properties are theirs, or takes a name that no scenario of the bugs has.
func TestUnheard(t *testing.T) {
	c := &command{scenarios: []*sim.Scenario{mum("mum", "bread", "wine"), mum("dad", "bread", "beer")}}
	mum, dad := &zoo.Bug{Name: "x/mum", Scenario: "mum"}, &zoo.Bug{Name: "x/dad", Scenario: "dad"}
	both := []*zoo.Bug{mum, dad}
	if f, err := c.unheard(nil, both); f != nil || err != nil {
		t.Error("without names some are not heard")
	}
	f, err := c.unheard([]string{"beer", "bread"}, both)
	if err != nil {
		t.Fatal(err)
	}
	if f(mum) != "bread" || f(dad) != "bread,beer" {
		t.Errorf("of mum %q, of dad %q", f(mum), f(dad))
	}
	if _, err := c.unheard([]string{"beer"}, both[:1]); err == nil {
		t.Error("a property that the only scenario does not have was taken")
	}
}
