package view

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// draw draws all, from the back to the front.
func (p *svg) draw() {
	y := svgMargin + svgTitle
	p.text(svgMargin, y, "start", fmt.Sprintf(`font-size="%d" font-weight="bold"`, svgTitle), p.title())
	for _, line := range p.head {
		y += svgLine + 1
		p.text(svgMargin, y, "start", fmt.Sprintf(`fill="%s"`, svgGrey), line)
	}
	p.cuts()
	for i := range p.Lanes {
		p.drawLane(i)
	}
	for i := range p.rows {
		p.time(i)
		if r := &p.rows[i]; r.arrow() {
			p.arrow(i, r)
		}
	}
	for i := range p.rows {
		p.row(i)
	}
	for i, line := range p.foot {
		p.text(svgMargin, p.floor+svgMargin+(i+1)*(svgLine-1), "start", fmt.Sprintf(`font-size="%d" fill="%s"`, svgFont-2, svgGrey), line)
	}
}

// cuts draws the times in which nodes were kept apart.
func (p *svg) cuts() {
	if len(p.rows) == 0 {
		return
	}
	last := p.rows[len(p.rows)-1].seq
	for _, c := range p.t.Cuts {
		if c.To < p.rows[0].seq || c.From > last {
			continue
		}
		from, to := p.at(c.From), p.floor
		if c.To <= last {
			to = p.at(c.To)
		}
		from = max(from, p.names+8)
		fmt.Fprintf(p.b, `<rect x="%d" y="%d" width="%d" height="%d" fill="url(#cut)"/>`+"\n", svgMargin+svgTimes, from, p.width()-2*svgMargin-svgTimes, max(to-from, 4))
		if !slices.ContainsFunc(p.rows, func(r row) bool { return r.seq == c.From }) { // else its row says so
			p.halo(p.width()-svgMargin-6, from+svgLine-2, "end", fmt.Sprintf(`fill="%s" font-weight="bold"`, svgRed), "cut "+c.Text)
		}
	}
}

// drawLane draws the line of a node, dotted while it is down.
func (p *svg) drawLane(lane int) {
	x := p.x(lane)
	p.text(x, p.names, "middle", `font-weight="bold"`, string(p.Lanes[lane]))
	from, down := p.names+8, false
	line := func(to int, down bool) {
		if to <= from {
			return
		}
		style := fmt.Sprintf(`stroke="%s" stroke-width="2"`, "#9aa3ad")
		if down {
			style = `stroke="#c9ced4" stroke-width="2" stroke-dasharray="2 6"`
		}
		fmt.Fprintf(p.b, `<line x1="%d" y1="%d" x2="%d" y2="%d" %s/>`+"\n", x, from, x, to, style)
		from = to
	}
	for i := range p.rows {
		if d := p.rows[i].down; lane < len(d) && d[lane] != down {
			line(p.y[i], down)
			down = d[lane]
		}
	}
	line(p.floor, down)
}

// time writes when a row was, if it is not the time of the row before.
func (p *svg) time(i int) {
	if i > 0 && p.rows[i].at == p.rows[i-1].at {
		return
	}
	p.text(svgMargin+svgTimes-svgBeside, p.y[i]+4, "end", fmt.Sprintf(`font-size="%d" fill="%s"`, svgFont-2, svgGrey), Instant(p.rows[i].at))
}

// arrow draws a message from where it was sent to where it arrived; one that was lost is broken off.
func (p *svg) arrow(i int, r *row) {
	x1, y1, x2, y2 := p.x(p.lane(r.peer)), p.leaves(r), p.x(p.lane(r.node)), p.y[i]
	if r.kind == sim.Dropped {
		x2, y2 = x1+(x2-x1)*3/4, y1+(y2-y1)*3/4
		fmt.Fprintf(p.b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="1.6" stroke-dasharray="6 4"/>`+"\n", x1, y1, x2, y2, svgRed)
		p.cross(x2, y2, 5)
		p.halo(x2, y2+svgLine+2, "middle", fmt.Sprintf(`fill="%s"`, svgRed), r.said())
	} else {
		fmt.Fprintf(p.b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="1.6" marker-end="url(#head)"/>`+"\n", x1, y1, x2, y2, svgBlue)
	}
	fmt.Fprintf(p.b, `<circle cx="%d" cy="%d" r="3.5" fill="#ffffff" stroke="%s" stroke-width="1.6"/>`+"\n", x1, y1, svgBlue)
}

// row draws the mark of an event on its lane, and its texts.
func (p *svg) row(i int) {
	r := &p.rows[i]
	y, lane := p.y[i], p.lane(r.node)
	if lane < 0 { // of nobody: a fault of the whole, or the end of faults
		fmt.Fprintf(p.b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-dasharray="8 5"/>`+"\n", svgMargin+svgTimes, y, p.width()-svgMargin, y, svgRed)
		p.halo(p.left+svgBeside/2, y-5, "start", fmt.Sprintf(`fill="%s" font-weight="bold"`, svgRed), r.said())
		return
	}
	x := p.x(lane)
	side, other := p.sides(r)
	label, ink, lift, weight := r.said(), svgInk, 5, ""
	shift := 0
	switch {
	case r.kind == sim.Noted:
		shift = p.box(x, y, label, r.seq == p.t.named())
		label = ""
	case r.kind == sim.Crashed || r.kind == sim.Panicked:
		p.cross(x, y, 7)
		ink, weight = svgRed, ` font-weight="bold"`
	case r.kind == sim.Faulted:
		fmt.Fprintf(p.b, `<circle cx="%d" cy="%d" r="5" fill="%s"/>`+"\n", x, y, svgRed)
		ink, weight = svgRed, ` font-weight="bold"`
	case r.arrow() && r.kind == sim.Dropped:
		label = "" // it stands where the arrow ends
	case r.arrow():
		lift = svgFont // below the arrow, which comes from above
	default:
		fmt.Fprintf(p.b, `<circle cx="%d" cy="%d" r="4.5" fill="%s"/>`+"\n", x, y, svgInk)
	}
	if label != "" {
		p.beside(x, y+lift, side, fmt.Sprintf(`fill="%s"%s`, ink, weight), label)
	}
	first := y + 5
	if other == side && label != "" {
		first += svgLine
	}
	for k, m := range r.more {
		p.beside(x+other*shift, first+k*svgLine, other, fmt.Sprintf(`fill="%s" font-style="italic"`, svgChanged), m)
	}
}

// beside writes a text on one side of a lane.
func (p *svg) beside(x, y, side int, style, text string) {
	anchor := "start"
	if side < 0 {
		anchor = "end"
	}
	p.halo(x+side*svgBeside, y, anchor, style, text)
}

// box writes a fact on its lane, and returns how far it reaches on each side.
func (p *svg) box(x, y int, text string, wrong bool) (reach int) {
	fill, ink := "#fff3d1", "#8a6100"
	if wrong {
		fill, ink = "#fbdcd1", svgRed
	}
	w := svgWidth(text, svgFont) + 16
	fmt.Fprintf(p.b, `<rect x="%d" y="%d" width="%d" height="22" rx="6" fill="%s" stroke="%s" stroke-width="1.4"/>`+"\n", x-w/2, y-11, w, fill, ink)
	p.text(x, y+5, "middle", `font-weight="bold"`, text)
	return w / 2
}

// cross draws a cross.
func (p *svg) cross(x, y, r int) {
	fmt.Fprintf(p.b, `<path d="M%d %dL%d %dM%d %dL%d %d" stroke="%s" stroke-width="3"/>`+"\n", x-r, y-r, x+r, y+r, x-r, y+r, x+r, y-r, svgRed)
}

// halo writes a text that stays readable where lines pass behind it.
func (p *svg) halo(x, y int, anchor, style, text string) {
	p.text(x, y, anchor, style+` paint-order="stroke" stroke="#ffffff" stroke-width="5" stroke-linejoin="round"`, text)
}

func (p *svg) text(x, y int, anchor, style, text string) {
	fmt.Fprintf(p.b, `<text x="%d" y="%d" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, style, xmlText(text))
}

// xmlText makes a text safe within XML.
func xmlText(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic("view: " + err.Error()) // a strings.Builder has none
	}
	return b.String()
}
