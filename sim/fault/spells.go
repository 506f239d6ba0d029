package fault

import (
	"simrun/sim/chance"
	"simrun/sim/clock"
)

// cuts draws who is cut off from whom when, and for how long.
func (d *drawer) cuts() {
	if !d.has(cuts) || len(d.names) < 2 {
		return
	}
	r, at, length := d.reel(wordCut), d.reel(wordCutAt), d.reel(wordCutFor)
	for n := range r.draw(0, perRun[d.intensity(cuts)]) {
		l := d.cut(r, n)
		if len(l.Sides[0]) == 0 || len(l.Sides[1]) == 0 {
			continue
		}
		t := d.instant(at, n)
		d.at(t, l)
		if !length.chance(2*n, staysCut) {
			l.Verb = Heal
			d.at(t.Add(length.lasts(2*n+1, cutFor)), l)
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

// A spell is something that befalls a node for a while.
type spell struct {
	family   family
	at       chance.Word // of the picks that say when
	from, to Verb        // how it begins and ends
}

var spellKinds = []spell{
	{pauses, chance.NewWord("pause at"), Pause, Resume},
	{slows, chance.NewWord("slow at"), Slow, Slow},
	{steps, chance.NewWord("step at"), Step, Step},
	{freezes, chance.NewWord("freeze at"), Freeze, Thaw},
}

// spells draws what befalls nodes for a while: pauses, slowness, clocks that stand still or jump. It befalls any
// node, also those that may not crash. Spells of one node may overlap: the first to end ends them all.
func (d *drawer) spells() {
	for _, s := range spellKinds {
		if !d.has(s.family) {
			continue
		}
		many := perRare[d.intensity(s.family)]
		for i, name := range d.names {
			count, at := d.of(name, familyWords[s.family]), d.of(name, s.at)
			for n := range count.draw(0, many) {
				d.spell(s, d.space.Nodes[i], d.instant(at, n), count, n)
			}
		}
	}
}

// spell adds one spell. Its length and size are picks of the reel, behind the one that counts the spells.
func (d *drawer) spell(s spell, node string, t clock.Time, r *reel, n uint64) {
	begin, end := Line{Verb: s.from, Node: node}, Line{Verb: s.to, Node: node}
	switch s.family {
	case steps:
		begin.Time = tidy(r.signed(2*n+2, stepBy))
		d.at(t, begin)
		return
	case slows:
		begin.Amount, end.Amount = r.within(4*n+4, slowBy), 1
	}
	d.at(t, begin)
	d.at(t.Add(r.lasts(4*n+5, spellFor)), end)
}
