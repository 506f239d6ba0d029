package sim

import (
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
)

// An alterer is a message that can be altered: by a node that lies, or on a wire whose noise no checksum notices. Alter
// returns a changed copy of the same type and leaves the original as it is. Pick returns a number in [0, n); which change
// is made follows from what it returns alone.
type alterer interface {
	Alter(pick func(n int) int) Message
}

// AlterFields returns a copy of a message in which one thing is changed, found by reflection. Pick returns a number in
// [0, n) and decides which. It is the body of the method Alter of a message that has no reason for one of its own:
//
//	func (m Vote) Alter(pick func(n int) int) sim.Message { return sim.AlterFields(m, pick) }
//
// Only exported fields are changed. A number becomes a little more or less, 0, a very large one, or another of the same
// type in the message; a bool its opposite; a string another one of its type in the message, the next one if it ends in a number
// ("a2" to "a3"), one with a mark, or empty; a slice loses its last element, has it twice, or has one that is altered; a
// map loses an entry, or has one that is altered. What is empty, or behind a pointer, stays. A message with nothing to
// change comes back as it is.
func AlterFields(m Message, pick func(n int) int) Message {
	old := reflect.ValueOf(m)
	if !old.IsValid() || !alterable(old) {
		return m
	}
	a := alteration{pick: pick}
	a.look(old)
	fresh := reflect.New(old.Type()).Elem()
	fresh.Set(old)
	a.change(fresh)
	return fresh.Interface()
}

// alter returns a changed copy of a message; false, and the message as it is, if it cannot be altered or did not change.
// It panics if the message's own method returns another type.
func alter(m Message, pick func(n int) int) (Message, bool) {
	x, ok := m.(alterer)
	if !ok {
		return m, false
	}
	changed := x.Alter(pick)
	if reflect.TypeOf(changed) != reflect.TypeOf(m) {
		panic(fmt.Sprintf("sim: Alter of a %T returned a %T: want the same type", m, changed))
	}
	if string(contentOf(changed)) == string(contentOf(m)) {
		return m, false
	}
	return changed, true
}

// contentOf is what a message says, as it is hashed.
func contentOf(m Message) []byte {
	if h, ok := m.(hasher); ok {
		return h.AppendHash(nil)
	}
	return AppendContent(nil, m)
}

// An alteration is one change to a message that is under way.
type alteration struct {
	pick func(n int) int
	seen []reflect.Value // numbers and strings of the message
}

// alterable reports whether there is something in a value that can be changed.
func alterable(v reflect.Value) bool {
	switch k := v.Kind(); k {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64:
		return true
	case reflect.Slice, reflect.Map:
		return v.Len() > 0
	case reflect.Array:
		return len(elementsOf(v)) > 0
	case reflect.Interface:
		return !v.IsNil() && alterable(v.Elem())
	case reflect.Struct:
		return len(fieldsOf(v)) > 0
	default:
		return v.CanInt() || v.CanUint()
	}
}

// fieldsOf returns the numbers of the fields of a struct that can be changed.
func fieldsOf(v reflect.Value) (fields []int) {
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() && alterable(v.Field(i)) {
			fields = append(fields, i)
		}
	}
	return fields
}

// elementsOf returns the numbers of the elements of an array or a slice that can be changed.
func elementsOf(v reflect.Value) (elements []int) {
	for i := range v.Len() {
		if alterable(v.Index(i)) {
			elements = append(elements, i)
		}
	}
	return elements
}

// look collects the numbers and strings of a value.
func (a *alteration) look(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				a.look(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			a.look(v.Index(i))
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			a.look(k)
			a.look(v.MapIndex(k))
		}
	case reflect.Interface:
		if !v.IsNil() {
			a.look(v.Elem())
		}
	default:
		if v.Kind() == reflect.String || v.CanInt() || v.CanUint() {
			a.seen = append(a.seen, v)
		}
	}
}

// sortedKeys returns the keys of a map in the order of their contents.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool {
		return string(appendKey(keys[i])) < string(appendKey(keys[j]))
	})
	return keys
}

func appendKey(k reflect.Value) []byte { return appendValue(nil, k, &walk{top: k.Type()}) }

// change changes one thing in a value that can be set. It shares no memory of slices and maps with the original on the
// way to what it changes.
func (a *alteration) change(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Struct:
		fields := fieldsOf(v)
		a.change(v.Field(fields[a.pick(len(fields))]))
	case reflect.Array:
		elements := elementsOf(v)
		a.change(v.Index(elements[a.pick(len(elements))]))
	case reflect.Slice:
		a.changeSlice(v)
	case reflect.Map:
		a.changeMap(v)
	case reflect.Interface:
		fresh := reflect.New(v.Elem().Type()).Elem()
		fresh.Set(v.Elem())
		a.change(fresh)
		v.Set(fresh)
	default:
		others := a.others(v)
		v.Set(others[a.pick(len(others))])
	}
}

// changeSlice alters an element, leaves out the last one, or has it twice.
func (a *alteration) changeSlice(v reflect.Value) {
	n, elements := v.Len(), elementsOf(v)
	fresh := reflect.MakeSlice(v.Type(), n, n+1)
	reflect.Copy(fresh, v)
	ways := []func(){
		func() { fresh = fresh.Slice(0, n-1) },
		func() { fresh = reflect.Append(fresh, v.Index(n-1)) },
	}
	if len(elements) > 0 {
		ways = append(ways, func() { a.change(fresh.Index(elements[a.pick(len(elements))])) })
	}
	ways[len(ways)-1-a.pick(len(ways))]()
	v.Set(fresh)
}

// changeMap alters the value of a key, or leaves the key out.
func (a *alteration) changeMap(v reflect.Value) {
	keys := sortedKeys(v)
	fresh := reflect.MakeMapWithSize(v.Type(), len(keys))
	for _, k := range keys {
		fresh.SetMapIndex(k, v.MapIndex(k))
	}
	k := keys[a.pick(len(keys))]
	if alterable(v.MapIndex(k)) && a.pick(2) == 0 {
		e := reflect.New(v.Type().Elem()).Elem()
		e.Set(v.MapIndex(k))
		a.change(e)
		fresh.SetMapIndex(k, e)
	} else {
		fresh.SetMapIndex(k, reflect.Value{})
	}
	v.Set(fresh)
}

// others returns what a number or a string can become: nothing twice, and never what it is.
func (a *alteration) others(v reflect.Value) (list []reflect.Value) {
	add := func(x any) {
		c := reflect.ValueOf(x).Convert(v.Type())
		if c.Equal(v) {
			return
		}
		for _, had := range list {
			if had.Equal(c) {
				return
			}
		}
		list = append(list, c)
	}
	for _, s := range a.seen {
		if s.Type() == v.Type() {
			add(s.Interface())
		}
	}
	bits := v.Type().Bits
	switch {
	case v.Kind() == reflect.String:
		for _, s := range neighbours(v.String()) {
			add(s)
		}
	case v.CanInt():
		for _, n := range []int64{v.Int() + 1, v.Int() - 1, 0, math.MaxInt64 >> (64 - bits())} {
			add(n)
		}
	case v.CanUint():
		for _, n := range []uint64{v.Uint() + 1, v.Uint() - 1, 0, math.MaxUint64 >> (64 - bits())} {
			add(n)
		}
	default:
		for _, x := range []float64{v.Float() + 1, v.Float() / 2, -v.Float(), 0, math.MaxFloat32} {
			add(x)
		}
	}
	return list
}

// neighbours returns strings that could stand in the place of one: those with the next and the previous number at the end, one with a mark,
// and the empty one.
func neighbours(s string) (list []string) {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	if n, err := strconv.Atoi(s[i:]); err == nil && n < math.MaxInt {
		list = append(list, s[:i]+strconv.Itoa(n+1))
		if n > 0 {
			list = append(list, s[:i]+strconv.Itoa(n-1))
		}
	}
	return append(list, s+"'", "")
}
