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
