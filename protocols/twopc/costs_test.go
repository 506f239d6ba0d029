package twopc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/disk"
)

// The figures for three participants, written out: for a commit those of Mohan, Lindsay and Obermarck (1986),
// summed over all nodes. Fails if a formula gives anything else.
func TestPriceOfThree(t *testing.T) {
	for _, c := range []struct {
		presume                         Presume
		yes                             int
		messages, delays                int
		coordinatorForced, coordinator  int // and unforced
		participantForced, participants int
		first, last                     int // when participants decide
	}{
		{Basic, 3, 12, 4, 1, 1, 6, 0, 3, 3},
		{PresumedAbort, 3, 12, 4, 1, 1, 6, 0, 3, 3},
		{PresumedCommit, 3, 9, 3, 2, 0, 3, 3, 3, 3},
		{Basic, 2, 10, 4, 1, 1, 5, 0, 1, 3},
		{PresumedAbort, 2, 8, 3, 0, 0, 2, 3, 1, 3},
		{PresumedCommit, 2, 10, 4, 1, 2, 5, 0, 1, 3},
		{Basic, 0, 6, 2, 1, 1, 3, 0, 1, 1},
		{PresumedAbort, 0, 6, 2, 0, 0, 0, 3, 1, 1},
		{PresumedCommit, 0, 6, 2, 1, 2, 3, 0, 1, 1},
	} {
		got := price(c.presume, false, 3, c.yes)
		want := []checkers.RoleCost{
			{Role: coordinatorRole, Forced: c.coordinatorForced, Unforced: c.coordinator, First: 2, Last: 2},
			{Role: participantRole, Forced: c.participantForced, Unforced: c.participants, First: c.first, Last: c.last},
		}
		if got.Messages != c.messages || got.Delays != c.delays || got.Roles[0] != want[0] || got.Roles[1] != want[1] {
			t.Errorf("%v, %d of 3: got %+v, want %d messages, %d delays and %+v", c.presume, c.yes, got, c.messages, c.delays, want)
		}
	}
}

// "3n, 4n with acknowledgements": fails if a commit among n participants is priced otherwise.
func TestPriceOfCommit(t *testing.T) {
	for n := 1; n <= 16; n++ {
		for presume, messages := range map[Presume]int{Basic: 4 * n, PresumedAbort: 4 * n, PresumedCommit: 3 * n} {
			if got := price(presume, false, n, n).Messages; got != messages {
				t.Errorf("%v, n = %d: %d messages, want %d", presume, n, got, messages)
			}
		}
	}
}

// priced makes a run that counts costs.
func priced(t *testing.T, c cast, cfg sim.Config, settings ...string) (sim.Verdict, sim.Check) {
	t.Helper()
	s := scenario(c)
	o, err := s.ParseOptions(append([]string{"costs=true"}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options = o
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	i := slices.IndexFunc(v.Checks, func(c sim.Check) bool { return c.Property == "costs" })
	if i < 0 {
		t.Fatal("costs are not judged")
	}
	return v, v.Checks[i]
}

// For 2 to 16 participants, each variant and each number of votes for yes a run costs what the formulas say. Fails if one
// figure differs, or a transaction was not counted.
func TestCosts(t *testing.T) {
	for n := 2; n <= maxParticipants; n++ {
		settings := []string{fmt.Sprintf("participants=%d", n)}
		for _, more := range []string{"cooperative=true", "recovery=true", "script=true"} {
			v, c := priced(t, cast{}, sim.Config{Seed: uint64(n), Faults: "none"}, append(settings, more)...)
			if v.Outcome != sim.OK || c.Checks != uint64(3*(n+1)) {
				t.Errorf("n = %d, %s: %v %s after %d comparisons: %s", n, more, v.Outcome, v.Property, c.Checks, v.Why)
			}
		}
	}
}

// The default profile stays calm where costs are counted. Fails if it does not, or so slow a network delays somebody until
// he asks again.
func TestCostsInASwarm(t *testing.T) {
	for seed := range uint64(100) {
		v, c := priced(t, cast{}, sim.Config{Seed: seed}, "participants=4")
		if v.Outcome != sim.OK || c.Checks != 15 {
			t.Errorf("seed %d: %v %s after %d comparisons: %s", seed, v.Outcome, v.Property, c.Checks, v.Why)
		}
	}
}

// Fails if the table does not have all transactions, with their figures.
func TestCostsTable(t *testing.T) {
	v, _ := priced(t, cast{}, sim.Config{Seed: 1})
	if len(v.Accounts) != 1 {
		t.Fatalf("accounts %q", v.Accounts)
	}
	table := v.Accounts[0].Text
	for _, want := range []string{"T1 basic", "T6 presumed-abort", "T12 presumed-commit", "3/3  12 ", "3/3  9 ", "12 of 12 transactions compared: as the formulas say"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not say %q:\n%s", want, table)
		}
	}
	if n := strings.Count(table, "\n"); n != 14 {
		t.Errorf("the table has %d lines, want a head of two, 12 rows and a foot:\n%s", n+1, table)
	}
}

// An eager node syncs whatever it writes.
type eager struct{ sim.Node }

type eagerEnv struct{ sim.Env }

type eagerDisk struct{ disk.FS }

func (n eager) Start(env sim.Env) { n.Node.Start(eagerEnv{env}) }

func (e eagerEnv) Disk() disk.FS { return eagerDisk{e.Env.Disk()} }

func (d eagerDisk) Append(name string, p []byte) error {
	if err := d.FS.Append(name, p); err != nil || len(p) == 0 {
		return err
	}
	return d.FS.Sync(name)
}

// firstOnly is a cast in which the first participant is wrong.
func firstOnly(wrong func(*Participant) sim.Node) cast {
	return cast{participant: func(p *Participant) sim.Node {
		if p.number > 1 {
			return p
		}
		return wrong(p)
	}}
}

// One record forced more or less, or one message more, must show. Fails if the formulas are not compared with what
// happened.
func TestCostsComplain(t *testing.T) {
	for name, c := range map[string]struct {
		cast cast
		want string
	}{
		"a participant that forces everything": {firstOnly(func(p *Participant) sim.Node { return eager{p} }),
			"took 4 participant forced instead of 3, 2 participant unforced instead of 3"},
		"a participant that does not force decisions": {firstOnly(func(p *Participant) sim.Node { return lazyAt[Decision](p) }),
			"took 5 participant forced instead of 6, 1 participant unforced instead of 0"},
		"a coordinator that forces the end": {cast{coordinator: func(c *Coordinator) sim.Node { return eager{c} }},
			"2 coordinator forced instead of 1, 0 coordinator unforced instead of 1"},
		"a participant that acknowledges twice": {firstOnly(func(p *Participant) sim.Node {
			return mistaken[*Participant]{p, func(p *Participant, env sim.Env, from sim.NodeID, m *sim.Message) bool {
				if d, ok := (*m).(Decision); ok && d.Commit {
					p.Handle(env, from, d)
				}
				return false
			}}
		}), "T1 took 13 messages instead of 12, 4 Ack instead of 3"},
	} {
		v, check := priced(t, c.cast, sim.Config{Seed: 1, Faults: "none"})
		if v.Outcome != sim.Violated || check.Outcome != sim.Violated || !strings.Contains(check.Why, c.want) {
			t.Errorf("%s: %v %s, %q, want %q", name, v.Outcome, v.Property, check.Why, c.want)
		}
	}
}
