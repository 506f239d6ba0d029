package view_test

import (
	"os"

	"simrun/sim"
	"simrun/view"
)

// A Teller is shown every event of a run; the story of one of them is
// drawn with a lane for each node that takes part.
func ExampleDiagram() {
	teller := view.NewTeller([]sim.NodeID{"p1", "a1", "a2"})
	for _, e := range []sim.Event{
		{Seq: 1, Kind: sim.Sent, Node: "p1", Peer: "a2", Data: "Prepare{1}"},
		{Seq: 2, Cause: 1, At: 1_500_000, Kind: sim.Delivered, Node: "a2", Peer: "p1", Data: "Prepare{1}"},
		{Seq: 3, Cause: 2, At: 1_500_000, Kind: sim.Noted, Node: "a2", Data: "promised 1"},
	} {
		teller.See(&e)
	}
	view.Diagram(os.Stdout, teller.Story(3, 12), view.Hints{Events: "-v prints all"})
	// Output:
	// virtual  p1  a2   event
	//      1.500ms  ○───▶    #2 p1→a2 Prepare{1}
	//      1.500ms  │   ●    #3 a2 promised 1
	//               (1 other event up to there: -v prints all)
}
