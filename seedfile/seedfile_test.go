package seedfile

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// story is a seed file that says all there is to say, in canonical form.
const story = `simseed v1
# p2 overtakes p1 while a1 and a3 have forgotten their promises
#
# Seen first in a hunt over durable=false.
scenario paxos
seed     0x2a
simver   1
made     1a2b3c4d
faults   swarm
expect   violated agreement
set      acceptors=3 "ops=put x 1; get x" proposers=2
for      2s
plan     18.7ms crash a1
plan     19.7ms restart a1
plan     crash a3 after effect 17
hash     4c4cff4a475e6815
build    0a1b2c3d
marks    128 1a2b 0000 3c4d
recorded 4 outcomes 3 events sum dcb38344
tape     "a\tb c"# 1=3
tape     delay a1>a2 Accept# 1=250000 3=17
tape     lose a1>a2 Accept# 2=1
trail    1 9f3c 0b1d 77e0
`

func mustParse(t *testing.T, text string) File {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, text)
	}
	return f
}

// Fails if a key is read into the wrong field or with the wrong unit.
func TestParseReadsEveryKey(t *testing.T) {
	f := mustParse(t, story)
	plan, err := fault.Parse("18.7ms crash a1\n19.7ms restart a1\ncrash a3 after effect 17\n")
	if err != nil {
		t.Fatal(err)
	}
	want := File{
		Comment:  "p2 overtakes p1 while a1 and a3 have forgotten their promises\n\nSeen first in a hunt over durable=false.",
		Scenario: "paxos", Seed: 42, Simver: 1, Made: 0x1a2b3c4d, Faults: "swarm", Expect: "violated agreement",
		Set: []string{"acceptors=3", "ops=put x 1; get x", "proposers=2"}, For: 2 * time.Second, Plan: &plan, Hash: 0x4c4cff4a475e6815,
		Build: 0xa1b2c3d, Marks: Marks{128, []uint16{0x1a2b, 0, 0x3c4d}}, Trail: Trail{0x9f3c, 0x0b1d, 0x77e0},
		Tape: []chance.Decision{{Key: "a\tb c#1", Outcome: 3}, {Key: "delay a1>a2 Accept#1", Outcome: 250000}, {Key: "delay a1>a2 Accept#3", Outcome: 17}, {Key: "lose a1>a2 Accept#2", Outcome: 1}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
}

// Fails if printing loses, adds or reorders anything.
func TestStringIsTheInverseOfParse(t *testing.T) {
	if got := mustParse(t, story).String(); got != story {
		t.Errorf("got\n%s\nwant\n%s", got, story)
	}
}

// Fails if a reader insists on the canonical order, spacing or notation,
// which people who write by hand do not keep.
func TestParseIsTolerantOfLayout(t *testing.T) {
	f := mustParse(t, "simseed v1\r\n\n\tseed 42\n#late\n  plan   none  \n set b=2\nscenario\tpaxos\nset a=1 \"c=x y\"\n")
	want := File{Comment: "late", Scenario: "paxos", Seed: 42, Set: []string{"a=1", "b=2", "c=x y"}, Plan: &fault.Plan{}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, want %+v", f, want)
	}
}

// Fails if an error does not name the line, or names it wrongly, or does not say what would be right.
func TestParseErrors(t *testing.T) {
	const start = "simseed v1\nscenario paxos\nseed 1\n"
	for _, c := range []struct{ text, want string }{
		{"", `line 1: this is not a seed file: its first line is not "simseed v1"`},
		{"scenario paxos\n", `line 1: this is not a seed file: its first line is not "simseed v1"`},
		{"simseed v2\n", `line 1: the format "v2" is not known here: this program reads "simseed v1"`},
		{"simseed v1\nseed 1\n", "line 3: the file ends without its scenario line, such as: scenario paxos"},
		{"simseed v1\nscenario paxos", "line 2: the file ends without its seed line, such as: seed 0x2a"},
		{start + "crash a1\n", `line 4: unknown word "crash": a line starts with one of scenario, bug, seed, simver, made, faults, expect, set, for, plan, hash, build, marks, recorded, tape, trail`},
		{start + "\n# x\nhash\n", "line 6: hash lacks its value; write, for example: hash 4c4cff4a475e6815"},
		{start + "seed 2\n", "line 4: seed is stated twice"},
		{"simseed v1\nscenario a b\n", "line 2: scenario a b: want one word"},
		{"simseed v1\nseed -1\n", `line 2: seed "-1": want a whole number from 0 to 2^64-1, such as 42 or 0x2a, or none`},
		{start + "simver 0\n", "line 4: simver 0: want a whole number from 1"},
		{start + "faults none at all\n", "line 4: faults none at all: want one word"},
		{start + "expect fine\n", "line 4: expect fine: want ok, or violated, stalled or unknown and the name of a property"},
		{start + "expect ok agreement\n", "line 4: expect ok agreement: nothing follows ok"},
		{start + "set acceptors\n", `line 4: setting "acceptors" is not of the form name=value`},
		{start + "set =3\n", `line 4: setting "=3" is not of the form name=value`},
		{start + "set \"a=1\n", `line 4: a quote in "a=1 is not closed`},
		{start + "set \"a=1\"b=2\n", `line 4: after "a=1" a blank is missing`},
		{start + "set a=1\nset a=2\n", "line 5: a is set twice"},
		{start + "for soon\n", "line 4: for soon: want a duration above 0, such as 30s"},
		{start + "for -1s\n", "line 4: for -1s: want a duration above 0, such as 30s"},
		{start + "plan none\nplan 1ms crash a1\n", "line 5: plan none and other plan lines contradict one another"},
		{start + "plan 1ms crash a1\nplan none\n", "line 5: plan none and other plan lines contradict one another"},
		{start + "made 00000000\n", "line 4: made 00000000: want 8 hexadecimal digits, not all 0"},
		{start + "hash 12\n", "line 4: hash 12: want 16 hexadecimal digits"},
		{start + "hash 0x4c4cff4a475e68\n", "line 4: hash 0x4c4cff4a475e68: want 16 hexadecimal digits"},
	} {
		if _, err := Parse(c.text); err == nil || err.Error() != c.want {
			t.Errorf("Parse(%q)\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	if _, err := Parse(start + "plan 120ms crsh a1\n"); err == nil || !strings.HasPrefix(err.Error(), "line 4: plan: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a wrong plan line: got %v", err)
	}
}

// Fails if a name that is the beginning of another counts as the same.
func TestSettingsOfSimilarNames(t *testing.T) {
	f := mustParse(t, "simseed v1\nscenario s\nseed 0\nset a=1 aa=2 a.b=3 a-=4\n")
	if got := strings.Join(f.Set, " "); got != "a-=4 a.b=3 a=1 aa=2" {
		t.Errorf("got %s", got)
	}
	if _, err := Parse("simseed v1\nscenario s\nseed 0\nset a=1 a=1\n"); err == nil {
		t.Error("the same setting twice: no error")
	}
}

func TestParseSeed(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "42": 42, "010": 10, "0x2a": 42, "0X2A": 42, "18446744073709551615": 1<<64 - 1, "0xffffffffffffffff": 1<<64 - 1} {
		if got, err := ParseSeed(text); err != nil || got != want {
			t.Errorf("ParseSeed(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0x", "2a", "-1", "+1", "1_000", "0b1", "1e3", "18446744073709551616", " 1"} {
		if got, err := ParseSeed(text); err == nil {
			t.Errorf("ParseSeed(%q) = %d: want an error", text, got)
		}
	}
}

var toy = &sim.Scenario{Name: "toy", Options: []sim.Option{
	{Name: "nodes", Default: 3, Min: 1, Max: 9},
	{Name: "ops", Default: ""},
}}

// Fails if what Of writes down does not make the same configuration again.
func TestOfAndConfigAreInverse(t *testing.T) {
	o, err := toy.ParseOptions([]string{"ops=put x 1; get x", "nodes=5"})
	if err != nil {
		t.Fatal(err)
	}
	plan := fault.Plan{{Verb: fault.Crash, At: 1000, Node: "n1"}}
	cfg := sim.Config{Seed: 7, Options: o, Faults: "crash", Plan: &plan, For: time.Second}
	f := Of(toy, cfg, sim.Verdict{Hash: 99})
	if f.Simver != sim.Version || f.Hash != 99 {
		t.Errorf("simver %d, hash %d", f.Simver, f.Hash)
	}
	token, err := ParseToken(f.Token())
	if err != nil {
		t.Fatal(err)
	}
	got, err := token.Config(toy)
	if err != nil || !reflect.DeepEqual(got, cfg) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, cfg)
	}
	(*got.Plan)[0].Node = "n2"
	if plan[0].Node != "n1" {
		t.Error("the plan is shared with the file it came from")
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		f    File
		want string
	}{
		{File{Scenario: "paxos"}, "this is a run of scenario paxos, not of toy"},
		{File{Scenario: "toy", Set: []string{"nodes=0"}}, "option nodes=0: want a whole number from 1 to 9"},
		{File{Scenario: "toy", Set: []string{"nods=1"}}, `scenario toy has no option "nods"; it has: nodes, ops`},
	} {
		if _, err := c.f.Config(toy); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Fails if a verdict of another outcome or another property passes for the expected one.
func TestMeets(t *testing.T) {
	agreement := sim.Verdict{Outcome: sim.Violated, Property: "agreement"}
	verdicts := []sim.Verdict{{}, agreement, {Outcome: sim.Violated, Property: "backed"}, {Outcome: sim.Stalled, Property: "learnt in the end"}, {Outcome: sim.Undecided, Property: "linearizability"}}
	for i, expect := range []string{"ok", "violated agreement", "violated backed", "stalled learnt in the end", "unknown linearizability"} {
		if got := Expected(verdicts[i]); got != expect {
			t.Errorf("Expected = %q, want %q", got, expect)
		}
		for j, v := range verdicts {
			if got := (File{Expect: expect}).Meets(v); got != (i == j) {
				t.Errorf("a file that expects %q, met by %v %s: %t", expect, v.Outcome, v.Property, got)
			}
		}
	}
	if !(File{}).Meets(agreement) || !(File{Expect: "violated"}).Meets(agreement) || (File{Expect: "stalled"}).Meets(agreement) {
		t.Error("an expectation that leaves the property open is met by the wrong verdicts")
	}
}

// randomFile draws a canonical file: one that Parse could have returned.
func randomFile(r *rand.Rand) File {
	f := File{Scenario: "paxos-kv", Seed: r.Uint64() >> r.IntN(64), Simver: r.IntN(3)}
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	f.Comment = pick("", "one line", "two\nlines", "# a # in it", "a\n\nb")
	f.Faults = pick("", "swarm", "none")
	f.Expect = pick("", "ok", "violated agreement", "stalled learnt in the end")
	for _, s := range []string{"a=1", "ops=put x 1; get x", `q="`, "r=\\", "t=\t", "u=été", "v=\xff", "w=a#b", "z="} {
		if r.IntN(3) == 0 {
			f.Set = append(f.Set, s)
		}
	}
	if r.IntN(2) == 0 {
		f.For = time.Duration(1 + r.Int64N(1e12))
	}
	if r.IntN(2) == 0 {
		f.Hash = r.Uint64()
	}
	if r.IntN(2) == 0 {
		f.Build = 1 + r.Uint32()>>1
	}
	if r.IntN(2) == 0 {
		f.Made = 1 + r.Uint32()>>1
	}
	for range r.IntN(2) * r.IntN(10) {
		f.Marks.Every = 64
		f.Marks.Hash = append(f.Marks.Hash, uint16(r.Uint32()))
	}
	if n := r.IntN(4); n > 0 {
		plan := fault.Plan{}
		for range n - 1 {
			l, err := fault.ParseLine(pick("18.7ms crash a1", "crash a3 after effect 17", "300ms cut a1,a2 | a3 one-way", "1s heal", "lose a1>a2 Accept#3", "always loss a1>a2 3%"))
			if err != nil {
				panic(err)
			}
			plan = append(plan, l)
		}
		f.Plan = &plan
	}
	return f
}

// Fails if any combination of fields does not survive text or token.
func TestRandomFilesSurvive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f := randomFile(r)
		if got := mustParse(t, f.String()); !reflect.DeepEqual(got, f) {
			t.Fatalf("text: got  %+v\nwant %+v", got, f)
		}
		got, err := ParseToken(f.Token())
		f.Comment, f.Made, f.Expect = "", 0, ""
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("token: got  %+v, %v\nwant %+v", got, err, f)
		}
	}
}

// Fails if there is a text that Parse takes and that does not survive being printed.
func FuzzParse(f *testing.F) {
	f.Add(story)
	f.Add("simseed v1\nscenario s\nseed 0\nplan none\n")
	f.Add("simseed v1\r\n#\n# \n#x\r#y\nscenario s\nseed 0X0\nset \"a=\\xff\" b=\"\nexpect  stalled\ta  b\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := Parse(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("an error of several lines: %q", err)
			}
			return
		}
		second, err := Parse(first.String())
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%q\nis  %+v\nprinted and read again %+v, %v", text, first, second, err)
		}
		third, err := ParseToken(first.Token())
		first.Comment, first.Made, first.Expect, first.Tape, first.Trail = "", 0, "", nil, nil
		if err != nil || !reflect.DeepEqual(first, third) {
			t.Fatalf("%q\nis  %+v\nas a token %+v, %v", text, first, third, err)
		}
	})
}

// Fails if a change of what makes the run is not told, or if one is told where the file makes the same run: after a change of layout,
// of a comment, or of what it says of the run.
func TestChanged(t *testing.T) {
	o, err := toy.ParseOptions([]string{"ops=put x 1; get x", "nodes=5"})
	if err != nil {
		t.Fatal(err)
	}
	plan := fault.Plan{{Verb: fault.Crash, At: 1000, Node: "n1"}, {Verb: fault.Crash, At: 2000, Node: "n2"}}
	f := Of(toy, sim.Config{Seed: 7, Options: o, Plan: &plan, For: time.Second}, sim.Verdict{Hash: 99})
	tape := Of(toy, sim.Config{Options: o, Driver: chance.NewOverrides(nil, []chance.Decision{{Key: "x#1", Outcome: 3}})}, sim.Verdict{Hash: 99})
	f.Record([]chance.Decision{{Key: "x#1", Outcome: 3}}, nil)
	without := func(f File, line string) string {
		var kept []string
		for l := range strings.Lines(f.String()) {
			if !strings.HasPrefix(l, line) {
				kept = append(kept, l)
			}
		}
		return strings.Join(kept, "")
	}
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"as it is":              {f.String(), false},
		"without its made line": {strings.Replace(without(f, "made"), "0x7", "0x8", 1), false},
		"a comment":             {strings.Replace(f.String(), "\n", "\n# a story\n", 1), false},
		"an expectation":        {f.String() + "expect ok\n", false},
		"the order of settings": {strings.Replace(f.String(), `nodes=5 "ops=put x 1; get x"`, `"ops=put x 1; get x"   nodes=5`, 1), false},
		"another hash":          {without(f, "hash"), false},
		"no tape":               {strings.Replace(without(f, "tape"), "recorded", "# ", 1), false},
		"another seed":          {strings.Replace(f.String(), "0x7", "0x8", 1), true},
		"another option":        {strings.Replace(f.String(), "nodes=5", "nodes=4", 1), true},
		"no option":             {without(f, "set"), true},
		"a shorter run":         {strings.Replace(f.String(), "1s", "2s", 1), true},
		"a line less":           {strings.Replace(f.String(), "plan     2µs crash n2\n", "", 1), true},
		"no plan":               {without(f, "plan"), true},
		"a profile":             {without(f, "plan") + "faults none\n", true},
		"without a seed":        {tape.String(), false},
		"another tape":          {strings.Replace(tape.String(), "1=3", "1=4", 1), true},
	} {
		if got := mustParse(t, c.text).Changed(); got != c.want {
			t.Errorf("%s: changed %v, want %v:\n%s", name, got, c.want, c.text)
		}
	}
}
