package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"simrun/sim"
)

// Some scenarios read runs from files: see sim.Import. Flags are declared before the scenario is known, so run has those of
// all of them, and refuses what the scenario does not read.

// addFiles declares a flag for each kind of file that a scenario reads.
func (c *command) addFiles(cmd *cobra.Command, f *runFlags) {
	f.files = make(map[string]*[]string)
	for _, s := range c.scenarios {
		if s.Import == nil {
			continue
		}
		for _, kind := range s.Import.Files {
			if f.files[kind.Flag] != nil {
				continue // another scenario has one of that name
			}
			doc := fmt.Sprintf("for %s, a `file`: %s", s.Name, kind.Doc)
			if kind.Many {
				doc += "; may be repeated"
			}
			f.files[kind.Flag] = cmd.Flags().StringArray(kind.Flag, nil, doc)
		}
	}
}

// flags returns the flags of files, sorted.
func (f *runFlags) flags() []string { return slices.Sorted(maps.Keys(f.files)) }

// readFiles turns the files that the flags name into settings, and reports whether the accounts are all that is wanted. A run from
// files has no faults unless they are asked for.
func (f *runFlags) readFiles(cmd *cobra.Command, s *sim.Scenario, cfg *sim.Config) (bare bool, err error) {
	files, err := f.given(cmd, s)
	if files == nil || err != nil {
		return false, err
	}
	in, err := s.Import.Read(files, *cfg)
	if err != nil {
		return false, usage("%v", err)
	}
	if cfg.Options, err = s.ParseOptions(append(slices.Clone(f.set), in.Settings...)); err != nil {
		return false, usage("%v", err)
	}
	if cfg.Faults == "" && cfg.Plan == nil {
		cfg.Faults = "none"
	}
	return in.Bare, nil
}

// given reads the files that the flags name; nil if they name none.
func (f *runFlags) given(cmd *cobra.Command, s *sim.Scenario) (files map[string][]sim.File, err error) {
	flags := slices.DeleteFunc(f.flags(), func(flag string) bool { return !cmd.Flags().Changed(flag) })
	if len(flags) == 0 {
		return nil, nil
	}
	if err := fits(s, flags, f.files); err != nil {
		return nil, err
	}
	files = make(map[string][]sim.File)
	for _, flag := range flags {
		for _, name := range *f.files[flag] {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, usage("--%s: cannot read the file: %v", flag, err)
			}
			files[flag] = append(files[flag], sim.File{Name: name, Text: string(text)})
		}
	}
	return files, nil
}

// fits reports an error unless the scenario reads such files, and none is missing that it needs.
func fits(s *sim.Scenario, flags []string, names map[string]*[]string) error {
	var kinds []sim.ImportFile
	if s.Import != nil {
		kinds = s.Import.Files
	}
	for _, flag := range flags {
		i := slices.IndexFunc(kinds, func(k sim.ImportFile) bool { return k.Flag == flag })
		switch {
		case i < 0:
			return usage("scenario %s reads no file of --%s", s.Name, flag)
		case len(*names[flag]) > 1 && !kinds[i].Many:
			return usage("--%s is given %d times: want one file, not %s", flag, len(*names[flag]), strings.Join(*names[flag], " and "))
		}
	}
	for _, k := range kinds {
		if k.Needed && !slices.Contains(flags, k.Flag) {
			return usage("--%s needs --%s as well, a file: %s", flags[0], k.Flag, k.Doc)
		}
	}
	return nil
}

// printAccounts prints what the properties of a run have to tell, and nothing around it.
func (c *command) printAccounts(v sim.Verdict) {
	for i, a := range v.Accounts {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		fmt.Fprintln(c.out, strings.TrimRight(a.Text, "\n"))
	}
}
