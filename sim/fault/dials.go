package fault

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/net"
)

// A span is a range to draw from with every octave as likely: one to two milliseconds as often as one to two seconds.
// A span that starts at 0 is drawn from evenly.
type span struct{ least, most int64 }

const (
	us  = int64(time.Microsecond)
	ms  = int64(time.Millisecond)
	sec = int64(time.Second)
)

// certain is a share of all, in parts per million.
const certain = 1_000_000

// A unit is what a dial counts, and so how it is written.
type unit uint8

const (
	asCount  unit = iota // 3
	asShare              // 3%: of messages, of operations
	asOdds               // 30%: of seeds or of faults; one number, not a range
	asLength             // 20ms
	asTimes              // 5x
	asDrift              // 50ppm
	asBytes              // 65536
)

// A dial is a number that a profile draws with. Each belongs to a family, and can be set by its name:
// "crash.for=1ms..50ms". The first of a family has no name of its own: "crash=0..3".
type dial struct {
	family family
	name   string
	doc    string
	unit   unit
	mild   span            // in a fixed mix, and in a profile that is no swarm
	wild   span            // in a swarm
	many   *[3]chance.Dist // of a count that is not even: by intensity, few, some or many
	set    bool            // by a profile's name
}

// always the same number, whatever the seed.
func only(n int64) span { return span{n, n} }

// A dialID is a dial's place in the table.
type dialID uint8

const (
	whenHorizon dialID = iota
	whenEarliest
	whenEven
	lawSlow
	lawSlowMost
	crashTimes
	crashFor
	crashEffect
	crashStays
	crashLoses
	crashStorms
	crashInStorm
	crashApart
	loopTimes
	loopRounds
	loopFor
	pauseTimes
	pauseFor
	suspendTimes
	suspendFor
	slowTimes
	slowBy
	slowFor
	lateBy
	lateShare
	omitTimes
	omitShare
	omitFor
	betrayShare
	betrayStanding
	wipeTimes
	wipeFor
	swapTimes
	cutTimes
	cutFor
	cutStays
	partitionTimes
	partitionFor
	flapTimes
	flapRounds
	flapFor
	breakTimes
	breakFor
	lossRate
	lossOne
	lossOfOne
	repeatRate
	windowTimes
	windowRate
	windowFor
	rateBytes
	queueBytes
	corruptRate
	garbleRate
	staleRate
	driftBy
	driftShare
	offsetBy
	offsetShare
	stepTimes
	stepBy
	freezeTimes
	freezeFor
	strobeTimes
	strobeBy
	strobeEvery
	strobeRounds
	smearTimes
	smearBy
	smearOver
	resetShare
	uncertainBy
	syncTime
	syncCache
	syncCacheTime
	syncShare
	stallTimes
	stallFor
	throttleTimes
	throttleBytes
	throttleFor
	busyTimes
	busyTime
	busyFor
	failRate
	failOne
	failNth
	latentTimes
	capacityBytes
	rotTimes
	phantomRate
	misdirectRate
	outdatedRate
	zoneMany
	zonePower
	zonePowerFor
	zoneCut
	zoneCutFor
	zoneNear
	zoneFar
	aimTimes
	aimNth
	aimFor
	excessLost
	excessFull
	excessRot
	numDials
)

// How many faults, by intensity: the weights of none, one, two, ... A fixed mix has the middle one.
var (
	perNode = [3]chance.Dist{chance.Weighted(6, 3, 1), chance.Weighted(2, 4, 3, 1), chance.Weighted(1, 2, 3, 3, 2, 1)}
	storms  = [3]chance.Dist{chance.Weighted(3, 1), chance.Weighted(3, 2, 1), chance.Weighted(1, 2, 3, 3, 2, 1, 1)}
	perRun  = [3]chance.Dist{chance.Weighted(1, 3), chance.Weighted(1, 3, 3, 1), chance.Weighted(1, 2, 3, 3, 3, 2)}
	perRare = [3]chance.Dist{chance.Weighted(8, 1), chance.Weighted(5, 2), chance.Weighted(2, 2, 2, 1)}
	perSome = [3]chance.Dist{chance.Weighted(3, 2), chance.Weighted(2, 2, 1), chance.Weighted(1, 2, 2, 1)} // of a run, of a new family
)

// The dials. Many were set so that faults fall where short runs are busy: most runs have decided what they decide
// within tens of milliseconds, while a scenario's faults may last for seconds. So lengths are spread over octaves rather than evenly; and
// so are instants in some seeds, which have a horizon of their own, within which faults crowd. What this costs a long run, half of whose seeds would be quiet but for
// their beginning, was measured on a zoo of bugs: hence the floods, and the share of even seeds among the others.
//
// A node that is down only for a moment matters most: it is back, and has forgotten, while those that heard its promise still
// count on it. A fixed mix has moderate rates, so that something still gets done; a swarm may have hardly any or far
// too many.
var dials = [numDials]dial{
	whenHorizon:  {when, "", "the horizon before which faults begin", asLength, span{10 * ms, 0}, span{10 * ms, 0}, nil, false},
	whenEarliest: {when, "earliest", "the first of the instants that are spread over octaves", asLength, only(300 * us), only(300 * us), nil, false},
	whenEven:     {when, "even", "share of the seeds whose faults do not crowd before a horizon, but begin evenly until the end of faults", asOdds, only(500_000), only(500_000), nil, false},
	lawSlow:      {laws, "slow", "share of the seeds in which one link is slow", asOdds, only(170_000), only(170_000), nil, false},
	lawSlowMost:  {laws, "slow.most", "how slow it is", asLength, span{10 * ms, 500 * ms}, span{10 * ms, 500 * ms}, nil, false},

	crashTimes:     {crashes, "", "crashes of a node", asCount, span{}, span{}, &perNode, false},
	crashFor:       {crashes, "for", "how long a node is down", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	crashEffect:    {crashes, "effect", "share of the crashes that come after an effect", asOdds, only(850_000), only(850_000), nil, false},
	crashStays:     {crashes, "stays", "share of the crashes that no restart follows", asOdds, only(80_000), only(80_000), nil, false},
	crashLoses:     {crashes, "loses", "share of the seeds with crashes in which those lose or tear what was not synced", asOdds, only(937_500), only(937_500), nil, false}, // as the weights of unsynced say
	crashStorms:    {crashes, "storms", "crashes of many nodes at once", asCount, span{}, span{}, &storms, false},
	crashInStorm:   {crashes, "storms.share", "share of the nodes that a storm hits", asOdds, only(667_000), only(667_000), nil, false},
	crashApart:     {crashes, "storms.apart", "how far apart it hits them", asLength, span{10 * us, 10 * ms}, span{10 * us, 10 * ms}, nil, false},
	loopTimes:      {loops, "", "crash loops of a node", asCount, span{}, span{}, &perRare, false},
	loopRounds:     {loops, "rounds", "crashes in a loop", asTimes, span{2, 10}, span{2, 20}, nil, false},
	loopFor:        {loops, "for", "how long a node is down, and up, in a loop", asLength, span{ms, 30 * ms}, span{200 * us, 60 * ms}, nil, false},
	pauseTimes:     {pauses, "", "pauses of a node", asCount, span{}, span{}, &perRare, false},
	pauseFor:       {pauses, "for", "how long a node stands still", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	suspendTimes:   {suspends, "", "suspensions of a node with its clock", asCount, span{}, span{}, &perRare, false},
	suspendFor:     {suspends, "for", "how long it is suspended", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	slowTimes:      {slows, "", "how often a node becomes slow", asCount, span{}, span{}, &perRare, false},
	slowBy:         {slows, "by", "how many times as long it takes", asTimes, span{2, 40}, span{2, 40}, nil, false}, // with the slowest sync a third of a second, so that a node still gets somewhere
	slowFor:        {slows, "for", "how long it is slow", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	lateBy:         {lates, "", "how late a node starts", asLength, span{100 * us, 50 * ms}, span{100 * us, 300 * ms}, nil, false},
	lateShare:      {lates, "share", "share of the nodes that start late", asOdds, only(333_000), only(333_000), nil, false},
	omitTimes:      {omits, "", "spells of omission of a node", asCount, span{}, span{}, &perRare, false},
	omitShare:      {omits, "share", "share of its messages that it omits", asShare, span{50_000, 500_000}, span{10_000, certain}, nil, false},
	omitFor:        {omits, "for", "how long it does", asLength, span{2 * ms, 300 * ms}, span{2 * ms, 300 * ms}, nil, false},
	betrayShare:    {betrays, "", "share of what it sends on which a node betrays the others", asShare, span{50_000, 500_000}, span{10_000, certain}, nil, false},
	betrayStanding: {betrays, "start", "share of the traitors that are so from the start", asOdds, only(750_000), only(750_000), nil, false},
	wipeTimes:      {wipes, "", "disks of a node that are lost", asCount, span{}, span{}, &perRare, false},
	wipeFor:        {wipes, "for", "how long the node is down", asLength, span{ms, 100 * ms}, span{ms, 300 * ms}, nil, false},
	swapTimes:      {swaps, "", "exchanges of two disks", asCount, span{}, span{}, &perSome, false},

	cutTimes:       {cuts, "", "cuts of a run", asCount, span{}, span{}, &perRun, false},
	cutFor:         {cuts, "for", "how long a cut lasts", asLength, span{2 * ms, sec}, span{2 * ms, sec}, nil, false},
	cutStays:       {cuts, "stays", "share of the cuts that no heal follows", asOdds, only(80_000), only(80_000), nil, false},
	partitionTimes: {partitions, "", "partitions of a known shape", asCount, span{}, span{}, &perSome, false},
	partitionFor:   {partitions, "for", "how long one lasts", asLength, span{2 * ms, sec}, span{2 * ms, sec}, nil, false},
	flapTimes:      {flaps, "", "how often links flap", asCount, span{}, span{}, &perSome, false},
	flapRounds:     {flaps, "rounds", "how often they go down and up each time", asTimes, span{2, 20}, span{2, 100}, nil, false},
	flapFor:        {flaps, "for", "how long they are down, and up", asLength, span{ms, 20 * ms}, span{200 * us, 60 * ms}, nil, false},
	breakTimes:     {breaks, "", "connections that break", asCount, span{}, span{}, &perRun, false},
	breakFor:       {breaks, "for", "how long until they are made again", asLength, span{200 * us, 50 * ms}, span{200 * us, 300 * ms}, nil, false},
	lossRate:       {losses, "", "share of the messages that are lost", asShare, span{5_000, 60_000}, span{1_000, 300_000}, nil, false},
	lossOne:        {losses, "one", "share of the seeds in which one link alone is lossy", asOdds, only(200_000), only(200_000), nil, false},
	lossOfOne:      {losses, "one.rate", "share that it loses", asShare, span{50_000, 800_000}, span{50_000, 800_000}, nil, false},
	repeatRate:     {repeats, "", "share of the messages that arrive twice", asShare, span{5_000, 300_000}, span{1_000, 300_000}, nil, false},
	windowTimes:    {windows, "", "spells of another law of delays, of loss or of repeats", asCount, span{}, span{}, &perSome, false},
	windowRate:     {windows, "rate", "share of the messages lost or repeated then", asShare, span{50_000, certain}, span{50_000, certain}, nil, false},
	windowFor:      {windows, "for", "how long one lasts", asLength, span{2 * ms, 300 * ms}, span{2 * ms, sec}, nil, false},
	rateBytes:      {rates, "", "bytes a second of a narrow link", asBytes, span{20_000, 2_000_000}, span{20_000, 2_000_000}, nil, false},
	queueBytes:     {queues, "", "bytes that may wait for a narrow link", asBytes, span{100, 4_000}, span{30, 8_000}, nil, false},
	corruptRate:    {corrupts, "", "share of the messages that arrive damaged", asShare, span{5_000, 60_000}, span{1_000, 300_000}, nil, false},
	garbleRate:     {garbles, "", "share of the messages that arrive changed", asShare, span{2_000, 50_000}, span{1_000, 200_000}, nil, false},
	staleRate:      {stales, "", "share of the messages that are held back until their receiver restarts", asShare, span{5_000, 60_000}, span{1_000, 200_000}, nil, false},

	driftBy:      {drifts, "", "how fast or slow a clock runs", asDrift, span{10, 100_000}, span{10, 100_000}, nil, false},
	driftShare:   {drifts, "share", "share of the nodes whose clocks drift", asOdds, only(500_000), only(500_000), nil, false},
	offsetBy:     {offsets, "", "by how much a wall clock is wrong from the start", asLength, span{ms, 10 * sec}, span{ms, 10 * sec}, nil, false},
	offsetShare:  {offsets, "share", "share of the nodes whose clocks are", asOdds, only(500_000), only(500_000), nil, false},
	stepTimes:    {steps, "", "jumps of a node's wall clock", asCount, span{}, span{}, &perRare, false},
	stepBy:       {steps, "by", "how far it jumps", asLength, span{ms, 10 * sec}, span{ms, 10 * sec}, nil, false},
	freezeTimes:  {freezes, "", "how often a node's clock stands still", asCount, span{}, span{}, &perRare, false},
	freezeFor:    {freezes, "for", "how long it does", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	strobeTimes:  {strobes, "", "strobes of a node's wall clock", asCount, span{}, span{}, &perRare, false},
	strobeBy:     {strobes, "by", "how far it jumps to and fro", asLength, span{ms, 200 * ms}, span{ms, 10 * sec}, nil, false},
	strobeEvery:  {strobes, "every", "how long from jump to jump", asLength, span{500 * us, 20 * ms}, span{500 * us, 20 * ms}, nil, false},
	strobeRounds: {strobes, "rounds", "how many jumps", asTimes, span{4, 50}, span{4, 100}, nil, false},
	smearTimes:   {smears, "", "smears of a node's wall clock", asCount, span{}, span{}, &perRare, false},
	smearBy:      {smears, "by", "how much it gains or loses", asLength, span{ms, sec}, span{ms, 10 * sec}, nil, false},
	smearOver:    {smears, "over", "over how long", asLength, span{20 * ms, sec}, span{20 * ms, 10 * sec}, nil, false},
	resetShare:   {resets, "", "share of the nodes whose wall clock starts anew when they do", asOdds, only(500_000), only(500_000), nil, false},
	uncertainBy:  {uncertains, "", "by how much clocks say that they may be wrong", asLength, span{100 * us, 20 * ms}, span{100 * us, 200 * ms}, nil, false},

	// The longer a sync takes, the more crashes fall between a write and its end.
	syncTime:      {syncs, "", "how long syncs take", asLength, span{ms, 8 * ms}, span{ms, 8 * ms}, nil, false},
	syncCache:     {syncs, "cache", "share of the runs with slow disks in which reads and writes take time too", asOdds, only(250_000), only(250_000), nil, false},
	syncCacheTime: {syncs, "cache.time", "how long reads and writes take then", asLength, span{us, 100 * us}, span{us, 100 * us}, nil, false},
	syncShare:     {syncs, "share", "share of the nodes with slow disks, if not all have", asOdds, only(500_000), only(500_000), nil, false},
	stallTimes:    {stalls, "", "how often a node's disk stands still", asCount, span{}, span{}, &perRare, false},
	stallFor:      {stalls, "for", "how long it does", asLength, span{ms, 50 * ms}, span{ms, 300 * ms}, nil, false},
	throttleTimes: {throttles, "", "how often a node's disk is throttled", asCount, span{}, span{}, &perRare, false},
	throttleBytes: {throttles, "bytes", "bytes that it reads or writes a second then", asBytes, span{20_000, 2_000_000}, span{5_000, 2_000_000}, nil, false},
	throttleFor:   {throttles, "for", "how long it is throttled", asLength, span{5 * ms, 300 * ms}, span{5 * ms, 300 * ms}, nil, false},
	busyTimes:     {busies, "", "how often a node's disk becomes slow", asCount, span{}, span{}, &perRare, false},
	busyTime:      {busies, "time", "how long a sync takes then", asLength, span{2 * ms, 30 * ms}, span{2 * ms, 60 * ms}, nil, false},
	busyFor:       {busies, "for", "how long it is slow", asLength, span{2 * ms, 300 * ms}, span{2 * ms, 300 * ms}, nil, false},
	failRate:      {fails, "", "share of a disk's operations of one kind that fail", asShare, span{5_000, 100_000}, span{1_000, 500_000}, nil, false},
	failOne:       {fails, "one", "share of the failing disks of which one operation alone fails", asOdds, only(500_000), only(500_000), nil, false},
	failNth:       {fails, "nth", "which one, of its kind", asCount, span{1, 40}, span{1, 40}, nil, false},
	latentTimes:   {latents, "", "sectors of a disk that can no longer be read", asCount, span{1, 3}, span{1, 8}, nil, false},
	capacityBytes: {capacities, "", "bytes that a disk can hold", asBytes, span{64, 65_536}, span{64, 65_536}, nil, false},
	rotTimes:      {rots, "", "bits of a disk that flip at rest", asCount, span{1, 3}, span{1, 8}, nil, false},
	phantomRate:   {phantoms, "", "share of a disk's writes that are never done", asShare, span{5_000, 100_000}, span{1_000, 500_000}, nil, false},
	misdirectRate: {misdirects, "", "share of a disk's writes that land elsewhere", asShare, span{5_000, 100_000}, span{1_000, 500_000}, nil, false},
	outdatedRate:  {outdates, "", "share of a disk's reads that return what was there before", asShare, span{5_000, 200_000}, span{1_000, 500_000}, nil, false},

	zoneMany:     {zones, "", "zones that nodes are placed in, unless the scenario has placed them", asCount, span{2, 4}, span{2, 5}, nil, false},
	zonePower:    {zones, "power", "losses of a zone's power", asCount, span{}, span{}, &perSome, false},
	zonePowerFor: {zones, "power.for", "how long it is without", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},
	zoneCut:      {zones, "cut", "losses of a zone's network", asCount, span{}, span{}, &perSome, false},
	zoneCutFor:   {zones, "cut.for", "how long it is cut off", asLength, span{2 * ms, sec}, span{2 * ms, sec}, nil, false},
	zoneNear:     {zones, "near", "how long messages take at most between zones of a region", asLength, span{ms, 5 * ms}, span{ms, 5 * ms}, nil, false},
	zoneFar:      {zones, "far", "how long between regions", asLength, span{5 * ms, 80 * ms}, span{5 * ms, 300 * ms}, nil, false},
	aimTimes:     {aims, "", "faults aimed at whoever notes a fact", asCount, span{}, span{}, &perRun, false},
	aimNth:       {aims, "nth", "at which fact of its type", asCount, span{1, 8}, span{1, 20}, nil, false},
	aimFor:       {aims, "for", "how long what it does lasts", asLength, span{ms, 300 * ms}, span{ms, 300 * ms}, nil, false},

	excessLost: {excesses, "", "share of a group's nodes that may crash for good", asOdds, only(400_000), only(400_000), nil, false},
	excessFull: {excesses, "full", "share of the seeds in which all disks fill up", asOdds, only(250_000), only(250_000), nil, false},
	excessRot:  {excesses, "damage", "share of the seeds in which disks of all nodes are damaged", asOdds, only(500_000), only(500_000), nil, false},
}

// A crash after an effect is after one of the first so many: one for each millisecond to the horizon, within these
// limits, since about that many effects happen.
const (
	fewEffects, manyEffects = int64(12), int64(400)
	effectPace              = ms
)

// What no dial changes.
var (
	// What a crash leaves of unsynced bytes: mostly nothing, since that is what a protocol must survive; a part of
	// them, now and then, for torn writes.
	unsynced = chance.Weighted(1, 12, 3) // keep, lose, mix
	notKept  = chance.Weighted(12, 3)    // lose, mix
	tied     = chance.Weighted(1, 7)     // ordered, shuffled

	// Where a model needs bounds, these stand in the place of the dials.
	driftBounded = span{10, MaxDrift}
	syncBounded  = span{50 * us, int64(SyncBound)}
)

// Knobs are all that can be turned: in how many seeds families are on, the dials, and those of the laws of delays.
type knobs struct {
	on    [families]shares
	dials [numDials]dial
	laws  [len(lawDials)]lawDial

	lawWeights, steadyWeights chance.Dist // of the laws by kind: of all, and of those under which no message overtakes another
}

// usual is how they stand if nobody turns them.
var usual = func() knobs {
	k := knobs{dials: dials, laws: lawDials}
	for f := range families {
		k.on[f] = familyTable[f].on
	}
	k.weigh()
	return k
}()

// even is how they stand where nothing is chosen by seed: every family is on in all seeds, faults are spread evenly over the time, no law but the uniform one
// is drawn, and no link has another.
var even = func() knobs {
	k := usual
	for f := range families {
		k.on[f] = shares{certain, certain, certain}
	}
	for kind := range k.laws {
		if net.LawKind(kind) != net.Uniform {
			k.laws[kind].weight = 0
		}
	}
	k.dials[lawSlow].mild, k.dials[lawSlow].wild = only(0), only(0)
	k.dials[whenEven].mild, k.dials[whenEven].wild = only(certain), only(certain)
	k.weigh()
	return k
}()

// weigh finds the weights of the laws from their dials.
func (k *knobs) weigh() {
	var all, steady []uint32
	for _, l := range k.laws {
		all, steady = append(all, l.weight), append(steady, l.steadyWeight)
	}
	k.lawWeights, k.steadyWeights = chance.Weighted(all...), chance.Weighted(steady...)
}

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
