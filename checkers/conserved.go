package checkers

import (
	"fmt"

	"simrun/sim"
)

// conserved compares every sum of a run with the one that it must be.
type conserved struct {
	judge
	want    int64
	audited func(fact any) (what string, amount int64, ok bool)
	end     func(w *sim.World) (amount int64, complete bool)
}

// Conserved returns an outer property of that name: something is neither made nor lost, such as the money of
// a bank, and always amounts to want, in whatever unit it is counted.
//
// The extractor audited reads the fact that somebody has added everything up: what names it in the sentence
// ("the audit T9"), and amount is the sum, with all that is on its way, as in a snapshot of a bank with
// transfers in flight. The function end is asked once, when the run is over, what there is then; complete is
// false if some of it cannot be seen, on a node that is down or in a message: then nothing is judged. Either
// function may be nil, not both.
//
// Each sum that is compared is a check.
func Conserved(name string, want int64, audited func(fact any) (what string, amount int64, ok bool), end func(w *sim.World) (amount int64, complete bool)) sim.Property {
	if audited == nil && end == nil {
		panic("checkers: Conserved needs something to compare")
	}
	return &conserved{judge: judge{name: name}, want: want, audited: audited, end: end}
}

// Observe compares the sum of an audit.
func (c *conserved) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted || c.audited == nil {
		return nil
	}
	what, amount, ok := c.audited(e.Data)
	if !ok {
		return nil
	}
	c.checks++
	if amount == c.want {
		return nil
	}
	return fmt.Errorf("%s found %d of %d at %v", what, amount, c.want, e.At)
}

// End compares what is left.
func (c *conserved) End(w *sim.World) (sim.Result, error) {
	if c.end == nil {
		return sim.Holds, nil
	}
	amount, complete := c.end(w)
	if !complete {
		return sim.Holds, nil
	}
	c.checks++
	if amount != c.want {
		return sim.Holds, fmt.Errorf("at the end there is %d of %d", amount, c.want)
	}
	return sim.Holds, nil
}
