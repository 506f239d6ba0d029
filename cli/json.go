package cli

import (
	"encoding/json"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// The records are an interface for programs: fields may be added, but none changes its name or meaning.
// Times are whole nanoseconds, shares go from 0 to 1, hashes are text of 16 hexadecimal digits, since
// many a reader of JSON rounds whole numbers above 2^53. Seeds are numbers all the same: those that
// people choose are small.

// A runRecord is a run as --json prints it.
type runRecord struct {
	Scenario   string            `json:"scenario"`
	Seed       uint64            `json:"seed"`
	Seedless   bool              `json:"seedless,omitempty"` // the tape of a file decides in the place of a seed
	Simver     int               `json:"simver"`
	Bug        string            `json:"bug,omitempty"` // that this program was compiled with
	Profile    string            `json:"profile"`
	Set        []string          `json:"set,omitempty"`
	Verdict    string            `json:"verdict"`  // ok, unknown, stalled or violated
	Property   string            `json:"property"` // that the verdict is named after, or ""
	Why        string            `json:"why"`
	Events     uint64            `json:"events"`
	SimNS      int64             `json:"sim_ns"`
	WallNS     int64             `json:"wall_ns"`
	Hash       string            `json:"hash"`
	Checks     map[string]uint64 `json:"checks"` // by property: how many times it judged
	Properties []propertyRecord  `json:"properties"`
	Violations []violationRecord `json:"violations,omitempty"` // in the order in which they were seen
	Faults     map[string]uint64 `json:"faults"`               // by kind, those that could happen: how often they did
	Sent       uint64            `json:"sent"`
	Late       uint64            `json:"late"`
	Sometimes  []string          `json:"sometimes"` // which were reached
	Tallies    map[string]uint64 `json:"tallies"`
	Figures    *figuresRecord    `json:"figures,omitempty"`  // how well clients were served
	Accounts   map[string]string `json:"accounts,omitempty"` // by property: tables and the like, as text
	Outside    []string          `json:"outside,omitempty"`  // what of the plan is outside the scenario's model
	Idle       []string          `json:"idle,omitempty"`     // lines of a given plan that never did anything
	Excused    []string          `json:"excused,omitempty"`  // liveness properties that were open, as they may be beyond every budget
	Spared     uint64            `json:"spared,omitempty"`   // faults that a budget held back
	Plan       string            `json:"plan"`               // all faults of the run, as text that --plan takes
	Token      string            `json:"token"`
	Replay     *replayRecord     `json:"replay,omitempty"`
}

// A propertyRecord is how one property fared.
type propertyRecord struct {
	Name    string `json:"name"`
	Inner   bool   `json:"inner"`
	Outcome string `json:"outcome"`
	Checks  uint64 `json:"checks"`
	Why     string `json:"why,omitempty"`
}

// A violationRecord is a property that did not hold, and the event at
// which that was seen; 0 at the end of the run.
type violationRecord struct {
	Property string `json:"property"`
	Inner    bool   `json:"inner"`
	Why      string `json:"why"`
	Event    uint64 `json:"event"`
}

// A replayRecord is what a replay has to say beside its run.
type replayRecord struct {
	File     string      `json:"file,omitempty"`
	Expect   string      `json:"expect,omitempty"`
	Met      bool        `json:"met"`                // the run is as the file expects
	Exact    bool        `json:"exact"`              // the run that is reported has the hash that was written down
	Same     string      `json:"same"`               // exact, matches, diverged, nondeterministic, option or unknown: see sameness
	Build    string      `json:"build,omitempty"`    // same or other, if the file or token states one
	After    uint64      `json:"after,omitempty"`    // if diverged: the two runs are the same up to this event,
	Before   uint64      `json:"before,omitempty"`   // and not by this one; 0 if that is not known
	Diverged uint64      `json:"diverged,omitempty"` // the first event that differs, if that is known
	Now      string      `json:"now,omitempty"`      // that event, as it is now
	Stale    string      `json:"stale,omitempty"`
	Option   string      `json:"option,omitempty"` // the name of the option that is stale
	Tape     *tapeRecord `json:"tape,omitempty"`
}

// A tapeRecord is how the tape of a recorded run fared, where the seed no longer makes that run.
type tapeRecord struct {
	Exact    bool     `json:"exact"`
	Outcomes int      `json:"outcomes"`           // how many the tape has
	Gone     int      `json:"gone"`               // how many of them nothing asks for any more
	Examples []string `json:"examples,omitempty"` // the first of those, as keys of picks
	Diverged uint64   `json:"diverged,omitempty"` // the first event that differs
	Now      string   `json:"now,omitempty"`
}

// A staleRecord is what --json prints when there is no run.
type staleRecord struct {
	Scenario string        `json:"scenario"`
	Replay   *replayRecord `json:"replay"`
}

// An eventRecord is an event as --json --events prints it.
type eventRecord struct {
	Event  uint64 `json:"event"`
	Cause  uint64 `json:"cause,omitempty"`
	AtNS   int64  `json:"at_ns"`
	Kind   string `json:"kind"`
	Node   string `json:"node,omitempty"`
	Peer   string `json:"peer,omitempty"`
	Data   string `json:"data,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// recordOf is the record of a run that was made. Kinds of faults that
// could not happen are left out of its table.
func recordOf(s *sim.Scenario, cfg sim.Config, m *made, token string) *runRecord {
	v := &m.verdict
	r := &runRecord{
		Scenario: s.Name, Seed: cfg.Seed, Seedless: seedfile.Seedless(cfg), Simver: sim.Version, Bug: seedfile.Bug(), Profile: profileName(cfg), Set: cfg.Options.Given(),
		Verdict: v.Outcome.String(), Property: v.Property, Why: v.Why,
		Events: v.Events, SimNS: int64(v.Virtual), WallNS: int64(m.wall), Hash: hash(v.Hash),
		Checks: make(map[string]uint64), Faults: make(map[string]uint64), Tallies: make(map[string]uint64),
		Sent: v.Sent, Late: v.Late, Sometimes: append([]string{}, v.Sometimes...), Outside: v.Outside, Idle: v.Idle, Excused: v.Excused, Spared: v.Spared, Plan: m.plan.String(), Token: token,
	}
	for _, c := range v.Checks {
		r.Checks[c.Property] = c.Checks
		r.Properties = append(r.Properties, propertyRecord{c.Property, c.Inner, c.Outcome.String(), c.Checks, c.Why})
	}
	for _, x := range v.Violations {
		r.Violations = append(r.Violations, violationRecord{x.Property, x.Inner, x.Why, x.Seq})
	}
	for k := fault.Kind(0); k < fault.Kinds; k++ {
		if v.Enabled.Has(k) || v.Faults[k] > 0 {
			r.Faults[k.String()] = v.Faults[k]
		}
	}
	for _, t := range v.Tallies {
		r.Tallies[t.Name] = t.N
	}
	r.Figures = figuresRecordOf(&m.figures)
	for _, a := range v.Accounts {
		if r.Accounts == nil {
			r.Accounts = make(map[string]string)
		}
		r.Accounts[a.Property] = a.Text
	}
	return r
}

// profileName is what decides the faults: "plan" if a plan is given.
func profileName(cfg sim.Config) string {
	switch {
	case cfg.Plan != nil:
		return "plan"
	case cfg.Faults == "":
		return "swarm"
	}
	return cfg.Faults
}

// eventRecordOf is the record of an event; its data is text for people, as in the log.
func eventRecordOf(e *sim.Event) eventRecord {
	return eventRecord{e.Seq, e.Cause, int64(e.At), e.Kind.String(), string(e.Node), string(e.Peer), view.Text(e.Data), e.Reason}
}

// printJSON prints one object on a line of its own. What cannot be
// written is found when the output is flushed.
func (c *command) printJSON(record any) {
	text, err := json.Marshal(record)
	if err != nil {
		panic("cli: " + err.Error())
	}
	c.out.Write(append(text, '\n'))
}
