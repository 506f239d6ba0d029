package checkers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
)

// A shownPage is what a test reads of Porcupine's page.
type shownPage struct {
	title      string
	Partitions []struct {
		History []struct {
			ClientId, Start, End            int
			OriginalStart, OriginalEnd      string
			Description, Metadata           string
			IsAnnotation                    bool
			Tag, TextColor, BackgroundColor string
		}
		PartialLinearizations [][]struct {
			Index            int
			StateDescription string
		}
		Largest map[int]int
	}
	Annotations []struct {
		Tag, Description, Details string
		Start, End                int
	}
}

// shown makes the page of a history that is over and reads it.
func shown(t *testing.T, s store, marks func(func(row string, from, to uint64, text, details string))) (p shownPage) {
	t.Helper()
	var b bytes.Buffer
	if err := s.p.(*linearizable).Visualize(&b, "a <run>", 1000, marks); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?s)<title>(.*?)</title>.*\n *const data = (\{[^\n]*\})\n`).FindStringSubmatch(b.String())
	if m == nil {
		t.Fatalf("the page is no page: %.300s", b.String())
	}
	p.title = m[1]
	if err := json.Unmarshal([]byte(m[2]), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// operationsOf lists the words for the operations of a partition.
func (p *shownPage) operationsOf(i int) (list []string) {
	for _, h := range p.Partitions[i].History {
		list = append(list, h.Description)
	}
	return list
}

// It fails if the page of a wrong history does not show the operations and how far an order explains them, or no faults.
func TestPage(t *testing.T) {
	s := history().put("c1", 1, "a").put("c1", 2, "b").get("c2", 1, "a").get("c2", 2, "b")
	s.end()
	p := shown(t, s, func(mark func(string, uint64, uint64, string, string)) {
		mark("down: s1", 2, 5, "crash", "at 2ms")
		mark("faults", 500, 500, "too late to matter", "")
	})
	if p.title != "a &lt;run&gt;" || len(p.Partitions) != 1 {
		t.Fatalf("%d partitions, title %q", len(p.Partitions), p.title)
	}
	if got, want := p.operationsOf(0), []string{`c1#1 x: put "a"`, `c1#2 x: put "b"`, `c2#1 x: get -> "a"`}; !slices.Equal(got, want) {
		t.Errorf("the page shows %q, want %q: all until what is wrong", got, want)
	}
	if h := p.Partitions[0].History[2]; h.Metadata != "from 7ms to 9ms" || h.OriginalStart != "7" || h.OriginalEnd != "9" || h.ClientId != 1 {
		t.Errorf("the last operation is %+v", h)
	}
	longest := 0
	for _, o := range p.Partitions[0].PartialLinearizations {
		longest = max(longest, len(o))
	}
	if longest != 2 || p.Partitions[0].PartialLinearizations[0][0].StateDescription != `"a"` {
		t.Errorf("the longest order has %d operations, want 2: %+v", longest, p.Partitions[0].PartialLinearizations)
	}
	if len(p.Annotations) != 1 || p.Annotations[0].Tag != "down: s1" || p.Annotations[0].Description != "crash" || p.Annotations[0].Details != "at 2ms" {
		t.Errorf("faults %+v", p.Annotations)
	}
}

// It fails if an operation of unknown outcome is shown as one that returned, or one without a part in the history is shown.
func TestPageOfUnknown(t *testing.T) {
	s := history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown).get("c2", 1, "a").call("c3", 1, put("never"))
	s.end()
	p := shown(t, s, nil)
	if got := p.operationsOf(0); len(got) != 2 || p.Partitions[0].History[0].OriginalEnd != "1001" {
		t.Errorf("the page shows %q, %+v", got, p.Partitions[0].History[0])
	}
	if o := p.Partitions[0].PartialLinearizations; len(o) != 1 || len(o[0]) != 2 {
		t.Errorf("the orders are %+v, want one of both", o)
	}
}

// It fails if the key that is wrong is not the first, or a key is explained by another.
func TestPageOfKeys(t *testing.T) {
	s := history()
	for i, key := range []string{"k1", "k2", "k3"} {
		value := ""
		if key == "k2" {
			value = "phantom"
		}
		s.call("c1", uint64(i), KVInput{Op: Get, Key: key}).reach("c1", uint64(i)).done("c1", uint64(i), KVOutput{Value: value})
	}
	s.end()
	p := shown(t, s, nil)
	if len(p.Partitions) != 3 || p.operationsOf(0)[0] != `c1#1 k2: get -> "phantom"` || p.operationsOf(1)[0] != `c1#0 k1: get -> ""` {
		t.Errorf("the first key is %q of %d", p.operationsOf(0), len(p.Partitions))
	}
}

// It fails if the page of a long history grows without bound, or if what it shows of it is not wrong any more; the same of one that is right.
func TestPageOfManyOperations(t *testing.T) {
	for _, last := range []string{"1995", "1999"} {
		s := history()
		for n := range uint64(2000) {
			s.put("c1", n, fmt.Sprint(n))
		}
		s.get("c2", 1, last)
		s.end()
		p := shown(t, s, nil)
		n := len(p.Partitions[0].History)
		longest := 0
		for _, o := range p.Partitions[0].PartialLinearizations {
			longest = max(longest, len(o))
		}
		if n > 2*windowTail || n < 10 || (longest == n) != (last == "1999") {
			t.Errorf("the read of %s: %d operations are shown, of which %d are explained", last, n, longest)
		}
		if len(p.Annotations) != 1 || p.Annotations[0].Description != `earlier operations on key "x"` {
			t.Errorf("what is left out is told as %+v", p.Annotations)
		}
	}
}

// It fails if very many keys make a page that no browser opens, or are left out without a word.
func TestPageOfManyKeys(t *testing.T) {
	s := history()
	for n := range uint64(pageKeys + 5) {
		s.call("c1", n, KVInput{Op: Put, Key: fmt.Sprint("k", n), Value: "a"}).reach("c1", n).done("c1", n, KVOutput{})
	}
	s.end()
	if p := shown(t, s, nil); len(p.Partitions) != pageKeys || p.Annotations[0].Description != "5 more keys" {
		t.Errorf("%d keys, %+v", len(p.Partitions), p.Annotations)
	}
}

// It fails if a search that is given up makes a page that says that there is no order, or if a run without operations makes an empty page.
func TestPageOfNothing(t *testing.T) {
	h := storeHistory
	h.Steps = 5
	s := store{play(Linearizable(KV(), h))}
	for n := range uint64(10) {
		s.put("c1", n, "a")
	}
	s.end()
	var b bytes.Buffer
	if err := s.p.(*linearizable).Visualize(&b, "", 100, nil); err == nil || !strings.Contains(err.Error(), `key "x": no answer within 5 steps`) || b.Len() > 0 {
		t.Errorf("a spent budget gives %v and %d bytes", err, b.Len())
	}
	s = history()
	s.end()
	if err := s.p.(*linearizable).Visualize(&b, "", 100, nil); err == nil || err.Error() != "the run has no operations to show" {
		t.Errorf("nothing gives %v", err)
	}
}

// It fails if the page is another one each time, as Porcupine's is, or if an error of the writer is lost.
func TestPageIsTheSameEachTime(t *testing.T) {
	s := history()
	for n := range uint64(4) {
		s.call(sim.NodeID(fmt.Sprint("c", n)), 1, put(fmt.Sprint(n))).reach(sim.NodeID(fmt.Sprint("c", n)), 1)
	}
	for n := range uint64(4) {
		s.done(sim.NodeID(fmt.Sprint("c", n)), 1, KVOutput{})
	}
	s.get("c8", 1, "0").get("c8", 2, "1")
	s.end()
	var first bytes.Buffer
	for i := range 20 {
		var b bytes.Buffer
		if err := s.p.(*linearizable).Visualize(&b, "", 100, nil); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b
		} else if !bytes.Equal(b.Bytes(), first.Bytes()) {
			t.Fatalf("page %d is another one", i)
		}
	}
	full := errors.New("no space")
	if err := s.p.(*linearizable).Visualize(fullDisk{full}, "", 100, nil); err != full {
		t.Errorf("a full disk gives %v", err)
	}
}

// A fullDisk takes nothing.
type fullDisk struct{ err error }

func (f fullDisk) Write([]byte) (int, error) { return 0, f.err }
