package independent

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/sim/chance"
	"simrun/sim/disk/reclog"
)

// What is written as pages on top of an older state comes back, whatever has grown, shrunk or changed; and costs little where little has changed.
func TestPages(t *testing.T) {
	c, s := chance.Seeded(3), chance.NewStream("bytes", "", "", "")
	at := uint64(0)
	pick := func(n int) int { at++; return int(c.Below(&s, at, uint64(n))) }
	for range 2000 {
		before := make([]byte, pick(200))
		for i := range before {
			before[i] = byte(pick(4))
		}
		now := append(bytes.Clone(before[:pick(len(before)+1)]), make([]byte, pick(60))...)
		for range pick(3) {
			if len(now) > 0 {
				now[pick(len(now))]++
			}
		}
		b := appendPages(nil, before, now)
		got, rest, err := readPages(append(b, 7), before)
		if err != nil || !bytes.Equal(got, now) || len(rest) != 1 {
			t.Fatalf("%v to %v: got %v, %v, %v", before, now, got, rest, err)
		}
		for n := range b {
			if got, rest, err := readPages(b[:n], before); err == nil && len(rest) == 0 && bytes.Equal(got, now) && n < len(b) {
				t.Fatalf("%d bytes of %d do as well", n, len(b))
			}
		}
	}
	state := make([]byte, 1000)
	after := bytes.Clone(state)
	after[500]++
	if n := len(appendPages(nil, state, after)); n > page+6 {
		t.Errorf("one changed byte costs %d", n)
	}
}

// Events come back as they were written, and nothing that is cut short or too long passes for one.
func TestEventRecords(t *testing.T) {
	for _, e := range []event{
		{interval: 3, from: 1, n: 2, epoch: Round{2, 1}, born: Round{1, 0}, needs: []int{0, 4}, body: apps.Ping{N: 9}, picks: []int{1, 0}},
		{interval: 4, from: 0, timer: []byte("tick\x00")},
		{interval: 5, from: 1, n: 3, body: Note{4}},
	} {
		b := e.append(nil)
		got, err := parseEvent(b[1:])
		if err != nil || !reflect.DeepEqual(got, e) || b[0] != eventRecord {
			t.Errorf("%+v came back as %+v, %v", e, got, err)
		}
		for n := range b[1:] {
			if _, err := parseEvent(b[1 : 1+n]); err == nil {
				t.Errorf("%d bytes of %d pass for an event", n, len(b)-1)
			}
		}
		if _, err := parseEvent(append(b[1:], 0)); err == nil {
			t.Error("a byte too many passes")
		}
	}
}

// Checkpoints come back, whole ones and such that say only what has changed; a rollback strikes out what it undoes. Fails if what was undone
// came back after a crash, or if pages were applied to another checkpoint than they were made from.
func TestHistory(t *testing.T) {
	var h history
	read := func(b []byte) error { return h.read(reclog.Record{Payload: b}) }
	c1 := checkpoint{1, [][]byte{[]byte("counters"), []byte("state one")}, [][]int{nil}}
	c2 := checkpoint{2, [][]byte{[]byte("counters"), []byte("state two, which is longer")}, [][]int{nil, {0, 3}}}
	c3 := checkpoint{3, [][]byte{[]byte("others"), []byte("three")}, [][]int{nil, {0, 3}, {1, 0}}}
	for _, b := range [][]byte{
		appendCheckpoint(nil, fullRecord, &c1, nil),
		appendCheckpoint(nil, pagesRecord, &c2, &c1),
		(&event{interval: 2, from: 1, n: 1, body: Note{1}}).append(nil),
		appendInts([]byte{pickRecord}, 5),
		appendCheckpoint(nil, fullRecord, &c3, &c2),
	} {
		if err := read(b); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(h.checkpoints) != fmt.Sprint([]checkpoint{c1, c2, c3}) || fmt.Sprint(h.events[0].picks) != "[5]" {
		t.Errorf("got %v and %v", h.checkpoints, h.events)
	}
	if err := read(appendInts(Round{4, 1}.append([]byte{rolledRecord}), 2)); err != nil {
		t.Fatal(err)
	}
	if len(h.checkpoints) != 2 || len(h.events) != 0 || h.round != 4 {
		t.Errorf("after a rollback to 2 there are %d checkpoints and %d events, round %d", len(h.checkpoints), len(h.events), h.round)
	}
	for _, b := range [][]byte{nil, {'?'}, {pickRecord, 1}, {eventRecord}, {rolledRecord, 1}, {fullRecord, 1, 9}, {pagesRecord, 1, 9, 0}} {
		if err := read(b); err == nil {
			t.Errorf("%v passes for a record", b)
		}
	}
}

// Fails if a state lost something on its way to disk and back.
func TestStateComesBack(t *testing.T) {
	load := apps.New("mesh", apps.NewTopology("clique", 3, 0), 4)
	s := state{app: load.Boot(0), in: []int{0, 3, 1}, produced: 2, handled: 7, outputs: []output{{1, 2, -4}},
		out: [][]sent{nil, {{Round{1, 0}, 2, []int{0, 1, 0}, apps.Ping{N: 1}}, {Round{}, 3, nil, apps.Ping{N: 2}}}, nil}}
	segments, err := s.segments()
	if err != nil {
		t.Fatal(err)
	}
	got := state{app: load.Boot(0)}
	if err := got.load(segments); err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(got.app), fmt.Sprint(s.app); a != b {
		t.Errorf("got %s, want %s", a, b)
	}
	got.app, s.app = nil, nil
	if fmt.Sprint(got) != fmt.Sprint(s) {
		t.Errorf("got  %v\nwant %v", got, s)
	}
	segments[0] = segments[0][:1]
	if (&state{app: load.Boot(0)}).load(segments) == nil {
		t.Error("a state that is cut short passes")
	}
}

// Scripts are read as they are meant, and what is none is refused.
func TestScripts(t *testing.T) {
	s, err := parseScript("p1: 10 >p2, 20 R; p2: 5 R", 2)
	if err != nil || fmt.Sprint(s) != "map[p1:[{10000000 p2} {20000000 }] p2:[{5000000 }]]" {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []string{"p1", "p3: 1 R", "p0: 1 R", "p1: 1 >p1", "p1: 1 >p9", "p1: x R", "p1: 1 Q", "p1: 2 R, 1 R", "p1: 1 R; p1: 2 R", "p1: 1", "p01: 1 R"} {
		if _, err := parseScript(bad, 2); err == nil {
			t.Errorf("%q passes for a script", bad)
		}
	}
}

// Settings that do not go together are refused with a reason, so that none is silently ignored.
func TestSettings(t *testing.T) {
	for _, c := range []struct{ settings, why string }{
		{"logging=optimistic checkpoints=coordinated", "a cure by itself"},
		{"logging=pessimistic resend=false", "nothing is lost"},
		{"logging=pessimistic incarnations=false", "nobody is rolled back"},
		{"sends=2", "checkpoints=sends"},
		{"recovery=notices logging=optimistic", "recovery=notices"},
		{"nodes=2 script=p3:_1_R", "nodes=2"},
	} {
		_, err := Scenario().ParseOptions(strings.Fields(c.settings))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "_", " "), c.why) {
			if c.settings[:5] != "nodes" || err == nil { // the script itself is refused first
				t.Errorf("%s: %v, want %q", c.settings, err, c.why)
			}
		}
	}
}
