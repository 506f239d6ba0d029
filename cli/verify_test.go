package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

type beat int

// restless sets one timer after the other: a run of 20ms has some 40,000 events.
type restless struct{}

func (restless) Start(env sim.Env) { env.After(time.Microsecond, beat(1)) }
func (restless) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	env.After(time.Microsecond, beat(1))
}

// Fails if what was found before an interrupt is not printed, or if the interrupt is not told.
func TestVerifyInterruptedWhileItLooksForReasons(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	made := 0
	s := &sim.Scenario{Name: "restless", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		if made++; made == 4 { // after the run itself and the two that are compared
			stop()
		}
		w.Add("n", func() sim.Node { return restless{} })
		for i := range made {
			w.Add(sim.NodeID(rune('a'+i)), func() sim.Node { return restless{} })
		}
	}}
	var out, err bytes.Buffer
	code := Run(ctx, []string{"run", "restless", "--faults", "none", "--verify"}, &out, &err, s)
	if code != exitInterrupted || !strings.Contains(out.String(), "NOT DETERMINISTIC") || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("code %d, want %d\n%s%s", code, exitInterrupted, &out, &err)
	}
}

// Fails if an interrupt during the runs of --verify is not obeyed, or if what it cut short passes for runs that agree, or for runs
// that could not be made.
func TestVerifyInterrupted(t *testing.T) {
	for n, want := range map[int]int{2: exitInterrupted, 3: exitInterrupted, 4: exitInterrupted, 5: exitOK} {
		ctx, stop := context.WithCancel(t.Context())
		made := 0
		s := &sim.Scenario{Name: "restless", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
			w.Add("n", func() sim.Node { return restless{} })
			if made++; made == n {
				stop()
			}
		}}
		var out, err bytes.Buffer
		code := Run(ctx, []string{"run", "restless", "--faults", "none", "--verify"}, &out, &err, s)
		if code != want || !strings.Contains(out.String(), "restless  seed 0x0") || strings.Contains(out.String(), "verified") != (want == exitOK) {
			t.Errorf("interrupted in run %d: code %d, want %d\n%s%s", n, code, want, &out, &err)
		}
	}
}
