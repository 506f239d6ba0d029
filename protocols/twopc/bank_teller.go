package twopc

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/clock"
)

// How patient a teller is. Nothing depends on these but speed: a transaction that is left behind is aborted
// by those who hold locks for it.
const (
	tellerPatience = 60 * time.Millisecond // for an answer; doubled each time, up to 8 times
	workTries      = 4                     // how often a step of work is asked for before the transaction is given up
	tellerPause    = 3 * time.Millisecond  // the unit of the pause before an order is tried again
	orderTries     = 6                     // how many transactions a teller spends on an order
	firstBalance   = 100                   // of an account that nobody has written to
)

// A tellerPhase says what a teller waits for.
type tellerPhase uint8

const (
	resting   tellerPhase = iota // its pause to be over, or nothing any more
	beginning                    // a coordinator to name a transaction
	working                      // a shard to do a step
	ending                       // the coordinator to tell the outcome
)

// A Teller is a client of the bank. For each order it begins a transaction, reads accounts and writes them
// under the locks of their shards, one step after another, and asks the coordinator to commit. If
// the transaction dies or is aborted it tries again with the same age, so that it is the oldest in the end
// (wait-die). It does not crash.
type Teller struct {
	setup
	number   int // from 1
	tellers  int // how many there are
	shards   []sim.NodeID
	accounts int
	variant  variant
	script   []order       // its orders; nil: they are drawn
	orders   int           // how many there are in all
	delay    time.Duration // before the first; negative: drawn

	phase    tellerPhase
	closed   int   // orders
	order    order // under way
	age      uint64
	tries    int         // transactions begun for it
	asked    uint32      // transactions asked for in all: the number of the last request
	home     int         // the coordinator of the transaction, by its place
	tx       Tx          // under way
	step     int         // steps done
	balances []int       // read so far
	parts    []Part      // the shards that have done work, and in which of their lives
	seqs     []uint32    // by shard: steps asked there
	to       sim.NodeID  // whom the request was sent to
	request  sim.Message // that is unanswered, to be sent again as it is

	began    clock.Reading
	sent     int           // how often the request was sent
	deadline time.Duration // since began: for its answer, or the end of a pause
	armed    bool          // an alarm is set
	alarm    time.Duration // since began: the one that counts
}

// An alarm tells a teller to look at its deadline, since that much time has passed in its life.
type alarm struct{ At time.Duration }

// AppendHash appends the timer's content.
func (t alarm) AppendHash(b []byte) []byte { return binary.AppendVarint(b, int64(t.At)) }

// String prints "alarm{60ms}".
func (t alarm) String() string { return fmt.Sprintf("alarm{%v}", t.At) }

// Start implements sim.Node.
func (t *Teller) Start(env sim.Env) {
	t.began = env.Now()
	t.seqs = make([]uint32, len(t.shards))
	t.home = env.Pick("coordinator", len(t.coordinators))
	delay := t.delay
	if delay < 0 {
		delay = tellerPause * time.Duration(env.Pick("start", 4))
	}
	t.rest(env, delay)
}

// Handle implements sim.Node.
func (t *Teller) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Begun:
		if t.phase == beginning && m.Request == t.asked {
			t.tx = m.Tx
			t.work(env)
		}
	case Done:
		if t.phase == working && m.Tx == t.tx && from == t.to && m.Seq == t.seqs[t.shardOf(t.step)] {
			t.done(env, m)
		}
	case Outcome:
		if t.phase == ending && m.Tx == t.tx {
			t.ended(env, m.Committed)
		}
	case alarm:
		t.wake(env, m)
	}
}

// next takes up the next order, if there is one.
func (t *Teller) next(env sim.Env) {
	if t.closed == t.orders {
		return
	}
	t.order = t.draw(env)
	t.age = uint64(t.closed*t.tellers + t.number)
	t.try(env)
}

// draw returns the next order: nine transfers to one audit.
func (t *Teller) draw(env sim.Env) order {
	if t.script != nil {
		return t.script[t.closed]
	}
	if env.Pick("audit", 10) == 9 || t.accounts < 2 {
		return order{}
	}
	o := order{from: 1 + env.Pick("from", t.accounts), amount: 1 + env.Pick("amount", 20)}
	o.to = 1 + (o.from+env.Pick("to", t.accounts-1))%t.accounts
	return o
}

// try spends a transaction on the order.
func (t *Teller) try(env sim.Env) {
	t.tries++
	t.begin(env)
}

// begin asks a coordinator for a new transaction.
func (t *Teller) begin(env sim.Env) {
	t.asked++
	t.phase, t.step = beginning, 0
	t.parts, t.balances = nil, t.balances[:0] // parts went into a message
	clear(t.seqs)
	t.ask(env, t.coordinators[t.home], Begin{Request: t.asked})
}

// steps returns how much work an order is: an audit reads all accounts, a transfer reads two and writes them.
func (t *Teller) steps() int {
	if t.order.audit() {
		return t.accounts
	}
	return 4
}

// account returns the account that a step of the order is about.
func (t *Teller) account(step int) int {
	switch {
	case t.order.audit():
		return step + 1
	case step%2 == 0:
		return t.order.from
	}
	return t.order.to
}

// shardOf returns the shard on which a step is done: accounts are dealt out to shards in turn.
func (t *Teller) shardOf(step int) int { return (t.account(step) - 1) % len(t.shards) }

// op returns what a step of the order is. A transfer does not pay more than there is.
func (t *Teller) op(step int) Op {
	key := account(t.account(step))
	if t.order.audit() || step < 2 {
		return Op{Kind: Read, Key: key}
	}
	balance := t.balances[0] - t.paid()
	if step == 3 {
		balance = t.balances[1] + t.paid()
	}
	return Op{Kind: Write, Key: key, Value: strconv.Itoa(balance)}
}

func (t *Teller) paid() int { return min(t.order.amount, t.balances[0]) }

// work asks for the next step, or for the votes when all is done.
func (t *Teller) work(env sim.Env) {
	if t.step == t.steps() {
		t.phase = ending
		t.ask(env, t.coordinators[t.home], Commit{Tx: t.tx, Age: t.age, Presume: t.variant.draw(env, t.asked), Parts: t.parts})
		return
	}
	t.phase = working
	s := t.shardOf(t.step)
	t.seqs[s]++
	t.ask(env, t.shards[s], Do{Tx: t.tx, Age: t.age, Seq: t.seqs[s], Op: t.op(t.step)})
}

// done takes the answer of a shard. If it has refused, the transaction is over: wait-die has chosen it, or the
// shard has forgotten what it did for it in an earlier life.
func (t *Teller) done(env sim.Env, m Done) {
	if m.Refused {
		t.abandon(env)
		return
	}
	if t.seqs[t.shardOf(t.step)] == 1 {
		t.parts = append(t.parts, Part{Node: t.to, Life: m.Life})
	}
	if t.order.audit() || t.step < 2 {
		f := Fetched{t.tx, account(t.account(t.step)), m.Version, balance(m.Value)}
		env.Note(f)
		t.balances = append(t.balances, f.Balance)
	}
	t.step++
	t.work(env)
}

// balance reads the balance of an account as a shard stores it.
func balance(value string) int {
	if value == "" {
		return firstBalance
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		panic(fmt.Sprintf("twopc: an account holds %q", value))
	}
	return n
}

// abandon gives a transaction up whose commitment nobody has been asked for: it is aborted whatever happens.
// Shards that have worked for it are told once; one that does not hear it finds out by itself.
func (t *Teller) abandon(env sim.Env) {
	told := false
	for _, p := range t.parts {
		env.Send(p.Node, Abandon{t.tx})
		told = told || p.Node == t.to
	}
	if !told {
		env.Send(t.to, Abandon{t.tx})
	}
	t.ended(env, false)
}

// ended closes the order with its transaction, or tries again.
func (t *Teller) ended(env sim.Env, committed bool) {
	t.phase = resting
	env.Note(Ended{t.tx, committed})
	switch {
	case committed && t.order.audit():
		sum := int64(0)
		for _, b := range t.balances {
			sum += int64(b)
		}
		env.Note(Audited{t.tx, sum})
	case committed:
		env.Note(Transferred{t.tx, account(t.order.from), account(t.order.to), t.paid()})
	case t.tries < orderTries:
		env.Note(Retried{t.tx})
		t.rest(env, tellerPause*time.Duration(1+env.Pick("pause", 4<<min(t.tries, 3))))
		return
	}
	t.closed++
	env.Note(Closed{t.number, t.closed, committed})
	t.order, t.tries = order{}, 0
	t.next(env)
}

// rest waits before a transaction is begun.
func (t *Teller) rest(env sim.Env, d time.Duration) {
	t.wakeIn(env, d)
}

// ask sends a request, which is to be answered before a deadline.
func (t *Teller) ask(env sim.Env, to sim.NodeID, m sim.Message) {
	t.to, t.request, t.sent = to, m, 0
	t.send(env)
}

func (t *Teller) send(env sim.Env) {
	t.sent++
	env.Send(t.to, t.request)
	t.wakeIn(env, tellerPatience<<min(t.sent-1, 3))
}

// wakeIn sets the deadline. There is one alarm at a time that counts; if it is early it is set again.
func (t *Teller) wakeIn(env sim.Env, d time.Duration) {
	now := env.Now().Sub(t.began)
	t.deadline = now + d
	if !t.armed || t.deadline < t.alarm {
		t.armed, t.alarm = true, t.deadline
		env.After(d, alarm{t.alarm})
	}
}

// wake looks whether the deadline has passed.
func (t *Teller) wake(env sim.Env, a alarm) {
	if !t.armed || a.At != t.alarm {
		return // another was set since
	}
	t.armed = false
	left := t.deadline - env.Now().Sub(t.began)
	switch {
	case t.closed == t.orders:
	case left > 0:
		t.wakeIn(env, left)
	case t.phase == resting && t.tries > 0:
		t.try(env)
	case t.phase == resting:
		t.next(env)
	case t.phase == working && t.sent == workTries:
		t.abandon(env)
	case t.phase == beginning && t.sent%2 == 0:
		t.home = (t.home + 1) % len(t.coordinators) // this one may be down
		t.begin(env)
	default:
		if t.phase == ending && t.recovery && t.sent > 1 { // whoever is asked takes over
			t.to = t.coordinators[(t.home+t.sent-1)%len(t.coordinators)]
		}
		t.send(env)
	}
}

// waits says what the teller waits for.
func (t *Teller) waits(id sim.NodeID, _ func(Tx) []sim.NodeID) []checkers.Wait {
	x := checkers.Wait{Node: id, For: []sim.NodeID{t.to}}
	switch t.phase {
	case beginning:
		x.State = "has asked for a transaction"
	case working:
		x.State = fmt.Sprintf("is at work in %v", t.tx)
	case ending:
		x.State = fmt.Sprintf("has put %v to the vote", t.tx)
	default:
		return nil
	}
	return []checkers.Wait{x}
}
