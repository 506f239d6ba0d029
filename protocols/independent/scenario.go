package independent

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "independent": processes p1, p2, ... run an application, fail and recover.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:    "independent",
		Doc:     "independent checkpoints, and recovery lines by the dependency graph: consistent, nothing lost, and the right answer; with message logging too",
		Options: options(),
		Check:   check,
		Model:   fault.Model{NoLoss: true, NoCut: true},
		ModelFor: func(o sim.Options) fault.Model {
			return fault.Model{NoLoss: true, NoCut: true, FIFO: o.Text("recovery") == "notices"}
		},
		Build: func(w *sim.World, o sim.Options) {
			cfg := configure(o)
			boot, from := work(o)
			for i, id := range cfg.Nodes {
				own := cfg
				own.Self, own.From = i, from(i)
				own.Boot = func() apps.App { return boot(i) }
				w.Add(id, func() sim.Node { return New(own) })
			}
			w.Group(0, cfg.Nodes...)
		},
		Properties: func(o sim.Options) []sim.Property {
			l := newLedger(configure(o))
			end := &ending{ledger: l}
			if o.Text("script") == "" {
				end.load = apps.FromOptions(o)
			}
			return []sim.Property{l.noOrphan(), l.outputCommit(), l.noLivelock(), &delivery{ledger: l}, end}
		},
		Operation: operation,
		Targets:   []string{"Checkpointed", "Released", "LineFound", "RolledBack"},
		Sometimes: []string{"Restored"},
		Run:       4 * time.Second,
		Settle:    time.Second,
	}
}

var (
	loggings = []string{"none", "pessimistic", "optimistic"}
	policies = []string{"independent", "coordinated", "sends"}
)

func options() []sim.Option {
	list := apps.Options()
	for i := range list {
		switch list[i].Name {
		case "app":
			list[i].Default = "mesh"
		case "work":
			list[i].Default = 20
		}
	}
	return append(list,
		sim.Option{Name: "script", Default: "", Check: func(text string) error { _, err := readScript(text, 64); return err },
			Doc: "what processes do, in the place of an application: p1: 10 >p2, 20 R; p2: 15 R"},
		sim.Option{Name: "interval", Default: 20 * time.Millisecond, Doc: "between checkpoints of a process; 0s: only where the script says so"},
		sim.Option{Name: "rate", Default: 100, Min: 1, Max: 10000, Doc: "how fast the application works, in percent"},
		sim.Option{Name: "checkpoints", Default: "independent", Of: policies, Doc: "when: by each process's clock, coordinated by number, or with messages sent"},
		sim.Option{Name: "sends", Default: 1, Min: 1, Max: 100, Doc: "with checkpoints=sends: so many messages sent make a checkpoint; more than 1 is wrong"},
		sim.Option{Name: "logging", Default: "none", Of: loggings, Doc: "of received messages: none, pessimistic or optimistic"},
		sim.Option{Name: "flush", Default: 10 * time.Millisecond, Doc: "with optimistic logging: between two times that the log is written"},
		sim.Option{Name: "incremental", Default: false, Doc: "a checkpoint writes only what has changed"},
		sim.Option{Name: "incarnations", Default: true, Doc: "messages from before a rollback are recognised; false is wrong"},
		sim.Option{Name: "recovery", Default: "line", Of: []string{"line", "notices"}, Doc: "all stop and return to a computed line; or who rolls back tells the others, which is only good for seeing how that goes wrong"},
		sim.Option{Name: "resend", Default: true, Doc: "what a rollback loses is sent again; otherwise it is declared lost"},
		sim.Option{Name: "outputs", Default: 5, Min: 0, Max: 1000, Doc: "every so many messages and timers a process shows something to the outside world; 0: never"},
		sim.Option{Name: "commit", Default: true, Doc: "an output waits until it cannot be undone; false is wrong"},
	)
}

// check says which settings do not go together.
func check(o sim.Options) error {
	logging, checkpoints := o.Text("logging"), o.Text("checkpoints")
	_, err := readScript(o.Text("script"), o.Int("nodes"))
	switch {
	case err != nil:
		return fmt.Errorf("script for nodes=%d: %w", o.Int("nodes"), err)
	case logging != "none" && checkpoints != "independent":
		return fmt.Errorf("checkpoints=%s is a cure by itself: it goes with logging=none", checkpoints)
	case logging != "none" && !o.Bool("resend"):
		return errors.New("resend=false: with a log nothing is lost, so it goes with logging=none")
	case logging == "pessimistic" && !o.Bool("incarnations"):
		return errors.New("incarnations=false: with logging=pessimistic nobody is rolled back, so there are none")
	case checkpoints != "sends" && o.Int("sends") != 1:
		return errors.New("sends is for checkpoints=sends")
	case o.Text("recovery") == "notices" && (logging != "none" || checkpoints != "independent"):
		return errors.New("recovery=notices goes with logging=none and checkpoints=independent")
	}
	return nil
}

// configure reads the options.
func configure(o sim.Options) Config {
	return Config{
		Nodes:       apps.NewTopology("ring", o.Int("nodes"), 0).Nodes,
		Logging:     Logging(slices.Index(loggings, o.Text("logging"))),
		Policy:      Policy(slices.Index(policies, o.Text("checkpoints"))),
		Interval:    o.Duration("interval"),
		Flush:       o.Duration("flush"),
		Sends:       o.Int("sends"),
		Outputs:     o.Int("outputs"),
		Commit:      o.Bool("commit"),
		Incremental: o.Bool("incremental"),
		Incarnation: o.Bool("incarnations"),
		Resend:      o.Bool("resend"),
		Notices:     o.Text("recovery") == "notices",
		Rate:        o.Int("rate"),
	}
}

// work returns what process number i runs, and who may send to it.
func work(o sim.Options) (boot func(i int) apps.App, from func(i int) []sim.NodeID) {
	if text := o.Text("script"); text != "" {
		s, err := readScript(text, o.Int("nodes"))
		if err != nil {
			panic("independent: the settings were not checked: " + err.Error())
		}
		nodes := apps.NewTopology("ring", o.Int("nodes"), 0).Nodes
		return func(i int) apps.App { return s.boot(nodes[i]) },
			func(i int) []sim.NodeID { return slices.Delete(slices.Clone(nodes), i, i+1) }
	}
	load := apps.FromOptions(o)
	return load.Boot, load.Topology.From
}

// readScript reads a script, which may be empty.
func readScript(text string, n int) (script, error) {
	if text == "" {
		return nil, nil
	}
	return parseScript(text, n)
}
