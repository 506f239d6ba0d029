package search

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// settings makes whole numbers smaller and lists shorter, and puts others back to their defaults. Nodes that are gone leave the plan with
// them.
func (x *shrinker) settings() {
	x.say()
	for i := range x.Case.Scenario.Options {
		o := &x.Case.Scenario.Options[i]
		now := x.now.Config.Options
		switch o.Default.(type) {
		case int:
			x.fewer(o)
		case string:
			if now.Has(o.Name) && !x.set(o.Name, fmt.Sprint(o.Default)) && len(o.Of) == 0 {
				x.shorter(o.Name)
			}
		case time.Duration:
			x.sooner(o)
		default:
			if now.Has(o.Name) {
				x.set(o.Name, fmt.Sprint(o.Default))
			}
		}
	}
}

// tidy puts settings back to their defaults that have come to mean nothing, such as the number of drawn operations where they are listed.
func (x *shrinker) tidy() {
	for _, o := range x.Case.Scenario.Options {
		if x.now.Config.Options.Has(o.Name) && !x.over() {
			x.first(1, func(int) Case { return x.now.with(fmt.Sprintf("%s=%v", o.Name, o.Default)) }, x.noHeavier)
		}
	}
}

// say puts what the run drew into words, if the scenario can: then it can be left out word by word.
func (x *shrinker) say() {
	s := x.Case.Scenario
	if s.Spelt == nil || x.over() {
		return
	}
	w, err := x.now.World()
	if err != nil {
		return
	}
	c := x.now.with(s.Spelt(w)...)
	if c.Scenario != nil && !slices.Equal(c.Config.Options.Given(), x.now.Config.Options.Given()) {
		x.first(1, func(int) Case { return c }, nil)
	}
}

// set tries another value of an option.
func (x *shrinker) set(name, value string) bool {
	return x.first(1, func(int) Case { return x.now.with(name + "=" + value) }, nil) == 0
}

// fewer makes a whole number as small as it can: the least, else by halves.
func (x *shrinker) fewer(o *sim.Option) {
	for low := o.Min; !x.over(); {
		now := x.now.Config.Options.Int(o.Name)
		if low >= now {
			return
		}
		if mid := low + (now-low)/2; !x.set(o.Name, fmt.Sprint(mid)) {
			low = mid + 1
		}
	}
}

// sooner makes a time shorter, if less happens then: what begins after a while may begin at once.
func (x *shrinker) sooner(o *sim.Option) {
	var list []time.Duration
	for now := x.now.Config.Options.Duration(o.Name); now > time.Millisecond; now /= 2 {
		list = append(list, now/2/digit(now/2)*digit(now/2))
	}
	slices.Reverse(list)
	x.first(len(list), func(i int) Case { return x.now.with(fmt.Sprintf("%s=%v", o.Name, list[i])) }, x.lighter)
}

// shorter leaves out parts of a text that is a list: "c1: put x 1; get x; c2: cas x 1 2" has three, of which the second belongs to c1 too.
func (x *shrinker) shorter(name string) {
	text := x.now.Config.Options.Text(name)
	sep := separator(text)
	if sep == "" {
		return
	}
	list := reduce(x, entries(text, sep), func(some []entry) Case { return x.now.with(name + "=" + join(some, sep)) })
	x.renumber(name, list, sep)
}

// renumber gives the owners of a list the lowest numbers that there are, so that nobody stands idle before them: c1 and c2 in the place of c3 and c7.
func (x *shrinker) renumber(name string, list []entry, sep string) {
	var owners []string
	for _, e := range list {
		if e.owner != "" && !slices.Contains(owners, e.owner) {
			owners = append(owners, e.owner)
		}
	}
	slices.SortFunc(owners, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	renamed := x.now.Case
	for i, old := range owners {
		next := fmt.Sprint(strings.TrimRight(old, "0123456789"), i+1)
		for k := range list {
			if list[k].owner == old {
				list[k].owner = next
			}
		}
		renamed = renamed.rename(old, next)
	}
	if text := join(list, sep); text != x.now.Config.Options.Text(name) {
		x.first(1, func(int) Case { return renamed.with(name + "=" + text) }, x.noHeavier)
	}
}

// rename puts another node into the place of one, in all lines of the plan.
func (c Case) rename(old, next string) Case {
	one := func(s *string) {
		if *s == old {
			*s = next
		}
	}
	all := func(names *[]string) {
		*names = slices.Clone(*names)
		for i := range *names {
			one(&(*names)[i])
		}
	}
	p := slices.Clone(*c.Config.Plan)
	for i := range p {
		l := &p[i]
		for _, s := range []*string{&l.Node, &l.Other, &l.From, &l.To, &l.After.Node} {
			one(s)
		}
		for _, names := range []*[]string{&l.Sides[0], &l.Sides[1], &l.Nodes} {
			all(names)
		}
	}
	return c.withPlan(p)
}

// separator is what stands between the entries of a list; "" if the text is none.
func separator(text string) string {
	for _, s := range []string{";", ",", "/"} {
		if strings.Contains(text, s) {
			return s
		}
	}
	return ""
}

// An entry of a list, and to whom it belongs.
type entry struct{ owner, text string }

func entries(text, sep string) (list []entry) {
	owner := ""
	for s := range strings.SplitSeq(text, sep) {
		s = strings.TrimSpace(s)
		if who, what, ok := strings.Cut(s, ":"); ok && !strings.ContainsAny(who, " ") {
			owner, s = who, strings.TrimSpace(what)
		}
		list = append(list, entry{owner, s})
	}
	return list
}

func join(list []entry, sep string) string {
	var b strings.Builder
	owner := ""
	for i, p := range list {
		if i > 0 {
			b.WriteString(sep)
			if sep == ";" {
				b.WriteString(" ")
			}
		}
		if p.owner != owner {
			b.WriteString(p.owner + ": ")
			owner = p.owner
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// with is the case with other settings, of which a name alone means the default, and without the lines of its plan about nodes that are gone; no case at all, if there are no such
// settings.
func (c Case) with(settings ...string) Case {
	given := slices.Clone(c.Config.Options.Given())
	for _, set := range settings {
		name, _, stated := strings.Cut(set, "=")
		given = slices.DeleteFunc(given, func(g string) bool { return strings.HasPrefix(g, name+"=") })
		if stated {
			given = append(given, set)
		}
	}
	o, err := c.Scenario.ParseOptions(given)
	if err != nil {
		return Case{}
	}
	c.Config.Options = o
	if c.Config.Plan == nil {
		return c
	}
	for range len(*c.Config.Plan) {
		w, err := c.World()
		if err == nil {
			w.Close()
			break
		}
		var wrong *fault.Wrong
		if !errors.As(err, &wrong) {
			break
		}
		p := *c.Config.Plan
		l, ok := withoutName(p[wrong.Index], wrong.Name)
		q := slices.Clone(p)
		if q[wrong.Index] = l; !ok {
			q = slices.Delete(q, wrong.Index, wrong.Index+1)
		}
		c = c.withPlan(q)
	}
	return c
}

// withoutName takes a node out of a line's list or sides; false, if nothing would be left.
func withoutName(l fault.Line, name string) (fault.Line, bool) {
	is := func(s string) bool { return s == name }
	found := false
	for i, list := range [][]string{l.Sides[0], l.Sides[1], l.Nodes} {
		if !slices.ContainsFunc(list, is) {
			continue
		}
		found = true
		if list = slices.DeleteFunc(slices.Clone(list), is); len(list) == 0 {
			return l, false
		}
		if i < 2 {
			l.Sides[i] = list
		} else {
			l.Nodes = list
		}
	}
	return l, found
}
