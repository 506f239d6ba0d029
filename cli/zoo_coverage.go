package cli

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"simrun/search"
	"simrun/view"
	"simrun/zoo"
)

// What the runs of a score have reached is told in one sentence for all bugs, and in a line each for those who ask. Bugs of one scenario share its words, so
// what they reached counts once.

// tellReached prints how much of the systems' behaviour was reached, if anybody looked; a line a bug if that is asked for.
func (c *command) tellReached(scores []zoo.Score, each bool) {
	all := make(map[string]*search.Coverage) // by scenario
	runs, once := uint64(0), 0
	for i := range scores {
		s := &scores[i]
		cov := s.Coverage()
		if cov == nil || cov.Runs == 0 {
			continue
		}
		if all[s.Bug.Scenario] == nil {
			all[s.Bug.Scenario] = &search.Coverage{}
		}
		all[s.Bug.Scenario].Add(cov)
		runs, once = runs+cov.Runs, once+cov.Once()
		if each {
			fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %s ", nameOf(s)), reachedText(cov)+"; "+outlook(cov)))
		}
	}
	if len(all) == 0 {
		return
	}
	var sum [3][2]int // by kind: seen, known
	for _, scenario := range slices.Sorted(maps.Keys(all)) {
		for k, kind := range sightKinds {
			seen, known := all[scenario].Count(kind)
			sum[k][0], sum[k][1] = sum[k][0]+seen, sum[k][1]+known
		}
	}
	text := fmt.Sprintf("Coverage: %s runs of %d %s reached %s situations, %d of %d sometimes, and %d of %d kinds of faults.", view.Number(runs), len(all), scenariosText(len(all)),
		view.Number(uint64(sum[0][0])), sum[1][0], sum[1][1], sum[2][0], sum[2][1])
	if once > 0 && runs >= fewRuns {
		text += fmt.Sprintf(" One run more would show something that no other with its bug has in 1 of %s cases (Good-Turing).", view.Number(uint64(max(math.Round(float64(runs)/float64(once)), 1))))
	}
	fmt.Fprint(c.out, view.Wrap("", text))
}

// reachedText counts what was reached.
func reachedText(cov *search.Coverage) string {
	situations, _ := cov.Count(search.SawSituation)
	reached, sometimes := cov.Count(search.SawSometimes)
	happened, faults := cov.Count(search.SawFault)
	return fmt.Sprintf("%s situations, %d of %d sometimes, %d of %d kinds of faults", view.Number(uint64(situations)), reached, sometimes, happened, faults)
}

// nameOf names a score: the bug, and the profile if there is one.
func nameOf(s *zoo.Score) string {
	if s.Profile == "" {
		return s.Bug.Name
	}
	return s.Bug.Name + " under " + s.Profile
}

func scenariosText(n int) string {
	if n == 1 {
		return "scenario"
	}
	return "scenarios"
}
