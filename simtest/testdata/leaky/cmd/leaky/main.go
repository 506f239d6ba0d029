// Command leaky lists, runs, hunts and replays the scenarios of package leaks.
package main

import (
	"example.com/leaks"
	"simrun/cli"
	"simrun/sim"
)

func main() {
	var list []*sim.Scenario
	for _, l := range leaks.All() {
		list = append(list, l.Scenario)
	}
	cli.Main(list...)
}
