package view

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"simrun/sim"
)

// A chromeEvent is a record of a Chrome trace.
type chromeEvent struct {
	Ph, Name, Cat, S, Bp string
	Pid, Tid             int
	ID                   uint64
	Ts, Dur              float64
	Args                 struct {
		Event        uint64
		Name         string
		Text, Reason string
		Changes      []string
	}
}

// from and to are in whole nanoseconds.
func (e *chromeEvent) from() int64 { return int64(math.Round(e.Ts * 1000)) }
func (e *chromeEvent) to() int64   { return int64(math.Round((e.Ts + e.Dur) * 1000)) }

// chromeSchema is the part of the format that is used.
func chromeSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/chrome-trace.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("trace.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("trace.json")
}

// chrome reads a trace, after the schema has passed it.
func chrome(t *testing.T, text string) (list []chromeEvent) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := chromeSchema(t).Validate(doc); err != nil {
		t.Fatalf("the trace is not as the schema says: %v", err)
	}
	var all struct{ TraceEvents []chromeEvent }
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all.TraceEvents
}

// A flowing is what a test knows of a Chrome trace: its slices by process, and the ends of its flows.
type flowing struct {
	slices       map[int][]chromeEvent
	starts, ends map[uint64]chromeEvent
}

// flowingOf checks that the slices of a process do not overlap and that each end of a flow lies in one.
func flowingOf(t *testing.T, list []chromeEvent) flowing {
	t.Helper()
	f := flowing{make(map[int][]chromeEvent), make(map[uint64]chromeEvent), make(map[uint64]chromeEvent)}
	for _, e := range list {
		switch e.Ph {
		case "X":
			f.slices[e.Pid] = append(f.slices[e.Pid], e)
		case "s":
			if _, twice := f.starts[e.ID]; twice {
				t.Errorf("flow %d begins twice", e.ID)
			}
			f.starts[e.ID] = e
		case "f":
			f.ends[e.ID] = e
		}
	}
	for pid, list := range f.slices {
		slices.SortFunc(list, func(a, b chromeEvent) int { return int(a.from() - b.from()) })
		for i := range list[1:] {
			if list[i].to() > list[i+1].from() {
				t.Errorf("slices of process %d overlap: %+v and %+v", pid, list[i], list[i+1])
			}
		}
	}
	for id, s := range f.starts {
		e, ok := f.ends[id]
		if !ok || e.Name != s.Name || e.from() < s.from() {
			t.Errorf("flow %+v ends as %+v", s, e)
		}
		f.slice(t, s)
		f.slice(t, e)
	}
	if len(f.starts) != len(f.ends) {
		t.Errorf("%d flows begin and %d end", len(f.starts), len(f.ends))
	}
	return f
}

// slice returns the slice that an end of a flow lies in.
func (f *flowing) slice(t *testing.T, end chromeEvent) chromeEvent {
	t.Helper()
	for _, s := range f.slices[end.Pid] {
		if s.from() <= end.from() && end.from() < s.to() {
			return s
		}
	}
	t.Errorf("the end of a flow %+v lies in no slice", end)
	return chromeEvent{}
}

// It fails if the trace is not one that Chrome's readers take, if a delivery has no flow, or if a flow joins other slices than
// those of the calls that sent and handled the message.
func TestPerfetto(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	list := chrome(t, exported(t, "perfetto", trace))
	f := flowingOf(t, list)
	calls := 0
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		m := trace.Event(seq)
		if handles(m.Kind) {
			calls++
		}
		if m.Kind != sim.Delivered {
			continue
		}
		from, to := f.slice(t, f.starts[seq]), f.slice(t, f.ends[seq])
		sender := m.Cause
		for c := trace.Event(sender); !handles(c.Kind); c = trace.Event(sender) {
			sender = c.Cause
		}
		if from.Args.Event != sender || to.Args.Event != seq || from.Pid != int(trace.node[m.Cause-1]) || to.Pid != int(trace.node[seq-1]) {
			t.Errorf("the flow of %+v goes from %+v to %+v, want from event %d", m, from, to, sender)
		}
		delete(f.starts, seq)
	}
	if len(f.starts) > 0 || calls < 20 {
		t.Errorf("flows of no message: %v; %d calls", f.starts, calls)
	}
	wantChrome(t, trace, list, calls)
}

// wantChrome checks what there is besides flows.
func wantChrome(t *testing.T, trace *Trace, list []chromeEvent, calls int) {
	t.Helper()
	count := make(map[string]int)
	for _, e := range list {
		count[e.Ph+" "+e.Cat]++
		switch {
		case e.Cat == "cut" && (e.Name != "caller | counter idle" || e.Pid != 4 || e.from() != 11e6 || e.to() != 25e6):
			t.Errorf("the cut is told as %+v", e)
		case e.Cat == "down" && (e.Pid != 2 || e.from() != 35e6 || e.to() != 55e6):
			t.Errorf("the counter is down as %+v", e)
		case e.Cat == "call" && e.Name == "recv count" && (e.to()-e.from() < 1000 || len(e.Args.Changes) != 2):
			t.Errorf("a call that syncs is told as %+v", e)
		case e.Cat == "fact" && !strings.HasPrefix(e.Name, "counted "), e.Cat == "lost" && e.Pid != 4, e.Name == "fault heal" && e.S != "g":
			t.Errorf("wrong: %+v", e)
		}
	}
	want := map[string]int{"X cut": 1, "X down": 1, "X call": calls, "i fact": 6, "i fault": 4, "i lost": 4, "M ": 12}
	for what, n := range want {
		if count[what] != n {
			t.Errorf("%d records %q, want %d: %v", count[what], what, n, count)
		}
	}
}

// It fails if calls in the same instant overlap: a flow would join the wrong one. The trace is made up, as is one in which messages are sent outside of calls.
func TestPerfettoSlicesOfOneInstant(t *testing.T) {
	trace := longTrace(3000)
	for i := range trace.at {
		trace.at[i] -= trace.at[i] % 400_000 // some ten events in one instant
	}
	var b bytes.Buffer
	if err := Perfetto(&b, trace); err != nil {
		t.Fatal(err)
	}
	if f := flowingOf(t, chrome(t, b.String())); len(f.starts) < 1000 {
		t.Errorf("%d flows", len(f.starts))
	}
}

// It fails if a node that crashes and starts again at the very beginning is drawn as down until the end.
func TestPerfettoDownAtTheBeginning(t *testing.T) {
	trace := recorded(t, counting(4), Window{}, "0s crash counter\n0s restart counter\n")
	var b bytes.Buffer
	if err := Perfetto(&b, trace); err != nil {
		t.Fatal(err)
	}
	down := 0
	for _, e := range chrome(t, b.String()) {
		if e.Ph == "X" && e.Cat == "down" {
			if down++; e.to()-e.from() > 1000 {
				t.Errorf("the node is down from %d to %d ns", e.from(), e.to())
			}
		}
	}
	if down != 1 {
		t.Errorf("%d times a node is down, want one", down)
	}
}

// It fails if the schema takes what no reader does: then it would be of no use.
func TestChromeSchemaBites(t *testing.T) {
	for _, bad := range []string{
		`{"ph":"X","name":"recv","cat":"call","pid":1,"tid":1,"ts":1}`,
		`{"ph":"X","name":"recv","cat":"call","pid":1,"tid":1,"ts":1,"dur":0}`,
		`{"ph":"f","name":"x","cat":"msg","pid":1,"tid":1,"ts":1,"id":3}`,
		`{"ph":"s","name":"x","cat":"msg","pid":1,"tid":1,"ts":"1","id":3}`,
		`{"ph":"B","name":"x","cat":"msg","pid":1,"tid":1,"ts":1}`,
		`{"ph":"i","name":"x","cat":"fact","pid":1,"tid":1,"ts":1,"args":{"event":1,"text":""}}`,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"displayTimeUnit":"ns","traceEvents":[` + bad + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if chromeSchema(t).Validate(doc) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}
