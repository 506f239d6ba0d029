package course

import (
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"simrun/sim"
)

// The expected snapshots in testdata are those of the reference. Fails if they are not, or if a case of testdata does
// not have a file for each of its snapshots.
func TestReferenceWroteTheCases(t *testing.T) {
	names, bundles := cases(t)
	for i, b := range bundles {
		snaps, bad := reference(b.top, b.events, numbers(t, *b.delays))
		if bad > 0 {
			t.Fatalf("%s: line %d of the script cannot be done", names[i], bad)
		}
		if *update {
			for n, text := range snaps {
				if err := os.WriteFile(snapshotFile(names[i], n), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		if !slices.Equal(snaps, b.snaps) {
			t.Errorf("%s: the reference has\n%s\nand the files\n%s\n(rewrite them with -update)", names[i], strings.Join(snaps, "\n"), strings.Join(b.snaps, "\n"))
		}
	}
}

// Every case of testdata comes out as expected, and every snapshot of it is compared.
func TestCases(t *testing.T) {
	names, bundles := cases(t)
	most := 0
	for i, b := range bundles {
		v := b.ok(t, 1)
		for _, name := range []string{"expected", "snapshots", "tokens"} {
			if c := check(t, v, name); c.Checks != uint64(len(b.snaps)) {
				t.Errorf("%s: %d of %d snapshots were judged by %s", names[i], c.Checks, len(b.snaps), name)
			}
		}
		most = max(most, len(b.snaps))
		b.snaps = nil
		want := strings.Join(bundles[i].snaps, "\n")
		if got := account(b.ok(t, 1)); got != want {
			t.Errorf("%s: printed\n%s\nwant\n%s", names[i], got, want)
		}
	}
	if most < 10 {
		t.Errorf("the most snapshots of a case are %d", most)
	}
}

// Whatever delays the seed picks, the snapshots are consistent and hold all tokens; and they differ from seed to seed.
func TestCasesWithDelaysOfTheSeed(t *testing.T) {
	names, bundles := cases(t)
	differ := 0
	for i, b := range bundles {
		b.delays = nil
		for seed := range uint64(10) {
			v := b.ok(t, seed)
			if c := check(t, v, "expected"); c.Checks != uint64(len(b.snaps)) || !strings.Contains(account(v), "the seed picked") {
				t.Errorf("%s: %d snapshots compared: %s", names[i], c.Checks, account(v))
			}
		}
		seen := make(map[string]bool)
		b.snaps = nil
		for seed := range uint64(10) {
			seen[account(b.ok(t, seed))] = true
		}
		if len(seen) > 1 {
			differ++
		}
	}
	if differ < 5 {
		t.Errorf("in %d of %d cases the snapshots depend on the seed: want 5", differ, len(names))
	}
}

// A run of a case from its option alone is the run from its files: so a token replays it.
func TestCaseAsOption(t *testing.T) {
	_, bundles := cases(t)
	s := scenario()
	for _, b := range bundles {
		in, err := s.Import.Read(b.files(), sim.Config{})
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.ParseOptions(in.Settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, cfg := range []sim.Config{{Options: o}, {Options: o, Faults: "none"}} {
			w, err := s.World(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Hash != b.ok(t, 0).Hash {
				t.Error("the run of the option is another one")
			}
		}
	}
}

// A generator makes cases up.
type generator struct{ *rand.Rand }

// topology returns n nodes in a ring, so that all can be reached from everywhere, and some more links.
func (g generator) topology(n int) (text string, links [][2]string) {
	ids := make([]string, n)
	text = fmt.Sprintln(n)
	for i, p := range g.Perm(n + 3)[:n] {
		ids[i] = "N" + strconv.Itoa(p+1)
		text += fmt.Sprintf("%s %d\n", ids[i], g.Intn(8))
	}
	has := make(map[[2]string]bool)
	link := func(a, b string) {
		if l := [2]string{a, b}; a != b && !has[l] {
			has[l] = true
			links = append(links, l)
		}
	}
	for i := range ids {
		if n > 1 {
			link(ids[i], ids[(i+1)%n])
		}
	}
	for range g.Intn(2*n + 1) {
		link(ids[g.Intn(n)], ids[g.Intn(n)])
	}
	g.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
	for _, l := range links {
		text += l[0] + " " + l[1] + "\n"
	}
	return text, links
}

// script returns steps: sends of a few tokens, snapshots, ticks.
func (g generator) script(links [][2]string) (steps []string) {
	for range 5 + g.Intn(40) {
		l := links[g.Intn(len(links))]
		switch g.Intn(8) {
		case 0, 1:
			steps = append(steps, "tick")
		case 2:
			steps = append(steps, fmt.Sprintf("tick %d", 1+g.Intn(4)))
		case 3:
			steps = append(steps, "snapshot "+l[0])
		default:
			steps = append(steps, fmt.Sprintf("send %s %s %d", l[0], l[1], g.Intn(4)))
		}
	}
	return steps
}

// delays returns as many as any of the scripts above needs.
func (g generator) delays(n int) (list []int, text string) {
	for range n {
		d := g.Intn(5)
		list = append(list, d)
		text += strconv.Itoa(d) + []string{" ", "\n"}[g.Intn(2)]
	}
	return list, text
}

// The reference and the implementation agree on cases made up at random, on what is recorded and on which line of a script
// cannot be done.
func TestReferenceAgrees(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 100
	}
	refused, compared := 0, 0
	for i := range rounds {
		g := generator{rand.New(rand.NewSource(int64(i)))}
		top, links := g.topology(2 + g.Intn(9))
		steps := g.script(links)
		list, delays := g.delays(45 * (len(links) + 1))
		snaps, bad := reference(top, strings.Join(steps, "\n"), list)
		for bad > 0 {
			b := bundle{top: top, events: strings.Join(steps, "\n"), delays: &delays}
			refused++
			if _, err := b.run(t, 0); !refuses(err, bad) {
				t.Fatalf("round %d: error %v, want one of line %d of\n%s\n%s", i, err, bad, b.top, b.events)
			}
			steps = slices.Delete(steps, bad-1, bad)
			snaps, bad = reference(top, strings.Join(steps, "\n"), list)
		}
		b := bundle{top: top, events: strings.Join(steps, "\n"), delays: &delays}
		if got, want := account(b.ok(t, 0)), strings.Join(snaps, "\n"); got != want {
			t.Fatalf("round %d: printed\n%s\nwant\n%s\nof\n%s\n%s", i, got, want, b.top, b.events)
		}
		b.snaps = snaps
		if len(snaps) > 0 {
			compared += int(check(t, b.ok(t, 0), "expected").Checks)
		}
	}
	t.Logf("%d cases: %d snapshots compared, %d scripts refused", rounds, compared, refused)
	if compared < rounds || refused < rounds/10 {
		t.Errorf("%d snapshots compared and %d scripts refused: too few", compared, refused)
	}
}

// refuses reports whether the error is of that line, or of a later one that could not be done whatever the delays.
func refuses(err error, line int) bool {
	e, ok := err.(*Error)
	return ok && e.File == "t.events" && (e.Line == line || e.Line > line && strings.Contains(e.Why, "at most"))
}
