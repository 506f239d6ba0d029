package search

import (
	"context"
	"fmt"
	"hash/fnv"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"simrun/sim"
	"simrun/sim/disk"
)

// A recording is one run as far as the guard needs it: its checkpoints, and of a part of it every effect and every event,
// in the order in which the world saw them. It goes from process to process as JSON.
type recording struct {
	Hash        uint64
	Events      uint64
	Verdict     string // outcome, property and complaint
	Property    string
	Checkpoints []sim.Checkpoint
	Items       []item
	Sites       [][]Frame // the stacks that effects were issued on
	Spawned     []Frame   // what code of nodes started goroutines
}

// An item is an event, or an effect at the moment a node asked for it.
type item struct {
	Seq    uint64 // of an effect, that of the latest event
	Effect bool
	Starts bool // an event that makes a node's code run
	Node   string
	Body   uint64 // hash of all that must be the same
	Text   string
	Cause  uint64
	Site   int // in Sites, from 1; 0: not known
	Coder  int // in Sites, from 1: the methods by which a message or fact says what it is; 0: it has none
}

// A Frame is a place in the code of a node.
type Frame struct {
	Func string // package, type and method: "leaks.(*gossip).Handle"
	File string
	Line int
}

// String prints a frame as compilers do, with the name of the file alone.
func (f Frame) String() string {
	if f.File == "" {
		return f.Func
	}
	return fmt.Sprintf("%s (%s:%d)", f.Func, f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
}

// A part says which items of a run to record: those after the event From, and at most Most of them. None: the
// checkpoints will do.
type part struct{ From, Most uint64 }

// mostItems is how many items are recorded at once. A run that is longer is narrowed down by its checkpoints.
const mostItems = 1 << 16

// interruptEvery is after how many events a run looks whether anybody still wants it. A run of millions takes seconds, and
// who interrupts a command does not want to wait for four of them.
const interruptEvery = 4096

// longestText is how many runes of an item's text are recorded.
const longestText = 4000

// record makes a run. A panic outside of nodes is an error, and so is an interrupt.
func record(ctx context.Context, s *sim.Scenario, cfg sim.Config, p part) (r recording, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("search: seed %#x: panic: %v\n%s", cfg.Seed, v, debug.Stack())
		}
	}()
	cfg.Reuse = nil
	rec := &recorder{part: p, sites: make(map[string]int), most: runtime.NumGoroutine()}
	if p.Most > 0 {
		cfg.Issued = rec.effect
		rec.before = creators(allStacks())
	}
	w, err := s.World(cfg)
	if err != nil {
		return r, err
	}
	defer w.Close()
	for e := range w.Events(0) {
		if e.Seq%interruptEvery == 0 && ctx.Err() != nil {
			return r, ctx.Err()
		}
		if p.Most > 0 {
			rec.event(e)
		}
	}
	r = summed(w.Verdict())
	r.Items, r.Sites, r.Spawned = rec.items, rec.stacks, rec.spawned
	return r, nil
}

// summed is a recording of no items.
func summed(v sim.Verdict) recording {
	return recording{Hash: v.Hash, Events: v.Events, Verdict: verdictText(v), Property: v.Property, Checkpoints: v.Checkpoints}
}

// same reports whether two runs were the same, as far as events, effects and verdicts tell.
func (r *recording) same(o *recording) bool {
	if r.Hash != o.Hash || r.Verdict != o.Verdict || len(r.Checkpoints) != len(o.Checkpoints) {
		return false
	}
	_, other := partedAt(r.Checkpoints, o.Checkpoints)
	return other == 0
}

// partedAt returns the events of the last checkpoint that two runs have in common and of the next one, at which they differ;
// other is 0 if there is none.
func partedAt(a, b []sim.Checkpoint) (same, other uint64) {
	// A run that is twice as long keeps every other checkpoint: those at the same events are compared.
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].Seq < b[j].Seq && i < len(a)-1:
			i++
		case b[j].Seq < a[i].Seq && j < len(b)-1:
			j++
		case a[i] != b[j]:
			return same, max(a[i].Seq, b[j].Seq)
		default:
			same = a[i].Seq
			i++
			j++
		}
	}
	return same, 0
}

// A recorder takes a run down.
type recorder struct {
	part    part
	items   []item
	sites   map[string]int // stacks, by their places, and methods, by their type
	stacks  [][]Frame
	spawned []Frame
	before  []Frame // what had started goroutines before the run: none of its business
	most    int     // goroutines that were seen so far
}

func (r *recorder) wants(seq uint64) bool {
	return seq >= r.part.From && uint64(len(r.items)) < r.part.Most
}

// event takes an event down.
func (r *recorder) event(e *sim.Event) {
	if !r.wants(e.Seq) {
		return
	}
	r.goroutines()
	starts := e.Kind == sim.Started || e.Kind == sim.Delivered || e.Kind == sim.TimerFired
	r.items = append(r.items, item{Seq: e.Seq, Starts: starts, Node: string(e.Node), Body: sum(appendEvent(nil, e)),
		Text: clip(fullText(e), longestText), Cause: e.Cause})
}

// effect takes an effect down, on the stack of the node that issues it.
func (r *recorder) effect(e sim.Effect) {
	if !r.wants(e.After) {
		return
	}
	r.goroutines()
	text, body := effectText(e)
	r.items = append(r.items, item{Seq: e.After, Effect: true, Node: string(e.Node), Body: body, Text: clip(text, longestText),
		Site: r.site(), Coder: r.coder(e.Data)})
}

// coder finds the methods that the world asks of a message or a fact.
func (r *recorder) coder(data any) int {
	t := reflect.TypeOf(data)
	key := t.String()
	if i, ok := r.sites[key]; ok {
		return i
	}
	var list []Frame
	for _, name := range []string{"AppendHash", "Stream", "Size"} {
		if f := methodFrame(t, name); f.File != "" {
			list = append(list, f)
		}
	}
	r.sites[key] = 0
	if list != nil {
		r.stacks = append(r.stacks, list)
		r.sites[key] = len(r.stacks)
	}
	return r.sites[key]
}

// effectText is an effect for people, and a hash of all of it.
func effectText(e sim.Effect) (string, uint64) {
	b := fmt.Appendf(nil, "%d %s %s %d ", e.Kind, e.Node, e.To, e.Delay)
	verb := ""
	switch e.Kind {
	case sim.Sent:
		verb = fmt.Sprintf("%s sends to %s ", e.Node, e.To)
	case sim.TimerSet:
		verb = fmt.Sprintf("%s sets a timer of %v ", e.Node, e.Delay)
	case sim.Noted:
		verb = fmt.Sprintf("%s notes ", e.Node)
	}
	if op, ok := e.Data.(*disk.Op); ok {
		text := fmt.Sprintf("%v %s %d %d %s %x", op.Kind, op.Name, op.Off, op.Len, op.To, op.Bytes)
		return fmt.Sprintf("%s's disk: %s", e.Node, text), sum(append(b, text...))
	}
	return verb + fmt.Sprintf("%T%+v", e.Data, e.Data), sum(appendData(fmt.Appendf(b, "%T ", e.Data), e.Data))
}

func sum(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// clip cuts a text.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// site finds out what code of the node issues an effect.
func (r *recorder) site() int {
	var pcs [48]uintptr
	n := runtime.Callers(3, pcs[:])
	key := fmt.Sprint(pcs[:n])
	if i, ok := r.sites[key]; ok {
		return i
	}
	r.stacks = append(r.stacks, nodeFrames(pcs[:n]))
	r.sites[key] = len(r.stacks)
	return len(r.stacks)
}

// nodeFrames are the frames between the world, which offers the effect, and the world, which called the node.
func nodeFrames(pcs []uintptr) (list []Frame) {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		switch world := ofWorld(f.Function); {
		case world && len(list) > 0, strings.HasPrefix(f.Function, "iter."):
			return list
		case !world && f.Function != "":
			list = append(list, Frame{shortFunc(f.Function), f.File, f.Line})
		}
		if !more {
			return list
		}
	}
}

// ofWorld reports whether a function belongs to the world or to what watches it.
func ofWorld(function string) bool {
	return strings.HasPrefix(function, "simrun/sim.") || strings.HasPrefix(function, "simrun/search.(*recorder)") || strings.HasPrefix(function, "simrun/search.(*watcher)")
}

// shortFunc leaves the path of the package out.
func shortFunc(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// goroutines looks for goroutines that nodes have started. There are others, such as the coroutines of scripts.
func (r *recorder) goroutines() {
	n := runtime.NumGoroutine()
	if n <= r.most || len(r.spawned) > 4 {
		return
	}
	r.most = n
	for _, f := range creators(allStacks()) {
		if !slices.Contains(r.spawned, f) && !slices.Contains(r.before, f) {
			r.spawned = append(r.spawned, f)
		}
	}
}

// allStacks dumps the goroutines of this process.
func allStacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// creators are the places, in code that is neither Go's nor the simulator's, at which the goroutines of a dump were
// started.
func creators(dump string) (list []Frame) {
	lines := strings.Split(dump, "\n")
	for i, l := range lines {
		name, ok := strings.CutPrefix(l, "created by ")
		if !ok || i+1 == len(lines) {
			continue
		}
		name, _, _ = strings.Cut(name, " in goroutine ")
		path, _, _ := strings.Cut(name, ".") // of the package; those of Go have no dot in their first element, nor have ours
		root, _, _ := strings.Cut(path, "/")
		if goRoots[root] || harness(name) {
			continue
		}
		f := Frame{Func: shortFunc(name)}
		place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " +0x")
		if at := strings.LastIndexByte(place, ':'); at > 0 {
			f.File = place[:at]
			fmt.Sscan(place[at+1:], &f.Line)
		}
		list = append(list, f)
	}
	return list
}

// goRoots are where packages of Go are found that start goroutines.
var goRoots = map[string]bool{"runtime": true, "iter": true, "testing": true, "os": true, "net": true, "internal": true, "context": true, "time": true, "sync": true}

// harness reports whether a function belongs to the tools around the world.
func harness(name string) bool {
	for _, p := range []string{"simrun/sim.", "simrun/search.", "simrun/cli.", "simrun/simtest."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
