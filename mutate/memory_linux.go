package mutate

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// restrict lets a process have so many bytes and no more. If that cannot be, there is still the limit of time.
func restrict(pid int, bytes int64) {
	_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}, nil)
}

// usedBy returns how many bytes a process had in use at most.
func usedBy(s *os.ProcessState) int64 {
	if r, ok := s.SysUsage().(*syscall.Rusage); ok {
		return int64(r.Maxrss) * 1024
	}
	return 0
}
