package mutate

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// restrict keeps a process within its bounds of memory and of work. If that cannot be, there is still that of time.
func restrict(pid int, set setting) {
	if set.memory > 0 {
		limit(pid, unix.RLIMIT_DATA, uint64(set.memory))
	}
	if set.busy > 0 {
		limit(pid, unix.RLIMIT_CPU, uint64((set.busy+time.Second-1)/time.Second))
	}
}

func limit(pid, what int, most uint64) {
	_ = unix.Prlimit(pid, what, &unix.Rlimit{Cur: most, Max: most}, nil)
}

// usedBy returns how many bytes a process had in use at set.
func usedBy(s *os.ProcessState) int64 {
	if r, ok := s.SysUsage().(*syscall.Rusage); ok {
		return int64(r.Maxrss) * 1024
	}
	return 0
}
