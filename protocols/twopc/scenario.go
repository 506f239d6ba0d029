package twopc

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "2pc": participants p1, p2, ..., the coordinator c, with recovery=true the coordinator
// r that can take its transactions over, and clients k1, k2, ...
func Scenario() *sim.Scenario { return scenario(cast{}) }

// A cast replaces roles by others: nodes that are wrong on purpose. The zero cast is the right one.
type cast struct {
	participant func(*Participant) sim.Node
	coordinator func(*Coordinator) sim.Node
}

const maxParticipants = 16

var options = []sim.Option{
	{Name: "participants", Default: 3, Min: 1, Max: maxParticipants, Doc: "how many participants"},
	{Name: "clients", Default: 2, Min: 1, Max: 8, Doc: "how many clients, each with one transaction at a time"},
	{Name: "transactions", Default: 3, Min: 1, Max: 100, Doc: "how many transactions all clients together begin"},
	{Name: "variant", Default: "presumed-abort", Of: []string{"basic", "presumed-abort", "presumed-commit", "mixed"}, Doc: "what a coordinator that has forgotten answers; mixed: each transaction its own"},
	{Name: "cooperative", Default: true, Doc: "a participant in doubt asks its peers too"},
	{Name: "recovery", Default: false, Doc: "a second coordinator r takes over what c leaves; c may be broken for good"},
	{Name: "readers", Default: 0, Min: 0, Max: 100, Doc: "at how many participants of a hundred a transaction only reads"},
	{Name: "no", Default: 20, Min: 0, Max: 100, Doc: "how many votes of a hundred are no"},
	{Name: "votes", Default: "", Check: checkVotes, Doc: "the votes, in place of drawn ones: yyn for one transaction of three participants, / between transactions"},
	{Name: "spare", Default: 0, Min: 0, Max: maxParticipants, Doc: "how many participants may be broken for good: the others must decide without them"},
	{Name: "script", Default: false, Doc: "the coordinator is told as straight-line code; it takes nothing over"},
	{Name: "costs", Default: false, Doc: "nothing fails, and one client makes transactions of each variant with n, n-1, ..., 0 votes of yes, to print what each costs; in the place of clients, transactions, variant, no, votes and readers"},
	{Name: "durable", Default: true, Doc: "logs are forced where they must be; false is wrong"},
	{Name: "heuristic", Default: false, Doc: "a participant in doubt aborts alone in the end; true is wrong"},
	{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what nodes get wrong on purpose; " + mistakeDocs()},
}

func scenario(c cast) *sim.Scenario {
	return &sim.Scenario{
		Name:       "2pc",
		Doc:        "transactions by two-phase commit: atomic, serializable, and all decide once all is repaired",
		Options:    options,
		Source:     "twopc.Scenario()",
		Build:      c.build,
		Properties: properties,
		Operation:  operation,
		ModelFor:   modelFor,
		Check:      together,
		Spelt:      speltVotes,
		Targets:    []string{"Voted", "Decided", "Asked", "Recovered"},
		Sometimes:  []string{"Refused", "Waited", "Asked", "Learned", "Presumed", "Recovered"},
		Run:        6 * time.Second,
		Settle:     1500 * time.Millisecond,
	}
}

// together says what is wrong with settings that do not go together.
func together(o sim.Options) error {
	if err := mistakeShows(o); err != nil {
		return err
	}
	if o.Bool("script") && o.Bool("recovery") {
		return errors.New("script=true takes nothing over: leave recovery=true out")
	}
	switch spare := o.Int("spare"); {
	case spare > 0 && o.Bool("recovery"):
		return errors.New("who takes over must ask all participants: with recovery=true leave spare out")
	case spare > 0 && spare >= o.Int("participants"):
		return fmt.Errorf("spare=%d leaves nobody to decide: want less than the %d participants", spare, o.Int("participants"))
	}
	for _, name := range []string{"clients", "transactions", "variant", "no", "votes", "readers"} {
		if o.Bool("costs") && o.Has(name) {
			return fmt.Errorf("costs=true makes transactions of its own: leave %s out", name)
		}
	}
	if o.Text("votes") == "" {
		return nil
	}
	if o.Has("no") {
		return errors.New("votes says who votes no: leave no out")
	}
	return votesFit(parseVotes(o.Text("votes"), 0).set, o.Int("participants"), o.Int("transactions"))
}

// votesFit says which votes nobody would be asked for.
func votesFit(set []string, participants, transactions int) error {
	if len(set) > transactions {
		return fmt.Errorf("votes are set for %d transactions, and there are %d", len(set), transactions)
	}
	for _, letters := range set {
		if len(letters) > participants {
			return fmt.Errorf("%q is a vote of %d participants, and there are %d", letters, len(letters), participants)
		}
	}
	return nil
}

// names returns p1, p2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(letter + strconv.Itoa(i+1))
	}
	return ids
}

// setupOf reads the options that concern all nodes.
func setupOf(o sim.Options) setup {
	s := setup{coordinators: []sim.NodeID{"c"}, cooperative: o.Bool("cooperative"), durable: o.Bool("durable"), heuristic: o.Bool("heuristic")}
	if o.Bool("recovery") {
		s.recovery, s.coordinators = true, []sim.NodeID{"c", "r"}
	}
	return s
}

// A work is what clients put to the vote, and how participants vote.
type work struct {
	clients, transactions int
	variant               variant
	votes                 votes
	readers               int // at how many participants of a hundred a transaction only reads
}

// workOf reads the options that concern the work.
func workOf(o sim.Options) work {
	if o.Bool("costs") {
		return eachVote(o.Int("participants"))
	}
	return work{o.Int("clients"), o.Int("transactions"), variantOf(o), parseVotes(o.Text("votes"), o.Int("no")), o.Int("readers")}
}

// modelFor is the asynchronous network with crash-recovery, or none of its faults where costs are counted. What a participant has promised
// is nowhere else, so disks are sound; a coordinator can be spared where another takes over, and its disk too.
func modelFor(o sim.Options) fault.Model {
	switch {
	case o.Bool("costs"):
		return calm
	case o.Bool("recovery"):
		return fault.Model{Disk: fault.Rotting}
	}
	return fault.Model{}
}

// variantOf reads the option variant.
func variantOf(o sim.Options) variant {
	v := variant{mixed: o.Text("variant") == "mixed"}
	for p := Basic; p <= PresumedCommit; p++ {
		if p.String() == o.Text("variant") {
			v.presume = p
		}
	}
	return v
}

func (c cast) build(w *sim.World, o sim.Options) {
	c = c.mistaken(o)
	s, x := setupOf(o), workOf(o)
	participants, clients := names("p", o.Int("participants")), names("k", x.clients)
	for i, id := range s.coordinators {
		w.Add(id, func() sim.Node {
			if o.Bool("script") {
				return newTale(s, i+1)
			}
			return play(c.coordinator, newCoordinator(s, i+1))
		})
	}
	for i, id := range participants {
		w.Add(id, func() sim.Node { return play(c.participant, newParticipant(s, i+1, x.votes, Strict)) })
	}
	for i, id := range clients {
		total := (x.transactions + len(clients) - 1 - i) / len(clients)
		w.Add(id, func() sim.Node {
			return &Client{setup: s, participants: participants, total: total, variant: x.variant, readers: x.readers}
		})
	}
	w.Group(o.Int("spare"), participants...)
	if s.recovery {
		w.Group(1, "c")
		w.Group(0, "r")
	} else {
		w.Group(0, "c")
	}
}

// play returns the node itself, or who stands in for it.
func play[N sim.Node](standIn func(N) sim.Node, n N) sim.Node {
	if standIn == nil {
		return n
	}
	return standIn(n)
}
