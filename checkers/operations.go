package checkers

import (
	"fmt"

	"simrun/sim"
)

// Operations tells of each operation of the history, in the order of the calls, for those who draw a run: the events at which it was called
// and returned, 0 for one that never did, what it was and what its client knows of it, and whether that is that it took effect.
func (l *linearizable) Operations(add func(client sim.NodeID, call, ret uint64, text string, done bool)) {
	for i := range l.record.ops {
		op := &l.record.ops[i]
		text := fmt.Sprintf("%v %s", op.id, l.describe(op))
		switch {
		case op.ret == 0:
			text += " (never returned)"
		case op.outcome != Done:
			text += " (" + [...]string{Failed: "failed", Unknown: "unknown"}[op.outcome] + ")"
		}
		add(op.id.Client, op.call, op.ret, text, op.ret != 0 && op.outcome == Done)
	}
}
