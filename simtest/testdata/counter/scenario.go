package counter

import (
	"fmt"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario is two clients that use a counter whose messages may be lost, late and repeated. Replicas do not crash.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name: "counter",
		Doc:  "a counter on three replicas: an increment that a client asks for counts once",
		Options: []sim.Option{
			{Name: "clients", Default: 2, Min: 1, Max: 5, Doc: "how many clients"},
			{Name: "increments", Default: 5, Min: 1, Max: 100, Doc: "how many increments each client asks for"},
			{Name: "dedupe", Default: false, Doc: "the primary knows a repeated request again; false is the bug"},
		},
		Model:      fault.Model{Crash: fault.NoCrash},
		Build:      build,
		Properties: properties,
		Sometimes:  []string{"Retried"},
		Run:        5 * time.Second,
		Settle:     2 * time.Second,
	}
}

func build(w *sim.World, o sim.Options) {
	backups := []sim.NodeID{"b1", "b2"}
	w.Add("p", func() sim.Node { return &primary{backups: backups, dedupe: o.Bool("dedupe")} })
	for _, id := range backups {
		w.Add(id, func() sim.Node { return &backup{} })
	}
	for i := range o.Int("clients") {
		id := sim.NodeID(fmt.Sprintf("c%d", i+1))
		w.Add(id, func() sim.Node { return sim.Scripted(client(o.Int("increments"))) })
	}
}

func properties(o sim.Options) []sim.Property {
	want := o.Int("clients") * o.Int("increments")
	asked, told := 0, 0
	onceEach := func(e *sim.Event) (judged bool, err error) {
		switch fact := e.Data.(type) {
		case Asked:
			asked++
		case Told:
			if fact.Total > asked {
				return true, fmt.Errorf("%s is told a total of %d when clients have asked for %d increments", e.Node, fact.Total, asked)
			}
			return true, nil
		}
		return false, nil
	}
	allTold := func(e *sim.Event) (reached bool) {
		if _, ok := e.Data.(Told); ok {
			told++
		}
		return told == want
	}
	waiting := func(*sim.World) error {
		return fmt.Errorf("clients still wait for %d of %d increments", want-told, want)
	}
	facts := []sim.Kind{sim.Noted}
	return []sim.Property{
		checkers.Always("once each", false, facts, onceEach),
		checkers.Eventually("all told", facts, allTold, waiting),
	}
}
