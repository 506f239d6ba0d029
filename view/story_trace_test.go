package view

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// It fails if a printed state is taken apart wrongly: values with spaces, quoted brackets and keys, what is in no such syntax.
func TestLeaves(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{`5`, `x=5; `},
		{`[{a:1.1 b:none c:""} {a:2 b:ballot 3 c:"d e:f"}]`, `x[0].a=1.1; x[0].b=none; x[0].c=""; x[1].a=2; x[1].b=ballot 3; x[1].c="d e:f"; `},
		{`{"a1":{n:1 m:[1 2]} "}":{n:2 m:[]}}`, `x["a1"].n=1; x["a1"].m=[1 2]; x["}"].n=2; x["}"].m=[]; `},
		{`{1:"by caller" 2:"by x"}`, `x[1]="by caller"; x[2]="by x"; `},
		{`{neither this nor that}`, `x={neither this nor that}; `},
		{`{}`, ``}, {`[]`, `x=[]; `}, {`["a" "b"]`, `x=["a" "b"]; `}, {`{cut off: …`, `x={cut off: …; `},
	} {
		var b strings.Builder
		for _, l := range leaves(nil, "x", c.value) {
			fmt.Fprintf(&b, "%s=%s; ", l.path, l.value)
		}
		if b.String() != c.want {
			t.Errorf("%s has the leaves %q, want %q", c.value, b.String(), c.want)
		}
	}
}

// It fails if a change is told in other words, if what did not change is told, or a field that was only made room for.
func TestTurns(t *testing.T) {
	line := func(path, value string) []StateLine { return []StateLine{{path, value}} }
	for _, c := range []struct {
		before, after []StateLine
		want          string
	}{
		{line("votes", "[]"), line("votes", `[{promised:1.1 accepted:none value:"" at:0}]`), "promised 1.1"},
		{line("votes", `[{promised:1.1 accepted:none}]`), line("votes", `[{promised:1.2 accepted:1.2}]`), "promised 1.1 → 1.2, accepted none → 1.2"},
		{line("votes", `[{p:1} {p:2}]`), line("votes", `[{p:3} {p:4}]`), "votes[0].p 1 → 3, votes[1].p 2 → 4"},
		{line("votes", `[{p:1}]`), append(line("votes[0]", `{p:1}`), StateLine{"votes[1]", "{p:2}"}), "p 2"},
		{line("locked", "false"), line("locked", "true"), "locked"},
		{line("locked", "true"), line("locked", "false"), "no longer locked"},
		{line("list", `["a" "b"]`), line("list", `["a" "b" "c"]`), `list + "c"`},
		{line("holds", `{"x":{by:"t1"}}`), line("holds", `{}`), "by t1 → gone"},
		{line("acks", `{}`), line("acks", `{"a1":true}`), "acks[a1]"},
		{line("name", `"a b"`), line("name", `"c"`), `name "a b" → c`},
	} {
		diff := turns(c.before, c.after)
		var paths, got []string
		for _, d := range diff {
			paths = append(paths, d.path)
		}
		name := names(paths)
		for _, d := range diff {
			got = append(got, d.words(name[d.path]))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("from %v to %v: %q, want %q", c.before, c.after, s, c.want)
		}
	}
	for value, want := range map[string]bool{"fa c7 cc": true, "2831992826": true, "1.1": false, "abc": false, "100": false, `"a\x00"`: true, "1 2 3": false} {
		if opaque(value) != want {
			t.Errorf("opaque(%q) is %v", value, !want)
		}
	}
}

// It fails if a state is not that of scanning all changes, as it was found before there was an index.
func TestStatesFromTheIndex(t *testing.T) {
	trace := recorded(t, counting(40), Window{}, eventful)
	for _, id := range trace.Nodes {
		var want []StateLine
		next := 0
		for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
			for ; next < len(trace.changes) && uint64(trace.changes[next].seq) <= seq; next++ {
				c := trace.changes[next]
				if trace.name(c.node) != id {
					continue
				}
				path := trace.texts[c.path]
				i := slices.IndexFunc(want, func(l StateLine) bool { return l.Path == path })
				if i < 0 {
					i = len(want)
					want = append(want, StateLine{Path: path})
				}
				want[i].Value = trace.texts[c.value]
			}
			there := slices.DeleteFunc(slices.Clone(want), func(l StateLine) bool { return l.Value == "" })
			ofDisk := func(l StateLine) bool { return strings.HasPrefix(l.Path, onDisk) }
			files := slices.DeleteFunc(slices.Clone(there), func(l StateLine) bool { return !ofDisk(l) })
			there = append(slices.DeleteFunc(there, ofDisk), files...) // what the disk holds comes last
			if got := trace.State(id, seq); !slices.Equal(got, there) {
				t.Fatalf("%s after event %d: %v, want %v", id, seq, got, there)
			}
		}
	}
	if got := trace.State("nobody", 5); got != nil {
		t.Errorf("a node that is not there has the state %v", got)
	}
}

// A register keeps the last value that it was told, writes it down, and answers without waiting for its disk. It is wrong.
type register struct {
	kept  uint64
	calls int // of interest to nobody
}

func (r *register) Start(env sim.Env) {
	if err := env.Disk().Append("log", nil); err == nil {
		env.Disk().SyncDir()
	}
}

func (r *register) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if got, ok := m.(count); ok {
		r.calls++
		r.kept = 1000 + got.N
		env.Disk().Append("log", make([]byte, 8))
		env.Send(from, counted{r.kept})
		env.Note(counted{r.kept})
	}
}

// careless is a scenario with such a register.
func careless() *sim.Scenario {
	s := counting(3)
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &caller{calls: 3} })
		w.Add("counter", func() sim.Node { return &register{} })
		w.Add("idle", func() sim.Node { return &caller{} })
	}
	return s
}

const crashAfterAnswer = "always unsynced lose\nalways law constant 1ms\n5ms crash counter for 5ms\n"

// It fails if the drawing does not say what changed, what was sent before it was on disk and lost, and what the next life does not know;
// or if it has what nobody needs: the node that has nothing to do with it, the counter of calls.
func TestStoryOfATrace(t *testing.T) {
	trace := recorded(t, careless(), Window{}, crashAfterAnswer)
	end := find(t, trace, sim.Noted, "counter", "counted 1002")
	want := strings.Join([]string{
		"     virtual  caller  counter  event",
		"     1.000ms  ○───────▶        #8 caller→counter count{N:1}  kept 0 → 1001",
		"     1.000ms  │       ○        #10 counter→caller is sent: counted 1001",
		"              │       │            8 bytes unsynced",
		"     1.000ms  │       ●        #11 counter counted 1001",
		"     5.000ms  │       ✗        #13 FAULT crash counter: lost 8 bytes, 1 write",
		"    10.000ms  │       ●        #14 counter starts life 2  forgot kept 1001",
		"    10.000ms  ●       │        #16 caller timer again",
		"    11.000ms  ○───────▶        #20 caller→counter count{N:2}  kept 0 → 1002",
		"    11.000ms  │       ●        #23 counter counted 1002",
		"              (15 other events up to there)",
		"",
	}, "\n")
	var b strings.Builder
	if err := Diagram(&b, trace.Story(end, 40), Hints{}); err != nil || b.String() != want {
		t.Errorf("%v: got\n%s\nwant\n%s", err, b.String(), want)
	}
	// The same with a disk that is synced in time: nothing was sent too early, and nothing is lost.
	trace = recorded(t, counting(3), Window{}, "always unsynced lose\nalways law constant 1ms\n5ms crash counter for 5ms\n")
	if got := drawn(t, trace.Story(find(t, trace, sim.Noted, "counter", "counted 2"), 40)); strings.Contains(got, "unsynced") || strings.Contains(got, "forgot") {
		t.Errorf("a counter that syncs is told so:\n%s", got)
	}
}

// It fails if an event that led to the end is missing, if one that changed nothing and led to nothing is there, or one that came later.
func TestPast(t *testing.T) {
	trace := recorded(t, careless(), Window{}, crashAfterAnswer)
	end := find(t, trace, sim.Noted, "counter", "counted 1002")
	past := trace.Past(end)
	if !slices.IsSorted(past) || past[len(past)-1] != end {
		t.Fatalf("the past of %d is %v", end, past)
	}
	in := make(map[uint64]bool)
	for _, seq := range past {
		in[seq] = true
		m := trace.Event(seq)
		if m.Node == "idle" {
			t.Errorf("%+v is in the past of the counter", m)
		}
		if m.Cause != 0 && !in[m.Cause] {
			t.Errorf("%+v is there without its cause", m)
		}
	}
	for seq := uint64(1); seq <= end; seq++ {
		m := trace.Event(seq)
		if m.Node == "counter" && len(trace.Changes(seq)) > 0 && !in[seq] {
			t.Errorf("%+v changed the counter and is missing", m)
		}
		if m.Kind == sim.Delivered && m.Node == "caller" && in[seq] {
			t.Errorf("%+v changed nothing and led to nothing", m)
		}
	}
	// Without states whatever was handled may have changed its node.
	without := recorded(t, careless(), Window{1, 1}, crashAfterAnswer)
	if got := without.Past(end); len(got) < len(past) {
		t.Errorf("without states the past is %v, with them %v", got, past)
	}
	if new(Trace).Past(3) != nil || trace.Past(0) == nil && len(trace.Past(uint64(trace.Len())+9)) == 0 {
		t.Error("the past of an event that is not there")
	}
}

// It fails if a story is longer than asked for, wider than the page, not in order, without its end, or ends with a panic.
func TestStoriesOfTracesFit(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	plan := eventful + "always loss 20%\n45ms crash counter for 3ms\n"
	trace := recorded(t, counting(60), Window{}, plan)
	for range 200 {
		end, lines := uint64(r.Intn(trace.Len()+2)), 5+r.Intn(40)
		s := trace.Story(end, lines)
		if len(s.rows) == 0 || s.Lines() > lines && len(s.rows) > 2 {
			t.Fatalf("the story of %d has %d rows and %d lines, want %d", end, len(s.rows), s.Lines(), lines)
		}
		if last := s.rows[len(s.rows)-1].seq; end > 0 && last != min(end, uint64(trace.Len())) {
			t.Fatalf("the story of %d ends with %d", end, last)
		}
		if !slices.IsSortedFunc(s.rows, func(a, b row) int { return int(a.seq) - int(b.seq) }) {
			t.Fatal("rows are not in order")
		}
		fits(t, drawn(t, s))
	}
	if s := new(Trace).Story(1, 10); len(s.rows) != 0 {
		t.Errorf("a trace of nothing has the story %+v", s)
	}
}

// It fails if a fact that the verdict names is not told when there is little room.
func TestStoryKeepsWhatTheVerdictNames(t *testing.T) {
	trace := recorded(t, counting(60), Window{}, "")
	first := find(t, trace, sim.Noted, "counter", "counted 1")
	end := find(t, trace, sim.Noted, "counter", "counted 50")
	trace.Verdict.Why = fmt.Sprintf("counter counted 50 at %v, but counter counted 1 at %v", time.Duration(trace.Event(end).At), time.Duration(trace.Event(first).At))
	if got := drawn(t, trace.Story(end, 8)); !strings.Contains(got, fmt.Sprintf("#%d counter", first)) {
		t.Errorf("#%d is missing in\n%s", first, got)
	}
}

// It fails if a message that the verdict names is not told, since its receiver made nothing of it: that may be what is wrong.
func TestStoryKeepsTheMessageThatTheVerdictNames(t *testing.T) {
	s := counting(3)
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &impatient{} })
		w.Add("counter", func() sim.Node { return &caller{} })
		w.Add("idle", func() sim.Node { return &caller{} })
	}
	trace := recorded(t, s, Window{}, "always law constant 1ms\n")
	sent := find(t, trace, sim.Sent, "caller", "count{N:1}")
	got := find(t, trace, sim.Delivered, "counter", "count{N:1}")
	for why, row := range map[string]uint64{
		fmt.Sprintf("caller asked counter at %v, and heard nothing", time.Duration(trace.Event(got).At)):  got,
		fmt.Sprintf("at %v caller asked counter, and heard nothing", time.Duration(trace.Event(sent).At)): got,
		"caller heard nothing": 0,
	} {
		trace.Verdict.Why = why
		story := drawn(t, trace.Story(uint64(trace.Len()), 20))
		if told := strings.Contains(story, fmt.Sprintf("#%d caller→counter", got)); told != (row > 0) {
			t.Errorf("for %q #%d is told: %v, in\n%s", why, got, told, story)
		}
	}
}

// It fails if the state that a node had when it crashed in the middle of a call is not written down.
func TestTraceOfACrashInACall(t *testing.T) {
	trace := recorded(t, careless(), Window{}, "always law constant 1ms\nafter counter append#2 crash counter\n")
	got := find(t, trace, sim.Delivered, "counter", "N:1")
	crash := find(t, trace, sim.Crashed, "counter", "")
	if s := stateText(trace.State("counter", crash-1)); crash > got+3 || !strings.Contains(s, "kept=1001") {
		t.Errorf("before the crash at %d, in the call of %d, the state is %q", crash, got, s)
	}
	if s := stateText(trace.State("counter", crash)); strings.Contains(s, "kept") {
		t.Errorf("after the crash the state is %q", s)
	}
}

// It fails if what is done again and again fills the story, or if it does not say how often that was.
func TestStoryTellsARefrainOnce(t *testing.T) {
	s := counting(3)
	s.Run = time.Second
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &impatient{} })
		w.Add("counter", func() sim.Node { return &register{} })
		w.Add("idle", func() sim.Node { return &caller{} })
	}
	trace := recorded(t, s, Window{}, "always law constant 1ms\n5ms crash counter for good\n")
	trace.Verdict.Why = "caller waits for counter, which crashed at 5ms"
	got := drawn(t, trace.Story(0, 30))
	for _, want := range []string{"FAULT crash counter", "caller timer again  50th time", "caller→counter lost (down): count{N:1}", "49th time"} {
		if strings.Count(got, want) == 0 {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "timer again"); n != 1 {
		t.Errorf("the timer is told %d times in\n%s", n, got)
	}
}

// An impatient caller asks again until it has an answer.
type impatient struct{ answered bool }

func (c *impatient) Start(env sim.Env) { env.After(20*time.Millisecond, again{}) }
func (c *impatient) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if _, ok := m.(again); ok && !c.answered {
		env.Send("counter", count{1})
		env.After(20*time.Millisecond, again{})
	} else if !ok {
		c.answered = true
	}
}

// It fails if the names of two values of a node cannot be told from one another, or are longer than they must be.
func TestNames(t *testing.T) {
	got := names([]string{"votes[0].promised", "attempt.ballot", `locks["x"].by`, `locks["y"].by`, "life.life"})
	want := map[string]string{"votes[0].promised": "promised", "attempt.ballot": "ballot", `locks["x"].by`: "locks[x].by", `locks["y"].by`: "locks[y].by", "life.life": "life"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// It fails if the drawing does not say where it leaves out what led to the end.
func TestStorySaysWhatItLeavesOut(t *testing.T) {
	trace := recorded(t, counting(60), Window{}, "")
	end := find(t, trace, sim.Noted, "counter", "counted 50")
	short := drawn(t, trace.Story(end, 12))
	if !strings.Contains(short, "           ⋮  │") || !strings.Contains(short, "more that led there") {
		t.Errorf("nothing says that there is more:\n%s", short)
	}
	if all := drawn(t, trace.Story(find(t, trace, sim.Noted, "counter", "counted 2"), 40)); strings.Contains(all, "⋮") {
		t.Errorf("nothing is left out here:\n%s", all)
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 22: "22nd", 111: "111th", 1021: "1,021st"} {
		if got := ordinal(n); got != want {
			t.Errorf("ordinal(%d) is %s", n, got)
		}
	}
}

// It fails if the story of a history that is not as it should be leaves out an operation of those that exclude one another, where there is little room.
func TestStoryOfAWrongHistory(t *testing.T) {
	trace := recorded(t, reading("s3"), Window{}, "always law constant 1ms\n")
	trace.Verdict.Why = "no order explains it" // so that no name helps
	got := drawn(t, trace.Story(uint64(trace.Len()), 7))
	for _, want := range []string{"s1→c ok", "c word{What:return 1}", "s3→c word{What:false}", "c word{What:return 2}"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
