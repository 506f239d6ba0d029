package paxos

import (
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A witness follows a run under the adversary by its events alone, and knows nothing of how messages are withheld.
type witness struct {
	begins        func(*sim.Event) bool
	ballots       int                            // begun before anything was chosen
	votes         map[Ballot]map[sim.NodeID]bool // who has accepted, by what left them
	chosen        clock.Time                     // when a majority had accepted in a ballot; 0 never
	settled       clock.Time
	under         map[uint64]clock.Time // messages under way
	longest       time.Duration
	crashes, lost int
}

func newWitness() *witness {
	return &witness{begins: Begins(), votes: map[Ballot]map[sim.NodeID]bool{}, under: map[uint64]clock.Time{}}
}

func (x *witness) see(e *sim.Event) {
	switch e.Kind {
	case sim.Sent:
		x.under[e.Seq] = e.At
		if acc, ok := e.Data.(Accepted); ok {
			x.vote(e, acc.Ballot)
		}
		if x.begins(e) && x.chosen == 0 {
			x.ballots++
		}
	case sim.Delivered:
		x.longest = max(x.longest, e.At.Sub(x.under[e.Cause]))
		delete(x.under, e.Cause)
	case sim.Dropped:
		x.lost++
	case sim.Crashed:
		x.crashes++
	case sim.Settled:
		x.settled = e.At
	}
}

func (x *witness) vote(e *sim.Event, b Ballot) {
	if x.votes[b] == nil {
		x.votes[b] = map[sim.NodeID]bool{}
	}
	x.votes[b][e.Node] = true
	if len(x.votes[b]) == 2 && x.chosen == 0 {
		x.chosen = e.At
	}
}

// under runs paxos under a plan, for so long, before the eyes of a witness.
func under(t *testing.T, seed uint64, text string, d time.Duration, settings ...string) (*witness, sim.Verdict) {
	t.Helper()
	s := Scenario()
	plan, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: seed, Plan: &plan, For: d, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	x := newWitness()
	for e := range w.Events(0) {
		x.see(e)
	}
	return x, w.Verdict()
}

// Fischer, Lynch and Paterson: without a crash and with every message delivered, Paxos is kept from deciding for as long as the adversary likes. Fails if a
// majority accepts while it may still withhold, if a message is lost or a node crashes, or if fewer than 10,000 ballots are begun in vain.
func TestNeverDecides(t *testing.T) {
	ballots, d := 10_000, 80*time.Minute
	if testing.Short() {
		ballots, d = 500, 4*time.Minute
	}
	x, v := under(t, 1, "always withhold\n", d)
	if v.Outcome != sim.OK {
		t.Fatalf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
	if x.ballots < ballots || x.chosen <= x.settled {
		t.Errorf("%d ballots in vain, and chosen at %v; faults end at %v", x.ballots, x.chosen, x.settled)
	}
	if x.crashes+x.lost+len(x.under) > 0 || v.Faults[fault.Crashes] > 0 {
		t.Errorf("%d crashes, %d messages lost, %d never delivered", x.crashes, x.lost, len(x.under))
	}
	if x.longest > 2*time.Second {
		t.Errorf("a message took %v", x.longest)
	}
	t.Logf("%d ballots, no message later than %v", x.ballots, x.longest)
}

// Fails if random back-off does not end it once the adversary has a bound, at whatever seed, or if the bound does not hold.
func TestDecidesWithinABound(t *testing.T) {
	const long, bound = 20 * time.Second, 20 * time.Millisecond
	for seed := range uint64(10) {
		x, v := under(t, seed, "always withhold\n20s withhold 20ms\n", 80*time.Second)
		if v.Outcome != sim.OK {
			t.Fatalf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
		}
		if x.chosen < clock.Time(long) || x.chosen >= x.settled {
			t.Errorf("seed %d: chosen at %v, the bound is from %v to %v", seed, x.chosen, long, x.settled)
		}
		if y, _ := under(t, seed, "always withhold 20ms\n", 0); y.longest > bound || y.chosen == 0 {
			t.Errorf("seed %d: a message takes %v, with a bound of %v", seed, y.longest, bound)
		}
	}
}

// Fails if the adversary is beaten by more of anything: acceptors, proposers, messages that overtake one another, slow disks, nodes that crash.
func TestNeverDecidesWithMore(t *testing.T) {
	for _, test := range []struct {
		plan     string
		settings []string
	}{
		{"always law uniform 500µs 5ms\n", nil},
		{"always law newest-first 2ms 300ms 25%\n", nil},
		{"always sync 20ms\n", nil},
		{"always ties shuffled\n", []string{"proposers=5"}},
		{"", []string{"proposers=1"}},
		{"3s crash a1\n4s restart a1\n5s crash p2 for 1s\n", nil},
	} {
		for seed := range uint64(3) {
			x, v := under(t, seed, test.plan+"always withhold\n", 20*time.Second, test.settings...)
			if x.chosen > 0 && x.chosen <= x.settled || v.Outcome != sim.OK || x.ballots < 15 {
				t.Errorf("%q %v seed %d: chosen at %v after %d ballots, %v %s", test.plan, test.settings, seed, x.chosen, x.ballots, v.Outcome, v.Why)
			}
		}
	}
}

// What decides, case by case: an Accept of 1.2 to a1, which stands as it is said first, as do a2 and a3 after it. Fails if one acceptance too few or too many is taken for a quorum, if
// one in a lower ballot is counted, or one that may be hidden behind a higher ballot, a crash or a broken disk is not, and if a message decides that a1 refuses, or that it does not hear.
func TestDecidesCaseByCase(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	promised := func(b Ballot) vote { return vote{promised: b} }
	accepted := func(b Ballot) vote { return vote{promised: b, accepted: b} }
	for _, c := range []struct {
		name   string
		stand  [3]vote
		halted string // acceptors
		down   string
		want   bool
	}{
		{"nobody has accepted anything", [3]vote{}, "", "", false},
		{"one other has accepted", [3]vote{{}, accepted(b12), {}}, "", "", true},
		{"the third has", [3]vote{{}, {}, accepted(b12)}, "", "", true},
		{"others have in a lower ballot", [3]vote{{}, accepted(b11), accepted(b11)}, "", "", false},
		{"one other has in a higher ballot", [3]vote{{}, accepted(b21), {}}, "", "", true},
		{"others have promised", [3]vote{{}, promised(b12), promised(b21)}, "", "", false},
		{"a1 has promised the same ballot", [3]vote{promised(b12), accepted(b12), {}}, "", "", true},
		{"a1 has promised more", [3]vote{promised(b21), accepted(b12), {}}, "", "", false},
		{"a1 has accepted it before", [3]vote{accepted(b12), accepted(b12), accepted(b12)}, "", "", false},
		{"a1 has accepted less", [3]vote{accepted(b11), accepted(b12), {}}, "", "", true},
		{"a1 has halted", [3]vote{{}, accepted(b12), {}}, "a1", "", false},
		{"the other has halted since", [3]vote{{}, accepted(b12), {}}, "a2", "", true},
		{"the other has halted before", [3]vote{}, "a2", "", false},
		{"one is down, and may have accepted", [3]vote{}, "", "a2", true},
	} {
		text := "always loss 100%\n"
		if c.down != "" {
			text += "100ms crash " + c.down + " for good\n"
		}
		plan, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Plan: &plan, For: 2 * time.Second, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		w.Run(0)
		for i, id := range names("a", 3) {
			if node, ok := w.Node(id); ok {
				a := node.(*Acceptor)
				a.votes, a.halted = []vote{c.stand[i]}, c.halted == string(id)
			}
		}
		if got := s.Decides(o)(w, "a1", Accept{Ballot: b12, Value: "B"}); got != c.want {
			t.Errorf("%s: it decides %v, want %v", c.name, got, c.want)
		}
		for _, id := range []sim.NodeID{"p1", "l1"} {
			if s.Decides(o)(w, id, Accept{Ballot: b12, Value: "B"}) {
				t.Errorf("%s: %s accepts nothing, and what it hears decides", c.name, id)
			}
		}
		for _, id := range names("a", 3) {
			if s.Decides(o)(w, id, Prepare{Ballot: b12}) || s.Decides(o)(w, id, Ask{}) {
				t.Errorf("%s: %s is asked to accept nothing, and that decides", c.name, id)
			}
		}
	}
}

// Fails if an Accept that would complete a majority is taken for one that decides nothing, at whatever moment of a run, or one that cannot, since its acceptor
// refuses or nobody else has accepted anything, for one that decides.
func TestDecides(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	decide, completes, cannot := s.Decides(o), 0, 0
	for seed := range uint64(10) {
		w, err := s.World(sim.Config{Seed: seed, Faults: "calm", Options: o})
		if err != nil {
			t.Fatal(err)
		}
		x := newWitness()
		for e := range w.Events(0) {
			x.see(e)
			node, idle := w.Node("a1")
			if !idle {
				continue
			}
			promised, accepted, _ := node.(*Acceptor).stands(0)
			for b, by := range x.votes {
				m := Accept{Ballot: b, Value: "A"}
				if refuses := b.Less(promised) || by["a1"]; refuses && !by["a1"] || accepted == b {
					if cannot++; decide(w, "a1", m) {
						t.Fatalf("seed %d, event %d: a1 stands at %v, and %v decides", seed, e.Seq, promised, m)
					}
				} else if !refuses {
					if completes++; !decide(w, "a1", m) { // somebody else has accepted in it
						t.Fatalf("seed %d, event %d: %v would complete a majority with %v", seed, e.Seq, m, by)
					}
				}
			}
			if decide(w, "p1", Accept{Ballot: Ballot{99, 1, 1}}) || decide(w, "a1", Prepare{Ballot: Ballot{99, 1, 1}}) {
				t.Fatal("a proposer accepts, or a promise decides")
			}
		}
	}
	if completes < 20 || cannot < 20 {
		t.Errorf("tried on %d that complete a majority, and %d that cannot", completes, cannot)
	}
}
