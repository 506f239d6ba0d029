package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"simrun/sim"
)

// Fails if what varies from seed to seed gets into a signature, or if words that tell bugs apart do not.
func TestShape(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"p1 decided 3, p2 decided 4", "# decided # decided #"},
		{"l1 decided A at 18.7ms, but p2 decided B", "# decided # at #, but # decided #"},
		{"after 18.7ms at 0x2a, offset -30ms", "after # at #, offset #"},
		{"ballot 3.2/5 of p1.3 at 12:30.", "ballot # of # at #."},
		{`value "red" is not "blue \" 7"`, `value # is not #`},
		{"`raw` then 'single'", "# then #"},
		{"p1's promise and p2's", "#'s promise and #'s"},
		{"it can't, won't", "it can't, won't"},
		{`an open "quote`, `an open "quote`},
		{"a1 waits for a2, a3 and a4", "# waits for #"},
		{"slots 1, 2,3, and 4, a5 or 6", "slots #"},
		{"n1>n2 Accept#3", "#># Accept##"},
		{"a-1 x -1 3-2", "a-# x # #-#"},
		{"Promise{Ballot:3 Value:x}", "Promise{Ballot:# Value:x}"},
		{"no majority makes it safe: a1 has accepted B", "no majority makes it safe"},
		{"n1 panicked: runtime error: nil map", "# panicked: runtime error: nil map"},
		{"a1: its promise went down: from 3 to 2", "#: its promise went down"},
		{"élan µ", "élan µ"},
	} {
		if got := shape(c.in); got != c.want {
			t.Errorf("shape(%s)\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// Fails if two seeds with the same bug would be shown as two bugs, or two bugs as one.
func TestSignature(t *testing.T) {
	one := sim.Verdict{Outcome: sim.Violated, Property: "agreement", Why: "in slot 3 a1 learnt x7 and a2 learnt x9"}
	two := sim.Verdict{Outcome: sim.Violated, Property: "agreement", Why: "in slot 12 a3 learnt x1 and a1 learnt x22\nstack"}
	if a, b := Judge(one, "").Signature(), Judge(two, "").Signature(); a != b || a != "agreement: in slot # # learnt # learnt #" {
		t.Errorf("%q and %q", a, b)
	}
	stalled := one
	stalled.Outcome = sim.Stalled
	other := one
	other.Property = "integrity"
	if Judge(stalled, "").Signature() == Judge(one, "").Signature() || Judge(other, "").Signature() == Judge(one, "").Signature() {
		t.Error("the outcome or the property does not count")
	}
	one.Checks = []sim.Check{{Property: "backed", Inner: true, Outcome: sim.Violated, Why: "a1 sent 7"}, {Property: "agreement", Outcome: sim.Violated, Why: one.Why}}
	if got := Judge(one, "backed").Signature(); got != "backed: # sent #" {
		t.Errorf("by backed: %q", got)
	}
	if got := Judge(sim.Verdict{Property: "p", Why: strings.Repeat("long ", 1000)}, "").Signature(); len(got) > 2*longest {
		t.Errorf("a long complaint makes a signature of %d bytes", len(got))
	}
}

// Fails if a verdict is read by another property than the one asked about, or if what nobody judged
// counts as a failure.
func TestJudge(t *testing.T) {
	v := sim.Verdict{Outcome: sim.Violated, Property: "agreement", Why: "two values", Checks: []sim.Check{
		{Property: "agreement", Outcome: sim.Violated, Why: "two values"},
		{Property: "progress", Outcome: sim.Stalled, Why: "p1 waits"},
		{Property: "linearizability", Outcome: sim.Undecided, Why: "out of budget"},
		{Property: "validity", Checks: 3},
	}}
	for property, want := range map[string]Judgement{
		"":                {sim.Violated, "agreement", "two values"},
		"agreement":       {sim.Violated, "agreement", "two values"},
		"progress":        {sim.Stalled, "progress", "p1 waits"},
		"linearizability": {sim.Undecided, "linearizability", "out of budget"},
		"validity":        {sim.OK, "validity", ""},
		"backed":          {sim.OK, "backed", ""},
	} {
		got := Judge(v, property)
		if got != want {
			t.Errorf("by %q: %+v, want %+v", property, got, want)
		}
		if failed := want.Outcome >= sim.Stalled; got.Failed() != failed {
			t.Errorf("by %q: failed is %t", property, got.Failed())
		}
	}
}

// Fails if there is a complaint in which the digits matter, or that makes shape panic.
func FuzzShape(f *testing.F) {
	f.Add(`p1 decided "red" at 18.7ms, p2 and p3's 'blue' -0x2a 12:30`)
	f.Add("\xff1\xfe.2 \"\\")
	f.Fuzz(func(t *testing.T, s string) {
		got := shape(s)
		if utf8.RuneCountInString(got) > longest {
			t.Fatalf("%q: too long", got)
		}
		turned := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0' + (r-'0'+1)%10
			}
			return r
		}, strings.ToValidUTF8(s, "?"))
		if a, b := shape(strings.ToValidUTF8(s, "?")), shape(turned); a != b {
			t.Fatalf("%q and %q", a, b)
		}
	})
}
