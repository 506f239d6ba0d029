package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// replay makes the command that makes a run again.
func (c *command) replay() *cobra.Command {
	var events, asJSON, clones bool
	var color string
	cmd := &cobra.Command{
		Use:   "replay TOKEN|FILE.seed",
		Short: "Make a run again and say whether it is the same",
		Long: "Makes the run of a token or of a seed file again, and says whether it is exact: the same events, by their hash.\n" +
			"A token ends with the code of the run's verdict, a file with 0 if the verdict is what the file expects.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("replay takes one token or one seed file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := c.load(args[0])
			if err != nil {
				return err
			}
			r.config.CheckClones = clones
			return c.doReplay(r, events, asJSON, color)
		},
	}
	cmd.Flags().BoolVar(&events, "events", false, "print every event, one a line, before the report")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	addClones(cmd, &clones)
	addColour(cmd, &color)
	return cmd
}

// A replay compares what a run was, by the hash that was written down,
// with what it is now. There are four cases:
//
//   - exact: the hashes are equal, so every event is as it was.
//   - stale: they differ, and the run made twice is the same both times. The code has changed since, or the seed has
//     another meaning in this version. The verdict may still be the one expected, so this is a warning.
//   - diverged: they differ, and two runs made now differ too. Something decides the run that is not in the seed.
//   - nothing to compare with: a file that people wrote by hand need not state a hash.

// A replayed is a run that was written down, and how it went when it was made again.
type replayed struct {
	file     string // the path; "" for a token
	seed     seedfile.File
	scenario *sim.Scenario
	config   sim.Config
	made     made
}

// load reads a token, or a seed file if the argument looks like a path or there is such a file.
func (c *command) load(arg string) (*replayed, error) {
	r := &replayed{}
	_, statErr := os.Stat(arg)
	if statErr == nil || strings.HasSuffix(arg, ".seed") || strings.ContainsRune(arg, filepath.Separator) {
		r.file = arg
		text, err := os.ReadFile(arg)
		if err != nil {
			return nil, usage("cannot read the seed file: %v", err)
		}
		if r.seed, err = seedfile.Parse(string(text)); err != nil {
			return nil, usage("%s: %v", arg, err)
		}
	} else {
		var err error
		if r.seed, err = seedfile.ParseToken(arg); err != nil {
			return nil, usage("%v", err)
		}
	}
	return r, c.resolve(r)
}

// resolve finds the scenario of a run that was written down.
func (c *command) resolve(r *replayed) (err error) {
	if r.scenario, err = c.scenario(r.seed.Scenario); err != nil {
		var names []string
		for _, s := range c.scenarios {
			names = append(names, s.Name)
		}
		return usage("%s is of scenario %q, which this program does not have; it has: %s", r.what(), r.seed.Scenario, strings.Join(names, ", "))
	}
	if r.config, err = r.seed.Config(r.scenario); err != nil {
		return usage("%s: %v", r.what(), err)
	}
	return nil
}

// what names the run in a message.
func (r *replayed) what() string {
	if r.file != "" {
		return r.file
	}
	return "the token"
}

// doReplay makes the run again, reports on it and ends as conventions ask for.
func (c *command) doReplay(r *replayed, events, asJSON bool, color string) error {
	colour, err := wantColour(color, c.outFile)
	if err != nil {
		return err
	}
	if err := c.again(r, c.logger(events, asJSON)); err != nil {
		return err
	}
	token := seedfile.Of(r.scenario, r.config, r.made.verdict).Token()
	if asJSON {
		rec := recordOf(r.scenario, r.config, &r.made, token)
		rec.Replay = r.record()
		c.printJSON(rec)
	} else {
		page := r.made.page(r.scenario, r.config)
		page.Replay, page.Colour = c.replayLine(token, r.config.CheckClones), colour
		err = view.Report(c.out, page)
		fmt.Fprint(c.out, view.Wrap("  same run?   ", r.sameness()))
		if r.expects() {
			fmt.Fprintf(c.out, "  expected    %s\n", r.expectation())
		}
	}
	if err != nil {
		return err
	}
	if s := r.stale(); s != "" {
		c.warn("warning: stale: %s", s)
	}
	return r.end()
}

// again makes the run, and a second time if it is not the one that was written down: to tell changed
// code from a run that is never the same.
func (c *command) again(r *replayed, watch func(*sim.Event)) (err error) {
	if r.made, err = c.once(r.scenario, r.config, watch); err != nil {
		if e := (*ending)(nil); errors.As(err, &e) && e.code == exitUsage {
			return usage("%s: %s", r.what(), e.text)
		}
		return err
	}
	if r.seed.Hash != 0 && !r.exact() && r.made.diverged == nil {
		r.made.diverged, err = search.Compare(r.scenario, r.config)
	}
	return err
}

// exact reports whether it is the run that was written down, event by event. Without a hash nobody knows.
func (r *replayed) exact() bool { return r.seed.Hash == r.made.verdict.Hash }

// stale says why a run is not the one that was written down; "" if it is, or if nothing can be said.
func (r *replayed) stale() string {
	switch {
	case r.exact() || r.seed.Hash == 0 && r.seed.Simver == sim.Version:
		return ""
	case r.seed.Simver != 0 && r.seed.Simver != sim.Version:
		return fmt.Sprintf("%s is of simver %d and this program has %d: the seed may mean another run", r.what(), r.seed.Simver, sim.Version)
	case r.seed.Hash == 0:
		return ""
	}
	return fmt.Sprintf("the hash was %s and is %s: the code has changed since", hash(r.seed.Hash), hash(r.made.verdict.Hash))
}

// sameness is a sentence about whether the run is the one that was written down.
func (r *replayed) sameness() string {
	switch {
	case r.made.diverged != nil:
		return "no, and it never is: made twice it differs"
	case r.exact():
		return "exact: every event as it was"
	case r.stale() != "":
		return "stale: " + r.stale()
	}
	return "nothing to compare with: no hash was written down"
}

// expects reports whether the exit code is about what the file expects.
func (r *replayed) expects() bool { return r.file != "" && r.seed.Expect != "" }

// expectation says what is expected and whether it came so.
func (r *replayed) expectation() string {
	if r.met() {
		return r.seed.Expect + ": met"
	}
	return r.seed.Expect + ": NOT met"
}

// met reports whether the verdict is what the file expects; a file that expects nothing is met.
func (r *replayed) met() bool { return r.seed.Meets(r.made.verdict) }

// record is what --json says beside the run.
func (r *replayed) record() *replayRecord {
	return &replayRecord{File: r.file, Expect: r.seed.Expect, Met: r.met(), Exact: r.exact(), Stale: r.stale()}
}

// end is how a replay ends: a file by what it expects, a token by the verdict.
func (r *replayed) end() error {
	got := seedfile.Expected(r.made.verdict)
	switch {
	case r.made.diverged != nil:
		return diverged(r.made.diverged)
	case !r.expects():
		return endAs(codeOf(r.made.verdict.Outcome))
	case r.met():
		return nil
	case r.made.verdict.Outcome == sim.Undecided:
		return &ending{exitUnknown, fmt.Sprintf("%s: expected %s, got %s", r.file, r.seed.Expect, got)}
	}
	return &ending{exitFailed, fmt.Sprintf("%s: expected %s, got %s", r.file, r.seed.Expect, got)}
}
