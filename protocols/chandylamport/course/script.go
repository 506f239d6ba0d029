package course

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/sim"
)

// A Script is what is done to the nodes, in the order of the file.
type Script []Step

// A Step is a line of a script.
type Step struct {
	Verb     Verb
	Node, To sim.NodeID // who sends or starts a snapshot; to whom
	N        int        // how many tokens are sent, or how many ticks pass
	Line     int        // of the file, from 1
}

// A Verb is what a step does.
type Verb uint8

// The three verbs of a script.
const (
	Send     Verb = iota // Node sends N tokens to To
	Snapshot             // Node starts a snapshot
	Tick                 // N ticks pass
)

// ParseScript reads a script for a topology. File is its name, for errors.
func ParseScript(file, text string, t Topology) (s Script, err error) {
	r, err := read(file, text)
	if err != nil {
		return nil, err
	}
	ticks := 0
	for _, l := range r.lines {
		step, err := readStep(r, l, &t)
		if err != nil {
			return nil, err
		}
		if step.Verb == Tick {
			if ticks += step.N; ticks > mostTicks {
				return nil, r.wrong(l.number, "these are %d ticks by now: want at most %d", ticks, mostTicks)
			}
		}
		s = append(s, step)
	}
	return s, nil
}

func readStep(r *reader, l line, t *Topology) (s Step, err error) {
	s.Line = l.number
	switch l.words[0] {
	case "send":
		s.Verb = Send
		if err := r.words(l, 4, `"send src dst tokens"`); err != nil {
			return s, err
		}
		if err := t.knows(r, l, l.words[1:3]...); err != nil {
			return s, err
		}
		s.Node, s.To = sim.NodeID(l.words[1]), sim.NodeID(l.words[2])
		if link := (Link{s.Node, s.To}); !t.linked(link) {
			return s, r.wrong(l.number, "there is no link %v: want one of the topology's, and from %s they lead to: %s", link, s.Node, listed(t.out(s.Node)))
		}
		s.N, err = r.number(l, l.words[3], "how many tokens are sent", 0, mostTogether)
	case "snapshot":
		s.Verb = Snapshot
		if err := r.words(l, 2, `"snapshot id"`); err != nil {
			return s, err
		}
		err = t.knows(r, l, l.words[1])
		s.Node = sim.NodeID(l.words[1])
	case "tick":
		s.Verb, s.N = Tick, 1
		if len(l.words) > 1 {
			if err := r.words(l, 2, `"tick" or "tick n"`); err != nil {
				return s, err
			}
			s.N, err = r.number(l, l.words[1], "how many ticks pass", 1, mostTicks)
		}
	default:
		err = r.wrong(l.number, `%q: want "send src dst tokens", "snapshot id" or "tick [n]"`, strings.Join(l.words, " "))
	}
	return s, err
}

func listed(ids []sim.NodeID) string {
	if len(ids) == 0 {
		return "nobody"
	}
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(id))
	}
	return b.String()
}

// snapshots returns how many snapshots the script starts.
func (s Script) snapshots() int { return s.count(Snapshot) }

func (s Script) count(v Verb) (n int) {
	for _, step := range s {
		if step.Verb == v {
			n++
		}
	}
	return n
}

// ticks returns how many ticks pass.
func (s Script) ticks() (n int) {
	for _, step := range s {
		if step.Verb == Tick {
			n += step.N
		}
	}
	return n
}

// String prints the script as a file.
func (s Script) String() string {
	var b strings.Builder
	for _, step := range s {
		fmt.Fprintln(&b, step)
	}
	return b.String()
}

// String prints the step as a line: "send N1 N2 3".
func (s Step) String() string {
	switch s.Verb {
	case Send:
		return fmt.Sprintf("send %s %s %d", s.Node, s.To, s.N)
	case Snapshot:
		return "snapshot " + string(s.Node)
	}
	if s.N == 1 {
		return "tick"
	}
	return "tick " + strconv.Itoa(s.N)
}

// A Delays is how late messages are beyond one tick, in the order of sending; each from 0 to 4.
type Delays []uint8

// ParseDelays reads a list of delays, any number on a line. File is its name, for errors.
func ParseDelays(file, text string) (d Delays, err error) {
	r, err := read(file, text)
	if err != nil {
		return nil, err
	}
	d = Delays{}
	for _, l := range r.lines {
		for _, word := range l.words {
			n, err := r.number(l, word, "a delay", 0, longestDelay)
			if err != nil {
				return nil, err
			}
			d = append(d, uint8(n))
		}
	}
	return d, nil
}

// String prints the list as a file, one a line.
func (d Delays) String() string {
	var b strings.Builder
	for _, n := range d {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}
