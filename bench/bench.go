// Package bench measures how fast worlds run, against the least that such a program could do.
//
// The engine is measured by messages that are handed round a ring of nodes for ever, so many in flight
// at a time. There are five rows, and each does what the one before does and something more:
//
//   - closure: a loop over a 4-ary heap of (time, closure), the classic event simulator.
//   - bare: nodes behind an interface that send messages through an environment, and delays that are keyed picks.
//   - unhashed: the same nodes in a sim.World, with one property that watches.
//   - unguarded: what each message says is hashed, when it is sent and when it arrives.
//   - world: events and effects are hashed, there are checkpoints, and faults are counted. This is what all runs do.
//
// What is counted is calls of a handler: in a world each is at least two events, a send and a delivery.
// All rows allocate the message, and nothing else should be allocated for an event.
//
// A system is measured by whole runs, see [Runs].
//
// The rows take turns, in several rounds, and the median of a row's
// rounds is reported: other programs on the machine then slow all rows
// alike, and a ratio means something where an absolute figure does not.
package bench

import (
	"runtime"
	"slices"
	"time"

	"simrun/sim"
)

// A Row is one measured figure.
type Row struct {
	Name           string
	EventsPerS     float64 // calls of a handler a second; of [Runs]: events of the world a second
	RunsPerS       float64 // 0 for the engine; of [Judges], runs judged
	AllocsPerEvent float64
	Ratio          float64 // to another row: bare to closure, unhashed to bare, unguarded to unhashed, world to bare, all cores to one; 0: there is none
	Guarded        float64 // of world and of one core: to the same without the guard and without counting faults; 0: there is none
	To             string  // what the ratio is to, where that is not plain: of [Judges]
	VirtualPerS    float64 // of [Runs]: seconds of virtual time in a second
	PerRun         PerRun  // of [Runs]
}

// A sample is one measurement.
type sample struct {
	calls   uint64
	elapsed time.Duration
	mallocs uint64
}

// perSecond is the speed of a sample.
func (s sample) perSecond() float64 { return float64(s.calls) / s.elapsed.Seconds() }

// measured runs f, which returns how many calls it made, and takes the time and counts allocations meanwhile.
func measured(f func() uint64) sample {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	calls := f()
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	return sample{calls, elapsed, after.Mallocs - before.Mallocs}
}

// median returns the sample in the middle, by speed.
func median(samples []sample) sample {
	s := slices.Clone(samples)
	slices.SortFunc(s, func(a, b sample) int {
		switch x, y := a.perSecond(), b.perSecond(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return s[len(s)/2]
}

// medianRatio is the median of the ratios of samples that were taken in the same round; 0 if there was
// nothing to compare with.
func medianRatio(of, to []sample) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		if base := to[i].perSecond(); base > 0 {
			ratios[i] = of[i].perSecond() / base
		}
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// worlds are the rows of the world, and what they leave out.
var worlds = []struct {
	name string
	cfg  sim.Config
}{
	{"unhashed", sim.Config{Unguarded: true, Unhashed: true}},
	{"unguarded", sim.Config{Unguarded: true}},
	{"world", sim.Config{}},
}

// ratios says which row each of closure, bare, unhashed, unguarded and world is compared with.
var ratios = []int{-1, 0, 1, 2, 1}

// Engine measures closure, bare and the worlds with so many messages in flight, calls handler calls a round.
// The names of the rows end in suffix. An error means that the world could not be made.
func Engine(inFlight int, calls uint64, rounds int, suffix string) ([]Row, error) {
	names := []string{"closure", "bare"}
	for _, w := range worlds {
		names = append(names, w.name)
	}
	samples := make([][]sample, len(names))
	for range rounds {
		closures := newClosures(inFlight)
		samples[0] = append(samples[0], measured(func() uint64 { return closures.run(calls) }))
		bare := newBare(inFlight)
		samples[1] = append(samples[1], measured(func() uint64 { return bare.run(calls) }))
		for i, kind := range worlds {
			world, err := newWorld(inFlight, calls, kind.cfg)
			if err != nil {
				return nil, err
			}
			samples[2+i] = append(samples[2+i], measured(world.run))
			if err := world.check(); err != nil {
				return nil, err
			}
		}
	}
	var rows []Row
	for i, name := range names {
		m := median(samples[i])
		r := Row{Name: name + suffix, EventsPerS: m.perSecond(), AllocsPerEvent: float64(m.mallocs) / float64(m.calls)}
		if ratios[i] >= 0 {
			r.Ratio = medianRatio(samples[i], samples[ratios[i]])
		}
		rows = append(rows, r)
	}
	rows[4].Guarded = medianRatio(samples[4], samples[3])
	return rows, nil
}
