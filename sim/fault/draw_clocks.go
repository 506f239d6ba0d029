package fault

import "simrun/sim/chance"

var (
	wordDrift     = chance.NewWord("drift of")
	wordOffset    = chance.NewWord("offset of")
	wordReset     = chance.NewWord("reset of")
	wordUncertain = chance.NewWord("uncertainty")
	wordLate      = chance.NewWord("start of")
)

// clocks draws clocks that run fast or slow, are wrong from the start or start anew, what they say of themselves, and nodes
// that start late. Clocks that jump or stand still are happenings.
func (d *drawer) clocks() {
	drift := d.much(driftBy)
	if d.model.Bounded || d.model.Steady {
		drift = drift.upTo(driftBounded.most)
	}
	for i, name := range d.names {
		node := d.space.Nodes[i]
		if r := d.of(name, wordDrift); d.has(drifts) && r.chance(0, d.odds(driftShare)) {
			d.add(Line{Verb: Drift, Node: node, Amount: r.signed(1, drift)})
		}
		if r := d.of(name, wordOffset); d.has(offsets) && r.chance(0, d.odds(offsetShare)) {
			by := r.signed(1, d.much(offsetBy))
			d.add(Line{Verb: Offset, Node: node, Time: tidy(by)})
		}
	}
	if d.has(resets) {
		for _, i := range d.mortal {
			if r := d.of(d.names[i], wordReset); r.chance(0, d.odds(resetShare)) {
				d.add(Line{Verb: Reset, Node: d.space.Nodes[i]})
			}
		}
	}
	if d.has(uncertains) {
		r := d.reel(wordUncertain)
		d.add(Line{Verb: Uncertainty, Time: r.lasts(0, d.much(uncertainBy))})
	}
	if d.has(lates) {
		for _, i := range d.mortal {
			if r := d.of(d.names[i], wordLate); r.chance(0, d.odds(lateShare)) {
				d.add(Line{Verb: Start, Node: d.space.Nodes[i], Time: min(r.lasts(1, d.much(lateBy)), tidy(int64(max(d.space.Until, 0))))})
			}
		}
	}
}

// upTo is the span without what is above a number.
func (s span) upTo(most int64) span { return span{min(s.least, most), min(s.most, most)} }
