package fault

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// duration reads a time from least on.
func (r *reader) duration(least time.Duration, what string) time.Duration {
	d, err := time.ParseDuration(r.peek())
	if err != nil {
		r.meant("%s is meant, with a unit, as in: %s", what, r.example())
	} else if d < least || d > longestTime {
		r.meant("%s from %v to %v is meant, as in: %s", what, least, longestTime, r.example())
	}
	r.skip()
	return d
}

// number reads a whole number with a unit right behind it.
func (r *reader) number(unit string, least, most int64) int64 {
	digits, ok := strings.CutSuffix(r.peek(), unit)
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < least || n > most {
		r.meant("a whole number from %d%s to %d%s is meant, as in: %s", least, unit, most, unit, r.example())
	}
	r.skip()
	return n
}

// effect reads "after effect N", and how long the node is down if it is there.
func (r *reader) effect() {
	r.skip()
	n, err := uint64(0), error(nil)
	if r.peek() != "effect" {
		r.meant("the word effect is meant, as in: crash a2 after effect 17")
	}
	r.skip()
	if n, err = strconv.ParseUint(r.peek(), 10, 64); err != nil || n == 0 {
		r.meant("the number of an effect is meant, from 1, as in: crash a2 after effect 17")
	}
	r.skip()
	r.line.Effect = n
	r.down()
}

// down reads "for 20ms" or "for good", if it is there.
func (r *reader) down() {
	if len(r.words) > 1 && r.words[1].text == "good" {
		r.forGood()
	} else if r.peek() == "for" {
		r.skip()
		r.line.Time = r.duration(1, "how long the node is down, or good,")
	}
}

// trigger reads what an aimed line waits for, and how long after it.
func (r *reader) trigger() {
	t := &r.line.After
	if !strings.Contains(r.peek(), "#") {
		t.Node = r.node(true)
	}
	t.What, t.N = r.numbered("what the fault is aimed at is meant, a type of facts or an operation of a node's disk, # and its number from 1, as in: %s", "after Chosen#1 crash a2")
	if t.Node == "" && slices.Contains(operations, t.What) {
		r.words = append([]word{r.last}, r.words...)
		r.meant("the node whose disk it is is meant first, as in: after a2 sync#3 crash a2")
	}
	if at, ok := strings.CutPrefix(r.peek(), "+"); ok {
		r.words[0].text = at
		r.line.At = clock.Time(r.duration(0, "how long after it"))
	}
}

// forGood reads "for good", if it is there.
func (r *reader) forGood() {
	if r.peek() != "for" {
		return
	}
	r.skip()
	if r.line.Good = r.peek() == "good"; !r.line.Good {
		r.meant("the words for good are meant, as in: 120ms crash a2 for good; or how long: 120ms crash a2 for 20ms")
	}
	r.skip()
}

// node reads a node's name. Aimed, it may be @ and the type of a fact.
func (r *reader) node(aimed bool) string {
	s := r.peek()
	fact, at := strings.CutPrefix(s, "@")
	if CheckName(fact) != nil || at && !aimed {
		r.meant("a node's name is meant, as in: %s", r.example())
	}
	r.skip()
	return s
}

// nodes reads a1,a2: a list of names.
func (r *reader) nodes() []string {
	list := strings.Split(r.peek(), ",")
	for i, s := range list {
		name := s
		if r.line.Verb == Partition { // whoever noted something has a place in a shape, but not in a zone
			name = strings.TrimPrefix(s, "@")
		}
		if CheckName(name) != nil {
			r.meant("names are meant, with a comma between them, as in: %s", r.example())
		} else if slices.Contains(list[:i], s) {
			r.meant("each name stands once: %s is there twice", s)
		}
	}
	r.skip()
	return list
}

// place reads FILE@OFFSET.
func (r *reader) place() {
	s := r.peek()
	at := strings.LastIndexByte(s, '@')
	name, off, err := "", int64(0), strconv.ErrSyntax
	if at > 0 {
		name = s[:at]
		if off, err = strconv.ParseInt(s[at+1:], 10, 64); err == nil && strings.HasPrefix(name, `"`) {
			name, err = strconv.Unquote(name)
		}
	}
	if err != nil || off < 0 || off > mostBytes || name == "" {
		r.meant("a place on the disk is meant, a file, @ and an offset in bytes, as in: %s", r.example())
	}
	r.line.File, r.line.Off = name, off
	r.skip()
}

// link reads a1>a2. With stars, either side may be every node.
func (r *reader) link(stars bool) {
	from, to, _ := strings.Cut(r.peek(), ">")
	one := func(s string) bool { return stars && s == "*" || CheckName(s) == nil }
	switch {
	case !one(from) || !one(to):
		r.meant("a link of two nodes is meant, as in: %s", r.example())
	case from == "*" && to == "*":
		r.meant("a link of two nodes is meant; leave it out to mean every link")
	case from == to && !stars: // with stars it may be a zone, and its inside be meant
		r.meant("a link between two different nodes is meant, as in: %s", r.example())
	}
	r.line.From, r.line.To = from, to
	r.skip()
}

// numbered reads NAME#N. Meant says what is meant, with room for an example.
func (r *reader) numbered(meant, example string) (name string, n uint64) {
	s := r.peek()
	at := strings.LastIndexByte(s, '#')
	if at < 0 {
		r.meant(meant, example)
		return "", 0
	}
	name = s[:at]
	n, err := strconv.ParseUint(s[at+1:], 10, 64)
	if strings.HasPrefix(name, `"`) {
		var bad error
		if name, bad = strconv.Unquote(name); bad != nil {
			err = bad
		}
	} else if name == "" || strings.Contains(name, `"`) {
		err = strconv.ErrSyntax
	}
	if err != nil || n == 0 {
		r.meant(meant, example)
	}
	r.skip()
	return name, n
}

// operation reads the number of an operation of a disk: sync#3.
func (r *reader) operation() {
	word := r.words
	r.line.Stream, r.line.N = r.numbered("an operation is meant, its name, # and its number from 1, as in: %s", "fail a2 sync#3")
	if ops := operationsOf(r.line.Verb); !slices.Contains(ops, r.line.Stream) {
		r.words = word
		r.meant("one of these is meant, # and its number from 1: %s", strings.Join(ops, ", "))
	}
}

// sides reads "a1,a2 | a3", and whether the cut is one-way.
func (r *reader) sides() {
	l := &r.line
	l.Sides[0] = r.side()
	if r.peek() != "|" {
		r.meant("a | is meant between the two sides, as in: %s", sidesExample)
	}
	r.skip()
	l.Sides[1] = r.side()
	if r.peek() == "one-way" {
		l.OneWay = true
		r.skip()
	}
}

// side reads a1,a2: nodes that do not stand in the line yet.
func (r *reader) side() []string {
	names := strings.Split(r.peek(), ",")
	for i, s := range names {
		switch {
		case CheckName(strings.TrimPrefix(s, "@")) != nil && s != Rest:
			r.meant("nodes are meant, with a comma between them, as in: %s", sidesExample)
		case slices.Contains(r.line.Sides[0], s):
			r.meant("the nodes of the other side are meant: %s cannot be cut from itself", s)
		case slices.Contains(names[:i], s):
			r.meant("every node stands once: %s is there twice", s)
		}
	}
	r.skip()
	return names
}

const sidesExample = "300ms cut a1,a2 | a3"

// law reads a law of delays: the rest of the line.
func (r *reader) law() {
	var words []string
	for _, w := range r.words {
		words = append(words, w.text)
	}
	law, err := net.ParseLaw(words)
	if err != nil {
		r.meant("a law of delays is meant: %s", r.explain(words, err))
	}
	r.line.Law = law
	r.words = nil
}

// explain adds a suggestion to what is wrong with a law, if its name is nearly one.
func (r *reader) explain(words []string, err error) string {
	if len(words) == 0 {
		return err.Error()
	}
	if near := nearest(words[0], lawNames()); near != "" && near != words[0] {
		return err.Error() + " (did you mean " + near + "?)"
	}
	return err.Error()
}

// lawNames lists the names of the laws of delays.
func lawNames() []string {
	var names []string
	for k := net.Constant; k <= net.InOrder; k++ {
		name, _, _ := strings.Cut(net.Law{Kind: k}.String(), " ")
		names = append(names, name)
	}
	return names
}

// mode reads one of a few words.
func (r *reader) mode(modes []string) string {
	s := r.peek()
	if !slices.Contains(modes, s) {
		if near := nearest(s, modes); near != "" {
			r.meant("one of these is meant: %s (did you mean %s?)", strings.Join(modes, ", "), near)
		}
		r.meant("one of these is meant: %s", strings.Join(modes, ", "))
	}
	r.skip()
	return s
}
