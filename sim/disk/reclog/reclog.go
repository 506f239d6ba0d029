// Package reclog is a log of checksummed records in one file of a [disk.FS]: what a protocol writes before it answers.
//
// # The format
//
// A record is a header of 16 bytes and the payload. All numbers are little-endian and 32 bits wide:
//
//	crc   length   prev   loose   payload ...
//
// Length is that of the payload in bytes. Prev is the crc of the record before, or that of the start for the first:
// it chains the records, so that a stale tail, valid in itself, is not taken for a continuation. Loose is the number
// of bytes right before this record that were not known to be durable when it was appended: 0 if nothing was appended
// since Sync returned. Crc is the CRC-32C of the rest of the record, begun with its offset in the file, so that any
// record can be checked alone ([ReadAt]) and the image of a record elsewhere, in the payload of another, is not one.
//
// # Recovery
//
// [Open] reads records from the start as long as they are valid and chained. What follows the last of them is either
// the tail of a write that a crash tore, which was never promised to anybody and can be cut off, or it was durable
// once and has been damaged since. To cut off the second kind forgets promises, so the two must be told apart
// ("Protocol-Aware Recovery", FAST 2018). A record that says by its loose field that the first invalid byte had been
// durable when it was appended settles it: with such a record anywhere behind, Open gives up with [ErrCorrupt]. Where
// every record is synced before the next is appended that is any valid record behind an invalid one. Where several
// are appended between two syncs, a disk that writes sectors in an order of its own ("All File Systems Are Not
// Created Equal", OSDI 2014) leaves a later one without an earlier one after an ordinary crash: neither was durable,
// and both are cut off.
//
// One case nobody can tell from the file alone: damage to records behind which nothing was appended after a sync
// looks like a torn tail. Whoever must not forget those either asks another copy.
//
// What cannot be read is not cut off: Open returns the disk's error.
//
// Only what is durable counts as found: Open syncs the file before it returns its records, and the directory.
package reclog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"simrun/sim/disk"
)

// ErrCorrupt says that a record which was durable is damaged, or that there is none where one was asked for. It comes
// wrapped.
var ErrCorrupt = errors.New("corrupt record")

// MaxPayload is the largest payload of a record, in bytes.
const MaxPayload = 1 << 24

const (
	headerSize = 16
	genesis    = 0x7265636c // the prev of the first record
	anyLoose   = 1<<32 - 1  // the loose of a record that says nothing of what was durable
	firstRead  = 128        // how many bytes ReadAt reads to begin with
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Record is one that Open found.
type Record struct {
	At      int64 // its offset in the file, for [ReadAt]
	Payload []byte
}

// A Log appends records to a file. Make it with [Open].
type Log struct {
	fs     disk.FS
	name   string
	size   int64  // of the file: where the next record goes
	synced int64  // what is before this is durable
	prev   uint32 // crc of the last record
	buf    []byte
	err    error // why the log takes no more
}

// Open opens the log in the named file, which it creates if there is none, and returns the records found there in
// order. A torn tail is cut off. Errors are those of the disk, and ErrCorrupt if a record is damaged that had been
// durable.
//
// When Open returns nil the records, the cut and the file's name are durable.
func Open(fs disk.FS, name string) (*Log, []Record, error) {
	l := &Log{fs: fs, name: name, prev: genesis}
	b, err := l.load()
	if err != nil {
		return nil, nil, err
	}
	records, err := l.scan(b)
	if err != nil {
		return nil, nil, err
	}
	if l.size < int64(len(b)) {
		if err := fs.Truncate(name, l.size); err != nil {
			return nil, nil, err
		}
	}
	if len(b) > 0 {
		if err := fs.Sync(name); err != nil {
			return nil, nil, err
		}
	}
	if err := fs.SyncDir(); err != nil {
		return nil, nil, err
	}
	l.synced = l.size
	return l, records, nil
}

// load returns the content of the file, and creates it if there is none.
func (l *Log) load() ([]byte, error) {
	size, err := l.fs.Size(l.name)
	if errors.Is(err, disk.ErrNotExist) {
		return nil, l.fs.Append(l.name, nil)
	}
	if err != nil || size == 0 {
		return nil, err
	}
	b := make([]byte, size)
	if n, err := l.fs.ReadAt(l.name, b, 0); n < len(b) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("reclog: read %s: %w", l.name, err)
	}
	return b, nil
}

// scan finds the chained records at the start of b and judges what follows them.
func (l *Log) scan(b []byte) ([]Record, error) {
	var records []Record
	for {
		h, ok := parse(b, l.size)
		if !ok || h.prev != l.prev {
			break
		}
		end := l.size + headerSize + int64(h.length)
		records = append(records, Record{l.size, b[l.size+headerSize : end : end]})
		l.size, l.prev = end, h.crc
	}
	for at := l.size + 1; at+headerSize <= int64(len(b)); at++ {
		// The cheap test first: most places do not even claim it.
		loose := int64(binary.LittleEndian.Uint32(b[at+12:]))
		if loose == anyLoose || at-loose <= l.size {
			continue
		}
		if _, ok := parse(b, at); ok {
			return nil, fmt.Errorf("reclog: %s: %w at byte %d: it was durable before the record at byte %d was appended",
				l.name, ErrCorrupt, l.size, at)
		}
	}
	return records, nil
}

// Append appends a record and returns its offset in the file, for [ReadAt]. It is durable once Sync has returned nil.
// It keeps nothing of p. After an error of the disk nobody knows what the file holds: the log then returns that error
// for ever, and must be opened again by another life of the node. In this one what a failed sync has dropped can still be
// read, and Open would find it and take it for durable.
func (l *Log) Append(p []byte) (at int64, err error) {
	if l.err != nil {
		return 0, l.err
	}
	if len(p) > MaxPayload {
		return 0, fmt.Errorf("reclog: append to %s: payload of %d bytes is larger than %d", l.name, len(p), MaxPayload)
	}
	at = l.size
	loose := min(at-l.synced, anyLoose)
	b := append(l.buf[:0], make([]byte, headerSize)...)
	b = append(b, p...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(p)))
	binary.LittleEndian.PutUint32(b[8:], l.prev)
	binary.LittleEndian.PutUint32(b[12:], uint32(loose))
	crc := checksum(b, at)
	binary.LittleEndian.PutUint32(b, crc)
	l.buf = b
	if err := l.fs.Append(l.name, b); err != nil {
		l.err = fmt.Errorf("reclog: %w", err)
		return 0, l.err
	}
	l.size += int64(len(b))
	l.prev = crc
	return at, nil
}

// Sync makes all appended records durable. After an error the log takes no more, as after one of Append: a failed
// sync may have dropped what it was to write, and the next one would succeed without it.
func (l *Log) Sync() error {
	if l.err != nil {
		return l.err
	}
	if err := l.fs.Sync(l.name); err != nil {
		l.err = fmt.Errorf("reclog: %w", err)
		return l.err
	}
	l.synced = l.size
	return nil
}

// ReadAt reads the one record at an offset that Append or Open gave, and checks it. It returns ErrCorrupt, wrapped,
// if there is no valid record, and the disk's errors. The payload is in buf if that has room for the record with its
// header (the payload and 16 bytes), else in new memory. It costs as much as the record is long, however long the
// log.
//
// To know that a record outlives a crash read it from a view of what is durable: records before it in the log are
// durable then too, since a sync covers the whole file.
func ReadAt(v disk.View, name string, at int64, buf []byte) (payload []byte, err error) {
	b := buf[:cap(buf)]
	if len(b) < headerSize {
		b = make([]byte, firstRead)
	}
	n, err := read(v, name, b[:min(len(b), firstRead)], at)
	if err != nil {
		return nil, err
	}
	if n < headerSize {
		return nil, missing(name, at)
	}
	h := headerOf(b)
	if h.length > MaxPayload {
		return nil, missing(name, at)
	}
	size := headerSize + int(h.length)
	if size > len(b) {
		b = append(make([]byte, 0, size), b[:n]...)[:size]
	}
	if n < size {
		more, err := read(v, name, b[n:size], at+int64(n))
		if err != nil {
			return nil, err
		}
		n += more
	}
	if n < size || checksum(b[:size], at) != h.crc {
		return nil, missing(name, at)
	}
	return b[headerSize:size:size], nil
}

// Peek is [ReadAt] for views that are a [disk.Peeker], as that of what is durable is: it copies nothing, and the
// payload must be neither kept nor changed. Other views it reads into new memory.
func Peek(v disk.View, name string, at int64) (payload []byte, err error) {
	p, ok := v.(disk.Peeker)
	if !ok {
		return ReadAt(v, name, at, nil)
	}
	b, err := p.Peek(name, at, headerSize+MaxPayload)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(b) < headerSize {
		return nil, missing(name, at)
	}
	h := headerOf(b)
	size := headerSize + int(h.length)
	if h.length > MaxPayload || size > len(b) || checksum(b[:size], at) != h.crc {
		return nil, missing(name, at)
	}
	return b[headerSize:size:size], nil
}

// Payload returns the payload within the bytes that one Append wrote, for those who watch a disk: ok is false if they
// are no record. The checksum is not looked at, since it holds the record's offset.
func Payload(written []byte) (payload []byte, ok bool) {
	if len(written) < headerSize || int64(headerOf(written).length) != int64(len(written)-headerSize) {
		return nil, false
	}
	return written[headerSize:], true
}

// read reads what there is: the end of the file is no error.
func read(v disk.View, name string, p []byte, off int64) (int, error) {
	n, err := v.ReadAt(name, p, off)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func missing(name string, at int64) error {
	return fmt.Errorf("reclog: %s: %w at byte %d", name, ErrCorrupt, at)
}

type header struct{ crc, length, prev, loose uint32 }

func headerOf(b []byte) header {
	le := binary.LittleEndian
	return header{le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:])}
}

// parse returns the header of the record at offset at of the file's content, if there is a valid one.
func parse(b []byte, at int64) (h header, ok bool) {
	b = b[at:]
	if len(b) < headerSize {
		return h, false
	}
	h = headerOf(b)
	if h.length > MaxPayload || int(h.length) > len(b)-headerSize {
		return h, false
	}
	return h, checksum(b[:headerSize+int(h.length)], at) == h.crc
}

// checksum is the crc of a record at an offset.
func checksum(record []byte, at int64) uint32 {
	return crc32.Update(uint32(at)^uint32(at>>32), castagnoli, record[4:])
}
