// Package chance is the one door through which every decision of a simulated world passes.
//
// # Picks are keyed by what they decide
//
// Whether the third Accept from a1 to a2 is lost is a function of the seed and of the words
// "lose a1>a2 Accept#3", and of nothing else: not of how many other picks were made before it.
// The words without the number are a [Stream]; the number counts within the stream. So leaving
// out one fault, one operation or one kind of message changes what it caused, and the rest of
// the run stays as it was. That is what makes a failing run shrink well, and what lets code
// grow without giving every old seed a new meaning.
//
// # Outcomes, and 0 is benign
//
// A pick has a distribution, a [Dist], and its result is an outcome in the terms of the decision: 1
// for "lost", 3 for "the fourth of them", 250000 for that many nanoseconds more than the least.
// 0 is always the benign answer: not lost, not late, the first of them.
//
// # Drivers
//
// A [Source] answers from its seed. With a [Driver] it asks that instead: [Overrides] looks the key
// up in a recorded tape, [Bytes] in the bytes of a fuzzer, [Every] enumerates all outcomes of a small
// scope, and a [Recorder] writes down what another driver answered.
//
// The arithmetic is integer arithmetic only and fixed for ever by golden tests: a seed means the same
// on every architecture and after every release of Go.
package chance

import "strconv"

// A Stream names a sequence of picks of one kind, such as "lose a1>a2 Accept". Make it with
// [NewStream] or [Combine] and keep it: its identity is computed once. The zero Stream is not usable.
type Stream struct {
	id                    uint64
	verb, who, whom, what string
}

// NewStream returns the stream with the given words. Verb says what is decided ("lose"); who and
// whom are the nodes concerned, whom may be empty; what narrows it further, and may be empty. The verb is not empty and
// does not start with #, and no word holds a line break: else the keys could not stand in a tape.
func NewStream(verb, who, whom, what string) Stream {
	return Combine(NewWord(verb), NewWord(who), NewWord(whom), NewWord(what))
}

// A Word is a string with its hash, so that streams made of known words cost no hashing.
type Word struct {
	text string
	hash uint64
}

// NewWord hashes a string once.
func NewWord(s string) Word { return Word{s, HashString(s)} }

// String returns the word.
func (w Word) String() string { return w.text }

// Hash returns the word's hash, [HashString] of its text.
func (w Word) Hash() uint64 { return w.hash }

// Combine is [NewStream] for words whose hashes are known.
func Combine(verb, who, whom, what Word) Stream {
	h := Mix(verb.hash, who.hash, whom.hash)
	return Stream{Mix(h, what.hash, 0), verb.text, who.text, whom.text, what.text}
}

// ID returns the stream's identity: a hash of its words, the same in every process.
func (s *Stream) ID() uint64 { return s.id }

// String returns the words of the stream as they stand in a tape: "lose a1>a2 Accept".
func (s *Stream) String() string {
	t := s.verb
	if s.who != "" {
		t += " " + s.who
		if s.whom != "" {
			t += ">" + s.whom
		}
	}
	if s.what != "" {
		t += " " + s.what
	}
	return t
}

// Key returns the full name of one pick: "lose a1>a2 Accept#3".
func (s *Stream) Key(n uint64) string { return s.String() + "#" + strconv.FormatUint(n, 10) }

// A Driver decides in the place of the seed. Draw returns an outcome below d.Bound(). It must be a
// function of the key and of what the driver was made from.
type Driver interface {
	Draw(s *Stream, n uint64, d Dist) uint64
}

// A Source answers picks. The zero Source is that of seed 0.
type Source struct {
	seed   uint64
	driver Driver
}

// Seeded returns the source whose picks are functions of the seed.
func Seeded(seed uint64) Source { return Source{seed: seed} }

// Driven returns a source that asks the driver for every pick.
func Driven(d Driver) Source { return Source{driver: d} }

// Draw returns the outcome of the pick n of stream s under distribution d.
func (c *Source) Draw(s *Stream, n uint64, d Dist) uint64 {
	if c.driver != nil {
		return c.driver.Draw(s, n, d)
	}
	return d.of(Mix(c.seed, s.id, n))
}

// Below returns a number in [0, bound), each as likely as the others; 0 if bound is 0.
func (c *Source) Below(s *Stream, n, bound uint64) uint64 {
	if bound < 2 {
		return 0
	}
	if c.driver != nil {
		return c.driver.Draw(s, n, Below(bound))
	}
	return scale(Mix(c.seed, s.id, n), bound)
}

// Chance returns true in ppm cases of a million. Nothing is asked if ppm is 0.
func (c *Source) Chance(s *Stream, n uint64, ppm uint32) bool {
	if ppm == 0 {
		return false
	}
	return c.Draw(s, n, Rate(ppm)) == 1
}

// Shuffle permutes n things by Fisher and Yates, calling swap for each exchange. Its picks are
// numbered from first; n numbers are set aside for them. If every outcome is 0 the order stays.
func (c *Source) Shuffle(s *Stream, first uint64, n int, swap func(i, j int)) {
	for i := 0; i < n-1; i++ {
		if j := i + int(c.Below(s, first+uint64(i), uint64(n-i))); j != i {
			swap(i, j)
		}
	}
}

// Seed is a [Driver] that answers as a [Seeded] source does: for drivers that wrap another.
type Seed uint64

// Draw implements [Driver].
func (x Seed) Draw(s *Stream, n uint64, d Dist) uint64 { return d.of(Mix(uint64(x), s.id, n)) }

// Benign is a [Driver] that answers 0 to everything.
type Benign struct{}

// Draw implements [Driver].
func (Benign) Draw(*Stream, uint64, Dist) uint64 { return 0 }
