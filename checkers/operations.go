package checkers

import (
	"fmt"

	"simrun/sim"
)

// Operations tells of each operation of the history, in the order of the calls, for those who draw a run: the events at which it was called
// and returned, 0 for one that never did, what it was and what its client knows of it, and whether that is that it took effect.
func (l *linearizable) Operations(add func(client sim.NodeID, call, ret uint64, text string, done bool)) {
	for i := range l.record.ops {
		l.tell(&l.record.ops[i], add)
	}
}

// Illegal tells in the same way, when the run is over, of the operations that exclude one another: the smallest window that was found of those on one key, the last to be
// told being called last. There are none if the history is right, or was not judged. It returns how many others on this key were called until then, and
// whether the budget was spent on the way, so that there may be a smaller window.
func (l *linearizable) Illegal(add func(client sim.NodeID, call, ret uint64, text string, done bool)) (others int, spent bool) {
	if l.found == nil {
		return 0, false
	}
	for _, op := range l.found.ops {
		l.tell(op, add)
	}
	return l.found.others, l.found.spent
}

// tell tells of one operation.
func (l *linearizable) tell(op *operation, add func(client sim.NodeID, call, ret uint64, text string, done bool)) {
	text := fmt.Sprintf("%v %s", op.id, l.describe(op))
	switch {
	case op.ret == 0:
		text += " (never returned)"
	case op.outcome != Done:
		text += " (" + [...]string{Failed: "failed", Unknown: "unknown"}[op.outcome] + ")"
	}
	add(op.id.Client, op.call, op.ret, text, op.ret != 0 && op.outcome == Done)
}
