package multipaxos

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/workload"
)

// quiet makes the run of a plan in which nothing else is left to chance, links take 1ms and disks no time, and returns what is told of it. The servers try to lead one after
// the other, and all operations are writes.
func quiet(t *testing.T, plan string, tell trial.Telling, settings ...string) string {
	t.Helper()
	const calm = "always law constant 1ms\nalways ties ordered\nalways sync 0s\nalways start s2 5ms\nalways start s3 10ms\n"
	return trial.Play(t, Scenario(), 480*time.Millisecond, calm+plan, tell, append(settings, "think=0s")...)
}

// What a write costs agrees with what one reckons: four one-way delays, client to leader to acceptor to leader to client; 2(n-1) messages a slot, and n-1 more where
// decisions are told; phase 1 once, for all slots, n-1 Prepares and as many promises. Fails if a message is sent too many or too few, or an answer waits.
func TestCostOfAWrite(t *testing.T) {
	for _, c := range []struct {
		servers   int
		decisions string
	}{{3, "ride"}, {3, "told"}, {5, "ride"}, {7, "told"}} {
		sent, slots, led := map[string]int{}, 0, false
		called, took := map[uint64]time.Duration{}, map[time.Duration]int{}
		starts := "" // so that s1 is the first to miss a leader
		for i := 4; i <= c.servers; i++ {
			starts += fmt.Sprintf("always start s%d 15ms\n", i)
		}
		quiet(t, starts, func(e *sim.Event) string {
			switch f := e.Data.(type) {
			case Led:
				led = true
			case Proposed:
				slots++
			case workload.Called:
				if led {
					called[f.ID.N] = time.Duration(e.At)
				}
			case workload.Returned:
				if at, ok := called[f.ID.N]; ok {
					took[time.Duration(e.At)-at]++
				}
			default:
				if e.Kind == sim.Sent {
					sent[strings.TrimPrefix(fmt.Sprintf("%T", f), "multipaxos.")]++
				}
			}
			return ""
		}, fmt.Sprint("servers=", c.servers), "clients=1", "ops=12", "decisions="+c.decisions)
		n := c.servers - 1
		want := map[string]int{"Prepare": n, "Promise": n, "Accept": n * slots, "Accepted": n * slots, "Decided": 0}
		if c.decisions == "told" {
			want["Decided"] = n * slots
		}
		for name, n := range want {
			if sent[name] != n {
				t.Errorf("%d servers, decisions %s: %d %s, want %d", c.servers, c.decisions, sent[name], name, n)
			}
		}
		if slots != 12 || len(took) != 1 || took[4*time.Millisecond] < 5 {
			t.Errorf("%d servers: %d slots; operations took %v", c.servers, slots, took)
		}
	}
}

// The plays of the protocol, to be read aloud: what the servers say to each other, and what they note. A change of the protocol or of the world changes them;
// -update writes them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct{ name, plan string }{
		{"quiet", ""},
		{"leader-dies", "after s1 Proposed#2 +1.5ms crash s1 for good\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			play := quiet(t, c.plan, func(e *sim.Event) string {
				switch e.Data.(type) {
				case Heartbeat, Alive, Identify, Identity, Formatted, Confirmed, Marked, workload.Request, workload.Elsewhere:
					return ""
				}
				if e.Kind == sim.Dropped || e.Kind == sim.Started {
					return ""
				}
				return trial.Told(e)
			}, "clients=1", "ops=3")
			trial.Golden(t, "testdata/"+c.name+".txt", play)
		})
	}
}
