package cli

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"simrun/search"
	"simrun/view"
)

// What a hunt reached is told in three lines: how much of what is known, how soon, and whether going on would show more. All of it, with what
// was never seen, is for those who ask.

// A coverageRecord is what hunt --json says of what the runs reached.
type coverageRecord struct {
	Situations map[string]uint64 `json:"situations"`   // by node, phase and message: in how many runs a node in that phase handled such a message
	Reached    map[string]int    `json:"reached"`      // by "situation", "sometimes" and "fault": how many were seen
	Known      map[string]int    `json:"known"`        // and how many are known
	New        []int             `json:"new_per_1000"` // how many were new in each thousand runs, up to the last in which any was
	Once       int               `json:"once"`         // how many were seen in one run alone
	Next       float64           `json:"next"`         // how many more the next run would show, by Good and Turing
}

// coverageOf is the record of what was reached, nil if nobody looked.
func coverageOf(c *search.Coverage) *coverageRecord {
	if c == nil {
		return nil
	}
	r := &coverageRecord{Situations: map[string]uint64{}, Reached: map[string]int{}, Known: map[string]int{}, New: append([]int{}, c.New(thousand)...), Once: c.Once(), Next: c.Next()}
	for _, k := range sightKinds {
		r.Reached[k.String()], r.Known[k.String()] = c.Count(k)
	}
	for _, s := range c.Sights {
		if s.Kind == search.SawSituation {
			r.Situations[s.Name] = s.Runs
		}
	}
	return r
}

const thousand = 1000

var sightKinds = []search.SightKind{search.SawSituation, search.SawSometimes, search.SawFault}

// tellCoverage prints how much was reached, and what more is to be expected; all of it if that is asked for.
func (c *command) tellCoverage(cov *search.Coverage, all bool) {
	if cov == nil || cov.Runs == 0 {
		return
	}
	fmt.Fprint(c.out, view.Wrap("  coverage    ", reachedText(cov)))
	fmt.Fprint(c.out, view.Wrap("              ", "new in each 1,000 runs: "+newcomers(cov)))
	fmt.Fprint(c.out, view.Wrap("              ", outlook(cov)))
	if all {
		c.listCoverage(cov)
	}
}

// newcomers lists how many sights were new in each of the first thousands of runs, and how many in all that came after.
func newcomers(cov *search.Coverage) string {
	counts := cov.New(thousand)
	thousands := int((cov.Runs + thousand - 1) / thousand)
	for len(counts) < thousands && len(counts) < mostThousands {
		counts = append(counts, 0)
	}
	listed := min(len(counts), mostThousands)
	text := strings.Trim(fmt.Sprint(counts[:listed]), "[]")
	if thousands > mostThousands {
		later := 0
		for _, n := range counts[listed:] {
			later += n
		}
		text += fmt.Sprintf(", and in all after these %d", later)
	}
	return text
}

// mostThousands is how many thousands are listed one by one.
const mostThousands = 10

// outlook says what one more run is likely to show.
func outlook(cov *search.Coverage) string {
	if cov.Runs < fewRuns {
		return fmt.Sprintf("%d seen in 1 run only; too few runs to say what more would show", cov.Once())
	}
	if cov.Once() == 0 {
		return fmt.Sprintf("all seen twice or more: new ones, if any, in under 1 of %s runs", view.Number(cov.Runs))
	}
	every := uint64(math.Round(1 / cov.Next()))
	return fmt.Sprintf("%d seen in 1 run only: new ones in 1 of %s runs (Good-Turing)", cov.Once(), view.Number(max(every, 1)))
}

// fewRuns is below how many runs an estimate would be a guess.
const fewRuns = 100

// listCoverage prints each situation with the share of the runs in which it was seen, one line for each node and message, and in which phases
// a node of that type was never seen with that message; then all else that was never seen.
func (c *command) listCoverage(cov *search.Coverage) {
	phases := make(map[string][]string) // by node
	messages := make(map[string][]string)
	runs := make(map[[3]string]uint64)
	var nodes, never []string
	for _, s := range cov.Sights {
		x := s.Situation
		if s.Kind != search.SawSituation {
			if s.Runs == 0 {
				never = append(never, s.Name)
			}
			continue
		}
		runs[[3]string{x.Node, x.Phase, x.Message}] = s.Runs
		nodes, phases[x.Node], messages[x.Node] = with(nodes, x.Node), with(phases[x.Node], x.Phase), with(messages[x.Node], x.Message)
	}
	head := "  situations  "
	for _, node := range nodes {
		slices.Sort(messages[node])
		for _, m := range messages[node] {
			var seen, missed []string
			for _, phase := range phases[node] {
				if n := runs[[3]string{node, phase, m}]; n > 0 {
					seen = append(seen, strings.TrimSpace(phase+" "+percent(n, cov.Runs)))
				} else if phase != "" {
					missed = append(missed, phase)
				}
			}
			if runs[[3]string{node, "", m}] > 0 { // where nothing can be said of the phase nothing is amiss
				missed = nil
			}
			line := fmt.Sprintf("%s handles %s: %s", node, m, strings.Join(seen, ", "))
			if len(missed) > 0 {
				line += "; never " + strings.Join(missed, ", ")
			}
			fmt.Fprint(c.out, view.Wrap(head, line))
			head = "              "
		}
	}
	if len(never) > 0 {
		fmt.Fprint(c.out, view.Wrap("  never seen  ", strings.Join(never, ", ")))
	}
}

// with is a list and what is to be in it, once.
func with(list []string, x string) []string {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}
