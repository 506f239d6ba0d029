package fault

import (
	"encoding/binary"
	"flag"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

var rewrite = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file under testdata, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s, line %d:\n got %s\nwant %s\n(-update writes the file anew)", file, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d (-update writes the file anew)", file, len(g), len(w))
}

// everyForm has each form of each verb, and each line as it prints: with the defaults spelled out and nothing else.
var everyForm = []struct {
	text string
	want Line
}{
	{"120ms crash a2", Line{Verb: Crash, At: clock.Time(120 * ms), Node: "a2"}},
	{"0s crash a2", Line{Verb: Crash, Node: "a2"}},
	{"crash a2 after effect 17", Line{Verb: Crash, Effect: 17, Node: "a2"}},
	{"crash a2 after effect 17 for 20ms", Line{Verb: Crash, Effect: 17, Node: "a2", Time: 20 * time.Millisecond}},
	{"120ms crash a2 for good", Line{Verb: Crash, At: clock.Time(120 * ms), Node: "a2", Good: true}},
	{"crash a2 after effect 17 for good", Line{Verb: Crash, Effect: 17, Node: "a2", Good: true}},
	{"300ms cut a1 | a3 for good", Line{Verb: Cut, At: clock.Time(300 * ms), Sides: [2][]string{{"a1"}, {"a3"}}, Good: true}},
	{"300ms cut a1 | a3 one-way for good", Line{Verb: Cut, At: clock.Time(300 * ms), Sides: [2][]string{{"a1"}, {"a3"}}, OneWay: true, Good: true}},
	{"crash after after effect 18446744073709551615", Line{Verb: Crash, Effect: math.MaxUint64, Node: "after"}},
	{"500ms restart a2", Line{Verb: Restart, At: clock.Time(500 * ms), Node: "a2"}},
	{"1.5µs pause a2", Line{Verb: Pause, At: 1500, Node: "a2"}},
	{"1h0m0.000000001s resume a2", Line{Verb: Resume, At: clock.Time(time.Hour + 1), Node: "a2"}},
	{"300ms cut a1,a2 | a3", Line{Verb: Cut, At: clock.Time(300 * ms), Sides: [2][]string{{"a1", "a2"}, {"a3"}}}},
	{"300ms cut a1 | one-way one-way", Line{Verb: Cut, At: clock.Time(300 * ms), Sides: [2][]string{{"a1"}, {"one-way"}}, OneWay: true}},
	{"1s heal", Line{Verb: Heal, At: clock.Time(sec)}},
	{"1s heal a1 | a2,a3 one-way", Line{Verb: Heal, At: clock.Time(sec), Sides: [2][]string{{"a1"}, {"a2", "a3"}}, OneWay: true}},
	{"2ms slow a2 20x", Line{Verb: Slow, At: clock.Time(2 * ms), Node: "a2", Amount: 20}},
	{"2ms step a2 -30ms", Line{Verb: Step, At: clock.Time(2 * ms), Node: "a2", Time: -30 * time.Millisecond}},
	{"2ms freeze a2", Line{Verb: Freeze, At: clock.Time(2 * ms), Node: "a2"}},
	{"2ms thaw a2", Line{Verb: Thaw, At: clock.Time(2 * ms), Node: "a2"}},
	{"lose a1>a2 Accept#3", Line{Verb: Lose, From: "a1", To: "a2", Stream: "Accept", N: 3}},
	{`lose a1>a2 "put k#1"#3`, Line{Verb: Lose, From: "a1", To: "a2", Stream: "put k#1", N: 3}},
	{`lose a1>a2 "#odd"#3`, Line{Verb: Lose, From: "a1", To: "a2", Stream: "#odd", N: 3}},
	{`lose a1>a2 ""#3`, Line{Verb: Lose, From: "a1", To: "a2", N: 3}},
	{"lose a1>a2 put#1#3", Line{Verb: Lose, From: "a1", To: "a2", Stream: "put#1", N: 3}},
	{"delay a1>a2 Accept#3 40ms", Line{Verb: Delay, From: "a1", To: "a2", Stream: "Accept", N: 3, Time: 40 * time.Millisecond}},
	{"repeat a1>a2 Msg[int]#1 5ms", Line{Verb: Repeat, From: "a1", To: "a2", Stream: "Msg[int]", N: 1, Time: 5 * time.Millisecond}},
	{"always law newest-first 2ms 300ms 25%", Line{Verb: Law, Law: net.Law{Kind: net.NewestFirst, Least: 2 * time.Millisecond, Most: 300 * time.Millisecond, Share: 250_000}}},
	{"always law a1>* constant 50ms", Line{Verb: Law, From: "a1", To: "*", Law: net.Law{Least: 50 * time.Millisecond}}},
	{"always loss 3%", Line{Verb: Loss, Amount: 30_000}},
	{"always loss a1>a2 0.25%", Line{Verb: Loss, From: "a1", To: "a2", Amount: 2_500}},
	{"always repeat *>a2 100%", Line{Verb: Repeats, From: "*", To: "a2", Amount: 1_000_000}},
	{"always rate 1000000", Line{Verb: Rate, Amount: 1_000_000}},
	{"always drift a2 -50ppm", Line{Verb: Drift, Node: "a2", Amount: -50}},
	{"always offset a2 -3ms", Line{Verb: Offset, Node: "a2", Time: -3 * time.Millisecond}},
	{"always unsynced mix", Line{Verb: Unsynced, Mode: "mix"}},
	{"always sync 2ms", Line{Verb: Sync, Time: 2 * time.Millisecond}},
	{"always read a2 100µs", Line{Verb: Read, Node: "a2", Time: 100 * time.Microsecond}},
	{"always write 20µs", Line{Verb: Write, Time: 20 * time.Microsecond}},
	{"always sync a2 2ms", Line{Verb: Sync, Node: "a2", Time: 2 * time.Millisecond}},
	{"always ties ordered", Line{Verb: Ties, Mode: "ordered"}},
}

// Fails if a form is read as something else, or does not print as it was written.
func TestEveryForm(t *testing.T) {
	seen := map[Verb]bool{}
	for _, c := range everyForm {
		got, err := ParseLine(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", c.text, got, c.want)
		}
		if s := c.want.String(); s != c.text {
			t.Errorf("%#v prints %s, want %s", c.want, s, c.text)
		}
		seen[got.Verb] = true
	}
	for v := range lastAlways + 1 {
		if !seen[v] {
			t.Errorf("no case for %s", v)
		}
		if _, err := ParseLine(verbForms[v].example); err != nil {
			t.Errorf("the example of %s does not parse: %v", v, err)
		}
	}
}

// Fails if comments or blank lines count as faults, or if a word that is not canonical is not understood.
func TestParsePlan(t *testing.T) {
	p, err := Parse("# a story\n\n  \t120ms   crash a2   # the leader\r\nalways law constant\n500us restart a2")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.String(), "120ms crash a2\nalways law constant 1ms\n500µs restart a2\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if p, err := Parse("# nothing\n"); p != nil || err != nil {
		t.Errorf("an empty plan is %v, %v", p, err)
	}
}

// mistakes are lines that must be refused; testdata/errors.txt has what is said to them. Fails if one is accepted, or
// a message changes.
var mistakes = []string{
	"", "# only a comment", "crsh a2", "crash", "crash a2", "crash a2 after", "crash a2 after 17", "crash a2 after effect", "crash a2 after effect 0",
	"crash a2 after effect 17 now", "crash a2 after effect 17 for", "crash a2 after effect 17 for ever", "crash a2 after effect 17 for good 20ms", "120ms crash a2 for 20ms", "120ms crash a2 for", "120ms crash a2 good",
	"300ms cut a1 | a2 for ever", "1s heal a1 | a2 for good", "500ms restart a2 for good", "120 crash a2", "-1ms crash a2", "1001h crash a2", "120ms", "120ms crsh a2", "120ms explode a2", "120ms crash",
	"120ms crash a2,a3", "120ms crash a2 a3", "120ms crash a2 after effect 3", "restart a2", "120ms lose a1>a2 Accept#3", "300ms cut", "300ms cut a1",
	"300ms cut a1 a2", "300ms cut a1 |", "300ms cut a1,a2 | a2,a3", "300ms cut a1,a1 | a2", "300ms cut a1,, | a2", "300ms cut a1 | a2 oneway", "1s heal a1",
	"200ms slow a2", "200ms slow a2 20", "200ms slow a2 0x", "200ms slow a2 -3x", "200ms step a2", "200ms step a2 30", "200ms step a2 -1001h",
	"lose", "lose a1 Accept#3", "lose a1>a1 Accept#3", "lose a1>* Accept#3", "lose a1>a2>a3 Accept#3", "lose a1>a2", "lose a1>a2 Accept", "lose a1>a2 Accept#0",
	"lose a1>a2 Accept#-1", "lose a1>a2 #3", `lose a1>a2 "Accept#3`, `lose a1>a2 "a"b#3`, `lose a1>a2 a"b#3`, "lose a1>a2 Accept#3 5ms", "delay a1>a2 Accept#3", "delay a1>a2 Accept#3 -5ms",
	"always", "always lose a1>a2 Accept#3", "always lss 3%", "loss 3%", "always law", "always law newest", "always law unifrom", "always law uniform 5ms", "always law uniform 5ms 1ms",
	"always law a1> uniform", "always law *>* uniform", "always loss", "always loss 3", "always loss 101%", "always loss a1 3%", "always rate 0", "always rate 10k",
	"always drift a2", "always drift 50ppm", "always drift a2 50", "always drift a2 1000000ppm", "always offset a2", "always unsynced", "always unsynced loose", "always unsynced x",
	"always sync", "always sync a2", "always sync -2ms", "always ties random", `"`, "é crash a2", "120ms  crásh a2", "Crash a2",
}

func TestMistakes(t *testing.T) {
	var b strings.Builder
	for _, s := range mistakes {
		l, err := ParseLine(s)
		if err == nil {
			t.Errorf("%q is read as %s", s, l)
			continue
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error has several lines: %v", s, err)
		}
		b.WriteString(s + "\n    " + err.Error() + "\n")
	}
	golden(t, "errors.txt", b.String())
}

// Fails if an error does not say on which line it is.
func TestMistakeNamesLine(t *testing.T) {
	_, err := Parse("always loss 3%\n\n120ms crsh a2\n")
	want := `line 3, column 7: found "crsh", where one of these is meant: crash, restart, pause, resume, cut, heal, slow, step, freeze, thaw (did you mean crash?)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Fails if a line of any values, whatever they are, prints as something that is read differently: thousands of random
// lines.
func TestRoundTripRandom(t *testing.T) {
	c := chance.Seeded(1)
	s := chance.NewStream("test", "", "", "")
	var n uint64
	pick := func(bound uint64) uint64 { n++; return c.Below(&s, n, bound) }
	for range 20_000 {
		l := anyLine(pick)
		got, err := ParseLine(l.String())
		if err != nil || !reflect.DeepEqual(got, l) {
			t.Fatalf("%#v\nprints %s\nwhich is %#v (%v)", l, l, got, err)
		}
	}
}

// anyLine makes a line that may stand in a plan of the picks.
func anyLine(pick func(uint64) uint64) Line {
	l := Line{Verb: Verb(pick(uint64(lastAlways) + 1))}
	names := []string{"a1", "a2", "node-7", "é", "one-way", "always", "crash", "-1", "\xff"}
	many := uint64(len(names))
	first := pick(many)
	name := func() string { return names[first] }
	other := func() string { return names[(first+1+pick(many-1))%many] }
	length := func() time.Duration { return time.Duration(pick(1 << pick(51))) }
	if l.Verb <= lastTimed {
		l.At = clock.Time(length())
	}
	switch l.Verb {
	case Crash, Restart, Pause, Resume, Slow, Step, Freeze, Thaw, Drift, Offset:
		l.Node = name()
	case Cut, Heal:
		if l.Verb == Cut || pick(2) == 0 {
			l.Sides, l.OneWay = [2][]string{{name()}, {other()}}, pick(2) == 0
		}
	case Lose, Delay, Repeat, Law, Loss, Repeats, Rate:
		if l.Verb <= lastMessage || pick(2) == 0 {
			l.From, l.To = name(), other()
		}
	}
	anyValues(&l, pick, length)
	return l
}

func anyValues(l *Line, pick func(uint64) uint64, length func() time.Duration) {
	switch l.Verb {
	case Crash:
		if pick(2) == 0 {
			l.At, l.Effect = 0, 1+pick(1<<pick(60))
		}
	case Slow, Rate:
		l.Amount = 1 + int64(pick(1_000_000))
	case Lose, Delay, Repeat:
		streams := []string{"Accept", "a b", "#", "", `"`, "x#1", "\n", "\xff", "é", "\u00a0", "\\", "paxos.Accept[int]", "\ufffd", "\x01"}
		l.Stream, l.N = streams[pick(uint64(len(streams)))], 1+pick(1<<40)
		if l.Verb != Lose {
			l.Time = length()
		}
	case Step, Offset:
		l.Time = length()
		l.Time -= length()
	case Sync:
		l.Time = length()
	case Law:
		least := length()
		l.Law = net.Law{Kind: net.LawKind(pick(6)), Least: least}
		if l.Law.Kind != net.Constant {
			l.Law.Most = max(least, length())
		}
		if l.Law.Kind == net.NewestFirst {
			l.Law.Share = uint32(pick(1_000_001))
		}
	case Loss, Repeats:
		l.Amount = int64(pick(1_000_001))
	case Drift:
		l.Amount = int64(pick(2*mostDrift+1)) - mostDrift
	case Unsynced:
		l.Mode = unsyncedModes[pick(3)]
	case Ties:
		l.Mode = tiesModes[pick(2)]
	}
}

// FuzzParse fails if some text is read as a plan that prints as another plan, or if the parser panics.
func FuzzParse(f *testing.F) {
	for _, c := range everyForm {
		f.Add(c.text)
	}
	for _, s := range mistakes {
		f.Add(s)
	}
	f.Add("always law newest-first\n\n# x\n120ms crash a2 # y\ncrash a2 after effect 17")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(p.String())
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Fatalf("%q\nprints %q\nwhich is %#v (%v)", text, p.String(), again, err)
		}
	})
}

// FuzzPrint fails if some plan prints as text that is read as another plan.
func FuzzPrint(f *testing.F) {
	f.Add([]byte("0123456789abcdef"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		pick := func(bound uint64) uint64 {
			if len(data) == 0 || bound < 2 {
				return 0
			}
			var b [8]byte
			data = data[copy(b[:], data):]
			return binary.LittleEndian.Uint64(b[:]) % bound
		}
		var p Plan
		for len(data) > 0 && len(p) < 20 {
			p = append(p, anyLine(pick))
		}
		got, err := Parse(p.String())
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("%#v\nprints %q\nwhich is %#v (%v)", p, p.String(), got, err)
		}
	})
}
