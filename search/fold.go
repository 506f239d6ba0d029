package search

import (
	"slices"
	"strings"
	"time"

	"simrun/seedfile"
	"simrun/sim"
)

const progressEvery = 100 * time.Millisecond

// A fold takes in runs in the order of their seeds, all in one goroutine. It keeps of each run only its
// part of the sums, and of a failing one the verdict if no run before it failed the same way; so its
// size does not grow with the number of runs.
type fold struct {
	hunt    *Hunt
	sum     Summary
	err     error
	done    bool // take no more
	failing int
	started time.Time

	bySign   map[string]int // index in sum.Failures
	last     int            // index of the latest new failure, or -1
	tallies  map[string]uint64
	reported time.Time
	atlas    *atlas // nil if nobody asked what was reached
	latest   uint64 // after how many runs something new was seen last
}

func newFold(h *Hunt) *fold {
	f := &fold{hunt: h, started: time.Now(), bySign: make(map[string]int), tallies: make(map[string]uint64), last: -1}
	if h.Cover {
		f.atlas = newAtlas(h.Scenario)
	}
	for _, name := range h.Scenario.Sometimes {
		f.sum.Sometimes = append(f.sum.Sometimes, Share{Name: name})
	}
	return f
}

// addAll takes in the runs of a batch. If some are missing the fold ends
// there, since what follows would leave a gap.
func (f *fold) addAll(b *batch) {
	for i := range b.made {
		if f.done {
			return
		}
		f.add(&b.made[i])
	}
	if uint64(len(b.made)) < b.to-b.from {
		f.done = true
	}
}

func (f *fold) add(m *made) {
	if m.differs != nil {
		f.sum.Diverged = append(f.sum.Diverged, *m.differs)
	}
	// The summary ends in front of the first seed that could not be run, whichever worker was there first.
	if m.err != nil {
		f.err, f.done = m.err, true
		return
	}
	f.count(m)
	f.tally(&m.verdict)
	f.sum.Figures.Add(m.meter)
	if f.atlas != nil && f.atlas.add(m) {
		f.latest = f.atlas.runs
	}
	// A new way to fail is told at once: it is what people wait for.
	fresh := m.judged.Failed() && f.addFailure(m)
	if k := f.hunt.StopAfter; k > 0 && f.failing >= k {
		f.done = true
	}
	f.report(fresh)
}

// count takes in outcomes and sums. What is first, inner or outer, is counted over all properties,
// whichever one is hunted.
func (f *fold) count(m *made) {
	s, v := &f.sum, &m.verdict
	s.Runs++
	if m.twice {
		s.Twice++
	}
	if m.there {
		s.Elsewhere++
	}
	if s.NotElsewhere == nil {
		s.NotElsewhere = m.noThere
	}
	*[...]*uint64{&s.OK, &s.Unknown, &s.Stalled, &s.Violated}[m.judged.Outcome]++
	if len(v.Excused) > 0 {
		s.Excused++
	}
	s.Spared += v.Spared
	if len(v.Outside) > 0 {
		s.Outside++
	}
	s.Events += v.Events
	s.Sent += v.Sent
	s.Late += v.Late
	s.Virtual += v.Virtual
	for k, n := range v.Faults {
		s.Faults[k] += n
		if n > 0 {
			s.FaultRuns[k]++
		}
	}
	for k := range s.Enabled {
		if v.Enabled&(1<<k) != 0 {
			s.Enabled[k]++
		}
	}
	for _, x := range v.Violations {
		first := &s.FirstOuter
		if x.Inner {
			first = &s.FirstInner
		}
		if *first == nil {
			seed := m.seed
			*first = &seed
		}
	}
}

// tally takes in what goes by name. The names are few and mostly the same
// ones in each run, so lists are searched.
func (f *fold) tally(v *sim.Verdict) {
	for _, name := range v.Sometimes {
		for i := range f.sum.Sometimes {
			if f.sum.Sometimes[i].Name == name {
				f.sum.Sometimes[i].Runs++
			}
		}
	}
	for _, c := range v.Checks {
		i := slices.IndexFunc(f.sum.Checks, func(s CheckSum) bool { return s.Name == c.Property })
		if i < 0 {
			i = len(f.sum.Checks)
			f.sum.Checks = append(f.sum.Checks, CheckSum{Name: c.Property, Inner: c.Inner})
		}
		sum := &f.sum.Checks[i]
		sum.Checks += c.Checks
		if c.Checks > 0 {
			sum.Runs++
		}
		switch c.Outcome {
		case sim.Violated, sim.Stalled:
			sum.Failed++
		case sim.Undecided:
			sum.Unknown++
		}
	}
	for _, t := range v.Tallies {
		f.tallies[t.Name] += t.N
	}
}

// listed is how many failing seeds a summary lists.
func (f *fold) listed() int {
	if f.hunt.StopAfter > 0 {
		return f.hunt.StopAfter
	}
	return mostListed
}

// addFailure takes in a failing run, and reports whether it failed in a new way. Since runs come in
// order, the first of its signature has the lowest seed.
func (f *fold) addFailure(m *made) bool {
	f.failing++
	if f.failing <= f.listed() {
		f.sum.Failing = append(f.sum.Failing, m.seed)
	}
	signature := m.judged.Signature()
	if i, ok := f.bySign[signature]; ok {
		f.sum.Failures[i].Count++
		return false
	}
	cfg := f.hunt.Config
	cfg.Seed = m.seed
	file := seedfile.Of(f.hunt.Scenario, cfg, m.verdict)
	file.Expect = seedfile.Expected(m.verdict)
	f.last = len(f.sum.Failures)
	f.bySign[signature] = f.last
	f.sum.Failures = append(f.sum.Failures, Failure{
		Seed: m.seed, Outcome: m.judged.Outcome, Property: m.judged.Property, Why: sentence(m.judged.Why),
		Signature: signature, Count: 1, Verdict: m.verdict, File: file, Plan: m.plan,
	})
	return true
}

// report tells the progress, unless it did a moment ago.
func (f *fold) report(now bool) {
	if f.hunt.Progress == nil || !now && time.Since(f.reported) < progressEvery {
		return
	}
	f.reported = time.Now()
	p := Progress{
		Done: f.sum.Runs, Total: f.hunt.total(), Failures: f.failing, Distinct: len(f.sum.Failures),
		Elapsed: time.Since(f.started),
	}
	if f.atlas != nil {
		p.Reached, p.Since = f.atlas.seen, f.sum.Runs-f.latest
	}
	if f.last >= 0 {
		last := f.sum.Failures[f.last]
		p.Last = &last
	}
	f.hunt.Progress(p)
}

// finish closes the summary.
func (f *fold) finish(interrupted bool) (Summary, error) {
	s := &f.sum
	s.Elapsed = time.Since(f.started)
	if f.atlas != nil {
		s.Coverage = f.atlas.coverage()
	}
	enough := f.hunt.StopAfter > 0 && f.failing >= f.hunt.StopAfter
	// A context that ends when all is done interrupts nothing.
	s.Interrupted = interrupted && f.err == nil && !enough && s.Runs < f.hunt.To-f.hunt.From
	for name, n := range f.tallies {
		s.Tallies = append(s.Tallies, sim.Tally{Name: name, N: n})
	}
	slices.SortFunc(s.Tallies, func(a, b sim.Tally) int { return strings.Compare(a.Name, b.Name) })
	f.report(true)
	return *s, f.err
}
