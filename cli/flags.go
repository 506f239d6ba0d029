package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// Flags are read in two steps: cobra splits the command line, and the functions here turn its words into
// values. They return endings with the exit code for usage, whose one line names the flag, repeats what
// was given and shows what would be right.

// What is common to run and hunt: how the world is set up.
type worldFlags struct {
	faults string
	plan   string
	set    []string
	text   string // of the file that the plan was read from

	strategy string // by which messages are withheld
}

// add declares the flags and what a shell may complete them with.
func (f *worldFlags) add(c *command, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.faults, "faults", "", "the `profile` that draws the faults, such as swarm (the default), crash+clock or swarm:loss=5%,crash=0..3; see: "+c.name+" list --faults")
	cmd.Flags().StringVar(&f.plan, "plan", "", "a `file` with a fault plan, in the place of a profile; what --print-plan, --events or --json printed, or a seed file, will do")
	cmd.Flags().StringVar(&f.strategy, "strategy", "", "`flp`, or flp:20ms: no faults, but a scheduler that keeps each message that would decide from its receiver for as long as it would, or until it is that old; as a plan with the line always withhold")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "an option of the scenario, as `name=value`; may be repeated")
	cmd.ValidArgsFunction = c.completeScenario
	completeProfile(cmd)
	complete(cmd, "set", func(args []string) (names []string) {
		if s, err := c.scenario(args[0]); err == nil {
			for _, o := range s.Options {
				names = append(names, o.Name+"=\t"+firstSentence(o.Doc))
			}
		}
		return names
	})
}

// completeProfile offers the profiles, also behind a + that composes them, and behind a colon the dials.
func completeProfile(cmd *cobra.Command) {
	offer := func(_ *cobra.Command, args []string, typed string) (names []string, _ cobra.ShellCompDirective) {
		if before, _, set := strings.Cut(typed, ":"); set {
			before = typed[:max(strings.LastIndex(typed, ","), len(before))+1]
			for _, d := range fault.Dials() {
				names = append(names, before+d.Name+"=\t"+d.Doc)
			}
		} else {
			before := typed[:strings.LastIndex(typed, "+")+1]
			for _, p := range fault.Profiles() {
				names = append(names, before+p.Name+"\t"+firstSentence(p.Doc))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if err := cmd.RegisterFlagCompletionFunc("faults", offer); err != nil {
		panic("cli: " + err.Error())
	}
}

// complete declares the values of a flag once the scenario is known.
func complete(cmd *cobra.Command, flag string, values func(args []string) []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(args), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic("cli: " + err.Error())
	}
}

// config turns the flags into a configuration, without a seed.
func (f *worldFlags) config(s *sim.Scenario) (cfg sim.Config, err error) {
	if cfg.Options, err = s.ParseOptions(f.set); err != nil {
		return cfg, usage("%v", err)
	}
	if f.faults != "" && f.plan != "" {
		return cfg, usage("a plan stands in the place of a profile: give --plan or --faults, not both")
	}
	if f.strategy != "" {
		cfg.Plan, err = f.readStrategy()
		return cfg, err
	}
	if f.faults != "" {
		p, err := fault.FindProfile(f.faults)
		if err != nil {
			return cfg, usage("%v", err)
		}
		cfg.Faults = p.Name
	}
	if f.plan != "" {
		if cfg.Plan, err = f.readPlan(); err != nil {
			return cfg, usage("%v", err)
		}
	}
	return cfg, nil
}

// readStrategy makes the plan that a strategy stands for.
func (f *worldFlags) readStrategy() (*fault.Plan, error) {
	if f.faults != "" || f.plan != "" {
		return nil, usage("a strategy is a plan of its own: give --strategy alone, or write the line \"always withhold\" into the plan")
	}
	name, bound, bounded := strings.Cut(f.strategy, ":")
	if name != "flp" {
		return nil, usage("--strategy %s: the only strategy is flp, such as: --strategy flp, or flp:20ms", f.strategy)
	}
	l := fault.Line{Verb: fault.Withhold}
	if bounded {
		parsed, err := fault.ParseLine("always withhold " + bound)
		if err != nil || parsed.Time == 0 {
			return nil, usage("--strategy %s: a length of time with its unit is meant after the colon, such as: flp:20ms", f.strategy)
		}
		l = parsed
	}
	return &fault.Plan{l}, nil
}

// readPlan reads the plan. An error names line and column.
func (f *worldFlags) readPlan() (*fault.Plan, error) {
	raw, err := os.ReadFile(f.plan)
	if err != nil {
		return nil, fmt.Errorf("cannot read the plan: %w", err)
	}
	f.text = string(raw)
	text, err := seedfile.PlanText(f.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.plan, err)
	}
	plan, err := fault.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.plan, err)
	}
	return &plan, nil
}

// checkPlan finds out whether the plan that was read makes a world, to say where in its file it does not.
func (f *worldFlags) checkPlan(s *sim.Scenario, cfg sim.Config) error {
	if f.plan == "" {
		return nil
	}
	return wrongPlan(s, cfg, f.plan, f.text)
}

// wrongPlan says what is wrong with the plan of a configuration, and where in the text of the file it stands; other mistakes are
// left to whoever makes the run.
func wrongPlan(s *sim.Scenario, cfg sim.Config, file, text string) error {
	w, err := s.World(cfg)
	if err == nil {
		w.Close()
		return nil
	}
	var wrong *fault.Wrong
	if !errors.As(err, &wrong) {
		return nil
	}
	return usage("%s: %v", file, seedfile.Locate(text, err))
}

// parseSeed reads a seed: decimal, or hexadecimal after 0x.
func parseSeed(s string) (uint64, error) {
	n, err := seedfile.ParseSeed(s)
	if err != nil {
		return 0, usage("%v", err)
	}
	return n, nil
}

// parseSeeds reads a range of seeds A:B, from A up to and without B.
func parseSeeds(s string) (from, to uint64, err error) {
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return 0, 0, usage("--seeds %s: want a range such as 0:10000, which begins with 0 and ends before 10000", s)
	}
	if from, err = parseSeed(a); err == nil {
		to, err = parseSeed(b)
	}
	if err != nil {
		return 0, 0, usage("--seeds %s: %v", s, err)
	}
	if to <= from {
		return 0, 0, usage("--seeds %s is empty: the second number must be above the first, such as 0:10000", s)
	}
	return from, to, nil
}

// A shard is part i of n, from 1.
type shard struct{ i, n uint64 }

// parseShard reads i/n; nothing is 1/1, the whole.
func parseShard(s string) (sh shard, err error) {
	if s == "" {
		return shard{1, 1}, nil
	}
	a, b, _ := strings.Cut(s, "/")
	sh.i, err = strconv.ParseUint(a, 10, 32)
	if err == nil {
		sh.n, err = strconv.ParseUint(b, 10, 32)
	}
	if err != nil || sh.i < 1 || sh.i > sh.n {
		return sh, usage("--shard %s: want a part i/n from 1/n to n/n, such as 2/4", s)
	}
	return sh, nil
}

// of returns the shard's part of a range. Parts are neighbours, differ by at most one seed in length,
// and are the whole together.
func (sh shard) of(from, to uint64) (uint64, uint64) {
	size, more := (to-from)/sh.n, (to-from)%sh.n
	start := func(i uint64) uint64 { return from + i*size + min(i, more) }
	return start(sh.i - 1), start(sh.i)
}

// positive checks a duration flag that may be left out.
func positive(cmd *cobra.Command, flag string, d time.Duration) error {
	if cmd.Flags().Changed(flag) && d <= 0 {
		return usage("--%s %v: want a duration above 0, such as 30s", flag, d)
	}
	return nil
}

// addColour declares --color. The flag has the spelling that other commands use.
func addColour(cmd *cobra.Command, when *string) {
	cmd.Flags().StringVar(when, "color", "auto", "colours: auto, always or never")
}

// wantColour decides whether to print colours to w. Auto means: to a
// terminal, unless NO_COLOR is set or TERM is dumb.
func wantColour(when string, w io.Writer) (bool, error) {
	switch when {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, usage("--color %s: want auto, always or never", when)
}

// isTerminal reports whether a person may be looking at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// durationText prints a duration as it is typed: 2s rather than 2m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// hash prints a hash of events: 16 hexadecimal digits.
func hash(h uint64) string { return fmt.Sprintf("%016x", h) }
