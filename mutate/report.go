package mutate

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// An Outcome is what became of a mutant.
type Outcome string

// The outcomes.
const (
	Killed     Outcome = "killed"         // a test failed
	TimedOut   Outcome = "timeout"        // tests took so much longer that they were ended: killed too
	Survived   Outcome = "survived"       // all tests pass
	Uncovered  Outcome = "not covered"    // no test reaches it: it would survive
	Equivalent Outcome = "equivalent"     // it compiles to the same code, or is marked and survived
	Uncompiled Outcome = "does not build" // it is no mutant
	Untried    Outcome = "not tried"      // the time was up
)

// SameCode is why a mutant is equivalent that nobody had to mark.
const SameCode = "it compiles to the same code"

// A Result is what became of one mutant.
type Result struct {
	*Mutant
	Outcome Outcome
	Why     string // the test that killed it, the reason why it is equivalent, the compiler's complaint, or ""
	Tests   int    // how many tests were run at most; 0 if none was
	Stale   string // what is wrong with the mark that fits it, if anything is
}

// judge makes a survivor that has a mark equivalent. A mark of one that a test kills is wrong.
func (r *Result) judge(k *mark) {
	switch r.Outcome {
	case Survived, Uncovered:
		r.Outcome, r.Why = Equivalent, k.reason
	case Killed:
		r.Stale = k.stale("%s is marked as equivalent, and %s kills it", r.place(), r.Why)
	case TimedOut:
		r.Stale = k.stale("%s is marked as equivalent, and its tests do not end", r.place())
	case Uncompiled:
		r.Stale = k.stale("%s is marked as equivalent, and does not build", r.place())
	}
}

// A Report is what became of the mutants of a package.
type Report struct {
	Package     string
	Tests       int      // that were run
	Found       int      // mutants that there are
	Results     []Result // of those that were to be tried, in the order of files and lines
	Stale       []string // what is wrong in the file of marks, a line each
	Interrupted bool     // the context ended before all was done
	Elapsed     time.Duration
}

// Count returns how many mutants came to one of these ends.
func (r *Report) Count(outcomes ...Outcome) (n int) {
	for i := range r.Results {
		for _, o := range outcomes {
			if r.Results[i].Outcome == o {
				n++
			}
		}
	}
	return n
}

// Score returns how many mutants were killed, of those that could have been: those that were tried, compile, and are not equivalent. One that
// no test reaches counts as alive.
func (r *Report) Score() (killed, of int) {
	killed = r.Count(Killed, TimedOut)
	return killed, killed + r.Count(Survived, Uncovered)
}

// finish files what is known at the end.
func (r *Report) finish(ctx context.Context, marks []*mark, elapsed time.Duration) {
	r.Interrupted, r.Elapsed = ctx.Err() != nil, elapsed
	for _, k := range marks {
		if !k.fits {
			r.Stale = append(r.Stale, k.stale("no mutant reads so any more: %s", strings.Join(strings.Split(k.text, "\n"), " | ")))
		}
	}
	for i := range r.Results {
		if s := r.Results[i].Stale; s != "" {
			r.Stale = append(r.Stale, s)
		}
	}
}

// complaint is a line of the compiler's about a place in a file.
var complaint = regexp.MustCompile(`(?m)^(\S*\.go:\d+(?::\d+)?): *(.*)$`)

// firstComplaint returns the first thing that the compiler says of a file; false if it says nothing of any.
func firstComplaint(output []byte) (string, bool) {
	m := complaint.FindSubmatch(output)
	if m == nil {
		return "", false
	}
	return string(m[2]), true
}

// whyNot says in one line why the tests of the code as it is do not compile: the first place, or else all that the tool says.
func whyNot(output []byte) string {
	if m := complaint.FindSubmatch(output); m != nil {
		return inOneLine(string(m[1])+": "+string(m[2]), nil)
	}
	return inOneLine(string(output), nil)
}
