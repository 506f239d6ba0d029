package view

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"simrun/sim"
)

// mermaidLine is what Mermaid's grammar has of what is used here: a name, a kind of arrow or a note, and a text that ends before what it reads itself, entities
// aside.
var (
	mermaidLine = regexp.MustCompile(`^(?:sequenceDiagram|  %% [^{}]+|  participant \w+(?: as ([^;]+))?|  \w+(?:-\)|-x)\w+: ([^;]*)|  Note over \w+(?:,\w+)?: ([^;]*))$`)
	entity      = regexp.MustCompile(`#\d+;`)
)

// mermaidText draws a trace, and fails if a line is not one of Mermaid's.
func mermaidDrawn(t *testing.T, trace *Trace, around uint64) (lines []string) {
	t.Helper()
	var b bytes.Buffer
	if err := Mermaid(&b, trace, around); err != nil {
		t.Fatal(err)
	}
	lines = strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	messages := 0
	for _, l := range lines {
		plain := strings.ReplaceAll(entity.ReplaceAllString(l, "·"), "<br/>", "·")
		if m := mermaidLine.FindStringSubmatch(plain); m == nil || strings.ContainsAny(m[1]+m[2]+m[3], "#<>&") {
			t.Errorf("Mermaid does not read %q", l)
		}
		if strings.Contains(l, "-)") || strings.Contains(l, "-x") {
			messages++
		}
	}
	if messages > mermaidMessages || utf8.RuneCountInString(b.String()) > mermaidRunes {
		t.Errorf("%d messages and %d characters", messages, utf8.RuneCountInString(b.String()))
	}
	return lines
}

// It fails if a message, a loss, a fact or a fault of a small run is missing, or is where it did not happen.
func TestMermaid(t *testing.T) {
	trace := recorded(t, counting(4), Window{}, eventful)
	want := `sequenceDiagram
  %% counting seed 0x7: ok
  participant caller
  participant counter
  participant idle
  caller-)counter: count{N:1}
  Note over counter: sum 0 → 1<br/>seen[1] "by caller"
  Note over counter: counted 1
  Note over caller,idle: fault: cut caller | counter,idle
  caller-xcounter: lost (cut): count{N:2}
  caller-xcounter: lost (cut): count{N:3}
  Note over caller,idle: fault: heal
  caller-)counter: count{N:4}
  Note over counter: sum 1 → 5<br/>seen[4] "by caller"
  Note over counter: counted 4
`
	got := strings.Join(mermaidDrawn(t, trace, 0), "\n")
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, line := range []string{"  Note over counter: ✗ crash", "  Note over counter: starts life 2", "  Note over idle: fault: step idle -3ms"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, got)
		}
	}
}

// It fails if a long run is drawn beyond the bounds, elsewhere than asked for, or without a word about what is left out.
func TestMermaidBounds(t *testing.T) {
	trace := longTrace(5000)
	// The messages at the event, and how many there are in all.
	at := func(seq uint64) string {
		for m := trace.Event(seq); ; m = trace.Event(seq) {
			if m.Kind == sim.Delivered {
				return fmt.Sprintf("  %s-)%s: %s", m.Peer, m.Node, m.Text)
			}
			seq--
		}
	}
	first, last := at(100), at(5000)
	for around, want := range map[uint64]struct {
		message       string
		before, after bool
	}{0: {first, false, true}, 1: {first, false, true}, 2500: {at(2500), true, true}, 5000: {last, true, false}} {
		lines := mermaidDrawn(t, trace, around)
		text := strings.Join(lines, "\n")
		if !strings.Contains(text, want.message) {
			t.Errorf("around %d there is no %q", around, want.message)
		}
		said := func(where string) bool {
			return regexp.MustCompile(`messages and [\d,]+ other events ` + where + ` are left out: a diagram holds 200 messages and 50,000 characters`).MatchString(text)
		}
		if said("before") != want.before || said("after") != want.after {
			t.Errorf("around %d it is not said what is left out: before %v, after %v", around, said("before"), said("after"))
		}
		if n := strings.Count(text, "-)"); n < mermaidMessages*9/10 {
			t.Errorf("around %d there are only %d messages", around, n)
		}
	}
	trace.Verdict.Outcome, trace.Verdict.Property = sim.Violated, "agreement"
	trace.Verdict.Violations = []sim.Violation{{Property: "agreement", Seq: 2500}}
	if text := strings.Join(mermaidDrawn(t, trace, 0), "\n"); !strings.Contains(text, at(2500)) {
		t.Error("a run that went wrong is not drawn around its violation")
	}
}

// It fails if texts take more than the characters that a diagram may have.
func TestMermaidCharacters(t *testing.T) {
	trace := longTrace(2000)
	for i := range trace.texts[1:] {
		trace.texts[i+1] = strings.Repeat("#", 100) // six characters each
	}
	if n := len(strings.Join(mermaidDrawn(t, trace, 1000), "\n")); n < mermaidRunes/2 {
		t.Errorf("only %d characters are used", n)
	}
}

// It fails if what a run says becomes a part of the diagram's language.
func TestMermaidEscapes(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, eventful)
	trace.Nodes = []sim.NodeID{"end", "a;b\nc", "x"}
	for i, s := range trace.texts {
		if strings.HasPrefix(s, "count") {
			trace.texts[i] = "wrap: the END; #35; <b>&amp;</b> %%{init}%% $$x$$ bend\nloop"
		}
	}
	text := strings.Join(mermaidDrawn(t, trace, 0), "\n")
	for _, want := range []string{
		"  participant node1 as #101;nd\n  participant node2 as a#59;b c\n  participant x\n",
		"  node1-)node2: #119;rap: the #69;ND#59; #35;35#59; #60;b#62;#38;amp#59;#60;/b#62; #37;#37;{init}#37;#37; #36;#36;x#36;#36; bend loop\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
