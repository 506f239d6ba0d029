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
type Campaign struct {
	Bugs     []*Bug
	Profiles []string // none: the one that the bug names, or the default one
	Ranges   int      // for each bug and profile
	Budget   uint64   // seeds in a range
	Workers  int

	// Without names the properties that are not heard when a bug is tried, with commas between them. It may be nil: then all are.
	Without func(*Bug) string
	// Key names the program that has a bug, by its contents. What was tried with another need not hold.
	Key func(*Bug) (string, error)
	// Try makes the runs of a trial. The fields of the Result's Trial and Key are filled in by the campaign.
	Try func(context.Context, *Bug, Trial) (Result, error)
	// Shrink makes the run of a token small. It may be nil: then nothing is shrunk.
	Shrink func(ctx context.Context, b *Bug, token string) (*Small, error)
	// Known are results from before. Those of the same key and trial are not made again.
	Known []Result
	// Done is told of each new result, one after the other. It may be nil.
	Done func(Result)
	// Progress is told how many trials are done and how many are known to come. It may be nil.
	Progress func(done, total int, last *Result)
}

// Few is how many ranges are tried of a bug that takes long, and also how many tell whether it does.
const Few = 5

// hardShare of a range's budget is what a bug takes in the middle to count as hard: it is tried in few ranges only.
const hardShare = 0.2

// maskedRanges: a patch that is masked is tried in one range, which is to find nothing.
const maskedRanges = 1

// job is a bug under a profile.
type job struct {
	bug     *Bug
	profile string
	key     string
	results []Result // by range
	hard    bool     // few ranges were tried, and no more shall be
}

// Run makes the trials and returns a score for each bug and profile, in the order of bugs and then of profiles. When ctx is done the
// scores hold the ranges that were finished, and the error is the context's.
func (c Campaign) Run(ctx context.Context) ([]Score, error) {
	jobs, err := c.jobs()
	if err != nil {
		return nil, err
	}
	r := &running{Campaign: c}
	// First the ranges that tell which bugs are hard, then the others of those that are not.
	err = r.all(ctx, jobs, func(j *job) int { return min(c.Ranges, c.few(j)) })
	if err == nil {
		err = r.all(ctx, jobs, func(j *job) int {
			if j.hard = c.Ranges > Few && c.hard(j); j.hard || j.bug.Masked != "" {
				return len(j.results)
			}
			return c.Ranges
		})
	}
	scores := make([]Score, len(jobs))
	for i, j := range jobs {
		scores[i] = Score{Bug: j.bug, Profile: j.profile, Results: finished(j.results), Hard: j.hard}
	}
	if err == nil {
		err = c.shrinkAll(ctx, scores)
	}
	return scores, err
}

// few is how many ranges of a job come first.
func (c *Campaign) few(j *job) int {
	if j.bug.Masked != "" {
		return maskedRanges
	}
	return Few
}

// hard reports whether what was tried says that the bug takes long.
func (c *Campaign) hard(j *job) bool {
	s := Score{Results: j.results}
	return j.bug.Masked == "" && len(j.results) > 0 && s.Outer().Median.Value > hardShare*float64(c.Budget)
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
		for _, p := range profiles {
			jobs = append(jobs, &job{bug: b, profile: p, key: key})
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

// running is a campaign under way.
type running struct {
	Campaign

	mu          sync.Mutex
	done, total int
}

// A task is one trial.
type task struct {
	job   *job
	index int
}

// all makes the ranges of the jobs up to so many.
func (r *running) all(ctx context.Context, jobs []*job, upTo func(*job) int) error {
	var tasks []task
	for _, j := range jobs {
		have := len(j.results)
		n := max(upTo(j), have)
		j.results = append(j.results, make([]Result, n-have)...)
		for i := have; i < n; i++ {
			tasks = append(tasks, task{j, i})
		}
	}
	r.total += len(tasks)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan task)
	var workers sync.WaitGroup
	for range max(r.Workers, 1) {
		workers.Go(func() {
			for t := range next {
				if err := r.one(ctx, t); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, t := range tasks {
		select {
		case next <- t:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// one makes a trial, unless its result is known.
func (r *running) one(ctx context.Context, t task) error {
	from := uint64(t.index) * r.Budget
	trial := Trial{Bug: t.job.bug.Name, Profile: t.job.profile, From: from, To: from + r.Budget}
	if r.Without != nil {
		trial.Without = r.Without(t.job.bug)
	}
	result, known := r.known(trial, t.job.key)
	if !known {
		began := time.Now()
		var err error
		if result, err = r.Try(ctx, t.job.bug, trial); err != nil {
			return err
		}
		result.Trial, result.Key, result.Seconds = trial, t.job.key, time.Since(began).Seconds()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.job.results[t.index] = result
	r.done++
	if !known && r.Done != nil {
		r.Done(result)
	}
	if r.Progress != nil {
		r.Progress(r.done, r.total, &result)
	}
	return nil
}

// known finds a result from before.
func (r *running) known(t Trial, key string) (Result, bool) {
	for i := len(r.Known) - 1; i >= 0; i-- { // the last one also knows what it shrinks to
		if k := r.Known[i]; k.Trial == t && k.Key == key {
			return k, true
		}
	}
	return Result{}, false
}

// shrinkAll makes the first failure of each bug small, under the first profile that found it.
func (c *Campaign) shrinkAll(ctx context.Context, scores []Score) (err error) {
	if c.Shrink == nil {
		return nil
	}
	var last *Bug
	for i := range scores {
		s := &scores[i]
		at := slices.IndexFunc(s.Results, func(r Result) bool { return r.Outer != nil })
		if s.Bug == last || at < 0 {
			continue
		}
		last = s.Bug
		r := &s.Results[at]
		if r.Small == nil {
			if r.Small, err = c.Shrink(ctx, s.Bug, r.Outer.Token); err != nil {
				return err
			}
			if c.Done != nil {
				c.Done(*r)
			}
		}
		s.Small = r.Small
	}
	return nil
}
