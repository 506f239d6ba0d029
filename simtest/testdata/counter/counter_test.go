package counter_test

import (
	"testing"

	"example.com/counter"
	"simrun/simtest"
)

// A repeated request counts twice: this test fails, and says how.
func TestCounter(t *testing.T) {
	simtest.Check(t, counter.Scenario(), simtest.Command("go run example.com/counter/cmd/counter"))
}

// With a primary that knows requests again the same runs hold.
func TestCounterThatRemembers(t *testing.T) {
	simtest.Check(t, counter.Scenario(), simtest.Set("dedupe=true"))
}

// The bug in two steps: both answers to a client are lost, and it asks again.
func TestLostAnswers(t *testing.T) {
	w := simtest.Steps(t, counter.Scenario(), "clients=1", "increments=1")
	w.Lose("p", "c1", "Added", 1)
	w.Lose("p", "c1", "Added", 2)
	w.RunUntil("note c1 Retried")
	w.RunUntil("send p>c1 Added#3")
	w.Violates("once each")
}
