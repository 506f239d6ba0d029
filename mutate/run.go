package mutate

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A Config says which package, which tests and how many mutants.
type Config struct {
	Dir     string        // in which Package is looked for; "" is the working directory
	Package string        // one package, as the Go tool takes it
	Run     string        // only tests whose names match this regular expression; "" is all
	Skip    string        // no test whose name matches; "" is none
	At      string        // only mutants of this file, or of a line of it, as file.go or file.go:12; "" is all
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
	Last        *Result // nil while the tests run without a mutant
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

// at keeps the mutants of a file, or of a line of it.
func at(all []*Mutant, place string) (list []*Mutant, err error) {
	if place == "" {
		return all, nil
	}
	for _, m := range all {
		if place == m.File || place == fmt.Sprintf("%s:%d", m.File, m.Line) {
			list = append(list, m)
		}
	}
	if list == nil {
		return nil, badInput("no mutant is at %s: want a file of the package, or a line of it, such as %s:%d", place, all[0].File, all[0].Line)
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
	whole  sum // of the same, compiled without inlining

	lock sync.Mutex
	done Progress
}

// compile makes the binary of the package's tests.
func (p *pkg) compile(ctx context.Context, bin string, flags ...string) (ended, error) {
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w -buildid=", "-o", bin}, flags...)
	return child(ctx, absolute(p.from), 0, 0, p.goTool, append(args, p.ImportPath)...)
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

// noInlining makes the compiler keep functions apart from the tests that call them. With inlining, code that differs
// may be the same for all that some test asks of it.
const noInlining = "-gcflags=-l"

// original compiles the tests of the code as it is, in the same ways as those of mutants.
func (t *trial) original(ctx context.Context) error {
	bin := filepath.Join(t.tmp, "original.test")
	for _, way := range []struct {
		sum   *sum
		flags []string
	}{{&t.same, nil}, {&t.whole, []string{noInlining}}} {
		e, err := t.compile(ctx, bin, way.flags...)
		if err != nil {
			return err
		}
		if !e.ok {
			return badInput("the tests of %s do not compile: %s", t.ImportPath, inOneLine(string(e.output), nil))
		}
		if *way.sum, err = sumOf(bin); err != nil {
			return err
		}
	}
	return nil
}

// equal judges a mutant whose tests compile to the same as those of the code as it is: it survives them all, and
// is equivalent if its own code is the same too.
func (t *trial) equal(ctx context.Context, worker int, bin string, res *Result) error {
	if _, err := t.mutated(ctx, worker, bin, res.Mutant, noInlining); err != nil {
		return err
	}
	s, err := sumOf(bin)
	if res.Outcome = Survived; s == t.whole {
		res.Outcome, res.Why = Equivalent, SameCode
	}
	return err
}

// all tries the mutants, or as many as were asked for, and files a result of each in the order of the text.
func (t *trial) all(ctx context.Context, r *Report, all []*Mutant, marks []*mark) error {
	order := shuffled(all, t.config.Seed)
	if n := t.config.Mutants; n > 0 && n < len(order) {
		order = order[:n]
	}
	t.done.Total = len(order)
	results := make(map[*Mutant]*Result)
	for _, m := range order {
		results[m] = &Result{Mutant: m, Outcome: Untried}
	}
	err := inParallel(ctx, t.config.Workers, len(order), func(ctx context.Context, worker, i int) error {
		if t.config.For > 0 && time.Since(t.began) > t.config.For {
			return nil
		}
		res := results[order[i]]
		if err := t.try(ctx, worker, res); err != nil {
			res.Outcome = Untried
			return err
		}
		if k := marked(marks, res.Mutant); k != nil {
			res.judge(k)
		}
		t.tell(res)
		return nil
	})
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

// try compiles one mutant and runs the tests that reach it.
func (t *trial) try(ctx context.Context, worker int, res *Result) error {
	stages := t.suite.stages(res.Mutant)
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
		res.Tests = len(stages[0].names)
		return t.equal(ctx, worker, bin, res)
	}
	return t.test(ctx, bin, stages, res)
}

// test runs the tests of the stages against a mutant, until one fails.
func (t *trial) test(ctx context.Context, bin string, stages []stage, res *Result) error {
	res.Outcome = Survived
	for _, st := range stages {
		res.Tests = max(res.Tests, len(st.names))
		limit := t.config.patience + 8*st.took // so long that a busy machine kills none
		e, err := child(ctx, t.Dir, limit, 4*t.suite.memory+1<<30, bin, st.args(t.suite)...)
		if err != nil {
			return err
		}
		if e.late {
			res.Outcome, res.Why = TimedOut, fmt.Sprintf("still running after %v", limit.Round(time.Second))
			return nil
		}
		if !e.ok {
			res.Outcome, res.Why = Killed, killer(e.output)
			return nil
		}
	}
	return nil
}

// mutated compiles the tests with a mutant in the place of its file.
func (t *trial) mutated(ctx context.Context, worker int, bin string, m *Mutant, flags ...string) (e ended, err error) {
	dir := filepath.Join(t.tmp, fmt.Sprint("worker", worker))
	changed, overlay := filepath.Join(dir, m.File), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(t.Dir, m.File): changed}})
	if err != nil {
		return e, err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o777), os.WriteFile(changed, m.in(t.sources[m.File]), 0o666), os.WriteFile(overlay, text, 0o666)); err != nil {
		return e, err
	}
	return t.compile(ctx, bin, append(flags, "-overlay="+overlay)...)
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
