package steps

import (
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A way is one way to tell a line of the plan.
type way struct {
	seq   uint64        // after which event it happens
	timed bool          // at an instant after that
	at    time.Duration // which one
	until string        // the name of the event, unless it is timed
	note  string        // what the event says
	head  bool          // it is said at the start
	call  call
}

// assemble puts the lines of a plan, told in the ways that are chosen, into the order in which they happen.
func assemble(head []call, ways [][]way, choice []int, last call) []call {
	calls := slices.Clone(head)
	var later []way
	for i, c := range choice {
		if w := ways[i][c]; w.head {
			calls = append(calls, w.call)
		} else {
			later = append(later, w)
		}
	}
	slices.SortStableFunc(later, func(a, b way) int {
		switch {
		case a.seq != b.seq:
			return int(int64(a.seq) - int64(b.seq))
		case a.timed != b.timed && b.timed:
			return -1
		case a.timed != b.timed:
			return 1
		}
		return int(a.at - b.at)
	})
	var stands way
	for _, w := range later {
		switch {
		case w.timed && (!stands.timed || w.at != stands.at):
			calls = append(calls, call{name: "RunTo", args: []any{w.at}})
		case !w.timed && (stands.timed || w.seq != stands.seq):
			calls = append(calls, call{name: "RunUntil", args: []any{w.until}, note: w.note})
		}
		calls = append(calls, w.call)
		stands = w
	}
	return append(calls, last)
}

// waysOf lists the ways to tell a line, best first. The last one makes the same run for sure.
func waysOf(l *fault.Line, base *told) (ways []way) {
	exact := way{head: true, call: lineCall(l)}
	switch l.Place() {
	case fault.AfterEffect:
		for i := range base.marks {
			if m := &base.marks[i]; m.effect == l.Effect && string(m.who()) == l.Node && isEffect(m.kind) {
				x := *l
				x.Effect = 0
				ways = append(ways, base.after(i, faultCall(&x)))
			}
		}
	case fault.Timed:
		n := 0 // events before it
		for n < len(base.marks) && base.marks[n].at < l.At {
			n++
		}
		if n > 0 {
			ways = append(ways, base.after(base.telling(n-1, l.Node), faultCall(l)), base.after(n-1, faultCall(l)))
		}
		ways = append(ways, way{seq: uint64(n), timed: true, at: time.Duration(l.At), call: faultCall(l)})
	case fault.Aimed:
		if i := base.trigger(&l.After); i >= 0 && l.At == 0 {
			x := *l
			if x.After = (fault.Trigger{}); x.Node == "@"+l.After.What {
				x.Node = string(base.marks[i].who())
			}
			if !strings.Contains(x.String(), "@") {
				ways = append(ways, base.after(i, faultCall(&x)))
			}
		}
	}
	return append(ways, exact)
}

// after is the way to tell that something happens after the event of that index.
func (t *told) after(i int, c call) way {
	m := &t.marks[i]
	return way{seq: uint64(i + 1), until: m.name(), note: m.text, call: c}
}

// telling is the event in the same instant as the one of that index which says most, and is no effect of the node.
func (t *told) telling(last int, node string) int {
	rank := func(k sim.Kind) int { return slices.Index(kinds, k) }
	best := last
	for i := last; i >= 0 && t.marks[i].at == t.marks[last].at; i-- {
		if m := &t.marks[i]; rank(m.kind) < rank(t.marks[best].kind) && !(isEffect(m.kind) && string(m.who()) == node) {
			best = i
		}
	}
	return best
}

// trigger is the index of the event that an aimed line waits for, -1 if there is none.
func (t *told) trigger(x *fault.Trigger) int {
	n := uint64(0)
	for i := range t.marks {
		m := &t.marks[i]
		if m.what == x.What && (x.Node == "" || x.Node == string(m.node)) && (m.kind == sim.Noted || m.kind == sim.DiskDone && x.Node != "") {
			if n++; n == x.N {
				return i
			}
		}
	}
	return -1
}

// lineCall tells a whole line of a plan.
func lineCall(l *fault.Line) call {
	text := l.String()
	if rule, ok := strings.CutPrefix(text, "always "); ok {
		return call{name: "Always", args: []any{rule}}
	}
	if l.Place() == fault.Single && l.From != "" && l.From != "*" && l.To != "*" {
		message := []any{l.From, l.To, l.Stream, int(l.N)}
		switch l.Verb {
		case fault.Lose:
			return call{name: "Lose", args: message}
		case fault.Delay:
			return call{name: "Delay", args: append(message, l.Time)}
		case fault.Repeat:
			return call{name: "Repeat", args: append(message, l.Time)}
		}
	}
	return call{name: "Plan", args: []any{text}}
}

// faultCall tells a fault that happens where the run stands.
func faultCall(l *fault.Line) call {
	x := *l
	x.At = 0
	one := func(name string) call { return call{name: name, args: []any{x.Node}} }
	sides := strings.Join(x.Sides[0], " ") + " | " + strings.Join(x.Sides[1], " ")
	switch {
	case x.Verb == fault.Crash && x.Good:
		return one("CrashForGood")
	case x.Verb == fault.Crash && x.Time > 0:
		return call{name: "CrashFor", args: []any{x.Node, x.Time}}
	case x.Verb == fault.Crash:
		return one("Crash")
	case x.Verb == fault.Restart:
		return one("Restart")
	case x.Verb == fault.Pause && x.Mode == "":
		return one("Pause")
	case x.Verb == fault.Resume:
		return one("Resume")
	case x.Verb == fault.Cut && !x.Good && x.OneWay:
		return call{name: "CutOneWay", args: []any{sides}}
	case x.Verb == fault.Cut && !x.Good:
		return call{name: "Cut", args: []any{sides}}
	case x.Verb == fault.Heal && len(x.Sides[0]) == 0:
		return call{name: "Heal"}
	case x.Verb == fault.Heal && !x.OneWay:
		return call{name: "Heal", args: []any{sides}}
	}
	x.At = 1 // so that it is no line that always holds
	return call{name: "Do", args: []any{strings.TrimPrefix(x.String(), "1ns ")}}
}
