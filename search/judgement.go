package search

import "simrun/sim"

// A Judgement is what a verdict means for somebody who may ask about one property alone.
type Judgement struct {
	Outcome       sim.Outcome
	Property, Why string // Why can have more than one line: a stack follows the first
}

// Judge reads a verdict by the given property, or by the one that it is named after if that is "".
func Judge(v sim.Verdict, property string) Judgement {
	if property == "" {
		return Judgement{v.Outcome, v.Property, v.Why}
	}
	for _, c := range v.Checks {
		if c.Property == property {
			return Judgement{c.Outcome, property, c.Why}
		}
	}
	// A property that has nothing to judge need not be listed, as "backed" is not before the first
	// message that has to be.
	return Judgement{sim.OK, property, ""}
}

// Failed reports whether something went wrong: a property was violated, or the run stalled. A checker
// that ran out of budget has seen nothing wrong.
func (j Judgement) Failed() bool { return j.Outcome == sim.Violated || j.Outcome == sim.Stalled }
