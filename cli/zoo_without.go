package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/zoo"
)

// What a property is worth shows when it is not heard, or judges less than it should: then bugs are found later, by others, or not at all.

// Flags that say how a score is judged.
type judgingFlags struct {
	without []string
	weaken  string
}

func (f *judgingFlags) add(cmd *cobra.Command) {
	addWithout(cmd, &f.without)
	cmd.Flags().StringVar(&f.weaken, "weaken", "", "compile each bug together with this `patch` to a checker; nothing is shrunk then")
}

// whole reports whether all judge as they should.
func (f *judgingFlags) whole() bool { return len(f.without) == 0 && f.weaken == "" }

// judging tells a campaign and its scorer how runs are judged.
func (c *command) judging(f *judgingFlags, s *scorer, campaign *zoo.Campaign) (err error) {
	if campaign.Without, err = c.unheard(f.without, campaign.Bugs); err != nil {
		return err
	}
	campaign.Key = s.key
	if f.weaken == "" {
		return nil
	}
	_, weak, _, err := c.openAll()
	if err != nil {
		return err
	}
	s.weak, err = c.findWeak(weak, f.weaken)
	return err
}

// findWeak finds a patch that makes a checker weak.
func (c *command) findWeak(weak zoo.Zoo, name string) (*zoo.Bug, error) {
	if found, ok := weak.Find(name); ok {
		return found, nil
	}
	return nil, usage("--weaken %s: no patch makes a checker weak that is called so%s see: %s zoo list", name, didYouMean(name, weak.Names()), c.name)
}

// addWithout declares --without.
func addWithout(cmd *cobra.Command, names *[]string) {
	cmd.Flags().StringSliceVar(names, "without", nil, "do not hear these `properties`, with commas between them, as if nobody had written them; nothing is shrunk then")
}

// checkWithout checks what --without names against the properties that there are.
func (c *command) checkWithout(names []string, known func() ([]string, error)) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	have, err := known()
	if err != nil {
		return nil, usage("%v", err)
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, usage("--without %s: there is no such property%s there are %s", name, didYouMean(name, have), strings.Join(have, ", "))
		}
	}
	return names, nil
}

// unheard returns which properties are not heard when a bug is tried: those of the names that its scenario has. One that no scenario of the bugs has is
// an error. Without names it is nil.
func (c *command) unheard(names []string, bugs []*zoo.Bug) (func(*zoo.Bug) string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	of := make(map[*zoo.Bug][]string)
	var all []string
	for _, b := range bugs {
		have, err := c.judgesOf(b)
		if err != nil {
			return nil, err
		}
		for _, name := range have {
			if slices.Contains(names, name) {
				of[b] = append(of[b], name)
			}
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	if _, err := c.checkWithout(names, func() ([]string, error) { return all, nil }); err != nil {
		return nil, err
	}
	return func(b *zoo.Bug) string { return strings.Join(of[b], ",") }, nil
}

// judgesOf lists the properties of the runs that show a bug.
func (c *command) judgesOf(b *zoo.Bug) ([]string, error) {
	s, err := c.scenario(b.Scenario)
	if err != nil {
		return nil, err
	}
	w := worldFlags{set: b.Set}
	cfg, err := w.config(s)
	if err != nil {
		return nil, err
	}
	names, err := search.Properties(s, cfg)
	if err != nil {
		return nil, usage("%s: %v", b.Name, err)
	}
	return names, nil
}
