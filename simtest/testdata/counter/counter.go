// Package counter is a counter on three replicas. A primary numbers the increments and copies each to two backups; when one of
// them has it, the increment counts and the client is told the total. Clients ask again when they hear nothing.
package counter

import (
	"slices"
	"time"

	"simrun/sim"
)

// The messages.
type (
	// Add asks the primary for one increment: the N-th of this client.
	Add struct {
		Client sim.NodeID
		N      int
	}
	// Copy asks a backup to keep an increment under its number.
	Copy struct {
		Number int
		Add    Add
	}
	// Copied says that a backup has kept it.
	Copied struct{ Number int }
	// Added tells a client that its N-th increment counts.
	Added struct{ N, Total int }
)

// The facts, for those who watch a run.
type (
	// Asked is noted by a client that wants one increment more.
	Asked struct{}
	// Retried is noted by a client that heard nothing and asks again.
	Retried struct{}
	// Told is noted by a client that was told the total.
	Told struct{ Total int }
)

// primary numbers the increments.
type primary struct {
	backups []sim.NodeID
	dedupe  bool  // know an increment again when it is asked for again
	log     []Add // increment number i is log[i-1]
}

func (p *primary) Start(sim.Env) {}

func (p *primary) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Add:
		number := 1 + slices.Index(p.log, m) // 0 if it is new
		if number == 0 || !p.dedupe {
			p.log = append(p.log, m)
			number = len(p.log)
		}
		for _, b := range p.backups {
			env.Send(b, Copy{number, m})
		}
	case Copied:
		add := p.log[m.Number-1]
		env.Send(add.Client, Added{add.N, m.Number})
	}
}

// backup keeps what it is told.
type backup struct{ log map[int]Add }

func (b *backup) Start(sim.Env) { b.log = make(map[int]Add) }

func (b *backup) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(Copy); ok {
		b.log[m.Number] = m.Add
		env.Send(from, Copied{m.Number})
	}
}

// patience is how long a client waits before it asks again.
const patience = 50 * time.Millisecond

// client is the story of a client that adds up to the given number, one after the other.
func client(increments int) func(*sim.Script) {
	return func(s *sim.Script) {
		for n := 1; n <= increments; n++ {
			isAnswer := func(m sim.Message) bool {
				added, ok := m.(Added)
				return ok && added.N == n
			}
			s.Note(Asked{})
			answer, ok := s.Call("p", Add{s.ID(), n}, patience, isAnswer)
			for !ok {
				s.Note(Retried{})
				answer, ok = s.Call("p", Add{s.ID(), n}, patience, isAnswer)
			}
			s.Note(Told{answer.(Added).Total})
		}
	}
}
