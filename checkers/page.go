package checkers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The bounds of a page of Porcupine's, since it draws every operation: so many operations of a key are shown whole, else the last of them; and so many keys.
const (
	pageOps  = 200
	pageKeys = 20
)

// Visualize writes Porcupine's own page of the history, when the run is over: each operation in words, and the longest orders that explain a part. The key that is
// wrong comes first, up to the return that nothing explains. Times are numbers of events. Of a key with very many operations the last are shown, which begin
// with what the object can have been then; of very many keys the first; and the page says so. Marks are called with things to stand
// beside the operations, such as faults: each in a row, from an event to another one, with a few words and more of them. Last is the number of the last event.
//
// It is an error if there are no operations, or the budget for all keys is spent; else it returns the first error of w.
func (l *linearizable) Visualize(w io.Writer, title string, last uint64, marks func(mark func(row string, from, to uint64, text, details string))) error {
	p := page{l: l, end: int64(last) + 1}
	parts := l.parts()
	for _, key := range l.sorted() {
		p.wrong = l.found != nil && int(l.found.wrong.key) == key
		if p.add(l.record.keys[key], parts[key]); p.wrong && len(p.keys) > 0 { // to the front
			n := len(p.keys) - 1
			p.keys = append([]pageKey{p.keys[n]}, p.keys[:n]...)
		}
	}
	if len(p.keys) == 0 {
		return errors.New(strings.Join(append(p.left, "the run has no operations to show"), "; "))
	}
	p.choose()
	var b bytes.Buffer
	if err := p.write(&b, marks); err != nil {
		return err
	}
	text, err := inOrder(b.Bytes())
	if err != nil {
		return err
	}
	text = bytes.Replace(text, []byte("<title>Porcupine</title>"), []byte("<title>"+html.EscapeString(title)+"</title>"), 1)
	_, err = w.Write(text)
	return err
}

// A page is what is shown of a history.
type page struct {
	l     *linearizable
	end   int64
	wrong bool // the key that is added is the wrong one
	keys  []pageKey
	left  []string // what is left out, in words
}

// A pageKey is the operations of one key, and how things can stand before them.
type pageKey struct {
	name  string
	ops   []*operation
	begin []spot
	some  bool // these are not all
	steps int  // that may still be taken
	out   bool // more were wanted
}

// A pageInput is what a step on the page is asked about.
type pageInput struct {
	key, place int
	op         *operation
}

// add adds a key, if it can be shown.
func (p *page) add(name string, ops []*operation) {
	l := p.l
	m := model{l.model.Init, l.model.Step, l.model.Equal}
	key := pageKey{name: name, ops: ops, begin: []spot{{0, m.init()}}}
	if p.wrong {
		if then, _ := firstWrong(m, ops); then != nil {
			key.ops = then
		}
	}
	if len(key.ops) == 0 {
		return
	}
	if len(key.ops) > pageOps {
		n := narrower{model: m}
		first := tailBegins(key.ops)
		if first < 0 || !n.start(key.ops, key.ops[first].call) || len(n.begin) == 0 {
			p.left = append(p.left, fmt.Sprintf("key %q has %d operations, which take too long", name, len(ops)))
			return
		}
		key.ops, key.begin, key.some = n.tail, n.begin, true
	}
	// Whether the budget suffices is found out here, since a page of a search that was given up would be wrong.
	alone := page{l: l, end: p.end, keys: []pageKey{key}}
	if alone.check(); alone.keys[0].out {
		p.left = append(p.left, fmt.Sprintf("key %q: no answer within %d steps", name, l.Steps))
		return
	}
	p.keys = append(p.keys, key)
}

// choose leaves out keys beyond the bound.
func (p *page) choose() {
	if n := len(p.keys) - pageKeys; n > 0 {
		p.left = append(p.left, fmt.Sprintf("%d more keys", n))
		p.keys = p.keys[:pageKeys]
	}
	for i := range p.keys {
		if k := &p.keys[i]; k.some {
			p.left = append(p.left, fmt.Sprintf("earlier operations on key %q", k.name))
		}
	}
}

// check asks Porcupine, which runs each key in a goroutine of its own: they share nothing that changes.
func (p *page) check() porcupine.LinearizationInfo {
	var history []porcupine.Operation
	for i := range p.keys {
		k := &p.keys[i]
		k.steps, k.out = p.l.Steps, false
		for j, op := range k.ops {
			o := porcupine.Operation{ClientId: int(op.client), Input: pageInput{i, j, op}, Call: int64(op.since()), Output: op.output, Return: int64(op.ret), Metadata: op}
			if op.open() {
				o.Output, o.Return = anything{}, p.end
			}
			history = append(history, o)
		}
	}
	_, info := porcupine.CheckOperationsVerbose(p.model(), history, 0)
	return info
}

// model is the model of the page: its state is all the ways in which things can stand.
func (p *page) model() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := make([][]porcupine.Operation, len(p.keys))
			for _, o := range history {
				key := o.Input.(pageInput).key
				parts[key] = append(parts[key], o)
			}
			return parts
		},
		Init:              func() any { return []spot(nil) },
		Step:              p.step,
		Equal:             p.equal,
		DescribeOperation: func(input, _ any) string { return p.describe(input.(pageInput)) },
		DescribeState:     func(state any) string { return p.l.held(&window{states: state.([]spot)}) },
		DescribeOperationMetadata: func(about any) string {
			return fmt.Sprintf("from %v to %s", about.(*operation).callAt, ends(about.(*operation)))
		},
	}
}

// step takes one step. Before the first of a key things stand as they began; that is found out here, since Porcupine has one beginning for all.
func (p *page) step(state, input, output any) (bool, any) {
	in := input.(pageInput)
	key := &p.keys[in.key]
	if key.steps--; key.steps < 0 {
		key.out = true
		return false, state
	}
	now := state.([]spot)
	if now == nil {
		now = key.begin
	}
	next := newSpots(func(a, b any) bool { return p.same(a, b) })
	for _, x := range now {
		if in.place < 64 && x.done&(1<<in.place) != 0 { // it has taken effect before the first that is shown
			next.add(x)
			continue
		}
		out := output
		if _, open := output.(anything); open {
			out = nil
		}
		ok, after := p.l.search.step(x.state, in.op.input, out)
		switch {
		case ok:
			next.add(spot{x.done, after})
		case out == nil: // it has no effect there
			next.add(x)
		}
	}
	return len(next.all) > 0, next.all
}

// same compares two states of the object.
func (p *page) same(a, b any) bool {
	if p.l.model.Equal != nil {
		return p.l.model.Equal(a, b)
	}
	return a == b
}

// equal compares two states of the page.
func (p *page) equal(a, b any) bool {
	one, other := a.([]spot), b.([]spot)
	return len(one) == len(other) && !slices.ContainsFunc(one, func(x spot) bool {
		return !slices.ContainsFunc(other, func(y spot) bool { return x.done == y.done && p.same(x.state, y.state) })
	})
}

// describe prints an operation: "c1#3 x: get -> 5".
func (p *page) describe(in pageInput) string {
	name := p.keys[in.key].name
	if name != "" {
		name += ": "
	}
	return fmt.Sprintf("%v %s%s", in.op.id, name, p.l.describe(in.op))
}

// write writes the page with its marks.
func (p *page) write(b *bytes.Buffer, marks func(mark func(row string, from, to uint64, text, details string))) error {
	info := p.check()
	first, last := int64(math.MaxInt64), int64(0)
	for i := range p.keys {
		for _, op := range p.keys[i].ops {
			first, last = min(first, int64(op.since())), max(last, int64(op.since()))
			if !op.open() {
				last = max(last, int64(op.ret))
			}
		}
	}
	var notes []porcupine.Annotation
	if len(p.left) > 0 {
		notes = append(notes, porcupine.Annotation{Tag: "left out", Start: first, End: last, Description: strings.Join(p.left, "; "), BackgroundColor: "#e4e7eb"})
	}
	if marks != nil {
		marks(func(row string, from, to uint64, text, details string) {
			a := porcupine.Annotation{Tag: row, Start: int64(from), End: int64(max(from, to)), Description: text, Details: details, BackgroundColor: "#fbdcd1"}
			if a.End >= first && a.Start <= last { // else it would make the page wider and say nothing
				a.Start, a.End = max(a.Start, first), min(a.End, last)
				notes = append(notes, a)
			}
		})
	}
	info.AddAnnotations(notes)
	for i := range p.keys {
		p.keys[i].steps = math.MaxInt
	}
	return porcupine.Visualize(p.model(), info, b)
}

// inOrder brings the partial orders on a page into an order: Porcupine takes them from a map, and so makes another page each time.
func inOrder(text []byte) ([]byte, error) {
	const before, after = "const data = ", "\n"
	from := bytes.Index(text, []byte(before))
	if from < 0 {
		return nil, errors.New("the page that Porcupine made has no data")
	}
	from += len(before)
	to := from + bytes.Index(text[from:], []byte(after))
	type order []struct {
		Index            int
		StateDescription string
	}
	var data struct {
		Partitions []struct {
			History               json.RawMessage
			PartialLinearizations []order
			Largest               map[int]int
		}
		Annotations json.RawMessage
	}
	if err := json.Unmarshal(text[from:to], &data); err != nil {
		return nil, fmt.Errorf("the page that Porcupine made: %w", err)
	}
	for _, part := range data.Partitions {
		slices.SortFunc(part.PartialLinearizations, func(a, b order) int {
			for i := range min(len(a), len(b)) {
				if c := cmp.Compare(a[i].Index, b[i].Index); len(a) == len(b) && c != 0 {
					return c
				}
			}
			return cmp.Compare(len(b), len(a))
		})
		size := make(map[int]int)
		for i, o := range part.PartialLinearizations {
			for _, s := range o {
				if size[s.Index] < len(o) {
					size[s.Index], part.Largest[s.Index] = len(o), i
				}
			}
		}
	}
	sorted, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	return slices.Concat(text[:from], sorted, text[to:]), nil
}
