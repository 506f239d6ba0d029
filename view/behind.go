package view

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A wrong history is told operation by operation. Behind each stand the messages that carried it, from its call to its answer, and for one that the wrong answer does not
// go by, whether anything of it had come to those who gave that answer.

// mostHops is how many messages of one operation are told: the first and the last.
const mostHops = 6

// details prints what follows the sentence of a complaint, a line each, and under those that begin with the name of an operation the messages behind it.
func (r *Run) details(b *bytes.Buffer, lines []string) {
	var blamed []Operation
	if r.Trace != nil {
		blamed = slices.DeleteFunc(slices.Clone(r.Trace.History), func(o Operation) bool { return !o.Illegal })
	}
	for _, line := range lines {
		b.WriteString(Wrap("  ", strings.TrimSpace(line)))
		for _, o := range blamed {
			if name, _, _ := strings.Cut(o.Text, " "); strings.HasPrefix(strings.TrimSpace(line), name+" ") {
				for _, says := range r.Trace.behind(o, blamed) {
					b.WriteString(Wrap("      ", says))
				}
			}
		}
	}
}

// sentenceOf cuts a complaint into its sentence and what follows, if that is details in lines of their own, and no stack.
func sentenceOf(why string) (sentence string, details []string) {
	first, rest, more := strings.Cut(why, "\n")
	if !more || !strings.HasPrefix(rest, "  ") {
		return why, nil
	}
	return first, strings.Split(rest, "\n")
}

// behind tells of one operation by which messages it was answered, and how far it had come when the last of the others was.
func (t *Trace) behind(o Operation, blamed []Operation) (says []string) {
	if hops := t.hops(o); len(hops) > 0 {
		says = append(says, "by "+t.route(hops))
	}
	last := o
	for _, x := range blamed {
		if x.Ret > last.Ret {
			last = x
		}
	}
	if last.Call == o.Call && last.Client == o.Client {
		return says
	}
	var came, not []string
	for _, place := range t.answered(last) {
		at := t.heard(o, place)
		if at == 0 {
			not = append(not, string(place.Node))
			continue
		}
		s := fmt.Sprintf("%s (#%d", place.Node, at)
		if down := t.crashed(place.Node, at, place.Seq); down > 0 {
			s += fmt.Sprintf(", crashed at #%d", down)
		}
		came = append(came, s+")")
	}
	name, _, _ := strings.Cut(last.Text, " ")
	switch {
	case len(came) > 0 && len(not) > 0:
		says = append(says, fmt.Sprintf("had come to %s, and not to %s, when %s was answered", strings.Join(came, ", "), strings.Join(not, ", "), name))
	case len(came) > 0:
		says = append(says, fmt.Sprintf("had come to %s when %s was answered", strings.Join(came, ", "), name))
	case len(not) > 0:
		says = append(says, fmt.Sprintf("nothing of it had come to %s when %s was answered", strings.Join(not, ", "), name))
	}
	return says
}

// hops returns the messages that led from the call of an operation to its return, in their order: the events in which they were handled.
func (t *Trace) hops(o Operation) (hops []Moment) {
	if o.Ret == 0 {
		return nil
	}
	for seq := o.Ret; seq > o.Call; seq = t.Event(seq).Cause {
		if m := t.Event(seq); m.Kind == sim.Delivered {
			hops = append(hops, m)
		}
	}
	slices.Reverse(hops)
	return hops
}

// route prints messages in a row.
func (t *Trace) route(hops []Moment) string {
	var says []string
	for i, m := range hops {
		switch left := len(hops) - mostHops; {
		case left > 0 && i == mostHops/2:
			says = append(says, fmt.Sprintf("(%d more)", left))
		case left > 0 && i > mostHops/2 && i < mostHops/2+left:
		default:
			says = append(says, fmt.Sprintf("#%d %s→%s %s", m.Seq, m.Peer, m.Node, m.Type))
		}
	}
	return strings.Join(says, ", ")
}

// answered returns where and when an operation was handled on the way to its answer: the last such event of each node but its client.
func (t *Trace) answered(o Operation) (places []Moment) {
	for _, m := range slices.Backward(t.hops(o)) {
		if m.Node != o.Client && !slices.ContainsFunc(places, func(p Moment) bool { return p.Node == m.Node }) {
			places = append(places, m)
		}
	}
	slices.SortFunc(places, func(a, b Moment) int { return int(a.Seq) - int(b.Seq) })
	return places
}

// heard returns the first event on a node, up to a moment there, in which it handled a message that was caused by the call of an operation, directly or by others; 0 if there
// is none. What the client does when it has its answer, such as to call the next one, is not of this operation.
func (t *Trace) heard(o Operation, until Moment) uint64 {
	// A call is a fact, and has the cause that the messages have which the client sends with it.
	caused := map[uint64]bool{t.Event(o.Call).Cause: true, o.Call: true}
	delete(caused, 0)
	first := t.Event(o.Call).Cause
	if first == 0 {
		first = o.Call
	}
	for seq := first + 1; seq <= until.Seq; seq++ {
		m := t.Event(seq)
		if !caused[m.Cause] || m.Kind == sim.Delivered && m.Node == o.Client {
			continue
		}
		caused[seq] = true
		if m.Kind == sim.Delivered && m.Node == until.Node {
			return seq
		}
	}
	return 0
}

// crashed returns the last event between two in which a node crashed; 0 if it did not.
func (t *Trace) crashed(node sim.NodeID, from, to uint64) uint64 {
	for seq := to; seq > from; seq-- {
		if m := t.Event(seq); m.Kind == sim.Crashed && m.Node == node {
			return seq
		}
	}
	return 0
}
