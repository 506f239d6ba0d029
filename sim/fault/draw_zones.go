package fault

import (
	"fmt"
	"slices"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

var (
	wordZone     = chance.NewWord("zone")
	wordZoneLot  = chance.NewWord("zone lot")
	wordZoneLaw  = chance.NewWord("zone law")
	wordPower    = chance.NewWord("zone power of")
	wordPowerAt  = chance.NewWord("zone power at")
	wordZoneNet  = chance.NewWord("zone network of")
	wordZoneAt   = chance.NewWord("zone network at")
	wordAim      = chance.NewWord("aim of")
	wordExcess   = chance.NewWord("excess of")
	wordExcessAt = chance.NewWord("excess at")
)

// zonesPlaced is the share of the seeds with zones in which nodes are really placed: the benign answer places none.
const zonesPlaced = uint32(950_000)

// zoneRegions are the regions in which zones are placed, if there are enough.
var zoneRegions = [...]string{"east", "west"}

// place finds the zones that the scenario has placed nodes in or places those that may crash by lot, in zones as large as each
// other as far as that goes. Who may not crash, such as a client, stays outside. From three zones on there are two
// regions. Messages take longer between zones, and longest between regions, not the same both ways.
func (d *drawer) place() {
	if !d.has(zones) || d.profile.plain.has(zones) && len(d.names) < 2 {
		return
	}
	if d.areas = d.space.Zones; len(d.areas) == 0 {
		d.byLotInZones()
	}
	if len(d.areas) > 1 && d.profile.plain.has(zones) && !d.profile.Beyond {
		d.add(Line{Verb: Budget, Mode: "zones"})
	}
}

func (d *drawer) byLotInZones() {
	r := d.reel(wordZone)
	many := min(int(r.within(1, d.much(zoneMany))), len(d.mortal))
	if many < 2 || !r.chance(0, zonesPlaced) {
		return
	}
	d.areas = make([]Area, many)
	for i := range d.areas {
		d.areas[i].Name = fmt.Sprint("z", i+1)
		if slices.Contains(d.space.Nodes, d.areas[i].Name) {
			d.areas = nil
			return
		}
	}
	n := 0
	for _, i := range d.byLot(wordZoneLot, 0) {
		if d.isMortal(i) {
			z := &d.areas[n%many]
			z.Nodes = append(z.Nodes, d.space.Nodes[i])
			n++
		}
	}
	for _, z := range d.areas {
		d.add(Line{Verb: Zone, Node: z.Name, Nodes: z.Nodes})
	}
	in := d.regions()
	laws := d.reel(wordZoneLaw)
	for i, a := range d.areas {
		for j, b := range d.areas {
			if i != j && in[i] == in[j] {
				d.distance(laws, uint64(2*(16*i+j)), a.Name, b.Name, zoneNear)
			}
		}
	}
	if in[0] != in[1] {
		d.distance(laws, 1000, zoneRegions[0], zoneRegions[1], zoneFar)
		d.distance(laws, 1002, zoneRegions[1], zoneRegions[0], zoneFar)
	}
}

// regions puts every other zone into the other region if there are at least three, and returns for each zone in which it is.
func (d *drawer) regions() (in []int) {
	in = make([]int, len(d.areas))
	if len(in) < 3 || slices.Contains(d.space.Nodes, zoneRegions[0]) || slices.Contains(d.space.Nodes, zoneRegions[1]) {
		return in
	}
	var names [len(zoneRegions)][]string
	for i, z := range d.areas {
		in[i] = i % len(zoneRegions)
		names[in[i]] = append(names[in[i]], z.Name)
	}
	for i, zs := range names {
		d.add(Line{Verb: Region, Node: zoneRegions[i], Nodes: zs})
	}
	return in
}

// distance draws how long messages take from one zone or region to another.
func (d *drawer) distance(r *reel, n uint64, from, to string, x dialID) {
	most := r.lasts(n, d.much(x))
	l := d.bound(net.Law{Kind: net.Uniform, Least: most / 2, Most: most})
	if d.profile.steady {
		l.Kind = net.InOrder
	}
	d.add(Line{Verb: Law, From: from, To: to, Law: l})
}

// disasters draws when zones lose their power, which takes all their nodes down at once, or their network.
func (d *drawer) disasters() {
	if len(d.areas) < 2 {
		return
	}
	if r, at := d.reel(wordPower), d.reel(wordPowerAt); mayReturn(&d.model) {
		for n := range d.number(r, 0, zonePower) {
			z := &d.areas[r.below(2*n+2, uint64(len(d.areas)))]
			if slices.ContainsFunc(z.Nodes, func(node string) bool { return !d.isMortal(slices.Index(d.space.Nodes, node)) }) {
				continue
			}
			t := d.instant(at, n)
			d.at(t, Line{Verb: Crash, Node: z.Name})
			d.at(t.Add(r.lasts(2*n+3, d.much(zonePowerFor))), Line{Verb: Restart, Node: z.Name})
		}
	}
	if r, at := d.reel(wordZoneNet), d.reel(wordZoneAt); mayCut(&d.model) {
		for n := range d.number(r, 0, zoneCut) {
			z := &d.areas[r.below(4*n+4, uint64(len(d.areas)))]
			l := Line{Verb: Cut, Sides: [2][]string{{z.Name}, {Rest}}, OneWay: r.below(4*n+6, 4) == 3}
			t := d.instant(at, n)
			d.at(t, l)
			l.Verb = Heal
			d.at(t.Add(r.lasts(4*n+5, d.much(zoneCutFor))), l)
		}
	}
}

// aims draws what strikes right after a fact, or right after an operation of a disk: a crash, a cut or a pause of whoever noted it.
// Facts that matter are few, and what is drawn without looking seldom falls right behind one of them.
func (d *drawer) aims() {
	if !d.has(aims) || len(d.space.Targets) == 0 || len(d.names) < 2 {
		return
	}
	var deeds []Verb
	if mayReturn(&d.model) && len(d.mortal) > 0 {
		deeds = append(deeds, Crash, Crash)
	}
	if mayCut(&d.model) {
		deeds = append(deeds, Cut)
	}
	if unbound(&d.model) {
		deeds = append(deeds, Pause)
	}
	if len(deeds) == 0 {
		return
	}
	r := d.reel(wordAim)
	for n := range d.number(r, 0, aimTimes) {
		d.aim(r, 16*n+16, deeds[r.below(16*n+17, uint64(len(deeds)))])
	}
}

// aim draws one aimed fault, and what ends it. Its picks are numbered from first.
func (d *drawer) aim(r *reel, first uint64, deed Verb) {
	what := d.space.Targets[r.below(first+2, uint64(len(d.space.Targets)))]
	l := Line{Verb: deed, After: Trigger{What: what, N: uint64(r.within(first+3, d.much(aimNth)))}, Node: "@" + what}
	if r.below(first+4, 4) == 3 {
		l.At = clock.Time(r.lasts(first+5, span{10 * us, 10 * ms}))
	}
	lasts := r.lasts(first+6, d.much(aimFor))
	whom := int(r.below(first+7, uint64(len(d.names))))
	switch end := (Line{After: l.After, At: l.At.Add(lasts)}); deed {
	case Crash:
		if l.Time = lasts; len(d.mortal) < len(d.names) { // whoever it is may be one that must not crash
			l.Node = d.space.Nodes[d.mortal[whom%len(d.mortal)]]
			l.After.Node = l.Node
		}
		if r.below(first+8, 4) == 3 {
			l.Node = d.space.Nodes[d.mortal[whom%len(d.mortal)]]
			l.After.Node, l.After.What = l.Node, "sync"
		}
		d.aimed = append(d.aimed, l)
	case Cut:
		l.Node, l.Sides, end.Verb = "", [2][]string{{"@" + what}, {Rest}}, Heal
		d.aimed = append(d.aimed, l, end)
	case Pause: // who noted a fact last may be another when it ends, so it is one by name
		l.Node = d.space.Nodes[whom]
		l.After.Node = l.Node
		end.Verb, end.Node, end.After = Resume, l.Node, l.After
		d.aimed = append(d.aimed, l, end)
	}
}

// excess draws what is beyond any budget: nodes that are broken for good though their group cannot spare them, disks that
// are all full, and damage to all copies.
func (d *drawer) excess() {
	if !d.has(excesses) {
		return
	}
	for _, i := range d.mortal {
		r := d.of(d.names[i], wordExcess)
		if !r.chance(0, d.odds(excessLost)) {
			continue
		}
		l := Line{Verb: Crash, Node: d.space.Nodes[i], Good: true}
		if cut := mayCut(&d.model); !mayCrash(&d.model) && !cut {
			continue
		} else if !mayCrash(&d.model) || cut && r.below(1, 4) == 3 {
			l = Line{Verb: Cut, Sides: [2][]string{{l.Node}, {Rest}}, Good: true}
		}
		d.at(d.instant(r, 1), l)
	}
	all := d.reel(wordExcess)
	if mayFail(&d.model) && all.chance(0, d.odds(excessFull)) {
		d.at(d.instant(d.reel(wordExcessAt), 0), Line{Verb: Capacity, Amount: all.within(1, d.much(capacityBytes))})
	}
	if all.chance(2, d.odds(excessRot)) {
		for _, i := range d.mortal {
			d.ill(i, 1)
		}
	}
}
