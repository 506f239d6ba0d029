package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/sim/fault"
	"simrun/view"
	"simrun/zoo"
)

// A score is made by programs with bugs, one process a range of seeds, so that all cores are used and a program of one bug knows nothing of another. What a process
// does is the hidden command zoo trial. This process decides what is tried, and adds up.

// Flags of zoo score.
type scoreFlags struct {
	bugs     []string
	profiles []string
	runs     int
	budget   uint64
	workers  int
	log      string
	markdown string
	svg      string
	json     bool
	progress string
	shrink   bool
}

// zooScore makes the command that measures how soon bugs are found.
func (c *command) zooScore() *cobra.Command {
	var f scoreFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Measure how many seeds it takes to find each bug",
		Long: "Tries each bug in several ranges of seeds that do not overlap. A range ends when the bug is seen from outside. Printed are the median of seeds until an inner property\n" +
			"complains and until an outer one does, with an interval that holds the true one nine times in ten, and what nine ranges in ten need.\n" +
			fmt.Sprintf("A bug that takes more than a fifth of the budget is tried in %d ranges and marked with a star. The result is the same whatever the workers.\n", zoo.Few) +
			"With --log, what was done is kept as it is done: an interrupted score goes on where it was, as long as the program is the same.",
		Example: "  " + c.name + " zoo score --runs 5 --bugs paxos\n  " + c.name + " zoo score --log score.jsonl --markdown score.md --svg score.svg",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return c.doScore(&f) },
	}
	cmd.Flags().StringSliceVar(&f.bugs, "bugs", nil, "the bugs, by `name` or folder, with commas between them (default: all)")
	cmd.Flags().StringSliceVar(&f.profiles, "profiles", nil, "the `profiles` that draw the faults, with commas between them; each is compared with the first (default: what a bug's header names, else swarm)")
	cmd.Flags().IntVar(&f.runs, "runs", 20, "in how many ranges of seeds each bug is tried")
	cmd.Flags().Uint64Var(&f.budget, "budget", 100_000, "how many seeds a range has")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many ranges are tried at once (default: one a core)")
	cmd.Flags().StringVar(&f.log, "log", "", "keep results in a `file`, and do not try again what is in it")
	cmd.Flags().StringVar(&f.markdown, "markdown", "", "write the table into a `file`, in Markdown")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw the scores into a `file`, as SVG")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a bug and profile")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	cmd.Flags().BoolVar(&f.shrink, "shrink", true, "make the first failure of each bug small")
	return cmd
}

// doScore finds what is wrong with the command line, compiles the bugs, and measures.
func (c *command) doScore(f *scoreFlags) error {
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	campaign := zoo.Campaign{Profiles: f.profiles, Ranges: f.runs, Budget: f.budget, Workers: f.workers, Key: b.Key}
	if campaign.Workers <= 0 {
		campaign.Workers = runtime.GOMAXPROCS(0)
	}
	if err := c.checkScore(f, z, &campaign); err != nil {
		return err
	}
	log, err := openLog(f.log, &campaign)
	if err != nil {
		return err
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return err
	}
	s := &scorer{c: c, builder: b, programs: make(map[string]string)}
	campaign.Try = s.try
	if f.shrink {
		campaign.Shrink = s.shrink
	}
	campaign.Done = log.add
	began := time.Now()
	campaign.Progress = func(done, total int, r *zoo.Result) { meter.showScore(done, total, time.Since(began), r) }
	scores, err := campaign.Run(c.ctx)
	meter.end()
	if e := log.close(); e != nil && err == nil {
		err = &ending{exitUnknown, e.Error()}
	}
	if e := c.tellScores(scores, f); e != nil && err == nil {
		err = e
	}
	if errors.Is(err, context.Canceled) {
		c.warn("interrupted: bugs that were not tried in all ranges have fewer")
		return endAs(exitInterrupted)
	}
	return err
}

// checkScore finds the bugs and checks numbers, profiles and files.
func (c *command) checkScore(f *scoreFlags, z zoo.Zoo, campaign *zoo.Campaign) error {
	if f.runs < 1 || f.budget < 1 || f.workers < 0 {
		return usage("--runs and --budget are numbers from 1, --workers from 0")
	}
	for _, p := range f.profiles {
		if _, err := fault.FindProfile(p); err != nil {
			return usage("%v", err)
		}
	}
	for flag, file := range map[string]string{"markdown": f.markdown, "svg": f.svg} {
		if file != "" {
			if err := checkOut(flag, file); err != nil {
				return err
			}
		}
	}
	wanted := func(b *zoo.Bug) bool { return len(f.bugs) == 0 }
	if len(f.bugs) > 0 {
		names := make(map[string]bool)
		for _, name := range f.bugs {
			found := 0
			for _, b := range z {
				if in, _, _ := strings.Cut(b.Name, "/"); in == name {
					names[b.Name] = true
					found++
				}
			}
			if found > 0 {
				continue
			}
			b, err := c.findBug(z, name)
			if err != nil {
				return err
			}
			names[b.Name] = true
		}
		wanted = func(b *zoo.Bug) bool { return names[b.Name] }
	}
	for _, b := range z {
		if !wanted(b) {
			continue
		}
		if _, err := c.scenario(b.Scenario); err != nil {
			return usage("the bug %s is shown by scenario %q, which this program does not have", b.Name, b.Scenario)
		}
		campaign.Bugs = append(campaign.Bugs, b)
	}
	if len(campaign.Bugs) == 0 {
		_, err := c.findBug(z, "")
		return err
	}
	return nil
}

// A scorer tries bugs in other processes.
type scorer struct {
	c       *command
	builder *zoo.Builder

	mu       sync.Mutex
	programs map[string]string // by the name of the bug
}

// program compiles a bug, one at a time: the Go tool uses all cores by itself.
func (s *scorer) program(ctx context.Context, b *zoo.Bug) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.programs[b.Name]; p != "" {
		return p, nil
	}
	p, err := s.builder.Build(ctx, b)
	if err != nil && ctx.Err() == nil {
		err = usage("%v", err)
	}
	s.programs[b.Name] = p
	return p, err
}

// run makes a program with a bug do a command, and reads the last JSON object that it prints.
func (s *scorer) run(ctx context.Context, b *zoo.Bug, result any, args ...string) error {
	program, err := s.program(ctx, b)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", asVariable+"="+s.c.name+"\x1f"+s.c.program)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	switch e := json.Unmarshal(lines[len(lines)-1], result); {
	case ctx.Err() != nil:
		return ctx.Err()
	case e != nil:
		return &ending{exitUnknown, fmt.Sprintf("%s %s: %v: %s", b.Name, strings.Join(args, " "), err, oneLine(stderr.String()))}
	}
	return nil
}

// try makes the runs of a trial.
func (s *scorer) try(ctx context.Context, b *zoo.Bug, t zoo.Trial) (r zoo.Result, err error) {
	args := []string{"zoo", trialCommand, b.Scenario, "--seeds", fmt.Sprintf("%d:%d", t.From, t.To)}
	for _, set := range b.Set {
		args = append(args, "--set", set)
	}
	if t.Profile != "" {
		args = append(args, "--faults", t.Profile)
	}
	return r, s.run(ctx, b, &r, args...)
}

// shrink makes a run small.
func (s *scorer) shrink(ctx context.Context, b *zoo.Bug, token string) (*zoo.Small, error) {
	var r shrunkRecord
	if err := s.run(ctx, b, &r, "shrink", token, "--json", "--progress", "none"); err != nil {
		return nil, err
	}
	return &zoo.Small{Faults: r.After.Faults, Nodes: r.After.Nodes, Events: r.After.Events, Token: r.Token, Seconds: r.Seconds}, nil
}

// trialCommand is the name of the hidden command that makes the runs of a trial, in a program that has the bug.
const trialCommand = "trial"

// zooTrial makes that command.
func (c *command) zooTrial() *cobra.Command {
	var w worldFlags
	var seeds string
	cmd := &cobra.Command{
		Use:    trialCommand + " SCENARIO",
		Short:  "Make runs up to the first that fails by an outer property, and print what was seen",
		Hidden: true,
		Args:   oneScenario,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := c.scenario(args[0])
			if err != nil {
				return err
			}
			t := search.Trial{Scenario: s}
			if t.Config, err = w.config(s); err != nil {
				return err
			}
			if t.From, t.To, err = parseSeeds(seeds); err != nil {
				return err
			}
			r, err := t.Run(c.ctx)
			if err != nil {
				return &ending{exitUnknown, err.Error()}
			}
			c.printJSON(zoo.Result{Runs: r.Runs, Events: r.Events, Inner: (*zoo.Seen)(r.Inner), Outer: (*zoo.Seen)(r.Outer)})
			return nil
		},
	}
	w.add(c, cmd)
	cmd.Flags().StringVar(&seeds, "seeds", "0:10000", "the seeds, as `A:B`")
	return cmd
}

// A scoreLog is the file that results are kept in.
type scoreLog struct {
	f   *os.File
	err error
}

// openLog reads what is there, and opens the file for more. A last line that was cut off is not taken, and does not harm.
func openLog(name string, campaign *zoo.Campaign) (*scoreLog, error) {
	if name == "" {
		return &scoreLog{}, nil
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, usage("--log: %v", err)
	}
	whole, err := readLog(f, campaign)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, usage("--log %s: %v", name, err)
	}
	return &scoreLog{f: f}, nil
}

// readLog reads all whole lines and returns their length.
func readLog(f io.Reader, campaign *zoo.Campaign) (whole int64, err error) {
	r := bufio.NewReader(f)
	for line := 1; ; line++ {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var result zoo.Result
		if err := json.Unmarshal(text, &result); err != nil || result.Bug == "" || result.Key == "" {
			return whole, fmt.Errorf("line %d is no result of a score: give another file, or mend it", line)
		}
		whole += int64(len(text))
		campaign.Known = append(campaign.Known, result)
	}
}

// add writes a result down.
func (l *scoreLog) add(r zoo.Result) {
	if l.f == nil || l.err != nil {
		return
	}
	text, err := json.Marshal(r)
	if err == nil {
		_, err = l.f.Write(append(text, '\n'))
	}
	l.err = err
}

func (l *scoreLog) close() error {
	if l.f == nil {
		return nil
	}
	if err := l.f.Close(); l.err == nil {
		l.err = err
	}
	if l.err != nil {
		return fmt.Errorf("cannot keep results in %s: %w", filepath.Base(l.f.Name()), l.err)
	}
	return nil
}

// tellScores prints the scores and writes the files.
func (c *command) tellScores(scores []zoo.Score, f *scoreFlags) error {
	if len(scores) == 0 {
		return nil
	}
	if f.json {
		for i := range scores {
			c.printJSON(recordOfScore(&scores[i]))
		}
	} else {
		if err := zoo.Table(c.out, scores, f.budget); err != nil {
			return err
		}
		c.tellComparisons(scores, f.budget)
	}
	for file, write := range map[string]func(io.Writer) error{
		f.markdown: func(w io.Writer) error { return zoo.Markdown(w, scores, f.budget) },
		f.svg:      func(w io.Writer) error { return zoo.Plot(w, scores, f.budget) },
	} {
		if file == "" {
			continue
		}
		if _, err := view.WriteFile(file, write); err != nil {
			return &ending{exitUnknown, fmt.Sprintf("cannot write %s: %v", file, err)}
		}
	}
	return nil
}

// tellComparisons prints how many bugs were found, and how profiles compare.
func (c *command) tellComparisons(scores []zoo.Score, budget uint64) {
	all, found, hard := 0, 0, false
	for i := range scores {
		hard = hard || scores[i].Hard
		if scores[i].Bug.Masked == "" && scores[i].Profile == scores[0].Profile {
			all++
			if scores[i].Found() {
				found++
			}
		}
	}
	fmt.Fprintf(c.out, "\n%d of %d bugs found in most ranges of %s seeds\n", found, all, view.Number(budget))
	if hard {
		fmt.Fprintf(c.out, "* takes long, so fewer ranges were tried\n")
	}
	for _, x := range zoo.Compare(scores, budget) {
		mark := ""
		switch {
		case x.AtLeast && x.AtMost:
			mark = "about "
		case x.AtLeast:
			mark = "at least "
		case x.AtMost:
			mark = "at most "
		}
		fmt.Fprintf(c.out, "%s takes %s%.2f times the seeds of %s, in the geometric mean of %d bugs\n", x.Second, mark, x.Ratio, x.First, x.Bugs)
	}
}
