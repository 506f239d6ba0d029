package fault

import (
	"simrun/sim/chance"
	"simrun/sim/net"
)

// Each function here draws one family of faults. A family that is off is not asked about, and draws from streams of
// its own, so that switching one on changes nothing in the others.

// The words of the picks. They are part of what a seed means: another word is another draw.
var (
	wordLaw      = chance.NewWord("law")
	wordSlowLink = chance.NewWord("slow link")
	wordLossLink = chance.NewWord("lossy link")
	wordRateLink = chance.NewWord("narrow link")
	wordLinkLot  = chance.NewWord("link lot")
	wordLoss     = chance.NewWord("loss rate")
	wordRepeat   = chance.NewWord("repeat rate")
	wordUnsynced = chance.NewWord("unsynced")
	wordTies     = chance.NewWord("ties")
	wordDrift    = chance.NewWord("drift of")
	wordOffset   = chance.NewWord("offset of")
	wordSync     = chance.NewWord("sync of")
	wordCrash    = chance.NewWord("crash of")
	wordCrashAt  = chance.NewWord("crash at")
	wordDown     = chance.NewWord("down")
	wordVictim   = chance.NewWord("victim")
	wordStorm    = chance.NewWord("storm")
	wordStormAt  = chance.NewWord("storm at")
	wordCut      = chance.NewWord("cut of")
	wordCutAt    = chance.NewWord("cut at")
	wordCutFor   = chance.NewWord("cut for")
	wordCutLot   = chance.NewWord("cut lot")
	wordSide     = chance.NewWord("side")
)

// linkShape is the number of the pick that says which end of a link may be every node.
const linkShape = 10

// always draws the lines for the whole run. Two of them are in every plan, the law of delays and what happens first
// of things at the same instant, since even a run without faults has to say them.
func (d *drawer) always() {
	d.laws()
	if d.has(losses) {
		d.loss()
	}
	if d.has(repeats) {
		r := d.reel(wordRepeat)
		s := repeatsMix
		if d.swarm {
			s = repeatsSwarm
		}
		d.add(Line{Verb: Repeats, Amount: r.within(0, s) / 100 * 100})
	}
	if d.has(rates) && len(d.names) > 1 {
		r := d.reel(wordRateLink)
		l := d.link(r, 2)
		l.Verb, l.Amount = Rate, r.within(0, bytesASecond)/1000*1000
		d.add(l)
	}
	d.clocks()
	d.disks()
	if d.has(crashes) && len(d.mortal) > 0 {
		r := d.reel(wordUnsynced)
		d.add(Line{Verb: Unsynced, Mode: unsyncedModes[r.draw(0, unsynced)]})
	}
	r := d.reel(wordTies)
	d.add(Line{Verb: Ties, Mode: [...]string{"ordered", "shuffled"}[r.draw(0, tied)]})
}

// add adds a line for the whole run.
func (d *drawer) add(l Line) { d.whole = append(d.whole, l) }

// laws draws the law of delays and, in some seeds, one slow link: all that passes there comes from another time than
// the rest. The line for one link stands behind the line for all, which it overrides.
func (d *drawer) laws() {
	r := d.reel(wordLaw)
	weights := lawWeights
	if d.profile.steady {
		weights = steadyWeights
	}
	d.add(Line{Verb: Law, Law: d.law(r, net.LawKind(r.draw(0, weights)))})
	slow := d.reel(wordSlowLink)
	if d.profile.families == 0 || len(d.names) < 2 || !slow.chance(0, slowLink) {
		return
	}
	l := d.link(slow, 0)
	most := slow.lasts(1, slowMost)
	l.Verb, l.Law = Law, d.bound(net.Law{Kind: net.Uniform, Least: most / 2, Most: most})
	if d.profile.steady {
		l.Law.Kind = net.InOrder
	}
	d.add(l)
}

// link draws a link: in four of six cases from one node to another, else from one to all or from all to one. Who they
// are is drawn by lot, and the number of the lot tells apart what the link is for.
func (d *drawer) link(r *reel, lot uint64) Line {
	order := d.byLot(wordLinkLot, lot)
	l := Line{From: d.space.Nodes[order[0]], To: d.space.Nodes[order[1]]}
	switch r.below(linkShape, 6) {
	case 4:
		l.To = "*"
	case 5:
		l.From = "*"
	}
	return l
}

// loss draws how much every link loses, or one link alone: that one may lose most of what it carries, which as a rate
// for all would keep anything from happening.
func (d *drawer) loss() {
	r := d.reel(wordLoss)
	one := d.reel(wordLossLink)
	if len(d.names) > 1 && one.chance(0, oneLossy) {
		l := d.link(one, 1)
		l.Verb, l.Amount = Loss, one.within(1, lossyLink)/1000*1000
		d.add(l)
		return
	}
	s := lossMix
	if d.swarm {
		s = lossSwarm
	}
	d.add(Line{Verb: Loss, Amount: r.within(0, s) / 100 * 100})
}

// clocks draws clocks that run fast or slow, or are wrong from the start. Those that jump or stand still are spells.
func (d *drawer) clocks() {
	drift := driftWide
	if d.model.Bounded {
		drift = driftBounded
	}
	for i, name := range d.names {
		if r := d.of(name, wordDrift); d.has(drifts) && r.chance(0, someNodes) {
			d.add(Line{Verb: Drift, Node: d.space.Nodes[i], Amount: r.signed(1, drift)})
		}
		if r := d.of(name, wordOffset); d.has(offsets) && r.chance(0, someNodes) {
			by := r.signed(1, offsetBy)
			d.add(Line{Verb: Offset, Node: d.space.Nodes[i], Time: tidy(by)})
		}
	}
}

// disks draws how long they take to sync: all of them, or some; and at times how long they take to read and to write.
// The longer it takes, the more crashes fall between a write and its end, and the more messages meet a node that is
// busy.
func (d *drawer) disks() {
	if !d.has(syncs) {
		return
	}
	s := syncSlow
	if d.model.Bounded {
		s = syncBounded
	}
	r := d.reel(wordSync)
	if r.chance(2, cacheSlow) {
		d.add(Line{Verb: Read, Time: r.lasts(3, cacheTime)})
		d.add(Line{Verb: Write, Time: r.lasts(4, cacheTime)})
	}
	if r.below(0, 2) == 0 {
		d.add(Line{Verb: Sync, Time: r.lasts(1, s)})
		return
	}
	for i, name := range d.names {
		if r := d.of(name, wordSync); r.chance(0, someNodes) {
			d.add(Line{Verb: Sync, Node: d.space.Nodes[i], Time: r.lasts(1, s)})
		}
	}
}

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
	many := d.intensity(crashes)
	for _, i := range d.mortal {
		r := d.of(d.names[i], wordCrash)
		for n := range r.draw(0, perNode[many]) {
			d.crash(i, n, true)
		}
	}
	r := d.reel(wordStorm)
	for n := range r.draw(0, storms[many]) {
		d.storm(n)
	}
}

// failStop crashes nodes for good, in each group at most as many as it can spare. Nodes are asked in the order of
// their lots, so that none is always the first to be spent. As under crash-recovery a crash may come at any time or
// after any effect; there are no storms.
func (d *drawer) failStop() {
	spent := make([]int, len(d.space.Groups))
	for _, i := range d.byLot(wordVictim, 0) {
		r := d.of(d.names[i], wordCrash)
		if r.draw(0, perNode[d.intensity(crashes)]) > 0 && d.spare(d.space.Nodes[i], spent) {
			d.crash(i, 0, false)
		}
	}
}

// spare reports whether every group of the node, and there is one, can spare it, and counts it as spent.
func (d *drawer) spare(node string, spent []int) bool {
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
		if spent[g] >= d.space.Groups[g].Spare {
			return false
		}
	}
	for _, g := range in {
		spent[g]++
	}
	return len(in) > 0
}

// crash draws the n-th crash of a node and, if it may, its restart.
func (d *drawer) crash(i int, n uint64, restarts bool) {
	node, name := d.space.Nodes[i], d.names[i]
	at, down := d.of(name, wordCrashAt), d.of(name, wordDown)
	restarts = restarts && !down.chance(8*n, staysDown)
	// Pick 0 of this reel is how often the node crashes, the others are how each crash comes about.
	if how := d.of(name, wordCrash); !how.chance(n+1, byEffect) {
		t := d.instant(at, n)
		d.at(t, Line{Verb: Crash, Node: node})
		if restarts {
			d.at(t.Add(down.lasts(8*n+1, downs)), Line{Verb: Restart, Node: node})
		}
		return
	}
	most := max(fewEffects, min(d.horizon/effectPace, manyEffects))
	effect := at.within(2*n, span{1, most})
	l := Line{Verb: Crash, Node: node, Effect: uint64(effect)}
	if restarts {
		l.Time = down.lasts(8*n+1, downs)
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
		if !hit.chance(3*n, inStorm) {
			continue
		}
		t := begin.Add(hit.lasts(3*n+1, stormy))
		d.at(t, Line{Verb: Crash, Node: d.space.Nodes[i]})
		d.at(t.Add(hit.lasts(3*n+2, downs)), Line{Verb: Restart, Node: d.space.Nodes[i]})
	}
}
