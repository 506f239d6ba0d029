package zoo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// compiled are the endings of files that the Go tool makes a program of.
var compiled = []string{".go", ".s", ".S", ".sx", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".swig", ".swigcxx", ".syso"}

// naming are files that say which modules belong to a program, and in which version.
var naming = []string{"go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt"}

// hashSources returns a hash of all files of which a program of the module could be made: the code in its folders and in those that its
// go.mod or a go.work names, and what they embed. Tests are left out, and so is everything else that may lie about, such as the log
// of a score that is being made. Modules from elsewhere are named by go.sum. What GOFLAGS brings along, by -modfile or -overlay, is not seen.
func hashSources(root string) (string, error) {
	folders, err := foldersOf(root)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if work := workFile(folders[0]); work != "" {
		if _, err := hashFile(h, work); err != nil {
			return "", err
		}
	}
	for _, folder := range folders {
		if err := hashFolder(h, folder); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// foldersOf lists the folder of the module, and others on this machine that are a part of its programs.
func foldersOf(root string) ([]string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	folders := []string{root}
	main := []string{filepath.Join(root, "go.mod")}
	if work := workFile(root); work != "" {
		main = append(main, work)
	}
	for len(main) > 0 {
		text, err := os.ReadFile(main[0])
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, folder := range named(string(text), filepath.Dir(main[0])) {
			if !slices.Contains(folders, folder) {
				folders = append(folders, folder)
				main = append(main, filepath.Join(folder, "go.mod")) // a work's modules may have others put in the place of some
			}
		}
		main = main[1:]
	}
	return folders, nil
}

// workFile returns the go.work that the module is built with; "" if there is none.
func workFile(root string) string {
	if set := os.Getenv("GOWORK"); set == "off" {
		return ""
	} else if set != "" {
		return set
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		if name := filepath.Join(dir, "go.work"); isFile(name) {
			return name
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// named lists the folders that a go.mod or a go.work in dir names: words that are paths, as no name of a module is.
func named(text, dir string) (folders []string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		for _, word := range strings.Fields(line) {
			word = filepath.FromSlash(strings.Trim(word, "\"`"))
			switch first, _, _ := strings.Cut(word, string(filepath.Separator)); {
			case filepath.IsAbs(word):
			case first == "." || first == "..":
				word = filepath.Join(dir, word)
			default:
				continue
			}
			folders = append(folders, word)
		}
	}
	return folders
}

// hashFolder adds the files in a folder and below. One that is not there is left to the Go tool to complain about.
func hashFolder(h hash.Hash, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it was removed while we looked, or never was
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !isSource(d.Name()) || !isFile(path):
			return nil
		}
		text, err := hashFile(h, path)
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		return hashEmbedded(h, filepath.Dir(path), string(text))
	})
}

func isSource(name string) bool {
	return slices.Contains(naming, name) || slices.Contains(compiled, filepath.Ext(name)) && !strings.HasSuffix(name, "_test.go")
}

// isFile reports whether there is a file of that name, or a link to one.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func hashFile(h hash.Hash, path string) (text []byte, err error) {
	if text, err = os.ReadFile(path); err == nil {
		fmt.Fprintf(h, "%s %d\n", path, len(text))
		h.Write(text)
	}
	return text, err
}

// hashEmbedded adds the files that a Go file in dir embeds.
func hashEmbedded(h hash.Hash, dir, text string) error {
	for line := range strings.Lines(text) {
		patterns, ok := strings.CutPrefix(line, "//go:embed ")
		if !ok {
			continue
		}
		for _, pattern := range strings.Fields(patterns) {
			pattern = strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:")
			found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
			if err != nil {
				continue // the compiler will complain
			}
			for _, path := range found {
				if err := hashAll(h, path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// hashAll adds a file, or all files in a folder and below.
func hashAll(h hash.Hash, path string) error {
	return filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			_, err = hashFile(h, path)
		}
		return err
	})
}

// sumOf returns a hash over the bytes of a program, as text.
func sumOf(program string) ([]byte, error) {
	text, err := os.ReadFile(program)
	sum := sha256.Sum256(text)
	return []byte(hex.EncodeToString(sum[:])), err
}

// isWhole reports whether a program is as it was when its sum was written down beside it: no crash of the machine cut it
// short, and nobody changed it.
func isWhole(program string) bool {
	info, err := os.Stat(program)
	if err != nil || info.Mode()&0o111 == 0 && filepath.Ext(program) != ".exe" {
		return false
	}
	want, err := os.ReadFile(program + sumSuffix)
	if err != nil {
		return false
	}
	got, err := sumOf(program)
	return err == nil && bytes.Equal(got, want)
}

// sumSuffix is added to the name of a program for the file of its sum.
const sumSuffix = ".sum"

// put writes a file unless it says the same already. It comes into being whole, for there may be others who read it.
func put(name string, text []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	half, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	_, err = half.Write(text)
	if err := errors.Join(err, half.Close()); err != nil {
		return err
	}
	return os.Rename(half.Name(), name)
}
