package twopc

import (
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Mistakes on purpose, and the properties that must catch each. The figures in the log are seeds to the
// first find; beside them is what small throw-away models needed.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake  string
		settings []string
		inner    string // the property inside that must complain; "" if none can
		outer    string // the one outside
		bound    uint64
		models   string
	}{
		{"votes before it forces", []string{"mistake=votes-unforced"}, "backed", "ac1-agreement", 3000, "33"},
		{"tells before it forces", []string{"mistake=tells-unforced"}, "backed", "ac1-agreement", 6000, "544"},
		{"acknowledges before it forces", []string{"mistake=acknowledges-unforced"}, "backed", "ac1-agreement", 6000, "15"},
		{"forces nothing", []string{"durable=false"}, "backed", "ac1-agreement", 2000, ""},
		{"decides alone", []string{"heuristic=true"}, "", "ac1-agreement", 500, "19"},
		{"counts messages, not voters", []string{"mistake=counts-messages"}, "", "ac3-validity", 500, "22"},
		{"counts votes of an earlier transaction", []string{"mistake=counts-earlier"}, "", "ac3-validity", 2000, "75"},
		{"says aborted and votes yes", []string{"mistake=says-aborted"}, "word-kept", "ac1-agreement", 3000, "165"},
		{"guesses after a restart", []string{"mistake=guesses"}, "", "ac1-agreement", 3000, ""},
		{"forgets though an acknowledgement was lost", []string{"mistake=forgets-early"}, "one-decision", "ac1-agreement", 3000, ""},
		{"presumes commit", []string{"mistake=presumes-commit"}, "", "ac3-validity", 3000, ""},
		{"presumes commit without a forced record", []string{"mistake=begins-unforced", "variant=presumed-commit"}, "backed", "ac3-validity", 20000, "below 100"},
		{"takes over with those that can be reached", []string{"mistake=ignores-the-silent", "recovery=true"}, "all-fenced", "ac1-agreement", 3000, "11.5"},
		{"takes over by the word of one", []string{"mistake=trusts-one", "recovery=true"}, "all-fenced", "ac1-agreement", 3000, ""},
		{"obeys an old coordinator", []string{"mistake=obeys-the-old", "recovery=true", "cooperative=false"}, "", "ac1-agreement", 3000, ""},
	} {
		if testing.Short() && c.bound > 2000 {
			continue
		}
		f := trial.Hunt(t, Scenario(), sim.Config{Options: trial.Options(t, Scenario(), c.settings...)}, 1, c.bound, trial.InnerAnd(c.outer))
		t.Logf("%-45s seeds to find: inner %d, outer %d; small models: %s; seen by %v", c.mistake, f.Inner, f.Of(c.outer), c.models, f.Seen)
		for _, p := range []string{c.inner, c.outer} {
			if p != "" && !f.All(p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
	}
}
