package laiyang

import (
	"fmt"
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

// three returns p1 of a bank of three accounts, where p1 and p2 may begin snapshots.
func three(method Method) (*Process, *fake.Env) {
	load := apps.New("bank", apps.NewTopology("clique", 3, 0), 3)
	all := load.Topology.Nodes
	return Wrap(load.Boot(0), Place{All: all, Initiators: all[:2], Method: method, Snapshots: 1}), fake.New("p1")
}

// app is a transfer, the n-th of its channel.
func app(n uint32, money int64, colour ...uint32) App {
	return App{colour, n, apps.Transfer{Money: money}}
}

// said prints what was sent since the last call, oldest first.
func said(env *fake.Env) string {
	var parts []string
	for _, s := range env.Take() {
		parts = append(parts, string(s.To)+" "+fmt.Sprint(s.Message))
	}
	return strings.Join(parts, "; ")
}

// facts prints the facts since the last call.
func facts(env *fake.Env) string {
	var parts []string
	for _, f := range env.Facts {
		parts = append(parts, fmt.Sprint(f))
	}
	env.Facts = nil
	return strings.Join(parts, "; ")
}

// A step is a message that comes to a process, and what it must send and note then.
type step struct {
	from        sim.NodeID
	m           sim.Message
	sent, facts string
}

func play(t *testing.T, p *Process, env *fake.Env, steps []step) {
	t.Helper()
	for _, s := range steps {
		p.Handle(env, s.from, s.m)
		if got := said(env); got != s.sent {
			t.Errorf("%v from %s: sent %q, want %q", s.m, s.from, got, s.sent)
		}
		if got := facts(env); got != s.facts {
			t.Errorf("%v from %s: noted %q, want %q", s.m, s.from, got, s.facts)
		}
	}
}
