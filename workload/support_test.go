package workload

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// An env is a world for one client: it writes down what the client does, and time passes when the test says so.
type env struct {
	sim.Env // what clients do not use
	id      sim.NodeID
	clock   time.Duration
	picks   map[string]int
	dice    int // if not 0, picks that are not listed are drawn
	sent    []string
	facts   []string
	timers  []timer
	hears   sim.Node
}

type timer struct {
	at time.Duration
	m  sim.Message
}

func (e *env) ID() sim.NodeID     { return e.id }
func (e *env) Now() clock.Reading { return clock.At(0, e.clock) }
func (e *env) Disk() disk.FS      { panic("a client writes nothing") }
func (e *env) Note(fact any)      { e.facts = append(e.facts, fmt.Sprint(fact)) }
func (e *env) Pick(what string, n int) int {
	if p, ok := e.picks[what]; ok || e.dice == 0 {
		return p
	}
	e.dice++
	return int(chance.Mix(1, uint64(e.dice), 0) % uint64(n))
}
func (e *env) Send(to sim.NodeID, m sim.Message) {
	e.sent = append(e.sent, fmt.Sprintf("%s %v", to, m))
}
func (e *env) After(d time.Duration, m sim.Message) {
	e.timers = append(e.timers, timer{e.clock + d, m})
}

// run lets time pass until an instant.
func (e *env) run(until time.Duration) {
	for {
		i := -1
		for j, t := range e.timers {
			if t.at <= until && (i < 0 || t.at < e.timers[i].at) {
				i = j
			}
		}
		if i < 0 {
			break
		}
		t := e.timers[i]
		e.timers = slices.Delete(e.timers, i, i+1)
		e.clock = max(e.clock, t.at)
		e.hears.Handle(e, e.id, t.m)
	}
	e.clock = until
}

// takeSent and takeFacts return what happened since they were called last.
func (e *env) takeSent() string {
	s := strings.Join(e.sent, ", ")
	e.sent = nil
	return s
}

func (e *env) takeFacts() string {
	s := strings.Join(e.facts, ", ")
	e.facts = nil
	return s
}

// unit is what clients of unit tests do: they do not think.
var unit = Defaults{Clients: 1, Ops: 10, Keys: 2}

// settings parses settings of the options.
func settings(t *testing.T, set ...string) sim.Options {
	t.Helper()
	s := sim.Scenario{Name: "test", Options: unit.Options(), Check: Check}
	o, err := s.ParseOptions(set)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// client returns client c1 of a run with three servers and these settings, and its world. It has started.
func client(t *testing.T, set ...string) (*Client, *env) {
	t.Helper()
	o := settings(t, set...)
	ops, scripts := counts(o)
	c := &Client{load: unit.load(o, []sim.NodeID{"s1", "s2", "s3"}), ops: uint64(ops[0]), script: scripts[0]}
	e := &env{id: "c1", hears: c}
	c.Start(e)
	return c, e
}

// same compares two texts.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
