package seedfile

import (
	"debug/elf"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// Build is a fingerprint of the program that is running, by its executable: a checksum of its code and its data where
// they can be told apart (ELF), else of the whole file. Go builds the same code into the same bytes, so that the same code, built
// in the same way for the same machine, has one fingerprint, whatever the program is called and, mostly, with ELF, wherever its
// source lies. Two that differ say less: go run and go build leave out different things, the test binary of a package is
// another program than the command with the same scenarios, and go build may write a commit into what it builds. It is
// 0 if the executable cannot be read.
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
func checksum(f *os.File) uint32 {
	h := crc32.NewIEEE()
	if !addSections(h, f) {
		if _, err := io.Copy(h, f); err != nil {
			return 0
		}
	}
	return max(h.Sum32(), 1)
}

// addSections adds the code, the constants and the variables' first values of an ELF executable; it is false if f is none. What else there is names
// files and lines, which the program could be moved to without a change of what it does.
func addSections(h hash.Hash, f io.ReaderAt) bool {
	x, err := elf.NewFile(f)
	if err != nil {
		return false
	}
	for _, name := range []string{".text", ".rodata", ".data", ".noptrdata"} {
		s := x.Section(name)
		if s == nil || s.Type == elf.SHT_NOBITS {
			return false
		}
		if n, err := io.Copy(h, s.Open()); err != nil || n == 0 {
			h.Reset()
			return false
		}
	}
	return true
}
