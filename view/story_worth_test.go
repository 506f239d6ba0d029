package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// It fails if a person is told what says nothing, or not told what does: words of messages before counters, fields that are called like messages, states that are words; no
// bytes, nothing that the event says itself, nothing twice, little of what is new as a whole or gone.
func TestWhatIsWorthTelling(t *testing.T) {
	set := func(words ...string) map[string]bool {
		m := make(map[string]bool)
		for _, w := range words {
			m[w] = true
		}
		return m
	}
	s := &selection{t: &Trace{}, vocab: set("1.1", "1.2", "A", "B", "T1", "T2", "5", "42", "100", "none", "Prepare"), stems: set("prom", "acce"), facts: set("Chosen{1.1 A}")}
	for _, c := range []struct {
		what  string
		all   []turn
		label string
		least int
		want  string
	}{
		{"what is called like a message before a counter", []turn{{"tries", "0", "1"}, {"votes[0].promised", "1.1", "1.2"}}, "Prepare{1.2}", 1, "votes[0].promised 1.1 → 1.2"},
		{"counters if there is nothing else", []turn{{"tries", "0", "1"}, {"round", "3", "4"}}, "", 1, "tries 0 → 1, round 3 → 4"},
		{"no crowd of counters", []turn{{"tries", "0", "1"}, {"round", "3", "4"}, {"at", "7", "8"}}, "", 1, ""},
		{"no counter where only what is good is wanted", []turn{{"tries", "0", "1"}}, "", good, ""},
		{"a figure that was said before one that was not", []turn{{"tries", "0", "1"}, {"balance", "5", "100"}}, "", 1, "balance 5 → 100"},
		{"no bytes and no checksums", []turn{{"buf", "00 01 02", "00 01 03"}, {"prev", "1919247212", "2831992826"}}, "", 1, ""},
		{"no fact that is told anyway", []turn{{"outcome", "Chosen{none }", "Chosen{1.1 A}"}}, "", 1, ""},
		{"nothing that the message says", []turn{{"tx", "none", "T1"}}, "Commit{T1}", 1, ""},
		{"but what takes the place of something", []turn{{"tx", "T2", "T1"}}, "Commit{T1}", 1, "tx T2 → T1"},
		{"a counter though its figure is in the message", []turn{{"last", "0", "1"}}, "add{1}", 1, "last 0 → 1"},
		{"a state that is a word", []turn{{"state", "q", "w"}, {"heard", "1", "3"}}, "", 1, "state q → w"},
		{"what is so or not", []turn{{"locked", "false", "true"}, {"tries", "0", "1"}}, "", 1, "locked"},
		{"what two fields point to, once", []turn{{"byTx[T1].voted", "", "true"}, {"inDoubt[0].voted", "false", "true"}}, "", 1, "inDoubt[0].voted"},
		{"some parts of what is new", []turn{{"a.x", "", `"A"`}, {"b.y", "", `"B"`}, {"c.z", "", "T1"}}, "", 1, "a.x A, b.y B"},
		{"nothing deep in what is new", []turn{{"a.b[0].c[1].x", "", `"A"`}}, "", 1, ""},
		{"what is gone", []turn{{"owner", "T1", ""}}, "", 1, "owner T1 → gone"},
		{"not what went with something else", []turn{{"locks[0].owner", "T1", ""}}, "", 1, ""},
		{"no more than three", []turn{{"a", "1.1", "1.2"}, {"b", "1.1", "1.2"}, {"c", "1.1", "1.2"}, {"d", "1.1", "1.2"}}, "", 1, "a 1.1 → 1.2, b 1.1 → 1.2, c 1.1 → 1.2"},
		{"what is good beside what is better", []turn{{"value", "A", "B"}, {"promised", "1.1", "1.2"}}, "", 1, "promised 1.1 → 1.2, value A → B"},
		{"nothing that was a checksum", []turn{{"prev", "1919247212", "5"}}, "", 1, ""},
		{"what two fields say that are called alike and do not point to the same", []turn{{"byTx[T1].owner", "A", "B"}, {"inDoubt[0].owner", "A", "T1"}}, "", 1,
			"byTx[T1].owner A → B, inDoubt[0].owner A → T1"},
		{"the first of what two fields point to, if both had something before", []turn{{"x.owner", "A", "B"}, {"y.owner", "T1", "B"}}, "", 1, "x.owner A → B"},
		{"a crowd of what is so or not", []turn{{"a", "false", "true"}, {"b", "false", "true"}, {"c", "true", "false"}}, "", 1, "a, b, no longer c"},
		{"what has changed, though much is new", []turn{{"a.x", "", `"A"`}, {"b.y", "", `"B"`}, {"c.z", "", "T1"}, {"d", "A", "B"}}, "", 1, "a.x A, b.y B, d A → B"},
		{"nothing that becomes a checksum", []turn{{"prev", "5", "1919247212"}}, "", 1, ""},
		{"what is called like a message, and was a word before it was a figure", []turn{{"value", "A", "B"}, {"promised", "T1", "5"}}, "", 1, "promised T1 → 5, value A → B"},
		{"what is so from the start", []turn{{"locked", "", "true"}, {"tries", "0", "1"}}, "", 1, "locked"},
		{"what is not so from the start", []turn{{"locked", "", "false"}, {"tries", "0", "1"}}, "", 1, "locked false"},
		{"not what is so or not beside a word", []turn{{"locked", "false", "true"}, {"value", "A", "B"}}, "", 1, "value A → B"},
		{"nothing as no word, though nodes say it", []turn{{"tries", "0", "1"}, {"owner", "none", "3"}}, "", 1, "tries 0 → 1, owner none → 3"},
		{"two words", []turn{{"slot", "1.1 A", "1.2 B"}, {"tries", "0", "1"}}, "", 1, "slot 1.1 A → 1.2 B"},
		{"words that nobody said like counters", []turn{{"tries", "0", "1"}, {"key", "u7x", "u8x"}}, "", 1, "tries 0 → 1, key u7x → u8x"},
		{"a word and a state as they come", []turn{{"state", "q", "w"}, {"value", "A", "B"}}, "", 1, "state q → w, value A → B"},
		{"a state and a word as they come", []turn{{"value", "A", "B"}, {"state", "q", "w"}}, "", 1, "value A → B, state q → w"},
		{"a short figure that was said like a counter", []turn{{"tries", "0", "1"}, {"balance", "4", "5"}}, "", 1, "tries 0 → 1, balance 4 → 5"},
		{"a figure of two digits that was said", []turn{{"tries", "0", "1"}, {"balance", "4", "42"}}, "", 1, "balance 4 → 42"},
		{"two figures like counters", []turn{{"tries", "0", "1"}, {"pair", "1 2", "100 42"}}, "", 1, "tries 0 → 1, pair 1 2 → 100 42"},
		{"no figure beside a word", []turn{{"balance", "4", "100"}, {"value", "A", "B"}}, "", 1, "value A → B"},
		{"a word that becomes a figure like a word", []turn{{"value", "A", "B"}, {"x", "A", "100"}}, "", 1, "value A → B, x A → 100"},
		{"no state that was a figure", []turn{{"tries", "0", "1"}, {"state", "3", "w"}}, "", 1, "tries 0 → 1, state 3 → w"},
		{"no state that becomes a figure", []turn{{"tries", "0", "1"}, {"state", "w", "3"}}, "", 1, "tries 0 → 1, state w → 3"},
		{"states of two words and of large letters", []turn{{"state", "half-open", "Closed"}, {"tries", "0", "1"}}, "", 1, "state half-open → Closed"},
		{"no truth as a state", []turn{{"value", "A", "B"}, {"x", "true", "q"}, {"y", "false", "q"}}, "", 1, "value A → B"},
		{"no lack of a value as a state", []turn{{"tries", "0", "1"}, {"x", "nil", "q"}}, "", 1, "tries 0 → 1, x nil → q"},
		{"no dash as a state", []turn{{"tries", "0", "1"}, {"x", "-", "q"}}, "", 1, "tries 0 → 1, x - → q"},
		{"what is deep, if it is not new", []turn{{"a.b[0].c[1].x", "A", "B"}}, "", 1, "a.b[0].c[1].x A → B"},
		{"what is not too deep in what is new", []turn{{"a.b[0].x", "", `"A"`}}, "", 1, "a.b[0].x A"},
		{"not what is a little too deep", []turn{{"a.b[0].c.x", "", `"A"`}}, "", 1, ""},
		{"what is gone from a part", []turn{{"a.owner", "T1", ""}}, "", 1, "a.owner T1 → gone"},
		{"what is gone like a counter", []turn{{"owner", "T1", ""}, {"tries", "0", "1"}}, "", 1, "owner T1 → gone, tries 0 → 1"},
		{"no counter that is called like a message beside a word", []turn{{"promised", "1", "2"}, {"value", "A", "B"}}, "", 1, "value A → B"},
		{"a counter that is called like a message before others", []turn{{"tries", "0", "1"}, {"promised", "1", "2"}}, "", 1, "promised 1 → 2"},
		{"what is called like a message, though nobody said it, like a word", []turn{{"value", "A", "B"}, {"Prom", "u7x", "u8x"}}, "", 1, "value A → B, Prom u7x → u8x"},
		{"no list of many words", []turn{{"all", "[T1 x y]", "[T2 T1 x y]"}, {"state", "q", "w"}}, "", 1, "state q → w"},
	} {
		var got []string
		for _, x := range s.best(c.all, c.label, c.least) {
			got = append(got, x.words(x.path))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

// A tardy register answers before it syncs, which it does some time later.
type tardy struct{ register }

func (r *tardy) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(again); ok {
		env.Disk().Sync("log")
		return
	}
	r.register.Handle(env, from, m)
	env.After(5*time.Millisecond, again{})
}

// It fails if a message is told to have been sent too early though what it says was on disk before the crash, or though the crash lost nothing.
func TestOnlyWhatWasLostWasSentTooEarly(t *testing.T) {
	s := counting(3)
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &caller{calls: 3} })
		w.Add("counter", func() sim.Node { return &tardy{} })
		w.Add("idle", func() sim.Node { return &caller{} })
	}
	early := func(plan string) (texts []string) {
		trace := recorded(t, s, Window{}, "always law constant 1ms\n"+plan)
		all := trace.early(uint64(trace.Len()))
		for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
			if all[seq] != "" {
				texts = append(texts, trace.Event(seq).Text)
			}
		}
		return texts
	}
	if got := early("always unsynced lose\n13ms crash counter for 2ms\n"); len(got) != 1 || got[0] != "counted 1002" {
		t.Errorf("sent too early: %q, want the second answer", got)
	}
	if got := early("always unsynced keep\n13ms crash counter for 2ms\n"); len(got) != 0 {
		t.Errorf("nothing was lost, and sent too early: %q", got)
	}
}

// It fails if a message that another one overtook is not told to be on its way, or if one that is just not there yet is.
func TestOvertakenMessages(t *testing.T) {
	underway := func(plan string) string {
		trace := recorded(t, counting(3), Window{}, "always law constant 1ms\n"+plan)
		return drawn(t, trace.Story(find(t, trace, sim.Noted, "counter", "counted 2"), 40))
	}
	if got := underway("delay caller>counter count#1 15ms\n"); !strings.Contains(got, "still on its way") {
		t.Errorf("the message that was overtaken is missing in\n%s", got)
	}
	if got := underway(""); strings.Contains(got, "still on its way") {
		t.Errorf("nothing was overtaken in\n%s", got)
	}
}

// It fails if what many crashes have made nodes forget leaves no room for what led to the end.
func TestManyLossesLeaveRoom(t *testing.T) {
	s := counting(40)
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &caller{calls: 40} })
		w.Add("counter", func() sim.Node { return &register{} })
		w.Add("idle", func() sim.Node { return &caller{} })
	}
	plan := "always unsynced lose\nalways law constant 1ms\n"
	for i := range 20 {
		plan += fmt.Sprintf("%dms crash counter for 2ms\n", 15+10*i)
	}
	trace := recorded(t, s, Window{}, plan)
	losses, first := 0, mostLosses+6
	for _, seq := range newSelection(trace, find(t, trace, sim.Noted, "counter", "counted 1030")).order()[:first] {
		if k := trace.Event(seq).Kind; k == sim.Crashed || k == sim.Started || k == sim.Sent {
			losses++
		}
	}
	if losses == 0 || losses > mostLosses {
		t.Errorf("%d of the %d most important events are of crashes", losses, first)
	}
}

// It fails if a short story leaves out that its node stood still, or its clock, long before the end.
func TestStoryTellsWhoStoodStill(t *testing.T) {
	const laws = "always law constant 1ms\n"
	for _, plan := range []string{"15ms pause counter with clock\n32ms resume counter\n", "15ms freeze counter\n32ms thaw counter\n", "15ms pause counter\n32ms resume counter\n"} {
		trace := recorded(t, counting(40), Window{}, laws+plan)
		got := drawn(t, trace.Story(find(t, trace, sim.Noted, "counter", "counted 40"), 12))
		for _, line := range strings.Split(strings.TrimSpace(plan), "\n") {
			_, fault, _ := strings.Cut(line, " ")
			if !strings.Contains(got, "FAULT "+fault) {
				t.Errorf("%q is missing in\n%s", fault, got)
			}
		}
	}
}

// It fails if what a new life lacks altogether is not told as forgotten, if what it has is, or if it is told of a life that nobody could look into.
func TestWhatIsForgotten(t *testing.T) {
	s := &selection{t: &Trace{}, vocab: map[string]bool{"1.2": true}, stems: map[string]bool{"prom": true}}
	before := []StateLine{{"promised", "1.2"}, {"accepted", "none"}}
	for _, c := range []struct {
		after []StateLine
		want  string
	}{
		{[]StateLine{{"accepted", "none"}}, "promised 1.2"},
		{[]StateLine{{"promised", "none"}, {"accepted", "none"}}, "promised 1.2"},
		{[]StateLine{{"promised", "1.1"}}, "promised 1.2 → 1.1"},
		{[]StateLine{{"promised", "1.2"}, {"accepted", "1.2"}}, ""}, // it has learnt that
		{before, ""},
		{nil, ""},
	} {
		got := ""
		for _, x := range s.best(unlearnt(before, c.after), "", good-1) {
			got += x.lost(x.path)
		}
		if got != c.want {
			t.Errorf("after a life that began with %v it has forgotten %q, want %q", c.after, got, c.want)
		}
	}
	if got := unlearnt(nil, before); len(got) != 0 {
		t.Errorf("a life of which nothing is known has lost %v", got)
	}
}

// It fails if what is on a disk is told as what an event changed in its node.
func TestTurnsAreNotOfDisks(t *testing.T) {
	diff := []Change{{Path: onDisk + "log", Before: "A", After: "B"}, {Path: "value", Before: "A", After: "B"}}
	if got := turnedBy(diff); len(got) != 1 || got[0] != (turn{"value", "A", "B"}) {
		t.Errorf("of a disk and a node there are told %v", got)
	}
}

// A debtor remembers who asked last.
type debtor struct{ creditor string }

func (d *debtor) Start(sim.Env)                                    {}
func (d *debtor) Handle(_ sim.Env, from sim.NodeID, _ sim.Message) { d.creditor = string(from) }

// It fails if a row tells that a node has heard of the one whose message it is.
func TestNodesOfTheMessageAreNotTold(t *testing.T) {
	s := counting(1)
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("caller", func() sim.Node { return &caller{calls: 1} })
		w.Add("counter", func() sim.Node { return &debtor{} })
	}
	trace := recorded(t, s, Window{}, "")
	seq := find(t, trace, sim.Delivered, "counter", "N:1")
	if text := drawn(t, trace.Story(seq, 20)); strings.Contains(text, "creditor") || len(trace.turned(seq)) != 1 {
		t.Errorf("the event changed %v, and is told so:\n%s", trace.turned(seq), text)
	}
}
