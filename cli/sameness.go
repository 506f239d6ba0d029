package cli

import (
	"errors"
	"fmt"
	"strings"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/view"
)

// A replay compares what a run was, by what was written down, with what it is now. What it says is one of these.
const (
	isExact    = "exact"            // every event is as it was
	isMatching = "matches"          // so it is, and the program is another build
	isDiverged = "diverged"         // the events differ, and the run made twice is the same both times: the code has changed, or the meaning of seeds, or the file
	isRandom   = "nondeterministic" // two runs made now differ, or one made by the same build before: something decides that is not in the seed
	isOption   = "option"           // the scenario no longer takes a setting, so that there is no run
	isUnknown  = "unknown"          // nothing to compare with: a file that people wrote by hand need not state a hash
)

// A sameness is how a run is to one that was written down.
type sameness struct {
	status        string
	was, is       uint64 // the hashes
	simver        int    // what the seed was written for, if that is another meaning; else 0
	build         string // same or other; "" if none was stated
	changed       bool   // somebody has changed what of the file makes the run
	after, before uint64 // if diverged, between which events, as far as known; 0 if not
	at            uint64 // the first event that differs, if known
	now           string // that event
	clones        string // if diverged, and the other way of treating copies makes the run that was written down: with or without
}

// sameBuild compares the fingerprint that was written down with that of this program.
func sameBuild(was, is uint64) string {
	switch {
	case was == 0 || is == 0:
		return ""
	case was == is:
		return "same"
	}
	return "other"
}

// compareWith says how a run is to the one of the file. The trail is that of the run, if there is one in the file.
func compareWith(f *seedfile.File, v *sim.Verdict, trail *watched, build uint32) sameness {
	s := sameness{was: f.Hash, is: v.Hash, build: sameBuild(uint64(f.Build), uint64(build)), changed: f.Changed()}
	if f.Simver != 0 && f.Simver != sim.Version {
		s.simver = f.Simver
	}
	switch {
	case s.was == 0:
		s.status = isUnknown
	case s.was == s.is && s.build == "other":
		s.status = isMatching
	case s.was == s.is:
		s.status = isExact
	case s.build == "same" && s.simver == 0 && !s.changed:
		s.status = isRandom
	default:
		s.status = isDiverged
	}
	if s.was == s.is || s.was == 0 {
		return s
	}
	s.after, s.before = f.Marks.Parted(v.Checkpoints)
	if trail != nil && len(f.Trail) > 0 {
		s.at, s.now = f.Trail.Parted(trail.trail), trail.now
	}
	return s
}

// where says at which event two runs part.
func (s *sameness) where() string {
	switch {
	case s.at > 0 && s.now != "":
		return fmt.Sprintf("diverged at event %s, which is now %s", view.Number(s.at), s.now)
	case s.at > 0:
		return fmt.Sprintf("diverged at event %s, where the run now ends", view.Number(s.at))
	case s.after > 0 && s.before > 0:
		return fmt.Sprintf("diverged between events %s and %s", view.Number(s.after), view.Number(s.before))
	case s.before > 0:
		return fmt.Sprintf("diverged by event %s", view.Number(s.before))
	case s.after > 0:
		return fmt.Sprintf("diverged after event %s", view.Number(s.after))
	}
	return "diverged"
}

// text is a sentence about whether the run is the one that was written down.
func (s *sameness) text() string {
	hashes := fmt.Sprintf("the hash was %s and is %s", hash(s.was), hash(s.is))
	switch s.status {
	case isExact:
		return "exact: every event as it was"
	case isMatching:
		return "exact: every event as it was, though the program is another build"
	case isRandom:
		return fmt.Sprintf("%s: %s, of the very same build: something decides the run that is not in the seed", s.where(), hashes)
	case isDiverged:
		why := "the code has changed since"
		switch {
		case s.clones != "":
			why = fmt.Sprintf("it was made %s --%s", s.clones, clonesFlag)
		case s.changed:
			why = "the file was changed, or cut short, since it was written"
		case s.simver > 0:
			why = fmt.Sprintf("the seed is of simver %d and this program has %d, where it may mean another run", s.simver, sim.Version)
		}
		return fmt.Sprintf("%s: %s: %s", s.where(), hashes, why)
	}
	if s.changed {
		return "nothing to compare with: the file was changed, or cut short, since it was written, and has no hash"
	}
	return "nothing to compare with: no hash was written down"
}

// A taped is a run made by the tape of a recorded one.
type taped struct {
	same     sameness
	outcomes int      // how many the tape has
	gone     []string // the keys of those that nothing asks for any more
}

// text is a sentence about the tape.
func (t *taped) text() string {
	how := "in which every event is as it was"
	if t.same.status == isDiverged {
		how = "which " + t.same.where() + " too"
	}
	s := fmt.Sprintf("this is the run of the tape, %s; of %s recorded outcomes nothing asks for %s any more",
		how, view.Number(uint64(t.outcomes)), view.Number(uint64(len(t.gone))))
	if len(t.gone) > 0 {
		s += ", such as " + t.gone[0]
	}
	return s
}

// A watched is the trail of a run, and the first event where it leaves another trail.
type watched struct {
	trail, other seedfile.Trail
	now          string
}

// see adds an event.
func (w *watched) see(e *sim.Event) {
	w.trail.See(e)
	if n := len(w.trail); w.now == "" && n <= len(w.other)+1 && (n > len(w.other) || w.trail[n-1] != w.other[n-1]) {
		w.now = strings.TrimSpace(view.EventLine(e))
	}
}

// again makes the run. If it is not the one that was written down, it is made a second time, to tell changed code from a
// run that is never the same; and a recorded one is made by its tape.
func (c *command) again(r *replayed, watch func(*sim.Event)) (err error) {
	defer func() {
		if e := (*ending)(nil); errors.As(err, &e) && e.code == exitUsage {
			err = usage("%s: %s", r.what(), e.text)
		}
	}()
	if r.seed.Recorded() {
		if done, err := c.againByTape(r, watch); done || err != nil {
			return err
		}
	}
	if r.made, err = c.once(r.scenario, r.config, watch); err != nil {
		return err
	}
	r.same = compareWith(&r.seed, &r.made.verdict, nil, seedfile.Build())
	if r.same.was == 0 || r.same.was == r.same.is || r.made.diverged != nil {
		return nil
	}
	if err := c.withOtherClones(r); err != nil {
		return err
	}
	r.made.diverged, err = c.differs(r)
	return err
}

// withOtherClones makes the run with copies of nodes checked, or not checked if they were: a check that fails ends a run, and
// neither a token nor a file says whether it was asked for.
func (c *command) withOtherClones(r *replayed) error {
	cfg := r.config
	cfg.CheckClones = !cfg.CheckClones
	v, err := c.play(r.scenario, cfg, nil, func(*sim.World) {})
	if err != nil || v.Hash != r.same.was {
		return err
	}
	r.same.status, r.same.clones = isDiverged, "without"
	if cfg.CheckClones {
		r.same.clones = "with"
	}
	return nil
}

// differs finds out whether the run is never the same, and why. If the same build made another run before, it looks at a run in
// another process too.
func (c *command) differs(r *replayed) (*search.Divergence, error) {
	guard := search.Guard{Scenario: r.scenario, Process: c.self}
	if r.same.status == isRandom {
		d, err := guard.Check(c.ctx, r.config)
		switch {
		case err != nil && c.ctx.Err() != nil:
			return nil, interrupted()
		case err != nil:
			return nil, &ending{exitUnknown, fmt.Sprintf("the run could not be verified: %v", err)}
		}
		return d, nil
	}
	d, err := search.Compare(r.scenario, r.config)
	if err != nil {
		return nil, &ending{exitUnknown, err.Error()}
	}
	if d != nil {
		guard.Explain(c.ctx, d, r.config)
	}
	return d, nil
}

// againByTape makes a recorded run by its seed, to see whether it is still the same; if not, the run that is reported is that
// of the tape. It is not done if the tape is not needed.
func (c *command) againByTape(r *replayed, watch func(*sim.Event)) (done bool, err error) {
	trail := &watched{other: r.seed.Trail}
	v, err := c.play(r.scenario, r.config, trail.see, func(*sim.World) {})
	if err != nil {
		return false, err
	}
	r.same = compareWith(&r.seed, &v, trail, seedfile.Build())
	if r.same.was == r.same.is || r.same.was == 0 {
		return false, nil
	}
	if err := c.withOtherClones(r); err != nil {
		return false, err
	}
	differs, err := c.differs(r)
	if err != nil {
		return false, err
	}
	recorder := &chance.Recorder{Base: chance.NewOverrides(nil, r.seed.Tape)}
	r.config.Driver = recorder
	trail = &watched{other: r.seed.Trail}
	both := func(e *sim.Event) {
		trail.see(e)
		if watch != nil {
			watch(e)
		}
	}
	if r.made, err = c.once(r.scenario, r.config, both); err != nil {
		return false, err
	}
	if differs != nil {
		r.made.diverged = differs
	}
	r.taped = &taped{same: compareWith(&r.seed, &r.made.verdict, trail, 0), outcomes: len(r.seed.Tape)}
	asked := make(map[string]bool)
	for _, d := range recorder.Tape {
		asked[d.Key] = true
	}
	for _, d := range r.seed.Tape {
		if !asked[d.Key] {
			r.taped.gone = append(r.taped.gone, d.Key)
		}
	}
	return true, nil
}

// exact reports whether the run that is reported is the one that was written down, event by event. Without a hash nobody knows.
func (r *replayed) exact() bool { return r.seed.Hash == r.made.verdict.Hash }

// stale says why the run of the seed is not the one that was written down; "" if it is, or if nothing can be said.
func (r *replayed) stale() string {
	switch {
	case r.same.status == isRandom || r.made.diverged != nil:
		return ""
	case r.same.status == isDiverged:
		return r.same.text()
	case r.same.status == isUnknown && r.same.changed:
		return r.same.text()
	case r.same.status == isUnknown && r.same.simver > 0:
		return fmt.Sprintf("%s is of simver %d and this program has %d: the seed may mean another run", r.what(), r.same.simver, sim.Version)
	}
	return ""
}

// sameness is a sentence, or two, about whether the run is the one that was written down.
func (r *replayed) sameness() string {
	s := r.same.text()
	switch {
	case r.made.diverged != nil:
		return "no, and it never is: made twice it differs"
	case r.same.status == isUnknown && r.stale() != "":
		s = "stale: " + r.stale()
	}
	if r.taped != nil {
		s += "; " + r.taped.text()
	}
	return s
}

// record is what --json says beside the run.
func (r *replayed) record() *replayRecord {
	s := &r.same
	rec := &replayRecord{File: r.file, Expect: r.seed.Expect, Met: r.met(), Exact: r.exact(), Stale: r.stale(),
		Same: s.status, Build: s.build, After: s.after, Before: s.before, Diverged: s.at, Now: s.now}
	if r.made.diverged != nil {
		rec.Same = isRandom
	}
	if t := r.taped; t != nil {
		rec.Tape = &tapeRecord{Exact: t.same.was == t.same.is, Outcomes: t.outcomes, Gone: len(t.gone),
			Examples: t.gone[:min(len(t.gone), 5)], Diverged: t.same.at, Now: t.same.now}
	}
	return rec
}

// A staleOption is a setting that a scenario no longer takes.
type staleOption struct {
	replayed *replayed
	option   string
	ending
}

// staleOption finds the first setting that the scenario does not take, whatever the others are.
func (r *replayed) staleOption() error {
	each := *r.scenario
	each.Check = nil // it is about several settings together
	for _, set := range r.seed.Set {
		_, err := each.ParseOptions([]string{set})
		if err == nil {
			continue
		}
		name, _, _ := strings.Cut(set, "=")
		why := strings.TrimPrefix(err.Error(), "option "+set+": ")
		return &staleOption{r, name, ending{exitUsage, fmt.Sprintf("%s: the option %s is stale: %s", r.what(), set, why)}}
	}
	return nil
}

// Unwrap makes it an ending.
func (s *staleOption) Unwrap() error { return &s.ending }

// printStale prints a record in the place of that of the run, if it is an option that keeps the run from being made.
func (c *command) printStale(err error) {
	var s *staleOption
	if !errors.As(err, &s) {
		return
	}
	c.printJSON(staleRecord{s.replayed.seed.Scenario, &replayRecord{
		File: s.replayed.file, Expect: s.replayed.seed.Expect, Same: isOption, Stale: s.text, Option: s.option}})
}
