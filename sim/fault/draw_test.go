package fault

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

// Fails if a span gives what is outside it, or leaves an octave out.
func TestWithin(t *testing.T) {
	c := chance.Seeded(7)
	r := reel{&c, chance.NewStream("test", "", "", "")}
	var octave [4]int
	for n := range uint64(8000) {
		v := r.within(n, span{10, 150})
		if v < 10 || v > 150 {
			t.Fatalf("%d is outside", v)
		}
		for i, top := range []int64{20, 40, 80, 151} {
			if v < top {
				octave[i]++
				break
			}
		}
	}
	for i, n := range octave {
		if n < 1700 || n > 2300 {
			t.Errorf("octave %d was drawn %d times of 8000", i, n)
		}
	}
	if v := r.within(0, span{10, 10}); v != 10 {
		t.Errorf("an empty span gives %d", v)
	}
	for _, c := range [][2]int64{{1234567, 1230000}, {-1234567, -1230000}, {999, 0}, {-30 * ms, -30 * ms}, {sec - 1, 999 * ms}} {
		if got := tidy(c[0]); int64(got) != c[1] {
			t.Errorf("%d is tidied to %d, want %d", c[0], got, c[1])
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	p, s := profile(b, "swarm"), cluster(Model{})
	b.ReportAllocs()
	for seed := uint64(0); b.Loop(); seed++ {
		draw(p, seed, s)
	}
}

// Fails if the order that nodes are drawn in depends on who else is there, or if some node never comes first.
func TestByLot(t *testing.T) {
	first := map[string]int{}
	for seed := range uint64(600) {
		small, large := drawerOf(seed, "a1", "a2", "a3"), drawerOf(seed, "b1", "a1", "b2", "a2", "a3")
		var among []string
		for _, i := range large.byLot(wordCutLot, 5) {
			if n := large.space.Nodes[i]; n[0] == 'a' {
				among = append(among, n)
			}
		}
		var alone []string
		for _, i := range small.byLot(wordCutLot, 5) {
			alone = append(alone, small.space.Nodes[i])
		}
		if !slices.Equal(alone, among) {
			t.Fatalf("seed %d: %v alone, %v among others", seed, alone, among)
		}
		first[alone[0]]++
	}
	for _, n := range []string{"a1", "a2", "a3"} {
		if first[n] < 150 || first[n] > 250 {
			t.Errorf("the first of 600 were %v", first)
		}
	}
}

func drawerOf(seed uint64, nodes ...string) *drawer {
	p, _ := FindProfile("swarm")
	c := chance.Seeded(seed)
	return newDrawer(&p, &c, Space{Nodes: nodes, Until: clock.Time(sec)})
}

// Fails if a cut has a node on both sides or an empty side, if a heal undoes no cut, or if a shape of cut is never
// drawn.
func TestCuts(t *testing.T) {
	shapes := map[string]int{}
	for seed := range uint64(500) {
		var open []string
		for _, l := range draw(profile(t, "partition"), seed, cluster(Model{})) {
			a, b := len(l.Sides[0]), len(l.Sides[1])
			switch {
			case l.Verb == Heal && a > 0:
				if !slices.Contains(open, l.sides()) {
					t.Fatalf("seed %d: %s heals what is not cut", seed, l)
				}
			case l.Verb == Cut:
				open = append(open, l.sides())
				if a == 0 || b == 0 || slices.ContainsFunc(l.Sides[0], func(n string) bool { return slices.Contains(l.Sides[1], n) }) {
					t.Fatalf("seed %d: %s", seed, l)
				}
				shapes[fmt.Sprintf("%d|%d %v", min(a, 2), min(b, 2), l.OneWay)]++
			}
		}
	}
	// One from one, one from the others, parts; each both ways and one way, and one-way from either side.
	for _, want := range []string{"1|1 false", "1|1 true", "1|2 false", "1|2 true", "2|1 true", "2|2 false", "2|2 true"} {
		if shapes[want] == 0 {
			t.Errorf("no cut of shape %s: %v", want, shapes)
		}
	}
}

// Fails if what befalls a node for a while has no end though faults go on for longer than it may last, or an end
// without a beginning.
func TestSpellsEnd(t *testing.T) {
	ends := map[Verb]Verb{Pause: Resume, Freeze: Thaw, Slow: Slow}
	s := cluster(Model{})
	lasts := s.Until - clock.Time(dials[pauseFor].wild.most)
	for seed := range uint64(500) {
		begun := map[string]int{}
		for _, l := range draw(profile(t, "swarm"), seed, s) {
			end, begins := ends[l.Verb]
			if l.Verb == Slow && l.Amount == 1 {
				begins = false
			}
			switch {
			case begins && l.At < lasts:
				begun[l.Node+end.String()]++
			case l.Verb == Resume || l.Verb == Thaw || l.Verb == Slow && l.Amount == 1:
				begun[l.Node+l.Verb.String()]--
			}
		}
		for what, n := range begun {
			if n > 0 {
				t.Fatalf("seed %d: %s is missing %d times", seed, what, n)
			}
		}
	}
}

// Fails if restarts do not follow crashes: a node that restarts has a crash in the plan, most crashes have a restart,
// some have none.
func TestRestarts(t *testing.T) {
	followed, alone := 0, 0
	for seed := range uint64(500) {
		p := draw(profile(t, "crash"), seed, cluster(Model{}))
		for _, l := range p {
			switch {
			case l.Verb == Restart && !p.crashed(l.Node, l.At):
				t.Fatalf("seed %d: %s, and it had not crashed", seed, l)
			case l.Verb == Crash && (l.Time > 0 || slices.ContainsFunc(p, func(r Line) bool { return r.Verb == Restart && r.Node == l.Node && r.At > l.At })):
				followed++
			case l.Verb == Crash:
				alone++
			}
		}
	}
	if alone == 0 || followed < 5*alone {
		t.Errorf("%d crashes are followed by a restart, %d are not", followed, alone)
	}
}

// Fails if the crashes of a storm, several nodes within a few milliseconds, are not there: what only a majority that
// forgets shows would not be found. In most floods there are some; without storms two nodes hardly ever crash so close together.
func TestStorms(t *testing.T) {
	for name, want := range map[string][2]int{"swarm": {45, 65}, "swarm:crash.storms=0": {0, 15}, "swarm:crash.storms=3,crash.storms.share=100%": {85, 100}} {
		storms := 0
		for seed := range uint64(500) {
			var last clock.Time = -clock.Time(sec)
			node := ""
			for _, l := range draw(profile(t, name), seed, cluster(Model{})) {
				if l.Verb != Crash || l.Place() != Timed {
					continue
				}
				if l.Node != node && l.At-last < clock.Time(5*ms) {
					storms++
					break
				}
				last, node = l.At, l.Node
			}
		}
		if got := storms * 100 / 500; got < want[0] || got > want[1] {
			t.Errorf("%s: two nodes crash close together in %d %% of the seeds, want %d to %d", name, got, want[0], want[1])
		}
	}
}

// Fails if a flood lacks a family that is usual and allowed, or crowds; if a mix or a swarm has more or fewer crashes than a flood where
// it should not; if a profile that is no swarm has seeds of other kinds than mixes; or if the benign answer to every pick, which is what nothing was drawn for, is anything but a mix.
func TestKindsOfSeeds(t *testing.T) {
	p := profile(t, "swarm")
	for name, m := range map[string]Model{"all": {}, "bounded": {Bounded: true}, "in order": {FIFO: true, NoLoss: true}, "for good": {Crash: FailStop}, "no crash": {Crash: NoCrash}} {
		var seeds, single, storms [3]int
		for seed := range uint64(1000) {
			c := chance.Seeded(seed)
			d := newDrawer(&p, &c, cluster(m))
			if d.kind == flood {
				if want := m.allows() & ordinary; d.on&want != want || want == 0 || !d.spread || d.horizon != int64(d.space.Until) {
					t.Fatalf("%s: seed %d, a flood, has the families %b of %b; spread %v until %d", name, seed, d.on, want, d.spread, d.horizon)
				}
			}
			seeds[d.kind]++
			single[d.kind] += int(d.number(d.of(d.names[0], wordCrash), 0, crashTimes))
			storms[d.kind] += int(d.number(d.reel(wordStorm), 0, crashStorms))
		}
		each := func(of [3]int, k kind) float64 { return float64(of[k]) / float64(seeds[k]) }
		if m.Crash != FailStop {
			if each(storms, flood) < 3*each(storms, mix) || each(single, flood) > each(single, mix)/2 {
				t.Errorf("%s: of mixes, swarms and floods %v crash %v and have storms %v", name, seeds, single, storms)
			}
		} else if got := each(single, flood) / each(single, mix); got < 0.85 || got > 1.15 {
			t.Errorf("%s: a flood draws %.2f times as many crashes as a mix", name, got)
		}
	}
	for _, p := range Profiles() {
		for seed := range uint64(40) {
			c := chance.Seeded(seed)
			if d := newDrawer(&p, &c, cluster(Model{})); d.kind != mix && (p.chaotic == 0 || p.even) {
				t.Fatalf("profile %s leaves nothing to chance as a whole, and seed %d is of kind %d", p.Name, seed, d.kind)
			}
		}
	}
	c := chance.Driven(chance.Benign{})
	if d := newDrawer(&p, &c, cluster(Model{})); d.kind != mix || d.spread {
		t.Errorf("of benign picks comes a seed of kind %d, spread evenly %v", d.kind, d.spread)
	}
}

// Fails if the families that came later are not left out of half of the mixes and swarms, or come in another share of the mixes than the table says; or if
// damaged disks are not left out of three quarters of all seeds: hardly a run would be left in which little goes wrong.
func TestWhatSomeSeedsAlone(t *testing.T) {
	const seeds = 3000
	p := profile(t, "swarm")
	var of, none, drawn [3]int
	sick := 0
	for seed := range uint64(seeds) {
		c := chance.Seeded(seed)
		d := newDrawer(&p, &c, cluster(Model{Disk: Rotting}))
		of[d.kind]++
		if d.on&later == 0 {
			none[d.kind]++
		}
		drawn[d.kind] += bits.OnesCount64(uint64(d.on & later))
		if d.on&ills != 0 {
			sick++
		}
	}
	families := bits.OnesCount64(uint64(later))
	for k, want := range map[kind][2]int{mix: {50, 64}, swarm: {47, 58}, flood: {0, 0}} {
		if got := 100 * none[k] / of[k]; got < want[0] || got > want[1] {
			t.Errorf("of seeds of kind %d %d %% have none of the later families, want %v", k, got, want)
		}
	}
	if got, want := 1000*drawn[mix]/of[mix]/families, seldom/1000; got < want-8 || got > want+8 {
		t.Errorf("a later family is in %d of 1000 mixes, want about %d", got, want)
	}
	if got := 100 * sick / seeds; got < 17 || got > 25 {
		t.Errorf("in %d %% of the seeds disks are damaged", got)
	}
}

// Fails if disks that may be lost and are sound otherwise are never lost, fail in another way, or are lost in more nodes than a group can spare.
func TestDisksThatMayBeLost(t *testing.T) {
	lost := 0
	for seed := range uint64(400) {
		wiped := map[string]bool{}
		for _, l := range draw(profile(t, "swarm"), seed, cluster(Model{Losable: true})) {
			switch l.Verb {
			case Wipe:
				wiped[l.Node] = true
			case Swap, Fail, Capacity, Latent, Rot, Phantom, Misdirect, Outdated:
				t.Fatalf("seed %d: %s", seed, l)
			}
		}
		if wiped["a1"] && wiped["a2"] || wiped["a1"] && wiped["a3"] || wiped["a2"] && wiped["a3"] {
			t.Fatalf("seed %d: the disks of %v are lost", seed, wiped)
		}
		lost += len(wiped)
	}
	if lost < 5 {
		t.Errorf("%d disks are lost in 400 seeds", lost)
	}
}

// Fails if a law leaves its dials, or the bound where there is one, or does not parse.
func TestLaws(t *testing.T) {
	for _, m := range []Model{{}, {Bounded: true}} {
		for kind := net.Constant; kind <= net.InOrder; kind++ {
			for seed := range uint64(200) {
				c := chance.Seeded(seed)
				p := profile(t, "swarm")
				d := newDrawer(&p, &c, cluster(m))
				l := d.law(d.reel(wordLaw), 1, kind)
				dial := lawDials[kind]
				if int64(l.Least) > dial.least.most || kind != net.Constant && l.Most < l.Least || int64(l.Share) > dial.share.most {
					t.Fatalf("seed %d: %v leaves its dials", seed, l)
				}
				if m.Bounded && l.Longest() > NetBound {
					t.Fatalf("seed %d: %v leaves the bound", seed, l)
				}
				if again, err := net.ParseLaw(strings.Fields(l.String())); err != nil || again != l {
					t.Fatalf("seed %d: %v is read as %v (%v)", seed, l, again, err)
				}
			}
		}
	}
}

// Fails if two nodes are to fall apart in a shape that takes more of them, so that nothing happens; or if they never do in one that they can.
func TestShapesThatNodesCanFallApartIn(t *testing.T) {
	for nodes, want := range map[int]string{2: "isolate halves partial", 3: "isolate halves majority bridge ring partial"} {
		seen := map[string]bool{}
		s := cluster(Model{})
		s.Nodes = s.Nodes[:nodes]
		s.Groups = nil
		for seed := range uint64(300) {
			for _, l := range draw(profile(t, "byzantine"), seed, s) {
				if l.Verb == Partition {
					seen[l.Mode] = true
				}
			}
		}
		var got []string
		for _, mode := range Partition.modes() {
			if seen[mode] {
				got = append(got, mode)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d nodes fall apart as %q, want %q", nodes, got, want)
		}
	}
}
