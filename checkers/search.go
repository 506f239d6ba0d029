package checkers

import "github.com/anishathalye/porcupine"

// anything is the output of an operation whose outcome is unknown.
type anything struct{}

// An answer is what comes of a search for an order of operations.
type answer uint8

const (
	legal   answer = iota // there is one
	illegal               // there is none
	spent                 // the budget ran out first
)

// A search asks Porcupine, with a budget in steps of the model. Porcupine's own time-out is wall time and
// would make the answer depend on the machine; when a step is refused because the budget is spent it says
// illegal, so what it says then does not count.
type search struct {
	model  porcupine.Model // whose Step is the one below
	step   func(state, input, output any) (bool, any)
	left   int  // steps that may still be taken
	looks  int  // comparisons of states that may still be made
	out    bool // a step was wanted beyond them
	broken any  // what the model panicked with

	calls, steps uint64 // in all
}

// looksPerStep is how many comparisons of states are allowed for each step of the model.
const looksPerStep = 30

// newSearch puts the budget between Porcupine and the model.
func newSearch(model porcupine.Model) *search {
	s := &search{model: model, step: model.Step}
	if s.step == nil {
		panic("checkers: Linearizable needs a model with Step")
	}
	// One key is one partition: Porcupine would run several at once and drop the others at the first that
	// is wrong.
	s.model.Step, s.model.StepContext = s.take, nil
	s.model.Partition, s.model.PartitionEvent = nil, nil
	equal := model.Equal
	if equal == nil {
		equal = func(a, b any) bool { return a == b }
		if model.Hash == nil {
			s.model.Hash = hashState
		}
	}
	// Porcupine remembers the states that it has seen, and looks through all those in which the same operations have taken effect: with many orders of
	// a few operations that, and not the steps, is what takes for ever.
	s.model.Equal = func(a, b any) bool {
		if s.looks == 0 {
			s.out = true
			return true
		}
		s.looks--
		return equal(a, b)
	}
	return s
}

// check looks for an order of one key's operations. Porcupine runs a partition in a goroutine of its own,
// and with one partition waits for it, so the answer is a function of the history. A model that panics does
// so here, in the caller's goroutine.
func (s *search) check(history []porcupine.Operation, steps int) answer {
	s.left, s.looks, s.out = steps, steps*looksPerStep, false
	s.calls++
	result := porcupine.CheckOperationsTimeout(s.model, history, 0)
	s.steps += uint64(steps - s.left)
	switch {
	case s.broken != nil:
		panic(s.broken)
	case s.out:
		return spent
	case result == porcupine.Illegal:
		return illegal
	}
	return legal
}

// take is one step of the model. An open operation that the model refuses has no effect.
func (s *search) take(state, input, output any) (ok bool, next any) {
	// From here on every step is refused, which makes Porcupine give up soon: there is no other way to stop
	// it.
	if s.left == 0 || s.out || s.broken != nil {
		s.out = true
		return false, state
	}
	s.left--
	defer func() {
		if p := recover(); p != nil {
			s.broken, ok, next = p, false, state
		}
	}()
	if _, open := output.(anything); !open {
		return s.step(state, input, output)
	}
	if ok, next = s.step(state, input, nil); !ok {
		next = state
	}
	return true, next
}

// hashState is a hash of a state that == compares. Most are texts; others may share one.
func hashState(state any) uint64 {
	text, ok := state.(string)
	if !ok {
		return 0
	}
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}
