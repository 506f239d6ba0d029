package workload

import (
	"strconv"

	"github.com/anishathalye/porcupine"

	"simrun/checkers"
	"simrun/sim"
)

// A call is an input of the judge's model.
type call struct {
	service *Service
	op      Op
}

// ReadOnly reports whether it changes nothing.
func (c call) ReadOnly() bool { return c.service.Reads(c.op) }

// Overwrites reports whether what it leaves does not depend on what was there.
func (c call) Overwrites() bool {
	v := c.service.verb(c.op.Verb)
	return v != nil && v.Sets
}

// Model is the service as its judge sees it: one part, that does one operation after the other.
func (s Service) Model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			next, want := s.Step(state.(string), input.(call).op)
			return output == nil || want == output.(Result), next
		},
		DescribeOperation: func(input, output any) string { return input.(call).op.String() + " → " + describe(output) },
		DescribeState:     func(state any) string { return strconv.Quote(state.(string)) },
	}
}

func describe(output any) string {
	if r, ok := output.(Result); ok {
		return r.String()
	}
	return "?"
}

// History says how operations are read from a run with clients of this package. Total is how many they call.
func (s Service) History(total int) checkers.History {
	service := &s
	return checkers.History{
		Call: func(fact any) (checkers.OpID, string, any, bool) {
			if f, ok := fact.(Called); ok {
				return f.ID, f.Op.Key, call{service, f.Op}, true
			}
			return checkers.OpID{}, "", nil, false
		},
		Return: func(fact any) (checkers.OpID, any, checkers.Outcome, bool) {
			f, ok := fact.(Returned)
			switch {
			case !ok:
				return checkers.OpID{}, nil, 0, false
			case f.Unknown:
				return f.ID, nil, checkers.Unknown, true
			case f.Failed:
				return f.ID, nil, checkers.Failed, true
			}
			return f.ID, f.Result, checkers.Done, true
		},
		Reached: func(m sim.Message) (checkers.OpID, bool) {
			r, ok := m.(Request)
			return r.Command.ID, ok
		},
		Total: total,
	}
}

// Served says how well clients of this package are served, by reads and writes. Leads is what the facts of the servers tell of who leads, nil where nobody does.
func (s Service) Served(leads func(fact any) (leads, ok bool)) *sim.Service {
	return &sim.Service{
		Called: func(fact any) (sim.Asked, bool) {
			f, ok := fact.(Called)
			if !ok {
				return sim.Asked{}, false
			}
			kind := "writes"
			if s.Reads(f.Op) {
				kind = "reads"
			}
			return sim.Asked{Client: f.ID.Client, N: f.ID.N, Kind: kind}, true
		},
		Returned: func(fact any) (sim.Asked, bool, bool) {
			f, ok := fact.(Returned)
			return sim.Asked{Client: f.ID.Client, N: f.ID.N}, !f.Unknown && !f.Failed, ok
		},
		Leads: leads,
	}
}
