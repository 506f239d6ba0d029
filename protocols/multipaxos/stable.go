package multipaxos

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
	"simrun/workload"
)

// What a server keeps is in three files. In "votes" stands what it has promised and in which ballots it has accepted something, first of all who it
// is: the format mark. What it has accepted stands in a file beside, "values.G", and the snapshot in "state.G", G counting the
// generations: each snapshot begins a new one, whose files are complete before "votes" is replaced in one step.
//
// A damaged value is thus known as one that is missing, by its slot and ballot: it is not cut off, and no other takes its place
// until it is known from others ("Protocol-Aware Recovery for Consensus-Based Storage", section 4). Damage in "votes" is a lost identity, since nobody can
// know what was promised there.
const (
	votesFile = "votes"
	newVotes  = "votes.new"
)

func valuesFile(gen uint64) string { return "values." + strconv.FormatUint(gen, 10) }
func stateFile(gen uint64) string  { return "state." + strconv.FormatUint(gen, 10) }

// The kinds of records in "votes".
const (
	markRecord    = 'm' // who it is, the generation, the slot up to which the snapshot goes
	promiseRecord = 'p' // a ballot
	voteRecord    = 'v' // slot, ballot, where in the values the value is
	missingRecord = 'x' // slot, ballot: the value is lost
	confirmRecord = 'c' // the operator knows the mark
)

// A cell is what a server knows of a slot.
type cell struct {
	ballot  Ballot // that of the acceptance; none: nothing accepted
	value   Value
	missing bool  // accepted, and the disk has lost the value
	learnt  bool  // the value is known again from others, and not on the disk
	decided bool  // the value is what was chosen
	at      int64 // of the record in votes
}

// A stable is the memory of an acceptor, which its disk backs.
type stable struct {
	member    Member
	confirmed bool   // the operator knows of the mark
	first     Config // who votes in the first slot
	gen       uint64
	base      Slot   // the snapshot holds all below
	state     string // the snapshot; "" at 0
	lost      bool   // the disk has lost the snapshot
	promised  Ballot
	promise   int64  // of its record
	cells     []cell // from base on

	votes, values *reclog.Log
}

// errNoMark says that there is no format mark: the disk is new, or was lost.
var errNoMark = errors.New("no format mark")

// open reads what earlier lives have written. errNoMark says that there is nothing, or that it cannot be trusted.
func (s *stable) open(fs disk.FS) error {
	names, err := fs.List()
	if err != nil {
		return err
	}
	if !slices.Contains(names, votesFile) {
		return errNoMark
	}
	log, records, err := reclog.Open(fs, votesFile)
	switch {
	case errors.Is(err, reclog.ErrCorrupt):
		return errNoMark
	case err != nil:
		return err
	case !whole(records):
		return errNoMark
	}
	s.votes = log
	at, err := s.replay(records)
	if err != nil {
		return err
	}
	for _, name := range names { // a crash may have come before the files of another generation were removed
		if name != votesFile && name != valuesFile(s.gen) && name != stateFile(s.gen) {
			if err := fs.Remove(name); err != nil {
				return err
			}
		}
	}
	if err := s.openState(fs); err != nil {
		return err
	}
	return s.openValues(fs, at)
}

// whole reports whether all records are there with which the file of votes got its name. They were durable by then, so if some are missing no crash has torn them:
// they have rotted, and what was promised may be among them.
func whole(records []reclog.Record) bool {
	if len(records) == 0 || records[0].Payload[0] != markRecord {
		return false
	}
	_, _, _, _, following := readMark(workload.NewReader(string(records[0].Payload[1:])))
	return uint64(len(records)-1) >= following
}

// readMark reads the format mark.
func readMark(r *workload.Reader) (m Member, gen uint64, base Slot, first Config, following uint64) {
	m, gen, base = readMember(r), r.Uint(), Slot(r.Uint())
	first = readConfig(r)
	return m, gen, base, first, r.Uint()
}

// replay goes through the records of votes, and returns where the values are, by slot.
func (s *stable) replay(records []reclog.Record) (at map[Slot]int64, err error) {
	at = make(map[Slot]int64)
	for _, rec := range records {
		r := workload.NewReader(string(rec.Payload[1:]))
		switch rec.Payload[0] {
		case markRecord:
			s.member, s.gen, s.base, s.first, _ = readMark(r)
		case confirmRecord:
			s.confirmed = true
		case promiseRecord:
			s.promised, s.promise = readBallot(r), rec.At
		case voteRecord, missingRecord:
			slot, b := Slot(r.Uint()), readBallot(r)
			if c := s.cell(slot); c != nil {
				*c = cell{ballot: b, at: rec.At, missing: rec.Payload[0] == missingRecord}
				if !c.missing {
					at[slot] = int64(r.Uint())
				} else {
					delete(at, slot)
				}
			}
			if s.promised.Less(b) { // to accept is also to promise
				s.promised, s.promise = b, rec.At
			}
		}
		if r.Err != nil {
			return nil, fmt.Errorf("%s at %d: %w", votesFile, rec.At, r.Err)
		}
	}
	return at, nil
}

// openState reads the snapshot. One that is damaged must come from others.
func (s *stable) openState(fs disk.FS) error {
	if s.base == 0 {
		return nil
	}
	_, records, err := reclog.Open(fs, stateFile(s.gen))
	if err != nil && !errors.Is(err, reclog.ErrCorrupt) {
		return err
	}
	if s.lost = err != nil || len(records) != 1; !s.lost {
		s.state = string(records[0].Payload)
	}
	return nil
}

// openValues reads the values of the slots that are in use, and where some are lost begins a new generation without them.
func (s *stable) openValues(fs disk.FS, at map[Slot]int64) error {
	log, _, err := reclog.Open(fs, valuesFile(s.gen))
	if err != nil && !errors.Is(err, reclog.ErrCorrupt) {
		return err
	}
	damaged := err != nil
	for i := range s.cells {
		c, slot := &s.cells[i], s.base+Slot(i)
		if c.ballot.None() || c.missing {
			continue
		}
		p, err := reclog.ReadAt(fs, valuesFile(s.gen), at[slot], nil)
		if err != nil {
			damaged, c.missing = true, true
			continue
		}
		c.value = Value(p)
	}
	if damaged {
		return s.renew(fs, s.base, s.state)
	}
	s.values = log
	return nil
}

// give makes a promise durable.
func (s *stable) give(b Ballot) (err error) {
	at, err := s.votes.Append(b.append([]byte{promiseRecord}))
	if err == nil {
		err = s.votes.Sync()
	}
	if err == nil {
		s.promised, s.promise = b, at
	}
	return err
}

// accept makes an acceptance durable: the value first, so that a vote whose value is not there has lost it.
func (s *stable) accept(slot Slot, b Ballot, v Value) error {
	c := s.cell(slot)
	at, err := s.values.Append([]byte(v))
	if err == nil {
		err = s.values.Sync()
	}
	if err != nil {
		return err
	}
	was := *c
	*c = cell{ballot: b, value: v, decided: was.decided}
	if c.at, err = s.votes.Append(voteBytes(slot, b, at)); err == nil {
		err = s.votes.Sync()
	}
	if err != nil {
		*c = was
		return err
	}
	if s.promised.Less(b) {
		s.promised, s.promise = b, c.at
	}
	return nil
}

// furthest is how far beyond the snapshot slots may be, against what no server could have meant.
const furthest = 1 << 16

// cell returns what is known of a slot; nil if that is in the snapshot, or absurdly far.
func (s *stable) cell(slot Slot) *cell {
	if slot < s.base || slot-s.base > furthest {
		return nil
	}
	for Slot(len(s.cells)) <= slot-s.base {
		s.cells = append(s.cells, cell{})
	}
	return &s.cells[slot-s.base]
}

// known returns what is known of a slot without making room for it.
func (s *stable) known(slot Slot) cell {
	if slot < s.base || slot-s.base >= Slot(len(s.cells)) {
		return cell{}
	}
	return s.cells[slot-s.base]
}

// report lists the acceptances in slots from one on.
func (s *stable) report(from Slot) (votes []Vote) {
	for i := range s.cells {
		if c, slot := &s.cells[i], s.base+Slot(i); slot >= from && !c.ballot.None() {
			votes = append(votes, Vote{slot, c.ballot, c.value, c.missing})
		}
	}
	return votes
}

func readConfig(r *workload.Reader) (c Config) {
	for n := r.Uint(); n > 0 && r.Err == nil; n-- {
		c = append(c, readMember(r))
	}
	return c
}

// confirm makes durable that the identity is in use.
func (s *stable) confirm() error {
	_, err := s.votes.Append([]byte{confirmRecord})
	if err == nil {
		err = s.votes.Sync()
	}
	s.confirmed = err == nil
	return err
}
