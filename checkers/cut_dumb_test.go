package checkers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
)

// A stroke is that a process sends or receives a coin.
type stroke struct {
	process int
	sends   bool
	coin    int // from 1
}

// A troupe is a run of a few processes as a dumb oracle sees it: strokes, and where each process cuts them.
type troupe struct {
	processes int
	strokes   []stroke
	from, to  []int // of coins, by number
	local     [][]stroke
}

// randomPlay draws a run. With fifo a process receives the oldest coin of a channel.
func randomPlay(d *dice, fifo bool) *troupe {
	x := &troupe{processes: 2 + d.below(3), from: []int{0}, to: []int{0}}
	x.local = make([][]stroke, x.processes)
	var flying []int
	for range 2 + d.below(9) {
		if len(flying) > 0 && d.below(2) == 0 {
			at := d.below(len(flying))
			c := flying[at]
			if fifo {
				at = slices.IndexFunc(flying, func(o int) bool { return x.from[o] == x.from[c] && x.to[o] == x.to[c] })
				c = flying[at]
			}
			flying = slices.Delete(flying, at, at+1)
			x.add(stroke{x.to[c], false, c})
			continue
		}
		from := d.below(x.processes)
		x.from, x.to = append(x.from, from), append(x.to, (from+1+d.below(x.processes-1))%x.processes)
		flying = append(flying, len(x.from)-1)
		x.add(stroke{from, true, len(x.from) - 1})
	}
	return x
}

func (x *troupe) add(s stroke) {
	x.strokes = append(x.strokes, s)
	x.local[s.process] = append(x.local[s.process], s)
}

// consistent returns all global states that the processes could be in, by doing their strokes in every possible
// order: how many each has done, and what is on its way then.
func (x *troupe) consistent() map[string][]int {
	all := make(map[string][]int)
	var visit func(done, flying []int)
	visit = func(done, flying []int) {
		key := fmt.Sprint(done)
		if _, known := all[key]; known {
			return
		}
		all[key] = flying
		for p, list := range x.local {
			if done[p] == len(list) {
				continue
			}
			s, next := list[done[p]], slices.Clone(done)
			next[p]++
			if s.sends {
				visit(next, append(slices.Clone(flying), s.coin))
			} else if at := slices.Index(flying, s.coin); at >= 0 {
				visit(next, slices.Delete(slices.Clone(flying), at, at+1))
			}
		}
	}
	visit(make([]int, x.processes), nil)
	return all
}

func name(p int) string { return string(rune('a' + p)) }

// script writes the run down with a cut: process p records after cut[p] of its strokes, sometimes with the next message
// already delivered. Channels are what is recorded at the end.
func (x *troupe) script(d *dice, cut []int, channels []string) string {
	var words []string
	done := make([]int, x.processes)
	record := func(p int) {
		if done[p] == cut[p] {
			words = append(words, name(p)+"[1")
		}
	}
	for p := range x.processes {
		record(p)
	}
	for _, s := range x.strokes {
		p := s.process
		done[p]++
		if s.sends {
			words = append(words, fmt.Sprintf("%s%s%d", name(p), name(x.to[s.coin]), s.coin))
		} else {
			word := fmt.Sprintf("%s%d", name(p), s.coin)
			if done[p] == cut[p]+1 && d.below(2) == 0 { // the recording comes after the delivery, and before the receipt
				at := slices.Index(words, name(p)+"[1")
				words = append(slices.Delete(words, at, at+1), word, name(p)+"(1")
				continue
			}
			words = append(words, word)
		}
		record(p)
	}
	words = append(words, channels...)
	return strings.Join(append(words, "am bm cm dm", "a]1"), " ") // all have come to the end of their calls
}

// recorded writes channels down as facts: what is on its way, in the order of sending.
func (x *troupe) recorded(flying []int) (words []string) {
	slices.Sort(flying)
	for _, c := range flying {
		words = append(words, fmt.Sprintf("%s{1:%s:%d", name(x.to[c]), name(x.from[c]), c))
	}
	return words
}

// verdicts plays a script to the judges of cuts and returns which of them complained.
func verdicts(script string, fifo bool) string {
	c := snapshots()
	c.FIFO = fifo
	var bad []string
	for _, p := range []sim.Property{ConsistentCut(c), ChannelStates(c), Reachable(c), StronglyConsistentCut(c)} {
		if _, err := shoot(p, script).end(); err != nil {
			bad = append(bad, p.Name())
		}
	}
	return strings.Join(bad, " ")
}

// Fails if the judges differ from an oracle that does the steps of small random runs in every order: a cut is consistent
// if some order passes through it, and its channels hold what is on its way there.
func TestCutsAgainstEveryOrder(t *testing.T) {
	d := &dice{seed: 1}
	tally := map[string]int{}
	for range 4000 {
		fifo := d.below(2) == 0
		x := randomPlay(d, fifo)
		cut := make([]int, x.processes)
		for p := range cut {
			cut[p] = d.below(len(x.local[p]) + 1)
		}
		flying, consistent := x.consistent()[fmt.Sprint(cut)]
		var want string
		switch {
		case !consistent:
			want = "consistent-cut reachable strongly-consistent-cut"
		case len(flying) > 0:
			want = "strongly-consistent-cut"
		}
		right := x.recorded(flying)
		script := x.script(d, cut, right)
		got := verdicts(script, fifo)
		if !consistent { // then channels may be right or wrong
			got = strings.Replace(got, "channel-states ", "", 1)
		}
		if got != want {
			t.Fatalf("%s:\n got %q\nwant %q", script, got, want)
		}
		tally[want]++
		if consistent && len(flying) > 0 {
			wrong := slices.Delete(slices.Clone(right), d.below(len(right)), len(right))
			if d.below(2) == 0 {
				wrong = append(slices.Clone(right), right[d.below(len(right))])
			}
			script := x.script(d, cut, wrong)
			if got := verdicts(script, fifo); got != "channel-states reachable strongly-consistent-cut" {
				t.Fatalf("%s: wrong channels, but only %q complain", script, got)
			}
			tally["wrong channels"]++
		}
	}
	t.Log(tally)
	if len(tally) != 4 {
		t.Errorf("not every case came up: %v", tally)
	}
}

// reorders reports whether a process receives a coin before one that was sent to it earlier by the same process.
func (x *troupe) reorders() bool {
	for _, list := range x.local {
		for i, s := range list {
			for _, later := range list[i+1:] {
				if !s.sends && !later.sends && x.from[s.coin] == x.from[later.coin] && later.coin < s.coin {
					return true
				}
			}
		}
	}
	return false
}

// Fails if Reachable, told that channels are FIFO, accepts a run in which one was not, or accuses one in which all were:
// coins that are received while another that was sent before them is still on its way count too.
func TestReachableKnowsFIFO(t *testing.T) {
	d := &dice{seed: 2}
	reordered := 0
	for range 2000 {
		x := randomPlay(d, false)
		want := x.reorders()
		for at, s := range x.strokes { // one that overtook another that never arrived
			for c := 1; c < s.coin && !s.sends; c++ {
				want = want || x.from[c] == x.from[s.coin] && x.to[c] == x.to[s.coin] && !slices.Contains(x.strokes[:at], stroke{x.to[c], false, c})
			}
		}
		script := x.script(d, make([]int, x.processes), nil)
		_, err := shoot(Reachable(snapshots()), script).end()
		if (err != nil) != want {
			t.Fatalf("%s: got %v, reordered: %v", script, err, want)
		}
		if want {
			reordered++
		}
	}
	if reordered < 100 || reordered > 1900 {
		t.Errorf("%d of 2000 runs were reordered", reordered)
	}
}

// A saved state of a dumb process is the list of what it has done.
type dumbSystem struct {
	now       [][]stroke
	saved     []map[int][]stroke // by process and checkpoint
	permanent [][]stroke
	coins     int
	from, to  []int
	flying    []int // coins, copies too
	words     []string
}

// randomRollbacks draws a run in which processes record checkpoints and go back to them as they like, and old messages
// arrive or are dropped.
func randomRollbacks(d *dice) *dumbSystem {
	n := 2 + d.below(2)
	x := &dumbSystem{now: make([][]stroke, n), saved: make([]map[int][]stroke, n), permanent: make([][]stroke, n), from: []int{0}, to: []int{0}}
	for p := range n {
		x.saved[p] = map[int][]stroke{0: nil}
		x.say("%s+", name(p))
	}
	for range 5 + d.below(15) {
		switch p := d.below(n); d.below(7) {
		case 0, 1:
			x.coins++
			q := (p + 1 + d.below(n-1)) % n
			x.from, x.to = append(x.from, p), append(x.to, q)
			x.send(p, x.coins)
		case 2, 3, 4:
			if len(x.flying) > 0 {
				x.arrive(d)
			}
		case 5:
			k := len(x.saved[p])
			x.saved[p][k] = slices.Clone(x.now[p])
			x.permanent[p] = x.saved[p][k]
			x.say("%s[%d %s=%d", name(p), k, name(p), k)
		case 6:
			k := d.below(len(x.saved[p]))
			x.now[p] = slices.Clone(x.saved[p][k])
			x.permanent[p] = x.saved[p][k]
			x.say("%s<%d", name(p), k)
		}
	}
	return x
}

func (x *dumbSystem) say(format string, args ...any) {
	x.words = append(x.words, fmt.Sprintf(format, args...))
}

// send lets p send a coin.
func (x *dumbSystem) send(p, coin int) {
	x.now[p] = append(x.now[p], stroke{p, true, coin})
	x.flying = append(x.flying, coin)
	x.say("%s%s%d", name(p), name(x.to[coin]), coin)
}

// arrive delivers a coin, which is received, dropped by the receiver, or lost before; and sometimes it is sent again
// later by one who has gone back to before it sent it.
func (x *dumbSystem) arrive(d *dice) {
	at := d.below(len(x.flying))
	c := x.flying[at]
	q := name(x.to[c])
	x.flying = slices.Delete(x.flying, at, at+1)
	switch d.below(6) {
	case 0:
		x.say("%s-%d", q, c)
	case 1:
		x.say("%s%d %s_", q, c, q)
	default:
		x.now[x.to[c]] = append(x.now[x.to[c]], stroke{x.to[c], false, c})
		x.say("%s%d", q, c)
	}
	if p := x.from[c]; d.below(4) == 0 && !slices.Contains(x.now[p], stroke{p, true, c}) {
		x.send(p, c)
	}
}

// times counts a stroke in a state.
func times(state []stroke, s stroke) (n int) {
	for _, x := range state {
		if x == s {
			n++
		}
	}
	return n
}

// judge says what is wrong with states: messages received and not sent, received more often than sent, lost.
func (x *dumbSystem) judge(states [][]stroke) (unsent, orphan, lost bool) {
	for c := 1; c <= x.coins; c++ {
		sent, received := times(states[x.from[c]], stroke{x.from[c], true, c}), times(states[x.to[c]], stroke{x.to[c], false, c})
		unsent = unsent || received > 0 && sent == 0
		orphan = orphan || received > sent
		lost = lost || sent > 0 && received == 0 && !slices.Contains(x.flying, c)
	}
	return unsent, orphan, lost
}

// Fails if the judges of rollbacks differ from an oracle that keeps lists of what every process has done, copied at each
// checkpoint, in runs where everybody goes back as they like.
func TestRollbacksAgainstLists(t *testing.T) {
	d := &dice{seed: 3}
	tally := map[string]int{}
	for range 6000 {
		x := randomRollbacks(d)
		_, orphan, lost := x.judge(x.now)
		script := strings.Join(x.words, " ")
		check := func(p sim.Property, script string, want bool) {
			_, err := shoot(p, script).end()
			if (err != nil) != want {
				t.Fatalf("%s: %s: got %v, want it violated: %v", p.Name(), script, err, want)
			}
			tally[fmt.Sprint(p.Name(), " ", want)]++
		}
		check(NoOrphans(rollbacks()), script+" a|", orphan)
		check(NoLost(rollbacks()), script+" a|", lost)
		line, _, _ := x.judge(x.permanent)
		c := lines() // judged at the end only: this checkpoint is undecided until then
		check(PermanentLine(c), "a[99 "+script+" a| a~99", line)
	}
	t.Log(tally)
	if len(tally) != 6 {
		t.Errorf("not every case came up: %v", tally)
	}
}
