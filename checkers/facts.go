package checkers

import (
	"fmt"
	"strings"

	"simrun/sim"
	"simrun/sim/clock"
)

// A statement is that a node said a value at some time, for an instance that is known from elsewhere.
type statement struct {
	node  sim.NodeID
	value any
	at    clock.Time
}

// judge is what the properties of the agreement family share: they are outer, watch facts and count their
// checks.
type judge struct {
	name   string
	checks uint64
}

func (j *judge) Name() string                       { return j.name }
func (j *judge) Inner() bool                        { return false }
func (j *judge) Watches() []sim.Kind                { return noted }
func (j *judge) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (j *judge) Checks() uint64                     { return j.checks }

// agreement keeps the first decision of each instance: equality is transitive, so comparing with one is
// comparing with all.
type agreement struct {
	judge
	decided func(fact any) (instance, value any, ok bool)
	first   map[any]statement
}

// Agreement returns the outer property "agreement": no two decisions of the same instance differ, whichever
// node makes them and in whichever of its lives. The extractor returns the instance (nil if there is only
// one) and the value of a fact that decides; both are compared with ==. A decision counts as a check if
// there was an earlier one to compare it with.
func Agreement(decided func(fact any) (instance, value any, ok bool)) sim.Property {
	return &agreement{judge: judge{name: "agreement"}, decided: decided, first: make(map[any]statement)}
}

// Observe compares a decision with the first of its instance.
func (a *agreement) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	instance, value, ok := a.decided(e.Data)
	if !ok {
		return nil
	}
	mustCompare(a.name, instance)
	mustCompare(a.name, value)
	first, known := a.first[instance]
	if !known {
		a.first[instance] = statement{e.Node, value, e.At}
		return nil
	}
	a.checks++
	if first.value == value {
		return nil
	}
	who := string(first.node)
	if first.node == e.Node {
		who = "it"
	}
	return fmt.Errorf("%s decided %s%s at %v, but %s decided %s at %v", e.Node, say(value), forInstance(instance), e.At, who, say(first.value), first.at)
}

// A proposal is a value of an instance, as a key.
type proposal struct{ instance, value any }

// validity keeps every proposal: to look them up, and to list them when somebody decides something else.
type validity struct {
	judge
	proposed, decided func(fact any) (instance, value any, ok bool)
	known             map[proposal]bool
	order             []proposal // the same, in the order in which they were made
}

// Validity returns the outer property "validity": what is decided for an instance was proposed for it
// before. A system in which any instance may decide what was proposed for any other returns nil for the
// instance from both extractors. Each decision is a check.
func Validity(proposed, decided func(fact any) (instance, value any, ok bool)) sim.Property {
	return &validity{judge: judge{name: "validity"}, proposed: proposed, decided: decided, known: make(map[proposal]bool)}
}

// Rumours returns true: what a Byzantine node proposes is proposed. What it decides is no decision.
func (v *validity) Rumours() bool { return true }

// Observe lets a fact be a proposal and a decision at once, in that order: a proposer may decide its own
// value.
func (v *validity) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	if instance, value, ok := v.proposed(e.Data); ok {
		v.add(proposal{instance, value})
	}
	instance, value, ok := v.decided(e.Data)
	if !ok || e.Reason != "" {
		return nil
	}
	mustCompare(v.name, instance)
	mustCompare(v.name, value)
	v.checks++
	if v.known[proposal{instance, value}] {
		return nil
	}
	return fmt.Errorf("%s decided %s%s at %v, but nobody had proposed it: %s", e.Node, say(value), forInstance(instance), e.At, v.proposals(instance))
}

// add writes a proposal down; the same one made again, by a retry or by another proposer, is nothing new.
func (v *validity) add(p proposal) {
	mustCompare(v.name, p.instance)
	mustCompare(v.name, p.value)
	if !v.known[p] {
		v.known[p] = true
		v.order = append(v.order, p)
	}
}

// proposals says which values were proposed for an instance: the first five.
func (v *validity) proposals(instance any) string {
	var values []string
	for _, p := range v.order {
		if p.instance == instance {
			values = append(values, say(p.value))
		}
	}
	switch {
	case len(values) == 0:
		return "there was no proposal"
	case len(values) > 5:
		return fmt.Sprintf("the proposals were %s and %d more", strings.Join(values[:5], ", "), len(values)-5)
	case len(values) == 1:
		return "the only proposal was " + values[0]
	}
	return "the proposals were " + strings.Join(values, ", ")
}

// A lesson is what one learner has learnt of one instance.
type lesson struct {
	node     sim.NodeID
	instance any
}

// learnt is when a learner last learnt an instance, and in which of its lives.
type learnt struct {
	value any
	at    clock.Time
	life  uint64
}

// integrity keeps what was chosen, and the last lesson of each learner for each instance.
type integrity struct {
	judge
	chosen, learns func(fact any) (instance, value any, ok bool)
	known          map[proposal]bool
	learnt         map[lesson]learnt
	lives          map[sim.NodeID]uint64
}

// Integrity returns the outer property "integrity": a learner learns only what has been chosen before, one
// value an instance, and no instance twice in one life. A learner that has forgotten may learn the same
// value again in its next life.
//
// The first extractor says when a value becomes chosen. It may keep a count of its own, and say so of the
// acceptance that completes a quorum: it is shown every fact once, in order, before the second extractor
// is. Each fact that is learnt is a check.
func Integrity(chosen, learns func(fact any) (instance, value any, ok bool)) sim.Property {
	return &integrity{
		judge: judge{name: "integrity"}, chosen: chosen, learns: learns,
		known: make(map[proposal]bool), learnt: make(map[lesson]learnt), lives: make(map[sim.NodeID]uint64),
	}
}

// Watches adds the starts of lives to the facts: a new life has forgotten what it learnt.
func (i *integrity) Watches() []sim.Kind { return []sim.Kind{sim.Started, sim.Noted} }

// Observe lets a fact choose a value and be the lesson of it at once, in that order.
func (i *integrity) Observe(e *sim.Event) error {
	if e.Kind == sim.Started {
		i.lives[e.Node]++
	}
	if e.Kind != sim.Noted {
		return nil
	}
	if instance, value, ok := i.chosen(e.Data); ok {
		mustCompare(i.name, instance)
		mustCompare(i.name, value)
		i.known[proposal{instance, value}] = true
	}
	instance, value, ok := i.learns(e.Data)
	if !ok {
		return nil
	}
	mustCompare(i.name, instance)
	mustCompare(i.name, value)
	i.checks++
	return i.learn(e, instance, value)
}

// learn judges one fact that was learnt.
func (i *integrity) learn(e *sim.Event, instance, value any) error {
	key, now := lesson{e.Node, instance}, learnt{value, e.At, i.lives[e.Node]}
	before, again := i.learnt[key]
	i.learnt[key] = now
	switch {
	case !i.known[proposal{instance, value}]:
		return fmt.Errorf("%s learnt %s%s at %v, but it had not been chosen", e.Node, say(value), forInstance(instance), e.At)
	case again && before.value != value:
		return fmt.Errorf("%s learnt %s%s at %v, but it had learnt %s at %v", e.Node, say(value), forInstance(instance), e.At, say(before.value), before.at)
	case again && before.life == now.life:
		return fmt.Errorf("%s learnt %s%s at %v, for the second time in one life: it had learnt it at %v", e.Node, say(value), forInstance(instance), e.At, before.at)
	}
	return nil
}
