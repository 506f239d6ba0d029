// Command cmd runs the world of the lab with the acceptor in acceptor.go: "run acceptor", "replay", "show" and more, see --help.
package main

import (
	"simrun/cli"
	"simrun/labs/acceptor"
)

func main() { cli.Main(acceptor.Scenario()) }
