package multipaxos

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/workload"
)

// What is on the disk is there after a restart: promise, acceptances, snapshot with its sessions. Fails if any of it is lost, or comes back otherwise.
func TestDiskRemembers(t *testing.T) {
	set := three()
	set.Keep = 2
	d := start(t, 3, set)
	a, b := batch([]workload.Command{put(1, "x", "a1")}), batch([]workload.Command{put(2, "x", "a2")})
	d.hears("s1", Prepare{Ballot: ballot(1, 1)})
	for slot, v := range []Value{a, b, NoOp} {
		d.hears("s1", Accept{ballot(2, 1), Slot(slot), v, Slot(slot)})
	}
	if got := d.facts(); !contains(got, "snapshot below 2") {
		t.Fatalf("facts %q", got)
	}
	r := d.again(t)
	if got := r.facts(); got != "s3 recovered: promised 2.s1, snapshot below 2, 1 votes" || r.next != 2 {
		t.Errorf("facts %q, %d executed", got, r.next)
	}
	if got := r.store.Read(workload.Op{Verb: "get", Key: "x"}); got.Value != "a2" {
		t.Errorf("x is %v", got)
	}
	if c := put(2, "x", "a2"); true {
		if out, fresh, known := r.store.Apply(&c); fresh || !known || !out.OK {
			t.Error("the session is forgotten")
		}
	}
	if got := fmt.Sprint(r.report(0)); got != "[2: 2.s1 no-op]" {
		t.Errorf("votes %s", got)
	}
}

// damage changes a byte of a file.
func (d desk) damage(t *testing.T, name string, at int64) {
	t.Helper()
	p := make([]byte, 1)
	if _, err := d.env.Store.ReadAt(name, p, at); err != nil {
		t.Fatal(err)
	}
	p[0] ^= 0x55
	if err := d.env.Store.WriteAt(name, p, at); err != nil {
		t.Fatal(err)
	}
}

// A damaged value is missing, and says so until it comes from others; those behind it are there. Fails if the log is cut off at the damage, or a value is
// made up.
func TestDamagedValue(t *testing.T) {
	d := start(t, 3, three())
	a := batch([]workload.Command{put(1, "x", "a1")})
	for slot := range Slot(3) {
		d.hears("s1", Accept{ballot(2, 1), slot, a, 0})
	}
	d.damage(t, valuesFile(d.gen), 20)
	for range 2 { // the damage is noticed once, and remembered
		d = d.again(t)
		if got, want := fmt.Sprint(d.report(0)), "[0: 2.s1 (lost) 1: 2.s1 c1#1 put x a1 2: 2.s1 c1#1 put x a1]"; got != want {
			t.Fatalf("votes %s, want %s", got, want)
		}
	}
	d.facts()
	d.goes(t, []step{
		{"s2", Prepare{Ballot: ballot(3, 2)}, "Promise{3.s2 by s3, has 0: 2.s1 (lost); 1: 2.s1 c1#1 put x a1; 2: 2.s1 c1#1 put x a1} s2"},
		{"s2", Accept{ballot(3, 2), 0, a, 0}, "Accepted{3.s2 in 0 by s3} s2"},
	})
	if got := d.again(t).report(0)[0]; got.Missing || got.Value != a {
		t.Errorf("has %v", got)
	}
	d = d.again(t)
	d.cells[1].missing = true
	d.goes(t, []step{{"s2", Entries{1, []Value{a}}, ""}})
	if got := d.facts(); !contains(got, "has the value of 1 again") {
		t.Errorf("facts %q", got)
	}
}

// A damaged snapshot is lost: the server keeps its votes, executes nothing, leads nobody, and asks for the state until it comes.
func TestDamagedSnapshot(t *testing.T) {
	set := three()
	set.Keep = 1
	d := start(t, 3, set)
	d.hears("s1", Accept{ballot(2, 1), 0, batch([]workload.Command{put(1, "x", "a1")}), 0})
	d.hears("s1", Accept{ballot(2, 1), 1, NoOp, 1})
	state := Snapshot{1, d.encode()}
	d.damage(t, stateFile(d.gen), 20)
	d = d.again(t)
	if got := d.facts(); got != "lost the snapshot below 1 s3 recovered: promised 2.s1, snapshot below 1, 1 votes" {
		t.Fatalf("facts %q", got)
	}
	d.env.Clock += time.Second
	d.goes(t, []step{
		{"s3", wake{}, "Ask{from 1} s1"},
		{"s1", Decided{ballot(2, 1), 2}, ""}, // it has just asked
		{"s2", Ask{0, false}, ""},
		{"s1", state, ""},
	})
	if got := d.facts(); d.lost || !contains(got, "installed a snapshot below 1 snapshot below 2") && !contains(got, "executed 1: no-op") {
		t.Errorf("facts %q", got)
	}
	if r := d.again(t); r.lost || r.store.Read(workload.Op{Verb: "get", Key: "x"}).Value != "a1" {
		t.Error("the state is not on the disk")
	}
}

// Damage where promises stand is a lost identity: nobody knows what was promised. Fails if the server votes on as who it was.
func TestDamagedPromise(t *testing.T) {
	d := start(t, 3, three())
	d.hears("s1", Accept{ballot(2, 1), 0, NoOp, 0})
	d.hears("s1", Accept{ballot(2, 1), 1, NoOp, 0})
	d.damage(t, votesFile, 24)
	r := d.again(t)
	if got := r.hears("s1", Prepare{Ballot: ballot(3, 1)}); got != "Identify{} o" || !r.member.None() {
		t.Errorf("sends %q as %v", got, r.member)
	}
}

// durable is what would be there after a power failure now.
func (d desk) durable() disk.View {
	store := d.env.Store.(*disk.Disk)
	store.Happened(store.Issued())
	return store.Durable()
}

// A message that promises something is borne out by a record on the disk. Fails if one that is not durable, or says something else, would pass.
func TestBacked(t *testing.T) {
	d := start(t, 3, three())
	d.hears("s1", Prepare{Ballot: ballot(2, 1)})
	d.hears("s1", Accept{ballot(2, 1), 0, NoOp, 0})
	durable := d.durable()
	at := backing{d.cells[0].at}
	for _, good := range []sim.Backed{Prepare{ballot(2, 1), 0, at}, Promise{Ballot: ballot(2, 1), backing: at}, Promise{Ballot: ballot(1, 1), backing: at}, Accepted{ballot(2, 1), 0, member(3), at}} {
		if err := good.Backed(durable); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, bad := range []sim.Backed{Prepare{ballot(3, 1), 0, at}, Promise{Ballot: ballot(3, 1), backing: at}, Accepted{ballot(2, 1), 1, member(3), at}, Accepted{ballot(1, 1), 0, member(3), at},
		Accepted{ballot(2, 1), 0, member(3), backing{}}, Promise{Ballot: ballot(1, 1)}} {
		if bad.Backed(durable) == nil {
			t.Errorf("%v passes", bad)
		}
	}
	unsynced, err := d.stable.votes.Append(voteBytes(1, ballot(2, 1), 0))
	if err != nil {
		t.Fatal(err)
	}
	if (Accepted{ballot(2, 1), 1, member(3), backing{unsynced}}).Backed(d.durable()) == nil {
		t.Error("an acceptance that was not synced passes")
	}
}

// A server learns from others a value that its disk had lost, and is then asked once more to accept it in the same ballot. Fails if it answers by the damaged record, which
// does not bear the answer out.
func TestRepairedVoteIsWrittenAgain(t *testing.T) {
	d := start(t, 3, three())
	a := batch([]workload.Command{put(1, "x", "a1")})
	d.hears("s1", Accept{ballot(2, 1), 0, a, 0})
	d.damage(t, valuesFile(d.gen), 20)
	d = d.again(t)
	d.hears("s2", Entries{0, []Value{a}})
	d.Handle(d.env, "s1", Accept{ballot(2, 1), 0, a, 0})
	sent := d.env.Take()
	if len(sent) == 0 {
		t.Fatal("answers nothing")
	}
	m, ok := sent[len(sent)-1].Message.(Accepted)
	if !ok {
		t.Fatalf("answers %v", sent)
	}
	if err := m.Backed(d.durable()); err != nil {
		t.Error(err)
	}
	if got := d.again(t).report(0)[0]; got.Missing || got.Value != a {
		t.Errorf("has %v", got)
	}
}

// The file of votes gets its name when all that it begins with is durable. Fails if a server takes one whose last records have rotted since for its own: it would have
// forgotten what it promised.
func TestRotInWhatTheFileBeganWith(t *testing.T) {
	fs := disk.New()
	var s stable
	if err := s.format(fs, member(2), first(3)); err != nil {
		t.Fatal(err)
	}
	if err := s.confirm(); err != nil {
		t.Fatal(err)
	}
	if err := s.give(ballot(3, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.renew(fs, 7, "state"); err != nil {
		t.Fatal(err)
	}
	size, err := fs.Size(votesFile)
	if err != nil {
		t.Fatal(err)
	}
	var again stable
	if err := again.open(fs); err != nil || again.promised != ballot(3, 1) || !again.confirmed || again.base != 7 {
		t.Fatalf("%v: opened as %+v", err, again)
	}
	for at := range size {
		torn := disk.New()
		for _, name := range []string{votesFile, valuesFile(s.gen), stateFile(s.gen)} {
			copyFile(t, fs, torn, name)
		}
		b := make([]byte, 1)
		if _, err := torn.ReadAt(votesFile, b, at); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if err := torn.WriteAt(votesFile, []byte{b[0] ^ 1}, at); err != nil {
			t.Fatal(err)
		}
		var s stable
		if err := s.open(torn); !errors.Is(err, errNoMark) {
			t.Errorf("byte %d of %d has rotted: %v, promised %v", at, size, err, s.promised)
		}
	}
}

// copyFile copies a file from one disk to another.
func copyFile(t *testing.T, from, to disk.FS, name string) {
	t.Helper()
	size, err := from.Size(name)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, size)
	if size > 0 {
		if _, err := from.ReadAt(name, b, 0); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	if err := to.Append(name, b); err != nil {
		t.Fatal(err)
	}
}
