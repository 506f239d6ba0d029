package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// A scenarioRecord is a scenario as list --json prints it.
type scenarioRecord struct {
	Scenario   string           `json:"scenario"`
	Doc        string           `json:"doc"`
	RunNS      int64            `json:"run_ns"`
	SettleNS   int64            `json:"settle_ns"`
	Options    []optionRecord   `json:"options"`
	Properties []propertyHeader `json:"properties"`
	Sometimes  []string         `json:"sometimes"`
	Assumes    []string         `json:"assumes"`
}

// An optionRecord is an option of a scenario; the default is printed as it is typed.
type optionRecord struct {
	Name    string   `json:"name"`
	Default string   `json:"default"`
	Min     int      `json:"min,omitempty"` // of whole numbers
	Max     int      `json:"max,omitempty"`
	Of      []string `json:"of,omitempty"`
	Doc     string   `json:"doc"`
}

// A propertyHeader is a property that has not judged yet.
type propertyHeader struct {
	Name  string `json:"name"`
	Inner bool   `json:"inner"`
}

// A profileRecord is a profile as list --json prints it.
type profileRecord struct {
	Profile string `json:"profile"`
	Doc     string `json:"doc"`
}

// A faultRecord is an entry of the catalogue of faults as list --faults --json prints it.
type faultRecord struct {
	Fault    string   `json:"fault"`
	Of       string   `json:"of"` // what fails
	Doc      string   `json:"doc"`
	Example  []string `json:"example"`  // lines of a plan
	Profiles []string `json:"profiles"` // those that draw it
	Called   string   `json:"called"`   // in the literature
	Kind     string   `json:"kind"`     // under which it is counted
}

// A dialRecord is a number of the profiles as list --dials --json prints it.
type dialRecord struct {
	Dial     string   `json:"dial"`
	Doc      string   `json:"doc"`
	Usual    string   `json:"usual"`
	Profiles []string `json:"profiles"`
}

// list makes the command that says what there is.
func (c *command) list() *cobra.Command {
	var asJSON, faults, dials bool
	cmd := &cobra.Command{
		Use:   "list [SCENARIO ...]",
		Short: "List the scenarios with their options and properties, and the profiles of faults",
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			return c.offered(given), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, names []string) error {
			if faults || dials {
				return c.listFaults(names, faults, dials, asJSON)
			}
			scenarios, err := c.named(names)
			if err != nil {
				return err
			}
			for _, s := range scenarios {
				if asJSON {
					c.printJSON(scenarioRecordOf(s))
				} else {
					c.tellScenario(s)
				}
			}
			if !asJSON {
				fmt.Fprintln(c.out, "profiles of faults")
			}
			for _, p := range fault.Profiles() {
				if asJSON {
					c.printJSON(profileRecord{p.Name, oneLine(p.Doc)})
				} else {
					fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %-11s ", p.Name), p.Doc))
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&faults, "faults", false, "list every fault: what it is, the verb of a plan, who draws it, what it is called elsewhere")
	cmd.Flags().BoolVar(&dials, "dials", false, "list the numbers that can be set in the name of a profile")
	return cmd
}

// listFaults prints the catalogue of faults, the dials of the profiles, or both.
func (c *command) listFaults(names []string, faults, dials, asJSON bool) error {
	if len(names) > 0 {
		return usage("list --faults and --dials are about no scenario; what is %q?", names[0])
	}
	if faults {
		of := ""
		for _, e := range fault.Catalogue() {
			r := faultRecord{e.Name, e.Of, e.Doc, strings.Split(e.Example, "\n"), append([]string{}, e.Profiles()...), e.Called, e.Kind.String()}
			if asJSON {
				c.printJSON(r)
				continue
			}
			if e.Of != of {
				of = e.Of
				fmt.Fprintf(c.out, "%s\n", of)
			}
			c.tellFault(r)
		}
	}
	if dials {
		for _, d := range fault.Dials() {
			if asJSON {
				c.printJSON(dialRecord{d.Name, d.Doc, d.Usual, append([]string{}, d.Profiles...)})
			} else {
				fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("%-22s ", d.Name), d.Doc+": "+d.Usual))
			}
		}
	}
	return nil
}

// tellFault prints an entry of the catalogue for people.
func (c *command) tellFault(r faultRecord) {
	const under = "                      "
	fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %-19s ", r.Fault), r.Doc))
	for _, line := range r.Example {
		fmt.Fprintf(c.out, "%s%s\n", under, line)
	}
	by := "plans alone"
	if len(r.Profiles) > 0 {
		by = strings.Join(r.Profiles, ", ")
	}
	fmt.Fprint(c.out, view.Wrap(under, "drawn by "+by))
	fmt.Fprint(c.out, view.Wrap(under, "known as: "+r.Called))
}

// noArguments is the check of commands that take flags alone.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no arguments; what is %q?", cmd.Name(), args[0])
	}
	return nil
}

// scenarioRecordOf is the record of a scenario with its default options.
func scenarioRecordOf(s *sim.Scenario) scenarioRecord {
	r := scenarioRecord{Scenario: s.Name, Doc: oneLine(s.Doc), RunNS: int64(s.Run), SettleNS: int64(s.Settle),
		Options: []optionRecord{}, Properties: properties(s), Sometimes: append([]string{}, s.Sometimes...), Assumes: assumptions(s)}
	for _, o := range s.Options {
		r.Options = append(r.Options, optionRecord{o.Name, fmt.Sprint(o.Default), o.Min, o.Max, o.Of, oneLine(o.Doc)})
	}
	return r
}

// properties lists a scenario's properties as they are by default.
func properties(s *sim.Scenario) []propertyHeader {
	headers := []propertyHeader{}
	o, err := s.ParseOptions(nil)
	if err != nil {
		return headers
	}
	if s.Properties == nil {
		return headers
	}
	for _, p := range s.Properties(o) {
		in, ok := p.(interface{ Inner() bool })
		headers = append(headers, propertyHeader{p.Name(), ok && in.Inner()})
	}
	return headers
}

// assumptions says what a scenario needs of its world, and how many nodes it can spare, with its default options.
func assumptions(s *sim.Scenario) []string {
	o, err := s.ParseOptions(nil)
	if err != nil {
		return []string{}
	}
	list := append([]string{}, s.BuiltFor(o).Assumptions()...)
	for _, g := range groups(s, o) {
		list = append(list, fmt.Sprintf("of %s it can spare %d", strings.Join(g.Nodes, " "), g.Spare))
	}
	return list
}

// groups builds a world to see which nodes may crash. A scenario that cannot be built says so when it is run, and need not do so
// in a list.
func groups(s *sim.Scenario, o sim.Options) (list []fault.Group) {
	defer func() {
		if recover() != nil {
			list = nil
		}
	}()
	w, err := s.World(sim.Config{Options: o, Plan: &fault.Plan{}})
	if err != nil {
		return nil
	}
	defer w.Close()
	return w.Groups()
}

// optionWidth is the room for an option beside what it means.
const optionWidth = 24

// tellScenario prints a scenario for people.
func (c *command) tellScenario(s *sim.Scenario) {
	fmt.Fprintf(c.out, "%s\n", s.Name)
	fmt.Fprint(c.out, view.Wrap("  ", s.Doc))
	fmt.Fprintf(c.out, "  runs        %s, faults end after %s\n", durationText(s.Run), durationText(s.Settle))
	fmt.Fprint(c.out, view.Wrap("  assumes     ", strings.Join(assumptions(s), "; ")))
	head := "  options     "
	for _, o := range s.Options {
		text := optionText(o)
		if len(text) > optionWidth { // it has a line of its own
			fmt.Fprint(c.out, view.Wrap(head, text))
			head, text = "              ", ""
		}
		fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("%s%-*s ", head, optionWidth, text), o.Doc))
		head = "              "
	}
	var names []string
	for _, p := range properties(s) {
		if p.Inner {
			p.Name += " (inner)"
		}
		names = append(names, p.Name)
	}
	if len(names) > 0 {
		fmt.Fprint(c.out, view.Wrap("  properties  ", strings.Join(names, ", ")))
	}
	if len(s.Sometimes) > 0 {
		fmt.Fprint(c.out, view.Wrap("  sometimes   ", strings.Join(s.Sometimes, ", ")))
	}
	fmt.Fprintln(c.out)
}

// optionText is an option with its default and what else it may be.
func optionText(o sim.Option) string {
	s := fmt.Sprintf("%s=%v", o.Name, o.Default)
	if _, ok := o.Default.(int); ok {
		s += fmt.Sprintf(" (%d to %d)", o.Min, o.Max)
	}
	if len(o.Of) > 0 {
		s += " (" + strings.Join(o.Of, ", ") + ")"
	}
	return s
}

// version makes the command that says what this program is.
func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program, of the meaning of seeds, and of Go",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(c.out, "simrun %s, simver %d, %s %s/%s\n", moduleVersion(), sim.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// moduleVersion is the version of the module that holds this package: of
// the main module or, elsewhere, of a dependency.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	for _, m := range info.Deps {
		if m.Path == "simrun" {
			return m.Version
		}
	}
	return info.Main.Version
}
