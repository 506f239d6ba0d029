package independent

import (
	"fmt"
	"slices"

	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A ledger is what an observer knows of a run: for each process what its state contains, by the facts that it notes and the messages that it
// sends. What a process has undone is struck out, so all that is left must fit together.
type ledger struct {
	cfg    Config
	nodes  []sim.NodeID
	self   []book
	last   uint64 // the event that was entered last
	wrong  error  // an orphan, seen at that event
	judged bool
	since  int // rollbacks since the last failure
	calm   int // processes that are neither down nor in a recovery
	undone error

	work, wasted, bytes, logBytes, checkpoints, lines, dominoes, declared uint64
}

// A book is what the state of one process contains.
type book struct {
	working  bool // neither down nor in a recovery
	sent     [][]letter
	got      [][]letter
	handled  []int // by interval
	released []Released
	failed   bool // since the last line was found, so it is not at that line
	back     int  // how often it has rolled back
	idle     bool
	state    string // of the application, if it is idle
	toSend   int    // messages in the sender's log, if it is idle
}

// A letter is one message on a channel, as its sender or its receiver has it.
type letter struct {
	n, interval int
	born        Round
	lost        bool // the receiver has given it up
}

func newLedger(cfg Config) *ledger {
	l := &ledger{cfg: cfg, nodes: cfg.Nodes, self: make([]book, len(cfg.Nodes))}
	for i := range l.self {
		l.self[i].sent, l.self[i].got = make([][]letter, len(cfg.Nodes)), make([][]letter, len(cfg.Nodes))
		l.self[i].working = true
	}
	l.calm = len(cfg.Nodes)
	return l
}

// kinds are the events that a ledger enters.
var kinds = []sim.Kind{sim.Sent, sim.Noted, sim.Crashed, sim.DiskDone}

func (l *ledger) place(id sim.NodeID) int { return slices.Index(l.nodes, id) }

// enter enters an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.last {
		return
	}
	l.last, l.wrong, l.judged, l.undone = e.Seq, nil, false, nil
	i := l.place(e.Node)
	if i < 0 {
		return
	}
	switch e.Kind {
	case sim.Sent:
		switch m := e.Data.(type) {
		case App:
			l.sent(i, l.place(e.Peer), letter{n: m.N, interval: m.Interval, born: m.Born})
		case Gone: // some of them may never have left, but the sender's state contains that they were sent
			for n := 1; n <= m.N; n++ {
				if j := l.place(e.Peer); !l.knows(i, j, n) {
					l.sent(i, j, letter{n: n, interval: m.Interval})
				}
			}
		}
	case sim.Crashed:
		l.setWorking(i, false)
		l.self[i].idle, l.self[i].failed, l.since = false, true, 0
	case sim.DiskDone:
		l.wrote(e)
	case sim.Noted:
		l.note(i, e.Data)
	}
}

// sent enters a message where its sender sends it first. Messages are kept in the order of their numbers, which need not be that
// of their leaving: one that a crash kept back leaves when it is asked for.
func (l *ledger) sent(i, j int, m letter) {
	list := l.self[i].sent[j]
	at, _ := slices.BinarySearchFunc(list, m.n, byNumber)
	for k := at; k < len(list) && list[k].n == m.n; k++ {
		if list[k].born == m.born {
			return
		}
	}
	l.self[i].sent[j] = slices.Insert(list, at, m)
}

func byNumber(x letter, n int) int { return x.n - n }

// knows reports whether process i has sent a message of that number to process j.
func (l *ledger) knows(i, j, n int) bool {
	_, ok := slices.BinarySearchFunc(l.self[i].sent[j], n, byNumber)
	return ok
}

func (l *ledger) note(i int, fact any) {
	b := &l.self[i]
	switch f := fact.(type) {
	case Handled:
		l.work++
		b.idle = false
		b.count(f.Interval)
		if f.N > 0 {
			j := l.place(f.From)
			m := letter{n: f.N, interval: f.Interval, born: f.Born}
			if slices.Contains(b.got[j], m) {
				return // noted once more by a process that came back
			}
			b.got[j] = append(b.got[j], m)
			if l.calm == len(l.nodes) && !l.cfg.Notices {
				l.judged = true
				l.wrong = l.orphan(i, j, len(b.got[j])-1)
			}
		}
	case Lost:
		j := l.place(f.From)
		for n := f.First; n <= f.Last; n++ {
			b.got[j] = append(b.got[j], letter{n: n, interval: f.Interval, lost: true})
			l.declared++
		}
	case Checkpointed:
		l.checkpoints++
		if f.Handled == 0 { // the first of a process: it has begun
			l.setWorking(i, true)
		}
	case Restored:
		l.since = 0
		l.undo(i, f.From)
		if l.cfg.Logging == Pessimistic || l.cfg.Notices {
			l.setWorking(i, true)
		}
		if l.cfg.Logging == Pessimistic {
			l.audit()
		}
	case RolledBack:
		b.back++
		l.since++
		l.undo(i, f.From)
	case LineFound:
		for k := range l.nodes { // all have stopped
			l.setWorking(k, false)
			l.self[k].failed = false
		}
		l.lines++
		l.dominoes += uint64(len(f.Steps))
	case Recovered:
		l.audit()
	case Resumed:
		l.setWorking(i, true)
	case Released:
		l.release(b, f)
	case Rested:
		b.idle, b.state, b.toSend = true, f.State, f.Sent
	}
}

func (b *book) count(interval int) {
	for len(b.handled) <= interval {
		b.handled = append(b.handled, 0)
	}
	b.handled[interval]++
}

// setWorking counts those that work.
func (l *ledger) setWorking(i int, working bool) {
	if l.self[i].working == working {
		return
	}
	if l.self[i].working = working; working {
		l.calm++
	} else {
		l.calm--
	}
}

// undo strikes out what a process has done from an interval on.
func (l *ledger) undo(i, from int) {
	b := &l.self[i]
	b.idle = false
	gone := func(x letter) bool { return x.interval >= from }
	for j := range l.nodes {
		b.sent[j] = slices.DeleteFunc(b.sent[j], gone)
		b.got[j] = slices.DeleteFunc(b.got[j], gone)
	}
	for y := from; y < len(b.handled); y++ {
		l.wasted += uint64(b.handled[y])
		b.handled[y] = 0
	}
	for _, o := range b.released {
		if o.Interval >= from && l.undone == nil {
			l.undone = fmt.Errorf("%s has undone its interval %d and all after it, but output %d of interval %d was released", l.nodes[i], from, o.N, o.Interval)
		}
	}
}

// release enters an output, which may be a repetition but not another one.
func (l *ledger) release(b *book, f Released) {
	for _, o := range b.released {
		if o.N == f.N && o.Amount != f.Amount && l.undone == nil {
			l.undone = fmt.Errorf("output %d was %d when it was released first, and is %d now", f.N, o.Amount, f.Amount)
		}
	}
	b.released = append(b.released, f)
}

// orphan says what is wrong with a message that process i has received from process j, or given up, if it was not sent.
func (l *ledger) orphan(i, j, k int) error {
	m := l.self[i].got[j][k]
	list := l.self[j].sent[i]
	at, _ := slices.BinarySearchFunc(list, m.n, byNumber)
	for ; at < len(list) && list[at].n == m.n; at++ {
		if list[at].born == m.born || m.lost {
			return nil
		}
	}
	what := "received"
	if m.lost {
		what = "given up"
	}
	return fmt.Errorf("orphan message: %s has %s #%d of %s in its interval %d, and %s, as it is now, has not sent it", l.nodes[i], what, m.n, l.nodes[j], m.interval, l.nodes[j])
}

// audit looks for orphans among all that was received.
func (l *ledger) audit() {
	l.judged = true
	for i := range l.nodes {
		for j := range l.nodes {
			if l.self[j].working != l.self[i].working && l.cfg.Logging == Pessimistic {
				continue // it is down, and will come back with what it has sent
			}
			if l.cfg.Logging != Pessimistic && (l.self[i].failed || l.self[j].failed) {
				continue // there will be another line
			}
			for k := range l.self[i].got[j] {
				if err := l.orphan(i, j, k); err != nil && l.wrong == nil {
					l.wrong = err
				}
			}
		}
	}
}

// lost says which message was sent, and neither received nor given up.
func (l *ledger) lost() error {
	for i := range l.nodes {
		for j := range l.nodes {
			for _, m := range l.self[i].sent[j] {
				if !slices.ContainsFunc(l.self[j].got[i], func(x letter) bool { return x.n == m.n && (x.lost || x.born == m.born) }) {
					return fmt.Errorf("lost message: %s has sent #%d to %s in its interval %d, where it was neither received nor declared lost", l.nodes[i], m.n, l.nodes[j], m.interval)
				}
			}
		}
	}
	return nil
}

// quiet reports whether all work and have nothing to do, and nothing is on its way.
func (l *ledger) quiet() bool {
	if l.calm < len(l.nodes) {
		return false
	}
	for i := range l.self {
		if !l.self[i].idle {
			return false
		}
		sent := 0
		for j := range l.nodes {
			n := len(l.self[i].sent[j])
			if n != len(l.self[j].got[i]) {
				return false
			}
			sent += n
		}
		if sent != l.self[i].toSend {
			return false
		}
	}
	return true
}

// wrote counts bytes that went into a log.
func (l *ledger) wrote(e *sim.Event) {
	if p, ok := appended(e); ok {
		if rec, whole := reclog.Payload(p); whole && len(rec) > 0 && (rec[0] == fullRecord || rec[0] == pagesRecord) {
			l.bytes += uint64(len(p))
		} else {
			l.logBytes += uint64(len(p))
		}
	}
}
