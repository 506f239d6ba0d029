package cli

import (
	"fmt"

	"simrun/figures"
	"simrun/sim"
	"simrun/view"
)

// How well clients were served, as people and programs are told. What was not measured is not printed: a scenario that does not say what its service is
// has no figures, one without a leader says nothing of leaders, and a run without faults nothing of recovery.

// A figuresRecord is figures as run --json, hunt --json and --compare --json print them. Times are nanoseconds of virtual time.
type figuresRecord struct {
	Asked     uint64                 `json:"asked"`
	Answered  uint64                 `json:"answered"`
	Yield     float64                `json:"yield"` // the share of those asked that were answered
	SpanNS    int64                  `json:"span_ns"`
	PerSecond float64                `json:"answered_per_s"`
	Kinds     map[string]*kindRecord `json:"kinds"`
	Leader    *leaderRecord          `json:"leader,omitempty"`
	Recovery  *recoveryRecord        `json:"recovery,omitempty"`
	Sent      map[string]uint64      `json:"sent,omitempty"` // by type
}

// A kindRecord is the operations of one kind.
type kindRecord struct {
	Asked    uint64       `json:"asked"`
	Answered uint64       `json:"answered"`
	Latency  *timesRecord `json:"latency,omitempty"`
}

// A timesRecord is durations.
type timesRecord struct {
	Count uint64 `json:"count"`
	P50   int64  `json:"p50_ns"`
	P90   int64  `json:"p90_ns"`
	P99   int64  `json:"p99_ns"`
	P999  int64  `json:"p999_ns"`
	Max   int64  `json:"max_ns"`
}

// A leaderRecord is for how long nobody led.
type leaderRecord struct {
	Elected   uint64 `json:"elected"`
	WatchedNS int64  `json:"watched_ns"`
	WithoutNS int64  `json:"without_ns"`
	LongestNS int64  `json:"longest_ns"`
}

// A recoveryRecord is how soon clients were served again after a fault.
type recoveryRecord struct {
	Faults uint64       `json:"faults"`
	Served *timesRecord `json:"served,omitempty"`
	Worst  string       `json:"worst,omitempty"`
	Felled uint64       `json:"leaders_felled"`
	Led    *timesRecord `json:"led,omitempty"`
}

// figuresRecordOf is the record of figures; nil if there are none.
func figuresRecordOf(s *figures.Sum) *figuresRecord {
	if s.Runs == 0 {
		return nil
	}
	r := &figuresRecord{Asked: s.Asked, Answered: s.Answered, Yield: share(s.Answered, s.Asked), SpanNS: int64(s.Span), PerSecond: round(s.PerSecond(), 3), Kinds: make(map[string]*kindRecord)}
	for i := range s.Kinds {
		k := &s.Kinds[i]
		r.Kinds[k.Name] = &kindRecord{k.Asked, k.Answered, timesRecordOf(&k.Latency)}
	}
	if l := &s.Leader; l.Watched > 0 {
		r.Leader = &leaderRecord{l.Elected, int64(l.Watched), int64(l.Without), int64(l.Longest)}
	}
	if x := &s.Recovery; x.Faults > 0 {
		r.Recovery = &recoveryRecord{x.Faults, timesRecordOf(&x.Served), x.Worst, x.Felled, timesRecordOf(&x.Led)}
	}
	for _, m := range s.Sent {
		if r.Sent == nil {
			r.Sent = make(map[string]uint64)
		}
		r.Sent[m.Type] = m.N
	}
	return r
}

// timesRecordOf is the record of durations; nil if there are none.
func timesRecordOf(t *figures.Times) *timesRecord {
	if t.Count == 0 {
		return nil
	}
	q := func(percent float64) int64 { return int64(t.Quantile(percent)) }
	return &timesRecord{t.Count, q(50), q(90), q(99), q(99.9), int64(t.Most)}
}

// told is the figures of a run for people. A run that failed ended where it did, so its figures are for programs alone.
func (m *made) told() []view.Figure {
	if o := m.verdict.Outcome; o == sim.Violated || o == sim.Stalled {
		return nil
	}
	return figureLines(&m.figures)
}

// mostKinds is how many kinds of operations have lines of their own.
const mostKinds = 2

// figureLines is figures for people, in at most six lines.
func figureLines(s *figures.Sum) (lines []view.Figure) {
	add := func(name, format string, args ...any) {
		lines = append(lines, view.Figure{Name: name, Text: fmt.Sprintf(format, args...)})
	}
	if s.Asked == 0 {
		return nil
	}
	add("served", "%s of %s operations, %s", view.Number(s.Answered), view.Number(s.Asked), percent(s.Answered, s.Asked))
	if s.PerSecond() > 0 {
		lines[0].Text += fmt.Sprintf("; %s a second", perSecond(s.PerSecond()))
	}
	if len(s.Kinds) <= mostKinds {
		for i := range s.Kinds {
			if k := &s.Kinds[i]; k.Latency.Count > 0 {
				add(k.Name, "%s", times(&k.Latency))
			}
		}
	}
	if l := &s.Leader; l.Watched > 0 {
		add("leader", "none for %s of %s (%s), %s at most; %s elected", view.Duration(l.Without), view.Duration(l.Watched),
			percent(uint64(l.Without), uint64(l.Watched)), view.Duration(l.Longest), view.Number(l.Elected))
	}
	if r := &s.Recovery; r.Faults > 0 {
		add("recovery", "%s", recovery(r))
	}
	if len(s.Sent) > 0 && s.Answered > 0 {
		add("an answer", "%s", costs(s))
	}
	return lines
}

// perSecond prints a rate.
func perSecond(rate float64) string {
	if rate >= 100 {
		return view.Number(uint64(rate + 0.5))
	}
	return fmt.Sprintf("%.3g", rate)
}

// enoughFor99 is how many durations there must be for one in a hundred to be more than the longest.
const enoughFor99 = 100

// times prints durations: "p50 4.1ms, p90 80ms, most 212ms of 40".
func times(t *figures.Times) string {
	s := fmt.Sprintf("p50 %s, p90 %s", view.Duration(t.Quantile(50)), view.Duration(t.Quantile(90)))
	if t.Count >= enoughFor99 {
		s += ", p99 " + view.Duration(t.Quantile(99))
	}
	return s + fmt.Sprintf(", most %s", view.Duration(t.Most))
}

// recovery says how soon clients were served again. What struck is cut where the line ends.
func recovery(r *figures.Recovery) string {
	s := fmt.Sprintf("%s of %s faults", view.Number(r.Served.Count), view.Number(r.Faults))
	switch {
	case r.Served.Count == 0:
		return s
	case r.Served.Count == 1:
		s += ": " + view.Duration(r.Served.Most)
	default:
		s += fmt.Sprintf(": p50 %s, most %s", view.Duration(r.Served.Quantile(50)), view.Duration(r.Served.Most))
	}
	worst := []rune(r.Worst)
	if room := lineWide - len(s) - len(" ()"); len(worst) > room {
		worst = append(worst[:max(0, room-1)], '…')
	}
	return s + " (" + string(worst) + ")"
}

// lineWide is how much room there is in a line of a report behind its name.
const lineWide = view.Width - 14

// costs says how many messages there were for an operation that was answered, and of which types, as many as there is room for.
func costs(s *figures.Sum) string {
	var all uint64
	for _, m := range s.Sent {
		all += m.N
	}
	text := fmt.Sprintf("took %.1f messages", float64(all)/float64(s.Answered))
	between := ": "
	for _, m := range s.Sent {
		more := fmt.Sprintf("%s%.2f %s", between, float64(m.N)/float64(s.Answered), m.Type)
		if len(text)+len(more)+len(", ...") > lineWide {
			return text + ", ..."
		}
		text, between = text+more, ", "
	}
	return text
}
