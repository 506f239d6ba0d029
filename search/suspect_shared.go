package search

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"simrun/sim"
)

// Two kinds of leaks leave runs equal, so that comparing does not show them: a message that is changed after it was sent,
// and memory that two nodes can reach and one of them changes. In the world both work; between machines they cannot. A
// watcher sees them happen: after each call of a node it looks whether messages of before still say the same, and whether
// the state of a node has changed while another ran.
//
// Nodes may share what nobody changes, such as a list of names. So shared memory by itself is no leak, and is not told.

// A watcher looks at one run.
type watcher struct {
	world *sim.World
	close bool     // look after each effect, not only after each call
	sent  []letter // the latest messages and facts that hold references

	nodes  []sim.NodeID
	states map[sim.NodeID]uint64 // of nodes that share memory
	spent  int                   // bytes of states that were encoded

	running sim.NodeID // whose code ran last
	what    string     // and what it handled
	code    Frame
	calls   int
	found   *Divergence
}

// A letter is a message or a fact that has been sent or noted.
type letter struct {
	effect  sim.Effect
	content uint64
	text    string
}

// How much a watcher remembers and does at most.
const (
	mostLetters = 64
	mostStates  = 8 << 20
)

// shared makes the run once more and watches it. It returns nil if there is nothing to tell.
func (g Guard) shared(ctx context.Context, cfg sim.Config, r *recording) (*Divergence, error) {
	d, err := watch(ctx, g.Scenario, cfg)
	if d != nil {
		d.Hashes = [2]uint64{r.Hash, r.Hash}
	}
	return d, err
}

// watch makes a run and returns what it sees first. To find the very line at which a message was changed it makes the run
// again, with a look after each effect.
func watch(ctx context.Context, s *sim.Scenario, cfg sim.Config) (*Divergence, error) {
	d, err := watched(ctx, s, cfg, &watcher{})
	if d != nil && d.Cause == ChangedMessage && err == nil {
		if close, err := watched(ctx, s, cfg, &watcher{close: true}); close != nil && err == nil {
			return close, nil
		}
	}
	return d, err
}

// watched makes a run and shows it to a watcher.
func watched(ctx context.Context, s *sim.Scenario, cfg sim.Config, x *watcher) (*Divergence, error) {
	cfg.Issued = x.effect
	cfg.Reuse = nil
	w, err := s.World(cfg)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	x.world, x.nodes = w, w.Nodes()
	last := uint64(0)
	for e := range w.Events(0) {
		if x.event(e); x.found != nil {
			break
		}
		if last = e.Seq; last%interruptEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if x.letters(last, nil); x.found != nil {
		x.found.Seed, x.found.Where = cfg.Seed, "messages and nodes before and after each call"
	}
	return x.found, nil
}

// event looks at everything whenever a call has ended: when the next begins.
func (x *watcher) event(e *sim.Event) {
	if e.Kind != sim.Started && e.Kind != sim.Delivered && e.Kind != sim.TimerFired {
		return
	}
	if e.Kind == sim.Started {
		delete(x.states, e.Node) // it is a new one
	}
	x.letters(e.Seq, nil)
	x.neighbours(e.Seq)
	x.running, x.what, x.code = e.Node, fullText(e), Frame{}
	method := "Handle"
	if e.Kind == sim.Started {
		method = "Start"
	}
	if n, ok := x.world.Node(e.Node); ok {
		x.code = methodFrame(reflect.TypeOf(n), method)
	}
	if x.calls++; x.calls&(x.calls-1) == 0 { // seldom: what nodes share they share from early on
		x.survey()
	}
}

// effect keeps a message. If it is to look closely, it is on the stack of the code that may have changed an earlier one.
func (x *watcher) effect(e sim.Effect) {
	if x.found != nil {
		return
	}
	if x.close {
		var pcs [48]uintptr
		x.letters(e.After, nodeFrames(pcs[:runtime.Callers(2, pcs[:])]))
	}
	if x.found != nil || e.Kind == sim.DiskDone || !refers(reflect.TypeOf(e.Data), nil) {
		return
	}
	if len(x.sent) == mostLetters {
		x.sent = slices.Delete(x.sent, 0, 1)
	}
	text, _ := effectText(e)
	x.sent = append(x.sent, letter{e, sum(appendData(nil, e.Data)), text})
}

// letters finds a message that has changed. The stack is that of the code which runs, if it is known.
func (x *watcher) letters(seq uint64, stack []Frame) {
	for i := range x.sent {
		l := &x.sent[i]
		if x.found != nil || l.says(l.content) {
			continue
		}
		now, _ := effectText(l.effect)
		x.tell(ChangedMessage, stack, seq, clip(l.text, 160), clip(now, 160),
			fmt.Sprintf("what %s had said after event %d changed while %s handled: %s", l.effect.Node, l.effect.After, x.running, clip(x.what, 160)))
	}
}

// says reports whether a letter still says what it did. A message that encodes itself in another way each time, such as by
// ranging over a map, has not changed for that: comparing runs finds it.
func (l *letter) says(content uint64) bool {
	now := sum(appendData(nil, l.effect.Data))
	if now == content {
		return true
	}
	for range 20 {
		if sum(appendData(nil, l.effect.Data)) != now {
			return true
		}
	}
	return false
}

// neighbours finds a node that changed while another ran.
func (x *watcher) neighbours(seq uint64) {
	if x.spent > mostStates || x.found != nil {
		return
	}
	for _, id := range x.nodes {
		before, known := x.states[id]
		if !known {
			continue
		}
		now, ok := x.state(id)
		if !ok {
			delete(x.states, id)
			continue
		}
		x.states[id] = now
		if now != before && id != x.running {
			x.tell(SharedMemory, nil, seq, "", "", fmt.Sprintf("the state of %s changed while %s handled: %s", id, x.running, clip(x.what, 160)))
			return
		}
	}
}

// state is a hash of what can be reached from a node.
func (x *watcher) state(id sim.NodeID) (uint64, bool) {
	n, ok := x.world.Node(id)
	if !ok || n == nil {
		return 0, false
	}
	b := sim.AppendState(nil, n)
	x.spent += len(b)
	return sum(b), true
}

// tell ends the watch.
func (x *watcher) tell(c Cause, stack []Frame, seq uint64, first, second, evidence string) {
	d := &Divergence{Seq: seq, Node: x.running, Handler: x.code, Place: x.code, First: first, Second: second, Cause: c, Evidence: []string{evidence}}
	if stack != nil {
		d.Place, d.Handler = stack[0], stack[len(stack)-1]
	}
	x.found = d
}

// survey finds the nodes that can reach the same memory, and keeps their states in view.
func (x *watcher) survey() {
	if x.spent > mostStates {
		return
	}
	owners := make(map[uintptr]sim.NodeID)
	x.states = make(map[sim.NodeID]uint64)
	for _, id := range x.nodes {
		n, ok := x.world.Node(id)
		if !ok || n == nil {
			continue
		}
		seen := make(map[uintptr]bool)
		reach(reflect.ValueOf(n), seen, 0)
		for p := range seen {
			if other, taken := owners[p]; taken && other != id {
				x.keep(id)
				x.keep(other)
			}
			owners[p] = id
		}
	}
}

func (x *watcher) keep(id sim.NodeID) {
	if _, known := x.states[id]; !known {
		if h, ok := x.state(id); ok {
			x.states[id] = h
		}
	}
}

// mostReached bounds how far a survey goes into a node.
const mostReached = 20_000

// reach collects the addresses of all maps, slices and pointers within a value, but not those of the world.
func reach(v reflect.Value, seen map[uintptr]bool, depth int) {
	if len(seen) > mostReached || depth > 100 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || strings.HasPrefix(v.Type().Elem().PkgPath(), "simrun/sim") || v.Type().Elem().Size() == 0 || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		reach(v.Elem(), seen, depth+1)
	case reflect.Interface:
		if !v.IsNil() {
			reach(v.Elem(), seen, depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			reach(v.Field(i), seen, depth+1)
		}
	case reflect.Map:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		for it := v.MapRange(); it.Next(); {
			reach(it.Key(), seen, depth+1)
			reach(it.Value(), seen, depth+1)
		}
	case reflect.Slice:
		if v.Cap() == 0 || v.Type().Elem().Size() == 0 || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		fallthrough
	case reflect.Array:
		if !refers(v.Type().Elem(), nil) {
			return
		}
		for i := range v.Len() {
			reach(v.Index(i), seen, depth+1)
		}
	}
}

// refers reports whether values of a type can hold references to memory that may change.
func refers(t reflect.Type, within []reflect.Type) bool {
	if t == nil || slices.Contains(within, t) {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if refers(t.Field(i).Type, append(within, t)) {
				return true
			}
		}
		return false
	case reflect.Array:
		return refers(t.Elem(), within)
	case reflect.Slice, reflect.Map, reflect.Interface, reflect.Pointer:
		return true
	}
	return false
}

// methodFrame is where a method of a type begins; without a file if that is not to be known, as of scripts.
func methodFrame(t reflect.Type, name string) Frame {
	m, ok := t.MethodByName(name)
	if !ok {
		return Frame{}
	}
	fn := runtime.FuncForPC(m.Func.Pointer())
	if fn == nil || ofWorld(fn.Name()) {
		return Frame{Func: fmt.Sprintf("%v.%s", t, name)}
	}
	file, line := fn.FileLine(fn.Entry())
	if file == "<autogenerated>" { // a method of the value, called through a pointer, or of something embedded
		return Frame{Func: shortFunc(fn.Name())}
	}
	return Frame{shortFunc(fn.Name()), file, line}
}
