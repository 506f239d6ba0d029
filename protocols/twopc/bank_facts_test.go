package twopc

import (
	"bytes"
	"fmt"
	"testing"
)

// Fails if a fact of the bank does not read as its comment says, or its hash leaves out one of its fields.
func TestBankFacts(t *testing.T) {
	t3, t4 := Tx{1, 1, 3}, Tx{1, 1, 4}
	type fact interface {
		fmt.Stringer
		AppendHash([]byte) []byte
	}
	seen := map[string]string{}
	for _, c := range []struct {
		fact fact
		want string
	}{
		{Fetched{t3, "a1", Tx{}, 100}, "T3 was told a1: 100"},
		{Fetched{t3, "a1", t4, 100}, "T3 was told a1 of T4: 100"},
		{Fetched{t3, "a2", t4, 100}, "T3 was told a2 of T4: 100"},
		{Fetched{t3, "a1", t4, -5}, "T3 was told a1 of T4: -5"},
		{Transferred{t3, "a1", "a2", 5}, "T3 paid 5 from a1 to a2"},
		{Transferred{t3, "a1", "a3", 5}, "T3 paid 5 from a1 to a3"},
		{Transferred{t4, "a1", "a2", 5}, "T4 paid 5 from a1 to a2"},
		{Transferred{t3, "a2", "a2", 6}, "T3 paid 6 from a2 to a2"},
		{Audited{t3, 600}, "T3 found 600"},
		{Audited{t3, 601}, "T3 found 601"},
		{Retried{t3}, "in the place of T3"},
		{Retried{t4}, "in the place of T4"},
		{Closed{1, 2, true}, "order 2 of k1 done"},
		{Closed{1, 2, false}, "order 2 of k1 given up"},
		{Closed{2, 2, true}, "order 2 of k2 done"},
		{alarm{1000}, "alarm{1µs}"},
		{alarm{2000}, "alarm{2µs}"},
	} {
		if got := c.fact.String(); got != c.want {
			t.Errorf("%#v prints %q, want %q", c.fact, got, c.want)
		}
		hash := fmt.Sprintf("%T %x", c.fact, c.fact.AppendHash(nil))
		if other, again := seen[hash]; again {
			t.Errorf("%q and %q have the same content", other, c.want)
		}
		seen[hash] = c.want
		if !bytes.HasPrefix(c.fact.AppendHash([]byte("x")), []byte("x")) {
			t.Errorf("%q does not append its content", c.want)
		}
	}
}
