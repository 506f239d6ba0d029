package twopc

import (
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// The votes of participants: what is set, or else drawn.
type votes struct {
	set []string // by number of the transaction, the last for all that follow: a letter for each participant
	no  int      // how many of a hundred are no, where nothing is set
}

// parseVotes reads a text such as "yyn" or "yyn/yyy". Without a text votes are drawn.
func parseVotes(text string, no int) votes {
	if text == "" {
		return votes{no: no}
	}
	return votes{set: strings.Split(text, "/")}
}

// checkVotes says what is wrong with a text for [parseVotes].
func checkVotes(text string) error {
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("yn/", r) }); i >= 0 {
		return fmt.Errorf("%q is no vote: want y or n for each participant, and / between transactions", text[i:i+1])
	}
	return nil
}

// yes returns a participant's vote on a transaction. A participant for which no letter is left votes yes.
func (v votes) yes(env sim.Env, number int, tx Tx) bool {
	switch {
	case v.set != nil:
		letters := v.set[min(int(tx.N), len(v.set))-1]
		return number > len(letters) || letters[number-1] == 'y'
	case v.no == 0:
		return true
	}
	return env.Pick("vote", 100) < 100-v.no
}

// speltVotes drives a run and lists the votes of its participants, as the option votes has them.
func speltVotes(w *sim.World) []string {
	list := checkers.Votes(w, commitmentOf(), voters(w), func(tx any) int { return int(tx.(Tx).N) })
	if len(list) == 0 {
		return nil
	}
	return []string{"votes=" + strings.Join(list, "/"), "no"}
}

// voters returns p1, p2, ..., which are in a world.
func voters(w *sim.World) (ids []sim.NodeID) {
	for _, id := range w.Nodes() {
		if strings.HasPrefix(string(id), "p") {
			ids = append(ids, id)
		}
	}
	return ids
}
