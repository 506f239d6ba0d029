package mutate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A batch is one program with many mutants in it. A function with mutants becomes a switch over copies of its body, and a variable of the environment says
// which of them is in force. Most mutants are killed so, without a compilation of their own. One that lives is compiled alone after all,
// so what is said of survivors does not rest on the switch; nor does what is said of those that do not fit in one.
type batch struct {
	bin     string
	numbers map[*Mutant]int // from 1; one that is missing is not in it

	lock  sync.Mutex
	sound map[string]bool // tests that are known to pass, or not to, while no mutant is in force
}

// batchSize is how many mutants go into a program: so few that the compiler takes little longer than for the package as it is.
const batchSize = 100

// chosen is the variable of the environment; switcher is the file with the package's variable that holds it.
const (
	chosen   = "SIMRUN_MUTANT"
	switcher = "zz_mutate_switch.go"
	variable = "mutateChosenByTheSwitch"
)

// batch compiles mutants together. Those that do not build are left out by what the compiler says of their lines; if that does not help, it
// is a batch of none.
func (t *trial) batch(ctx context.Context, list []*Mutant) (*batch, error) {
	b := &batch{bin: filepath.Join(t.tmp, "batch.test"), numbers: make(map[*Mutant]int), sound: make(map[string]bool)}
	in := slices.DeleteFunc(slices.Clone(list), func(m *Mutant) bool { return !m.switchable })
	for tries := 0; len(in) > 1 && tries < 4; tries++ {
		w := &weaving{list: in, lines: make(map[string][]owner)}
		overlay, err := t.overlay(filepath.Join(t.tmp, "batch"), w.files(t.pkg))
		if err != nil {
			return nil, err
		}
		e, err := t.compile(ctx, b.bin, overlay)
		if err != nil {
			return nil, err
		}
		if e.ok {
			for i, m := range in {
				b.numbers[m] = i + 1
			}
			break
		}
		bad := w.blamed(e.output)
		if len(bad) == 0 {
			break
		}
		in = slices.DeleteFunc(in, func(m *Mutant) bool { return bad[m] })
	}
	return b, nil
}

// try runs the tests with -short against a mutant in its batch. It returns true if one fails that passes in this very program while no mutant is in force.
func (b *batch) try(ctx context.Context, t *trial, stages []stage, res *Result) (bool, error) {
	short := slices.DeleteFunc(slices.Clone(stages), func(st stage) bool { return !st.short })
	names, err := t.test(ctx, b.bin, b.numbers[res.Mutant], short, res)
	if err != nil || names == nil {
		return false, err
	}
	key := strings.Join(names, " ")
	b.lock.Lock()
	sound, known := b.sound[key]
	b.lock.Unlock()
	if known {
		return sound, nil
	}
	var check stage
	for _, x := range t.suite.tests {
		if slices.Contains(names, x.name) {
			check.add(x.name, &x.brief)
		}
	}
	check.short = true
	e, err := child(ctx, t.Dir, t.setting(check, 0), b.bin, check.args(t.suite)...)
	b.lock.Lock()
	defer b.lock.Unlock()
	b.sound[key] = e.ok
	return e.ok, err
}

// overlay writes changed files of the package into a folder, and returns the flag by which the Go tool reads them.
func (p *pkg) overlay(dir string, files map[string][]byte) (string, error) {
	replace := make(map[string]string)
	err := os.MkdirAll(dir, 0o777)
	for name, text := range files {
		changed := filepath.Join(dir, name)
		replace[filepath.Join(p.Dir, name)] = changed
		err = errors.Join(err, os.WriteFile(changed, text, 0o666))
	}
	text, bad := json.Marshal(map[string]any{"Replace": replace})
	list := filepath.Join(dir, "overlay.json")
	return "-overlay=" + list, errors.Join(err, bad, os.WriteFile(list, text, 0o666))
}

// A weaving puts the mutants of a batch into the files of a package.
type weaving struct {
	list  []*Mutant
	lines map[string][]owner // by file, and by line from 0
}

// An owner says whose a line is: a mutant's, or else nobody's, in a body or below it.
type owner struct {
	mutant *Mutant
	body   span
}

// files returns the changed files, and the one with the variable.
func (w *weaving) files(p *pkg) map[string][]byte {
	files := map[string][]byte{
		switcher: fmt.Appendf(nil, "package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar %s, _ = strconv.Atoi(os.Getenv(%q))\n", p.Name, variable, chosen),
	}
	for name, source := range p.sources {
		if slices.ContainsFunc(w.list, func(m *Mutant) bool { return m.File == name }) {
			files[name] = w.weave(name, source)
		}
	}
	return files
}

// weave makes a switch of each body in a file that has mutants. A body is copied as text, so that each copy means what the changed file would.
func (w *weaving) weave(name string, source []byte) []byte {
	var out []byte
	write := func(of owner, parts ...[]byte) {
		for _, text := range parts {
			for range bytes.Count(text, []byte("\n")) {
				w.lines[name] = append(w.lines[name], of)
			}
			out = append(out, text...)
		}
	}
	at, last := 0, owner{}
	for _, body := range w.bodies(name) {
		write(last, source[at:body.from])
		last = owner{body: body}
		write(last, fmt.Appendf(nil, "\nswitch %s {\n", variable))
		for i, m := range w.list {
			if m.File == name && m.body == body {
				write(last, fmt.Appendf(nil, "case %d:\n", i+1))
				write(owner{m, body}, source[body.from:m.from], []byte(m.code), source[m.to:body.to], []byte("\n"))
			}
		}
		write(last, []byte("default:\n"), source[body.from:body.to], []byte("\n}\n"))
		at = body.to
	}
	write(last, source[at:])
	return out
}

// bodies returns the bodies in a file that have mutants, in the order of the text.
func (w *weaving) bodies(name string) (list []span) {
	for _, m := range w.list {
		if m.File == name && !slices.Contains(list, m.body) {
			list = append(list, m.body)
		}
	}
	slices.SortFunc(list, func(a, b span) int { return a.from - b.from })
	return list
}

// place is where the compiler finds fault.
var place = regexp.MustCompile(`(?m)^(\S*\.go):(\d+):`)

// blamed returns the mutants in whose copies the compiler finds fault. What it finds beside the copies is the fault of all in that function, and what it
// finds above all functions of all in that file.
func (w *weaving) blamed(output []byte) map[*Mutant]bool {
	bad := make(map[*Mutant]bool)
	for _, c := range place.FindAllSubmatch(output, -1) {
		name := filepath.Base(string(c[1]))
		line, _ := strconv.Atoi(string(c[2])) // they are digits
		var of owner
		if list := w.lines[name]; line > 0 && line <= len(list) {
			of = list[line-1]
		}
		for _, m := range w.list {
			if m == of.mutant || of.mutant == nil && m.File == name && (m.body == of.body || of.body == span{}) {
				bad[m] = true
			}
		}
	}
	return bad
}
