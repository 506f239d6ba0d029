// Package sim is a deterministic world for distributed systems: nodes that exchange messages over a virtual network,
// keep time on virtual clocks and write to virtual disks, all of which can fail. One goroutine and one 64-bit seed
// make a run, and the same seed makes the same run.
//
// # Nodes
//
// A [Node] is a state machine with two methods. Whatever it does goes through the [Env] that it is handed in each
// call: it sends messages, sets timers (messages to its future self), writes to its disk, and notes facts for those
// who watch. A node that is easier told as a story, such as a client, is [Scripted].
//
// # Worlds
//
// A [Scenario] is a system, what is done to it, and what must be true of it. Its method World builds one run of it:
// the seed draws a plan of faults, package fault, and decides all else that is open, package chance. [World.Run]
// drives the run to its end and returns the [Verdict]; ranging over [World.Events] drives it event by event, with the
// loop's body as the observer, who may also inject faults.
//
// # Time and place
//
// A handler's code runs at once, but what it does happens at places: each effect of a node has an instant and an
// order. Operations that take time, such as a sync, move the instant of all that follows them, and the node is busy
// until its effects have happened; arrivals wait. A crash falls between two places. It cancels the effects behind it,
// so that it can cut a broadcast in two or come between a write and its sync.
//
// # The hash
//
// A rolling hash covers every event: its time, cause, kind and nodes, and the content of its message or fact. Two
// runs with the same hash are the same run.
package sim

import (
	"fmt"
	"iter"
	"math/bits"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// A World is one run of a scenario. It is not safe for use by several goroutines; many worlds may run at the same time.
type World struct {
	cfg      Config
	scenario *Scenario
	model    fault.Model // of the scenario, with these options
	chance   chance.Source
	net      *net.Network
	hosts    []*host
	ids      []NodeID
	byID     map[NodeID]*host
	groups   []fault.Group
	areas    areas
	records  func(file string, payload []byte) string // names the record that bytes belong to, if the scenario says so
	syncs    []chance.Stream                          // by host
	types    []*typeInfo
	unsynced string // what a crash does to unsynced bytes, a mode of fault.Unsynced

	now    clock.Time
	end    clock.Time
	settle clock.Time // when faults end; clock.Never if they do not
	queue  queue
	slots  []slot
	spare  int32 // the first free slot, -1 for none
	buf    []byte
	stream chance.Stream // of the latest tie, kept here so that it is not allocated

	still    int // things that have happened at this instant
	seq      uint64
	hash     uint64
	guard    guard
	event    Event
	op       disk.Op // of the event
	yield    func(*Event) bool
	running  *host // whose code is running
	watching bool  // the code of an observer is running
	settled  bool
	stopped  bool
	driven   bool // Run or Events has been called

	plan    fault.Plan
	timed   fault.Plan // lines at an instant, by slot.line
	rounds  []*round   // faults that come again, by slot.link
	severed fault.Plan // cuts for good that have been made
	outages []outage   // links that flap or have broken, by slot.link
	enabled fault.Set
	outside []string
	grown   bool // lines were injected since the last survey of the plan
	aims    aiming
	idle    []bool   // by place in a plan that was given: the line came, and nothing happened
	felled  []int    // places in the plan of the crashes after an effect that have come
	budget  *budget  // nil for no limit
	damages []damage // by record, with a budget on copies
	spared  uint64   // faults that a budget held back
	beyond  bool     // no budget holds
	faults  fault.Counts
	sent    uint64
	late    uint64
	reached uint64 // bits of Scenario.Sometimes
	judge   judge
	verdict *Verdict
	old     []*host  // of the world whose memory is used again
	ticks   *ticking // nil but in tick mode
	keeper  *keeper  // nil unless the plan withholds messages
}

// A due says what a slot holds.
type due uint8

const (
	dueFree due = iota
	dueStart
	dueMessage
	dueTimer
	dueEffects
	dueSync
	dueWake
	dueFault
	dueSettle
	dueTick
	dueRound
	dueOutage
)

// World builds the world of one run. The error says what is wrong with the configuration.
func (s *Scenario) World(cfg Config) (*World, error) {
	if cfg.Options.values == nil {
		o, err := s.ParseOptions(nil)
		if err != nil {
			return nil, err
		}
		cfg.Options = o
	}
	if s.Settle > s.Run && s.Settle > 0 {
		panic(fmt.Sprintf("sim: scenario %s settles at %v, after its end at %v", s.Name, s.Settle, s.Run))
	}
	if len(s.Sometimes) > 64 {
		panic(fmt.Sprintf("sim: scenario %s lists %d things under Sometimes: want at most 64", s.Name, len(s.Sometimes)))
	}
	w := &World{cfg: cfg, scenario: s, spare: -1, chance: chance.Seeded(cfg.Seed), settle: clock.Never, unsynced: "keep"}
	if cfg.Reuse != nil {
		w.inherit(cfg.Reuse)
	}
	if cfg.Situations != nil {
		cfg.Situations.begin()
	}
	w.guard.begin()
	if cfg.Driver != nil {
		w.chance = chance.Driven(cfg.Driver)
	}
	w.model = s.BuiltFor(cfg.Options)
	w.end = clock.Time(s.Run)
	if s.Settle > 0 {
		w.settle = clock.Time(s.Settle)
	}
	if cfg.For > 0 {
		if s.Settle > 0 {
			hi, lo := bits.Mul64(uint64(cfg.For), uint64(s.Settle))
			share, _ := bits.Div64(hi, lo, uint64(s.Run))
			w.settle = clock.Time(share)
		}
		w.end = clock.Time(cfg.For)
	}
	s.Build(w, cfg.Options)
	if err := w.raise(); err != nil {
		return nil, err
	}
	var properties []Property
	if s.Properties != nil {
		properties = s.Properties(cfg.Options)
	}
	w.judge.begin(w, properties)
	if err := w.judge.knows(cfg.Only); err != nil {
		return nil, err
	}
	return w, nil
}

// Add adds a node. Boot makes a fresh value for each of its lives: what the value held is lost when the node crashes. Add
// panics if the name is taken or no NodeID, and outside of a scenario's Build.
func (w *World) Add(id NodeID, boot func() Node) {
	if w.net != nil {
		panic("sim: Add after the world was built: only a scenario's Build adds nodes")
	}
	if err := fault.CheckName(string(id)); err != nil {
		panic(fmt.Sprintf("sim: %v", err))
	}
	if w.host(id) != nil {
		panic(fmt.Sprintf("sim: node %s added twice", id))
	}
	if w.area(string(id)) != nil {
		panic(fmt.Sprintf("sim: node %s has the name of a zone or a region", id))
	}
	h := w.newHost()
	h.w, h.index, h.id, h.word, h.boot, h.sync, h.slow = w, len(w.hosts), id, chance.NewWord(string(id)), boot, defaultSync, 1
	h.files.h, h.self = h, &flow{from: h, to: h}
	h.keepTime()
	w.hosts = append(w.hosts, h)
	w.ids = append(w.ids, id)
	w.syncs = append(w.syncs, chance.Combine(wordSync, h.word, chance.Word{}, chance.Word{}))
	if len(w.hosts) > fewHosts {
		if w.byID == nil {
			w.byID = make(map[NodeID]*host)
			for _, h := range w.hosts {
				w.byID[h.id] = h
			}
		}
		w.byID[id] = h
	}
}

// Group says that these nodes, already added, may crash, and that at most spare of them may be left broken when
// faults end. Nodes of no group do not crash unless a plan says so by name. It panics if a node was not added, and
// outside of a scenario's Build.
func (w *World) Group(spare int, ids ...NodeID) {
	if w.net != nil {
		panic("sim: Group after the world was built: only a scenario's Build makes groups")
	}
	g := fault.Group{Spare: spare}
	for _, id := range ids {
		if w.host(id) == nil {
			panic(fmt.Sprintf("sim: Group names %q, which was not added", id))
		}
		g.Nodes = append(g.Nodes, string(id))
	}
	w.groups = append(w.groups, g)
}

// fewHosts is up to how many nodes a list is searched faster than a map.
const fewHosts = 16

// host finds a node, nil if there is none.
func (w *World) host(id NodeID) *host {
	if w.byID != nil {
		return w.byID[id]
	}
	for i, known := range w.ids {
		if known == id {
			return w.hosts[i]
		}
	}
	return nil
}

// Run drives the run to its end and returns its verdict. The end is d of virtual time after the start, or as late as the
// scenario and Config.For say if d is 0; sooner, if an outer property is violated or nothing is left to see (see
// Property). It closes the world.
func (w *World) Run(d time.Duration) Verdict {
	w.drive(d, nil)
	return *w.verdict
}

// Events drives the run, and yields each event after it has been applied. The body may inspect the world and inject
// faults; breaking out of the loop ends the run. Verdict is there afterwards.
func (w *World) Events(d time.Duration) iter.Seq[*Event] {
	return func(yield func(*Event) bool) { w.drive(d, yield) }
}

// Verdict judges the run. It ends it if Run and Events have not.
func (w *World) Verdict() Verdict {
	if w.verdict == nil {
		w.stopped = true
		w.conclude()
	}
	return *w.verdict
}

// Close unwinds the scripts that still wait. Run and Events have called it when they return.
func (w *World) Close() {
	w.stopped = true
	for _, h := range w.hosts {
		if h.script != nil && w.running != h { // one that is running now ends the run by waiting
			h.script.unwind()
		}
	}
}

// Now is true time. It is for observers: nodes read their own clocks.
func (w *World) Now() clock.Time { return w.now }

// Groups returns the groups that Build has made. The caller must not change them.
func (w *World) Groups() []fault.Group { return w.groups }

// Nodes returns the IDs of the nodes in the order in which they were added. The caller must not change the slice.
func (w *World) Nodes() []NodeID { return w.ids }

// Node returns a node's state, for observers: they must not change it. While a node is busy, its code has run but the
// effects have not all happened: then ok is false, or with Config.CheckClones the node is shown as it was before. It
// is false too for a node that is down.
func (w *World) Node(id NodeID) (n Node, ok bool) {
	h := w.must(id)
	if !h.up {
		return nil, false
	}
	if h.busy > w.now || h.first < len(h.pending) || w.running == h {
		return h.shadow, h.shadow != nil
	}
	return h.node, true
}

// Up reports whether a node is up.
func (w *World) Up(id NodeID) bool { return w.must(id).up }

// Down reports whether a node is down, and since when: since the start of the run, if it is one that starts late.
func (w *World) Down(id NodeID) (since clock.Time, down bool) {
	h := w.must(id)
	return h.since, !h.up && (h.crashes > 0 || h.begins > 0)
}

// Cut reports whether a cut keeps messages of one node from reaching another.
func (w *World) Cut(from, to NodeID) bool {
	a, b := w.must(from), w.must(to)
	return a != b && w.net.Link(a.index, b.index).Cut()
}

// Undisturbed reports whether all has kept its bounds so far: no fault has happened, and no message took longer than
// fault.Bound. Clocks may drift within fault.MaxDrift or be smeared as slowly, wall clocks may be offset, disks may stand
// still for fault.SyncBound, and messages within the bound may overtake one another.
func (w *World) Undisturbed() bool {
	harmless := fault.Set(1<<fault.Drifts | 1<<fault.Offsets | 1<<fault.Lingering | 1<<fault.Reorders | 1<<fault.Smears | 1<<fault.DiskStalls)
	for k, n := range w.faults {
		if n > 0 && !harmless.Has(fault.Kind(k)) {
			return false
		}
	}
	return w.late == 0 && w.Bounded()
}

// Healed reports whether a node is up and none of those that need do nothing: left broken for good when faults ended, Byzantine, or with a damaged
// disk.
func (w *World) Healed(id NodeID) bool { h := w.must(id); return h.up && !h.spent() }

// Bounded reports whether this run keeps messages within fault.Bound and clocks within fault.MaxDrift.
func (w *World) Bounded() bool { return w.spelled().Bounded() }

// Plan returns the complete plan of the run: what its profile drew or its configuration gave, and the faults injected
// so far. With the seed it makes the same run.
func (w *World) Plan() fault.Plan { return w.plan }

func (w *World) must(id NodeID) *host {
	h := w.host(id)
	if h == nil {
		panic(fmt.Sprintf("sim: there is no node %q", id))
	}
	return h
}
