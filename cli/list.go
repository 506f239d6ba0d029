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

// list makes the command that says what there is.
func (c *command) list() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [SCENARIO ...]",
		Short: "List the scenarios with their options and properties, and the profiles of faults",
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			return c.offered(given), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, names []string) error {
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
	return cmd
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
		Options: []optionRecord{}, Properties: properties(s), Sometimes: append([]string{}, s.Sometimes...)}
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

// optionWidth is the room for an option beside what it means.
const optionWidth = 24

// tellScenario prints a scenario for people.
func (c *command) tellScenario(s *sim.Scenario) {
	fmt.Fprintf(c.out, "%s\n", s.Name)
	fmt.Fprint(c.out, view.Wrap("  ", s.Doc))
	fmt.Fprintf(c.out, "  runs        %s, faults end after %s\n", durationText(s.Run), durationText(s.Settle))
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
