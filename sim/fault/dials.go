package fault

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/net"
)

// A family is a kind of fault that a seed has or has not as a whole.
type family int

const (
	crashes family = iota
	cuts
	losses
	repeats
	pauses
	slows
	steps
	freezes
	drifts
	offsets
	syncs
	rates
	families
)

// familyWords are the words of the picks that switch families on.
var familyWords = words("crash", "cut", "loss", "repeat", "pause", "slow", "step", "freeze", "drift", "offset", "sync", "rate")

const (
	allFamilies   = 1<<families - 1
	crashFamilies = 1<<crashes | 1<<drifts | 1<<offsets | 1<<syncs
)

// allows returns the families that a model leaves room for.
func (m Model) allows() uint32 {
	set := uint32(allFamilies)
	without := func(out bool, fs ...family) {
		for _, f := range fs {
			if out {
				set &^= 1 << f
			}
		}
	}
	without(m.Crash == NoCrash, crashes)
	without(m.NoCut, cuts)
	without(m.lossless(), losses)
	without(m.single(), repeats)
	without(m.Bounded, pauses, slows, steps, freezes, rates)
	return set
}

// A span is a range to draw from with every octave as likely: one to two milliseconds as often as one to two seconds.
type span struct{ least, most int64 }

const (
	us  = int64(time.Microsecond)
	ms  = int64(time.Millisecond)
	sec = int64(time.Second)
)

// The dials. They were set so that faults fall where short runs are busy: most runs have decided what they decide
// within tens of milliseconds, while a scenario's faults may last for seconds. So instants and lengths are spread
// over octaves rather than evenly, and every seed has a horizon of its own, within which its faults crowd.
var (
	// In how many seeds of a swarm a family is on, in parts per million; in a fixed mix the others are on.
	swarmOn = [families]uint32{
		crashes: 750_000, cuts: 600_000, losses: 500_000, repeats: 500_000, pauses: 400_000, slows: 400_000,
		steps: 400_000, freezes: 300_000, drifts: 500_000, offsets: 500_000, syncs: 400_000, rates: 200_000}
	mixOn = [families]uint32{
		crashes: certain, cuts: certain, losses: certain, repeats: certain, pauses: certain, slows: certain,
		steps: certain, freezes: certain, drifts: certain, offsets: certain, syncs: 400_000, rates: 100_000}
	plainOn = [families]uint32{crashes: certain, cuts: certain, drifts: 500_000, offsets: 250_000, syncs: 500_000}

	// When. A node that is down only for a moment matters most: it is back, and has forgotten, while those that heard
	// its promise still count on it.
	horizons = span{10 * ms, 0}   // within it faults begin; up to the end of faults
	earliest = 300 * us           // of the instants that are spread over octaves
	downs    = span{ms, 300 * ms} // how long a node is down
	cutFor   = span{2 * ms, sec}
	spellFor = span{ms, 300 * ms} // how long a pause, a slowness, a frozen clock lasts

	// A crash after an effect is after one of the first so many: one for each millisecond to the horizon, within these
	// limits, since about that many effects happen.
	fewEffects, manyEffects = int64(12), int64(400)
	effectPace              = ms
	byEffect                = uint32(850_000) // share of crashes that come after an effect
	staysDown               = uint32(80_000)  // share of crashes that no restart follows
	staysCut                = uint32(80_000)

	// How many faults, by intensity: the weights of none, one, two, ... A fixed mix has the middle one.
	perNode = [3]chance.Dist{chance.Weighted(6, 3, 1), chance.Weighted(2, 4, 3, 1), chance.Weighted(1, 2, 3, 3, 2, 1)}
	storms  = [3]chance.Dist{chance.Weighted(3, 1), chance.Weighted(3, 2, 1), chance.Weighted(1, 2, 1)} // crashes of many nodes at once
	perRun  = [3]chance.Dist{chance.Weighted(1, 3), chance.Weighted(1, 3, 3, 1), chance.Weighted(1, 2, 3, 3, 3, 2)}
	perRare = [3]chance.Dist{chance.Weighted(8, 1), chance.Weighted(5, 2), chance.Weighted(2, 2, 2, 1)} // pauses and the like, of a node
	inStorm = uint32(667_000)                                                                           // share of the nodes that a storm hits
	stormy  = span{10 * us, 10 * ms}                                                                    // how far apart it hits them

	// What a crash leaves of unsynced bytes: mostly nothing, since that is what a protocol must survive; a part of
	// them, now and then, for torn writes.
	unsynced = chance.Weighted(1, 12, 3) // keep, lose, mix
	tied     = chance.Weighted(1, 7)     // ordered, shuffled

	// How much. A fixed mix has moderate rates, so that something still gets done; a swarm may have hardly any or far
	// too many.
	lossMix, lossSwarm = span{5_000, 60_000}, span{1_000, 300_000} // parts per million
	oneLossy           = uint32(200_000)                           // share of the seeds in which one link alone is lossy
	lossyLink          = span{50_000, 800_000}
	repeatsMix         = span{5_000, 60_000}
	repeatsSwarm       = span{1_000, 300_000}
	slowBy             = span{2, 40} // times: with the slowest sync a third of a second, so that a node still gets somewhere
	stepBy             = span{ms, 10 * sec}
	offsetBy           = span{ms, 10 * sec}
	driftWide          = span{10, 100_000} // parts per million
	driftBounded       = span{10, MaxDrift}
	someNodes          = uint32(500_000) // share of the nodes that drift, are offset
	syncSlow           = span{ms, 8 * ms}
	syncBounded        = span{50 * us, int64(SyncBound)}
	cacheSlow          = uint32(250_000) // share of the runs with slow disks in which reads and writes take time too
	cacheTime          = span{us, 100 * us}
	bytesASecond       = span{20_000, 2_000_000}
)

// certain is a share of all, in parts per million.
const certain = 1_000_000

// A lawDial says how a law's numbers are drawn; Most is so many times Least, or within a span of its own.
type lawDial struct {
	weight, steadyWeight uint32
	least, most          span
	share                span
}

// lawDials are the laws of delays, most of them with late messages: those find more than high rates of loss do.
var lawDials = [...]lawDial{
	net.Constant:    {1, 1, span{100 * us, 5 * ms}, span{}, span{}},
	net.Uniform:     {3, 0, span{50 * us, ms}, span{2 * ms, 40 * ms}, span{}},
	net.Exponential: {3, 0, span{500 * us, 5 * ms}, span{50 * ms, sec}, span{}},
	net.LongTail:    {3, 0, span{300 * us, 2 * ms}, span{200 * ms, 5 * sec}, span{}},
	net.NewestFirst: {5, 0, span{500 * us, 4 * ms}, span{20 * ms, sec}, span{50_000, 400_000}},
	net.InOrder:     {2, 3, span{50 * us, ms}, span{ms, 15 * ms}, span{}},
}

// One link in some seeds is slow: in so many, and by so much.
var (
	slowLink = uint32(170_000)
	slowMost = span{10 * ms, 500 * ms}
)

// lawWeights are the weights of the laws by kind: of all, and of those under which no message overtakes another.
var lawWeights, steadyWeights = func() (all, steady chance.Dist) {
	var a, s []uint32
	for _, l := range lawDials {
		a, s = append(a, l.weight), append(s, l.steadyWeight)
	}
	return chance.Weighted(a...), chance.Weighted(s...)
}()
