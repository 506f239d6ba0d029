package zoo

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
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

// Plot draws scores as an SVG picture: a line a bug, on a logarithmic axis of seeds. A full dot is the median until a user could see the
// bug, with its interval; a hollow one the median until a property inside complains; a small one, in a colour of its own, the median until a user could see it under another profile.
// What no range found is an arrow where the seeds end that were tried.
func Plot(w io.Writer, scores []Score) error {
	rows := slices.DeleteFunc(rowsOf(scores), func(row []Score) bool { return len(row[0].Results) == 0 })
	budget := uint64(1)
	for _, row := range rows {
		budget = max(budget, row[0].Budget)
	}
	height := plotTop + plotRow*len(rows) + plotBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">`+"\n", plotLeft+plotWidth+plotRight, height)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	fmt.Fprintf(&b, `<text x="%d" y="18" fill="#222">seeds until it is found: ● from outside, with an interval of 90 %%; ○ from inside</text>`+"\n", plotLeft)
	for d := 1.0; d <= float64(budget); d *= 10 {
		x := plotX(d, budget)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle" fill="#666">%s</text>`+"\n",
			x, plotTop-12, x, height-plotBottom, x, plotTop-18, view.Number(uint64(d)))
	}
	for i, profile := range others(rows) {
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">● %s</text>`+"\n", plotLeft-14-110*(i%2+1), 18+14*(i/2), plotColour(i), html.EscapeString(orDefault(profile)))
	}
	for i, row := range rows {
		y := plotTop + plotRow*i + plotRow/2
		for k, profile := range others(rows) {
			plotOther(&b, row, profile, y, budget, plotColour(k))
		}
		plotScore(&b, &row[0], y, budget)
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
func plotScore(b *strings.Builder, s *Score, y int, budget uint64) {
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end" fill="#222">%s</text>`, plotLeft-14, y+4, html.EscapeString(s.Bug.Name))
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
		fmt.Fprintf(b, plotArrow, x, y-4, "#b5482f")
	default:
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="4" fill="#b5482f"/>`, x, y)
	}
	b.WriteString("\n")
}

// plotArrow says that it goes on to the right.
const plotArrow = `<path d="M%.1f %dl8 4l-8 4z" fill="%s"/>`

// plotOther draws the median under another profile.
func plotOther(b *strings.Builder, row []Score, profile string, y int, budget uint64, colour string) {
	for i := range row[1:] {
		s := &row[1+i]
		if s.Profile != profile || len(s.Results) == 0 || s.Bug.Masked != "" {
			continue
		}
		if n := s.Outer().Median.Value; math.IsInf(n, 1) {
			fmt.Fprintf(b, plotArrow, plotX(float64(s.Budget), budget), y-4, colour)
		} else {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%d" r="2.5" fill="%s"/>`, plotX(n, budget), y, colour)
		}
	}
}

// plotColour is that of the i-th other profile.
func plotColour(i int) string {
	colours := []string{"#4a8a4f", "#8a5aa8", "#b08a2e", "#3f8f96"}
	return colours[i%len(colours)]
}
