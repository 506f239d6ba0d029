package independent

import (
	"encoding/binary"
	"errors"
	"fmt"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// logName is the one file of a process.
const logName = "process.log"

// The kinds of records: the first byte of each.
const (
	fullRecord   = 'c' // a checkpoint
	pagesRecord  = 'i' // a checkpoint: what has changed since the one before
	eventRecord  = 'e' // something that the application handled
	pickRecord   = 'p' // what was picked while the event before was handled
	rolledRecord = 'r' // a rollback: the round, and the first interval that is undone
	roundRecord  = 'b' // a round that the process has begun
)

// An event is something that the application handled, with all that is needed to let it handle that once more.
type event struct {
	interval int // that began with it
	from     int // the sender; for a timer, the process itself
	n        int // of a message, on its channel
	epoch    Round
	born     Round
	needs    []int
	body     sim.Message // of a message
	timer    []byte      // of a timer: its type and content
	picks    []int
}

var errRecord = errors.New("not a record of a process")

// A reader takes a record apart. Once something is missing it returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() int {
	n, rest, ok := number(r.b)
	if !ok {
		r.bad = true
		return 0
	}
	r.b = rest
	return n
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) round() Round { return Round{r.number(), r.number()} }

func (r *reader) numbers() []int {
	n := r.number()
	if r.bad || n > len(r.b) || n == 0 {
		r.bad = r.bad || n > len(r.b)
		return nil
	}
	list := make([]int, n)
	for i := range list {
		list[i] = r.number()
	}
	return list
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > len(r.b) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) body() sim.Message {
	b := r.bytes()
	if r.bad {
		return nil
	}
	m, err := decode(b)
	r.bad = err != nil
	return m
}

func appendBytes(b, p []byte) []byte { return append(appendInts(b, len(p)), p...) }

// append appends the record of an event, with the picks that are known.
func (e *event) append(b []byte) []byte {
	b = e.born.append(e.epoch.append(appendInts(append(b, eventRecord), e.interval, e.from, e.n)))
	b = appendInts(appendInts(b, len(e.needs)), e.needs...)
	var body []byte
	if e.timer == nil {
		body = encode(e.body)
	}
	b = appendBytes(appendBytes(b, e.timer), body)
	return appendInts(appendInts(b, len(e.picks)), e.picks...)
}

func parseEvent(b []byte) (event, error) {
	r := reader{b: b}
	e := event{interval: r.number(), from: r.number(), n: r.number(), epoch: r.round(), born: r.round(), needs: r.numbers()}
	if e.timer = r.bytes(); len(e.timer) == 0 {
		e.timer, e.body = nil, r.body()
	} else {
		r.number() // no body
	}
	e.picks = r.numbers()
	if r.bad || len(r.b) > 0 {
		return event{}, errRecord
	}
	return e, nil
}

// appendCheckpoint appends the record of a checkpoint: whole, or what differs from the one before. Dependencies are
// written once in any case.
func appendCheckpoint(b []byte, kind byte, c, before *checkpoint) []byte {
	from := 0 // of the rows that are new
	if before != nil {
		from = len(before.needs)
	}
	b = appendInts(append(b, kind), c.start, len(c.segments), len(c.needs)-from)
	for _, row := range c.needs[from:] {
		b = appendInts(appendInts(b, len(row)), row...)
	}
	for i, seg := range c.segments {
		if kind == pagesRecord {
			b = appendPages(b, before.segments[i], seg)
		} else {
			b = appendBytes(b, seg)
		}
	}
	return b
}

// parseCheckpoint reads the record of a checkpoint; before is the one before, if any.
func parseCheckpoint(kind byte, b []byte, before *checkpoint) (c checkpoint, err error) {
	r := reader{b: b}
	c.start = r.number()
	n := r.number()
	if before != nil {
		c.needs = append(c.needs, before.needs...)
	}
	if kind == pagesRecord && (before == nil || len(before.segments) != n) {
		return c, errRecord
	}
	for range r.number() {
		c.needs = append(c.needs, r.numbers())
		if r.bad {
			return c, errRecord
		}
	}
	for i := 0; i < n && !r.bad; i++ {
		seg := []byte(nil)
		if kind == pagesRecord {
			seg, r.b, err = readPages(r.b, before.segments[i])
		} else {
			seg = r.bytes()
		}
		if err != nil {
			return c, err
		}
		c.segments = append(c.segments, seg)
	}
	if r.bad || len(r.b) > 0 {
		return c, errRecord
	}
	return c, nil
}

// A history is what the log says: checkpoints and events of what has not been undone, in order.
type history struct {
	checkpoints []checkpoint
	events      []event
	round       int   // the highest of all rounds that are on record
	at          int64 // of the last record
}

// read adds a record to the history.
func (h *history) read(rec reclog.Record) (err error) {
	if len(rec.Payload) == 0 {
		return errRecord
	}
	h.at = rec.At
	kind, b := rec.Payload[0], rec.Payload[1:]
	switch kind {
	case fullRecord, pagesRecord:
		c, err := parseCheckpoint(kind, b, h.lastCheckpoint())
		if err != nil {
			return err
		}
		h.checkpoints = append(h.checkpoints, c)
		return nil
	case eventRecord:
		e, err := parseEvent(b)
		h.events = append(h.events, e)
		return err
	}
	r := reader{b: b}
	switch kind {
	case pickRecord:
		if len(h.events) == 0 {
			return errRecord
		}
		e := &h.events[len(h.events)-1]
		e.picks = append(e.picks, r.number())
	case rolledRecord:
		h.round = max(h.round, r.round().N)
		h.undo(r.number())
	case roundRecord:
		h.round = max(h.round, r.round().N)
	default:
		return errRecord
	}
	if r.bad || len(r.b) > 0 {
		return errRecord
	}
	return nil
}

func (h *history) lastCheckpoint() *checkpoint {
	if len(h.checkpoints) == 0 {
		return nil
	}
	return &h.checkpoints[len(h.checkpoints)-1]
}

// undo forgets the intervals from one on.
func (h *history) undo(from int) {
	for n := len(h.checkpoints); n > 0 && h.checkpoints[n-1].start > from; n-- {
		h.checkpoints = h.checkpoints[:n-1]
	}
	for n := len(h.events); n > 0 && h.events[n-1].interval >= from; n-- {
		h.events = h.events[:n-1]
	}
}

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct{ at int64 }

// Backed checks, with pessimistic logging, that what the message depends on is in the log: the event whose handling sent it.
func (m App) Backed(durable disk.View) error {
	return m.backing.check(durable, "what its sender handled")
}

// Backed checks that the rollback is on record, so that a crash does not bring back what was undone.
func (m Rolled) Backed(durable disk.View) error { return m.backing.check(durable, "the rollback") }

func (b backing) check(durable disk.View, what string) error {
	if b.at == 0 {
		return nil
	}
	if _, err := reclog.Peek(durable, logName, b.at-1); err != nil {
		return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
	}
	return nil
}
