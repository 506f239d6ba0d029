package fault

import (
	"slices"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

// Each function here and in its neighbours draws one family of faults, or a few that are alike. A family that is off is not
// asked about, and draws from streams of its own, so that switching one on changes nothing in the others.

// The words of the picks. They are part of what a seed means: another word is another draw.
var (
	wordLaw       = chance.NewWord("law")
	wordSlowLink  = chance.NewWord("slow link")
	wordLossLink  = chance.NewWord("lossy link")
	wordRateLink  = chance.NewWord("narrow link")
	wordQueueLink = chance.NewWord("queue of link")
	wordLinkLot   = chance.NewWord("link lot")
	wordLoss      = chance.NewWord("loss rate")
	wordRepeat    = chance.NewWord("repeat rate")
	wordCorrupt   = chance.NewWord("corrupt rate")
	wordGarble    = chance.NewWord("garble rate")
	wordStale     = chance.NewWord("stale rate")
	wordUnsynced  = chance.NewWord("unsynced")
	wordTies      = chance.NewWord("ties")
	wordCut       = chance.NewWord("cut of")
	wordCutAt     = chance.NewWord("cut at")
	wordCutFor    = chance.NewWord("cut for")
	wordCutLot    = chance.NewWord("cut lot")
	wordSide      = chance.NewWord("side")
	wordWindow    = chance.NewWord("window of")
	wordWindowAt  = chance.NewWord("window at")
)

// linkShape is the number of the pick that says which end of a link may be every node.
const linkShape = 10

// always draws the lines for the whole run. Two of them are in every plan, the law of delays and what happens first
// of things at the same instant, since even a run without faults has to say them.
func (d *drawer) always() {
	if d.profile.Beyond {
		d.add(Line{Verb: Beyond})
	}
	d.laws()
	d.place()
	d.links()
	d.clocks()
	d.disks()
	if d.has(crashes) && len(d.mortal) > 0 {
		d.add(Line{Verb: Unsynced, Mode: unsyncedModes[d.unsynced()]})
	}
	r := d.reel(wordTies)
	d.add(Line{Verb: Ties, Mode: [...]string{"ordered", "shuffled"}[r.draw(0, tied)]})
}

// unsynced draws what a crash leaves of unsynced bytes.
func (d *drawer) unsynced() uint64 {
	r := d.reel(wordUnsynced)
	switch {
	case !d.knobs.dials[crashLoses].set:
		return r.draw(0, unsynced)
	case !r.chance(1, d.odds(crashLoses)):
		return 0
	}
	return 1 + r.draw(2, notKept)
}

// laws draws the law of delays and, in some seeds, one slow link: all that passes there comes from another time than
// the rest. The line for one link stands behind the line for all, which it overrides.
func (d *drawer) laws() {
	d.add(Line{Verb: Law, Law: d.anyLaw(d.reel(wordLaw), 0)})
	slow := d.reel(wordSlowLink)
	if d.profile.chaotic|d.profile.plain == 0 || len(d.names) < 2 || !slow.chance(0, d.odds(lawSlow)) {
		return
	}
	l := d.link(slow, 0)
	most := slow.lasts(1, d.much(lawSlowMost))
	l.Verb, l.Law = Law, d.bound(net.Law{Kind: net.Uniform, Least: most / 2, Most: most})
	if d.profile.steady {
		l.Law.Kind = net.InOrder
	}
	d.add(l)
}

// anyLaw draws a law of any kind that the profile has; its picks are numbered from first.
func (d *drawer) anyLaw(r *reel, first uint64) net.Law {
	weights := d.knobs.lawWeights
	if d.profile.steady {
		weights = d.knobs.steadyWeights
	}
	return d.law(r, first+1, net.LawKind(r.draw(first, weights)))
}

// law draws the law of delays of kind by the dials; within the bound, if the model needs it. Its picks are numbered
// from first.
func (d *drawer) law(r *reel, first uint64, kind net.LawKind) net.Law {
	dial := &d.knobs.laws[kind]
	l := net.Law{Kind: kind, Least: r.lasts(first, dial.least)}
	if kind != net.Constant {
		l.Most = max(r.lasts(first+1, dial.most), l.Least)
	}
	if kind == net.NewestFirst {
		l.Share = uint32(r.within(first+2, dial.share) / 1000 * 1000)
	}
	return d.bound(l)
}

// bound keeps a law within the bound, if the model needs it, or if the network is not what the profile is about.
func (d *drawer) bound(l net.Law) net.Law {
	if d.model.Bounded || d.profile.steady {
		l.Least, l.Most = min(l.Least, NetBound), min(l.Most, NetBound)
	}
	return l
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

// links draws what links do to messages for the whole run.
func (d *drawer) links() {
	if d.has(losses) {
		d.loss()
	}
	for _, x := range [...]struct {
		family family
		verb   Verb
		word   chance.Word
		rate   dialID
	}{{repeats, Repeats, wordRepeat, repeatRate}, {corrupts, Corrupt, wordCorrupt, corruptRate},
		{garbles, Garble, wordGarble, garbleRate}, {stales, Stale, wordStale, staleRate}} {
		if d.has(x.family) {
			r := d.reel(x.word)
			d.add(Line{Verb: x.verb, Amount: d.rounded(r, 0, x.rate, 100)})
		}
	}
	if len(d.names) < 2 {
		return
	}
	if d.has(rates) {
		r := d.reel(wordRateLink)
		l := d.link(r, 2)
		l.Verb, l.Amount = Rate, d.rounded(r, 0, rateBytes, 1000)
		d.add(l)
	}
	if d.has(queues) { // nothing waits but for a narrow link
		r := d.reel(wordQueueLink)
		l := d.link(r, 3)
		l.Verb, l.Amount = Rate, d.rounded(r, 0, rateBytes, 1000)
		d.add(l)
		l.Verb, l.Amount = Queue, r.within(1, d.much(queueBytes))
		d.add(l)
	}
}

// loss draws how much every link loses, or one link alone: that one may lose most of what it carries, which as a rate
// for all would keep anything from happening.
func (d *drawer) loss() {
	r := d.reel(wordLoss)
	one := d.reel(wordLossLink)
	if len(d.names) > 1 && one.chance(0, d.odds(lossOne)) {
		l := d.link(one, 1)
		l.Verb, l.Amount = Loss, d.rounded(one, 1, lossOfOne, 1000)
		d.add(l)
		return
	}
	d.add(Line{Verb: Loss, Amount: d.rounded(r, 0, lossRate, 100)})
}

// windows draws spells in which the network is another: its law of delays, or how much it loses or repeats. Afterwards what
// held before holds again.
func (d *drawer) windows() {
	if !d.has(windows) || len(d.names) < 2 {
		return
	}
	verbs := []Verb{Law}
	if mayLose(&d.model) {
		verbs = append(verbs, Loss)
	}
	if mayRepeat(&d.model) {
		verbs = append(verbs, Repeats)
	}
	r, at := d.reel(wordWindow), d.reel(wordWindowAt)
	for n := range d.number(r, 0, windowTimes) {
		l := Line{}
		if r.below(16*n+16, 3) == 1 {
			l = d.link(r, 4+n)
		}
		l.Verb = verbs[r.below(16*n+17, uint64(len(verbs)))]
		if l.Verb == Law {
			l.Law = d.anyLaw(r, 16*n+20)
		} else {
			l.Amount = d.rounded(r, 16*n+18, windowRate, 1000)
		}
		t := d.instant(at, n)
		d.at(t, l)
		d.restore(max(t, clock.Time(us)).Add(r.lasts(16*n+19, d.much(windowFor))), l.Verb)
	}
}

// restore says again at a time what the lines for the whole run say of a verb.
func (d *drawer) restore(at clock.Time, v Verb) {
	if v != Law {
		d.at(at, Line{Verb: v})
	}
	for _, l := range d.whole {
		if l.Verb == v {
			d.at(at, l)
		}
	}
}

// cuts draws who is cut off from whom when, and for how long.
func (d *drawer) cuts() {
	if !d.has(cuts) || len(d.names) < 2 {
		return
	}
	r, at, length := d.reel(wordCut), d.reel(wordCutAt), d.reel(wordCutFor)
	for n := range d.number(r, 0, cutTimes) {
		l := d.cut(r, n)
		if len(l.Sides[0]) == 0 || len(l.Sides[1]) == 0 {
			continue
		}
		t := d.instant(at, n)
		d.at(t, l)
		if !length.chance(2*n, d.odds(cutStays)) {
			l.Verb = Heal
			d.at(t.Add(length.lasts(2*n+1, d.much(cutFor))), l)
		}
	}
}

// cut draws cut n: one node from all others, one from one other, or two parts; one way, in some. Who is cut off is
// drawn by lot, and each node picks its own part, so that the cut stays much the same when a node is added. A side
// may turn out empty.
func (d *drawer) cut(r *reel, n uint64) Line {
	way := r.below(2*n+2, 8)
	l := Line{Verb: Cut, OneWay: way >= 6}
	shape := r.below(2*n+1, 9)
	if shape >= 6 {
		d.parts(&l, n)
		return l
	}
	order := d.byLot(wordCutLot, n)
	one := order[0]
	if shape >= 4 {
		l.Sides = [2][]string{{d.space.Nodes[one]}, {d.space.Nodes[order[1]]}}
	} else {
		for i, name := range d.space.Nodes {
			d.put(&l, i == one, name)
		}
	}
	if way == 7 { // the one sends, and hears nothing
		l.Sides[0], l.Sides[1] = l.Sides[1], l.Sides[0]
	}
	return l
}

// parts puts every node on the side that it draws.
func (d *drawer) parts(l *Line, n uint64) {
	for i, name := range d.names {
		r := d.of(name, wordSide)
		d.put(l, r.below(n, 2) == 0, d.space.Nodes[i])
	}
}

// put puts a node on a side of the cut.
func (d *drawer) put(l *Line, first bool, node string) {
	side := 1
	if first {
		side = 0
	}
	l.Sides[side] = append(l.Sides[side], node)
}

// The shapes that a network falls apart in, beside plain cuts. Each is drawn from streams of its own.
var shapes = [...]struct {
	family        family
	verb          Verb
	at, how       chance.Word
	times, length dialID
	rounds        dialID // numDials if there are none
}{
	{partitions, Partition, chance.NewWord("partition at"), chance.NewWord("partition of"), partitionTimes, partitionFor, numDials},
	{flaps, Flap, chance.NewWord("flap at"), chance.NewWord("flap of"), flapTimes, flapFor, flapRounds},
	{breaks, Break, chance.NewWord("break at"), chance.NewWord("break of"), breakTimes, breakFor, numDials},
}

// shapes draws partitions that have a name, and links that flap or break.
func (d *drawer) shapes() {
	for i := range shapes {
		s := &shapes[i]
		if !d.has(s.family) || len(d.names) < 2 {
			continue
		}
		at, how := d.reel(s.at), d.reel(s.how)
		for n := range d.number(how, 0, s.times) {
			t, lasts := d.instant(at, n), how.lasts(8*n+8, d.much(s.length))
			l := Line{Verb: s.verb}
			if s.family == partitions {
				modes := shapesOf(len(d.names))
				l.Mode = modes[how.below(8*n+9, uint64(len(modes)))]
				for _, i := range d.byLot(s.how, n) {
					l.Nodes = append(l.Nodes, d.space.Nodes[i])
				}
				d.at(t, l)
				d.at(t.Add(lasts), Line{Verb: Heal})
				continue
			}
			d.ends(&l, s.how, how, n)
			if l.Time = lasts; s.rounds != numDials {
				l.Amount = how.within(8*n+10, d.much(s.rounds))
			}
			d.at(t, l)
		}
	}
}

// shapesOf lists the shapes that so many nodes can fall apart in.
func shapesOf(nodes int) []string {
	return slices.DeleteFunc(Partition.modes(), func(mode string) bool {
		shape, err := net.ParseShape(mode)
		return err != nil || len(shape.Apart(nodes)) == 0
	})
}

// ends puts one node on a side of a line and another, or all others, on the other side; one way, in some.
func (d *drawer) ends(l *Line, lot chance.Word, r *reel, n uint64) {
	order := d.byLot(lot, n)
	l.Sides[0] = []string{d.space.Nodes[order[0]]}
	if l.Sides[1] = []string{d.space.Nodes[order[1]]}; r.below(8*n+11, 3) == 2 {
		l.Sides[1] = []string{Rest}
	}
	l.OneWay = r.below(8*n+12, 4) == 3
}
