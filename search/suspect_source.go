package search

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A source is the package that a handler belongs to, as far as its files can be read: types from other packages are not
// known, and need not be.
type source struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
	pkg   *types.Package
	funcs map[*types.Func]*ast.FuncDecl
	kept  map[types.Object]bool // package variables that functions change
}

// source looks for what is forbidden in the functions of a stack, and in those of the same package that they call.
func (x *docket) source(stack []Frame) {
	packages := make(map[string]*source)
	told := make(map[string]bool)
	weighed := make(map[Cause]bool) // what stands where the runs part comes first, and counts
	for _, f := range stack {
		dir := filepath.Dir(f.File)
		src, known := packages[dir]
		if !known {
			src = readSource(f.File)
			packages[dir] = src
		}
		if src == nil {
			continue
		}
		for depth, list := range src.reached(f) {
			for _, c := range list {
				for _, h := range src.hints(c.body) {
					at := src.at(h.node)
					if told[at+string(h.cause)] {
						continue
					}
					told[at+string(h.cause)] = true
					// However often something stands there, it is one reason: ten looks at the clock are no better
					// evidence than what the runs themselves show.
					weight := 0
					if !weighed[h.cause] {
						weight, weighed[h.cause] = max(stands-depth, called-1), true
					}
					x.add(h.cause, weight, "%s in %s: %s", at, funcName(c.fn), h.text)
				}
			}
		}
	}
}

// A code is the body of a function, or of a literal within it.
type code struct {
	fn   *ast.FuncDecl
	body *ast.BlockStmt
}

// A hint is a place in the source at which something comes in that is not the seed.
type hint struct {
	node  ast.Node
	cause Cause
	text  string
}

// readSource reads the package that a file belongs to; nil if the file is not there.
func readSource(path string) *source {
	path = onDisk(path)
	s := &source{fset: token.NewFileSet(), funcs: make(map[*types.Func]*ast.FuncDecl), kept: make(map[types.Object]bool)}
	first, err := parser.ParseFile(s.fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	s.files = []*ast.File{first}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := filepath.Join(filepath.Dir(path), e.Name())
		if !strings.HasSuffix(name, ".go") || filepath.Base(name) == filepath.Base(path) {
			continue
		}
		if f, err := parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution); err == nil && f.Name.Name == first.Name.Name {
			s.files = append(s.files, f)
		}
	}
	s.info = &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object)}
	cfg := types.Config{Importer: nothing{}, Error: func(error) {}}
	s.pkg, _ = cfg.Check(first.Name.Name, s.fset, s.files, s.info)
	s.index()
	return s
}

// onDisk returns where a file is that a stack names. A program that was built with -trimpath calls its files by their packages, and only those of the module
// that it runs in are found.
func onDisk(file string) string {
	dir, err := os.Getwd()
	for err == nil && !filepath.IsAbs(file) {
		if mod, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil {
			if inside, ok := strings.CutPrefix(file, modfile.ModulePath(mod)+"/"); ok {
				return filepath.Join(dir, filepath.FromSlash(inside))
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return file
}

// nothing imports nothing: what stands in other packages is not looked at.
type nothing struct{}

// Import refuses.
func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not looked at") }

// index finds the functions, and the package variables that they change.
func (s *source) index() {
	for _, f := range s.files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			if obj, ok := s.info.Defs[fn.Name].(*types.Func); ok {
				s.funcs[obj] = fn
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				for _, e := range written(n) {
					if v := s.variable(root(e)); v != nil {
						s.kept[v] = true
					}
				}
				return true
			})
		}
	}
}

// written are the expressions that a statement or expression changes, or may change through a method.
func written(n ast.Node) (list []ast.Expr) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		switch fn := n.Fun.(type) {
		case *ast.SelectorExpr:
			return []ast.Expr{fn.X}
		case *ast.Ident:
			if len(n.Args) > 0 && (fn.Name == "delete" || fn.Name == "clear") {
				return n.Args[:1]
			}
		}
	}
	return nil
}

// root is the name that a chain of fields, indices and pointers starts with; nil if it starts with something else.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// variable returns the package variable that a name means, or nil.
func (s *source) variable(id *ast.Ident) types.Object {
	if id == nil || s.pkg == nil {
		return nil
	}
	if v, ok := s.info.Uses[id].(*types.Var); ok && v.Parent() == s.pkg.Scope() {
		return v
	}
	return nil
}

// deepest is how many calls away from a frame the source is looked at.
const deepest = 3

// reached lists the function around a frame, and those of the package that it calls, by the number of calls.
func (s *source) reached(f Frame) (levels [][]code) {
	var level []code
	seen := make(map[*ast.FuncDecl]bool)
	for _, fn := range s.funcs {
		if s.covers(fn, f) {
			seen[fn] = true
			level = s.innermost(fn, f)
		}
	}
	for range deepest + 1 {
		levels = append(levels, level)
		var next []code
		for _, c := range level {
			ast.Inspect(c.body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if obj, ok := s.info.Uses[id].(*types.Func); ok {
						if callee := s.funcs[obj]; callee != nil && !seen[callee] {
							seen[callee] = true
							next = append(next, code{callee, callee.Body})
						}
					}
				}
				return true
			})
		}
		level = next
	}
	return levels
}

// covers reports whether a piece of source holds the line of a frame.
func (s *source) covers(n ast.Node, f Frame) bool {
	from, to := s.fset.Position(n.Pos()), s.fset.Position(n.End())
	return filepath.Base(from.Filename) == filepath.Base(f.File) && from.Line <= f.Line && f.Line <= to.Line
}

// innermost finds the function literals that a frame within fn may be of: the shortest that hold its line, as several can
// stand in one. What stands around them, in a function that may build a whole system, did not run. It is fn itself if none
// holds the line.
func (s *source) innermost(fn *ast.FuncDecl, f Frame) []code {
	list, least := []code{{fn, fn.Body}}, s.lines(fn)
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if !ok || !s.covers(lit, f) {
			return true
		}
		switch lines := s.lines(lit); {
		case lines < least:
			list, least = []code{{fn, lit.Body}}, lines
		case lines == least && list[0].body != fn.Body:
			list = append(list, code{fn, lit.Body})
		}
		return true
	})
	return list
}

// lines is how many lines a piece of source has.
func (s *source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line
}

func (s *source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

func funcName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	return fmt.Sprintf("(%s).%s", types.ExprString(fn.Recv.List[0].Type), fn.Name.Name)
}

// hints lists what is forbidden in the body of a function.
func (s *source) hints(body *ast.BlockStmt) (list []hint) {
	add := func(n ast.Node, c Cause, format string, args ...any) {
		list = append(list, hint{n, c, fmt.Sprintf(format, args...)})
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			return !s.sorts(n)
		case *ast.RangeStmt:
			if t := s.info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Map); ok {
					add(n, MapOrder, "range over the map %s", types.ExprString(n.X))
				}
			}
		case *ast.GoStmt:
			add(n, Goroutines, "starts a goroutine")
		case *ast.SelectStmt:
			add(n, Goroutines, "select")
		case *ast.SelectorExpr:
			if c, ok := s.outside(n); ok {
				add(n, c, "%s", types.ExprString(n))
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && strings.Contains(n.Value, "%p") {
				add(n, Addresses, "formats with %%p")
			}
		case *ast.Ident:
			if v := s.variable(n); v != nil && s.kept[v] {
				add(n, PackageState, "the package variable %s, which functions change", n.Name)
			}
		}
		return true
	})
	return list
}

// sorts reports whether a call sorts what it is given, so that the order in which a map gave it does not matter.
func (s *source) sorts(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.HasPrefix(sel.Sel.Name, "Sorted") {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	p, ok := s.info.Uses[id].(*types.PkgName)
	return ok && p.Imported().Path() == "slices"
}

// strangers are names of other packages that let in what is not the seed; "*" is all but those listed after it.
var strangers = map[string]struct {
	cause Cause
	names []string
}{
	"time":         {WallClock, []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Sleep"}},
	"maps":         {MapOrder, []string{"All", "Keys", "Values"}},
	"math/rand":    {GlobalRandom, []string{"*", "New", "NewSource", "NewZipf", "Rand", "Source", "Source64", "Zipf"}},
	"math/rand/v2": {GlobalRandom, []string{"*", "New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}},
	"crypto/rand":  {GlobalRandom, []string{"*"}},
	"hash/maphash": {GlobalRandom, []string{"*"}},
	"os":           {Environment, []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Hostname", "Getpid", "Getwd", "UserHomeDir", "TempDir", "Args"}},
	"runtime":      {Goroutines, []string{"NumGoroutine", "Gosched", "NumCPU", "GOMAXPROCS"}},
	"unsafe":       {Addresses, []string{"Pointer"}},
}

// outside reports whether a selector is one of the strangers.
func (s *source) outside(n *ast.SelectorExpr) (Cause, bool) {
	id, ok := n.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	p, ok := s.info.Uses[id].(*types.PkgName)
	if !ok {
		return "", false
	}
	x, ok := strangers[p.Imported().Path()]
	if !ok {
		return "", false
	}
	listed := slices.Contains(x.names, n.Sel.Name)
	if x.names[0] == "*" {
		return x.cause, !listed
	}
	return x.cause, listed
}
