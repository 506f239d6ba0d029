package steps

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"simrun/sim"
)

// A goExpression is how Go code outside of the package of a scenario makes the scenario.
type goExpression struct {
	path string // of the package of the scenario
	home string // its name; "" if it is not known
	pkg  string // its name as the expression has it; "" if it has none, since only a test in that package can make the scenario
	expr string
}

// Expression returns the Go expression with which tests outside of its package make a scenario: what its field Source says, else a call of the one
// exported function without parameters of the package of its Build that returns a scenario. An error says that there is none, or more than one.
func Expression(s *sim.Scenario) (string, error) {
	e, err := expression(s, "")
	return e.expr, err
}

// expression finds out how to make a scenario: it is told, or the scenario says it, or it is the one function of the package of Build that makes one. Where
// the source of that package is not at hand, that is taken to be Scenario.
func expression(s *sim.Scenario, given string) (e goExpression, err error) {
	if e.expr = given; given == "" {
		e.expr = s.Source
	}
	if s.Build == nil {
		return e, errors.New("steps: the scenario has no Build")
	}
	var file string
	e.path, file = home(s)
	var names []string
	if names, e.home = makers(file); len(names) > 0 {
		names = literal(s, names)
	}
	if e.expr == "" {
		return e, e.find(s, names, file)
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

// find chooses among the functions that make a scenario.
func (e *goExpression) find(s *sim.Scenario, makers []string, file string) error {
	switch {
	case len(makers) == 1:
		e.expr = makers[0] + "()"
	case len(makers) > 1:
		return fmt.Errorf("steps: %s make scenarios in %s: the scenario %s must say in its field Source which makes it, such as %q",
			strings.Join(makers, " and "), e.path, s.Name, e.home+"."+makers[0]+"()")
	case e.home != "":
		return fmt.Errorf("steps: no function of %s that a test could call without parameters makes the scenario %s: its field Source must say what does, such as %q",
			e.path, s.Name, e.home+".Scenario()")
	default:
		e.expr = "Scenario()"
	}
	if e.path == "main" || strings.HasSuffix(e.path, "_test") || strings.HasSuffix(file, "_test.go") {
		return nil // nobody can import it
	}
	if e.pkg = e.home; e.pkg == "" {
		e.pkg = plainName(e.path)
	}
	e.expr = e.pkg + "." + e.expr
	return nil
}

// home is the package of a scenario, and a file of it; "" if none is known, as where all functions are methods, of which the compiler writes a part.
func home(s *sim.Scenario) (pkg, file string) {
	for _, f := range []any{s.Build, s.Properties, s.ModelFor, s.Check, s.Spelt, s.Counts} {
		v := reflect.ValueOf(f)
		if v.IsNil() {
			continue
		}
		fn := runtime.FuncForPC(v.Pointer())
		if pkg == "" {
			pkg = packageOf(fn.Name())
		}
		if name, _ := fn.FileLine(fn.Entry()); pkg == packageOf(fn.Name()) && filepath.IsAbs(name) {
			return pkg, name
		}
	}
	return pkg, ""
}

// literal narrows down what makes a scenario of which the nodes are built by a function literal: its name has that of the function around it. One that stands in a
// test can be called by nobody else.
func literal(s *sim.Scenario, makers []string) []string {
	name := runtime.FuncForPC(reflect.ValueOf(s.Build).Pointer()).Name()
	words := strings.Split(strings.TrimPrefix(name, packageOf(name)), ".")
	for _, m := range makers {
		if slices.Contains(words, m) {
			return []string{m}
		}
	}
	if len(words) > 1 && strings.HasPrefix(words[1], "Test") {
		return nil
	}
	return makers
}

// makers lists the functions without parameters that return a scenario, in the package of a file, and the package's name; "" if its source is not there. They are
// exported, unless the file is one of tests: then it takes a test beside it to call them anyway.
func makers(file string) (names []string, pkg string) {
	if pkg = clause(file); pkg == "" {
		return nil, ""
	}
	tests := strings.HasSuffix(file, "_test.go")
	all, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.go"))
	for _, name := range all {
		if strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil || f.Name.Name != pkg {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && (tests || fn.Name.IsExported()) && fn.Type.Params.NumFields() == 0 && returnsScenario(fn.Type.Results) {
				names = append(names, fn.Name.Name)
			}
		}
	}
	return names, pkg
}

// clause is the name of the package of a file, "" if there is no such file.
func clause(file string) string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return f.Name.Name
}

// returnsScenario reports whether there is one result, a *sim.Scenario.
func returnsScenario(results *ast.FieldList) bool {
	return results.NumFields() == 1 && strings.HasSuffix(types.ExprString(results.List[0].Type), "*sim.Scenario")
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
	switch {
	case e.pkg != "":
		return e.pkg + "_test"
	case e.home != "":
		return e.home
	}
	return plainName(e.path)
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

// NameOf is what a test in a file of its own is called: TestSmallRun in small_run_test.go.
func NameOf(file string) string {
	return "Test" + camel(strings.TrimSuffix(filepath.Base(file), "_test.go"))
}

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
		return clause(filepath.Join(p.Dir, p.XTestGoFiles[0])), nil
	}
	return "", nil
}
