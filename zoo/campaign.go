package zoo

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A Campaign measures how many seeds bugs take. Each bug is tried in several ranges of seeds that do not overlap, under each profile; a range
// ends when the bug is seen from outside. The result depends on the code alone, whatever the workers and in whatever order they are done.
//
// The first profile is the measure. Where it takes long, few ranges are tried. The others are compared with it, so they are tried in [Few] of the same ranges, and in
// each no further than [Far] times the median of the first: see [Compare].
type Campaign struct {
	Bugs     []*Bug
	Profiles []string // none: the one that the bug names, or the default one. What begins with [Strategy] is a strategy
	Ranges   int      // for each bug and profile
	Budget   uint64   // seeds in a range
	Workers  int

	// Without names the properties that are not heard when a bug is tried, with commas between them. It may be nil: then all are.
	Without func(*Bug) string
	// Key names the program that has a bug, by its contents. What was tried with another need not hold.
	Key func(*Bug) (string, error)
	// Try makes the runs of a trial. The fields of the Result's Trial and Key are filled in by the campaign, and its Seconds if they are 0.
	Try func(context.Context, *Bug, Trial) (Result, error)
	// Shrink makes a run small in which the property complains: a stall may stand behind an inner violation, which the run is named after. It may be nil: then nothing is shrunk.
	Shrink func(ctx context.Context, b *Bug, run *Seen) (*Small, error)
	// Known are results from before. Those of the same key and trial are not made again.
	Known []Result
	// Done is told of each new result, one after the other, and again once it is known what it shrinks to. It may be nil.
	Done func(Result)
	// Progress is told how far it has come, at each result. It may be nil.
	Progress func(Progress)
}

// Progress is how far a campaign has come.
type Progress struct {
	Done, Total int           // ranges; the total is what is to be expected
	Left        time.Duration // what the rest may take, by what was seen until now; 0: nobody knows
	Last        *Result
}

// Strategy begins the name of a profile that is none: behind it stands the strategy that is in its place.
const Strategy = "strategy "

// Few is how many ranges are tried of a bug that takes long, and also how many tell whether it does.
const Few = 5

// hopeless is in how many of the first ranges a bug is missed until no more are tried: of Few it could not be found in the middle any more.
const hopeless = Few/2 + 1

// hardShare of a range's budget is what a bug takes in the middle to count as hard: it is tried in few ranges only.
const hardShare = 0.2

// maskedRanges: a patch that is masked is tried in one range, which is to find nothing.
const maskedRanges = 1

// leastSeeds are tried under a profile that is compared, however soon the first finds the bug.
const leastSeeds = 500

// job is a bug under a profile. What becomes of it depends on its own results alone, in the order of ranges, and on those of the job it is compared with.
type job struct {
	bug     *Bug
	profile string
	key     string
	first   *job     // the one it is compared with; nil: it is the first
	budget  uint64   // seeds in a range
	results []Result // by range; To is 0 in those that are not made
	asked   int      // how many ranges somebody makes or has made
	want    int      // how many there shall be, as far as is known
	shrunk  bool     // somebody makes its failure small, or has
	small   *Small
}

// closed reports whether all ranges are made.
func (j *job) closed() bool { return j.want > 0 && len(finished(j.results)) == j.want }

// found returns the first result that saw the bug from outside.
func (j *job) found() *Result {
	for i := range j.results {
		if j.results[i].Outer != nil {
			return &j.results[i]
		}
	}
	return nil
}

// most is in how many ranges a job is tried at most.
func (c *Campaign) most(j *job) int {
	switch {
	case j.bug.Masked != "":
		return min(c.Ranges, maskedRanges)
	case j.first != nil:
		return min(c.Ranges, Few)
	}
	return c.Ranges
}

// plan says how many ranges a job shall be tried in, by what its first ranges say: nobody else's, and none behind them, so that neither the workers nor luck decide.
func (c *Campaign) plan(j *job) {
	if j.first != nil && !j.first.closed() {
		return // how far it is to be tried is not known yet
	}
	if j.budget == 0 {
		j.budget = c.far(j.first)
	}
	made, missed := finished(j.results), 0
	for _, r := range made[:min(len(made), Few)] { // what is found later changes nothing: who stops when he has seen enough has looked at his own choice
		if r.Outer == nil {
			missed++
		}
	}
	n := len(made)
	switch {
	case n < hopeless:
		j.want = hopeless
	case missed >= hopeless:
		j.want = min(n, Few)
	case n < Few && missed == hopeless-1:
		j.want = n + 1 // which may be the last
	case n < Few:
		j.want = Few
	case c.hard(j, made[:Few]):
		j.want = Few
	default:
		j.want = c.Ranges
	}
	j.want = min(j.want, c.most(j))
	j.results = append(j.results, make([]Result, max(j.want-len(j.results), 0))...)
}

// far is how many seeds of a range are tried of what is compared with a job that is done.
func (c *Campaign) far(first *job) uint64 {
	if first == nil {
		return c.Budget
	}
	m := (&Score{Results: first.results}).Outer().Median.Value
	return uint64(min(float64(c.Budget), max(leastSeeds, Far*m)))
}

// hard reports whether the first ranges say that the bug takes long.
func (c *Campaign) hard(j *job, first []Result) bool {
	s := Score{Results: first}
	return s.Outer().Median.Value > hardShare*float64(j.budget)
}

// Run makes the trials and returns a score for each bug and profile, in the order of bugs and then of profiles. When ctx is done the
// scores hold the ranges that were finished, and the error is the context's.
func (c Campaign) Run(ctx context.Context) ([]Score, error) {
	jobs, err := c.jobs()
	if err != nil {
		return nil, err
	}
	err = newCrew(&c, jobs).run(ctx)
	scores := make([]Score, len(jobs))
	for i, j := range jobs {
		few := j.first == nil && j.closed() && j.bug.Masked == "" && j.want < c.Ranges
		scores[i] = Score{Bug: j.bug, Profile: j.profile, Budget: j.budget, Results: finished(j.results), Whole: j.closed(), Hard: few, Small: j.small}
	}
	return scores, err
}

// jobs lists what there is to do.
func (c *Campaign) jobs() (jobs []*job, err error) {
	if c.Ranges < 1 || c.Budget < 1 || len(c.Bugs) == 0 {
		return nil, errors.New("zoo: a campaign needs bugs, ranges and a budget of seeds")
	}
	for _, b := range c.Bugs {
		key, err := c.Key(b)
		if err != nil {
			return nil, err
		}
		profiles := c.Profiles
		if len(profiles) == 0 {
			profiles = []string{b.Faults}
		}
		var first *job
		for _, p := range profiles {
			j := &job{bug: b, profile: p, key: key, first: first}
			if first == nil {
				first = j
			}
			c.plan(j)
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// finished are the results before the first that is missing.
func finished(results []Result) []Result {
	if i := slices.IndexFunc(results, func(r Result) bool { return r.To == 0 }); i >= 0 {
		return results[:i]
	}
	return results
}

// A known result is found by its trial and the program.
type knownKey struct {
	Trial
	key string
}

// A crew is the workers of a campaign under way.
type crew struct {
	*Campaign
	jobs  []*job
	known map[knownKey]Result

	mu      sync.Mutex
	changed sync.Cond // a job has more to do, or the crew is done
	busy    int       // workers that may give others more to do
	err     error     // why it ends early
}

func newCrew(c *Campaign, jobs []*job) *crew {
	w := &crew{Campaign: c, jobs: jobs, known: make(map[knownKey]Result)}
	w.changed.L = &w.mu
	for _, r := range c.Known { // the last one of a trial also knows what it shrinks to
		w.known[knownKey{r.Trial, r.Key}] = r
	}
	return w
}

// run makes all that is to be done, and whatever that shows to be done.
func (w *crew) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { w.end(ctx.Err()) })()
	var workers sync.WaitGroup
	for range max(w.Workers, 1) {
		workers.Go(func() {
			for t := w.next(); t.job != nil; t = w.next() {
				err := w.do(ctx, t)
				if err != nil {
					w.end(err)
					cancel()
				}
				w.mu.Lock()
				w.busy--
				w.changed.Broadcast()
				w.mu.Unlock()
			}
		})
	}
	workers.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// end says why no more is to be done; the first reason holds.
func (w *crew) end(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	w.changed.Broadcast()
}

// A task is one trial, or to make the failure of a job small.
type task struct {
	job    *job
	index  int
	shrink bool
}

// next waits for something to do; its job is nil if there will be nothing more.
func (w *crew) next() task {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.err == nil {
		if t, ok := w.pick(); ok {
			w.busy++
			return t
		}
		if w.busy == 0 {
			break
		}
		w.changed.Wait()
	}
	return task{}
}

// do makes a task.
func (w *crew) do(ctx context.Context, t task) error {
	if t.shrink {
		return w.shrink(ctx, t.job)
	}
	from := uint64(t.index) * w.Budget
	trial := Trial{Bug: t.job.bug.Name, Profile: t.job.profile, From: from, To: from + t.job.budget}
	if w.Without != nil {
		trial.Without = w.Without(t.job.bug)
	}
	result, known := w.known[knownKey{trial, t.job.key}]
	if !known {
		began := time.Now()
		var err error
		if result, err = w.Try(ctx, t.job.bug, trial); err != nil {
			return err
		}
		if result.Trial, result.Key = trial, t.job.key; result.Seconds == 0 {
			result.Seconds = time.Since(began).Seconds()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.job.results[t.index] = result
	w.plan(t.job)
	for _, j := range w.jobs {
		if j.first == t.job {
			w.plan(j)
		}
	}
	if !known && w.Done != nil {
		w.Done(result)
	}
	if w.Progress != nil {
		w.Progress(w.progress(&result))
	}
	return nil
}

// shrink makes the first failure of a job small, if nobody has before.
func (w *crew) shrink(ctx context.Context, j *job) error {
	w.mu.Lock()
	r := *j.found()
	w.mu.Unlock()
	known := r.Small != nil
	if !known {
		var err error
		if r.Small, err = w.Shrink(ctx, j.bug, r.Outer); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	j.found().Small, j.small = r.Small, r.Small
	if !known && w.Done != nil {
		w.Done(r)
	}
	return nil
}
