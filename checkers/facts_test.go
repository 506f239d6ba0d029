package checkers

import (
	"strings"
	"testing"

	"simrun/sim"
)

// The facts of an imaginary consensus: of one kind each, about a slot and a value.
type (
	offered struct {
		slot  int
		value any
	}
	settled struct {
		slot  int
		value any
	}
	heard struct {
		slot  int
		value any
	}
	gossip struct{}
)

func isOffered(fact any) (instance, value any, ok bool) {
	f, ok := fact.(offered)
	return f.slot, f.value, ok
}

func isSettled(fact any) (instance, value any, ok bool) {
	f, ok := fact.(settled)
	return f.slot, f.value, ok
}

func isHeard(fact any) (instance, value any, ok bool) {
	f, ok := fact.(heard)
	return f.slot, f.value, ok
}

// Fails if agreement complains of equal decisions, compares slots with
// one another, or takes other facts for decisions.
func TestAgreementHolds(t *testing.T) {
	r := play(Agreement(isSettled))
	r.note("a1", settled{1, "x"}).note("a1", gossip{}).note("a2", settled{1, "x"}).note("a3", settled{2, "y"}).note("a3", offered{1, "z"})
	r.holds(t, 1)
	if inner(r.p) || r.p.Name() != "agreement" {
		t.Errorf("agreement must be outer: a user sees two decisions")
	}
}

// Fails if two decisions of one slot pass, by two nodes or by two lives of one.
func TestAgreementViolated(t *testing.T) {
	r := play(Agreement(isSettled))
	r.note("a1", settled{3, "y"}).note("a2", settled{3, "x"})
	r.violates(t, `a2 decided "x" for instance 3 at 2ms, but a1 decided "y" at 1ms`)

	r = play(Agreement(isSettled))
	r.note("a1", settled{3, 7}).event(sim.Started, "a1", uint64(2)).note("a1", settled{3, 8})
	r.violates(t, `a1 decided 8 for instance 3 at 3ms, but it decided 7 at 1ms`)
}

// Fails if a single-instance protocol needs an instance, or is told of one that it does not have.
func TestAgreementWithoutInstance(t *testing.T) {
	r := play(Agreement(func(fact any) (any, any, bool) {
		f, ok := fact.(settled)
		return nil, f.value, ok
	}))
	r.note("p1", settled{0, "x"}).note("p2", settled{9, "y"})
	r.violates(t, `p2 decided "y" at 2ms, but p1 decided "x" at 1ms`)
}

// Fails if one decision counts as compared: it has said nothing about agreement.
func TestAgreementOfOneIsNoCheck(t *testing.T) {
	play(Agreement(isSettled)).note("a1", settled{1, "x"}).holds(t, 0)
}

// Fails if a value that cannot be compared ends in the runtime's words instead of ours.
func TestIncomparableValuePanics(t *testing.T) {
	defer func() {
		p, _ := recover().(string)
		if !strings.HasPrefix(p, "checkers: agreement: a value of type []uint8 cannot be compared") {
			t.Errorf("panic %q", p)
		}
	}()
	play(Agreement(isSettled)).note("a1", settled{1, []byte("x")})
}

// Fails if a value that was proposed for the slot is refused, whoever proposed it.
func TestValidityHolds(t *testing.T) {
	r := play(Validity(isOffered, isSettled))
	r.note("p1", offered{1, "x"}).note("p2", offered{1, "y"}).note("p1", offered{1, "x"})
	r.note("a1", settled{1, "y"}).note("a2", settled{1, "x"})
	r.holds(t, 2)
}

// Fails if a value passes that nobody proposed, or for another slot only, or only afterwards.
func TestValidityViolated(t *testing.T) {
	r := play(Validity(isOffered, isSettled))
	r.note("p1", offered{1, "x"}).note("a1", settled{1, "z"})
	r.violates(t, `a1 decided "z" for instance 1 at 2ms, but nobody had proposed it: the only proposal was "x"`)

	r = play(Validity(isOffered, isSettled))
	r.note("p1", offered{1, "x"}).note("a1", settled{2, "x"})
	r.violates(t, `a1 decided "x" for instance 2 at 2ms, but nobody had proposed it: there was no proposal`)

	r = play(Validity(isOffered, isSettled))
	r.note("a1", settled{1, "x"}).note("p1", offered{1, "x"})
	r.violates(t, `a1 decided "x" for instance 1 at 1ms, but nobody had proposed it: there was no proposal`)
}

// Fails if what a liar proposed counts as proposed by nobody, or what it decides as decided.
func TestValidityListensToRumours(t *testing.T) {
	p := Validity(isOffered, isSettled)
	if r, ok := p.(interface{ Rumours() bool }); !ok || !r.Rumours() {
		t.Fatal("it asks for no rumours")
	}
	r := play(p)
	r.rumour("p1", offered{1, "x"}).rumour("p1", settled{1, "z"}).note("a1", settled{1, "x"})
	r.holds(t, 1)
	r.note("a1", settled{1, "z"})
	r.violates(t, `a1 decided "z" for instance 1 at 4ms, but nobody had proposed it: the only proposal was "x"`)
}

// Fails if the reason grows with the number of proposals.
func TestValidityNamesFewProposals(t *testing.T) {
	r := play(Validity(isOffered, isSettled))
	for i := range 9 {
		r.note("p1", offered{1, i})
	}
	r.note("a1", settled{1, 99})
	r.violates(t, `a1 decided 99 for instance 1 at 10ms, but nobody had proposed it: the proposals were 0, 1, 2, 3, 4 and 4 more`)
}

// Fails if several learners, several slots or a learner's next life are taken for learning twice.
func TestIntegrityHolds(t *testing.T) {
	r := play(Integrity(isSettled, isHeard))
	r.event(sim.Started, "l1", uint64(1)).event(sim.Started, "l2", uint64(1))
	r.note("p1", settled{1, "x"}).note("p1", settled{2, "y"})
	r.note("l1", heard{1, "x"}).note("l2", heard{1, "x"}).note("l1", heard{2, "y"})
	r.event(sim.Started, "l1", uint64(2)).note("l1", heard{1, "x"})
	r.holds(t, 4)
}

// Fails if a learner may learn what was not chosen, two values, or one value twice in a life.
func TestIntegrityViolated(t *testing.T) {
	r := play(Integrity(isSettled, isHeard))
	r.note("p1", settled{1, "x"}).note("l1", heard{1, "y"})
	r.violates(t, `l1 learnt "y" for instance 1 at 2ms, but it had not been chosen`)

	r = play(Integrity(isSettled, isHeard))
	r.note("p1", settled{1, "x"}).note("p2", settled{1, "y"}).note("l1", heard{1, "x"}).event(sim.Started, "l1", uint64(2)).note("l1", heard{1, "y"})
	r.violates(t, `l1 learnt "y" for instance 1 at 5ms, but it had learnt "x" at 3ms`)

	r = play(Integrity(isSettled, isHeard))
	r.note("p1", settled{1, "x"}).note("l1", heard{1, "x"}).note("l1", heard{1, "x"})
	r.violates(t, `l1 learnt "x" for instance 1 at 3ms, for the second time in one life: it had learnt it at 2ms`)
}

// Fails if an extractor that counts acceptances sees a fact twice, not at all, or after the learner's.
func TestIntegrityCountsAcceptances(t *testing.T) {
	acceptances := map[string]int{}
	quorum := func(fact any) (instance, value any, ok bool) {
		f, ok := fact.(offered)
		if !ok {
			return nil, nil, false
		}
		acceptances[f.value.(string)]++
		return f.slot, f.value, acceptances[f.value.(string)] == 2
	}
	r := play(Integrity(quorum, isHeard))
	r.note("a1", offered{1, "x"}).note("a2", offered{1, "y"}).note("a3", offered{1, "x"}).note("l1", heard{1, "x"}).holds(t, 1)
	r.note("l2", heard{1, "y"})
	r.violates(t, `l2 learnt "y" for instance 1 at 5ms, but it had not been chosen`)
}
