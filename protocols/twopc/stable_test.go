package twopc

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
)

// Whatever is written is read again, and nothing else is taken for a record.
func TestRecords(t *testing.T) {
	for _, r := range []record{
		{kind: lived, tx: Tx{Life: 3}},
		{kind: ended, tx: Tx{2, 300, 70000}, attempt: Attempt{1, 2, 300}},
		{prepared, t1, a22, PresumedCommit, "k1", peers, 1 << 40, []string{"x", ""}, []write{{"y", "7,8"}, {"", ""}}},
	} {
		b := r.append(nil)
		got, err := parseRecord(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%+v is read as %+v (%v)", r, got, err)
		}
		for n := range b {
			if _, err := parseRecord(b[:n]); err == nil {
				t.Errorf("%+v without its end passes", r)
			}
		}
		if _, err := parseRecord(append(b, 0)); err == nil {
			t.Errorf("%+v and one byte more passes", r)
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		b := make([]byte, rnd.IntN(40))
		for i := range b {
			b[i] = byte(rnd.IntN(4))
		}
		if r, err := parseRecord(b); err == nil && (r.kind == noRecord || r.kind > ended) {
			t.Errorf("%v is taken for a record", b)
		}
	}
}

// durable shows what a power failure would leave on the node's disk.
func durable(env *fake.Env) disk.View {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	return d.Durable()
}

// backed says for each message that the node sends whether its disk bears it out.
func backed(env *fake.Env) (s []string) {
	for _, sent := range env.Take() {
		if m, ok := sent.Message.(sim.Backed); ok {
			s = append(s, fmt.Sprint(m, " ", m.Backed(durable(env)) == nil))
		}
	}
	return s
}

// The write-ahead rule: what is promised is on disk when it is sent, unless logs are not forced; then it is not.
func TestPromisesAreBacked(t *testing.T) {
	for _, forced := range []bool{true, false} {
		s := recoverable
		s.durable = forced
		p, env := participant(s)
		var got []string
		for _, m := range []sim.Message{ask(t1, 1, PresumedAbort, appendX...), ask(t1, 1, PresumedAbort, appendX...), Fence{t1, a22, Basic},
			Decision{Tx: t1, Attempt: a22, Commit: true}, Fence{t1, a22, Basic}, Fence{t2, a22, Basic}} {
			p.Handle(env, "c", m)
			got = append(got, backed(env)...)
		}
		x := fmt.Sprint(forced)
		want := []string{"Vote{T1 yes} " + x, "Vote{T1 yes} " + x, "Fenced{T1 prepared, 2.2} " + x, "Ack{T1 commit} " + x, "Fenced{T1 committed, 2.2} " + x, "Fenced{T2 aborted, 2.2} " + x}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("a participant says\n\t%v, want\n\t%v", got, want)
		}
		for _, v := range []Presume{Basic, PresumedAbort, PresumedCommit} {
			for _, yes := range []bool{true, false} {
				s := right
				s.durable = forced
				c, env := coordinator(s)
				c.Handle(env, "k1", Begin{1})
				if b := backed(env); len(b) != 1 || b[0] != "Begun{1, T1} true" {
					t.Errorf("%v", b) // lives are forced whatever is said: a number is given once
				}
				c.Handle(env, "k1", request(t1, v))
				for i, b := range backed(env) {
					if want := fmt.Sprint("CanCommit{T1} ", forced || v != PresumedCommit); b != want {
						t.Errorf("%v: %d: %s, want %s", v, i, b, want)
					}
				}
				c.Handle(env, "p1", vote(t1, true))
				c.Handle(env, "p2", vote(t1, yes))
				for i, b := range backed(env) {
					if want := fmt.Sprintf("Decision{T1 %s} %v", commitAbort(yes), forced || v == PresumedAbort && !yes); b != want {
						t.Errorf("%v: %d: %s, want %s", v, i, b, want)
					}
				}
			}
		}
	}
}

// A record that is durable but says something else bears nothing out.
func TestBackedReadsTheRecord(t *testing.T) {
	p, env := participant(recoverable)
	p.Handle(env, "c", ask(t1, 1, Basic, appendX...))
	at := p.branch(t1).at
	right := Vote{t1, a11, true, 1, at}
	if err := right.Backed(durable(env)); err != nil {
		t.Error(err)
	}
	for _, m := range []sim.Backed{
		Vote{t2, a11, true, 1, at}, Vote{t1, a22, true, 1, at}, Vote{t1, a11, true, 1, backing{}}, Vote{t1, a11, true, 1, backing{at.after + 1}},
		Ack{t1, true, at}, Fenced{t1, a22, Prepared, at}, Fenced{t1, a11, Aborted, at}, Fenced{t2, a11, Prepared, at},
	} {
		if m.Backed(durable(env)) == nil {
			t.Errorf("%v is backed by a record that does not say so", m)
		}
	}
	c, env := coordinator(recoverable)
	c.Handle(env, "k1", Begin{1})
	c.Handle(env, "k1", request(t1, PresumedCommit))
	at = c.byTx[t1].at
	for _, m := range []sim.Backed{
		Begun{1, Tx{1, 2, 1}, c.journal.begun}, Begun{1, t1, at}, CanCommit{Tx: t2, Presume: PresumedCommit, backing: at},
		Decision{t1, a11, true, PresumedCommit, at}, Decision{t1, a11, false, Basic, at}, Decision{t2, a11, false, PresumedCommit, at}, Decision{t1, a22, false, PresumedCommit, at},
	} {
		if m.Backed(durable(env)) == nil {
			t.Errorf("%v is backed by a record that does not say so", m)
		}
	}
	if err := (Decision{t1, a11, false, PresumedCommit, at}).Backed(durable(env)); err != nil {
		t.Error(err)
	}
}

// A node whose log is damaged does not guess.
func TestDamagedLogsHalt(t *testing.T) {
	for _, n := range []struct {
		name string
		node func() sim.Node
	}{
		{participantLog, func() sim.Node { return newParticipant(right, 1, votes{}, Strict) }},
		{coordinatorLog, func() sim.Node { return newCoordinator(right, 1) }},
	} {
		env := fake.New("x")
		for range 2 {
			n.node().Start(env)
		}
		if err := env.Store.WriteAt(n.name, []byte("garbage"), 4); err != nil {
			t.Fatal(err)
		}
		env.Facts = nil
		last := n.node()
		last.Start(env)
		if _, ok := env.Facts[0].(Halted); !ok || len(env.Facts) != 1 {
			t.Errorf("%s is damaged: facts %v", n.name, env.Facts)
		}
		spoken(env)
		for _, m := range []sim.Message{Begin{1}, ask(t1, 1, Basic, appendX...)} {
			if got := tell(env, last, "c", m); got != "" {
				t.Errorf("%s is damaged, yet: %s", n.name, got)
			}
		}
	}
}

// What two transactions, attempts and words of the protocol look like.
func TestNames(t *testing.T) {
	for want, x := range map[string]fmt.Stringer{
		"none": Tx{}, "T3": t3, "T2:1": Tx{2, 1, 1}, "T5/2": Tx{1, 2, 5}, "T2:5/4": Tx{2, 4, 5},
		"1.1": a11, "3.2/7": Attempt{3, 2, 7},
		"basic": Basic, "presumed-abort": PresumedAbort, "presumed-commit": PresumedCommit,
		"read x": Op{Kind: Read, Key: "x"}, "write x 7": Op{Write, "x", "7"},
		"Vote{T1 no, 2.2}": Vote{Tx: t1, Attempt: a22},
	} {
		if x.String() != want {
			t.Errorf("%#v prints %q, want %q", x, x.String(), want)
		}
	}
	order := []Attempt{{}, a11, {1, 1, 2}, {1, 2, 1}, a22, {3, 1, 1}}
	for i, a := range order {
		for j, b := range order {
			if a.Less(b) != (i < j) {
				t.Errorf("%v less than %v: %v", a, b, a.Less(b))
			}
		}
	}
}
