package course_test

import (
	"fmt"

	"simrun/protocols/chandylamport"
	"simrun/protocols/chandylamport/course"
	"simrun/sim"
)

// A file that is wrong is told with its line, and with what was expected there.
func ExampleFiles_Parse() {
	_, err := course.Files{
		Topology: sim.File{Name: "two.top", Text: "2\nN1 1\nN2 0\nN1 N2\nN2 N1\n"},
		Script:   sim.File{Name: "two.events", Text: "tick\nsend N1 N3 1\n"},
	}.Parse()
	fmt.Println(err)
	// Output:
	// two.events:2: unknown node "N3": want one of N1, N2
}

// A case is a run of the scenario that is extended: here with delays, so that the seed decides nothing.
func ExampleExtend() {
	s := course.Extend(chandylamport.Scenario())
	one := course.Files{
		Topology: sim.File{Name: "two.top", Text: "2\nN1 1\nN2 0\nN1 N2\nN2 N1\n"},
		Script:   sim.File{Name: "two.events", Text: "send N1 N2 1\nsnapshot N2\n"},
		Delays:   &sim.File{Name: "two.delays", Text: "0 0 0"},
	}
	options, err := s.ParseOptions([]string{"course=" + one.Text()})
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := s.World(sim.Config{Options: options})
	if err != nil {
		fmt.Println(err)
		return
	}
	v := w.Run(0)
	fmt.Printf("%v\n%s", v.Outcome, v.Accounts[0].Text)
	// Output:
	// ok
	// 0
	// N1 0
	// N2 0
	// N1 N2 token(1)
}
