//go:build !unix

package cli

import "errors"

// become is nothing that this system can do: the other program is a process of its own.
func become(string, []string, []string) error { return errors.ErrUnsupported }
