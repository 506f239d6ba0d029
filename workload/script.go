package workload

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/sim"
)

// mostClients is how many clients there can be: each has a letter for what it writes.
const mostClients = 26

// scripts reads the clients' operations from text such as "c1: put x 1; get x; c2: cas x 1 2", up to those of the last client that is named. An
// operation without a client is of the same client as the one before, the first of c1. The empty text has none.
func (s Service) scripts(text string) (all [][]Op, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	who := 0
	for part := range strings.SplitSeq(text, ";") {
		name, words, named := strings.Cut(part, ":")
		if !named {
			words = part
		} else if who, err = clientNumber(strings.TrimSpace(name)); err != nil {
			return nil, err
		}
		op, err := s.Parse(words)
		if err != nil {
			return nil, err
		}
		for who >= len(all) {
			all = append(all, nil)
		}
		all[who] = append(all[who], op)
	}
	return all, nil
}

// clientNumber reads the name of a client and returns its place among the clients.
func clientNumber(name string) (int, error) {
	digits, ok := strings.CutPrefix(name, "c")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > mostClients {
		return 0, fmt.Errorf("there is no client %q: want c1 to c%d", name, mostClients)
	}
	return n - 1, nil
}

// Spelt drives a run and puts the operations that its clients called into settings that say the same in words: it is a scenario's Spelt.
func Spelt(w *sim.World) []string {
	calls := make(map[sim.NodeID][]string)
	for e := range w.Events(0) {
		if f, ok := e.Data.(Called); ok && e.Kind == sim.Noted {
			calls[e.Node] = append(calls[e.Node], f.Op.String())
		}
	}
	var all []string
	for _, id := range w.Nodes() {
		if len(calls[id]) > 0 {
			all = append(all, string(id)+": "+strings.Join(calls[id], "; "))
		}
	}
	if len(all) == 0 {
		return nil
	}
	set := []string{"operations=" + strings.Join(all, "; "), "ops", "keys", "skew"}
	for _, id := range w.Nodes() {
		n, _ := w.Node(id)
		if c, is := n.(*Client); is && !c.open { // with fewer operations it must not think longer
			return append(set, "think="+c.gap.String())
		}
	}
	return set
}
