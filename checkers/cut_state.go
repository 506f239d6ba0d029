package checkers

import (
	"fmt"

	"simrun/sim"
	"simrun/sim/clock"
)

// A process is a node and the state that it is in.
type process struct {
	id      sim.NodeID
	index   int
	lives   int
	n       int32      // steps of all lives
	head    *step      // the latest that the state contains, nil for none
	crashed *step      // the latest of the state that it lost and has not rolled back from yet
	fork    bool       // the next step starts a branch
	clock   vector     // of the state
	hand    *letter    // delivered, and received if nothing comes between
	since   clock.Time // when it was delivered
	held    *letter    // what was Held last
	from    map[any]*recording

	permanent *recording
	tentative map[any]bool
}

// A step is that a process sent or received a message. Deeds are a tree: a rollback starts a branch.
type step struct {
	process  *process
	prev     *step
	branch   *branch
	n        int32
	sent     int32 // how many of this step and those before it are sendings
	received int32
	sending  bool
	of       *letter
	at       clock.Time
}

// A branch is the steps of a process between two rollbacks.
type branch struct {
	parent *step
	first  int32
}

// A letter is a message of the application, however often it is sent.
type letter struct {
	id        any // nil: it has none
	body      any
	from, to  *process
	sendings  []*step
	receipts  []*step
	clock     vector // of its latest sending
	flying    int    // copies that are neither delivered nor dropped
	lost      bool   // its latest copy was dropped, and none was ever delivered
	reached   bool
	forgotten bool // declared lost
}

// A recording is a state that a process has recorded: the tree of its steps, where it stood.
type recording struct {
	process  *process
	of       *snapshot
	head     *step
	clock    vector
	at       clock.Time
	amount   int64
	counted  bool
	counts   [2]int
	snapshot any
}

// A snapshot is what the processes have recorded under one name.
type snapshot struct {
	name       any
	recordings []*recording // in the order in which they were made
	byIndex    []*recording // by process, nil for one that has not recorded
	channels   []*channel
	complete   bool
}

// A channel is what was recorded of one.
type channel struct {
	from, to *process
	bodies   []any
}

// has reports whether a state, given by its latest step, contains another step of the process.
func (d *step) has(x *step) bool {
	for ; d != nil; d = d.branch.parent {
		if d.branch == x.branch {
			return x.n <= d.n
		}
	}
	return false
}

// hasNumber is has for a step given by its number.
func (d *step) hasNumber(n int32) bool {
	for ; d != nil && n <= d.n; d = d.branch.parent {
		if n >= d.branch.first {
			return true
		}
	}
	return false
}

// hasAny reports whether the state contains one of these steps.
func (d *step) hasAny(list []*step) bool { return d.howMany(list) > 0 }

func (d *step) howMany(list []*step) (n int) {
	for _, x := range list {
		if d.has(x) {
			n++
		}
	}
	return n
}

// of returns what a process recorded, nil if nothing.
func (s *snapshot) of(p *process) *recording {
	if p.index < len(s.byIndex) {
		return s.byIndex[p.index]
	}
	return nil
}

// String tells of a message: "Transfer(5) from a to b".
func (m *letter) String() string {
	return fmt.Sprintf("%s from %s to %s", say(m.body), m.from.id, m.to.id)
}

// sentAt is when it was sent last.
func (m *letter) sentAt() clock.Time { return latestOf(m.sendings) }

// latestOf is when the last of these steps was taken.
func latestOf(list []*step) clock.Time {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].at
}
