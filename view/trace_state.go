package view

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"simrun/sim"
)

// A state is printed in lines, so that the difference of two is a few lines: one for each field of the node, and one for each
// element of a field that would be too long for one.

// The bounds of a printed state.
const (
	wideLine  = 64  // runes of a field's value that still stand on one line
	widest    = 240 // runes of a value at all
	deepest   = 8   // pointers, fields and elements within one another
	mostLines = 400 // of a state
)

// stateLines prints what a node holds; nothing for a script, whose state is where its code stands.
func stateLines(n sim.Node) []StateLine {
	v := reflect.ValueOf(n)
	if ofSim(v.Type()) {
		return nil
	}
	p := printer{}
	p.fields("", open(v), 0)
	return p.lines
}

// ofSim reports whether a type is the world's own: the machinery, and no part of a protocol's state.
func ofSim(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t.PkgPath() == reflect.TypeFor[sim.World]().PkgPath()
}

// A printer collects the lines of a state.
type printer struct {
	lines []StateLine
}

// open makes a value's fields accessible, also those that are not exported: it is looked at, never changed.
func open(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return v
		}
		v = v.Elem()
	}
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	if !v.IsValid() || !v.CanInterface() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// fields adds a line, or several, for each part of a value that is too long for one line.
func (p *printer) fields(path string, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			p.part(name, field(v, i), depth+1)
		}
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			p.part(path+"["+inline(k, depth+1)+"]", v.MapIndex(k), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			p.part(path+"["+strconv.Itoa(i)+"]", v.Index(i), depth+1)
		}
	default:
		p.add(path, inline(v, depth))
	}
}

// part adds a part on one line if it is short enough.
func (p *printer) part(path string, v reflect.Value, depth int) {
	if hidden(v) || len(p.lines) > mostLines {
		return
	}
	s := inline(v, depth)
	inner := open(v)
	if utf8.RuneCountInString(s) <= wideLine || depth >= deepest || !composite(inner) || told(inner) != nil {
		p.add(path, s)
		return
	}
	p.fields(path, inner, depth)
}

// add adds a line, while there is room. A value is never empty: that is for lines that are gone.
func (p *printer) add(path, value string) {
	if len(p.lines) == mostLines {
		p.lines = append(p.lines, StateLine{"…", "and more, which is left out"})
	}
	if len(p.lines) < mostLines { // else the last line has said so
		if value == "" {
			value = "-"
		}
		p.lines = append(p.lines, StateLine{path, value})
	}
}

// composite reports whether a value has parts that can stand on lines of their own; bytes are a text.
func composite(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		return true
	case reflect.Slice, reflect.Array:
		return v.Type().Elem().Kind() != reflect.Uint8
	}
	return false
}

// hidden reports whether a value says nothing of a state: code, channels, the world itself, and what a node sees of it.
func hidden(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return true
	case reflect.Pointer:
		return ofSim(v.Type()) || v.Type().Implements(envType)
	case reflect.Struct, reflect.Interface:
		return reflect.PointerTo(v.Type()).Implements(envType) || v.Type().Implements(envType)
	}
	return false
}

var envType = reflect.TypeFor[sim.Env]()

// field returns a field that may be looked at.
func field(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	if f.CanAddr() {
		return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
	}
	return f
}

// told returns a value as something that prints itself, or nil.
func told(v reflect.Value) fmt.Stringer {
	if v.IsValid() && v.CanInterface() && v.Kind() != reflect.Pointer {
		if s, ok := v.Interface().(fmt.Stringer); ok {
			return s
		}
	}
	return nil
}

// inline prints a value on one line, deterministically.
func inline(v reflect.Value, depth int) string {
	var b strings.Builder
	write(&b, v, depth)
	return cut(strings.Join(strings.Fields(b.String()), " "), widest)
}

// write appends a value to what fits on a line.
func write(b *strings.Builder, v reflect.Value, depth int) {
	v = open(v)
	if b.Len() > 4*widest {
		return
	}
	if s := told(v); s != nil {
		b.WriteString(said(s))
		return
	}
	if depth > deepest && composite(v) {
		b.WriteString("…")
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		b.WriteString("nil")
	case reflect.Pointer, reflect.Interface: // open stopped there
		b.WriteString("nil")
	case reflect.String:
		b.WriteString(strconv.Quote(v.String()))
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		writeParts(b, v, depth)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		b.WriteString("func")
	default:
		fmt.Fprint(b, v)
	}
}

// writeParts appends a value that has parts.
func writeParts(b *strings.Builder, v reflect.Value, depth int) {
	sep := ""
	next := func() {
		b.WriteString(sep)
		sep = " "
	}
	switch {
	case v.Kind() == reflect.Struct:
		b.WriteByte('{')
		for i := range v.NumField() {
			if f := field(v, i); !hidden(f) {
				next()
				b.WriteString(v.Type().Field(i).Name + ":")
				write(b, f, depth+1)
			}
		}
		b.WriteByte('}')
	case v.Kind() == reflect.Map:
		b.WriteByte('{')
		for _, k := range sortedKeys(v) {
			next()
			write(b, k, depth+1)
			b.WriteByte(':')
			write(b, v.MapIndex(k), depth+1)
		}
		b.WriteByte('}')
	case !composite(v):
		writeBytes(b, v)
	default:
		b.WriteByte('[')
		for i := range v.Len() {
			next()
			write(b, v.Index(i), depth+1)
		}
		b.WriteByte(']')
	}
}

// writeBytes appends the first bytes of a value.
func writeBytes(b *strings.Builder, v reflect.Value) {
	raw := make([]byte, min(v.Len(), widest))
	for i := range raw {
		raw[i] = byte(v.Index(i).Uint())
	}
	b.WriteString(bytesText(raw))
}

// bytesText prints bytes: as a text if they are one, else as numbers.
func bytesText(raw []byte) string {
	if utf8.Valid(raw) && strings.IndexFunc(string(raw), func(r rune) bool { return r < ' ' }) < 0 {
		return strconv.Quote(string(raw))
	}
	return fmt.Sprintf("% x", raw)
}

// said asks a value to print itself. One that panics, as it may on a zero value, prints nothing.
func said(s fmt.Stringer) (text string) {
	defer func() {
		if recover() != nil {
			text = "?"
		}
	}()
	return s.String()
}

// sortedKeys returns the keys of a map, numbers by their value and all else as printed.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		switch {
		case a.CanInt():
			return a.Int() < b.Int()
		case a.CanUint():
			return a.Uint() < b.Uint()
		}
		return inline(a, deepest-2) < inline(b, deepest-2)
	})
	return keys
}
