package fault

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/net"
)

// Fails if a name that is composed or set is not understood, or not brought into the one form that all such names share.
func TestCanonicalNames(t *testing.T) {
	for name, want := range map[string]string{
		"clock+crash":            "crash+clock",
		"crash+clock":            "crash+clock",
		"crash+clock+crash":      "crash+clock",
		"swarm+none":             "none+swarm",
		"disk+beyond":            "disk+beyond",
		"swarm:loss=5%":          "swarm:loss=5%",
		"swarm:loss=5.0%..5%":    "swarm:loss=5%",
		"swarm:cut=off,loss=5%":  "swarm:cut=off,loss=5%",
		"swarm:loss=5%,cut=off":  "swarm:cut=off,loss=5%",
		"swarm:loss.in=30%":      "swarm:loss.in=30%",
		"swarm:pause=on":         "swarm:pause=on",
		"swarm:slow.by=5..7":     "swarm:slow.by=5x..7x",
		"swarm:drift=50":         "swarm:drift=50ppm",
		"swarm:rate=1000..20000": "swarm:rate=1000..20000",
		"swarm:law=uniform":      "swarm:law=uniform",
		"none:law=constant":      "none:law=constant",
		"swarm:when=5ms..1s":     "swarm:when=5ms..1s",
		"swarm:crash=0..3,crash.for=1ms..50ms,cut=off,law.uniform.most=7000µs": "swarm:crash=0..3,crash.for=1ms..50ms,cut=off,law.uniform.most=7ms",
		"zone+crash:zone=3,crash=2": "crash+zone:crash=2,zone=3",
		"swarm+uniform":             "uniform+swarm",
		"uniform:law=in-order":      "uniform:law=in-order",
	} {
		p, err := FindProfile(name)
		if err != nil || p.Name != want {
			t.Errorf("%s: %q, %v; want %s", name, p.Name, err, want)
			continue
		}
		if again, err := FindProfile(p.Name); err != nil || again.Name != p.Name || again.chaotic != p.chaotic || again.plain != p.plain {
			t.Errorf("%s is read as %q, %v", p.Name, again.Name, err)
		}
	}
}

// Fails if what is wrong with a name is not said, in one line with the column and what was meant.
func TestSettingErrors(t *testing.T) {
	var b strings.Builder
	for _, name := range []string{"swarm+krash", "krash+swarm", "crash+", "+", ":", "swarn:loss=5%", "swarm:", "swarm:loss", "swarm:los=5%", "swarm:loss=", "swarm:loss=5", "swarm:loss=105%",
		"swarm:loss=7%..5%", "swarm:loss=a..b", "swarm:crash=on,crash=off", "swarm:loss=5%,loss=6%", "crash:loss=5%", "none:crash=on", "swarm:crash.fro=1ms", "swarm:crash.for=0s", "swarm:crash.for=5",
		"swarm:crash.stays=1%..2%", "swarm:slow.by=0x", "swarm:law=slowest", "none:law=uniform", "swarm:law.uniform=2..3", "swarm:loss=5% ", "swarm:crash=-1", "swarm:bogus.dial=3", "swarm:crash=1,,cut=off",
		"swarm:law.constant=0,law.uniform=0,law.exponential=0,law.long-tail=0,law.newest-first=0,law.in-order=0"} {
		_, err := FindProfile(name)
		if err == nil {
			t.Errorf("%s is taken", name)
			continue
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a line: %v", name, err)
		}
		fmt.Fprintf(&b, "%s\n    %v\n", name, err)
	}
	golden(t, "settings.txt", b.String())
}

// Fails if a knob that is turned changes nothing of what is drawn, or draws beyond what it was turned to.
func TestSettingsAreHeeded(t *testing.T) {
	s := cluster(Model{})
	all := func(p Profile, of func(*Line) (int64, bool)) (values []int64) {
		for seed := range uint64(150) {
			for _, l := range draw(p, seed, s) {
				if v, ok := of(&l); ok {
					values = append(values, v)
				}
			}
		}
		slices.Sort(values)
		return values
	}
	amount := func(v Verb) func(*Line) (int64, bool) {
		return func(l *Line) (int64, bool) { return l.Amount, l.Verb == v && l.Place() == Standing }
	}
	down := func(l *Line) (int64, bool) { return int64(l.Time), l.Verb == Crash && l.Effect > 0 && l.Time > 0 }
	for _, x := range []struct {
		name        string
		of          func(*Line) (int64, bool)
		least, most int64
		some        int
	}{
		{"swarm:loss=5%,loss.one=0%", amount(Loss), 50_000, 50_000, 150},
		{"swarm:loss=0.0003%,loss.one=0%", amount(Loss), 3, 3, 150},
		{"swarm:loss=1%..2%,loss.one=0%", amount(Loss), 10_000, 20_000, 150},
		{"swarm:loss=0%..2%,loss.one=0%", amount(Loss), 0, 20_000, 150},
		{"crash:crash=1..2,crash.for=3ms..5ms", down, 3 * ms, 5 * ms, 200},
		{"swarm:drift=7ppm", func(l *Line) (int64, bool) { return max(l.Amount, -l.Amount), l.Verb == Drift }, 7, 7, 300},
		{"swarm:slow=2,slow.by=5x", func(l *Line) (int64, bool) { return l.Amount, l.Verb == Slow && l.Amount != 1 }, 5, 5, 1000},
		{"swarm:step=1,step.by=20ms", func(l *Line) (int64, bool) { return max(int64(l.Time), -int64(l.Time)), l.Verb == Step }, 20 * ms, 20 * ms, 500},
		{"swarm:rate=5000", amount(Rate), 5000, 5000, 150},
		{"swarm:when=10ms..20ms,crash=2", func(l *Line) (int64, bool) { return int64(l.At), l.Verb == Pause }, 0, 20 * ms, 50},
		{"swarm:law.uniform.least=3ms,law.uniform.most=4ms,law=uniform,law.slow=0%,zone=off", func(l *Line) (int64, bool) { return int64(l.Law.Least), l.Verb == Law && l.Law.Kind == net.Uniform }, 3 * ms, 3 * ms, 150},
	} {
		p := profile(t, x.name)
		got := all(p, x.of)
		if len(got) < x.some || got[0] < x.least || got[len(got)-1] > x.most {
			t.Errorf("%s: %d values, %v", p.Name, len(got), got[:min(len(got), 20)])
		}
	}
	for name, verb := range map[string]Verb{"swarm:cut=off,zone=off": Cut, "swarm:crash=off,zone=off": Crash, "swarm:loss.in=0%,window=off": Loss} {
		if p := profile(t, name); len(all(p, func(l *Line) (int64, bool) { return 0, l.Verb == verb })) > 0 {
			t.Errorf("%s draws %s", name, verb)
		}
	}
}

// Fails if a profile that is composed with uniform, or set, chooses by seed what nobody has asked it to: then what is measured against it is
// measured against something else.
func TestUniformComposed(t *testing.T) {
	for name, without := range map[string]familySet{"uniform:cut=off": 1 << cuts, "crash+uniform": 0, "uniform+swarm": 0, "uniform+beyond": 0, "byzantine+uniform:loss.in=0%": 1 << losses} {
		p := profile(t, name)
		for seed := range uint64(30) {
			s, c := cluster(Model{}), chance.Seeded(seed)
			d := newDrawer(&p, &c, s)
			if want := d.model.allows() & (p.chaotic | p.plain) &^ without; d.on != want || d.kind != mix {
				t.Fatalf("%s, seed %d: families %b, want %b; kind %d", name, seed, d.on, want, d.kind)
			}
			for _, l := range draw(p, seed, s) {
				if l.Verb == Law && l.Law.Kind != net.Uniform {
					t.Fatalf("%s, seed %d: %s", name, seed, l)
				}
			}
		}
	}
	other := 0
	for seed := range uint64(30) {
		for _, l := range draw(profile(t, "uniform:law=in-order,law.slow=100%"), seed, cluster(Model{})) {
			if l.Verb == Law && l.Law.Kind == net.InOrder {
				other++
			}
		}
	}
	if other < 30 {
		t.Errorf("another law that is asked for is drawn in %d of 30 seeds", other)
	}
}

// Fails if the number of crashes leaves the range that was set, or does not fill it.
func TestSettingOfCounts(t *testing.T) {
	for _, name := range []string{"crash:crash=1..3,crash.storms=0", "swarm:crash=1..3,crash.storms=0,aim=off"} {
		seen := map[int]int{}
		for seed := range uint64(200) {
			n := map[string]int{}
			for _, l := range draw(profile(t, name), seed, cluster(Model{})) {
				if l.Verb == Crash && slices.Contains(cluster(Model{}).Nodes, l.Node) {
					n[l.Node]++
				}
			}
			for _, c := range n {
				seen[c]++
			}
		}
		if len(seen) != 3 || seen[1] == 0 || seen[2] == 0 || seen[3] == 0 {
			t.Errorf("%s: nodes with so many crashes: %v", name, seen)
		}
	}
}

// Fails if faults that are to be spread evenly crowd somewhere, if they do so in another share of the seeds than was set, or if uniform lets them crowd. The time is cut into four
// parts; with a horizon most faults begin in the first.
func TestEvenly(t *testing.T) {
	for name, first := range map[string][2]int{"swarm": {33, 46}, "swarm:when.even=100%": {22, 28}, "swarm:when.even=50%": {40, 60},
		"swarm:when.even=0%": {60, 90}, "swarm:when=10ms..300ms,when.even=100%": {22, 28}, "swarm:when=10ms..300ms,when.even=0%": {80, 100}, "crash+clock:when.even=100%": {22, 28}, "swarm:when=10ms..300ms": {80, 100}, "uniform": {22, 28}, "uniform:when=10ms..300ms": {80, 100}} {
		p, s, parts, all := profile(t, name), cluster(Model{}), [4]int{}, 0
		for seed := range uint64(400) {
			for _, l := range draw(p, seed, s) {
				if l.Place() == Timed && (l.Verb == Pause || l.Verb == Step || l.Verb == Freeze || l.Verb == Cut) { // what has no other fault before it
					parts[4*int64(l.At)/int64(s.Until)]++
					all++
				}
			}
		}
		if got := 100 * parts[0] / all; got < first[0] || got > first[1] {
			t.Errorf("%s: %v in the quarters of the time, want %v %% in the first", name, parts, first)
		}
	}
}

// Fails if the share of seeds in which crashes lose something is another than was set, or draws other ways of losing than swarm does by itself.
func TestShareOfLoss(t *testing.T) {
	const seeds = 1000
	for name, want := range map[string][3]int{ // percent that keep, lose, mix
		"crash": {6, 75, 19}, "crash:crash.loses=0%": {100, 0, 0}, "crash:crash.loses=50%": {50, 40, 10}, "crash:crash.loses=100%": {0, 80, 20},
	} {
		some, p := map[string]int{}, profile(t, name)
		for seed := range uint64(seeds) {
			for _, l := range draw(p, seed, cluster(Model{})) {
				if l.Verb == Unsynced {
					some[l.Mode]++
				}
			}
		}
		for i, mode := range unsyncedModes {
			if got := 100 * some[mode] / seeds; got > want[i]+5 || got < want[i]-5 {
				t.Errorf("%s: %s in %d %% of the seeds, want %d", name, mode, got, want[i])
			}
		}
	}
}

// Fails if the share of seeds that is set for a family is not the share in which it comes.
func TestShareOfSeeds(t *testing.T) {
	const seeds = 2000
	for name, want := range map[string]int{"swarm:pause.in=30%": 30, "swarm:pause.in=30%,pause=3": 30, "swarm:pause=1..3": 100, "swarm:pause=on": 82} {
		some, p := 0, profile(t, name)
		for seed := range uint64(seeds) {
			if slices.ContainsFunc(draw(p, seed, cluster(Model{})), func(l Line) bool { return l.Verb == Pause && l.Mode == "" }) {
				some++
			}
		}
		if got := 100 * some / seeds; got > want+3 || got < want-25 || want == 100 && got < 97 {
			t.Errorf("%s: a pause in %d %% of the seeds, want about %d", name, got, want)
		}
	}
}

// Fails if what is set leaves the model: swarm stays inside it whatever the dials say.
func TestSettingsStayInside(t *testing.T) {
	m := Model{Bounded: true, NoDup: true}
	p := profile(t, "clock+disk+swarm:drift=50000ppm,sync=20ms,sync.cache=100%,sync.cache.time=5ms,repeat=5%,law.uniform.most=3s,law=uniform,law.slow=100%,law.slow.most=2s,stall=2,stall.for=1s,smear=2,smear.by=5s")
	for seed := range uint64(200) {
		if err := sound(p, cluster(m), draw(p, seed, cluster(m))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if out := m.Outside(draw(p, seed, cluster(m))); len(out) > 0 {
			t.Fatalf("seed %d: outside the model: %v", seed, out)
		}
	}
}

// Fails if two profiles together draw less than each alone, or leave the loosest of what each stays inside.
func TestComposed(t *testing.T) {
	m := Model{Bounded: true, NoCut: true}
	p := profile(t, "crash+clock+zone")
	var kinds Set
	for seed := range uint64(300) {
		plan := draw(p, seed, cluster(Model{}))
		kinds |= plan.Enabled()
		if out := m.Outside(draw(p, seed, cluster(m))); len(out) > 0 {
			t.Fatalf("seed %d: %v", seed, out)
		}
	}
	for _, k := range []Kind{Crashes, Steps, Freezes, Strobes, Smears, Resets} {
		if !kinds.Has(k) {
			t.Errorf("%s draws no %s", p.Name, k)
		}
	}
	for _, k := range []Kind{Losses, Pauses, Betrayals} {
		if kinds.Has(k) {
			t.Errorf("%s draws %s", p.Name, k)
		}
	}
	parts := []Profile{profile(t, "clock"), profile(t, "swarm")}
	both := profile(t, "clock+swarm")
	for seed := range uint64(100) {
		families := func(p Profile) familySet {
			c := chance.Seeded(seed)
			return newDrawer(&p, &c, cluster(Model{})).on
		}
		for _, p := range parts {
			if less := families(p) &^ families(both); less != 0 {
				t.Fatalf("seed %d: %s has the families %b, and %s has not", seed, p.Name, less, both.Name)
			}
		}
	}
	if q := profile(t, "none+byzantine"); q.Bounded || q.steady || !strings.Contains(q.Doc, "lie in all ways") {
		t.Errorf("%+v", q)
	}
	if q := profile(t, "crash+beyond"); !q.Beyond {
		t.Error("what is composed with beyond is not beyond")
	}
}

// Fails if turning the knobs of one profile turns those of all.
func TestSettingsAreOwn(t *testing.T) {
	before := draw(profile(t, "swarm"), 3, cluster(Model{})).String()
	profile(t, "swarm:loss=50%,law=constant,crash=off,crash.for=1h")
	if after := draw(profile(t, "swarm"), 3, cluster(Model{})).String(); after != before {
		t.Error("swarm draws other plans")
	}
	if usual.dials[crashFor].mild.most != 300*int64(time.Millisecond) {
		t.Error("the table of dials has changed")
	}
}

// Fails if a family or a dial has no name of its own, no explanation, or a usual value that could not be set.
func TestKnobTable(t *testing.T) {
	seen := map[string]bool{}
	for i := range knobTable {
		k := &knobTable[i]
		if seen[k.name] || k.doc == "" || strings.ContainsAny(k.name, "+:,= ") {
			t.Errorf("knob %q: %q", k.name, k.doc)
		}
		seen[k.name] = true
		if k.dial == numDials || k.dial == whenHorizon || dials[k.dial].many != nil {
			continue
		}
		for _, s := range []span{dials[k.dial].mild, dials[k.dial].wild} {
			if v, why := k.parse(k.text(s)); why != "" || v != s {
				t.Errorf("%s=%s: %v, %s", k.name, k.text(s), v, why)
			}
		}
	}
	if len(seen) < 150 {
		t.Errorf("%d knobs", len(seen))
	}
}

// Fails if the list of dials lacks some, or does not say what holds if they are not set.
func TestDials(t *testing.T) {
	usual := map[string]string{}
	for _, d := range Dials() {
		if d.Usual == "" || d.Doc == "" {
			t.Errorf("%+v", d)
		}
		usual[d.Name] = d.Usual
	}
	for name, want := range map[string]string{
		"crash.in": "100% (in a swarm 75%)", "crash": "0..3 (in a swarm up to 0..5, in a flood 0..2)", "crash.storms": "0..2 (in a swarm up to 0..6, in a flood 0..6)", "crash.for": "1ms..300ms", "loss": "0.5%..6% (in a swarm 0.1%..30%)",
		"when": "10ms to the end of faults", "law.newest-first": "5", "law.newest-first.share": "5%..40%", "slow.by": "2x..40x", "sync.in": "40% (in a flood 100%), 50% in a profile that is no swarm",
		"fail.in": "10% (in a swarm 12.5%), 70% in a profile that is no swarm", "betray.in": "50%, 100% in a profile that is no swarm", "when.even": "50% (in a flood 100%)", "cut": "0..3 (in a swarm up to 0..5)",
	} {
		if usual[name] != want {
			t.Errorf("%s is usually %q, want %q", name, usual[name], want)
		}
	}
}

func FuzzFindProfile(f *testing.F) {
	f.Add("swarm:loss=5%,crash=0..3,crash.for=1ms..50ms,cut=off")
	f.Add("crash+clock")
	f.Add("beyond:law=uniform,excess.full=100%")
	f.Fuzz(func(t *testing.T, name string) {
		p, err := FindProfile(name)
		if err != nil {
			return
		}
		again, err := FindProfile(p.Name)
		if err != nil || again.Name != p.Name {
			t.Fatalf("%q is %q, which is %q: %v", name, p.Name, again.Name, err)
		}
		if a, b := draw(p, 7, cluster(Model{})).String(), draw(again, 7, cluster(Model{})).String(); a != b {
			t.Fatalf("%q draws\n%s\nand %q\n%s", name, a, p.Name, b)
		}
	})
}
