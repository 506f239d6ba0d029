package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"simrun/figures"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// Designs are compared on the same seeds and the same faults: what differs between two columns is then the design. The plan of a run is drawn for one of
// them, and given to all; it is one that each can have, such as a plan without frozen clocks where one design needs clocks that go on.

// A design is a scenario with one of the settings that are compared.
type design struct {
	setting  string // "read=log"
	cfg      sim.Config
	sum      figures.Sum
	outcomes [sim.Violated + 1]uint64
	outside  uint64 // runs with faults that it is not built for
	events   uint64
	failing  string // the token of the first run that failed; "" none
}

// A comparison is what is compared, and on what.
type comparison struct {
	scenario *sim.Scenario
	designs  []*design
	from, to uint64 // seeds
	given    bool   // the plan is
	drawnFor string // the setting whose plan served the first seed
}

// A designRecord is a column as --compare --json prints it.
type designRecord struct {
	Scenario string            `json:"scenario"`
	Setting  string            `json:"setting"`
	Set      []string          `json:"set"`
	From     uint64            `json:"from"` // the first seed
	To       uint64            `json:"to"`   // and the one after the last
	Profile  string            `json:"profile"`
	Verdicts map[string]uint64 `json:"verdicts"` // how many runs of each
	Outside  uint64            `json:"outside"`  // runs with faults that the design is not built for
	Events   uint64            `json:"events"`
	Failing  string            `json:"failing,omitempty"` // a token
	Figures  *figuresRecord    `json:"figures"`
}

// addCompare declares the flags.
func addCompare(cmd *cobra.Command, f *runFlags) {
	cmd.Flags().StringVar(&f.compare, "compare", "", "make the run with each of these values of an option, `name=a,b,...`, and print how well clients were served side by side")
	cmd.Flags().StringVar(&f.seeds, "seeds", "", "for --compare, the seeds from A up to and without B in the place of one, as `A:B`")
}

// notCompared are the flags of run that are about one run.
var notCompared = []string{"events", "html", recordFlag, "verify", "corpus", planFlag, clonesFlag, "color"}

// comparison reads the flags. Whatever is wrong is found before the first run.
func (f *runFlags) comparison(cmd *cobra.Command, s *sim.Scenario) (x comparison, err error) {
	for _, other := range append(f.flags(), notCompared...) {
		if cmd.Flags().Changed(other) {
			return x, usage("--compare makes several runs: --%s, which is about one, does not go with it", other)
		}
	}
	if s.Service == nil {
		return x, usage("%s does not say what its service is, so that there is nothing to compare", s.Name)
	}
	name, list, ok := strings.Cut(f.compare, "=")
	values := strings.Split(list, ",")
	if !ok || len(values) < 2 || slices.Contains(values, "") {
		return x, usage("--compare %s: want an option and two values of it or more, such as read=log,index", f.compare)
	}
	x.scenario, x.given = s, f.plan != ""
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return x, usage("--compare %s: %s stands there twice", f.compare, v)
		}
		each := f.worldFlags
		each.set = append(slices.Clone(f.set), name+"="+v)
		cfg, err := each.config(s)
		if err != nil {
			return x, err
		}
		if err := each.checkPlan(s, cfg); err != nil {
			return x, err
		}
		cfg.For = f.length
		x.designs = append(x.designs, &design{setting: name + "=" + v, cfg: cfg})
	}
	for _, set := range f.set {
		if other, _, _ := strings.Cut(set, "="); other == name {
			return x, usage("--compare %s and --set %s are about the same option", f.compare, set)
		}
	}
	return x, x.seeds(cmd, f)
}

// seeds reads which seeds are meant.
func (x *comparison) seeds(cmd *cobra.Command, f *runFlags) (err error) {
	if cmd.Flags().Changed("seeds") {
		if cmd.Flags().Changed("seed") {
			return usage("--seeds stands in the place of --seed: give one of them")
		}
		x.from, x.to, err = parseSeeds(f.seeds)
		return err
	}
	if x.from, err = parseSeed(f.seed); err == nil && x.from+1 == 0 {
		err = usage("--seed %s is the last there is, and has none after it", f.seed)
	}
	x.to = x.from + 1
	return err
}

// doCompare makes the runs and prints them side by side.
func (c *command) doCompare(cmd *cobra.Command, s *sim.Scenario, f *runFlags) error {
	x, err := f.comparison(cmd, s)
	if err != nil {
		return err
	}
	if err := positive(cmd, "for", f.length); err != nil {
		return err
	}
	for seed := x.from; seed < x.to && err == nil; seed++ {
		if err = c.compareOn(&x, seed); err != nil {
			x.to = seed
		}
	}
	if err != nil && (c.ctx.Err() == nil || x.to == x.from) {
		return err
	}
	worst := sim.OK
	for _, d := range x.designs {
		for o, n := range d.outcomes {
			if n > 0 {
				worst = max(worst, sim.Outcome(o))
			}
		}
		if f.json {
			c.printJSON(d.record(&x))
		}
	}
	if !f.json {
		c.tellComparison(&x)
	}
	if err != nil {
		return err
	}
	return endAs(codeOf(worst))
}

// compareOn makes the run of a seed by each design. After an error none of them has it.
func (c *command) compareOn(x *comparison, seed uint64) error {
	for _, d := range x.designs {
		d.cfg.Seed = seed
	}
	plan, err := x.plan(seed)
	if err != nil {
		return err
	}
	made := make([]func(), 0, len(x.designs))
	for _, d := range x.designs {
		cfg := d.cfg
		cfg.Plan = plan
		measured, meter := figures.Watch(x.scenario, true)
		v, err := c.play(measured, cfg, nil, func(*sim.World) {})
		if err != nil {
			return err
		}
		made = append(made, func() { d.add(x.scenario, cfg, v, meter) })
	}
	for _, add := range made {
		add()
	}
	return nil
}

// add takes in a run.
func (d *design) add(s *sim.Scenario, cfg sim.Config, v sim.Verdict, meter *figures.Meter) {
	d.sum.Add(meter)
	d.outcomes[v.Outcome]++
	d.events += v.Events
	if len(v.Outside) > 0 {
		d.outside++
	}
	if d.failing == "" && (v.Outcome == sim.Violated || v.Outcome == sim.Stalled) {
		d.failing = seedfile.Of(s, cfg, v).Token()
	}
}

// plan returns the one that was given, or of those that the designs draw the one that is outside of the fewest models. An error means that none of these makes a run by every design.
func (x *comparison) plan(seed uint64) (best *fault.Plan, err error) {
	if x.given {
		return x.designs[0].cfg.Plan, nil
	}
	least, by := 0, ""
	for _, d := range x.designs {
		w, err := x.scenario.World(d.cfg)
		if err != nil {
			return nil, usage("%s: %v", d.setting, err)
		}
		plan := w.Plan()
		w.Close()
		if n, ok := x.outside(plan); ok && (best == nil || n < least) {
			best, by, least = &plan, d.setting, n
		}
	}
	if best == nil {
		return nil, usage("seed %#x: no plan of faults that is drawn for one of %s can be given to all of them: give one with --plan", seed, x.settings())
	}
	if seed == x.from {
		x.drawnFor = by
	}
	return best, nil
}

// settings lists what is compared.
func (x *comparison) settings() string {
	var all []string
	for _, d := range x.designs {
		all = append(all, d.setting)
	}
	return strings.Join(all, ", ")
}

// outside counts of how many designs the models do not allow the plan; it is false if some design cannot have it at all.
func (x *comparison) outside(plan fault.Plan) (n int, ok bool) {
	for _, d := range x.designs {
		cfg := d.cfg
		cfg.Plan = &plan
		w, err := x.scenario.World(cfg)
		if err != nil {
			return 0, false
		}
		w.Close()
		if len(x.scenario.BuiltFor(d.cfg.Options).Outside(plan)) > 0 {
			n++
		}
	}
	return n, true
}

// record is the column for programs.
func (d *design) record(x *comparison) designRecord {
	r := designRecord{x.scenario.Name, d.setting, d.cfg.Options.Given(), x.from, x.to, profileName(d.cfg), map[string]uint64{}, d.outside, d.events, d.failing, figuresRecordOf(&d.sum)}
	for o, n := range d.outcomes {
		if n > 0 {
			r.Verdicts[sim.Outcome(o).String()] = n
		}
	}
	return r
}
