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

	{"120ms crash a2 for 20ms", Line{Verb: Crash, At: clock.Time(120 * ms), Node: "a2", Time: 20 * time.Millisecond}},
	{"after Chosen#3 crash @Chosen for 20ms", Line{Verb: Crash, After: Trigger{"", "Chosen", 3}, Node: "@Chosen", Time: 20 * time.Millisecond}},
	{"after p1 Chosen#1 +5ms cut p1 | rest", Line{Verb: Cut, After: Trigger{"p1", "Chosen", 1}, At: clock.Time(5 * ms), Sides: [2][]string{{"p1"}, {"rest"}}}},
	{"after a2 sync#3 crash a2", Line{Verb: Crash, After: Trigger{"a2", "sync", 3}, Node: "a2"}},
	{`after after "odd fact"#3 heal`, Line{Verb: Heal, After: Trigger{"after", "odd fact", 3}}},
	{"300ms cut @Leads,a1 | a3", Line{Verb: Cut, At: clock.Time(300 * ms), Sides: [2][]string{{"@Leads", "a1"}, {"a3"}}}},
	{"120ms pause a2 with clock", Line{Verb: Pause, At: clock.Time(120 * ms), Node: "a2", Mode: "clock"}},
	{"120ms loop a2 5x 20ms", Line{Verb: Loop, At: clock.Time(120 * ms), Node: "a2", Amount: 5, Time: 20 * time.Millisecond}},
	{"120ms wipe a2", Line{Verb: Wipe, At: clock.Time(120 * ms), Node: "a2"}},
	{"120ms swap a2 a3", Line{Verb: Swap, At: clock.Time(120 * ms), Node: "a2", Other: "a3"}},
	{"120ms omit a2 receive 30%", Line{Verb: Omit, At: clock.Time(120 * ms), Node: "a2", Mode: "receive", Amount: 300_000}},
	{"always omit a2 send 30%", Line{Verb: Omit, Node: "a2", Mode: "send", Amount: 300_000}},
	{"always betray a2 equivocate 100%", Line{Verb: Betray, Node: "a2", Mode: "equivocate", Amount: 1_000_000}},
	{"1s betray a2 any 0%", Line{Verb: Betray, At: clock.Time(sec), Node: "a2", Mode: "any"}},
	{"always start a2 50ms", Line{Verb: Start, Node: "a2", Time: 50 * time.Millisecond}},
	{"300ms partition bridge a1,a2,a3", Line{Verb: Partition, At: clock.Time(300 * ms), Mode: "bridge", Nodes: []string{"a1", "a2", "a3"}}},
	{"300ms flap a1 | a2 one-way 10x 20ms", Line{Verb: Flap, At: clock.Time(300 * ms), Sides: [2][]string{{"a1"}, {"a2"}}, OneWay: true, Amount: 10, Time: 20 * time.Millisecond}},
	{"300ms break a1 | rest 20ms", Line{Verb: Break, At: clock.Time(300 * ms), Sides: [2][]string{{"a1"}, {"rest"}}, Time: 20 * time.Millisecond}},
	{"200ms strobe a2 -40ms 2ms 100x", Line{Verb: Strobe, At: clock.Time(200 * ms), Node: "a2", Time: -40 * time.Millisecond, Span: 2 * time.Millisecond, Amount: 100}},
	{"200ms smear a2 -1s 10s", Line{Verb: Smear, At: clock.Time(200 * ms), Node: "a2", Time: -time.Second, Span: 10 * time.Second}},
	{"always reset a2", Line{Verb: Reset, Node: "a2"}},
	{"300ms rot a2", Line{Verb: Rot, At: clock.Time(300 * ms), Node: "a2"}},
	{"300ms rot a2 log@517", Line{Verb: Rot, At: clock.Time(300 * ms), Node: "a2", File: "log", Off: 517}},
	{`300ms latent a2 "a log"@0`, Line{Verb: Latent, At: clock.Time(300 * ms), Node: "a2", File: "a log"}},
	{"300ms stall a2 50ms", Line{Verb: Stall, At: clock.Time(300 * ms), Node: "a2", Time: 50 * time.Millisecond}},
	{"300ms loss a1>a2 30%", Line{Verb: Loss, At: clock.Time(300 * ms), From: "a1", To: "a2", Amount: 300_000}},
	{"400ms rate 0", Line{Verb: Rate, At: clock.Time(400 * ms)}},
	{"always queue a1>* 20000", Line{Verb: Queue, From: "a1", To: "*", Amount: 20_000}},
	{"always corrupt 1%", Line{Verb: Corrupt, Amount: 10_000}},
	{"corrupt a1>a2 Accept#3", Line{Verb: Corrupt, From: "a1", To: "a2", Stream: "Accept", N: 3}},
	{"always garble a1>a2 0.1%", Line{Verb: Garble, From: "a1", To: "a2", Amount: 1_000}},
	{"garble a1>a2 Accept#3", Line{Verb: Garble, From: "a1", To: "a2", Stream: "Accept", N: 3}},
	{"1s stale 1%", Line{Verb: Stale, At: clock.Time(sec), Amount: 10_000}},
	{"stale a1>a2 Accept#3", Line{Verb: Stale, From: "a1", To: "a2", Stream: "Accept", N: 3}},
	{"2s drift a2 300ppm", Line{Verb: Drift, At: clock.Time(2 * sec), Node: "a2", Amount: 300}},
	{"always uncertainty 3ms", Line{Verb: Uncertainty, Time: 3 * time.Millisecond}},
	{"always uncertainty broken 3ms", Line{Verb: Uncertainty, Node: "broken", Time: 3 * time.Millisecond}},
	{"1s uncertainty a2 3ms broken", Line{Verb: Uncertainty, At: clock.Time(sec), Node: "a2", Time: 3 * time.Millisecond, Mode: "broken"}},
	{"300ms sync a2 20ms", Line{Verb: Sync, At: clock.Time(300 * ms), Node: "a2", Time: 20 * time.Millisecond}},
	{"always throttle 1000000", Line{Verb: Throttle, Amount: 1_000_000}},
	{"always capacity a2 65536", Line{Verb: Capacity, Node: "a2", Amount: 65536}},
	{"always fail sync 1%", Line{Verb: Fail, Stream: "sync", Amount: 10_000}},
	{"1s fail a2 read 100%", Line{Verb: Fail, At: clock.Time(sec), Node: "a2", Stream: "read", Amount: 1_000_000}},
	{"fail a2 sync#3", Line{Verb: Fail, Node: "a2", Stream: "sync", N: 3}},
	{"always phantom 1%", Line{Verb: Phantom, Amount: 10_000}},
	{"phantom a2 append#2", Line{Verb: Phantom, Node: "a2", Stream: "append", N: 2}},
	{"misdirect a2 write#2", Line{Verb: Misdirect, Node: "a2", Stream: "write", N: 2}},
	{"always outdated a2 1%", Line{Verb: Outdated, Node: "a2", Amount: 10_000}},
	{"outdated a2 read#1", Line{Verb: Outdated, Node: "a2", Stream: "read", N: 1}},
	{"always zone z1 a1,a2", Line{Verb: Zone, Node: "z1", Nodes: []string{"a1", "a2"}}},
	{"always region eu z1", Line{Verb: Region, Node: "eu", Nodes: []string{"z1"}}},
	{"always budget down", Line{Verb: Budget, Mode: "down"}},
	{"always budget copies 2", Line{Verb: Budget, Mode: "copies", Amount: 2}},
	{"always beyond", Line{Verb: Beyond}},
	{"always withhold", Line{Verb: Withhold}},
	{"always withhold 40ms", Line{Verb: Withhold, Time: 40 * time.Millisecond}},
	{"20s withhold 20ms", Line{Verb: Withhold, At: clock.Time(20 * sec), Time: 20 * time.Millisecond}},
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
	for v := range verbs {
		if !seen[v] {
			t.Errorf("no case for %s", v)
		}
		if l, err := ParseLine(forms[v].example); err != nil || l.Verb != v {
			t.Errorf("the example of %s does not parse: %v %v", v, l, err)
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
	"crash a2 after effect 17 now", "crash a2 after effect 17 for", "crash a2 after effect 17 for ever", "crash a2 after effect 17 for good 20ms", "120ms crash a2 for", "120ms crash a2 good",
	"300ms cut a1 | a2 for ever", "1s heal a1 | a2 for good", "500ms restart a2 for good", "120 crash a2", "-1ms crash a2", "1001h crash a2", "120ms", "120ms crsh a2", "120ms explode a2", "120ms crash",
	"120ms crash a2,a3", "120ms crash a2 a3", "120ms crash a2 after effect 3", "restart a2", "120ms lose a1>a2 Accept#3", "300ms cut", "300ms cut a1",
	"300ms cut a1 a2", "300ms cut a1 |", "300ms cut a1,a2 | a2,a3", "300ms cut a1,a1 | a2", "300ms cut a1,, | a2", "300ms cut a1 | a2 oneway", "1s heal a1",
	"200ms slow a2", "200ms slow a2 20", "200ms slow a2 0x", "200ms slow a2 -3x", "200ms step a2", "200ms step a2 30", "200ms step a2 -1001h",
	"lose", "lose a1 Accept#3", "lose a1>a1 Accept#3", "lose a1>* Accept#3", "lose a1>a2>a3 Accept#3", "lose a1>a2", "lose a1>a2 Accept", "lose a1>a2 Accept#0",
	"lose a1>a2 Accept#-1", "lose a1>a2 #3", `lose a1>a2 "Accept#3`, `lose a1>a2 "a"b#3`, `lose a1>a2 a"b#3`, "lose a1>a2 Accept#3 5ms", "delay a1>a2 Accept#3", "delay a1>a2 Accept#3 -5ms",
	"always", "always lose a1>a2 Accept#3", "always lss 3%", "loss 3%", "always law", "always law newest", "always law unifrom", "always law uniform 5ms", "always law uniform 5ms 1ms",
	"always law a1> uniform", "always law *>* uniform", "always loss", "always loss 3", "always loss 101%", "always loss a1 3%", "always rate -1", "always rate 10k",
	"always drift a2", "always drift 50ppm", "always drift a2 50", "always drift a2 1000000ppm", "always offset a2", "always unsynced", "always unsynced loose", "always unsynced x",
	"after", "after Chosen", "after Chosen#1", "after Chosen#0 crash a2", "after sync#1 crash a2", "after Chosen#1 loss", "after Chosen#1 lose a1>a2 Accept#3", "after Chosen#1 + crash a2", "after Chosen#1 crsh a2", "always start @Chosen 5ms", "crash @Chosen after effect 3", "fail @Chosen sync#3",
	"120ms crash @", "120ms crash rest", "120ms pause a2 with", "120ms pause a2 with care", "120ms loop a2 5x", "120ms loop a2 0x 20ms", "120ms loop a2 5x 0s", "120ms swap a2", "120ms swap a2 a2", "always omit a2 30%",
	"always omit a2 sned 30%", "always betray a2 lie 3%", "always start a2", "300ms partition bridge", "300ms partition brigde a1,a2", "300ms partition ring a1,a1", "300ms flap a1 | a2 20ms", "300ms break a1 | a2",
	"300ms cut rest | rest", "200ms strobe a2 40ms", "200ms strobe a2 40ms 0s 3x", "200ms smear a2 1s", "always reset", "300ms rot a2 log", "300ms rot a2 log@-1", "300ms rot a2 @5", "always corrupt a1>a2 Accept#3", "garble a1>a2", "fail sync#3",
	"fail a2 snyc#3", "fail a2 sync", "always fail a2 1%", "always fail a2 snyc 1%", "phantom a2 sync#3", "outdated a2 write#3", "always zone z1", "always zone @z a1", "always budget", "always budget dwon", "always budget down 0", "always beyond 3",
	"beyond", "zone z1 a1", "1s zone z1 a1", "1s start a2 5ms", "300ms capacity a2 -1", "always uncertainty a2", "always uncertainty broken",
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
	want := `line 3, column 7: found "crsh", where a fault is meant (did you mean crash?)`
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
	l := Line{Verb: Verb(pick(uint64(verbs)))}
	f := &forms[l.Verb]
	x := liner{pick: pick, l: &l, first: pick(uint64(len(anyNames)))}
	args := f.args
	switch {
	case f.one != nil && (args == nil || pick(2) == 0):
		args = f.one
	case f.at && pick(3) == 0:
		l.After = Trigger{What: anyStreams[1+pick(uint64(len(anyStreams)-1))], N: 1 + pick(1<<40)}
		if l.At = clock.Time(x.length()); pick(2) == 0 {
			l.After.Node = x.name()
		}
	case l.Verb == Crash && pick(2) == 0:
		l.Effect = 1 + pick(1<<pick(60))
	case !f.always || f.at && pick(2) == 0:
		l.At = clock.Time(x.length())
	}
	for _, a := range args {
		x.fill(a)
	}
	return l
}

var (
	anyNames   = []string{"a1", "a2", "node-7", "é", "one-way", "always", "crash", "-1", "\xff", "broken", "after", "for"}
	anyStreams = []string{"", "Accept", "a b", "#", `"`, "x#1", "\n", "\xff", "é", "\u00a0", "\\", "paxos.Accept[int]", "\ufffd", "\x01", "log@3"}
)

// A liner fills in a line.
type liner struct {
	pick  func(uint64) uint64
	l     *Line
	first uint64
}

func (x *liner) name() string { return anyNames[x.first] }

func (x *liner) other() string {
	many := uint64(len(anyNames))
	return anyNames[(x.first+1+x.pick(many-1))%many]
}

func (x *liner) length() time.Duration { return time.Duration(x.pick(1 << x.pick(51))) }

func (x *liner) one(list []string) string { return list[x.pick(uint64(len(list)))] }

func (x *liner) fill(a arg) {
	l, optional := x.l, x.pick(2) == 0
	switch a {
	case argNode, argName:
		l.Node = x.name()
		if a == argNode && l.mayAim() && l.N == 0 && x.pick(4) == 0 {
			l.Node = "@" + x.name()
		}
	case argAnyNode:
		if optional {
			l.Node = x.name()
		}
	case argOther:
		l.Other = x.other()
	case argLink:
		l.From, l.To = x.name(), x.other()
	case argAnyLink:
		if optional {
			l.From, l.To = x.name(), x.other()
		}
	case argMessage:
		l.Stream, l.N = x.one(anyStreams), 1+x.pick(1<<40)
	case argOp:
		l.Stream = x.one(operationsOf(l.Verb))
	case argOpN:
		l.Stream, l.N = x.one(operationsOf(l.Verb)), 1+x.pick(1<<40)
	case argSides, argAnySides:
		if a == argSides || optional {
			l.Sides, l.OneWay = [2][]string{{x.name()}, {x.other()}}, x.pick(2) == 0
		}
	case argNodes:
		l.Nodes = []string{x.name(), x.other()}
	case argMode:
		l.Mode = x.one(l.Verb.modes())
	default:
		x.fillNumber(a, optional)
	}
}

func (x *liner) fillNumber(a arg, optional bool) {
	l := x.l
	switch a {
	case argTime:
		l.Time = x.length()
	case argBy:
		l.Time = x.length()
		l.Time -= x.length()
	case argSpan:
		if d := 1 + x.length(); l.spansTime() {
			l.Time = d
		} else {
			l.Span = d
		}
	case argTimes:
		l.Amount = 1 + int64(x.pick(mostTimes))
	case argShare:
		l.Amount = int64(x.pick(1_000_001))
	case argDrift:
		l.Amount = int64(x.pick(2*mostDrift+1)) - mostDrift
	case argBytes:
		l.Amount = int64(x.pick(mostBytes + 1))
	case argLaw:
		least := x.length()
		l.Law = net.Law{Kind: net.LawKind(x.pick(6)), Least: least}
		if l.Law.Kind != net.Constant {
			l.Law.Most = max(least, x.length())
		}
		if l.Law.Kind == net.NewestFirst {
			l.Law.Share = uint32(x.pick(1_000_001))
		}
	}
	if optional {
		x.fillOptional(a)
	}
}

func (x *liner) fillOptional(a arg) {
	l := x.l
	switch a {
	case argAnyN:
		l.Amount = 1 + int64(x.pick(mostTimes))
	case argPlace:
		if l.File = x.one(anyStreams); l.File != "" {
			l.Off = int64(x.pick(mostBytes))
		}
	case argGood:
		l.Good = true
	case argDown:
		if x.pick(2) == 0 {
			l.Good = true
		} else {
			l.Time = 1 + x.length()
		}
	case argClock:
		l.Mode = "clock"
	case argBroken:
		l.Mode = "broken"
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

// Whoever noted something may stand in a shape. Fails if they may stand in a zone too, which is made before anybody notes
// anything.
func TestShapesOfWhoeverNoted(t *testing.T) {
	const text = "300ms partition isolate @Chosen,a2,a3\n"
	if p, err := Parse(text); err != nil || p.String() != text {
		t.Errorf("%q, %v", p.String(), err)
	}
	if p, err := Parse("always zone z1 @Chosen,a2\n"); err == nil {
		t.Errorf("%q parses", p.String())
	}
}
