package steps

import "time"

// play makes the run that calls tell, in this process. It is nil if a step cannot be made.
func (x *Test) play(calls []call) (t *told) {
	var tb trial
	defer func() {
		for _, f := range tb.cleanups {
			f()
		}
		if v := recover(); v != nil {
			if v != any(refused{}) {
				panic(v)
			}
			t = nil
		}
	}()
	r := New(&tb, x.Case.Scenario, x.Case.Config.Options.Given()...)
	r.c.Tape = x.Case.Tape // all at once: there may be hundreds
	for _, c := range calls[:len(calls)-1] {
		if c.name != "Pick" {
			steps[c.name](r, c.args)
		}
	}
	// What the last call judges is looked at in detail.
	if args := calls[len(calls)-1].args; len(args) > 0 {
		r.c.Config.Only = args[0].(string)
	}
	if err := r.open(r.c); err != nil {
		return nil
	}
	for r.step() {
	}
	r.judged = true
	all := r.log.told(r.world.Verdict(), x.Property)
	return &all
}

// A trial is a test that gives up at the first failure.
type trial struct{ cleanups []func() }

type refused struct{}

func (t *trial) Helper()               {}
func (t *trial) Failed() bool          { return false }
func (t *trial) Errorf(string, ...any) {}
func (t *trial) Fatalf(string, ...any) { panic(refused{}) }
func (t *trial) Cleanup(f func())      { t.cleanups = append(t.cleanups, f) }

// steps are the methods that tests are printed with, but for Pick.
var steps = map[string]func(r *Run, args []any){
	"RunUntil":     func(r *Run, args []any) { r.RunUntil(args[0].(string)) },
	"RunTo":        func(r *Run, args []any) { r.RunTo(args[0].(time.Duration)) },
	"Crash":        func(r *Run, args []any) { r.Crash(args[0].(string)) },
	"CrashFor":     func(r *Run, args []any) { r.CrashFor(args[0].(string), args[1].(time.Duration)) },
	"CrashForGood": func(r *Run, args []any) { r.CrashForGood(args[0].(string)) },
	"Restart":      func(r *Run, args []any) { r.Restart(args[0].(string)) },
	"Pause":        func(r *Run, args []any) { r.Pause(args[0].(string)) },
	"Resume":       func(r *Run, args []any) { r.Resume(args[0].(string)) },
	"Cut":          func(r *Run, args []any) { r.Cut(args[0].(string)) },
	"CutOneWay":    func(r *Run, args []any) { r.CutOneWay(args[0].(string)) },
	"Heal": func(r *Run, args []any) {
		if len(args) == 0 {
			r.Heal()
			return
		}
		r.Heal(args[0].(string))
	},
	"Do":     func(r *Run, args []any) { r.Do(args[0].(string)) },
	"Always": func(r *Run, args []any) { r.Always(args[0].(string)) },
	"Plan":   func(r *Run, args []any) { r.Plan(args[0].(string)) },
	"Lose":   func(r *Run, args []any) { r.Lose(args[0].(string), args[1].(string), args[2].(string), args[3].(int)) },
	"Delay": func(r *Run, args []any) {
		r.Delay(args[0].(string), args[1].(string), args[2].(string), args[3].(int), args[4].(time.Duration))
	},
	"Repeat": func(r *Run, args []any) {
		r.Repeat(args[0].(string), args[1].(string), args[2].(string), args[3].(int), args[4].(time.Duration))
	},
	"Only":  func(r *Run, args []any) { r.Only(args[0].(string)) },
	"Lasts": func(r *Run, args []any) { r.Lasts(args[0].(time.Duration)) },
}
