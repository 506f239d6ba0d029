package simtest

import (
	"testing"

	"simrun/sim"
	"simrun/steps"
)

// Steps begins a run of a scenario that the test tells step by step, with settings as name=value: what goes wrong and when, and what must come
// of it. Whatever no step mentions goes well. See package steps for the steps, and for how events are named.
//
//	w := simtest.Steps(t, counter.Scenario(), "clients=1")
//	w.RunUntil("send primary>c1 Total#1")
//	w.Crash("primary")
//	w.Holds()
func Steps(t testing.TB, s *sim.Scenario, settings ...string) *steps.Run {
	t.Helper()
	return steps.New(t, s, settings...)
}
