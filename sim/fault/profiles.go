package fault

import (
	"fmt"
	"strings"

	"simrun/sim/chance"
)

// A Profile is a way to draw plans.
type Profile struct {
	Name    string
	Doc     string // one sentence
	Bounded bool   // keeps the promise of [Bound] whatever the model; swarm keeps it where the model needs it

	steady   bool              // no message overtakes another
	chaotic  bool              // faults come as a swarm or as a mix, at rates that are drawn
	families uint32            // what it may draw, of what its model allows
	within   func(Model) Model // what it stays inside, for a system of this model
}

// Profiles lists the profiles, from the gentlest to the default.
func Profiles() []Profile {
	return []Profile{
		{Name: "none", Bounded: true, steady: true, within: calm,
			Doc: "no faults: every message arrives once, in order and within the bound"},
		{Name: "crash", Bounded: true, steady: true, within: calmButCrashes, families: crashFamilies,
			Doc: "nodes crash and, unless the system is fail-stop, restart; links lose, repeat and reorder nothing; delays are bounded"},
		{Name: "partition", Bounded: true, steady: true, within: calmButCuts, families: crashFamilies | 1<<cuts,
			Doc: "as crash, and the network is cut and healed; what is not cut is within the bound"},
		{Name: "async", chaotic: true, within: anything, families: allFamilies,
			Doc: "the asynchronous network with crash-recovery, whatever the system is built for: no bound on anything"},
		{Name: "swarm", chaotic: true, within: itself, families: allFamilies,
			Doc: "the default: all that the system is built for, half of the seeds as a swarm of families and half as a fixed mix"},
	}
}

// FindProfile returns the profile of that name. The error lists the names, and suggests one.
func FindProfile(name string) (Profile, error) {
	var names []string
	for _, p := range Profiles() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	err := fmt.Errorf("unknown fault profile %q: one of %s", name, strings.Join(names, ", "))
	if near := nearest(name, names); near != "" {
		err = fmt.Errorf("%w (did you mean %s?)", err, near)
	}
	return Profile{}, err
}

// What each profile stays inside.

func itself(m Model) Model { return m }

func anything(Model) Model { return Model{} }

func calm(Model) Model {
	return Model{Crash: NoCrash, Bounded: true, FIFO: true, NoLoss: true, NoCut: true, NoDup: true}
}

// calmButCrashes forces crashes on a system that does not expect them: that is what the profile is asked for.
func calmButCrashes(m Model) Model {
	c := calm(m)
	if c.Crash = m.Crash; m.Crash == NoCrash {
		c.Crash = CrashRecovery
	}
	return c
}

func calmButCuts(m Model) Model {
	c := calm(m)
	c.Crash, c.NoCut = m.Crash, false
	return c
}

// Draw draws a plan for the space: its lines for the whole run first, then those at an instant in the order of time,
// then crashes after an effect. A fault that concerns a node is keyed by the node's name, so that it stays
// the same when another node is added.
func (p Profile) Draw(c *chance.Source, s Space) Plan {
	d := newDrawer(p, c, s)
	d.always()
	if s.Until > 0 {
		d.crashes()
		d.cuts()
		d.spells()
	}
	return d.finish()
}
