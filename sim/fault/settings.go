package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"simrun/sim/net"
)

// The name of a profile says how it is composed and set:
//
//	name    = part { "+" part } [ ":" setting { "," setting } ]
//	setting = family "=" ( "on" | "off" | value ) | family "." dial "=" value | family ".in=" share
//	        | "law=" law
//	value   = number | number ".." number
//
// A part is the name of one of [Profiles], and the order of parts and of settings has no meaning. A family's own value is that of its
// first dial, and turns the family on in every seed; "in" says in what share of the seeds it is on. Between two
// numbers what is drawn is as likely in each octave, and counts, and what starts at 0, evenly.
//
//	crash+clock
//	swarm:loss=5%,crash=0..3,crash.for=1ms..50ms,cut=off
//	beyond:law=uniform,excess.full=100%

// FindProfile returns the profile of that name, composed and set as the name says; its own name is in the form that all
// such names share. The error is one line: what is wrong in which column, and what is meant.
func FindProfile(name string) (Profile, error) {
	for i := range profiles {
		if profiles[i].Name == name {
			return profiles[i], nil
		}
	}
	parts, settings, set := strings.Cut(name, ":")
	p, err := compose(name, parts)
	if err != nil || !set {
		return p, err
	}
	if m := p.turn(settings, 2+utf8.RuneCountInString(parts)); m != nil {
		return Profile{}, fmt.Errorf("fault profile %q: %w", name, m)
	}
	return p, nil
}

// compose unites the profiles with these names, in the order of the list of profiles.
func compose(name, parts string) (Profile, error) {
	var all []string
	for i := range profiles {
		all = append(all, profiles[i].Name)
	}
	given := strings.Split(parts, "+")
	col := 1
	for _, part := range given {
		if slices.Contains(all, part) {
			col += utf8.RuneCountInString(part) + 1
			continue
		}
		err := fmt.Errorf("unknown fault profile %q: one of %s", part, strings.Join(all, ", "))
		if len(given) > 1 || part != name {
			err = fmt.Errorf("fault profile %q: column %d: found %q, where one of these is meant: %s", name, col, part, strings.Join(all, ", "))
		}
		if near := nearest(part, all); near != "" {
			err = fmt.Errorf("%w (did you mean %s?)", err, near)
		}
		return Profile{}, err
	}
	var p Profile
	for i := range profiles {
		switch {
		case !slices.Contains(given, profiles[i].Name):
		case p.Name == "":
			p = profiles[i]
		default:
			p = p.with(profiles[i])
		}
	}
	return p, nil
}

// A knob is one thing that can be set.
type knob struct {
	name   string
	doc    string
	family family
	dial   dialID // numDials, if it is none
	law    int    // the law that it is of, -1 if of none
	part   string // of a law: weight, least, most or share
	unit   unit
	least  int64 // that can be set
}

// knobTable lists all knobs, those of a family one after another.
var knobTable = func() (list []knob) {
	for f := range groups {
		name := familyTable[f].name
		if f < families {
			list = append(list, knob{name: name + ".in", doc: "share of the seeds with this family: " + familyTable[f].doc, family: f, dial: numDials, law: -1, unit: asOdds})
		}
		for x := range numDials {
			if d := &dials[x]; d.family == f {
				list = append(list, knob{name: strings.TrimSuffix(name+"."+d.name, "."), doc: d.doc, family: f, dial: x, law: -1, unit: d.unit, least: d.least()})
			}
		}
	}
	for kind := range lawDials {
		name := lawName(kind)
		list = append(list, knob{name: "law." + name, doc: "weight of the law among the others", family: laws, dial: numDials, law: kind, part: "weight", unit: asCount})
		for _, part := range []string{"least", "most", "share"} {
			if *lawDials[kind].of(part) != (span{}) {
				list = append(list, knob{name: "law." + name + "." + part, doc: "its number of that name", family: laws, dial: numDials, law: kind, part: part,
					unit: map[string]unit{"least": asLength, "most": asLength, "share": asShare}[part], least: 1})
			}
		}
	}
	return list
}()

// A Dial is a number that can be set in the name of a profile.
type Dial struct {
	Name     string   // as it is set: "crash.for"
	Doc      string   // what it is, in a few words
	Usual    string   // what holds if it is not set: a number or a range, of a fixed mix, and what is otherwise in a swarm and in a flood
	Profiles []string // those that draw with it
}

// Dials lists all that can be set, family by family.
func Dials() (list []Dial) {
	for i := range knobTable {
		k := &knobTable[i]
		list = append(list, Dial{k.name, k.doc, k.usual(), profilesWith(k.family)})
	}
	return list
}

// usual says what holds if the knob is not turned: in a fixed mix, and in a swarm or a flood what is otherwise there.
func (k *knob) usual() string {
	switch {
	case k.dial == whenHorizon:
		return k.number(dials[k.dial].mild.least) + " to the end of faults"
	case k.dial == whenEven:
		return byKind(k.text(dials[k.dial].mild), "", net.FormatPPM(certain))
	case k.dial != numDials && dials[k.dial].many != nil:
		most := func(i int) string { return "0.." + strconv.FormatUint(dials[k.dial].many[i].Bound()-1, 10) }
		in := drawer{kind: flood}
		wild := ""
		if most(many) != most(some) {
			wild = "up to " + most(many)
		}
		return byKind(most(some), wild, most(in.intensity(k.family, k.dial)))
	case k.dial != numDials:
		return byKind(k.text(dials[k.dial].mild), k.text(dials[k.dial].wild), "")
	case k.part == "weight":
		return strconv.Itoa(int(lawDials[k.law].weight))
	case k.law >= 0:
		return k.text(*lawDials[k.law].of(k.part))
	}
	return usualShare(k.family)
}

// byKind is what holds in a mix, and in a swarm and a flood if that is something else; "" is nothing else.
func byKind(inMix, inSwarm, inFlood string) string {
	var others []string
	if inSwarm != "" && inSwarm != inMix {
		others = append(others, "in a swarm "+inSwarm)
	}
	if inFlood != "" && inFlood != inMix {
		others = append(others, "in a flood "+inFlood)
	}
	if len(others) == 0 {
		return inMix
	}
	return inMix + " (" + strings.Join(others, ", ") + ")"
}

// usualShare says in how many seeds a family is on, on the whole: disks are damaged in some of them alone.
func usualShare(f family) string {
	on, of, inFlood := familyTable[f].on, uint32(certain), ""
	if ills.has(f) {
		of = harmed
	}
	if ordinary.has(f) {
		inFlood = net.FormatPPM(certain)
	}
	share := func(ppm uint32) string { return net.FormatPPM(uint32(uint64(ppm) * uint64(of) / certain)) }
	s := byKind(share(on.mix), share(on.swarm), inFlood)
	if plain := net.FormatPPM(on.plain); plain != share(on.mix) {
		s += ", " + plain + " in a profile that is no swarm"
	}
	return s
}

// lawName is the word for a kind of law.
func lawName(kind int) string {
	name, _, _ := strings.Cut(net.Law{Kind: net.LawKind(kind)}.String(), " ")
	return name
}

// of is a part of the dial.
func (l *lawDial) of(part string) *span {
	switch part {
	case "least":
		return &l.least
	case "most":
		return &l.most
	}
	return &l.share
}

// least is the smallest number that a dial can be set to.
func (d *dial) least() int64 {
	switch {
	case d.unit == asLength:
		return us
	case d.unit == asTimes, d.unit == asBytes, d.unit == asDrift, d.unit == asCount && d.many == nil:
		return 1
	}
	return 0
}

// A setting is a knob as it is turned.
type setting struct {
	place int    // of the knob in the table, by which settings are sorted
	name  string // without a knob, such as "law" or a family that is on or off
	text  string
}

// turn applies settings to the profile and adds them to its name. The first letter of the text stands in a column.
func (p *Profile) turn(text string, col int) *mistake {
	k := *p.knobs
	p.knobs = &k
	var all []setting
	for _, s := range strings.Split(text, ",") {
		one, m := p.set(s, col)
		if m == nil && slices.ContainsFunc(all, func(x setting) bool { return x.name == one.name }) {
			m = &mistake{col, one.name + " is set twice"}
		}
		if m != nil {
			return m
		}
		all = append(all, one)
		col += utf8.RuneCountInString(s) + 1
	}
	// What switches a family as a whole comes before its share of seeds, so that both can be set.
	slices.SortStableFunc(all, func(a, b setting) int { return a.place - b.place })
	for i, s := range all {
		p.Name += string(":,"[min(i, 1)]) + s.name + "=" + s.text
	}
	p.settle(all)
	k.weigh()
	if k.lawless(p.steady) {
		return &mistake{col - 1, "no law of delays is left: one of them needs a weight above 0"}
	}
	return nil
}

// lawless reports whether no law has any weight.
func (k *knobs) lawless(steady bool) bool {
	for i := range k.laws {
		if w := k.laws[i].weight; !steady && w > 0 || k.laws[i].steadyWeight > 0 && steady {
			return false
		}
	}
	return true
}

// settle turns families on and off: a family is on in all seeds if its own value is set, and in the share that "in" says.
func (p *Profile) settle(all []setting) {
	for _, in := range []bool{false, true} {
		for _, s := range all {
			kn := &knobTable[s.place]
			if kn.family >= families || strings.HasSuffix(s.name, ".in") != in || s.name != familyTable[kn.family].name && !in {
				continue
			}
			ppm := uint32(certain)
			if s.text == "off" {
				ppm = 0
			} else if in {
				ppm, _ = net.ParsePPM(s.text)
			}
			p.knobs.on[kn.family] = shares{ppm, ppm, ppm}
		}
	}
}

// set reads and applies one setting.
func (p *Profile) set(s string, col int) (setting, *mistake) {
	name, value, ok := strings.Cut(s, "=")
	if name == "law" && ok {
		return p.setLaw(value, col+4)
	}
	if !ok {
		return setting{}, &mistake{col, fmt.Sprintf("found %q, where a setting is meant, such as: loss=5%%, crash=0..3, crash.for=1ms..50ms, cut=off", s)}
	}
	f, place := knobNamed(name)
	if place < 0 {
		return setting{}, &mistake{col, fmt.Sprintf("found %q, where a family of faults or a dial is meant%s", name, meantKnob(name))}
	}
	if f < families && !(p.chaotic | p.plain).has(f) {
		return setting{}, &mistake{col, fmt.Sprintf("profile %s draws no %s; one that does: %s", p.Name, familyTable[f].name, strings.Join(profilesWith(f), ", "))}
	}
	col += utf8.RuneCountInString(name) + 1
	if name == familyTable[f].name && (value == "on" || value == "off") {
		return setting{place, name, value}, nil
	}
	kn := &knobTable[place]
	got, why := kn.parse(value)
	if why != "" {
		return setting{}, &mistake{col, fmt.Sprintf("found %q, where %s", value, why)}
	}
	kn.apply(p.knobs, got)
	return setting{place, name, kn.text(got)}, nil
}

// setLaw makes one law the only one.
func (p *Profile) setLaw(value string, col int) (setting, *mistake) {
	var names []string
	for kind := range lawDials {
		name := lawName(kind)
		if p.steady && lawDials[kind].steadyWeight == 0 {
			continue
		}
		names = append(names, name)
		if name == value {
			for other := range p.knobs.laws {
				l := &p.knobs.laws[other]
				l.weight, l.steadyWeight = 0, 0
			}
			p.knobs.laws[kind].weight, p.knobs.laws[kind].steadyWeight = 1, 1
			return setting{slices.IndexFunc(knobTable, func(k knob) bool { return k.family == laws }), "law", value}, nil
		}
	}
	return setting{}, &mistake{col, fmt.Sprintf("found %q, where a law of delays is meant, for this profile one of %s", value, strings.Join(names, ", "))}
}

// knobNamed finds a knob; place is -1 if there is none. A family's name alone is its first dial.
func knobNamed(name string) (f family, place int) {
	place = slices.IndexFunc(knobTable, func(k knob) bool { return k.name == name })
	if place < 0 {
		return 0, -1
	}
	return knobTable[place].family, place
}

// meantKnob lists what could be set in the place of an unknown name.
func meantKnob(name string) string {
	head, _, dotted := strings.Cut(name, ".")
	var names []string
	for f := range groups {
		if !dotted || familyTable[f].name != head {
			names = append(names, familyTable[f].name)
			continue
		}
		names = names[:0]
		for i := range knobTable {
			if knobTable[i].family == f {
				names = append(names, knobTable[i].name)
			}
		}
		break
	}
	if near := nearest(name, names); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ", one of " + strings.Join(names, ", ")
}

// profilesWith lists the profiles that draw a family.
func profilesWith(f family) (names []string) {
	for i := range profiles {
		if f >= families || (profiles[i].chaotic | profiles[i].plain).has(f) {
			names = append(names, profiles[i].Name)
		}
	}
	return names
}

// parse reads a value: a number, or a range of numbers.
func (k *knob) parse(s string) (v span, why string) {
	a, b, isRange := strings.Cut(s, "..")
	if k.single() && isRange {
		return v, "one number is meant, such as: " + k.name + "=" + k.number(k.example())
	}
	least, ok := k.read(a)
	most := least
	if ok && isRange {
		most, ok = k.read(b)
	}
	switch {
	case !ok:
		return v, "a number is meant, such as: " + k.name + "=" + k.number(k.example())
	case least > most:
		return v, "the larger number stands last"
	case least < k.least || most > k.most():
		return v, fmt.Sprintf("a number from %s to %s is meant", k.number(k.least), k.number(k.most()))
	}
	return span{least, most}, ""
}

// single reports whether the knob takes no range.
func (k *knob) single() bool {
	return k.unit == asOdds || k.part == "weight" || k.dial == whenEarliest
}

// example is a number that could be set.
func (k *knob) example() int64 {
	return [...]int64{asCount: 2, asShare: 50_000, asOdds: 300_000, asLength: 20 * ms, asTimes: 5, asDrift: 50, asBytes: 65_536}[k.unit]
}

// most is the largest number that can be set.
func (k *knob) most() int64 {
	return [...]int64{asCount: 1000, asShare: certain, asOdds: certain, asLength: int64(longestTime), asTimes: mostTimes, asDrift: mostDrift, asBytes: mostBytes}[k.unit]
}

// read reads a number in the knob's unit.
func (k *knob) read(s string) (int64, bool) {
	suffix := ""
	switch k.unit {
	case asLength:
		d, err := time.ParseDuration(s)
		return int64(d), err == nil
	case asShare, asOdds:
		ppm, err := net.ParsePPM(s)
		return int64(ppm), err == nil
	case asTimes:
		suffix = "x"
	case asDrift:
		suffix = "ppm"
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(s, suffix), 10, 64)
	return n, err == nil
}

// number prints a number in the knob's unit.
func (k *knob) number(n int64) string {
	switch k.unit {
	case asLength:
		return time.Duration(n).String()
	case asShare, asOdds:
		return net.FormatPPM(uint32(n))
	case asTimes:
		return strconv.FormatInt(n, 10) + "x"
	case asDrift:
		return strconv.FormatInt(n, 10) + "ppm"
	}
	return strconv.FormatInt(n, 10)
}

// text prints a value as it is read.
func (k *knob) text(v span) string {
	if v.least == v.most {
		return k.number(v.least)
	}
	return k.number(v.least) + ".." + k.number(v.most)
}

// apply turns the knob.
func (k *knob) apply(to *knobs, v span) {
	switch {
	case k.dial != numDials:
		d := &to.dials[k.dial]
		d.mild, d.wild, d.many, d.set = v, v, nil, true
	case k.part == "weight":
		to.laws[k.law].weight = uint32(v.least)
		if to.laws[k.law].steadyWeight > 0 || k.law == int(net.Constant) {
			to.laws[k.law].steadyWeight = uint32(v.least)
		}
	case k.law >= 0:
		*to.laws[k.law].of(k.part) = v
	}
}
