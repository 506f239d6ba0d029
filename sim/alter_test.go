package sim

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// A letterhead has a field of every kind that a message may have.
type letterhead struct {
	Flag   bool
	N      int8
	U      uint16
	F      float64
	From   NodeID
	Other  NodeID
	Words  []string
	Votes  map[string]int
	Any    any
	Pair   [2][]int
	secret []int
}

func sample() letterhead {
	return letterhead{true, 127, 0, 1.5, "a2", "b", []string{"x", "y"}, map[string]int{"p": 1, "q": 2}, []int{7}, [2][]int{nil, {1, 2}}, []int{9}}
}

// answers returns a pick that gives these answers, each cut to what is allowed, and 0 after them.
func answers(list ...int) func(int) int {
	return func(n int) int {
		if n < 1 {
			panic(fmt.Sprintf("pick(%d)", n))
		}
		if len(list) == 0 {
			return 0
		}
		x := list[0] % n
		list = list[1:]
		return x
	}
}

// Fails if a change touches the original, changes nothing or more than one exported field, or if some field is never reached.
func TestAlterFieldsChangesOneThingInACopy(t *testing.T) {
	reached := map[string]bool{}
	for a := range 12 {
		for b := range 6 {
			for c := range 6 {
				m, want := sample(), sample()
				got := AlterFields(m, answers(a, b, c)).(letterhead)
				if !reflect.DeepEqual(m, want) {
					t.Fatalf("picks %d %d %d: the original has become %+v", a, b, c, m)
				}
				changed := 0
				for i := range reflect.TypeFor[letterhead]().NumField() {
					f := reflect.TypeFor[letterhead]().Field(i)
					if string(stateOf(reflect.ValueOf(got).Field(i))) != string(stateOf(reflect.ValueOf(m).Field(i))) {
						changed++
						reached[f.Name] = true
					}
				}
				if changed != 1 {
					t.Fatalf("picks %d %d %d: %d fields changed: %+v", a, b, c, changed, got)
				}
			}
		}
	}
	if len(reached) != 10 || reached["secret"] {
		t.Errorf("reached %v: want each exported field", reached)
	}
}

func stateOf(v reflect.Value) []byte { return appendValue(nil, v, &walk{top: v.Type()}) }

// Fails if something becomes what its comment does not say, or what it was.
func TestWhatAlterFieldsMakes(t *testing.T) {
	type pair struct{ A, B NodeID }
	type number struct{ N int8 }
	type natural struct{ N, M uint8 }
	type list struct{ L []int }
	type table struct{ M map[string]bool }
	type real struct{ F float32 }
	for _, c := range []struct {
		m    Message
		want string
	}{
		{pair{"a2", "b"}, "{b b} {a3 b} {a1 b} {a2' b} { b} {a2 a2} {a2 b'} {a2 }"},
		{number{127}, "{-128} {126} {0}"}, // 127 is the largest already
		{number{5}, "{6} {4} {0} {127}"},
		{natural{0, 9}, "{9 9} {1 9} {255 9} {0 0} {0 10} {0 8} {0 255}"},
		{list{[]int{3}}, "{[4]} {[2]} {[0]} {[9223372036854775807]} {[3 3]} {[]}"},
		{table{map[string]bool{"k": true}}, "{map[k:false]} {map[]}"},
		{real{2}, "{3} {1} {-2} {0} {3.4028235e+38}"},
		{[2]bool{}, "[true false] [false true]"},
	} {
		got := map[string]bool{}
		for a := range 12 {
			for b := range 12 {
				for x := range 12 {
					got[fmt.Sprint(AlterFields(c.m, answers(a, b, x)))] = true
					got[fmt.Sprint(AlterFields(c.m, answers(0, a, b, x)))] = true
				}
			}
		}
		for _, want := range strings.SplitAfter(strings.ReplaceAll(c.want, "} {", "}\n{"), "\n") {
			if w := strings.TrimSpace(want); !got[w] && w[0] == '{' {
				t.Errorf("%v never becomes %s", c.m, w)
			}
			delete(got, strings.TrimSpace(want))
		}
		if len(got) > 0 && c.want[0] == '{' {
			t.Errorf("%v becomes %v, which it should not", c.m, got)
		}
		if c.want[0] == '[' && len(got) != 2 {
			t.Errorf("%v becomes %v, want %s", c.m, got, c.want)
		}
	}
}

// Fails if a message that has nothing to change is taken for an altered one, or something that is out of reach is changed.
func TestNothingToAlter(t *testing.T) {
	n := 1
	for _, m := range []Message{nil, struct{}{}, struct{ s string }{"x"}, []int{}, map[int]int{}, struct{ P *int }{&n}, [0]int{}, [2][]int{}, struct{ F func() }{}, struct{ E any }{}} {
		if got := AlterFields(m, answers(1, 1, 1)); !reflect.DeepEqual(got, m) || n != 1 {
			t.Errorf("%#v became %#v", m, got)
		}
	}
}

type open struct{ N int }

func (m open) Alter(pick func(int) int) Message { return AlterFields(m, pick) }

// stubbornly keeps what it says.
type stubbornly struct{ N int }

func (m stubbornly) Alter(func(int) int) Message { return m }

type changeling struct{ N int }

func (m changeling) Alter(func(int) int) Message { return m.N }

type sealed struct{ N int }

// hashed holds what can only be hashed by its own method.
type hashed struct{ N *int }

func (m hashed) AppendHash(b []byte) []byte { return append(b, byte(*m.N)) }
func (m hashed) Alter(func(int) int) Message {
	n := *m.N + 1
	return hashed{&n}
}

// Fails if a message is altered that did not opt in, or one that did not change is called altered.
func TestAlterNeedsConsent(t *testing.T) {
	one := 1
	for _, c := range []struct {
		m, want Message
		altered bool
	}{
		{open{1}, open{2}, true}, {stubbornly{1}, stubbornly{1}, false}, {sealed{1}, sealed{1}, false},
	} {
		if got, ok := alter(c.m, answers()); got != c.want || ok != c.altered {
			t.Errorf("%#v: %#v, %v", c.m, got, ok)
		}
	}
	if got, ok := alter(hashed{&one}, answers()); !ok || *got.(hashed).N != 2 {
		t.Errorf("a message with a hash of its own: %v, %v", got, ok)
	}
	defer func() {
		if v := recover(); v == nil || !strings.HasPrefix(fmt.Sprint(v), "sim: Alter of a sim.changeling returned a int") {
			t.Errorf("a change of type: %v", v)
		}
	}()
	alter(changeling{1}, answers())
}
