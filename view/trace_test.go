package view

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

const eventful = `11ms cut caller | counter,idle
25ms heal
35ms crash counter for 20ms
60ms step idle -3ms
`

// It fails if a trace tells of an event anything else than the world did, or if recording changes the run.
func TestTraceHasAllEvents(t *testing.T) {
	s, plan := counting(10), eventful
	trace := recorded(t, s, Window{}, plan)
	p, _ := fault.Parse(plan)
	w, err := s.World(sim.Config{Seed: 7, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		m := trace.Event(e.Seq)
		if m.Seq != e.Seq || m.Cause != e.Cause || m.At != e.At || m.Kind != e.Kind || m.Node != e.Node || m.Peer != e.Peer || m.Reason != e.Reason {
			t.Fatalf("event %+v is recorded as %+v", *e, m)
		}
		if _, ok := e.Data.(count); ok && (m.Type != "count" || m.Text != Text(e.Data)) {
			t.Errorf("event %+v is recorded as %+v", *e, m)
		}
	}
	if v := w.Verdict(); v.Hash != trace.Verdict.Hash || v.Events != uint64(trace.Len()) || len(v.Checks) != len(trace.Verdict.Checks) {
		t.Errorf("the recorded run has %d events, %d checks and the hash %x, want %d, %d and %x", trace.Len(), len(trace.Verdict.Checks),
			trace.Verdict.Hash, v.Events, len(v.Checks), v.Hash)
	}
	if want := strings.Split(strings.TrimSpace(plan), "\n"); len(trace.Plan) != len(want) || trace.Plan[1] != want[1] {
		t.Errorf("plan %q, want %q", trace.Plan, want)
	}
}

// It fails if the events of a node that lies are missing, so that all that follow have another number.
func TestTraceHasTheEventsOfLiars(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, "always betray counter any 50%\n")
	lies := 0
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		m := trace.Event(seq)
		if m.Cause >= seq {
			t.Fatalf("%+v is its own cause", m)
		}
		if m.Kind == sim.Noted && m.Reason == "byzantine" {
			lies++
		}
	}
	if uint64(trace.Len()) != trace.Verdict.Events || lies == 0 {
		t.Errorf("%d events of %d, %d of them facts of a liar", trace.Len(), trace.Verdict.Events, lies)
	}
}

// find returns the first event of a kind on a node whose text contains a text.
func find(t *testing.T, trace *Trace, kind sim.Kind, node sim.NodeID, text string) uint64 {
	t.Helper()
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		if m := trace.Event(seq); m.Kind == kind && m.Node == node && strings.Contains(m.Text, text) {
			return seq
		}
	}
	t.Fatalf("no event %v of %s with %q", kind, node, text)
	return 0
}

func stateText(lines []StateLine) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s=%s; ", l.Path, l.Value)
	}
	return b.String()
}

// It fails if a state is known too early, too late or not at all: the counter is busy while its disk syncs, and forgets when it crashes.
func TestTraceStates(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	seq := find(t, trace, sim.Delivered, "counter", "N:1")
	if got := stateText(trace.State("counter", seq-1)); got != "sum=0; seen={}; " {
		t.Errorf("before the first call the state is %q", got)
	}
	if got := stateText(trace.State("counter", seq)); got != `sum=1; seen={1:"by caller"}; ` {
		t.Errorf("after the first call the state is %q", got)
	}
	want := []Change{{"counter", "sum", "0", "1"}, {"counter", "seen", "{}", `{1:"by caller"}`}}
	if got := trace.Changes(seq); !slices.Equal(got, want) {
		t.Errorf("the first call changed %+v, want %+v", got, want)
	}
	crash := find(t, trace, sim.Crashed, "counter", "")
	if got := stateText(trace.State("counter", crash)); !strings.HasPrefix(got, "disk: log=") || strings.Contains(got, "sum") {
		t.Errorf("after the crash there is %q, want the disk alone", got)
	}
	start := find(t, trace, sim.Started, "counter", "life 2")
	if got := stateText(trace.State("counter", start)); !strings.Contains(got, "sum=0; seen={}; ") {
		t.Errorf("in its second life the node starts with %q", got)
	}
}

// It fails if what is on a disk is shown before it is durable, or not at all.
func TestTraceDisks(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, "")
	sync := find(t, trace, sim.DiskDone, "counter", "sync log")
	if got := stateText(trace.State("counter", sync-1)); strings.Contains(got, "log=1 bytes") {
		t.Errorf("before the sync there is %q", got)
	}
	if got := stateText(trace.State("counter", uint64(trace.Len()))); strings.Contains(got, "log") {
		t.Errorf("a file whose name is not durable is shown: %q", got)
	}
}

// It fails if states are kept outside of the window, or if those inside depend on where it begins.
func TestTraceWindow(t *testing.T) {
	s := counting(30)
	all := recorded(t, s, Window{}, eventful)
	from, to := uint64(40), uint64(70)
	some := recorded(t, s, Window{from, to}, eventful)
	for seq := from; seq <= to; seq++ {
		for _, id := range all.Nodes {
			a, b := all.State(id, seq), some.State(id, seq)
			slices.SortFunc(a, byPath)
			slices.SortFunc(b, byPath)
			if m := all.Event(seq); !slices.Equal(a, b) {
				t.Fatalf("after event %d, %+v, %s has the state %q, but with a window %q", seq, m, id, stateText(a), stateText(b))
			}
		}
	}
	if some.State("counter", from-1) != nil || some.State("counter", to+1) != nil {
		t.Error("there are states outside of the window")
	}
	if len(some.changes) >= len(all.changes)/2 {
		t.Errorf("%d changes in the window, of %d in all", len(some.changes), len(all.changes))
	}
}

func byPath(a, b StateLine) int { return strings.Compare(a.Path, b.Path) }

// It fails if the time of a cut is another one, or the sides are.
func TestTraceCuts(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	if len(trace.Cuts) != 1 {
		t.Fatalf("cuts %+v, want one", trace.Cuts)
	}
	c := trace.Cuts[0]
	from, to := trace.Event(c.From), trace.Event(c.To)
	if from.Type != "cut" || to.Type != "heal" || c.Text != "caller | counter idle" || !slices.Equal(c.Side, []int{0, 1, 1}) {
		t.Errorf("cut %+v from %+v to %+v", c, from, to)
	}
	trace = recorded(t, counting(10), Window{}, "11ms cut caller | counter one-way\n")
	if len(trace.Cuts) != 1 || trace.Cuts[0].Text != "caller ↛ counter" || trace.Cuts[0].To != uint64(trace.Len()) {
		t.Errorf("a cut in one direction is recorded as %+v", trace.Cuts)
	}
}

// It fails if a clock that is stepped is told as right, or a right one as wrong.
func TestTraceClocks(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, "30ms step counter -3ms\n")
	for _, s := range trace.skews {
		if at := trace.Event(uint64(s.seq)).At; trace.name(s.node+1) != "counter" || at.Sub(0) < 30*time.Millisecond || s.by != -3*time.Millisecond {
			t.Errorf("at %v a skew %+v", at, s)
		}
	}
	if len(trace.skews) != 1 {
		t.Errorf("%d skews, want 1", len(trace.skews))
	}
}

// It fails if operations are lost or not in the order of their calls.
func TestTraceHistory(t *testing.T) {
	h := recorded(t, counting(2), Window{}, "").History
	if len(h) != 2 || h[0] != (Operation{"caller", 4, 8, "count 1", true, false}) || h[1].Call != 9 || h[1].Done {
		t.Errorf("history %+v", h)
	}
}

// It fails if a configuration that makes no world, or an interrupt, yields a trace.
func TestRecordErrors(t *testing.T) {
	if trace, err := Record(context.Background(), counting(2), sim.Config{Faults: "nonsense"}, Window{}); err == nil || trace != nil {
		t.Errorf("an unknown profile gives %v, %v", trace, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("enough")
	cancel(why)
	if trace, err := Record(ctx, counting(5000), sim.Config{}, Window{}); err != why || trace != nil {
		t.Errorf("an interrupt gives %v, %v", trace, err)
	}
}

type shape struct {
	name   string
	inner  struct{ A, B int }
	byName map[string][]uint16
	long   []string
	bytes  []byte
	at     time.Duration
	next   *shape
	call   func()
	world  *sim.World
	any    any
}

func (*shape) Start(sim.Env)                           {}
func (*shape) Handle(sim.Env, sim.NodeID, sim.Message) {}

// It fails if a state is printed differently: lines in the order of the fields, keys sorted, what is too long in parts.
func TestStateLines(t *testing.T) {
	n := &shape{name: "x", byName: map[string][]uint16{"b": {2}, "a": {1, 3}}, bytes: []byte{0, 255}, at: time.Second, any: 5,
		long: []string{strings.Repeat("y", 40), strings.Repeat("z", 40)}, call: func() {}}
	n.next, n.inner.B, n.world = &shape{name: "second"}, 2, new(sim.World) // the world is no state of a node
	want := `name="x"; inner={A:0 B:2}; byName={"a":[1 3] "b":[2]}; long[0]="` + strings.Repeat("y", 40) + `"; long[1]="` + strings.Repeat("z", 40) +
		`"; bytes=00 ff; at=1s; next.name="second"; next.inner={A:0 B:0}; next.byName={}; next.long=[]; next.bytes=""; next.at=0s; next.next=nil; next.any=nil; any=5; `
	if got := stateText(stateLines(n)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	n.next.next = n // round and round
	n.long = slices.Repeat([]string{strings.Repeat("w", 70)}, 5000)
	if got := stateLines(n); len(got) > mostLines+1 {
		t.Errorf("%d lines, want at most %d", len(got), mostLines+1)
	}
	if got := stateLines(sim.Scripted(func(*sim.Script) {})); len(got) != 0 {
		t.Errorf("a script has the state %q", stateText(got))
	}
}

// It fails if an operation that a scenario tells of begins or ends elsewhere than its facts say, or is told although a property tells of operations.
func TestOperationsOfAScenario(t *testing.T) {
	s := counting(3)
	s.Operation = func(at sim.NodeID, fact any) (sim.Operation, bool) {
		f, ok := fact.(counted)
		return sim.Operation{Of: f.N / 2, Text: map[uint64]string{1: "one", 2: "two"}[f.N], Ended: f.N != 2, Done: f.N == 1}, ok
	}
	if got := recorded(t, s, Window{}, "").History; len(got) != 2 || got[0].Text != "count 1" {
		t.Errorf("with a property that tells: %+v", got)
	}
	s.Properties = nil
	trace := recorded(t, s, Window{}, "")
	var noted []uint64
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		if trace.Event(seq).Kind == sim.Noted {
			noted = append(noted, seq)
		}
	}
	want := []Operation{{"counter", noted[0], noted[0], "one", true, false}, {"counter", noted[1], noted[2], "two", false, false}}
	if !slices.Equal(trace.History, want) {
		t.Errorf("got %+v, want %+v", trace.History, want)
	}
}

// A wrapped node keeps what its inner part is to see of the world.
type wrapped struct {
	caller
	env  shown
	held sim.Env
	at   *shown
}

type shown struct {
	sim.Env
	node *wrapped
}

// It fails if a state shows the world behind a node's Env, or leaves out what is beside it.
func TestStateHidesTheWorld(t *testing.T) {
	n := &wrapped{caller: caller{calls: 3}}
	n.env.node, n.at, n.held = n, &n.env, &n.env
	if got := stateLines(n); len(got) != 1 || got[0].Path != "caller" {
		t.Errorf("got %v", got)
	}
}

// wrongs is a property that knows which operations exclude one another.
type wrongs struct{ asks }

func (*wrongs) Illegal(add func(sim.NodeID, uint64, uint64, string, bool)) (int, bool) {
	add("caller", 9, 0, "", false)
	return 1, false
}

// It fails if the operations that exclude one another are not marked in the history, or others are.
func TestIllegalOperations(t *testing.T) {
	s := counting(3)
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&wrongs{}} }
	trace := recorded(t, s, Window{}, "")
	if h := trace.History; len(h) != 2 || h[0].Illegal || !h[1].Illegal {
		t.Errorf("got %+v", h)
	}
	if meta := asText(unpacked(t, htmlPage(t, trace, Page{}))["meta"]); !strings.Contains(meta, `"history":[[1,4,8,"count 1",true,false],[1,9,0,"count 2: never returned",false,true]]`) {
		t.Errorf("the page has %s", meta)
	}
}
