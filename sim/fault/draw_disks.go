package fault

import (
	"time"

	"simrun/sim/chance"
)

var (
	wordSync   = chance.NewWord("sync of")
	wordSick   = chance.NewWord("sick disk")
	wordSwap   = chance.NewWord("swap of")
	wordHarmAt = chance.NewWord("damage at")
)

// disks draws how long they take to sync: all of them, or some; and at times how long they take to read and to write.
// The longer it takes, the more crashes fall between a write and its end, and the more messages meet a node that is
// busy.
func (d *drawer) disks() {
	if !d.has(syncs) {
		return
	}
	s := d.much(syncTime)
	if d.model.Bounded {
		if !d.knobs.dials[syncTime].set {
			s = syncBounded
		}
		s = s.upTo(syncBounded.most)
	}
	r := d.reel(wordSync)
	if r.chance(2, d.odds(syncCache)) {
		cache := d.much(syncCacheTime)
		if d.model.Bounded {
			cache = cache.upTo(syncBounded.most)
		}
		d.add(Line{Verb: Read, Time: r.lasts(3, cache)})
		d.add(Line{Verb: Write, Time: r.lasts(4, cache)})
	}
	if r.below(0, 2) == 0 {
		d.add(Line{Verb: Sync, Time: r.lasts(1, s)})
		return
	}
	for i, name := range d.names {
		if r := d.of(name, wordSync); r.chance(0, d.odds(syncShare)) {
			d.add(Line{Verb: Sync, Node: d.space.Nodes[i], Time: r.lasts(1, s)})
		}
	}
}

// ordinarySync is how long a sync takes where a plan does not say.
const ordinarySync = 300 * time.Microsecond

// usualSync is how long the syncs of a node take by the lines for the whole run.
func (d *drawer) usualSync(node string) time.Duration {
	t := ordinarySync
	for i := range d.whole {
		if l := &d.whole[i]; l.Verb == Sync && (l.Node == "" || l.Node == node) {
			t = l.Time
		}
	}
	return t
}

// ills are the ways in which a disk is damaged. Who has one of them counts among those that a group can spare.
const ills = familySet(1<<fails | 1<<latents | 1<<capacities | 1<<rots | 1<<phantoms | 1<<misdirects | 1<<outdates | 1<<wipes | 1<<swaps)

// damage draws whose disks are damaged, in each group at most as many as it can spare, and how.
func (d *drawer) damage() {
	if d.on&ills == 0 {
		return
	}
	var sick []int
	for _, i := range d.byLot(wordSick, 0) {
		r := d.of(d.names[i], wordSick)
		if r.chance(0, 900_000) && d.spare(d.space.Nodes[i]) {
			sick = append(sick, i)
			d.ill(i, 0)
		}
	}
	if d.has(swaps) && len(sick) > 1 && mayReturn(&d.model) {
		r := d.reel(wordSwap)
		for n := range d.number(r, 0, swapTimes) {
			d.down(Line{Verb: Swap, Node: d.space.Nodes[sick[0]], Other: d.space.Nodes[sick[1]]}, r, n)
		}
	}
}

// ill damages the disk of one node in the ways that are on.
func (d *drawer) ill(i int, round uint64) {
	node, name := d.space.Nodes[i], d.names[i]
	from := 100 * round // of the picks of a reel
	if r := d.of(name, familyWords[fails]); d.has(fails) {
		ops := []string{"sync", "append", "write", "read", "rename", "syncdir", "sync", "sync"}
		l := Line{Verb: Fail, Node: node, Stream: ops[r.below(from+1, uint64(len(ops)))]}
		if r.chance(from+2, d.odds(failOne)) {
			l.N = uint64(r.within(from+3, d.much(failNth)))
			d.single = append(d.single, l)
		} else {
			l.Amount = d.rounded(r, from+4, failRate, 1000)
			d.add(l)
		}
	}
	if r := d.of(name, familyWords[capacities]); d.has(capacities) {
		d.add(Line{Verb: Capacity, Node: node, Amount: r.within(from+1, d.much(capacityBytes))})
	}
	for _, x := range [...]struct {
		family family
		verb   Verb
		rate   dialID
	}{{phantoms, Phantom, phantomRate}, {misdirects, Misdirect, misdirectRate}, {outdates, Outdated, outdatedRate}} {
		if r := d.of(name, familyWords[x.family]); d.has(x.family) {
			d.add(Line{Verb: x.verb, Node: node, Amount: d.rounded(r, from+1, x.rate, 1000)})
		}
	}
	for _, x := range [...]struct {
		family family
		verb   Verb
		times  dialID
	}{{latents, Latent, latentTimes}, {rots, Rot, rotTimes}} {
		if !d.has(x.family) {
			continue
		}
		r, at := d.of(name, familyWords[x.family]), d.of(name, wordHarmAt)
		for n := range uint64(r.within(from+1, d.much(x.times))) {
			d.at(d.instant(at, from+10*uint64(x.family)+n), Line{Verb: x.verb, Node: node})
		}
	}
	if d.has(wipes) && mayReturn(&d.model) {
		r := d.of(name, familyWords[wipes])
		for n := range d.number(r, from+1, wipeTimes) {
			d.down(Line{Verb: Wipe, Node: node}, r, from/4+n)
		}
	}
}

// down adds a line that takes its nodes down, and says when they are back.
func (d *drawer) down(l Line, r *reel, n uint64) {
	t := d.instant(r, 4*n+4)
	d.at(t, l)
	for i, node := range []string{l.Node, l.Other} {
		if node != "" {
			d.at(t.Add(r.lasts(8*n+10+uint64(i), d.much(wipeFor))), Line{Verb: Restart, Node: node})
		}
	}
}
