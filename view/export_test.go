package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"simrun/sim"
)

// exporters are all exports that are text, by name.
var exporters = map[string]func(io.Writer, *Trace) error{
	"mermaid":  func(w io.Writer, t *Trace) error { return Mermaid(w, t, 0) },
	"ndjson":   NDJSON,
	"perfetto": Perfetto,
	"shiviz":   func(w io.Writer, t *Trace) error { return ShiViz(w, t, 0) },
	"svg":      func(w io.Writer, t *Trace) error { return SVG(w, t, 0) },
}

// exported returns what an export writes.
func exported(t testing.TB, name string, trace *Trace) string {
	t.Helper()
	var b bytes.Buffer
	if err := exporters[name](&b, trace); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// It fails if an export loses an error of its writer, or writes something else the second time.
func TestExportsReportWriteErrors(t *testing.T) {
	trace := recorded(t, counting(30), Window{}, eventful)
	for name, export := range exporters {
		text := exported(t, name, trace)
		if again := exported(t, name, trace); again != text {
			t.Errorf("%s is another text the second time", name)
		}
		for _, room := range []int{0, len(text) / 2, len(text) - 1} {
			if err := export(&smallDisk{room}, trace); !errors.Is(err, errNoRoom) {
				t.Errorf("%s with room for %d of %d bytes: %v", name, room, len(text), err)
			}
		}
		if err := export(&smallDisk{len(text)}, trace); err != nil {
			t.Errorf("%s with room for all: %v", name, err)
		}
	}
}

// It fails if the part of a long run is another one than asked for, or a long run is drawn without being asked which part.
func TestPart(t *testing.T) {
	trace := longTrace(1000)
	for around, want := range map[uint64]Window{1: {1, 100}, 75: {1, 100}, 76: {2, 101}, 500: {426, 525}, 999: {901, 1000}} {
		if got, err := trace.part("it", 100, around); got != want || err != nil || !got.Holds(around) {
			t.Errorf("around %d: %v, %v, want %v", around, got, err, want)
		}
	}
	if got, err := trace.part("it", 1000, 0); got != (Window{1, 1000}) || err != nil {
		t.Errorf("of a run that is short enough %v, %v", got, err)
	}
	var r *Refusal
	if _, err := trace.part("it", 999, 0); !errors.As(err, &r) || !r.Long || r.Why != "the run has 1,000 events, and it is for at most 999" {
		t.Errorf("a run that is too long gives %v", err)
	}
}

// It fails if a change is told twice, not at all, or with another value before it than State knows.
func TestWalk(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	told := 0
	walk := trace.walk()
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		got := walk.to(seq)
		if want := trace.Changes(seq); !slices.Equal(got, want) {
			t.Fatalf("event %d changed %+v, want %+v", seq, got, want)
		}
		told += len(got)
	}
	if told < 30 {
		t.Errorf("only %d changes were compared", told)
	}
}

// It fails if a drawing does not say what a crash took from a node, or says what nobody wants to know.
func TestTold(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	walk := trace.walk()
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		m := trace.Event(seq)
		got := walk.told(&m)
		switch {
		case m.Kind == sim.Started && m.Text == "life 2":
			if len(got) != 2 || got[0].short() != "sum 5 → 0" || !strings.HasPrefix(got[1].Before, `{1:"by caller"`) || got[1].After != "{}" {
				t.Errorf("life 2 is told with %+v", got)
			}
		case m.Kind == sim.Started || m.Kind == sim.Crashed || m.Kind == sim.DiskDone:
			if len(got) > 0 {
				t.Errorf("%+v is told with %+v", m, got)
			}
		case m.Kind == sim.Delivered && m.Node == "counter":
			if len(got) != 2 || got[0].Path != "sum" {
				t.Errorf("%+v is told with %+v", m, got)
			}
		}
	}
}

// It fails if a line is no JSON object, if an event differs from the trace, or if a field has another name: programs read them.
func TestNDJSON(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	lines := strings.Split(strings.TrimSuffix(exported(t, "ndjson", trace), "\n"), "\n")
	if len(lines) != trace.Len()+1 {
		t.Fatalf("%d lines for %d events", len(lines), trace.Len())
	}
	var run struct {
		Scenario, Verdict, Hash, Plan string
		Seed, Events                  int
		Nodes                         []string
		From                          int `json:"states_from"`
		To                            int `json:"states_to"`
		Cuts                          []struct {
			From, To int
			Sides    string
		}
		History []struct {
			Client, Text string
			Call, Return int
			Done         bool
		}
	}
	if err := json.Unmarshal([]byte(lines[0]), &run); err != nil {
		t.Fatal(err)
	}
	if run.Scenario != "counting" || run.Seed != 7 || run.Verdict != "ok" || run.Events != trace.Len() || run.Hash != fmt.Sprintf("%016x", trace.Verdict.Hash) ||
		run.Plan != eventful || len(run.Nodes) != 3 || run.From != 1 || run.To != trace.Len() || len(run.Cuts) != 1 || run.Cuts[0].Sides != "caller | counter idle" ||
		len(run.History) != 2 || run.History[0].Return != 8 || !run.History[0].Done {
		t.Errorf("the run is %+v", run)
	}
	kinds := make(map[string]int)
	for i, line := range lines[1:] {
		var e struct {
			Event, Cause                         uint64
			AtNS                                 int64 `json:"at_ns"`
			Kind, Node, Peer, Type, Data, Reason string
			Changes                              []struct{ Path, Before, After string }
		}
		read := json.NewDecoder(strings.NewReader(line))
		read.DisallowUnknownFields()
		if err := read.Decode(&e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		m := trace.Event(uint64(i + 1))
		if e.Event != m.Seq || e.Cause != m.Cause || e.AtNS != int64(m.At) || e.Kind != m.Kind.String() || e.Node != string(m.Node) || e.Peer != string(m.Peer) ||
			e.Type != m.Type || e.Data != strings.TrimPrefix(m.Text, "life ") || e.Reason != m.Reason || len(e.Changes) != len(trace.Changes(m.Seq)) {
			t.Errorf("%+v is exported as %s", m, line)
		}
		kinds[e.Kind]++
	}
	if kinds["recv"] < 6 || kinds["drop"] == 0 || kinds["crash"] != 1 || kinds["disk"] < 8 {
		t.Errorf("too little was compared: %v", kinds)
	}
}

var shivizLine = regexp.MustCompile(`^(?P<host>\S+) (?P<clock>{.*}) (?P<date>\S+) (?P<event>.*)$`)

// A stamp is an event of a ShiViz log.
type stamp struct {
	host  string
	clock map[string]int
	event string
}

// stamps reads a log as ShiViz does, and checks the rules of its format on the way.
func stamps(t *testing.T, log string) (list []stamp) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
	if lines[0] != `(?<host>\S+) (?<clock>{.*}) (?<date>\S+) (?<event>.*)` || lines[1] != `=== (?<trace>.*) ===` || !regexp.MustCompile(`^=== .+ ===$`).MatchString(lines[2]) {
		t.Fatalf("the log begins with %q", lines[:3])
	}
	last := make(map[string]map[string]int)
	for _, line := range lines[3:] {
		m := shivizLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("the line %q is not as announced", line)
		}
		s := stamp{m[1], nil, m[4]}
		if err := json.Unmarshal([]byte(m[2]), &s.clock); err != nil {
			t.Fatalf("the clock of %q: %v", line, err)
		}
		if _, err := strconv.ParseFloat(m[3], 64); err != nil {
			t.Errorf("the date of %q: %v", line, err)
		}
		before := last[s.host]
		if s.clock[s.host] != before[s.host]+1 {
			t.Errorf("%q comes after %v: want the host's own component to grow by 1", line, before)
		}
		for host, n := range before {
			if s.clock[host] < n {
				t.Errorf("%q comes after %v: a clock goes back", line, before)
			}
		}
		last[s.host] = s.clock
		list = append(list, s)
	}
	return list
}

// before reports whether a clock says that one event happened before another.
func (s *stamp) before(o *stamp) bool { return s.clock[s.host] <= o.clock[s.host] }

// It fails if the log breaks a rule of ShiViz, or if by its clocks another event happened before another than by causes and the order on each host.
func TestShiViz(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	list := stamps(t, exported(t, "shiviz", trace))
	if len(list) != trace.Len() {
		t.Fatalf("%d lines for %d events", len(list), trace.Len())
	}
	// past[i] holds the events that happened before event i, by causes and hosts alone.
	past := make([]map[int]bool, len(list))
	last := make(map[string]int)
	hosts := make(map[string]bool)
	for i := range list {
		past[i] = map[int]bool{i: true}
		from := []int{int(trace.Event(uint64(i+1)).Cause) - 1}
		if j, ok := last[list[i].host]; ok {
			from = append(from, j)
		}
		for _, j := range from {
			if j >= 0 {
				for k := range past[j] {
					past[i][k] = true
				}
			}
		}
		last[list[i].host] = i
		hosts[list[i].host] = true
	}
	concurrent := 0
	for i := range list {
		for j := range i {
			if got, want := list[j].before(&list[i]), past[i][j]; got != want {
				t.Fatalf("event %d %+v before event %d %+v: %v by the clocks, %v by the causes", j+1, list[j], i+1, list[i], got, want)
			}
			if !past[i][j] {
				concurrent++
			}
		}
	}
	if concurrent < 100 || !hosts["network"] || !hosts["faults"] {
		t.Errorf("too little was compared: %d pairs are concurrent, hosts %v", concurrent, hosts)
	}
}

// It fails if a part of a run is not numbered anew, or if names with white space and braces break the log.
func TestShiVizPartAndNames(t *testing.T) {
	trace := longTrace(MostDrawn + 1)
	if err := ShiViz(io.Discard, trace, 0); !errors.As(err, new(*Refusal)) {
		t.Errorf("a run that is too long gives %v", err)
	}
	var b bytes.Buffer
	if err := ShiViz(&b, trace, 10_000); err != nil {
		t.Fatal(err)
	}
	if n := len(stamps(t, b.String())); n != MostDrawn {
		t.Errorf("%d events, want %d", n, MostDrawn)
	}
	trace = recorded(t, counting(3), Window{}, eventful)
	trace.Nodes = []sim.NodeID{"a b", "a_b", "{net} work"}
	for i := range trace.texts[1:] {
		trace.texts[i+1] += " {x} } \n y"
	}
	hosts := make(map[string]bool)
	for _, s := range stamps(t, exported(t, "shiviz", trace)) {
		hosts[s.host] = true
	}
	for _, name := range []string{"a_b", "a_b_", "_net__work"} {
		if !hosts[name] {
			t.Errorf("the hosts are %v: want %s", hosts, name)
		}
	}
}
