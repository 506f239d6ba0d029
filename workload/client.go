package workload

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/clock"
)

// How patient a client is, in time of its own clock.
const (
	retryAfter = 70 * time.Millisecond // it asks another server then; after twice what the last answer took, if that is more
	retryMost  = 4 * retryAfter        // but no later than this; doubled with each try, up to 4 times
	maxTries   = 4                     // then it gives up: the outcome is unknown; once more often each time
	moreTries  = 8                     // up to so many more
	mostHops   = 2                     // so often in a try it goes at once where a server sends it
	rest       = 20 * time.Millisecond // then it waits before it does; doubled with each time, up to 4 times
	hedgeAfter = 15 * time.Millisecond // without an answer a hedging client asks a second server; after twice what the last answer took, if that is more
	mostLanes  = 4                     // so many operations an open loop has under way
)

// A Client calls operations, one after the other or as they come. It does not crash.
type Client struct {
	*load
	number int    // from 0; gives the letter that begins the values it writes: no two clients write the same
	ops    uint64 // how many operations it calls in all
	script []Op   // its operations; nil: they are drawn

	began   clock.Reading
	called  uint64
	seen    map[string]string // the value of each key as far as it knows
	givenUp int               // operations
	place   uint64            // how far the service had come, by all answers
	pace    time.Duration     // how long the last answered one took
	lanes   []lane            // one in a closed loop
}

// A lane is where one operation at a time is under way.
type lane struct {
	session uint64 // the number of its first operation; 0: the next operation begins one
	now     Command
	busy    bool
	server  int           // whom it was sent to last
	home    int           // where reads go
	leader  int           // who has answered the last of the others
	since   time.Duration // since the client began: when the operation began
	tries   int           // how many deadlines have passed
	hops    int           // how often it was sent elsewhere since
	turn    uint64        // counts requests, and rests: what timers speak of
	resting bool
	deadline,
	armed time.Duration // when the next alarm comes; 0: none will
	alarms int // how many will come
}

// The timers of a client.
type (
	next   struct{}            // time for an operation
	alarm  struct{ Lane int }  // a deadline may have passed
	resend struct{ To errand } // the rest is over
	hedge  struct{ To errand } // ask a second server
)

// An errand says which lane a timer is about, and which turn of it.
type errand struct {
	Lane int
	Turn uint64
}

// Start implements sim.Node.
func (c *Client) Start(env sim.Env) {
	c.began, c.seen = env.Now(), make(map[string]string)
	home := env.Pick("home", len(c.servers))
	c.lanes = append(c.lanes, lane{server: home, home: home, leader: home})
	wait := time.Duration(c.number) * c.step
	if c.gap > 0 {
		wait += around(env, "first", c.gap)
	}
	c.plan(env, wait)
}

// plan has the next operation called after a while, if there is one.
func (c *Client) plan(env sim.Env, wait time.Duration) {
	switch {
	case c.called == c.ops:
	case wait == 0:
		c.call(env)
	default:
		env.After(wait, next{})
	}
}

// Handle implements sim.Node.
func (c *Client) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Reply:
		if i := c.under(m.ID); i >= 0 {
			c.place = max(c.place, m.At)
			c.returned(env, i, m.Result)
		}
	case Elsewhere:
		if i := c.under(m.ID); i >= 0 {
			c.redirected(env, i, from, m.Server)
		}
	case next:
		c.call(env)
	case resend:
		if l := &c.lanes[m.To.Lane]; l.busy && l.turn == m.To.Turn {
			c.ask(env, m.To.Lane)
		}
	case hedge:
		if l := &c.lanes[m.To.Lane]; l.busy && l.turn == m.To.Turn {
			env.Send(c.servers[(l.server+1)%len(c.servers)], Request{l.now, c.place})
		}
	case alarm:
		c.wake(env, m.Lane)
	}
}

// now is the time since the client began, by its monotonic clock.
func (c *Client) now(env sim.Env) time.Duration { return env.Now().Sub(c.began) }

// under returns the lane in which an operation is under way, -1 if it is not.
func (c *Client) under(id checkers.OpID) int {
	return slices.IndexFunc(c.lanes, func(l lane) bool { return l.busy && l.now.ID == id })
}

// call begins the next operation. An open loop with too many under way fails it at once, and never waits.
func (c *Client) call(env sim.Env) {
	c.called++
	id := checkers.OpID{Client: env.ID(), N: c.called}
	op := c.operation(env)
	env.Note(Called{id, op})
	if c.open {
		c.plan(env, around(env, "arrival", c.gap))
	}
	i := slices.IndexFunc(c.lanes, func(l lane) bool { return !l.busy })
	if i < 0 && len(c.lanes) == mostLanes {
		env.Note(Returned{ID: id, Failed: true})
		return
	}
	if i < 0 {
		i = len(c.lanes)
		c.lanes = append(c.lanes, lane{server: c.lanes[0].server, home: c.lanes[0].home, leader: c.lanes[0].leader})
	}
	l := &c.lanes[i]
	if l.session == 0 {
		l.session = id.N
	}
	l.now, l.busy, l.tries, l.since = Command{ID: id, Session: l.session, Op: op}, true, 0, c.now(env)
	switch {
	case !c.stays:
	case c.service.Reads(op):
		l.server = l.home
	default:
		l.server = l.leader
	}
	c.try(env, i)
}

// operation returns the operation to be called now.
func (c *Client) operation(env sim.Env) Op {
	if c.script != nil {
		return c.script[c.called-1]
	}
	v := c.service.Verbs[c.verb(env)]
	op := Op{Verb: v.Name}
	for place := range strings.FieldsSeq(v.Words) {
		op.add(place, c.word(env, place, op.Key))
	}
	return op
}

// verb draws what to do: of all that the service can, or of what changes nothing.
func (c *Client) verb(env sim.Env) int {
	reads, shares := c.number < c.readers, c.shares
	if reads {
		shares = c.readShares
	}
	drawn := env.Pick("operation", shares)
	for i, v := range c.service.Verbs {
		switch {
		case reads && !v.Reads:
		case drawn < v.Share:
			return i
		default:
			drawn -= v.Share
		}
	}
	panic("workload: " + c.service.Name + " has nothing to draw")
}

// word draws a word of an operation on a key.
func (c *Client) word(env sim.Env, place, key string) string {
	switch place {
	case "key", "account":
		return c.keys[c.key(env, place)]
	case "expect":
		return c.seen[key]
	case "me":
		return string(env.ID())
	case "value":
		return string(strconv.AppendUint([]byte{byte('a' + c.number)}, c.called, 10))
	}
	return strconv.Itoa(1 + env.Pick(place, few))
}

// key draws a key.
func (c *Client) key(env sim.Env, place string) int {
	if c.weights == nil {
		return env.Pick(place, len(c.keys))
	}
	drawn := env.Pick(place, c.weights[len(c.weights)-1])
	return sort.SearchInts(c.weights, drawn+1)
}

// try sends the request, and sets the deadline for an answer.
func (c *Client) try(env sim.Env, i int) {
	c.lanes[i].hops = 0
	c.limit(env, i)
	c.ask(env, i)
}

// ask sends the request.
func (c *Client) ask(env sim.Env, i int) {
	l := &c.lanes[i]
	l.turn++
	l.resting = false
	env.Send(c.servers[l.server], Request{l.now, c.place})
	if c.retry == "hedged" && len(c.servers) > 1 {
		env.After(min(max(hedgeAfter, 2*c.pace), retryAfter/2), hedge{errand{i, l.turn}})
	}
}

// limit sets the deadline for an answer.
func (c *Client) limit(env sim.Env, i int) {
	l := &c.lanes[i]
	d := min(max(retryAfter, 2*c.pace), retryMost)
	switch {
	case c.retry == "none":
		d = retryMost
	case c.retry == "fixed":
		d = retryAfter
	case l.tries > 0: // those who failed together must not come again together
		d <<= min(l.tries, 2)
		d += d * time.Duration(env.Pick("jitter", 8)) / 16
	}
	l.deadline = c.now(env) + d
	if l.armed == 0 || l.deadline < l.armed {
		l.armed = l.deadline
		l.alarms++
		env.After(d, alarm{i})
	}
}

// redirected asks the server it was told of, or the next one. Where that goes on it rests before, longer each time: servers that send it to one another would else
// keep it asking as fast as messages go.
func (c *Client) redirected(env sim.Env, i int, from, to sim.NodeID) {
	l := &c.lanes[i]
	if l.resting || from != c.servers[l.server] { // the word of one that was asked before
		return
	}
	at := slices.Index(c.servers, to)
	known := at >= 0 && at != l.server
	if !known {
		at = (l.server + 1) % len(c.servers)
	}
	l.server = at
	l.hops++
	if known && l.hops <= mostHops {
		c.limit(env, i)
		c.ask(env, i)
		return
	}
	l.turn++
	l.resting = true
	d := rest << min(l.hops-1, 2)
	env.After(d+d*time.Duration(env.Pick("rest", 8))/8, resend{errand{i, l.turn}})
}

// returned ends the operation with its result.
func (c *Client) returned(env sim.Env, i int, out Result) {
	l := &c.lanes[i]
	env.Note(Returned{ID: l.now.ID, Result: out})
	c.pace = c.now(env) - l.since
	if !c.service.Reads(l.now.Op) {
		l.leader = l.server
	}
	if state, ok := c.service.learnt(l.now.Op, out); ok {
		c.seen[l.now.Op.Key] = state
	}
	c.ended(env, i)
}

// ended makes room for the next operation.
func (c *Client) ended(env sim.Env, i int) {
	c.lanes[i].busy = false
	switch {
	case c.open:
	case c.called < c.ops && c.gap > 0:
		c.plan(env, around(env, "think", c.gap))
	default:
		c.plan(env, 0)
	}
}

// wake looks whether the deadline has passed. Then it asks the next server; or it gives up, and begins a new session, since the command it leaves
// behind must not be taken for a repetition if it is chosen after all.
func (c *Client) wake(env sim.Env, i int) {
	l, now := &c.lanes[i], c.now(env)
	// An alarm can be a nanosecond early by a clock that was set or stood still meanwhile: it is passed over only if another one comes.
	if l.alarms--; now < l.armed && l.alarms > 0 {
		return
	}
	l.armed = 0
	if !l.busy {
		return
	}
	if left := l.deadline - now; left > 0 {
		l.armed = l.deadline
		l.alarms++
		env.After(left, alarm{i})
		return
	}
	l.server = (l.server + 1) % len(c.servers)
	if l.tries++; c.retry != "none" && l.tries < maxTries+min(c.givenUp, moreTries) {
		c.try(env, i)
		return
	}
	env.Note(Returned{ID: l.now.ID, Unknown: true})
	c.givenUp++
	l.session = 0
	c.ended(env, i)
}

// Done reports whether the client has called all its operations, and each has ended.
func (c *Client) Done() bool {
	return c.called == c.ops && !slices.ContainsFunc(c.lanes, func(l lane) bool { return l.busy })
}

// Waits says what the client, which has this name, waits for: nothing, or the servers that it has asked. Clients that have asked more than once
// say so in the same words, so that one sentence tells of them all.
func (c *Client) Waits(self sim.NodeID) []checkers.Wait {
	w := checkers.Wait{Node: self}
	busy := slices.DeleteFunc(slices.Clone(c.lanes), func(l lane) bool { return !l.busy })
	slices.SortStableFunc(busy, func(a, b lane) int { return int(a.since - b.since) })
	for _, l := range busy {
		for try := range min(l.tries+1, len(c.servers)) { // it asks one after the other
			if id := c.servers[(l.server+len(c.servers)-try)%len(c.servers)]; !slices.Contains(w.For, id) {
				w.For = append(w.For, id)
			}
		}
	}
	slices.Sort(w.For)
	switch {
	case len(busy) == 0:
		return nil
	case busy[0].tries > 0:
		w.State = "has asked in vain"
	default:
		w.State = fmt.Sprintf("has asked for %v", busy[0].now.Op)
	}
	return []checkers.Wait{w}
}
