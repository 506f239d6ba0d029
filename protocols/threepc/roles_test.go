package threepc

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

var members = []sim.NodeID{"c", "p1", "p2", "p3"}

// participant returns a participant in its first life, and its world.
func participant(me Site, votes string) (*Participant, *fake.Env) {
	env := fake.New(members[me])
	p := &Participant{site: newSite(me, members, 2), votes: votes, acks: true, rule: ruleOf}
	p.Start(env)
	env.Timers = nil
	return p, env
}

// again starts the next life of a participant, on the disk that a crash leaves.
func again(env *fake.Env, p *Participant) *Participant {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	src := chance.Seeded(1)
	d.Crash(&src, chance.NewWord(string(env.Node)), 1, disk.Lose)
	env.Sent, env.Timers, env.Facts = nil, nil, nil
	next := &Participant{site: newSite(p.me, members, 2), votes: p.votes, acks: p.acks, rule: ruleOf}
	next.Start(env)
	return next
}

// hear hands a message to a node and prints what it sends, to whom.
func hear(t *testing.T, env *fake.Env, n sim.Node, from sim.NodeID, m sim.Message) string {
	t.Helper()
	n.Handle(env, from, m)
	return said(t, env)
}

// said prints what was sent since it was asked last. Whatever promises something must be borne out by the disk.
func said(t *testing.T, env *fake.Env) string {
	t.Helper()
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	var s []string
	for _, sent := range env.Take() {
		if b, ok := sent.Message.(sim.Backed); ok {
			if err := b.Backed(d.Durable()); err != nil {
				t.Errorf("%v: %v", sent.Message, err)
			}
			if b.Backed(disk.New().Durable()) == nil {
				t.Errorf("%v passes for backed by an empty disk", sent.Message)
			}
		}
		s = append(s, fmt.Sprintf("%s: %v", sent.To, sent.Message))
	}
	return strings.Join(s, "; ")
}

// latest returns the wait that was begun last.
func latest(t *testing.T, env *fake.Env) sim.Message {
	t.Helper()
	for i := len(env.Timers) - 1; i >= 0; i-- {
		if _, ok := env.Timers[i].Message.(overdue); ok {
			return env.Timers[i].Message
		}
	}
	t.Fatal("it waits for nothing")
	return nil
}

// A heard is a message that a site hears, and what it says to that.
type heard struct {
	rule string
	from sim.NodeID
	m    sim.Message // nil: it has waited long enough
	want string
}

func hears(t *testing.T, env *fake.Env, n sim.Node, steps []heard) {
	t.Helper()
	for _, s := range steps {
		m, from := s.m, s.from
		if m == nil {
			m, from = latest(t, env), env.Node
		}
		if got := hear(t, env, n, from, m); got != s.want {
			t.Errorf("%s: %v is answered by %q, want %q", s.rule, m, got, s.want)
		}
	}
}

// Each line would read differently if the guard it is about were missing.
func TestParticipantFollows(t *testing.T) {
	p, env := participant(2, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"once", "c", CanCommit{Tx: 1}, ""},
		{"it is too late to abort alone", "p2", unasked{1}, ""},
		{"whoever recovers learns nothing from one who is uncertain", "p3", Ask{Tx: 1, State: Uncertain}, ""},
		{"it is pre-committed", "c", PreCommit{Tx: 1}, "c: PreAck{T1}"},
		{"a repeated message is answered again", "c", PreCommit{Tx: 1}, "c: PreAck{T1}"},
		{"a backup is told the state", "p1", StateReq{Tx: 1, Leader: 1}, "p1: Report{T1 by p1, p}"},
		{"after which the coordinator is not heard", "c", PreCommit{Tx: 1}, ""},
		{"but the backup is", "p1", PreCommit{Tx: 1, Leader: 1}, "p1: PreAck{T1 by p1}"},
		{"the next backup is told the state", "p3", StateReq{Tx: 1, Leader: 3}, "p3: Report{T1 by p3, p}"},
		{"after which an old question is not heard", "p1", StateReq{Tx: 1, Leader: 1}, ""},
		{"nor an old request", "p1", PreCommit{Tx: 1, Leader: 1}, ""},
		{"it commits; a backup wants no acknowledgement", "p3", DoCommit{Tx: 1}, ""},
		{"nobody changes that", "c", DoAbort{Tx: 1}, ""},
		{"who asks is told", "p3", Ask{Tx: 1, State: Uncertain}, "p3: DoCommit{T1}"},
		{"a backup is told", "p3", StateReq{Tx: 1, Leader: 3}, "p3: Report{T1 by p3, c}"},
		{"who would elect it is told", "p3", Elect{1}, "p3: DoCommit{T1}"},
		{"who would move it is told", "p3", PreCommit{Tx: 1, Leader: 3}, "p3: DoCommit{T1}"},
		{"other transactions know nothing of this one", "c", CanCommit{Tx: 2}, "c: Vote{T2 yes}"},
		{"the coordinator wants an acknowledgement", "c", DoCommit{Tx: 2}, "c: HaveCommitted{T2}"},
		{"which says the same when it is known from another", "c", DoCommit{Tx: 1}, "c: HaveCommitted{T1}"},
	})
}

// Who has not voted aborts alone, and then cannot vote yes.
func TestParticipantAbortsAlone(t *testing.T) {
	for _, c := range []struct {
		why  string
		from sim.NodeID
		m    sim.Message
		want string
	}{
		{"it was not asked", "p2", unasked{1}, ""},
		{"a backup asks", "p1", StateReq{Tx: 1, Leader: 1}, "p1: Report{T1 by p1, a}"},
		{"it is elected", "p3", Elect{1}, "p3: DoAbort{T1}"},
		{"a recovered site asks", "p3", Ask{Tx: 1, State: Uncertain}, "p3: DoAbort{T1}"},
		{"it is told", "c", DoAbort{Tx: 1}, ""},
	} {
		p, env := participant(2, "yyy")
		hears(t, env, p, []heard{{c.why, c.from, c.m, c.want}, {c.why, "c", CanCommit{Tx: 1}, "c: Vote{T1 no}"}})
		if got := fmt.Sprint(env.Facts); got != "[T1 aborted]" {
			t.Errorf("%s: facts %s", c.why, got)
		}
		if p = again(env, p); fmt.Sprint(env.Facts) != "[T1 aborted]" || p.txs[1].recovered {
			t.Errorf("%s: after a restart: facts %v", c.why, env.Facts)
		}
	}
	p, env := participant(3, "yyn")
	hears(t, env, p, []heard{
		{"its vote is no", "c", CanCommit{Tx: 1}, "c: Vote{T1 no}"},
		{"a commit of what it has not voted on is nonsense", "c", DoCommit{Tx: 2}, ""},
	})
	if got := fmt.Sprint(env.Facts); got != "[T1 voted no T1 aborted]" {
		t.Errorf("facts %s", got)
	}
}

// A backup moves the others before it commits, by the states of those that are up.
func TestBackup(t *testing.T) {
	p, env := participant(2, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"the coordinator is silent", "", nil, "p1: Elect{T1}"},
		{"p1 is silent", "", nil, "p3: StateReq{T1 by p2}"},
		{"who elects it is late", "p3", Elect{1}, ""},
		{"an answer to another leader is none", "p3", Report{Tx: 1, Leader: 1, State: Committed}, ""},
		{"it moves p3 and does not commit yet", "p3", Report{Tx: 1, Leader: 2, State: PreCommitted}, "p3: PreCommit{T1 by p2}"},
		{"the same answer again moves nobody again", "p3", Report{Tx: 1, Leader: 2, State: PreCommitted}, ""},
		{"an old acknowledgement is none", "p3", PreAck{Tx: 1, Leader: 0}, ""},
		{"now it commits", "p3", PreAck{Tx: 1, Leader: 2}, "p3: DoCommit{T1}"},
	})
	p, env = participant(2, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"it is elected", "p3", Elect{1}, "p3: StateReq{T1 by p2}"},
		{"p3 is silent: all that are up are uncertain", "", nil, ""},
	})
	if got := fmt.Sprint(env.Facts[2:]); got != "[T1 terminated: all are uncertain T1 aborted]" {
		t.Errorf("facts %s", got)
	}
	p, env = participant(1, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"the coordinator is silent", "", nil, "p3: StateReq{T1 by p1}; p2: StateReq{T1 by p1}"},
		{"it waits for all", "p3", Report{Tx: 1, Leader: 1, State: PreCommitted}, ""},
		{"a decision that it learns meanwhile it passes on", "p2", DoCommit{Tx: 1}, "p3: DoCommit{T1}; p2: DoCommit{T1}"},
	})
	p, env = participant(1, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"it is pre-committed", "c", PreCommit{Tx: 1}, "c: PreAck{T1}"},
		{"the coordinator is silent", "", nil, "p3: StateReq{T1 by p1}; p2: StateReq{T1 by p1}"},
		{"one answers", "p3", Report{Tx: 1, Leader: 1, State: Uncertain}, ""},
		{"the other has crashed, and is not moved", "", nil, "p3: PreCommit{T1 by p1}"},
		{"then the one as well: there is nobody to tell", "", nil, ""},
	})
	if got := fmt.Sprint(env.Facts[3:]); got != "[T1 terminated: some are pre-committed T1 pre-committed by p1 T1 committed]" {
		t.Errorf("facts %s", got)
	}
}

// A leader need not have asked for the state: to be moved by it is on record as an answer too. Nobody before it is asked to
// lead when it is silent.
func TestMovedByANewLeader(t *testing.T) {
	p, env := participant(3, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"p1 moves it", "p1", PreCommit{Tx: 1, Leader: 1}, "p1: PreAck{T1 by p1}"},
		{"p2 does, where it is already", "p2", PreCommit{Tx: 1, Leader: 2}, "p2: PreAck{T1 by p2}"},
	})
	again(env, p)
	if got, want := said(t, env), "c: Ask{T1, has p by p2}; p1: Ask{T1, has p by p2}; p2: Ask{T1, has p by p2}"; got != want {
		t.Errorf("after a restart it says %q, want %q", got, want)
	}
	p, env = participant(3, "yyy")
	hears(t, env, p, []heard{
		{"it votes", "c", CanCommit{Tx: 1}, "c: Vote{T1 yes}"},
		{"p2 asks", "p2", StateReq{Tx: 1, Leader: 2}, "p2: Report{T1 by p2, w}"},
		{"p2 is silent, and p1 was before", "", nil, ""},
	})
	if !p.txs[1].state.Decided() {
		t.Error("it waits for somebody else to lead")
	}
}

// Each message against a record that says nearly what it promises. Fails if one is borne out by another's record.
func TestBacked(t *testing.T) {
	for _, x := range []struct {
		on       record
		bears    []sim.Backed
		bearsNot []sim.Backed
	}{
		{record{1, Uncertain, 1},
			[]sim.Backed{CanCommit{Tx: 1}, Vote{Tx: 1, Yes: true}, StateReq{Tx: 1, Leader: 1}, Report{Tx: 1, Leader: 1, State: Uncertain}, Ask{Tx: 1, State: Uncertain, Served: 1}},
			[]sim.Backed{CanCommit{Tx: 2}, Vote{Tx: 1}, PreCommit{Tx: 1, Leader: 1}, PreAck{Tx: 1, Leader: 1}, DoCommit{Tx: 1}, DoAbort{Tx: 1}, HaveCommitted{Tx: 1}, StateReq{Tx: 1, Leader: 2},
				Report{Tx: 1, Leader: 2, State: Uncertain}, Report{Tx: 1, Leader: 1, State: PreCommitted}, Ask{Tx: 1, State: Uncertain}, Ask{Tx: 1, State: PreCommitted, Served: 1}}},
		{record{1, PreCommitted, 1},
			[]sim.Backed{PreCommit{Tx: 1, Leader: 1}, PreAck{Tx: 1, Leader: 1}},
			[]sim.Backed{CanCommit{Tx: 1}, Vote{Tx: 1, Yes: true}, PreCommit{Tx: 1, Leader: 2}, PreAck{Tx: 1}, DoCommit{Tx: 1}}},
		{record{1, Aborted, 0},
			[]sim.Backed{Vote{Tx: 1}, DoAbort{Tx: 1}, Report{Tx: 1, Leader: 3, State: Aborted}},
			[]sim.Backed{Vote{Tx: 1, Yes: true}, DoCommit{Tx: 1}, Report{Tx: 1, Leader: 3, State: Committed}}},
	} {
		d := disk.New()
		log, _, err := reclog.Open(d, dtLog)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Append(x.on.append(nil)); err != nil || log.Sync() != nil {
			t.Fatal(err)
		}
		d.Happened(d.Issued())
		for _, m := range x.bears {
			if err := m.Backed(d.Durable()); err != nil {
				t.Errorf("%+v: %v: %v", x.on, m, err)
			}
		}
		for _, m := range x.bearsNot {
			if m.Backed(d.Durable()) == nil {
				t.Errorf("%+v passes for the record of %v", x.on, m)
			}
		}
	}
}

// A recovered site takes no part, and asks until those are back that may have failed last.
func TestRecovered(t *testing.T) {
	p, env := participant(2, "yyy")
	hear(t, env, p, "c", CanCommit{Tx: 1})
	hear(t, env, p, "p1", StateReq{Tx: 1, Leader: 1})
	p = again(env, p)
	if got, want := said(t, env), "c: Ask{T1, has w by p1}; p1: Ask{T1, has w by p1}; p3: Ask{T1, has w by p1}"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	hears(t, env, p, []heard{
		{"it is not pre-committed", "p1", PreCommit{Tx: 1, Leader: 1}, ""},
		{"it tells no backup", "p1", StateReq{Tx: 1, Leader: 1}, ""},
		{"it is no backup", "p3", Elect{1}, ""},
		{"it asks again", "", nil, "c: Ask{T1, has w by p1}; p1: Ask{T1, has w by p1}; p3: Ask{T1, has w by p1}"},
		{"p3 was pre-committed, and did not answer p1", "p3", Ask{Tx: 1, State: PreCommitted}, ""},
		{"nor does it matter what c was in", "c", Ask{Tx: 1, State: PreCommitted}, ""},
		{"p1 led, and is back: it was uncertain", "p1", Ask{Tx: 1, State: Uncertain, Served: 1}, "p3: DoAbort{T1}; p1: DoAbort{T1}; c: DoAbort{T1}"},
	})
	p, env = participant(2, "yyy")
	hear(t, env, p, "c", CanCommit{Tx: 1})
	p = again(env, p)
	said(t, env)
	hears(t, env, p, []heard{
		{"p1 led after p2 had crashed", "p1", Ask{Tx: 1, State: PreCommitted, Served: 1}, ""},
		{"p3 led after p1 had: it decides alone", "p3", Ask{Tx: 1, State: Uncertain, Served: 3}, "p3: DoAbort{T1}; p1: DoAbort{T1}; c: DoAbort{T1}"},
	})
}

// The coordinator's side of each phase, and what it does after a restart.
func TestCoordinator(t *testing.T) {
	env := fake.New("c")
	c := newCoordinator(members, 2, time.Millisecond)
	c.Start(env)
	hears(t, env, c, []heard{
		{"it asks", "c", begin{1}, "p3: CanCommit{T1}; p2: CanCommit{T1}; p1: CanCommit{T1}"},
		{"a vote", "p1", Vote{Tx: 1, Yes: true}, ""},
		{"the same one again", "p1", Vote{Tx: 1, Yes: true}, ""},
		{"another", "p2", Vote{Tx: 1, Yes: true}, ""},
		{"all are yes", "p3", Vote{Tx: 1, Yes: true}, "p3: PreCommit{T1}; p2: PreCommit{T1}; p1: PreCommit{T1}"},
		{"it tells nobody who asks now", "p1", Ask{Tx: 1, State: Uncertain}, ""},
		{"one is pre-committed", "p2", PreAck{Tx: 1}, ""},
		{"the others have crashed", "", nil, "p2: DoCommit{T1}"},
		{"who asks is told", "p1", Ask{Tx: 1, State: Uncertain}, "p1: DoCommit{T1}"},
		{"not all have committed", "p2", HaveCommitted{Tx: 1}, ""},
		{"the next transaction", "c", begin{2}, "p3: CanCommit{T2}; p2: CanCommit{T2}; p1: CanCommit{T2}"},
		{"a vote is missing", "", nil, "p3: DoAbort{T2}; p2: DoAbort{T2}; p1: DoAbort{T2}"},
		{"a late vote changes nothing", "p1", Vote{Tx: 2, Yes: true}, ""},
		{"one that had crashed has committed", "p1", HaveCommitted{Tx: 1}, ""},
	})
	if got := fmt.Sprint(env.Facts[1:]); got != "[T1 pre-committed T1 committed T2 begun T2 aborted]" {
		t.Errorf("one has not committed: facts %s", got)
	}
	hears(t, env, c, []heard{
		{"the last one has", "p3", HaveCommitted{Tx: 1}, ""},
		{"as it says again", "p3", HaveCommitted{Tx: 1}, ""},
	})
	if got := fmt.Sprint(env.Facts[len(env.Facts)-2:]); got != "[T2 aborted T1 ended]" {
		t.Errorf("all have committed: facts end with %s", got)
	}
	for _, x := range []struct {
		votes int // yes votes before the crash
		want  string
	}{
		{2, "p3: DoAbort{T1}; p2: DoAbort{T1}; p1: DoAbort{T1}"},
		{3, "p1: Ask{T1, has p}; p2: Ask{T1, has p}; p3: Ask{T1, has p}"},
	} {
		env := fake.New("c")
		c := newCoordinator(members, 1, 0)
		c.Start(env)
		c.Handle(env, "c", begin{1})
		for i := range x.votes {
			c.Handle(env, members[i+1], Vote{Tx: 1, Yes: true})
		}
		said(t, env)
		before := len(env.Facts)
		c = newCoordinator(members, 1, 0)
		c.Start(env)
		if got := said(t, env); got != x.want {
			t.Errorf("after %d votes and a restart it says %q, want %q", x.votes, got, x.want)
		}
		if !slices.ContainsFunc(env.Facts[before:], func(f any) bool { return f == Begun{1} }) {
			t.Errorf("after %d votes and a restart it has not begun: facts %v", x.votes, env.Facts[before:])
		}
		for i := range 3 { // that were under way
			if got := hear(t, env, c, members[i+1], PreAck{Tx: 1}); got != "" {
				t.Errorf("after %d votes and a restart it leads again, and says %q", x.votes, got)
			}
		}
	}
}

// Fails if a node goes on after its disk has failed.
func TestHalted(t *testing.T) {
	p, env := participant(1, "yyy")
	p.halt(env, errRecord)
	hears(t, env, p, []heard{{"it is silent", "c", CanCommit{Tx: 1}, ""}})
	env.Store = disk.New()
	log, _, err := reclog.Open(env.Store, dtLog)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append([]byte{1, 9, 0}); err != nil {
		t.Fatal(err)
	}
	c := newCoordinator(members, 1, 0)
	if c.Start(env); !c.halted {
		t.Error("it goes on with a log that it cannot read")
	}
}

// Whatever reads as a record writes as one that reads the same. Garbage is an error or some record, never a panic.
func FuzzRecord(f *testing.F) {
	f.Add(record{1, Uncertain, 2}.append(nil))
	f.Add(record{300, ended, 16}.append(nil))
	f.Add([]byte{1, 9, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRecord(b)
		if err != nil {
			return
		}
		if again, err := parseRecord(r.append(nil)); err != nil || again != r {
			t.Errorf("%+v is read again as %+v, %v", r, again, err)
		}
	})
}

// The time-outs must be longer than what they wait for by the clock that runs fastest, at least as far as the bounds say.
func TestTimeOuts(t *testing.T) {
	if ruleOf(0) != AllUncertain {
		t.Error("a rule out of nothing")
	}
	fast := func(d time.Duration) time.Duration { return d - d*200/1_000_000 } // true time that passes meanwhile
	if rt := fast(roundTrip); rt <= 100*time.Millisecond {
		t.Errorf("a round trip may take 100ms, and the wait is %v", rt)
	}
	slow := roundTrip + roundTrip*200/1_000_000
	if p := fast(patience); p <= slow+100*time.Millisecond {
		t.Errorf("a leader may be silent for %v, and the wait is %v", slow+100*time.Millisecond, p)
	}
}
