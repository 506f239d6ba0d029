package acceptor

// A Stage is one thing that an acceptor must be able to do. It is passed when each of its properties was
// judged, and held, in its runs.
type Stage struct {
	Name   string
	Points int
	Task   string // what an acceptor must do, in a sentence

	Set    []string // options of the scenario, as name=value
	Faults string   // the profile that draws the faults; "" where Plan says them
	Plan   string   // the plan of every run, as package fault reads it
	Runs   int      // the seeds from 0 on

	Properties []string // that decide
}

// Stages are the stages in the order in which they are best passed.
func Stages() []Stage {
	return []Stage{
		{Name: "promise", Points: 10, Task: "Upon Prepare, an acceptor answers the proposer with a Promise of that ballot.",
			Set: []string{"apart=200ms"}, Faults: "none", Runs: 20, Properties: []string{Promises}},
		{Name: "accept", Points: 10, Task: "Upon Accept, it accepts the value and answers with Accepted.",
			Set: []string{"apart=200ms"}, Faults: "none", Runs: 20, Properties: []string{Accepts, Answers}},
		{Name: "report", Points: 20, Task: "A Promise says what the acceptor has accepted last, so that the proposer can carry on with it.",
			Set: []string{"apart=200ms", "proposers=3"}, Faults: "none", Runs: 20, Properties: []string{Reports}},
		{Name: "refuse", Points: 20, Task: "An acceptor takes part in nothing older than what it has promised or accepted, whatever it is asked and however late; and what it reports is still true.",
			Set: []string{"proposers=3"}, Plan: storm, Runs: 400, Properties: []string{PromiseKept, Reports}},
		{Name: "remember", Points: 15, Task: "A crash takes all from it but its disk. In its next life it stands by what it said in those before.",
			Set: []string{"proposers=3"}, Plan: storm + crashes + "always unsynced keep\n", Runs: 400, Properties: []string{PromiseKept, Reports, Promises, Accepts, Termination}},
		{Name: "sync", Points: 15, Task: "What was written and not synced may be gone after a crash. So it is synced before anybody is told.",
			Set: []string{"proposers=3"}, Faults: early, Runs: 400, Properties: []string{PromiseKept, Reports, Promises, Accepts, Termination}},
		{Name: "weather", Points: 10, Task: "All of that holds whatever happens.",
			Set: []string{"proposers=3"}, Faults: "swarm", Runs: 600, Properties: []string{Answers, PromiseKept, Reports, Agreement, Validity, Termination}},
	}
}

// storm is a network that loses one message in twenty and lets old ones linger until the world has moved on.
const storm = "always law newest-first 500us 60ms 30%\nalways loss 5%\n"

// early is the profile of crashes, with all of them before a horizon: a decision is made within tens of milliseconds, and half of the seeds of the
// profile by itself spread their crashes over seconds.
const early = "crash:when.even=0%"

// crashes are those of a machine room with a loose plug: each acceptor loses its power again and again, and not two at once for long.
const crashes = "3ms loop a1 12x 5ms\n5ms loop a2 12x 7ms\n8ms loop a3 12x 11ms\n"
