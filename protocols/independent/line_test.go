package independent

import (
	"fmt"
	"slices"
	"testing"

	"simrun/sim/chance"
)

// consistent reports whether no message crosses the line backwards: received before it and sent behind it.
func consistent(all []Dependencies, line []int) bool {
	for j, d := range all {
		for y := 1; y < line[j]; y++ {
			for i, x := range d.Needs[y] {
				if i != j && x > 0 && x >= line[i] {
					return false
				}
			}
		}
	}
	return true
}

// greatest is the recovery line the dumb way: of all lines, each looked at, the consistent one that undoes least. It also checks that there is such a
// one: that it is at or behind every consistent line in every place.
func greatest(t *testing.T, all []Dependencies) []int {
	t.Helper()
	var found [][]int
	line := make([]int, len(all))
	var try func(j int)
	try = func(j int) {
		if j == len(all) {
			if consistent(all, line) {
				found = append(found, slices.Clone(line))
			}
			return
		}
		for line[j] = 1; line[j] <= all[j].End; line[j]++ {
			try(j + 1)
		}
		line[j] = 0
	}
	try(0)
	best := make([]int, len(all))
	for _, l := range found {
		for j := range l {
			best[j] = max(best[j], l[j])
		}
	}
	if !consistent(all, best) {
		t.Fatalf("%v: no line is the greatest", all)
	}
	return best
}

// draw makes a random dependency graph.
func draw(c *chance.Source, s *chance.Stream, at *uint64, n, intervals int) []Dependencies {
	pick := func(k int) int {
		*at++
		return int(c.Below(s, *at, uint64(k)))
	}
	all := make([]Dependencies, n)
	for j := range all {
		all[j].End = 1 + pick(intervals)
		all[j].Needs = make([][]int, intervals+1)
		for y := range all[j].Needs {
			all[j].Needs[y] = make([]int, n)
			for i := range n {
				if i != j && y > 0 && pick(3) == 0 {
					all[j].Needs[y][i] = 1 + pick(intervals)
				}
			}
		}
	}
	return all
}

// Fails if the line is not consistent, or if another consistent one would undo less.
func TestRecoveryLineIsTheGreatest(t *testing.T) {
	c, s, at := chance.Seeded(1), chance.NewStream("graph", "", "", ""), uint64(0)
	fell := 0
	for k := range 3000 {
		all := draw(&c, &s, &at, 2+k%3, 2+k%4)
		line, steps := RecoveryLine(all)
		if want := greatest(t, all); !slices.Equal(line, want) {
			t.Fatalf("%v\ngot  %v\nwant %v", all, line, want)
		}
		for _, step := range steps {
			if all[step.Process].Needs[step.Undone][step.By] != step.Of || step.Of < line[step.By] {
				t.Fatalf("%v: step %v explains nothing", all, step)
			}
		}
		if len(steps) > 0 {
			fell++
		}
	}
	if fell < 500 {
		t.Errorf("only %d of 3000 graphs needed a step", fell)
	}
}

// The lecture's example of the domino effect: which failure leads to which line.
func TestLectureLines(t *testing.T) {
	p1 := [][]int{nil, {0, 1, 0}, {0, 2, 0}, nil}
	p2 := [][]int{nil, {1, 0, 2}, nil}
	p3 := [][]int{nil, {0, 1, 0}, nil}
	for _, c := range []struct {
		ends  []int
		line  string
		steps int
	}{
		{[]int{3, 3, 3}, "[3 3 3]", 0},
		{[]int{4, 2, 3}, "[2 2 3]", 1},
		{[]int{4, 3, 2}, "[1 1 1]", 3},
	} {
		line, steps := RecoveryLine([]Dependencies{{c.ends[0], p1}, {c.ends[1], p2}, {c.ends[2], p3}})
		if fmt.Sprint(line) != c.line || len(steps) != c.steps {
			t.Errorf("%v: %v by %v, want %s by %d steps", c.ends, line, steps, c.line, c.steps)
		}
	}
}

// A vector of all intervals that something depends on, directly or not, finds the same line in one pass that single arrows find in several: fails if
// one of the two ways of tracking dependencies missed some. It holds where each event begins an interval, as with logging.
func TestVectorsFindTheSameLine(t *testing.T) {
	c, s, at := chance.Seeded(2), chance.NewStream("computation", "", "", ""), uint64(0)
	pick := func(k int) int { at++; return int(c.Below(&s, at, uint64(k))) }
	deeper := 0
	for range 2000 {
		const n = 4
		direct, vectors := make([]Dependencies, n), make([]Dependencies, n)
		for j := range n {
			direct[j].Needs, vectors[j].Needs = [][]int{nil, make([]int, n)}, [][]int{nil, make([]int, n)}
		}
		for range 20 { // each event receives the last message of somebody, sent in their current interval
			i, j := pick(n), pick(n)
			row, vector := make([]int, n), slices.Clone(vectors[j].Needs[len(vectors[j].Needs)-1])
			if i != j {
				row[i] = len(direct[i].Needs) - 1
				for k, x := range vectors[i].Needs[row[i]] {
					vector[k] = max(vector[k], x)
				}
				vector[i], vector[j] = max(vector[i], row[i]), 0
			}
			direct[j].Needs, vectors[j].Needs = append(direct[j].Needs, row), append(vectors[j].Needs, vector)
		}
		for j := range n {
			end := len(direct[j].Needs)
			if pick(3) == 0 {
				end = 2 + pick(end-1)
			}
			direct[j].End, vectors[j].End = end, end
		}
		a, steps := RecoveryLine(direct)
		b, _ := RecoveryLine(vectors)
		if !slices.Equal(a, b) {
			t.Fatalf("%v\narrows  %v\nvectors %v", direct, a, b)
		}
		if len(steps) > 1 {
			deeper++
		}
	}
	if deeper < 50 {
		t.Errorf("only %d computations in which a rollback caused another", deeper)
	}
}
