package search

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// charged reads a package of one file and returns what is charged to the code on a line of it: by cause, the weight and the
// evidence.
func charged(t *testing.T, text string, line int) map[Cause]charge {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var x docket
	x.source([]Frame{{"p.system.func1", path, line}})
	list := make(map[Cause]charge)
	for _, c := range x.charges {
		list[c.cause] = c
	}
	return list
}

const literals = `package p

import ("math/rand"; "os"; "time")

func system(add func(...func())) {
	add(func() {
		_ = time.Now() // 7
		helper()
	}, func() {
		for range map[int]int{} { // 10
			defer func() { _ = rand.Int() }()
		}
	}, func() { _ = os.Getenv("A") }, func() { _ = rand.Int() }) // 13
	println() // 14
}

func helper() { _ = os.Getenv("B") }
`

// Fails if a function literal, such as a script, is charged with what its neighbours do, or the function around it is not charged
// with what they do.
func TestSourceOfFunctionLiterals(t *testing.T) {
	for line, want := range map[int]string{
		7:  "an environment variable, the wall clock",
		10: "global randomness, map order",
		11: "global randomness", // in the innermost
		13: "an environment variable, global randomness",
		14: "an environment variable, global randomness, map order, the wall clock",
	} {
		got := charged(t, literals, line)
		for _, c := range []Cause{Environment, GlobalRandom, MapOrder, WallClock} {
			if _, is := got[c]; is != strings.Contains(want, string(c)) {
				t.Errorf("line %d is charged with %v: want %s", line, got, want)
			}
		}
	}
}

// Fails if what stands in the source ten times weighs more than once, so that it could outweigh what runs have shown; or if the
// place that counts is not the nearest.
func TestSourceWeighsOnce(t *testing.T) {
	got := charged(t, "package p\nimport \"time\"\nfunc f() {\n_ = time.Now()\n_ = time.Now()\ng()\n}\nfunc g() { _ = time.Now() }\n", 4)
	if c := got[WallClock]; c.weight != stands || len(c.evidence) != 3 {
		t.Errorf("weight %d by %q: want %d by three places", c.weight, c.evidence, stands)
	}
}

// Fails if a range over the keys of a map is not seen because package maps makes it, or if keys that are sorted are charged.
func TestSourceOfMapsPackage(t *testing.T) {
	const head = "package p\nimport (\"maps\"; \"slices\")\nvar m map[int]int\nfunc f() {\n"
	for line, is := range map[string]bool{
		"for range maps.Keys(m) {}": true, "_ = slices.Collect(maps.Values(m))": true, "_ = maps.Clone(m)": false,
		"_ = slices.Sorted(maps.Keys(m))": false, "_ = slices.SortedFunc(maps.Keys(m), nil)": false,
	} {
		if _, charged := charged(t, head+line+"\n}\n", 5)[MapOrder]; charged != is {
			t.Errorf("%s: charged %v, want %v", line, charged, is)
		}
	}
}

// Fails if a file of this module is not found by the name that a program built with -trimpath has for it, from a folder below the module's; or if one of another
// module, or one that is named in full, is taken for another.
func TestFilesWithoutTheirPath(t *testing.T) {
	here, err := filepath.Abs("suspect_source_test.go")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(string(filepath.Separator), "a", "simrun", "b.go")
	for file, want := range map[string]string{"simrun/search/suspect_source_test.go": here, "simrunner/search/a.go": "simrunner/search/a.go", "b.org/c@v1.2.3/d.go": "b.org/c@v1.2.3/d.go", elsewhere: elsewhere} {
		if got := onDisk(file); got != want {
			t.Errorf("%s is at %s, want %s", file, got, want)
		}
	}
}
