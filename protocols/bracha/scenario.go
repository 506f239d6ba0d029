package bracha

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "broadcast": processes p1, p2, ..., the first of which broadcast some values each.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "broadcast",
		Doc:        "reliable broadcast among processes that may lie, by Bracha: agreement, integrity, validity, totality",
		Options:    options(),
		Check:      check,
		Model:      fault.Model{Crash: fault.NoCrash, NoLoss: true, NoCut: true, Byzantine: true},
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Sometimes:  []string{"Amplified"},
		Run:        2 * time.Second,
		Settle:     time.Second,
	}
}

func options() []sim.Option {
	var docs []string
	for _, m := range mistakes[1:] {
		docs = append(docs, m.name+": "+m.doc)
	}
	return []sim.Option{
		{Name: "nodes", Default: 4, Min: 1, Max: 31, Doc: "how many processes; fewer than a third of them may lie"},
		{Name: "senders", Default: 2, Min: 1, Max: 31, Doc: "how many of them broadcast"},
		{Name: "messages", Default: 1, Min: 1, Max: 100, Doc: "how many values each of these broadcasts"},
		{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what the processes get wrong; " + strings.Join(docs, "; ")},
	}
}

// check says which settings do not go together: a mistake that cannot show would be none.
func check(o sim.Options) error {
	n, mistake := o.Int("nodes"), o.Text("mistake")
	switch f := MostLiars(n); {
	case o.Int("senders") > n:
		return fmt.Errorf("senders=%d: there are %d processes", o.Int("senders"), n)
	case mistake != "none" && f == 0:
		return fmt.Errorf("mistake=%s does no harm where nobody may lie: want nodes=4 or more", mistake)
	case mistake == "majority" && NeedsOf(n, f).Echoes == n/2+1:
		return fmt.Errorf("mistake=majority is none among %d processes: want another number, such as nodes=5", n)
	}
	return nil
}

// names returns p1, p2, ...
func names(n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID("p" + strconv.Itoa(i+1))
	}
	return ids
}

// word returns A, B, ..., Z, AA, AB, ...
func word(i int) Value {
	if i < 26 {
		return Value(rune('A' + i))
	}
	return word(i/26-1) + word(i%26)
}

func build(w *sim.World, o sim.Options) {
	all, messages := names(o.Int("nodes")), o.Int("messages")
	spare := MostLiars(len(all))
	wrong := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))].of
	for i, id := range all {
		var own []Value
		for k := range messages {
			if i < o.Int("senders") {
				own = append(own, word(i*messages+k))
			}
		}
		w.Add(id, func() sim.Node { return wrong(NewProcess(all, NeedsOf(len(all), spare), own...)) })
	}
	w.Group(spare, all...)
}

func properties(o sim.Options) []sim.Property {
	l := newLedger(names(o.Int("nodes")))
	return []sim.Property{
		checkers.Agreement(func(fact any) (instance, value any, ok bool) {
			d, ok := fact.(Delivered)
			return d.Tag, d.Value, ok
		}),
		l.integrity(),
		&validity{l: l},
		checkers.Termination("totality", l.totality),
	}
}
