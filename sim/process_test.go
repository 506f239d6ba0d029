package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// lives prints when the lives of a node began and ended: "0s start|20ms crash|40ms start".
func lives(events []sim.Event, id sim.NodeID) string {
	var list []string
	for _, e := range events {
		if e.Node == id && (e.Kind == sim.Started || e.Kind == sim.Crashed) {
			list = append(list, fmt.Sprint(e.At, " ", e.Kind))
		}
	}
	return strings.Join(list, "|")
}

// Fails if a line does something else to a node than the table beside the code says, in whatever state it finds it.
func TestProcessVerbs(t *testing.T) {
	for _, test := range []struct {
		plan, lives string
		kind        fault.Kind
		count       uint64
	}{
		{"10ms crash c for 20ms\n", "0s start|10ms crash|30ms start", fault.Crashes, 1},
		{"10ms crash c for 20ms\n15ms restart c\n", "0s start|10ms crash|15ms start", fault.Restarts, 1},
		{"10ms crash c\n15ms crash c for 20ms\n", "0s start|10ms crash", fault.Crashes, 1},
		{"10ms crash c for 20ms\n15ms crash c for good\n", "0s start|10ms crash", fault.Restarts, 0},
		{"10ms pause c\n15ms crash c for 20ms\n", "0s start|15ms crash|35ms start", fault.Pauses, 1},

		{"10ms loop c 3x 5ms\n", "0s start|10ms crash|15ms start|20ms crash|25ms start|30ms crash|35ms start", fault.Loops, 1},
		{"10ms loop c 1x 5ms\n", "0s start|10ms crash|15ms start", fault.Loops, 1},
		{"10ms loop c 2x 5ms\n12ms restart c\n", "0s start|10ms crash|12ms start|20ms crash|25ms start", fault.Restarts, 2},
		{"5ms crash c\n10ms loop c 2x 5ms\n17ms restart c\n", "0s start|5ms crash|17ms start|20ms crash|25ms start", fault.Crashes, 2},
		{"10ms loop c 9x 5ms\n22ms crash c for good\n", "0s start|10ms crash|15ms start|20ms crash", fault.Crashes, 2},
		{"10ms pause c with clock\n15ms loop c 2x 5ms\n", "0s start|15ms crash|20ms start|25ms crash|30ms start", fault.Loops, 1},

		{"10ms wipe c\n", "0s start|10ms crash", fault.Wipes, 1},
		{"10ms wipe c\n20ms restart c\n", "0s start|10ms crash|20ms start", fault.Wipes, 1},
		{"10ms crash c for 10ms\n15ms wipe c\n", "0s start|10ms crash|20ms start", fault.Wipes, 1},
		{"10ms crash c for good\n15ms wipe c\n20ms restart c\n", "0s start|10ms crash", fault.Wipes, 1},
		{"10ms swap c b\n20ms restart c\n", "0s start|10ms crash|20ms start", fault.Swaps, 1},
		{"10ms swap b c\n20ms restart c\n", "0s start|10ms crash|20ms start", fault.Crashes, 2},
		{"5ms crash b\n10ms swap c b\n20ms restart c\n", "0s start|10ms crash|20ms start", fault.Crashes, 2},
		{"always start c 20ms\n10ms swap b c\n", "20ms start", fault.Crashes, 1},
		{"always zone z1 b,c\n10ms wipe z1\n", "0s start|10ms crash", fault.Wipes, 2},
		{"always zone z1 b,c\n10ms loop z1 2x 5ms\n", "0s start|10ms crash|15ms start|20ms crash|25ms start", fault.Loops, 2},
		{"always zone z1 b,c\nalways start z1 20ms\n", "20ms start", fault.LateStarts, 2},

		{"always start c 20ms\n", "20ms start", fault.LateStarts, 1},
		{"always start c 0s\n", "0s start", fault.LateStarts, 0},
		{"always start c 1s\n", "", fault.LateStarts, 0},
		{"always start c 20ms\n5ms crash c\n10ms restart c\n", "20ms start", fault.Crashes, 0},
		{"always start c 20ms\n5ms crash c for good\n", "", fault.LateStarts, 0},
		{"always start c 20ms\n5ms wipe c\n6ms pause c\n7ms pause c with clock\n8ms resume c\n", "20ms start", fault.Pauses, 0},
		{"always start c 20ms\n10ms loop c 3x 5ms\n", "20ms start|20ms crash|25ms start|30ms crash|35ms start", fault.Loops, 1},
		{"10ms pause c\n12ms pause c\n14ms pause c with clock\n16ms pause c with clock\n", "0s start", fault.Suspensions, 1},
		{"10ms pause c with clock\n12ms pause c\n", "0s start", fault.Pauses, 0},
	} {
		events, v := perform(t, stage(idle("a"), idle("b"), idle("c")), 1, test.plan)
		if got := lives(events, "c"); got != test.lives {
			t.Errorf("%q: %s, want %s", test.plan, got, test.lives)
		}
		if n := v.Faults[test.kind]; n != test.count {
			t.Errorf("%q: %v counted %d times, want %d", test.plan, test.kind, n, test.count)
		}
	}
}

// keeper is a node that notes what it finds on its disk when it starts, and writes its name there.
func keeper(id sim.NodeID) actor {
	return plays(id, func(env sim.Env) {
		n, _ := env.Disk().Size("name")
		b := make([]byte, n)
		env.Disk().ReadAt("name", b, 0)
		env.Note(note{string(b)})
		env.Disk().Append("name", []byte(id))
		env.Disk().Sync("name")
		env.Disk().SyncDir()
		env.Disk().Append("name", []byte("?")) // never synced
	}, nil)
}

// Fails if a wiped disk is not empty, an exchanged one is not the other's, or an exchange saves what was not synced.
func TestWipedAndSwappedDisks(t *testing.T) {
	for text, want := range map[string]string{
		"10ms crash c\n20ms restart c\n":                                 "0s {} 20ms {c}",
		"10ms wipe c\n20ms restart c\n":                                  "0s {} 20ms {}",
		"10ms wipe c\n20ms restart c\n30ms crash c\n40ms restart c\n":    "0s {} 20ms {} 40ms {c}",
		"10ms crash c for 20ms\n15ms wipe c\n":                           "0s {} 30ms {}",
		"10ms swap c b\n20ms restart c\n":                                "0s {} 20ms {b}",
		"10ms swap b c\n20ms swap c b\n30ms restart c\n":                 "0s {} 30ms {c}",
		"10ms swap b c\n20ms restart c\n30ms swap b c\n40ms restart c\n": "0s {} 20ms {b} 40ms {c}",
		"10ms swap b c\n20ms restart c\n30ms crash c\n40ms restart c\n":  "0s {} 20ms {b} 40ms {bc}",
		"always start c 20ms\n10ms swap b c\n":                           "20ms {b}",
		"always start b 90ms\n10ms swap b c\n20ms restart c\n":           "0s {} 20ms {}",
		"10ms swap b c\n15ms wipe c\n20ms restart c\n":                   "0s {} 20ms {}",
	} {
		events, _ := perform(t, stage(keeper("b"), keeper("c")), 1, "always unsynced lose\n"+text)
		if got := strings.Join(notes(events, "c"), " "); got != want {
			t.Errorf("%q: c finds %s, want %s", text, got, want)
		}
	}
}

// Fails if a node that starts late hears anything before, is not said to be down, or does not start when faults end.
func TestLateStart(t *testing.T) {
	s := settling(stage(ticker("a", ms, "b"), idle("b")))
	s.Run = 200 * ms
	for text, first := range map[string]time.Duration{"always start b 50ms\n": 50 * ms, "always start b 500ms\n": settleAt} {
		for _, crash := range []fault.CrashModel{fault.CrashRecovery, fault.FailStop} {
			s.Model.Crash = crash
			w := world(t, s, sim.Config{Seed: 1, Plan: plan(t, text)})
			down, heard := 0, 0
			for e := range w.Events(0) {
				now := at(keep(e))
				since, is := w.Down("b")
				if is != (now < first) && now != first || since != 0 {
					t.Fatalf("%q: at %v b is down: %v, since %v", text, now, is, since)
				}
				if e.Kind == sim.Dropped && e.Reason == "down" {
					down++
				}
				if e.Kind == sim.Delivered {
					heard++
				}
				if e.Kind == sim.Started && e.Node == "b" && now != first {
					t.Fatalf("%q: b starts at %v", text, now)
				}
			}
			if want := int(first/ms) - 2; down < want-1 || down > want+1 || heard < 90 || !w.Up("b") {
				t.Errorf("%q: %d messages lost, %d heard", text, down, heard)
			}
			if v := w.Verdict(); v.Faults[fault.LateStarts] != 1 || v.Faults[fault.Restarts] != 0 {
				t.Errorf("%q: counted %d late starts and %d restarts", text, v.Faults[fault.LateStarts], v.Faults[fault.Restarts])
			}
		}
	}
}

// Fails if a loop goes on after faults have ended, or if what crashed in it stays down.
func TestLoopsEnd(t *testing.T) {
	s := settling(stage(idle("c")))
	for _, text := range []string{"50ms loop c 1000x 3ms\n", "50ms loop c 1000x 200ms\n", "always start c 70ms\n50ms loop c 1000x 7ms\n"} {
		events, _ := perform(t, s, 1, text)
		last := lives(events, "c")
		last = last[strings.LastIndex(last, "|")+1:]
		for _, e := range of(events, sim.Crashed, "c") {
			if at(e) > settleAt {
				t.Errorf("%q: crashes at %v", text, e.At)
			}
		}
		if !strings.HasSuffix(last, "start") {
			t.Errorf("%q: the last that happens is %s", text, last)
		}
	}
}

// chatter sends num 1, 2, 3, … and as many notes to each peer, and as many timers to itself.
func chatter(id sim.NodeID, peers ...sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{func(env sim.Env) { env.After(ms, num{0}) }, func(env sim.Env, from sim.NodeID, _ sim.Message) {
			if from != env.ID() || n == 400 {
				return
			}
			n++
			for _, p := range peers {
				env.Send(p, num{n})
				env.Send(p, note{fmt.Sprint(n)})
			}
			env.After(ms/10, num{n})
		}}
	}}
}

// omitted lists what was omitted: "a>b {3}".
func omitted(events []sim.Event) (list []string) {
	for _, e := range of(events, sim.Dropped, "") {
		if e.Reason == "omitted" {
			list = append(list, fmt.Sprint(e.Peer, ">", e.Node, e.Data))
		}
	}
	return list
}

// Fails if a node omits another share than it should, on other links than its own, or before or after its time, if omissions
// are not counted as what they are, or if they change anything but what they cause.
func TestOmissions(t *testing.T) {
	s := settling(stage(chatter("a", "b", "c"), idle("b"), idle("c"), chatter("d", "a")))
	s.Run = 150 * ms
	for _, test := range []struct {
		plan       string
		sent, rcvd [2]uint64 // at least, at most
		links      string
	}{
		{"always omit a send 0%\n", [2]uint64{0, 0}, [2]uint64{0, 0}, ""},
		{"always omit a send 100%\n", [2]uint64{1600, 1600}, [2]uint64{0, 0}, "a>b a>c"},
		{"always omit a send 30%\n", [2]uint64{420, 540}, [2]uint64{0, 0}, "a>b a>c"},
		{"always omit b receive 30%\n", [2]uint64{0, 0}, [2]uint64{200, 280}, "a>b"},
		{"always omit a receive 100%\n", [2]uint64{0, 0}, [2]uint64{800, 800}, "d>a"},
		{"10ms omit a send 100%\n20ms omit a send 0%\n", [2]uint64{396, 404}, [2]uint64{0, 0}, "a>b a>c"},
		{"always repeat a>b 100%\nalways omit b receive 50%\n", [2]uint64{0, 0}, [2]uint64{700, 900}, "a>b"},
		{"always omit b receive 50%\n1ms crash b\n", [2]uint64{0, 0}, [2]uint64{0, 0}, ""},
	} {
		events, v := perform(t, s, 1, test.plan)
		sent, rcvd := v.Faults[fault.SendOmissions], v.Faults[fault.ReceiveOmissions]
		if sent < test.sent[0] || sent > test.sent[1] || rcvd < test.rcvd[0] || rcvd > test.rcvd[1] {
			t.Errorf("%q: omitted to send %d, want %d, and to receive %d, want %d", test.plan, sent, test.sent, rcvd, test.rcvd)
		}
		list := omitted(events)
		if uint64(len(list)) != sent+rcvd {
			t.Errorf("%q: %d events and %d counted", test.plan, len(list), sent+rcvd)
		}
		links := map[string]bool{}
		for _, m := range list {
			if link, _, _ := strings.Cut(m, "{"); !strings.Contains(test.links, link) {
				t.Fatalf("%q: omitted %s, want only %s", test.plan, m, test.links)
			} else {
				links[link] = true
			}
		}
		if len(links) != len(strings.Fields(test.links)) {
			t.Errorf("%q: omitted on %v, want %s", test.plan, links, test.links)
		}
	}
}

// The fate of a message is keyed by what it is. Fails if what one stream or one link carries changes what is omitted of another, or if
// both ends draw the same.
func TestOmissionsAreKeyed(t *testing.T) {
	only := func(list []string, link string) (of []string) {
		for _, m := range list {
			if strings.HasPrefix(m, link) {
				of = append(of, m)
			}
		}
		return of
	}
	both := stage(chatter("a", "b", "c"), idle("b"), idle("c"))
	one := stage(chatter("a", "b"), idle("b"), idle("c"))
	for _, text := range []string{"always omit a send 20%\n", "always omit b receive 20%\n"} {
		x, _ := perform(t, both, 7, text)
		y, _ := perform(t, one, 7, text+"always loss a>c 50%\n")
		if a, b := only(omitted(x), "a>b"), omitted(y); fmt.Sprint(a) != fmt.Sprint(b) || len(a) < 100 {
			t.Errorf("%q: %v and %v", text, a, b)
		}
	}
	x, _ := perform(t, one, 7, "always omit a send 20%\n")
	y, _ := perform(t, one, 7, "always omit b receive 20%\n")
	if fmt.Sprint(omitted(x)) == fmt.Sprint(omitted(y)) {
		t.Error("sender and receiver omit the same messages")
	}
}

// Fails if a run with these faults leaves something behind in the memory that the next one uses, or if a run's plan, given back, makes
// another run.
func TestProcessFaultsInUsedMemory(t *testing.T) {
	s := settling(stage(keeper("a"), chatter("b", "a", "c"), slowWriter("c"), ticker("d", ms, "c")), []sim.NodeID{"a", "b", "c"})
	s.Run = 200 * ms
	texts := []string{
		"",
		"always start a 20ms\nalways reset b\n10ms loop b 3x 5ms\n30ms wipe a\n40ms restart a\n41ms swap a b\n45ms restart a\n45ms restart b\n",
		"always omit b send 30%\nalways omit c receive 30%\n10ms pause c with clock\n20ms resume c\n30ms pause c with clock\n",
		"always uncertainty 1ms broken\n10ms strobe c 5ms 1ms 1000x\n10ms smear b 1s 1s\n20ms drift c 40000ppm\n25.1ms freeze c\nafter c sync#9 pause c with clock\n",
	}
	hash := func(text string, m *sim.Memory) uint64 {
		w := world(t, s, sim.Config{Seed: 5, Plan: plan(t, text), Reuse: m})
		if w.Run(0); w.Plan().String() != text {
			t.Errorf("the plan of the run is %q, want %q", w.Plan(), text)
		}
		return w.Verdict().Hash
	}
	var m sim.Memory
	seen := map[uint64]string{}
	for range 2 {
		for _, text := range texts {
			fresh := hash(text, nil)
			if used := hash(text, &m); used != fresh {
				t.Errorf("%q: another run in used memory", text)
			}
			if other, there := seen[fresh]; there && other != text {
				t.Errorf("%q is the same run as %q", text, other)
			}
			seen[fresh] = text
		}
	}
}
