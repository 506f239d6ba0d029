package course

import (
	"strings"
	"testing"

	"simrun/sim"
)

// differing is a case in which N1 sends two messages to N2, which both are recorded on the link.
func differing(snaps ...string) *bundle {
	zeros := "0 0 0 0 0 0 0 0"
	return &bundle{top: "3\nN1 5\nN2 1\nN3 0\nN1 N2\nN3 N2\nN2 N1\nN1 N3\n", events: "send N1 N2 1\nsend N1 N2 2\nsnapshot N2\n", delays: &zeros, snaps: snaps}
}

const asItIs = "0\nN1 2\nN2 1\nN3 0\nN1 N2 token(1)\nN1 N2 token(2)\n"

// A difference is shown side by side, and only there.
func TestDifferenceSideBySide(t *testing.T) {
	for _, x := range []struct{ what, snap, want string }{
		{"nothing", asItIs, ""},
		{"nothing but the order of the file", "0\nN1 N2 token(1)\nN3 0\nN2 1\nN1 N2 token(2)\nN1 2\n", ""},
		{"the order of messages", "0\nN1 2\nN2 1\nN3 0\nN1 N2 token(2)\nN1 N2 token(1)\n", `
  expected         recorded
  N1 2             N1 2
  N2 1             N2 1
  N3 0             N3 0
  N1 N2 token(2) | N1 N2 token(1)
  N1 N2 token(1) | N1 N2 token(2)
`},
		{"where tokens are", "0\nN1 2\nN2 2\nN3 0\nN1 N2 token(2)\n", `
  expected         recorded
  N1 2             N1 2
  N2 2           | N2 1
  N3 0             N3 0
  N1 N2 token(2) | N1 N2 token(1)
                 | N1 N2 token(2)
`},
		{"who sent", "0\nN1 2\nN2 1\nN3 0\nN1 N2 token(1)\nN3 N2 token(2)\nN2 N1 token(0)\n", `
  expected         recorded
  N1 2             N1 2
  N2 1             N2 1
  N3 0             N3 0
  N2 N1 token(0) |
  N1 N2 token(1)   N1 N2 token(1)
  N3 N2 token(2) | N1 N2 token(2)
`},
	} {
		v, err := differing(x.snap).run(t, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, outcome := "snapshot 0: as expected\n", sim.OK
		if x.want != "" {
			want, outcome = "snapshot 0 differs:"+x.want, sim.Violated
		}
		if got := account(v); got != want || v.Outcome != outcome {
			t.Errorf("%s: %v, and printed\n%s\nwant\n%s", x.what, v.Outcome, got, want)
		}
		if outcome == sim.Violated && (v.Property != "expected" || v.Why != "snapshot 0 is not as expected") {
			t.Errorf("%s: %s: %s", x.what, v.Property, v.Why)
		}
	}
}

// Where the seed picks the delays only the number of tokens can be compared, and that is said.
func TestExpectedWithoutDelays(t *testing.T) {
	b := differing("0\nN1 2\nN2 2\nN3 0\nN1 N2 token(2)\n")
	b.delays = nil
	v := b.ok(t, 5)
	if got := account(v); got != "snapshot 0: 6 tokens as expected; the rest depends on delays, which the seed picked\n" {
		t.Errorf("printed %s", got)
	}
	b.snaps[0] = "0\nN1 2\nN2 2\nN3 3\nN1 N2 token(2)\n"
	v, err := b.run(t, 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := account(v); v.Property != "expected" || got != "snapshot 0: 9 tokens expected, 6 recorded\n" {
		t.Errorf("%v %s, and printed %s", v.Outcome, v.Property, got)
	}
}

// Snapshots that no file expects are named: nobody should think that they were compared.
func TestExpectedInPart(t *testing.T) {
	b := differing(asItIs)
	b.events += "tick 9\nsnapshot N1\nsnapshot N2\n"
	*b.delays = strings.Repeat("0 ", 20)
	want := "snapshot 0: as expected\nsnapshot 1: not compared, no file expects it\nsnapshot 2: not compared, no file expects it\n"
	if got := account(b.ok(t, 0)); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

// A script whose steps turn out to be impossible, with these delays or this seed, is refused with its line.
func TestRefusedByARun(t *testing.T) {
	late := "4 0 0 0 0"
	b := &bundle{top: "2\nA 3\nB 0\nA B\nB A\n", events: "send A B 2\ntick 2\n\nsend B A 1\n", delays: &late}
	if _, err := b.run(t, 0); err == nil || err.Error() != "t.events:4: send B A 1: B has 0 at time 2: want no more than it has" {
		t.Errorf("error %v", err)
	}
	*b.delays = "1 0 0 0 0"
	b.ok(t, 0)
	b.delays = nil
	refused := 0
	for seed := range uint64(40) {
		if _, err := b.run(t, seed); err != nil {
			refused++
		}
	}
	if refused < 10 || refused > 35 {
		t.Errorf("%d of 40 seeds are refused, want about 24", refused)
	}
}

// Fails if a case from an option is not judged by whether its script can be done.
func TestScriptIsJudged(t *testing.T) {
	s := scenario()
	o, err := s.ParseOptions([]string{"course=2;A 3;B 0;A B;B A|send A B 2;tick 2;send B A 1|4;0"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Property != "script" || v.Why != "line 3 of the script cannot be done: send B A 1: B has 0 at time 2: want no more than it has" {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}

// A run that ends too early leaves snapshots incomplete, and says who waits for what.
func TestIncomplete(t *testing.T) {
	b := differing()
	s := scenario()
	in, err := s.Import.Read(b.files(), sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.ParseOptions(in.Settings)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Options: o, For: sim.Tick / 2})
	if err != nil {
		t.Fatal(err)
	}
	if v := w.Run(0); v.Outcome != sim.Stalled || v.Property != "snapshots" || v.Why != "snapshot 0 is not complete at 500µs: N2 waits for the marker from N1" {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}
