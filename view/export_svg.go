package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"simrun/sim"
)

// svgRows is how many lines a picture would take as text, at most.
const svgRows = 60

// SVG draws what led to an event as a picture for slides: to around, or if that is 0 to the violation, or else to the end of the run. A node is a line downwards
// and a row is an event, as in a [Diagram]; beside a node stands what an event changed in it, behind the lines when nodes were kept apart. A run
// of more than 20,000 events without around is refused, with a *[Refusal]; a picture has some sixty rows and says what it leaves out. It returns the first error of w.
func SVG(w io.Writer, t *Trace, around uint64) error {
	if _, err := t.part("a picture", MostDrawn, around); err != nil {
		return err
	}
	if around == 0 {
		around = t.named()
	}
	p := &svg{t: t, Story: t.Story(around, svgRows)}
	p.layOut()
	var body strings.Builder
	p.b = &body
	p.draw()
	b := bufio.NewWriter(w)
	width, height := p.width(), p.height()
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="%d" fill="%s">`+"\n",
		width, height, width, height, svgFont, svgInk)
	fmt.Fprintf(b, "<title>%s</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", xmlText(t.title()), width, height)
	b.WriteString(svgDefs)
	b.WriteString(body.String())
	b.WriteString("</svg>\n")
	return b.Flush()
}

// The measures of a picture, in pixels, and its colours, which people who see few colours tell apart as well.
const (
	svgFont    = 14
	svgTitle   = 22
	svgRow     = 30  // the height of a row at least
	svgLine    = 17  // of a line of text
	svgTimes   = 84  // the column of times
	svgGapMin  = 104 // between two lanes
	svgGapMax  = 220
	svgMargin  = 20
	svgBeside  = 10 // between a lane and a text
	svgInk     = "#1b1f24"
	svgGrey    = "#6a737d"
	svgBlue    = "#1f5fa8"
	svgRed     = "#b8380f"
	svgChanged = "#0a6b5e"
)

// svgDefs are the heads of arrows, and the pattern of a cut.
const svgDefs = `<defs>
<marker id="head" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 1L10 5L0 9z" fill="` + svgBlue + `"/></marker>
<pattern id="cut" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#fdf3ee"/><rect width="2" height="8" fill="#f5d9cc"/></pattern>
</defs>
`

// A svg is a picture on the way.
type svg struct {
	t *Trace
	Story
	b *strings.Builder

	head  []string // the lines above the lanes
	foot  []string // and below them
	y     []int    // of the rows
	names int      // of the names of the lanes
	floor int      // of the end of the lanes
	left  int      // of the first lane
	gap   int      // between lanes
	right int      // what is needed beside the last lane
}

// layOut finds the places of all.
func (p *svg) layOut() {
	p.columns()
	chars := (p.width() - 2*svgMargin) * 10 / (svgFont * 5)
	if why := p.t.Verdict.Why; p.t.Verdict.Outcome != sim.OK {
		why, _, _ = strings.Cut(why, "\n")
		p.head = fold(p.t.Verdict.Property+": "+strings.Join(strings.Fields(why), " "), max(chars, 30), 0, 4)
	}
	p.names = svgMargin + svgTitle + len(p.head)*(svgLine+1) + 34
	y := p.names + 10
	for i := range p.rows {
		above, below := p.needs(&p.rows[i])
		y += above
		p.y = append(p.y, y)
		y += below
	}
	p.floor = y + svgRow/2
	var foot []string
	if p.omitted > 0 {
		foot = append(foot, Number(uint64(p.omitted))+" other events up to there are not drawn.")
	}
	plan := "faults: " + strings.Join(p.t.Plan, "; ")
	if len(p.t.Plan) == 0 {
		plan = "faults: none"
	}
	about := fmt.Sprintf("%s, %s", p.t.Scenario, seedText(p.t.Config))
	if given := p.t.Config.Options.Given(); len(given) > 0 {
		about += ", " + strings.Join(given, " ")
	}
	for _, text := range append(foot, about, plan) {
		p.foot = append(p.foot, fold(text, max(chars*8/7, 30), 2, 4)...)
	}
}

// needs returns the room that a row takes above its middle and below.
func (p *svg) needs(r *row) (above, below int) {
	lines := len(r.more)
	switch {
	case p.lane(r.node) < 0:
		return svgRow, svgRow / 3
	case r.kind == sim.Noted:
		lines = max(lines-1, 0)
	case r.arrow():
		return svgLine, max(svgLine, lines*svgLine)
	}
	return svgLine, svgLine/2 + lines*svgLine
}

// columns finds how far the lanes are apart, and what room is needed beside them.
func (p *svg) columns() {
	before, beside := 0, 0
	p.gap = svgGapMin
	for i := range p.rows {
		r := &p.rows[i]
		l := p.lane(r.node)
		if l < 0 {
			continue
		}
		side, other := p.sides(r)
		label, more := svgWidth(r.said(), svgFont)+svgBeside, 0
		for _, m := range r.more {
			more = max(more, svgWidth(m, svgFont)+svgBeside)
		}
		if r.kind == sim.Noted {
			label = label/2 + svgBeside
			more += label
		}
		p.gap = max(p.gap, min(max(label, more)+2*svgBeside, svgGapMax))
		for _, x := range [2][2]int{{side, label}, {other, more}} {
			// What reaches beyond the outermost lanes, for lanes that are as narrow as can be.
			if over := x[1] - l*p.gap; x[0] < 0 {
				before = max(before, over)
			}
			if over := x[1] - (len(p.Lanes)-1-l)*p.gap; x[0] > 0 {
				beside = max(beside, over)
			}
		}
		if r.kind == sim.Noted {
			before = max(before, label-l*p.gap)
		}
	}
	p.left, p.right = svgMargin+svgTimes+max(before, 20)+svgBeside, max(beside, 40)+svgMargin
}

// arrow reports whether a row is drawn as an arrow.
func (r *row) arrow() bool {
	return (r.kind == sim.Delivered || r.kind == sim.Dropped) && r.peer != r.node && r.peer != ""
}

// sides returns where the label of a row stands, and where what it changed: -1 is left of the lane, 1 right. The label of an arrow stands where it
// comes from; all else stands where there are no arrows, if there is such a side.
func (p *svg) sides(r *row) (label, more int) {
	node, peer := p.lane(r.node), p.lane(r.peer)
	switch {
	case r.arrow() && peer > node:
		return 1, -1
	case r.arrow():
		return -1, 1
	case node == 0, r.kind == sim.Sent && peer > node && node < len(p.Lanes)-1:
		return -1, -1
	}
	return 1, 1
}

// said is the label of a row in a picture, where the lanes and the marks say who did what.
func (r *row) said() string {
	text := r.text
	if r.data != nil {
		text = Text(r.data)
	}
	switch r.kind {
	case sim.Dropped:
		text = "lost (" + r.reason + "): " + text
	case sim.Delivered:
		if late := r.at.Sub(r.sent); late >= lingers {
			text += " after " + Duration(late)
		}
	case sim.Sent:
		text = "sends " + text + " to " + string(r.peer)
	case sim.Crashed:
		text = strings.TrimSuffix("crash: "+text, ": ")
	case sim.Started:
		text = "starts, life " + text
	case sim.Settled:
		text = "faults end"
	case sim.Panicked:
		text = "panics: " + text
	case sim.TimerFired:
		text = "timer " + text
	}
	return cut(text, 48)
}

// title is the heading: the foot has the seed.
func (p *svg) title() string { return p.t.Scenario + ": " + verdictText(p.t.Verdict) }

func (p *svg) width() int {
	w := p.left + (len(p.Lanes)-1)*p.gap + p.right
	return max(w, 2*svgMargin+svgWidth(p.title(), svgTitle), 560)
}

func (p *svg) height() int { return p.floor + len(p.foot)*(svgLine-1) + 2*svgMargin }

// x is where a lane is.
func (p *svg) x(lane int) int { return p.left + lane*p.gap }

// at is where an event is on its lane: its row, or between those around it.
func (p *svg) at(seq uint64) int {
	i, found := slices.BinarySearchFunc(p.rows, seq, func(r row, seq uint64) int {
		switch {
		case r.seq < seq:
			return -1
		case r.seq > seq:
			return 1
		}
		return 0
	})
	switch {
	case len(p.y) == 0:
		return p.names
	case found:
		return p.y[i]
	case i == 0:
		return p.y[0] - svgRow*2/3
	case i == len(p.y):
		return p.y[i-1] + svgRow*2/3
	}
	return p.y[i] - svgRow/2
}

// leaves is where a message left its sender: at the event that the sender handled then, if that is drawn.
func (p *svg) leaves(r *row) int {
	sent := r.cause
	if sent == 0 || sent > uint64(p.t.Len()) {
		return p.at(r.seq)
	}
	for e := sent; e > 0 && p.t.node[e-1] == p.t.node[sent-1]; e = uint64(p.t.cause[e-1]) {
		if slices.ContainsFunc(p.rows, func(r row) bool { return r.seq == e }) {
			return p.at(e)
		}
		if handles(p.t.kind[e-1]) {
			break
		}
	}
	return p.at(sent)
}

// svgWidth is about how many pixels a text takes, rather more than less.
func svgWidth(text string, size int) int {
	hundredths := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("iljI.,:;|'!()[]{} ", r):
			hundredths += 32
		case strings.ContainsRune("mMW→✗%@", r):
			hundredths += 95
		case r >= 'A' && r <= 'Z', r == 'w':
			hundredths += 74
		default:
			hundredths += 58
		}
	}
	return hundredths*size/100 + 2
}
