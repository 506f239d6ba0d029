package main

import (
	"testing"

	"simrun/protocols/bracha"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/kootoueg"
	"simrun/protocols/multicast"
	"simrun/protocols/multipaxos"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/simtest"
	"simrun/simtest/rapidtest"
)

// The scenarios of this command as tests, each in the ways in which somebody else's would be: by the
// stories in seeds/ and consecutive seeds, by faults that are drawn and shrunk, and by the fuzzer. They
// fail with the first seed that violates a property, and say how to replay it:
//
//	go test ./cmd/simrun -run TestPaxos -sim.runs=5000
//	go test ./cmd/simrun -fuzz FuzzPaxosKV -fuzzminimizetime 1x

// here is how a person starts this command, from wherever in the module.
var here = simtest.Command("go run simrun/cmd/simrun")

func TestPaxos(t *testing.T) { simtest.Check(t, paxos.Scenario(), here) }

// Faults spare few runs so much that all yes must mean commit: it takes many to find some.
func TestE3PC(t *testing.T) { simtest.Check(t, e3pc.Scenario(), here, simtest.Runs(20000)) }

func TestPaxosKV(t *testing.T) { simtest.Check(t, paxoskv.Scenario(), here, simtest.Runs(100)) }

func TestMultiPaxos(t *testing.T) { simtest.Check(t, multipaxos.Scenario(), here, simtest.Runs(400)) }

func TestBroadcast(t *testing.T) { simtest.Check(t, bracha.Scenario(), here, simtest.Runs(1000)) }

func TestElection(t *testing.T) { simtest.Check(t, election.Scenario(), here, simtest.Runs(500)) }

func TestMulticast(t *testing.T) { simtest.Check(t, multicast.Scenario(), here, simtest.Runs(500)) }

func TestKooToueg(t *testing.T) { simtest.Check(t, kootoueg.Scenario(), here, simtest.Runs(300)) }

func Test3PC(t *testing.T) { simtest.Check(t, threepc.Scenario(), here) }

// Of a run without faults, in which all yes must mean commit, there is one in some thousand.
func Test2PC(t *testing.T) { simtest.Check(t, twopc.Scenario(), here, simtest.Runs(20000)) }

func TestBank(t *testing.T) { simtest.Check(t, twopc.Bank(), here, simtest.Runs(1000)) }

// What is wrong on purpose is left out of what rapid draws: acceptors that do not sync, small quorums,
// and proposers that give up before a value is chosen.
func TestPaxosFaults(t *testing.T) {
	rapidtest.Check(t, paxos.Scenario(), here, simtest.Set("mistake=none", "durable=true", "quorum=0", "ballots=0"))
}

// Mistakes are wrong on purpose.
func TestBroadcastFaults(t *testing.T) {
	rapidtest.Check(t, bracha.Scenario(), here, simtest.Set("mistake=none"))
}

// Mistakes are wrong on purpose.
func TestElectionFaults(t *testing.T) {
	rapidtest.Check(t, election.Scenario(), here, simtest.Set("mistake=none"))
}

// Mistakes are wrong on purpose.
func TestMulticastFaults(t *testing.T) {
	rapidtest.Check(t, multicast.Scenario(), here, simtest.Set("mistake=none"))
}

// A quorum that is too small is wrong on purpose, too.
func TestE3PCFaults(t *testing.T) {
	rapidtest.Check(t, e3pc.Scenario(), here, simtest.Set("mistake=none", "quorum=0", "transactions=2"))
}

func TestPaxosKVFaults(t *testing.T) {
	rapidtest.Check(t, paxoskv.Scenario(), here, simtest.Set("mistake=none", "durable=true", "ops=20"))
}

func Test3PCFaults(t *testing.T) {
	rapidtest.Check(t, threepc.Scenario(), here, simtest.Set("mistake=none"))
}

// Banks without locks, or with locks that are given up early, are wrong.
func TestBankFaults(t *testing.T) {
	rapidtest.Check(t, twopc.Bank(), here, simtest.Set("mistake=none", "locks=strict", "transactions=6"))
}

// Logs that are not forced and decisions made alone are wrong on purpose; where costs are counted there are no faults.
func Test2PCFaults(t *testing.T) {
	spareSome(t)
	rapidtest.Check(t, twopc.Scenario(), here, simtest.Set("mistake=none", "durable=true", "heuristic=false", "costs=false", "script=false", "recovery=false", "transactions=3"))
}

// spareSome leaves a test out under -short: in so few runs faults spare none so much that all yes must mean commit, and what is never judged fails.
func spareSome(t *testing.T) {
	if testing.Short() {
		t.Skip("20 runs are too few")
	}
}

func Test2PCRecoveryFaults(t *testing.T) {
	rapidtest.Check(t, twopc.Scenario(), here, simtest.Set("mistake=none", "durable=true", "heuristic=false", "costs=false", "script=false", "recovery=true", "spare=0", "transactions=3"))
}

// The script takes nothing over.
func Test2PCScriptFaults(t *testing.T) {
	spareSome(t)
	rapidtest.Check(t, twopc.Scenario(), here, simtest.Set("mistake=none", "durable=true", "heuristic=false", "costs=false", "script=true", "recovery=false", "transactions=3"))
}

func FuzzPaxos(f *testing.F) { simtest.Fuzz(f, paxos.Scenario()) }

func FuzzBroadcast(f *testing.F) { simtest.Fuzz(f, bracha.Scenario()) }

func FuzzElection(f *testing.F) { simtest.Fuzz(f, election.Scenario()) }

func FuzzE3PC(f *testing.F) { simtest.Fuzz(f, e3pc.Scenario()) }

func FuzzBank(f *testing.F) { simtest.Fuzz(f, twopc.Bank(), simtest.Set("transactions=6")) }

func Fuzz2PC(f *testing.F) { simtest.Fuzz(f, twopc.Scenario()) }

func FuzzMultiPaxos(f *testing.F) {
	simtest.Fuzz(f, multipaxos.Scenario(), simtest.Set("ops=20"))
}

func FuzzMulticast(f *testing.F) { simtest.Fuzz(f, multicast.Scenario()) }

func FuzzPaxosKV(f *testing.F) { simtest.Fuzz(f, paxoskv.Scenario(), simtest.Set("ops=20")) }

func BenchmarkPaxosKV(b *testing.B) { simtest.Benchmark(b, paxoskv.Scenario()) }
