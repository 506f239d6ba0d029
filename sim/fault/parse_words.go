package fault

import (
	"slices"
	"strconv"
	"strings"
	"time"

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

// effect reads "after effect N", and "for 20ms" if it is there.
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
	if len(r.words) > 1 && r.words[1].text == "good" {
		r.forGood()
	} else if r.peek() == "for" {
		r.skip()
		r.line.Time = r.duration(1, "how long the node is down, or good,")
	}
}

// forGood reads "for good", if it is there.
func (r *reader) forGood() {
	if r.peek() != "for" {
		return
	}
	r.skip()
	if r.line.Good = r.peek() == "good"; !r.line.Good {
		r.meant("the words for good are meant, as in: 120ms crash a2 for good; or, after an effect, how long: crash a2 after effect 17 for 20ms")
	}
	r.skip()
}

// node reads a node's name.
func (r *reader) node() string {
	s := r.peek()
	if CheckName(s) != nil {
		r.meant("a node's name is meant, as in: %s", r.example())
	}
	r.skip()
	return s
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
	case from == to:
		r.meant("a link between two different nodes is meant, as in: %s", r.example())
	}
	r.line.From, r.line.To = from, to
	r.skip()
}

// message reads STREAM#N.
func (r *reader) message() {
	s := r.peek()
	at := strings.LastIndexByte(s, '#')
	if at < 0 {
		r.meant("a message is meant, its stream, # and its number from 1, as in: %s", r.example())
		return
	}
	stream, number := s[:at], s[at+1:]
	n, err := strconv.ParseUint(number, 10, 64)
	if strings.HasPrefix(stream, `"`) {
		var bad error
		if stream, bad = strconv.Unquote(stream); bad != nil {
			err = bad
		}
	} else if stream == "" || strings.Contains(stream, `"`) {
		err = strconv.ErrSyntax
	}
	if err != nil || n == 0 {
		r.meant("a message is meant, its stream, # and its number from 1, as in: %s", r.example())
	}
	r.line.Stream, r.line.N = stream, n
	r.skip()
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
		case CheckName(s) != nil:
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
