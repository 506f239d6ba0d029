package multipaxos

import (
	"encoding/binary"
	"slices"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// format makes the disk that of a member who has promised nothing.
func (s *stable) format(fs disk.FS, m Member, first Config) error {
	*s = stable{member: m, first: first}
	return s.renew(fs, 0, "")
}

// renew begins a new generation whose snapshot goes up to base. All is on the disk when it returns nil; in between the old one counts.
func (s *stable) renew(fs disk.FS, base Slot, state string) error {
	old := s.gen
	s.gen++
	s.cells = slices.Delete(s.cells, 0, min(int(base-s.base), len(s.cells)))
	s.base, s.state, s.lost = base, state, s.lost && state == "" && base > 0
	for _, name := range []string{valuesFile(s.gen), stateFile(s.gen), newVotes} {
		if err := discard(fs, name); err != nil { // of a try that a crash has ended
			return err
		}
	}
	at, err := s.writeValues(fs)
	if err != nil {
		return err
	}
	if s.base > 0 && !s.lost {
		if err := writeState(fs, s.gen, s.state); err != nil {
			return err
		}
	}
	if err := s.writeVotes(fs, at); err != nil {
		return err
	}
	for _, name := range []string{valuesFile(old), stateFile(old)} {
		if err := discard(fs, name); err != nil {
			return err
		}
	}
	return nil
}

// discard removes a file, if there is one.
func discard(fs disk.FS, name string) error {
	names, err := fs.List()
	if err != nil || !slices.Contains(names, name) {
		return err
	}
	return fs.Remove(name)
}

func (s *stable) writeValues(fs disk.FS) (at []int64, err error) {
	if s.values, _, err = reclog.Open(fs, valuesFile(s.gen)); err != nil {
		return nil, err
	}
	at = make([]int64, len(s.cells))
	for i := range s.cells {
		if c := &s.cells[i]; !c.ballot.None() && !c.missing {
			if at[i], err = s.values.Append([]byte(c.value)); err != nil {
				return nil, err
			}
		}
	}
	return at, s.values.Sync()
}

func writeState(fs disk.FS, gen uint64, state string) error {
	log, _, err := reclog.Open(fs, stateFile(gen))
	if err != nil {
		return err
	}
	if _, err := log.Append([]byte(state)); err != nil {
		return err
	}
	return log.Sync()
}

func (s *stable) writeVotes(fs disk.FS, at []int64) error {
	log, _, err := reclog.Open(fs, newVotes)
	if err != nil {
		return err
	}
	s.votes = log
	mark := append(s.member.append([]byte{markRecord}), binary.AppendUvarint(nil, s.gen)...)
	mark = binary.AppendUvarint(s.first.append(s.base.append(mark)), s.following())
	if _, err := log.Append(mark); err != nil {
		return err
	}
	if s.promise, err = log.Append(s.promised.append([]byte{promiseRecord})); err != nil {
		return err
	}
	if s.confirmed {
		if _, err = log.Append([]byte{confirmRecord}); err != nil {
			return err
		}
	}
	for i := range s.cells {
		c, slot := &s.cells[i], s.base+Slot(i)
		switch {
		case c.ballot.None():
			continue
		case c.missing:
			c.at, err = log.Append(c.ballot.append(slot.append([]byte{missingRecord})))
		default:
			c.at, err = log.Append(voteBytes(slot, c.ballot, at[i]))
			c.learnt = false
		}
		if err != nil {
			return err
		}
	}
	if err := log.Sync(); err != nil {
		return err
	}
	if err := fs.SyncDir(); err != nil {
		return err
	}
	if err := fs.Rename(newVotes, votesFile); err != nil {
		return err
	}
	if err := fs.SyncDir(); err != nil {
		return err
	}
	s.votes, _, err = reclog.Open(fs, votesFile)
	return err
}

// following is how many records follow the mark when the file gets its name.
func (s *stable) following() uint64 {
	n := uint64(1) // the promise
	if s.confirmed {
		n++
	}
	for i := range s.cells {
		if !s.cells[i].ballot.None() {
			n++
		}
	}
	return n
}

func voteBytes(slot Slot, b Ballot, at int64) []byte {
	return binary.AppendUvarint(b.append(slot.append([]byte{voteRecord})), uint64(at))
}
