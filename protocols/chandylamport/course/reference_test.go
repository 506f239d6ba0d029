package course

import (
	"fmt"
	"slices"
	"strings"
)

// The reference: the rules of the course, as directly as they can be told, with nothing of the simulator. It reads the
// files by itself, believes what they say, and does one tick after another.

// A refSystem is the nodes of a case at one time.
type refSystem struct {
	time   int
	ids    []string // in the order of the file
	sorted []string
	out    map[string][]string // sorted
	in     map[string][]string
	tokens map[string]int
	queue  map[[2]string][]refMessage
	delays []int
	snaps  []*refSnapshot
}

// A refMessage is tokens, or the marker of a snapshot.
type refMessage struct {
	due, tokens int
	marker      int // the snapshot's number, -1 for tokens
}

// A refSnapshot is what is recorded for one snapshot.
type refSnapshot struct {
	tokens map[string]int // of the nodes that have recorded
	open   map[[2]string]bool
	lines  map[string][]string // by the node that they were recorded into
}

// reference returns the snapshots of a case as files, by number. If a node is to send more than it has, it returns the
// line of the script.
func reference(top, events string, delays []int) (snaps []string, bad int) {
	s := refRead(top)
	s.delays = delays
	for i, row := range strings.Split(events, "\n") {
		row, _, _ = strings.Cut(row, "#")
		w := strings.Fields(row)
		if len(w) == 0 {
			continue
		}
		switch w[0] {
		case "send":
			n := refNumber(w[3])
			if s.tokens[w[1]] < n {
				return nil, i + 1
			}
			s.tokens[w[1]] -= n
			s.send(w[1], w[2], refMessage{tokens: n, marker: -1})
		case "snapshot":
			s.snaps = append(s.snaps, &refSnapshot{map[string]int{}, map[[2]string]bool{}, map[string][]string{}})
			s.record(w[1], len(s.snaps)-1, "")
		case "tick":
			n := 1
			if len(w) > 1 {
				n = refNumber(w[1])
			}
			for range n {
				s.tick()
			}
		}
	}
	for !s.complete() {
		s.tick()
	}
	for n := range s.snaps {
		snaps = append(snaps, s.print(n))
	}
	return snaps, 0
}

func refNumber(word string) (n int) {
	if _, err := fmt.Sscan(word, &n); err != nil {
		panic(err)
	}
	return n
}

func refRead(top string) *refSystem {
	s := &refSystem{out: map[string][]string{}, in: map[string][]string{}, tokens: map[string]int{}, queue: map[[2]string][]refMessage{}}
	left := -1
	for _, row := range strings.Split(top, "\n") {
		row, _, _ = strings.Cut(row, "#")
		w := strings.Fields(row)
		switch {
		case len(w) == 0:
		case left < 0:
			left = refNumber(w[0])
		case left > 0:
			s.ids = append(s.ids, w[0])
			s.tokens[w[0]] = refNumber(w[1])
			left--
		default:
			s.out[w[0]] = append(s.out[w[0]], w[1])
			s.in[w[1]] = append(s.in[w[1]], w[0])
		}
	}
	for _, id := range s.ids {
		slices.Sort(s.out[id])
	}
	s.sorted = slices.Sorted(slices.Values(s.ids))
	return s
}

// send draws one delay.
func (s *refSystem) send(from, to string, m refMessage) {
	m.due = s.time + 1 + s.delays[0]
	s.delays = s.delays[1:]
	s.queue[[2]string{from, to}] = append(s.queue[[2]string{from, to}], m)
}

// record records a node's tokens; what comes over its links from then on too, but for the one of the marker.
func (s *refSystem) record(id string, n int, marker string) {
	s.snaps[n].tokens[id] = s.tokens[id]
	for _, from := range s.in[id] {
		if from != marker {
			s.snaps[n].open[[2]string{from, id}] = true
		}
	}
	for _, to := range s.out[id] {
		s.send(id, to, refMessage{marker: n})
	}
}

func (s *refSystem) tick() {
	s.time++
	for _, from := range s.sorted {
		for _, to := range s.out[from] {
			link := [2]string{from, to}
			if q := s.queue[link]; len(q) > 0 && q[0].due <= s.time {
				s.queue[link] = q[1:]
				s.deliver(from, to, q[0])
				break
			}
		}
	}
}

func (s *refSystem) deliver(from, to string, m refMessage) {
	if m.marker >= 0 {
		if _, recorded := s.snaps[m.marker].tokens[to]; !recorded {
			s.record(to, m.marker, from)
		} else {
			delete(s.snaps[m.marker].open, [2]string{from, to})
		}
		return
	}
	s.tokens[to] += m.tokens
	for _, x := range s.snaps {
		if x.open[[2]string{from, to}] {
			x.lines[to] = append(x.lines[to], fmt.Sprintf("%s %s token(%d)", from, to, m.tokens))
		}
	}
}

func (s *refSystem) complete() bool {
	for _, x := range s.snaps {
		if len(x.tokens) < len(s.ids) || len(x.open) > 0 {
			return false
		}
	}
	return true
}

func (s *refSystem) print(n int) string {
	text := fmt.Sprintln(n)
	for _, id := range s.ids {
		text += fmt.Sprintln(id, s.snaps[n].tokens[id])
	}
	for _, id := range s.ids {
		for _, line := range s.snaps[n].lines[id] {
			text += line + "\n"
		}
	}
	return text
}
