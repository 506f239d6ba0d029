package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"simrun/search"
	"simrun/sim"
)

// A run that is to be verified is made four times more: twice in this process, once in another with another environment,
// and once with an eye on messages and memory. If all agree, the run's own verdict has the last word. If they do not,
// nothing that was said of the run means anything, and the exit code says that.

// A verifiedRecord is what run --verify --json prints when all runs agreed.
type verifiedRecord struct {
	Verified bool `json:"verified"`
	Here     int  `json:"here"`      // how often the run was made in this process
	Another  int  `json:"elsewhere"` // and in others
}

// A divergenceRecord tells of runs that did not agree. Fields that are not known are left out.
type divergenceRecord struct {
	Verified bool     `json:"verified"`
	Compared string   `json:"compared,omitempty"`
	Hashes   []string `json:"hashes,omitempty"`
	Event    uint64   `json:"event,omitempty"` // the first that differs
	Node     string   `json:"node,omitempty"`
	Handler  string   `json:"handler,omitempty"` // type and method
	Place    string   `json:"place,omitempty"`   // file and line at which the effect was issued
	First    string   `json:"first"`
	Second   string   `json:"second"`
	Cause    string   `json:"likely_cause,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
}

// serve is what the program does as the other process of a guard.
func serve(scenarios []*sim.Scenario) int {
	if err := search.Serve(scenarios...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitUnknown
	}
	return exitOK
}

// verified makes the run again and says whether it was the same. If it was, the command ends as it would have without.
func (c *command) verified(s *sim.Scenario, cfg sim.Config, asJSON bool, end error) error {
	d, err := search.Guard{Scenario: s, Process: c.self}.Check(c.ctx, cfg)
	switch {
	case err != nil && c.ctx.Err() != nil:
		return interrupted()
	case err != nil:
		return &ending{exitUnknown, fmt.Sprintf("the run could not be verified: %v", err)}
	}
	if d != nil {
		c.tellDivergence(d, asJSON)
		if c.ctx.Err() != nil {
			return interrupted() // there may have been more to find out
		}
		return diverged(d)
	}
	elsewhere, there := "and once in another", 1
	if c.self == nil {
		elsewhere, there = "and in no other: this program was not started by cli.Main", 0
	}
	if asJSON {
		c.printJSON(verifiedRecord{true, 3, there})
	} else {
		fmt.Fprintf(c.out, "  verified    the same run three times more in this process, %s\n", elsewhere)
	}
	return end
}

// judged reports whether a command ends by what became of a run, which may be verified all the same.
func judged(err error) bool {
	e := (*ending)(nil)
	return errors.As(err, &e) && e.text == "" && (e.code == exitFailed || e.code == exitUnknown)
}

// tellDivergence prints all that is known about runs that differ.
func (c *command) tellDivergence(d *search.Divergence, asJSON bool) {
	if asJSON {
		c.printJSON(divergenceRecord{
			Compared: d.Where, Hashes: []string{hash(d.Hashes[0]), hash(d.Hashes[1])}, Event: d.Seq, Node: string(d.Node), Handler: d.Handler.Func,
			Place: placeOf(d.Place), First: d.First, Second: d.Second, Cause: string(d.Cause), Evidence: d.Evidence,
		})
		return
	}
	head, rest, _ := strings.Cut(d.Report(), "\n")
	fmt.Fprintf(c.out, "\nNOT DETERMINISTIC: %s\n%s", head, rest)
}

// placeOf prints a place as editors take it.
func placeOf(f search.Frame) string {
	if f.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}
