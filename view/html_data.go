package view

import (
	"strings"
)

// How the events of a run are packed for a page. Numbers that grow are kept as differences; the number of a text that is used
// again says how many new ones there were since, so that small numbers are the rule. html/data.js undoes it.

// A renaming numbers texts anew, in the order in which they are used: the trace's own table has those of states and of types as well.
type renaming struct {
	from  []string
	as    []uint32 // by the trace's number: 1 + ours, 0 for none yet
	texts []string
}

func (t *Trace) renaming() *renaming {
	return &renaming{from: t.texts, as: make([]uint32, len(t.texts)), texts: []string{""}}
}

// of returns our number of a text; that of "" is 0.
func (r *renaming) of(id uint32) uint32 {
	if id == 0 {
		return 0
	}
	if r.as[id] == 0 {
		r.as[id] = uint32(len(r.texts))
		r.texts = append(r.texts, strings.ReplaceAll(r.from[id], "\n", " "))
	}
	return r.as[id]
}

// trace adds all columns of a trace, whose names begin with the prefix.
func (c *columns) trace(prefix string, t *Trace, p Page) error {
	n := t.Len()
	c.prefix = prefix
	names := t.renaming()
	typ, reason := make([]uint32, n), make([]uint32, n)
	for i := range n {
		typ[i], reason[i] = names.of(t.typ[i]), names.of(t.reason[i])
	}
	if err := c.meta(metaOf(t, p, names.texts)); err != nil {
		return err
	}
	since := func(i int) uint64 {
		if i == 0 {
			return uint64(t.at[0])
		}
		return uint64(t.at[i] - t.at[i-1])
	}
	c.numbers("atLo", 4, n, func(i int) uint32 { return uint32(since(i)) })
	c.numbers("atHi", 4, n, func(i int) uint32 { return uint32(since(i) >> 32) })
	c.numbers("cause", 4, n, func(i int) uint32 {
		if t.cause[i] == 0 {
			return 0
		}
		return uint32(i+1) - t.cause[i]
	})
	texts := t.renaming()
	c.numbers("text", 4, n, func(i int) uint32 {
		next := uint32(len(texts.texts))
		if t.text[i] == 0 {
			return 0
		}
		return next - texts.of(t.text[i]) + 1
	})
	c.numbers("kind", 1, n, func(i int) uint32 { return uint32(t.kind[i]) })
	c.numbers("node", 2, n, func(i int) uint32 { return uint32(t.node[i]) })
	c.numbers("peer", 2, n, func(i int) uint32 { return uint32(t.peer[i]) })
	c.numbers("typ", 2, n, func(i int) uint32 { return typ[i] })
	c.numbers("reason", 2, n, func(i int) uint32 { return reason[i] })
	c.text("texts", strings.Join(texts.texts, "\n"))
	c.states(t)
	return nil
}

// states adds what changed in the nodes, and their clocks.
func (c *columns) states(t *Trace) {
	texts, n := t.renaming(), len(t.changes)
	c.numbers("changeSeq", 4, n, func(i int) uint32 {
		if i == 0 {
			return t.changes[0].seq
		}
		return t.changes[i].seq - t.changes[i-1].seq
	})
	c.numbers("changeNode", 2, n, func(i int) uint32 { return uint32(t.changes[i].node) })
	c.numbers("changePath", 4, n, func(i int) uint32 { return texts.of(t.changes[i].path) })
	c.numbers("changeValue", 4, n, func(i int) uint32 { return texts.of(t.changes[i].value) })
	c.text("stateTexts", strings.Join(texts.texts, "\n"))
	n = len(t.skews)
	c.numbers("skewSeq", 4, n, func(i int) uint32 {
		if i == 0 {
			return t.skews[0].seq
		}
		return t.skews[i].seq - t.skews[i-1].seq
	})
	c.numbers("skewNode", 2, n, func(i int) uint32 { return uint32(t.skews[i].node) + 1 })
	c.numbers("skewLo", 4, n, func(i int) uint32 { return uint32(t.skews[i].by) })
	c.numbers("skewHi", 4, n, func(i int) uint32 { return uint32(uint64(t.skews[i].by) >> 32) })
}
