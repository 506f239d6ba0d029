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
	"strings"
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

// kept is for how long a program that nobody starts stays in the cache.
const kept = 7 * 24 * time.Hour

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
	if _, err := os.Stat(program); err == nil && b.alone() {
		now := time.Now()
		_ = os.Chtimes(dir, now, now) // only the sweeping would miss it
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
	half := fmt.Sprintf("%s.%d", program, os.Getpid())
	defer os.Remove(half)
	args := append([]string{"build", "-buildvcs=false", "-o", half}, flags...)
	cmd := exec.CommandContext(ctx, tool, append(args, b.Program)...)
	cmd.Dir = b.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%s does not compile: %w\n%s", bug.Name, err, bytes.TrimSpace(out))
	}
	if err := os.Rename(half, program); err != nil {
		return "", fmt.Errorf("the cache: %w", err)
	}
	b.sweep()
	return program, nil
}

// Flags returns what go build and go test must be told to compile the module with the bug, one word each: go test FLAGS ./... has it then.
func (b *Builder) Flags(bug *Bug) ([]string, error) {
	dir, err := b.place(bug)
	if err != nil {
		return nil, err
	}
	return b.flags(bug, dir)
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
		if err := os.WriteFile(to, files[name], 0o666); err != nil {
			return nil, fmt.Errorf("the cache: %w", err)
		}
		overlay.Replace[b.path(name)] = to
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o666); err != nil {
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

// aside are folders of a module that hold nothing which is compiled into a program.
var aside = []string{"testdata", "docs", "seeds"}

// hashSources returns a hash of all files of which a program of the module could be made: all but tests, texts, and what is aside.
// Other modules are named by go.sum. It is only what stands in a folder elsewhere, by a replace line, that it does not see.
func hashSources(root string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || slices.Contains(aside, name)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md") || strings.HasSuffix(name, Suffix) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", strings.TrimPrefix(path, root), len(text))
		h.Write(text)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// alone reports whether all that the program is made of is in the hash: no go.mod or go.work names a folder elsewhere, where
// sources may have changed. If not, the Go tool is asked each time.
func (b *Builder) alone() bool {
	mod, err := os.ReadFile(b.path("go.mod"))
	if err != nil || bytes.Contains(mod, []byte("=> .")) || bytes.Contains(mod, []byte("=> /")) || os.Getenv("GOWORK") != "" && os.Getenv("GOWORK") != "off" {
		return false
	}
	for dir := b.Root; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// sweep removes what nobody has started for long. What it cannot remove stays.
func (b *Builder) sweep() {
	cache, err := b.cache()
	if err != nil {
		return
	}
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && time.Since(info.ModTime()) > kept {
			os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}
