package bites

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// A shelf is how an archive keeps numbers on its disk. Load is called once a life, before all else, and forgets what an earlier life knew. After an error of either the archive
// says nothing more in this life: whoever is not sure must not promise.
type shelf interface {
	load(d disk.FS) (value map[int]int, err error)
	save(d disk.FS, n int) error
}

// whole reads a file.
func whole(d disk.FS, name string) ([]byte, error) {
	size, err := d.Size(name)
	if err != nil {
		return nil, err
	}
	b := make([]byte, size)
	n, err := d.ReadAt(name, b, 0)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}

// bytesOf are the numbers in a log of a byte each; zeros are none.
func bytesOf(b []byte) map[int]int {
	has := map[int]int{}
	for _, n := range b {
		if n > 0 {
			has[int(n)] = int(n)
		}
	}
	return has
}

// A logArchive keeps a log of a byte a number. It may err in several ways.
type logArchive struct {
	noSync  bool // it does not sync
	retries bool // it tries a failed sync again
	shrugs  bool // it takes a log that cannot be read for one that is not there
	blind   bool // it does not look at errors when it writes
}

func (s *logArchive) load(d disk.FS) (map[int]int, error) {
	err := errors.Join(d.Append("log", nil), d.SyncDir())
	b, unreadable := whole(d, "log")
	if s.shrugs && unreadable != nil {
		return map[int]int{}, err
	}
	return bytesOf(b), errors.Join(err, unreadable)
}

func (s *logArchive) save(d disk.FS, n int) error {
	err := d.Append("log", []byte{byte(n)})
	if err == nil && !s.noSync {
		if err = d.Sync("log"); err != nil && s.retries {
			err = d.Sync("log")
		}
	}
	if s.blind {
		return nil
	}
	return err
}

// A renameArchive keeps all numbers in a small file that it replaces each time.
type renameArchive struct {
	noSyncDir bool
	all       []byte
}

func (s *renameArchive) load(d disk.FS) (map[int]int, error) {
	_ = d.Remove("new") // if a crash left it
	b, err := whole(d, "state")
	if errors.Is(err, disk.ErrNotExist) {
		err = nil
	}
	s.all = b
	return bytesOf(b), err
}

func (s *renameArchive) save(d disk.FS, n int) error {
	s.all = append(slices.Clone(s.all), byte(n))
	err := errors.Join(d.Append("new", s.all), d.Sync("new"), d.Rename("new", "state"))
	if !s.noSyncDir {
		err = errors.Join(err, d.SyncDir())
	}
	return err
}

// A pageArchive keeps all numbers on one page of two sectors, the newest first, 64 bytes each. It writes the page in place, or by turns to
// one of two places, with a checksum and the number of the version at its end.
type pageArchive struct {
	inPlace bool
	all     []int // newest first
	version uint32
}

const page = 1024

func (s *pageArchive) load(d disk.FS) (map[int]int, error) {
	s.all, s.version = nil, 0
	if err := errors.Join(d.Append("page", nil), d.SyncDir()); err != nil {
		return nil, err
	}
	b, err := whole(d, "page")
	for at := 0; at+page <= len(b); at += page {
		p := b[at : at+page]
		version := binary.LittleEndian.Uint32(p[page-8:])
		if !s.inPlace && (crc32.ChecksumIEEE(p[:page-4]) != binary.LittleEndian.Uint32(p[page-4:]) || version < s.version) {
			continue
		}
		s.version, s.all = version, nil
		for i := 0; i < page-64; i += 64 {
			if p[i] > 0 {
				s.all = append(s.all, int(p[i]))
			}
		}
	}
	has := map[int]int{}
	for _, n := range s.all {
		has[n] = n
	}
	return has, err
}

func (s *pageArchive) save(d disk.FS, n int) error {
	s.all = append([]int{n}, s.all...)
	s.version++
	p := make([]byte, page)
	for i, n := range s.all {
		p[64*i] = byte(n)
	}
	binary.LittleEndian.PutUint32(p[page-8:], s.version)
	binary.LittleEndian.PutUint32(p[page-4:], crc32.ChecksumIEEE(p[:page-4]))
	at := int64(s.version%2) * page
	if s.inPlace {
		at = 0
	}
	return errors.Join(d.WriteAt("page", p, at), d.Sync("page"))
}

// A sectorArchive keeps a log of a sector a number.
type sectorArchive struct{ endsAtError bool }

func (s *sectorArchive) load(d disk.FS) (map[int]int, error) {
	has := map[int]int{}
	if err := errors.Join(d.Append("log", nil), d.SyncDir()); err != nil {
		return nil, err
	}
	for at := int64(0); ; at += disk.SectorSize {
		b := make([]byte, disk.SectorSize)
		_, err := d.ReadAt("log", b, at)
		if err == io.EOF || err != nil && s.endsAtError {
			return has, nil
		} else if err != nil {
			return nil, err
		}
		has[int(b[0])] = int(b[0])
	}
}

func (s *sectorArchive) save(d disk.FS, n int) error {
	b := make([]byte, disk.SectorSize)
	b[0] = byte(n)
	return errors.Join(d.Append("log", b), d.Sync("log"))
}

// A cuttingArchive keeps a log of 16 bytes a number, with a checksum, and cuts it off before the first record that is not valid.
type cuttingArchive struct{}

func (cuttingArchive) load(d disk.FS) (map[int]int, error) {
	has := map[int]int{}
	if err := errors.Join(d.Append("log", nil), d.SyncDir()); err != nil {
		return nil, err
	}
	b, err := whole(d, "log")
	for at := 0; at+16 <= len(b); at += 16 {
		r := b[at : at+16]
		if crc32.ChecksumIEEE(r[4:]) != binary.LittleEndian.Uint32(r) {
			return has, errors.Join(d.Truncate("log", int64(at)), d.Sync("log"))
		}
		has[int(r[4])] = int(r[4])
	}
	return has, err
}

func (cuttingArchive) save(d disk.FS, n int) error {
	r := make([]byte, 16)
	r[4] = byte(n)
	binary.LittleEndian.PutUint32(r, crc32.ChecksumIEEE(r[4:]))
	return errors.Join(d.Append("log", r), d.Sync("log"))
}

// A chainedArchive keeps a log that knows what was durable.
type chainedArchive struct{ log *reclog.Log }

func (s *chainedArchive) load(d disk.FS) (map[int]int, error) {
	log, records, err := reclog.Open(d, "log")
	s.log = log
	has := map[int]int{}
	for _, r := range records {
		has[int(r.Payload[0])] = int(r.Payload[0])
	}
	return has, err
}

func (s *chainedArchive) save(_ disk.FS, n int) error {
	if _, err := s.log.Append([]byte{byte(n)}); err != nil {
		return err
	}
	return s.log.Sync()
}

// A slotArchive keeps number n in the nth sector of a file, with a checksum over it, and over n too unless it errs.
type slotArchive struct{ noAddress bool }

func (s *slotArchive) sum(slot int, b []byte) uint32 {
	sum := crc32.ChecksumIEEE(b)
	if !s.noAddress {
		sum ^= uint32(slot)
	}
	return sum
}

func (s *slotArchive) load(d disk.FS) (map[int]int, error) {
	if err := errors.Join(d.Append("slots", nil), d.SyncDir()); err != nil {
		return nil, err
	}
	b, err := whole(d, "slots")
	has := map[int]int{}
	for slot := 1; slot*disk.SectorSize <= len(b); slot++ {
		p := b[(slot-1)*disk.SectorSize:]
		if s.sum(slot, p[4:8]) == binary.LittleEndian.Uint32(p) {
			has[slot] = int(p[4])
		} else if p[4] > 0 {
			return nil, errors.New("a page that does not belong there")
		}
	}
	return has, err
}

func (s *slotArchive) save(d disk.FS, n int) error {
	p := make([]byte, disk.SectorSize)
	p[4] = byte(n)
	binary.LittleEndian.PutUint32(p, s.sum(n, p[4:8]))
	return errors.Join(d.WriteAt("slots", p, int64(n-1)*disk.SectorSize), d.Sync("slots"))
}

// mirrored is a log of which another node has a copy.
type mirrored struct {
	logArchive
	alone bool
}

// A rereader keeps a log and reads it whenever it is asked.
type rereader struct {
	logArchive
	trusting bool
}

// look reads the log, and if it lacks what is known to have been there, reads it again, a few times. It is not ok if that did not help.
func (s *rereader) look(d disk.FS, known map[int]int) (has map[int]int, ok bool) {
	for range 3 {
		b, err := whole(d, "log")
		if has = bytesOf(b); err == nil && (s.trusting || len(has) >= len(known)) {
			return has, true
		}
	}
	return nil, false
}
