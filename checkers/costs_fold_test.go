package checkers

import (
	"encoding/binary"
	"errors"
	"testing"

	"simrun/sim"
	"simrun/sim/disk"
)

// A parcel is a message of an imaginary commitment; gossipOf is none of its own.
type (
	parcel   struct{ tx txn }
	gossipOf struct{ tx txn }
)

func foldOf() *ledger {
	return newLedger(Costing{
		Commitment: commitment,
		Message:    func(m sim.Message) (any, bool) { p, ok := m.(parcel); return p.tx, ok },
		Record:     func(file string, r []byte) (any, bool) { return txn(r[0]), file == "log" || file == "other" },
		Role:       func(id sim.NodeID) string { return map[sim.NodeID]string{"c": "asker", "p": "voter", "q": "voter"}[id] },
	})
}

// on makes an operation. Of an append the text is the payload.
func on(kind disk.OpKind, file, text string) *disk.Op {
	op := &disk.Op{Kind: kind, Name: file, Len: len(text)}
	if kind == disk.AppendOp {
		op.Bytes = append(make([]byte, 16), text...)
		binary.LittleEndian.PutUint32(op.Bytes[4:], uint32(len(text)))
	}
	return op
}

// A moment is an event of node p, by its cause.
type moment struct {
	cause uint64
	kind  sim.Kind
	data  any
}

// fold shows events to a ledger, numbered from 1.
func fold(moments ...moment) *ledger {
	l := foldOf()
	for i, m := range moments {
		l.observe(&sim.Event{Seq: uint64(i + 1), Cause: m.cause, Kind: m.kind, Node: "p", Data: m.data})
	}
	return l
}

// Fails if a record counts as forced though the node went on before its sync, or as unforced though it did
// not. All begin with a message handled, event 1.
func TestForced(t *testing.T) {
	handled := moment{0, sim.Delivered, nil}
	app := func(cause uint64, file, text string) moment {
		return moment{cause, sim.DiskDone, on(disk.AppendOp, file, text)}
	}
	sync := func(cause uint64, file string) moment { return moment{cause, sim.DiskDone, on(disk.SyncOp, file, "")} }
	bad := &disk.Op{Kind: disk.SyncOp, Name: "log", Err: errors.New("full")}
	lost := on(disk.AppendOp, "log", "\x01")
	lost.Err = errors.New("full")
	for _, c := range []struct {
		name             string
		moments          []moment
		forced, unforced int
	}{
		{"at once", []moment{handled, app(1, "log", "\x01"), sync(2, "log")}, 1, 0},
		{"after an operation on another file", []moment{handled, app(1, "log", "\x01"), app(2, "x", "?"), sync(3, "log")}, 1, 0},
		{"a look at the file does no harm", []moment{handled, app(1, "log", "\x01"), {2, sim.DiskDone, on(disk.ReadOp, "log", "")}, sync(3, "log")}, 1, 0},
		{"a fact noted, a timer set", []moment{handled, app(1, "log", "\x01"), {2, sim.Noted, gossip{}}, {2, sim.TimerSet, gossip{}}, sync(2, "log")}, 1, 0},
		{"two files, each synced", []moment{handled, app(1, "log", "\x01"), app(2, "other", "\x01"), sync(3, "other"), sync(4, "log")}, 2, 0},
		{"never", []moment{handled, app(1, "log", "\x01")}, 0, 1},
		{"another file", []moment{handled, app(1, "log", "\x01"), sync(2, "other")}, 0, 1},
		{"after a message left", []moment{handled, app(1, "log", "\x01"), {2, sim.Sent, gossipOf{1}}, sync(2, "log")}, 0, 1},
		{"in another call", []moment{handled, app(1, "log", "\x01"), handled, sync(3, "log")}, 0, 1},
		{"two before one sync", []moment{handled, app(1, "log", "\x01"), app(2, "log", "\x01"), sync(3, "log")}, 1, 1},
		{"a sync that fails", []moment{handled, app(1, "log", "\x01"), {2, sim.DiskDone, bad}}, 0, 1},
		{"an append that fails", []moment{handled, {1, sim.DiskDone, lost}}, 0, 0},
		{"another's record", []moment{handled, app(1, "else", "\x01"), sync(2, "else")}, 0, 0},
		{"what is no record", []moment{handled, {1, sim.DiskDone, &disk.Op{Kind: disk.WriteOp, Name: "log", Bytes: []byte("xyz")}}}, 0, 0},
	} {
		l := fold(c.moments...)
		got := l.of(txn(1)).role("voter")
		if got.Forced != c.forced || got.Unforced != c.unforced {
			t.Errorf("%s: got %d forced and %d unforced, want %d and %d", c.name, got.Forced, got.Unforced, c.forced, c.unforced)
		}
	}
}

// Fails if a chain counts the messages of another transaction, forgets its own behind those, or is not
// followed through timers and disks; if the longest of several is not the one that counts.
func TestDelays(t *testing.T) {
	send := func(cause uint64, tx txn) moment { return moment{cause, sim.Sent, parcel{tx}} }
	l := fold(
		moment{0, sim.Started, uint64(1)}, send(1, 1), // T1: 1
		moment{2, sim.Delivered, parcel{1}}, send(3, 2), // T2: 1
		moment{4, sim.Delivered, parcel{2}}, moment{5, sim.TimerSet, gossip{}}, moment{6, sim.TimerFired, gossip{}},
		moment{7, sim.DiskDone, on(disk.SyncOp, "log", "")}, send(8, 1), // T1: 2
		send(1, 1), // T1: 1 again
		moment{9, sim.Noted, ruled{1, true}}, moment{9, sim.Noted, ruled{2, false}}, moment{10, sim.Noted, ruled{1, true}},
	)
	one, two := l.of(txn(1)), l.of(txn(2))
	if one.Messages != 3 || one.Delays != 2 || two.Messages != 1 || two.Delays != 1 {
		t.Errorf("got %+v and %+v", one.Cost, two.Cost)
	}
	if r := one.role("voter"); r.First != 2 || r.Last != 2 || !one.Commit {
		t.Errorf("a second decision counts: %+v", r)
	}
	if r := two.role("voter"); r.First != 1 || r.Last != 1 || two.Commit {
		t.Errorf("got %+v", r)
	}
}

// Fails if the first and the last decision are those by time: the chain of one that decides early may be the
// longer one. Or if a node without a role counts.
func TestFirstAndLast(t *testing.T) {
	l := foldOf()
	for i, e := range []sim.Event{
		{Kind: sim.Started, Node: "c"}, {Kind: sim.Sent, Cause: 1, Node: "c", Data: parcel{1}}, {Kind: sim.Sent, Cause: 2, Node: "c", Data: parcel{1}},
		{Kind: sim.Noted, Cause: 3, Node: "p", Data: ruled{1, true}}, {Kind: sim.Noted, Cause: 2, Node: "q", Data: ruled{1, true}},
		{Kind: sim.Noted, Cause: 1, Node: "c", Data: ruled{1, true}}, {Kind: sim.Noted, Cause: 3, Node: "x", Data: ruled{1, true}},
	} {
		e.Seq = uint64(i + 1)
		l.observe(&e)
	}
	a := l.of(txn(1))
	if r := a.role("voter"); r.First != 1 || r.Last != 2 || len(a.Roles) != 2 || a.role("asker").Last != 0 {
		t.Errorf("got %+v", a.Roles)
	}
}
