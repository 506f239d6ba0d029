// Command counter lists, runs, hunts and replays the scenario of package counter.
package main

import (
	"example.com/counter"
	"simrun/cli"
)

func main() {
	cli.Main(counter.Scenario())
}
