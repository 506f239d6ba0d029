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
	sometimes int // its place in Scenario.Sometimes, or -1
}

// typeName is the name of a type without its package and its pointers: "Prepare".
func typeName(t reflect.Type) string {
	s := t.String()
	return s[strings.LastIndexByte(s, '.')+1:]
}

// typeOf returns what is known of the type of v.
func (w *World) typeOf(v any) *typeInfo {
	t := reflect.TypeOf(v)
	for _, info := range w.types {
		if info.typ == t {
			return info
		}
	}
	if v == nil {
		panic("sim: nil sent or noted: want a value")
	}
	info := &typeInfo{typ: t, word: chance.NewWord(typeName(t)), hash: chance.HashString(t.String()), sometimes: -1}
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

// content hashes what a message or a fact says.
func (w *World) content(info *typeInfo, v any) uint64 {
	if info.hasher {
		w.buf = v.(hasher).AppendHash(w.buf[:0])
	} else {
		w.buf = AppendContent(w.buf[:0], v)
	}
	return chance.HashBytes(w.buf)
}

// AppendContent appends a canonical encoding of a value, found by reflection: equal values have equal encodings in every
// process, and maps are sorted. It walks unexported fields too. It panics on pointers, functions and channels, whose
// identity means nothing in another process: messages and facts are values.
func AppendContent(b []byte, v any) []byte {
	return appendValue(b, reflect.ValueOf(v), reflect.TypeOf(v))
}

func appendValue(b []byte, v reflect.Value, top reflect.Type) []byte {
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
	panic(fmt.Sprintf("sim: a %v holds a %v (%v): messages and facts are values; give it a method AppendHash, or leave the field out", top, v.Kind(), v.Type()))
}

func appendMap(b []byte, v reflect.Value, top reflect.Type) []byte {
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
