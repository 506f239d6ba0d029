package independent

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// A page is what an incremental checkpoint writes or leaves out as a whole, in bytes. Real pages have thousands; the states here are small.
const page = 32

// appendPages appends what makes now out of before: the length, and each page that differs.
func appendPages(b, before, now []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(now)))
	dirty := 0
	for at := 0; at < len(now); at += page {
		if !samePage(before, now, at) {
			dirty++
		}
	}
	b = binary.AppendUvarint(b, uint64(dirty))
	for at := 0; at < len(now); at += page {
		if !samePage(before, now, at) {
			b = binary.AppendUvarint(b, uint64(at/page))
			b = append(b, now[at:min(at+page, len(now))]...)
		}
	}
	return b
}

func samePage(before, now []byte, at int) bool {
	end := min(at+page, len(now))
	return end <= len(before) && bytes.Equal(before[at:end], now[at:end])
}

var errPages = errors.New("not the pages of a checkpoint")

// readPages returns what appendPages was given as now, and the rest of b.
func readPages(b, before []byte) (now, rest []byte, err error) {
	length, b, ok := number(b)
	dirty, b, ok2 := number(b)
	if !ok || !ok2 || length > len(before)+page*dirty {
		return nil, nil, errPages
	}
	now = make([]byte, length)
	copy(now, before)
	for range dirty {
		i, after, ok := number(b)
		if !ok || i*page >= length {
			return nil, nil, errPages
		}
		n := min(page, length-i*page)
		if len(after) < n {
			return nil, nil, errPages
		}
		copy(now[i*page:], after[:n])
		b = after[n:]
	}
	return now, b, nil
}

// number reads a number that is not negative and less than 2^31.
func number(b []byte) (n int, rest []byte, ok bool) {
	x, size := binary.Uvarint(b)
	if size <= 0 || x >= 1<<31 {
		return 0, nil, false
	}
	return int(x), b[size:], true
}
