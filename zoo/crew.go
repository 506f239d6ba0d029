package zoo

import "time"

// In which order a campaign does what is to be done matters to those who wait alone: first one range of each bug, then others of those that are found soon, then what takes long, so
// that at the end there are many ranges of few bugs and all workers have some. What is compared comes last, for it says nothing without the first.

// The ranks of tasks, in the order in which they are done.
const (
	rankLook    = iota // the first range of a bug
	rankMeasure        // its other ranges
	rankShrink
	rankCompare // ranges under other profiles
)

// pick takes the task that is to be done next. The caller holds the lock.
func (w *crew) pick() (best task, ok bool) {
	var bestRank int
	var bestCost float64
	for _, j := range w.jobs {
		t, rank := w.offer(j)
		if t.job == nil {
			continue
		}
		// Of those of one rank the quickest is done first, and of those that nobody knows yet the first in the list.
		if cost := secondsOf(j); !ok || rank < bestRank || rank == bestRank && cost < bestCost {
			best, bestRank, bestCost, ok = t, rank, cost, true
		}
	}
	switch {
	case !ok:
	case best.shrink:
		best.job.shrunk = true
	default:
		best.job.asked++
	}
	return best, ok
}

// offer is what a job has to be done now; none: its task has no job.
func (w *crew) offer(j *job) (t task, rank int) {
	switch {
	case j.asked < j.want:
		rank = rankMeasure
		switch {
		case j.first != nil:
			rank = rankCompare
		case j.asked == 0:
			rank = rankLook
		}
		return task{job: j, index: j.asked}, rank
	// One failure a bug is made small: the first of the first profile, or if it found none of whichever did.
	case w.Shrink != nil && !j.shrunk && j.closed() && j.found() != nil && (j.first == nil || j.first.found() == nil):
		return task{job: j, shrink: true}, rankShrink
	}
	return task{}, 0
}

// secondsOf is what a range of a job takes, as far as is known; 0 if nothing is.
func secondsOf(j *job) float64 {
	n, sum := 0, 0.0
	for i := range j.results {
		if j.results[i].To != 0 {
			n++
			sum += j.results[i].Seconds
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// progress says how far it has come. What nobody has tried yet is taken for what its like took in the mean. The caller holds the lock.
func (w *crew) progress(last *Result) Progress {
	p := Progress{Last: last}
	var open [2]int     // ranges of jobs of which nothing is known, the first profile's and others'
	var took [2]float64 // the sum of what a range takes, over jobs of which something is known
	var jobs [2]int
	seconds := 0.0
	for _, j := range w.jobs {
		kind := 0
		if j.first != nil {
			kind = 1
		}
		made, total := w.expect(j)
		p.Done, p.Total = p.Done+made, p.Total+total
		if made == 0 {
			open[kind] += total
			continue
		}
		each := secondsOf(j)
		took[kind] += each
		jobs[kind]++
		seconds += each * float64(total-made)
	}
	for kind := range open {
		like := kind
		if jobs[kind] == 0 { // for want of anything better, those of the other kind
			like = 1 - kind
		}
		seconds += took[like] / float64(max(jobs[like], 1)) * float64(open[kind])
	}
	p.Left = time.Duration(seconds / float64(max(w.Workers, 1)) * float64(time.Second))
	return p
}

// expect says how many ranges of a job are made, and how many there will be if it goes on as it has begun.
func (w *crew) expect(j *job) (made, total int) {
	missed := 0
	for i := range j.results {
		if j.results[i].To != 0 {
			made++
			if j.results[i].Outer == nil {
				missed++
			}
		}
	}
	switch { // see plan
	case j.closed():
		return made, j.want
	case j.want > Few: // it is decided
		return made, max(j.want, made)
	case missed > 0 && missed == made:
		return made, max(min(hopeless, w.most(j)), made)
	case missed > 0:
		return made, max(min(Few, w.most(j)), made)
	}
	return made, max(w.most(j), made)
}
