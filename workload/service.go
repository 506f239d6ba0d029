package workload

import (
	"fmt"
	"strconv"
	"strings"
)

// A Service is what clients operate on, as one that does one operation after the other: its parts have keys, and what an operation does is a
// function of the state of one part. The same function makes a server's state machine, see [Store], and the judge's model.
type Service struct {
	Name, Doc string
	Verbs     []Verb // its operations
	// Step does an operation on a part whose state is given, "" being one that nobody has touched, and returns the state after it.
	Step func(state string, op Op) (next string, out Result)
}

// A Verb is one operation of a service.
type Verb struct {
	Name string
	// Words says what follows the verb in a script, and how it is drawn:
	//
	//	key      the part of the service that it concerns; a service of one part has none
	//	value    what is written; drawn so that no two operations write the same
	//	expect   what must stand there; drawn: what the client last saw there
	//	element  drawn: one of five, so that clients meet
	//	amount   a whole number; drawn from 1 to 5
	//	account  drawn as a key is
	//	me       who asks: drawn, the client's name
	//
	// All but key and expect are in Op.Value, one after the other.
	Words string
	Share int  // how often it is drawn, in proportion to the others
	Reads bool // it changes nothing, whatever the state
	Sets  bool // what it leaves is its value, whatever the state was
}

// few is how many elements and amounts are drawn.
const few = 5

// verb returns the verb of that name, nil if there is none.
func (s Service) verb(name string) *Verb {
	for i := range s.Verbs {
		if s.Verbs[i].Name == name {
			return &s.Verbs[i]
		}
	}
	return nil
}

// Reads reports whether an operation changes nothing, whatever the state.
func (s Service) Reads(op Op) bool {
	v := s.verb(op.Verb)
	return v != nil && v.Reads
}

// learnt returns what its client knows of a part after an operation that returned out; ok is false if that is no more than before.
func (s Service) learnt(op Op, out Result) (state string, ok bool) {
	v := s.verb(op.Verb)
	switch {
	case v == nil || !out.OK:
		return "", false
	case v.Reads:
		return out.Value, true
	}
	return op.Value, v.Sets || strings.Contains(v.Words, "expect")
}

// empty stands in a script for the empty text.
const empty = `""`

// Parse reads an operation as Op.String prints it: "cas x 1 2", "" in quotes being what a part holds that nobody has touched.
func (s Service) Parse(text string) (Op, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Op{}, fmt.Errorf("an operation is missing: want %s", s.forms())
	}
	v := s.verb(words[0])
	if v == nil {
		return Op{}, fmt.Errorf("%s has no operation %q: want %s", s.Name, words[0], s.forms())
	}
	want := strings.Fields(v.Words)
	if len(words)-1 != len(want) {
		return Op{}, fmt.Errorf("operation %q is not of the form %s", text, v.form())
	}
	op := Op{Verb: v.Name}
	for i, place := range want {
		word := words[i+1]
		if place == "amount" {
			if n, err := strconv.Atoi(word); err != nil || n < 0 {
				return Op{}, fmt.Errorf("operation %q: %q is no whole number from 0 on", text, word)
			}
		}
		if word == empty {
			word = ""
		}
		op.add(place, word)
	}
	return op, nil
}

// add puts a word where it belongs.
func (o *Op) add(place, word string) {
	switch {
	case place == "key":
		o.Key = word
	case place == "expect":
		o.Expect = word
	case o.Value == "":
		o.Value = word
	default:
		o.Value += " " + word
	}
}

// form prints how a script writes the verb: "cas KEY EXPECT VALUE".
func (v *Verb) form() string { return strings.TrimSpace(v.Name + " " + strings.ToUpper(v.Words)) }

// forms prints how a script writes each verb.
func (s Service) forms() string {
	all := make([]string, len(s.Verbs))
	for i := range s.Verbs {
		all[i] = s.Verbs[i].form()
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
