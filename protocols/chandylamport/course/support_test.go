package course

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
)

var update = flag.Bool("update", false, "write the expected snapshots in testdata, by the reference")

// scenario is what the command runs.
func scenario() *sim.Scenario { return Scenario() }

// A bundle is the texts of a case.
type bundle struct {
	top, events string
	delays      *string
	snaps       []string
}

func (b *bundle) files() map[string][]sim.File {
	f := map[string][]sim.File{topologyFlag: {{Name: "t.top", Text: b.top}}, scriptFlag: {{Name: "t.events", Text: b.events}}}
	if b.delays != nil {
		f[delaysFlag] = []sim.File{{Name: "t.delays", Text: *b.delays}}
	}
	for _, s := range b.snaps {
		f[expectFlag] = append(f[expectFlag], sim.File{Name: "t.snap", Text: s})
	}
	return f
}

// run runs a case as the command does.
func (b *bundle) run(t testing.TB, seed uint64, settings ...string) (sim.Verdict, error) {
	t.Helper()
	s := scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Import.Read(b.files(), sim.Config{Seed: seed, Options: o})
	if err != nil {
		return sim.Verdict{}, err
	}
	if in.Bare != (len(b.snaps) == 0) {
		t.Errorf("bare %v with %d expected snapshots", in.Bare, len(b.snaps))
	}
	if o, err = s.ParseOptions(append(slices.Clone(settings), in.Settings...)); err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0), nil
}

// ok runs a case in which all is right.
func (b *bundle) ok(t testing.TB, seed uint64) sim.Verdict {
	t.Helper()
	v, err := b.run(t, seed)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, b.top, b.events)
	}
	if v.Outcome != sim.OK {
		t.Fatalf("seed %d: %v %s: %s\n%s\n%s\n%s", seed, v.Outcome, v.Property, v.Why, account(v), b.top, b.events)
	}
	return v
}

// account is what a run has to tell.
func account(v sim.Verdict) string {
	var texts []string
	for _, a := range v.Accounts {
		texts = append(texts, a.Text)
	}
	return strings.Join(texts, "\n")
}

// check returns how a property fared.
func check(t testing.TB, v sim.Verdict, name string) sim.Check {
	t.Helper()
	for _, c := range v.Checks {
		if c.Property == name {
			return c
		}
	}
	t.Fatalf("there is no property %s", name)
	return sim.Check{}
}

// numbers reads delays.
func numbers(t testing.TB, text string) (list []int) {
	t.Helper()
	d, err := ParseDelays("delays", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range d {
		list = append(list, int(n))
	}
	return list
}

// cases are those of testdata: NAME.top, NAME.events, NAME.delays, and NAME.0.snap and so on.
func cases(t testing.TB) (names []string, bundles []bundle) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.top")
	if err != nil || len(paths) < 9 {
		t.Fatalf("%d cases: %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(path, ".top")
		delays := content(t, name+".delays")
		b := bundle{top: content(t, path), events: content(t, name+".events"), delays: &delays}
		for i := range 100 {
			text, err := os.ReadFile(snapshotFile(name, i))
			if errors.Is(err, os.ErrNotExist) {
				break
			}
			b.snaps = append(b.snaps, string(text))
		}
		names, bundles = append(names, name), append(bundles, b)
	}
	return names, bundles
}

func snapshotFile(name string, n int) string {
	return name + "." + string(rune('0'+n)) + ".snap"
}

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
