package rapidtest

import (
	"time"

	"pgregory.net/rapid"

	"simrun/sim/fault"
	"simrun/sim/net"
)

// A spell is a fault, and what ends it again. Verbs that shrinking prefers come first.
type spell struct {
	name    string
	sample  fault.Plan // by which the model says whether it is allowed
	crash   bool       // needs a node that may crash
	message bool       // needs a message
	pair    bool       // needs two nodes
	draw    func(v *vocabulary, t *rapid.T) fault.Plan
}

// GoString implements fmt.GoStringer.
func (x spell) GoString() string { return x.name }

// line is a sample of one line.
func line(l fault.Line) fault.Plan { return fault.Plan{l} }

func spells() []spell {
	return []spell{
		{name: "lose", message: true, sample: line(fault.Line{Verb: fault.Lose}), draw: drawLose},
		{name: "crash", crash: true, sample: line(fault.Line{Verb: fault.Crash}), draw: drawCrash},
		{name: "crash after effect", crash: true, sample: line(fault.Line{Verb: fault.Crash}), draw: drawCrashAfter},
		{name: "delay", message: true, sample: line(fault.Line{Verb: fault.Delay, Time: modestlyLate}), draw: drawDelay},
		{name: "repeat", message: true, sample: line(fault.Line{Verb: fault.Repeat, Time: modestlyLate}), draw: drawRepeat},
		{name: "cut", pair: true, sample: line(fault.Line{Verb: fault.Cut}), draw: drawCut},
		{name: "pause", sample: line(fault.Line{Verb: fault.Pause}), draw: drawFor(fault.Pause, fault.Resume)},
		{name: "freeze", sample: line(fault.Line{Verb: fault.Freeze}), draw: drawFor(fault.Freeze, fault.Thaw)},
		{name: "slow", sample: line(fault.Line{Verb: fault.Slow, Amount: 2}), draw: drawSlow},
		{name: "step", sample: line(fault.Line{Verb: fault.Step, Time: time.Second}), draw: drawStep},
		{name: "unsynced", crash: true, sample: line(fault.Line{Verb: fault.Unsynced, Mode: "lose"}), draw: drawUnsynced},
		{name: "law", sample: line(fault.Line{Verb: fault.Law, Law: lingering}), draw: drawLaw},
		{name: "loss", sample: line(fault.Line{Verb: fault.Loss, Amount: 1}), draw: drawLoss},
	}
}

// lingering is a law under which old messages arrive after new ones.
var lingering = net.Law{Kind: net.NewestFirst, Least: 2 * time.Millisecond, Most: 300 * time.Millisecond, Share: 250_000}

func (v *vocabulary) node(t *rapid.T) string   { return rapid.SampledFrom(v.nodes).Draw(t, "node") }
func (v *vocabulary) victim(t *rapid.T) string { return rapid.SampledFrom(v.mortal).Draw(t, "node") }

// about returns a line about one message, with the given verb.
func (v *vocabulary) about(t *rapid.T, verb fault.Verb) fault.Line {
	m := rapid.SampledFrom(v.messages).Draw(t, "message")
	return fault.Line{Verb: verb, From: m.from, To: m.to, Stream: m.stream, N: m.n}
}

func drawLose(v *vocabulary, t *rapid.T) fault.Plan {
	return fault.Plan{v.about(t, fault.Lose)}
}

func drawDelay(v *vocabulary, t *rapid.T) fault.Plan {
	l := v.about(t, fault.Delay)
	l.Time = v.delay(t)
	return fault.Plan{l}
}

func drawRepeat(v *vocabulary, t *rapid.T) fault.Plan {
	l := v.about(t, fault.Repeat)
	l.Time = v.delay(t)
	return fault.Plan{l}
}

func drawCrash(v *vocabulary, t *rapid.T) fault.Plan {
	node, at := v.victim(t), v.instant(t)
	plan := fault.Plan{{Verb: fault.Crash, Node: node, At: at}}
	if end, ok := v.after(t, at); ok && v.model.Crash == fault.CrashRecovery {
		plan = append(plan, fault.Line{Verb: fault.Restart, Node: node, At: end})
	}
	return plan
}

// drawCrashAfter draws a crash at a place; the node is down for a while, or for good.
func drawCrashAfter(v *vocabulary, t *rapid.T) fault.Plan {
	l := fault.Line{Verb: fault.Crash, Node: v.victim(t), Effect: rapid.Uint64Range(1, v.effects).Draw(t, "effect")}
	if v.model.Crash == fault.CrashRecovery {
		l.Time = time.Duration(rapid.IntRange(0, 2000).Draw(t, "for")) * tick
	}
	return fault.Plan{l}
}

func drawCut(v *vocabulary, t *rapid.T) fault.Plan {
	var sides [2][]string
	lonely := rapid.IntRange(0, len(v.nodes)-1).Draw(t, "alone")
	for i, n := range v.nodes {
		// One node is alone, as a rule, and others may join it, but for the next one.
		side := 1
		if i == lonely || i != (lonely+1)%len(v.nodes) && rapid.IntRange(0, 2).Draw(t, "joins") == 2 {
			side = 0
		}
		sides[side] = append(sides[side], n)
	}
	at := v.instant(t)
	oneWay := rapid.IntRange(0, 3).Draw(t, "one-way") == 3
	plan := fault.Plan{{Verb: fault.Cut, At: at, Sides: sides, OneWay: oneWay}}
	if end, ok := v.after(t, at); ok {
		plan = append(plan, fault.Line{Verb: fault.Heal, At: end, Sides: sides, OneWay: oneWay})
	}
	return plan
}

// drawFor returns what draws a fault of a node that another line ends.
func drawFor(begin, finish fault.Verb) func(*vocabulary, *rapid.T) fault.Plan {
	return func(v *vocabulary, t *rapid.T) fault.Plan {
		node, at := v.node(t), v.instant(t)
		plan := fault.Plan{{Verb: begin, Node: node, At: at}}
		if end, ok := v.after(t, at); ok {
			plan = append(plan, fault.Line{Verb: finish, Node: node, At: end})
		}
		return plan
	}
}

func drawSlow(v *vocabulary, t *rapid.T) fault.Plan {
	return fault.Plan{{Verb: fault.Slow, Node: v.node(t), At: v.instant(t), Amount: rapid.Int64Range(2, 100).Draw(t, "times")}}
}

func drawStep(v *vocabulary, t *rapid.T) fault.Plan {
	step := v.delay(t)
	if rapid.Bool().Draw(t, "back") {
		step = -step
	}
	return fault.Plan{{Verb: fault.Step, Node: v.node(t), At: v.instant(t), Time: step}}
}

func drawUnsynced(_ *vocabulary, t *rapid.T) fault.Plan {
	return fault.Plan{{Verb: fault.Unsynced, Mode: rapid.SampledFrom([]string{"lose", "mix"}).Draw(t, "mode")}}
}

func drawLaw(*vocabulary, *rapid.T) fault.Plan {
	return fault.Plan{{Verb: fault.Law, Law: lingering}}
}

func drawLoss(_ *vocabulary, t *rapid.T) fault.Plan {
	percent := rapid.Int64Range(1, 20).Draw(t, "percent")
	return fault.Plan{{Verb: fault.Loss, Amount: percent * 10_000}}
}
