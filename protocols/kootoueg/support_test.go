package kootoueg

import (
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/disk"
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

// placeIn is the place of process number i of a clique of n that runs a bank.
func placeIn(n, i int) (*apps.Workload, Place) {
	load := apps.New("bank", apps.NewTopology("clique", n, 0), 5)
	t := load.Topology
	return load, Place{All: t.Nodes, In: t.From(i), Out: t.To(i), Codec: Codec{apps.Encode, apps.Decode}}
}

// start returns p1 of a clique of n after its start, and its world.
func start(t *testing.T, n int, set ...func(*Place)) (*Process, *fake.Env) {
	t.Helper()
	load, place := placeIn(n, 0)
	for _, f := range set {
		f(&place)
	}
	env := fake.New("p1")
	p := Wrap(func() sim.Node { return load.Boot(0) }, place)
	p.Start(env)
	env.Take()
	env.Facts, env.Timers = nil, nil
	return p, env
}

// restart returns p1 in its next life, on the same disk.
func restart(t *testing.T, p *Process, env *fake.Env) *Process {
	t.Helper()
	next := Wrap(p.boot, p.Place)
	env.Take()
	env.Facts, env.Timers = nil, nil
	next.Start(env)
	return next
}

// money is a transfer on a channel, in first incarnations.
func money(from, to sim.NodeID, label uint64) App {
	return App{Name{from, to, 1, label}, 1, 1, apps.Transfer{Money: 1}}
}

// spend makes p1 send a transfer to the neighbour that its application picks: p2, if nothing else is said.
func spend(p *Process, env *fake.Env) { p.inside(env).Send("p2", apps.Transfer{Money: 1}) }

// sent returns the messages of a type that were sent since the last call of Take, and to whom.
func sent[M sim.Message](env *fake.Env) (list []M, to []sim.NodeID) {
	for _, s := range env.Sent {
		if m, ok := s.Message.(M); ok {
			list, to = append(list, m), append(to, s.To)
		}
	}
	return list, to
}

// only returns the single message of a type that was sent since the last Take, and forgets all.
func only[M sim.Message](t *testing.T, env *fake.Env) (m M) {
	t.Helper()
	list, _ := sent[M](env)
	if len(list) != 1 {
		t.Fatalf("sent %v: want one %T", env.Sent, m)
	}
	env.Take()
	return list[0]
}

// durable is what would be on the disk of a fake world after a power failure.
func durable(env *fake.Env) disk.View {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	return d.Durable()
}
