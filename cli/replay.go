package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// Flags of replay.
type replayFlags struct {
	events bool
	json   bool
	clones bool
	color  string
	drawn  bool
	record string
	step   bool
}

// replay makes the command that makes a run again.
func (c *command) replay() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay TOKEN|FILE.seed",
		Short: "Make a run again and say whether it is the same",
		Long: "Makes the run of a token or of a seed file again, and says whether it is exact: the same events, by their hash. If it is not,\n" +
			"it says where the two runs part, whether the program is another build, or which option is no longer what it was.\n" +
			"A file that run --record wrote has a tape of what was decided: it is used if the seed no longer makes the same run.\n" +
			"A token ends with the code of the run's verdict, a file with 0 if the verdict is what the file expects.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("replay takes one token or one seed file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := c.load(args[0])
			if err != nil {
				if f.json {
					c.printStale(err)
				}
				return err
			}
			if f.step {
				return c.step(cmd, r)
			}
			r.config.CheckClones = f.clones
			if f.drawn {
				return c.printPlan(cmd, r.scenario, r.config)
			}
			return c.doReplay(r, &f)
		},
	}
	cmd.Flags().BoolVar(&f.events, "events", false, "print every event, one a line, before the report")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVarP(&f.step, "interactive", "i", false, "step through the run, and let it go another way: commands are read from standard input, help lists them")
	addClones(cmd, &f.clones)
	addPlanAndRecord(cmd, &f.drawn, &f.record)
	addColour(cmd, &f.color)
	return cmd
}

// A replayed is a run that was written down, and how it went when it was made again.
type replayed struct {
	file     string // the path; "" for a token
	text     string // of the file
	seed     seedfile.File
	scenario *sim.Scenario
	config   sim.Config // of the run that is reported: by its seed, or by its tape
	made     made       // that run
	same     sameness   // of the run that the seed makes
	taped    *taped     // how the tape fared; nil if it was not needed
}

// load reads a run that was written down and finds its scenario. If it is one of a program with another bug, the command has been done by that
// program, and the error is how it ended.
func (c *command) load(arg string) (*replayed, error) {
	r, err := read(arg)
	if err == nil {
		err = c.fitting(r)
	}
	if err == nil {
		err = c.resolve(r)
	}
	return r, err
}

// read reads a token, or a seed file if the argument looks like a path or there is such a file.
func read(arg string) (*replayed, error) {
	r := &replayed{}
	_, statErr := os.Stat(arg)
	if statErr == nil || strings.HasSuffix(arg, ".seed") || strings.ContainsRune(arg, filepath.Separator) {
		r.file = arg
		text, err := os.ReadFile(arg)
		if err != nil {
			return nil, usage("cannot read the seed file: %v", err)
		}
		r.text = string(text)
		if r.seed, err = seedfile.Parse(r.text); err != nil {
			return nil, usage("%s: %v", arg, err)
		}
	} else {
		var err error
		if r.seed, err = seedfile.ParseToken(arg); err != nil {
			return nil, usage("%v", err)
		}
	}
	return r, nil
}

// resolve finds the scenario of a run that was written down, and what it is that it no longer takes.
func (c *command) resolve(r *replayed) (err error) {
	if r.scenario, err = c.scenario(r.seed.Scenario); err != nil {
		var names []string
		for _, s := range c.scenarios {
			names = append(names, s.Name)
		}
		return usage("%s is of scenario %q, which this program does not have; it has: %s", r.what(), r.seed.Scenario, strings.Join(names, ", "))
	}
	if err := r.staleOption(); err != nil {
		return err
	}
	if r.config, err = r.seed.Config(r.scenario); err != nil {
		return usage("%s: %v", r.what(), err)
	}
	if r.seed.Plan != nil && r.file != "" {
		return wrongPlan(r.scenario, r.config, r.file, r.text)
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
func (c *command) doReplay(r *replayed, f *replayFlags) error {
	colour, err := wantColour(f.color, c.outFile)
	if err != nil {
		return err
	}
	if err := c.again(r, c.logger(f.events, f.json)); err != nil {
		return err
	}
	if err := c.record(f.record, r.scenario, r.config, &r.made); err != nil {
		return err
	}
	c.endEvents(f.events && !f.json, r.made.plan)
	token := seedfile.Of(r.scenario, r.config, r.made.verdict).Token()
	if f.json {
		rec := recordOf(r.scenario, r.config, &r.made, token)
		rec.Replay = r.record()
		c.printJSON(rec)
	} else {
		page := r.made.page(r.scenario, r.config)
		page.Replay, page.Colour = c.replayLine(token, r.config.CheckClones), colour
		if r.seed.Recorded() { // a token has no tape
			page.Replay = c.replayLine(r.file, r.config.CheckClones)
		}
		err = view.Report(c.out, page)
		fmt.Fprint(c.out, view.Wrap("  same run?   ", r.sameness()))
		if r.expects() {
			fmt.Fprintf(c.out, "  expected    %s\n", r.expectation())
		}
	}
	if err != nil {
		return err
	}
	if r.made.diverged != nil {
		c.tellDivergence(r.made.diverged, f.json)
	}
	if s := r.stale(); s != "" {
		c.warn("warning: stale: %s", s)
	}
	return r.end()
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

// end is how a replay ends: a file by what it expects, a token by the verdict.
func (r *replayed) end() error {
	got := seedfile.Expected(r.made.verdict)
	switch {
	case r.made.diverged != nil:
		return diverged(r.made.diverged)
	case r.same.status == isRandom:
		return &ending{exitDiverged, fmt.Sprintf("%s: %s", r.what(), r.same.text())}
	case !r.expects():
		return endAs(codeOf(r.made.verdict.Outcome))
	case r.met():
		return nil
	case r.made.verdict.Outcome == sim.Undecided:
		return &ending{exitUnknown, fmt.Sprintf("%s: expected %s, got %s", r.file, r.seed.Expect, got)}
	}
	return &ending{exitFailed, fmt.Sprintf("%s: expected %s, got %s", r.file, r.seed.Expect, got)}
}
