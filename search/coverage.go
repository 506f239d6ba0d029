package search

import (
	"cmp"
	"math/bits"
	"slices"

	"simrun/sim"
	"simrun/sim/fault"
)

// A SightKind says what a [Sight] is.
type SightKind uint8

// The kinds of sights.
const (
	SawSituation SightKind = iota // a node handled a message of some type in some phase: see sim.Situation
	SawSometimes                  // one of the scenario's Sometimes was reached
	SawFault                      // a kind of fault happened
	sightKinds
)

var sightNames = [sightKinds]string{"situation", "sometimes", "fault"}

// String returns "situation", "sometimes" or "fault".
func (k SightKind) String() string { return sightNames[k] }

// A Sight is one thing that a run of a system can show.
type Sight struct {
	Kind      SightKind
	Name      string        // "Acceptor promised, Accept", "Adopted", "crash"
	Situation sim.Situation // of SawSituation

	Runs  uint64 // how many runs showed it; 0 for what is known to be possible and was not seen
	Seed  uint64 // the first of them
	After uint64 // and how many runs had been made before that one
}

// A Coverage is what of a system's behaviour some runs have shown, one after the other. A situation is known once it is seen; things of the
// scenario's Sometimes, and kinds of faults that a plan could produce, are known before. The zero Coverage is of no runs.
type Coverage struct {
	Runs   uint64  `json:"runs"`
	Sights []Sight `json:"sights"` // sorted by kind and name
}

// Count returns how many sights of a kind have been seen, and how many are known.
func (c *Coverage) Count(kind SightKind) (seen, known int) {
	for i := range c.Sights {
		if s := &c.Sights[i]; s.Kind == kind {
			known++
			if s.Runs > 0 {
				seen++
			}
		}
	}
	return seen, known
}

// New returns how many sights were seen for the first time in each n runs, in the order in which the runs were made. It ends with the last n runs that
// showed something new: those after it did not.
func (c *Coverage) New(n uint64) (counts []int) {
	for i := range c.Sights {
		s := &c.Sights[i]
		if s.Runs == 0 {
			continue
		}
		at := s.After / n
		for uint64(len(counts)) <= at {
			counts = append(counts, 0)
		}
		counts[at]++
	}
	return counts
}

// Once returns how many sights were seen in one run alone.
func (c *Coverage) Once() (n int) {
	for i := range c.Sights {
		if c.Sights[i].Runs == 1 {
			n++
		}
	}
	return n
}

// Next estimates how many sights one more run would show that no run has: the number of those that were seen in one run alone, divided by the number of
// runs. It is the estimate of Good and Turing (I. J. Good, Biometrika 40, 1953), for runs that each show a set of things: one that shows with
// probability p is new in the next run with p(1-p)^n, and is seen once in n runs with np(1-p)^(n-1). So it needs runs that are drawn alike, as those of
// seeds are, and errs by a factor 1-p to the safe side. Where all was seen at least twice it is 0, which says no more than that something
// new is rarer than one in so many runs.
func (c *Coverage) Next() float64 {
	if c.Runs == 0 {
		return 0
	}
	return float64(c.Once()) / float64(c.Runs)
}

// Add takes in the runs of another Coverage, as if they had been made after those of this one.
func (c *Coverage) Add(more *Coverage) {
	sights := slices.Clone(c.Sights)
	for _, x := range more.Sights {
		i, known := slices.BinarySearchFunc(c.Sights, x, bySight)
		if x.Runs > 0 {
			x.After += c.Runs
		}
		switch {
		case !known:
			sights = append(sights, x)
		case sights[i].Runs == 0:
			sights[i] = x
		default:
			sights[i].Runs += x.Runs
		}
	}
	slices.SortFunc(sights, bySight)
	c.Runs, c.Sights = c.Runs+more.Runs, sights
}

func bySight(a, b Sight) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Situation.String(), b.Situation.String()))
}

// A glimpse is what one run came by: bits for the situations that its worker knew by then.
type glimpse struct {
	worker *sim.Situations // nil if nobody looked
	known  []sim.Situation
	bits   []uint64
}

// take looks at what the latest run came by.
func take(s *sim.Situations) glimpse { return glimpse{s, s.Known(), slices.Clone(s.Latest())} }

// An atlas folds what runs came by. Each worker numbers the situations as it meets them, so numbers are translated to the places of
// sights.
type atlas struct {
	runs   uint64
	seen   int // sights that any run has shown
	sights []Sight
	place  map[sim.Situation]int
	faults [fault.Kinds]int // the place of each kind, from 1
	theirs map[*sim.Situations][]int
}

func newAtlas(s *sim.Scenario) *atlas {
	a := &atlas{place: make(map[sim.Situation]int), theirs: make(map[*sim.Situations][]int)}
	for _, name := range s.Sometimes {
		a.sights = append(a.sights, Sight{Kind: SawSometimes, Name: name})
	}
	return a
}

// add takes in a run, and reports whether it showed something new.
func (a *atlas) add(m *made) (fresh bool) {
	see := func(i int) {
		s := &a.sights[i]
		if s.Runs++; s.Runs == 1 {
			s.Seed, s.After, fresh = m.seed, a.runs, true
			a.seen++
		}
	}
	places := a.translate(&m.glimpse)
	for i, word := range m.glimpse.bits {
		for ; word != 0; word &= word - 1 {
			see(places[i*64+bits.TrailingZeros64(word)])
		}
	}
	for _, name := range m.verdict.Sometimes {
		for i := range a.sights {
			if s := &a.sights[i]; s.Kind == SawSometimes && s.Name == name {
				see(i)
			}
		}
	}
	for k, n := range m.verdict.Faults {
		if a.faults[k] == 0 && (n > 0 || m.verdict.Enabled.Has(fault.Kind(k))) {
			a.sights = append(a.sights, Sight{Kind: SawFault, Name: fault.Kind(k).String()})
			a.faults[k] = len(a.sights)
		}
		if n > 0 {
			see(a.faults[k] - 1)
		}
	}
	a.runs++
	return fresh
}

// translate returns the places of the situations that the run's worker knows.
func (a *atlas) translate(g *glimpse) []int {
	if g.worker == nil {
		return nil
	}
	places := a.theirs[g.worker]
	if len(places) < len(g.known) {
		for _, x := range g.known[len(places):] {
			i, ok := a.place[x]
			if !ok {
				i = len(a.sights)
				a.place[x] = i
				a.sights = append(a.sights, Sight{Kind: SawSituation, Name: x.String(), Situation: x})
			}
			places = append(places, i)
		}
		a.theirs[g.worker] = places
	}
	return places
}

// coverage returns what was seen. A situation that only runs behind the end of the hunt came by is not known.
func (a *atlas) coverage() *Coverage {
	sights := slices.DeleteFunc(slices.Clone(a.sights), func(s Sight) bool { return s.Kind == SawSituation && s.Runs == 0 })
	slices.SortFunc(sights, bySight)
	return &Coverage{a.runs, sights}
}
