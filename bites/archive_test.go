package bites

import (
	"slices"

	"simrun/sim"
)

// archives is an archive a with this shelf, and a client c that gives it things to keep and wants to see them again.
func archives(shelf shelf, things int) *sim.Scenario {
	return small("archive", func(w *sim.World) {
		w.Add("a", func() sim.Node {
			if m, ok := shelf.(*mirrored); ok {
				return &archivist{shelf: shelf, mirror: "m", alone: m.alone}
			}
			return &archivist{shelf: shelf}
		})
		w.Add("c", func() sim.Node { return &depository{things: things} })
	})
}

// What a client and its archive say.
type (
	keepThis  struct{ N int }
	keeping   struct{ N int }
	showMe    struct{ N int }
	shown     struct{ N, Value int } // 0 if it has none
	askBack   struct{}
	copyThis  struct{ N int }
	copyKept  struct{ N int }
	whatThere struct{}
	allThere  struct{ N []int }
)

// A depository gives the archive thing after thing, each when the one before is kept. After half a second it wants to see all that were.
type depository struct {
	things, kept, seen int
	back               bool
}

func (c *depository) Start(env sim.Env) {
	env.After(0, look{})
	env.After(500*ms, askBack{})
}

func (c *depository) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case look:
		env.After(20*ms, look{})
		c.ask(env)
	case askBack:
		c.back = true
		c.ask(env)
	case keeping:
		if m.N == c.kept+1 && !c.back {
			c.kept++
			env.Note(done{})
			c.ask(env)
		}
	case shown:
		if m.Value != m.N {
			env.Note(wrongIs("what the archive had promised to keep is gone, or is something else"))
		} else if m.N == c.seen+1 {
			c.seen++
			env.Note(done{})
			c.ask(env)
		}
	}
}

// ask says again what has not been answered.
func (c *depository) ask(env sim.Env) {
	switch {
	case !c.back && c.kept < c.things:
		env.Send("a", keepThis{c.kept + 1})
	case c.back && c.seen < c.kept:
		env.Send("a", showMe{c.seen + 1})
	}
}

// An archivist keeps numbers on its shelf, and copies of them at its mirror, if it has one. It keeps each once.
type archivist struct {
	shelf  shelf
	mirror sim.NodeID // "" for none
	alone  bool       // it does not ask the mirror what there is when it starts
	has    map[int]int
	silent bool // it is not sure of its disk, or does not know yet what the mirror has
}

func (a *archivist) Start(env sim.Env) {
	var err error
	a.has, err = a.shelf.load(env.Disk())
	a.silent = err != nil
	if a.mirror != "" && !a.alone && err == nil {
		a.silent = true
		env.Send(a.mirror, whatThere{})
	}
}

func (a *archivist) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if all, ok := m.(allThere); ok {
		for _, n := range all.N {
			a.has[n] = n
		}
		a.silent = false
	}
	if a.silent {
		return
	}
	switch m := m.(type) {
	case keepThis:
		if a.keep(env, m.N); a.silent {
			return
		}
		if a.mirror != "" {
			env.Send(a.mirror, copyThis(m))
			return
		}
		env.Send(from, keeping(m))
	case copyThis:
		if a.keep(env, m.N); !a.silent {
			env.Send(from, copyKept(m))
		}
	case copyKept:
		env.Send("c", keeping(m))
	case whatThere:
		var all []int
		for n := range a.has {
			all = append(all, n)
		}
		slices.Sort(all)
		env.Send(from, allThere{all})
	case showMe:
		has, sure := a.has, true
		if s, ok := a.shelf.(*rereader); ok {
			has, sure = s.look(env.Disk(), a.has)
		}
		if sure {
			env.Send(from, shown{m.N, has[m.N]})
		}
	}
}

func (a *archivist) keep(env sim.Env, n int) {
	if a.has[n] == 0 {
		a.silent = a.shelf.save(env.Disk(), n) != nil
		a.has[n] = n
	}
}
