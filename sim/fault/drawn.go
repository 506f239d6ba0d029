package fault

// entryFamilies are the families whose lines are those of an entry of the catalogue. An entry that is in none is for plans
// alone.
var entryFamilies = map[string][]family{
	"crash-stop": {crashes, excesses}, "crash-recovery": {crashes, wipes, swaps, zones, aims}, "crash-after-effect": {crashes}, "crash-loop": {loops},
	"pause": {pauses, aims}, "suspend": {suspends}, "slow": {slows}, "late-start": {lates}, "lost-disk": {wipes}, "swapped-disk": {swaps},
	"send-omission": {omits}, "receive-omission": {omits}, "wrong-value": {betrays}, "two-faced": {betrays}, "byzantine": {betrays},

	"loss": {losses, windows}, "duplicate": {repeats, windows}, "linger": {laws}, "reorder": {laws}, "asymmetric-latency": {laws, zones},
	"stale": {stales}, "corrupt": {corrupts}, "garble": {garbles}, "bandwidth": {rates, queues}, "overflow": {queues},
	"cut": {cuts}, "isolate": {partitions}, "halves": {partitions}, "majority": {partitions}, "bridge": {partitions}, "ring": {partitions}, "partial": {partitions},
	"leader-alone": {aims}, "clients-cut": {cuts}, "flap": {flaps}, "break": {breaks},

	"offset": {offsets}, "drift": {drifts}, "step": {steps}, "strobe": {strobes}, "freeze": {freezes}, "smear": {smears}, "reset": {resets},

	"lost-writes": {crashes}, "lost-names": {crashes}, "torn-write": {crashes}, "slow-disk": {syncs, busies}, "disk-stall": {stalls}, "throttle": {throttles},
	"io-error": {fails}, "failed-sync": {fails}, "latent-sector": {latents}, "bit-rot": {rots}, "misdirect": {misdirects}, "phantom": {phantoms},
	"outdated-read": {outdates}, "no-space": {capacities},

	"zone-power": {zones}, "zone-network": {zones}, "aimed": {aims},
}

// Profiles lists the profiles that draw such a fault, for a system whose model has room for it; none, if only a plan can ask
// for it.
func (e *Entry) Profiles() (names []string) {
	for i := range profiles {
		if p := &profiles[i]; p.mayDraw(entryFamilies[e.Name], e) {
			names = append(names, p.Name)
		}
	}
	return names
}

// mayDraw reports whether the profile draws one of these families for some model.
func (p *Profile) mayDraw(fs []family, e *Entry) bool {
	for _, f := range fs {
		for _, m := range []Model{{Disk: Lying, Byzantine: true, Garbled: true}, {TrueTime: true}, {Losable: true}} {
			in := p.within(m)
			switch {
			case e.Name == "asymmetric-latency": // one link is slow in some seeds
				return p.chaotic|p.plain != 0
			case f == laws && p.steady, f == syncs && in.Bounded:
			case e.Kind == Lingering && f == laws && p.even: // the uniform law has an end
			case f == laws:
				return true
			case in.allows()&(p.chaotic|p.plain)&(1<<f) != 0:
				return true
			}
		}
	}
	return false
}
