package chandylamport

import (
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// settings reads options.
func settings(t testing.TB, set ...string) sim.Options {
	t.Helper()
	return trial.Options(t, Scenario(), set...)
}

// world makes a run.
func world(t testing.TB, cfg sim.Config) *sim.World {
	t.Helper()
	return trial.World(t, Scenario(), cfg)
}

// steady is a plan in which nothing is left to chance.
const steady = "always law constant 1ms; always ties ordered; always sync 100us"

// two returns p1 of a bank of two accounts, which have a channel each way.
func two(stable bool) (*Process, *fake.Env) {
	load := apps.New("bank", apps.NewTopology("line", 2, 0), 3)
	place := Place{All: load.Topology.Nodes, In: load.Topology.From(0), Out: load.Topology.To(0), Snapshots: 1}
	if stable {
		place.Stable = &Codec{apps.Encode, apps.Decode}
	}
	return Wrap(func() sim.Node { return load.Boot(0) }, place), fake.New("p1")
}

// app is a transfer from p2.
func app(incarnation, n uint32, money int64) App {
	return App{incarnation, Name{incarnation, n, "p2"}, apps.Transfer{Money: money}}
}

// said prints what was sent, oldest first.
func said(env *fake.Env) string {
	var parts []string
	for _, s := range env.Take() {
		parts = append(parts, string(s.To)+" "+str(s.Message))
	}
	return strings.Join(parts, "; ")
}

// facts prints the facts since the last call, without those that say whether the application is passive.
func facts(env *fake.Env) string {
	var parts []string
	for _, f := range env.Facts {
		if _, ok := f.(Turned); !ok {
			parts = append(parts, str(f))
		}
	}
	env.Facts = nil
	return strings.Join(parts, "; ")
}

func str(v any) string { return v.(interface{ String() string }).String() }
