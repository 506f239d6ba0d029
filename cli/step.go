package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// The stepper walks through a run, one line of standard input after the other, and lets it go another way. It knows nothing of runs: a view.Film shows what
// there is at an event, and a search.Fork makes another run of it.

// A stepper is a person at a run.
type stepper struct {
	*command
	scenario *sim.Scenario
	runs     []stepped // the one that is looked at is the last; each came from the one before by one change
	shown    int       // rows since the lanes were named; 0: they have to be
}

// A stepped is a run, and where somebody stands in it.
type stepped struct {
	run  search.Case
	film *view.Film
	at   uint64 // the last event that has happened; 0 before the first
	did  string // how it came from the run before: "lose #17"
}

// trace is all events of the run.
func (x *stepped) trace() *view.Trace { return x.film.Trace }

// now is the run that is looked at.
func (s *stepper) now() *stepped { return &s.runs[len(s.runs)-1] }

// step makes the run of a replay once more and takes commands until there are no more.
func (c *command) step(cmd *cobra.Command, r *replayed) error {
	for _, other := range []string{"events", "json", "color", clonesFlag, planFlag, recordFlag} {
		if cmd.Flags().Changed(other) {
			return usage("--interactive steps through the run; --%s does not go with it", other)
		}
	}
	if err := c.again(r, nil); err != nil {
		return err
	}
	if r.made.diverged != nil {
		return diverged(r.made.diverged)
	}
	if text := r.stale(); text != "" {
		c.warn("warning: stale: %s", text)
	}
	run, _, err := search.Explicit(r.scenario, r.config)
	if err != nil {
		return &ending{exitDiverged, fmt.Sprintf("%s: %v", r.what(), err)}
	}
	s := &stepper{command: c, scenario: r.scenario}
	if err := s.push(run, 0, ""); err != nil {
		return err
	}
	defer func() {
		for i := range s.runs {
			s.runs[i].film.Close()
		}
	}()
	fmt.Fprint(c.out, view.Wrap(s.scenario.Name+": ", s.verdict()))
	fmt.Fprintf(c.out, "%s events; help lists what can be said, next makes a step\n", view.Number(uint64(s.now().trace().Len())))
	return s.listen(cmd.InOrStdin())
}

// push records a run and looks at it.
func (s *stepper) push(run search.Case, at uint64, did string) error {
	w, err := run.World()
	if err != nil {
		return err
	}
	events := w.Run(0).Events
	cfg := run.Ready()
	t, err := view.Record(s.ctx, s.scenario, cfg, servedStates(events))
	if err != nil {
		if s.ctx.Err() != nil {
			return interrupted()
		}
		return err
	}
	s.runs = append(s.runs, stepped{run, view.NewFilm(s.scenario, cfg, t), at, did})
	return nil
}

// listen does what it is told, line by line, until there are no more lines, or it is interrupted. What cannot be done is told in a line.
func (s *stepper) listen(in io.Reader) error {
	f, ok := in.(*os.File)
	typed := ok && term.IsTerminal(int(f.Fd()))
	lines, done := make(chan string), make(chan struct{})
	defer close(done)
	defer s.out.Flush()
	go func() {
		defer close(lines)
		for read := bufio.NewScanner(in); read.Scan(); {
			select {
			case lines <- read.Text():
			case <-done:
				return
			}
		}
	}()
	for {
		fmt.Fprint(s.out, s.prompt())
		s.out.Flush()
		select {
		case <-s.ctx.Done():
			fmt.Fprintln(s.out)
			return endAs(exitInterrupted)
		case line, more := <-lines:
			if !more {
				fmt.Fprintln(s.out)
				return nil
			}
			if !typed { // so that what is written reads as it would on a terminal
				fmt.Fprintln(s.out, line)
			}
			var end *ending
			switch err := s.do(line); {
			case errors.Is(err, errQuit):
				return nil
			case errors.As(err, &end) && end.code == exitInterrupted:
				return err
			case err != nil:
				fmt.Fprintf(s.out, "%s\n", oneLine(strings.TrimPrefix(err.Error(), "search: ")))
			}
		}
	}
}

// prompt says where one stands, and in which run.
func (s *stepper) prompt() string {
	changes := ""
	if n := len(s.runs) - 1; n == 1 {
		changes = " (1 change)"
	} else if n > 1 {
		changes = fmt.Sprintf(" (%d changes)", n)
	}
	return fmt.Sprintf("%s #%d%s> ", s.scenario.Name, s.now().at, changes)
}

// errQuit is how the command quit ends.
var errQuit = errors.New("quit")

// A stepCommand is a thing that can be said.
type stepCommand struct {
	name, args, doc string
	do              func(s *stepper, args []string) error
}

// stepCommands lists them in the order of help; the first that begins with what was typed is meant.
func stepCommands() []stepCommand {
	return []stepCommand{
		{"next", "[N]", "the next event, or N of them; so does an empty line", (*stepper).next},
		{"back", "[N|WHAT]", "an event back, or N, or to the last that is WHAT", (*stepper).back},
		{"until", "WHAT", "on to the next event that is WHAT: a node, a kind, a message or fact, a text, or violation, end, #N", (*stepper).until},
		{"state", "[NODE|all]", "the state after the event, and what it changed; behind the node may stand a word of what is wanted", (*stepper).state},
		{"causes", "", "what led to the event", (*stepper).causes},
		{"effects", "", "what the event led to", (*stepper).effects},
		{"messages", "", "the messages that are under way", (*stepper).messages},
		{"plan", "", "the plan of the run, numbered, and its picks", (*stepper).plan},
		{"verdict", "", "how the run ends", func(s *stepper, _ []string) error {
			fmt.Fprint(s.out, view.Wrap("", s.verdict()))
			return nil
		}},
		{"lose", "[#N]", "what if the message of this event, or of #N, were lost", (*stepper).lose},
		{"delay", "[#N] D", "what if it took that much longer: delay 5ms", (*stepper).delay},
		{"first", "#N", "what if it were the first that its receiver handles from here on", (*stepper).first},
		{"crash", "[NODE]", "what if the node crashed here", (*stepper).crash},
		{"add", "LINE", "what if there were one more line in the plan: add cut a1 | a2; without a time it is here", (*stepper).add},
		{"without", "K", "what if line K of the plan were not there", (*stepper).without},
		{"twin", "", "the nearest run that passes, and where it parts from this one", (*stepper).twin},
		{"undo", "", "back to the run before the last what if", (*stepper).undo},
		{"save", "FILE.seed", "write the run to a file that replays it", (*stepper).save},
		{"help", "", "this list", (*stepper).help},
		{"quit", "", "end; so does the end of the input", func(*stepper, []string) error { return errQuit }},
	}
}

// do does what a line says. "what if" before it is for those who like to say it.
func (s *stepper) do(line string) error {
	words := strings.Fields(line)
	if len(words) > 2 && words[0] == "what" && words[1] == "if" {
		words = words[2:]
	}
	if len(words) == 0 {
		words = []string{"next"}
	}
	var names []string
	for _, c := range stepCommands() {
		if strings.HasPrefix(c.name, words[0]) {
			if c.args == "" && len(words) > 1 {
				return usage("%s stands alone; what is %q?", c.name, words[1])
			}
			return c.do(s, words[1:])
		}
		names = append(names, c.name)
	}
	return usage("unknown command %q%s help lists them", words[0], didYouMean(words[0], names))
}

// help lists the commands.
func (s *stepper) help([]string) error {
	for _, c := range stepCommands() {
		fmt.Fprint(s.out, view.Wrap(fmt.Sprintf("  %-19s", c.name+" "+c.args), c.doc))
	}
	fmt.Fprint(s.out, view.Wrap("  ", "The first letters of a command are enough. A what if makes another run, the same up to there."))
	return nil
}

// verdict is how the run ends, in a sentence.
func (s *stepper) verdict() string { return verdictOf(s.now().trace()) }

// verdictOf is how a run ends: "violated agreement at #57: ...".
func verdictOf(t *view.Trace) string {
	v := &t.Verdict
	text := seedfile.Expected(*v)
	if seq := named(*v); seq > 0 {
		text += fmt.Sprintf(" at #%d", seq)
	}
	if v.Why != "" {
		why, _, _ := strings.Cut(v.Why, "\n")
		text += ": " + why
	}
	return text
}
