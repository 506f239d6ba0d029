package seedfile

import (
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// Build is a fingerprint of the program that is running: a checksum of its executable. Go builds the same code into the
// same bytes, so that the same code, built in the same way on the same machine, has one fingerprint, by whatever name the
// program is called. Two that differ say less: the test binary of a package has another one than the command with the
// same scenarios, and so has a program into which go build wrote another commit. It is 0 if the executable cannot be read.
//
// What go build says of itself would not do: programs of go run and go test hold no commit, and no commit tells of
// what was changed since.
var Build = sync.OnceValue(func() uint32 {
	f, err := openSelf()
	if err != nil {
		return 0
	}
	defer f.Close()
	return checksum(f)
})

// openSelf opens the executable of this process. Where the system lets it, that is the very file that was started: in
// the time of a long hunt another program may have been put into its place.
func openSelf() (*os.File, error) {
	if f, err := os.Open("/proc/self/exe"); err == nil {
		return f, nil
	}
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(name)
}

// checksum is never 0 of what can be read.
func checksum(r io.Reader) uint32 {
	h := crc32.NewIEEE()
	if _, err := io.Copy(h, r); err != nil {
		return 0
	}
	return max(h.Sum32(), 1)
}
