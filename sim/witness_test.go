package sim_test

import (
	"errors"
	"strings"
	"testing"

	"simrun/sim"
)

// touchy is a message that cannot be altered without a panic.
type touchy struct{ N int }

func (touchy) Alter(func(int) int) sim.Message { panic("no hands on me") }

// brittle is a message that cannot be hashed once it is altered.
type brittle struct{ N int }

func (m brittle) AppendHash(b []byte) []byte             { return append(b, "ab"[m.N]) }
func (brittle) Alter(pick func(int) int) sim.Message     { return brittle{7} }
func touches(int) sim.Message                            { return touchy{1} }
func breaks(int) sim.Message                             { return brittle{1} }
func strangers(env sim.Env, _ sim.NodeID, _ sim.Message) { env.Send("nobody", num{1}) }
func bewildered(_ sim.Env, _ sim.NodeID, m sim.Message)  { panic("I never said that") }
func afterwards(h func(sim.Env, sim.NodeID, sim.Message)) sim.Node {
	return role{func(env sim.Env) { env.Note(num{1}); env.After(20*ms, note{"go"}) }, h}
}

// Fails if the panic of a liar's own code ends the run, or leaves it up; or if that of an honest node does not, nor one over what a liar was made
// to say, nor a call that no node may make.
func TestPanicsOfByzantineNodes(t *testing.T) {
	script := func(s *sim.Script) {
		s.Sleep(20 * ms)
		panic("I never said that")
	}
	for name, c := range map[string]struct {
		boot func() sim.Node
		plan string
		fine bool
	}{
		"honest":            {func() sim.Node { return afterwards(bewildered) }, "", false},
		"a liar":            {func() sim.Node { return sim.Byzantine(afterwards(bewildered), "drop", 500_000) }, "", true},
		"a liar by plan":    {func() sim.Node { return afterwards(bewildered) }, "10ms betray a drop 50%\n", true},
		"once a liar":       {func() sim.Node { return afterwards(bewildered) }, "5ms betray a drop 50%\n10ms betray a drop 0%\n", true},
		"not yet a liar":    {func() sim.Node { return afterwards(bewildered) }, "30ms betray a drop 50%\n", false},
		"a lying script":    {func() sim.Node { return sim.Byzantine(sim.Scripted(script), "drop", 500_000) }, "", true},
		"an honest script":  {func() sim.Node { return sim.Scripted(script) }, "", false},
		"to nobody":         {func() sim.Node { return sim.Byzantine(afterwards(strangers), "drop", 0) }, "", false},
		"altering":          {func() sim.Node { return sim.Byzantine(crier(touches, "b"), "alter", always) }, "", false},
		"hashing a lie":     {func() sim.Node { return sim.Byzantine(crier(breaks, "b"), "alter", always) }, "", false},
		"two faces":         {func() sim.Node { return sim.Byzantine(crier(breaks, "b"), "equivocate", always) }, "", false},
		"a lie in a lie":    {func() sim.Node { return sim.Byzantine(sim.Byzantine(crier(breaks, "b"), "alter", always), "drop", 0) }, "", false},
		"after its last go": {func() sim.Node { return sim.Byzantine(liesFirst{}, "alter", always) }, "", true},
	} {
		leaves(t, func() {
			w := world(t, square(c.boot, "b"), sim.Config{Plan: plan(t, c.plan)})
			events, v := record(w)
			panics, crashes := of(events, sim.Panicked, "a"), of(events, sim.Crashed, "a")
			if (v.Outcome == sim.OK) != c.fine || !c.fine && v.Property != "panic" {
				t.Errorf("%s: %v %s: %s", name, v.Outcome, v.Property, v.Why)
			}
			if len(panics) != 1 || (panics[0].Reason == "byzantine") != c.fine || c.fine && (len(crashes) != 1 || crashes[0].Cause != panics[0].Seq || w.Up("a") || v.Virtual != 100*ms) {
				t.Errorf("%s: panics %v, crashes %v, up %v after %v", name, panics, crashes, w.Up("a"), v.Virtual)
			}
		})
	}
}

// onceSynced sends b a message once a sync has ended, so that no handler of it runs when the message leaves.
func onceSynced(m sim.Message) sim.Node {
	return afterwards(func(env sim.Env, _ sim.NodeID, _ sim.Message) {
		env.Disk().Append("log", []byte("x"))
		env.Disk().Sync("log")
		env.Send("b", m)
	})
}

// Noise on the wire alters a message by code of the message, whose panic is that of its sender. Fails if it ends the process, is no event with the stack of that code, or
// ends only the life of a liar, which it says nothing about.
func TestPanicsOfGarbledMessages(t *testing.T) {
	atOnce := func(m sim.Message) sim.Node {
		return afterwards(func(env sim.Env, _ sim.NodeID, _ sim.Message) { env.Send("b", m) })
	}
	for name, c := range map[string]struct {
		boot func() sim.Node
		why  string
		code string
	}{
		"in a handler":           {func() sim.Node { return atOnce(touchy{1}) }, "a panicked: no hands on me", "touchy.Alter"},
		"after a sync":           {func() sim.Node { return onceSynced(touchy{1}) }, "a panicked: no hands on me", "touchy.Alter"},
		"a liar":                 {func() sim.Node { return sim.Byzantine(onceSynced(touchy{1}), "drop", 0) }, "a panicked: no hands on me", "touchy.Alter"},
		"of what cannot be told": {func() sim.Node { return onceSynced(brittle{1}) }, "a panicked: runtime error: index out of range [7] with length 2", "brittle.AppendHash"},
	} {
		w := world(t, square(c.boot, "b"), sim.Config{Plan: plan(t, "always garble 100%\nalways sync 5ms\n")})
		events, v := record(w)
		panics := of(events, sim.Panicked, "a")
		if v.Property != "panic" || !strings.HasPrefix(v.Why, c.why) || !strings.Contains(v.Why, c.code) {
			t.Errorf("%s: %v %s: %s", name, v.Outcome, v.Property, v.Why)
		}
		if len(panics) != 1 || panics[0].Reason != "" || !strings.Contains(panics[0].Data.(string), c.code) || len(of(events, sim.Delivered, "b")) > 0 {
			t.Errorf("%s: the panics are %v", name, panics)
		}
	}
}

// liesFirst is a node that sends what is altered, and panics for another reason behind it.
type liesFirst struct{}

func (liesFirst) Start(env sim.Env) { env.After(20*ms, note{"go"}) }
func (liesFirst) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	env.Send("b", claims(1))
	panic("and then")
}

// strict complains of every message and of every fact, and may listen to rumours.
type strict struct {
	rumours     bool
	sent, noted map[sim.NodeID]int
}

func (x *strict) Name() string                       { return "strict" }
func (x *strict) Inner() bool                        { return true }
func (x *strict) Checks() uint64                     { return 1 }
func (x *strict) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (x *strict) Rumours() bool                      { return x.rumours }
func (x *strict) Observe(e *sim.Event) error {
	switch e.Kind {
	case sim.Sent:
		x.sent[e.Node]++
	case sim.Noted:
		x.noted[e.Node]++
	default:
		return nil
	}
	return errors.New("whatever this is, it is wrong")
}

// Fails if what a liar sends or says violates a property, if a property is no longer asked once it has complained of a liar, or if rumours reach
// one that does not ask for them, or none that does.
func TestWhatLiarsSayViolatesNothing(t *testing.T) {
	for _, rumours := range []bool{false, true} {
		for _, honest := range []bool{false, true} {
			x := &strict{rumours, map[sim.NodeID]int{}, map[sim.NodeID]int{}}
			s := square(func() sim.Node {
				if honest {
					return crier(claims, "b")
				}
				return sim.Byzantine(crier(claims, "b"), "repeat", 500_000)
			}, "b")
			s.Properties = func(sim.Options) []sim.Property { return []sim.Property{x} }
			_, v := perform(t, s, 1, calm)
			switch {
			case honest && (v.Outcome != sim.Violated || x.sent["a"]+x.noted["a"] != 1):
				t.Errorf("an honest node: %v, asked about %v and %v", v.Outcome, x.sent, x.noted)
			case !honest && (v.Outcome != sim.OK || x.sent["a"] < 90 || (x.noted["a"] > 90) != rumours || !rumours && x.noted["a"] > 0):
				t.Errorf("a liar, rumours %v: %v %s, asked about %v and %v", rumours, v.Outcome, v.Why, x.sent, x.noted)
			}
		}
	}
}
