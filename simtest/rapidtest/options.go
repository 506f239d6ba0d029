package rapidtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"simrun/sim"
)

// drawOptions draws those options of a scenario that set does not name, as name=value. They are drawn
// from lists that start with the default, so that shrinking leads to it. Texts without a list of values
// keep their default: no one knows what else they may be.
func drawOptions(t *rapid.T, s *sim.Scenario, set []string) (drawn []string) {
	for _, o := range s.Options {
		named := func(setting string) bool { return strings.HasPrefix(setting, o.Name+"=") }
		if slices.ContainsFunc(set, named) {
			continue
		}
		var settings []string
		for _, v := range valuesOf(o) {
			settings = append(settings, fmt.Sprintf("%s=%v", o.Name, v))
		}
		if len(settings) > 1 {
			drawn = append(drawn, rapid.SampledFrom(settings).Draw(t, "option"))
		}
	}
	return drawn
}

// spread is how far drawn numbers may lie above the larger of twice the default and the minimum. Runs of
// thousands of clients would take the time that is better spent on many small ones.
const spread = 4

// valuesOf lists the values that are worth drawing, the default first.
func valuesOf(o sim.Option) (values []any) {
	values = append(values, o.Default)
	add := func(v any) {
		if v != o.Default {
			values = append(values, v)
		}
	}
	switch d := o.Default.(type) {
	case int:
		for n := o.Min; n <= min(o.Max, max(2*d, o.Min)+spread); n++ {
			add(n)
		}
	case bool:
		add(!d)
	case time.Duration:
		base := d
		if d == 0 {
			base = 10 * time.Millisecond
		}
		for _, v := range []time.Duration{base / 4, base / 2, base * 2, base * 4} {
			add(v)
		}
	case string:
		for _, v := range o.Of {
			add(v)
		}
	}
	return values
}
