package checkers

import (
	"math"

	"simrun/sim"
)

// Rejudge has the history of a run that is over judged once more, in each of two ways, for those who measure judges: "growing" goes along it as the run did, return by
// return, and "porcupine" is one call of Porcupine a key when all is known, with the same budget. A judge may be asked as often as one likes and answers
// [sim.Holds], [sim.Unknown] if its budget is spent on some key, or an error. It is the search alone that is repeated: what reads the history from facts has done its work.
func (l *linearizable) Rejudge(each func(way string, judge func() (sim.Result, error))) {
	parts := l.parts()
	each("growing", l.growing(parts))
	each("porcupine", func() (sim.Result, error) {
		search, unknown := newSearch(l.model), false
		for _, key := range l.sorted() {
			switch search.check(l.history(parts[key], math.MaxUint64), l.Steps) {
			case illegal:
				return sim.Holds, wrongOn(l.record.keys[key])
			case spent:
				unknown = true
			}
		}
		return resultOf(unknown), nil
	})
}

// A told is what a prefix is told.
type told struct {
	key  int32
	mark mark
}

// growing returns a judge that goes along the history. The order in which things happened is found before it is asked.
func (l *linearizable) growing(parts [][]*operation) func() (sim.Result, error) {
	var all []*operation
	for _, part := range parts {
		all = append(all, part...)
	}
	var steps []told
	for _, t := range turns(all) {
		i := l.record.find(t.op.id)
		if t.back {
			steps = append(steps, told{t.op.key, mark{i, returns}})
		} else {
			steps = append(steps, told{t.op.key, mark{i, calls}}, told{t.op.key, mark{i, arrives}})
		}
	}
	return func() (sim.Result, error) {
		w := follower{model: l.plain(), record: l.record, over: true}
		w.seen.equal, w.next.equal = l.model.Equal, l.model.Equal
		prefixes := make([]*prefix, len(l.record.keys))
		for i := range prefixes {
			prefixes[i] = w.newPrefix(l.Steps)
		}
		unknown := false
		for _, s := range steps {
			k := prefixes[s.key]
			if k.push(s.mark.op, s.mark.what); s.mark.what == returns && w.along(k) >= 0 {
				return sim.Holds, wrongOn(l.record.keys[s.key])
			}
		}
		for i, k := range prefixes {
			if w.along(k) >= 0 {
				return sim.Holds, wrongOn(l.record.keys[i])
			}
			unknown = unknown || k.lost
		}
		return resultOf(unknown), nil
	}
}

// A wrongOn is the key on which nothing explains a history.
type wrongOn string

func (w wrongOn) Error() string { return "no order explains the operations on key " + string(w) }

func resultOf(unknown bool) sim.Result {
	if unknown {
		return sim.Unknown
	}
	return sim.Holds
}
