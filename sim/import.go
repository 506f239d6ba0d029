package sim

// An Import makes runs of a scenario from files in a format of somebody else's, so that their cases run unchanged. Each kind
// of file has a flag of the command run, which reads the files: no scenario opens one.
type Import struct {
	Files []ImportFile
	// Read turns files, by their flags, into settings of the scenario's options. Those that are needed are there, and there
	// is one of each unless there may be many. An error names the file and the line, and says what was expected. The
	// configuration is that of the run, without those settings: for those who need to try it.
	Read func(files map[string][]File, cfg Config) (Imported, error)
}

// An ImportFile is a kind of file that an Import reads.
type ImportFile struct {
	Flag   string // of the command run, without the dashes
	Doc    string // half a sentence
	Needed bool   // no run without it
	Many   bool   // the flag may be repeated
}

// A File is the content of a file, and the name that errors give it.
type File struct{ Name, Text string }

// Imported is what files were turned into.
type Imported struct {
	Settings []string // name=value
	Bare     bool     // the accounts of a run that is ok are the result, in the format of the files: nothing is printed around them
}
