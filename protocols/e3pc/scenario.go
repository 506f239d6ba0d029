package e3pc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "3pc-quorum": a coordinator c, which has no vote, and participants p1, p2, ...,
// which are the sites that quorums are made of.
func Scenario() *sim.Scenario { return scenario(cast{}) }

// A cast replaces roles by others: nodes that are wrong on purpose. The zero cast is the right one.
type cast struct {
	coordinator func(*Coordinator) sim.Node
	site        func(*Site) sim.Node
}

var options = []sim.Option{
	{Name: "participants", Default: 3, Min: 1, Max: MaxSites, Doc: "how many participants"},
	{Name: "transactions", Default: 2, Min: 1, Max: 24, Doc: "how many transactions the coordinator begins"},
	{Name: "quorum", Default: 0, Min: 0, Max: MaxSites, Doc: "how many participants make a quorum, all of them at most; 0: a majority, less is wrong"},
	{Name: "rule", Default: byAttempts, Of: []string{byAttempts, byStates}, Doc: "the decision rule of recovery; skeen is safe, and may block a quorum"},
	{Name: "no", Default: 5, Min: 0, Max: 100, Doc: "percent of the votes that are no"},
	{Name: "votes", Default: "", Check: checkVotes, Doc: "the votes of the participants in the place of drawn ones: yyn, or yyn,yyy for two transactions; the last is that of all that follow"},
	{Name: "patience", Default: patience, Doc: "the longest that a participant waits for news before it leads an election; a short one has many led beside each other, also where nothing fails, so that ac4 is not judged"},
	{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what nodes get wrong on purpose. Sites: no-fence, an old PreCommit is obeyed; silence-consents, those who do not answer; forgets-attempt and forgets-election, in a crash; committable-over-all; shares-numbers, leaders of a round do; aborts-alone, in wait. Who decides unacknowledged: leader-unacknowledged, coordinator-unacknowledged"},
}

// leastPatience is what the option patience may be at least: some time for an answer, when messages arrive soon.
const leastPatience = 5 * time.Millisecond

// together says what is wrong with settings that do not go together.
func together(o sim.Options) error {
	if d := o.Duration("patience"); d < leastPatience {
		return fmt.Errorf("patience=%v: want %v at least, or leaders preempt one another before they can be answered", d, leastPatience)
	}
	if o.Text("votes") == "" {
		return nil
	}
	if o.Has("no") {
		return errors.New("votes are given, and none is drawn: leave no out")
	}
	all := listed(o.Text("votes"))
	if n := o.Int("transactions"); len(all) > n {
		return fmt.Errorf("votes are given for %d transactions, and there are %d", len(all), n)
	}
	for _, letters := range all {
		if n := o.Int("participants"); len(letters) > n {
			return fmt.Errorf("votes=%s are more than there are participants: %d", letters, n)
		}
	}
	return nil
}

func scenario(c cast) *sim.Scenario {
	return &sim.Scenario{
		Name:       "3pc-quorum",
		Doc:        "atomic commitment by three phases and quorums (E3PC): atomic under partition, and blocked only without a quorum",
		Options:    options,
		Check:      together,
		Spelt:      spelt,
		Model:      fault.Model{Disk: fault.Rotting}, // a site that cannot trust its disk falls silent, and a quorum goes on
		Build:      c.build,
		Properties: properties,
		Operation:  operation,
		Targets:    []string{"Voted", "Attempted", "Decided", "Elected"},
		Sometimes:  []string{"Elected", "Attempted", "Blocked", "Fenced", "Recovered", committableAttempt},
		Run:        5 * time.Second,
		Settle:     1500 * time.Millisecond,
	}
}

// participants returns p1, p2, ...
func participants(o sim.Options) []sim.NodeID {
	ids := make([]sim.NodeID, o.Int("participants"))
	for i := range ids {
		ids[i] = sim.NodeID("p" + strconv.Itoa(i+1))
	}
	return ids
}

// quorum returns how many participants make a quorum.
func quorum(o sim.Options) int {
	if n := o.Int("quorum"); n > 0 {
		return min(n, o.Int("participants"))
	}
	return Majority(o.Int("participants"))
}

func (c cast) build(w *sim.World, o sim.Options) {
	c = c.mistaken(o)
	const coordinator = sim.NodeID("c")
	ids, need := participants(o), quorum(o)
	w.Add(coordinator, func() sim.Node {
		return play(c.coordinator, &Coordinator{sites: ids, need: need, total: o.Int("transactions")})
	})
	how := votes{listed(o.Text("votes")), o.Int("no")}
	by, steadfast := rule(e3pc), o.Text("rule") == byStates
	if steadfast {
		by = skeen
	}
	for i, id := range ids {
		w.Add(id, func() sim.Node {
			return play(c.site, &Site{number: uint32(i + 1), coordinator: coordinator, sites: ids, need: need, votes: how, steadfast: steadfast, rule: by, hurry: o.Duration("patience")})
		})
	}
	w.Group(1, coordinator)
	w.Group(len(ids)-need, ids...)
}

// play returns the node itself, or who stands in for it.
func play[N sim.Node](standIn func(N) sim.Node, n N) sim.Node {
	if standIn == nil {
		return n
	}
	return standIn(n)
}

// commitment reads the facts of this protocol for the judges of atomic commitment. The coordinator is bound to
// decide what it has begun, and a transaction has ended, so that a run may end too, not before somebody has
// decided it.
var commitment = checkers.Commitment{
	Begun: func(fact any) (any, []sim.NodeID, bool) {
		f, ok := fact.(Begun)
		return f.Tx, f.Sites, ok
	},
	Voted: func(fact any) (any, bool, bool) {
		f, ok := fact.(Voted)
		return f.Tx, f.Yes, ok
	},
	Decided: func(fact any) (any, bool, bool) {
		f, ok := fact.(Decided)
		return f.Tx, f.Commit, ok
	},
	Joined: func(fact any) (any, bool) {
		f, ok := fact.(Begun)
		return f.Tx, ok
	},
	Ended: func(fact any) (any, bool) {
		f, ok := fact.(Decided)
		return f.Tx, ok
	},
}

func properties(o sim.Options) []sim.Property {
	l := &ledger{sites: participants(o), need: Majority(o.Int("participants"))}
	list := append(l.innerProperties(), checkers.Atomicity(commitment)...)
	if o.Duration("patience") < patience {
		list = slices.DeleteFunc(list, func(p sim.Property) bool { return p.Name() == "ac4-nontriviality" }) // who waits in vain may abort though nothing has failed
	}
	return append(list, checkers.Decision(commitment, o.Int("transactions"), l.waits))
}
