package fault

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

// cluster is a usual space: acceptors that may crash, and others.
func cluster(m Model) Space {
	return Space{Nodes: []string{"a1", "a2", "a3", "p1", "p2", "c1"}, Model: m, Until: clock.Time(3 * time.Second),
		Groups: []Group{{[]string{"a1", "a2", "a3"}, 1}, {[]string{"p1", "p2"}, 1}}}
}

// spaces are usual ones and odd ones.
func spaces(m Model) []Space {
	odd := cluster(m)
	odd.Groups = []Group{{[]string{"a1", "a2", "a3"}, 1}, {[]string{"a3", "p1", "nobody"}, 1}, {nil, 3}, {[]string{"c1"}, 0}}
	odd.Targets = []string{"Chosen"}
	return []Space{
		cluster(m), odd, {Model: m, Until: clock.Time(time.Second)}, {Nodes: []string{"a1"}, Model: m, Until: clock.Time(time.Second)},
		{Nodes: []string{"a1"}, Groups: []Group{{[]string{"a1"}, 1}}, Model: m, Until: 1},
		{Nodes: []string{"a1", "a2"}, Model: m, Until: 0}, {Nodes: []string{"a1", "a2"}, Model: m, Until: -1},
		{Nodes: []string{"a1", "a2"}, Groups: []Group{{[]string{"a1", "a2"}, 2}}, Model: m, Until: clock.Never},
	}
}

// models are all that the older fields make, and some with the newer.
func models() (all []Model) {
	for crash := CrashRecovery; crash <= NoCrash; crash++ {
		for b := range 32 {
			all = append(all, Model{Crash: crash, Bounded: b&1 != 0, FIFO: b&2 != 0, NoLoss: b&4 != 0, NoCut: b&8 != 0, NoDup: b&16 != 0})
		}
	}
	for crash := CrashRecovery; crash <= NoCrash; crash++ {
		all = append(all, Model{Crash: crash, Steady: true}, Model{Crash: crash, Losable: true, NoLoss: true})
	}
	for disk := Sound; disk <= Lying; disk++ {
		for b := range 8 {
			all = append(all, Model{Disk: disk, Byzantine: b&1 != 0, Garbled: b&2 != 0, TrueTime: b&4 != 0})
			all = append(all, Model{Disk: disk, Byzantine: b&1 != 0, Garbled: b&2 != 0, TrueTime: b&4 != 0, Bounded: true, Crash: FailStop})
		}
	}
	return all
}

func draw(p Profile, seed uint64, s Space) Plan {
	c := chance.Seeded(seed)
	return p.Draw(&c, s)
}

func profile(t testing.TB, name string) Profile {
	t.Helper()
	p, err := FindProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fails if a drawn plan leaves what its profile promises, is not in order, speaks of unknown nodes, or does not print
// and parse.
func TestDrawKeepsPromises(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 4
	}
	for _, p := range Profiles() {
		for _, m := range models() {
			for n, s := range spaces(m) {
				for seed := range seeds {
					plan := draw(p, seed, s)
					if err := sound(p, s, plan); err != nil {
						t.Fatalf("profile %s, model %+v, space %d, seed %d: %v\n%s", p.Name, m, n, seed, err, plan)
					}
				}
			}
		}
	}
}

func sound(p Profile, s Space, plan Plan) error {
	if out := p.within(s.Model).Outside(plan); len(out) > 0 {
		return fmt.Errorf("outside what the profile stays in: %q", out)
	}
	inside := p.Name == "swarm" || p.Name == "uniform"
	if out := s.Model.Outside(plan); inside && len(out) > 0 {
		return fmt.Errorf("outside the model: %q", out)
	}
	usual := !s.Model.Byzantine && s.Model.Disk == Sound && !s.Model.Garbled // who lies may be late, too
	if (p.Bounded || inside && s.Model.Bounded && usual) && !plan.Bounded() {
		return fmt.Errorf("the bound is not kept")
	}
	if err := plan.Check(s.Nodes); err != nil {
		return err
	}
	if again, err := Parse(plan.String()); err != nil || !reflect.DeepEqual([]Line(again), append([]Line(nil), plan...)) {
		return fmt.Errorf("it prints and parses as another: %v\n%s", err, again)
	}
	if p.steady {
		bad := []Kind{Losses, Duplicates, Reorders, Lingering, Pauses, Slowness, Corruptions, Garbled, StaleMessages, Overflows}
		for _, k := range bad {
			if plan.Enabled().Has(k) {
				return fmt.Errorf("it enables %s", k)
			}
		}
	}
	return inOrder(s, plan)
}

// inOrder checks the order of the lines, their instants, and who crashes.
func inOrder(s Space, plan Plan) error {
	stage, last := 0, clock.Time(0)
	for _, l := range plan {
		now := map[Place]int{Standing: 0, Timed: 1, Aimed: 2, AfterEffect: 3, Single: 4}[l.Place()]
		if now < stage {
			return fmt.Errorf("%s comes too late in the plan", l)
		}
		stage = now
		if now == 1 && (l.At < last || l.At >= s.Until) {
			return fmt.Errorf("%s is not between %v and %v", l, last, s.Until)
		}
		if now == 1 {
			last = l.At
		}
		immortal := func(n string) bool {
			return !slices.ContainsFunc(s.Groups, func(g Group) bool { return slices.Contains(g.Nodes, n) })
		}
		if l.Verb == Crash && l.Node[0] == '@' && slices.ContainsFunc(s.Nodes, immortal) {
			return fmt.Errorf("%s: it may be one that is in no group", l)
		}
		if l.Verb == Crash && l.Node[0] != '@' && !slices.ContainsFunc(plan, func(z Line) bool { return z.Verb == Zone && z.Node == l.Node }) && immortal(l.Node) {
			return fmt.Errorf("%s: it is in no group", l)
		}
	}
	return nil
}

// Fails if more nodes of a group crash than it can spare, under the fail-stop model, or one crashes twice or
// restarts; or if none ever does.
func TestFailStop(t *testing.T) {
	crashed := map[string]int{}
	for _, name := range []string{"crash", "partition", "swarm"} {
		p := profile(t, name)
		for _, s := range spaces(Model{Crash: FailStop}) {
			for seed := range uint64(300) {
				plan := draw(p, seed, s)
				if err := spared(s, plan, crashed); err != nil {
					t.Fatalf("profile %s, seed %d: %v\n%s", name, seed, err, plan)
				}
			}
		}
	}
	for _, n := range []string{"a1", "a2", "a3", "p1", "p2"} {
		if crashed[n] == 0 {
			t.Errorf("%s never crashed", n)
		}
	}
	bad := Plan{{Verb: Crash, Node: "a1"}, {Verb: Crash, Node: "a2", Effect: 3}}
	if spared(cluster(Model{}), bad, crashed) == nil {
		t.Error("two crashes where one is to spare are not noticed")
	}
}

func spared(s Space, plan Plan, crashed map[string]int) error {
	down := map[string]bool{}
	for _, l := range plan {
		switch {
		case l.Verb == Restart:
			return fmt.Errorf("%s: fail-stop", l)
		case l.Verb == Crash && down[l.Node]:
			return fmt.Errorf("%s: it has crashed before", l)
		case l.Verb == Crash:
			down[l.Node] = true
			crashed[l.Node]++
		}
	}
	for _, g := range s.Groups {
		n := 0
		for _, node := range g.Nodes {
			if down[node] {
				n++
			}
		}
		if n > g.Spare {
			return fmt.Errorf("%d crashes in a group that can spare %d", n, g.Spare)
		}
	}
	return nil
}

// Fails if uniform chooses something by seed: if a family that the model allows is off in some seed, or an aim, another law of delays or a slow link
// is drawn in one; if it has another budget than swarm; or if it draws with other numbers than a fixed mix does.
func TestUniformChoosesNothing(t *testing.T) {
	swarm, p := profile(t, "swarm"), profile(t, "uniform")
	if p.chaotic != swarm.chaotic&^(1<<aims) || p.plain != 0 || p.Beyond || p.Bounded {
		t.Errorf("it is about other families than swarm: %b, %b", p.chaotic, p.plain)
	}
	for i := range dials {
		if dialID(i) != lawSlow && dialID(i) != whenEven && !reflect.DeepEqual(p.knobs.dials[i], dials[i]) {
			t.Errorf("the dial %s of %s is %+v", dials[i].name, familyTable[dials[i].family].name, p.knobs.dials[i])
		}
	}
	for _, m := range models() {
		for _, s := range []Space{cluster(m), everything()} {
			s.Model = m
			for seed := range uint64(6) {
				c := chance.Seeded(seed)
				if d := newDrawer(&p, &c, s); d.kind != mix || d.on != m.allows()&p.chaotic {
					t.Fatalf("model %+v, seed %d: kind %d, families %b", m, seed, d.kind, d.on)
				}
				for _, l := range draw(p, seed, s) {
					switch {
					case l.Place() == Aimed || l.Verb == Budget || l.Verb == Beyond:
						t.Fatalf("model %+v, seed %d: %s", m, seed, l)
					case l.Verb == Law && l.Law.Kind != net.Uniform, l.Verb == Law && l.From != "" && l.From[0] != 'z' && l.From != "east" && l.From != "west" && l.Place() == Standing:
						t.Fatalf("model %+v, seed %d: %s", m, seed, l)
					}
				}
			}
		}
	}
}

// everything is a space in which all can be drawn: a model that copes with all, groups with nodes to spare, facts to aim at.
func everything() Space {
	return Space{Nodes: []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "c1"}, Until: clock.Time(3 * time.Second), Targets: []string{"Chosen", "Adopted"},
		Groups: []Group{{[]string{"a1", "a2", "a3", "a4", "a5", "a6", "a7"}, 3}}, Model: Model{Disk: Lying, Byzantine: true, Garbled: true}}
}

// Fails if some verb, law, mode, operation or kind of fault that swarm may draw is drawn in none of the seeds.
func TestSwarmDrawsEverything(t *testing.T) {
	var drawn [verbs]int
	laws, modes, forms := map[net.LawKind]int{}, map[string]int{}, map[string]int{}
	var enabled Set
	for seed := range uint64(1200) {
		for _, name := range []string{"swarm", "beyond", "zone"} {
			s := everything()
			s.Model.TrueTime = seed%2 == 0
			plan := draw(profile(t, name), seed, s)
			enabled |= s.Model.Enabled(plan)
			for i := range plan {
				l := &plan[i]
				drawn[l.Verb]++
				modes[l.Mode]++
				formsOf(l, forms)
				if l.Verb == Law && l.From == "" {
					laws[l.Law.Kind]++
				}
			}
		}
	}
	for v := range verbs {
		if byPlan := v == Lose || v == Delay || v == Repeat || v == Withhold; drawn[v] == 0 && !byPlan {
			t.Errorf("%s was not drawn", v)
		}
	}
	for k := range Kinds {
		if !enabled.Has(k) && k != TornWrites && k != BrokenBounds && k != Withheld {
			t.Errorf("%s was never enabled", k)
		}
	}
	want := []string{"", "alter", "any", "bridge", "clock", "delay", "drop", "equivocate", "halves", "isolate", "keep", "lose", "majority", "mix", "ordered", "partial", "receive", "repeat", "ring",
		"send", "shuffled", "zones"}
	for _, m := range want {
		if modes[m] == 0 {
			t.Errorf("no line has the mode %q", m)
		}
	}
	if len(laws) != 6 || len(modes) != len(want) || len(forms) != 31 {
		t.Errorf("laws %v, modes %v, %d forms %v", laws, modes, len(forms), forms)
	}
}

// formsOf counts the forms that a line has.
func formsOf(l *Line, forms map[string]int) {
	count := func(really bool, what string) {
		if really {
			forms[what]++
		}
	}
	count(l.From != "" && l.Verb != Law, l.Verb.String()+" one link")
	count(l.From == "*" || l.To == "*", "star")
	count(l.Verb == Sync, fmt.Sprintf("sync everywhere %v", l.Node == ""))
	count(l.Effect > 0, "after effect")
	count(l.OneWay, l.Verb.String()+" one-way")
	count(l.Verb == Fail, fmt.Sprint(l.Place() == Single, " fail ", l.Stream))
	count(l.Place() == Aimed, "aimed "+l.Verb.String())
	count(l.Good, l.Verb.String()+" for good")
}

// Fails if the shares of seeds that faults are meant to have in the default profile fall too low (or too high, for
// them to be a swarm).
func TestSwarmShares(t *testing.T) {
	const seeds = 4000
	p, s := profile(t, "swarm"), cluster(Model{})
	share := map[string]int{}
	lines, crashes := 0, 0
	for seed := range uint64(seeds) {
		c := chance.Seeded(seed)
		count := func(what string, really bool) {
			if really {
				share[what]++
			}
		}
		plan := p.Draw(&c, s)
		e := plan.Enabled()
		for k := range Kinds {
			count(k.String(), e.Has(k))
		}
		d := newDrawer(&p, &c, s)
		count("swarm", d.kind == swarm)
		count("flood", d.kind == flood)
		count("even", d.spread)
		count("aims", d.has(aims))
		early, cutEarly, after := false, false, false
		for _, l := range plan {
			early = early || l.Verb == Crash && l.Effect == 0 && l.At < clock.Time(50*ms)
			cutEarly = cutEarly || l.Verb == Cut && l.At < clock.Time(50*ms)
			after = after || l.Effect > 0
			if l.Verb == Crash {
				crashes++
			}
		}
		count("crash within 50ms", early)
		count("cut within 50ms", cutEarly)
		count("crash after an effect", after)
		lines += len(plan)
	}
	for what, want := range map[string][2]int{ // percent, least and most
		"swarm": {23, 27}, "flood": {48, 52}, "even": {73, 77}, "aims": {48, 52}, "crash": {70, 95}, "lost-bytes": {60, 90}, "restart": {65, 95}, "cut": {55, 90}, "loss": {60, 95},
		"duplicate": {60, 95}, "linger": {60, 90}, "reorder": {60, 95}, "pause": {40, 80}, "slow": {40, 80}, "clock-step": {40, 80},
		"clock-freeze": {35, 80}, "clock-drift": {60, 90}, "clock-offset": {60, 90}, "slow-disk": {50, 80},
		"crash within 50ms": {10, 30}, "cut within 50ms": {10, 30}, "crash after an effect": {60, 90},
	} {
		if got := share[what] * 100 / seeds; got < want[0] || got > want[1] {
			t.Errorf("%s in %d %% of the seeds, want %d to %d %%", what, got, want[0], want[1])
		}
	}
	if n := float64(crashes) / seeds; n < 6 || n > 15 {
		t.Errorf("%.1f crashes a plan", n)
	}
	t.Logf("%.1f lines and %.1f crashes a plan; seeds with each, of %d: %v", float64(lines)/seeds, float64(crashes)/seeds, seeds, share)
}

// Fails if a node's faults shift when another node joins.
func TestFaultsAreKeyedByNode(t *testing.T) {
	small := Space{Nodes: []string{"a1", "a2"}, Groups: []Group{{[]string{"a1", "a2"}, 1}}, Until: clock.Time(time.Second)}
	large := Space{Nodes: []string{"b0", "a1", "b1", "a2"}, Groups: []Group{{[]string{"b0", "a2", "a1"}, 1}}, Until: clock.Time(time.Second)}
	of := func(p Plan) (lines []string) {
		for _, l := range p {
			if (l.Node == "a1" || l.Node == "a2") && l.Verb != Betray { // whom a group can spare depends on who is in it
				lines = append(lines, l.String())
			}
		}
		slices.Sort(lines)
		return lines
	}
	some := 0
	for _, p := range Profiles() {
		for seed := range uint64(200) {
			a, b := of(draw(p, seed, small)), of(draw(p, seed, large))
			if !slices.Equal(a, b) {
				t.Fatalf("profile %s, seed %d: the faults of a1 and a2 are\n%s\nand beside others\n%s", p.Name, seed, strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
			some += len(a)
		}
	}
	if some < 1000 {
		t.Errorf("only %d lines were compared", some)
	}
}

// Fails if the benign answer to every pick draws a fault.
func TestBenign(t *testing.T) {
	for _, p := range Profiles() {
		c := chance.Driven(chance.Benign{})
		got := p.Draw(&c, cluster(Model{})).String()
		want := "always law constant 100µs\nalways ties ordered\n"
		if p.Beyond {
			want = "always beyond\n" + want
		}
		if got != want {
			t.Errorf("profile %s draws of benign picks\n%s", p.Name, got)
		}
	}
}

// Fails if the profiles draw other plans than they did: seeds change their meaning, which the version of all seeds
// must then say.
func TestGoldenPlans(t *testing.T) {
	var b strings.Builder
	for _, p := range Profiles() {
		for seed := range uint64(4) {
			fmt.Fprintf(&b, "# %s, seed %d\n%s\n", p.Name, seed, draw(p, seed, cluster(Model{})))
		}
	}
	swarm := profile(t, "swarm")
	fmt.Fprintf(&b, "# swarm, bounded and fail-stop, seed 0\n%s\n", draw(swarm, 0, cluster(Model{Crash: FailStop, Bounded: true})))
	for seed := range uint64(4) {
		fmt.Fprintf(&b, "# beyond, everything, seed %d\n%s\n", seed, draw(profile(t, "beyond"), seed, everything()))
	}
	fmt.Fprintf(&b, "# swarm, ordered links and no crash, seed 0\n%s\n", draw(swarm, 0, cluster(Model{Crash: NoCrash, FIFO: true})))
	for seed := range uint64(3) {
		fmt.Fprintf(&b, "# crash:crash.loses=50%%, seed %d\n%s\n", seed, draw(profile(t, "crash:crash.loses=50%"), seed, cluster(Model{})))
	}
	golden(t, "plans.txt", b.String())
}

// Fails if the forced profiles do not force what they are asked for, on a system that does not expect it.
func TestForcedProfiles(t *testing.T) {
	calm := Model{Crash: NoCrash, Bounded: true, FIFO: true, NoCut: true}
	for name, want := range map[string]string{"none": "", "crash": "crash start", "partition": "break cut flap partition", "async": "break crash cut delays drift flap freeze loss omit partition pause rate repeat reset slow smear stale stall start step strobe sync throttle"} {
		var outside []string
		for seed := range uint64(300) {
			for _, o := range calm.Outside(draw(profile(t, name), seed, cluster(calm))) {
				if what, _, _ := strings.Cut(o, ":"); !slices.Contains(outside, what) {
					outside = append(outside, what)
				}
			}
		}
		slices.Sort(outside)
		if got := strings.Join(outside, " "); got != want {
			t.Errorf("%s goes outside a calm model by %q, want %q", name, got, want)
		}
	}
}

func TestFindProfile(t *testing.T) {
	for _, p := range Profiles() {
		if q, err := FindProfile(p.Name); err != nil || q.Name != p.Name || q.Doc == "" {
			t.Errorf("%s: %+v, %v", p.Name, q, err)
		}
	}
	for name, want := range map[string]string{
		"swarn":  `unknown fault profile "swarn": one of none, calm, crash, partition, clock, disk, zone, byzantine, async, uniform, swarm, beyond (did you mean swarm?)`,
		"":       `unknown fault profile "": one of none, calm, crash, partition, clock, disk, zone, byzantine, async, uniform, swarm, beyond`,
		"hellos": `unknown fault profile "hellos": one of none, calm, crash, partition, clock, disk, zone, byzantine, async, uniform, swarm, beyond`,
	} {
		if _, err := FindProfile(name); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
