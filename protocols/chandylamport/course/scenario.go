package course

import (
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/protocols/chandylamport"
	"simrun/sim"
	"simrun/sim/fault"
)

// The flags of the files, as the command run has them.
const (
	topologyFlag = "topology"
	scriptFlag   = "script"
	delaysFlag   = "delays"
	expectFlag   = "expect"
)

// The names of options: that which holds a case, and the one of the scenario's own that a case heeds.
const (
	option  = "course"
	mistake = "mistake"
)

// Scenario is that of chandylamport, extended by cases.
func Scenario() *sim.Scenario { return Extend(chandylamport.Scenario()) }

// Extend returns the scenario with one option more: a case in the course format, which runs in tick mode in the place of
// the scenario's own system, without faults. The command run reads it from files.
func Extend(s *sim.Scenario) *sim.Scenario {
	x := *s
	x.Options = append(append([]sim.Option{}, s.Options...), sim.Option{
		Name: option, Default: "", Check: checkText, Doc: "a case in the course format, in one line, which makes up the whole run; it is read from files by --topology and --script",
	})
	x.ModelFor = func(o sim.Options) fault.Model {
		switch {
		case o.Text(option) != "":
			return fault.Model{Crash: fault.NoCrash, FIFO: true, NoCut: true}
		case s.ModelFor != nil:
			return s.ModelFor(o)
		}
		return s.Model
	}
	x.Build = func(w *sim.World, o sim.Options) {
		if c := given(o); c != nil {
			c.build(w, o.Text(mistake))
			return
		}
		s.Build(w, o)
	}
	x.Properties = func(o sim.Options) []sim.Property {
		if c := given(o); c != nil {
			return c.properties()
		}
		return s.Properties(o)
	}
	x.Import = &sim.Import{
		Files: []sim.ImportFile{
			{Flag: topologyFlag, Needed: true, Doc: "nodes with their tokens, and links, in the course format"},
			{Flag: scriptFlag, Needed: true, Doc: "sends, snapshots and ticks in the course format"},
			{Flag: delaysFlag, Doc: "numbers from 0 to 4, one for each message sent (default: the seed picks)"},
			{Flag: expectFlag, Many: true, Doc: "a snapshot in the course format to compare with (default: print the snapshots)"},
		},
		Read: func(files map[string][]sim.File, cfg sim.Config) (sim.Imported, error) { return load(&x, files, cfg) },
	}
	return &x
}

func checkText(text string) error {
	if text == "" {
		return nil
	}
	_, err := ParseText(text)
	return err
}

// given returns the case that the options hold, nil if there is none.
func given(o sim.Options) *Case {
	text := o.Text(option)
	if text == "" {
		return nil
	}
	c, err := ParseText(text)
	if err != nil {
		panic("course: " + err.Error()) // the option was checked
	}
	return &c
}

// properties are what is judged in every case.
func (c *Case) properties() []sim.Property {
	taken := newTaken(c)
	list := []sim.Property{
		&scripted{}, taken,
		checkers.Conserved("tokens", int64(c.Topology.total()), taken.audited, nil),
	}
	list = append(list, cuts()...)
	if len(c.Expect) > 0 {
		list = append(list, &expected{taken: taken})
	}
	return list
}

// audited reads the tokens of a complete snapshot, on nodes and on links.
func (t *taken) audited(fact any) (what string, amount int64, ok bool) {
	f, ok := fact.(chandylamport.Complete)
	if !ok {
		return "", 0, false
	}
	return fmt.Sprintf("snapshot %d", t.numbers[f.Snapshot.ID]), f.Snapshot.Amount(), true
}

// load makes a case of files. A script that turns out to want what cannot be done, with these delays or this seed, is
// as wrong as one that cannot be read, and only a run can tell.
func load(s *sim.Scenario, files map[string][]sim.File, cfg sim.Config) (in sim.Imported, err error) {
	f := Files{Topology: files[topologyFlag][0], Script: files[scriptFlag][0], Expect: files[expectFlag]}
	if d := files[delaysFlag]; len(d) > 0 {
		f.Delays = &d[0]
	}
	for _, set := range cfg.Options.Given() {
		if !strings.HasPrefix(set, mistake+"=") {
			return in, fmt.Errorf("--set %s does not go with a case from files, which says all but %s", set, mistake)
		}
	}
	c, err := f.Parse()
	if err != nil {
		return in, err
	}
	if f.Delays != nil { // a list may be longer than a case needs, but a token should not
		f.Delays.Text = c.Delays[:c.messages()].String()
	}
	in = sim.Imported{Settings: []string{option + "=" + f.Text()}, Bare: len(f.Expect) == 0}
	o, err := s.ParseOptions(append(in.Settings, cfg.Options.Given()...))
	if err != nil {
		return in, err
	}
	w, err := s.World(sim.Config{Seed: cfg.Seed, Options: o})
	if err != nil {
		return in, err
	}
	for e := range w.Events(0) {
		if r, ok := e.Data.(Refused); ok && e.Kind == sim.Noted {
			err = &Error{f.Script.Name, r.Step.Line, r.why(e)}
		}
	}
	return in, err
}
