package cli

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/sim"
)

// It fails if a seed is read as another number, or if something is read that is none.
func TestParseSeed(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "7": 7, "010": 10, "0x2a": 42, "0X2A": 42, "18446744073709551615": math.MaxUint64, "0xffffffffffffffff": math.MaxUint64} {
		if got, err := parseSeed(text); err != nil || got != want {
			t.Errorf("parseSeed(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "-1", "+1", "1_000", "0x", "0xg", "1e3", "18446744073709551616", " 7"} {
		if got, err := parseSeed(text); err == nil {
			t.Errorf("parseSeed(%q) = %d, want an error", text, got)
		}
	}
}

// It fails if any text makes the parsers of flags panic, or gives a range that is empty.
func FuzzSeeds(f *testing.F) {
	for _, s := range []string{"0:10000", "9:3", "0x0:0x10", ":", "5", "1:2:3", "0:18446744073709551615"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		from, to, err := parseSeeds(s)
		if err == nil && from >= to {
			t.Errorf("%q gives the empty range %d to %d", s, from, to)
		}
		if err != nil && strings.Contains(oneLine(err.Error()), "\n") {
			t.Errorf("%q gives an error of several lines", s)
		}
	})
}

// It fails if shards overlap, leave a gap or differ by more than a seed in length.
func TestShardsAreTheWhole(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 7, 100} {
		for _, r := range [][2]uint64{{0, 10}, {5, 105}, {0, 10000}, {0, math.MaxUint64}} {
			next := r[0]
			least, most := uint64(math.MaxUint64), uint64(0)
			for i := uint64(1); i <= n; i++ {
				from, to := shard{i, n}.of(r[0], r[1])
				if from != next || to < from {
					t.Fatalf("part %d/%d of %v is %d to %d and begins at %d", i, n, r, from, to, next)
				}
				least, most, next = min(least, to-from), max(most, to-from), to
			}
			if next != r[1] || most-least > 1 {
				t.Errorf("%d parts of %v end at %d and have %d to %d seeds", n, r, next, least, most)
			}
		}
	}
	for _, text := range []string{"0/2", "3/2", "1", "/", "a/b", "-1/2", "1/2/3"} {
		if _, err := parseShard(text); err == nil {
			t.Errorf("--shard %s is accepted", text)
		}
	}
}

// It fails if a suggestion is far-fetched, or a slip of one letter gets none.
func TestDidYouMean(t *testing.T) {
	known := []string{"paxos", "paxos-kv", "twopc"}
	for got, want := range map[string]string{
		"paxso": ": did you mean paxos?", "Paxos": ": did you mean paxos?", "paxoskv": ": did you mean paxos-kv?", "2pc": ";", "": ";", "xyzzy": ";",
	} {
		if s := didYouMean(got, known); s != want {
			t.Errorf("didYouMean(%q) = %q, want %q", got, s, want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if distance(c.a, c.b) != distance(c.b, c.a) {
			t.Errorf("the distance of %q and %q depends on the order", c.a, c.b)
		}
	}
}

// It fails if a printed command cannot be pasted: the binary of go run is gone by then, and a path with
// spaces needs quotes.
func TestPasteable(t *testing.T) {
	info := &debug.BuildInfo{Path: "example.com/counter/cmd/check"}
	for arg0, want := range map[string]string{
		"/tmp/go-build123/b001/exe/check": "go run example.com/counter/cmd/check",
		"./check":                         "./check",
		"/opt/my tools/check":             "'/opt/my tools/check'",
		"sh":                              "sh",
	} {
		if got := pasteable(arg0, info); got != want {
			t.Errorf("pasteable(%q) = %s, want %s", arg0, got, want)
		}
	}
	// In the root of its module a package has a shorter name.
	info.Main.Path = "example.com/counter"
	t.Chdir(t.TempDir())
	for mod, want := range map[string]string{
		"module example.com/counter\n":        "go run ./cmd/check",
		"module \"example.com/counter\" // x": "go run ./cmd/check",
		"module example.com/other\n":          "go run example.com/counter/cmd/check",
		"":                                    "go run example.com/counter/cmd/check",
	} {
		if err := os.WriteFile("go.mod", []byte(mod), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := pasteable("/tmp/go-build123/b001/exe/check", info); got != want {
			t.Errorf("with go.mod %q: %s, want %s", mod, got, want)
		}
	}
	info.Path = info.Main.Path
	if err := os.WriteFile("go.mod", []byte("module example.com/counter"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := pasteable("/tmp/go-build123/b001/exe/counter", info); got != "go run ." {
		t.Errorf("the main package in the root is %s", got)
	}
	if got := pasteable("/tmp/go-build123/x", nil); got != "/tmp/go-build123/x" {
		t.Errorf("without build information: %s", got)
	}
}

// It fails if endings get other codes than promised, or if the worse of two is not the worse.
func TestExitCodes(t *testing.T) {
	for o, want := range map[sim.Outcome]int{sim.OK: 0, sim.Undecided: 4, sim.Stalled: 1, sim.Violated: 1} {
		if got := codeOf(o); got != want {
			t.Errorf("%v ends with %d, want %d", o, got, want)
		}
	}
	order := []int{exitOK, exitUnknown, exitFailed, exitDiverged}
	for i, a := range order {
		for j, b := range order {
			if got := worse(a, b); got != order[max(i, j)] {
				t.Errorf("worse(%d, %d) = %d", a, b, got)
			}
		}
	}
	if endAs(exitOK) != nil {
		t.Error("code 0 is an error")
	}
	var e *ending
	if err := usage("bad %d", 7); !errors.As(err, &e) || e.code != exitUsage || err.Error() != "bad 7" {
		t.Errorf("usage gives %v", err)
	}
}

// progress is a hunt that has come half way and found something.
func progress(done uint64, elapsed time.Duration, last *search.Failure) search.Progress {
	p := search.Progress{Done: done, Total: 2000, Elapsed: elapsed, Last: last}
	if last != nil {
		p.Failures, p.Distinct = 12, 1
	}
	return p
}

// It fails if a style writes what another does: a carriage return off a terminal, or plain lines more
// often than promised.
func TestMeterStyles(t *testing.T) {
	failure := &search.Failure{Seed: 0x2a, Outcome: sim.Violated, Property: "agreement", Why: strings.Repeat("two values\n", 20)}
	told := "seed 0x2a violated agreement: two values two values two values two values two v…\n"
	for style, want := range map[string]string{
		"none": "",
		"plain": "1,000/2,000 seeds  100/s  10s left\n" + told +
			"1,500/2,000 seeds  50/s  12 failing, 1 distinct  10s left\n",
		"tty": "\r\x1b[K10/2,000 seeds  10/s  3m19s left" +
			"\r\x1b[K1,000/2,000 seeds  100/s  10s left" + "\r\x1b[K" + told +
			"\r\x1b[K1,100/2,000 seeds  100/s  12 failing, 1 distinct  9s left" +
			"\r\x1b[K1,500/2,000 seeds  50/s  12 failing, 1 distinct  10s left\r\x1b[K",
		"json": `{"done":10,"total":2000,"failures":0,"distinct":0,"reached":0,"since":0,"elapsed_s":1,"runs_per_s":10}` + "\n" +
			`{"done":1000,"total":2000,"failures":0,"distinct":0,"reached":0,"since":0,"elapsed_s":10,"runs_per_s":100}` + "\n" +
			`{"done":1100,"total":2000,"failures":12,"distinct":1,"reached":0,"since":0,"elapsed_s":11,"runs_per_s":100}` + "\n" +
			`{"done":1500,"total":2000,"failures":12,"distinct":1,"reached":0,"since":0,"elapsed_s":30,"runs_per_s":50}` + "\n",
	} {
		var b strings.Builder
		m, err := newMeter(style, &b)
		if err != nil {
			t.Fatal(err)
		}
		m.show(progress(10, time.Second, nil))
		m.show(progress(1000, 10*time.Second, nil))
		m.show(progress(1100, 11*time.Second, failure))
		m.show(progress(1500, 30*time.Second, failure))
		m.end()
		if got := b.String(); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", style, got, want)
		}
	}
	if m, err := newMeter("auto", &strings.Builder{}); err != nil || m.style != "plain" {
		t.Errorf("auto off a terminal is %+v, %v; want plain", m, err)
	}
}

// It fails if a hunt without an end is given one, or divides by no time at all.
func TestProgressWithoutTotal(t *testing.T) {
	if got := line(search.Progress{Done: 1234, Elapsed: 2 * time.Second}); got != "1,234 seeds  617/s  2s" {
		t.Errorf("got %q", got)
	}
	if got := line(search.Progress{Total: 10}); got != "0/10 seeds  0/s  0s" {
		t.Errorf("got %q", got)
	}
	if share(1, 0) != 0 || rate(5, 0) != 0 {
		t.Error("a share or rate of nothing is not 0")
	}
}

// It fails if colours are printed to what is no terminal without being asked for.
func TestWantColour(t *testing.T) {
	for when, want := range map[string]bool{"always": true, "never": false, "auto": false} {
		if got, err := wantColour(when, &strings.Builder{}); err != nil || got != want {
			t.Errorf("--color %s: %v, %v", when, got, err)
		}
	}
	if _, err := wantColour("sometimes", nil); err == nil {
		t.Error("--color sometimes is accepted")
	}
}

// It fails if durations are not printed as people type them.
func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "1s", 2 * time.Minute: "2m", time.Hour: "1h", 90 * time.Minute: "1h30m", 61 * time.Second: "1m1s", 0: "0s"} {
		if got := durationText(d); got != want {
			t.Errorf("%v is printed %s, want %s", d, got, want)
		}
	}
}

// It fails if the sentence for a shell's completion runs on.
func TestFirstSentence(t *testing.T) {
	for doc, want := range map[string]string{"": "", "One.": "One", "One\nline. Two.": "One line", "v1.2 only": "v1.2 only"} {
		if got := firstSentence(doc); got != want {
			t.Errorf("firstSentence(%q) = %q, want %q", doc, got, want)
		}
	}
}

// Fails if a program may take many times the memory that it needs, or if what the environment says of that is not heeded.
func TestCollect(t *testing.T) {
	percent, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(7<<40)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	for _, x := range []struct {
		env     map[string]string
		percent int
		limit   int64
	}{
		{map[string]string{"GOGC": "70", "GOMEMLIMIT": "7TiB"}, 70, 7 << 40},
		{map[string]string{"GOMEMLIMIT": "off"}, gcPercent, 7 << 40},
		{map[string]string{"GOGC": "off"}, 70, gcLimit},
		{nil, gcPercent, gcLimit},
	} {
		debug.SetGCPercent(70)
		debug.SetMemoryLimit(7 << 40)
		collect(func(name string) string { return x.env[name] })
		if p, l := debug.SetGCPercent(70), debug.SetMemoryLimit(-1); p != x.percent || l != x.limit {
			t.Errorf("%v: garbage is collected at %d %%, or at %d bytes", x.env, p, l)
		}
	}
}
