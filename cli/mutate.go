package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"simrun/mutate"
)

// Mutants are made and tried by package mutate, which runs no scenario: it runs the tests of a package. So this command needs the Go tool and
// the sources, where the others need nothing but the program.

// Flags of mutate.
type mutateFlags struct {
	run, skip string
	at        string
	short     bool
	mutants   int
	seed      uint64
	length    time.Duration
	workers   int
	least     float64
	list      bool
	json      bool
	progress  string
}

// mutate makes the command that tries the tests of a package against mutants of it.
func (c *command) mutate() *cobra.Command {
	var f mutateFlags
	cmd := &cobra.Command{
		Use:   "mutate PACKAGE",
		Short: "Change the code of a package in small ways and see whether its tests notice",
		Long: "Makes mutants of a package, copies with one small change each (another comparison, off by one, a guard turned round, a statement\n" +
			"left out before a send, a sync that is skipped), and runs the package's own tests against every one. Those that survive are shown\n" +
			"with the lines: a test is missing, or the change makes no difference. One that makes none can be marked in " + mutate.Marks + " beside\n" +
			"the package: its place and lines as they are shown, and the reason below. It needs the Go tool and the sources, and changes no file.\n" +
			"An interrupt ends it and prints what was found.",
		Example: "  " + c.name + " mutate ./counter\n  " + c.name + " mutate ./counter --at counter.go:21 --list\n  " + c.name + " mutate ./counter --mutants 50 --seed 7 --short\n  " + c.name + " mutate ./counter --for 10m --least 95 --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("mutate takes one package, such as ./counter")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.doMutate(args[0], &f) },
	}
	cmd.Flags().StringVar(&f.run, "run", "", "run only tests whose names match `REGEXP`")
	cmd.Flags().StringVar(&f.skip, "skip", "", "run no test whose name matches `REGEXP`")
	cmd.Flags().StringVar(&f.at, "at", "", "try only mutants of files or of lines, as `FILE.go[:LINE],...`")
	cmd.Flags().BoolVar(&f.short, "short", false, "run tests with -short alone (default: those that survive are tried without it too)")
	cmd.Flags().IntVar(&f.mutants, "mutants", 0, "try at most `N` mutants, chosen by --seed (default: all)")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "decides which mutants are tried, and in what order")
	cmd.Flags().DurationVar(&f.length, "for", 0, "begin no mutant after this much real time (default: no limit)")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many mutants are tried at once (default: one a core)")
	cmd.Flags().Float64Var(&f.least, "least", 100, "end with 0 if at least this `PERCENT` are killed")
	cmd.Flags().BoolVar(&f.list, "list", false, "show the mutants that were killed too, with the test that did")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a mutant, and a last one that sums up")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	return cmd
}

// doMutate finds mistakes of the command line, tries the mutants, and prints what was found whatever ended it.
func (c *command) doMutate(pattern string, f *mutateFlags) error {
	switch {
	case f.mutants < 0 || f.workers < 0 || f.length < 0:
		return usage("--mutants, --workers and --for are not below 0")
	case !(f.least >= 0 && f.least <= 100):
		return usage("--least is a share in percent, from 0 to 100")
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return err
	}
	report, err := mutate.Run(c.ctx, mutate.Config{
		Package: pattern, Run: f.run, Skip: f.skip, At: f.at, Short: f.short, Mutants: f.mutants, Seed: f.seed,
		For: f.length, Workers: f.workers, Progress: meter.mutants,
	})
	meter.end()
	var bad *mutate.BadInput
	switch {
	case errors.As(err, &bad):
		return usage("%s", bad.Text)
	case errors.Is(err, context.Canceled):
		return &ending{exitInterrupted, "interrupted before the first mutant"}
	case err != nil:
		return &ending{exitUnknown, err.Error()}
	}
	if f.json {
		c.printMutants(report)
	} else {
		c.tellMutants(report, f)
	}
	return c.endMutants(report, f)
}

// endMutants ends as what was found asks for.
func (c *command) endMutants(r *mutate.Report, f *mutateFlags) error {
	for _, s := range r.Stale {
		c.warn("%s", s)
	}
	killed, of := r.Score()
	switch {
	case r.Interrupted:
		c.warn("interrupted: %d mutants were not tried", r.Count(mutate.Untried))
		return endAs(exitInterrupted)
	case of == 0:
		c.warn("no mutant could be tried: nothing is known of the tests")
		return endAs(exitUnknown)
	case len(r.Stale) > 0 || float64(killed)*100 < f.least*float64(of):
		return endAs(exitFailed)
	}
	return nil
}

// mutants shows how far the mutants are.
func (m *meter) mutants(p mutate.Progress) {
	fresh := p.Last.Outcome == mutate.Survived || p.Last.Outcome == mutate.Uncovered
	news := shorten(fmt.Sprintf("%s %s", p.Last.Outcome, whereOf(p.Last)), m.width-1)
	left := time.Duration(float64(p.Elapsed-p.Prepared) / float64(p.Done) * float64(p.Total-p.Done))
	line := fmt.Sprintf("%d/%d mutants  %d alive  %v left", p.Done, p.Total, p.Survived, left.Round(time.Second))
	switch m.style {
	case "tty":
		if fresh {
			m.clear()
			fmt.Fprintln(m.w, news)
		}
		fmt.Fprintf(m.w, "\r\x1b[K%s", shorten(line, m.width-1))
		m.drawn = true
	case "plain":
		if fresh {
			fmt.Fprintln(m.w, news)
		}
		if p.Elapsed-m.shown >= plainEvery {
			m.shown = p.Elapsed
			fmt.Fprintln(m.w, line)
		}
	case "json":
		if fresh || p.Elapsed-m.shown >= jsonEvery {
			m.shown = p.Elapsed
			m.print(mutantProgress{p.Done, p.Total, p.Survived, p.Elapsed.Seconds()})
		}
	}
}

// A mutantProgress is a line of --progress=json.
type mutantProgress struct {
	Done     int     `json:"done"`
	Total    int     `json:"total"`
	Survived int     `json:"survived"`
	Seconds  float64 `json:"elapsed_s"`
}

// whereOf names a mutant in a line.
func whereOf(r *mutate.Result) string {
	s := fmt.Sprintf("%s:%d", r.File, r.Line)
	if r.Func != "" {
		s += " " + r.Func
	}
	return s
}
