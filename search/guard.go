package search

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"simrun/sim"
)

// A Guard finds out whether the runs of a scenario are functions of their configuration, and what decides them if they are
// not. Whatever finds a bug by a seed relies on that, and nothing else can see that it is so.
//
// Runs are compared by the checkpoints of their verdicts, which costs next to nothing. Only when two differ are the runs
// made again with each event and effect written down, to see where they part, and again in other processes and
// circumstances, to see why.
type Guard struct {
	Scenario *sim.Scenario
	Process  *Process // makes runs in other processes; nil: all are made in this one, and what only a process can show is not seen

	window uint64 // how many items are recorded at once; 0: mostItems. For tests
}

// Check makes the run twice in this process and, if it can, once in another whose environment is a different one. It
// returns nil if all were the same run and nobody changed a message or touched the memory of another node. An error means
// that a run could not be made, or that ctx was done before it was: nothing is known then.
func (g Guard) Check(ctx context.Context, cfg sim.Config) (*Divergence, error) {
	d, err := g.compare(ctx, cfg)
	if d == nil || err != nil || d.Within() {
		return d, err
	}
	g.Explain(ctx, d, cfg)
	return d, nil
}

// compare is Check without the reasons.
func (g Guard) compare(ctx context.Context, cfg sim.Config) (*Divergence, error) {
	var runs [2]recording
	for i := range runs {
		r, err := record(ctx, g.Scenario, cfg, part{})
		if err != nil {
			return nil, err
		}
		runs[i] = r
	}
	d := &Divergence{Seed: cfg.Seed, Where: twiceHere}
	other := &runs[1]
	if runs[0].same(other) {
		if g.Process == nil {
			return g.shared(ctx, cfg, &runs[0])
		}
		elsewhere, _, err := g.Process.perturbed(ctx, g.Scenario, cfg)
		if err != nil {
			return nil, err
		}
		if other = &elsewhere; runs[0].same(other) {
			return g.shared(ctx, cfg, &runs[0])
		}
		d.Where = hereAndThere
	}
	d.take(&runs[0], other)
	return d, nil
}

// Elsewhere makes the run once in another process, whose environment is a different one, and compares it with the verdict
// of the run in this one. It returns nil if they are the same.
func (g Guard) Elsewhere(ctx context.Context, cfg sim.Config, v sim.Verdict) (*Divergence, error) {
	if g.Process == nil {
		return nil, errors.New("search: a run elsewhere needs a Process")
	}
	there, _, err := g.Process.perturbed(ctx, g.Scenario, cfg)
	if err != nil {
		return nil, err
	}
	here := summed(v)
	if here.same(&there) {
		return nil, nil
	}
	d := &Divergence{Seed: cfg.Seed, Where: hereAndThere}
	d.take(&here, &there)
	return d, nil
}

// What two runs were compared.
const (
	twiceHere    = "two runs in one process"
	hereAndThere = "a run in this process and one in another, in another environment"
)

// take notes what the checkpoints of two runs tell.
func (d *Divergence) take(a, b *recording) {
	d.Hashes = [2]uint64{a.Hash, b.Hash}
	d.Between[0], d.Between[1] = partedAt(a.Checkpoints, b.Checkpoints)
}

// Explain finds out where the runs of a divergence part and why, and adds that to it: it makes the run some ten to twenty
// times. What it could not find out stays empty; if a run cannot be made, or ctx is done, the evidence says so. That the runs
// differ is known before, and is never lost by that.
func (g Guard) Explain(ctx context.Context, d *Divergence, cfg sim.Config) {
	cfg.Reuse = nil
	t := &trial{ctx: ctx, guard: g, cfg: cfg}
	err := t.observe()
	if err == nil {
		var found *found
		if found, err = t.locate(); err == nil {
			if found != nil {
				d.describe(found)
			}
			suspect(d, t, found)
			return
		}
	}
	why, _, _ := strings.Cut(err.Error(), "\n") // what follows is a stack
	d.Evidence = append(d.Evidence, "why they differ could not be looked for: "+why)
}

// describe tells a divergence by the items that differ.
func (d *Divergence) describe(f *found) {
	d.First, d.Second = differing(textOf(f.a, f.at), textOf(f.b, f.at))
	d.Node, d.Seq = sim.NodeID(f.node), f.seq
	if f.stack != nil {
		d.Place, d.Handler = f.stack[0], f.stack[len(f.stack)-1]
	}
	d.Between = [2]uint64{f.same, f.seq}
}

func textOf(r *recording, at int) string {
	if at < len(r.Items) {
		return r.Items[at].Text
	}
	return ""
}

// differing cuts two texts so that people see where they differ.
func differing(a, b string) (string, string) {
	const most = 160
	x, y := []rune(a), []rune(b)
	if len(x) <= most && len(y) <= most {
		return a, b
	}
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	if n < most*2/3 {
		return clip(a, most), clip(b, most)
	}
	n -= most / 2
	head := string(x[:most/4]) + " … "
	return head + clip(string(x[n:]), most), head + clip(string(y[n:]), most)
}

// Report tells a divergence in several lines, for people.
func (d *Divergence) Report() string {
	var b strings.Builder
	line := func(head, format string, args ...any) {
		fmt.Fprintf(&b, "  %-9s %s\n", head, fmt.Sprintf(format, args...))
	}
	if d.Within() {
		fmt.Fprintf(&b, "in the run of seed %#x nodes share memory, as they could not between machines\n", d.Seed)
	} else {
		fmt.Fprintf(&b, "the run of seed %#x is not decided by its seed alone\n", d.Seed)
	}
	if d.Where != "" {
		line("compared", "%s", d.Where)
	}
	if d.Hashes[0] != d.Hashes[1] {
		line("hashes", "%016x and %016x", d.Hashes[0], d.Hashes[1])
	}
	switch {
	case d.Within():
		line("event", "%d is the latest before it was seen", d.Seq)
	case d.Seq > 0:
		line("event", "%d is the first that differs", d.Seq)
	case d.Between[1] > 0:
		line("event", "the first that differs is between %d and %d", d.Between[0]+1, d.Between[1])
	}
	if d.Node != "" {
		line("node", "%s", d.Node)
	}
	if d.Handler.Func != "" {
		line("handler", "%s", d.Handler)
		if d.Place != d.Handler {
			line("at", "%s", d.Place)
		}
	}
	switch {
	case d.Within() && d.First != "":
		line("sent", "%s", d.First)
		line("now", "%s", d.Second)
	case d.First != d.Second:
		line("first", "%s", orEnd(d.First))
		line("second", "%s", orEnd(d.Second))
	case d.First != "":
		line("both", "%s", d.First)
	}
	if d.Cause != "" {
		line("likely", "%s", d.Cause)
	} else {
		line("likely", "the cause was not found")
	}
	for _, e := range d.Evidence {
		line("", "- %s", e)
	}
	return b.String()
}

func orEnd(s string) string {
	if s == "" {
		return "the end of the run"
	}
	return s
}
