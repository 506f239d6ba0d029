package mutate

import (
	"bytes"
	"context"
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
func child(ctx context.Context, dir string, limit time.Duration, memory int64, name string, args ...string) (e ended, err error) {
	within, cancel := context.WithCancel(ctx)
	if limit > 0 {
		within, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	cmd := exec.CommandContext(within, name, args...)
	var out head
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "SIM_SHRINK=0", "PWD="+dir)
	cmd.WaitDelay = time.Second // for pipes that somebody holds open
	together(cmd)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return e, err
	}
	if memory > 0 {
		restrict(cmd.Process.Pid, memory)
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return e, ctx.Err()
	}
	e.ok, e.late = err == nil, within.Err() != nil
	e.output, e.took, e.memory = out.Bytes(), time.Since(began), usedBy(cmd.ProcessState)
	e.busy = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return e, nil
}
