package laiyang

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"simrun/sim"
)

// An ID names a snapshot.
type ID struct {
	N         uint32 // among those of its initiator, from 1
	Initiator sim.NodeID
}

// String prints "p1#2".
func (id ID) String() string { return fmt.Sprintf("%s#%d", id.Initiator, id.N) }

func (id ID) append(b []byte) []byte { return appendText(appendNumber(b, id.N), string(id.Initiator)) }

// A Colour is, for each initiator in their order, the number of its latest snapshot that a process has recorded its state for. A message that bears it is
// white for all later ones, and red for that and those before.
type Colour []uint32

// blank reports whether it is white for all snapshots.
func (c Colour) blank() bool {
	for _, n := range c {
		if n > 0 {
			return false
		}
	}
	return true
}

// with returns the colour of a process that has also recorded for the n-th snapshot of an initiator. Messages keep the old one.
func (c Colour) with(initiator int, n uint32) Colour {
	next := append(Colour(nil), c...)
	next[initiator] = n
	return next
}

// String prints "2", with more than one initiator "2/0".
func (c Colour) String() string {
	words := make([]string, len(c))
	for i, n := range c {
		words[i] = strconv.Itoa(int(n))
	}
	return strings.Join(words, "/")
}

// A History is what a process has sent and received since it started, by the place of the other among all processes.
type History struct {
	Sent     [][]sim.Message // oldest first: their numbers are 1, 2, ...
	Received [][]uint32      // the numbers of the messages, in the order in which they came
}

func newHistory(n int) History {
	return History{make([][]sim.Message, n), make([][]uint32, n)}
}

// shared returns the history as it is now. The lists only grow, so what they hold by now need not be copied.
func (h History) shared() History {
	c := newHistory(len(h.Sent))
	for i := range h.Sent {
		sent, received := h.Sent[i], h.Received[i]
		c.Sent[i], c.Received[i] = sent[:len(sent):len(sent)], received[:len(received):len(received)]
	}
	return c
}

func (h History) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(h.Sent)))
	for i := range h.Sent {
		b = appendNumbers(appendMessages(b, h.Sent[i]), h.Received[i])
	}
	return b
}

// A Part is what one process contributes to a snapshot.
type Part struct {
	Node    sim.NodeID
	State   []byte  // from which the process can be restored
	Text    string  // the same for people
	Passive bool    // it sends nothing any more unless a message arrives
	Amount  int64   // how much it holds of what is conserved; 0 if it does not say
	Deficit int     // how many more messages it has sent than received
	History History // by history; else empty
}

func (p *Part) append(b []byte) []byte {
	b = appendText(appendText(b, string(p.Node)), string(p.State))
	b = binary.AppendVarint(appendBool(b, p.Passive), p.Amount)
	return p.History.append(binary.AppendVarint(b, int64(p.Deficit)))
}

// A Channel is the recorded state of a channel: what was on its way. By history that is in the order of sending, by counting in that of arrival.
type Channel struct {
	From, To sim.NodeID
	Messages []sim.Message
}

func (c *Channel) append(b []byte) []byte {
	return appendMessages(appendText(appendText(b, string(c.From)), string(c.To)), c.Messages)
}

// A Snapshot is a global state of the system.
type Snapshot struct {
	ID       ID
	Parts    []Part    // in the order of the processes
	Channels []Channel // those that were not empty
}

func (s *Snapshot) append(b []byte) []byte {
	b = binary.AppendUvarint(s.ID.append(b), uint64(len(s.Parts)))
	for i := range s.Parts {
		b = s.Parts[i].append(b)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Channels)))
	for i := range s.Channels {
		b = s.Channels[i].append(b)
	}
	return b
}

// InFlight is how many messages were in the channels.
func (s Snapshot) InFlight() (n int) {
	for _, c := range s.Channels {
		n += len(c.Messages)
	}
	return n
}

// Amount is how much there is of what is conserved, in processes and channels. Messages say so by a method Amount, as processes do.
func (s Snapshot) Amount() (sum int64) {
	for _, p := range s.Parts {
		sum += p.Amount
	}
	for _, c := range s.Channels {
		for _, m := range c.Messages {
			if a, ok := m.(interface{ Amount() int64 }); ok {
				sum += a.Amount()
			}
		}
	}
	return sum
}

// Terminated reports whether nothing happens any more in this state: all processes are passive, and all channels empty.
func (s Snapshot) Terminated() bool {
	for _, p := range s.Parts {
		if !p.Passive {
			return false
		}
	}
	return s.InFlight() == 0
}

// String prints a line for each process, and for each channel that is not empty.
func (s Snapshot) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "snapshot %v", s.ID)
	for _, p := range s.Parts {
		fmt.Fprintf(&b, "\n  %s  %s", p.Node, p.Text)
	}
	for _, c := range s.Channels {
		fmt.Fprintf(&b, "\n  %s>%s  %s", c.From, c.To, list(c.Messages))
	}
	return b.String()
}

// list prints messages with commas between them.
func list(ms []sim.Message) string {
	words := make([]string, len(ms))
	for i, m := range ms {
		words[i] = fmt.Sprint(m)
	}
	return strings.Join(words, ", ")
}
