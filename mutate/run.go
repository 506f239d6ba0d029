package mutate

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Config says which package, which tests and how many mutants.
type Config struct {
	Dir     string        // in which Package is looked for; "" is the working directory
	Package string        // one package, as the Go tool takes it
	Run     string        // only tests whose names match this regular expression; "" is all
	Skip    string        // no test whose name matches; "" is none
	At      string        // only mutants of these files, or of lines of them, as file.go or file.go:12, with commas between; "" is all
	Short   bool          // run tests with -short alone; else those that live are tried without it too
	Mutants int           // at most so many, chosen by Seed; 0 is all
	Seed    uint64        // decides which mutants are tried and in what order
	For     time.Duration // begin no mutant after so long; 0 is no limit
	Workers int           // how many mutants are tried at once; 0 is one a core
	// Progress is told after each mutant, by one goroutine at a time; it may be nil.
	Progress func(Progress)

	patience time.Duration // how long tests may take however quick they are without a mutant; 0 is 10 seconds
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int
	Survived    int // so far
	Elapsed     time.Duration
	Prepared    time.Duration // what of that went by before the first mutant
	Last        *Result
}

// Run finds the mutants of a package and tries them. The error is a [*BadInput] if what was asked for makes no
// sense or the tests fail without any mutant. A context that ends leaves the rest untried, and is no error once mutants are being tried.
func Run(ctx context.Context, c Config) (*Report, error) {
	began := time.Now()
	if c.Workers <= 0 {
		c.Workers = runtime.NumCPU()
	}
	if c.patience == 0 {
		c.patience = 10 * time.Second
	}
	p, err := load(ctx, c.Dir, c.Package)
	if err != nil {
		return nil, err
	}
	all, err := p.mutants()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, badInput("%s has nothing that could be changed: no mutant", p.ImportPath)
	}
	marks, err := readMarks(p.Dir)
	if err != nil {
		return nil, err
	}
	for _, k := range marks {
		k.fits = slices.ContainsFunc(all, func(m *Mutant) bool { return m.name() == k.text }) // whether it is tried or not
	}
	if all, err = at(all, c.At); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	s, err := p.prepare(ctx, &c, tmp)
	if err != nil {
		return nil, err
	}
	t := &trial{pkg: p, suite: s, config: &c, tmp: tmp, began: began}
	if err := t.original(ctx); err != nil {
		return nil, err
	}
	r := &Report{Package: p.ImportPath, Tests: len(s.tests), Found: len(all)}
	if err := t.all(ctx, r, all, marks); err != nil {
		return nil, err
	}
	r.finish(ctx, marks, time.Since(began))
	return r, nil
}

// at keeps the mutants of files or of lines of them; there must be some of each.
func at(all []*Mutant, places string) (list []*Mutant, err error) {
	if places == "" {
		return all, nil
	}
	found := make(map[string]bool)
	wanted := strings.Split(places, ",")
	for _, m := range all {
		line := fmt.Sprintf("%s:%d", m.File, m.Line)
		if slices.Contains(wanted, m.File) || slices.Contains(wanted, line) {
			found[m.File], found[line] = true, true
			list = append(list, m)
		}
	}
	for _, place := range wanted {
		if !found[place] {
			return nil, badInput("no mutant is at %s: want a file of the package, or a line of it, such as %s:%d", place, all[0].File, all[0].Line)
		}
	}
	return list, nil
}

// A trial is a run under way.
type trial struct {
	*pkg
	suite  *suite
	config *Config
	tmp    string
	began  time.Time
	same   sum // of the tests of the code as it is

	lock sync.Mutex
	done Progress
}

// How the package is compiled, and no other. Without inlining functions stay apart from the tests that call them: with it, code that differs may be
// the same for all that some test asks of it. It is also the quicker way, as is to leave out what only a debugger reads.
const (
	compiler = "-gcflags=-l -dwarf=false"
	linker   = "-ldflags=-s -w -buildid="
)

// compile makes the binary of the package's tests.
func (p *pkg) compile(ctx context.Context, bin string, flags ...string) (ended, error) {
	args := append([]string{"test", "-c", "-vet=off", compiler, linker, "-o", bin}, flags...)
	return child(ctx, absolute(p.from), setting{}, p.goTool, append(args, p.ImportPath)...)
}

// absolute returns a folder's path from the root: a relative one means another folder to a child.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// A sum is a hash over a file.
type sum [sha256.Size]byte

func sumOf(name string) (s sum, err error) {
	f, err := os.Open(name)
	if err != nil {
		return s, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err = io.Copy(h, f); err == nil {
		h.Sum(s[:0])
	}
	return s, err
}

// original compiles the tests of the code as it is, in the same way as those of mutants.
func (t *trial) original(ctx context.Context) error {
	bin := filepath.Join(t.tmp, "original.test")
	e, err := t.compile(ctx, bin)
	if err != nil {
		return err
	}
	if !e.ok {
		return badInput("the tests of %s do not compile: %s", t.ImportPath, whyNot(e.output))
	}
	t.same, err = sumOf(bin)
	return err
}

// all tries the mutants, or as many as were asked for, and files a result of each in the order of the text.
func (t *trial) all(ctx context.Context, r *Report, all []*Mutant, marks []*mark) error {
	order := shuffled(all, t.config.Seed)
	if n := t.config.Mutants; n > 0 && n < len(order) {
		order = order[:n]
	}
	t.done.Total, t.done.Prepared = len(order), time.Since(t.began)
	results := make(map[*Mutant]*Result)
	for _, m := range order {
		results[m] = &Result{Mutant: m, Outcome: Untried}
	}
	var err error
	for list := range slices.Chunk(order, batchSize) {
		if err = t.some(ctx, list, results, marks); err != nil {
			break
		}
	}
	for _, m := range all {
		if res := results[m]; res != nil {
			r.Results = append(r.Results, *res)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// some tries mutants that are compiled together.
func (t *trial) some(ctx context.Context, list []*Mutant, results map[*Mutant]*Result, marks []*mark) error {
	late := func() bool { return t.config.For > 0 && time.Since(t.began) > t.config.For }
	if late() {
		return nil
	}
	b, err := t.batch(ctx, list)
	if err != nil {
		return err
	}
	return inParallel(ctx, t.config.Workers, len(list), func(ctx context.Context, worker, i int) error {
		if late() {
			return nil
		}
		res := results[list[i]]
		if err := t.try(ctx, worker, b, res); err != nil {
			res.Outcome = Untried
			return err
		}
		if k := marked(marks, res.Mutant); k != nil {
			res.judge(k)
		}
		t.tell(res)
		return nil
	})
}

// tell says how far the run has come.
func (t *trial) tell(res *Result) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.done.Done++
	if res.Outcome == Survived || res.Outcome == Uncovered {
		t.done.Survived++
	}
	t.done.Last, t.done.Elapsed = res, time.Since(t.began)
	if t.config.Progress != nil {
		t.config.Progress(t.done)
	}
}

// try runs the tests that reach a mutant: first in its batch, and if it lives there, or is in none, compiled alone.
func (t *trial) try(ctx context.Context, worker int, b *batch, res *Result) error {
	stages := t.suite.stages(res.Mutant)
	if b.numbers[res.Mutant] > 0 {
		if len(stages) == 0 {
			res.Outcome = Uncovered
			return nil
		}
		if ended, err := b.try(ctx, t, stages, res); ended || err != nil {
			return err
		}
		*res = Result{Mutant: res.Mutant}
	}
	bin := filepath.Join(t.tmp, fmt.Sprintf("mutant%d.test", worker))
	e, err := t.mutated(ctx, worker, bin, res.Mutant)
	if err != nil {
		return err
	}
	if !e.ok {
		complaint, found := firstComplaint(e.output)
		if !found { // the fault is the machine's, such as a full disk
			return fmt.Errorf("the Go tool fails: %s", inOneLine(string(e.output), nil))
		}
		res.Outcome, res.Why = Uncompiled, complaint
		return nil
	}
	s, err := sumOf(bin)
	switch {
	case err != nil:
		return err
	case len(stages) == 0: // it may be the same code only since the linker left it out
		res.Outcome = Uncovered
		return nil
	case s == t.same:
		res.Outcome, res.Why = Equivalent, SameCode
		return nil
	}
	_, err = t.test(ctx, bin, 0, stages, res)
	return err
}

// test runs the tests of the stages against a mutant, until one fails. It returns the test that failed, or all those of which one did.
func (t *trial) test(ctx context.Context, bin string, mutant int, stages []stage, res *Result) (names []string, err error) {
	res.Outcome = Survived
	tests := make(map[string]bool)
	for _, st := range stages {
		for _, name := range st.names {
			tests[name] = true
		}
		res.Tests = len(tests)
		e, err := child(ctx, t.Dir, t.setting(st, mutant), bin, st.args(t.suite)...)
		switch {
		case err != nil:
			return nil, err
		case e.late:
			res.Outcome, res.Why = TimedOut, "still running after "+e.took.Round(time.Second).String()
			return st.names, nil
		case !e.ok:
			res.Outcome, res.Why = Killed, killer(e.output)
			if top, _, _ := strings.Cut(res.Why, "/"); tests[top] {
				return []string{top}, nil
			}
			return st.names, nil
		}
	}
	return nil, nil
}

// setting is what the tests of a stage may take, with a mutant: so much time that a busy machine kills none, and less work than that.
func (t *trial) setting(st stage, mutant int) setting {
	return setting{time: t.config.patience + 8*st.took, busy: t.config.patience/2 + 4*st.busy, memory: 4*t.suite.memory + 1<<30, mutant: mutant}
}

// mutated compiles the tests with a mutant in the place of its file.
func (t *trial) mutated(ctx context.Context, worker int, bin string, m *Mutant) (ended, error) {
	flag, err := t.overlay(filepath.Join(t.tmp, fmt.Sprint("worker", worker)), map[string][]byte{m.File: m.in(t.sources[m.File])})
	if err != nil {
		return ended{}, err
	}
	return t.compile(ctx, bin, flag)
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// killer names the test that failed first, as far as the output tells.
func killer(output []byte) string {
	if m := failed.FindSubmatch(output); m != nil {
		return string(m[1])
	}
	return "the process of the tests ended badly"
}

// inParallel calls do for 0 to n-1, some at once, each by one of the workers. The first error ends it.
func inParallel(ctx context.Context, workers, n int, do func(ctx context.Context, worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	next := make(chan int)
	for worker := range min(workers, n) {
		wait.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					continue
				}
				if err := do(ctx, worker, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}
