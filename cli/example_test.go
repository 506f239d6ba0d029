package cli_test

import (
	"context"
	"fmt"
	"os"

	"simrun/cli"
)

// A program that is not started from a shell can call the command too. What is wrong is said in one line.
func ExampleRun() {
	code := cli.Run(context.Background(), []string{"run", "conter"}, os.Stdout, os.Stdout, counter())
	fmt.Println("exit code", code)
	// Output:
	// simrun: unknown scenario "conter": did you mean counter? see: simrun list
	// exit code 2
}
