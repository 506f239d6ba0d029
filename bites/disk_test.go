package bites

import (
	"time"

	"simrun/sim"
)

var diskBites = []bite{
	{
		// As many stores do by default, for speed: Redis with appendfsync everysec, MongoDB once, PostgreSQL with synchronous_commit off.
		fault:   "lost-writes",
		mistake: "an archive acknowledges what it has written and not synced",
		base:    "after a append#4 crash a for 20ms\n",
		plan:    "always unsynced lose\n",
		build:   func(wrong bool) *sim.Scenario { return archives(&logArchive{noSync: wrong}, 8) },
	},
	{
		// LevelDB and others did: "All File Systems Are Not Created Equal" (OSDI 2014) found it in most of what it looked at.
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
		// The usual way to lose an etcd leader for no reason: its heartbeats wait for its log.
		fault:   "slow-disk",
		mistake: "a node that syncs its log answers nobody meanwhile, and is taken for dead",
		plan:    "always sync a 40ms\n",
		build:   func(wrong bool) *sim.Scenario { return watched(&chronicler{waits: wrong}) },
	},
	{
		// The pause between the check and the act, here on a disk; with a garbage collector in the place of the disk it befell HBase.
		fault:   "disk-stall",
		mistake: "a node looks whether its lease holds, writes down what it will do, and does it, however long the writing took",
		plan:    "15ms stall a 100ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("lease and disk", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &leaseWriter{hasty: wrong} })
				w.Add("b", func() sim.Node { return leaseJudge{} })
			})
		},
	},
	{
		// A queue without a bound before a disk that is slower than its clients.
		fault:   "throttle",
		mistake: "samples that come faster than the disk takes them are all written, each later than the one before, and questions wait behind them",
		plan:    "always throttle a 100000\n",
		build:   func(wrong bool) *sim.Scenario { return watched(&sampler{all: wrong}) },
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
		// PostgreSQL until 2018, and most that ever called fsync.
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
		// Kafka did, among others: "Redundancy Does Not Imply Fault Tolerance" (FAST 2017).
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

// archives is an archive a on this shelf, fresh for each life, and a client c that gives it things to keep and wants to see them again.
func archives(shelf shelf, things int) *sim.Scenario {
	return small("archive", func(w *sim.World) {
		w.Add("a", func() sim.Node {
			if m, ok := shelf.(*mirrored); ok {
				return &archivist{shelf: m.fresh(), mirror: "m", alone: m.alone}
			}
			return &archivist{shelf: shelf}
		})
		w.Add("c", func() sim.Node { return &depository{things: things} })
	})
}

// What a client and its archive say.
type (
	keepThis  struct{ N int }
	keeping   struct{ N int }
	showMe    struct{ N int }
	shown     struct{ N, Value int } // 0 if it has none
	tick      struct{}
	askBack   struct{}
	copyThis  struct{ N int }
	copyKept  struct{ N int }
	whatThere struct{}
	allThere  struct{ N []int }
)

// A depository gives the archive thing after thing, each when the one before is kept. After half a second it wants to see all that were.
type depository struct {
	things, kept, seen int
	back               bool
}

func (c *depository) Start(env sim.Env) {
	env.After(0, tick{})
	env.After(500*time.Millisecond, askBack{})
}

func (c *depository) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case tick:
		env.After(20*time.Millisecond, tick{})
		c.ask(env)
	case askBack:
		c.back = true
		c.ask(env)
	case keeping:
		if m.N == c.kept+1 && !c.back {
			c.kept++
			env.Note(done{})
			c.ask(env)
		}
	case shown:
		if m.Value != m.N {
			env.Note(wrongIs("what the archive had promised to keep is gone, or is something else"))
		} else if m.N == c.seen+1 {
			c.seen++
			env.Note(done{})
			c.ask(env)
		}
	}
}

// ask says again what has not been answered.
func (c *depository) ask(env sim.Env) {
	switch {
	case !c.back && c.kept < c.things:
		env.Send("a", keepThis{c.kept + 1})
	case c.back && c.seen < c.kept:
		env.Send("a", showMe{c.seen + 1})
	}
}
