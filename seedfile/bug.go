package seedfile

// bug is set when a program is linked that was compiled with a patch of a zoo: go build -ldflags=-X=simrun/seedfile.bug=paxos/deaf.
var bug string

// BugVariable is what the linker must set to the name of the bug that a program was compiled with: see Bug.
const BugVariable = "simrun/seedfile.bug"

// Bug returns the name of the bug that this program was compiled with, such as "paxos/deaf", and "" if it has none that was put there on purpose.
// Files and tokens of its runs state it.
func Bug() string { return bug }

func withBug(name string) string {
	if name == "" {
		return "without a bug"
	}
	return "with the bug " + name
}
