package steps

import (
	"fmt"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Crash crashes a node, which stays down until it is restarted or faults end.
func (r *Run) Crash(node string) { r.t.Helper(); r.strike("Crash", "crash "+node) }

// CrashFor crashes a node, which starts again after that much true time.
func (r *Run) CrashFor(node string, down time.Duration) {
	r.t.Helper()
	r.strike("CrashFor", fmt.Sprintf("crash %s for %v", node, down))
}

// CrashForGood crashes a node, which is never started again.
func (r *Run) CrashForGood(node string) {
	r.t.Helper()
	r.strike("CrashForGood", "crash "+node+" for good")
}

// Restart starts a node that has crashed.
func (r *Run) Restart(node string) { r.t.Helper(); r.strike("Restart", "restart "+node) }

// Pause makes a node stand still, while its clock goes on.
func (r *Run) Pause(node string) { r.t.Helper(); r.strike("Pause", "pause "+node) }

// Resume lets a paused node go on.
func (r *Run) Resume(node string) { r.t.Helper(); r.strike("Resume", "resume "+node) }

// Cut cuts the links between two sides: "a1 a2 | a3". On one side may stand rest, which is everybody else.
func (r *Run) Cut(sides string) { r.t.Helper(); r.strike("Cut", "cut "+between(sides)) }

// CutOneWay cuts the links from the first side to the second.
func (r *Run) CutOneWay(sides string) {
	r.t.Helper()
	r.strike("CutOneWay", "cut "+between(sides)+" one-way")
}

// Heal heals the links between two sides, or all of them: Heal().
func (r *Run) Heal(sides ...string) {
	r.t.Helper()
	switch len(sides) {
	case 0:
		r.strike("Heal", "heal")
	case 1:
		r.strike("Heal", "heal "+between(sides[0]))
	default:
		r.t.Fatalf(`steps: Heal: want the two sides as one text, such as "a1 a2 | a3", or nothing for all links`)
	}
}

// between writes the sides of a cut as plans do, where names of one side may have stood apart.
func between(sides string) string {
	parts := strings.Split(sides, "|")
	for i, p := range parts {
		parts[i] = strings.Join(strings.FieldsFunc(p, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }), ",")
	}
	return strings.Join(parts, " | ")
}

// Do makes any other fault happen where the run stands, in the words of a plan without the time: "stall a1 50ms", "step a2 -30ms", "loss a1>a2 3%".
// What lasts does so until another step says otherwise.
func (r *Run) Do(fault string) { r.t.Helper(); r.strike("Do", fault) }

// strike makes a fault happen where the run stands.
func (r *Run) strike(step, text string) {
	r.t.Helper()
	r.alive(step)
	l, err := fault.ParseLine("0s " + text)
	if err != nil {
		r.t.Fatalf("steps: %s: %q: %v", step, text, err)
	}
	if r.crashesHere(l) {
		return
	}
	if l.At = r.Now(); !r.timed {
		l.At++
	}
	if err := r.amend(r.with(l)); err != nil {
		r.t.Fatalf("steps: %s: %q: %v", step, text, err)
	}
}

// crashesHere makes a node crash between the effect of it at which the run stands and the next one, if that is what is asked for.
func (r *Run) crashesHere(l fault.Line) bool {
	if l.Verb != fault.Crash || r.timed {
		return false
	}
	m := r.log.marks[r.seen-1]
	if m.effect == 0 || string(m.who()) != l.Node {
		return false
	}
	before := r.c
	l.At, l.Effect = 0, m.effect
	if r.amend(r.with(l)) != nil {
		return false
	}
	// It must be the very next thing that happens to the node, in the same instant. What happens to a message that was just sent may come before.
	for i := r.seen; i < uint64(len(r.log.marks)) || r.step(); i++ {
		next := &r.log.marks[i]
		if next.who() == m.who() || next.at > m.at {
			if next.kind == sim.Crashed && next.at == m.at {
				return true
			}
			break
		}
	}
	if err := r.amend(before); err != nil {
		r.t.Fatalf("steps: Crash: %v", err)
	}
	return false
}

// Lose loses the n-th message of a stream that a node sends to another, counted from 1 over the whole run.
func (r *Run) Lose(from, to, stream string, n int) {
	r.t.Helper()
	r.single("Lose", fmt.Sprintf("lose %s>%s %s#%d", from, to, stream, n))
}

// Delay makes a message arrive that much later than it would.
func (r *Run) Delay(from, to, stream string, n int, by time.Duration) {
	r.t.Helper()
	r.single("Delay", fmt.Sprintf("delay %s>%s %s#%d %v", from, to, stream, n, by))
}

// Repeat makes a second copy of a message arrive, that much later.
func (r *Run) Repeat(from, to, stream string, n int, by time.Duration) {
	r.t.Helper()
	r.single("Repeat", fmt.Sprintf("repeat %s>%s %s#%d %v", from, to, stream, n, by))
}

// Always says what holds from the start to the end, in the words of a plan: "unsynced lose", "law newest-first 2ms 300ms 25%".
func (r *Run) Always(rule string) {
	r.t.Helper()
	r.first("Always")
	r.single("Always", "always "+rule)
}

// Plan adds a whole line of a plan, with its own time or aim: "after a2 sync#3 crash a2 for 20ms", "fail a2 sync#3". It must be one of what is to come.
func (r *Run) Plan(line string) { r.t.Helper(); r.single("Plan", line) }

// single adds a line that says by itself when it holds.
func (r *Run) single(step, text string) {
	r.t.Helper()
	r.alive(step)
	l, err := fault.ParseLine(text)
	if err != nil {
		r.t.Fatalf("steps: %s: %q: %v", step, text, err)
	}
	if l.Place() == fault.Timed && (l.At < r.Now() || l.At == r.Now() && !r.timed) {
		r.t.Fatalf("steps: %s: %q: the run stands at %s: that is past", step, text, r.place())
	}
	if l.Place() == fault.Single && l.From != "" && r.sent(&l) {
		r.t.Fatalf("steps: %s: %q: that message is sent already; the run stands at %s", step, text, r.place())
	}
	if err := r.amend(r.with(l)); err != nil {
		r.t.Fatalf("steps: %s: %q: %v", step, text, err)
	}
}

// sent reports whether the message of a line was sent before where the run stands.
func (r *Run) sent(l *fault.Line) bool {
	for i := range r.log.marks[:r.seen] {
		if m := &r.log.marks[i]; m.kind == sim.Sent && string(m.peer) == l.From && string(m.node) == l.To && m.what == l.Stream && m.n == l.N {
			return true
		}
	}
	return false
}
