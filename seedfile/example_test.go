package seedfile_test

import (
	"fmt"

	"simrun/seedfile"
)

// What people write by hand is tidied when it is printed.
func ExampleParse() {
	f, err := seedfile.Parse(`simseed v1
seed 42
scenario paxos
# an acceptor forgets
set proposers=2 acceptors=3
plan crash a1 after effect 17
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f)
	// Output:
	// simseed v1
	// # an acceptor forgets
	// scenario paxos
	// seed     0x2a
	// set      acceptors=3 proposers=2
	// plan     crash a1 after effect 17
}

// A token carries the run; one that has lost a letter is recognised.
func ExampleFile_Token() {
	token := seedfile.File{Scenario: "paxos", Seed: 42, Simver: 1}.Token()
	f, err := seedfile.ParseToken(token)
	fmt.Println(f.Scenario, f.Seed, err)
	_, err = seedfile.ParseToken(token[:len(token)-1])
	fmt.Println(err)
	// Output:
	// paxos 42 <nil>
	// the token is cut off or mistyped: its checksum does not match; copy it whole
}
