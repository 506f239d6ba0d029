package steps

import (
	"testing"

	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/twopc"
	"simrun/sim"
)

// A run can stand at each of its events, by the name that its log has for it, and a node can crash right behind each of its own effects. Fails if
// a name is not understood or is that of another event, or if a crash comes later than at once.
func TestEveryEvent(t *testing.T) {
	crashes := 0
	for _, x := range []struct {
		s    *sim.Scenario
		set  []string
		node sim.NodeID
	}{
		{paxos.Scenario(), nil, "a1"}, {paxos.Scenario(), []string{"durable=false"}, "p2"}, {twopc.Scenario(), nil, "c"},
		{kootoueg.Scenario(), []string{"nodes=3"}, "p1"}, {independent.Scenario(), []string{"nodes=2", "rate=2"}, "p2"}, {paxoskv.Scenario(), []string{"operations=c1: put x 1; get x"}, "s1"},
	} {
		if crashes == 0 || !testing.Short() {
			crashes += everyEvent(t, x.s, x.set, x.node)
		}
	}
	if crashes < 12 {
		t.Errorf("only %d crashes right behind an effect", crashes)
	}
}

// everyEvent tries up to 150 events of a run.
func everyEvent(t *testing.T, s *sim.Scenario, set []string, node sim.NodeID) (crashes int) {
	all := New(t, s, set...)
	for len(all.log.marks) < 150 && all.step() {
	}
	all.judged = true
	for i := range all.log.marks {
		m := &all.log.marks[i]
		if isMessage(m.kind) && i%3 > 0 || m.kind == sim.DiskDone && i%5 > 0 && m.node != node {
			continue // there are many
		}
		r := New(t, s, set...)
		r.RunUntil(m.name())
		if r.seen != uint64(i+1) {
			t.Errorf("%s: %s is event %d, and RunUntil comes to %d", s.Name, m.name(), i+1, r.seen)
		}
		if isEffect(m.kind) && m.who() == node {
			crashes++
			r.Crash(string(node))
			if l := (*r.c.Config.Plan)[0]; l.Effect == 0 {
				t.Errorf("%s: no crash right behind event %d, %s, but %v", s.Name, i+1, m.name(), l)
			}
		}
		r.judged = true
		r.close()
	}
	return crashes
}
