package checkers

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
	"simrun/sim/clock"
)

// A Wait says that a node waits: "p2 is prepared in T1 and waits for c". A protocol lists its waits when a
// run is over, and [Explain] says what is the matter with those waited for.
type Wait struct {
	Node  sim.NodeID
	State string       // what it is in, as it follows the name: "is prepared in T1"; begins with is, has or was
	For   []sim.NodeID // whom it waits for
	Knows []sim.NodeID // who knows what it waits to hear, for all that it helps
	Locks []string     // what it keeps locked for as long as it waits
}

const (
	fewSentences = 5 // how many sentences are told
	fewNames     = 4 // how many nodes are listed by name
	fewLocks     = 6 // how many locks are
	mostLinks    = 4 // how many links of a chain one sentence has after the first
)

// Explain tells who waits for whom and what is the matter with these, nil if nobody waits:
//
//	p2 is prepared in T1, with x locked, and waits for c, which crashed at 210ms; p1, who knows, is cut off from it
//	k1 has asked for T1 and waits for p2, which is prepared in T1 and waits for c, which crashed at 210ms
//
// Nodes in the same state with the same trouble share a sentence. First come those for whom nobody waits. What one that is waited for waits for
// itself stands in the same sentence, so that it reads as a chain, or where the chain branches in those after it; where it closes, that is said.
func Explain(w *sim.World, waits []Wait) error {
	if len(waits) == 0 {
		return nil
	}
	return explainWaits(w, waits)
}

// A place is what an explanation asks of a world.
type place interface {
	Down(id sim.NodeID) (since clock.Time, down bool)
	Cut(from, to sim.NodeID) bool
}

// A trouble is what is the matter with a node, as seen by one that waits for it.
type trouble struct {
	kind ailment
	at   clock.Time // of a crash
}

// An ailment is a kind of trouble, in the order in which they are looked for.
type ailment uint8

const (
	hasCrashed ailment = iota
	isCutOff
	waitsToo
	isSilent
)

// A stall is one sentence: nodes that wait alike.
type stall struct {
	nodes   []sim.NodeID
	state   string
	mutual  bool // they wait for one another, and for these:
	forThem []sim.NodeID
	forWhy  []trouble
	knows   []sim.NodeID
	knowWhy []trouble
	locks   []string // of them all
	told    bool
	telling bool // its chain is being told: whoever waits for it closes a circle
}

// An explainer tells the stalls of one run.
type explainer struct {
	place
	waits  []Wait
	stalls []*stall
	said   []string
	left   int      // nodes in sentences that are not told
	chain  []*stall // those in the sentence that is being told
}

func explainWaits(p place, waits []Wait) error {
	x := &explainer{place: p, waits: waits}
	x.group()
	for _, s := range x.stalls {
		if !x.awaited(s) {
			x.tell(s)
		}
	}
	for _, s := range x.stalls { // what is left are circles
		x.tell(s)
	}
	text := strings.Join(x.said, ". ")
	if x.left > 0 {
		text += fmt.Sprintf(". And %d more %s", x.left, inNumber(x.left, "waits", "wait"))
	}
	return errors.New(text)
}

// awaited reports whether others wait for one of these nodes.
func (x *explainer) awaited(s *stall) bool {
	for _, other := range x.stalls {
		for _, id := range other.forThem {
			if other != s && slices.Contains(s.nodes, id) {
				return true
			}
		}
	}
	return false
}

// group puts waits that are alike into one stall each. Nodes that wait for one another are alike if all
// else is: where it is not, so that they fall into several stalls, they are taken one by one.
func (x *explainer) group() {
	alone := make([]bool, len(x.waits))
	for again := true; again; {
		again = false
		x.stalls = nil
		in := make([]*stall, len(x.waits))
		for i, w := range x.waits {
			in[i] = x.join(w, !alone[i])
		}
		for i, s := range in {
			if s.mutual && len(s.nodes) != 1+len(x.circle(x.waits[i])) {
				alone[i], again = true, true
			}
		}
	}
}

// join finds the stall of a wait, or makes one.
func (x *explainer) join(w Wait, mutual bool) *stall {
	s := &stall{nodes: []sim.NodeID{w.Node}, state: w.State, forThem: once(w.For), knows: once(w.Knows)}
	if circle := x.circle(w); mutual && len(circle) > 0 {
		s.mutual = true
		s.forThem = slices.DeleteFunc(s.forThem, func(id sim.NodeID) bool { return slices.Contains(circle, id) })
	}
	for _, id := range s.forThem {
		s.forWhy = append(s.forWhy, x.trouble(w.Node, id))
	}
	for _, id := range s.knows {
		t := x.trouble(w.Node, id)
		if t.kind == waitsToo { // for something else
			t.kind = isSilent
		}
		s.knowWhy = append(s.knowWhy, t)
	}
	for _, known := range x.stalls {
		if known.like(s) && (!s.mutual || slices.Contains(x.circle(w), known.nodes[0])) {
			if !slices.Contains(known.nodes, w.Node) {
				known.nodes = append(known.nodes, w.Node)
			}
			known.lock(w.Locks)
			return known
		}
	}
	s.lock(w.Locks)
	x.stalls = append(x.stalls, s)
	return s
}

// once returns the names without those that stand there before.
func once(ids []sim.NodeID) (all []sim.NodeID) {
	for _, id := range ids {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// lock adds what one of the nodes keeps locked.
func (s *stall) lock(locks []string) {
	for _, l := range locks {
		if !slices.Contains(s.locks, l) {
			s.locks = append(s.locks, l)
		}
	}
}

// like reports whether two stalls differ only in their nodes, and in what these keep locked.
func (s *stall) like(t *stall) bool {
	return s.state == t.state && s.mutual == t.mutual && slices.Equal(s.forThem, t.forThem) && slices.Equal(s.forWhy, t.forWhy) &&
		slices.Equal(s.knows, t.knows) && slices.Equal(s.knowWhy, t.knowWhy)
}

// circle returns those that a node waits for who are in the same state, wait for it and for all that it
// waits for, and can be heard.
func (x *explainer) circle(w Wait) (ids []sim.NodeID) {
	for _, v := range x.waits {
		if v.Node != w.Node && v.State == w.State && slices.Contains(w.For, v.Node) && !slices.Contains(ids, v.Node) && sameCompany(v, w) && x.trouble(w.Node, v.Node).kind == waitsToo {
			ids = append(ids, v.Node)
		}
	}
	return ids
}

// sameCompany reports whether two waits name the same nodes, counting those who wait.
func sameCompany(v, w Wait) bool {
	within := func(a, b Wait) bool {
		for _, id := range append([]sim.NodeID{a.Node}, a.For...) {
			if id != b.Node && !slices.Contains(b.For, id) {
				return false
			}
		}
		return true
	}
	return within(v, w) && within(w, v)
}

// trouble finds out what is the matter with a node.
func (x *explainer) trouble(seenBy, id sim.NodeID) trouble {
	if since, down := x.Down(id); down {
		return trouble{hasCrashed, since}
	}
	if x.Cut(seenBy, id) || x.Cut(id, seenBy) {
		return trouble{kind: isCutOff}
	}
	for _, w := range x.waits {
		if w.Node == id {
			return trouble{kind: waitsToo}
		}
	}
	return trouble{kind: isSilent}
}

// tell adds the sentence of a stall, and after it those of the nodes waited for that found no place in it.
func (x *explainer) tell(s *stall) {
	if s.told {
		return
	}
	x.chain = nil
	text := list(s.nodes) + " " + x.clause(s, len(s.nodes))
	chain := x.chain
	for _, link := range chain {
		if len(x.said) >= fewSentences {
			x.left += len(link.nodes)
		}
	}
	if len(x.said) < fewSentences {
		x.said = append(x.said, text)
	}
	for _, link := range chain {
		for i, id := range link.forThem {
			if link.forWhy[i].kind != waitsToo {
				continue
			}
			for _, next := range x.stalls {
				if slices.Contains(next.nodes, id) {
					x.tell(next)
				}
			}
		}
	}
	for _, link := range chain {
		link.telling = false
	}
}

// clause says of n nodes of a stall what they are in and whom they wait for.
func (x *explainer) clause(s *stall, n int) string {
	s.told, s.telling = true, true
	x.chain = append(x.chain, s)
	text := stateOf(n, s.state)
	if len(s.locks) > 0 {
		text += ", with " + firstOf(s.locks, fewLocks) + " locked,"
	}
	var whom []string
	if s.mutual {
		whom = append(whom, "for one another")
	}
	all, next := x.link(s, clusters(s.forThem, s.forWhy))
	for i, c := range all {
		why := ""
		if next != nil && i == len(all)-1 {
			why = x.likeOthers(c.ids, next) + " " + x.clause(next, len(c.ids))
		} else {
			why = " " + x.matter(c, n)
		}
		whom = append(whom, fmt.Sprintf("for %s, which%s", list(c.ids), why))
	}
	if len(whom) > 0 {
		text += " and " + inNumber(n, "waits ", "wait ") + strings.Join(whom, ", and ")
	}
	for _, c := range clusters(s.knows, s.knowWhy) {
		text += fmt.Sprintf("; %s, who %s, %s", list(c.ids), inNumber(len(c.ids), "knows", "know"), x.matter(c, n))
	}
	return text
}

// link finds a stall that can be told in the same sentence, nil if there is none, and puts those of its nodes that are waited for last. It must not have been
// told before.
func (x *explainer) link(s *stall, all []cluster) ([]cluster, *stall) {
	if len(s.knows) > 0 || len(x.chain) > mostLinks {
		return all, nil
	}
	at := slices.IndexFunc(all, func(c cluster) bool { return c.kind == waitsToo })
	if at < 0 {
		return all, nil
	}
	for _, next := range x.stalls {
		var in, out []sim.NodeID
		for _, id := range all[at].ids {
			if slices.Contains(next.nodes, id) {
				in = append(in, id)
			} else {
				out = append(out, id)
			}
		}
		if len(in) == 0 || next.told || next.mutual && len(in) < len(next.nodes) {
			continue
		}
		if all[at].ids = out; len(out) == 0 {
			all = slices.Delete(all, at, at+1)
		}
		return append(all, cluster{in, trouble{kind: waitsToo}}), next
	}
	return all, nil
}

// likeOthers names those of a stall that are not among these nodes: ", like s3,".
func (x *explainer) likeOthers(ids []sim.NodeID, s *stall) string {
	others := slices.DeleteFunc(slices.Clone(s.nodes), func(id sim.NodeID) bool { return slices.Contains(ids, id) })
	if len(others) == 0 {
		return ""
	}
	return ", like " + list(others) + ","
}

// A cluster is nodes that are waited for and have the same trouble.
type cluster struct {
	ids []sim.NodeID
	trouble
}

func clusters(ids []sim.NodeID, why []trouble) (all []cluster) {
	for i, id := range ids {
		at := slices.IndexFunc(all, func(c cluster) bool { return c.trouble == why[i] })
		if at < 0 {
			at = len(all)
			all = append(all, cluster{trouble: why[i]})
		}
		all[at].ids = append(all[at].ids, id)
	}
	return all
}

// matter says what is the matter with nodes, for which n others wait.
func (x *explainer) matter(c cluster, n int) string {
	m := len(c.ids)
	switch c.kind {
	case hasCrashed:
		return fmt.Sprintf("crashed at %v", c.at)
	case isCutOff:
		return inNumber(m, "is", "are") + " cut off from " + inNumber(n, "it", "them")
	case waitsToo:
		if whom := x.inTurn(c.ids); len(whom) > 0 {
			return inNumber(m, "waits", "wait") + " for " + list(whom) + " in turn"
		}
		return inNumber(m, "waits itself", "wait themselves")
	}
	return inNumber(m, "is up and says nothing", "are up and say nothing")
}

// inTurn returns whom nodes wait for whose chain is being told: they close a circle.
func (x *explainer) inTurn(ids []sim.NodeID) (whom []sim.NodeID) {
	for _, s := range x.stalls {
		if !s.telling || !slices.ContainsFunc(s.nodes, func(id sim.NodeID) bool { return slices.Contains(ids, id) }) {
			continue
		}
		for i, id := range s.forThem {
			if s.forWhy[i].kind == waitsToo && !slices.Contains(whom, id) {
				whom = append(whom, id)
			}
		}
	}
	return whom
}

// stateOf puts a state into the number of those who are in it.
func stateOf(n int, state string) string {
	first, rest, _ := strings.Cut(state, " ")
	if many := map[string]string{"is": "are", "has": "have", "was": "were"}[first]; n > 1 && many != "" {
		return many + " " + rest
	}
	return state
}

func inNumber(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// list prints "p1, p2 and p3", or the first of many and how many more there are.
func list(ids []sim.NodeID) string {
	var names []string
	for _, id := range ids {
		names = append(names, string(id))
	}
	return firstOf(names, fewNames)
}

// firstOf prints a list of which few are named.
func firstOf(names []string, few int) string {
	if n := len(names) - few; n > 1 {
		names = append(slices.Clone(names[:few]), fmt.Sprintf("%d more", n))
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
