package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/steps"
	"simrun/view"
)

// When all seeds are tried, each distinct failure is made small once, and told by the small run: the seed that was found has dozens of faults, of
// which two or three matter. That takes some seconds each; an interrupt keeps what there is.

// A shrinkBudget is the flag --shrink: how many runs may be made for each failure.
type shrinkBudget struct {
	runs int  // 0: as many as some seconds allow
	none bool // it is not done
}

// String is empty for the default.
func (b *shrinkBudget) String() string {
	switch {
	case b.none:
		return "0"
	case b.runs == 0:
		return ""
	}
	return strconv.Itoa(b.runs)
}

// Set reads a number of runs, or a word.
func (b *shrinkBudget) Set(text string) error {
	n, err := strconv.Atoi(text)
	yes, notWord := strconv.ParseBool(text)
	switch {
	case err == nil && n >= 0:
		*b = shrinkBudget{n, n == 0}
	case err != nil && notWord == nil:
		*b = shrinkBudget{none: !yes}
	default:
		return errors.New("want a number of runs, or false")
	}
	return nil
}

// Type is what the usage calls the value.
func (b *shrinkBudget) Type() string { return "N" }

// A small failure is a distinct one with the small run that fails the same way.
type small struct {
	*search.Failure
	shrunk *search.Shrunk      // nil if it was not made small
	file   seedfile.File       // of the small run, or of the one that was found
	made   made                // the small run, made as a replay makes it
	needs  *search.Explanation // of the small run; nil if that was interrupted
	why    string              // it was not, though it was wanted
	saved  string              // the path of the file, if it was written
}

// makeSmall makes each failure of a hunt small.
func (c *command) makeSmall(h *search.Hunt, sum *search.Summary, b shrinkBudget, m *meter) (all []small) {
	for i := range sum.Failures {
		s := small{Failure: &sum.Failures[i]}
		s.file = s.File
		switch {
		case b.none:
		case c.ctx.Err() != nil:
			s.why = "interrupted"
		default:
			about := fmt.Sprintf("seed %#x, failure %d of %d, ", s.Seed, i+1, len(sum.Failures))
			c.shrinkFailure(h, &s, b, func(p search.Shrunk) {
				if p.Doing != "" {
					p.Doing = about + p.Doing
				}
				m.showShrunk(p)
			})
			m.end()
			m.shown = 0
		}
		s.file.Comment = oneLine(search.Judge(s.verdict(), h.Property).Why)
		all = append(all, s)
	}
	return all
}

// shrinkFailure makes one failure small, or says why not.
func (c *command) shrinkFailure(h *search.Hunt, s *small, b shrinkBudget, progress func(search.Shrunk)) {
	cfg := h.Config
	cfg.Seed, cfg.Only = s.Seed, h.Property
	given, _, err := search.Explicit(h.Scenario, cfg)
	if err != nil {
		s.why = err.Error()
		return
	}
	shrunk, err := search.Shrink{Case: given, Property: h.Property, Runs: b.runs, Workers: h.Workers, Progress: progress}.Run(c.ctx)
	if err != nil {
		s.why = err.Error()
		return
	}
	if c.ctx.Err() != nil {
		s.why = "interrupted"
		return
	}
	file := shrunk.File()
	if cfg, err = file.Config(h.Scenario); err == nil {
		s.made, err = c.stubborn().once(h.Scenario, cfg, nil)
	}
	if err == nil {
		s.needs, err = c.explain(shrunk.Case, h.Property, b.runs)
	}
	switch {
	case err != nil:
		s.why = err.Error()
	default:
		s.shrunk, s.file = &shrunk, file
	}
}

// verdict is that of the small run, or of the one that was found.
func (s *small) verdict() (v sim.Verdict) {
	if s.shrunk != nil {
		return s.shrunk.Verdict
	}
	return s.Verdict
}

// tellFailure prints a failure and the story of its small run.
func (c *command) tellFailure(h *search.Hunt, s *small, colour bool) {
	seeds := "1 seed fails so"
	if s.Count > 1 {
		seeds = fmt.Sprintf("%s seeds fail so", view.Number(s.Count))
	}
	fmt.Fprintf(c.out, "seed %#x  %s %s  (%s)\n", s.Seed, view.Outcome(s.Outcome, colour), s.Property, seeds)
	fmt.Fprint(c.out, view.Wrap("  why     ", s.Why))
	c.tellOutside(&s.Failure.Verdict)
	fmt.Fprintf(c.out, "  replay  %s\n\n", c.replayLine(s.File.Token(), false))
	switch {
	case s.why != "":
		fmt.Fprint(c.out, view.Wrap("  made small? no: ", oneLine(s.why)), "\n")
	case s.shrunk != nil:
		c.tellSmall(h, s)
	}
	if s.shrunk == nil && s.saved != "" {
		fmt.Fprintf(c.out, "  saved     %s\n\n", s.saved)
	}
}

// tellSmall prints the small run of a failure: its size, what makes it, and the story.
func (c *command) tellSmall(h *search.Hunt, s *small) {
	j := search.Judge(s.shrunk.Verdict, h.Property)
	spent := ""
	if s.shrunk.Spent {
		spent = ", which was the budget: there may be something smaller"
	}
	fmt.Fprintf(c.out, "  made small, in %s runs%s\n", view.Number(uint64(s.shrunk.Runs)), spent)
	sentence, details := view.Complaint(j.Why, s.made.trace, detailLines, "replay --json has all")
	fmt.Fprint(c.out, view.Wrap("  why       ", sentence), details)
	if x := view.Inside(s.made.verdict, j.Property); x != nil {
		fmt.Fprint(c.out, view.Wrap("  inside    ", fmt.Sprintf("%s at event %d: %s", x.Property, x.Seq, sentenceOf(x.Why))))
	}
	c.tellOutside(&s.shrunk.Verdict)
	fmt.Fprint(c.out, view.Wrap("  it was    ", s.shrunk.Before.String()), view.Wrap("  and is    ", s.shrunk.After.String()))
	needs := s.needs
	if needs == nil {
		needs = &search.Explanation{}
	}
	fmt.Fprint(c.out, view.Recipe(s.file, recipeLines, needs.Of))
	if t := needs.Twin; t != nil {
		fmt.Fprint(c.out, view.Wrap("  a twin    ", fmt.Sprintf("%s: %s; the two part at event %d", t.Differs, t.Says, max(t.At[0], t.At[1]))))
	}
	if story, ok := s.made.story(storyLines, storyRows); ok {
		fmt.Fprintln(c.out)
		view.Diagram(c.out, story, view.Hints{Events: "replay --events prints all"})
		fmt.Fprintln(c.out)
	}
	again := s.file.Token()
	if s.saved != "" {
		fmt.Fprintf(c.out, "  saved     %s\n", s.saved)
		again = quoted(s.saved)
	}
	fmt.Fprintf(c.out, "  replay    %s\n", c.replayLine(again, false))
	fmt.Fprintf(c.out, "  look      %s show %s --out run.html\n", c.program, again)
	if _, err := steps.Expression(h.Scenario); err == nil {
		fmt.Fprintf(c.out, "  test      %s shrink %s --test\n", c.program, again)
	}
	fmt.Fprintln(c.out)
}

// tellOutside prints what in a run the system is not built for, if anything. It is said of each failure, since one that is a lesson should not be taken
// for a bug.
func (c *command) tellOutside(v *sim.Verdict) {
	if len(v.Outside) > 0 {
		fmt.Fprint(c.out, view.Wrap("  outside the model: ", strings.Join(v.Outside, "; ")))
	}
}

// How much is told of a small run.
const (
	recipeLines = 12
	detailLines = 12
	storyLines  = 26 // of its drawing
	storyRows   = 14 // of it, if the run is long
)

// sentenceOf is the first line of a complaint.
func sentenceOf(why string) string {
	sentence, _ := view.Complaint(why, nil, 0, "")
	return sentence
}

// A smallRecord is the small run of a failure as hunt --json prints it. Nothing in it but the token and the lines build and made of the file differs from
// machine to machine.
type smallRecord struct {
	Why    string     `json:"why"`
	Before sizeRecord `json:"before"`
	After  sizeRecord `json:"after"`
	Runs   int        `json:"runs"`
	Spent  bool       `json:"spent"` // there may be something smaller
	Hash   string     `json:"hash"`
	Seed   string     `json:"seed_file"` // its text
	Token  string     `json:"token"`

	Explained *explainedRecord `json:"explained,omitempty"` // not if it was interrupted
}

// record is what there is to tell programs; nil if the failure was not made small.
func (s *small) record(h *search.Hunt) *smallRecord {
	if s.shrunk == nil {
		return nil
	}
	return &smallRecord{search.Judge(s.shrunk.Verdict, h.Property).Why, sizeOf(s.shrunk.Before), sizeOf(s.shrunk.After), s.shrunk.Runs, s.shrunk.Spent,
		hash(s.shrunk.Verdict.Hash), s.file.String(), s.file.Token(), explainedRecordOf(s.needs)}
}

// prepareSave makes the folder for the files of a hunt, before the first run, and sees that a file can be written there.
func prepareSave(dir, scenario string) error {
	if dir == "" {
		return nil
	}
	folder := filepath.Join(dir, scenario)
	err := os.MkdirAll(folder, 0o777)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(folder, ".try.*"); err == nil {
			f.Close()
			err = os.Remove(f.Name())
		}
	}
	if err != nil {
		return usage("--save %s: %v", dir, err)
	}
	return nil
}

// save writes each failure to a file, named after the property and the seed, in a folder named after the scenario: where tests and run --corpus
// look for them. One that was to be made small and was not takes the place of no other: that may be small, and an interrupt should not cost it.
func (c *command) save(dir, scenario string, all []small) error {
	if dir == "" {
		return nil
	}
	for i := range all {
		s := &all[i]
		name := filepath.Join(dir, scenario, fmt.Sprintf("%s-%#x.seed", fileWord(s.Property), s.Seed))
		if _, err := os.Lstat(name); err == nil && s.why != "" {
			c.warn("%s stays as it was: seed %#x was not made small", name, s.Seed)
			continue
		}
		if _, err := view.WriteFile(name, func(w io.Writer) error { _, err := io.WriteString(w, s.file.String()); return err }); err != nil {
			return &ending{exitUnknown, fmt.Sprintf("cannot write the seed file: %v", err)}
		}
		s.saved = name
	}
	return nil
}

// fileWord makes one word of a name, for a file.
func fileWord(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}
