package checkers

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// A mill is a node that calls operations and ends them as it is told: by number, how long each takes, 0 for ever, less than that being given up.
type mill struct {
	takes []time.Duration
	gap   time.Duration
}

type (
	grind  struct{ N int }
	ground struct{ N int }
	fed    struct{ ID OpID }
	out    struct {
		ID   OpID
		Vain bool
	}
)

func (m *mill) Start(env sim.Env) { env.After(m.gap, grind{0}) }

func (m *mill) Handle(env sim.Env, _ sim.NodeID, msg sim.Message) {
	switch x := msg.(type) {
	case grind:
		env.Note(fed{OpID{env.ID(), uint64(x.N + 1)}})
		if d := m.takes[x.N]; d != 0 {
			env.After(max(d, -d), ground(x))
		}
	case ground:
		env.Note(out{OpID{env.ID(), uint64(x.N + 1)}, m.takes[x.N] < 0})
		if x.N+1 < len(m.takes) {
			env.After(m.gap, grind{x.N + 1})
		}
	}
}

// Fails if a run that goes on is called stalled, one that stands still is not, or one that was too short passes.
func TestProgress(t *testing.T) {
	const ms = time.Millisecond
	many := make([]time.Duration, 400)
	for i := range many {
		many[i] = ms
	}
	for _, c := range []struct {
		name  string
		takes []time.Duration
		gap   time.Duration
		done  bool // another client has come to its end
		want  sim.Outcome
		why   string
	}{
		{"all end", []time.Duration{5 * ms, 5 * ms}, ms, false, sim.OK, ""},
		{"all end, one in vain", []time.Duration{5 * ms, -5 * ms}, ms, false, sim.OK, ""},
		{"nobody answers", []time.Duration{0}, ms, false, sim.Stalled, "0 of 1 operations have ended, and n#1 has not: n waits"},
		{"the second is not answered", []time.Duration{5 * ms, 0}, ms, true, sim.Stalled, "1 of 2 operations have ended, and n#2 has not: n waits"},
		{"the second is not answered, and called late", []time.Duration{5 * ms, 5 * ms, 0}, 1900 * ms, true, sim.OK, ""}, // at 5.7s of 6
		{"given up, and nothing was answered since", []time.Duration{5 * ms, -5 * ms, 0}, 1900 * ms, true, sim.Stalled, "2 of 3 operations have ended, and n#3 has not: n waits"},
		{"all end, and none is answered since faults ended", []time.Duration{5 * ms, -20 * ms, -20 * ms}, 1980 * ms, true, sim.Stalled, "3 of 3 operations have ended, the last 2 in vain: n waits"}, // called at 3.965s
		{"the same, not for long enough", []time.Duration{5 * ms, -20 * ms, -20 * ms}, 1950 * ms, true, sim.OK, ""},
		{"all end, one in vain that was called soon after faults", []time.Duration{5 * ms, -2500 * ms}, 1450 * ms, true, sim.OK, ""}, // at 2.9s
		{"one late in vain, for long, and the next is answered", []time.Duration{5 * ms, 5 * ms, 5 * ms, -2100 * ms, 5 * ms}, 757 * ms, true, sim.OK, ""},
		{"late in vain, then answered, then in vain once more", []time.Duration{5 * ms, 5 * ms, 5 * ms, -1000 * ms, 5 * ms, -5 * ms}, 757 * ms, true, sim.OK, ""},
		{"none has ended, and the first was called a second ago", []time.Duration{0}, 5000 * ms, false, sim.Stalled, "0 of 1 operations have ended"},
		{"the same, and the next is not", []time.Duration{5 * ms, 5 * ms, 5 * ms, -2100 * ms, -5 * ms}, 757 * ms, true, sim.Stalled, "the last 2 in vain"},
		{"all end, and none is answered", []time.Duration{-5 * ms, -5 * ms}, ms, true, sim.OK, "unjudged"},
		{"too much work", many, 100 * ms, false, sim.Undecided, "the run was too short: 59 of 400 operations have ended in 6s"},
		{"much work for one of two", many, 100 * ms, true, sim.OK, ""},
		{"the first comes too late", []time.Duration{5 * ms}, time.Minute, false, sim.Undecided, "the run was too short: 0 of 1 operations"},
	} {
		s := &sim.Scenario{
			Name: "mill", Run: 6 * time.Second, Settle: time.Second,
			Build: func(w *sim.World, _ sim.Options) {
				w.Add("n", func() sim.Node { return &mill{c.takes, c.gap} })
			},
			Properties: func(sim.Options) []sim.Property {
				h := History{
					Call:   func(f any) (OpID, string, any, bool) { x, ok := f.(fed); return x.ID, "", nil, ok },
					Return: func(f any) (OpID, any, Outcome, bool) { x, ok := f.(out); return x.ID, nil, outcome(x.Vain), ok },
					Total:  len(c.takes),
				}
				return []sim.Property{Progress(h, func(*sim.World) ([]Wait, bool) { return []Wait{{Node: "n", State: "waits"}}, c.done })}
			},
		}
		w, err := s.World(sim.Config{Seed: 1, Faults: "none"})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if v.Checks[0].Checks == 0 {
			v.Why = "unjudged"
		}
		if v.Outcome != c.want || !strings.Contains(v.Why, c.why) {
			t.Errorf("%s: %v: %s, want %v: %s", c.name, v.Outcome, v.Why, c.want, c.why)
		}
	}
}

func outcome(vain bool) Outcome {
	if vain {
		return Unknown
	}
	return Done
}

// A client that has given an operation up and hears after all has ended one operation. Fails if that is counted twice.
func TestProgressCountsOnce(t *testing.T) {
	h := History{
		Call:   func(f any) (OpID, string, any, bool) { x, ok := f.(fed); return x.ID, "", nil, ok },
		Return: func(f any) (OpID, any, Outcome, bool) { x, ok := f.(out); return x.ID, nil, outcome(x.Vain), ok },
		Total:  2,
	}
	p := Progress(h, nil)
	id := OpID{"n", 1}
	for _, fact := range []any{fed{id}, out{id, true}, out{id, false}} {
		if err := p.Observe(&sim.Event{Kind: sim.Noted, Data: fact}); err != nil {
			t.Fatal(err)
		}
	}
	if p.(interface{ Finished() bool }).Finished() {
		t.Error("one operation of two ends the run")
	}
}

// An operation that failed was not answered. Fails if a client that is too busy to ask hides that nobody answers.
func TestProgressOfAFailure(t *testing.T) {
	h := History{
		Call:   func(f any) (OpID, string, any, bool) { x, ok := f.(fed); return x.ID, "", nil, ok },
		Return: func(f any) (OpID, any, Outcome, bool) { x, ok := f.(OpID); return x, nil, Failed, ok },
		Total:  1,
	}
	p := Progress(h, nil)
	id := OpID{"n", 1}
	for _, fact := range []any{fed{id}, id} {
		if err := p.Observe(&sim.Event{Kind: sim.Noted, Data: fact}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := p.End(nil); r != sim.Holds || err != nil || p.Checks() != 0 {
		t.Errorf("one operation, which failed: %v, %v, judged %d times", r, err, p.Checks())
	}
}
