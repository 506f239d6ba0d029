package sim

import (
	"fmt"
	"slices"

	"simrun/sim/fault"
	"simrun/sim/net"
)

// Failure domains. Nodes that share power and network sit in a zone, and zones in a region, so that a plan can take all of
// them at once: "crash z1" is a loss of power, "cut z1 | rest" one of the network. A scenario says where its
// nodes sit; the lines zone and region of a plan move them.

// An area is a zone, which has nodes, or a region, which has zones.
type area struct {
	name  string
	zones []string // of a region
	hosts []*host  // of a zone, in the order of the list; of a region, zone by zone, once all is known
}

// areas is where the nodes of a world sit.
type areas struct {
	zones, regions []area
	matrix         fault.Plan // the laws of delays that the scenario gives, as lines
}

// Zone says that these nodes, already added, share their power and their network. It panics if the name is taken or no
// name, if a node was not added or sits in a zone already, and outside of a scenario's Build.
func (w *World) Zone(name string, ids ...NodeID) {
	w.newArea("Zone", name, len(ids))
	z := area{name: name}
	for _, id := range ids {
		h := w.host(id)
		if h == nil {
			panic(fmt.Sprintf("sim: Zone %s names %q, which was not added", name, id))
		}
		if old := w.zoneOf(h); old != nil || slices.Contains(z.hosts, h) {
			panic(fmt.Sprintf("sim: Zone %s names %s, which sits in a zone already", name, id))
		}
		z.hosts = append(z.hosts, h)
	}
	w.areas.zones = append(w.areas.zones, z)
}

// Region says that these zones, already made, are one region. It panics if the name is taken or no name, if there is no
// such zone or it lies in a region already, and outside of a scenario's Build.
func (w *World) Region(name string, zones ...string) {
	w.newArea("Region", name, len(zones))
	for i, z := range zones {
		if find(w.areas.zones, z) == nil {
			panic(fmt.Sprintf("sim: Region %s names %q, which is no zone", name, z))
		}
		in := func(r area) bool { return slices.Contains(r.zones, z) }
		if slices.Contains(zones[:i], z) || slices.ContainsFunc(w.areas.regions, in) {
			panic(fmt.Sprintf("sim: Region %s names %s, which lies in a region already", name, z))
		}
	}
	w.areas.regions = append(w.areas.regions, area{name: name, zones: zones})
}

func (w *World) newArea(call, name string, members int) {
	if w.net != nil {
		panic(fmt.Sprintf("sim: %s after the world was built: only a scenario's Build makes zones and regions", call))
	}
	if err := fault.CheckName(name); err != nil {
		panic(fmt.Sprintf("sim: %s: %v", call, err))
	}
	if w.host(NodeID(name)) != nil || w.area(name) != nil {
		panic(fmt.Sprintf("sim: %s: the name %s is taken", call, name))
	}
	if members == 0 {
		panic(fmt.Sprintf("sim: %s %s has nobody in it", call, name))
	}
}

// Latency says how long messages take from one node, zone or region to another, or inside one if both are the same, where
// the plan does not say. Of several that mean a link the last holds. It panics on a name that is not known yet, and
// outside of a scenario's Build.
func (w *World) Latency(from, to string, law net.Law) {
	if w.net != nil {
		panic("sim: Latency after the world was built: only a scenario's Build gives latencies")
	}
	for _, name := range []string{from, to} {
		if w.host(NodeID(name)) == nil && w.area(name) == nil {
			panic(fmt.Sprintf("sim: Latency names %q, which is no node, zone or region", name))
		}
	}
	w.areas.matrix = append(w.areas.matrix, fault.Line{Verb: fault.Law, From: from, To: to, Law: law})
}

// ZoneOf returns the name of the zone in which a node sits, "" if it sits in none.
func (w *World) ZoneOf(id NodeID) string {
	if z := w.zoneOf(w.must(id)); z != nil {
		return z.name
	}
	return ""
}

func (w *World) zoneOf(h *host) *area {
	for i := range w.areas.zones {
		if z := &w.areas.zones[i]; slices.Contains(z.hosts, h) {
			return z
		}
	}
	return nil
}

// list is where the scenario has placed nodes, for those who draw plans.
func (d *areas) list() (zones []fault.Area) {
	for i := range d.zones {
		z := fault.Area{Name: d.zones[i].name}
		for _, h := range d.zones[i].hosts {
			z.Nodes = append(z.Nodes, string(h.id))
		}
		zones = append(zones, z)
	}
	return zones
}

// area finds a zone or a region, nil if there is none.
func (w *World) area(name string) *area {
	if d := find(w.areas.zones, name); d != nil {
		return d
	}
	return find(w.areas.regions, name)
}

func find(list []area, name string) *area {
	for i := range list {
		if list[i].name == name {
			return &list[i]
		}
	}
	return nil
}

// names lists the zones and the regions.
func (d *areas) names() (names []string) {
	for _, list := range [][]area{d.zones, d.regions} {
		for i := range list {
			names = append(names, list[i].name)
		}
	}
	return names
}

// meant returns whom a name in a plan means: a node, all nodes of a zone or a region, everybody if it is "" or "*", or with
// an @ whoever noted a fact of that type last, who may be nobody. The caller must not change the slice.
func (w *World) meant(name string) []*host {
	switch {
	case name == "" || name == "*":
		return w.hosts
	case name[0] == '@':
		return w.lastNoted(name[1:])
	}
	if h := w.host(NodeID(name)); h != nil {
		return w.hosts[h.index : h.index+1 : h.index+1]
	}
	if d := w.area(name); d != nil {
		return d.hosts
	}
	panic(fmt.Sprintf("sim: there is no node, zone or region %q", name))
}

// settleAreas finds out who sits where when the lines of the plan have moved them.
func (w *World) settleAreas() error {
	for i := range w.plan {
		l := &w.plan[i]
		why := ""
		switch l.Verb {
		case fault.Zone:
			why = w.moveNodes(l)
		case fault.Region:
			why = w.moveZones(l)
		}
		if why != "" {
			return &fault.Wrong{Index: i, Line: *l, Name: l.Node, Why: why}
		}
	}
	for i := range w.areas.regions {
		r := &w.areas.regions[i]
		r.hosts = nil
		for _, z := range r.zones {
			r.hosts = append(r.hosts, find(w.areas.zones, z).hosts...)
		}
	}
	return nil
}

// moveNodes makes a zone of the nodes that a line names, wherever they were. It returns what is wrong with the line.
func (w *World) moveNodes(l *fault.Line) (why string) {
	if find(w.areas.regions, l.Node) != nil {
		return l.Node + " is a region: a zone needs a name of its own"
	}
	var hosts []*host
	for _, name := range l.Nodes {
		h := w.host(NodeID(name))
		if h == nil {
			return name + " is no node: a zone is made of nodes"
		}
		if old := w.zoneOf(h); old != nil {
			old.hosts = slices.DeleteFunc(slices.Clone(old.hosts), func(x *host) bool { return x == h })
		}
		hosts = append(hosts, h)
	}
	if z := find(w.areas.zones, l.Node); z != nil {
		z.hosts = hosts
	} else {
		w.areas.zones = append(w.areas.zones, area{name: l.Node, hosts: hosts})
	}
	return ""
}

// moveZones is moveNodes for a region.
func (w *World) moveZones(l *fault.Line) (why string) {
	if find(w.areas.zones, l.Node) != nil || w.host(NodeID(l.Node)) != nil {
		return l.Node + " is a zone or a node: a region needs a name of its own"
	}
	for _, name := range l.Nodes {
		if find(w.areas.zones, name) == nil {
			return name + " is no zone: a region is made of zones that lines before it define"
		}
		for i := range w.areas.regions {
			old := &w.areas.regions[i]
			old.zones = slices.DeleteFunc(slices.Clone(old.zones), func(x string) bool { return x == name })
		}
	}
	if r := find(w.areas.regions, l.Node); r != nil {
		r.zones = l.Nodes
	} else {
		w.areas.regions = append(w.areas.regions, area{name: l.Node, zones: l.Nodes})
	}
	return ""
}

// sides returns the numbers of the nodes on the two sides of a line. Rest is everybody who is not on the other side.
func (w *World) sides(l *fault.Line) (a, b []int) {
	a, b = w.indexes(l.Sides[0]), w.indexes(l.Sides[1])
	others := func(side []int) (x []int) {
		for i := range w.hosts {
			if !slices.Contains(side, i) {
				x = append(x, i)
			}
		}
		return x
	}
	if slices.Contains(l.Sides[0], fault.Rest) {
		a = others(b)
	} else if slices.Contains(l.Sides[1], fault.Rest) {
		b = others(a)
	}
	return a, b
}

// indexes returns the numbers of the nodes that names mean, in their order.
func (w *World) indexes(names []string) (x []int) {
	for _, s := range names {
		if s == fault.Rest {
			continue
		}
		for _, h := range w.meant(s) {
			if !slices.Contains(x, h.index) {
				x = append(x, h.index)
			}
		}
	}
	return x
}

// links returns the links that a pattern means: from every node of one name to every other one of the other.
func (w *World) links(from, to string) (links []*net.Link) {
	for _, a := range w.meant(from) {
		for _, b := range w.meant(to) {
			if a != b {
				links = append(links, w.net.Link(a.index, b.index))
			}
		}
	}
	return links
}

// spelled returns the plan with nodes in the place of zones and regions, and the scenario's latencies before it, for
// those who look at a plan as a whole and know nothing of zones.
func (w *World) spelled() fault.Plan {
	if len(w.areas.zones) == 0 && len(w.areas.matrix) == 0 {
		return w.plan
	}
	plan := append(fault.Plan{}, w.areas.matrix...)
	for _, l := range w.plan {
		d := w.area(l.Node)
		if d == nil || l.Verb == fault.Zone || l.Verb == fault.Region {
			plan = append(plan, l)
			continue
		}
		for _, h := range d.hosts {
			l.Node = string(h.id)
			plan = append(plan, l)
		}
	}
	return plan
}

// countAreas counts the zones that a fault has struck as a whole: those that a name means, if it is that of a zone or a
// region.
func (w *World) countAreas(name string, k fault.Kind) {
	if find(w.areas.zones, name) != nil {
		w.faults[k]++
	} else if r := find(w.areas.regions, name); r != nil {
		w.faults[k] += uint64(len(r.zones))
	}
}

// countCut counts the zones whose network is cut.
func (w *World) countCut(l *fault.Line) {
	if len(w.areas.zones) == 0 {
		return
	}
	for _, side := range l.Sides {
		for _, name := range side {
			w.countAreas(name, fault.ZoneNetwork)
		}
	}
}

// enableAreas adds what the plan may do to zones as a whole to the kinds that may happen.
func (w *World) enableAreas() {
	for i := range w.plan {
		l := &w.plan[i]
		if l.Verb == fault.Crash && l.Effect == 0 && w.area(l.Node) != nil {
			w.enabled.Add(fault.ZonePower)
		}
		for _, side := range l.Sides {
			if l.Verb == fault.Cut && slices.ContainsFunc(side, func(name string) bool { return w.area(name) != nil }) {
				w.enabled.Add(fault.ZoneNetwork)
			}
		}
	}
}
