// Package figures measures how well a system serves its clients, in the virtual time of its runs: how many operations it answers in a second and how
// soon, for how long nobody led, and how soon it served again after a fault.
//
// A scenario says by its Service which facts tell of that. [Watch] puts a [Meter] into the runs of a scenario, which sees every fact, crash and fault and
// changes nothing: the run has the same events and the same verdict. A [Sum] adds the figures of one run or of many. Latencies are in histograms with high
// dynamic range (HdrHistogram), to four digits, whatever they are.
//
//	measured, meter := figures.Watch(scenario, false)
//	w, err := measured.World(cfg)
//	...
//	w.Run(0)
//	var sum figures.Sum
//	sum.Add(meter)
//	fmt.Println(sum.Kinds[0].Latency.Quantile(99))
//
// # What the figures mean
//
// An operation is asked when its client calls it and answered when the client has the result; its latency is the time between. The *yield* is the share of
// the operations asked that were answered (Fox and Brewer, "Harvest, yield, and scalable tolerant systems", HotOS 1999). The *harvest* of that paper, the share of the
// data that an answer reflects, is not measured: a service of one state machine answers from all of its data or not at all, so it would be 1 by construction.
//
// A node leads from the fact that says so until it says that it no longer does, crashes, or another says that it leads. A leader that is cut off and does not know
// it still counts as one: what that costs shows in the yield and in the recovery.
//
// After a fault that happens at some moment the service has *recovered* when an operation is answered that was called after the fault. The time until then starts with the
// fault, so it has in it how long clients thought before they called something, and in a long cut how long that lasted. Rates and laws that hold for a while are no
// such faults, nor is what mends others. What never recovered is counted and has no time: the run was over, or clients had nothing left to ask.
//
// What was not measured is 0, and whoever prints figures leaves it out.
package figures
