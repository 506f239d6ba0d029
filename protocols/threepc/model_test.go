package threepc

// A model of the protocol that knows nothing of the world or of the code: who has been told what, and how many effects
// a site has. It counts the runs of exhaustive_test.go by arithmetic on broadcasts that are cut short.

// A sketch is three participants p1, p2, p3, by number, as letters of Skeen's states. The first is unused.
type sketch [4]byte

// A step of a site that leads is some effects, of which told is the participant that one of them tells something: 0 for
// a record, a sync, a timer or a fact. To is what it is told to become, 0 if nothing.
type step struct {
	told int
	to   byte
}

// silently is a number of effects that tell nobody anything.
func silently(n int) []step { return make([]step, n) }

// telling is a broadcast: the highest first.
func telling(to byte, who ...int) (all []step) {
	for i := len(who) - 1; i >= 0; i-- {
		all = append(all, step{who[i], to})
	}
	return all
}

// An effect is one of: append, sync (a forced record), a fact, a message, a timer.
const (
	opening = 3 // size, create, sync of the directory
	forced  = 2 // append and sync
	fact    = 1
	timer   = 1
)

// ofCoordinator lists what a coordinator does that does not crash. To be asked makes 'w' of a participant that will
// say yes, and 'a' of another: that is '?'.
func ofCoordinator(votes string) (all []step) {
	add := func(steps []step) { all = append(all, steps...) }
	add(silently(opening + timer))
	add(silently(forced + fact))
	add(telling('?', 1, 2, 3))
	add(silently(timer))
	if votes == "yyy" {
		add(silently(forced + fact))
		add(telling('p', 1, 2, 3))
		add(silently(timer + forced + fact))
		add(telling('c', 1, 2, 3))
		add(silently(1 + fact)) // all have committed: a record that is not forced
		return all
	}
	var others []int // all but the first to say no, which is the highest: it was asked first
	for i, no := 1, last(votes); i <= 3; i++ {
		if i != no {
			others = append(others, i)
		}
	}
	add(silently(forced + fact))
	add(telling('a', others...))
	return all
}

// last is the highest participant that votes no.
func last(votes string) int {
	for i := 3; i > 0; i-- {
		if votes[i-1] == 'n' {
			return i
		}
	}
	return 0
}

// after is what has become of the participants when a leader stops after n of its steps. To be told of a decision changes
// nothing for those that know it.
func (s sketch) after(steps []step, n int, votes string) sketch {
	for _, x := range steps[:n] {
		switch {
		case x.told == 0 || x.to == 0 || s[x.told] == 'a' || s[x.told] == 'c':
		case x.to != '?':
			s[x.told] = x.to
		case votes[x.told-1] == 'y':
			s[x.told] = 'w'
		default:
			s[x.told] = 'a'
		}
	}
	return s
}

// undecided reports whether a participant has voted yes and knows no decision.
func (s sketch) undecided(i int) bool { return s[i] == 'w' || s[i] == 'p' }

// ofBackup lists what a backup does, and which rule it finds.
func (s sketch) ofBackup(me int) (all []step, rule int) {
	var others []int
	has := map[byte]bool{}
	for i := me; i <= 3; i++ {
		if has[s[i]] = true; i != me {
			others = append(others, i)
		}
	}
	add := func(steps []step) { all = append(all, steps...) }
	add(silently(forced + fact))
	add(telling(0, others...))
	add(silently(timer + fact))
	outcome := byte('a')
	switch {
	case has['c']:
		rule, outcome = 1, 'c'
	case has['a']:
		rule = 2
	case has['p']:
		rule, outcome = 3, 'c'
		add(silently(forced + fact))
		add(telling('p', others...))
		add(silently(timer))
	default:
		rule = 4
	}
	add(silently(forced + fact))
	add(telling(outcome, others...))
	return all, rule
}

// expected counts the runs with these votes, up to deepest crashes, and the rules found in them.
func (x *tally) expected(votes string, deepest int) {
	steps := ofCoordinator(votes)
	x.runs++
	if deepest == 0 {
		return
	}
	for n := 1; n <= len(steps); n++ {
		s := sketch{0, 'q', 'q', 'q'}.after(steps, n, votes)
		for i := 1; i <= 3; i++ {
			if s[i] == 'q' { // was not asked, and aborts alone before anybody else has lost patience
				s[i] = 'a'
			}
		}
		x.runs++
		x.backups(s, 1, deepest-1, nil)
	}
}

// backups counts the runs in which p1, or who is next, leads, crashes, and so on. The rules found on the way were found
// in all of these runs: seen counts them.
func (x *tally) backups(s sketch, me, deepest int, seen []int) {
	for _, r := range seen {
		x.rules[r]++
	}
	if !s.undecided(me) {
		return // whoever is undecided asks it, and it knows
	}
	steps, rule := s.ofBackup(me)
	x.rules[rule]++
	if deepest == 0 || me == 3 {
		return
	}
	found := forced + fact + (3 - me) + timer + fact // the effects until it has noted the rule
	for n := 1; n <= len(steps); n++ {
		x.runs++
		now := seen
		if n >= found {
			now = append(seen[:len(seen):len(seen)], rule)
		}
		x.backups(s.after(steps, n, "yyy"), me+1, deepest-1, now)
	}
}
