package e3pc

import (
	"errors"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// A votes says how sites vote: as listed, and what is not listed is drawn.
type votes struct {
	listed []string // by transaction, the last for all that follow: a letter for each site, y or n
	no     int      // percent of the votes drawn that are no
}

// of returns the vote of a site, numbered from 1. Yes is the benign outcome of the draw.
func (v votes) of(env sim.Env, tx Tx, site int) bool {
	if n := len(v.listed); n > 0 {
		if letters := v.listed[min(int(tx), n)-1]; site <= len(letters) {
			return letters[site-1] == 'y'
		}
		return true
	}
	return v.no == 0 || env.Pick("vote", 100) < 100-v.no
}

// listed reads the option votes.
func listed(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// checkVotes says what is wrong with the option votes.
func checkVotes(text string) error {
	if text == "" {
		return nil
	}
	for _, letters := range listed(text) {
		if letters == "" || strings.Trim(letters, "yn") != "" {
			return errVotes
		}
	}
	return nil
}

var errVotes = errors.New("want letters y and n, one for each participant, and commas between transactions: yyn,yyy")

// spelt drives a run and lists the votes of its participants, as the option votes has them.
func spelt(w *sim.World) []string {
	list := checkers.Votes(w, commitment, w.Nodes()[1:], func(tx any) int { return int(tx.(Tx)) })
	if len(list) == 0 {
		return nil
	}
	return []string{"votes=" + strings.Join(list, ","), "no"}
}
