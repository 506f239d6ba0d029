//go:build unix

package cli

import (
	"os"
	"syscall"
)

// become makes this process another program, so that signals, the terminal and the exit code are that program's own. It returns only if
// that cannot be.
func become(program string, args, env []string) error {
	return &os.PathError{Op: "start", Path: program, Err: syscall.Exec(program, append([]string{program}, args...), env)}
}
