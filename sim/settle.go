package sim

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// settleDown ends all faults: a core of nodes is healed, the others stay broken for good, and delays become bounded.
func (w *World) settleDown() {
	if w.grown {
		w.survey()
	}
	w.settled = true
	w.letGo()
	w.idleSingles()
	for _, h := range w.hosts {
		if h.up && h.inert { // set to crash after an effect that is still to happen: no crash comes later than this
			w.crash(h, 0)
		}
	}
	w.net.MendAll()
	w.sever()
	law := net.Law{Kind: net.InOrder, Least: defaultDelay / 2, Most: 5 * defaultDelay}
	if w.enabled.Has(fault.Reorders) {
		law.Kind = net.Uniform
	}
	for _, l := range w.links("", "") {
		calm(l, law)
	}
	for i, g := range w.groups {
		w.leaveBroken(i, g)
	}
	for _, h := range w.hosts {
		h.omitsSent, h.omitsReceived = 0, 0
		w.calmDisk(h)
		w.calmClock(h)
		if h.suspended && !h.broken {
			w.awaken(h)
		}
	}
	w.calmMessages()
	w.calmNodes()
	w.queue.rebuild()
	w.giveUpStale()
	w.emit(Settled, nil, nil, nil, 0, 0, "")
	for _, h := range w.hosts {
		if h.broken {
			continue
		}
		h.slow, h.paused, h.sync = 1, false, min(h.sync, fault.SyncBound)
		h.read, h.write = min(h.read, fault.SyncBound), min(h.write, fault.SyncBound)
		h.keeping.stands = false
		w.thaw(h)
		if !h.up && (w.model.Crash != fault.FailStop || h.life == 0) {
			w.start(h, 0)
		}
		w.wakeLater(h)
	}
}

// leaveBroken chooses the members of a group that stay broken. Those that are up crash or are cut off for good,
// whichever the plan has room for; neither, if it has no such faults.
func (w *World) leaveBroken(group int, g fault.Group) {
	if w.model.Crash == fault.FailStop {
		return // whoever has crashed is broken, and that is enough
	}
	var members []*host
	for _, id := range g.Nodes {
		members = append(members, w.must(NodeID(id)))
	}
	stream := chance.NewStream("settle", fmt.Sprint(group+1), "", "")
	most := min(g.Spare, len(members))
	if w.beyond {
		most = len(members)
		stream = chance.NewStream("settle", fmt.Sprint(group+1), "beyond", "")
	}
	n := int(w.chance.Below(&stream, 0, uint64(most)+1))
	w.chance.Shuffle(&stream, 1, len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	crashes, cuts := w.enabled.Has(fault.Crashes), w.enabled.Has(fault.Cuts)
	for _, h := range members[:n] {
		if h.spent() || !w.canSpare(h) || h.up && !crashes && !cuts {
			continue
		}
		h.broken = true
		if !h.up {
			continue
		}
		if crash := w.chance.Below(&stream, uint64(1000+h.index), 2) == 0; crash && crashes || !cuts {
			w.crash(h, 0)
			continue
		}
		w.net.Cut([]int{h.index}, w.indexes(names(w.ids)), false)
	}
}

// canSpare reports whether every group that the host belongs to can do without one more, and the budget too. Those that
// have crashed for good, are Byzantine or have damaged disks count as gone.
func (w *World) canSpare(h *host) bool {
	if w.beyond {
		return true
	}
	if w.budget != nil && !w.lasting(h) {
		return false
	}
	for _, g := range w.groups {
		member, broken := false, 0
		for _, id := range g.Nodes {
			x := w.must(NodeID(id))
			member = member || x == h
			if x.spent() {
				broken++
			}
		}
		if member && broken >= g.Spare {
			return false
		}
	}
	return true
}

// overspent notes groups of which more disks are damaged than they can spare, since no budget saw to it.
func (w *World) overspent() {
	if w.beyond {
		return // as it is meant
	}
	for _, g := range w.groups {
		var hurt []string
		for _, id := range g.Nodes {
			if w.must(NodeID(id)).hurt {
				hurt = append(hurt, id)
			}
		}
		if len(hurt) > g.Spare {
			w.outside = append(w.outside, fmt.Sprintf("damaged disks: %s, where %s can spare %d", strings.Join(hurt, ", "), strings.Join(g.Nodes, ", "), g.Spare))
		}
	}
}

func names(ids []NodeID) (s []string) {
	for _, id := range ids {
		s = append(s, string(id))
	}
	return s
}

// squeezed is into how little time, just before the bound, things are put that would come after it.
const squeezed = time.Millisecond

// calmMessages sees to it that what lingers on the network when faults end arrives within the bound, or never. It keeps
// the order where links do, and loses nothing where they do not, or where all that is withheld must arrive.
func (w *World) calmMessages() {
	m := w.model
	lossless, ordered := m.NoLoss || m.FIFO || m.Bounded || w.judge.fair, m.FIFO || !w.enabled.Has(fault.Reorders)
	late := w.lateMessages(w.now.Add(fault.NetBound - squeezed))
	for rank, i := range late {
		it := &w.queue.items[i]
		s := &w.slots[it.ref]
		stream := chance.Combine(wordSettle, s.flow.from.word, s.flow.to.word, s.flow.info.word)
		if it.at = w.now.Add(fault.NetBound - squeezed + time.Duration(rank+1)); !ordered {
			it.at = w.now.Add(1) + clock.Time(w.chance.Below(&stream, 2*s.n, uint64(fault.NetBound)))
		}
		if !lossless && w.chance.Below(&stream, 2*s.n+1, 2) == 1 {
			it.at = clock.Never
		}
	}
	w.net.Calm(w.now.Add(fault.NetBound - squeezed/2))
}

// lateMessages returns the places in the queue of the messages that arrive after a time, in their order.
func (w *World) lateMessages(after clock.Time) (late []int) {
	for i := range w.queue.items {
		if it := &w.queue.items[i]; it.at > after && w.slots[it.ref].kind == dueMessage {
			late = append(late, i)
		}
	}
	sort.Slice(late, func(i, j int) bool { return w.queue.before(&w.queue.items[late[i]], &w.queue.items[late[j]]) })
	return late
}

// calmNodes sees to it that all that nodes have set under way when faults end, on a disk or slowly, has happened
// within the bound.
func (w *World) calmNodes() {
	from, last := w.now.Add(fault.NetBound-squeezed), w.now
	for _, h := range w.hosts {
		last = max(last, h.busy, h.diskFree)
	}
	if last <= from {
		return
	}
	steps := last.Sub(from)/squeezed + 1
	squeeze := func(t clock.Time) clock.Time {
		if t <= from {
			return t
		}
		return from.Add(t.Sub(from) / steps)
	}
	for i := range w.queue.items {
		it := &w.queue.items[i]
		if k := w.slots[it.ref].kind; k == dueEffects || k == dueSync || k == dueWake {
			it.at = squeeze(it.at)
		}
	}
	for _, h := range w.hosts {
		h.busy, h.diskFree = squeeze(h.busy), squeeze(h.diskFree)
		for i := h.first; i < len(h.pending); i++ {
			h.pending[i].at = squeeze(h.pending[i].at)
		}
	}
}

var wordSettle = chance.NewWord("settle")
