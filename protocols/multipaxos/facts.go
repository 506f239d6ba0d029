package multipaxos

import (
	"encoding/binary"
	"fmt"

	"simrun/checkers"
	"simrun/workload"
)

// Marked is the fact that a server has put a format mark on its disk: it has that identity from now on.
type Marked struct {
	Member Member
}

// Wiped is the fact that the operator learns that a member has lost its disk.
type Wiped struct {
	Member Member
}

// Recovered is the fact that a server has read its disk again.
type Recovered struct {
	Member   Member
	Promised Ballot
	Base     Slot // of its snapshot
	Votes    int  // how many slots above it has accepted something in
}

// EntryLost is the fact that a server finds the value of an acceptance damaged.
type EntryLost struct {
	Slot   Slot
	Ballot Ballot
}

// SnapshotLost is the fact that a server finds its snapshot damaged.
type SnapshotLost struct {
	Base Slot
}

// Repaired is the fact that a server has got a value again that its disk had lost.
type Repaired struct {
	Slot Slot
}

// Halted is the fact that a server falls silent, since its disk does not do as it is told.
type Halted struct {
	Why string
}

// Ran is the fact that a server tries to lead.
type Ran struct {
	Ballot Ballot
}

// Led is the fact that a server leads: a quorum has promised.
type Led struct {
	Ballot Ballot
	From   Slot // the first slot that it knows nothing of
	Top    Slot // below it others may have been at work
}

// SteppedDown is the fact that a leader gives up, for a higher ballot.
type SteppedDown struct {
	Ballot Ballot
	For    Ballot
}

// Promised is the fact that a member has promised to accept nothing below a ballot.
type Promised struct {
	By     Member
	Ballot Ballot
}

// Proposed is the fact that a leader proposes a value in a slot.
type Proposed struct {
	Slot   Slot
	Ballot Ballot
	Value  Value
}

// Voted is the fact that a member has accepted a value in a slot.
type Voted struct {
	By     Member
	Slot   Slot
	Ballot Ballot
	Value  Value
}

// Adopted is the fact that a leader must propose what another ballot has left in a slot.
type Adopted struct {
	Slot  Slot
	From  Ballot
	Value Value
}

// Filled is the fact that a leader closes a gap in the log with nothing.
type Filled struct {
	Slot Slot
}

// Executed is the fact that a server has reached a slot in the log, in order, and found a value there.
type Executed struct {
	Slot  Slot
	Value Value
}

// Configured is the fact that a server learns who votes from a slot on.
type Configured struct {
	Slot Slot // in which it was decided
	Who  Config
	From Slot
}

// Snapshotted is the fact that a server puts its state in the place of the slots before one.
type Snapshotted struct {
	Next Slot
}

// Installed is the fact that a server takes the state of another.
type Installed struct {
	Next Slot
}

// Applied is the fact that a server has found a command in a slot: it has executed it, or had done so before.
type Applied struct {
	Slot   Slot
	ID     checkers.OpID
	Result workload.Result
	Again  bool
}

// Read is the fact that a leader has read from its state, when all slots below Next were executed.
type Read struct {
	Next   Slot
	ID     checkers.OpID
	Result workload.Result
}

// AppendHash appends the fact's content.
func (f Marked) AppendHash(b []byte) []byte {
	return f.Member.append(b)
}

// AppendHash appends the fact's content.
func (f Wiped) AppendHash(b []byte) []byte {
	return f.Member.append(b)
}

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte {
	b = f.Member.append(b)
	b = f.Promised.append(b)
	b = f.Base.append(b)
	return binary.AppendUvarint(b, uint64(f.Votes))
}

// AppendHash appends the fact's content.
func (f EntryLost) AppendHash(b []byte) []byte {
	b = f.Slot.append(b)
	return f.Ballot.append(b)
}

// AppendHash appends the fact's content.
func (f SnapshotLost) AppendHash(b []byte) []byte {
	return f.Base.append(b)
}

// AppendHash appends the fact's content.
func (f Repaired) AppendHash(b []byte) []byte {
	return f.Slot.append(b)
}

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte {
	return append(b, f.Why...)
}

// AppendHash appends the fact's content.
func (f Ran) AppendHash(b []byte) []byte {
	return f.Ballot.append(b)
}

// AppendHash appends the fact's content.
func (f Led) AppendHash(b []byte) []byte {
	b = f.Ballot.append(b)
	b = f.From.append(b)
	return f.Top.append(b)
}

// AppendHash appends the fact's content.
func (f SteppedDown) AppendHash(b []byte) []byte {
	b = f.Ballot.append(b)
	return f.For.append(b)
}

// AppendHash appends the fact's content.
func (f Promised) AppendHash(b []byte) []byte {
	b = f.By.append(b)
	return f.Ballot.append(b)
}

// AppendHash appends the fact's content.
func (f Proposed) AppendHash(b []byte) []byte {
	b = f.Slot.append(b)
	b = f.Ballot.append(b)
	return f.Value.append(b)
}

// AppendHash appends the fact's content.
func (f Voted) AppendHash(b []byte) []byte {
	b = f.By.append(b)
	b = f.Slot.append(b)
	b = f.Ballot.append(b)
	return f.Value.append(b)
}

// AppendHash appends the fact's content.
func (f Adopted) AppendHash(b []byte) []byte {
	b = f.Slot.append(b)
	b = f.From.append(b)
	return f.Value.append(b)
}

// AppendHash appends the fact's content.
func (f Filled) AppendHash(b []byte) []byte {
	return f.Slot.append(b)
}

// AppendHash appends the fact's content.
func (f Executed) AppendHash(b []byte) []byte {
	b = f.Slot.append(b)
	return f.Value.append(b)
}

// AppendHash appends the fact's content.
func (f Configured) AppendHash(b []byte) []byte {
	b = f.Slot.append(b)
	b = f.Who.append(b)
	return f.From.append(b)
}

// AppendHash appends the fact's content.
func (f Snapshotted) AppendHash(b []byte) []byte {
	return f.Next.append(b)
}

// AppendHash appends the fact's content.
func (f Installed) AppendHash(b []byte) []byte {
	return f.Next.append(b)
}

// AppendHash appends the fact's content.
func (f Applied) AppendHash(b []byte) []byte {
	b = f.Result.Append(appendID(f.Slot.append(b), f.ID))
	if f.Again {
		return append(b, 1)
	}
	return append(b, 0)
}

// AppendHash appends the fact's content.
func (f Read) AppendHash(b []byte) []byte {
	return f.Result.Append(appendID(f.Next.append(b), f.ID))
}

func appendID(b []byte, id checkers.OpID) []byte {
	return binary.AppendUvarint(append(b, id.Client...), id.N)
}

// String prints "marked as s1".
func (f Marked) String() string {
	return fmt.Sprintf("marked as %v", f.Member)
}

// String prints "s1 has lost its disk".
func (f Wiped) String() string {
	return fmt.Sprintf("%v has lost its disk", f.Member)
}

// String prints "s1 recovered: promised 3.s2, snapshot below 20, 3 votes".
func (f Recovered) String() string {
	return fmt.Sprintf("%v recovered: promised %v, snapshot below %d, %d votes", f.Member, f.Promised, f.Base, f.Votes)
}

// String prints "lost the value of 7 in 3.s1".
func (f EntryLost) String() string {
	return fmt.Sprintf("lost the value of %d in %v", f.Slot, f.Ballot)
}

// String prints "lost the snapshot below 20".
func (f SnapshotLost) String() string {
	return fmt.Sprintf("lost the snapshot below %d", f.Base)
}

// String prints "has the value of 7 again".
func (f Repaired) String() string {
	return fmt.Sprintf("has the value of %d again", f.Slot)
}

// String prints "halted: input/output error".
func (f Halted) String() string {
	return fmt.Sprintf("halted: %s", f.Why)
}

// String prints "runs with 3.s1".
func (f Ran) String() string {
	return fmt.Sprintf("runs with %v", f.Ballot)
}

// String prints "leads in 3.s1 from 7, others before 9".
func (f Led) String() string {
	return fmt.Sprintf("leads in %v from %d, others before %d", f.Ballot, f.From, f.Top)
}

// String prints "no longer leads in 3.s1, for 4.s2".
func (f SteppedDown) String() string {
	return fmt.Sprintf("no longer leads in %v, for %v", f.Ballot, f.For)
}

// String prints "s2 promised 3.s1".
func (f Promised) String() string {
	return fmt.Sprintf("%v promised %v", f.By, f.Ballot)
}

// String prints "proposed in 7, 3.s1: c1#1 put x 1".
func (f Proposed) String() string {
	return fmt.Sprintf("proposed in %d, %v: %v", f.Slot, f.Ballot, f.Value)
}

// String prints "s2 accepted in 7, 3.s1: c1#1 put x 1".
func (f Voted) String() string {
	return fmt.Sprintf("%v accepted in %d, %v: %v", f.By, f.Slot, f.Ballot, f.Value)
}

// String prints "adopted in 7 what 2.s3 left: c1#1 put x 1".
func (f Adopted) String() string {
	return fmt.Sprintf("adopted in %d what %v left: %v", f.Slot, f.From, f.Value)
}

// String prints "filled the gap 7".
func (f Filled) String() string {
	return fmt.Sprintf("filled the gap %d", f.Slot)
}

// String prints "executed 7: c1#1 put x 1".
func (f Executed) String() string {
	return fmt.Sprintf("executed %d: %v", f.Slot, f.Value)
}

// String prints "decided in 7: s1 s2 s4 vote from 15 on".
func (f Configured) String() string {
	return fmt.Sprintf("decided in %d: %v vote from %d on", f.Slot, f.Who, f.From)
}

// String prints "snapshot below 20".
func (f Snapshotted) String() string {
	return fmt.Sprintf("snapshot below %d", f.Next)
}

// String prints "installed a snapshot below 20".
func (f Installed) String() string {
	return fmt.Sprintf("installed a snapshot below %d", f.Next)
}

// String prints "applied 7: c1#1 ok", or "again" for one that was executed before.
func (f Applied) String() string {
	if f.Again {
		return fmt.Sprintf("found %v again in %d", f.ID, f.Slot)
	}
	return fmt.Sprintf("applied %d: %v %v", f.Slot, f.ID, f.Result)
}

// String prints "read c1#2 below 7: 1".
func (f Read) String() string { return fmt.Sprintf("read %v below %d: %v", f.ID, f.Next, f.Result) }
