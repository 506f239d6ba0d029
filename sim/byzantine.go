package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim/fault"
)

// Byzantine returns a node that runs n, and misbehaves in what it sends to others. Share says how often, in parts per million; mode
// says how:
//
//	drop        a message is not sent
//	repeat      it is sent twice
//	delay       it is sent 1 to 64 ms later
//	alter       something else is sent in its place, see [AlterFields]: a value failure
//	equivocate  it has two faces: some receivers are told what n says, and the others a lie, in each case of one type of messages in one call
//	any         each of these, one kind for each call and type of messages: arbitrary failure
//
// An equivocator is as cunning as one can be who knows nothing of the protocol: who is told lies, and how a lie differs from what n says, is picked once,
// so that what the one half of its victims is told hangs together, and what the other half is told too.
//
// What n does to its disk, to its timers and to itself stays as it is. Messages that have no method Alter are not altered, and nobody
// equivocates with them. What happens follows from picks of the Env alone, keyed by receiver and stream. Byzantine panics
// if there is no such mode, or the share is not in [0, 1000000].
//
// If n panics, perhaps since it hears of what it never said, it crashes, and the run goes on.
//
// A world marks such a node: see [World.Byzantine]. The line "betray a2 any 20%" of a plan does the same to a node that was added without.
func Byzantine(n Node, mode string, share int64) Node {
	return &turncoat{n, newTreason(mode, share)}
}

// Byzantine reports whether a node misbehaves in what it sends, or ever did. It is counted as faulty to the end of the run: properties are
// not shown the facts that it notes, unless they ask for them, and nothing that it sends violates any; the world's own "backed" and
// "invariant" are not judged of it, nor that it panics; it is not [World.Healed], and it counts among those that its groups can spare. Its facts and
// what it sends are events all the same, with the reason "byzantine".
func (w *World) Byzantine(id NodeID) bool { return w.must(id).treason != nil }

// A turncoat is a Byzantine node. The world takes it apart when it starts, so that observers see the node within.
type turncoat struct {
	node    Node
	treason *treason
}

func (x *turncoat) Start(env Env)                          { x.treason.call(x.node, env, "", nil) }
func (x *turncoat) Handle(env Env, from NodeID, m Message) { x.treason.call(x.node, env, from, m) }

// A treason is the Env of a Byzantine node: the one that it is given, but for what is sent.
type treason struct {
	Env
	mode  string
	share int64  // of messages, in parts per million
	plots []plot // of this call

	victims map[NodeID]bool // of an equivocator: whether they are lied to, once that is picked
	choices []int           // what was picked for its lies
}

// A plot is how a call misbehaves with the messages of one stream.
type plot struct {
	stream string
	mode   string
	split  bool // of equivocate: some are told something else
}

// The modes that need nothing of a message come first.
var (
	modes      = []string{"drop", "repeat", "delay", "alter", "equivocate"}
	plainModes = 3
)

func newTreason(mode string, share int64) *treason {
	if mode != "any" && !slices.Contains(modes, mode) {
		panic(fmt.Sprintf("sim: Byzantine with mode %q: want any or one of %q", mode, modes))
	}
	if share < 0 || share > million {
		panic(fmt.Sprintf("sim: Byzantine with a share of %d: want 0 to %d parts per million", share, million))
	}
	return &treason{mode: mode, share: share}
}

const million = 1_000_000

// call runs the node's code: Start if m is nil. A message that was held back is sent, and the node knows nothing of it.
func (t *treason) call(n Node, env Env, from NodeID, m Message) {
	if inside, ok := env.(*treason); !ok || inside != t { // the world may be ahead of a Byzantine node that is wrapped in another
		t.Env, t.plots = env, t.plots[:0]
		if h, ok := env.(*host); ok {
			h.treason = t
		}
	}
	switch x := m.(type) {
	case nil:
		n.Start(t)
	case held:
		t.Env.Send(x.to, x.m)
	default:
		n.Handle(t, from, m)
	}
}

// A held message is the timer that sends it.
type held struct {
	to NodeID
	m  Message
}

// AppendHash appends the content of the message, which may hold what has no content but by a method of its own.
func (x held) AppendHash(b []byte) []byte {
	b = fmt.Appendf(b, "%s %T ", x.to, x.m)
	return append(b, contentOf(x.m)...)
}

// String prints "Vote{a yes}, held back from a1".
func (x held) String() string { return fmt.Sprintf("%v, held back from %s", x.m, x.to) }

// Send sends the message, another one, several or none.
func (t *treason) Send(to NodeID, m Message) {
	if to == t.ID() || t.share == 0 {
		t.Env.Send(to, m)
		return
	}
	p := t.plot(m)
	link := "betray " + string(to) + " " + p.stream
	if p.mode == "equivocate" {
		if p.split && t.deceives(to) {
			t.lie(to, m, t.again())
			return
		}
		t.Env.Send(to, m)
		return
	}
	if p.mode == "" || !t.falls(link) {
		t.Env.Send(to, m)
		return
	}
	switch p.mode {
	case "alter":
		t.lie(to, m, func(n int) int { return t.Pick(link+" lie", n) })
		return
	case "repeat":
		t.Env.Send(to, m)
		t.Env.Send(to, m)
	case "delay":
		t.After(time.Millisecond<<t.Pick(link+" delay", 7), held{to, m})
	}
	t.misbehaved()
}

// lie sends a message that says something else, if the message allows it. What panics meanwhile is not the node's code.
func (t *treason) lie(to NodeID, m Message, pick func(int) int) {
	h := hostOf(t.Env)
	if h != nil {
		h.lying = true
	}
	other, ok := alter(m, pick)
	if ok {
		t.misbehaved()
	}
	t.Env.Send(to, other)
	if h != nil {
		h.lying = false
	}
}

// falls decides whether the share applies. It asks nothing if it always or never does.
func (t *treason) falls(what string) bool {
	a, b := t.share, int64(million)
	for b != 0 {
		a, b = b, a%b
	}
	n := int(million / a)
	return n == 1 || t.Pick(what, n) >= n-int(t.share/a)
}

// plot finds how the running call misbehaves with messages such as this one.
func (t *treason) plot(m Message) *plot {
	stream := StreamOf(m)
	for i := range t.plots {
		if t.plots[i].stream == stream {
			return &t.plots[i]
		}
	}
	p := plot{stream: stream, mode: t.mode}
	_, can := m.(alterer)
	if p.mode == "any" {
		n := plainModes
		if can {
			n = len(modes)
		}
		p.mode = modes[t.Pick("betray "+stream, n)]
	}
	if !can && slices.Contains(modes[plainModes:], p.mode) {
		p.mode = "" // honest
	}
	p.split = p.mode == "equivocate" && t.falls("betray "+stream+" split")
	t.plots = append(t.plots, p)
	return &t.plots[len(t.plots)-1]
}

// deceives reports on which side of an equivocator a receiver is.
func (t *treason) deceives(to NodeID) bool {
	victim, known := t.victims[to]
	if !known {
		if t.victims == nil {
			t.victims = make(map[NodeID]bool)
		}
		victim = t.Pick("betray "+string(to)+" side", 2) == 1
		t.victims[to] = victim
	}
	return victim
}

// again returns picks that are made once: whoever asks later is told the same. So two messages of the same shape are changed alike.
func (t *treason) again() func(int) int {
	i := 0
	return func(n int) int {
		if i == len(t.choices) {
			t.choices = append(t.choices, t.Pick("betray lie", n))
		}
		i++
		return t.choices[i-1] % n
	}
}

// misbehaved counts.
func (t *treason) misbehaved() {
	if h := hostOf(t.Env); h != nil {
		h.w.faults[fault.Betrayals]++
	}
}

// hostOf finds the world's side behind the Env of a node, nil if there is another.
func hostOf(env Env) *host {
	for {
		t, ok := env.(*treason)
		if !ok {
			break
		}
		env = t.Env
	}
	h, _ := env.(*host)
	return h
}

// betray makes a node Byzantine, or says how much it is from now on.
func (h *host) betray(mode string, share int64) {
	if h.treason == nil && share == 0 {
		return
	}
	if h.treason == nil {
		h.treason = newTreason(mode, share)
	}
	h.treason.mode, h.treason.share = mode, share
}

// traitors says which nodes that the plan betrays are more than the model allows, group by group.
func (w *World) traitors(plan fault.Plan) (outside []string) {
	var betrayed []string
	for i := range plan {
		if l := &plan[i]; l.Verb == fault.Betray && l.Amount > 0 && w.model.Byzantine && !strings.HasPrefix(l.Node, "@") {
			for _, h := range w.meant(l.Node) {
				if id := string(h.id); !slices.Contains(betrayed, id) {
					betrayed = append(betrayed, id)
				}
			}
		}
	}
	if len(betrayed) == 0 {
		return nil
	}
	spared := betrayed
	for _, g := range w.groups {
		faulty := plan.Lost(g.Nodes)
		for _, id := range betrayed {
			if slices.Contains(g.Nodes, id) && !slices.Contains(faulty, id) {
				faulty = append(faulty, id)
			}
		}
		if len(faulty) > g.Spare {
			outside = append(outside, fmt.Sprintf("betray: %s, where %s can spare %d", strings.Join(faulty, ", "), strings.Join(g.Nodes, ", "), g.Spare))
		}
		spared = slices.DeleteFunc(slices.Clone(spared), func(id string) bool { return slices.Contains(g.Nodes, id) })
	}
	if len(spared) > 0 {
		outside = append(outside, "betray: "+strings.Join(spared, ", ")+", of no group that can spare it")
	}
	return outside
}

// nameOf is whom a message is from; nobody, if there is none.
func nameOf(h *host) NodeID {
	if h == nil {
		return ""
	}
	return h.id
}

// mark is the reason of events that are no evidence.
func (h *host) mark() string {
	if h.treason != nil {
		return byzantine
	}
	return ""
}

const byzantine = "byzantine"

// rumour shows what a Byzantine node notes to whoever ranges over the events, and to those properties that ask for it.
func (w *World) rumour(h *host, fact any, body, cause uint64) {
	watchers := w.judge.watchers[Noted]
	w.judge.watchers[Noted] = w.judge.rumours
	w.emit(Noted, h, nil, fact, body, cause, h.mark())
	w.judge.watchers[Noted] = watchers
}
