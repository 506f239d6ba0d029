package course

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// An expected is a property: the snapshots are those of the case. Where the seed picks the delays the contents differ
// from run to run, and only the number of tokens is compared.
type expected struct {
	taken  *taken
	report string
	checks uint64
}

// Name implements sim.Property.
func (x *expected) Name() string { return "expected" }

// Watches asks for nothing: all is compared at the end.
func (x *expected) Watches() []sim.Kind { return nil }

// Observe implements sim.Property.
func (x *expected) Observe(*sim.Event) error { return nil }

// End implements sim.Property.
func (x *expected) End(*sim.World) (sim.Result, error) {
	var wrong []string
	var report strings.Builder
	for n, got := range x.taken.globals {
		i := slices.IndexFunc(x.taken.c.Expect, func(g Global) bool { return g.Number == n })
		switch {
		case i < 0:
			fmt.Fprintf(&report, "snapshot %d: not compared, no file expects it\n", n)
		case got == nil:
			fmt.Fprintf(&report, "snapshot %d: not compared, it is not complete\n", n)
		default:
			x.checks++
			text, ok := x.compare(&x.taken.c.Expect[i], got)
			report.WriteString(text)
			if !ok {
				wrong = append(wrong, fmt.Sprint(n))
			}
		}
	}
	x.report = report.String()
	switch len(wrong) {
	case 0:
		return sim.Holds, nil
	case 1:
		return sim.Holds, fmt.Errorf("snapshot %s is not as expected", wrong[0])
	}
	return sim.Holds, fmt.Errorf("snapshots %s are not as expected", strings.Join(wrong, ", "))
}

// compare compares one snapshot with what is expected, and says how they differ.
func (x *expected) compare(want, got *Global) (text string, ok bool) {
	if x.taken.c.Delays == nil {
		if want.total() != got.total() {
			return fmt.Sprintf("snapshot %d: %d tokens expected, %d recorded\n", got.Number, want.total(), got.total()), false
		}
		return fmt.Sprintf("snapshot %d: %d tokens as expected; the rest depends on delays, which the seed picked\n", got.Number, got.total()), true
	}
	text, ok = x.taken.c.Topology.difference(want, got)
	if ok {
		return fmt.Sprintf("snapshot %d: as expected\n", got.Number), true
	}
	return fmt.Sprintf("snapshot %d differs:\n%s", got.Number, text), false
}

// Checks implements sim.Property: each snapshot that is compared is one.
func (x *expected) Checks() uint64 { return x.checks }

// Account prints what became of each snapshot.
func (x *expected) Account() string { return x.report }

// A row is a line of each of two snapshots, beside one another.
type row struct{ want, got string }

// difference prints two snapshots side by side, and reports whether they are equal: in the tokens of each node, and in the
// messages recorded into each, in their order.
func (t *Topology) difference(want, got *Global) (text string, equal bool) {
	rows := []row{{"expected", "recorded"}}
	for _, n := range t.Nodes {
		rows = append(rows, row{Holding{n.Node, want.tokens(n.Node)}.String(), Holding{n.Node, got.tokens(n.Node)}.String()})
	}
	for _, n := range t.Nodes {
		a, b := want.into(n.Node), got.into(n.Node)
		for i := range max(len(a), len(b)) {
			var r row
			if i < len(a) {
				r.want = a[i].String()
			}
			if i < len(b) {
				r.got = b[i].String()
			}
			rows = append(rows, r)
		}
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r.want))
	}
	var b strings.Builder
	equal = true
	for i, r := range rows {
		sign := " "
		if i > 0 && r.want != r.got {
			sign, equal = "|", false
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("  %-*s %s %s", width, r.want, sign, r.got), " "))
	}
	return b.String(), equal
}
