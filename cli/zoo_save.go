package cli

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"simrun/zoo"
)

// A score takes hours, so it is kept as a file, and told from there: --save and --from. That is not the log, which has every trial of one program
// and is of no use to another.

// scoreFrom tells what was measured before, and tries nothing.
func (c *command) scoreFrom(f *scoreFlags, z zoo.Zoo, changed func(string) bool) error {
	for _, flag := range []string{"profiles", "strategy", "runs", "budget", "workers", "log", "save", "progress", "shrink", "without", "weaken", "coverage"} {
		if changed(flag) {
			return usage("--%s says how to measure, and --from tells what was measured: give one of them", flag)
		}
	}
	if err := f.checkFiles(); err != nil {
		return err
	}
	text, err := os.ReadFile(f.from)
	if err != nil {
		return usage("--from: %v", err)
	}
	p, err := zoo.ReadPublished(text)
	if err != nil {
		return usage("--from %s: %v", f.from, err)
	}
	bugs, err := c.wantedBugs(f.bugs, z)
	if err != nil {
		return err
	}
	scores, err := p.Scores(bugs)
	if err != nil {
		return usage("--from %s: %v", f.from, err)
	}
	return c.tellScores(scores, p.About(), f)
}

// saved reads the file that scores are to be added to; there need be none.
func (f *scoreFlags) saved() (*zoo.Published, error) {
	if f.save == "" {
		return nil, nil
	}
	text, err := readPlain(f.save)
	if errors.Is(err, fs.ErrNotExist) {
		return &zoo.Published{}, nil
	}
	if err != nil {
		return nil, usage("--save: %v", err)
	}
	p, err := zoo.ReadPublished(text)
	if err == nil { // to say before anything is measured that it cannot be kept
		_, err = p.Take(&zoo.Published{Budget: f.budget, Ranges: f.runs})
	}
	if err != nil {
		return nil, usage("--save %s: %v; give another file", f.save, err)
	}
	return p, nil
}

// keep adds scores to what was saved before.
func (c *command) keep(f *scoreFlags, before, scores *zoo.Published) error {
	stay, err := before.Take(scores)
	if err != nil {
		return usage("--save %s: %v", f.save, err)
	}
	if len(stay) > 0 {
		c.warn("--save %s: what is there of %s was measured in more ranges, and stays", f.save, strings.Join(stay, ", "))
	}
	return writeOut(f.save, before.Write)
}

// commitOf names the commit of a source, with a + if it was changed since; "" if nobody knows.
func commitOf(root string) string {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "--short=10", "HEAD")
	if err != nil {
		return ""
	}
	if changes, err := git("status", "--porcelain", "--untracked-files=no"); err != nil || changes != "" {
		commit += "+"
	}
	return commit
}
