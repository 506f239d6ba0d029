package paxoskv

import (
	"sort"
	"testing"

	"simrun/sim"
)

func TestScratchDist(t *testing.T) {
	s := Scenario()
	for _, f := range []string{"none", "crash", "partition", "async", "swarm"} {
		var ev, virt, sent []int
		bad := 0
		for seed := uint64(0); seed < 400; seed++ {
			w, _ := s.World(sim.Config{Seed: seed, Faults: f})
			v := w.Run(0)
			if v.Outcome != sim.OK {
				bad++
				t.Log(f, seed, v.Outcome, v.Property, v.Why)
			}
			ev = append(ev, int(v.Events))
			sent = append(sent, int(v.Sent))
			virt = append(virt, int(v.Virtual.Milliseconds()))
		}
		sort.Ints(ev)
		sort.Ints(virt)
		sort.Ints(sent)
		t.Log(f, "bad", bad, "events", ev[0], ev[40], ev[200], ev[360], ev[399], "virt", virt[0], virt[40], virt[200], virt[360], virt[399], "sent", sent[200])
	}
}
