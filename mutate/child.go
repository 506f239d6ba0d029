package mutate

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// An ended is how a process of a test or of the Go tool came to its end.
type ended struct {
	ok     bool
	late   bool // its time was up
	output []byte
	took   time.Duration
	busy   time.Duration // how long it had a core
	memory int64         // bytes at most in use; 0 if this system does not say
}

// A setting is how a process is run: what it may take, where 0 is no bound, and which mutant is in force.
type setting struct {
	time   time.Duration
	busy   time.Duration // with a core, on systems that can be asked for that
	memory int64
	mutant int // in a batch; 0 is none
}

// mostOutput is how much of what a process says is kept: its beginning, in which the first failure stands.
const mostOutput = 1 << 20

// A head keeps the beginning of what is written.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	if room := mostOutput - h.Len(); room > 0 {
		h.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// child runs a program to its end. It and all that it started are ended when its time or the context is up.
// The error is about a program that could not be started, or the context.
func child(ctx context.Context, dir string, set setting, name string, args ...string) (e ended, err error) {
	within, cancel := context.WithCancel(ctx)
	if set.time > 0 {
		within, cancel = context.WithTimeout(ctx, set.time)
	}
	defer cancel()
	cmd := exec.CommandContext(within, name, args...)
	var out head
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "SIM_SHRINK=0", "PWD="+dir, fmt.Sprintf("%s=%d", chosen, set.mutant))
	cmd.WaitDelay = time.Second // for pipes that somebody holds open
	together(cmd)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return e, err
	}
	restrict(cmd.Process.Pid, set)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	e.output, e.took, e.memory = out.Bytes(), time.Since(began), usedBy(cmd.ProcessState)
	e.busy = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	e.ok = err == nil
	killed := cmd.ProcessState.ExitCode() < 0 // which the system does, a little before its time by the other way to count
	e.late = within.Err() != nil || killed && set.busy > 0 && e.busy > set.busy/2
	return e, nil
}
