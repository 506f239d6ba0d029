package mutate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A test is a test function of the package as it is, or an example or a fuzz test with its seeds.
type test struct {
	name    string
	took    time.Duration  // with -short
	busy    time.Duration  // likewise, without the time that other processes had
	reaches map[block]bool // what has run with -short
	full    time.Duration  // without; 0 if that was not asked for
	beyond  map[block]bool
}

// A suite is all that is known of the unmutated tests.
type suite struct {
	tests  []*test
	blocks []block
	flags  []string // that every process gets

	lock   sync.Mutex
	memory int64 // bytes that the greediest test had in use
}

// prepare compiles the tests as they are and runs each of them alone: all must pass.
func (p *pkg) prepare(ctx context.Context, c *Config, tmp string) (*suite, error) {
	bin := filepath.Join(tmp, "covered.test")
	e, err := p.compile(ctx, bin, "-cover", "-covermode=set", "-coverpkg="+p.ImportPath)
	if err != nil {
		return nil, err
	}
	if !e.ok {
		return nil, badInput("the tests of %s do not compile: %s", p.ImportPath, inOneLine(string(e.output), nil))
	}
	s := new(suite)
	names, err := p.names(ctx, c, bin, s)
	if err != nil {
		return nil, err
	}
	s.tests = make([]*test, len(names))
	err = inParallel(ctx, c.Workers, len(names), func(ctx context.Context, _, i int) error {
		t := &test{name: names[i]}
		s.tests[i] = t
		profile := filepath.Join(tmp, fmt.Sprint("profile", i))
		e, reached, err := p.alone(ctx, s, t.name, bin, profile, true)
		if t.took, t.busy, t.reaches = e.took, e.busy, reached; err != nil || c.Short {
			return err
		}
		e, reached, err = p.alone(ctx, s, t.name, bin, profile, false)
		t.full, t.beyond = e.took, reached
		return err
	})
	if err != nil {
		return nil, err
	}
	s.collect()
	return s, nil
}

// names lists the tests that were asked for, and finds out which flags they know.
func (p *pkg) names(ctx context.Context, c *Config, bin string, s *suite) (list []string, err error) {
	e, err := child(ctx, p.Dir, 0, 0, bin, "-test.list", ".")
	if err != nil || !e.ok {
		return nil, badEnd(err, badInput("the tests of %s cannot be listed: %s", p.ImportPath, inOneLine(string(e.output), nil)))
	}
	run, err1 := regexp.Compile(c.Run)
	skip, err2 := regexp.Compile(c.Skip)
	if err1 != nil || err2 != nil {
		return nil, badInput("not a regular expression: %v", badEnd(err1, err2))
	}
	for l := range strings.Lines(string(e.output)) {
		name := strings.TrimSpace(l)
		isTest := strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || strings.HasPrefix(name, "Example")
		if isTest && !strings.Contains(name, " ") && run.MatchString(name) && (c.Skip == "" || !skip.MatchString(name)) {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return nil, badInput("%s has no tests of such names: nothing could kill a mutant", p.ImportPath)
	}
	if e, err = child(ctx, p.Dir, time.Minute, 0, bin, "-h"); err == nil && strings.Contains(string(e.output), "-rapid.nofailfile") {
		s.flags = append(s.flags, "-rapid.nofailfile") // what makes a mutant fail is no input to keep
	}
	return list, err
}

// badEnd returns the first error that is one.
func badEnd(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// alone runs one test of the code as it is. It returns how that ended, and what it reached.
func (p *pkg) alone(ctx context.Context, s *suite, name, bin, profile string, short bool) (ended, map[block]bool, error) {
	e, err := child(ctx, p.Dir, 0, 0, bin, append(s.flags, "-test.run=^"+name+"$", fmt.Sprintf("-test.short=%v", short), "-test.coverprofile="+profile)...)
	if err != nil {
		return e, nil, err
	}
	if !e.ok {
		return e, nil, badInput("%s fails without any mutant when it runs alone: go test -run '^%s$' %s says why", name, name, p.ImportPath)
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return e, nil, fmt.Errorf("%s leaves no coverage: %w", name, err)
	}
	reached, err := parseProfile(string(text), p.ImportPath)
	s.lock.Lock()
	s.memory = max(s.memory, e.memory)
	s.lock.Unlock()
	return e, reached, err
}

// collect lists the blocks that there are, and puts quick tests first.
func (s *suite) collect() {
	seen := make(map[block]bool)
	for _, t := range s.tests {
		for b := range t.reaches {
			seen[b] = true
		}
	}
	for b := range seen {
		s.blocks = append(s.blocks, b)
	}
	slices.SortStableFunc(s.tests, func(a, b *test) int { return int(a.busy - b.busy) })
}

// A stage is tests that run in one process.
type stage struct {
	short bool
	names []string
	took  time.Duration // without a mutant
}

// quick is how long a test has a core that runs before the others. On a busy machine all tests take long.
const quick = 150 * time.Millisecond

// stages says which tests to run against a mutant, and in what order; none if no test reaches it.
func (s *suite) stages(m *Mutant) []stage {
	b, inside := around(s.blocks, m)
	first, second, third := stage{short: true}, stage{short: true}, stage{}
	for _, t := range s.tests {
		switch reached := t.reaches[b] || !inside; {
		case reached && t.busy < quick:
			first.add(t.name, t.took)
		case reached:
			second.add(t.name, t.took)
		}
		if t.full > 0 && (t.beyond[b] || !inside) {
			third.add(t.name, t.full)
		}
	}
	return slices.DeleteFunc([]stage{first, second, third}, func(st stage) bool { return len(st.names) == 0 })
}

func (st *stage) add(name string, took time.Duration) {
	st.names = append(st.names, name)
	st.took += took
}

// args are the arguments of the process of the stage.
func (st *stage) args(s *suite) []string {
	return append(slices.Clone(s.flags), "-test.run=^("+strings.Join(st.names, "|")+")$", fmt.Sprintf("-test.short=%v", st.short), "-test.failfast")
}
