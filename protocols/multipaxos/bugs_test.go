package multipaxos

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/internal/trial"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/workload"
)

// shown are bugs of the zoo and the runs in which they show. Some need what drawn faults and random clients seldom bring about: a client that stays with one server, or disks that
// are lost while others are away.
func shown() []trial.Bug {
	return slices.Concat(drawn, staleReads(), lostDisks())
}

// hastily are the settings of servers that change their leader faster than faults come and go.
var hastily = strings.Join(hasty, " ")

// drawn show under faults that are drawn.
var drawn = []trial.Bug{
	{Name: "multipaxos/promise-unsynced", Property: "backed", Within: 10},
	{Name: "multipaxos/acceptance-unsynced", Property: "backed", Within: 10},
	{Name: "multipaxos/acceptance-unsynced", Property: "agreement", Within: 200},
	{Name: "multipaxos/checks-at-the-door", Property: "exactly-once", Within: 50},
	{Name: "multipaxos/checks-at-the-door", Property: "linearizability", Within: 100},
	{Name: "multipaxos/snapshot-without-sessions", Set: "snapshot=5", Property: "exactly-once", Within: 50},
	{Name: "multipaxos/snapshot-without-sessions", Set: "snapshot=5", Property: "linearizability", Within: 400},
	{Name: "multipaxos/answers-for-the-batch", Set: "batch=4 clients=5", Property: "linearizability", Within: 50},
	{Name: "multipaxos/gaps-of-its-own", Property: "chosen-stays", Within: 1500},
	{Name: "multipaxos/counts-reports", Property: "executed-was-chosen", Within: 500},
	{Name: "multipaxos/snapshot-backwards", Set: "snapshot=3 ops=300", Property: "chosen-stays", Within: 200},
	{Name: "multipaxos/snapshot-backwards", Set: "snapshot=3 ops=300", Property: "agreement", Within: 500},
	{Name: "multipaxos/reads-anywhere", Set: "read=local", Property: "sequential-consistency", Within: 50},
	{Name: "multipaxos/reads-anywhere", Set: "read=local judge=sessions", Property: "monotonic-reads", Within: 100},
	{Name: "multipaxos/writes-tell-no-place", Set: "read=local", Property: "sequential-consistency", Within: 50},
	{Name: "multipaxos/writes-tell-no-place", Set: "read=local judge=sessions", Property: "read-your-writes", Within: 100},
	{Name: "multipaxos/age-from-answer", Set: "read=local stale=30ms", Property: "staleness", Within: 200},
	{Name: "multipaxos/leads-on", Property: "one-value-per-ballot", Within: 100},
	{Name: "multipaxos/leads-on", Property: "agreement", Within: 100},
	{Name: "multipaxos/counts-reports", Set: hastily, Property: "agreement", Within: 200},
	{Name: "multipaxos/promise-of-another-ballot", Set: hastily, Property: "chosen-stays", Within: 200},
	{Name: "multipaxos/last-promise-wins", Set: hastily, Property: "agreement", Within: 2000},
	{Name: "multipaxos/snapshot-without-sessions", Set: hastily, Property: "linearizability", Within: 200},
	{Name: "multipaxos/changes-at-once", Set: "spares=2 moves=9 window=3 clients=5 ops=300 think=0s", Property: "executed-was-chosen", Within: 50},
}

// Each bug is found by the property that is about it, and the right protocol is not blamed in the same worlds. Fails if a property has become blind, a bug harmless, or
// the profile too tame for it.
func TestBugs(t *testing.T) { trial.Bugs(t, seedfile.Bug(), Scenario(), shown()) }

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

// staleReads are reads that a leader of long ago serves, in runs in which one client stays with it while another writes elsewhere. With random clients and faults they
// are rare, since a client that writes notices soon.
func staleReads() []trial.Bug {
	return []trial.Bug{
		{Name: "multipaxos/reads-without-asking", Scenario: polled(300*ms, 10*ms, 200), Set: "read=index", Plan: alone, Property: "linearizability", Within: 60},
		{Name: "multipaxos/stale-heartbeat", Scenario: polled(300*ms, 10*ms, 200), Set: "read=index", Plan: half, Property: "linearizability", Within: 100},
		{Name: "multipaxos/lease-from-answer", Scenario: polled(300*ms, 5*ms, 400), Set: "read=lease", Plan: late, Property: "linearizability", Within: 100},
	}
}

// A lease needs its margin: without one, reads are stale within so many seeds, and with one they are not in the same runs. Fails if clocks that drift as far as
// is allowed do no harm, or if a margin of 2 ms is not enough for a lease of 4 s.
func TestLeaseNeedsItsMargin(t *testing.T) {
	if seedfile.Bug() != "" {
		t.Skip("it is about the right protocol")
	}
	poll := polled(8450*ms, 200*time.Microsecond, 1500)
	cfg := sim.Config{Plan: trial.Plan(t, drift), Only: "linearizability"}
	stale := trial.Each("linearizability")
	cfg.Options = trial.Options(t, poll, "read=lease", "lease=4s", "margin=0s")
	f := trial.Hunt(t, poll, cfg, 1, 400, stale)
	at := f.Of("linearizability")
	if t.Logf("a stale read at seed %d", at); at == 0 {
		t.Fatal("no stale read in 400 seeds without a margin")
	}
	cfg.Options = trial.Options(t, poll, "read=lease", "lease=4s", "margin=2ms")
	if f := trial.Hunt(t, poll, cfg, 1, at, stale); f.Outer > 0 {
		t.Errorf("seed %d: a stale read with a margin of 2 ms", f.Outer)
	}
}

// lostDisks are disks that are lost or damaged while s3 is cut off and s1 and s2 choose without it; then s2 is down, and s1 and s3 go on. In the right protocol
// s1 comes back as somebody else, or knows that it has accepted something, and waits for s2.
func lostDisks() []trial.Bug {
	const (
		quiet = "always law constant 1ms; always sync 100µs; "
		apart = quiet + "300ms cut s3 | s1,s2; 400ms crash s1; 402ms crash s2; 410ms heal; 411ms restart s1; "
		lost  = apart + "405ms wipe s1"
		rots  = apart + "405ms rot s1 values.1@20"
		// s3 loses its disk after a promise and sees another decision before it votes again, while the network is in pieces.
		slow = quiet + "260ms cut s1 | s2; 260ms cut s1 | s5; 260ms cut s3 | s2 one-way; 260ms law s1>s4 constant 60ms; 260ms law s4>s1 constant 60ms; " +
			"after s3 Promised#2 +3ms wipe s3; after s3 Promised#2 +4ms heal s3 | s2 one-way; after s3 Promised#2 +5ms restart s3; after s4 Promised#2 cut s4 | s2 one-way"
	)
	return []trial.Bug{
		{Name: "multipaxos/same-name-new-disk", Set: "ops=600", Plan: lost, Property: "chosen-stays", Within: 30},
		{Name: "multipaxos/same-name-new-disk", Set: "ops=600", Plan: lost, Property: "agreement", Within: 30},
		{Name: "multipaxos/cuts-at-damage", Set: "ops=600 snapshot=1000", Plan: rots, Property: "chosen-stays", Within: 30},
		{Name: "multipaxos/cuts-at-damage", Set: "ops=600 snapshot=1000", Plan: rots, Property: "agreement", Within: 30},
		{Name: "multipaxos/votes-after-one-decision", Set: "ops=500 servers=5 window=1 snapshot=1000", Plan: slow, Property: "chosen-stays", Within: 400},
	}
}

// What single servers answer is not linearizable. Fails if it seems so: then nobody would need another judge for it, or clients have stopped to read at servers of their own.
func TestLocalReadsAreNotLinearizable(t *testing.T) {
	s := Scenario()
	s.Properties = func(o sim.Options) []sim.Property {
		set := settings(o)
		return []sim.Property{checkers.Linearizable(set.Service.Model(), history(set, workload.Total(o)))}
	}
	f := trial.Hunt(t, s, sim.Config{Options: trial.Options(t, s, "read=local")}, 1, 50, trial.Each("linearizability"))
	if t.Logf("a stale read at seed %d", f.Outer); f.Outer == 0 {
		t.Error("no stale read in 50 seeds")
	}
}
