package course

import (
	"fmt"
	"strings"

	"simrun/sim"
	"simrun/sim/net"
)

// longestDelay is the most that a delays file may say.
const longestDelay = net.MostTicks

// A Case is what a run is made from: the files of one case, read and compared with one another.
type Case struct {
	Topology Topology
	Script   Script
	Delays   Delays   // nil if the seed picks
	Expect   []Global // at most one of each snapshot
}

// Files are the texts of a case, with their names for errors.
type Files struct {
	Topology, Script sim.File
	Delays           *sim.File // nil if the seed picks
	Expect           []sim.File
}

// Parse reads a case. What it finds wrong is an [Error], with the file and the line.
func (f Files) Parse() (c Case, err error) {
	if c.Topology, err = ParseTopology(f.Topology.Name, f.Topology.Text); err != nil {
		return c, err
	}
	if c.Script, err = ParseScript(f.Script.Name, f.Script.Text, c.Topology); err != nil {
		return c, err
	}
	if err := c.feasible(f.Script.Name); err != nil {
		return c, err
	}
	if f.Delays != nil {
		if c.Delays, err = ParseDelays(f.Delays.Name, f.Delays.Text); err != nil {
			return c, err
		}
		if n := c.messages(); len(c.Delays) < n {
			last := 1 + strings.Count(strings.TrimSuffix(f.Delays.Text, "\n"), "\n")
			return c, &Error{f.Delays.Name, last, fmt.Sprintf("the file ends here with %d delays: want %d, for %d sends and %d snapshots with %d markers each",
				len(c.Delays), n, c.Script.count(Send), c.Script.snapshots(), len(c.Topology.Links))}
		}
	}
	seen := make([]string, c.Script.snapshots())
	for _, x := range f.Expect {
		g, err := ParseGlobal(x.Name, x.Text, c.Topology, len(seen))
		if err != nil {
			return c, err
		}
		if seen[g.Number] != "" {
			return c, &Error{x.Name, 1, fmt.Sprintf("snapshot %d is expected by %s already: want each once", g.Number, seen[g.Number])}
		}
		seen[g.Number] = x.Name
		c.Expect = append(c.Expect, g)
	}
	return c, nil
}

// messages is how many messages the case sends until it is over: each snapshot sends a marker on each link.
func (c *Case) messages() int {
	return c.Script.count(Send) + c.Script.snapshots()*len(c.Topology.Links)
}

// feasible reports what of the script cannot be done, as far as that is known whatever the delays: a node cannot
// send more than all that may have reached it by then, and a snapshot that does not reach everybody is never complete.
func (c *Case) feasible(file string) error {
	if n := c.messages(); n > mostMessages {
		return &Error{file, 1, fmt.Sprintf("the case sends %d messages: want at most %d", n, mostMessages)}
	}
	most := make([]int, len(c.Topology.Nodes)) // what each node has if all that was sent to it has arrived
	for i, n := range c.Topology.Nodes {
		most[i] = n.Tokens
	}
	reaches := make(map[sim.NodeID]bool) // everybody
	var arriving []Step                  // sent since the latest tick
	for _, s := range c.Script {
		switch s.Verb {
		case Send:
			from := c.Topology.index(s.Node)
			if most[from] < s.N {
				return &Error{file, s.Line, fmt.Sprintf("%v: %s has at most %d by then: want no more than it has", s, s.Node, most[from])}
			}
			most[from] -= s.N
			arriving = append(arriving, s)
		case Snapshot:
			if reaches[s.Node] {
				continue
			}
			reaches[s.Node] = true
			if lost := c.Topology.unreached(s.Node); lost != "" {
				return &Error{file, s.Line, fmt.Sprintf("%v: no links lead from %s to %s, so the snapshot would never be complete: want a node from which all can be reached", s, s.Node, lost)}
			}
		case Tick:
			for _, a := range arriving {
				most[c.Topology.index(a.To)] += a.N
			}
			arriving = arriving[:0]
		}
	}
	return nil
}

// The text of a case as an option of a scenario: its files in one line, of which each is folded.
const (
	between = "|" // two files
	bySeed  = "?" // in the place of delays that the seed picks
)

// Text returns the files in one line, which [ParseText] reads.
func (f Files) Text() string {
	delays := bySeed
	if f.Delays != nil {
		delays = folded(f.Delays.Text)
	}
	parts := []string{folded(f.Topology.Text), folded(f.Script.Text), delays}
	for _, x := range f.Expect {
		parts = append(parts, folded(x.Text))
	}
	return strings.Join(parts, between)
}

// ParseText reads a case in one line: the topology, the script, the delays and the expected snapshots, with "|" between them, ";"
// where a line ends, and "?" for delays that the seed picks.
func ParseText(text string) (Case, error) {
	parts := strings.Split(text, between)
	if len(parts) < 3 {
		return Case{}, fmt.Errorf("want a topology, a script and delays with %q between them", between)
	}
	f := Files{Topology: sim.File{Name: "topology", Text: unfolded(parts[0])}, Script: sim.File{Name: "script", Text: unfolded(parts[1])}}
	if parts[2] != bySeed {
		f.Delays = &sim.File{Name: "delays", Text: unfolded(parts[2])}
	}
	for _, p := range parts[3:] {
		f.Expect = append(f.Expect, sim.File{Name: "expect", Text: unfolded(p)})
	}
	return f.Parse()
}
