package simrun

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// This file holds the rules of the house as tests; ARCHITECTURE.md gives the reasons.

// A file is one Go source file of the project.
type file struct {
	dir  string // relative to the root, with slashes; "" for the root
	name string
	ast  *ast.File
	fset *token.FileSet
	test bool
}

func (f file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", filepath.Join(f.dir, f.name), f.fset.Position(n.Pos()).Line)
}

// files parses all Go files of the module, but for those under testdata.
func files(t *testing.T) (list []file) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (name == "testdata" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir == "." {
			dir = ""
		}
		list = append(list, file{dir, d.Name(), parsed, fset, strings.HasSuffix(path, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20 {
		t.Fatalf("found only %d Go files: the rules would hold of nothing", len(list))
	}
	return list
}

// floors are the rooms of the house, from the ground up. A package may import those of lower floors, and of its own floor only what
// beside says.
var floors = []string{
	"sim/chance", "sim/clock", "sim/net", "sim/disk", "sim/fault", // the leaves, see beside
	"sim",
	"checkers",
	"workload",
	"bites",
	"protocols",
	"figures",
	"seedfile",
	"view",
	"search",
	"steps",
	"bench",
	"zoo",
	"mutate",
	"cli",
	"simtest",
	"labs",
	"cmd",
}

// mayNot lists what a package must not import though it stands higher.
var mayNot = map[string][]string{
	"sim":        {"checkers", "protocols"},
	"checkers":   {"protocols"},
	"figures":    {"checkers", "workload", "protocols"},
	"seedfile":   {"checkers", "protocols"},
	"view":       {"checkers", "protocols"},
	"search":     {"checkers", "protocols", "view"},
	"steps":      {"checkers", "protocols"},
	"bench":      {"checkers", "protocols", "view"},
	"mutate":     {"sim", "checkers", "workload", "protocols", "seedfile", "view", "search", "steps", "bench", "figures", "zoo"}, // it knows the Go tool alone
	"cli":        {"checkers", "protocols"},
	"simtest":    {"checkers", "protocols", "cli", "bench"},
	"labs":       {"protocols", "bench"},
	"sim/chance": {"sim/clock", "sim/net", "sim/disk", "sim/fault"},
	"sim/clock":  {"sim/chance", "sim/net", "sim/disk", "sim/fault"},
	"sim/net":    {"sim/disk", "sim/fault"},
	"sim/disk":   {"sim/net", "sim/fault"},
	"sim/fault":  {"sim/disk"},
}

// beside lists the imports within one floor: a protocol built on another.
var beside = map[string][]string{
	"labs/acceptor/cmd":              {"labs/acceptor"},
	"labs/acceptor/grade":            {"labs/acceptor"},
	"protocols/chandylamport":        {"protocols/apps"},
	"protocols/chandylamport/course": {"protocols/chandylamport"},
	"protocols/election":             {"protocols/paxos"},
	"protocols/independent":          {"protocols/apps"},
	"protocols/kootoueg":             {"protocols/apps"},
	"protocols/laiyang":              {"protocols/apps"},
	"protocols/multicast":            {"protocols/paxos"},
	"protocols/paxoskv":              {"protocols/paxos"},
	"simtest/rapidtest":              {"simtest"},
	"sim/disk/reclog":                {"sim/disk"},
}

// floor returns the number of the floor that a directory belongs to, and the floor's name.
func floor(dir string) (int, string) {
	best, name := -1, ""
	for i, f := range floors {
		if (dir == f || strings.HasPrefix(dir, f+"/")) && len(f) > len(name) {
			best, name = i, f
		}
	}
	return best, name
}

func TestImportsPointDown(t *testing.T) {
	judged := 0
	for _, f := range files(t) {
		if f.test || f.dir == "" {
			continue
		}
		level, name := floor(f.dir)
		if level < 0 {
			t.Errorf("%s: folder %s has no place in the house: give it one in tidy_test.go and ARCHITECTURE.md", f.name, f.dir)
			continue
		}
		for _, spec := range f.ast.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			to, ours := strings.CutPrefix(path, "simrun/")
			if !ours {
				if below(name, "sim") && strings.Contains(path, ".") {
					t.Errorf("%s: %s imports %s: sim and its leaves use the standard library alone", f.at(spec), f.dir, path)
				}
				continue
			}
			judged++
			if why := forbidden(f.dir, level, name, to); why != "" {
				t.Errorf("%s: %s imports %s: %s", f.at(spec), f.dir, to, why)
			}
		}
	}
	if judged < 30 {
		t.Errorf("judged only %d imports", judged)
	}
}

func below(name, floor string) bool { return name == floor || strings.HasPrefix(name, floor+"/") }

func forbidden(dir string, level int, name, to string) string {
	target, targetName := floor(to)
	for _, x := range beside[dir] {
		if x == to {
			return ""
		}
	}
	switch {
	case target < 0:
		return "it has no place in the house"
	case target == level && dir != to:
		return "imports never point sideways"
	case target > level:
		return "imports never point up"
	}
	for _, x := range mayNot[name] {
		if x == targetName {
			return name + " knows nothing of " + x
		}
	}
	return ""
}

// The rules above complain of what they should.
func TestImportRulesBite(t *testing.T) {
	for _, bad := range [][2]string{
		{"sim/chance", "sim"}, {"sim", "checkers"}, {"checkers", "protocols/paxos"}, {"protocols/paxos", "protocols/paxoskv"}, {"protocols/paxos", "protocols/internal/trial"},
		{"cli", "protocols/paxos"}, {"simtest", "protocols/paxos"}, {"sim/net", "sim/disk"}, {"search", "cli"}, {"sim", "nowhere"},
	} {
		level, name := floor(bad[0])
		if forbidden(bad[0], level, name, bad[1]) == "" {
			t.Errorf("%s may import %s: the rule has gone blind", bad[0], bad[1])
		}
	}
}

// worldly are the packages whose code runs inside a world, where only the seed decides.
func worldly(dir string) bool {
	if dir == "protocols/internal/trial" { // it is for tests, and keeps golden files
		return false
	}
	return below(dir, "sim") || below(dir, "protocols") || below(dir, "checkers") || dir == "workload" || dir == "labs/acceptor"
}

// bannedCalls are functions that let something in that is not the seed.
var bannedCalls = map[string][]string{
	"time":         {"Now", "Sleep", "After", "Since", "Until", "Tick", "NewTimer", "NewTicker", "AfterFunc"},
	"os":           nil, // all of it
	"math/rand":    nil,
	"math/rand/v2": nil,
	"crypto/rand":  nil,
	"hash/maphash": nil,
	"sync":         nil,
	"runtime":      nil,
}

func TestNothingButTheSeedDecides(t *testing.T) {
	judged := 0
	for _, f := range files(t) {
		if f.test || !worldly(f.dir) {
			continue
		}
		judged++
		names := map[string]string{} // of imported packages
		for _, spec := range f.ast.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			names[path[strings.LastIndexByte(path, '/')+1:]] = path
			if banned, ok := bannedCalls[path]; ok && banned == nil {
				t.Errorf("%s: imports %s, which knows more than the seed", f.at(spec), path)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: starts a goroutine", f.at(n))
			case *ast.SelectStmt:
				t.Errorf("%s: select", f.at(n))
			case *ast.ChanType:
				t.Errorf("%s: a channel", f.at(n))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					for _, call := range bannedCalls[names[x.Name]] {
						if n.Sel.Name == call {
							t.Errorf("%s: calls %s.%s", f.at(n), x.Name, call)
						}
					}
				}
			}
			return true
		})
	}
	if judged < 20 {
		t.Errorf("judged only %d files", judged)
	}
}

// Functions fit on a page, files in a sitting, packages in a head.
func TestSizes(t *testing.T) {
	var functions, lengths []int
	exported := map[string]int{}
	for _, f := range files(t) {
		if f.test {
			continue
		}
		lengths = append(lengths, f.fset.Position(f.ast.End()).Line)
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
				functions = append(functions, n)
				if n > 70 {
					t.Errorf("%s: %s has %d lines: at most 70", f.at(fn), fn.Name.Name, n)
				}
			}
			undocumented(t, f, d, exported)
		}
	}
	if p := percentile(functions, 90); p > 40 {
		t.Errorf("nine of ten functions have up to %d lines: want 40", p)
	}
	if p := percentile(lengths, 90); p > 400 {
		t.Errorf("nine of ten files have up to %d lines: want 400", p)
	}
	for dir, n := range exported {
		if n > 70 {
			t.Errorf("package %s exports %d names at its top level: want at most 70 (constants of one enumeration count once)", dir, n)
		}
	}
}

// undocumented complains of exported declarations without a comment, and counts exported names: those of one const or var block count once.
func undocumented(t *testing.T, f file, d ast.Decl, count map[string]int) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || f.ast.Name.Name == "main" {
			return
		}
		if d.Recv == nil {
			count[f.dir]++
		} else if !receiverExported(d.Recv) || obvious[d.Name.Name] {
			return
		}
		if d.Doc == nil {
			t.Errorf("%s: exported %s has no comment", f.at(d), d.Name.Name)
		}
	case *ast.GenDecl:
		any := false
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					count[f.dir]++
					if d.Doc == nil && s.Doc == nil {
						t.Errorf("%s: exported type %s has no comment", f.at(s), s.Name.Name)
					}
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					any = any || name.IsExported()
					if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						t.Errorf("%s: exported %s has no comment", f.at(s), name.Name)
					}
				}
			}
		}
		if any {
			count[f.dir]++
		}
	}
}

// obvious are methods whose meaning is that of a well-known interface, which their type's comment may take for granted.
var obvious = map[string]bool{
	"String": true, "Error": true, "Unwrap": true, "AppendHash": true, "Backed": true, "Stream": true, "Start": true, "Handle": true,
	"ReadAt": true, "WriteAt": true, "Append": true, "Truncate": true, "Sync": true, "Rename": true, "Remove": true, "SyncDir": true, "List": true, "Size": true,
	"Name": true, "Observe": true, "End": true, "Checks": true, "Inner": true, "Watches": true, "Finished": true, "Reached": true, "Tally": true,
}

func receiverExported(recv *ast.FieldList) bool {
	name := types.ExprString(recv.List[0].Type)
	return ast.IsExported(strings.TrimLeft(strings.SplitN(name, "[", 2)[0], "*"))
}

func percentile(list []int, p int) int {
	sort.Ints(list)
	return list[len(list)*p/100]
}
