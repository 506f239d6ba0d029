package simrun

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// What a run prints of itself must make the same run again, whatever drew its faults: as a plan beside the seed, as a token, and as
// a tape without the seed.

// made is a run that was made with a configuration.
func made(t *testing.T, s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan) {
	t.Helper()
	w, err := s.World(cfg)
	if err != nil {
		t.Fatalf("%s, seed %#x, %s: %v", s.Name, cfg.Seed, cfg.Faults, err)
	}
	return w.Run(0), w.Plan()
}

// Fails if a drawn plan, printed and parsed, makes another run than its profile, if what a model allows is drawn from something that
// is neither in the plan nor a function of the seed, or if a token leads to another run.
func TestDrawnPlansMakeTheSameRun(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 3
	}
	for _, s := range scenarios() {
		for _, profile := range fault.Profiles() {
			faults := 0
			for seed := range seeds {
				drawn, plan := made(t, s, sim.Config{Seed: seed, Faults: profile.Name})
				parsed, err := fault.Parse(plan.String())
				if err != nil || parsed.String() != plan.String() {
					t.Fatalf("%s, seed %#x, %s: %v\n%s\nis read as\n%s", s.Name, seed, profile.Name, err, plan, parsed)
				}
				faults += len(plan)
				given, _ := made(t, s, sim.Config{Seed: seed, Plan: &parsed})
				if given.Hash != drawn.Hash || given.Outcome != drawn.Outcome {
					t.Fatalf("%s, seed %#x, %s: %v with hash %016x, and by its plan %v with %016x\n%s",
						s.Name, seed, profile.Name, drawn.Outcome, drawn.Hash, given.Outcome, given.Hash, plan)
				}
				token, err := seedfile.ParseToken(seedfile.Of(s, sim.Config{Seed: seed, Faults: profile.Name}, drawn).Token())
				if err != nil {
					t.Fatal(err)
				}
				if cfg, err := token.Config(s); err != nil || cfg.Seed != seed || cfg.Faults != profile.Name || token.Hash != drawn.Hash {
					t.Fatalf("%s, seed %#x, %s: its token says %+v, %v", s.Name, seed, profile.Name, token, err)
				}
			}
			if faults == 0 && profile.Name != "none" && profile.Name != "calm" {
				t.Errorf("%s: profile %s never drew a line", s.Name, profile.Name)
			}
		}
	}
}

// Fails if a recorded run is not made again by its tape, read back from a file, without the seed: then something is decided that does
// not go through the door of chance, or by a pick whose name does not say which it is.
func TestTapesMakeTheSameRun(t *testing.T) {
	for _, s := range scenarios() {
		for _, profile := range fault.Profiles() {
			for seed := range uint64(2) {
				recorder := &chance.Recorder{Base: chance.Seed(seed)}
				plain, plan := made(t, s, sim.Config{Seed: seed, Faults: profile.Name})
				v, _ := made(t, s, sim.Config{Seed: seed, Plan: &plan, Driver: recorder})
				f := seedfile.Of(s, sim.Config{Seed: seed, Plan: &plan}, v)
				f.Record(recorder.Tape, nil)
				back, err := seedfile.Parse(f.String())
				if err != nil {
					t.Fatalf("%s, seed %d, %s: %v", s.Name, seed, profile.Name, err)
				}
				again, _ := made(t, s, sim.Config{Seed: ^seed, Plan: back.Plan, Driver: chance.NewOverrides(nil, back.Tape)})
				if v.Hash != plain.Hash || again.Hash != plain.Hash {
					t.Errorf("%s, seed %d, %s: the hash is %016x, while recording %016x, by the tape %016x", s.Name, seed, profile.Name, plain.Hash, v.Hash, again.Hash)
				}
			}
		}
	}
}

// Fails if what the command prints of a run's faults, in any of its forms, is not taken by --plan as it is, or makes another run.
func TestPrintedPlansAreTaken(t *testing.T) {
	command := func(args ...string) string {
		var out, stderr strings.Builder
		if code := cli.Run(context.Background(), append([]string{"run"}, args...), &out, &stderr, scenarios()...); code > 1 {
			t.Fatalf("%v: exit code %d\n%s", args, code, stderr.String())
		}
		return out.String()
	}
	hash := func(report string) string {
		_, after, _ := strings.Cut(report, "\n  hash ")
		line, _, _ := strings.Cut(after, "\n")
		return strings.TrimSpace(line)
	}
	dir := t.TempDir()
	for _, s := range scenarios() {
		for seed := range 3 {
			run := []string{s.Name, "--seed", fmt.Sprint(seed)}
			want := hash(command(run...))
			recorded := filepath.Join(dir, "recorded")
			for _, form := range []string{"--print-plan", "--events", "--json", "--record"} {
				file := filepath.Join(dir, "plan")
				if form == "--record" {
					command(append(run, form, recorded)...)
					file = recorded
				} else if err := os.WriteFile(file, []byte(command(append(run, form)...)), 0o666); err != nil {
					t.Fatal(err)
				}
				if got := hash(command(append(run, "--plan", file)...)); got != want || got == "" {
					t.Errorf("%s, seed %d: the hash is %s, and %s by the plan of %s", s.Name, seed, want, got, form)
				}
			}
		}
	}
}
