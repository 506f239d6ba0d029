package fault

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Rest stands in the sides of a cut for all nodes that are not named in it.
const Rest = "rest"

// CheckName reports why a node, a zone or a region of this name could not stand in a plan: names are one word without the signs
// that plans use, and not the word that means everybody else.
func CheckName(name string) error {
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`,|>#*"@`, r)
	}
	if name == "" || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("%q is not a node's name: one word without any of , | > # * @ \"", name)
	}
	if name == Rest {
		return fmt.Errorf("%q is not a node's name: in a plan it means everybody else", name)
	}
	return nil
}

// A Wrong says which line of a plan cannot be meant in a world, and why.
type Wrong struct {
	Index int    // of the line in the plan, from 0
	Line  Line   // the line
	Name  string // the word that is wrong, "" if it is one that is missing
	Why   string // what is wrong, and what was meant
}

// Error names the line by its text.
func (w *Wrong) Error() string { return w.Line.String() + ": " + w.Why }

// Check reports the first line that speaks of a node that is not among these, or of no node where it needs one, as a
// [*Wrong]. Zones are the names of zones and regions that are there; those that the plan itself defines are known too.
func (p Plan) Check(nodes []string, zones ...string) error {
	known := nodes
	if len(zones) > 0 || slices.ContainsFunc(p, func(l Line) bool { return l.Verb == Zone || l.Verb == Region }) {
		known = p.names(nodes, zones)
	}
	for i := range p {
		if name, why := p[i].check(nodes, known); why != "" {
			return &Wrong{i, p[i], name, why}
		}
	}
	return nil
}

// names are those of the nodes, and of zones and regions.
func (p Plan) names(nodes, zones []string) []string {
	all := append(append([]string{}, nodes...), zones...)
	for i := range p {
		if v := p[i].Verb; v == Zone || v == Region {
			all = append(all, p[i].Node)
		}
	}
	return all
}

// check is Check for one line: the name that is wrong, and why; "" if nothing is.
func (l *Line) check(nodes, known []string) (name, why string) {
	if l.Node == "" && l.needsNode() {
		return "", "the node is missing, as in: " + forms[l.Verb].example
	}
	if l.Verb == Zone && slices.Contains(nodes, l.Node) {
		return l.Node, l.Node + " is a node: a zone needs a name of its own"
	}
	if l.From != "" && l.From == l.To && slices.Contains(nodes, l.From) {
		return l.To, l.From + " has no link to itself; a zone has links inside"
	}
	if strings.HasPrefix(l.Node, "@") && !l.mayAim() {
		return l.Node, "who noted something last is known at a time, or after what a line is aimed at; here a node's name is meant"
	}
	for _, names := range [][]string{{l.Node, l.Other, l.From, l.To, l.After.Node}, l.Sides[0], l.Sides[1], l.Nodes} {
		for _, n := range names {
			if n == "" || n == "*" || n == Rest || n[0] == '@' || slices.Contains(known, n) {
				continue
			}
			if near := nearest(n, known); near != "" {
				return n, fmt.Sprintf("there is no node %s; did you mean %s?", n, near)
			}
			return n, fmt.Sprintf("there is no node %s", n)
		}
	}
	return "", ""
}

// mayAim reports whether an @ can be understood: when the line happens there is somebody who noted something last.
func (l *Line) mayAim() bool { return l.Place() == Timed || l.Place() == Aimed }

// needsNode reports whether the verb is about one node, so that a line without it has no meaning. The parser sees to
// that; lines made in code may lack it.
func (l *Line) needsNode() bool {
	if l.Place() == Single {
		return forms[l.Verb].one[0] == argNode
	}
	return forms[l.Verb].has(argNode) || forms[l.Verb].has(argName)
}
