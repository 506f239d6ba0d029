package search

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Cause is what decides a run beside its seed.
type Cause string

// The causes that a Guard knows.
const (
	MapOrder       Cause = "map order"
	WallClock      Cause = "the wall clock"
	GlobalRandom   Cause = "global randomness"
	Goroutines     Cause = "a goroutine"
	Addresses      Cause = "a pointer formatted into a message"
	PackageState   Cause = "state kept in a package variable between runs"
	Environment    Cause = "an environment variable"
	ChangedMessage Cause = "a message changed after sending"
	SharedMemory   Cause = "shared memory between nodes"
)

// How much a piece of evidence weighs. What an experiment shows by itself weighs more than what stands in the source, and
// what stands where the runs part more than what is called from there.
const (
	shown  = 6
	looks  = 4
	stands = 3
	called = 2
)

// A charge is what speaks for a cause.
type charge struct {
	cause    Cause
	weight   int
	evidence []string
}

// A docket collects charges.
type docket struct{ charges []charge }

// add takes evidence in.
func (x *docket) add(c Cause, weight int, format string, args ...any) {
	i := slices.IndexFunc(x.charges, func(y charge) bool { return y.cause == c })
	if i < 0 {
		i = len(x.charges)
		x.charges = append(x.charges, charge{cause: c})
	}
	x.charges[i].weight += weight
	x.charges[i].evidence = append(x.charges[i].evidence, fmt.Sprintf(format, args...))
}

// suspect weighs what was observed and writes the likely cause into the divergence.
func suspect(d *Divergence, t *trial, f *found) {
	var x docket
	x.experiments(t, f)
	switch {
	case f == nil:
		x.words(d.First, d.Second) // such as two verdicts of the same events
	default:
		x.values(f)
		x.source(f.stack)
		if textOf(f.a, f.at) == textOf(f.b, f.at) {
			x.source(f.coder) // it prints the same and is not the same
		}
	}
	if f != nil && f.stack == nil {
		d.Evidence = append(d.Evidence, "no effect of a node differs before this event: the scenario's own code (Build, a property, a message's methods) may be it")
	}
	x.charges = slices.DeleteFunc(x.charges, func(c charge) bool { return !t.allows(c.cause) })
	slices.SortStableFunc(x.charges, func(a, b charge) int { return b.weight - a.weight })
	d.Evidence = append(d.Evidence, t.circumstances()...)
	if len(x.charges) == 0 {
		return
	}
	d.Cause = x.charges[0].cause
	d.Evidence = append(x.charges[0].evidence, d.Evidence...)
	for _, c := range x.charges[1:] {
		d.Evidence = append(d.Evidence, fmt.Sprintf("less likely, %s: %s", c.cause, strings.Join(c.evidence, "; ")))
	}
}

// circumstances says in which experiments the runs differ.
func (t *trial) circumstances() []string {
	switch {
	case t.guard.Process == nil && t.again:
		return []string{"two runs in one process differ; no other process was tried"}
	case t.guard.Process == nil:
		return []string{"made again, the runs did not differ; no other process was tried"}
	case t.fresh:
		return []string{"the first runs of two fresh processes differ"}
	case t.alternates:
		return []string{"a fresh process makes another run the second time, and each fresh process the same two"}
	case t.again:
		return []string{"two runs in one process differ, the first runs of fresh processes do not"}
	case t.elsewhere:
		return []string{"fresh processes make the same run, unless their environment is another"}
	case t.history:
		return []string{"this process makes another run than fresh ones, which agree"}
	}
	return []string{"made again, here and in other processes, the runs did not differ"}
}

// allows reports whether the experiments leave room for a cause.
func (t *trial) allows(c Cause) bool {
	switch c {
	case Environment:
		return t.elsewhere
	case PackageState:
		return !t.fresh && !t.elsewhere
	case MapOrder, WallClock, GlobalRandom:
		// These differ between any two runs, or at least between some.
		return t.fresh || !t.alternates && !t.elsewhere && !t.history
	}
	return true
}

// experiments charges what the circumstances show.
func (x *docket) experiments(t *trial, f *found) {
	if t.seeded {
		x.add(GlobalRandom, shown, "with GODEBUG=randautoseed=0, which seeds math/rand, fresh processes agree")
	}
	if t.elsewhere {
		x.add(Environment, shown, "the run changes with %s", variables(t.variables))
	}
	if t.alternates {
		x.add(PackageState, shown-1, "what a run is depends on how many were made before it in its process")
	}
	if t.history {
		x.add(PackageState, shown-1, "what a run is depends on what ran before it in its process")
	}
	if f == nil {
		return
	}
	for _, r := range []*recording{f.a, f.b} {
		if len(r.Spawned) > 0 {
			x.add(Goroutines, shown, "a goroutine was started by %s", r.Spawned[0])
			break
		}
	}
}

// variables names variables without their values, which may be secrets.
func variables(changes []string) string {
	var names []string
	for _, c := range changes {
		name, _, _ := strings.Cut(c, "=")
		names = append(names, name)
	}
	if len(names) > 5 {
		names = append(names[:5], "others")
	}
	return strings.Join(names, ", ")
}

// values charges what the items that differ look like.
func (x *docket) values(f *found) {
	if sameOtherwise(f) {
		x.add(MapOrder, looks, "the handler issues the same effects in both runs, in another order")
	}
	x.words(textOf(f.a, f.at), textOf(f.b, f.at))
}

// words charges what the words look like in which two texts differ.
func (x *docket) words(a, b string) {
	first, second := words(a), words(b)
	if len(first) != len(second) {
		return
	}
	for i := range first {
		a, b := first[i], second[i]
		if a == b {
			continue
		}
		if now := time.Now(); isInstant(a, now) && isInstant(b, now) {
			x.add(WallClock, looks, "%s and %s look like the time of day", a, b)
			return
		}
		if isAddress(a) && isAddress(b) {
			x.add(Addresses, looks, "%s and %s look like addresses", a, b)
			return
		}
	}
}

// sameOtherwise reports whether the call in which two runs part issues the same effects in both, in another order.
func sameOtherwise(f *found) bool {
	effects := func(r *recording) (list []uint64) {
		for i := f.at; i < len(r.Items) && !r.Items[i].Starts; i++ {
			if x := r.Items[i]; x.Effect && x.Node == f.node {
				list = append(list, x.Body)
			}
		}
		return list
	}
	a, b := effects(f.a), effects(f.b)
	if len(a) < 2 || slices.Equal(a, b) {
		return false
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

var wordLike = regexp.MustCompile(`[0-9A-Za-z_]+`)

func words(s string) []string { return wordLike.FindAllString(s, -1) }

// isAddress reports whether a word looks like the address of something on the heap of a machine with 64 bits: in
// hexadecimal, or in decimal.
func isAddress(word string) bool {
	if digits, ok := strings.CutPrefix(word, "0x"); ok {
		n, err := strconv.ParseUint(digits, 16, 64)
		return err == nil && len(digits) >= 6 && n > 1<<20
	}
	n, err := strconv.ParseUint(word, 10, 64)
	return err == nil && n >= 0xc0<<32 && n < 1<<47 && n%8 == 0
}

// isInstant reports whether a word is a moment about now: seconds or their thousandth, millionth or billionth parts since
// 1970.
func isInstant(word string, now time.Time) bool {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		return false
	}
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond} {
		perSecond := int64(time.Second / unit)
		if diff := n/perSecond - now.Unix(); n/perSecond > 1e9 && diff > -86400 && diff < 86400 {
			return true
		}
	}
	return false
}
