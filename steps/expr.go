package steps

import (
	"errors"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"simrun/sim"
)

// A goExpression is how Go code outside of the package of a scenario makes the scenario.
type goExpression struct {
	path string // of the package of the scenario
	pkg  string // its name as the expression has it; "" if it has none, since only a test in that package can make the scenario
	expr string
}

// expression finds out how to make a scenario: it is told, or the scenario says it, or it is the function Scenario of the package of Build.
func expression(s *sim.Scenario, given string) (e goExpression, err error) {
	if e.expr = given; given == "" {
		e.expr = s.Source
	}
	if s.Build == nil {
		return e, errors.New("steps: the scenario has no Build")
	}
	e.path = packageOf(runtime.FuncForPC(reflect.ValueOf(s.Build).Pointer()).Name())
	if e.expr == "" {
		e.expr = "Scenario()"
		if e.path != "main" && !strings.HasSuffix(e.path, "_test") { // else nobody can import it
			e.pkg = plainName(e.path)
			e.expr = e.pkg + "." + e.expr
		}
		return e, nil
	}
	m := qualified.FindStringSubmatch(e.expr)
	if m == nil {
		return e, fmt.Errorf("steps: %q does not make a scenario: want a call such as %q", e.expr, "counter.Scenario()")
	}
	e.pkg = m[1]
	if _, err := parser.ParseExpr(e.expr); err != nil {
		return e, fmt.Errorf("steps: %q is no Go expression: %v", e.expr, err)
	}
	return e, nil
}

// qualified finds the package in the call that makes a scenario.
var qualified = regexp.MustCompile(`^(?:(\w+)\.)?\w+\(.*\)$`)

// packageOf is the import path in the full name of a function: all before the first dot behind the last slash.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	dot := strings.IndexByte(function[slash:], '.')
	if dot < 0 {
		return function
	}
	return strings.ReplaceAll(function[:slash+dot], "%2e", ".")
}

// plainName is what a package of this path is called, as a rule: its last element that is no version.
func plainName(p string) string {
	name := path.Base(p)
	if version.MatchString(name) && path.Dir(p) != "." {
		name = path.Base(path.Dir(p))
	}
	name = strings.TrimPrefix(name, "go-")
	return strings.Map(func(c rune) rune {
		if c == '-' || c == '.' {
			return -1
		}
		return c
	}, name)
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// testPackage is the package of a test of the scenario: an external one, if such a test can make the scenario.
func (e *goExpression) testPackage() string {
	if e.pkg == "" {
		return plainName(e.path)
	}
	return e.pkg + "_test"
}

// within reports whether the expression is used in a file of its own package.
func (e *goExpression) within(pkg string) bool { return e.pkg == "" || e.pkg == pkg }

// imported is the import of the package.
func (e *goExpression) imported() string {
	if path.Base(e.path) == e.pkg {
		return fmt.Sprintf("%q", e.path)
	}
	return fmt.Sprintf("%s %q", e.pkg, e.path)
}

// module is the import path of the module of this package.
func module() string { return path.Dir(reflect.TypeFor[Run]().PkgPath()) }

// PackageOf returns the name of the package that a file of tests must have: that of the Go files beside it, as an external test; "" if there are none, so
// that every name will do.
func PackageOf(file string) (string, error) {
	if !strings.HasSuffix(file, "_test.go") {
		return "", fmt.Errorf("%s: a file of tests ends in _test.go", file)
	}
	p, err := build.ImportDir(filepath.Dir(file), 0)
	if none := new(build.NoGoError); err != nil && !errors.As(err, &none) {
		return "", err
	}
	switch {
	case p.Name != "" && p.Name != "documentation":
		return strings.TrimSuffix(p.Name, "_test") + "_test", nil
	case len(p.XTestGoFiles) > 0:
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, p.XTestGoFiles[0]), nil, parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		return f.Name.Name, nil
	}
	return "", nil
}
