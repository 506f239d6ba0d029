package independent

import (
	"slices"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A Logging says what becomes of the messages that a process receives.
type Logging int

// The kinds of logging (Elnozahy et al. 2002, section 4).
const (
	NoLogging   Logging = iota // a failed process returns to its last checkpoint, and others with it
	Pessimistic                // a message is on disk before it is handled: nobody else rolls back
	Optimistic                 // messages are written now and then: those whose causes were lost roll back
)

// A Policy says when checkpoints are taken, and which of them make a recovery line.
type Policy int

// The policies.
const (
	ByClock     Policy = iota // each process when its clock says so; the line is computed from the dependencies
	Coordinated               // by number, which travels on messages; the line is the last number that all have
	BySends                   // with every so-many-th message sent; the last ones are taken for a line, which is right for every single one
)

// A Config describes one process.
type Config struct {
	Nodes       []sim.NodeID // all processes
	Self        int
	From        []sim.NodeID // who may send to this one
	Boot        func() apps.App
	Logging     Logging
	Policy      Policy
	Interval    time.Duration // between checkpoints by the clock, and between those that are coordinated
	Flush       time.Duration // optimistic: between two times that the log is written
	Sends       int           // with BySends: so many messages sent make a checkpoint
	Outputs     int           // every so-many-th handled message or timer produces an output; 0: none
	Commit      bool          // outputs wait until they cannot be undone; false is wrong
	Incremental bool          // a checkpoint writes only what has changed since the last
	Incarnation bool          // messages from before a rollback are recognised; false is wrong
	Resend      bool          // what a rollback loses is sent again; otherwise it is declared lost
	Notices     bool          // who has rolled back tells the others, and no line is computed
	Rate        int           // in percent: the application's timers take 100/Rate as long
}

// A Process lets an application run that knows nothing of failures. It takes checkpoints of it, tags its messages, and
// rolls it back.
type Process struct {
	cfg    Config
	log    *reclog.Log
	halted bool

	state
	history
	written int // events that have been written: the first so many of history.events

	epoch    Round
	promised Round // the last round that it has stopped for
	stopped  bool
	fresh    bool // has been restored and not resumed: the current interval is empty
	rolled   bool // for the promised round
	own      int  // the round with which this life began, 0 for the first: its name
	life     int  // counts restorations, to tell timers
	deferred []arrival
	early    []arrival // messages that overtook others

	recovery *recovery
	release  *release

	outbox   []outgoing // of the handler that is running
	wanted   bool       // the application has asked for a checkpoint
	picks    []int      // what was picked in the handler that is running
	replay   []int      // picks that are left of the event that is replayed
	replays  bool
	handling bool  // the application handles an event
	born     Round // of messages that are sent now
	marks    []int // how many messages had been sent to each when the epoch began
	sends    int   // since the last checkpoint
	dirty    bool  // something has been appended and not synced
}

type arrival struct {
	from sim.NodeID
	m    sim.Message
}

type outgoing struct {
	to int
	m  App
}

// The process's own timers.
type (
	due   struct{} // it is time for a checkpoint
	flush struct{} // it is time to write the log
)

// AppendHash appends the timer's content: it has none.
func (due) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content: it has none.
func (flush) AppendHash(b []byte) []byte { return b }

// String prints "checkpoint due".
func (due) String() string { return "checkpoint due" }

// String prints "flush".
func (flush) String() string { return "flush" }

// New returns a process.
func New(cfg Config) *Process { return &Process{cfg: cfg} }

// Start implements sim.Node. The first life begins with a checkpoint, so that there is something to return to; each later one is a failure
// from which the process, and perhaps others, must recover.
func (p *Process) Start(env sim.Env) {
	log, records, err := reclog.Open(env.Disk(), logName)
	for _, rec := range records {
		if err == nil {
			err = p.history.read(rec)
		}
	}
	p.log = log
	if err != nil {
		p.halt(env, err)
		return
	}
	p.written = len(p.events)
	p.alarms(env)
	if len(p.checkpoints) == 0 {
		p.begin(env)
		return
	}
	end := p.lastCheckpoint().start
	if p.logs() && len(p.events) > 0 {
		end = max(end, p.events[len(p.events)-1].interval+1)
	}
	p.restore(env, end)
	if p.halted {
		return
	}
	env.Note(Restored{end, p.handled})
	// The append that is under way in a crash may be kept, even that of a slow process, of whose handler nothing else has happened: then
	// what it handled was never noted.
	if n := len(p.events); n > 0 && p.cfg.Logging == Pessimistic {
		e := &p.events[n-1]
		env.Note(Handled{e.interval, p.cfg.Nodes[e.from], e.n, e.born})
	}
	if p.cfg.Logging == Pessimistic {
		p.carryOn(env)
		return
	}
	if p.cfg.Notices {
		p.failed(env, end)
		return
	}
	p.stopped, p.own = true, p.round+1
	p.recover(env)
}

// begin starts the first life, or one that knows of none before it: nothing had left it, but messages may have come.
func (p *Process) begin(env sim.Env) {
	p.state = p.first()
	if p.logs() {
		p.interval = 1
	}
	if p.checkpoint(env, p.interval+1) {
		p.app.Start(inner{env, p})
		p.finish(env, nil)
		p.catchUp(env)
	}
}

// first returns the state before anything has happened.
func (p *Process) first() state {
	n := len(p.cfg.Nodes)
	return state{app: p.cfg.Boot(), in: make([]int, n), out: make([][]sent, n)}
}

func (p *Process) logs() bool { return p.cfg.Logging != NoLogging }

// alarms sets the process's own timers for this life.
func (p *Process) alarms(env sim.Env) {
	if p.cfg.Interval > 0 && (p.cfg.Policy == ByClock || p.cfg.Policy == Coordinated && p.cfg.Self == 0) {
		env.After(p.cfg.Interval*time.Duration(4+env.Pick("phase", 5))/8, due{})
	}
	if p.cfg.Logging == Optimistic {
		env.After(p.cfg.Flush, flush{})
	}
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	switch m := m.(type) {
	case App, Timer, Have, Gone, Take, Ask, Stable:
		if p.stopped {
			p.deferred = append(p.deferred, arrival{from, m})
			return
		}
		p.deliver(env, from, m)
	case due:
		p.checkpointDue(env)
	case flush:
		p.write(env)
		env.After(p.cfg.Flush, flush{})
	case Undone:
		p.undone(env, p.place(from), m)
	case Missing:
		env.Send(from, Have{p.epoch, p.in[p.place(from)]})
	default:
		p.recoveryMessage(env, from, m)
	}
}

// deliver handles what belongs to the application's work.
func (p *Process) deliver(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case App:
		p.receive(env, p.place(from), m)
	case Timer:
		if m.Life == p.life {
			p.step(env, event{from: p.cfg.Self, body: m.Body, timer: appendBody(nil, m.Body)}, nil)
		}
	case Have:
		if p.current(env, from, m.Epoch, m) {
			p.resend(env, p.place(from), m.N)
		}
	case Gone:
		if p.current(env, from, m.Epoch, m) {
			p.giveUp(env, p.place(from), m)
		}
	case Ask:
		if p.current(env, from, m.Epoch, m) {
			env.Send(from, Stable{m.Epoch, m.N, p.lastCheckpoint().start, p.durable()})
		}
	case Stable:
		if p.current(env, from, m.Epoch, m) {
			p.stable(env, p.place(from), m)
		}
	case Take:
		if m.Number > p.interval {
			p.checkpoint(env, m.Number)
		}
	}
}

// current reports whether something is of this epoch. What is older belongs to a past that was undone; what is
// newer waits until this process has heard that the epoch has begun.
func (p *Process) current(env sim.Env, from sim.NodeID, epoch Round, m sim.Message) bool {
	if p.epoch.Less(epoch) {
		p.deferred = append(p.deferred, arrival{from, m})
	}
	return epoch == p.epoch
}

// receive puts the messages of a channel in order, each once.
func (p *Process) receive(env sim.Env, from int, m App) {
	if p.cfg.Incarnation && !p.current(env, p.cfg.Nodes[from], m.Epoch, m) {
		return
	}
	switch next := p.in[from] + 1; {
	case m.N > next:
		p.early = append(p.early, arrival{p.cfg.Nodes[from], m})
	case m.N == next:
		p.step(env, event{from: from, n: m.N, born: m.Born, body: m.Body}, &m)
		p.overtaken(env, from)
	}
}

// overtaken handles a message that came too early and is next now.
func (p *Process) overtaken(env sim.Env, from int) {
	for i, a := range p.early {
		if m := a.m.(App); p.place(a.from) == from && m.N <= p.in[from]+1 {
			p.early = slices.Delete(p.early, i, i+1)
			p.receive(env, from, m)
			p.overtaken(env, from)
			return
		}
	}
}

// step lets the application handle a message or a timer: m is the message, nil for a timer.
func (p *Process) step(env sim.Env, e event, m *App) {
	if p.halted {
		return
	}
	if p.cfg.Policy == Coordinated && m != nil && m.Interval > p.interval && !p.checkpoint(env, m.Interval) {
		return
	}
	if m != nil {
		p.in[e.from] = e.n
	}
	if p.logs() {
		p.interval++
	}
	e.interval, e.epoch, p.born = p.interval, p.epoch, p.epoch
	p.depend(&e, m)
	env.Note(Handled{p.interval, p.cfg.Nodes[e.from], e.n, e.born}) // before it is on disk: what was noted and lost is struck out
	if p.cfg.Logging == Pessimistic && !p.record(env, &e) {
		return
	}
	p.handle(env, &e)
}

// depend enters what the current interval needs by receiving m.
func (p *Process) depend(e *event, m *App) {
	if p.cfg.Logging == Pessimistic {
		return // nobody depends on what can be lost
	}
	row := p.row(p.interval, len(p.cfg.Nodes))
	if p.cfg.Logging == Optimistic && p.interval > 1 {
		copy(row, p.row(p.interval-1, len(row))) // a vector holds the past too
	}
	if m != nil {
		row[e.from] = max(row[e.from], m.Interval)
		for i, x := range m.Vector {
			row[i] = max(row[i], x)
		}
	}
	row[p.cfg.Self] = 0 // on itself it depends anyway
	e.needs = row
}

// handle calls the application, and sees to what it has sent.
func (p *Process) handle(env sim.Env, e *event) {
	p.handled++
	if e.body != nil {
		p.handling = true
		p.app.Handle(inner{env, p}, p.cfg.Nodes[e.from], e.body)
		p.handling = false
	}
	if p.cfg.Outputs > 0 && p.handled%p.cfg.Outputs == 0 {
		p.produced++
		p.outputs = append(p.outputs, output{p.produced, p.interval, p.app.Amount()})
	}
	if !p.replays {
		p.finish(env, e)
	}
}

// finish ends a handler: what must be on disk is written, and then messages leave.
func (p *Process) finish(env sim.Env, e *event) {
	if p.cfg.Logging == Optimistic && e != nil {
		e.picks, p.picks = p.picks, nil
		p.events = append(p.events, *e)
	}
	p.sends += len(p.outbox)
	if p.wanted || p.cfg.Policy == BySends && p.sends >= p.cfg.Sends {
		if !p.checkpoint(env, p.interval+1) {
			return
		}
	}
	if len(p.outbox)+len(p.outputs) > 0 && !p.sync(env) {
		return
	}
	for _, o := range p.outbox {
		o.m.backing = p.backed()
		env.Send(p.cfg.Nodes[o.to], o.m)
	}
	p.outbox = p.outbox[:0]
	p.settleOutputs(env)
	p.rest(env)
}

// rest notes that the application waits for others, if it does, and with what result.
func (p *Process) rest(env sim.Env) {
	if !p.app.Passive() {
		return
	}
	state, err := p.app.MarshalBinary()
	if err != nil {
		p.halt(env, err)
		return
	}
	sent := 0
	for _, list := range p.out {
		sent += len(list)
	}
	env.Note(Rested{string(state), sent})
}

// place returns the number of a process.
func (p *Process) place(id sim.NodeID) int { return slices.Index(p.cfg.Nodes, id) }

// halt makes the process fall silent, since it does not trust its disk any more.
func (p *Process) halt(env sim.Env, err error) {
	p.halted = true
	env.Note(Halted{err.Error()})
}
