package zoo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// files writes files below a folder, by their names.
func files(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

// Fails if a change of something that a program is made of does not change the hash, or if one of something else does: then a score
// that keeps its log in the module would begin from the start each time.
func TestHashSources(t *testing.T) {
	t.Setenv("GOWORK", "")
	for _, c := range []struct {
		file string
		part bool
	}{
		{"m/main.go", true},
		{"m/docs/docs.go", true}, // a package may be called so
		{"m/testdata/x/x.go", true},
		{"m/sub/sum_amd64.s", true},
		{"m/go.mod", true},
		{"m/go.sum", true},
		{"m/page.html", true},
		{"m/story.md", true},
		{"m/a b.txt", true},
		{"m/pages/deep/x", true},
		{"other/other.go", true},
		{"used/used.go", true},
		{"beside/beside.go", true},
		{"go.work", true},
		{"m/main_test.go", false},
		{"m/score.jsonl", false},
		{"m/README.md", false},
		{"m/zoo/x/y.patch", false},
		{"m/.git/x.go", false},
		{"stranger/x.go", false},
	} {
		dir := t.TempDir()
		files(t, dir, map[string]string{
			"m/go.mod": "module m\n\nreplace (\n\tx.org/other => ../other // here\n\tx.org/far v1.2.3 => y.org/far v1.2.4\n)\n", "m/go.sum": "",
			"m/main.go":      "package main\n\nimport _ \"embed\"\n\n//go:embed page.html story.md all:pages \"a*.txt\"\nvar page string\n",
			"m/pages/deep/x": "", "m/page.html": "", "m/story.md": "", "m/a b.txt": "", "m/sub/sum_amd64.s": "", "m/docs/docs.go": "",
			"other/other.go": "", "stranger/x.go": "", "go.work": "go 1.26\n\nuse (\n\t./m\n\t./used\n\t./missing\n)\n",
			"used/go.mod": "module used\nreplace z.org/z => ../beside\n", "used/used.go": "", "beside/beside.go": "",
		})
		root := filepath.Join(dir, "m")
		before, err := hashSources(root)
		if err != nil {
			t.Fatal(err)
		}
		old, _ := os.ReadFile(filepath.Join(dir, c.file))
		files(t, dir, map[string]string{c.file: string(old) + "\n"})
		after, err := hashSources(root)
		if err != nil || (after != before) != c.part {
			t.Errorf("%s was changed, and the hash is another: %t, %v; want %t", c.file, after != before, err, c.part)
		}
	}
}

const clerk = "package main\n\nvar name string\n\nfunc main() {\n\tprintln(name, 1)\n}\n"

// shopWith makes a module of one program, and a Builder of it with a bug.
func shopWith(t *testing.T) (*Builder, *Bug) {
	t.Helper()
	root := t.TempDir()
	files(t, root, map[string]string{"go.mod": "module shop\n\ngo 1.26\n", "main.go": clerk})
	bug := mustParse(t, head+"--- a/main.go\n+++ b/main.go\n@@ -6,1 +6,1 @@\n-\tprintln(name, 1)\n+\tprintln(name, 2)\n")
	return &Builder{Root: root, Program: "shop", Named: "main.name", Cache: filepath.Join(t.TempDir(), "cache")}, bug
}

// again is a Builder of the same, which has read no source yet, as another process is.
func (b *Builder) again() *Builder {
	return &Builder{Root: b.Root, Program: b.Program, Named: b.Named, Cache: b.Cache}
}

func says(t *testing.T, program string) string {
	t.Helper()
	out, err := exec.Command(program).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// Fails if a program lacks its bug when the folder of the module is named as seen from here.
func TestBuildFromHere(t *testing.T) {
	b, bug := shopWith(t)
	t.Chdir(filepath.Dir(b.Root))
	b.Root = filepath.Base(b.Root)
	program, err := b.Build(t.Context(), bug)
	if err != nil {
		t.Fatal(err)
	}
	if got := says(t, program); got != "shop/clerk 2" {
		t.Errorf("the program says %q", got)
	}
}

// Fails if a program lacks its bug or its name; if it is compiled again though nothing has changed; or if one is taken from the
// cache that is of another source, was cut short, was changed, or must not be started.
func TestBuildAndCache(t *testing.T) {
	b, bug := shopWith(t)
	program, err := b.Build(t.Context(), bug)
	if err != nil {
		t.Fatal(err)
	}
	if got := says(t, program); got != "shop/clerk 2" {
		t.Errorf("the program says %q", got)
	}
	path := os.Getenv("PATH")
	t.Setenv("PATH", "")
	if again, err := b.again().Build(t.Context(), bug); again != program || err != nil {
		t.Errorf("got %q, %v, want the program from the cache without the Go tool", again, err)
	}
	whole, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for what, harm := range map[string]func() error{
		"cut short":         func() error { return os.Truncate(program, int64(len(whole)/2)) },
		"empty":             func() error { return os.Truncate(program, 0) },
		"one bit":           func() error { return os.WriteFile(program, append([]byte{whole[0] ^ 1}, whole[1:]...), 0o777) },
		"not to be started": func() error { return os.Chmod(program, 0o600) },
		"no sum":            func() error { return os.Remove(program + sumSuffix) },
		"another source":    func() error { return os.WriteFile(filepath.Join(b.Root, "more.go"), []byte("package main\n"), 0o666) },
	} {
		t.Setenv("PATH", path)
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", "")
		if _, err := b.again().Build(t.Context(), bug); err == nil || !strings.Contains(err.Error(), "no go command in the PATH") {
			t.Errorf("%s: got %v, want it compiled again", what, err)
		}
		t.Setenv("PATH", path)
		if program, err = b.again().Build(t.Context(), bug); err != nil || says(t, program) != "shop/clerk 2" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Fails if several who compile the same bug at once disturb one another, or leave half files.
func TestBuildAtOnce(t *testing.T) {
	b, bug := shopWith(t)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			program, err := b.again().Build(t.Context(), bug)
			if err != nil || says(t, program) != "shop/clerk 2" {
				t.Error(err)
			}
		})
	}
	group.Wait()
	left, err := filepath.Glob(filepath.Join(b.Cache, "*", "*"))
	if want := "main.go overlay.json program program.sum"; err != nil || namesOf(left) != want {
		t.Errorf("the cache has %s, %v, want %s", namesOf(left), err, want)
	}
}

func namesOf(paths []string) string {
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	return strings.Join(names, " ")
}

// goThat puts a program of the name go in the path, which is a script.
func goThat(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\n"+script), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// Fails if an interrupt does not end a compilation, gives the Go tool no time to remove its files, or leaves a program behind.
func TestBuildInterrupted(t *testing.T) {
	b, bug := shopWith(t)
	mark := filepath.Join(t.TempDir(), "mark")
	goThat(t, "trap 'echo tidy >>"+mark+"; exit 1' INT\necho began >"+mark+"\nwhile :; do sleep 0.1; done\n")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !isFile(mark) {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := b.Build(ctx, bug)
	text, _ := os.ReadFile(mark)
	if !errors.Is(err, context.Canceled) || string(text) != "began\ntidy\n" {
		t.Errorf("got %v, and the Go tool did %q", err, text)
	}
	if left, _ := filepath.Glob(filepath.Join(b.Cache, "*", "[hp]*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

// Fails if a program is kept under the name of a source that it was not made of, since somebody edited that meanwhile.
func TestBuildWhileEdited(t *testing.T) {
	b, bug := shopWith(t)
	goThat(t, "echo '// later' >>main.go\nwhile [ $1 != -o ]; do shift; done\necho x >$2\n")
	_, err := b.Build(t.Context(), bug)
	if err == nil || err.Error() != "the source changed while shop/clerk was compiled: start again" {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.Cache, "*", "[hp]*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

// Fails if a program that nobody has started for long stays in the cache, or one that was used goes.
func TestSweep(t *testing.T) {
	b, bug := shopWith(t)
	flags, err := b.Flags(bug)
	if err != nil || len(flags) != 2 {
		t.Fatal(flags, err)
	}
	key, err := b.Key(bug)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-kept - time.Hour)
	for _, name := range []string{key, "other"} {
		files(t, b.Cache, map[string]string{name + "/x": ""})
		if err := os.Chtimes(filepath.Join(b.Cache, name), long, long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Flags(bug); err != nil { // which is a use
		t.Fatal(err)
	}
	b.sweep()
	if left, _ := filepath.Glob(filepath.Join(b.Cache, "*")); namesOf(left) != key {
		t.Errorf("the cache has %v, want %s alone", left, key)
	}
}

// Fails if the cache grows without end, if what goes first is not what was not used for longest, or if what a score may still start goes too.
func TestCacheHoldsSoMany(t *testing.T) {
	if young := leftOf(t, time.Now()); len(young) != most+20 {
		t.Errorf("%d of %d young programs are left", len(young), most+20)
	}
	left := leftOf(t, time.Now().Add(-spared-time.Minute))
	if len(left) != most || filepath.Base(left[most-1]) != fmt.Sprintf("%03d", most-1) {
		t.Errorf("%d old programs are left, want %d", len(left), most)
	}
}

// leftOf sweeps a cache of too many programs, the youngest of that time, and returns what is left, the youngest first.
func leftOf(t *testing.T, now time.Time) []string {
	b := &Builder{Cache: t.TempDir()}
	for i := range most + 20 {
		name := fmt.Sprintf("%03d", i)
		files(t, b.Cache, map[string]string{name + "/x": ""})
		used := now.Add(-time.Duration(i) * time.Second)
		if err := os.Chtimes(filepath.Join(b.Cache, name), used, used); err != nil {
			t.Fatal(err)
		}
	}
	b.sweep()
	left, err := filepath.Glob(filepath.Join(b.Cache, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}
