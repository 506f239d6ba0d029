package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"simrun/sim"
	"simrun/view"
)

// The format text draws a whole run if it is short, and else what is around the event that it is about: drawnBefore events before it and drawnAfter behind it.
const (
	drawnWhole  = 500
	drawnBefore = 300
	drawnAfter  = 60
)

// addText declares the flags that only the format text takes.
func (f *showFlags) addText(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.nodes, "node", nil, "with --format text: only what happened on these `nodes`, and all of it")
	cmd.Flags().BoolVar(&f.state, "state", false, "with --format text: also all that nodes held after the event --around")
}

// checkText refuses flags that another format would not heed.
func (f *showFlags) checkText(cmd *cobra.Command) error {
	for _, name := range []string{"node", "state"} {
		if cmd.Flags().Changed(name) && (f.format != textFormat || f.serve) {
			return usage("--%s is for --format %s", name, textFormat)
		}
	}
	return nil
}

// textFormat is the name of the format.
const textFormat = "text"

// nodesOf finds the nodes of a run by their names.
func nodesOf(t *view.Trace, names []string) (nodes []sim.NodeID, err error) {
	var known []string
	for _, id := range t.Nodes {
		known = append(known, string(id))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, usage("--node %s: there is no such node%s the run has: %s", name, didYouMean(name, known), strings.Join(known, " "))
		}
		nodes = append(nodes, sim.NodeID(name))
	}
	return nodes, nil
}

// writeText draws a run as text, and prints the states of its nodes if they are wanted.
func writeText(w io.Writer, p picture) error {
	nodes, err := nodesOf(p.trace, p.nodes)
	if err != nil {
		return err
	}
	events := uint64(p.trace.Len())
	event := p.event
	if event == 0 {
		event = named(p.trace.Verdict)
	}
	if event == 0 {
		event = events
	}
	window := view.Window{From: 1, To: events}
	if events > drawnWhole {
		window = view.Window{From: max(event, drawnBefore+1) - drawnBefore, To: min(events, event+drawnAfter)}
	}
	if err := view.Heading(w, p.trace); err != nil {
		return err
	}
	if err := view.Diagram(w, p.trace.Passage(window, nodes...), view.Hints{}); err != nil {
		return err
	}
	if !p.state {
		return nil
	}
	fmt.Fprintln(w)
	return view.States(w, p.trace, event, nodes...)
}
