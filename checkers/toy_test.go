package checkers_test

import (
	"fmt"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/disk/reclog"
	"simrun/sim/fault"
)

// A small two-phase commit, for the judges of commitment to watch: one coordinator, one transaction after the
// other, every participant that waits asks. It has options for the mistakes that the judges must find.
type (
	deal    uint8
	propose struct{ Deal deal }
	reply   struct {
		Deal deal
		Yes  bool
	}
	settle struct {
		Deal   deal
		Commit bool
	}
	settledAck struct{ Deal deal }
	inquire    struct{ Deal deal }
	impatience struct{ Deal deal }

	begunDeal struct {
		Deal  deal
		Parts []sim.NodeID
	}
	votedDeal struct {
		Deal deal
		Yes  bool
	}
	decidedDeal struct {
		Deal   deal
		Commit bool
	}
	toldDeal   struct{ Deal deal }
	lockedDeal struct{ Deal deal }
)

func (d deal) String() string { return fmt.Sprintf("T%d", uint8(d)) }

// toyCommitment reads the toy's facts.
var toyCommitment = checkers.Commitment{
	Begun:   func(fact any) (any, []sim.NodeID, bool) { f, ok := fact.(begunDeal); return f.Deal, f.Parts, ok },
	Voted:   func(fact any) (any, bool, bool) { f, ok := fact.(votedDeal); return f.Deal, f.Yes, ok },
	Decided: func(fact any) (any, bool, bool) { f, ok := fact.(decidedDeal); return f.Deal, f.Commit, ok },
	Refused: func(fact any) (any, bool) { f, ok := fact.(lockedDeal); return f.Deal, ok },
	Ended:   func(fact any) (any, bool) { f, ok := fact.(toldDeal); return f.Deal, ok },
}

const toyLog = "deals"

// A toyBook is the log and what is in it: a letter and a number a record.
type toyBook struct {
	log *reclog.Log
	has map[[2]byte]bool
	max deal
}

// openBook reads the log. With a corrupt one the toy has nothing to do: its model damages no disks.
func openBook(env sim.Env, each func(letter byte, d deal)) toyBook {
	log, records, err := reclog.Open(env.Disk(), toyLog)
	if err != nil {
		panic(err)
	}
	b := toyBook{log, map[[2]byte]bool{}, 0}
	for _, r := range records {
		b.has[[2]byte(r.Payload)] = true
		b.max = max(b.max, deal(r.Payload[1]))
		each(r.Payload[0], deal(r.Payload[1]))
	}
	return b
}

func (b *toyBook) write(letter byte, d deal, force bool) {
	r := [2]byte{letter, byte(d)}
	b.has[r] = true
	if _, err := b.log.Append(r[:]); err != nil {
		panic(err)
	}
	if force {
		b.sync()
	}
}

func (b *toyBook) sync() {
	if err := b.log.Sync(); err != nil {
		panic(err)
	}
}

func (b *toyBook) knows(letter byte, d deal) bool { return b.has[[2]byte{letter, byte(d)}] }

// A toyCoordinator asks, decides, and goes on to the next deal.
type toyCoordinator struct {
	parts   []sim.NodeID
	total   deal
	mistake string

	book  toyBook
	now   deal // being voted on, 0 if none is
	votes map[sim.NodeID]bool
	acks  map[deal]int // that are still due
}

func (c *toyCoordinator) Start(env sim.Env) {
	c.acks = map[deal]int{}
	c.book = openBook(env, func(letter byte, d deal) {
		if letter != 'B' && letter != 'E' {
			env.Note(decidedDeal{d, letter == 'C'})
			env.Note(toldDeal{d})
		}
	})
	last := c.book.max
	if last > 0 && !c.book.knows('C', last) && !c.book.knows('A', last) {
		c.decide(env, last, false)
		return
	}
	c.next(env)
}

// next begins a deal. That it has begun is forced: no number is used twice.
func (c *toyCoordinator) next(env sim.Env) {
	if c.book.max == c.total {
		return
	}
	c.book.max++
	c.now, c.votes = c.book.max, map[sim.NodeID]bool{}
	c.book.write('B', c.now, true)
	env.Note(begunDeal{c.now, c.parts})
	for _, p := range c.parts {
		env.Send(p, propose{c.now})
	}
	env.After(200*time.Millisecond, impatience{c.now})
}

func (c *toyCoordinator) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case reply:
		if m.Deal == c.now {
			c.votes[from] = m.Yes
			if len(c.votes) == len(c.parts) && c.mistake != "dithers" {
				c.decide(env, m.Deal, c.allYes())
			}
		}
	case impatience:
		if m.Deal == c.now && c.mistake != "dithers" {
			c.decide(env, m.Deal, false)
		}
	case settledAck:
		if c.acks[m.Deal]--; c.acks[m.Deal] == 0 && c.mistake != "never ends" {
			c.book.write('E', m.Deal, false)
		}
	case inquire:
		if m.Deal != c.now && c.mistake != "mute" {
			env.Send(from, settle{m.Deal, c.book.knows('C', m.Deal)})
		}
	}
}

func (c *toyCoordinator) allYes() bool {
	yes := c.mistake != "stubborn" && c.mistake != "has an excuse"
	for _, p := range c.parts {
		yes = yes && c.votes[p]
	}
	return yes
}

func (c *toyCoordinator) decide(env sim.Env, d deal, commit bool) {
	c.now = 0
	if c.mistake == "has an excuse" {
		env.Note(lockedDeal{d})
	}
	letter := byte('A')
	if commit {
		letter = 'C'
	}
	c.book.write(letter, d, true)
	env.Note(decidedDeal{d, commit})
	for _, p := range c.parts {
		if yes, voted := c.votes[p]; (yes || !voted) && c.mistake != "mute" {
			c.acks[d]++
			env.Send(p, settle{d, commit})
		}
	}
	if c.acks[d] == 0 {
		c.book.write('E', d, false)
	}
	env.Note(toldDeal{d})
	c.next(env)
}

// A toyParticipant votes as it is told to, or as chance will have it.
type toyParticipant struct {
	vote    byte // 'y', 'n', or 0
	mistake string
	book    toyBook
}

func (p *toyParticipant) Start(env sim.Env) {
	var prepared []deal
	p.book = openBook(env, func(letter byte, d deal) {
		if letter == 'P' {
			prepared = append(prepared, d)
			env.Note(votedDeal{d, true}) // it may have crashed before it could
		} else if p.mistake != "does not look" {
			env.Note(decidedDeal{d, letter == 'C'})
		}
	})
	for _, d := range prepared {
		if !p.decided(d) {
			p.ask(env, d)
		}
	}
}

func (p *toyParticipant) decided(d deal) bool { return p.book.knows('C', d) || p.book.knows('A', d) }

func (p *toyParticipant) ask(env sim.Env, d deal) {
	env.Send("c", inquire{d})
	env.After(150*time.Millisecond, impatience{d})
}

func (p *toyParticipant) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case propose:
		p.proposed(env, m.Deal)
	case settle:
		p.settled(env, m.Deal, m.Commit)
		env.Send("c", settledAck{m.Deal})
		if p.mistake == "acknowledges twice" {
			env.Send("c", settledAck{m.Deal})
		}
	case impatience:
		switch {
		case p.decided(m.Deal):
		case p.mistake == "guesses":
			p.settled(env, m.Deal, false)
		default:
			p.ask(env, m.Deal)
		}
	}
}

func (p *toyParticipant) proposed(env sim.Env, d deal) {
	if p.book.knows('P', d) || p.decided(d) {
		env.Send("c", reply{d, p.book.knows('P', d)})
		return
	}
	if p.vote == 'n' || p.vote == 0 && env.Pick("no", 5) == 4 {
		p.book.write('A', d, true)
		env.Note(votedDeal{d, false})
		if p.mistake != "says no and no more" {
			env.Note(decidedDeal{d, false})
		}
		env.Send("c", reply{d, false})
		return
	}
	p.book.write('P', d, p.mistake != "forgets to force" && p.mistake != "forces too late")
	env.Note(votedDeal{d, true})
	env.Send("c", reply{d, true})
	if p.mistake == "forces too late" {
		p.book.sync()
	}
	env.After(150*time.Millisecond, impatience{d})
}

func (p *toyParticipant) settled(env sim.Env, d deal, commit bool) {
	letter := byte('A')
	if commit {
		letter = 'C'
	}
	if !p.book.knows(letter, d) {
		p.book.write(letter, d, true)
		env.Note(decidedDeal{d, commit})
	}
}

// waits says who waits when a run of the toy is over.
func waits(w *sim.World) (all []checkers.Wait) {
	for _, id := range w.Nodes()[1:] {
		n, ok := w.Node(id)
		if !ok {
			continue
		}
		p := n.(*toyParticipant)
		for d := deal(1); d < 20; d++ {
			if p.book.knows('P', d) && !p.decided(d) {
				all = append(all, checkers.Wait{Node: id, State: "is prepared in " + d.String(), For: []sim.NodeID{"c"}})
			}
		}
	}
	return all
}

// A toy is a scenario of the toy protocol.
type toy struct {
	votes   string // "yyn"
	random  bool   // votes are only as many, and drawn
	deals   deal
	mistake string
	costs   func(checkers.Cost) (checkers.Cost, bool) // if they are judged
	model   fault.Model
	joined  bool // whoever votes must decide
	endless bool // nobody counts what has ended
}

// decision is the liveness that is asked of the toy.
func (y toy) decision() sim.Property {
	c, total := toyCommitment, int(y.deals)
	if y.joined {
		c.Joined = func(fact any) (any, bool) { f, ok := fact.(votedDeal); return f.Deal, ok }
	}
	if y.endless {
		total = 0
	}
	return checkers.Decision(c, total, waits)
}

func (y toy) scenario() *sim.Scenario {
	return &sim.Scenario{
		Name: "toy", Doc: "one coordinator", Run: 8 * time.Second, Settle: 4 * time.Second, Model: y.model,
		Build: func(w *sim.World, _ sim.Options) {
			var parts []sim.NodeID
			for i := range y.votes {
				parts = append(parts, sim.NodeID(fmt.Sprint("p", i+1)))
			}
			w.Add("c", func() sim.Node { return &toyCoordinator{parts: parts, total: y.deals, mistake: y.mistake} })
			for i, id := range parts {
				vote := y.votes[i]
				if y.random {
					vote = 0
				}
				w.Add(id, func() sim.Node { return &toyParticipant{vote: vote, mistake: y.mistake} })
			}
			w.Group(0, append(parts, "c")...)
		},
		Properties: func(sim.Options) []sim.Property {
			all := append(checkers.Atomicity(toyCommitment), y.decision())
			if y.costs != nil {
				all = append(all, checkers.Costs(toyCosting, y.costs))
			}
			return all
		},
	}
}

// toyCosting reads the toy's messages and records.
var toyCosting = checkers.Costing{
	Commitment: toyCommitment,
	Message: func(m sim.Message) (any, bool) {
		switch m := m.(type) {
		case propose:
			return m.Deal, true
		case reply:
			return m.Deal, true
		case settle:
			return m.Deal, true
		case settledAck:
			return m.Deal, true
		}
		return nil, false
	},
	Record: func(file string, record []byte) (any, bool) { return deal(record[1]), file == toyLog },
	Role: func(id sim.NodeID) string {
		if id == "c" {
			return "coordinator"
		}
		return "participant"
	},
}
