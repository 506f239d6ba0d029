package workload

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/sim"
)

// Defaults are the values of those options that differ from scenario to scenario; a scenario with clients has one of these.
type Defaults struct {
	Clients, Ops, Keys int
	Spread             time.Duration // over how long clients spread their operations, unless think says otherwise
	// Stays says with which options a client has a server of its own, which is asked first for operations that change nothing. Nil: with none.
	Stays func(sim.Options) bool
}

// spread is the value of the option think that leaves it to the number of operations.
const spread = "spread"

// Options returns the options that say what clients do, for a scenario that has them beside its own.
func (d Defaults) Options() []sim.Option {
	var names []string
	for _, s := range Services() {
		names = append(names, s.Name)
	}
	return []sim.Option{
		{Name: "service", Default: "kv", Of: names, Doc: "what clients operate on: " + strings.Join(names, ", ")},
		{Name: "clients", Default: d.Clients, Min: 1, Max: mostClients, Doc: "how many clients; more if operations names more"},
		{Name: "ops", Default: d.Ops, Min: 1, Max: 100000, Doc: "how many operations all clients together call"},
		{Name: "keys", Default: d.Keys, Min: 1, Max: 1000, Doc: "how many keys they use"},
		{Name: "readers", Default: 0, Max: mostClients, Doc: "how many of the clients, the first, call only what changes nothing: one that only reads goes on where one that writes would wait for a majority"},
		{Name: "skew", Default: "0", Of: []string{"0", "0.5", "1", "1.5", "2"}, Doc: "how much more often the first keys are used: the exponent of Zipf's law"},
		{Name: "loop", Default: "closed", Of: []string{"closed", "open"}, Doc: "whether a client waits for an answer before it calls the next operation"},
		{Name: "think", Default: spread, Check: checkThink, Doc: fmt.Sprintf("how long a client thinks before its next operation, on average, in a closed loop; spread: so that all take %v", d.Spread)},
		{Name: "rate", Default: 20, Min: 1, Max: 100000, Doc: "how many operations all clients together call in a second, on average, in an open loop"},
		{Name: "ramp", Default: time.Duration(0), Doc: "over how long the clients come, one after the other"},
		{Name: "retry", Default: "exponential", Of: []string{"none", "fixed", "exponential", "hedged"},
			Doc: "what a client does that hears nothing: gives up, asks again after a fixed time, or later each time, or asks a second server soon"},
		{Name: "operations", Default: "", Doc: "the operations, in place of drawn ones: c1: put x 1; get x; c2: cas x 1 2"},
	}
}

// Check says what is wrong with settings of [Defaults] that do not go together: it is a scenario's Check.
func Check(o sim.Options) error {
	if _, err := ServiceOf(o).scripts(o.Text("operations")); err != nil {
		return fmt.Errorf("option operations: %w", err)
	}
	switch n, open := o.Int("readers"), o.Text("loop") == "open"; {
	case n > 0 && n >= o.Int("clients"):
		return fmt.Errorf("readers=%d is for more than %d clients: somebody must write what is read", n, o.Int("clients"))
	case n > 0 && o.Has("operations"):
		return fmt.Errorf("readers=%d is for operations that are drawn", n)
	case open && o.Has("think"):
		return fmt.Errorf("think=%s is for loop=closed: in an open loop nobody thinks", o.Text("think"))
	case !open && o.Has("rate"):
		return fmt.Errorf("rate=%d is for loop=open: in a closed loop the answers and think set the pace", o.Int("rate"))
	}
	return nil
}

// checkThink says what is wrong with a text for the option think.
func checkThink(text string) error {
	if d, err := time.ParseDuration(text); text != spread && (err != nil || d < 0) {
		return errors.New("want a duration such as 30ms, or spread")
	}
	return nil
}

// think returns how long clients think on average, of which the busiest calls so many operations.
func think(o sim.Options, over time.Duration, ops int) time.Duration {
	if text := o.Text("think"); text != spread {
		d, err := time.ParseDuration(text)
		if err != nil {
			panic("workload: option think: " + err.Error()) // it was checked
		}
		return d
	}
	return over / time.Duration(max(1, ops))
}

// ServiceOf returns the service of a run.
func ServiceOf(o sim.Options) Service {
	s, ok := Named(o.Text("service"))
	if !ok {
		panic("workload: no service " + o.Text("service")) // the option lists them
	}
	return s
}

// counts returns how many operations each client calls, and its script, nil if its operations are drawn.
func counts(o sim.Options) (ops []int, scripts [][]Op) {
	scripts, err := ServiceOf(o).scripts(o.Text("operations"))
	if err != nil {
		panic("workload: option operations: " + err.Error()) // Check was not asked
	}
	drawn := len(scripts) == 0
	for len(scripts) < o.Int("clients") {
		scripts = append(scripts, nil)
	}
	ops = make([]int, len(scripts))
	for i := range ops {
		ops[i] = len(scripts[i])
		if drawn {
			ops[i] = (o.Int("ops") + len(ops) - 1 - i) / len(ops)
		}
	}
	return ops, scripts
}

// Clients returns the names of a run's clients: c1, c2, ...
func Clients(o sim.Options) []sim.NodeID {
	ops, _ := counts(o)
	ids := make([]sim.NodeID, len(ops))
	for i := range ids {
		ids[i] = sim.NodeID("c" + strconv.Itoa(i+1))
	}
	return ids
}

// Total returns how many operations all clients of a run call.
func Total(o sim.Options) (n int) {
	ops, _ := counts(o)
	for _, k := range ops {
		n += k
	}
	return n
}

// Build adds the clients of a run to its world; they send their requests to these servers.
func (d Defaults) Build(w *sim.World, o sim.Options, servers []sim.NodeID) {
	l := d.load(o, servers)
	ops, scripts := counts(o)
	for i, id := range Clients(o) {
		w.Add(id, func() sim.Node { return &Client{load: l, number: i, ops: uint64(ops[i]), script: scripts[i]} })
	}
}

// A load is what all clients of a run have in common. Nobody changes it.
type load struct {
	service    Service
	servers    []sim.NodeID
	keys       []string
	weights    []int // up to and with each key, how often keys are drawn; nil: all alike
	shares     int   // of all verbs
	readers    int   // so many clients, the first, draw only verbs that change nothing
	readShares int   // of those
	open       bool
	gap        time.Duration // a client's, from one operation to the next, on average; in a closed loop from the end of one
	step       time.Duration // from one client's start to the next one's
	retry      string
	stays      bool // reads go to a server of the client's own
}

func (d Defaults) load(o sim.Options, servers []sim.NodeID) *load {
	ops, _ := counts(o)
	clients := len(ops)
	l := &load{
		service: ServiceOf(o), servers: servers, keys: keyNames(o.Int("keys")), weights: zipf(o.Int("keys"), o.Text("skew")),
		readers: o.Int("readers"), open: o.Text("loop") == "open", gap: think(o, d.Spread, slices.Max(ops)), step: o.Duration("ramp") / time.Duration(clients), retry: o.Text("retry"),
	}
	if l.open {
		l.gap = time.Duration(clients) * time.Second / time.Duration(o.Int("rate"))
	}
	if d.Stays != nil {
		l.stays = d.Stays(o)
	}
	for _, v := range l.service.Verbs {
		l.shares += v.Share
		if v.Reads {
			l.readShares += v.Share
		}
	}
	return l
}

// keyNames returns x, y, z, a, ..., w, x1, y1, ...
func keyNames(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = string(rune('a' + (i+23)%26))
		if i >= 26 {
			keys[i] += strconv.Itoa(i / 26)
		}
	}
	return keys
}

// zipf returns the running sum of weights of which the i-th is 1/i to the power of the exponent, in parts of 2²⁰. Half a power is a
// whole number's root, so that the weights are the same on every machine.
func zipf(n int, exponent string) []int {
	halves := map[string]int{"0.5": 1, "1": 2, "1.5": 3, "2": 4}[exponent]
	if halves == 0 {
		return nil
	}
	sums, sum := make([]int, n), 0
	for i := range sums {
		power := uint64(1) << 20 // of i+1
		for range halves / 2 {
			power *= uint64(i + 1)
		}
		if halves%2 == 1 {
			power = power * root(uint64(i+1)<<40) >> 20
		}
		sum += int(max(1, 1<<40/power))
		sums[i] = sum
	}
	return sums
}

// root returns the whole part of the square root, by Newton.
func root(n uint64) uint64 {
	x := uint64(1) << ((bits.Len64(n) + 1) / 2) // not below the root
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

// around draws a time that is mean on average, distributed as the gaps between things that know nothing of one another: exponentially. The
// benign answer is mean itself.
func around(env sim.Env, what string, mean time.Duration) time.Duration {
	const one = 1 << 16
	p := int64(env.Pick(what, one)) // 64 bits, also where an int has fewer
	if p == 0 || mean == 0 {
		return mean
	}
	// −ln(p/2¹⁶) in parts of 2¹⁶: the whole part of the logarithm to base 2 by counting digits, the rest by a parabola that is less than 1 % off.
	whole := int64(bits.Len64(uint64(p))) - 1
	f := p<<(16-whole) - one
	log2 := whole<<16 + f + f*(one-f)>>16*22526>>16
	ln := time.Duration((16<<16 - log2) * 45426 >> 16) // ln 2 = 45426/2¹⁶
	return mean/one*ln + mean%one*ln/one
}
