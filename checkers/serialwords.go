package checkers

import (
	"fmt"
	"strings"
)

// An anomaly is a class of histories that are not serializable, from the lowest.
type anomaly int

const (
	garbageRead anomaly = iota // these three leave the version order in doubt
	duplicateElement
	incompatibleOrder
	dirtyWrite // G0
	abortedRead
	intermediateRead
	circularFlow // G1c
	singleAnti   // G-single
	severalAnti  // G2-item
	anomalies
)

// String returns Adya's name of the class and what it is commonly called, or for the first three the name
// that Kingsbury and Alvaro use (2020).
func (a anomaly) String() string {
	return [...]string{
		"garbage read", "duplicate element", "incompatible order", "G0 (dirty write)", "G1a (aborted read)",
		"G1b (intermediate read)", "G1c (circular information flow)", "G-single (read skew)", "G2-item (cycle of anti-dependencies)",
	}[a]
}

// particular says more closely what a cycle is commonly called, by the keys and transactions in it.
func particular(a anomaly, cycle []edge) string {
	one := true // key
	for _, e := range cycle {
		one = one && e.key == cycle[0].key
	}
	switch last := cycle[len(cycle)-1]; {
	case a == singleAnti && one && last.kind == ww:
		return "G-single (lost update)"
	case a == singleAnti && one && last.kind == wr:
		return "G-single (unrepeatable read)"
	case a == severalAnti && one:
		return "G2-item (lost update)"
	case a == severalAnti && len(cycle) == 2:
		return "G2-item (write skew)"
	}
	return a.String()
}

// mostSteps is how many steps of a cycle are told.
const mostSteps = 6

// report complains of a cycle, in the words of those who read and wrote.
func (s *serial) report(a anomaly, cycle []edge) {
	cycle = s.contract(cycle)
	var b strings.Builder
	for i := range cycle[:min(mostSteps, len(cycle))] {
		b.WriteString(s.step(&cycle[i]))
		b.WriteString("; ")
	}
	if more := len(cycle) - mostSteps; more > 0 {
		fmt.Fprintf(&b, "and so on for %d more; ", more)
	}
	s.wrong[a] = fmt.Errorf("%s: %sso %s would stand before itself", particular(a, cycle), b.String(), s.name(cycle[0].from))
}

// contract leaves the hubs out of a cycle, which starts at a transaction.
func (s *serial) contract(cycle []edge) (steps []edge) {
	for _, e := range cycle {
		if e.kind != 0 {
			steps = append(steps, e)
			continue
		}
		reader := &steps[len(steps)-1]
		reader.to, reader.new = e.to, e.new
	}
	return steps
}

// name prints a transaction: in a sentence, texts need no quotes.
func (s *serial) name(tx int32) string {
	if name, ok := s.txs[tx].name.(string); ok {
		return name
	}
	return say(s.txs[tx].name)
}

// step is one dependency as half a sentence.
func (s *serial) step(e *edge) string {
	key := s.keys[e.key].name
	switch {
	case e.kind == wr:
		return s.name(e.to) + " read " + s.version(e.key, e.old)
	case e.kind == ww && s.lists:
		return fmt.Sprintf("%s appended %s to %s after %s", s.name(e.to), s.write(e.key, e.new).element, key, s.element(e.key, e.old))
	case e.kind == ww:
		return s.name(e.to) + " overwrote " + s.version(e.key, e.old)
	case s.lists:
		return fmt.Sprintf("%s read %s, without %s", s.name(e.from), s.version(e.key, e.old), s.element(e.key, e.new))
	}
	return fmt.Sprintf("%s read %s, which %s overwrote", s.name(e.from), s.version(e.key, e.old), s.name(e.to))
}

// write returns a version of a key: those of unknown place stand after the others.
func (s *serial) write(key, at int32) *write {
	line := &s.keys[key]
	if n := int32(len(line.order)); at >= n {
		return &line.late[at-n]
	}
	return &line.order[at]
}

// element prints an element of a list and whose it is, unless it has the transaction's name.
func (s *serial) element(key, at int32) string {
	w := s.write(key, at)
	if name := s.name(w.tx); name != w.element {
		return w.element + " of " + name
	}
	return w.element
}

// version prints a version of a key, as one that is read or overwritten.
func (s *serial) version(key, at int32) string {
	name := s.keys[key].name
	switch {
	case at < 0 && s.lists:
		return "the empty " + name
	case at < 0:
		return "the initial " + name
	case s.lists:
		return name + " up to " + s.element(key, at)
	}
	return name + " of " + s.name(s.write(key, at).tx)
}
