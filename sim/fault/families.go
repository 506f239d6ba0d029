package fault

import "simrun/sim/chance"

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

	loops
	suspends
	lates
	omits
	betrays
	wipes
	swaps
	partitions
	flaps
	breaks
	windows
	queues
	corrupts
	garbles
	stales
	strobes
	smears
	resets
	uncertains
	stalls
	throttles
	busies
	fails
	latents
	capacities
	rots
	phantoms
	misdirects
	outdates
	zones
	aims
	excesses
	families // how many can be on or off
)

// These are in every plan, and only have dials.
const (
	when family = families + iota
	laws
	groups // how many have dials
)

// A set of families.
type familySet uint64

// has reports whether a family is in the set.
func (s familySet) has(f family) bool { return s&(1<<f) != 0 }

// shares are in how many seeds a family is on, in parts per million: of those that are a swarm, of those that are a fixed mix, and of the other profiles.
type shares struct{ swarm, mix, plain uint32 }

// A familyInfo is what is known of a family. Its name is a word of picks, and so a part of what a seed means.
type familyInfo struct {
	name string
	doc  string
	on   shares
	room func(m *Model) bool // whether a model leaves room for it; nil if every one does
}

// What a model leaves room for.

func mayCrash(m *Model) bool  { return m.Crash != NoCrash }
func mayReturn(m *Model) bool { return m.Crash == CrashRecovery }
func mayCut(m *Model) bool    { return !m.NoCut }
func mayLose(m *Model) bool   { return !m.lossless() }
func mayRepeat(m *Model) bool { return !m.single() }
func unbound(m *Model) bool   { return !m.Bounded }
func mayFail(m *Model) bool   { return m.Disk >= Failing }
func mayRot(m *Model) bool    { return m.Disk >= Rotting }
func mayLie(m *Model) bool    { return m.Disk >= Lying }

// mayLoseDisk: a disk that lies may be lost too.
func mayLoseDisk(m *Model) bool { return m.Losable || mayLie(m) }
func mayStand(m *Model) bool    { return unbound(m) && !m.Steady }

func mayBetray(m *Model) bool  { return m.Byzantine }
func mayGarble(m *Model) bool  { return m.Garbled }
func mayDoubt(m *Model) bool   { return m.TrueTime }
func mayQueue(m *Model) bool   { return !m.Bounded && !m.lossless() }
func mayDivide(m *Model) bool  { return mayCut(m) || mayReturn(m) }
func mayBeStale(m *Model) bool { return !m.lossless() && mayReturn(m) }

// mayStartLate: what is sent to a node that has not started is lost. A system whose nodes may crash and come back copes with
// that, one that is to lose nothing does not.
func mayStartLate(m *Model) bool { return mayReturn(m) }

// familyTable has a row for each family. Those that came first are on in every fixed mix, but for slow disks and narrow links. Each later one is on in a small part of
// them, so that all together they do not drown what a mistake needs. A flood has both, whatever stands here.
var familyTable = [groups]familyInfo{
	crashes: {"crash", "nodes crash and start again", shares{750_000, certain, certain}, mayCrash},
	cuts:    {"cut", "the network is cut and healed", shares{600_000, certain, certain}, mayCut},
	losses:  {"loss", "messages are lost", shares{500_000, certain, certain}, mayLose},
	repeats: {"repeat", "messages arrive twice", shares{500_000, certain, certain}, mayRepeat},
	pauses:  {"pause", "nodes stand still", shares{400_000, certain, 500_000}, unbound},
	slows:   {"slow", "nodes become slow", shares{400_000, certain, 500_000}, unbound},
	steps:   {"step", "wall clocks jump", shares{400_000, certain, 600_000}, unbound},
	freezes: {"freeze", "clocks stand still", shares{300_000, certain, 600_000}, mayStand},
	drifts:  {"drift", "clocks run fast or slow", shares{500_000, certain, 500_000}, nil},
	offsets: {"offset", "wall clocks are wrong from the start", shares{500_000, certain, 250_000}, nil},
	syncs:   {"sync", "disks take long to sync", shares{400_000, 400_000, 500_000}, nil},
	rates:   {"rate", "a link is narrow", shares{200_000, 100_000, 200_000}, unbound},

	loops:      {"loop", "nodes crash again and again", shares{100_000, seldom, 300_000}, mayReturn},
	suspends:   {"suspend", "nodes stand still, and their clocks with them", shares{100_000, seldom, 500_000}, mayStand},
	lates:      {"late", "nodes start late", shares{150_000, seldom, 500_000}, mayStartLate},
	omits:      {"omit", "nodes omit to send or to receive", shares{120_000, seldom, 300_000}, mayLose},
	betrays:    {"betray", "nodes lie", shares{500_000, 500_000, certain}, mayBetray},
	wipes:      {"wipe", "disks are lost", shares{200_000, 100_000, 300_000}, mayLoseDisk},
	swaps:      {"swap", "disks are exchanged", shares{200_000, 50_000, 200_000}, mayLie},
	partitions: {"partition", "the network falls apart in a shape that has a name", shares{150_000, seldom, 500_000}, mayCut},
	flaps:      {"flap", "links go down and up again and again", shares{120_000, seldom, 300_000}, mayCut},
	breaks:     {"break", "connections break and lose what is in flight", shares{120_000, seldom, 300_000}, mayCut},
	windows:    {"window", "for a while the network is another", shares{150_000, seldom, 300_000}, nil},
	queues:     {"queue", "a queue for a narrow link overflows", shares{80_000, seldom, 200_000}, mayQueue},
	corrupts:   {"corrupt", "messages arrive damaged, and are dropped", shares{100_000, seldom, 300_000}, mayLose},
	garbles:    {"garble", "messages arrive changed", shares{500_000, 500_000, certain}, mayGarble},
	stales:     {"stale", "messages are held back until their receiver restarts", shares{150_000, seldom, 300_000}, mayBeStale},
	strobes:    {"strobe", "wall clocks jump to and fro", shares{80_000, seldom, 400_000}, unbound},
	smears:     {"smear", "wall clocks gain or lose little by little", shares{80_000, seldom, 400_000}, nil},
	resets:     {"reset", "wall clocks start anew with their nodes", shares{100_000, seldom, 400_000}, mayReset},
	uncertains: {"uncertain", "clocks say that they may be wrong", shares{500_000, 500_000, 500_000}, mayDoubt},
	stalls:     {"stall", "disks stand still", shares{100_000, seldom, 400_000}, nil},
	throttles:  {"throttle", "disks read and write little at a time", shares{80_000, seldom, 400_000}, unbound},
	busies:     {"busy", "disks become slow for a while", shares{100_000, seldom, 400_000}, unbound},
	fails:      {"fail", "operations of disks fail", shares{500_000, 400_000, 700_000}, mayFail},
	latents:    {"latent", "sectors can no longer be read", shares{300_000, 200_000, 500_000}, mayFail},
	capacities: {"capacity", "disks fill up", shares{200_000, 100_000, 300_000}, mayFail},
	rots:       {"rot", "bits flip at rest", shares{400_000, 300_000, 600_000}, mayRot},
	phantoms:   {"phantom", "writes are acknowledged and never done", shares{300_000, 200_000, 400_000}, mayLie},
	misdirects: {"misdirect", "writes land somewhere else", shares{300_000, 200_000, 400_000}, mayLie},
	outdates:   {"outdated", "reads return what was there before", shares{300_000, 200_000, 400_000}, mayLie},
	zones:      {"zone", "zones lose their power or their network", shares{60_000, 20_000, certain}, mayDivide},
	aims:       {"aim", "faults strike whoever notes a fact", shares{500_000, 500_000, 500_000}, mayAim},
	excesses:   {"excess", "more is broken than a group can spare", shares{certain, certain, certain}, mayDivide},

	when: {name: "when", doc: "when faults begin"},
	laws: {name: "law", doc: "how long messages take"},
}

// seldom is the share of the fixed mixes in which one of the later families is on.
const seldom = 50_000

func mayReset(m *Model) bool { return !m.Bounded && mayReturn(m) }

func mayAim(m *Model) bool { return mayReturn(m) || mayCut(m) || !m.Bounded }

// familyWords are the words of the picks that switch families on.
var familyWords = func() (ws [families]chance.Word) {
	for f := range ws {
		ws[f] = chance.NewWord(familyTable[f].name)
	}
	return ws
}()

// familyStreams are the streams of those picks. Nobody changes a stream, so all may share them.
var familyStreams = func() (ss [families]chance.Stream) {
	for f, w := range familyWords {
		ss[f] = chance.Combine(wordProfile, wordNone, wordNone, w)
	}
	return ss
}()

// What profiles are made of.
const (
	crashFamilies     = 1<<crashes | 1<<drifts | 1<<offsets | 1<<syncs | 1<<loops | 1<<lates
	partitionFamilies = 1<<cuts | 1<<partitions | 1<<flaps | 1<<breaks
	calmFamilies      = 1<<drifts | 1<<offsets | 1<<syncs | 1<<lates
	clockFamilies     = 1<<steps | 1<<freezes | 1<<drifts | 1<<offsets | 1<<strobes | 1<<smears | 1<<resets | 1<<uncertains
	networkFamilies   = 1<<cuts | 1<<losses | 1<<repeats | 1<<rates | 1<<partitions | 1<<flaps | 1<<breaks | 1<<windows | 1<<queues | 1<<corrupts | 1<<stales
	diskFamilies      = 1<<crashes | 1<<syncs | 1<<stalls | 1<<throttles | 1<<busies | 1<<fails | 1<<latents | 1<<capacities | 1<<rots |
		1<<phantoms | 1<<misdirects | 1<<outdates | 1<<wipes | 1<<swaps
	allFamilies   = 1<<families - 1
	swarmFamilies = allFamilies &^ (1 << excesses)
)

// later are the families beside the first twelve that need no special model, but for aims, which are drawn by themselves.
const later = familySet(1<<loops | 1<<suspends | 1<<lates | 1<<omits | 1<<partitions | 1<<flaps | 1<<breaks | 1<<windows | 1<<queues | 1<<corrupts | 1<<stales |
	1<<strobes | 1<<smears | 1<<resets | 1<<stalls | 1<<throttles | 1<<busies | 1<<zones)

// ordinary are the first twelve families and the later ones: what a flood has.
const ordinary = familySet(1<<crashes|1<<cuts|1<<losses|1<<repeats|1<<pauses|1<<slows|1<<steps|1<<freezes|1<<drifts|1<<offsets|1<<syncs|1<<rates) | later

// allows returns the families that a model leaves room for.
func (m Model) allows() (set familySet) {
	for f := range families {
		if room := familyTable[f].room; room == nil || room(&m) {
			set |= 1 << f
		}
	}
	return set
}
