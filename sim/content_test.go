package sim_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"simrun/sim"
)

type inside struct {
	Name  string
	value int64
}

type outside struct {
	A []inside
	B map[string]inside
	C [2]uint16
	D any
	E bool
	F float64
	G map[inside]bool
}

// random fills a value of a type, small enough that equal ones come up.
func random(r *rand.Rand, typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Slice:
		for range r.IntN(3) {
			v = reflect.Append(v, random(r, typ.Elem()))
		}
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(random(r, typ.Elem()))
		}
	case reflect.Map:
		v = reflect.MakeMap(typ)
		for range r.IntN(4) {
			v.SetMapIndex(random(r, typ.Key()), random(r, typ.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				v.Field(i).Set(random(r, typ.Field(i).Type))
			}
		}
	case reflect.Interface:
		if of := []any{nil, 0, "", inside{}, uint8(0), []int{}}[r.IntN(6)]; of != nil {
			v.Set(random(r, reflect.TypeOf(of)))
		}
	case reflect.String:
		v.SetString([]string{"", "a", "b", "ab", "a\x01"}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 1)
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(3)) - 0.5)
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(uint64(r.IntN(200)))
	default:
		v.SetInt(int64(r.IntN(5) - 2))
	}
	return v
}

// same is equality by the values that matter: an empty list is a nil one.
func same(a, b any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

// Fails if equal values have different encodings (as a map in another order might), or different values the same one.
func TestContentIsCanonical(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[string]outside{}
	equal := 0
	for range 8_000 {
		v := random(r, reflect.TypeOf(outside{})).Interface().(outside)
		if r.IntN(3) == 0 { // a small one, which comes up again
			v = outside{D: v.D, E: v.E, G: v.G}
		}
		key := string(sim.AppendContent(nil, v))
		old, ok := seen[key]
		if ok && (!reflect.DeepEqual(fill(old), fill(v)) || !same(fill(old).D, fill(v).D)) {
			t.Fatalf("two values with one encoding %q:\n%#v\n%#v", key, old, v)
		}
		if ok {
			equal++
		}
		seen[key] = v
		if again := sim.AppendContent([]byte("x"), v); string(again) != "x"+key {
			t.Fatalf("encoded twice: %q and %q", key, again)
		}
	}
	if equal < 200 || len(seen) < 3000 {
		t.Errorf("%d different values, %d that came up again: the test has gone blind", len(seen), equal)
	}
}

// fill makes nil lists and maps empty ones.
func fill(v outside) outside {
	if len(v.A) == 0 {
		v.A = nil
	}
	if len(v.B) == 0 {
		v.B = nil
	}
	if len(v.G) == 0 {
		v.G = nil
	}
	if x, ok := v.D.([]int); ok && len(x) == 0 {
		v.D = []int{}
	}
	return v
}

// Fails if fields without a capital, the types inside interfaces, or the borders between strings do not count.
func TestContentTellsApart(t *testing.T) {
	for _, pair := range [][2]any{
		{inside{"a", 1}, inside{"a", 2}},
		{[]string{"ab", ""}, []string{"a", "b"}},
		{[]any{1}, []any{int64(1)}},
		{[]any{uint8(1)}, []any{true}},
		{[]any{nil}, []any{}},
		{map[string]int{"a": 1}, map[string]int{"a": 2}},
		{map[string]string{"a": "b", "c": "d"}, map[string]string{"a": "d", "c": "b"}},
		{[][]int{{1}, {}}, [][]int{{}, {1}}},
		{-1, 1},
	} {
		if a, b := sim.AppendContent(nil, pair[0]), sim.AppendContent(nil, pair[1]); bytes.Equal(a, b) {
			t.Errorf("%#v and %#v are both encoded %q", pair[0], pair[1], a)
		}
	}
}

// Fails if something that has no content of its own is let through, or refused without a word on what to do.
func TestContentRefuses(t *testing.T) {
	type holder struct{ Deep []any }
	x := 1
	for _, v := range []any{&x, holder{[]any{&x}}, holder{[]any{func() {}}}, make(chan int), map[string]*int{"a": nil}, nil, complex(1, 1)} {
		func() {
			defer func() {
				if s := fmt.Sprint(recover()); !strings.HasPrefix(s, "sim: ") || !strings.Contains(s, "values") {
					t.Errorf("%T: panic %q", v, s)
				}
			}()
			sim.AppendContent(nil, v)
		}()
	}
}

type pointed struct{ P *int }

// Fails if a node that sends what cannot be hashed ends the process rather than the run, or if the message does not
// say which type it is.
func TestBadMessagesAreTheNodesFault(t *testing.T) {
	for want, send := range map[string]func(sim.Env){
		"sim: a sim_test.pointed holds a ptr (*int)":  func(env sim.Env) { env.Send("b", pointed{}) },
		"sim: nil sent or noted":                      func(env sim.Env) { env.Send("b", nil) },
		"sim: nil sent or noted: want":                func(env sim.Env) { env.Note(nil) },
		"sim: nil sent or noted: want a":              func(env sim.Env) { env.After(0, nil) },
		"sim: nil sent or noted: want a value":        func(env sim.Env) { env.Disk().Append("log", nil); env.SyncThen("log", nil) },
		"sim: a sends sim_test.num to \"z\": there":   func(env sim.Env) { env.Send("z", num{}) },
		"sim: a sets a timer of -1ns: want 0 or more": func(env sim.Env) { env.After(-1, num{}) },
		"sim: Pick(\"x\", 0): want at least 1":        func(env sim.Env) { env.Pick("x", 0) },
	} {
		_, v := perform(t, stage(plays("a", send, nil), idle("b")), 1, "")
		if v.Property != "panic" || !strings.Contains(v.Why, want) {
			t.Errorf("want a panic %q, got %v %s", want, v.Outcome, v.Why)
		}
	}
}

// sneaky is a message of which a part is changed after it was sent; it has no AppendHash.
type sneaky struct{ M map[string]int }

// Fails if the content of a message without AppendHash is not in the hash of the run, or a change to it is not seen.
func TestMessagesWithoutAppendHash(t *testing.T) {
	run := func(value int, change bool) sim.Verdict {
		_, v := perform(t, stage(plays("a", func(env sim.Env) {
			m := sneaky{map[string]int{"x": value, "y": 2}}
			env.Send("b", m)
			if change {
				m.M["x"]++
			}
		}, nil), idle("b")), 1, "")
		return v
	}
	if a, b, c := run(1, false), run(1, false), run(2, false); a.Hash != b.Hash || a.Hash == c.Hash || a.Outcome != sim.OK {
		t.Errorf("hashes %x and %x of the same content, %x of another", a.Hash, b.Hash, c.Hash)
	}
	if v := run(1, true); v.Property != "immutable" || !strings.Contains(v.Why, "a changed a sneaky") {
		t.Errorf("a message that was changed: %v %s", v.Outcome, v.Why)
	}
}

// Fails if a fact that is changed before it happens is not seen.
func TestFactsAreFrozen(t *testing.T) {
	_, v := perform(t, stage(plays("a", func(env sim.Env) {
		f := sneaky{map[string]int{"x": 1}}
		env.Disk().Append("log", []byte("x"))
		env.Disk().Sync("log")
		env.Note(f)
		f.M["x"]++
	}, nil)), 1, "")
	if v.Property != "immutable" || !strings.Contains(v.Why, "a changed a sneaky after it had been noted") {
		t.Errorf("a fact that was changed: %v %s", v.Outcome, v.Why)
	}
}

// Fails if a message is told to belong to another stream than plans have it in.
func TestStreamOf(t *testing.T) {
	for _, x := range []struct {
		m    sim.Message
		want string
	}{{lineOf{Name: "other"}, "other"}, {7, "int"}, {inside{}, "inside"}} {
		if got := sim.StreamOf(x.m); got != x.want {
			t.Errorf("%T is in stream %q, want %q", x.m, got, x.want)
		}
	}
}
