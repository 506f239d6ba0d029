package fault

import "simrun/sim/chance"

var (
	wordCrash   = chance.NewWord("crash of")
	wordCrashAt = chance.NewWord("crash at")
	wordDown    = chance.NewWord("down")
	wordVictim  = chance.NewWord("victim")
	wordStorm   = chance.NewWord("storm")
	wordStormAt = chance.NewWord("storm at")
	wordTraitor = chance.NewWord("traitor")
	wordBetray  = chance.NewWord("betrayal of")
)

// crashes draws who crashes when, and for how long: first each node's own crashes, then those that hit many at once.
// A restart that would come after faults have ended is left out, and the node is down until the world settles.
func (d *drawer) crashes() {
	if !d.has(crashes) {
		return
	}
	if d.model.Crash == FailStop {
		d.failStop()
		return
	}
	for _, i := range d.mortal {
		r := d.of(d.names[i], wordCrash)
		for n := range d.number(r, 0, crashTimes) {
			d.crash(i, n, true)
		}
	}
	r := d.reel(wordStorm)
	for n := range d.number(r, 0, crashStorms) {
		d.storm(n)
	}
}

// failStop crashes nodes for good, in each group at most as many as it can spare. Nodes are asked in the order of
// their lots, so that none is always the first to be spent. As under crash-recovery a crash may come at any time or
// after any effect; there are no storms.
func (d *drawer) failStop() {
	for _, i := range d.byLot(wordVictim, 0) {
		r := d.of(d.names[i], wordCrash)
		if d.number(r, 0, crashTimes) > 0 && d.spare(d.space.Nodes[i]) {
			d.crash(i, 0, false)
		}
	}
}

// spare reports whether every group of the node, and there is one, can spare it, and counts it as spent.
func (d *drawer) spare(node string) bool {
	var in []int
	for g := range d.space.Groups {
		for _, n := range d.space.Groups[g].Nodes {
			if n == node {
				in = append(in, g)
				break
			}
		}
	}
	for _, g := range in {
		if d.spent[g] >= d.space.Groups[g].Spare {
			return false
		}
	}
	for _, g := range in {
		d.spent[g]++
	}
	return len(in) > 0
}

// crash draws the n-th crash of a node and, if it may, its restart.
func (d *drawer) crash(i int, n uint64, restarts bool) {
	node, name := d.space.Nodes[i], d.names[i]
	at, down := d.of(name, wordCrashAt), d.of(name, wordDown)
	restarts = restarts && !down.chance(8*n, d.odds(crashStays))
	// Pick 0 of this reel is how often the node crashes, the others are how each crash comes about.
	if how := d.of(name, wordCrash); !how.chance(n+1, d.odds(crashEffect)) {
		t := d.instant(at, n)
		d.at(t, Line{Verb: Crash, Node: node})
		if restarts {
			d.at(t.Add(down.lasts(8*n+1, d.much(crashFor))), Line{Verb: Restart, Node: node})
		}
		return
	}
	most := max(fewEffects, min(d.horizon/effectPace, manyEffects))
	effect := at.within(2*n, span{1, most})
	l := Line{Verb: Crash, Node: node, Effect: uint64(effect)}
	if restarts {
		l.Time = down.lasts(8*n+1, d.much(crashFor))
	}
	d.after = append(d.after, l)
}

// storm crashes many nodes within a short time, each for a time of its own. What a majority has promised or accepted is
// forgotten by several at once only if they crash together.
func (d *drawer) storm(n uint64) {
	r := d.reel(wordStormAt)
	begin := d.instant(r, n)
	for _, i := range d.mortal {
		hit := d.of(d.names[i], wordStormAt)
		if !hit.chance(3*n, d.odds(crashInStorm)) {
			continue
		}
		t := begin.Add(hit.lasts(3*n+1, d.much(crashApart)))
		d.at(t, Line{Verb: Crash, Node: d.space.Nodes[i]})
		d.at(t.Add(hit.lasts(3*n+2, d.much(crashFor))), Line{Verb: Restart, Node: d.space.Nodes[i]})
	}
}

// betrayals draws who lies, in each group at most as many as it can spare, and how: from the start on in most, so that
// nothing that has been believed so far protects the others.
func (d *drawer) betrayals() {
	if !d.has(betrays) {
		return
	}
	modes := Betray.modes()
	for _, i := range d.byLot(wordTraitor, 0) {
		r := d.of(d.names[i], wordBetray)
		if !r.chance(0, 800_000) || !d.spare(d.space.Nodes[i]) {
			continue
		}
		l := Line{Verb: Betray, Node: d.space.Nodes[i], Mode: modes[r.below(1, uint64(len(modes)))], Amount: d.rounded(r, 2, betrayShare, 1000)}
		if r.chance(3, d.odds(betrayStanding)) {
			d.add(l)
			continue
		}
		d.at(d.instant(r, 2), l)
	}
}
