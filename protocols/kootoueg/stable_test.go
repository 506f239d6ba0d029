package kootoueg

import (
	"bytes"
	"fmt"
	"testing"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A checkpoint comes back from its record as it was. Fails if a label, a message in a log or one that waits is forgotten.
func TestCheckpointRecord(t *testing.T) {
	codec := Codec{apps.Encode, apps.Decode}
	c := &checkpoint{id: c1, state: []byte("state"), nodes: []sim.NodeID{"p2", "p3"}, links: []link{
		{sent: 7, got: 300, log: []entry{{1, apps.Ping{N: 6}}, {2, apps.Word{To: 1, Text: "late"}}}},
		{waiting: []sim.Message{apps.Transfer{Money: 9}}},
	}}
	b := c.append(nil, codec)
	r := reader{b: b}
	if got := r.checkpoint(codec, c1); r.bad || len(r.b) > 0 || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c) {
		t.Errorf("read %+v, written %+v", got, c)
	}
	for n := range b {
		if r := (reader{b: b[:n]}); r.checkpoint(codec, c1) != nil && !r.bad {
			t.Errorf("%d bytes of %d pass for a checkpoint", n, len(b))
		}
	}
}

// Records that are none are refused. Fails if a damaged log would be believed.
func TestDamagedRecords(t *testing.T) {
	p, _ := start(t, 2)
	record := func(kind byte, id ID, rest ...byte) []byte { return append(id.append([]byte{kind}), rest...) }
	for what, b := range map[string][]byte{
		"nothing":                    {},
		"an unknown kind":            record('x', c1),
		"a permanent one of nothing": record(permanentRecord, c1),
		"a byte too many":            record(undoneRecord, c1, 0),
		"half a rollback":            record(rolledBackRecord, r2),
		"half a name":                {lifeRecord, 0, 9},
	} {
		if p.reread("p1", reclog.Record{Payload: b}) == nil {
			t.Errorf("%s passes for a record", what)
		}
	}
}

// The log of one life is what the next one finds.
func TestReadsItsLog(t *testing.T) {
	p, env := start(t, 3, func(p *Place) { p.Checkpoints = 3 })
	p.Handle(env, "p1", begin{})
	checkpointed(p, env)
	spend(p, env)
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	want := p.permanent
	p = restart(t, p, env)
	if p.life != 2 || p.taken != 1 || len(p.decided) != 1 || p.tentative == nil || p.tentative.id != c1 || p.incarnation != 1 {
		t.Errorf("life %d, taken %d, decided %v, tentative %+v", p.life, p.taken, p.decided, p.tentative)
	}
	if !bytes.Equal(p.permanent.state, want.state) || p.permanent.id != c2 {
		t.Errorf("permanent %+v, it was %+v", p.permanent, want)
	}
}

// What is undone is not found again: the next life need not ask an initiator that may be gone. Fails if the log does not say so.
func TestUndoneIsOnRecord(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	p.Handle(env, "p2", Undo{c1})
	if p = restart(t, p, env); p.tentative != nil {
		t.Errorf("%v is still there", p.tentative.id)
	}
	if list, to := sent[Inquire](env); len(list) != 0 {
		t.Errorf("asked %v of %v", list, to)
	}
}
