package sim

import (
	"slices"

	"simrun/sim/disk"
	"simrun/sim/fault"
)

// Aimed lines of a plan wait for a fact, or for an operation of a disk. The line happens right after it, before the next
// effect of anybody: in the middle of a handler, if that is where the node is. A crash there cancels the effects
// behind it, as one after an effect does.

// An aim is an aimed line that waits.
type aim struct {
	line  fault.Line
	place int    // in the plan
	left  uint64 // how many more times what it waits for must happen; 0 if it has fired
}

// An aiming is what waits in a world.
type aiming struct {
	any   bool // an operation of a disk is waited for
	facts []aim
	ops   [disk.SizeOp + 1][]aim // by kind of operation
}

// aim arms a line. What a node is named with is an operation, if there is one of that name.
func (w *World) aim(l fault.Line, place int) {
	a := aim{l, place, l.After.N}
	for k := range w.aims.ops {
		if l.After.Node != "" && disk.OpKind(k).String() == l.After.What {
			w.aims.ops[k] = append(w.aims.ops[k], a)
			w.aims.any = true
			return
		}
	}
	w.aims.facts = append(w.aims.facts, a)
}

// noted remembers who noted a fact of this type last, and lets go what waits for it.
func (w *World) noted(h *host, info *typeInfo) {
	info.noter, info.noted = h, w.seq
	for i := range w.aims.facts {
		if a := &w.aims.facts[i]; a.left > 0 && a.line.After.What == info.word.String() {
			w.met(a, h)
		}
	}
}

// operated lets go what waits for an operation of a disk that has just happened.
func (w *World) operated(h *host, k disk.OpKind) {
	for i := range w.aims.ops[k] {
		if a := &w.aims.ops[k][i]; a.left > 0 {
			w.met(a, h)
		}
	}
}

// lastNoted returns who noted a fact of a type of this name last; nobody, if there is none yet.
func (w *World) lastNoted(name string) []*host {
	var last *typeInfo
	for _, info := range w.types {
		if info.noter != nil && info.word.String() == name && (last == nil || info.noted > last.noted) {
			last = info
		}
	}
	if last == nil {
		return nil
	}
	i := last.noter.index
	return w.hosts[i : i+1 : i+1]
}

// met counts what an aim waits for, and fires it when it is time.
func (w *World) met(a *aim, h *host) {
	if !slices.Contains(w.meant(a.line.After.Node), h) {
		return
	}
	switch a.left--; {
	case a.left > 0:
	case w.settled:
		w.lineIdled(a.place)
	case !w.stopped:
		w.fire(a.line, a.place)
	}
}

// fire makes an aimed line happen: now, or as much later as it says, unless faults or the run have ended by then. A node is never
// started in the middle of another's handler, but right behind it and before all else of this instant.
func (w *World) fire(l fault.Line, place int) {
	at := w.now + l.At
	if at >= w.settle || at > w.end {
		w.lineIdled(place)
		return
	}
	late := l.At > 0 || l.Verb == fault.Restart
	l.At, l.After = at, fault.Trigger{}
	if late {
		w.later(l).n = uint64(place + 1)
		return
	}
	w.strike(l, place)
}

// strike makes a line happen that has this place in the plan, -1 for none, and looks whether anything came of it.
func (w *World) strike(l fault.Line, place int) {
	before := w.seq
	w.apply(l)
	switch {
	case place < 0:
	case w.seq == before:
		w.lineIdled(place)
	case w.plan[place].After.What != "":
		w.faults[fault.AimedFaults]++
	}
}

// aimed puts names into a line that is about to happen for each @ in it. It reports false if an @ means nobody yet: then
// the line does nothing.
func (w *World) aimed(l *fault.Line) bool {
	known := true
	name := func(s string) string {
		if s == "" || s[0] != '@' {
			return s
		}
		if hosts := w.lastNoted(s[1:]); len(hosts) > 0 {
			return string(hosts[0].id)
		}
		known = false
		return s
	}
	names := func(list []string) []string {
		if !slices.ContainsFunc(list, func(s string) bool { return s[0] == '@' }) {
			return list
		}
		list = slices.Clone(list)
		for i, s := range list {
			list[i] = name(s)
		}
		return list
	}
	l.Node, l.Other, l.Nodes = name(l.Node), name(l.Other), names(l.Nodes)
	l.Sides[0], l.Sides[1] = names(l.Sides[0]), names(l.Sides[1])
	return known
}

// lineIdled remembers that a line of a plan that was given came, and that nothing happened.
func (w *World) lineIdled(place int) {
	if w.cfg.Plan == nil {
		return // nobody has asked for this line
	}
	if w.idle == nil {
		w.idle = make([]bool, len(w.plan))
	}
	for place >= len(w.idle) {
		w.idle = append(w.idle, false)
	}
	w.idle[place] = true
}

// idleSingles remembers, when faults end, the lines about one message or one operation that has not come by then.
func (w *World) idleSingles() {
	for i := range w.plan {
		if l := &w.plan[i]; l.Place() == fault.Single && w.cfg.Plan != nil && !w.came(l, i) {
			w.lineIdled(i)
		}
	}
}

// idleLines lists the lines of a plan that was given which never did anything: those that came and changed nothing, those
// whose trigger, effect or message did not come while there were faults, and those whose time is after the end of the run. Lines whose
// time had not come when a run ended early are not among them.
func (w *World) idleLines() (idle []string) {
	if w.cfg.Plan == nil {
		return nil
	}
	for i := range w.plan {
		if l := &w.plan[i]; i < len(w.idle) && w.idle[i] || !w.came(l, i) {
			idle = append(idle, l.String())
		}
	}
	return idle
}

// came reports whether what a line waits for has come; true for a line that waits for nothing.
func (w *World) came(l *fault.Line, place int) bool {
	switch l.Place() {
	case fault.Timed:
		return l.At <= w.end
	case fault.Aimed:
		fired := func(a aim) bool { return a.place == place && a.left == 0 }
		for k := range w.aims.ops {
			if slices.ContainsFunc(w.aims.ops[k], fired) {
				return true
			}
		}
		return slices.ContainsFunc(w.aims.facts, fired)
	case fault.AfterEffect:
		return slices.Contains(w.felled, place)
	case fault.Single:
		if l.From == "" {
			return slices.ContainsFunc(w.meant(l.Node), func(h *host) bool { return h.didOperate(l) })
		}
		return w.must(NodeID(l.From)).sent(NodeID(l.To), l.Stream) >= l.N
	}
	return true
}

// sent is how many messages of a stream the node has sent to another.
func (h *host) sent(to NodeID, stream string) uint64 {
	if h.flows != nil {
		for _, f := range h.flows[h.w.must(to).index] {
			if f.word.String() == stream && f.net != nil {
				return f.net.Sent()
			}
		}
	}
	return 0
}
