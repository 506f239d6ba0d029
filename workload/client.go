package workload

import (
	"fmt"
	"strconv"
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
	rest       = 20 * time.Millisecond // before it follows the word of a server that knew no better
)

// A Client calls one operation after the other. It does not crash.
type Client struct {
	Service Service
	Servers []sim.NodeID
	Letter  byte     // which begins the values it writes: no two clients write the same
	Ops     int      // how many operations it calls in all
	Keys    []string // from which operations are drawn
	Script  []Op     // its operations; nil: they are drawn

	began    clock.Reading
	seen     map[string]string // the value of each key as far as it knows
	now      Command           // the operation under way, or the last
	busy     bool              // it is under way
	tries    int               // how often it was sent without an answer
	server   int               // whom it was sent to last
	givenUp  int               // operations
	since    time.Duration     // since began: when the operation began
	deadline time.Duration     // for its answer
	pace     time.Duration     // how long the last answered one took
	armed    bool              // an alarm is set
}

// An alarm makes a client look whether its deadline has passed.
type alarm struct{}

// A resend makes it send its operation to another server.
type resend struct{ N uint64 }

// Start implements sim.Node.
func (c *Client) Start(env sim.Env) {
	c.began, c.now.Session, c.seen = env.Now(), 1, make(map[string]string)
	c.server = env.Pick("home", len(c.Servers))
	c.call(env)
}

// Handle implements sim.Node.
func (c *Client) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Reply:
		if c.busy && m.ID == c.now.ID {
			c.returned(env, m.Result)
		}
	case Elsewhere:
		if c.busy && m.ID == c.now.ID {
			c.redirected(env, m.Server)
		}
	case resend:
		if c.busy && m.N == c.now.ID.N {
			c.send(env)
		}
	case alarm:
		c.wake(env)
	}
}

// call begins the next operation, if there is one.
func (c *Client) call(env sim.Env) {
	if int(c.now.ID.N) == c.Ops {
		return
	}
	c.now = Command{ID: checkers.OpID{Client: env.ID(), N: c.now.ID.N + 1}, Session: c.now.Session}
	c.now.Op = c.operation(env)
	env.Note(Called{c.now.ID, c.now.Op})
	c.busy, c.tries, c.since = true, 0, env.Now().Sub(c.began)
	c.send(env)
}

// operation returns the operation to be called now.
func (c *Client) operation(env sim.Env) Op {
	if c.Script != nil {
		return c.Script[c.now.ID.N-1]
	}
	value := string(strconv.AppendUint([]byte{c.Letter}, c.now.ID.N, 10))
	return c.Service.Draw(func(n int) int { return env.Pick("operation", n) }, c.Keys, value, func(key string) string { return c.seen[key] })
}

// send sends the request and sets the deadline for its answer.
func (c *Client) send(env sim.Env) {
	d := min(max(retryAfter, 2*c.pace), retryMost) << min(c.tries, 2)
	env.Send(c.Servers[c.server], Request{c.now})
	c.deadline = env.Now().Sub(c.began) + d
	if !c.armed {
		c.armed = true
		env.After(d, alarm{})
	}
}

// redirected asks the server it was told of, or after a moment the next one.
func (c *Client) redirected(env sim.Env, to sim.NodeID) {
	for i, id := range c.Servers {
		if id == to && i != c.server {
			c.server = i
			c.send(env)
			return
		}
	}
	c.server = (c.server + 1) % len(c.Servers)
	env.After(rest, resend{c.now.ID.N})
}

// returned ends the operation with its result.
func (c *Client) returned(env sim.Env, out Result) {
	env.Note(Returned{ID: c.now.ID, Result: out})
	c.busy = false
	c.pace = env.Now().Sub(c.began) - c.since
	if out.OK && c.now.Op.Verb != "append" {
		c.seen[c.now.Op.Key] = out.Value + c.now.Op.Value
	}
	c.call(env)
}

// wake looks whether the deadline has passed. Then it asks the next server; or it gives up, and begins a new session, since the command it leaves
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
	c.server = (c.server + 1) % len(c.Servers)
	if c.tries++; c.tries < maxTries+c.givenUp {
		c.send(env)
		return
	}
	env.Note(Returned{ID: c.now.ID, Unknown: true})
	c.givenUp++
	c.busy, c.now.Session = false, c.now.ID.N+1
	c.call(env)
}

// Waits says what the client waits for, "" if for nothing.
func (c *Client) Waits() string {
	if !c.busy {
		return ""
	}
	return fmt.Sprintf("%s waits for %s to execute %v, asked %d times in vain", c.now.ID.Client, c.Servers[c.server], c.now.Op, c.tries)
}
