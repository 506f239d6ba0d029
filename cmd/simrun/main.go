// Command simrun runs distributed systems in a simulated world that one seed decides, and judges them.
//
//	simrun list
//	simrun run paxos-kv --seed 7
//	simrun hunt paxos --set durable=false --property agreement
//	simrun replay TOKEN
//
// It knows the scenarios of this repository. A program of a few lines gives the same commands to the
// scenarios of another: see simrun/cli.
package main

import (
	"simrun/cli"
	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport/course"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/multicast"
	"simrun/protocols/multipaxos"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
)

func main() { cli.Main(scenarios()...) }

// scenarios are those of this repository.
func scenarios() []*sim.Scenario {
	return []*sim.Scenario{
		bracha.Scenario(),
		course.Scenario(),
		twopc.Bank(),
		e3pc.Scenario(),
		election.Scenario(),
		independent.Scenario(),
		kootoueg.Scenario(),
		laiyang.Scenario(),
		multicast.Scenario(),
		multipaxos.Scenario(),
		paxos.Scenario(),
		paxoskv.Scenario(),
		threepc.Scenario(),
		twopc.Scenario(),
	}
}
