package multipaxos

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/workload"
)

// A mistake on purpose, and what must see it.
type mistakeRow struct {
	settings string
	faults   string // the profile; "" is the default
	plan     string // in its place
	property string
	bound    uint64 // seeds
	long     bool   // not under -short
}

// hunt returns the first seed, counted from 1, at which a property complains, 0 if none does, and what it says.
func (r *mistakeRow) hunt(t *testing.T, s *sim.Scenario) (seed uint64, why string) {
	t.Helper()
	o, err := s.ParseOptions(strings.Fields(r.settings))
	if err != nil {
		t.Fatal(err)
	}
	cfg := sim.Config{Options: o, Faults: r.faults, Only: r.property, Reuse: &sim.Memory{}}
	if r.plan != "" {
		p, err := fault.Parse(strings.ReplaceAll(r.plan, "; ", "\n"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Plan = &p
	}
	for seed := range r.bound {
		cfg.Seed = seed
		w, err := s.World(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range w.Run(0).Violations {
			if v.Property == r.property {
				return seed + 1, v.Why
			}
		}
	}
	return 0, ""
}

// Each mistake is found by the property that is about it, under faults that are drawn. Fails if a property has become blind, a mistake harmless, or
// the profile too tame for it. The figures in the log are runs to the first find.
func TestMistakesAreCaught(t *testing.T) {
	for _, r := range []mistakeRow{
		{settings: "mistake=answers-first", property: "backed", bound: 10},
		{settings: "mistake=answers-first", property: "agreement", bound: 200},
		{settings: "mistake=twice", property: "exactly-once", bound: 10},
		{settings: "mistake=twice", property: "linearizability", bound: 10},
		{settings: "mistake=forgets-sessions snapshot=5", property: "exactly-once", bound: 50},
		{settings: "mistake=forgets-sessions snapshot=5", property: "linearizability", bound: 50},
		{settings: "mistake=acks-batch batch=4 clients=5", property: "linearizability", bound: 50},
		{settings: "mistake=fill", property: "chosen-stays", bound: 1500},
		{settings: "mistake=fill", property: "agreement", bound: 4000, long: true},
		{settings: "mistake=earlier-ballots", property: "executed-was-chosen", bound: 500},
		{settings: "mistake=backwards snapshot=3 ops=300", property: "chosen-stays", bound: 200},
		{settings: "mistake=backwards snapshot=3 ops=300", property: "agreement", bound: 500},
		{settings: "mistake=forgets-place read=local", property: "sequential-consistency", bound: 50},
		{settings: "mistake=forgets-place read=local judge=sessions", property: "monotonic-reads", bound: 100},
		{settings: "mistake=forgets-writes read=local", property: "sequential-consistency", bound: 50},
		{settings: "mistake=forgets-writes read=local judge=sessions", property: "read-your-writes", bound: 100},
		{settings: "mistake=age-from-answer read=local stale=30ms", property: "staleness", bound: 200},
		{settings: "mistake=no-window spares=2 moves=9 ops=600", property: "agreement", bound: 600, long: true},
	} {
		if r.long && testing.Short() {
			continue
		}
		at, why := r.hunt(t, Scenario())
		t.Logf("%s %s: %s after %d runs: %s", r.settings, r.faults, r.property, at, why)
		if at == 0 {
			t.Errorf("%s %s: %s does not complain in %d runs", r.settings, r.faults, r.property, r.bound)
		}
	}
}

// A poller asks for ever the same of the same servers, one after the other: a client that sits with one, as behind a connection of its own.
type poller struct {
	servers []sim.NodeID
	write   bool          // puts; else it gets
	from    time.Duration // when it begins
	every   time.Duration // how long it waits for an answer; a read is given up then, a write sent again
	most    uint64        // operations
	now     workload.Command
	busy    bool
	sent    int
}

// A tick is its timer.
type tick struct{}

// Start implements sim.Node.
func (p *poller) Start(env sim.Env) { env.After(p.from, tick{}) }

// Handle implements sim.Node.
func (p *poller) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case workload.Reply:
		if p.busy && m.ID == p.now.ID {
			p.busy = false
			env.Note(workload.Returned{ID: m.ID, Result: m.Result})
		}
	case tick:
		p.tick(env)
	}
}

func (p *poller) tick(env sim.Env) {
	if p.busy && !p.write {
		p.busy = false
		env.Note(workload.Returned{ID: p.now.ID, Unknown: true})
	}
	if !p.busy {
		if p.now.ID.N == p.most {
			return
		}
		n := p.now.ID.N + 1
		p.now = workload.Command{ID: checkers.OpID{Client: env.ID(), N: n}, Session: 1, Op: workload.Op{Verb: "get", Key: "x"}}
		if p.write {
			p.now.Op = workload.Op{Verb: "put", Key: "x", Value: string(rune('a' + n%26))}
		}
		p.busy = true
		env.Note(workload.Called{ID: p.now.ID, Op: p.now.Op})
	}
	p.sent++
	env.Send(p.servers[p.sent%len(p.servers)], workload.Request{Command: p.now})
	env.After(p.every, tick{})
}

// polled is the scenario with two pollers in the place of its clients: c1 reads at s1 alone, and c2 writes at the others.
func polled(from, every time.Duration, most uint64) *sim.Scenario {
	s := Scenario()
	s.Run, s.Settle = 14*time.Second, 10*time.Second // a long lease ends before faults do
	s.Build = func(w *sim.World, o sim.Options) {
		set := settings(o)
		for i, id := range set.Servers {
			w.Add(id, func() sim.Node { return NewServer(uint32(i+1), set) })
		}
		w.Add(operator, func() sim.Node { return NewOperator(set, firstConfig(o), 0) })
		w.Add("c1", func() sim.Node { return &poller{servers: set.Servers[:1], from: from, every: every, most: most} })
		w.Add("c2", func() sim.Node {
			return &poller{servers: set.Servers[1:], write: true, from: from, every: every, most: most}
		})
		w.Group((len(set.Servers)-1)/2, set.Servers...)
	}
	s.Properties = func(o sim.Options) []sim.Property {
		set := settings(o)
		return []sim.Property{checkers.Linearizable(set.Service.Model(), history(set, int(2*most)))}
	}
	return s
}

// Reads that a leader of long ago serves, in runs in which one client stays with it while another writes elsewhere. With random clients and faults they
// are rare, since a client that writes notices soon. Each plan is tried in the right protocol too, and there nothing is wrong.
func TestStaleReadsAreCaught(t *testing.T) {
	const (
		ms    = time.Millisecond
		alone = "always law constant 1ms; always sync 100µs; 500ms cut s1 | s2,s3"
		// s1 goes on to hear one of the others, and the new leader does not reach it.
		half = "always law constant 1ms; always sync 100µs; 500ms cut s1 | s2,s3; 900ms heal; 900ms cut s2 | s1 one-way"
		// The answers to heartbeats are under way for long, and then s1 is not heard any more.
		late = "always law constant 1ms; always sync 100µs; 500ms law s2>s1 constant 250ms; 500ms law s3>s1 constant 250ms; 900ms cut s1 | s2,s3 one-way"
		// The clock of the leader is slow and those of the others are fast, as far as the model goes.
		drift = "always law constant 10µs; always sync 10µs; always drift s1 -200ppm; always drift s2 200ppm; always drift s3 200ppm; 4600ms cut s1 | s2,s3"
	)
	for _, c := range []struct {
		wrong, right, plan string
		poll               *sim.Scenario
		bound              uint64
	}{
		{"mistake=reads-deposed read=index", "read=index", alone, polled(300*ms, 10*ms, 200), 60},
		{"mistake=stale-heartbeat read=index", "read=index", half, polled(300*ms, 10*ms, 200), 100},
		{"mistake=lease-from-answer read=lease", "read=lease", late, polled(300*ms, 5*ms, 400), 100},
		{"read=lease lease=4s margin=0s", "read=lease lease=4s margin=2ms", drift, polled(8450*ms, 200*time.Microsecond, 1500), 400},
	} {
		row := mistakeRow{settings: c.wrong, plan: c.plan, property: "linearizability", bound: c.bound}
		at, why := row.hunt(t, c.poll)
		t.Logf("%s: after %d runs: %s", c.wrong, at, why)
		if at == 0 {
			t.Errorf("%s: no stale read in %d runs", c.wrong, c.bound)
			continue
		}
		row.settings, row.bound = c.right, at
		if at, why := row.hunt(t, c.poll); at != 0 {
			t.Errorf("%s: run %d: %s", c.right, at, why)
		}
	}
}

// Disks that are lost or damaged while s3 is cut off and s1 and s2 choose without it; then s2 is down, and s1 and s3 go on. Each plan is tried in the
// right protocol too: s1 comes back as somebody else, or knows that it has accepted something, and waits for s2.
func TestLostDisksAreCaught(t *testing.T) {
	const (
		quiet = "always law constant 1ms; always sync 100µs; "
		apart = quiet + "300ms cut s3 | s1,s2; 400ms crash s1; 402ms crash s2; 410ms heal; 411ms restart s1; "
		lost  = apart + "405ms wipe s1"
		rots  = apart + "405ms rot s1 values.1@20"
		// The rule of "Paxos Made Live": s3 loses its disk after a promise and sees another decision before it votes again, while the network is in pieces.
		slow = quiet + "260ms cut s1 | s2; 260ms cut s1 | s5; 260ms cut s3 | s2 one-way; 260ms law s1>s4 constant 60ms; 260ms law s4>s1 constant 60ms; " +
			"after s3 Promised#2 +3ms wipe s3; after s3 Promised#2 +4ms heal s3 | s2 one-way; after s3 Promised#2 +5ms restart s3; after s4 Promised#2 cut s4 | s2 one-way"
	)
	for _, c := range []struct {
		mistake, rest, plan, property string
		bound                         uint64
	}{
		{"same-identity", "ops=600", lost, "chosen-stays", 30},
		{"same-identity", "ops=600", lost, "agreement", 30},
		{"truncate", "ops=600 snapshot=1000", rots, "chosen-stays", 30},
		{"truncate", "ops=600 snapshot=1000", rots, "agreement", 30},
		{"rejoin", "ops=500 servers=5 window=1 snapshot=1000", slow, "chosen-stays", 400},
	} {
		if testing.Short() && c.bound > 100 {
			continue
		}
		row := mistakeRow{settings: c.rest + " mistake=" + c.mistake, plan: c.plan, property: c.property, bound: c.bound}
		at, why := row.hunt(t, Scenario())
		t.Logf("%s: %s after %d runs: %s", c.mistake, c.property, at, why)
		if at == 0 {
			t.Errorf("%s: %s does not complain in %d runs", c.mistake, c.property, c.bound)
			continue
		}
		row.settings, row.bound = c.rest, at
		if at, why := row.hunt(t, Scenario()); at != 0 {
			t.Errorf("%s without the mistake: run %d: %s", c.rest, at, why)
		}
	}
}

// Every mistake that can be chosen has a row in a test of this file. Fails if one is added that nobody looks for.
func TestEveryMistakeIsLookedFor(t *testing.T) {
	looked := []string{answersFirst, truncates, sameIdentity, rejoins, staleHeartbeat, fillsGaps, earlierBallots, appliesTwice, backwards, forgetsSessions, acksBatch, readsDeposed, leasesLate, noWindow, forgetsPlace, forgetsWrites, agesFromAnswer}
	for _, m := range mistakes {
		if !slices.Contains(looked, m) {
			t.Errorf("nobody looks for %q", m)
		}
	}
}

// What single servers answer is not linearizable. Fails if it seems so: then nobody would need another judge for it, or clients have stopped to read at servers of their own.
func TestLocalReadsAreNotLinearizable(t *testing.T) {
	s := Scenario()
	s.Properties = func(o sim.Options) []sim.Property {
		set := settings(o)
		return []sim.Property{checkers.Linearizable(set.Service.Model(), history(set, workload.Total(o)))}
	}
	row := mistakeRow{settings: "read=local", property: "linearizability", bound: 50}
	at, why := row.hunt(t, s)
	if t.Logf("after %d runs: %s", at, why); at == 0 {
		t.Errorf("no stale read in %d runs", row.bound)
	}
}
