// Package disk is a disk that forgets: bytes outlive a crash if they were synced, and if the name they are
// found under was synced too.
//
// # What a program sees, and what is there
//
// A program works on an [FS] and sees all that it has written so far, as through the page cache of an operating system.
// What a power failure leaves behind is another matter, and [Disk] keeps both. Its rules are the strictest reading
// of POSIX, as it is used in "All File Systems Are Not Created Equal" (ALICE, OSDI 2014):
//
//   - The bytes and the size of a file are durable after Sync of that file, and no sooner.
//   - A name (that a file was created, renamed or removed) is durable after SyncDir, and no sooner. Sync of
//     a file says nothing of its name: a file with synced bytes can vanish as a whole.
//   - Of what was not synced any part may be there or not, in any combination: writes by sectors of 512 bytes,
//     names one by one. A rename is atomic: the file is found under the one name or under the other.
//   - Where a later sector was kept and an earlier one was not, there are zeros between.
//
// # Issued, happened, durable
//
//	Append   Append   Sync     Append   Append
//	  1        2        3        4        5
//	─────────────────────────────╮        ╰ issued: the program sees it
//	            durable ╯        ╰ happened, not durable
//
// A simulated world lets operations take time. The result of an operation is fixed when it is issued, but it happens
// later: the world says so by [Disk.Happened]. What is not in the first prefix never happened if the node crashes, but for
// the one operation that the disk had begun ([Disk.Begun]), which may have got through.
// [Disk.Durable] shows what would be left if everything unsynced were lost, and [Disk.Crash] makes the power
// fail. Which of the unsynced survives then is up to its [Mode] and to chance, by picks whose keys name the
// node, the crash, the file, the write and the sector.
//
// # What else goes wrong
//
// A disk can also ail, see [Ails] and [Ailment]: operations fail, openly or silently, by number or at a rate. And what is durable
// can be harmed where it lies, by [Disk.Rot] and [Disk.Latent]. What a node owes its peers then differs. A tail that a
// crash tore was never promised, and may be cut off. What is at rest ([Disk.AtRest]) was durable when something else was written after it,
// so a node can notice that it is damaged, and must not go on as if it had never been there. What lies, such as a
// write that was never done, only another copy can tell.
//
// The package knows nothing of nodes and worlds. Package reclog below it is a log of checksummed records on an FS.
package disk

import (
	"errors"
	"io/fs"
)

// FS is a node's disk. Every operation may fail, and nothing is durable before Sync (of the file) and SyncDir (of
// names) have returned nil.
type FS interface {
	// ReadAt reads as an io.ReaderAt does: if it reads fewer bytes than p has room for it says why, by io.EOF at the
	// end of the file.
	ReadAt(name string, p []byte, off int64) (int, error)
	// WriteAt writes p at an offset, and creates the file if there is none. Beyond the end the gap is filled with
	// zeros.
	WriteAt(name string, p []byte, off int64) error
	// Append writes p at the end, and creates the file if there is none: with an empty p that is all it does.
	Append(name string, p []byte) error
	// Truncate cuts the file, or extends it with zeros, to a size in bytes.
	Truncate(name string, size int64) error
	// Sync makes the bytes and the size of a file durable, but not its name.
	Sync(name string) error
	// Rename gives a file another name, in one step; a file that had that name is gone.
	Rename(from, to string) error
	// Remove removes a name and the file behind it.
	Remove(name string) error
	// SyncDir makes all names durable: what was created, renamed and removed before.
	SyncDir() error
	// List returns the names of all files, sorted.
	List() ([]string, error)
	// Size returns the size of a file in bytes.
	Size(name string) (int64, error)
}

// View is the part of FS that only looks.
type View interface {
	// ReadAt is that of [FS].
	ReadAt(name string, p []byte, off int64) (int, error)
	// List is that of [FS].
	List() ([]string, error)
	// Size is that of [FS].
	Size(name string) (int64, error)
}

// A Peeker is a View that can show bytes without copying them: at most n from an offset, fewer at the end of the
// file, where the error is io.EOF if there is none. What it returns must be neither kept nor changed.
type Peeker interface {
	Peek(name string, off int64, n int) ([]byte, error)
}

// ErrNotExist says that there is no file of that name. Test for it with errors.Is: it comes wrapped with
// the operation and the name. It is the same as [fs.ErrNotExist].
var ErrNotExist = fs.ErrNotExist

// The other reasons for which an operation on a [Disk] fails. They are mistakes of the caller, not faults.
var (
	errNegative = errors.New("negative offset or size")
	errTooLarge = errors.New("file larger than 1 GiB")
	errNoName   = errors.New("empty file name")
)

// maxSize bounds a file in bytes, so that a wrong offset is an error and not the end of the machine's memory.
const maxSize = 1 << 30

// fail names the operation and the file of an error.
func fail(k OpKind, name string, err error) error {
	return &fs.PathError{Op: k.String(), Path: name, Err: err}
}
