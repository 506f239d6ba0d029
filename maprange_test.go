package simrun

import (
	"go/ast"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// The order of a map differs from run to run, so below sim and protocols a function that ranges over one must sort afterwards.
// The rule is coarse on purpose: a call of package sort or slices later in the same function satisfies it.
func TestMapsAreSorted(t *testing.T) {
	if testing.Short() {
		t.Skip("loads types")
	}
	judged := loadAndJudge(t, ".", []string{"./sim/...", "./protocols/...", "./checkers/...", "./workload/..."}, func(where string) {
		t.Errorf("%s: ranges over a map and does not sort", where)
	})
	if judged < 10 {
		t.Errorf("judged only %d packages", judged)
	}
}

// loadAndJudge calls complain for each range over a map that breaks the rule, and returns how many packages it looked at.
func loadAndJudge(t *testing.T, dir string, patterns []string, complain func(where string)) int {
	t.Helper()
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedFiles | packages.NeedImports | packages.NeedDeps, Dir: dir}
	list, err := packages.Load(cfg, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		for _, e := range p.Errors {
			t.Fatalf("%s: %v", p.PkgPath, e)
		}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				for _, r := range mapRanges(fn, p.TypesInfo) {
					if !sortsAfter(fn, r, p.TypesInfo) {
						complain(p.Fset.Position(r.Pos()).String())
					}
				}
			}
		}
	}
	return len(list)
}

func mapRanges(fn *ast.FuncDecl, info *types.Info) (list []ast.Node) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if _, ok := info.TypeOf(n.X).Underlying().(*types.Map); ok {
				list = append(list, n)
			}
		case *ast.SelectorExpr:
			if f, ok := info.Uses[n.Sel].(*types.Func); ok && f.FullName() == "(reflect.Value).MapRange" {
				list = append(list, n)
			}
		}
		return true
	})
	return list
}

func sortsAfter(fn *ast.FuncDecl, r ast.Node, info *types.Info) (sorts bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Pos() > r.Pos() {
			if f, ok := info.Uses[sel.Sel].(*types.Func); ok && f.Pkg() != nil && (f.Pkg().Path() == "sort" || f.Pkg().Path() == "slices" && strings.HasPrefix(f.Name(), "Sort")) {
				sorts = true
			}
		}
		return true
	})
	return sorts
}

// The rule complains of a map range that is not sorted, and not of one that is.
func TestMapRuleBites(t *testing.T) {
	if testing.Short() {
		t.Skip("loads types")
	}
	var found []string
	loadAndJudge(t, "testdata/maps", []string{"."}, func(where string) { found = append(found, where) })
	if len(found) != 1 || !strings.Contains(found[0], "maps.go:5") {
		t.Errorf("found %v: want the range in Unsorted alone", found)
	}
}
