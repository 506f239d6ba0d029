package net

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"simrun/sim/chance"
)

// A sheet plays a Ticker: who sends to whom at which time, and what arrives when.
type sheet struct {
	t     *Ticker
	n     *Network
	names []string
	flows map[string]*Flow
	c     chance.Source
	sent  int32
	log   []string
}

func newSheet(seed uint64, delays []uint8, names ...string) *sheet {
	return &sheet{t: NewTicker(names, delays), n: New(names), names: names, flows: map[string]*Flow{}, c: chance.Seeded(seed)}
}

// send sends the next message, which is known by its number from 1.
func (s *sheet) send(now int64, from, to string) (due int64, first bool) {
	f := s.flows[from+">"+to]
	a, b := slices.Index(s.names, from), slices.Index(s.names, to)
	if f == nil {
		f = s.n.Flow(a, b, accept)
		s.flows[from+">"+to] = f
	}
	s.sent++
	return s.t.Send(&s.c, f, a, b, now, s.sent)
}

// tick writes down what arrives at a tick: "3: 1 4".
func (s *sheet) tick(now int64) {
	line := fmt.Sprintf("%d:", now)
	s.t.Tick(now, func(ref int32) { line += fmt.Sprintf(" %d", ref) })
	s.log = append(s.log, line)
}

func (s *sheet) want(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(s.log, ", "); got != want {
		t.Errorf("arrived\n%s, want\n%s", got, want)
	}
}

// Fails if a message arrives in the tick it is sent in, or if its delay is not counted from the next.
func TestTickAfterDelay(t *testing.T) {
	s := newSheet(1, []uint8{0, 4}, "a", "b", "c")
	s.send(0, "a", "b")
	s.send(0, "b", "c")
	for now := range int64(6) {
		s.tick(now)
	}
	s.want(t, "0:, 1: 1, 2:, 3:, 4:, 5: 2")
}

// Fails if a later message overtakes the head of its link.
func TestHeadBlocks(t *testing.T) {
	s := newSheet(1, []uint8{4, 0, 0}, "a", "b")
	s.send(0, "a", "b")
	if _, first := s.send(0, "a", "b"); first {
		t.Error("the second of a line is its head")
	}
	s.send(3, "a", "b")
	for now := range int64(8) {
		s.tick(now)
	}
	s.want(t, "0:, 1:, 2:, 3:, 4:, 5: 1, 6: 2, 7: 3")
}

// Fails if a source lets go two messages in one tick, or a link that was sent on sooner comes first, or if names are
// compared as numbers: "10" stands before "9".
func TestOneASource(t *testing.T) {
	s := newSheet(1, make([]uint8, 9), "9", "10", "a")
	s.send(0, "9", "a")  // 1
	s.send(0, "9", "10") // 2
	s.send(0, "10", "a") // 3
	s.send(0, "10", "9") // 4
	s.send(0, "a", "9")  // 5
	s.tick(1)
	s.tick(2)
	s.tick(3)
	s.want(t, "1: 4 2 5, 2: 3 1, 3:")
}

// Fails if the head of a link that is not due hides that of a later one.
func TestFirstLinkWhoseHeadIsDue(t *testing.T) {
	s := newSheet(1, []uint8{2, 0}, "a", "b", "c")
	s.send(0, "a", "b")
	s.send(0, "a", "c")
	s.tick(1)
	s.tick(2)
	s.tick(3)
	s.want(t, "1: 2, 2:, 3: 1")
}

// Without a list the seed picks, by the flow and the number: all of 0 to 4 come up, and a message sent elsewhere changes
// nothing.
func TestTickDelaysOfTheSeed(t *testing.T) {
	dues := func(seed uint64, other bool) (all []int64) {
		s := newSheet(seed, nil, "a", "b", "c")
		for range 100 {
			if other {
				s.send(0, "a", "c")
			}
			due, _ := s.send(0, "a", "b")
			all = append(all, due)
		}
		return all
	}
	plain := dues(7, false)
	if !slices.Equal(plain, dues(7, true)) {
		t.Error("a message to c changes the delays of those to b")
	}
	if slices.Equal(plain, dues(8, false)) {
		t.Error("two seeds pick the same hundred delays")
	}
	slices.Sort(plain)
	if got := fmt.Sprint(slices.Compact(plain)); got != "[1 2 3 4 5]" {
		t.Errorf("due at %s, want every time from 1 to 5", got)
	}
}

// Fails if Next leaves out a tick at which something arrives, or names one at which nothing does though all that is held
// could be asked.
func TestNextTick(t *testing.T) {
	arrivals := 0
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		s := newSheet(uint64(seed), nil, "a", "b", "c", "d")
		if at, ok := s.t.Next(3); ok {
			t.Fatalf("an empty network has a tick at %d", at)
		}
		next, queued := int64(-1), false
		for now := range int64(60) {
			had := arrivals
			s.t.Tick(now, func(int32) { arrivals++ })
			if due := queued && now == next; due != (arrivals > had) {
				t.Fatalf("seed %d: at %d %d arrive, and the next tick was at %d (%v)", seed, now, arrivals-had, next, queued)
			}
			for i := rng.Intn(4); i > 0 && now < 40; i-- {
				a, b := rng.Intn(4), rng.Intn(3)
				if b >= a {
					b++
				}
				s.send(now, s.names[a], s.names[b])
			}
			next, queued = s.t.Next(now)
		}
		if queued {
			t.Fatalf("seed %d: at the end something is held until %d", seed, next)
		}
	}
	if arrivals < 1000 {
		t.Errorf("only %d arrivals judged", arrivals)
	}
}
