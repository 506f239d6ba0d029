package multipaxos

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/workload"
)

// three returns what three servers have in common; tests change it before they make servers.
func three() *Settings {
	return &Settings{Servers: names("s", 3), Operator: operator, Service: workload.KV(), Patience: 150 * time.Millisecond, Window: 3, Batch: 1, Gather: time.Millisecond, Keep: 100, Reads: "log",
		Lease: 200 * time.Millisecond, Margin: 5 * time.Millisecond}
}

// first is who votes in the first slot among so many servers.
func first(n int) (c Config) {
	for i := range n {
		c = append(c, Member{uint32(i + 1), 1})
	}
	return c
}

func member(n int) Member { return Member{uint32(n), 1} }

func ballot(round uint64, by int) Ballot { return Ballot{round, member(by)} }

// A desk is one server with its world.
type desk struct {
	*Server
	env *fake.Env
}

// start returns a server that knows who it is, after its first start.
func start(t *testing.T, number int, set *Settings) desk {
	t.Helper()
	env := fake.New(set.Servers[number-1])
	s := NewServer(uint32(number), set)
	s.Start(env)
	s.Handle(env, operator, Identity{s.life, member(number), first(3)})
	s.Handle(env, operator, Confirmed{member(number)})
	if !s.serves {
		t.Fatal("the server does not serve")
	}
	env.Take()
	env.Facts = nil
	return desk{s, env}
}

// again returns the server as its disk has it after a restart.
func (d desk) again(t *testing.T) desk {
	t.Helper()
	env := &fake.Env{Node: d.env.Node, Store: d.env.Store, Clock: d.env.Clock, Picks: d.env.Picks}
	s := NewServer(d.number, d.Settings)
	s.Start(env)
	if s.halted {
		t.Fatal("the server does not start again:", env.Facts)
	}
	return desk{s, env}
}

// hears makes the server handle a message, and prints what it sends, each message once with its receivers.
func (d desk) hears(from sim.NodeID, m sim.Message) string { return sends(d.env, d.Server, from, m) }

func sends(env *fake.Env, n sim.Node, from sim.NodeID, m sim.Message) string {
	n.Handle(env, from, m)
	var s []string
	last := ""
	for _, sent := range env.Take() {
		if text := fmt.Sprint(sent.Message); text != last {
			s = append(s, text)
			last = text
		}
		s[len(s)-1] += " " + string(sent.To)
	}
	return strings.Join(s, "; ")
}

// facts prints the facts since the last call.
func (d desk) facts() string {
	s := strings.Trim(fmt.Sprint(d.env.Facts), "[]")
	d.env.Facts = nil
	return s
}

// leads makes the server lead in its next ballot, with the promise of s2 or, if it is that one, s1.
func (d desk) leads(t *testing.T, votes ...Vote) {
	t.Helper()
	d.run(d.env)
	other := 2
	if d.number == 2 {
		other = 1
	}
	d.Handle(d.env, d.Servers[other-1], Promise{Ballot: d.ballot, By: member(other), Votes: votes})
	if d.role != leader {
		t.Fatal("the server does not lead")
	}
	d.env.Take()
	d.env.Facts = nil
}

// put is the n-th command of client c1.
func put(n uint64, key, value string) workload.Command {
	return workload.Command{ID: checkers.OpID{Client: "c1", N: n}, Session: 1, Op: workload.Op{Verb: "put", Key: key, Value: value}}
}

func get(n uint64, key string) workload.Command {
	return workload.Command{ID: checkers.OpID{Client: "c1", N: n}, Session: 1, Op: workload.Op{Verb: "get", Key: key}}
}

// A step is what a server hears, and what it must send then.
type step struct {
	from sim.NodeID
	m    sim.Message
	want string
}

func (d desk) goes(t *testing.T, steps []step) {
	t.Helper()
	for _, x := range steps {
		if got := d.hears(x.from, x.m); got != x.want {
			t.Errorf("%v from %s makes it send\n\t%q, want\n\t%q", x.m, x.from, got, x.want)
		}
	}
}
