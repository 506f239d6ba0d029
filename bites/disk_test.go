package bites

import "simrun/sim"

var diskBites = []bite{
	{
		// As stores do for speed: Redis by default (appendfsync everysec), MongoDB once, PostgreSQL if it is told to (synchronous_commit off).
		fault:   "lost-writes",
		mistake: "an archive acknowledges what it has written and not synced",
		base:    "after a append#4 crash a for 20ms\n",
		plan:    "always unsynced lose\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&logArchive{noSync: wrong}, 8) },
	},
	{
		// LevelDB and others did: "All File Systems Are Not Created Equal" (OSDI 2014).
		fault:   "lost-names",
		mistake: "an acceptor writes its new state beside the old, syncs it, renames it over, and does not sync the directory",
		base:    "after a rename#3 crash a for 20ms\n",
		plan:    "always unsynced lose\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&renameArchive{noSyncDir: wrong}, 8) },
	},
	{
		// Why InnoDB writes its pages twice, and PostgreSQL writes whole ones to its log.
		fault:   "torn-write",
		mistake: "a page is written over its old version, as if a crash left the one or the other",
		base:    "after a write#13 crash a for 20ms\n",
		plan:    "always unsynced mix\n",
		seeds:   30,
		build:   func(wrong bool) *sim.Scenario { return archives(&pageArchive{inPlace: wrong}, 13) },
	},
	{
		// "If it cannot be opened it does not exist": a first start, by mistake.
		fault:   "io-error",
		mistake: "a log that cannot be read is taken for one that is not there",
		base:    "300ms crash a for 20ms\n",
		plan:    "fail a read#2\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&logArchive{shrugs: wrong}, 8) },
	},
	{
		// PostgreSQL did until 2019, and most that ever called fsync. A right one starts anew from its log, or says nothing more.
		fault:   "failed-sync",
		mistake: "a sync that failed is tried again, and believed when it succeeds",
		base:    "300ms crash a for 20ms\n",
		plan:    "fail a sync#3\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&logArchive{retries: wrong}, 8) },
	},
	{
		// Recovery tools that read on behind an error do so on purpose; a server that does has forgotten promises.
		fault:   "latent-sector",
		mistake: "a log ends, for its reader, where it cannot be read",
		base:    "300ms crash a for 20ms\n",
		plan:    "200ms latent a log@600\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&sectorArchive{endsAtError: wrong}, 8) },
	},
	{
		// Kafka did, among others: "Redundancy Does Not Imply Fault Tolerance" (FAST 2017). How to tell the two apart: "Protocol-Aware Recovery" (FAST 2018).
		fault:   "bit-rot",
		mistake: "a record in the middle of a log whose checksum is wrong is taken for a torn tail, and all behind it is cut off",
		base:    "300ms crash a for 20ms\n",
		plan:    "200ms rot a log@60\n",
		build: func(wrong bool) *sim.Scenario {
			if wrong {
				return archives(&cuttingArchive{}, 8)
			}
			return archives(&chainedArchive{}, 8)
		},
	},
	{
		// Why ZFS keeps a block's checksum in what points to it.
		fault:   "misdirect",
		mistake: "the checksum of a page covers what is on it, and not which page it is",
		base:    "300ms crash a for 20ms\n",
		plan:    "misdirect a write#6\n",
		seeds:   5,
		build:   func(wrong bool) *sim.Scenario { return archives(&slotArchive{noAddress: wrong}, 8) },
	},
	{
		// No checksum notices what was never written; only another copy knows.
		fault:   "phantom",
		mistake: "an archive trusts what its own disk says it has, though there is another copy to ask",
		base:    "300ms crash a for 20ms\n",
		plan:    "phantom a append#5\n",
		build: func(wrong bool) *sim.Scenario {
			s := archives(&mirrored{alone: wrong}, 8)
			build := s.Build
			s.Build = func(w *sim.World, o sim.Options) {
				build(w, o)
				w.Add("m", func() sim.Node { return &archivist{shelf: &logArchive{}} })
			}
			return s
		},
	},
	{
		// A page is right, in its place, checksum and all, and a week old.
		fault:   "outdated-read",
		mistake: "what is read is believed, though the reader knows that there was more",
		plan:    "outdated a read#10\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&rereader{trusting: wrong}, 8) },
	},
	{
		// The return value of write(2), ignored.
		fault:   "no-space",
		mistake: "nobody looks whether a write succeeded",
		base:    "300ms crash a for 20ms\n",
		plan:    "always capacity a 5\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&logArchive{blind: wrong}, 8) },
	},
}
