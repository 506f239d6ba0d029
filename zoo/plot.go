package zoo

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"simrun/view"
)

// The measures of a plot, in pixels.
const (
	plotLeft   = 260 // where the axis begins
	plotWidth  = 620 // of the axis
	plotRight  = 40
	plotTop    = 54
	plotRow    = 18
	plotBottom = 16
)

// Plot draws scores as an SVG picture: a line a score, on a logarithmic axis of seeds. A full dot is the median until a user could see the
// bug, with its interval; a hollow one the median until a property inside complains. What no range found is an arrow at the budget.
func Plot(w io.Writer, scores []Score, budget uint64) error {
	height := plotTop + plotRow*len(scores) + plotBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">`+"\n", plotLeft+plotWidth+plotRight, height)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="%d" y="18" fill="#222">seeds until it is found: ● from outside, with an interval of 90 %%; ○ from inside</text>`+"\n", plotLeft)
	for d := 1.0; d <= float64(budget); d *= 10 {
		x := plotX(d, budget)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle" fill="#666">%s</text>`+"\n",
			x, plotTop-12, x, height-plotBottom, x, plotTop-18, view.Number(uint64(d)))
	}
	many := manyProfiles(scores)
	for i := range scores {
		plotScore(&b, &scores[i], plotTop+plotRow*i+plotRow/2, budget, many)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// plotX is where a number of seeds is on the axis.
func plotX(seeds float64, budget uint64) float64 {
	seeds = min(max(seeds, 1), float64(budget))
	return plotLeft + plotWidth*math.Log(seeds)/math.Log(max(float64(budget), 2))
}

// plotScore draws the line of a score at height y.
func plotScore(b *strings.Builder, s *Score, y int, budget uint64, profile bool) {
	name := s.Bug.Name
	if profile {
		name += ", " + orDefault(s.Profile)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end" fill="#222">%s</text>`, plotLeft-14, y+4, html.EscapeString(name))
	if inner := s.Inner().Median.Value; !math.IsInf(inner, 1) {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="4" fill="none" stroke="#3b6ea5"/>`, plotX(inner, budget), y)
	}
	outer := s.Outer().Median
	fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#b5482f"/>`, plotX(outer.Low, budget), y, plotX(outer.High, budget), y)
	x := plotX(outer.Value, budget)
	switch {
	case s.Bug.Masked != "" && s.Unmasked() == nil:
		fmt.Fprintf(b, `<text x="%d" y="%d" fill="#888">masked</text>`, plotLeft+4, y+4)
	case math.IsInf(outer.Value, 1):
		fmt.Fprintf(b, `<path d="M%.1f %dl8 4l-8 4z" fill="#b5482f"/>`, x, y-4)
	default:
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="4" fill="#b5482f"/>`, x, y)
	}
	b.WriteString("\n")
}
