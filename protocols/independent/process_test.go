package independent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// alone returns process p1 of three, started, with the script as its application.
func alone(t *testing.T, change func(*Config)) (*Process, *fake.Env) {
	t.Helper()
	s, err := parseScript("p1: 5 R, 6 >p2, 7 >p3", 3)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Nodes: []sim.NodeID{"p1", "p2", "p3"}, From: []sim.NodeID{"p2", "p3"}, Boot: func() apps.App { return s.boot("p1") },
		Flush: time.Millisecond, Commit: true, Incarnation: true, Resend: true, Rate: 100}
	if change != nil {
		change(&cfg)
	}
	p, env := New(cfg), fake.New("p1")
	p.Start(env)
	env.Take()
	return p, env
}

// facts prints what was noted since the last call.
func facts(env *fake.Env) string {
	var all []string
	for _, f := range env.Facts {
		all = append(all, fmt.Sprint(f))
	}
	env.Facts = nil
	return strings.Join(all, "; ")
}

// sentTo prints what was sent since the last call.
func sentTo(env *fake.Env) string {
	var all []string
	for _, s := range env.Take() {
		all = append(all, fmt.Sprintf("%s %v", s.To, s.Message))
	}
	return strings.Join(all, "; ")
}

// Messages of a channel are handled in order and once, whatever order they arrive in.
func TestChannelsKeepOrder(t *testing.T) {
	p, env := alone(t, nil)
	facts(env)
	for _, n := range []int{2, 3, 1, 2, 1, 4} {
		p.Handle(env, "p2", App{Interval: 1, N: n, Body: Note{n}})
	}
	if got, want := facts(env), "handled #1 of p2 in 1; handled #2 of p2 in 1; handled #3 of p2 in 1; handled #4 of p2 in 1"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// tick makes the application's next timer go off.
func tick(p *Process, env *fake.Env, n int) {
	p.Handle(env, "p1", Timer{p.life, cue{n}})
}

// A process that is asked stops: it handles nothing until all have rolled back; then what has waited and is of an older epoch is dropped, and what was
// lost is asked for. Fails if a message from before the rollback were handled after it.
func TestStopRollBackResume(t *testing.T) {
	p, env := alone(t, nil)
	p.Handle(env, "p2", App{Interval: 1, N: 1, Body: Note{1}})
	tick(p, env, 0) // takes checkpoint 2
	p.Handle(env, "p3", App{Interval: 4, N: 1, Body: Note{1}})
	facts(env)
	env.Take()

	r := Round{1, 2}
	p.Handle(env, "p3", Request{r})
	if got, want := sentTo(env), "p3 Report{1.3, until 3, 1 needs 1 of p2, 2 needs 4 of p3}"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	p.Handle(env, "p2", App{Interval: 1, N: 2, Body: Note{2}}) // of the old epoch
	p.Handle(env, "p2", Request{Round{1, 1}})
	if got := sentTo(env); got != "p2 Refused{1.2, promised 1.3}" || facts(env) != "" {
		t.Errorf("a stopped process says %s", got)
	}
	p.Handle(env, "p3", Rollback{r, []int{2, 2, 3}, []int{0, 0, 1}})
	if got, f := sentTo(env), facts(env); got != "p3 Rolled{1.3}" || f != "rolled back to 2, 1 undone" {
		t.Errorf("%s; %s", got, f)
	}
	p.Handle(env, "p2", App{Epoch: r, Interval: 1, N: 2, Body: Note{3}}) // p2 has resumed already
	p.Handle(env, "p3", Resume{r})
	if got, f := sentTo(env), facts(env); got != "p2 Have{1}; p3 Have{0}" || f != "resumed in 1.3; handled #2 of p2 in 2" {
		t.Errorf("%s; %s", got, f)
	}
	p.Handle(env, "p3", Rollback{r, []int{1, 1, 1}, []int{1, 0, 1}})
	if got := sentTo(env); got != "p3 Refused{1.3, promised 1.3}" {
		t.Errorf("to a line that was computed from the report of another life it says %s", got)
	}
}

// Fails if a process that gives messages up did not depend on their having been sent: their sender may undo them, and then gives their numbers to
// others, which the process would take for repetitions. With coordinated checkpoints it takes the sender's before.
func TestGivingUpIsDepending(t *testing.T) {
	p, env := alone(t, nil)
	facts(env)
	p.Handle(env, "p2", Gone{N: 2, Interval: 3})
	p.Handle(env, "p3", Request{Round{1, 2}})
	if got, f := sentTo(env), facts(env); got != "p3 Report{1.3, until 2, 1 needs 3 of p2}" || f != "lost #1 to #2 of p2" {
		t.Errorf("%s; %s", got, f)
	}
	p, env = alone(t, func(c *Config) { c.Policy = Coordinated })
	facts(env)
	p.Handle(env, "p2", Gone{N: 2, Interval: 3})
	if got := facts(env); got != "checkpoint 3; lost #1 to #2 of p2" {
		t.Errorf("with coordinated checkpoints: %s", got)
	}
}

// Each failure of a disk silences the process.
func TestHalts(t *testing.T) {
	p, env := alone(t, nil)
	facts(env)
	p.log = nil
	p.halt(env, errRecord)
	p.Handle(env, "p2", Request{Round{1, 1}})
	if got := sentTo(env); got != "" || facts(env) != "halted: not a record of a process" {
		t.Errorf("a halted process sends %s", got)
	}
}

// With pessimistic logging a process that starts again is where it was, with the same picks, and asks for what came while it was down. Fails if it were
// not, or if it sent by itself what may have arrived.
func TestPessimisticReplay(t *testing.T) {
	p, env := alone(t, func(c *Config) { c.Logging = Pessimistic })
	p.Handle(env, "p2", App{Interval: 1, N: 1, Body: Note{1}})
	tick(p, env, 0)
	tick(p, env, 1)
	before := fmt.Sprint(p.app, p.in, len(p.out[1]), p.interval)
	again := New(p.cfg)
	env.Take()
	facts(env)
	again.Start(env)
	if got := fmt.Sprint(again.app, again.in, len(again.out[1]), again.interval); got != before {
		t.Errorf("after the crash %s, before it %s", got, before)
	}
	if got, f := sentTo(env), facts(env); got != "p2 Have{1}; p3 Have{0}; p2 Missing{}" || f != "restored at 5; worked in 4" {
		t.Errorf("%s; %s", got, f)
	}
	again.Handle(env, "p2", Have{N: 0})
	if got := sentTo(env); got != "p2 Note{1} of 4" {
		t.Errorf("asked for what it had sent it says %s", got)
	}
}

// Fails if an unlogged event survived, or a logged one did not (optimistic logging).
func TestOptimisticReplay(t *testing.T) {
	p, env := alone(t, func(c *Config) { c.Logging = Optimistic })
	p.Handle(env, "p2", App{Interval: 1, N: 1, Body: Note{1}, Vector: []int{0, 0, 5}})
	p.Handle(env, "p1", flush{})
	p.Handle(env, "p2", App{Interval: 2, N: 2, Body: Note{2}})
	again := New(p.cfg)
	facts(env)
	again.Start(env)
	if again.in[1] != 1 || again.interval != 2 || fmt.Sprint(again.needs[2]) != "[0 1 5]" {
		t.Errorf("it has %v in interval %d, which needs %v", again.in, again.interval, again.needs)
	}
}

// A ledger must complain of an orphan, of an output that is undone, of a loss and of a livelock, each in its own words.
func TestLedgerComplains(t *testing.T) {
	l := newLedger(Config{Nodes: []sim.NodeID{"p1", "p2"}})
	seq := uint64(0)
	note := func(node sim.NodeID, fact any) {
		seq++
		l.enter(&sim.Event{Seq: seq, Kind: sim.Noted, Node: node, Data: fact})
	}
	send := func(m App) {
		seq++
		l.enter(&sim.Event{Seq: seq, Kind: sim.Sent, Node: "p1", Peer: "p2", Data: m})
	}
	wants := func(what string, err error, want string) {
		t.Helper()
		if got := fmt.Sprint(err); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", what, got, want)
		}
	}
	send(App{Interval: 1, N: 1})
	wants("sent and not received", l.lost(), "p1 has sent #1 to p2 in its interval 1")
	note("p2", Handled{1, "p1", 1, Round{}})
	wants("received", l.wrong, "<nil>")
	wants("received", l.lost(), "<nil>")
	note("p1", Released{1, 2, 40})
	note("p1", RolledBack{1, 1})
	wants("undone", l.undone, "p1 has undone its interval 1 and all after it, but output 1 of interval 2")
	note("p1", Recovered{})
	wants("its sending undone", l.wrong, "orphan message: p2 has received #1 of p1 in its interval 1")
	note("p1", Released{1, 1, 41})
	wants("another output", l.undone, "output 1 was 40 when it was released first, and is 41 now")
	note("p2", RolledBack{1, 1})
	note("p2", Lost{1, "p1", 5, 5})
	note("p1", Recovered{})
	wants("given up and never sent", l.wrong, "orphan message: p2 has given up #5 of p1")
	note("p2", RolledBack{1, 1})
	seq++
	l.enter(&sim.Event{Seq: seq, Kind: sim.Sent, Node: "p1", Peer: "p2", Data: Gone{N: 6, Interval: 1}}) // they never left
	note("p2", Lost{1, "p1", 1, 6})
	note("p1", Recovered{})
	wants("given up and kept back by a crash", l.wrong, "<nil>")
	note("p2", RolledBack{1, 1})
	note("p1", RolledBack{1, 1})
	note("p2", Handled{2, "p1", 2, Round{}})
	wants("never sent", l.wrong, "#2 of p1")
	livelock := l.noLivelock()
	var err error
	for i := 0; i < 3*patient && err == nil; i++ {
		seq++
		err = livelock.Observe(&sim.Event{Seq: seq, Kind: sim.Noted, Node: "p2", Data: RolledBack{1, 0}})
	}
	wants("rolls back again and again", err, "livelock: p2 rolls back")
}

// An output is released when the answers of all say that no failure can undo it, and asked for again if they do not yet. Fails if it were released too
// early, on an answer to another question, or never.
func TestOutputsAreReleased(t *testing.T) {
	p, env := alone(t, func(c *Config) { c.Outputs = 1 })
	p.Handle(env, "p2", App{Interval: 1, N: 1, Body: Note{1}})
	tick(p, env, 0) // takes checkpoint 2
	if got, want := sentTo(env), "p2 Ask{2}; p3 Ask{2}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	facts(env)
	answer := func(from sim.NodeID, n, end int) string {
		p.Handle(env, from, Stable{N: n, Start: end, Dependencies: Dependencies{End: end}})
		return facts(env)
	}
	if got := answer("p3", 2, 1) + answer("p2", 1, 2) + answer("p2", 2, 1); got != "" {
		t.Errorf("p2 would undo what it has sent, and p1 shows %s", got)
	}
	p.checkpoint(env, 3)
	if got, want := sentTo(env), "p2 Ask{2}; p3 Ask{2}"; got != want {
		t.Errorf("it asks again: %s, want %s", got, want)
	}
	facts(env)
	if got := answer("p3", 2, 1); got != "" {
		t.Errorf("p2 has not answered, and p1 shows %s", got)
	}
	if got, want := answer("p2", 2, 2), "output 1: 1; output 2: 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
