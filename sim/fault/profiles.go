package fault

import (
	"slices"

	"simrun/sim/chance"
)

// A Profile is a way to draw plans. [FindProfile] makes one of a name; the zero Profile draws nothing useful.
type Profile struct {
	Name    string // in the form in which it is printed: "clock+crash:crash=0..3"
	Doc     string // one sentence
	Bounded bool   // keeps the promise of [Bound] whatever the model; swarm keeps it where the model needs it
	Beyond  bool   // goes beyond what groups can spare

	steady  bool              // no message overtakes another
	even    bool              // nothing is chosen by seed: every family is on, at the rates of a fixed mix, evenly over the time, and the law is uniform
	chaotic familySet         // what comes as a flood, as a swarm or as a mix, at rates that are drawn
	plain   familySet         // what comes with the share of seeds and the strength of a profile that is no swarm
	within  func(Model) Model // what it stays inside, for a system of this model
	knobs   *knobs
}

// Profiles lists the profiles that have a name of their own, from the gentlest to the wildest. They can be composed and set:
// see [FindProfile].
func Profiles() []Profile { return slices.Clone(profiles) }

// DefaultProfile is the name of the profile that draws where nobody has chosen one.
const DefaultProfile = "swarm"

var profiles = []Profile{
	{Name: "none", Bounded: true, steady: true, within: calm, knobs: &usual,
		Doc: "no faults: every message arrives once, in order and within the bound"},
	{Name: "calm", Bounded: true, within: inNoStep, plain: calmFamilies, knobs: &usual,
		Doc: "no faults, but nothing in step: random delays within the bound, clocks that drift and differ, late starts, disks that take their time"},
	{Name: "crash", Bounded: true, steady: true, within: calmButCrashes, plain: crashFamilies, knobs: &usual,
		Doc: "nodes crash and, unless the system is fail-stop, restart; links lose, repeat and reorder nothing; delays are bounded"},
	{Name: "partition", Bounded: true, steady: true, within: calmButCuts, plain: crashFamilies | partitionFamilies, knobs: &usual,
		Doc: "as crash, and the network is cut and healed; what is not cut is within the bound"},
	{Name: "clock", steady: true, within: calmButClocks, plain: clockFamilies, knobs: &usual,
		Doc: "all that clocks can do in the system's model, and nothing else"},
	{Name: "disk", steady: true, within: calmButDisks, plain: diskFamilies, knobs: &usual,
		Doc: "all that disks can do in the system's model, and crashes, since most of it shows only after one"},
	{Name: "zone", within: calmButZones, plain: 1 << zones, knobs: &usual,
		Doc: "nodes sit in zones and regions, by lot unless the scenario says where; a zone at a time loses its power or its network"},
	{Name: "byzantine", within: traitors, plain: 1 << betrays, chaotic: networkFamilies, knobs: &usual,
		Doc: "as many nodes of each group as it can spare lie in all ways, on a network as bad as the system's model has it; forced on a system that trusts its nodes"},
	{Name: "async", within: anything, chaotic: swarmFamilies, knobs: &usual,
		Doc: "the asynchronous network with crash-recovery, whatever the system is built for: no bound on anything"},
	{Name: "uniform", within: itself, chaotic: swarmFamilies &^ (1 << aims), even: true, knobs: &even,
		Doc: "all that the system is built for in every seed, evenly over the time, with uniform delays and no aims: what swarm is measured against"},
	{Name: "swarm", within: itself, chaotic: swarmFamilies, knobs: &usual,
		Doc: "the default: all that the system is built for, half of the seeds as a flood, and a quarter each as a swarm of families and as a fixed mix"},
	{Name: "beyond", Beyond: true, within: itself, chaotic: swarmFamilies | 1<<excesses, knobs: &usual,
		Doc: "as swarm, and beyond the budget: more is broken for good than groups can spare; to refuse or to stall is right, a wrong answer is not"},
}

// What each profile stays inside.

func itself(m Model) Model { return m }

func anything(Model) Model { return Model{} }

func calm(Model) Model {
	return Model{Crash: NoCrash, Bounded: true, FIFO: true, NoLoss: true, NoCut: true, NoDup: true, TrueTime: true, Steady: true}
}

// inNoStep allows what no protocol can mind: another order of messages, and another order of starts where nodes may be down.
func inNoStep(m Model) Model {
	c := calm(m)
	c.Crash, c.FIFO = m.Crash, m.FIFO
	return c
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

func calmButClocks(m Model) Model {
	c := calm(m)
	c.Bounded, c.TrueTime, c.Steady = m.Bounded, m.TrueTime, m.Steady
	return c
}

func calmButDisks(m Model) Model {
	c := calm(m)
	c.Crash, c.Bounded, c.Disk, c.Losable, c.Steady = m.Crash, m.Bounded, m.Disk, m.Losable, m.Steady
	return c
}

func calmButZones(m Model) Model {
	c := calm(m)
	c.Crash, c.Bounded, c.FIFO, c.NoCut, c.Steady = m.Crash, m.Bounded, m.FIFO, m.NoCut, m.Steady
	return c
}

// traitors makes nodes lie, of a system that does not expect it too.
func traitors(m Model) Model {
	m.Byzantine = true
	return m
}

// loosest is a model that each of two is inside.
func loosest(a, b Model) Model {
	return Model{Crash: min(a.Crash, b.Crash), Bounded: a.Bounded && b.Bounded, FIFO: a.FIFO && b.FIFO, NoLoss: a.NoLoss && b.NoLoss,
		NoCut: a.NoCut && b.NoCut, NoDup: a.NoDup && b.NoDup, Disk: max(a.Disk, b.Disk), Byzantine: a.Byzantine || b.Byzantine,
		Garbled: a.Garbled || b.Garbled, TrueTime: a.TrueTime && b.TrueTime, Losable: a.Losable || b.Losable, Steady: a.Steady && b.Steady}
}

// with composes two profiles: all that either draws, inside the loosest of what each stays inside. If either chooses nothing by seed, nor
// do both.
func (p Profile) with(q Profile) Profile {
	one, other, k := p.within, q.within, p.knobs
	if q.even {
		k = q.knobs
	}
	return Profile{
		Name: p.Name + "+" + q.Name, Doc: p.Doc + "; and " + q.Doc, Bounded: p.Bounded && q.Bounded, Beyond: p.Beyond || q.Beyond,
		steady: p.steady && q.steady, even: p.even || q.even, chaotic: p.chaotic | q.chaotic, plain: p.plain | q.plain, knobs: k,
		within: func(m Model) Model { return loosest(one(m), other(m)) },
	}
}

// Draw draws a plan for the space: its lines for the whole run first, then those at an instant in the order of time,
// then those that are aimed, crashes after an effect, and what befalls single operations. A fault that concerns a node is keyed
// by the node's name, so that it stays the same when another node is added.
func (p *Profile) Draw(c *chance.Source, s Space) Plan {
	d := newDrawer(p, c, s)
	d.always()
	if s.Until > 0 {
		d.crashes()
		d.betrayals()
		d.cuts()
		d.happenings()
		d.shapes()
		d.windows()
		d.disasters()
		d.damage()
		d.aims()
		d.excess()
	}
	return d.finish()
}
