package mutate

import (
	"cmp"
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
	name  string
	brief pass // with -short
	full  pass // without; the zero pass if that was not asked for
}

// A pass is one run of a test alone, without a mutant.
type pass struct {
	took    time.Duration
	busy    time.Duration // without the time that other processes had
	reaches map[block]bool
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
		return nil, badInput("the tests of %s do not compile: %s", p.ImportPath, whyNot(e.output))
	}
	s := new(suite)
	names, err := p.names(ctx, c, bin, s)
	if err != nil {
		return nil, err
	}
	s.tests = make([]*test, len(names))
	err = inParallel(ctx, c.Workers, len(names), func(ctx context.Context, _, i int) (err error) {
		t := &test{name: names[i]}
		s.tests[i] = t
		profile := filepath.Join(tmp, fmt.Sprint("profile", i))
		t.brief, err = p.alone(ctx, s, t.name, bin, profile, true)
		if err == nil && !c.Short {
			t.full, err = p.alone(ctx, s, t.name, bin, profile, false)
		}
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
	e, err := child(ctx, p.Dir, setting{time: endless}, bin, "-test.list", ".")
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
	if e, err = child(ctx, p.Dir, setting{time: time.Minute}, bin, "-h"); err == nil && strings.Contains(string(e.output), "-rapid.nofailfile") {
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

// endless is how long one test may take without a mutant: as long as go test gives a package.
const endless = 10 * time.Minute

// alone runs one test of the code as it is.
func (p *pkg) alone(ctx context.Context, s *suite, name, bin, profile string, short bool) (pass, error) {
	e, err := child(ctx, p.Dir, setting{time: endless}, bin, append(s.flags, "-test.run=^"+name+"$", fmt.Sprintf("-test.short=%v", short), "-test.coverprofile="+profile)...)
	switch {
	case err != nil:
		return pass{}, err
	case e.late:
		return pass{}, badInput("%s goes on for more than %v without any mutant: leave it out with --skip", name, endless)
	case !e.ok:
		return pass{}, badInput("%s fails without any mutant when it runs alone: go test -run '^%s$' %s says why", name, name, p.ImportPath)
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return pass{}, fmt.Errorf("%s leaves no coverage: %w", name, err)
	}
	reached, err := parseProfile(string(text), p.ImportPath)
	s.lock.Lock()
	s.memory = max(s.memory, e.memory)
	s.lock.Unlock()
	return pass{e.took, e.busy, reached}, err
}

// collect lists the blocks that there are.
func (s *suite) collect() {
	seen := make(map[block]bool)
	for _, t := range s.tests {
		for b := range t.brief.reaches {
			seen[b] = true
		}
	}
	for b := range seen {
		s.blocks = append(s.blocks, b)
	}
}

// A stage is tests that run in one process.
type stage struct {
	short      bool
	names      []string
	took, busy time.Duration // without a mutant
}

// quick is how long a test has a core that runs together with others. On a busy machine all tests take long.
const quick = 150 * time.Millisecond

// stages says which tests to run against a mutant, and in what order; none if no test reaches it. With -short come first: those that are quick
// in one process, since most of their time would go into starting one each, and then the others, from the quickest to the slowest, each alone.
func (s *suite) stages(m *Mutant) []stage {
	b, inside := around(s.blocks, m)
	reach := func(short bool, of func(*test) *pass) []stage {
		var list []*test
		for _, t := range s.tests {
			if p := of(t); p.reaches[b] || p.reaches != nil && !inside {
				list = append(list, t)
			}
		}
		slices.SortStableFunc(list, func(x, y *test) int { return cmp.Compare(of(x).busy, of(y).busy) })
		var stages []stage
		for _, t := range list {
			if len(stages) == 0 || of(t).busy >= quick {
				stages = append(stages, stage{short: short})
			}
			stages[len(stages)-1].add(t.name, of(t))
		}
		return stages
	}
	return append(reach(true, func(t *test) *pass { return &t.brief }), reach(false, func(t *test) *pass { return &t.full })...)
}

func (st *stage) add(name string, p *pass) {
	st.names = append(st.names, name)
	st.took += p.took
	st.busy += p.busy
}

// args are the arguments of the process of the stage.
func (st *stage) args(s *suite) []string {
	return append(slices.Clone(s.flags), "-test.run=^("+strings.Join(st.names, "|")+")$", fmt.Sprintf("-test.short=%v", st.short), "-test.failfast")
}
