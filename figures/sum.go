package figures

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Sum is the figures of runs. The zero Sum is that of none.
type Sum struct {
	Runs            uint64
	Asked, Answered uint64        // operations
	Span            time.Duration // from the first call to the last end, of all runs together
	Kinds           []Kind        // sorted by name
	Leader          Leader
	Recovery        Recovery
	Sent            []Sent // by type, the most frequent first; only where a meter counts messages
}

// A Kind is the operations of one kind.
type Kind struct {
	Name            string
	Asked, Answered uint64
	Latency         Times // of those answered
}

// Leader is how long somebody led.
type Leader struct {
	Watched time.Duration // how much time of runs was watched; 0: nobody says who leads
	Without time.Duration // in how much of it nobody led
	Longest time.Duration // without a break
	Elected uint64        // how often a node began to lead
}

// Recovery is how soon the service was there again after faults.
type Recovery struct {
	Faults uint64 // that happened at some moment
	Served Times  // until an operation that was called after it was answered
	Worst  string // the fault after which that took longest, "300ms crash s1"; "" none
	Felled uint64 // crashes of a leader
	Led    Times  // until somebody led again
}

// Sent is how many messages of a type were sent.
type Sent struct {
	Type string // without its package
	N    uint64
}

// PerSecond is how many operations were answered in a second of the runs.
func (s *Sum) PerSecond() float64 {
	if s.Span <= 0 {
		return 0
	}
	return float64(s.Answered) / s.Span.Seconds()
}

// Add adds the figures of a run that is over. A nil Meter has none, nor has that of a run that was not made.
func (s *Sum) Add(m *Meter) {
	if m == nil || m.service == nil {
		return
	}
	s.Runs++
	for i := range m.kinds {
		s.kind(&m.kinds[i])
	}
	if len(m.kinds) > 0 {
		s.Span += m.Span()
	}
	if m.service.Leads != nil {
		s.Leader.Watched += time.Duration(m.ended)
		s.Leader.Elected += uint64(m.elected)
		for _, d := range m.gaps {
			s.Leader.Without += d
			s.Leader.Longest = max(s.Leader.Longest, d)
		}
	}
	s.recovery(m)
	s.messages(m.sent)
}

func (s *Sum) kind(c *calls) {
	i, found := slices.BinarySearchFunc(s.Kinds, c.kind, func(k Kind, name string) int { return strings.Compare(k.Name, name) })
	if !found {
		s.Kinds = slices.Insert(s.Kinds, i, Kind{Name: c.kind})
	}
	k := &s.Kinds[i]
	n := uint64(len(c.took))
	k.Asked += c.asked
	k.Answered += n
	s.Asked += c.asked
	s.Answered += n
	for _, d := range c.took {
		k.Latency.add(d)
	}
}

func (s *Sum) recovery(m *Meter) {
	r := &s.Recovery
	for i := range m.blows {
		b := &m.blows[i]
		r.Faults++
		if i < m.mends {
			if b.served > r.Served.Most {
				r.Worst = b.String()
			}
			r.Served.add(b.served)
		}
		if b.felled {
			r.Felled++
		}
		if b.replaced > 0 {
			r.Led.add(b.replaced)
		}
	}
}

func (s *Sum) messages(sent map[reflect.Type]uint64) {
	for t, n := range sent {
		name := t.String()
		name = name[strings.LastIndexByte(name, '.')+1:]
		i := slices.IndexFunc(s.Sent, func(x Sent) bool { return x.Type == name })
		if i < 0 {
			i, s.Sent = len(s.Sent), append(s.Sent, Sent{Type: name})
		}
		s.Sent[i].N += n
	}
	slices.SortFunc(s.Sent, func(a, b Sent) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Type, b.Type)) })
}

// Times are durations, of which a histogram keeps four digits.
type Times struct {
	Count uint64
	Most  time.Duration // exactly

	h *hdrhistogram.Histogram // nil: there are none
}

// longest is the longest duration that a histogram tells from longer ones: thirteen days.
const longest = 1 << 50

// add takes in a duration.
func (t *Times) add(d time.Duration) {
	if t.h == nil {
		t.h = hdrhistogram.New(1, longest, 4)
	}
	t.Count++
	t.Most = max(t.Most, d)
	if err := t.h.RecordValue(min(int64(d), longest)); err != nil {
		panic("figures: " + err.Error()) // it is in the range
	}
}

// Quantile returns the duration that so many in a hundred do not exceed; 0 if there are none.
func (t *Times) Quantile(percent float64) time.Duration {
	if t.h == nil {
		return 0
	}
	return min(time.Duration(t.h.ValueAtQuantile(percent)), t.Most)
}
