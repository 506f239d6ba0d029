package checkers

import (
	"slices"

	"simrun/sim"
)

// Votes drives a run that was just built, and returns how its transactions were voted on: a text for each, by its number from 1, with a letter
// for each of the participants, y or n. Who did not vote has a y. If two transactions have the same number, as in two lives of a coordinator, one of them
// counts. It is for [sim.Scenario.Spelt].
func Votes(w *sim.World, c Commitment, participants []sim.NodeID, number func(tx any) int) []string {
	var cast [][]byte
	for e := range w.Events(0) {
		if e.Kind != sim.Noted {
			continue
		}
		tx, yes, ok := c.Voted(e.Data)
		if !ok {
			continue
		}
		for len(cast) < number(tx) {
			cast = append(cast, slices.Repeat([]byte{'y'}, len(participants)))
		}
		if i := slices.Index(participants, e.Node); i >= 0 && !yes {
			cast[number(tx)-1][i] = 'n'
		}
	}
	list := make([]string, len(cast))
	for i, letters := range cast {
		list[i] = string(letters)
	}
	return list
}
