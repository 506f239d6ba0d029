package steps

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// A Test is a failing run that is to be told as the source of a Go test.
type Test struct {
	Case     search.Case // spelt out, and best made small: see search.Shrink
	Property string      // that it fails by; "": the one that the verdict is named after
	Name     string      // of the test function; "": after the scenario and the property
	Package  string      // of the file, see [PackageOf]; "": that of the scenario, as an external test
	Scenario string      // the Go expression that makes the scenario, such as "counter.Scenario()"; "": what the scenario says, see [Expression]
}

// A told is a run, seen by itself or as steps tell it.
type told struct {
	verdict   sim.Verdict
	signature string
	shape     []string // the names of its events
	marks     []mark
	trail     seedfile.Trail
}

// Source returns the source of a test that makes the run and fails as it does, formatted. The steps have been tried: where the time of a fault, told
// as what the world is doing then, would make another run, the time is told; where that would too, the line of the plan is.
//
// An error says that the run does not fail, or that no expression for its scenario is known.
func (x Test) Source() (string, error) {
	if x.Case.Scenario == nil || x.Case.Config.Plan == nil {
		return "", errors.New("steps: a test needs a case that is spelt out")
	}
	e, err := expression(x.Case.Scenario, x.Scenario)
	if err != nil {
		return "", err
	}
	base, err := x.watch()
	if err != nil {
		return "", err
	}
	calls, same, err := x.tell(base)
	if err != nil {
		return "", err
	}
	return x.print(e, base, calls, same)
}

// watch makes the run as its case says.
func (x *Test) watch() (t told, err error) {
	log := newLog(true)
	c := x.Case
	c.Config.Issued = log.issued
	c.Scenario = view.Watch(c.Scenario, log.see)
	w, err := c.World()
	if err != nil {
		return t, err
	}
	t = log.told(w.Run(0), x.Property)
	if !search.Judge(t.verdict, x.Property).Failed() {
		return t, fmt.Errorf("steps: the run does not fail: %s", seedfile.Expected(t.verdict))
	}
	return t, nil
}

func (l *log) told(v sim.Verdict, property string) told {
	t := told{verdict: v, signature: search.Judge(v, property).Signature(), marks: l.marks, trail: l.trail}
	for i := range l.marks {
		t.shape = append(t.shape, l.marks[i].name())
	}
	return t
}

// like reports whether the run is the other one but for instants.
func (t *told) like(other *told) bool {
	return t.signature == other.signature && slices.Equal(t.shape, other.shape)
}

// A call is a step as it stands in a test.
type call struct {
	name string
	args []any  // string, int, uint64 or time.Duration
	note string // a comment
}

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

// tell finds the steps that make the run. Same says whether they make every event as it was, also its instant.
func (x *Test) tell(base told) (calls []call, same bool, err error) {
	head := x.head()
	var ways [][]way
	for _, l := range *x.Case.Config.Plan {
		ways = append(ways, waysOf(&l, &base))
	}
	choice := make([]int, len(ways)) // of the ways of each line
	for i := range choice {
		choice[i] = len(ways[i]) - 1
	}
	if t := x.play(assemble(head, ways, choice, x.last())); t == nil || !t.like(&base) {
		head = append([]call{{name: "Only", args: []any{x.judged(&base)}}}, head...)
		if t := x.play(assemble(head, ways, choice, x.last())); t == nil || !t.like(&base) {
			return nil, false, errors.New("steps: the steps make another run than the case")
		}
	}
	// All lines as they read best; if that is another run, one line after the other.
	best := make([]int, len(ways))
	if t := x.play(assemble(head, ways, best, x.last())); t != nil && t.like(&base) {
		choice = best
	} else {
		for i := range choice {
			last := choice[i]
			for choice[i] = 0; choice[i] < last; choice[i]++ {
				if t := x.play(assemble(head, ways, choice, x.last())); t != nil && t.like(&base) {
					break
				}
			}
		}
	}
	calls = assemble(head, ways, choice, x.last())
	t := x.play(calls)
	return calls, t.trail.Parted(base.trail) == 0, nil
}

func (x *Test) judged(base *told) string {
	if x.Property != "" {
		return x.Property
	}
	return base.verdict.Property
}

// head are the steps that are about the whole run.
func (x *Test) head() (calls []call) {
	cfg := x.Case.Config
	if cfg.For > 0 {
		calls = append(calls, call{name: "Lasts", args: []any{cfg.For}})
	}
	for _, d := range x.Case.Tape {
		calls = append(calls, call{name: "Pick", args: []any{d.Key, d.Outcome}})
	}
	return calls
}

// last is what the test expects: all to hold, since it is to fail as long as it does not.
func (x *Test) last() call {
	if x.Property == "" && x.Case.Config.Only == "" {
		return call{name: "Holds"}
	}
	property := x.Property
	if property == "" {
		property = x.Case.Config.Only
	}
	return call{name: "Holds", args: []any{property}}
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

// print writes the source.
func (x *Test) print(e goExpression, base told, calls []call, same bool) (string, error) {
	var b bytes.Buffer
	pkg := x.Package
	if pkg == "" || e.pkg == "" && e.home != "" { // no other package can make the scenario
		pkg = e.testPackage()
	}
	fmt.Fprintf(&b, "package %s\n\nimport (\n\"testing\"\n", pkg)
	if slices.ContainsFunc(calls, func(c call) bool {
		return slices.ContainsFunc(c.args, func(a any) bool { _, ok := a.(time.Duration); return ok })
	}) {
		b.WriteString("\"time\"\n")
	}
	b.WriteString("\n")
	imports := []string{strconv.Quote(module() + "/simtest")}
	expr := e.expr
	if e.within(pkg) {
		expr = strings.TrimPrefix(expr, e.pkg+".")
	} else {
		imports = append(imports, e.imported())
	}
	slices.Sort(imports)
	fmt.Fprintf(&b, "%s\n)\n\n", strings.Join(imports, "\n"))
	x.comment(&b, base, same)
	name := x.Name
	if name == "" {
		name = "Test" + camel(x.Case.Scenario.Name) + camel(x.judged(&base))
	}
	fmt.Fprintf(&b, "func %s(t *testing.T) {\n\tw := simtest.Steps(t, %s", name, expr)
	for _, setting := range x.Case.Config.Options.Given() {
		fmt.Fprintf(&b, ", %q", setting)
	}
	b.WriteString(")\n")
	for _, c := range calls {
		b.WriteString("\t" + c.source() + "\n")
	}
	b.WriteString("}\n")
	text, err := format.Source(b.Bytes())
	if err != nil {
		return "", fmt.Errorf("steps: the source does not parse: %w\n%s", err, b.String())
	}
	return string(text), nil
}

// comment says what the test is about.
func (x *Test) comment(b *bytes.Buffer, base told, same bool) {
	j := search.Judge(base.verdict, x.Property)
	say := func(text string) {
		for line := range strings.Lines(view.Wrap("// ", text)) {
			line = strings.TrimSpace(line)
			b.WriteString("// " + strings.TrimSpace(strings.TrimPrefix(line, "//")) + "\n")
		}
	}
	say(fmt.Sprintf("%s is %v: %s", j.Property, j.Outcome, firstLine(j.Why)))
	b.WriteString("//\n")
	text := fmt.Sprintf("The run takes %s and has %s events.", view.Duration(base.verdict.Virtual), view.Number(base.verdict.Events))
	if same {
		text += fmt.Sprintf(" Its hash is %016x.", base.verdict.Hash)
	}
	say(text + " The test fails for as long as this happens.")
}

// source is the call as it stands in a test.
func (c *call) source() string {
	var args []string
	for _, a := range c.args {
		switch a := a.(type) {
		case string:
			args = append(args, strconv.Quote(a))
		case time.Duration:
			args = append(args, goDuration(a))
		default:
			args = append(args, fmt.Sprint(a))
		}
	}
	text := fmt.Sprintf("w.%s(%s)", c.name, strings.Join(args, ", "))
	if note := strings.Join(strings.Fields(c.note), " "); note != "" {
		if runes := []rune(note); len(runes) > 60 {
			note = string(runes[:59]) + "…"
		}
		text += " // " + note
	}
	return text
}

// goDuration is a duration as a Go expression.
func goDuration(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}, {time.Microsecond, "time.Microsecond"}} {
		if d == unit.of {
			return unit.name
		}
		if d%unit.of == 0 {
			return fmt.Sprintf("%d * %s", d/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

// camel makes a Go name of words: "ac1-agreement" becomes "Ac1Agreement".
func camel(words string) string {
	var b strings.Builder
	up := true
	for _, c := range words {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			up = true
			continue
		}
		if up {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
		up = false
	}
	return b.String()
}
