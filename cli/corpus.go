package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// The corpus of a scenario is a folder of seed files, each a story worth remembering: a bug that was
// mended, a rare state, a schedule from a paper. They take a second and come before any hunt.

// doCorpus makes the runs of all seed files of a scenario, one line each, and ends with the worst of
// their codes. A corpus without files is an error: it would be green and have tested nothing.
func (c *command) doCorpus(cmd *cobra.Command, s *sim.Scenario, f *runFlags) error {
	for _, name := range append([]string{"seed", "faults", "plan", "set", "for", "events", clonesFlag, planFlag, recordFlag}, f.flags()...) {
		if cmd.Flags().Changed(name) {
			return usage("--corpus makes the runs as their files say; --%s does not go with it", name)
		}
	}
	colour, err := wantColour(f.color, c.outFile)
	if err != nil {
		return err
	}
	pattern := filepath.Join(f.seedsDir, s.Name, "*.seed")
	files, err := filepath.Glob(pattern)
	if err != nil {
		return usage("--seeds-dir %s: %v", f.seedsDir, err)
	}
	if len(files) == 0 {
		return usage("there is no seed file %s; see --seeds-dir", pattern)
	}
	worst := exitOK
	for _, file := range files { // Glob sorts them
		code, err := c.corpusFile(s, file, f.json, colour)
		if err != nil {
			return err
		}
		worst = worse(worst, code)
	}
	return endAs(worst)
}

// corpusFile makes the run of one seed file and returns the code that it calls for. A file that cannot
// be read or is of another scenario ends the command.
func (c *command) corpusFile(s *sim.Scenario, file string, asJSON, colour bool) (int, error) {
	r, err := read(file)
	if err == nil && r.seed.Bug != "" && r.seed.Bug != seedfile.Bug() {
		fmt.Fprintf(c.out, "skip  %s  a run with the bug %s, which replay compiles\n", file, r.seed.Bug)
		return exitOK, nil
	}
	if err == nil {
		err = c.resolve(r)
	}
	if err != nil {
		return 0, err
	}
	if r.scenario != s {
		return 0, usage("%s is of scenario %s but lies among those of %s", file, r.scenario.Name, s.Name)
	}
	if err := c.again(r, nil); err != nil {
		return 0, err
	}
	end := r.end()
	if asJSON {
		token := seedfile.Of(r.scenario, r.config, r.made.verdict).Token()
		rec := recordOf(r.scenario, r.config, &r.made, token)
		rec.Replay = r.record()
		c.printJSON(rec)
	} else {
		mark := map[bool]string{true: "pass", false: "FAIL"}[end == nil]
		v := r.made.verdict
		fmt.Fprintf(c.out, "%s  %s  %s", mark, file, view.Outcome(v.Outcome, colour))
		if r.expects() {
			fmt.Fprintf(c.out, "  (expected %s)", r.expectation())
		}
		fmt.Fprintf(c.out, "  %s\n", r.sameness())
	}
	var e *ending
	if errors.As(end, &e) {
		if e.text != "" {
			c.warn("%s", oneLine(e.text))
		}
		return e.code, nil
	}
	return exitOK, nil
}

// worse returns the code that says more: a run that differs from itself, then a failure, then unknown.
func worse(a, b int) int {
	rank := map[int]int{exitUnknown: 1, exitFailed: 2, exitDiverged: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
