package zoo

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim/fault"
)

// What leaves out more than one family.
var (
	offCrash  = []string{"crash=off", "loop=off", "wipe=off", "swap=off", "zone.power=0", "aim=off"}
	offCut    = []string{"cut=off", "partition=off", "flap=off", "zone.cut=0", "aim=off"}
	offLinger = []string{"law.exponential=0", "law.long-tail=0", "law.newest-first=0", "law.slow=0%", "window=off", "stale=off", "rate=off", "queue=off"}
)

// leaveOut says how a profile is set so that it draws nothing that is counted as a kind of fault. What also comes about as a part of another family, such
// as losses in a spell of a bad network, is left out with it; so are all other ways in which messages, or disks at a crash, lose something. A kind that only plans
// ask for is not here.
var leaveOut = map[string][]string{
	"crash": offCrash, "restart": offCrash, "crash-loop": {"loop=off"}, "zone-power": {"zone.power=0"},
	"lost-bytes": {"crash.loses=0%"}, "torn-write": {"crash.loses=0%"},
	"loss": {"loss=off", "omit=off", "corrupt=off", "queue=off", "break=off", "window=off"}, "corrupt": {"corrupt=off"}, "overflow": {"queue=off"}, "break": {"break=off"},
	"send-omission": {"omit=off"}, "receive-omission": {"omit=off"}, "duplicate": {"repeat=off", "window=off"}, "stale": {"stale=off"},
	"linger": offLinger, "reorder": append([]string{"law=constant", "zone=off"}, offLinger...),
	"cut": offCut, "cut-off": offCut, "partition": {"partition=off"}, "flap": {"flap=off"}, "zone-network": {"zone.cut=0"},
	"pause": {"pause=off", "suspend=off", "aim=off"}, "suspend": {"suspend=off"}, "late-start": {"late=off"}, "slow": {"slow=off"},
	"slow-disk": {"sync=off", "busy=off", "stall=off", "throttle=off"}, "disk-stall": {"stall=off"}, "throttle": {"throttle=off"},
	"clock-step": {"step=off"}, "clock-freeze": {"freeze=off"}, "clock-drift": {"drift=off"}, "clock-offset": {"offset=off"}, "clock-strobe": {"strobe=off"},
	"clock-smear": {"smear=off"}, "clock-reset": {"reset=off"},
	"byzantine": {"betray=off"}, "garble": {"garble=off"},
	"wipe": {"wipe=off"}, "swap": {"swap=off"}, "failed-sync": {"fail=off"}, "io-error": {"fail=off"}, "latent-sector": {"latent=off"}, "no-space": {"capacity=off"},
	"bit-rot": {"rot=off"}, "phantom": {"phantom=off"}, "misdirect": {"misdirect=off"}, "outdated-read": {"outdated=off"},
	"aimed": {"aim=off"},
}

// groups are the kinds that every bug is tried without, by the name of the group. Those of one kind are called like it.
var groups = []struct {
	name  string
	kinds []string
}{
	{"crash", nil}, {"lost-bytes", nil},
	{"disk", []string{"wipe", "swap", "failed-sync", "latent-sector", "no-space", "bit-rot", "phantom", "misdirect", "outdated-read"}},
	{"slow-disk", nil}, {"loss", nil}, {"duplicate", nil}, {"linger", nil}, {"delays", []string{"reorder"}}, {"cut", nil},
	{"clock", []string{"clock-step", "clock-freeze", "clock-drift", "clock-offset", "clock-strobe", "clock-smear", "clock-reset"}},
	{"pause", []string{"pause", "late-start"}}, {"slow", nil}, {"byzantine", nil}, {"aimed", nil}, {anyFault, nil},
}

// anyFault is the group of all that are faults. It is there for bugs that need one of several, since one of them alone is never missed, and it holds neither late messages nor
// delays: what shows without it needs concurrency alone.
const anyFault = "any fault"

// A Group is kinds of faults that are left out together, to see whether a bug needs them.
type Group struct {
	Name string
	off  []string // the settings of a profile that leave it out
}

// Groups lists the groups that every bug is tried without. "disk" is all that damages disks, "aimed" what strikes whoever notes a fact, and "delays" whatever makes one
// message take longer than another: without, each link is as fast as every other, and only what arrives at the same instant comes in any order. That alone is
// no fault, so no header need name it, unless messages must overtake others of their link ("reorder"). "any fault" is all but those delays.
func Groups() []Group {
	var list []Group
	for _, x := range groups {
		kinds := x.kinds
		switch {
		case x.name == anyFault:
			kinds = faulty()
		case kinds == nil:
			kinds = []string{x.name}
		}
		g, err := groupOf(kinds)
		if err != nil {
			panic("zoo: " + err.Error())
		}
		g.Name = x.name
		list = append(list, g)
	}
	return list
}

// faulty lists the kinds that are left out as faults, in the order of their names.
func faulty() []string {
	delays := Group{off: leaveOut["reorder"]}
	var list []string
	for k, off := range leaveOut {
		if !delays.holds(&Group{off: off}) {
			list = append(list, k)
		}
	}
	slices.Sort(list)
	return list
}

// groupOf is the group of all these kinds. An error names the one that nobody can leave out.
func groupOf(kinds []string) (Group, error) {
	g := Group{Name: strings.Join(kinds, " or ")}
	for _, k := range kinds {
		off, ok := leaveOut[k]
		if !ok {
			return g, fmt.Errorf("the header says that the bug needs %q, and no setting of a profile leaves that out", k)
		}
		g.add(off...)
	}
	return g, nil
}

// add adds settings that are not there yet.
func (g *Group) add(settings ...string) {
	for _, s := range settings {
		if !slices.Contains(g.off, s) {
			g.off = append(g.off, s)
		}
	}
}

// same reports whether two groups are left out by the same settings.
func (g *Group) same(h *Group) bool { return g.holds(h) && h.holds(g) }

// holds reports whether whoever leaves out g leaves out h.
func (g *Group) holds(h *Group) bool {
	return !slices.ContainsFunc(h.off, func(s string) bool { return !slices.Contains(g.off, s) })
}

// Without returns the name of a profile that draws as the given one does, without the group. What the profile does not draw anyway needs no setting; if
// nothing is left to set, the name is the same.
func (g *Group) Without(profile string) (string, error) {
	name := orDefault(profile)
	if _, err := fault.FindProfile(name); err != nil {
		return "", err
	}
	for _, s := range g.off {
		sep := ","
		if !strings.Contains(name, ":") {
			sep = ":"
		}
		base := name
		if what, _, _ := strings.Cut(s, "="); strings.Contains(name, ":") { // it may be set already, to something else
			base = unset(name, what)
			if !strings.Contains(base, ":") {
				sep = ":"
			}
		}
		if p, err := fault.FindProfile(base + sep + s); err == nil {
			name = p.Name
		}
	}
	return name, nil
}

// unset takes a setting out of the name of a profile.
func unset(name, what string) string {
	base, settings, _ := strings.Cut(name, ":")
	left := slices.DeleteFunc(strings.Split(settings, ","), func(s string) bool { return strings.HasPrefix(s, what+"=") })
	if len(left) == 0 {
		return base
	}
	return base + ":" + strings.Join(left, ",")
}
