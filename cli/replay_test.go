package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/seedfile"
	"simrun/sim"
)

// What a replay says of a run that another program made is tested in one process: the two programs are two lists of
// scenarios, and a token is told to be of another build.

// A replay is what the tests look at in the output of simrun replay --json.
type replay struct {
	Hash, Token, Verdict string
	Events               uint64
	Faults               map[string]uint64
	Replay               struct {
		Met, Exact                      bool
		Same, Build, Stale, Option, Now string
		After, Before, Diverged         uint64
		Tape                            *tape
	}
}

type tape struct {
	Exact          bool
	Outcomes, Gone int
	Examples       []string
	Diverged       uint64
}

// with runs a command whose only scenario is s, and reads its last record of a run.
func with(t *testing.T, s *sim.Scenario, args ...string) (r replay, code int, stderr string) {
	t.Helper()
	var out, err strings.Builder
	code = cli.Run(context.Background(), append(args, "--json"), &out, &err, s)
	last := ""
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, `{"scenario":`) {
			last = line
		}
	}
	if e := json.Unmarshal([]byte(last), &r); e != nil {
		t.Fatalf("%v: %v\n%s\n%s", args, e, out.String(), err.String())
	}
	return r, code, err.String()
}

// ofBuild makes a token say that another build made it, or that nobody knows.
func ofBuild(t *testing.T, token string, build uint32) string {
	t.Helper()
	f, err := seedfile.ParseToken(token)
	if err != nil {
		t.Fatal(err)
	}
	f.Build = build
	return f.Token()
}

// A talkative server is one that someone has changed: from the given addition on it notes each.
type talkative struct {
	server
	from uint64
}

func (s *talkative) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if a, ok := m.(add); ok && a.ID >= s.from {
		env.Note(Retried(a))
	}
	s.server.Handle(env, from, m)
}

// changed is the counter after a change of the server that shows from an addition on.
func changed(from uint64) *sim.Scenario {
	s := counter()
	s.Build = func(w *sim.World, o sim.Options) {
		w.Add("client", func() sim.Node { return &client{adds: uint64(o.Int("adds"))} })
		w.Add("server", func() sim.Node { return &talkative{server{dedupe: o.Bool("dedupe")}, from} })
	}
	return s
}

// Fails if a replay by the same code is not exact, or if it does not say that the program is another build where it is one.
func TestReplayOfTheSameCode(t *testing.T) {
	first, _, _ := with(t, counter(), "run", "counter", "--seed", "7", "--set", "adds=40")
	for _, c := range []struct {
		token       string
		same, build string
	}{
		{first.Token, "exact", "same"},
		{ofBuild(t, first.Token, 1), "matches", "other"},
		{ofBuild(t, first.Token, 0), "exact", ""},
	} {
		r, code, stderr := with(t, counter(), "replay", c.token)
		if r.Replay.Same != c.same || r.Replay.Build != c.build || !r.Replay.Exact || code != 0 || stderr != "" || r.Hash != first.Hash {
			t.Errorf("want %s: %+v, exit code %d, %s", c.same, r, code, stderr)
		}
	}
	code, out, _ := call(context.Background(), "replay", ofBuild(t, first.Token, 1))
	if code != 0 || !strings.Contains(oneSpace(out), "exact: every event as it was, though the program is another build") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

func oneSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// Fails if a replay by changed code passes for exact, if it does not find the checkpoints around the first event that differs,
// or if a difference within one build passes for changed code.
func TestReplayByChangedCode(t *testing.T) {
	args := []string{"run", "counter", "--seed", "7", "--faults", "none", "--set", "adds=400", "--for", "30s"}
	first, _, _ := with(t, counter(), args...)
	file := filepath.Join(t.TempDir(), "x.seed")
	if _, code, stderr := with(t, counter(), append(args, "--record", file)...); code != 0 || !strings.Contains(stderr, "recorded ") {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	text := rewrite(t, file, func(f *seedfile.File) { f.Build = 1 })
	for _, from := range []uint64{1, 30, 200, 399} {
		r, code, stderr := with(t, changed(from), "replay", ofBuild(t, first.Token, 1))
		x := r.Replay
		if x.Same != "diverged" || x.Exact || x.Build != "other" || code != 0 || !strings.Contains(stderr, "the code has changed since") {
			t.Fatalf("changed from %d: %+v, exit code %d, %s", from, r, code, stderr)
		}
		exact, code, _ := with(t, changed(from), "replay", file)
		at := exact.Replay.Diverged
		if code != 0 || at == 0 || !strings.Contains(exact.Replay.Now, "says #"+strconv.Itoa(int(from))+" again") {
			t.Errorf("changed from %d, recorded: %+v, exit code %d\n%.200s", from, exact.Replay, code, text)
		}
		if x.After >= at || x.Before > 0 && x.Before < at || x.After+x.Before == 0 || exact.Replay.After != x.After {
			t.Errorf("changed from %d: said to part between events %d and %d, and parts at %d", from, x.After, x.Before, at)
		}
	}
	r, code, stderr := with(t, changed(30), "replay", first.Token)
	if r.Replay.Same != "nondeterministic" || r.Replay.Build != "same" || code != 3 || !strings.Contains(stderr, "of the very same build: something decides the run that is not in the seed") {
		t.Errorf("another run of the same build: %+v, exit code %d, %s", r, code, stderr)
	}
}

// rewrite changes a seed file, and returns its new text.
func rewrite(t *testing.T, file string, change func(*seedfile.File)) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := seedfile.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	change(&f)
	if err := os.WriteFile(file, []byte(f.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return f.String()
}

// Fails if an option that is gone, or has lost a value, is not named with what there is instead.
func TestReplayNamesTheStaleOption(t *testing.T) {
	first, _, _ := with(t, counter(), "run", "counter", "--seed", "7", "--set", "adds=40", "--set", "style=fancy")
	gone, narrow, plainer := counter(), counter(), counter()
	gone.Options = append(gone.Options[:0:0], gone.Options[:2]...)
	narrow.Options[0].Max = 39
	plainer.Options[2].Of = []string{"plain"}
	for _, c := range []struct {
		s            *sim.Scenario
		option, want string
	}{
		{gone, "style", `the token: the option style=fancy is stale: scenario counter has no option "style"; it has: adds, dedupe`},
		{narrow, "adds", "the token: the option adds=40 is stale: want a whole number from 1 to 39"},
		{plainer, "style", "the token: the option style=fancy is stale: want one of plain"},
	} {
		r, code, stderr := with(t, c.s, "replay", first.Token)
		if code != 2 || r.Replay.Same != "option" || r.Replay.Option != c.option || stderr != "simrun: "+c.want+"\n" || r.Replay.Stale != c.want {
			t.Errorf("want %s\n got %+v, exit code %d, %s", c.want, r.Replay, code, stderr)
		}
	}
}

// Fails if two runs made now that differ do not end with code 3, whatever else is said.
func TestReplayOfWhatNeverIsTheSame(t *testing.T) {
	first, _, _ := with(t, flaky(), "run", "flaky", "--seed", "7")
	for _, build := range []uint32{0, 1} {
		if r, code, stderr := with(t, flaky(), "replay", ofBuild(t, first.Token, build)); r.Replay.Same != "nondeterministic" || code != 3 {
			t.Errorf("build %d: %+v, exit code %d, %s", build, r.Replay, code, stderr)
		}
	}
}

// Fails if a recorded run is not made again by its tape alone; if the tape is not used when the seed makes another run; or if
// what of it no longer exists is not counted.
func TestReplayByTape(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.seed")
	first, _, _ := with(t, counter(), "run", "counter", "--seed", "7", "--set", "adds=40", "--record", file)

	// Another seed stands for a change of what the seed means: the tape does not care.
	rewrite(t, file, func(f *seedfile.File) { f.Seed, f.Build = 8, 1 })
	r, code, stderr := with(t, counter(), "replay", file)
	if x := r.Replay; code != 0 || x.Same != "diverged" || !x.Exact || x.Tape == nil || !x.Tape.Exact || x.Tape.Gone != 0 || x.Tape.Outcomes < 40 || r.Hash != first.Hash {
		t.Errorf("by tape alone: %+v %+v, exit code %d, %s", r, x.Tape, code, stderr)
	}
	code, out, _ := call(context.Background(), "replay", file)
	if s := oneSpace(out); code != 0 || !strings.Contains(s, "this is the run of the tape, in which every event is as it was; of ") || !strings.Contains(s, "replay "+file) {
		t.Errorf("exit code %d:\n%s", code, out)
	}

	// A tape whose picks are about a node of another name is of no use, and says so.
	rewrite(t, file, func(f *seedfile.File) {
		for i := range f.Tape {
			f.Tape[i].Key = strings.ReplaceAll(f.Tape[i].Key, "server", "waiter")
		}
	})
	r, _, _ = with(t, counter(), "replay", file)
	if x := r.Replay.Tape; x == nil || x.Exact || x.Gone < 40 || len(x.Examples) != 5 || !strings.Contains(strings.Join(x.Examples, " "), "waiter") || x.Diverged == 0 {
		t.Errorf("a tape about others: %+v", x)
	}
}

// Fails if the recorded run that is exact by its seed is made by its tape, or if a recording of a recording differs.
func TestRecordTwice(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.seed"), filepath.Join(dir, "two.seed")
	with(t, counter(), "run", "counter", "--seed", "9", "--set", "adds=30", "--record", one)
	r, code, stderr := with(t, counter(), "replay", one, "--record", two)
	if r.Replay.Same != "exact" || r.Replay.Tape != nil || code != 0 {
		t.Errorf("%+v, exit code %d, %s", r.Replay, code, stderr)
	}
	if a, b := rewrite(t, one, func(*seedfile.File) {}), rewrite(t, two, func(*seedfile.File) {}); a != b || !strings.Contains(a, "\ntape ") || !strings.Contains(a, "\nplan ") {
		t.Errorf("%s\nand recorded again\n%s", a, b)
	}
}

// Fails if a run that was ended by a check of copies is taken for one that is never the same when it is replayed without that check.
func TestReplayWithOtherChecks(t *testing.T) {
	for _, checked := range []bool{false, true} {
		like, unlike := []string{"--check-clones"}, []string(nil)
		if !checked {
			like, unlike = unlike, like
		}
		first, _, _ := with(t, forked(), append([]string{"run", "forked", "--seed", "3"}, like...)...)
		if r, code, stderr := with(t, forked(), append([]string{"replay", first.Token}, like...)...); r.Replay.Same != "exact" || code == 3 {
			t.Errorf("checked %v, the same flags: %+v, exit code %d, %s", checked, r.Replay, code, stderr)
		}
		r, code, stderr := with(t, forked(), append([]string{"replay", first.Token}, unlike...)...)
		word := map[bool]string{true: "with", false: "without"}[checked]
		if r.Replay.Same != "diverged" || code == 3 || !strings.Contains(stderr, "it was made "+word+" --check-clones") {
			t.Errorf("checked %v, other flags: %+v, exit code %d, %s", checked, r.Replay, code, stderr)
		}
	}
}
