package sim

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// An Option is something about a scenario that can be set. Its type is that of its Default: a whole number, true or
// false, a duration, or text.
type Option struct {
	Name     string
	Default  any                     // int, bool, time.Duration or string
	Min, Max int                     // the range of a whole number, both included; without them only 0 is in it
	Of       []string                // the texts that are allowed, if any are listed
	Check    func(text string) error // says what is wrong with a text, if not nil
	Doc      string
}

// Options are the values of a scenario's options. The zero Options is empty.
type Options struct {
	values map[string]any
	given  []string // "name=value" of those that differ from the default, sorted
}

// ParseOptions reads settings of the form name=value; what is not set has its default. Each error is one line that
// says what would be right; settings that do not go together are one.
func (s *Scenario) ParseOptions(settings []string) (Options, error) {
	o := Options{values: make(map[string]any, len(s.Options))}
	for _, opt := range s.Options {
		o.values[opt.Name] = opt.Default
	}
	for _, set := range settings {
		name, text, ok := strings.Cut(set, "=")
		if !ok {
			return Options{}, fmt.Errorf("setting %q is not of the form name=value", set)
		}
		opt := s.option(name)
		if opt == nil {
			return Options{}, fmt.Errorf("scenario %s has no option %q; it has: %s", s.Name, name, strings.Join(s.optionNames(), ", "))
		}
		v, err := opt.parse(text)
		if err != nil {
			return Options{}, err
		}
		o.values[name] = v
	}
	for _, opt := range s.Options {
		if v := o.values[opt.Name]; v != opt.Default {
			o.given = append(o.given, fmt.Sprintf("%s=%v", opt.Name, v))
		}
	}
	sort.Strings(o.given)
	if s.Check != nil {
		if err := s.Check(o); err != nil {
			return Options{}, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
	}
	return o, nil
}

func (s *Scenario) option(name string) *Option {
	for i := range s.Options {
		if s.Options[i].Name == name {
			return &s.Options[i]
		}
	}
	return nil
}

func (s *Scenario) optionNames() (names []string) {
	for _, opt := range s.Options {
		names = append(names, opt.Name)
	}
	return names
}

func (opt *Option) parse(text string) (any, error) {
	switch opt.Default.(type) {
	case int:
		n, err := strconv.Atoi(text)
		if err != nil || n < opt.Min || n > opt.Max {
			return nil, fmt.Errorf("option %s=%s: want a whole number from %d to %d", opt.Name, text, opt.Min, opt.Max)
		}
		return n, nil
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("option %s=%s: want true or false", opt.Name, text)
		}
		return b, nil
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("option %s=%s: want a duration such as 30ms", opt.Name, text)
		}
		return d, nil
	case string:
		if strings.ContainsAny(text, "\n\r") {
			return nil, fmt.Errorf("option %s: want one line of text", opt.Name)
		}
		for _, ok := range opt.Of {
			if text == ok {
				return text, nil
			}
		}
		if len(opt.Of) > 0 {
			return nil, fmt.Errorf("option %s=%s: want one of %s", opt.Name, text, strings.Join(opt.Of, ", "))
		}
		if opt.Check != nil {
			if err := opt.Check(text); err != nil {
				return nil, fmt.Errorf("option %s=%s: %w", opt.Name, text, err)
			}
		}
		return text, nil
	}
	panic(fmt.Sprintf("sim: option %s has a default of type %T: want int, bool, time.Duration or string", opt.Name, opt.Default))
}

// Int returns the value of a whole-number option. Like the others it panics if there is no such option of that type.
func (o Options) Int(name string) int { return get[int](o, name) }

// Bool returns the value of a yes-or-no option.
func (o Options) Bool(name string) bool { return get[bool](o, name) }

// Duration returns the value of a duration option.
func (o Options) Duration(name string) time.Duration { return get[time.Duration](o, name) }

// Text returns the value of a text option.
func (o Options) Text(name string) string { return get[string](o, name) }

func get[T any](o Options, name string) T {
	v, ok := o.values[name].(T)
	if !ok {
		panic(fmt.Sprintf("sim: no option %q of type %T", name, v))
	}
	return v
}

// Given returns the settings that differ from their defaults, as name=value, sorted.
func (o Options) Given() []string { return o.given }

// Has reports whether an option has been given another value than its default.
func (o Options) Has(name string) bool {
	for _, g := range o.given {
		if strings.HasPrefix(g, name+"=") {
			return true
		}
	}
	return false
}
