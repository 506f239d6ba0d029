package simtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
)

// corpus makes the runs of the seed files, each in a subtest.
func (c *check) corpus() error {
	folders := c.settings.Seeds
	if folders == nil {
		folders = usualFolders()
	}
	for _, folder := range folders {
		pattern := filepath.Join(folder, c.scenario.Name, "*.seed")
		files, err := filepath.Glob(pattern) // sorted
		if err != nil {
			return fmt.Errorf("simtest: Seeds(%q): %w", folder, err)
		}
		if len(files) == 0 && c.settings.Seeds != nil {
			return fmt.Errorf("simtest: Seeds(%q): there is no file %s", folder, pattern)
		}
		for _, file := range files {
			c.t.Run(filepath.Base(file), func(t *testing.T) { c.remembered(t, file) })
		}
	}
	return nil
}

// usualFolders are seeds in the package and in the root of its module.
func usualFolders() []string {
	folders := []string{"seeds"}
	for up := "."; ; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			if up != "." {
				folders = append(folders, filepath.Join(up, "seeds"))
			}
			return folders
		}
		if full, err := filepath.Abs(up); err != nil || full == filepath.Dir(full) {
			return folders
		}
	}
}

// remembered makes the run of a seed file, and fails the test if it does not end as the file expects. A
// file that expects nothing expects the run to be ok. A run with a bug that this program has not is skipped. A run with other events than the file was written
// for, by its hash, is noted in the log: the story may have gone stale.
func (c *check) remembered(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := seedfile.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if f.Bug != "" && f.Bug != seedfile.Bug() {
		t.Skipf("%s is a run of a program with the bug %s: simrun zoo flags %s prints what go test must be told", file, f.Bug, f.Bug)
	}
	cfg, err := f.Config(c.scenario)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	r, err := c.make(cfg)
	if err != nil {
		t.Fatalf("%s: %v", file, seedfile.Locate(string(text), err))
	}
	if f.Recorded() && f.Hash != 0 && f.Hash != r.verdict.Hash {
		if r, err = c.taped(t, &f, cfg, file); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	expect := f
	if expect.Expect == "" {
		expect.Expect = sim.OK.String()
	}
	met := expect.Meets(r.verdict)
	if f.Hash != 0 && f.Hash != r.verdict.Hash {
		why := ""
		if f.Changed() {
			why = ": the file was changed since it was written"
		}
		fmt.Fprintf(t.Output(), "%s is stale: its hash was %016x and is %016x%s\n", file, f.Hash, r.verdict.Hash, why)
	} else if f.Simver != 0 && f.Simver != sim.Version {
		fmt.Fprintf(t.Output(), "%s is stale: it is of simver %d, this is %d\n", file, f.Simver, sim.Version)
	}
	if met && r.differs == nil {
		return
	}
	if !met {
		fmt.Fprintf(t.Output(), "%s expects: %s\n", file, expect.Expect)
	}
	c.tell(t, &r)
	t.Fail()
}

// taped makes the run of a recorded file by its tape, when its seed makes another by now.
func (c *check) taped(t *testing.T, f *seedfile.File, cfg sim.Config, file string) (run, error) {
	fmt.Fprintf(t.Output(), "%s: the seed makes another run by now: this is the run of the tape\n", file)
	cfg.Driver = chance.NewOverrides(nil, f.Tape)
	r, err := c.make(cfg)
	r.tape = file
	return r, err
}
