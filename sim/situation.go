package sim

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// A Situation is what can be said of the call of a handler without knowing the protocol: what node handled what message, in what phase.
// Types are named without their packages; scripts are all of the type "script".
type Situation struct {
	Node    string // the type of the node
	Phase   string // in words, see [Phased]; "" if nothing says more than the type
	Message string // the type of the message, or of the timer
}

// String prints "Acceptor promised, Accept".
func (s Situation) String() string {
	if s.Phase == "" {
		return s.Node + ", " + s.Message
	}
	return s.Node + " " + s.Phase + ", " + s.Message
}

// Phased is implemented by nodes that say in one of a few words what state they are in, before they handle a message: in general, or as far as that
// message is concerned, such as the state of the transaction that it names. It must change nothing and be quick, and the
// words are constants: one that counts, or names a value, makes each run look new.
//
// The phase of another node is told by those of its fields that are the states of a machine: whole numbers with a method String that
// prints each as a word, in its struct or in structs within it, up to eight of them.
type Phased interface {
	Phase(about Message) string
}

// Situations takes down which situations runs come by: those whose Config has it, one run after another. The zero value has seen
// none. Runs at the same time need one each.
type Situations struct {
	known []Situation
	place map[Situation]int
	kins  []*kin
	met   []uint64 // by the latest run: one bit for each known situation
	count int      // how many bits are set
}

// Known returns all situations that any run has come by, in the order in which they were first met. The list grows at its end, and what is in it stays as
// it is.
func (s *Situations) Known() []Situation { return s.known }

// Latest returns which of them the latest run came by: the one at place i in Known is bit i%64 of word i/64. It holds
// until the next run is made.
func (s *Situations) Latest() []uint64 { return s.met }

// mostSituations is how many situations one run may come by before somebody must have mistaken a value for a phase.
const mostSituations = 4096

// A kin is what nodes of one type have in common.
type kin struct {
	typ    reflect.Type
	name   string
	fields [][]int // those that tell the phase
}

// A posture is how a node's phase is found out, for one life of the node.
type posture struct {
	kin    *kin
	phased Phased          // or nil
	states []reflect.Value // then these tell
}

// A met situation is known by what is quickly compared.
type met struct {
	kin   *kin
	key   uint64 // of the states, a byte each
	phase string
	place int
}

// begin makes the next run the latest.
func (s *Situations) begin() {
	clear(s.met)
	s.count = 0
}

// born finds out how to tell the phase of a node whose life begins.
func (s *Situations) born(h *host) {
	x := &h.posture
	x.kin, x.states = s.kinOf(h.node), x.states[:0]
	if x.phased, _ = h.node.(Phased); x.phased != nil {
		return
	}
	v := reflect.Indirect(reflect.ValueOf(h.node))
	for _, path := range x.kin.fields {
		x.states = append(x.states, v.FieldByIndex(path))
	}
}

func (s *Situations) kinOf(n Node) *kin {
	t := reflect.TypeOf(n)
	for _, k := range s.kins {
		if k.typ == t {
			return k
		}
	}
	k := &kin{typ: t, name: "script"}
	if _, ok := n.(*scripted); !ok {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		k.name, k.fields = typeName(t), statesOf(t, nil, nil)
	}
	s.kins = append(s.kins, k)
	return k
}

// enter takes down that a node is about to handle a message.
func (s *Situations) enter(h *host, info *typeInfo, m Message) {
	x := &h.posture
	key, phase := uint64(0), ""
	if x.phased != nil {
		phase = x.phased.Phase(m)
	}
	for i := range x.states {
		key = key<<8 | number(x.states[i])&0xff
	}
	for i := range info.met {
		if c := &info.met[i]; c.kin == x.kin && c.key == key && c.phase == phase {
			s.mark(c.place)
			if i > 0 { // what is often met moves to the front
				info.met[i], info.met[i-1] = info.met[i-1], info.met[i]
			}
			return
		}
	}
	for i := range x.states {
		phase = strings.TrimSpace(phase + " " + say(x.states[i].Type(), number(x.states[i])))
	}
	place := s.find(Situation{x.kin.name, phase, info.word.String()})
	if len(x.states) > 0 {
		phase = ""
	}
	info.met = append(info.met, met{x.kin, key, phase, place})
	s.mark(place)
}

// find returns the place of a situation, which may be new.
func (s *Situations) find(x Situation) int {
	place, ok := s.place[x]
	if !ok {
		if s.place == nil {
			s.place = make(map[Situation]int)
		}
		place = len(s.known)
		s.place[x] = place
		s.known = append(s.known, x)
	}
	return place
}

// mark sets the bit of a situation.
func (s *Situations) mark(place int) {
	for place/64 >= len(s.met) {
		s.met = append(s.met, 0)
	}
	word, bit := &s.met[place/64], uint64(1)<<(place%64)
	if *word&bit != 0 {
		return
	}
	*word |= bit
	if s.count++; s.count > mostSituations {
		panic(fmt.Sprintf("sim: one run came by over %d situations, such as %q: a phase is one of a few words", mostSituations, s.known[place]))
	}
}

// How many fields tell a phase at most, and how deep in structs they are looked for.
const (
	mostStates = 8
	deepStates = 3
)

// statesOf lists the fields of a node's struct that are states of a machine.
func statesOf(t reflect.Type, path []int, found [][]int) [][]int {
	if t.Kind() != reflect.Struct || len(path) >= deepStates {
		return found
	}
	for i := range t.NumField() {
		at := append(append([]int(nil), path...), i)
		if f := t.Field(i).Type; f.Kind() == reflect.Struct {
			found = statesOf(f, at, found)
		} else if isState(f) && len(found) < mostStates {
			found = append(found, at)
		}
	}
	return found
}

// isState reports whether a type is that of the states of a machine: its first two values print themselves as words, not the same
// one. A duration and a number with a unit do not.
func isState(t reflect.Type) bool {
	if !isWhole(t.Kind()) {
		return false
	}
	first, second := say(t, 0), say(t, 1)
	return isWord(first) && isWord(second) && first != second
}

func isWhole(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uintptr }

func isSigned(k reflect.Kind) bool { return k <= reflect.Int64 }

// isWord reports whether a text is made of letters, with spaces and hyphens between them.
func isWord(s string) bool {
	odd := func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != ' ' }
	return strings.ContainsFunc(s, unicode.IsLetter) && !strings.ContainsFunc(s, odd)
}

// number is the value of a state.
func number(v reflect.Value) uint64 {
	if isSigned(v.Kind()) {
		return uint64(v.Int())
	}
	return v.Uint()
}

// say prints a value of a type of whole numbers as it prints itself; "" if it does not, or knows no such value.
func say(t reflect.Type, n uint64) (word string) {
	defer func() {
		if recover() != nil { // many a String indexes a table
			word = ""
		}
	}()
	v := reflect.New(t).Elem()
	if isSigned(t.Kind()) {
		v.SetInt(int64(n))
	} else {
		v.SetUint(n)
	}
	if x, ok := v.Interface().(fmt.Stringer); ok {
		return x.String()
	}
	return ""
}
