package sim

import (
	"fmt"
	"slices"

	"simrun/sim/fault"
	"simrun/sim/net"
)

// What only the world can tell about a line of a plan: whether it can mean anything, for the nodes and zones that there are. The parser
// knows no nodes, and package fault no zones.

// checkPlan reports the first line that makes no sense.
func (w *World) checkPlan() error {
	for i := range w.plan {
		l := &w.plan[i]
		name, why := w.nonsense(l)
		if first := slices.IndexFunc(w.plan[:i], func(x fault.Line) bool { return twice(&x, l) != "" }); first >= 0 && why == "" {
			name = twice(&w.plan[first], l)
			why = name + " stands in two lines that say where it is: one is meant"
		}
		if why != "" {
			return &fault.Wrong{Index: i, Line: *l, Name: name, Why: why}
		}
	}
	return nil
}

// nonsense says what is wrong with a line, and with which name in it; "" if nothing is.
func (w *World) nonsense(l *fault.Line) (name, why string) {
	if l.Place() == fault.Single && l.From != "" {
		for _, name := range []string{l.From, l.To} {
			if w.area(name) != nil {
				return name, name + " is no node: a message has one sender and one receiver"
			}
		}
	}
	if name := w.onBothSides(l); name != "" {
		return name, name + " cannot be cut from itself, and stands on both sides"
	}
	switch l.Verb {
	case fault.Withhold:
		return "", w.nonsenseWithhold()
	case fault.Swap:
		return w.nonsenseSwap(l)
	case fault.Partition:
		return l.Mode, w.nonsensePartition(l)
	case fault.Budget:
		return l.Mode, w.nonsenseBudget(l)
	}
	return "", ""
}

// onBothSides returns the name of a node that stands on both sides of a line; "" if none does.
func (w *World) onBothSides(l *fault.Line) string {
	left, right := w.members(l.Sides[0]), w.members(l.Sides[1])
	for _, h := range left {
		if slices.Contains(right, h) {
			return string(h.id)
		}
	}
	return ""
}

// members returns all whom a list of names means now, each once, but not whom rest or an @ does.
func (w *World) members(names []string) (hosts []*host) {
	for _, name := range names {
		if name == "" || name[0] == '@' || name == fault.Rest {
			continue
		}
		for _, h := range w.meant(name) {
			if !slices.Contains(hosts, h) {
				hosts = append(hosts, h)
			}
		}
	}
	return hosts
}

// nonsenseSwap says what is wrong with an exchange of disks: it takes two nodes.
func (w *World) nonsenseSwap(l *fault.Line) (name, why string) {
	one, other := w.members([]string{l.Node}), w.members([]string{l.Other})
	for _, x := range []struct {
		name  string
		hosts []*host
	}{{l.Node, one}, {l.Other, other}} {
		if x.name[0] != '@' && len(x.hosts) != 1 {
			return x.name, fmt.Sprintf("%s means %d nodes: two disks are exchanged, each of one node", x.name, len(x.hosts))
		}
	}
	if len(one) > 0 && slices.Equal(one, other) {
		return l.Other, fmt.Sprintf("the disk of %s cannot be exchanged with itself", one[0].id)
	}
	return "", ""
}

// nonsensePartition says what is wrong with a partition: fewer nodes than its shape needs see one another all the same.
func (w *World) nonsensePartition(l *fault.Line) string {
	shape, err := net.ParseShape(l.Mode)
	if err != nil {
		return err.Error()
	}
	n, need := len(w.members(l.Nodes)), 0
	for _, name := range l.Nodes {
		if name[0] == '@' { // somebody else, for all that is known
			n++
		}
	}
	for len(shape.Apart(need)) == 0 {
		need++
	}
	if n < need {
		return fmt.Sprintf("%s needs at least %d nodes to keep some of them apart", l.Mode, need)
	}
	return ""
}

// nonsenseBudget says why a budget would never hold anything back.
func (w *World) nonsenseBudget(l *fault.Line) string {
	most, what := 0, "the largest group has %d nodes"
	for i := range w.groups {
		most = max(most, len(w.groups[i].Nodes))
	}
	if most == 0 {
		what = "there are no groups of nodes that may fail"
	}
	if l.Mode == "zones" {
		if most, what = len(w.areas.zones), "there are %d zones"; most == 0 {
			what = "there are no zones"
		}
	}
	switch {
	case most == 0:
		return what + ": such a budget would hold nothing back"
	case l.Amount > int64(most):
		return fmt.Sprintf(what+": a budget of %d would hold nothing back", most, l.Amount)
	}
	return ""
}

// twice returns what two lines of a plan define both, or who would be in two places by them; "" if nothing and nobody.
func twice(a, b *fault.Line) string {
	if a.Verb != b.Verb || a.Verb != fault.Zone && a.Verb != fault.Region {
		return ""
	}
	if a.Node == b.Node {
		return a.Node
	}
	for _, name := range a.Nodes {
		if slices.Contains(b.Nodes, name) {
			return name
		}
	}
	return ""
}
