package independent

// Dependencies are what one process knows of its own past: a row of the dependency graph (Bhargava, Lian 1988; with an arrow for each
// message it is the rollback-dependency graph of Elnozahy et al. 2002, section 3.1).
type Dependencies struct {
	End   int     // its intervals from this on are gone, or would be: the first that it cannot keep
	Needs [][]int // by interval and process: the last interval of that process from which a message was received; 0: none
}

// A Step is why a process must roll back: it has received, in interval Undone of its own, something from interval Of of process By, which is undone.
type Step struct{ Process, Undone, By, Of int }

// RecoveryLine returns the recovery line: for each process the first interval that is undone, all of them as late as can be. Whoever has received a
// message from an interval that is undone must undo the interval in which it did, and so forth: rollback propagation, until nobody has. The
// steps are in the order in which they were found.
//
// It is the greatest fixed point, so the order of looking does not matter: what must be undone must be undone on every line.
func RecoveryLine(all []Dependencies) (line []int, steps []Step) {
	for _, d := range all {
		line = append(line, d.End)
	}
	for again := true; again; {
		again = false
		for j := range all {
			if s, ok := orphan(all[j], line, j); ok {
				line[j] = s.Undone
				steps = append(steps, s)
				again = true
			}
		}
	}
	return line, steps
}

// orphan finds the first interval of process j, before the line, in which it received what the line undoes.
func orphan(d Dependencies, line []int, j int) (Step, bool) {
	for y := 1; y < line[j] && y < len(d.Needs); y++ {
		for i, x := range d.Needs[y] {
			if x > 0 && i != j && x >= line[i] {
				return Step{j, y, i, x}, true
			}
		}
	}
	return Step{}, false
}

// commonLine is the line of checkpoints that belong together: everybody returns to the last number that all have. Checkpoints
// with the same number are consistent because nobody receives a message from a later interval before taking its own (Elnozahy
// et al. 2002, section 3.4.2).
func commonLine(starts []int) (line []int) {
	least := starts[0]
	for _, s := range starts {
		least = min(least, s)
	}
	for range starts {
		line = append(line, least)
	}
	return line
}
