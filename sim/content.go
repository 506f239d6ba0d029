package sim

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"

	"simrun/sim/chance"
)

// What a message or a fact may implement; see [Message].
type (
	hasher   interface{ AppendHash([]byte) []byte }
	streamer interface{ Stream() string }
	sizer    interface{ Size() int }
)

// A typeInfo is what the world knows of a type of messages or facts.
type typeInfo struct {
	typ       reflect.Type
	word      chance.Word // the type's name without its package
	hash      uint64      // of the name with its package
	hasher    bool
	streamer  bool
	sizer     bool
	backed    bool
	shared    bool  // holds references, through which a value can change after it was sent
	sometimes int   // its place in Scenario.Sometimes, or -1
	met       []met // the situations in which nodes handle it

	noter *host  // who noted a fact of this type last
	noted uint64 // and the event
}

// typeName is the name of a type without its package, its pointers and its type arguments: "Prepare".
func typeName(t reflect.Type) string {
	s := t.String()
	if name, _, generic := strings.Cut(t.Name(), "["); generic {
		return name
	}
	return s[strings.LastIndexByte(s, '.')+1:]
}

// typeOf returns what is known of the type of v.
func (w *World) typeOf(v any) *typeInfo {
	t := reflect.TypeOf(v)
	for i, info := range w.types {
		if info.typ == t {
			if i > 0 { // what is often asked for moves to the front
				w.types[i], w.types[i-1] = w.types[i-1], info
			}
			return info
		}
	}
	if v == nil {
		panic("sim: nil sent or noted: want a value")
	}
	info := &typeInfo{typ: t, word: chance.NewWord(typeName(t)), hash: chance.HashString(t.String()), sometimes: -1}
	info.shared = shares(t)
	_, info.hasher = v.(hasher)
	_, info.streamer = v.(streamer)
	_, info.sizer = v.(sizer)
	_, info.backed = v.(Backed)
	for i, name := range w.scenario.Sometimes {
		if name == info.word.String() {
			info.sometimes = i
		}
	}
	w.types = append(w.types, info)
	return info
}

// StreamOf is the name of the stream that a message belongs to, as it stands in plans: what its method Stream says, if it has one, else the name of its
// type without the package.
func StreamOf(m Message) string {
	if s, ok := m.(streamer); ok {
		return s.Stream()
	}
	return typeName(reflect.TypeOf(m))
}

// shares reports whether two copies of a value of this type can share memory that may change.
func shares(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if shares(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return shares(t.Elem())
	case reflect.Slice, reflect.Map, reflect.Interface, reflect.Pointer, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return true
	}
	return false
}

// content hashes what a message or a fact says.
func (w *World) content(info *typeInfo, v any) uint64 {
	if w.cfg.Unhashed {
		return 0
	}
	if info.hasher {
		w.buf = v.(hasher).AppendHash(w.buf[:0])
	} else {
		w.buf = AppendContent(w.buf[:0], v)
	}
	return chance.HashBytes(w.buf)
}

// AppendContent appends a canonical encoding of a value, found by reflection: equal values have equal encodings in
// every process, and maps are sorted. It walks unexported fields too. It panics on pointers, functions and channels,
// whose identity means nothing in another process: messages and facts are values.
func AppendContent(b []byte, v any) []byte {
	if v == nil {
		panic("sim: nil has no content: messages and facts are values")
	}
	return appendValue(b, reflect.ValueOf(v), &walk{top: reflect.TypeOf(v)})
}

// A walk goes through a value: of a message or a fact, or the state of a node, which may hold anything.
type walk struct {
	top   reflect.Type
	state bool
	path  []uintptr // of a state, the pointers that lead to where we are
}

// appendState encodes a node's state. Pointers are followed; functions and channels count as present or not.
func appendState(b []byte, n Node) []byte {
	return appendValue(b, reflect.ValueOf(n), &walk{top: reflect.TypeOf(n), state: true})
}

// reference encodes what only states hold.
func (x *walk) reference(b []byte, v reflect.Value) []byte {
	switch {
	case v.Kind() != reflect.Pointer:
		if v.Kind() == reflect.Func && v.IsNil() || v.Kind() == reflect.Chan && v.IsNil() {
			return append(b, 0)
		}
		return append(b, 1)
	case v.IsNil() || v.Type() == reflect.TypeFor[*host]():
		return append(b, 0)
	}
	for i, p := range x.path {
		if p == v.Pointer() { // a ring
			return binary.AppendUvarint(append(b, 2), uint64(len(x.path)-i))
		}
	}
	x.path = append(x.path, v.Pointer())
	b = appendValue(append(b, 1), v.Elem(), x)
	x.path = x.path[:len(x.path)-1]
	return b
}

func appendValue(b []byte, v reflect.Value, top *walk) []byte {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.String:
		return append(binary.AppendUvarint(b, uint64(v.Len())), v.String()...)
	case reflect.Slice, reflect.Array:
		b = binary.AppendUvarint(b, uint64(v.Len()))
		for i := range v.Len() {
			b = appendValue(b, v.Index(i), top)
		}
		return b
	case reflect.Struct:
		for i := range v.NumField() {
			b = appendValue(b, v.Field(i), top)
		}
		return b
	case reflect.Map:
		return appendMap(b, v, top)
	case reflect.Interface:
		if v.IsNil() {
			return append(b, 0)
		}
		name := v.Elem().Type().String()
		b = append(binary.AppendUvarint(b, uint64(len(name))+1), name...)
		return appendValue(b, v.Elem(), top)
	}
	if top.state {
		return top.reference(b, v)
	}
	panic(fmt.Sprintf("sim: a %v holds a %v (%v): messages and facts are values; give it a method AppendHash, or leave the field out", top.top, v.Kind(), v.Type()))
}

func appendMap(b []byte, v reflect.Value, top *walk) []byte {
	entries := make([]string, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, string(appendValue(appendValue(nil, it.Key(), top), it.Value(), top)))
	}
	sort.Strings(entries)
	b = binary.AppendUvarint(b, uint64(len(entries)))
	for _, e := range entries {
		b = append(b, e...)
	}
	return b
}
