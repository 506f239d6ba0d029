package chandylamport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"simrun/sim"
)

// An ID names a snapshot. The zero ID is that of the state in which every process begins.
type ID struct {
	Incarnation uint32 // of the system, in which it was taken
	N           uint32 // among those of its initiator, from 1
	Initiator   sim.NodeID
}

// Before reports whether the snapshot counts as older than another. Those of one incarnation may overlap: then any order would do.
func (id ID) Before(other ID) bool {
	if id.Incarnation != other.Incarnation {
		return id.Incarnation < other.Incarnation
	}
	return id.N < other.N || id.N == other.N && id.Initiator < other.Initiator
}

// String prints "p1#2", from the second incarnation on "p1#2/3" for one of the third, and "the start" for the zero ID.
func (id ID) String() string {
	switch {
	case id == ID{}:
		return "the start"
	case id.Incarnation > 1:
		return fmt.Sprintf("%s#%d/%d", id.Initiator, id.N, id.Incarnation)
	}
	return fmt.Sprintf("%s#%d", id.Initiator, id.N)
}

// A Channel is the recorded state of a channel: what was on its way, in the order in which it was sent.
type Channel struct {
	From     sim.NodeID
	Messages []App
}

// A Part is what one process contributes to a snapshot: its state, and those of its incoming channels.
type Part struct {
	Node     sim.NodeID
	State    []byte // from which the process can be restored
	Text     string // the same for people
	Passive  bool   // it sends nothing any more unless a message arrives
	Amount   int64  // how much it holds of what is conserved; 0 if it does not say
	Channels []Channel
}

// A Snapshot is a global state of the system: a part for each process.
type Snapshot struct {
	ID    ID
	Parts []Part // in the order of the processes
}

// Amount is how much there is of what is conserved, in processes and channels. Messages say so by a method Amount, as processes do.
func (s Snapshot) Amount() (sum int64) {
	for _, p := range s.Parts {
		sum += p.Amount
		for _, c := range p.Channels {
			for _, m := range c.Messages {
				if a, ok := m.Body.(interface{ Amount() int64 }); ok {
					sum += a.Amount()
				}
			}
		}
	}
	return sum
}

// Terminated reports whether nothing happens any more in this state: all processes are passive, and all channels empty. It is a stable
// property: it holds from then on (section 4.3 of the paper).
func (s Snapshot) Terminated() bool {
	for _, p := range s.Parts {
		if !p.Passive {
			return false
		}
		for _, c := range p.Channels {
			if len(c.Messages) > 0 {
				return false
			}
		}
	}
	return true
}

// String prints a line for each process, and for each channel that is not empty.
func (s Snapshot) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "snapshot %v", s.ID)
	for _, p := range s.Parts {
		fmt.Fprintf(&b, "\n  %s  %s", p.Node, p.Text)
		for _, c := range p.Channels {
			if len(c.Messages) > 0 {
				fmt.Fprintf(&b, "\n  %s>%s  %s", c.From, p.Node, list(c.Messages))
			}
		}
	}
	return b.String()
}

// list prints the bodies of messages with commas between them.
func list(ms []App) string {
	parts := make([]string, len(ms))
	for i, m := range ms {
		parts[i] = fmt.Sprint(m.Body)
	}
	return strings.Join(parts, ", ")
}

// A Codec turns the messages of an application into bytes and back, so that they can be kept on disk.
type Codec struct {
	Encode func(b []byte, m sim.Message) []byte
	Decode func(b []byte) (sim.Message, error)
}

// encode appends the snapshot, so that decode finds it again.
func (c Codec) encode(b []byte, s *Snapshot) []byte {
	b = binary.AppendUvarint(s.ID.append(b), uint64(len(s.Parts)))
	var m []byte
	for _, p := range s.Parts {
		b = appendText(appendText(appendText(b, string(p.Node)), string(p.State)), p.Text)
		b = binary.AppendUvarint(binary.AppendVarint(appendBool(b, p.Passive), p.Amount), uint64(len(p.Channels)))
		for _, ch := range p.Channels {
			b = binary.AppendUvarint(appendText(b, string(ch.From)), uint64(len(ch.Messages)))
			for i := range ch.Messages {
				m = c.Encode(m[:0], ch.Messages[i].Body)
				b = appendText(ch.Messages[i].Name.append(b), string(m))
			}
		}
	}
	return b
}

// decode reads a snapshot that encode has written.
func (c Codec) decode(b []byte) (s Snapshot, err error) {
	r := reader{b: b}
	s.ID = r.id()
	s.Parts = make([]Part, r.length())
	for i := range s.Parts {
		p := &s.Parts[i]
		p.Node, p.State, p.Text = sim.NodeID(r.text()), []byte(r.text()), r.text()
		p.Passive, p.Amount = r.uint() == 1, r.int()
		p.Channels = make([]Channel, r.length())
		for j := range p.Channels {
			ch := &p.Channels[j]
			ch.From = sim.NodeID(r.text())
			for range r.length() {
				m := App{Incarnation: s.ID.Incarnation, Name: r.name()}
				if m.Body, err = c.Decode([]byte(r.text())); err != nil {
					return Snapshot{}, err
				}
				ch.Messages = append(ch.Messages, m)
			}
		}
	}
	return s, r.end()
}

var errEncoding = errors.New("not a record of a snapshot")

// A reader takes bytes apart. Once something is missing it returns zeros, and says so at the end.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) int() int64 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return x
}

// length reads how many things follow, each of them at least a byte long.
func (r *reader) length() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.length()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) id() ID {
	return ID{uint32(r.uint()), uint32(r.uint()), sim.NodeID(r.text())}
}

func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return errEncoding
	}
	return nil
}

func (id ID) append(b []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(id.Incarnation)), uint64(id.N))
	return appendText(b, string(id.Initiator))
}

func (r *reader) name() Name {
	id := r.id()
	return Name{id.Incarnation, id.N, id.Initiator}
}

func (n Name) append(b []byte) []byte { return ID{n.Incarnation, n.N, n.Sender}.append(b) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}
