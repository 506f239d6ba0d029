package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
	"simrun/view"
)

// A run can be written down in three sizes. A token has what makes it: enough for as long as the code stays as it is.
// A plan has its faults, to be edited. A recorded run has all that was decided in it besides, so that it can be made again
// when the code has changed so much that the seed decides something else.

// The names of flags that run and replay have in common.
const (
	planFlag   = "print-plan"
	recordFlag = "record"
)

// addPlanAndRecord declares them.
func addPlanAndRecord(cmd *cobra.Command, plan *bool, record *string) {
	cmd.Flags().BoolVar(plan, planFlag, false, "print the plan of the run's faults, for --plan, and do not make the run")
	cmd.Flags().StringVar(record, recordFlag, "", "write the run to a `file` with all that was decided in it, for replay when the code has changed")
}

// printPlan prints the complete plan of a run, after a comment on where it is from.
func (c *command) printPlan(cmd *cobra.Command, s *sim.Scenario, cfg sim.Config) error {
	for _, other := range []string{"events", "json", "verify", "color", clonesFlag, recordFlag} {
		if cmd.Flags().Changed(other) {
			return usage("--%s prints the plan alone; --%s does not go with it", planFlag, other)
		}
	}
	w, err := s.World(cfg)
	if err != nil {
		return usage("%v", err)
	}
	defer w.Close()
	from := []string{"#", s.Name, fmt.Sprintf("--seed %#x", cfg.Seed)}
	for _, set := range cfg.Options.Given() {
		from = append(from, "--set", oneLine(set))
	}
	if cfg.For > 0 {
		from = append(from, "--for", cfg.For.String())
	}
	fmt.Fprintf(c.out, "%s: by %s\n%v", strings.Join(from, " "), profileName(cfg), w.Plan())
	return nil
}

// endEvents prints the plan after a list of events, in lines that --plan finds there.
func (c *command) endEvents(listed bool, plan fault.Plan) {
	if !listed {
		return
	}
	for _, l := range plan {
		fmt.Fprintf(c.out, "plan     %v\n", l)
	}
	if len(plan) == 0 {
		fmt.Fprintln(c.out, "plan     none")
	}
	fmt.Fprintln(c.out)
}

// record makes a run that was made once more, and writes down all that is decided in it. Nothing is done if the file is "".
func (c *command) record(file string, s *sim.Scenario, cfg sim.Config, m *made) error {
	if file == "" || m.diverged != nil {
		return nil
	}
	base := cfg.Driver
	if base == nil {
		base = chance.Seed(cfg.Seed)
	}
	recorder := &chance.Recorder{Base: base}
	cfg.Plan = &m.plan
	f := seedfile.Of(s, cfg, m.verdict)
	cfg.Driver = recorder
	var trail seedfile.Trail
	v, err := c.play(s, cfg, trail.See, func(*sim.World) {})
	if err != nil {
		return err
	}
	if v.Hash != m.verdict.Hash {
		return &ending{exitDiverged, fmt.Sprintf("the run made once more, to record it, has the hash %s where it had %s", hash(v.Hash), hash(m.verdict.Hash))}
	}
	f.Expect, f.Comment = seedfile.Expected(v), oneLine(v.Why)
	f.Record(recorder.Tape, trail)
	if err := os.WriteFile(file, []byte(f.String()), 0o666); err != nil {
		return &ending{exitUnknown, fmt.Sprintf("cannot write what was recorded: %v", err)}
	}
	c.warn("recorded %s outcomes and %s events in %s", view.Number(uint64(len(f.Tape))), view.Number(uint64(len(trail))), file)
	return nil
}
