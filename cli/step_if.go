package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"simrun/search"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// What a stepper can make go another way.

// fork is the place at which one stands, for what becomes of a message: the one of which the number is given, else that of the event. Of a message that arrives
// at this very event, the place is before it arrives.
func (s *stepper) fork(words []string) (f *search.Fork, message uint64, err error) {
	x := s.now()
	after := x.at
	if len(words) > 0 {
		if message, err = s.number(words[0]); err != nil {
			return nil, 0, err
		}
	} else {
		m, err := s.here()
		if err != nil {
			return nil, 0, err
		}
		if message = m.Seq; m.Kind != sim.Sent && m.Kind != sim.Delivered && m.Kind != sim.Dropped {
			return nil, 0, usage("#%d is no message: say which one is meant; messages lists those under way", m.Seq)
		}
	}
	if m := x.trace().Event(message); m.Seq == x.at && m.Kind != sim.Sent {
		after--
	}
	f, err = x.run.Fork(after)
	return f, message, err
}

func (s *stepper) lose(args []string) error {
	if len(args) > 1 {
		return usage("lose one message: lose #17")
	}
	f, message, err := s.fork(args)
	if err != nil {
		return err
	}
	run, err := f.Lose(message)
	return s.branch(f, run, err, fmt.Sprintf("lose #%d", message))
}

func (s *stepper) delay(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return usage("by how much? delay 5ms, or delay #17 5ms")
	}
	by, err := time.ParseDuration(args[len(args)-1])
	if err != nil {
		return usage("delay by %q: want a duration, such as 5ms", args[len(args)-1])
	}
	f, message, err := s.fork(args[:len(args)-1])
	if err != nil {
		return err
	}
	run, err := f.Delay(message, by)
	return s.branch(f, run, err, fmt.Sprintf("delay #%d %v", message, by))
}

func (s *stepper) first(args []string) error {
	if len(args) != 1 {
		return usage("which message? first #17; messages lists those under way")
	}
	f, message, err := s.fork(args)
	if err != nil {
		return err
	}
	run, err := f.First(message)
	return s.branch(f, run, err, fmt.Sprintf("first #%d", message))
}

func (s *stepper) crash(args []string) error {
	m, err := s.here()
	node := string(m.Node)
	switch {
	case err != nil:
		return err
	case len(args) > 1:
		return usage("crash one node: crash a1")
	case len(args) == 1:
		node = args[0]
	case node == "":
		return usage("the event is at no node: crash which one?")
	}
	f, err := s.now().run.Fork(m.Seq)
	if err != nil {
		return err
	}
	run, err := f.Crash(node)
	return s.branch(f, run, err, fmt.Sprintf("crash %s after #%d", node, m.Seq))
}

func (s *stepper) add(args []string) error {
	if len(args) == 0 {
		return usage("add what? a line of a plan, such as: add cut a1 | a2")
	}
	f, err := s.now().run.Fork(s.now().at)
	if err != nil {
		return err
	}
	text := strings.Join(args, " ")
	l, wrong := fault.ParseLine(text)
	if wrong != nil {
		if l, err = fault.ParseLine(fmt.Sprintf("%v %s", time.Duration(f.Next()), text)); err != nil {
			return wrong
		}
	}
	run, err := f.Add(l)
	return s.branch(f, run, err, "add "+l.String())
}

func (s *stepper) without(args []string) error {
	if len(args) != 1 {
		return usage("without which line? plan numbers them")
	}
	k, err := strconv.Atoi(args[0])
	if err != nil {
		return usage("without %q: want the number of a line; plan numbers them", args[0])
	}
	f, err := s.now().run.Fork(s.now().at)
	if err != nil {
		return err
	}
	run, err := f.Without(k - 1)
	text := ""
	if err == nil {
		text = (*s.now().run.Config.Plan)[k-1].String()
	}
	return s.branch(f, run, err, "without "+text)
}

// twin looks at the nearest run that passes.
func (s *stepper) twin([]string) error {
	x := s.now()
	if o := x.trace().Verdict.Outcome; o != sim.Violated && o != sim.Stalled {
		return usage("this run does not fail: it has no twin")
	}
	e, err := s.explain(x.run, "", 0)
	switch {
	case err != nil:
		return err
	case e == nil:
		return interrupted()
	case e.Twin == nil:
		return usage("%s", e.NoTwin)
	}
	f, err := x.run.Fork(x.at)
	return s.branch(f, e.Twin.Case, err, e.Twin.Differs)
}

// branch looks at another run, and says how it ends and where it parts from the one before.
func (s *stepper) branch(f *search.Fork, run search.Case, err error, did string) error {
	if err != nil {
		return err
	}
	parts := f.Parts(run)
	if err := s.push(run, parts-1, did); err != nil {
		return err
	}
	old, now := &s.runs[len(s.runs)-2], s.now()
	fmt.Fprint(s.out, view.Wrap("  what if  ", did))
	fmt.Fprint(s.out, view.Wrap("  was      ", verdictOf(old.trace())))
	fmt.Fprint(s.out, view.Wrap("  is       ", verdictOf(now.trace())))
	fmt.Fprintf(s.out, "  they part at #%d\n", parts)
	s.shown = 0
	for i, x := range []*stepped{old, now} {
		fmt.Fprintln(s.out, [...]string{"  was", "  is"}[i])
		if parts > uint64(x.trace().Len()) {
			fmt.Fprintf(s.out, "%14sthe end of the run\n", "")
			continue
		}
		if err := x.film.Draw(s.ctx, s.out, []uint64{parts}, false); err != nil {
			return err
		}
	}
	return nil
}

func (s *stepper) undo([]string) error {
	if len(s.runs) == 1 {
		return usage("this is the run as it was: there is nothing to undo")
	}
	x := s.now()
	x.film.Close()
	s.runs = s.runs[:len(s.runs)-1]
	s.shown = 0
	fmt.Fprint(s.out, view.Wrap("  undone   ", x.did))
	fmt.Fprint(s.out, view.Wrap("  is       ", s.verdict()))
	return nil
}

// save writes the run down, with what was done to it as its comment.
func (s *stepper) save(args []string) error {
	if len(args) != 1 {
		return usage("save takes the name of a file")
	}
	if err := checkOut("save", args[0]); err != nil {
		return usage("%s", strings.TrimPrefix(err.Error(), "--"))
	}
	x := s.now()
	file := x.run.File(x.trace().Verdict)
	var did []string
	for _, r := range s.runs[1:] {
		did = append(did, r.did)
	}
	if len(did) > 0 {
		file.Comment = "what if: " + strings.Join(did, ", then ")
	} else {
		file.Comment = oneLine(x.trace().Verdict.Why)
	}
	if _, err := view.WriteFile(args[0], func(w io.Writer) error { _, err := io.WriteString(w, file.String()); return err }); err != nil {
		return usage("cannot write %s: %v", args[0], err)
	}
	fmt.Fprintf(s.out, "  saved    %s; to make it again: %s\n", args[0], s.replayLine(args[0], false))
	return nil
}
