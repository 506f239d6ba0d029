package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// Flags of show.
type showFlags struct {
	format string
	out    string
	around uint64
	nodes  []string
	state  bool
	serve  bool
	listen string
}

// A picture is a run that was recorded, and what a format may say besides.
type picture struct {
	trace  *view.Trace
	replay string   // the command that makes the run again
	event  uint64   // the one that it is about; 0 for none
	nodes  []string // of the format text: whose events are wanted alone; none: all nodes'
	state  bool     // of the format text: also the states of nodes

	beside view.Page // what a page shows of other runs: the twin, and what becomes of the run without each of its faults
}

// A format is a way to show a run, by the name that --format takes.
type format struct {
	name, doc string
	plain     bool // it is text that people read, or pass on: without --out it goes to stdout
	write     func(w io.Writer, p picture) error
}

// formats are all of them; the first is the default.
var formats = []format{
	{"html", "one self-contained file for a browser, with the picture, the states of nodes, causes and effects", false, func(w io.Writer, p picture) error {
		return view.HTML(w, p.trace, p.page())
	}},
	{textFormat, "a space-time diagram of what happened, with what it changed in the nodes", true, writeText},
	{"svg", "a picture of what led to the violation, or to --around, for slides", false, func(w io.Writer, p picture) error { return view.SVG(w, p.trace, p.event) }},
	{"porcupine", "Porcupine's own page of what clients saw, with the faults beside it", false, func(w io.Writer, p picture) error { return view.Porcupine(w, p.trace) }},
	{"mermaid", "a sequence diagram for Mermaid, which forges draw in issues", true, func(w io.Writer, p picture) error { return view.Mermaid(w, p.trace, p.event) }},
	{"perfetto", "a Chrome trace, for ui.perfetto.dev", true, func(w io.Writer, p picture) error { return view.Perfetto(w, p.trace) }},
	{"shiviz", "a log with vector clocks, for ShiViz", true, func(w io.Writer, p picture) error { return view.ShiViz(w, p.trace, p.event) }},
	{"ndjson", "all events with what they changed in the states of nodes, one JSON object a line, after one for the run", true, func(w io.Writer, p picture) error {
		return view.NDJSON(w, p.trace)
	}},
}

// show makes the command that draws a run.
func (c *command) show() *cobra.Command {
	var f showFlags
	var names, docs []string
	for _, x := range formats {
		names, docs = append(names, x.name), append(docs, x.name+": "+x.doc)
	}
	cmd := &cobra.Command{
		Use:   "show TOKEN|FILE.seed",
		Short: "Make a run again and draw it",
		Long: "Makes the run of a token or of a seed file again and draws it into a file. The formats are:\n  " + strings.Join(docs, "\n  ") +
			"\nThose that are text are printed if there is no --out.",
		Example: c.examples("show FILE.seed --out run.html", "show FILE.seed --format text --node a1 --around 33 --state"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("show takes one token or one seed file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.doShow(cmd, args[0], &f) },
	}
	cmd.Flags().StringVar(&f.format, "format", formats[0].name, "the `format`: "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&f.out, "out", "", "the `file` to write")
	cmd.Flags().Uint64Var(&f.around, "around", 0, "the `event` to open at, around which a long run is drawn, or the states of its nodes are kept (default: where it went wrong)")
	f.addText(cmd)
	cmd.Flags().BoolVar(&f.serve, "serve", false, "serve the page from this machine, to this machine alone, until interrupted: it has the states of all events, however long the run is")
	cmd.Flags().StringVar(&f.listen, "listen", defaultListen, "the `address` that --serve listens on; port 0 is one that is free")
	return cmd
}

// doShow makes the run again and writes it down.
func (c *command) doShow(cmd *cobra.Command, arg string, f *showFlags) error {
	how, err := findFormat(f.format)
	if err != nil {
		return err
	}
	if err := f.checkText(cmd); err != nil {
		return err
	}
	switch {
	case f.serve:
		err = f.checkServe()
	case cmd.Flags().Changed("listen"):
		err = usage("--listen says where --serve serves: it needs --serve")
	case f.out == "" && !how.plain:
		err = usage("show needs --out FILE, the file to write, or --serve")
	case f.out != "" || cmd.Flags().Changed("out"):
		err = checkOut("out", f.out)
	}
	if err != nil {
		return err
	}
	r, err := c.load(arg)
	if err != nil {
		return err
	}
	if err := c.again(r, nil); err != nil {
		return err
	}
	if s := r.stale(); s != "" {
		c.warn("warning: stale: %s", s)
	}
	token := seedfile.Of(r.scenario, r.config, r.made.verdict).Token()
	if r.seed.Recorded() {
		token = r.file
	}
	if events := r.made.verdict.Events; cmd.Flags().Changed("around") && (f.around == 0 || f.around > events) {
		return usage("--around %d: there is no such event: the run has events 1 to %s", f.around, view.Number(events))
	}
	p := picture{replay: c.replayLine(token, false), event: f.around, nodes: f.nodes, state: f.state}
	if f.serve {
		return c.serve(r.scenario, r.config, &r.made, p, f.listen)
	}
	return c.draw(r.scenario, r.config, &r.made, p, how, f.out)
}

// findFormat finds a format by its name.
func findFormat(name string) (format, error) {
	var names []string
	for _, f := range formats {
		if f.name == name {
			return f, nil
		}
		names = append(names, f.name)
	}
	return format{}, usage("unknown format %q%s want one of: %s", name, didYouMean(name, names), strings.Join(names, ", "))
}

// unwritten is how a command ends that could not write a run: because the format does not take it, or because of what it is written to.
func (c *command) unwritten(what string, err error) error {
	var r *view.Refusal
	var e *ending
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e): // a mistake of the command line
		return err
	case !errors.As(err, &r):
		return &ending{exitUnknown, fmt.Sprintf("cannot write %s: %v", what, err)}
	case r.Long:
		return usage("%s: --around EVENT shows a part", r.Why)
	}
	return usage("%s", r.Why)
}

// draw records a run that was made, and writes it in a format: to a file, or to stdout if that is "".
func (c *command) draw(s *sim.Scenario, cfg sim.Config, m *made, p picture, how format, file string) error {
	around := p.event
	if around == 0 {
		around = named(m.verdict)
	}
	if (how.name == "svg" || how.name == "shiviz") && m.verdict.Events > view.MostDrawn && p.event == 0 { // said before a long run is recorded
		return usage("the run has %s events, and %s is for at most %s: --around EVENT shows a part", view.Number(m.verdict.Events), how.name, view.Number(view.MostDrawn))
	}
	var err error
	if p.trace, err = c.recorded(s, cfg, m, view.Around(m.verdict.Events, around)); err != nil {
		return err
	}
	if how.name == formats[0].name {
		if p.beside, err = c.beside(s, cfg, m.verdict); err != nil {
			return err
		}
	}
	if file == "" {
		return c.unwritten("the run", how.write(c.out, p))
	}
	size, err := view.WriteFile(file, func(w io.Writer) error { return how.write(w, p) })
	if err != nil {
		return c.unwritten(file, err)
	}
	c.warn("wrote %s: %s events, %s", file, view.Number(uint64(p.trace.Len())), sizeText(size))
	return nil
}

// checkOut refuses what cannot be a file to write before a run is made for it.
func checkOut(flag, file string) error {
	if err := view.CheckFile(file); err != nil {
		return usage("--%s %v", flag, err)
	}
	return nil
}

// sizeText prints a number of bytes as people do.
func sizeText(n int64) string {
	switch {
	case n < 10_000:
		return view.Number(uint64(n)) + " bytes"
	case n < 10_000_000:
		return view.Number(uint64(n/1000)) + " kB"
	}
	return view.Number(uint64(n/1_000_000)) + " MB"
}
