package checkers

import (
	"encoding/binary"
	"slices"
)

// An order is a search for a sequence of operations that explains what some of them returned. It knows no time, but which must come before which: so it judges the promises that are
// weaker than linearizability. It tries one sequence after the other, and no state twice in which the same operations have taken effect.
type order struct {
	model
	ops    []placed
	states []any          // of the parts of the object
	wanted int            // how many that must be in it are not yet
	left   int            // steps that may still be taken
	ids    map[any]uint32 // states that were seen, if == compares them
	kinds  []any          // and if not
	seen   map[string]bool
}

// A placed operation is one of those that are put in order.
type placed struct {
	*operation
	part   int
	blind  bool    // what it returned is not looked at
	must   bool    // it must be in the sequence; the others may be
	again  bool    // it may be there again and again, since what it makes of the object depends on nothing
	before []int32 // these must come before it
	done   bool
}

// find looks for a sequence.
func (o *order) find() answer {
	o.seen, o.ids, o.wanted = make(map[string]bool), make(map[any]uint32), 0
	leads, reads := make([]bool, len(o.ops)), 0
	for i := range o.ops {
		p := &o.ops[i]
		if !p.blind {
			reads++
		}
		if p.done = false; p.must {
			o.wanted++
		}
		for _, b := range p.before {
			leads[b] = true
		}
	}
	for i := range o.ops {
		p := &o.ops[i]
		overwrites, _ := kindOf(p.operation)
		p.again = overwrites && reads == 1 && !p.must && !leads[i] && len(p.before) == 0 // only the last time matters then
	}
	switch {
	case o.goOn():
		return legal
	case o.left < 0:
		return spent
	}
	return illegal
}

// goOn goes on from where things stand. It is true if that ends well.
func (o *order) goOn() bool {
	if o.wanted == 0 {
		return true
	}
	name := o.name()
	if o.seen[name] || o.left < 0 {
		return false
	}
	o.seen[name] = true
	for i := range o.ops { // a read that fits now changes nothing, so it may as well be now
		p := &o.ops[i]
		if _, reads := kindOf(p.operation); reads && o.may(p) {
			if ok, _ := o.take(p); ok {
				return o.with(p, o.states[p.part])
			}
		}
	}
	for i := range o.ops {
		p := &o.ops[i]
		if _, reads := kindOf(p.operation); reads || !o.may(p) {
			continue
		}
		if ok, state := o.take(p); ok && o.with(p, state) {
			return true
		}
	}
	return false
}

// may reports whether an operation can be next.
func (o *order) may(p *placed) bool {
	if p.done {
		return false
	}
	for _, b := range p.before {
		if !o.ops[b].done {
			return false
		}
	}
	return true
}

// take asks the model.
func (o *order) take(p *placed) (bool, any) {
	if o.left--; o.left < 0 {
		return false, nil
	}
	output := p.output
	if p.blind || p.open() {
		output = nil
	}
	return o.step(o.states[p.part], p.input, output)
}

// with goes on after an operation, and takes it back if that does not end well.
func (o *order) with(p *placed, state any) bool {
	was := o.states[p.part]
	o.states[p.part], p.done = state, !p.again
	if p.must {
		o.wanted--
	}
	if o.goOn() {
		return true
	}
	if p.must {
		o.wanted++
	}
	o.states[p.part], p.done = was, false
	return false
}

// name tells apart how things can stand.
func (o *order) name() string {
	b := make([]byte, 0, len(o.ops)/8+1+4*len(o.states))
	bits := byte(0)
	for i := range o.ops {
		if o.ops[i].done {
			bits |= 1 << (i % 8)
		}
		if i%8 == 7 {
			b, bits = append(b, bits), 0
		}
	}
	b = append(b, bits)
	for _, state := range o.states {
		b = binary.BigEndian.AppendUint32(b, o.id(state))
	}
	return string(b)
}

// id is the number of a state.
func (o *order) id(state any) uint32 {
	if o.equal != nil { // == need not be able to compare them
		i := slices.IndexFunc(o.kinds, func(k any) bool { return o.equal(k, state) })
		if i < 0 {
			i, o.kinds = len(o.kinds), append(o.kinds, state)
		}
		return uint32(i)
	}
	id, ok := o.ids[state]
	if !ok {
		id = uint32(len(o.ids))
		o.ids[state] = id
	}
	return id
}
