package seedfile

import (
	"reflect"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

const recordedStart = "simseed v1\nscenario paxos\nseed 1\n"

// recorded is a file with a tape and a trail that fill several lines.
func recorded() File {
	f := File{Scenario: "paxos", Seed: 1}
	var tape []chance.Decision
	var trail Trail
	for n := range 60 {
		s := chance.NewStream("delay", "a1", "a2", "Accept")
		tape = append(tape, chance.Decision{Key: s.Key(uint64(60 - n)), Outcome: uint64(1 + n)})
		trail = append(trail, uint16(n*n))
	}
	for _, what := range []string{"ops = x#1=2", " padded ", "# 3=4", "\"", "a\tb", "é", "\xff"} {
		s := chance.NewStream("pick", "c1", "", what)
		tape = append(tape, chance.Decision{Key: s.Key(1 << 40), Outcome: 1<<64 - 1})
	}
	f.Record(tape, trail)
	return f
}

// Fails if any stream or number of a tape does not survive, or if two recordings of one run, which meet the picks in
// another order, print differently.
func TestTapesSurvive(t *testing.T) {
	f := recorded()
	text := f.String()
	if got := mustParse(t, text); !reflect.DeepEqual(got, f) {
		t.Errorf("got\n%+v\nwant\n%+v\n%s", got, f, text)
	}
	again := f
	reversed := append([]chance.Decision{}, f.Tape...)
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	again.Record(reversed, f.Trail)
	if again.String() != text {
		t.Errorf("another order of recording prints\n%s\nand not\n%s", again.String(), text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > lineWidth+20 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
}

// Fails if a file that lost its end, a line in the middle or a digit passes for what was recorded, or if the error
// names no line.
func TestTapesThatAreNotWhole(t *testing.T) {
	lines := strings.SplitAfter(strings.TrimSuffix(recorded().String(), "\n"), "\n")
	first := 0
	for i, l := range lines {
		if strings.HasPrefix(l, "recorded") {
			first = i
		}
	}
	if first == 0 || len(lines)-first < 8 {
		t.Fatalf("the file has too few lines to lose any:\n%s", lines)
	}
	for i := first + 1; i < len(lines); i++ {
		cut := strings.Join(lines[:i], "")
		missing := cut + strings.Join(lines[i+1:], "")
		halved := cut + lines[i][:len(lines[i])-3]
		changed := strings.Join(append(append(append([]string{}, lines[:i]...), flip(lines[i])), lines[i+1:]...), "")
		for name, text := range map[string]string{"cut short": cut, "a line missing": missing, "cut within a line": halved, "a digit changed": changed} {
			_, err := Parse(text)
			if err == nil || !strings.HasPrefix(err.Error(), "line ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s at line %d: %v", name, i+1, err)
			}
		}
	}
}

// flip changes the last digit of a line.
func flip(line string) string {
	line = strings.TrimSuffix(line, "\n")
	last := line[len(line)-1] ^ 1
	return line[:len(line)-1] + string(last) + "\n"
}

// Fails if an error about what was recorded does not name the line, or what would be right.
func TestRecordErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"build 12", "line 4: build 12: want 8 hexadecimal digits, not all 0"},
		{"build 00000000", "line 4: build 00000000: want 8 hexadecimal digits, not all 0"},
		{"marks 0 1a2b", "line 4: marks 0: want first the number of events between two marks, from 1"},
		{"marks 64", "line 4: marks 64: want marks after the number of events between them"},
		{"marks 64" + strings.Repeat(" 1a2b", 256), "line 4: marks: 256 of them: want at most 255"},
		{"marks 64 1a2", "line 4: marks: 1a2: want four hexadecimal digits"},
		{"recorded much", "line 4: recorded much: want, for example: recorded 2 outcomes 3 events sum 0a1b2c3d"},
		{"recorded 1 outcomes 0 events sum 00000000", "line 4: the file ends with 0 outcomes 0 events recorded, where there were 1 outcomes 0 events: it is cut short"},
		{"recorded 1 outcomes 0 events sum 00000000\ntape a# 1=2", "line 4: what was recorded has changed, by its checksum; whoever changed it on purpose leaves this line out"},
		{"tape lose a1>a2", "line 4: tape lose a1>a2: want a stream of picks and its outcomes, such as: tape delay a1>a2 Accept# 1=250000 3=17"},
		{`tape "lose a1# 1=2`, `line 4: tape: "lose a1 is not a quoted string`},
		{"tape lose a1>a2 Accept# 1", `line 4: tape: "1": want an outcome from 1; what was 0 is not written down`},
		{"tape lose a1>a2 Accept# x=1", `line 4: tape: "x=1" is not of the form number=outcome, such as 3=17`},
		{"tape lose a1>a2 Accept# 1=0", `line 4: tape: "1=0": want an outcome from 1; what was 0 is not written down`},
		{"tape lose# 1=1\ntape lose# 2=1 01=2", "line 5: tape: the outcome of lose#1 is stated twice"},
		{"trail 2 1a2b", "line 4: trail 2: want the number of the next event, 1: a line is missing or out of place"},
		{"trail 1 1a2b 12", "line 4: trail: 12: want four hexadecimal digits"},
	} {
		if _, err := Parse(recordedStart + c.text + "\n"); err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	// By hand a tape needs no checksum, and no order.
	f := mustParse(t, recordedStart+"tape lose b# 2=1 1=3\ntape lose a# 07=1\n")
	if want := []chance.Decision{{Key: "lose a#7", Outcome: 1}, {Key: "lose b#1", Outcome: 3}, {Key: "lose b#2", Outcome: 1}}; !reflect.DeepEqual(f.Tape, want) {
		t.Errorf("got %v, want %v", f.Tape, want)
	}
}

// Fails if a trail takes two events for one, or misses the first that differs, or the end of a run.
func TestTrailFindsTheFirstDifference(t *testing.T) {
	see := func(events ...sim.Event) (tr Trail) {
		for _, e := range events {
			tr.See(&e)
		}
		return tr
	}
	base := []sim.Event{{Seq: 1, Kind: sim.Started, Node: "a"}, {Seq: 2, Kind: sim.Noted, Node: "a", Data: 7}, {Seq: 3, Kind: sim.Noted, Node: "b", Data: "x"}}
	one := see(base...)
	if got := one.Parted(see(base...)); got != 0 {
		t.Errorf("equal runs part at event %d", got)
	}
	for i := range base {
		for _, change := range []func(*sim.Event){
			func(e *sim.Event) { e.At++ }, func(e *sim.Event) { e.Node = "c" }, func(e *sim.Event) { e.Data = "y" },
			func(e *sim.Event) { e.Cause++ }, func(e *sim.Event) { e.Kind = sim.TimerSet }, func(e *sim.Event) { e.Reason = "z" },
		} {
			other := append([]sim.Event{}, base...)
			change(&other[i])
			if got := one.Parted(see(other...)); got != uint64(i+1) {
				t.Errorf("%+v changed: found at %d", other[i], got)
			}
		}
		if got := one.Parted(see(base[:i]...)); got != uint64(i+1) {
			t.Errorf("a run of %d events parts at %d", i, got)
		}
	}
}

// points are the checkpoints of a run of the given length whose hash is another from event parted on.
func points(every, length, parted uint64) (list []sim.Checkpoint) {
	for seq := every; seq <= length; seq += every {
		h := seq * 0x9e3779b97f4a7c15 >> 7
		if parted > 0 && seq >= parted {
			h += 1 + h<<1
		}
		list = append(list, sim.Checkpoint{Seq: seq, Hash: h})
	}
	return append(list, sim.Checkpoint{Seq: length, Hash: 1})
}

// Fails if marks are too many for a token, if a run seems to part from itself, or if the events between which two runs part
// are not around the one where they do; also where the other run is longer, so that its checkpoints are further apart.
func TestMarksSayWhereRunsPart(t *testing.T) {
	for _, c := range []struct{ every, length, otherEvery, otherLength uint64 }{
		{1, 64, 1, 64}, {1, 40, 1, 40}, {1, 9, 1, 9}, {16, 1000, 16, 1000}, {16, 1000, 64, 4000}, {64, 4000, 16, 1000}, {1, 3, 1, 3},
	} {
		m := marksOf(points(c.every, c.length, 0))
		if len(m.Hash) > mostMarks || len(m.Hash) == 0 || m.Every&(m.Every-1) != 0 {
			t.Errorf("%+v: %d marks, each %d events", c, len(m.Hash), m.Every)
		}
		if _, by := m.Parted(points(c.otherEvery, c.otherLength, 0)); by != 0 {
			t.Errorf("%+v: the same run parts by event %d", c, by)
		}
		for parted := uint64(1); parted < c.length; parted += max(1, c.length/50) {
			after, by := m.Parted(points(c.otherEvery, c.otherLength, parted))
			if after >= parted || by != 0 && by < parted {
				t.Errorf("%+v parted at %d: said to be between %d and %d", c, parted, after, by)
			}
			if last := m.Every * uint64(len(m.Hash)); by == 0 && parted+max(c.otherEvery, m.Every) < min(last, c.otherLength) {
				t.Errorf("%+v parted at %d: not seen by the last mark at %d", c, parted, last)
			}
		}
	}
	if m := marksOf(nil); len(m.Hash) != 0 {
		t.Errorf("no checkpoints: %v", m)
	}
	if after, by := (Marks{}).Parted(points(1, 10, 3)); after+by != 0 {
		t.Errorf("no marks tell %d and %d", after, by)
	}
}

// A run that no seed decides: its file states its tape, its token has it too, and both make a configuration in which nothing else is
// drawn. Fails if the tape is lost on the way, or stands under a checksum that each change by hand would break.
func TestFilesWithoutASeed(t *testing.T) {
	tape := []chance.Decision{{Key: "delay a1>a2 Accept#2", Outcome: 250_000}, {Key: "pick p1 back off#1", Outcome: 3}}
	s := &sim.Scenario{Name: "paxos"}
	for _, tape := range [][]chance.Decision{tape, nil} {
		f := Of(s, sim.Config{Seed: 7, Plan: &fault.Plan{}, Driver: chance.NewOverrides(nil, tape)}, sim.Verdict{Hash: 5})
		if !f.Seedless || f.Seed != 0 || f.Recorded() {
			t.Errorf("%+v", f)
		}
		text := f.String()
		if !strings.Contains(text, "\nseed     none\n") || strings.Contains(text, "recorded") {
			t.Errorf("it prints\n%s", text)
		}
		byToken, err := ParseToken(f.Token())
		if err != nil {
			t.Fatal(err)
		}
		byToken.Made = f.Made // a token has a checksum of its own
		for _, got := range []File{mustParse(t, text), byToken} {
			if got.String() != text {
				t.Errorf("got\n%s\nwant\n%s", got, text)
			}
			cfg, err := got.Config(s)
			if err != nil || !Seedless(cfg) || cfg.Seed != 0 {
				t.Fatalf("%+v, %v", cfg, err)
			}
			d := cfg.Driver.(*chance.Overrides)
			if other := chance.NewStream("lose", "a1", "a2", "Accept"); d.Draw(&other, 1, chance.Rate(999_999)) != 0 || len(d.Tape()) != len(tape) {
				t.Errorf("the driver has %v, and answers others by chance", d.Tape())
			}
		}
	}
	for _, d := range []chance.Driver{nil, chance.Benign{}, chance.NewOverrides(chance.Seed(3), tape)} {
		if cfg := (sim.Config{Seed: 7, Driver: d}); Seedless(cfg) || Of(s, cfg, sim.Verdict{}).Seedless {
			t.Errorf("driven by %T, it is said to need no seed", d)
		}
	}
}
