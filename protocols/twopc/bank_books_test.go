package twopc

import (
	"strings"
	"testing"

	"simrun/sim"
)

// keep shows facts to fresh books of two accounts and returns the complaint, if any: at a fact, or at the end.
func keep(facts ...sim.Event) (b *books, why string) {
	b = openBooks(2).(*books)
	for i := range facts {
		facts[i].Kind = sim.Noted
		if err := b.Observe(&facts[i]); err != nil {
			return b, err.Error()
		}
	}
	if _, err := b.End(nil); err != nil {
		return b, err.Error()
	}
	return b, ""
}

func said(node sim.NodeID, fact any) sim.Event { return sim.Event{Node: node, Data: fact} }

// A transfer of 5 from a1 on s1 to a2 on s2 as shards tell it.
func transfer() []sim.Event {
	t1 := Tx{1, 1, 1}
	return []sim.Event{
		said("c1", Opened{t1, []sim.NodeID{"s1", "s2"}}),
		said("c1", Decided{t1, true}),
		said("s1", Installed{t1, "a1", "95"}), said("s1", Decided{t1, true}),
		said("s2", Installed{t1, "a2", "105"}), said("s2", Decided{t1, true}),
	}
}

// Fails if a sum is not compared at the end, is compared while money is on the way, or a shard that tells its log
// again brings an old balance back.
func TestBooksAtTheEnd(t *testing.T) {
	whole := transfer()
	if b, why := keep(whole...); why != "" || b.Checks() != 1 {
		t.Errorf("a whole transfer: %q after %d checks", why, b.Checks())
	}
	if b, why := keep(whole[:4]...); why != "" || b.Checks() != 0 {
		t.Errorf("half of a transfer: %q after %d checks", why, b.Checks())
	}
	lost := append(whole[:4:4], whole[5]) // s2 says that it has committed, and has nothing
	if _, why := keep(lost...); why != "at the end there is 195 of 200" {
		t.Errorf("a transfer of which s2 has lost its half: %q", why)
	}
	again := append(transfer(), said("s1", Installed{Tx{1, 1, 2}, "a1", "100"}), said("s2", Installed{Tx{1, 1, 2}, "a2", "100"}),
		said("s1", Installed{Tx{1, 1, 1}, "a1", "95"}))
	if _, why := keep(again...); why != "" {
		t.Errorf("a log read again: %q", why)
	}
}

// Fails if an audit is not compared.
func TestBooksAudit(t *testing.T) {
	if b, why := keep(said("k1", Audited{Tx{1, 1, 3}, 200})); why != "" || b.Checks() != 2 {
		t.Errorf("a right audit: %q after %d checks", why, b.Checks())
	}
	if _, why := keep(said("k1", Audited{Tx{1, 1, 3}, 195})); !strings.HasPrefix(why, "the audit T3 found 195 of 200") {
		t.Errorf("a wrong audit: %q", why)
	}
}

// Fails if the figures of a run are not counted.
func TestBooksTally(t *testing.T) {
	b, _ := keep(said("k1", Transferred{}), said("k1", Audited{Sum: 200}), said("k1", Retried{}), said("k1", Closed{Committed: true}), said("k2", Closed{}))
	got := map[string]uint64{}
	b.Tally(func(name string, n uint64) { got[name] = n })
	for _, name := range []string{"transfers", "audits", "transactions tried again", "orders given up"} {
		if got[name] != 1 {
			t.Errorf("%s: %d, want 1", name, got[name])
		}
	}
}

// Fails if a shard that crashes between what it writes and saying that it has committed, and never comes back, is taken for one that had nothing
// to write: the money is on the way.
func TestBooksOfAHalfToldInstallation(t *testing.T) {
	whole := transfer()
	if b, why := keep(whole[0], whole[2]); why != "" || b.Checks() != 0 {
		t.Errorf("half of a transfer, by one who does not say that it is committed: %q after %d checks", why, b.Checks())
	}
}
