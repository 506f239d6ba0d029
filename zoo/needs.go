package zoo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
)

// A Need asks which faults a bug needs. The bug is tried with all faults, seed by seed from 0, until so many seeds have shown it, and then without each
// group of them, from seed 0 too. Whoever draws a fault draws the same where another is left out, so the runs differ in little else.
//
// Seeds are taken to show a bug independently of each other. If leaving a group out changed nothing, each of the seeds that showed the bug, with the group
// or without, would be one of those without it with a probability of their share of all seeds tried: a binomial distribution, from which comes
// how likely what was seen is by chance.
type Need struct {
	Bug     *Bug
	Profile string // that draws all faults; "": the one that the bug names, or the default one
	Hits    int    // how many seeds that show the bug are enough to know how often some do
	Times   int    // after so many times the seeds that one takes with all faults, nothing that was seen is enough
	Budget  uint64 // how many seeds are tried with all faults at most
	Workers int

	// Try makes the runs of a trial, up to the first that a user would see fail.
	Try func(context.Context, *Bug, Trial) (Result, error)
	// Draws reports whether one profile draws something that the other does not, for the scenario of the bug. What is never drawn need not be left out.
	Draws func(b *Bug, with, without string) (bool, error)
	// Done is told of each part when it is finished, one after the other. It may be nil.
	Done func(done, total int)
}

// A Rate is how often seeds show a bug.
type Rate struct {
	Hits  int    `json:"hits"`
	Seeds uint64 `json:"seeds"`
}

// Each is how many seeds it takes until one shows the bug, in the mean; infinity if none did.
func (r Rate) Each() float64 { return float64(r.Seeds) / float64(r.Hits) }

// A Finding is what leaving a group out does to a bug.
type Finding string

// What can be found. A group matters if what was seen would come by chance in less than [ByChance] of all cases.
const (
	Needed   Finding = "needed"    // not once in Times times the seeds that it takes with all faults: without, it takes a third of Times as many at least, 19 times in 20
	Helps    Finding = "helps"     // it takes more seeds without
	Nothing  Finding = "nothing"   // no difference that was not chance
	Hinders  Finding = "hinders"   // it takes fewer seeds without
	NotDrawn Finding = "not drawn" // the model leaves no room for it, or the profile does not have it
	Unsure   Finding = "unsure"    // not once, and chance might have done that: with all faults too few seeds show the bug
)

// ByChance is how likely by chance may be what is called a finding.
const ByChance = 0.005

// A Part is a bug without a group of faults.
type Part struct {
	Group   Group
	Profile string // that draws the rest
	Rate
	Finding Finding
	Header  bool // the header of the bug says that it is needed
}

// Needs are what a bug needs.
type Needs struct {
	Bug     *Bug
	Profile string
	All     Rate // with all faults
	Parts   []Part
	Differs []string // where the header of the bug says something else, a sentence each
}

// Run measures. The result is the same whatever the workers.
func (n Need) Run(ctx context.Context) (*Needs, error) {
	if n.Hits < 2 || n.Times < 2 || n.Budget < 1 {
		return nil, errors.New("zoo: a need takes 2 hits, 2 times and a seed at least")
	}
	out := &Needs{Bug: n.Bug, Profile: n.Profile}
	if out.Profile == "" {
		out.Profile = orDefault(n.Bug.Faults)
	}
	if err := out.plan(); err != nil {
		return nil, err
	}
	var err error
	if out.All, err = n.rate(ctx, out.Profile, n.Budget); err != nil || out.All.Hits == 0 {
		return out, err
	}
	if err := n.parts(ctx, out); err != nil {
		return out, err
	}
	out.compare()
	return out, nil
}

// plan lists what is to be left out: each group, and what the header names if that is no group.
func (out *Needs) plan() error {
	groups := Groups()
	named := make(map[string]bool)
	for _, need := range out.Bug.Needs {
		g, err := groupOf(strings.Split(need, "|"))
		if err != nil {
			return err
		}
		at := 0
		for at < len(groups) && !groups[at].same(&g) {
			at++
		}
		if at == len(groups) {
			groups = append(groups, g)
		}
		named[groups[at].Name] = true
	}
	for _, g := range groups {
		without, err := g.Without(out.Profile)
		if err != nil {
			return err
		}
		out.Parts = append(out.Parts, Part{Group: g, Profile: without, Header: named[g.Name]})
	}
	return nil
}

// rate counts the seeds that show the bug, until enough did.
func (n *Need) rate(ctx context.Context, profile string, budget uint64) (r Rate, err error) {
	for r.Hits < n.Hits && r.Seeds < budget {
		result, err := n.Try(ctx, n.Bug, Trial{Bug: n.Bug.Name, Profile: profile, From: r.Seeds, To: budget})
		if err != nil {
			return r, err
		}
		if result.Outer == nil {
			r.Seeds = budget
			break
		}
		r.Hits++
		r.Seeds = result.Outer.Seed + 1
	}
	return r, nil
}

// fewestSeeds are tried without a group at least, so that nothing is said of a bug that nearly every seed shows before a few did not.
const fewestSeeds = 20

// parts measures without each group.
func (n *Need) parts(ctx context.Context, out *Needs) error {
	most := max(uint64(math.Ceil(out.All.Each()*float64(n.Times))), fewestSeeds)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan *Part)
	var workers sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range max(n.Workers, 1) {
		workers.Go(func() {
			for p := range next {
				if err := n.part(ctx, out, p, most); err != nil {
					cancel(err)
					continue
				}
				mu.Lock()
				if done++; n.Done != nil {
					n.Done(done, len(out.Parts))
				}
				mu.Unlock()
			}
		})
	}
	for i := range out.Parts {
		next <- &out.Parts[i]
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// part measures without one group.
func (n *Need) part(ctx context.Context, out *Needs, p *Part, most uint64) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	drawn := p.Profile != out.Profile
	if drawn && n.Draws != nil {
		if drawn, err = n.Draws(n.Bug, out.Profile, p.Profile); err != nil {
			return err
		}
	}
	if !drawn {
		p.Finding = NotDrawn
		return nil
	}
	if p.Rate, err = n.rate(ctx, p.Profile, most); err == nil {
		p.Finding = find(out.All, p.Rate)
	}
	return err
}

// find says what a rate without a group tells, beside the rate with all faults.
func find(all, without Rate) Finding {
	few, many := tails(all.Hits+without.Hits, without.Hits, float64(without.Seeds)/float64(all.Seeds+without.Seeds))
	switch {
	case without.Hits == 0 && few <= ByChance:
		return Needed
	case without.Hits == 0:
		return Unsure
	case few <= ByChance:
		return Helps
	case many <= ByChance:
		return Hinders
	}
	return Nothing
}

// tails are the probabilities of at most and of at least k successes in n attempts.
func tails(n, k int, p float64) (atMost, atLeast float64) {
	for i := range n + 1 {
		b := binomial(n, i, p)
		if i <= k {
			atMost += b
		}
		if i >= k {
			atLeast += b
		}
	}
	return atMost, atLeast
}

// compare says where the header says something else.
func (out *Needs) compare() {
	for i := range out.Parts {
		p := &out.Parts[i]
		switch {
		case p.Header && p.Finding == NotDrawn:
			out.differ("the header says that it needs %s, which is never drawn", p.Group.Name)
		case p.Header && p.Finding != Needed && p.Finding != Unsure:
			out.differ("the header says that it needs %s, and it shows without: %d of %d seeds", p.Group.Name, p.Hits, p.Seeds)
		case !p.Header && p.Finding == Needed && p.Group.Name != "delays" && !out.explains(p):
			out.differ("it needs %s, and the header does not say so", p.Group.Name)
		}
	}
}

func (out *Needs) differ(format string, args ...any) {
	out.Differs = append(out.Differs, fmt.Sprintf(format, args...))
}

// explains reports whether a group is needed since it holds a smaller one that is: where nothing is ever out of order nothing is late either. That some fault is needed is said by a header
// that names any.
func (out *Needs) explains(p *Part) bool {
	if p.Group.Name == anyFault && len(out.Bug.Needs) > 0 {
		return true
	}
	for i := range out.Parts {
		if q := &out.Parts[i]; q.Finding == Needed && p.Group.holds(&q.Group) && !q.Group.holds(&p.Group) {
			return true
		}
	}
	return false
}
