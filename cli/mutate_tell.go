package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"simrun/mutate"
	"simrun/view"
)

// A mutantRecord is a mutant as mutate --json prints it. Like the other records it may get more fields, and keeps those that it has.
type mutantRecord struct {
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Column  int      `json:"column"`
	Func    string   `json:"func,omitempty"`
	Kind    string   `json:"kind"`
	Outcome string   `json:"outcome"`
	Why     string   `json:"why,omitempty"`
	Before  []string `json:"before"`
	After   []string `json:"after"`
	Tests   int      `json:"tests"` // how many were run at most
}

// A mutantsRecord sums up.
type mutantsRecord struct {
	Package     string         `json:"package"`
	Tests       int            `json:"tests"`
	Found       int            `json:"found"`
	Outcomes    map[string]int `json:"outcomes"`
	Killed      int            `json:"killed"`
	Of          int            `json:"of"` // those that could have been
	Stale       []string       `json:"stale,omitempty"`
	Interrupted bool           `json:"interrupted"`
	Seconds     float64        `json:"elapsed_s"`
}

// printMutants prints the results for programs.
func (c *command) printMutants(r *mutate.Report) {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	outcomes := make(map[string]int)
	for _, m := range r.Results {
		outcomes[string(m.Outcome)]++
		// An error can only come from writing, and the end of the command reports that.
		_ = enc.Encode(mutantRecord{m.File, m.Line, m.Column, m.Func, string(m.Kind), string(m.Outcome), m.Why, m.Before, append([]string{}, m.After...), m.Tests})
	}
	killed, of := r.Score()
	_ = enc.Encode(mutantsRecord{r.Package, r.Tests, r.Found, outcomes, killed, of, r.Stale, r.Interrupted, r.Elapsed.Seconds()})
}

// tellMutants prints those that are alive, and sums up. What is shown of a survivor is what a mark
// needs, so that it can be pasted.
func (c *command) tellMutants(r *mutate.Report, f *mutateFlags) {
	for i := range r.Results {
		m := &r.Results[i]
		alive := m.Outcome == mutate.Survived || m.Outcome == mutate.Uncovered
		if !alive && !f.list || m.Outcome == mutate.Untried {
			continue
		}
		fmt.Fprintf(c.out, "%s  %s:%d  %s%s\n", m.Outcome, m.File, m.Line, m.Kind, because(m))
		if alive {
			fmt.Fprintln(c.out, strings.TrimSpace(m.File+" "+m.Func))
		}
		fmt.Fprintf(c.out, "%s\n", m.Diff())
	}
	killed, of := r.Score()
	tests := "1 test"
	if r.Tests != 1 {
		tests = fmt.Sprint(r.Tests, " tests")
	}
	fmt.Fprintf(c.out, "%s  %d of %s mutants, %s, %v of real time\n", r.Package, len(r.Results)-r.Count(mutate.Untried), view.Number(uint64(r.Found)), tests, r.Elapsed.Round(time.Second/10))
	row := func(label string, n int, rest string) {
		if n > 0 {
			fmt.Fprintf(c.out, "  %-14s%5d%s\n", label, n, rest)
		}
	}
	late := ""
	if n := r.Count(mutate.TimedOut); n > 0 {
		late = fmt.Sprintf(", %d of them since their tests did not end", n)
	}
	row("killed", killed, late)
	row("survived", r.Count(mutate.Survived), "")
	row("not covered", r.Count(mutate.Uncovered), ": no test reaches them")
	marked := 0
	for _, m := range r.Results {
		if m.Outcome == mutate.Equivalent && m.Why != mutate.SameCode {
			marked++
		}
	}
	equivalent := r.Count(mutate.Equivalent)
	row("equivalent", equivalent, fmt.Sprintf(": %d compile to the same code, %d are marked in %s", equivalent-marked, marked, mutate.Marks))
	row("do not build", r.Count(mutate.Uncompiled), ": no mutants")
	row("not tried", r.Count(mutate.Untried), "")
	if of > 0 {
		fmt.Fprintf(c.out, "  %-14s%5.1f %% of %d\n", "score", float64(killed)*100/float64(of), of)
	}
}

// because says what is known of a mutant beside its outcome.
func because(r *mutate.Result) string {
	switch {
	case r.Outcome == mutate.Survived && r.Tests == 1:
		return ", 1 test reaches it and passes"
	case r.Outcome == mutate.Survived:
		return fmt.Sprintf(", %d tests reach it and pass", r.Tests)
	case r.Why != "":
		return ": " + r.Why
	}
	return ""
}
