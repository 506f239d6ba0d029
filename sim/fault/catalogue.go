package fault

// An Entry of the catalogue is one way in which things fail.
type Entry struct {
	Name    string // unique in the catalogue
	Of      string // process, network, clock, disk or zone
	Doc     string // one sentence
	Example string // a line of a plan that makes it happen, or a few, one below the other
	Called  string // what the literature calls it
	Kind    Kind   // as what it is counted
}

// Catalogue lists every way in which things fail here, by what fails.
//
// The names of the literature are those of Cristian, "Understanding Fault-Tolerant Distributed Systems" (CACM 34(2), 1991), for
// omission, timing (late ones: performance), response (of value or of state) and crash failures, which he tells apart by what is left of the state: amnesia,
// partial amnesia, pause and halting crashes; of Hadzilacos and Toueg, "A Modular Approach to Fault-Tolerant
// Broadcasts" (1994), for send and receive omission and arbitrary failures; of Lamport, Shostak and Pease (TOPLAS 4(3), 1982) for those that are
// Byzantine. Fail-stop is a crash that others can tell (Schlichting and Schneider, TOCS 1(3), 1983), fail-silent one that they cannot, and fail-resume
// is crash-recovery. A process that is initially dead is from Fischer, Lynch and Paterson (JACM 32(2), 1985), a grey failure from Huang and others (HotOS 2017).
// Complete, partial and simplex partitions are those of Alquraan and others (OSDI 2018) and Alfatafta and others (OSDI 2020); the bridge and the ring of
// majorities come from Jepsen. What disks do is called as by Bairavasundaram and others, "An Analysis of Latent Sector Errors in Disk Drives"
// (SIGMETRICS 2007) and "An Analysis of Data Corruption in the Storage Stack" (FAST 2008); to tell a torn write from corruption is the matter
// of Alagappan and others, "Protocol-Aware Recovery for Consensus-Based Storage" (FAST 2018).
func Catalogue() []Entry { return catalogue }

var catalogue = []Entry{
	{"crash-stop", "process", "A node stops and never comes back.", "120ms crash a2 for good", "halting crash, fail-stop where others can tell, else fail-silent", Crashes},
	{"crash-recovery", "process", "A node stops, forgets what was not on its disk, and starts again.", "120ms crash a2 for 20ms", "fail-resume, crash-recovery, partial-amnesia crash", Restarts},
	{"crash-after-effect", "process", "A node stops between two effects: in the middle of a broadcast, between a write and its sync.", "crash a2 after effect 17", "crash during an operation", Crashes},
	{"crash-loop", "process", "A node crashes again and again, soon after each start.", "120ms loop a2 5x 20ms", "repeated fail-resume", Loops},
	{"pause", "process", "A node stands still, as in a long garbage collection, while its clock goes on.", "120ms pause a2\n150ms resume a2", "timing (performance) failure, pause crash", Pauses},
	{"suspend", "process", "A node stands still and its clock with it, as a frozen virtual machine.", "120ms pause a2 with clock\n150ms resume a2", "timing failure of process and clock, pause crash", Suspensions},
	{"slow", "process", "A node and its disk take many times as long for all they do.", "200ms slow a2 20x", "timing (performance) failure, grey or fail-slow failure", Slowness},
	{"late-start", "process", "A node starts later than the others, so that the order of starts varies.", "always start a2 50ms", "initially dead process, then recovery", LateStarts},
	{"lost-disk", "process", "A node comes back with an empty disk.", "120ms wipe a2", "amnesia crash, loss of stable storage", Wipes},
	{"swapped-disk", "process", "Two nodes come back with each other's disk.", "120ms swap a2 a3", "response failure of state", Swaps},
	{"send-omission", "process", "A node omits to send a share of its messages.", "200ms omit a2 send 30%", "send omission", SendOmissions},
	{"receive-omission", "process", "A node omits to receive a share of its messages.", "200ms omit a2 receive 30%", "receive omission", ReceiveOmissions},
	{"wrong-value", "process", "A node answers with wrong values.", "200ms betray a2 alter 20%", "response failure of value", Betrayals},
	{"two-faced", "process", "A node tells different receivers different things.", "200ms betray a2 equivocate 20%", "two-faced behaviour, equivocation, an arbitrary failure", Betrayals},
	{"byzantine", "process", "A node drops, repeats, delays, alters what it sends and contradicts itself.", "200ms betray a2 any 20%", "arbitrary (Byzantine, malicious) failure", Betrayals},

	{"loss", "network", "Messages are lost.", "always loss a1>a2 3%\nlose a1>a2 Accept#3", "omission failure of a link", Losses},
	{"duplicate", "network", "Messages arrive twice.", "always repeat 3%\nrepeat a1>a2 Accept#3 5ms", "response failure of a link", Duplicates},
	{"linger", "network", "A few messages are much later than the rest.", "always law newest-first 2ms 300ms 25%\ndelay a1>a2 Accept#3 40ms", "timing failure of a link", Lingering},
	{"reorder", "network", "Messages overtake others of their link.", "always law uniform 500µs 5ms", "timing failure of a link", Reorders},
	{"asymmetric-latency", "network", "One way takes longer than the other.", "always law a1>a2 uniform 30ms 40ms", "timing failure of a link", Reorders},
	{"stale", "network", "A message arrives only after its receiver has restarted.", "always stale 1%\nstale a1>a2 Accept#3", "timing failure of a link", StaleMessages},
	{"corrupt", "network", "A message is damaged, a checksum notices, and it is dropped.", "always corrupt 1%\ncorrupt a1>a2 Accept#3", "omission failure of a link", Corruptions},
	{"garble", "network", "A message is changed and nothing notices.", "always garble 1%\ngarble a1>a2 Accept#3", "response failure of value of a link", Garbled},
	{"bandwidth", "network", "Messages wait in line for a wire of so many bytes a second.", "always rate a1>a2 20000", "timing failure of a link", Lingering},
	{"overflow", "network", "What waits for the wire beyond so many bytes is lost.", "always rate a1>a2 20000\nalways queue a1>a2 4000", "omission failure of a link", Overflows},
	{"cut", "network", "Sets of nodes cannot reach one another, one way or both.", "300ms cut a1,a2 | a3 one-way\n1s heal", "complete or partial partition, simplex if one-way", Cuts},
	{"isolate", "network", "One node is alone.", "300ms partition isolate a1,a2,a3", "complete partition", Partitions},
	{"halves", "network", "The nodes fall into two halves.", "300ms partition halves a1,a2,a3,a4", "complete partition", Partitions},
	{"majority", "network", "A bare majority and the minority do not see each other.", "300ms partition majority a1,a2,a3", "complete partition", Partitions},
	{"bridge", "network", "Two halves see each other only through one node, which sees both.", "300ms partition bridge a1,a2,a3,a4,a5", "partial partition", Partitions},
	{"ring", "network", "Each node sees a majority, and no two see the same one.", "300ms partition ring a1,a2,a3,a4,a5", "partial partition, ring of majorities", Partitions},
	{"partial", "network", "Two nodes do not see each other, and the rest see both.", "300ms partition partial a1,a2,a3", "partial partition", Partitions},
	{"leader-alone", "network", "Whoever leads is cut off from all others.", "300ms cut @Chosen | rest", "complete partition, aimed", Cuts},
	{"clients-cut", "network", "Clients are cut off from servers that see one another.", "300ms cut c1,c2 | rest", "complete partition, between clients and servers", Cuts},
	{"flap", "network", "A link goes down and up again and again.", "300ms flap a1 | a2 10x 20ms", "intermittent omission failure of a link", Flaps},
	{"break", "network", "Connections break, lose what is in flight and are made again; one way, they are half-open.", "300ms break a1 | a2 one-way 20ms", "omission failure of a link", Breaks},
	{"withhold", "network", "A message that would decide is kept from its receiver for as long as it would.", "always withhold 40ms", "timing failure of a link, chosen by an adversary that sees all, as that of Fischer, Lynch and Paterson", Withheld},

	{"offset", "clock", "A wall clock is wrong from the start.", "always offset a2 3ms", "response failure of value of a clock", Offsets},
	{"drift", "clock", "A clock runs fast or slow.", "always drift a2 50ppm", "timing failure of a clock", Drifts},
	{"step", "clock", "A wall clock jumps forward or back.", "200ms step a2 -30ms", "response failure of a clock", Steps},
	{"strobe", "clock", "A wall clock jumps to and fro.", "200ms strobe a2 40ms 2ms 100x", "response failure of a clock", Strobes},
	{"freeze", "clock", "A clock stands still while its node goes on.", "200ms freeze a2\n250ms thaw a2", "response failure of a clock, stopped clock", Freezes},
	{"smear", "clock", "A wall clock gains or loses a second little by little, as over a leap second.", "200ms smear a2 -1s 10s", "timing failure of a clock", Smears},
	{"reset", "clock", "A wall clock starts anew with its node, as one without a battery.", "always reset a2", "response failure of state of a clock", Resets},
	{"broken-bound", "clock", "A clock is further off than it says it can be.", "always uncertainty a2 1ms broken", "response failure of value of a clock", BrokenBounds},

	{"lost-writes", "disk", "A crash loses bytes that were not synced.", "always unsynced lose", "loss of volatile storage, partial amnesia", LostBytes},
	{"lost-names", "disk", "A crash loses files that were made, renamed or removed without a sync of the directory.", "always unsynced lose", "loss of volatile storage, partial amnesia", Crashes},
	{"torn-write", "disk", "A crash keeps a part of a write, and of several any.", "always unsynced mix", "torn (partial, non-atomic) write", TornWrites},
	{"slow-disk", "disk", "A disk takes long to sync, to read or to write.", "always sync a2 20ms", "timing failure of storage", SlowDisks},
	{"disk-stall", "disk", "A disk does nothing for a while.", "300ms stall a2 50ms", "timing failure of storage", DiskStalls},
	{"throttle", "disk", "A disk reads and writes only so many bytes a second.", "always throttle a2 100000", "timing failure of storage", Throttles},
	{"io-error", "disk", "An operation fails and says so.", "always fail a2 write 1%\nfail a2 read#3", "omission failure of storage, EIO", IOErrors},
	{"failed-sync", "disk", "A sync fails once; the next reports success, and what the first should have kept is gone.", "fail a2 sync#3", "response failure of storage, as in PostgreSQL's fsync of 2018", FailedSyncs},
	{"latent-sector", "disk", "A sector can no longer be read.", "300ms latent a2", "latent sector error", LatentSectors},
	{"bit-rot", "disk", "A bit at rest flips.", "300ms rot a2", "silent corruption, bit rot", BitRot},
	{"misdirect", "disk", "A write lands somewhere else.", "misdirect a2 write#2", "misdirected write", Misdirections},
	{"phantom", "disk", "A write is acknowledged and never done.", "phantom a2 append#2", "phantom (lost) write", PhantomWrites},
	{"outdated-read", "disk", "A read returns what was there before.", "outdated a2 read#2", "stale read, as after a lost write", OutdatedReads},
	{"no-space", "disk", "A disk is full.", "always capacity a2 4096", "omission failure of storage, ENOSPC", FullDisks},

	{"zone-power", "zone", "All nodes of a zone or region crash at once.", "always zone z1 a1,a2\n300ms crash z1", "correlated crash", ZonePower},
	{"zone-network", "zone", "A zone or region is cut off from the rest.", "always zone z1 a1,a2\n300ms cut z1 | rest", "correlated omission, partition", ZoneNetwork},
	{"aimed", "zone", "A fault strikes right after a fact, at whoever noted it, or between a sync and a send.", "after Chosen#1 crash @Chosen for 20ms", "adaptive adversary", AimedFaults},
}
