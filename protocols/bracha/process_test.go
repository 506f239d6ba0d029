package bracha

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// A desk is an Env that writes down what a process says.
type desk struct {
	sim.Env
	id   sim.NodeID
	said []string // to p4, and facts
}

func (d *desk) ID() sim.NodeID       { return d.id }
func (d *desk) Pick(string, int) int { return 0 }
func (d *desk) Note(fact any)        { d.said = append(d.said, fmt.Sprint(fact)) }
func (d *desk) After(_ time.Duration, m sim.Message) {
	d.said = append(d.said, fmt.Sprintf("%T%v", m, m))
}
func (d *desk) Send(to sim.NodeID, m sim.Message) {
	if to == "p4" {
		d.said = append(d.said, fmt.Sprint(m))
	}
}

// play gives a process messages, each from whom it says, and returns what it says to each.
func play(p sim.Node, messages ...any) (said []string) {
	d := &desk{id: "p3"}
	for i := 0; i < len(messages); i += 2 {
		d.said = nil
		p.Handle(d, sim.NodeID(messages[i].(string)), messages[i+1])
		said = append(said, strings.Join(d.said, ", "))
	}
	return said
}

// four returns one of four processes, of which one may lie.
func four() *Process { return NewProcess(names(4), NeedsOf(4, 1), "X") }

var a1 = Tag{"p1", 1}

// Fails if a process does not do what the paper says upon receiving so many messages, does it twice, or does it one message too early.
func TestUponReceiving(t *testing.T) {
	initial, echo, ready, other := Initial{a1, "A"}, Echo{a1, "A"}, Ready{a1, "A"}, Echo{a1, "B"}
	for name, c := range map[string]struct {
		messages []any
		want     []string
	}{
		"begin": {[]any{"p3", begin{1}}, []string{"p3#1: broadcasts X, Initial{p3#1 X}"}},
		"initial, once, and from the sender alone": {[]any{"p2", initial, "p1", initial, "p1", initial, "p1", Initial{a1, "B"}, "p1", Initial{Tag{"p1", 2}, "B"}},
			[]string{"", "Echo{p1#1 A}", "", "", "Echo{p1#2 B}"}},
		"echoes of one value by three": {[]any{"p1", echo, "p1", echo, "p2", other, "p2", echo, "p4", other, "p4", echo, "p3", echo},
			[]string{"", "", "", "", "", "Echo{p1#1 A}, Ready{p1#1 A}", ""}},
		"ready after the echo": {[]any{"p1", initial, "p1", echo, "p2", echo, "p3", echo}, []string{"Echo{p1#1 A}", "", "", "Ready{p1#1 A}"}},
		"two that are ready amplify, three deliver": {[]any{"p1", ready, "p1", ready, "p2", ready, "p2", ready, "p4", Ready{a1, "B"}, "p3", ready, "p4", ready},
			[]string{"", "", "p1#1: ready for A because others are, Echo{p1#1 A}, Ready{p1#1 A}", "", "", "p1#1: delivered A", ""}},
		"other broadcasts do not count": {[]any{"p1", ready, "p2", Ready{Tag{"p1", 2}, "A"}, "p4", Ready{Tag{"p2", 1}, "A"}}, []string{"", "", ""}},
	} {
		p := four()
		if got := play(p, c.messages...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
		if err := p.Invariant(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := &desk{id: "p3"}
	NewProcess(names(4), NeedsOf(4, 1), "X", "Y").Start(d)
	if want := []string{"bracha.begin{1}", "bracha.begin{2}"}; !slices.Equal(d.said, want) {
		t.Errorf("start: %q, want %q", d.said, want)
	}
}

// Fails if the numbers do not do what the comments say: two quorums of echoes share an honest process, and n-f that do not lie suffice for all.
func TestNeeds(t *testing.T) {
	for n := 1; n <= 31; n++ {
		f := MostLiars(n)
		x := NeedsOf(n, f)
		if n < 3*f+1 || n >= 3*(f+1)+1 || 2*x.Echoes-n <= f || 2*(x.Echoes-1)-n > f || x.Echoes > n-f || x.Amplify != f+1 || x.Deliver-f < x.Amplify || x.Deliver > n-f {
			t.Errorf("of %d processes %d may lie, and it takes %+v", n, f, x)
		}
	}
	if got, want := NeedsOf(4, 1), (Needs{3, 2, 3}); got != want {
		t.Errorf("of four: %v, want %v", got, want)
	}
}

// Fails if each mistake is not one: it must do something else than a right process with some of these messages.
func TestMistakesDiffer(t *testing.T) {
	initial, echo, ready := Initial{a1, "A"}, Echo{a1, "A"}, Ready{a1, "A"}
	messages := map[string][]any{
		"no-echo": {"p1", initial}, "majority": {"p1", echo, "p2", echo, "p4", echo}, "one-ready": {"p1", ready}, "no-amplify": {"p1", ready, "p2", ready},
		"two-f": {"p1", ready, "p2", ready}, "count-messages": {"p1", echo, "p1", echo, "p1", echo}, "any-sender": {"p2", initial},
	}
	for _, m := range mistakes[1:] {
		n := 4
		if m.name == "majority" {
			n = 5
		}
		wrong, right := m.of(NewProcess(names(n), NeedsOf(n, 1))), NewProcess(names(n), NeedsOf(n, 1))
		if got, want := play(wrong, messages[m.name]...), play(right, messages[m.name]...); slices.Equal(got, want) {
			t.Errorf("%s: %q, as it should be", m.name, got)
		}
		c := wrong.(sim.Cloner).Clone()
		if reflect.TypeOf(c) != reflect.TypeOf(wrong) || !reflect.DeepEqual(c, wrong) {
			t.Errorf("%s: the copy is %#v", m.name, c)
		}
	}
}

// Fails if a copy and the original hear what only the other was told.
func TestCopiesAreApart(t *testing.T) {
	p := NewProcess(names(7), NeedsOf(7, 2))
	play(p, "p1", Echo{a1, "A"}, "p2", Echo{a1, "A"}, "p3", Echo{a1, "A"})
	c := p.Clone().(*Process)
	play(p, "p4", Echo{a1, "A"})
	play(c, "p5", Echo{a1, "A"}, "p6", Ready{a1, "A"})
	if got := fmt.Sprint(p.broadcasts, c.broadcasts); got != "[{{p1 1} false false false [{A [p1 p2 p3 p4]}] []}] [{{p1 1} false false false [{A [p1 p2 p3 p5]}] [{A [p6]}]}]" {
		t.Error(got)
	}
}

// Fails if a process in an impossible state calls itself sound.
func TestInvariantComplains(t *testing.T) {
	for _, b := range []broadcast{{tag: a1, delivered: true, echoed: true}, {tag: a1, ready: true}} {
		p := four()
		if p.broadcasts = append(p.broadcasts, b); p.Invariant() == nil {
			t.Errorf("%+v is called sound", b)
		}
	}
}

// Fails if two messages, or facts, that say different things have the same content, or print alike.
func TestContent(t *testing.T) {
	seen := map[string]any{}
	for _, tag := range []Tag{{"p1", 1}, {"p1", 2}, {"p2", 1}, {"p", 11}, {"", 1}} {
		for _, v := range []Value{"", "A", "B"} {
			for _, m := range []interface{ AppendHash([]byte) []byte }{Initial{tag, v}, Echo{tag, v}, Ready{tag, v}, Broadcast{tag, v}, Amplified{tag, v}, Delivered{tag, v}} {
				key := fmt.Sprintf("%T %x", m, m.AppendHash(nil))
				if seen[key] != nil || seen[fmt.Sprint(m)] != nil {
					t.Errorf("%v and %v are told alike", m, seen[key])
				}
				seen[key], seen[fmt.Sprint(m)] = m, m
			}
		}
	}
	if string(begin{1}.AppendHash(nil)) == string(begin{257}.AppendHash(nil)) {
		t.Error("timers of different broadcasts have the same content")
	}
	if got := fmt.Sprint(Echo{a1, ""}, Delivered{a1, "A"}); got != `Echo{p1#1 ""} p1#1: delivered A` {
		t.Error(got)
	}
}

// Fails if settings that make no sense are accepted, or values are given twice.
func TestSettings(t *testing.T) {
	for setting, want := range map[string]string{
		"nodes=3 senders=4": "there are 3 processes", "nodes=3 mistake=two-f": "want nodes=4 or more", "mistake=majority": "want another number, such as nodes=5",
		"mistake=lie": "none",
	} {
		if _, err := Scenario().ParseOptions(strings.Fields(setting)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", setting, err, want)
		}
	}
	given := map[Value]int{}
	for i := range 3100 {
		given[word(i)]++
	}
	if len(given) != 3100 || word(0) != "A" || word(25) != "Z" || word(26) != "AA" || word(27) != "AB" || word(52) != "BA" {
		t.Errorf("%d words of 3100: %s %s %s %s %s", len(given), word(0), word(25), word(26), word(27), word(52))
	}
}
