package multipaxos

import (
	"errors"

	"simrun/sim/disk"
)

// Failing is a disk whose power goes away after so many effects.
type failing struct {
	disk.FS
	left int
}

var errPower = errors.New("no power")

func (f *failing) effect(do func() error) error {
	if f.left == 0 {
		return errPower
	}
	f.left--
	return do()
}

func (f *failing) WriteAt(name string, p []byte, off int64) error {
	return f.effect(func() error { return f.FS.WriteAt(name, p, off) })
}

func (f *failing) Append(name string, p []byte) error {
	return f.effect(func() error { return f.FS.Append(name, p) })
}

func (f *failing) Truncate(name string, size int64) error {
	return f.effect(func() error { return f.FS.Truncate(name, size) })
}

func (f *failing) Sync(name string) error { return f.effect(func() error { return f.FS.Sync(name) }) }

func (f *failing) SyncDir() error { return f.effect(f.FS.SyncDir) }

func (f *failing) Rename(from, to string) error {
	return f.effect(func() error { return f.FS.Rename(from, to) })
}

func (f *failing) Remove(name string) error {
	return f.effect(func() error { return f.FS.Remove(name) })
}
