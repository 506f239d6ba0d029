package sim

import (
	"slices"

	"simrun/sim/disk"
	"simrun/sim/fault"
)

// Budgets. A plan can say how much may be wrong at once; a fault that would go beyond it does not happen, whoever asked for
// it: the draw of a profile, an aimed line or an effect. What is held back is counted.
//
//	down    of each group, so many nodes are down at once: a crash, a lost or swapped disk, a crash loop, a zone without power
//	copies  so many copies of any record are damaged; without Records, so many disks of a group
//	zones   in so many zones nodes are down, paused, hurt or Byzantine, and the others see one another
//
// A number of 0 means what each group can spare; of zones, one. A fault that strikes several nodes happens to all of them
// or to none.

// A budget is what may be wrong at once: -1 for no limit.
type budget struct{ down, copies, zones int }

// damage is which disks hold damaged copies of a record.
type damage struct {
	key   string
	disks []*host
}

// allow puts a budget of the plan into force.
func (w *World) allow(l *fault.Line) {
	if w.budget == nil {
		w.budget = &budget{-1, -1, -1}
	}
	switch l.Mode {
	case "down":
		w.budget.down = int(l.Amount)
	case "copies":
		w.budget.copies = int(l.Amount)
		if w.records != nil {
			w.watchRecords()
		}
	case "zones":
		w.budget.zones = int(max(l.Amount, 1))
	}
}

// bound is how much of a group a budget allows.
func bound(budget int, g *fault.Group) int {
	if budget > 0 {
		return budget
	}
	return g.Spare
}

// affords reports whether the budget has room for a line, and counts it if not.
func (w *World) affords(l *fault.Line) bool {
	if w.budget == nil {
		return true
	}
	switch l.Verb {
	case fault.Crash, fault.Loop:
		return w.affordsDown(w.meant(l.Node)...)
	case fault.Wipe:
		return w.affordsLoss(w.meant(l.Node))
	case fault.Swap:
		return w.affordsLoss(append(slices.Clone(w.meant(l.Node)), w.meant(l.Other)...))
	case fault.Pause:
		return w.spend(w.zonesAfford(w.meant(l.Node), nil))
	case fault.Betray:
		return l.Amount == 0 || w.spend(w.zonesAfford(w.meant(l.Node), nil))
	case fault.Cut, fault.Flap, fault.Break:
		a, b := w.sides(l)
		return w.affordsCut(pairs(a, b))
	case fault.Partition:
		return w.affordsCut(w.apart(l))
	}
	return true
}

// spend counts a fault that the budget holds back.
func (w *World) spend(affordable bool) bool {
	if !affordable {
		w.spared++
	}
	return affordable
}

// affordsDown reports whether the budget has room for these nodes to be down too, and counts a fault that is held back.
func (w *World) affordsDown(hosts ...*host) bool {
	return w.budget == nil || w.spend(w.downAffords(hosts) && w.zonesAfford(hosts, nil))
}

// affordsCut is affordsDown for pairs of nodes that cease to see each other.
func (w *World) affordsCut(pairs [][2]int) bool {
	return w.budget == nil || w.spend(w.zonesAfford(nil, pairs))
}

// affordsDamage is affordsDown for damage to a disk, at these records; without any the whole disk is meant.
func (w *World) affordsDamage(h *host, keys ...string) bool {
	if w.budget == nil {
		return true
	}
	hosts := []*host{h}
	ok := w.spend(w.copiesAfford(hosts, keys) && w.zonesAfford(hosts, nil))
	if ok {
		w.damaged(hosts, keys)
	}
	return ok
}

// affordsLoss is affordsDown for whole disks that are lost, with all that is on them.
func (w *World) affordsLoss(hosts []*host) bool {
	keys := w.recordsOf(hosts)
	ok := w.spend(w.downAffords(hosts) && w.copiesAfford(hosts, keys) && w.zonesAfford(hosts, nil))
	if ok {
		w.damaged(hosts, keys)
	}
	return ok
}

// downAffords reports whether these nodes may be down with those that are, or will be before their next effect.
func (w *World) downAffords(hosts []*host) bool {
	return w.budget.down < 0 || w.groupsAfford(w.budget.down, func(h *host) bool { return !h.up || h.inert || slices.Contains(hosts, h) }, hosts)
}

// groupsAfford reports whether no group that one of the hosts belongs to has more of a kind than a budget allows.
func (w *World) groupsAfford(allowed int, counts func(*host) bool, hosts []*host) bool {
	for i := range w.groups {
		g := &w.groups[i]
		concerned, n := false, 0
		for _, id := range g.Nodes {
			h := w.must(NodeID(id))
			concerned = concerned || slices.Contains(hosts, h)
			if counts(h) {
				n++
			}
		}
		if concerned && n > bound(allowed, g) {
			return false
		}
	}
	return true
}

// copiesAfford reports whether these disks too may hold damaged copies of these records; if the scenario names no
// records, whether they may be damaged at all.
func (w *World) copiesAfford(hosts []*host, keys []string) bool {
	if w.budget.copies < 0 {
		return true
	}
	if w.records == nil {
		return w.groupsAfford(w.budget.copies, func(x *host) bool { return x.hurt || slices.Contains(hosts, x) }, hosts)
	}
	most := w.budget.copies
	if most == 0 {
		most = len(w.hosts)
		for _, h := range hosts {
			most = min(most, w.spareOf(h))
		}
	}
	for _, k := range keys {
		n := len(hosts)
		if d := w.damageOf(k); d != nil {
			n += len(d.disks)
			for _, h := range hosts {
				if slices.Contains(d.disks, h) {
					n--
				}
			}
		}
		if n > most {
			return false
		}
	}
	return true
}

// damaged remembers that these disks hold damaged copies of these records.
func (w *World) damaged(hosts []*host, keys []string) {
	for _, k := range keys {
		d := w.damageOf(k)
		if d == nil {
			w.damages = append(w.damages, damage{key: k})
			d = &w.damages[len(w.damages)-1]
		}
		for _, h := range hosts {
			if !slices.Contains(d.disks, h) {
				d.disks = append(d.disks, h)
			}
		}
	}
}

// spareOf is how many nodes the group of a node can spare, the least if it is in several.
func (w *World) spareOf(h *host) int {
	least := len(w.hosts)
	for i := range w.groups {
		if g := &w.groups[i]; slices.Contains(g.Nodes, string(h.id)) {
			least = min(least, g.Spare)
		}
	}
	return least
}

// damageOf finds what is known of a record's copies, nil if all are whole.
func (w *World) damageOf(key string) *damage {
	for i := range w.damages {
		if w.damages[i].key == key {
			return &w.damages[i]
		}
	}
	return nil
}

// zonesAfford reports whether the trouble would stay within as many zones as the budget allows if these nodes were ill
// too and these pairs did not see each other: without the zones in trouble, all nodes of zones are well and see one another.
func (w *World) zonesAfford(hosts []*host, pairs [][2]int) bool {
	if w.budget.zones < 0 {
		return true
	}
	trouble := w.zonesOf(func(h *host) bool { return w.ill(h) || slices.Contains(hosts, h) })
	var apart [][2]int
	for i, a := range w.hosts {
		for j, b := range w.hosts {
			if i != j && w.net.Link(i, j).Cut() {
				apart = append(apart, [2]int{w.zoneNumber(a), w.zoneNumber(b)})
			}
		}
	}
	for _, p := range pairs {
		apart = append(apart, [2]int{w.zoneNumber(w.hosts[p[0]]), w.zoneNumber(w.hosts[p[1]])})
	}
	return trouble.covers(apart, w.budget.zones)
}

// lasting reports whether the budget has room for one more node that stays broken: now, while others are still to be healed,
// and then.
func (w *World) lasting(h *host) bool {
	hosts := []*host{h}
	gone := func(x *host) bool { return x.spent() || x == h }
	if !w.downAffords(hosts) || !w.zonesAfford(hosts, nil) || w.budget.down >= 0 && !w.groupsAfford(w.budget.down, gone, hosts) {
		return false
	}
	return w.budget.zones < 0 || len(w.zonesOf(gone)) <= w.budget.zones
}

// zonesOf are the zones with a node of a kind.
func (w *World) zonesOf(kind func(*host) bool) (s zoneSet) {
	for _, h := range w.hosts {
		if z := w.zoneNumber(h); z >= 0 && kind(h) && !slices.Contains(s, z) {
			s = append(s, z)
		}
	}
	return s
}

// ill reports whether something is wrong with a node itself.
func (w *World) ill(h *host) bool {
	return !h.up || h.inert || h.paused || h.spent()
}

// zoneNumber is the number of a node's zone, -1 if it has none.
func (w *World) zoneNumber(h *host) int {
	return slices.IndexFunc(w.areas.zones, func(z area) bool { return slices.Contains(z.hosts, h) })
}

// A zoneSet is a set of zones by number.
type zoneSet []int

// covers reports whether the set, with others up to a number in all, has one zone of each pair. Who is in no zone, such as
// a client, is left out of account. There are few zones, so the choices are tried one after another.
func (s zoneSet) covers(pairs [][2]int, most int) bool {
	if len(s) > most {
		return false
	}
	for _, p := range pairs {
		if p[0] < 0 || p[1] < 0 || slices.Contains(s, p[0]) || slices.Contains(s, p[1]) {
			continue
		}
		one := append(slices.Clone(s), p[0])
		return one.covers(pairs, most) || p[0] != p[1] && append(slices.Clone(s), p[1]).covers(pairs, most)
	}
	return true
}

// pairs are all of one side with all of the other.
func pairs(a, b []int) (list [][2]int) {
	for _, x := range a {
		for _, y := range b {
			if x != y {
				list = append(list, [2]int{x, y})
			}
		}
	}
	return list
}

// spent reports whether a node counts among those that its group can spare when faults end.
func (h *host) spent() bool { return h.broken || h.hurt || h.treason != nil }

// Records says of which record bytes that are written to a file are a copy, by a name that is the same on all nodes; "" for none. A
// budget of copies then counts the damaged copies of each record, in the place of damaged disks. It panics outside of a
// scenario's Build.
func (w *World) Records(key func(file string, payload []byte) string) {
	if w.net != nil {
		panic("sim: Records after the world was built: only a scenario's Build says what records are")
	}
	w.records = key
}

// watchRecords makes the disks remember where which record is.
func (w *World) watchRecords() {
	for _, h := range w.hosts {
		if h.disk == nil {
			h.disk = disk.New()
		}
		h.disk.Ails(&w.chance, h.word).Key = w.records
	}
}

// recordsOf names all records of which these disks hold copies.
func (w *World) recordsOf(hosts []*host) (keys []string) {
	if w.records == nil || w.budget.copies < 0 {
		return nil
	}
	for _, h := range hosts {
		if h.disk != nil {
			keys = append(keys, h.disk.Keys()...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
