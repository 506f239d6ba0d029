package mutate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// BadInput is an error about what was asked for: it can be mended by whoever asked. Its text is one line.
type BadInput struct{ Text string }

// Error returns the text.
func (e *BadInput) Error() string { return e.Text }

func badInput(format string, args ...any) error { return &BadInput{fmt.Sprintf(format, args...)} }

// A pkg is a package and its sources.
type pkg struct {
	ImportPath   string
	Name         string
	Dir          string
	GoFiles      []string
	CgoFiles     []string // they cannot be replaced by others: they are left as they are
	TestGoFiles  []string
	XTestGoFiles []string

	IgnoredGoFiles []string // by build constraints
	Error          *struct{ Err string }

	goTool  string
	from    string // the folder in which the pattern was given
	sources map[string][]byte
}

// load finds one package by what a person calls it in folder dir, and reads its files.
func load(ctx context.Context, dir, pattern string) (*pkg, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, badInput("there is no Go tool in the PATH, and mutants are compiled by it: install Go, or add its folder bin to the PATH")
	}
	if pattern == "" || strings.HasPrefix(pattern, "-") {
		return nil, badInput("%q names no package", pattern)
	}
	cmd := exec.CommandContext(ctx, tool, "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles,Error", "--", pattern)
	cmd.Dir = dir
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, badInput("go list %s: %s", pattern, inOneLine(complaints.String(), err))
	}
	p, err := onlyOne(out, pattern)
	if err != nil {
		return nil, err
	}
	p.goTool, p.from, p.sources = tool, dir, make(map[string][]byte)
	for _, name := range p.GoFiles {
		if p.sources[name], err = os.ReadFile(filepath.Join(p.Dir, name)); err != nil {
			return nil, badInput("%v", err)
		}
	}
	return p, nil
}

// onlyOne reads what go list says of a pattern: it must be one package, without mistakes, that has tests.
func onlyOne(out []byte, pattern string) (*pkg, error) {
	var all []*pkg
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		p := new(pkg)
		if err := d.Decode(p); err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
	switch {
	case len(all) == 0:
		return nil, badInput("%s matches no package", pattern)
	case len(all) > 1:
		return nil, badInput("%s is %d packages, %s, %s and so on: name one", pattern, len(all), all[0].ImportPath, all[1].ImportPath)
	}
	switch p := all[0]; {
	case p.Error != nil:
		return nil, badInput("%s: %s", pattern, inOneLine(p.Error.Err, nil))
	case p.ImportPath == "command-line-arguments":
		return nil, badInput("%s is a file: name its package, and the file by --at", pattern)
	case len(p.TestGoFiles)+len(p.XTestGoFiles) == 0:
		return nil, badInput("%s has no tests: nothing could kill a mutant%s", p.ImportPath, p.constrained())
	case len(p.GoFiles) == 0 && len(p.CgoFiles) > 0:
		return nil, badInput("%s has nothing but files that use cgo, which are not changed", p.ImportPath)
	case len(p.GoFiles) == 0:
		return nil, badInput("%s has nothing but tests: there is nothing to change", p.ImportPath)
	}
	return all[0], nil
}

// constrained says which test was left out by its build constraints, if one was.
func (p *pkg) constrained() string {
	for _, name := range p.IgnoredGoFiles {
		if strings.HasSuffix(name, "_test.go") {
			return fmt.Sprintf("; %s is left out by its build constraints, which GOFLAGS=-tags=... may meet", name)
		}
	}
	return ""
}

// mutants returns all mutants of the package, in the order of its files and lines.
func (p *pkg) mutants() (list []*Mutant, err error) {
	for _, name := range p.GoFiles {
		of, err := mutants(name, p.sources[name])
		if err != nil {
			return nil, badInput("%s", inOneLine(err.Error(), nil))
		}
		list = append(list, of...)
	}
	return list, nil
}

// inOneLine joins what a tool said; if it said nothing, the error speaks.
func inOneLine(text string, err error) string {
	if s := strings.Join(strings.Fields(text), " "); s != "" {
		return s
	}
	if err == nil {
		err = errors.New("no reason given")
	}
	return err.Error()
}
