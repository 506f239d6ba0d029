package twopc

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// newTeller starts a teller of two shards and one coordinator with these orders, and lets it begin.
func newTeller(t *testing.T, text string) (*Teller, *fake.Env) {
	t.Helper()
	all, err := parseOrders("k1: " + text)
	if err != nil {
		t.Fatal(err)
	}
	teller := &Teller{number: 1, tellers: 2, setup: setup{coordinators: []sim.NodeID{"c1"}}, shards: []sim.NodeID{"s1", "s2"}, accounts: 3, script: all[0], orders: len(all[0])}
	env := fake.New("k1")
	teller.Start(env)
	ring(teller, env)
	return teller, env
}

// ring lets the time of the alarm that counts come.
func ring(t *Teller, env *fake.Env) {
	env.Clock = t.alarm
	t.Handle(env, env.Node, alarm{t.alarm})
}

// sent says what was sent since the last call: "s1 Do{...}".
func sent(env *fake.Env) (list []string) {
	for _, s := range env.Take() {
		list = append(list, fmt.Sprintf("%s %v", s.To, s.Message))
	}
	return list
}

// expect fails unless exactly these messages were sent since the last call.
func expect(t *testing.T, env *fake.Env, want ...string) {
	t.Helper()
	if got := sent(env); !slices.Equal(got, want) {
		t.Fatalf("sent %q, want %q", got, want)
	}
}

// answer answers the request under way.
func answer(t *Teller, env *fake.Env, value string) {
	m := t.request.(Do)
	t.Handle(env, t.to, Done{Tx: m.Tx, Seq: m.Seq, Life: 1, Value: value})
}

// A transfer reads both accounts, writes both, and is committed. Fails if a step is left out, has the wrong balance or
// number, or the facts do not say what happened.
func TestTellerTransfers(t *testing.T) {
	k, env := newTeller(t, "pay a1 a2 5")
	expect(t, env, "c1 Begin{1}")
	k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 3}})
	expect(t, env, "s1 Do{T3 #1 read a1}")
	answer(k, env, "50")
	expect(t, env, "s2 Do{T3 #1 read a2}")
	answer(k, env, "")
	expect(t, env, "s1 Do{T3 #2 write a1 45}")
	answer(k, env, "")
	expect(t, env, "s2 Do{T3 #2 write a2 105}")
	answer(k, env, "")
	expect(t, env, "c1 Commit{T3}")
	parts := k.request.(Commit).Parts
	if len(parts) != 2 || parts[0].Node != "s1" || parts[0].Life != 1 || parts[1].Node != "s2" {
		t.Errorf("the commitment names %v", parts)
	}
	k.Handle(env, "c1", Outcome{Tx{1, 1, 3}, true})
	t3 := Tx{1, 1, 3}
	want := []any{Fetched{t3, "a1", Tx{}, 50}, Fetched{t3, "a2", Tx{}, 100}, Ended{Tx{1, 1, 3}, true}, Transferred{Tx{1, 1, 3}, "a1", "a2", 5}, Closed{1, 1, true}}
	if !slices.Equal(env.Facts, want) {
		t.Errorf("facts %v, want %v", env.Facts, want)
	}
	ring(k, env)
	expect(t, env)
}

// Nobody pays more than there is. Fails if a balance can fall below 0.
func TestTellerPaysWhatThereIs(t *testing.T) {
	k, env := newTeller(t, "pay a1 a2 5")
	k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 3}})
	answer(k, env, "3")
	answer(k, env, "10")
	sent(env)
	answer(k, env, "")
	expect(t, env, "s2 Do{T3 #2 write a2 13}")
}

// An audit reads all accounts and tells the sum once it is committed.
func TestTellerAudits(t *testing.T) {
	k, env := newTeller(t, "audit")
	k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 3}})
	answer(k, env, "90")
	answer(k, env, "110")
	answer(k, env, "")
	expect(t, env, "c1 Begin{1}", "s1 Do{T3 #1 read a1}", "s2 Do{T3 #1 read a2}", "s1 Do{T3 #2 read a3}", "c1 Commit{T3}")
	k.Handle(env, "c1", Outcome{Tx{1, 1, 3}, true})
	if !slices.Contains(env.Facts, any(Audited{Tx{1, 1, 3}, 300})) {
		t.Errorf("facts %v", env.Facts)
	}
}

// A transaction that is refused a lock is given up on the shards that worked for it, and its order tried again with the
// same age. Fails if locks stay, the age changes, or it is tried for ever.
func TestTellerTriesAgain(t *testing.T) {
	k, env := newTeller(t, "pay a1 a2 5")
	for try := uint32(1); try <= orderTries; try++ {
		k.Handle(env, "c1", Begun{Request: try, Tx: Tx{1, 1, try}})
		if age := k.request.(Do).Age; age != 1 {
			t.Fatalf("try %d has age %d", try, age)
		}
		answer(k, env, "50")
		env.Take()
		k.Handle(env, "s2", Done{Tx: Tx{1, 1, try}, Seq: 1, Life: 1, Refused: true})
		expect(t, env, fmt.Sprintf("s1 Abandon{T%d}", try), fmt.Sprintf("s2 Abandon{T%d}", try))
		ring(k, env)
		if try < orderTries {
			expect(t, env, fmt.Sprintf("c1 Begin{%d}", try+1))
		}
	}
	expect(t, env)
	if last := env.Facts[len(env.Facts)-1]; last != (Closed{1, 1, false}) {
		t.Errorf("the last fact is %v", last)
	}
}

// Fails if what is late or of another transaction is taken for an answer.
func TestTellerIgnoresWhatIsLate(t *testing.T) {
	k, env := newTeller(t, "pay a1 a2 5")
	t3 := Tx{1, 1, 3}
	env.Take()
	k.Handle(env, "c1", Begun{Request: 2, Tx: t3})
	k.Handle(env, "c1", Outcome{t3, true})
	expect(t, env)
	k.Handle(env, "c1", Begun{Request: 1, Tx: t3})
	env.Take()
	k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 4}})
	k.Handle(env, "s2", Done{Tx: t3, Seq: 1, Life: 1})
	k.Handle(env, "s1", Done{Tx: Tx{1, 1, 2}, Seq: 1, Life: 1})
	k.Handle(env, "s1", Done{Tx: t3, Seq: 2, Life: 1})
	k.Handle(env, "k1", alarm{time.Nanosecond})
	expect(t, env)
}

// Each request is repeated. Fails if one is not; if a step is asked for without end, while locks are held elsewhere;
// or if the outcome is not.
func TestTellerIsPatient(t *testing.T) {
	k, env := newTeller(t, "pay a1 a2 5")
	ring(k, env)
	expect(t, env, "c1 Begin{1}", "c1 Begin{1}")
	ring(k, env)
	expect(t, env, "c1 Begin{2}") // maybe from another coordinator
	k.Handle(env, "c1", Begun{Request: 2, Tx: Tx{1, 1, 3}})
	for range workTries - 1 {
		ring(k, env)
	}
	expect(t, env, slices.Repeat([]string{"s1 Do{T3 #1 read a1}"}, workTries)...)
	ring(k, env)
	expect(t, env, "s1 Abandon{T3}")
	ring(k, env)
	k.Handle(env, "c1", Begun{Request: 3, Tx: Tx{1, 1, 4}})
	for range k.steps() {
		answer(k, env, "")
	}
	env.Take()
	for range 20 {
		ring(k, env)
	}
	expect(t, env, slices.Repeat([]string{"c1 Commit{T4}"}, 20)...)
}

// Where coordinators take over, another is asked for the outcome when the first says nothing; where they do not, only the
// first can know. Fails if the teller asks the wrong one.
func TestTellerAsksWhoCanKnow(t *testing.T) {
	for _, recovery := range []bool{false, true} {
		k, env := newTeller(t, "pay a1 a2 5")
		k.coordinators, k.recovery = []sim.NodeID{"c1", "c2"}, recovery
		k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 3}})
		for range k.steps() {
			answer(k, env, "")
		}
		env.Take()
		for range 4 {
			ring(k, env)
		}
		want := []string{"c1 Commit{T3}", "c1 Commit{T3}", "c1 Commit{T3}", "c1 Commit{T3}"}
		if recovery {
			want = []string{"c1 Commit{T3}", "c2 Commit{T3}", "c1 Commit{T3}", "c2 Commit{T3}"}
		}
		expect(t, env, want...)
	}
}

// Work that a shard gives up before it was asked for a vote is forgotten in a crash, and may be done again: that is no decision
// until it is on disk. Fails if it is noted as one at once, or is not once it is found there.
func TestGivenUpWorkIsNoDecision(t *testing.T) {
	env := fake.New("s1")
	boot := func() *Participant {
		p := newParticipant(setup{coordinators: []sim.NodeID{"c1"}, durable: true}, 1, votes{}, Strict)
		env.Facts = nil
		p.Start(env)
		return p
	}
	p := boot()
	t1, t2 := Tx{1, 1, 1}, Tx{1, 1, 2}
	p.Handle(env, "k1", Do{t1, 1, 1, Op{Kind: Write, Key: "a1", Value: "7"}})
	p.Handle(env, "k2", Do{t2, 2, 1, Op{Kind: Write, Key: "a1", Value: "8"}})
	if !slices.Contains(env.Facts, any(Refused{t2, "a1", t1})) || slices.Contains(env.Facts, any(Decided{t2, false})) {
		t.Errorf("facts %v", env.Facts)
	}
	if err := env.Store.Sync(participantLog); err != nil {
		t.Fatal(err)
	}
	boot()
	if !slices.Contains(env.Facts, any(Decided{t2, false})) {
		t.Errorf("after a restart: facts %v", env.Facts)
	}
}

// What was done for a transaction in one life of a shard is forgotten in the next, and a late copy of the first Do may be done
// there once more. Fails if the life that is named to the coordinator is not the first one: what was read in it may have been
// overwritten since.
func TestTellerNamesTheFirstLife(t *testing.T) {
	k, env := newTeller(t, "pay a1 a3 5")
	k.Handle(env, "c1", Begun{Request: 1, Tx: Tx{1, 1, 3}})
	for life := range uint32(4) {
		m := k.request.(Do)
		k.Handle(env, k.to, Done{Tx: m.Tx, Seq: m.Seq, Life: life + 1, Value: "50"})
	}
	m, ok := k.request.(Commit)
	if want := []Part{{Node: "s1", Life: 1}}; !ok || !slices.EqualFunc(m.Parts, want, func(a, b Part) bool { return a.Node == b.Node && a.Life == b.Life }) {
		t.Errorf("it asks for %v, with %v", k.request, m.Parts)
	}
}
