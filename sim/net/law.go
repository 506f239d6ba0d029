package net

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"simrun/sim/chance"
)

// A Law says how long messages take. The zero Law is instant: everything takes no time.
type Law struct {
	Kind        LawKind
	Least, Most time.Duration // their meaning depends on the kind, see there
	Share       uint32        // parts per million that linger, for NewestFirst
}

// A LawKind is the shape of a law of delays.
type LawKind uint8

const (
	Constant    LawKind = iota // each message takes Least
	Uniform                    // each delay in [Least, Most] is as likely
	Exponential                // mean Least, cut off at Most
	LongTail                   // median Least, cut off at Most: a few are very late
	NewestFirst                // in [0, Least], but a share lingers up to Most: old messages meet new ones
	InOrder                    // Uniform, but no message overtakes another of its link
)

var lawNames = [...]string{"constant", "uniform", "exponential", "long-tail", "newest-first", "in-order"}

// Defaults are what a law's name alone stands for.
var lawDefaults = [...]Law{
	{Constant, time.Millisecond, 0, 0},
	{Uniform, 500 * time.Microsecond, 5 * time.Millisecond, 0},
	{Exponential, 2 * time.Millisecond, 200 * time.Millisecond, 0},
	{LongTail, time.Millisecond, 2 * time.Second, 0},
	{NewestFirst, 2 * time.Millisecond, 300 * time.Millisecond, 250_000},
	{InOrder, 500 * time.Microsecond, 5 * time.Millisecond, 0},
}

// Longest is the longest delay that the law can give.
func (l Law) Longest() time.Duration {
	if l.Kind == Constant {
		return l.Least
	}
	return max(l.Least, l.Most)
}

// String prints the law in the form that [ParseLaw] reads: "uniform 500µs 5ms".
func (l Law) String() string {
	s := lawNames[l.Kind] + " " + l.Least.String()
	if l.Kind != Constant {
		s += " " + l.Most.String()
	}
	if l.Kind == NewestFirst {
		s += " " + FormatPPM(l.Share)
	}
	return s
}

// ParseLaw reads a law: its name, and after it, if wanted, all of its numbers.
func ParseLaw(words []string) (Law, error) {
	if len(words) == 0 {
		return Law{}, fmt.Errorf("a law of delays is missing: one of %s", strings.Join(lawNames[:], ", "))
	}
	for k, name := range lawNames {
		if name != words[0] {
			continue
		}
		if len(words) == 1 {
			return lawDefaults[k], nil
		}
		return parseNumbers(LawKind(k), words[1:])
	}
	return Law{}, fmt.Errorf("unknown law of delays %q: one of %s", words[0], strings.Join(lawNames[:], ", "))
}

func parseNumbers(k LawKind, words []string) (l Law, err error) {
	l.Kind = k
	want := []string{"DELAY", "LEAST MOST", "MEAN MOST", "MEDIAN MOST", "PROMPT MOST SHARE", "LEAST MOST"}[k]
	if len(words) != len(strings.Fields(want)) {
		return l, fmt.Errorf("law %s takes %s, such as: law %v", lawNames[k], want, lawDefaults[k])
	}
	if l.Least, err = delay(words[0]); err != nil {
		return l, err
	}
	if k != Constant {
		if l.Most, err = delay(words[1]); err != nil {
			return l, err
		}
		if l.Most < l.Least {
			return l, fmt.Errorf("law %s: %s is more than %s; the longer delay stands last", lawNames[k], words[0], words[1])
		}
	}
	if k == NewestFirst {
		l.Share, err = ParsePPM(words[2])
	}
	return l, err
}

// longestDelay bounds what a law may say, so that sums of times cannot overflow.
const longestDelay = 1000 * time.Hour

func delay(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > longestDelay {
		return 0, fmt.Errorf("%q is not a delay such as 5ms, from 0 to %v", s, longestDelay)
	}
	return d, nil
}

// delay draws how long message n of a stream takes, and whether it is one that lingers.
func (l *Law) delay(c *chance.Source, s *chance.Stream, n uint64) (d time.Duration, lingers bool) {
	switch l.Kind {
	case Uniform, InOrder:
		spread := uint64(max(l.Most-l.Least, 0))
		return l.Least + time.Duration(c.Below(s, n, spread+1)), false
	case Exponential:
		d = time.Duration(c.Draw(s, n, chance.Exponential(uint64(l.Least), uint64(l.Most))))
		return d, d > 4*l.Least
	case LongTail:
		d = time.Duration(c.Draw(s, n, chance.LongTail(uint64(l.Least), uint64(l.Most))))
		return d, d > 8*l.Least
	case NewestFirst:
		d = time.Duration(c.Draw(s, n, chance.Lingering(uint64(l.Least), uint64(l.Most), l.Share)))
		return d, d > l.Least
	}
	return l.Least, false
}

const million = 1_000_000

// FormatPPM prints parts per million as a percentage: 30000 is "3%".
func FormatPPM(ppm uint32) string {
	s := strconv.FormatUint(uint64(ppm/10_000), 10)
	if rest := ppm % 10_000; rest != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%04d", rest), "0")
	}
	return s + "%"
}

// ParsePPM reads a percentage from 0% to 100% with at most four decimals.
func ParsePPM(s string) (uint32, error) {
	bad := fmt.Errorf("%q is not a percentage such as 3%% or 0.25%%, from 0%% to 100%%, with at most four decimals", s)
	num, ok := strings.CutSuffix(s, "%")
	if !ok {
		return 0, bad
	}
	whole, frac, dot := strings.Cut(num, ".")
	if len(frac) > 4 || dot && frac == "" {
		return 0, bad
	}
	w, err := strconv.ParseUint(whole, 10, 32)
	if err != nil || w > 100 {
		return 0, bad
	}
	f, err := strconv.ParseUint((frac + "0000")[:4], 10, 32)
	if err != nil || w*10_000+f > million {
		return 0, bad
	}
	return uint32(w*10_000 + f), nil
}
