package mutate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// A Kind is what sort of change a mutant is.
type Kind string

// The kinds of change.
const (
	Comparison Kind = "comparison" // == and !=, < and >=, > and <=, min and max
	Boundary   Kind = "boundary"   // < and <=, > and >=
	Constant   Kind = "constant"   // a whole number one more or one less, true and false
	Arithmetic Kind = "arithmetic" // + and -, * and /, shifts, sets of bits, ++ and --
	Guard      Kind = "guard"      // a condition negated, or without one of its parts
	Statement  Kind = "statement"  // a statement left out
	Skipped    Kind = "sync"       // a sync that is not done, and says that it was
)

// A Mutant is one small change to one file.
type Mutant struct {
	File   string // its name, without a folder
	Line   int    // from 1
	Column int    // in bytes, from 1
	Func   string // the function or method around it, as Type.Method; "" outside of any
	Kind   Kind
	Before []string // the lines that change
	After  []string // what they become; none if they are left out

	from, to int    // the bytes that are replaced
	code     string // by what

	body       span // of the function around it, without braces
	switchable bool // the body can stand several times in one function
}

// A span is bytes of a file.
type span struct{ from, to int }

// Diff returns the change, a line each with - or + in front, as a diff does.
func (m *Mutant) Diff() string {
	var b strings.Builder
	for _, l := range m.Before {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	for _, l := range m.After {
		fmt.Fprintf(&b, "+ %s\n", l)
	}
	return b.String()
}

// place names where the mutant is, in a way that survives edits elsewhere.
func (m *Mutant) place() string {
	if m.Func == "" {
		return m.File
	}
	return m.File + " " + m.Func
}

// in returns the file with the change in it.
func (m *Mutant) in(source []byte) []byte {
	return slices.Concat(source[:m.from], []byte(m.code), source[m.to:])
}

// shuffled returns the mutants in an order that a seed decides and that depends on nothing but what each
// one is: so a budget gives a sample of the whole package, and a mutant more changes no place of others.
func shuffled(list []*Mutant, seed uint64) []*Mutant {
	type keyed struct {
		key uint64
		m   *Mutant
	}
	seen := make(map[string]int)
	var all []keyed
	for _, m := range list {
		name := m.place() + "\n" + m.Diff()
		seen[name]++ // the same line may stand twice in a function
		sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%d\n%s", seed, seen[name], name))
		all = append(all, keyed{binary.BigEndian.Uint64(sum[:]), m})
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	order := make([]*Mutant, len(all))
	for i, k := range all {
		order[i] = k.m
	}
	return order
}
