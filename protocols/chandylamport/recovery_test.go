package chandylamport

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// example is a snapshot of two accounts with a transfer in a channel.
func example(n uint32) Snapshot {
	id := ID{1, n, "p1"}
	state := func(money int64) []byte {
		a := apps.New("bank", apps.NewTopology("line", 2, 0), 3).Boot(0)
		a.Handle(fake.New("p1"), "p2", apps.Transfer{Money: money - 100})
		b, _ := a.MarshalBinary()
		return b
	}
	return Snapshot{id, []Part{
		{"p1", state(70), "70 money", false, 70, []Channel{{"p2", []App{app(1, 1, 20), app(1, 2, 10)}}}},
		{"p2", state(100), "100 money", true, 100, []Channel{{From: "p1"}}},
	}}
}

// A snapshot comes back from bytes as it was. Fails if something is left out, or if damaged bytes pass for a snapshot.
func TestSnapshotOnDisk(t *testing.T) {
	c, s := Codec{apps.Encode, apps.Decode}, example(2)
	b := c.encode(nil, &s)
	got, err := c.decode(b)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%v became %v (%v)", s, got, err)
	}
	for n := range b {
		if _, err := c.decode(b[:n]); err == nil {
			t.Fatalf("%d bytes of %d pass for a snapshot", n, len(b))
		}
	}
	if got.Amount() != 200 || got.Terminated() {
		t.Errorf("amount %d, terminated %v", got.Amount(), got.Terminated())
	}
	s.Parts[0].Channels[0].Messages = nil
	if s.Terminated() {
		t.Error("terminated, though p1 is not passive")
	}
	if s.Parts[0].Passive = true; !s.Terminated() {
		t.Error("not terminated, though all are passive and all channels empty")
	}
}

func TestIDs(t *testing.T) {
	order := []ID{{}, {1, 1, "p1"}, {1, 1, "p2"}, {1, 2, "p1"}, {2, 1, "p1"}}
	for i, a := range order {
		for j, b := range order {
			if a.Before(b) != (i < j) {
				t.Errorf("%v before %v: %v", a, b, a.Before(b))
			}
		}
	}
	if got := fmt.Sprint(order); got != "[the start p1#1 p2#1 p1#2 p1#1/2]" {
		t.Error(got)
	}
}

// crashed returns a new life of p1 with the same disk.
func crashed(env *fake.Env) (*Process, *fake.Env) {
	p, again := two(true)
	again.Store = env.Store
	p.Start(again)
	return p, again
}

// The leader takes all through both phases, and again from the start when it crashes in between. Each step fails if a phase begins before all
// have answered, if an answer counts twice or for another incarnation, or if the number of an incarnation is used twice.
func TestLeader(t *testing.T) {
	p, env := two(true)
	p.Start(env)
	step := func(from sim.NodeID, m sim.Message, want string) {
		t.Helper()
		p.Handle(env, from, m)
		if got := said(env); got != want {
			t.Errorf("%v from %s: said %q, want %q", m, from, got, want)
		}
	}
	if got := facts(env) + said(env); got != "recovering: incarnation 1p1 Stop{1}; p2 Stop{1}" {
		t.Error(got)
	}
	step("p1", Stop{Incarnation: 1}, "p1 Stopped{1, has the start}")
	step("p1", Stopped{Incarnation: 1}, "")
	step("p1", Stopped{Incarnation: 1}, "") // not twice
	step("p2", Rejoin{0}, "p2 Stop{1}")     // it was not up when it was told
	step("p2", Stopped{Incarnation: 1, Latest: example(2)}, "p1 Restore{1 from p1#2}; p2 Restore{1 from p1#2, to p1 Transfer{20}, Transfer{10}}")
	step("p2", Rejoin{0}, "") // it has been told since
	step("p2", Restored{1}, "")
	p, env = crashed(env)
	if got := facts(env) + said(env); got != "recovering: incarnation 2p1 Stop{2}; p2 Stop{2}" {
		t.Error(got)
	}
	step("p2", Stopped{Incarnation: 1, Latest: example(2)}, "") // of the recovery before
	step("p2", Stopped{Incarnation: 2}, "")
	step("p1", Stopped{Incarnation: 2}, "p1 Restore{2 from the start}; p2 Restore{2 from the start}")
	step("p1", Restored{2}, "")
	step("p2", Rejoin{2}, "p1 Stop{3}; p2 Stop{3}") // it has crashed meanwhile
	step("p1", Stopped{Incarnation: 3, Latest: example(2)}, "")
	step("p2", Stopped{Incarnation: 3, Latest: example(1)}, "p1 Restore{3 from p1#2}; p2 Restore{3 from p1#2, to p1 Transfer{20}, Transfer{10}}") // the later of the two
	step("p1", Restored{3}, "")
	facts(env)
	step("p2", Restored{3}, "p1 Go{3}; p2 Go{3}")
	if got := facts(env); got != "recovered: incarnation 3" {
		t.Error(got)
	}
}

// A process stops, goes back and goes on, and lets nothing of the past in. Each step fails if it would answer before it has stopped, go on before
// it is told, or handle a message of another incarnation.
func TestFollower(t *testing.T) {
	load := apps.New("bank", apps.NewTopology("line", 2, 0), 3)
	place := Place{All: load.Topology.Nodes, In: load.Topology.From(1), Out: load.Topology.To(1), Stable: &Codec{apps.Encode, apps.Decode}}
	boot := func() *Process { return Wrap(func() sim.Node { return load.Boot(1) }, place) }
	p, env := boot(), fake.New("p2")
	p.Start(env)
	if len(env.Timers) != 1 || env.Timers[0].After == 0 {
		t.Fatalf("timers %v: want one, since the system may just be starting", env.Timers)
	}
	from1 := func(n uint32, money int64) App { return App{n, Name{n, 1, "p1"}, apps.Transfer{Money: money}} }
	part := Restore{2, ID{1, 2, "p1"}, example(2).Parts[0].State, []Outgoing{{"p1", []App{app(1, 1, 20)}}}}
	for _, step := range []struct {
		m     sim.Message
		said  string
		facts string
	}{
		{env.Timers[0].Message, "p1 Rejoin{0}", ""},
		{Stop{Incarnation: 2}, "p1 Stopped{2, has the start}", ""},
		{Stop{Incarnation: 2}, "p1 Stopped{2, has the start}", ""}, // the leader may not have heard
		{Stop{Incarnation: 1}, "", ""},
		{ask{0}, "", ""}, // no longer
		{from1(1, 3), "", "discarded Transfer{3}"},
		{Marker{ID{1, 3, "p1"}}, "", ""},
		{Restore{Incarnation: 1}, "", ""},
		{part, "p1 Restored{2}", "rolled back to p1#2, incarnation 2"},
		{part, "", ""},
		{Stop{Incarnation: 2}, "", ""}, // late: it has gone on since
		{Go{1}, "", ""},
		{Go{2}, "p1 Transfer{20} of 2, again", ""},
		{Go{2}, "", ""},
		{from1(1, 3), "", "discarded Transfer{3}"},
		{from1(2, 5), "", ""},
		{timer{1, apps.Transfer{Money: 50}}, "", ""}, // of a life that is over
	} {
		p.Handle(env, "p1", step.m)
		if got := said(env); got != step.said {
			t.Errorf("%v: said %q, want %q", step.m, got, step.said)
		}
		if got := facts(env); got != step.facts {
			t.Errorf("%v: noted %q, want %q", step.m, got, step.facts)
		}
	}
	if got := p.Application().(apps.App).Amount(); got != 75 {
		t.Errorf("it has %d, want the 70 of the snapshot and 5", got)
	}
	again := fake.New("p2")
	again.Store = env.Store
	p = boot()
	p.Start(again)
	if p.Application() != nil || len(again.Timers) != 1 || again.Timers[0].After != 0 || again.Timers[0].Message != (ask{2}) {
		t.Errorf("in its next life it has %v and timers %v", p.Application(), again.Timers)
	}
}

// A message of an incarnation says that everybody has its state, before Go does. Fails if it were dropped: nobody would send it again.
func TestFirstMessageSaysGo(t *testing.T) {
	for _, m := range []sim.Message{app(1, 1, 5), Marker{ID{1, 1, "p2"}}} {
		p, env := two(true)
		p.Start(env)
		p.Handle(env, "p1", Stop{Incarnation: 1})
		p.Handle(env, "p1", Restore{Incarnation: 1})
		facts(env)
		if p.Application() != nil {
			t.Error("it runs before anybody has said so")
		}
		p.Handle(env, "p2", m)
		if p.Application() == nil || strings.Contains(facts(env), "discarded") {
			t.Errorf("%v is dropped", m)
		}
	}
}

// What was being recorded when the process stopped is given up. Fails if it would go on, and mix with what is recorded in the next incarnation.
func TestStopGivesUpRecordings(t *testing.T) {
	p, env := two(true)
	p.Start(env)
	for n := uint32(1); n <= 2; n++ {
		p.Handle(env, "p1", Stop{Incarnation: n})
		if len(p.collections) > 0 || len(p.known) > 0 {
			t.Errorf("stopped, it still has %d snapshots", len(p.known))
		}
		p.Handle(env, "p1", Restore{Incarnation: n})
		p.Handle(env, "p1", Go{n})
		facts(env)
		p.Handle(env, "p1", begin{ID{n, 1, "p1"}})
		if got := facts(env); strings.Contains(got, "overlaps") || !strings.Contains(got, "recorded for p1#1") {
			t.Error(got)
		}
	}
}

// Stop and Stopped need their records: fails if one would pass without, or with another.
func TestBacked(t *testing.T) {
	d := disk.New()
	p, env := two(true)
	env.Store = d
	p.Start(env)
	d.Happened(d.Issued())
	stop := env.Take()[0].Message.(Stop)
	p.Handle(env, "p1", stop)
	p.store(env, example(2))
	d.Happened(d.Issued())
	p.Handle(env, "p1", stop)
	sent := env.Take()
	stopped := sent[len(sent)-1].Message.(Stopped)
	if stopped.Latest.ID.N != 2 {
		t.Fatalf("holds %v", stopped.Latest.ID)
	}
	empty := disk.New().Durable()
	for _, c := range []struct {
		m    sim.Backed
		view disk.View
		ok   bool
	}{
		{stop, d.Durable(), true}, {stop, empty, false}, {Stop{2, stop.backing}, d.Durable(), false}, {Stop{1, p.holds}, d.Durable(), false},
		{stopped, d.Durable(), true}, {stopped, empty, false},
		{Stopped{1, example(3), p.current, p.holds}, d.Durable(), false}, {Stopped{1, example(2), p.current, p.current}, d.Durable(), false},
	} {
		if err := c.m.Backed(c.view); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.m, err)
		}
	}
}

// The last snapshot survives, and an older one that is stored later does not take its place. A disk that cannot be trusted makes a process fall silent.
func TestStable(t *testing.T) {
	p, env := two(true)
	p.Start(env)
	p.store(env, example(3))
	p.store(env, example(2))
	if p.latest.ID.N != 3 {
		t.Errorf("holds %v, which is older than the last", p.latest.ID)
	}
	p, _ = crashed(env)
	if p.latest.ID.N != 3 || p.incarnation != 2 || !reflect.DeepEqual(p.latest, example(3)) {
		t.Errorf("holds %v in incarnation %d", p.latest, p.incarnation)
	}
	last := example(3)
	long := string(append(p.Stable.encode([]byte{snapshotRecord}, &last), 0))
	for _, bad := range []string{"", "x", "i", "s", long} {
		p, env := two(true)
		log, _, _ := reclog.Open(env.Store, recoveryLog)
		_, _ = log.Append([]byte(bad))
		p.Start(env)
		if !p.halted || !strings.HasPrefix(facts(env), "halted: ") {
			t.Errorf("a record %q is trusted", bad)
		}
		p.Handle(env, "p2", Rejoin{0})
		if len(env.Sent) > 0 {
			t.Errorf("halted, it says %v", env.Sent)
		}
	}
	p, env = two(true)
	p.Start(env)
	if p.phase, p.inner = running, p.boot(); p.Application() == nil {
		t.Error("one that runs has no application")
	}
	if p.trust(env, errEncoding); p.Application() != nil || len(p.waits("p1")) > 0 {
		t.Error("halted, it counts as one that runs, or waits for others")
	}
}
