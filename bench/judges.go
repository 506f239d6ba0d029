package bench

import (
	"fmt"

	"simrun/sim"
)

// A rejudger is a property that can judge the run that it has seen once more, in several ways. This package knows no judge: whoever has such a method is measured.
type rejudger interface {
	Rejudge(each func(way string, judge func() (sim.Result, error)))
}

// Judges measures the ways in which a property of the scenario can judge runs, on the same runs: a row a way, whose rate is in runs judged a second. The row of a way has as its ratio that to the last.
// There are no rows if no property has more than one way. An error means that a world could not be made, or that two ways differ about a run.
func Judges(s *sim.Scenario, runs uint64, rounds int) ([]Row, error) {
	histories, err := judged(s, runs)
	if err != nil || len(histories) == 0 {
		return nil, err
	}
	var names []string
	var ways [][]func() (sim.Result, error) // a list a way
	for _, h := range histories {
		i := 0
		h.Rejudge(func(way string, judge func() (sim.Result, error)) {
			if i == len(ways) {
				names, ways = append(names, way), append(ways, nil)
			}
			ways[i] = append(ways[i], judge)
			i++
		})
	}
	if err := agree(names, ways); err != nil {
		return nil, err
	}
	samples := make([][]sample, len(ways))
	rows := make([]Row, len(ways))
	for range rounds {
		for i, judges := range ways {
			samples[i] = append(samples[i], measured(func() uint64 {
				for _, judge := range judges {
					if r, _ := judge(); r == sim.Unknown {
						rows[i].PerRun.Undecided += 1 / float64(len(judges)*rounds)
					}
				}
				return uint64(len(judges))
			}))
		}
	}
	for i := range rows {
		rows[i].Name, rows[i].RunsPerS = s.Name+"/"+names[i], median(samples[i]).perSecond()
		if last := len(rows) - 1; i < last {
			rows[i].Ratio, rows[i].To = medianRatio(samples[i], samples[last]), names[last]
		}
	}
	return rows, nil
}

// judged makes runs and returns the properties that can judge them again.
func judged(s *sim.Scenario, runs uint64) (all []rejudger, err error) {
	opts, err := options(s)
	if err != nil {
		return nil, err
	}
	kept := *s
	kept.Properties = func(o sim.Options) (list []sim.Property) {
		if s.Properties != nil {
			list = s.Properties(o)
		}
		for _, p := range list {
			if r, ok := p.(rejudger); ok {
				all = append(all, r)
			}
		}
		return list
	}
	for seed := range runs {
		w, err := kept.World(sim.Config{Seed: seed, Options: opts})
		if err != nil {
			return nil, fmt.Errorf("bench: seed %#x: %w", seed, err)
		}
		w.Run(0)
		w.Close()
	}
	return all, nil
}

// agree asks each way once. That one has no answer where another has one is what may differ.
func agree(names []string, ways [][]func() (sim.Result, error)) error {
	for run := range ways[0] {
		first := -1
		wrong := false
		for i := range ways {
			r, err := ways[i][run]()
			switch {
			case err == nil && r == sim.Unknown:
			case first < 0:
				first, wrong = i, err != nil
			case wrong != (err != nil):
				return fmt.Errorf("bench: judges differ about run %d: %s and %s", run, names[first], names[i])
			}
		}
	}
	return nil
}
