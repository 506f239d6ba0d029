package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/zoo"
)

// A scorer tries bugs in other processes.
type scorer struct {
	c       *command
	builder *zoo.Builder
	weak    *zoo.Bug // the patch to a checker that each program has beside its bug, or nil

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
	both, err := s.with(b)
	if err != nil {
		return "", err
	}
	p, err := s.builder.Build(ctx, both)
	if err != nil && ctx.Err() == nil {
		err = usage("%v", err)
	}
	s.programs[b.Name] = p
	return p, err
}

// with is the bug as it is compiled.
func (s *scorer) with(b *zoo.Bug) (*zoo.Bug, error) {
	if s.weak == nil {
		return b, nil
	}
	both, err := b.With(s.weak)
	if err != nil {
		return nil, usage("%v", err)
	}
	return both, nil
}

// key names the program with a bug.
func (s *scorer) key(b *zoo.Bug) (string, error) {
	both, err := s.with(b)
	if err != nil {
		return "", err
	}
	return s.builder.Key(both)
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
	case cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == exitInterrupted: // the keyboard's interrupt has reached it first
		return context.Canceled
	case e != nil:
		return &ending{exitUnknown, fmt.Sprintf("%s %s: %v: %s", b.Name, strings.Join(args, " "), err, oneLine(stderr.String()))}
	}
	return nil
}

// try makes the runs of a trial.
func (s *scorer) try(ctx context.Context, b *zoo.Bug, t zoo.Trial) (r zoo.Result, err error) {
	args := []string{"zoo", trialCommand, b.Scenario, "--seeds", fmt.Sprintf("%d:%d", t.From, t.To), "--coverage"}
	for _, set := range b.Set {
		args = append(args, "--set", set)
	}
	if strategy, ok := strings.CutPrefix(t.Profile, zoo.Strategy); ok {
		args = append(args, "--strategy", strategy)
	} else if t.Profile != "" {
		args = append(args, "--faults", t.Profile)
	}
	if t.Without != "" {
		args = append(args, "--without", t.Without)
	}
	if _, err := s.program(ctx, b); err != nil { // compiling it is no part of how long the runs take
		return r, err
	}
	began := time.Now()
	err = s.run(ctx, b, &r, args...)
	r.Seconds = time.Since(began).Seconds()
	for _, seen := range []*zoo.Seen{r.Inner, r.Outer} {
		if seen != nil && s.weak != nil {
			seen.Token = "" // a replay is judged by all that the checker sees
		}
	}
	return r, err
}

// shrink makes a run small.
func (s *scorer) shrink(ctx context.Context, b *zoo.Bug, run *zoo.Seen) (*zoo.Small, error) {
	var r shrunkRecord
	if err := s.run(ctx, b, &r, "shrink", run.Token, "--property", run.Property, "--json", "--progress", "none"); err != nil {
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
	var without []string
	var cover bool
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
			t := search.Trial{Scenario: s, Cover: cover}
			if t.Config, err = w.config(s); err != nil {
				return err
			}
			if t.From, t.To, err = parseSeeds(seeds); err != nil {
				return err
			}
			if t.Without, err = c.checkWithout(without, func() ([]string, error) { return search.Properties(s, t.Config) }); err != nil {
				return err
			}
			r, err := t.Run(c.ctx)
			if errors.Is(err, context.Canceled) {
				return endAs(exitInterrupted)
			}
			if err != nil {
				return &ending{exitUnknown, err.Error()}
			}
			c.printJSON(zoo.Result{Runs: r.Runs, Events: r.Events, Inner: (*zoo.Seen)(r.Inner), Outer: (*zoo.Seen)(r.Outer), Coverage: r.Coverage})
			return nil
		},
	}
	w.add(c, cmd)
	cmd.Flags().BoolVar(&cover, "coverage", false, "take down what the runs reached")
	cmd.Flags().StringVar(&seeds, "seeds", "0:10000", "the seeds, as `A:B`")
	addWithout(cmd, &without)
	return cmd
}
