package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"simrun/sim"
	"simrun/view"
)

// What a stepper shows.

// The bounds of what is shown for one command.
const (
	mostRows   = 40 // rows, or messages
	mostPicks  = 10
	namedEvery = 20 // rows after which the lanes are named again
)

// draw draws events as rows.
func (s *stepper) draw(seqs ...uint64) error {
	if left := len(seqs) - mostRows; left > 0 {
		fmt.Fprintf(s.out, "%14s(%s more before these)\n", "", view.Number(uint64(left)))
		seqs = seqs[left:]
	}
	head := s.shown == 0 || s.shown >= namedEvery
	if head {
		s.shown = 0
	}
	s.shown += len(seqs)
	return s.now().film.Draw(s.ctx, s.out, seqs, head)
}

// goTo goes to an event and draws it.
func (s *stepper) goTo(seq uint64) error {
	s.now().at = seq
	if seq == 0 {
		fmt.Fprintln(s.out, "before the first event")
		return nil
	}
	return s.draw(seq)
}

// count reads how many events are meant: 1 if nothing is said.
func count(args []string) (n uint64, err error) {
	if len(args) == 0 {
		return 1, nil
	}
	if n, err = strconv.ParseUint(args[0], 10, 32); err != nil || n == 0 || len(args) > 1 {
		return 0, usage("%q: want a number of events", strings.Join(args, " "))
	}
	return n, nil
}

func (s *stepper) next(args []string) error {
	n, err := count(args)
	if err != nil {
		return err
	}
	x := s.now()
	last := uint64(x.trace().Len())
	if x.at == last {
		return usage("the run has ended: %s", s.verdict())
	}
	var seqs []uint64
	for seq := x.at + 1; seq <= min(x.at+n, last); seq++ {
		seqs = append(seqs, seq)
	}
	x.at = seqs[len(seqs)-1]
	return s.draw(seqs...)
}

func (s *stepper) back(args []string) error {
	switch {
	case len(args) == 1 && args[0][0] == '#':
		return s.until(args)
	case len(args) > 0 && args[0][0] > '9' || len(args) > 1:
		return s.find(args, -1)
	}
	n, err := count(args)
	if err != nil {
		return err
	}
	if s.now().at == 0 {
		return usage("this is the start of the run")
	}
	return s.goTo(s.now().at - min(n, s.now().at))
}

func (s *stepper) until(args []string) error {
	if len(args) == 0 {
		return usage("until what? a node, a kind such as crash or recv, a message or a fact, a text, violation, end, or #N")
	}
	t := s.now().trace()
	switch word := args[0]; {
	case len(args) > 1:
	case word == "end":
		return s.goTo(uint64(t.Len()))
	case word == "violation":
		seq := named(t.Verdict)
		if seq == 0 {
			return usage("nothing is violated at an event: %s", s.verdict())
		}
		return s.goTo(seq)
	case isNumber(word):
		seq, err := s.number(word)
		if err != nil {
			return err
		}
		return s.goTo(seq)
	}
	return s.find(args, 1)
}

// number reads the number of an event: #17, or 17.
func (s *stepper) number(word string) (uint64, error) {
	seq, err := strconv.ParseUint(strings.TrimPrefix(word, "#"), 10, 64)
	if last := uint64(s.now().trace().Len()); err != nil || seq < 1 || seq > last {
		return 0, usage("there is no event %s: the run has events 1 to %s", word, view.Number(last))
	}
	return seq, nil
}

// find goes to the next event, or the one before, of which all words are true.
func (s *stepper) find(words []string, by int) error {
	x := s.now()
	t := x.trace()
	is := s.matcher(words)
	for seq := int(x.at) + by; seq >= 1 && seq <= t.Len(); seq += by {
		if m := t.Event(uint64(seq)); is(&m) {
			return s.goTo(uint64(seq))
		}
	}
	where := "from here on"
	if by < 0 {
		where = "before here"
	}
	return usage("%s: there is no such event %s", strings.Join(words, " "), where)
}

// matcher makes a test of words. A word that is a node, a kind or a type of the run means that; p1>a2 is a link; any other is looked for in the texts.
func (s *stepper) matcher(words []string) func(*view.Moment) bool {
	t := s.now().trace()
	types := make(map[string]bool)
	for seq := 1; seq <= t.Len(); seq++ {
		types[strings.ToLower(t.Event(uint64(seq)).Type)] = true
	}
	var tests []func(*view.Moment) bool
	for _, word := range words {
		low := strings.ToLower(word)
		from, to, link := strings.Cut(word, ">")
		switch {
		case slices.Contains(t.Nodes, sim.NodeID(word)):
			tests = append(tests, func(m *view.Moment) bool { return string(m.Node) == word })
		case link:
			tests = append(tests, func(m *view.Moment) bool {
				a, b := string(m.Peer), string(m.Node)
				if m.Kind == sim.Sent {
					a, b = b, a
				}
				return a == from && b == to
			})
		case types[low]:
			tests = append(tests, func(m *view.Moment) bool { return strings.EqualFold(m.Type, word) })
		default:
			tests = append(tests, func(m *view.Moment) bool {
				return m.Kind.String() == low || strings.Contains(strings.ToLower(m.Text), low) || m.Reason == low
			})
		}
	}
	return func(m *view.Moment) bool {
		return !slices.ContainsFunc(tests, func(is func(*view.Moment) bool) bool { return !is(m) })
	}
}

// here returns the event at which one stands.
func (s *stepper) here() (m view.Moment, err error) {
	x := s.now()
	if x.at == 0 {
		return m, usage("nothing has happened yet: next makes a step")
	}
	return x.trace().Event(x.at), nil
}

func (s *stepper) state(args []string) error {
	m, err := s.here()
	if err != nil {
		return err
	}
	nodes := []sim.NodeID{m.Node}
	switch known := s.now().trace().Nodes; {
	case len(args) > 2:
		return usage("state of one node, or of all, and of it what has a word in its name; what is %q?", args[2])
	case len(args) > 0 && args[0] == "all":
		nodes = known
	case len(args) > 0 && !slices.Contains(known, sim.NodeID(args[0])):
		var names []string
		for _, id := range known {
			names = append(names, string(id))
		}
		return usage("there is no node %s%s it has %s", args[0], didYouMean(args[0], names), strings.Join(names, ", "))
	case len(args) > 0:
		nodes[0] = sim.NodeID(args[0])
	case m.Node == "":
		return usage("the event is at no node: say of which, or state all")
	}
	word := ""
	if len(args) == 2 {
		word = args[1]
	}
	for _, id := range nodes {
		if err := s.stateOf(id, m.Seq, word); err != nil {
			return err
		}
	}
	s.shown = 0
	return nil
}

// stateOf prints the state of a node, or what of it has a word in its name; what an event changed has a mark, and what it was before. Of a long state
// it prints the beginning, and whatever changed.
func (s *stepper) stateOf(id sim.NodeID, seq uint64, word string) error {
	film := s.now().film
	lines, err := film.State(s.ctx, id, seq)
	if err != nil {
		return err
	}
	diff, err := film.Changes(s.ctx, seq)
	if err != nil {
		return err
	}
	was := make(map[string]string)
	var gone []view.StateLine
	for _, d := range diff {
		if d.Node == id {
			was[d.Path] = d.Before
			if d.After == "" {
				gone = append(gone, view.StateLine{Path: d.Path, Value: d.Before})
			}
		}
	}
	fmt.Fprintf(s.out, "  %s after #%d\n", id, seq)
	if len(lines)+len(gone) == 0 {
		fmt.Fprintln(s.out, "    nothing is known: it is down, or a script")
	}
	printed, left := 0, 0
	for _, l := range lines {
		before, changed := was[l.Path]
		switch {
		case !strings.Contains(l.Path, word):
			continue
		case printed >= mostRows && !changed:
			left++
			continue
		}
		printed++
		mark, text := " ", l.Value
		if changed {
			if mark = "+"; before != "" {
				text += "  (was " + before + ")"
			}
		}
		fmt.Fprint(s.out, view.Wrap(fmt.Sprintf("  %s %s  ", mark, l.Path), text))
	}
	if left > 0 {
		fmt.Fprintf(s.out, "    and %s more: state %s WORD picks those with the word in their names\n", view.Number(uint64(left)), id)
	}
	for _, l := range gone {
		fmt.Fprint(s.out, view.Wrap(fmt.Sprintf("  - %s  ", l.Path), l.Value))
	}
	return nil
}

func (s *stepper) causes([]string) error {
	m, err := s.here()
	if err != nil {
		return err
	}
	var chain []uint64
	for t := s.now().trace(); m.Cause > 0; m = t.Event(m.Cause) {
		chain = append(chain, m.Cause)
	}
	if len(chain) == 0 {
		return usage("nothing in the run led to #%d", m.Seq)
	}
	slices.Reverse(chain)
	return s.draw(chain...)
}

func (s *stepper) effects([]string) error {
	m, err := s.here()
	if err != nil {
		return err
	}
	var all []uint64
	for t, seq := s.now().trace(), m.Seq+1; seq <= uint64(t.Len()); seq++ {
		if t.Event(seq).Cause == m.Seq {
			all = append(all, seq)
		}
	}
	if len(all) == 0 {
		return usage("#%d led to nothing", m.Seq)
	}
	return s.draw(all...)
}

func (s *stepper) messages([]string) error {
	x := s.now()
	t := x.trace()
	var listed int
	for seq := x.at + 1; seq <= uint64(t.Len()); seq++ {
		m := t.Event(seq)
		if m.Cause == 0 || m.Cause > x.at || m.Kind != sim.Delivered && m.Kind != sim.Dropped {
			continue
		}
		if listed++; listed > mostRows {
			fmt.Fprintln(s.out, "  and more")
			break
		}
		becomes := "arrives"
		if m.Kind == sim.Dropped {
			becomes = "is lost (" + m.Reason + ")"
		}
		fmt.Fprint(s.out, view.Wrap("  ", fmt.Sprintf("#%d %s→%s %s: %s at %s, #%d", m.Cause, m.Peer, m.Node, m.Text, becomes, view.Instant(m.At), seq)))
	}
	if listed == 0 {
		return usage("no message is under way that arrives before the end")
	}
	return nil
}

func (s *stepper) plan([]string) error {
	x := s.now()
	for i, l := range *x.run.Config.Plan {
		fmt.Fprintf(s.out, "  %2d  %v\n", i+1, l)
	}
	if len(*x.run.Config.Plan) == 0 {
		fmt.Fprintln(s.out, "  no faults")
	}
	for i, d := range x.run.Tape {
		if i == mostPicks {
			fmt.Fprintf(s.out, "      and %s picks more that are not 0\n", view.Number(uint64(len(x.run.Tape)-i)))
			break
		}
		fmt.Fprintf(s.out, "      pick %s = %d\n", d.Key, d.Outcome)
	}
	return nil
}

// isNumber reports whether a word is the number of an event: 17 or #17.
func isNumber(word string) bool {
	digits := strings.TrimPrefix(word, "#")
	return digits != word || !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
