package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/sim"
	"simrun/sim/fault"
)

// A bell rings once in a while.
type bell struct{ Rung int }

func (b *bell) Start(env sim.Env)                               { env.After(time.Millisecond, "ring") }
func (b *bell) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) { b.Rung++; b.Start(env) }

// bells is a stepper at a run of one, and what it prints.
func bells(t *testing.T, ctx context.Context) (*stepper, *strings.Builder) {
	t.Helper()
	return stepperAt(t, ctx, &sim.Scenario{Name: "bells", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) { w.Add("b", func() sim.Node { return &bell{} }) }})
}

// stepperAt is a stepper at a run of a scenario, and what it prints.
func stepperAt(t *testing.T, ctx context.Context, scenario *sim.Scenario) (*stepper, *strings.Builder) {
	t.Helper()
	var out strings.Builder
	s := &stepper{command: &command{ctx: ctx, out: bufio.NewWriter(&out)}, scenario: scenario}
	if err := s.push(search.Case{Scenario: scenario, Config: sim.Config{Plan: &fault.Plan{}}}, 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.now().film.Close() })
	return s, &out
}

// Fails if an interrupt does not end a stepper that waits for somebody to type, or does not say so by its code.
func TestStepperIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	s, out := bells(t, ctx)
	typed, hands := io.Pipe()
	defer hands.Close()
	go func() {
		io.WriteString(hands, "next\n")
		interrupt()
	}()
	var end *ending
	if err := s.listen(typed); !errors.As(err, &end) || end.code != exitInterrupted || end.text != "" {
		t.Errorf("it ends with %v", err)
	}
	if !strings.HasPrefix(out.String(), "bells #0> ") || !strings.HasSuffix(out.String(), "> \n") {
		t.Errorf("it has printed %q", out)
	}
}

// Fails if many steps are drawn without an end, if the lanes are not named again after many rows, or if a jump back shows what is to come.
func TestStepperDraws(t *testing.T) {
	s, out := bells(t, context.Background())
	if err := s.listen(strings.NewReader("next 41\nback 1\nnext 1\nback 41")); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if rows := strings.Count(text, "  #"); rows != mostRows+2 {
		t.Errorf("%d rows are drawn, want %d and two:\n%s", rows, mostRows, text)
	}
	if named := strings.Count(text, "virtual"); named != 2 || !strings.Contains(text, "(1 more before these)\n") {
		t.Errorf("the lanes are named %d times:\n%s", named, text)
	}
	for _, want := range []string{"Rung 18 → 19", "bells #41> ", "before the first event"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	for prefix, want := range map[string]string{"n": "next", "s": "state", "sa": "save", "la": "", "undo": "undo"} {
		err := s.do(prefix)
		if known := err == nil || !strings.Contains(err.Error(), "unknown command"); known != (want != "") {
			t.Errorf("%s: %v", prefix, err)
		}
	}
}

// A hoard has more in its state than a person wants to read.
type hoard struct {
	bell
	Kept map[int]string
}

func (h *hoard) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	h.Kept[len(h.Kept)] = strings.Repeat("coin ", 3)
	h.Start(env)
}

// Fails if a long state is printed whole, if what the event changed is cut off with the rest, or if what was not asked for is printed.
func TestStepperCutsStates(t *testing.T) {
	s, out := stepperAt(t, context.Background(), &sim.Scenario{Name: "hoards", Run: 100 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		w.Add("h", func() sim.Node { return &hoard{Kept: make(map[int]string)} })
	}})
	if err := s.listen(strings.NewReader("until end\nback timer\nstate\nstate h [50]\nstate g\nstate h x y")); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	whole, rest, _ := strings.Cut(text, "> state h [50]")
	_, whole, _ = strings.Cut(whole, "> state\n")
	if n := strings.Count(whole, "Kept["); n < mostRows-1 || n > mostRows+1 || !strings.Contains(whole, "  + Kept[") || !strings.Contains(whole, " more: state h WORD picks") {
		t.Errorf("the state is printed in %d lines:\n%s", n, whole)
	}
	if strings.Count(rest, "Kept[") != 1 || !strings.Contains(rest, "Kept[50]") || !strings.Contains(rest, "there is no node g") || !strings.Contains(rest, `what is "y"?`) {
		t.Errorf("of one line there is\n%s", rest)
	}
}
