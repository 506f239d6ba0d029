package kootoueg

import (
	"fmt"
	"slices"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// A minimality compares each checkpoint that is decided with what the graph of dependences says of it, and keeps the table of both.
type minimality struct {
	*ledger
	all       bool // everybody is asked
	checks    uint64
	redundant uint64
}

// Name returns "minimal".
func (m *minimality) Name() string        { return "minimal" }
func (m *minimality) Inner() bool         { return true }
func (m *minimality) Checks() uint64      { return m.checks }
func (m *minimality) Watches() []sim.Kind { return ledgerKinds }

// Observe judges a decision: those that have taken a checkpoint are those that the graph says, and no more; and it took as many
// requests and answers as there are edges.
func (m *minimality) Observe(e *sim.Event) error {
	m.enter(e)
	r := m.decided
	if r == nil || r.id.Rollback {
		return nil
	}
	m.checks++
	start := slices.Index(m.nodes, r.id.Initiator)
	needed, edges := closure(start, m.depends(r))
	var took []int
	for _, t := range r.takings {
		took = append(took, t.who)
	}
	missing := slices.DeleteFunc(slices.Clone(needed), func(i int) bool { return slices.Contains(took, i) })
	extra := slices.DeleteFunc(slices.Clone(took), func(i int) bool { return slices.Contains(needed, i) })
	if len(missing) > 0 {
		return fmt.Errorf("%v became permanent without %s, on which it depends", r.id, list(m.name(missing)))
	}
	if m.all {
		m.redundant += uint64(len(extra))
		needed, edges, extra = took, len(m.nodes)-1, nil
	}
	r.members, r.edges = len(needed), edges
	if len(extra) > 0 {
		return fmt.Errorf("%v made %s take a checkpoint, on which it does not depend", r.id, list(m.name(extra)))
	}
	if r.requests != edges || r.answers != edges {
		return fmt.Errorf("%v took %d requests and %d answers, and the graph has %d edges", r.id, r.requests, r.answers, edges)
	}
	return nil
}

// End compares the decisions, if nothing happened that could have cut one off or made anybody ask for it, and none is on its way.
func (m *minimality) End(w *sim.World) (sim.Result, error) {
	if !w.Undisturbed() || !over(w) {
		return sim.Holds, nil
	}
	for _, r := range m.runs {
		if r.decided && !r.id.Rollback && r.decisions != r.edges {
			return sim.Holds, fmt.Errorf("the decision on %v took %d messages, and the graph has %d edges", r.id, r.decisions, r.edges)
		}
	}
	return sim.Holds, nil
}

// Account is the table of the checkpoints that became permanent.
func (m *minimality) Account() string {
	var b strings.Builder
	rows := 0
	for _, r := range m.runs {
		if r.id.Rollback || !r.decided {
			continue
		}
		if rows++; rows == 1 {
			fmt.Fprintf(&b, "%-12s %12s %12s %9s %9s %10s\n", "checkpoint", "taken by", "edges", "requests", "answers", "decisions")
		}
		if rows > mostRows {
			continue
		}
		fmt.Fprintf(&b, "%-12v %12d %12d %9d %9d %10d\n", r.id, r.members, r.edges, r.requests, r.answers, r.decisions)
	}
	if rows > mostRows {
		fmt.Fprintf(&b, "and %d more\n", rows-mostRows)
	}
	return strings.TrimRight(b.String(), "\n")
}

// mostRows is how many checkpoints a table shows.
const mostRows = 12

// Tally adds the checkpoints that nobody needed.
func (m *minimality) Tally(add func(name string, n uint64)) {
	if m.all {
		add("redundant checkpoints", m.redundant)
	}
}

// minimalRollback returns the inner property that those who are prepared when a rollback is decided are those who must go back: who had no
// state, who has received what they undo, and so on.
func (l *ledger) minimalRollback() sim.Property {
	return checkers.Always("minimal-rollback", true, ledgerKinds, func(e *sim.Event) (bool, error) {
		l.enter(e)
		r := l.decided
		if r == nil || !r.id.Rollback {
			return false, nil
		}
		must := l.orphaned(r.roots)
		for _, i := range must {
			if !slices.Contains(r.prepared, i) {
				return true, fmt.Errorf("%v leaves out %s, which has received what it undoes", r.id, l.nodes[i])
			}
		}
		for _, i := range r.prepared {
			if !slices.Contains(must, i) {
				return true, fmt.Errorf("%v takes %s back, which has received nothing that it undoes", r.id, l.nodes[i])
			}
		}
		return true, nil
	})
}

// noLivelock returns the inner property that nobody rolls the system back more often than it has crashed.
func (l *ledger) noLivelock() sim.Property {
	return checkers.Always("no-livelock", true, ledgerKinds, func(e *sim.Event) (bool, error) {
		l.enter(e)
		if l.decided == nil || !l.decided.id.Rollback {
			return false, nil
		}
		b := &l.books[slices.Index(l.nodes, e.Node)]
		if b.rollbacks >= b.lives {
			return true, fmt.Errorf("%s has rolled the others back %d times, and crashed %d times", e.Node, b.rollbacks, b.lives-1)
		}
		return true, nil
	})
}
