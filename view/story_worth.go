package view

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"simrun/sim"
)

// mostTurns is how many values that an event changed are told.
const mostTurns = 3

// weigh finds out what is worth telling of what an event changed.
func (s *selection) weigh(seq uint64) {
	t := s.t
	i := seq - 1
	switch t.kind[i] {
	case sim.Delivered:
		s.turns[seq] = s.best(t.turned(seq), t.texts[t.text[i]]+" "+string(t.name(t.peer[i]))+" "+string(t.name(t.node[i])), 1)
	case sim.TimerFired:
		s.turns[seq] = s.best(t.turned(seq), t.texts[t.text[i]], good)
	case sim.Started:
		if before := t.lastLife(seq); before > 0 {
			node := t.name(t.node[i])
			s.forgets[seq] = s.best(unlearnt(withoutDisk(t.State(node, before)), withoutDisk(t.State(node, seq))), "", good-1)
		}
	}
}

// turned returns the values that an event changed in the state of its node.
func (t *Trace) turned(seq uint64) []turn { return turnedBy(t.Changes(seq)) }

// turnedBy is turned for changes that are known.
func turnedBy(diff []Change) []turn {
	var before, after []StateLine
	for _, c := range diff {
		if strings.HasPrefix(c.Path, onDisk) {
			continue
		}
		if c.Before != "" {
			before = append(before, StateLine{c.Path, c.Before})
		}
		if c.After != "" {
			after = append(after, StateLine{c.Path, c.After})
		}
	}
	return turns(before, after)
}

// lastLife returns the event before the crash that ended the life before a start; 0 if there was none.
func (t *Trace) lastLife(start uint64) uint64 {
	node := t.node[start-1]
	for seq := start - 1; seq > 0; seq-- {
		if t.node[seq-1] == node && t.kind[seq-1] == sim.Crashed {
			return seq - 1
		}
		if t.node[seq-1] == node && t.kind[seq-1] == sim.Started {
			return 0
		}
	}
	return 0
}

// unlearnt returns what a node knew before a crash and not after it; nothing if it crashed before anybody could see what it knew.
func unlearnt(before, after []StateLine) []turn {
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	lost := slices.DeleteFunc(turns(before, after), func(c turn) bool { return blank(c.before) })
	for i := range lost {
		if lost[i].after == "" {
			lost[i].after = "-"
		}
	}
	return lost
}

// withoutDisk leaves out the lines about a disk.
func withoutDisk(lines []StateLine) (kept []StateLine) {
	for _, l := range lines {
		if !strings.HasPrefix(l.Path, onDisk) {
			kept = append(kept, l)
		}
	}
	return kept
}

// best returns the changes that a person would tell, the best first. What counts are words that nodes say to one another, names
// that are like those of messages and facts, and things that are so or not; a counter is told if there is nothing better, and it is not
// below least, from 1 on. What two fields say that point to the same thing is told once.
func (s *selection) best(all []turn, label string, least int) (told []turn) {
	said := make(map[string]bool)
	for _, w := range words(label) {
		said[w] = true
	}
	score := make(map[string]int)
	seen := make(map[[2]string]int)
	for _, c := range all {
		score[c.path] = s.score(c, said)
		if score[c.path] < least {
			continue
		}
		short := [2]string{lastPart(c.path), c.after}
		if at, twice := seen[short]; !twice {
			seen[short] = len(told)
			told = append(told, c)
		} else if told[at].before == "" {
			told[at] = c
		}
	}
	slices.SortStableFunc(told, func(a, b turn) int { return cmp.Compare(score[b.path], score[a.path]) })
	if len(told) > 0 {
		top := score[told[0].path]
		told = slices.DeleteFunc(told, func(c turn) bool { return score[c.path] < min(good, top) })
		if top == 1 && len(told) > mostCounters { // nobody knows which of them matters
			return nil
		}
	}
	news := 0
	told = slices.DeleteFunc(told, func(c turn) bool {
		if c.before == "" {
			news++
		}
		return c.before == "" && news > mostNews
	})
	return told[:min(len(told), mostTurns)]
}

// good is the score of what is told in any case; mostCounters is how many counters are told together, mostNews how many parts of something that was not
// there before.
const (
	good         = 3
	mostCounters = 2
	mostNews     = 2
)

// score says how much a person would want to know of a change, whose event says those words already.
func (s *selection) score(c turn, said map[string]bool) (n int) {
	if opaque(c.after) || opaque(c.before) || s.facts[c.after] {
		return 0
	}
	n = 1
	counts := true
	for _, v := range []string{c.before, c.after} {
		if u, err := strconv.Unquote(v); err == nil {
			v = u
		}
		ws := words(v)
		number := !slices.ContainsFunc(ws, func(w string) bool { _, err := strconv.Atoi(w); return err != nil })
		counts = counts && number // so is nothing at all
		switch {
		case v == "true", v == "false":
			n = max(n, good-1)
		case blank(v) || len(ws) > mostWords || !s.said(ws):
		case !number:
			n = max(n, good)
		case len(v) > 1 && len(ws) == 1:
			n = max(n, good-1)
		}
	}
	if plain(c.before) && plain(c.after) {
		n = max(n, good)
	}
	like := s.alike(lastPart(c.path))
	switch {
	case c.before == "" && strings.Count(c.path, ".")+strings.Count(c.path, "[") > deepNews:
		return 0
	case c.after == "":
		if strings.Count(c.path, ".")+strings.Count(c.path, "[") > deepGone {
			return 0 // it went with what it was a part of
		}
		return 1
	case like && counts:
		return good - 1
	case like:
		return n + good - 1
	case !counts && blank(c.before) && !slices.ContainsFunc(words(c.after), func(w string) bool { return !said[w] }):
		return 0 // the message says so
	}
	return n
}

// deepNews is how deep within something new a part of it is told, deepGone how deep within something that is gone.
const (
	deepNews = 3
	deepGone = 1
)

// mostWords is how many words a value has at most that is one thing, and no list or sentence.
const mostWords = 2

// plain reports whether a value is one word without quotes and figures, as the states of a machine print themselves.
func plain(value string) bool {
	letters := func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-') }
	return value != "" && value != "true" && value != "false" && value != "nil" && !strings.ContainsFunc(value, letters) && strings.Trim(value, "-") != ""
}

// said reports whether a word is among what nodes tell one another.
func (s *selection) said(ws []string) bool {
	return slices.ContainsFunc(ws, func(w string) bool { return s.vocab[w] })
}

// stem is how many letters of a name are compared: promised is like Promise.
const stem = 4

// alike reports whether a field is called like a message or a fact.
func (s *selection) alike(name string) bool {
	name = strings.ToLower(name)
	return len(name) >= stem && s.stems[name[:stem]]
}
