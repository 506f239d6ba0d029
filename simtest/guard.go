package simtest

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
	"testing"

	"simrun/search"
	"simrun/sim"
)

// The guard of a test needs another process that has the scenario of the test. That is the test binary, told to run this
// test alone: the test comes to its call of Check as it did here, and Check then makes the run that it was started for
// and nothing else. A test may call Check several times, so calls are numbered.

// callVariable holds the number of the call that the other process is started for.
const callVariable = "SIM_GUARD_CALL"

var (
	callsLock sync.Mutex
	calls     = make(map[*testing.T]int)
)

// callOf counts the calls of Check in a test.
func callOf(t *testing.T) int {
	callsLock.Lock()
	defer callsLock.Unlock()
	if calls[t]++; calls[t] == 1 {
		t.Cleanup(func() {
			callsLock.Lock()
			defer callsLock.Unlock()
			delete(calls, t)
		})
	}
	return calls[t]
}

// serve is what Check does in the other process.
func serve(t *testing.T, s *sim.Scenario, call int) {
	if os.Getenv(callVariable) != strconv.Itoa(call) {
		return
	}
	if err := search.Serve(s); err != nil {
		t.Fatal(err)
	}
	t.SkipNow() // what the test does after Check is none of this process's business
}

// process is the test binary, started again for this call of Check.
func (c *check) process() (*search.Process, error) {
	p, err := search.Self("-test.run=" + anchored(c.t.Name()))
	if err != nil {
		return nil, err
	}
	p.Env = []string{callVariable + "=" + strconv.Itoa(c.call)}
	return p, nil
}

// guard says which seeds of a hunt are run again, and where. Without being told it starts one process a test, since
// starting one may take its time.
func (c *check) guard(h *search.Hunt) (err error) {
	h.Verify, h.Elsewhere = verifyShare, math.MaxInt
	switch n := c.orders.verify; {
	case n == 0:
		h.Verify, h.Elsewhere = -1, -1
		return nil
	case n > 0:
		h.Verify, h.Guard = -1, n
	case testing.Short():
		return nil
	}
	h.Process, err = c.process()
	return err
}

// complainOfGuard says what the guard could not do. Only where it was asked to is that a failure: some programs cannot be
// started twice.
func (c *check) complainOfGuard(sum *search.Summary) {
	if c.orders.verify > 0 {
		fmt.Fprintf(c.t.Output(), "%d seeds run twice, %d of them in another process too\n", sum.Twice, sum.Elsewhere)
	}
	if sum.NotElsewhere != nil {
		fmt.Fprintf(c.t.Output(), "no run was made in another process: %v\n", sum.NotElsewhere)
	}
}

// explain adds to a run what is known about why it differs from itself, if it does. The campaign may have found that out; or
// a message has changed after sending, and the guard sees whose code did it.
func (c *check) explain(r *run, differs *search.Divergence) {
	g := search.Guard{Scenario: c.scenario}
	if p, err := c.process(); err == nil {
		g.Process = p
	}
	switch {
	case differs != nil && (differs.Cause != "" || r.differs == nil):
		r.differs = differs
	case r.differs != nil:
		g.Explain(c.t.Context(), r.differs, r.config)
	case r.verdict.Property == "immutable" || c.orders.verify > 0 && r.config.Driver == nil:
		if d, err := g.Check(c.t.Context(), r.config); err == nil {
			r.differs = d
		}
	}
}
