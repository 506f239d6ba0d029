package search_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"simrun/protocols/paxos"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// events makes the run of a case and returns its events without what they are about, and what they are about as text.
func events(t *testing.T, c search.Case) (all []sim.Event, v sim.Verdict) {
	t.Helper()
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		all = append(all, *e)
	}
	return all, w.Verdict()
}

func fork(t *testing.T, c search.Case, after uint64) *search.Fork {
	t.Helper()
	f, err := c.Fork(after)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// rivals is a run of two proposers.
func rivals(t *testing.T, plan string) search.Case {
	return caseOf(t, paxos.Scenario(), []string{"acceptors=3", "proposers=2"}, "always law uniform 1ms 4ms\n"+plan)
}

// arrivals lists for each message that arrives after an event, but was sent before, when it is sent and when it arrives.
func arrivals(all []sim.Event, after uint64) (list [][2]uint64) {
	for _, e := range all {
		if e.Kind == sim.Delivered && e.Seq > after && e.Cause <= after {
			list = append(list, [2]uint64{e.Cause, e.Seq})
		}
	}
	return list
}

// Fails if the run of a fork is another one before the fork, if what was asked for does not happen, or if written down and read again it is another run: over
// many places of a run, and each way to go on.
func TestForks(t *testing.T) {
	c := rivals(t, "")
	if _, v := events(t, c); v.Events < 60 {
		t.Fatalf("the run has %d events", v.Events)
	}
	old, _ := events(t, c)
	r := rand.New(rand.NewPCG(1, 3))
	did := map[string]int{}
	for range 40 {
		after := 1 + r.Uint64N(uint64(len(old))-10)
		f, under := fork(t, c, after), arrivals(old, after)
		if len(under) == 0 {
			continue
		}
		m := under[r.IntN(len(under))]
		sent, arrived := m[0], old[m[1]-1]
		try := func(what string, same uint64, made search.Case, err error, happened func([]sim.Event) bool) {
			t.Helper()
			if err != nil {
				if what == "lose" || what == "delay" || what == "crash" && old[after-1].At < 100*1e6 {
					t.Errorf("after %d, %s %d: %v", after, what, sent, err)
				}
				return
			}
			did[what]++
			now, v := events(t, made)
			parts := f.Parts(made)
			for i := range parts - 1 {
				if a, b := old[i], now[i]; a.Seq != b.Seq || a.At != b.At || a.Kind != b.Kind || a.Node != b.Node || a.Cause != b.Cause {
					t.Fatalf("after %d, %s %d: event %+v has become %+v", after, what, sent, a, b)
				}
			}
			if parts <= same || !happened(now) {
				t.Errorf("after %d, %s %d: the runs part at %d, and it has not happened:\n%v", after, what, sent, parts, made.Config.Plan)
			}
			written, err := seedfile.Parse(made.File(v).String())
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := written.Config(c.Scenario)
			if err != nil {
				t.Fatal(err)
			}
			w, err := c.Scenario.World(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Run(0); got.Hash != v.Hash {
				t.Errorf("after %d, %s %d: written down it is another run", after, what, sent)
			}
		}
		first := func(now []sim.Event) (order []uint64) { // that the receiver handles, sent before the fork
			for _, x := range arrivals(now, after) {
				if now[x[1]-1].Node == arrived.Node {
					order = append(order, x[0])
				}
			}
			return order
		}
		made, err := f.Lose(sent)
		try("lose", sent, made, err, func(now []sim.Event) bool {
			e := now[sent]
			return e.Kind == sim.Dropped && e.Cause == sent && e.Reason == "planned"
		})
		made, err = f.Delay(arrived.Seq, 7*time.Millisecond)
		try("delay", after, made, err, func(now []sim.Event) bool {
			for _, x := range arrivals(now, after) {
				if x[0] == sent {
					return now[x[1]-1].At.Sub(arrived.At) > 6*time.Millisecond // a receiver that was busy made it later before
				}
			}
			return now[len(now)-1].At.Sub(arrived.At) < 8*time.Millisecond // or the run has ended before
		})
		if first(old)[0] != sent {
			made, err = f.First(sent)
			try("first", after, made, err, func(now []sim.Event) bool { return first(now)[0] == sent })
		}
		node := old[after-1].Node
		if made, err = f.Crash(string(node)); strings.HasPrefix(string(node), "a") {
			try("crash", after, made, err, func(now []sim.Event) bool {
				return now[after].Kind == sim.Crashed && now[after].Node == node || f.Parts(made) > after
			})
		}
	}
	for _, what := range []string{"lose", "delay", "first", "crash"} {
		if did[what] < 5 {
			t.Errorf("%s was done %d times: too few to tell", what, did[what])
		}
	}
}

// Fails if a crash after an effect does not come right after that effect, though that is where somebody stands.
func TestForkCrashesAtTheEffect(t *testing.T) {
	c := rivals(t, "")
	old, _ := events(t, c)
	for _, e := range old[:40] {
		if e.Kind != sim.DiskDone && e.Kind != sim.Sent || e.Node[0] != 'a' {
			continue
		}
		made, err := fork(t, c, e.Seq).Crash(string(e.Node))
		if err != nil {
			t.Fatal(err)
		}
		if now, _ := events(t, made); now[e.Seq].Kind != sim.Crashed || now[e.Seq].Node != e.Node {
			t.Errorf("after %+v comes %+v, want the crash: %v", e, now[e.Seq], made.Config.Plan)
		}
	}
}

// Fails if a line is added that changes what has happened, or one that is left out goes on to hold, or what makes no sense is done.
func TestForkRefuses(t *testing.T) {
	c := rivals(t, "5ms crash a1\n6ms restart a1\n")
	old, _ := events(t, c)
	at := func(after uint64) *search.Fork { return fork(t, c, after) }
	find := func(k sim.Kind) *sim.Event {
		for i := range old {
			if old[i].Kind == k && old[i].At > 4_000_000 {
				return &old[i]
			}
		}
		t.Fatalf("there is no %v", k)
		return nil
	}
	line := func(s string) fault.Line {
		l, err := fault.ParseLine(s)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	got, crash := find(sim.Delivered), find(sim.Crashed)
	for want, try := range map[string]func() (search.Case, error){
		"has arrived at event ":                    func() (search.Case, error) { return at(got.Seq).Lose(got.Seq) },
		"is not sent before event ":                func() (search.Case, error) { return at(got.Cause-1).Delay(got.Seq, 1) },
		"is no message: want":                      func() (search.Case, error) { return at(got.Seq).First(crash.Seq) },
		"want one above 0":                         func() (search.Case, error) { return at(got.Seq-1).Delay(got.Seq, -5) },
		"no plan can say that":                     func() (search.Case, error) { return at(got.Seq-1).Delay(got.Seq, 2000*time.Hour) },
		"there is no node a9":                      func() (search.Case, error) { return at(got.Seq).Crash("a9") },
		"that changes nothing":                     func() (search.Case, error) { return at(crash.Seq).Crash(string(crash.Node)) },
		"which has happened: go back to before it": func() (search.Case, error) { return at(crash.Seq + 20).Add(line("1ms crash a2")) },
		"there is no line 9 in the plan: it has 3": func() (search.Case, error) { return at(1).Without(8) },
		"there is no event 99999999":               func() (search.Case, error) { _, err := c.Fork(99_999_999); return c, err },
		"a fork needs a Case":                      func() (search.Case, error) { _, err := search.Case{}.Fork(0); return c, err },
	} {
		if _, err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	made, err := at(crash.Seq + 20).Without(1)
	if err != nil {
		t.Fatal(err)
	}
	if p := made.Config.Plan.String(); strings.Contains(p, "5ms crash") || !strings.Contains(p, "6ms restart") {
		t.Errorf("without its second line the plan is %s", p)
	}
	if parts := at(crash.Seq + 20).Parts(made); parts != crash.Seq {
		t.Errorf("without the crash the runs part at %d, want %d", parts, crash.Seq)
	}
	lost, err := at(got.Seq - 1).Lose(got.Seq)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fork(t, lost, got.Cause).Lose(got.Cause); err == nil || !strings.Contains(err.Error(), "is lost as it is, at event ") {
		t.Errorf("lost twice: %v", err)
	}
}
