package zoo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// A Builder makes programs that have a bug. It keeps them in its cache.
type Builder struct {
	Root    string // of the module that the patches are about: the folder of its go.mod
	Program string // the import path of the main package
	Named   string // a variable of type string, as PATH.NAME, that is set to the bug's name when the program is linked
	Cache   string // a folder; "": simrun/zoo in the user's cache

	sources string // a hash of all sources, once they were read
}

// kept is for how long a program that nobody starts stays in the cache, and most how many there may be of those that nobody has asked for in the time
// spared: a score asks for each once and starts it for hours, so what is younger is left alone whatever the number.
const (
	kept   = 7 * 24 * time.Hour
	most   = 300
	spared = 24 * time.Hour
)

// Key names the program with the bug by all that it is made of.
func (b *Builder) Key(bug *Bug) (string, error) {
	dir, err := b.place(bug)
	return filepath.Base(dir), err
}

// Build returns the path of the program with the bug. If the cache has one that was made of the same sources, that is it; else it takes
// as long as the Go tool does. The errors are about the patch, the cache or the Go tool, and one line each but for what the compiler says.
func (b *Builder) Build(ctx context.Context, bug *Bug) (program string, err error) {
	dir, err := b.place(bug)
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, "program")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if isWhole(program) {
		touch(dir)
		return program, nil
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		return "", errors.New("a bug is compiled when it is asked for, and there is no go command in the PATH: install Go 1.26 or later")
	}
	flags, err := b.flags(bug, dir)
	if err != nil {
		return "", err
	}
	// The name in the cache is given last, so that a build which is cut off leaves no half program there.
	aside, err := os.MkdirTemp(dir, "half")
	if err != nil {
		return "", fmt.Errorf("the cache: %w", err)
	}
	defer os.RemoveAll(aside)
	half := filepath.Join(aside, filepath.Base(program))
	flags[len(flags)-1] += " -s -w" // nobody debugs it, and the table of symbols is a third of it
	args := append([]string{"build", "-buildvcs=false", "-o", half}, flags...)
	if err := b.compile(ctx, bug, tool, append(args, b.Program)); err != nil {
		return "", err
	}
	// What was compiled must be what the name in the cache says.
	if now, err := hashSources(b.Root); err != nil || now != b.sources {
		return "", fmt.Errorf("the source changed while %s was compiled: start again", bug.Name)
	}
	sum, err := sumOf(half)
	if err := errors.Join(err, os.Rename(half, program), put(program+sumSuffix, sum)); err != nil {
		return "", fmt.Errorf("the cache: %w", err)
	}
	b.sweep()
	return program, nil
}

// compile runs the Go tool. If it is interrupted, it gets the time to remove its own files.
func (b *Builder) compile(ctx context.Context, bug *Bug, tool string, args []string) error {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = b.Root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s does not compile: %w\n%s", bug.Name, err, bytes.TrimSpace(out))
	}
	return nil
}

// Flags returns what go build and go test must be told to compile the module with the bug, one word each: go test FLAGS ./... has it then.
func (b *Builder) Flags(bug *Bug) ([]string, error) {
	dir, err := b.place(bug)
	if err != nil {
		return nil, err
	}
	flags, err := b.flags(bug, dir)
	touch(dir)
	return flags, err
}

// Diff returns the patch as a diff against the source as it is now.
func (b *Builder) Diff(bug *Bug) (string, error) {
	return bug.Refresh(func(name string) ([]byte, error) { return os.ReadFile(b.path(name)) })
}

// flags writes the changed files and the overlay into the folder.
func (b *Builder) flags(bug *Bug, dir string) ([]string, error) {
	files, err := bug.Apply(func(name string) ([]byte, error) { return os.ReadFile(b.path(name)) })
	if err != nil {
		return nil, err
	}
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for _, name := range bug.Files() {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return nil, fmt.Errorf("the cache: %w", err)
		}
		if err := put(to, files[name]); err != nil {
			return nil, fmt.Errorf("the cache: %w", err)
		}
		from, err := filepath.Abs(b.path(name)) // what an overlay names in another way is passed over in silence
		if err != nil {
			return nil, err
		}
		overlay.Replace[from] = to
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := put(list, text); err != nil {
		return nil, fmt.Errorf("the cache: %w", err)
	}
	return []string{"-overlay=" + list, "-ldflags=-X=" + b.Named + "=" + bug.Name}, nil
}

// path returns where a file of the module is.
func (b *Builder) path(name string) string { return filepath.Join(b.Root, filepath.FromSlash(name)) }

// cache returns the folder of the cache.
func (b *Builder) cache() (string, error) {
	if b.Cache != "" {
		return b.Cache, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("programs with bugs are kept in the user's cache: %w", err)
	}
	return filepath.Join(dir, "simrun", "zoo"), nil
}

// place returns the folder in the cache of this bug in these sources, for this machine.
func (b *Builder) place(bug *Bug) (string, error) {
	if b.sources == "" {
		var err error
		if b.sources, err = hashSources(b.Root); err != nil {
			return "", fmt.Errorf("the sources in %s: %w", b.Root, err)
		}
	}
	root, err := filepath.Abs(b.Root)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	about := []string{b.sources, root, b.Program, b.Named, bug.Name, bug.Patch, runtime.Version()}
	for _, name := range []string{"GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "CGO_ENABLED", "GOTOOLCHAIN", "GOWORK", "GOAMD64"} {
		about = append(about, os.Getenv(name))
	}
	for _, s := range about {
		fmt.Fprintf(h, "%d:%s\n", len(s), s)
	}
	cache, err := b.cache()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, hex.EncodeToString(h.Sum(nil)[:16])), nil
}

// touch says that somebody has used what is in a folder of the cache.
func touch(dir string) {
	now := time.Now()
	_ = os.Chtimes(dir, now, now) // only the sweeping would miss it
}

// sweep removes what nobody has started for long, and of more than can be kept those that were not started for longest. What it cannot remove stays.
func (b *Builder) sweep() {
	cache, err := b.cache()
	if err != nil {
		return
	}
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	var dirs []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() {
			dirs = append(dirs, info)
		}
	}
	slices.SortFunc(dirs, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for i, d := range dirs {
		if age := time.Since(d.ModTime()); age > kept || i >= most && age > spared {
			os.RemoveAll(filepath.Join(cache, d.Name()))
		}
	}
}
