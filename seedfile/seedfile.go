// Package seedfile writes a run down, so that it can be made again.
//
// A run is a function of a few things: the scenario and its options, the seed, and the faults. A [File]
// holds them, together with what the run showed when it was written down: its verdict and the hash of
// its events. There are two forms. One is a text that people read, review and keep under seeds/:
//
//	simseed v1
//	# p2 overtakes p1 while a1 and a3 have forgotten their promises
//	scenario paxos
//	seed     0x2a
//	simver   1
//	faults   swarm
//	expect   violated agreement
//	set      acceptors=3 proposers=2
//	for      2s
//	plan     18.7ms crash a1
//	plan     19.7ms restart a1
//	hash     4c4cff4a475e6815
//
// The other is a token, the same in one word that survives a shell, a chat and a bug report: see [File.Token].
//
// A run that was made small needs no seed: "seed none" says that all picks are 0 but those of its tape lines.
//
// A file that a program wrote has more lines: made, by which it is told that somebody has changed the file since, or cut it short; build
// and marks, by which another run is told to be the same up to some event; and of a run that was recorded the tape and the trail of
// [File.Record], by which it is made again when its seed means something else.
//
// Each line of the text is a key and its value. Only scenario and seed must be there. A line that starts
// with # is a comment. Settings that contain white space, a quote or a backslash are quoted as a whole,
// as Go quotes strings: set "ops=put x 1; get x". The plan lines, in their order, replace what the
// profile would draw; a plan without any fault is "plan none".
package seedfile

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A File is one run, as a seed file or a token states it.
type File struct {
	Comment  string        // what the comments say, one line each, without the #
	Scenario string        // the scenario's name, one word
	Bug      string        // the name of the bug that the program was compiled with; "" for none: see the function Bug
	Seed     uint64        // decides what the plan and the options leave open
	Seedless bool          // in the place of a seed the Tape decides, and every pick that is not on it is 0
	Simver   int           // the sim.Version that gave the seed its meaning; 0 if not stated
	Made     uint32        // a checksum of what makes the run, for Changed; 0 if not stated
	Faults   string        // the name of a fault.Profile; "" is the default one
	Expect   string        // "ok", "violated agreement", "stalled termination": see Meets; "" if not stated
	Set      []string      // settings that differ from the defaults, as name=value, sorted
	For      time.Duration // how long the run takes, in virtual time; 0 is the scenario's own
	Plan     *fault.Plan   // replaces what the profile would draw; nil leaves it to the profile
	Hash     uint64        // over every event of the run; 0 if not stated
	Build    uint32        // of the program that made the run: see the function Build; 0 if not stated
	Marks    Marks         // how the hash came to be; none if not stated

	Tape  []chance.Decision // the outcomes that were not 0, sorted by their keys as seed files have them; nil if not recorded
	Trail Trail             // a hash of each event; nil if not recorded
}

// Of writes down a run that was made with cfg and ended with v. The plan
// is stated only if cfg states it: what a profile drew follows from the
// seed. There is no comment, nothing is expected (see [Expected]), and nothing recorded. If cfg is [Seedless], the
// file has its tape.
func Of(s *sim.Scenario, cfg sim.Config, v sim.Verdict) File {
	f := File{
		Scenario: s.Name,
		Bug:      Bug(),
		Seed:     cfg.Seed,
		Simver:   sim.Version,
		Faults:   cfg.Faults,
		Set:      slices.Clone(cfg.Options.Given()),
		For:      cfg.For,
		Plan:     clonePlan(cfg.Plan),
		Hash:     v.Hash,
		Build:    Build(),
		Marks:    marksOf(v.Checkpoints),
	}
	if o := seedless(cfg); o != nil {
		f.Seed, f.Seedless, f.Tape = 0, true, sorted(o.Tape())
	}
	f.Made = f.making()
	return f
}

// making is a checksum of the lines that make the run, and never 0.
func (f File) making() uint32 {
	f.Simver, f.Made, f.Expect, f.Hash, f.Build, f.Marks, f.Trail = 0, 0, "", 0, 0, Marks{}, nil
	if !f.Seedless {
		f.Tape = nil
	}
	var text strings.Builder
	f.print(&text)
	return max(crc32.ChecksumIEEE([]byte(text.String())), 1)
}

// Changed reports whether the file makes another run than the one it was written for: whether, since a program wrote it, somebody has
// changed its seed, its options or its faults, or cut it short. What it says of the run, such as its hash, is then of another one.
// To change a file on purpose is what it is text for; nobody can tell if it has no Made.
func (f File) Changed() bool { return f.Made != 0 && f.Made != f.making() }

// Seedless reports whether a tape decides the run, and no seed at all: whether its driver is made by [chance.NewOverrides] with a nil base.
func Seedless(cfg sim.Config) bool { return seedless(cfg) != nil }

func seedless(cfg sim.Config) *chance.Overrides {
	if o, ok := cfg.Driver.(*chance.Overrides); ok && o.Base == nil {
		return o
	}
	return nil
}

// Config says how to make the run again with scenario s. It is an error if the file is about another
// scenario, if this program has not the bug that the file states, or if s does not take its settings. A file that states no bug makes a run of any program. A file with another Simver than sim.Version is no error:
// it makes a run, though perhaps not the one that was written down.
func (f File) Config(s *sim.Scenario) (sim.Config, error) {
	if f.Scenario != s.Name {
		return sim.Config{}, fmt.Errorf("this is a run of scenario %s, not of %s", f.Scenario, s.Name)
	}
	if f.Bug != "" && f.Bug != Bug() {
		return sim.Config{}, fmt.Errorf("this is a run of a program with the bug %s, and this one was compiled %s", f.Bug, withBug(Bug()))
	}
	o, err := s.ParseOptions(f.Set)
	if err != nil {
		return sim.Config{}, err
	}
	cfg := sim.Config{Seed: f.Seed, Options: o, Faults: f.Faults, Plan: clonePlan(f.Plan), For: f.For}
	if f.Seedless {
		cfg.Driver = chance.NewOverrides(nil, f.Tape)
	}
	return cfg, nil
}

// Expected is what a seed file must expect so that v meets it: "ok", or
// the outcome and the property it is named after.
func Expected(v sim.Verdict) string {
	if v.Outcome == sim.OK || v.Property == "" {
		return v.Outcome.String()
	}
	return v.Outcome.String() + " " + v.Property
}

// Meets reports whether v is what the file expects. An outcome without a property, such as "violated",
// is met whatever the property. A file that expects nothing is met by every verdict.
func (f File) Meets(v sim.Verdict) bool {
	outcome, property, named := strings.Cut(f.Expect, " ")
	if outcome == "" {
		return true
	}
	return outcome == v.Outcome.String() && (!named || property == v.Property)
}

func clonePlan(p *fault.Plan) *fault.Plan {
	if p == nil {
		return nil
	}
	c := slices.Clone(*p)
	return &c
}
