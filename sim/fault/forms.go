package fault

// A form says how a verb is written: where its lines may stand, and what follows the verb, in this order. The parser and the
// printer both go by these tables, so what one writes the other reads.
type form struct {
	name    string
	example string
	at      bool  // it happens at a time, or is aimed
	always  bool  // it holds from the start on
	args    []arg // after the verb
	one     []arg // after the verb, where the line is about one message or one operation of a disk; nil if it cannot be
}

// An arg is one thing that stands in a line, in one word or several.
type arg uint8

const (
	argNode     arg = iota // NODE
	argAnyNode             // [NODE]
	argOther               // another NODE
	argName                // the name of a zone or a region
	argLink                // LINK, of two nodes
	argAnyLink             // [LINK], where either side may be *
	argMessage             // STREAM#N
	argOp                  // the name of an operation of a disk
	argOpN                 // OPERATION#N
	argSides               // NODE,NODE | NODE [one-way]
	argAnySides            // the same, or nothing
	argNodes               // NODE,NODE,...
	argTime                // a time from 0 on
	argBy                  // a time, which may be negative
	argSpan                // a length of time above 0
	argTimes               // 5x
	argShare               // 3%
	argDrift               // 50ppm
	argBytes               // a number of bytes, 0 for no limit
	argLaw                 // a law of delays
	argMode                // a word of modes
	argAnyN                // [N]
	argPlace               // [FILE@OFFSET]
	argGood                // [for good]
	argDown                // [for 20ms], or [for good]
	argClock               // [with clock]
	argBroken              // [broken]
	argAnySpan             // [40ms], above 0
)

// forms has one for each verb.
var forms = [verbs]form{
	Crash:   {"crash", "120ms crash a2", true, false, []arg{argNode, argDown}, nil},
	Restart: {"restart", "500ms restart a2", true, false, []arg{argNode}, nil},
	Pause:   {"pause", "120ms pause a2", true, false, []arg{argNode, argClock}, nil},
	Resume:  {"resume", "150ms resume a2", true, false, []arg{argNode}, nil},
	Cut:     {"cut", "300ms cut a1,a2 | a3 one-way", true, false, []arg{argSides, argGood}, nil},
	Heal:    {"heal", "1s heal", true, false, []arg{argAnySides}, nil},
	Slow:    {"slow", "200ms slow a2 20x", true, false, []arg{argNode, argTimes}, nil},
	Step:    {"step", "200ms step a2 -30ms", true, false, []arg{argNode, argBy}, nil},
	Freeze:  {"freeze", "200ms freeze a2", true, false, []arg{argNode}, nil},
	Thaw:    {"thaw", "250ms thaw a2", true, false, []arg{argNode}, nil},

	Loop:   {"loop", "120ms loop a2 5x 20ms", true, false, []arg{argNode, argTimes, argSpan}, nil},
	Wipe:   {"wipe", "120ms wipe a2", true, false, []arg{argNode}, nil},
	Swap:   {"swap", "120ms swap a2 a3", true, false, []arg{argNode, argOther}, nil},
	Omit:   {"omit", "200ms omit a2 send 30%", true, true, []arg{argNode, argMode, argShare}, nil},
	Betray: {"betray", "200ms betray a2 any 20%", true, true, []arg{argNode, argMode, argShare}, nil},
	Start:  {"start", "always start a2 50ms", false, true, []arg{argNode, argTime}, nil},

	Partition: {"partition", "300ms partition bridge a1,a2,a3,a4,a5", true, false, []arg{argMode, argNodes}, nil},
	Flap:      {"flap", "300ms flap a1 | a2 10x 20ms", true, false, []arg{argSides, argTimes, argSpan}, nil},
	Break:     {"break", "300ms break a1 | a2 20ms", true, false, []arg{argSides, argSpan}, nil},

	Strobe: {"strobe", "200ms strobe a2 40ms 2ms 100x", true, false, []arg{argNode, argBy, argSpan, argTimes}, nil},
	Smear:  {"smear", "200ms smear a2 -1s 10s", true, false, []arg{argNode, argBy, argSpan}, nil},
	Reset:  {"reset", "always reset a2", false, true, []arg{argNode}, nil},

	Rot:    {"rot", "300ms rot a2 log@517", true, false, []arg{argNode, argPlace}, nil},
	Latent: {"latent", "300ms latent a2 log@512", true, false, []arg{argNode, argPlace}, nil},
	Stall:  {"stall", "300ms stall a2 50ms", true, false, []arg{argNode, argSpan}, nil},

	Lose:   {"lose", "lose a1>a2 Accept#3", false, false, nil, []arg{argLink, argMessage}},
	Delay:  {"delay", "delay a1>a2 Accept#3 40ms", false, false, nil, []arg{argLink, argMessage, argTime}},
	Repeat: {"repeat", "repeat a1>a2 Accept#3 5ms", false, false, nil, []arg{argLink, argMessage, argTime}},

	Law:         {"law", "always law newest-first", true, true, []arg{argAnyLink, argLaw}, nil},
	Loss:        {"loss", "always loss a1>a2 3%", true, true, []arg{argAnyLink, argShare}, nil},
	Repeats:     {"repeat", "always repeat 3%", true, true, []arg{argAnyLink, argShare}, nil},
	Rate:        {"rate", "always rate a1>a2 1000000", true, true, []arg{argAnyLink, argBytes}, nil},
	Queue:       {"queue", "always queue a1>a2 20000", true, true, []arg{argAnyLink, argBytes}, nil},
	Corrupt:     {"corrupt", "always corrupt 1%", true, true, []arg{argAnyLink, argShare}, []arg{argLink, argMessage}},
	Garble:      {"garble", "always garble 1%", true, true, []arg{argAnyLink, argShare}, []arg{argLink, argMessage}},
	Stale:       {"stale", "always stale 1%", true, true, []arg{argAnyLink, argShare}, []arg{argLink, argMessage}},
	Drift:       {"drift", "always drift a2 50ppm", true, true, []arg{argNode, argDrift}, nil},
	Offset:      {"offset", "always offset a2 3ms", false, true, []arg{argNode, argBy}, nil},
	Uncertainty: {"uncertainty", "always uncertainty a2 3ms", true, true, []arg{argAnyNode, argTime, argBroken}, nil},
	Unsynced:    {"unsynced", "always unsynced lose", false, true, []arg{argMode}, nil},
	Sync:        {"sync", "always sync a2 2ms", true, true, []arg{argAnyNode, argTime}, nil},
	Read:        {"read", "always read a2 100µs", true, true, []arg{argAnyNode, argTime}, nil},
	Write:       {"write", "always write a2 20µs", true, true, []arg{argAnyNode, argTime}, nil},
	Throttle:    {"throttle", "always throttle a2 1000000", true, true, []arg{argAnyNode, argBytes}, nil},
	Capacity:    {"capacity", "always capacity a2 65536", true, true, []arg{argAnyNode, argBytes}, nil},
	Fail:        {"fail", "always fail a2 sync 1%", true, true, []arg{argAnyNode, argOp, argShare}, []arg{argNode, argOpN}},
	Phantom:     {"phantom", "always phantom a2 1%", true, true, []arg{argAnyNode, argShare}, []arg{argNode, argOpN}},
	Misdirect:   {"misdirect", "always misdirect a2 1%", true, true, []arg{argAnyNode, argShare}, []arg{argNode, argOpN}},
	Outdated:    {"outdated", "always outdated a2 1%", true, true, []arg{argAnyNode, argShare}, []arg{argNode, argOpN}},
	Ties:        {"ties", "always ties shuffled", false, true, []arg{argMode}, nil},
	Zone:        {"zone", "always zone z1 a1,a2", false, true, []arg{argName, argNodes}, nil},
	Region:      {"region", "always region eu z1,z2", false, true, []arg{argName, argNodes}, nil},
	Budget:      {"budget", "always budget down 1", false, true, []arg{argMode, argAnyN}, nil},
	Beyond:      {"beyond", "always beyond", false, true, nil, nil},
	Withhold:    {"withhold", "always withhold 40ms", true, true, []arg{argAnySpan}, nil},
}

// modes are the words that may stand as the mode of a verb.
func (v Verb) modes() []string {
	switch v {
	case Unsynced:
		return unsyncedModes
	case Ties:
		return []string{"shuffled", "ordered"}
	case Omit:
		return []string{"send", "receive"}
	case Betray:
		return []string{"any", "drop", "repeat", "delay", "alter", "equivocate"}
	case Partition:
		return []string{"isolate", "halves", "majority", "bridge", "ring", "partial"}
	case Budget:
		return []string{"down", "copies", "zones"}
	}
	return nil
}

// unsyncedModes are the words that may follow unsynced.
var unsyncedModes = []string{"keep", "lose", "mix"}

// operations are the operations of a disk, as package disk calls them. Those for which a verb has no meaning are left
// out of operationsOf.
var operations = []string{"read", "write", "append", "truncate", "sync", "rename", "remove", "syncdir", "list", "size"}

// operationsOf lists the operations that a verb can be about.
func operationsOf(v Verb) []string {
	switch v {
	case Phantom, Misdirect:
		return []string{"write", "append"}
	case Outdated:
		return []string{"read"}
	}
	return operations
}

// has reports whether the verb's lines have this arg.
func (f *form) has(a arg) bool {
	for _, x := range f.args {
		if x == a {
			return true
		}
	}
	return false
}

// String is the word for the verb.
func (v Verb) String() string { return forms[v].name }

// verbsIn lists the verbs whose lines can stand in a place.
func verbsIn(in func(*form) bool) (vs []Verb) {
	for v := range verbs {
		if in(&forms[v]) {
			vs = append(vs, v)
		}
	}
	return vs
}

// The places where a line can stand.
func atATime(f *form) bool { return f.at }
func always(f *form) bool  { return f.always }
func forOne(f *form) bool  { return f.one != nil }
