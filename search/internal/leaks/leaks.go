// Package leaks has nine small systems, eight of which leak: something decides their runs, or binds their nodes, that is
// neither the seed nor a message. They are what the determinism guard of package search is tried on, so each does on purpose
// what the rules of the house forbid to everything below sim, protocols and checkers. They are the same systems for all:
// for the guard itself, for the command and for go test.
//
// All work alike. Each millisecond node "a" does something and tells "b" and "c", who note what they hear. Only how "a" comes
// by what it says differs, and in each system that is one line of a real mistake.
package leaks

import (
	"fmt"
	"math/rand"
	"os"
	"sync/atomic"
	"time"

	"simrun/sim"
)

// round is the timer of "a".
type round struct{ N int }

// Word is what "a" says, and what the others note.
type Word struct {
	Round int
	Says  string
}

// Heard is the fact that a word arrived.
type Heard struct{ Word Word }

// List is what "a" of the system Alias says: a message with a slice.
type List struct{ Items []int }

// Listed is the fact that a list arrived.
type Listed struct{ Sum int }

// speaker is what all "a" have in common: rounds, and a word for all others in each.
type speaker struct{}

func (speaker) Start(env sim.Env) { env.After(time.Millisecond, round{1}) }

// next sets the timer of the next round.
func (speaker) next(env sim.Env, m sim.Message) int {
	n := m.(round).N
	env.After(time.Millisecond, round{n + 1})
	return n
}

// tell says a word to the others.
func (speaker) tell(env sim.Env, n int, says string) {
	for _, to := range []sim.NodeID{"b", "c"} {
		env.Send(to, Word{n, says})
	}
}

// listener is "b" and "c".
type listener struct{}

func (listener) Start(sim.Env) {}

func (listener) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Word:
		env.Note(Heard{m})
	case List:
		sum := 0
		for _, x := range m.Items {
			sum += x
		}
		env.Note(Listed{sum})
	}
}

// orderly leaks nothing: a guard must be silent about it. It is what the others are measured against, so it uses a map, a
// pointer and a slice in a message, all in the right way.
type orderly struct {
	speaker
	seen map[int]*int
}

func (x *orderly) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	if x.seen == nil {
		x.seen = make(map[int]*int)
	}
	x.seen[n%5] = &n
	sum := 0
	for _, p := range x.seen { // a sum is the same in any order
		sum += *p
	}
	env.Send("b", List{[]int{n, sum, env.Pick("more", 10)}})
}

// gossip sends to its peers in the order of a map, which differs from run to run. It is the commonest of all leaks.
type gossip struct {
	speaker
	peers map[sim.NodeID]bool
}

func (x *gossip) Handle(env sim.Env, _ sim.NodeID, m sim.Message) { x.spread(env, x.next(env, m)) }

func (x *gossip) spread(env sim.Env, n int) {
	for peer := range x.peers {
		env.Send(peer, Word{n, "hello"})
	}
}

// stamper puts the time of the machine it runs on into a message, as a lease or a log does.
type stamper struct{ speaker }

func (x stamper) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x.tell(env, x.next(env, m), fmt.Sprint(time.Now().UnixNano()))
}

// gambler draws from the global generator in the place of Env.Pick, as election time-outs do.
type gambler struct{ speaker }

func (x gambler) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := m.(round).N
	x.tell(env, n, "hello")
	env.After(time.Millisecond+time.Duration(rand.Intn(1000))*time.Microsecond, round{n + 1})
}

// racer counts in a goroutine, as a pool of workers or a background flush does.
type racer struct {
	speaker
	count *atomic.Int64
}

func (x *racer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	if x.count == nil {
		x.count = new(atomic.Int64)
		ready := make(chan bool)
		go func(count *atomic.Int64) {
			ready <- true
			for range 10_000_000 {
				count.Add(1)
			}
		}(x.count)
		<-ready
	}
	x.tell(env, n, fmt.Sprintf("%d done", x.count.Load()))
}

// pointer says where something is in memory in the place of what it is, as a session's or an object's default name.
type pointer struct {
	speaker
	session *[64]byte
}

func (x *pointer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	if n%8 == 1 {
		x.session = new([64]byte)
	}
	x.tell(env, n, fmt.Sprintf("session %p", x.session))
}

// served is a package variable that outlives the run.
var served atomic.Int64

// counter numbers requests in a package variable, as a cache or a generator of names does.
type counter struct{ speaker }

func (x counter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	x.tell(env, n, fmt.Sprintf("request %d", served.Add(1)))
}

// alias sends its own slice and writes to it later, when the message is on its way.
type alias struct {
	speaker
	items []int
}

func (x *alias) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	if x.items == nil {
		x.items = make([]int, 4)
	}
	x.items[n%4] = n
	env.Send("b", List{x.items})
}

// settler asks the environment how to behave, as libraries do that have a switch for debugging.
type settler struct{ speaker }

func (x settler) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := x.next(env, m)
	x.tell(env, n, "at "+home())
}

func home() string { return os.Getenv("HOME") }

// A Leak is one of the systems, and what a guard must say about it.
type Leak struct {
	Scenario *sim.Scenario
	Handler  string // the type and the method, as Go prints them; "" for the system that does not leak
	Cause    string // the likely cause, as package search names it
}

// All lists the systems. That which does not leak comes first.
func All() []Leak {
	peers := map[sim.NodeID]bool{"b": true, "c": true}
	return []Leak{
		{system("orderly", func() sim.Node { return &orderly{} }), "", ""},
		{system("map-range", func() sim.Node { return &gossip{peers: peers} }), "leaks.(*gossip).Handle", "map order"},
		{system("time-now", func() sim.Node { return stamper{} }), "leaks.stamper.Handle", "the wall clock"},
		{system("global-rand", func() sim.Node { return gambler{} }), "leaks.gambler.Handle", "global randomness"},
		{system("goroutine", func() sim.Node { return &racer{} }), "leaks.(*racer).Handle", "a goroutine"},
		{system("pointer", func() sim.Node { return &pointer{} }), "leaks.(*pointer).Handle", "a pointer formatted into a message"},
		{system("package-variable", func() sim.Node { return counter{} }), "leaks.counter.Handle", "state kept in a package variable between runs"},
		{system("alias", func() sim.Node { return &alias{} }), "leaks.(*alias).Handle", "a message changed after sending"},
		{system("environment", func() sim.Node { return settler{} }), "leaks.settler.Handle", "an environment variable"},
	}
}

// system is the scenario in which this node is "a".
func system(name string, boot func() sim.Node) *sim.Scenario {
	return &sim.Scenario{
		Name: name,
		Doc:  "a system to try the determinism guard on",
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("a", boot)
			w.Add("b", func() sim.Node { return listener{} })
			w.Add("c", func() sim.Node { return listener{} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&hearing{}} },
		Run:        100 * time.Millisecond,
		Settle:     50 * time.Millisecond,
	}
}

// hearing is the property that what is heard was said in some round: it holds, whatever leaks.
type hearing struct{ checks uint64 }

func (*hearing) Name() string                       { return "hearing" }
func (*hearing) Watches() []sim.Kind                { return []sim.Kind{sim.Noted} }
func (x *hearing) Checks() uint64                   { return x.checks }
func (*hearing) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

func (x *hearing) Observe(e *sim.Event) error {
	x.checks++
	if h, ok := e.Data.(Heard); ok && h.Word.Round < 1 {
		return fmt.Errorf("%s heard a word of round %d", e.Node, h.Word.Round)
	}
	return nil
}
