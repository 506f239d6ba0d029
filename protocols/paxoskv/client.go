package paxoskv

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

// How patient a client is.
const (
	retryAfter = 70 * time.Millisecond // it asks another server then; after twice what the last answer took, if that is more
	retryMost  = 4 * retryAfter        // but no later than this; doubled with each try, up to 4 times
	maxTries   = 3                     // then it gives up: the outcome is unknown; once more often each time
)

// A Client calls one operation after the other. It does not crash.
type Client struct {
	id      sim.NodeID
	letter  byte // which begins the values it writes: no two clients write the same
	servers []sim.NodeID
	script  []checkers.KVInput // its operations; nil: they are drawn
	ops     int                // how many operations it calls in all
	keys    []string           // from which operations are drawn
	seen    []string           // the value of each key as far as it knows: what a cas expects

	began    clock.Reading
	session  uint32        // the number of its first operation
	now      command       // the operation under way, or the last
	request  sim.Message   // for it, to be sent again as it is
	busy     bool          // it is under way
	tries    int           // how often it was sent
	server   int           // whom it was sent to last
	givenUp  int           // operations
	since    time.Duration // since began: when the operation began
	deadline time.Duration // for its answer
	pace     time.Duration // how long the last answered one took
	armed    bool          // an alarm is set
}

// Start implements sim.Node.
func (c *Client) Start(env sim.Env) {
	c.began, c.session = env.Now(), 1
	c.server = max(0, env.Pick("home", 2*len(c.servers))-len(c.servers))
	c.call(env)
}

// Handle implements sim.Node.
func (c *Client) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Reply:
		if c.busy && m.N == uint64(c.now.n) {
			c.returned(env, m.Output)
		}
	case alarm:
		c.wake(env)
	}
}

// call begins the next operation, if there is one.
func (c *Client) call(env sim.Env) {
	if int(c.now.n) == c.ops {
		return
	}
	c.now = command{client: c.id, session: c.session, n: c.now.n + 1}
	c.now.op = c.operation(env)
	env.Note(Called{c.now.id(), c.now.op})
	c.request = Request{c.now.id(), paxos.Value(c.now.append(make([]byte, 0, 48)))}
	c.busy, c.tries = true, 0
	c.send(env)
}

// shares says how often each operation is drawn, in tenths.
var shares = [10]checkers.KVOp{checkers.Put, checkers.Put, checkers.Put, checkers.Get, checkers.Get, checkers.Get, checkers.CAS, checkers.CAS, checkers.Append, checkers.Append}

// operation returns the operation to be called now.
func (c *Client) operation(env sim.Env) checkers.KVInput {
	if c.script != nil {
		return c.script[c.now.n-1]
	}
	drawn := env.Pick("operation", len(shares)*len(c.keys))
	key := drawn / len(shares)
	in := checkers.KVInput{Op: shares[drawn%len(shares)], Key: c.keys[key]}
	if in.Op != checkers.Get {
		in.Value = string(strconv.AppendUint([]byte{c.letter}, uint64(c.now.n), 10))
	}
	if in.Op == checkers.CAS {
		in.Expect = c.seen[key]
	}
	return in
}

// send sends the request and sets the deadline for its answer.
func (c *Client) send(env sim.Env) {
	now := env.Now().Sub(c.began)
	d := min(max(retryAfter, 2*c.pace), retryMost) << min(c.tries, 2)
	if c.tries == 0 {
		c.since = now
	}
	c.tries++
	env.Send(c.servers[c.server], c.request)
	c.deadline = now + d
	if !c.armed {
		c.armed = true
		env.After(d, alarm{})
	}
}

// returned ends the operation with its result.
func (c *Client) returned(env sim.Env, out checkers.KVOutput) {
	env.Note(Returned{ID: c.now.id(), Output: out})
	c.busy = false
	c.pace = env.Now().Sub(c.began) - c.since
	for i, k := range c.keys {
		if k == c.now.op.Key && out.OK && c.now.op.Op != checkers.Append {
			c.seen[i] = out.Value + c.now.op.Value
		}
	}
	c.call(env)
}

// wake looks whether the deadline has passed. Then it asks the next server;
// or it gives up, and begins a new session, since the command it leaves
// behind must not be taken for a repetition if it is chosen after all.
func (c *Client) wake(env sim.Env) {
	c.armed = false
	if !c.busy {
		return
	}
	if left := c.deadline - env.Now().Sub(c.began); left > 0 {
		c.armed = true
		env.After(left, alarm{})
		return
	}
	c.server = (c.server + 1) % len(c.servers)
	if c.tries < maxTries+c.givenUp {
		c.send(env)
		return
	}
	env.Note(Returned{ID: c.now.id(), Unknown: true})
	c.givenUp++
	c.busy, c.session = false, c.now.n+1
	c.call(env)
}

// waits says whom the client waits for.
func (c *Client) waits(self sim.NodeID) []checkers.Wait {
	if !c.busy {
		return nil
	}
	w := checkers.Wait{Node: self, State: "has asked in vain"}
	if _, op, _ := strings.Cut(string(c.now.append(nil)), " "); c.tries == 1 {
		w.State = "has asked for " + op
	}
	for try := range min(c.tries, len(c.servers)) { // it asks one after the other
		w.For = append(w.For, c.servers[(c.server+len(c.servers)-try)%len(c.servers)])
	}
	slices.Sort(w.For)
	return []checkers.Wait{w}
}
