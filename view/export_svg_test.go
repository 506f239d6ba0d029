package view

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"simrun/sim"
)

// A drawing is what a test reads of a picture.
type drawing struct {
	source        string
	width, height float64
	texts         []string
	lines         int // with a head, which are messages
	patterns      int // areas of a cut
}

// svgDrawn draws a trace, and fails if the picture is no XML, or if a part of it is outside.
func svgDrawn(t *testing.T, trace *Trace, around uint64) (d drawing) {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, trace, around); err != nil {
		t.Fatal(err)
	}
	d.source = b.String()
	read := xml.NewDecoder(&b)
	for {
		token, err := read.Token()
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v\n%s", err, d.source)
		}
		if e, ok := token.(xml.StartElement); ok {
			d.element(t, read, e)
		}
	}
}

// element reads an element.
func (d *drawing) element(t *testing.T, read *xml.Decoder, e xml.StartElement) {
	t.Helper()
	attr := make(map[string]string)
	for _, a := range e.Attr {
		attr[a.Name.Local] = a.Value
	}
	number := func(name string) float64 {
		if attr[name] == "" {
			return 0
		}
		n, err := strconv.ParseFloat(attr[name], 64)
		if err != nil {
			t.Fatalf("%v: %v", e, err)
		}
		return n
	}
	switch e.Name.Local {
	case "svg":
		d.width, d.height = number("width"), number("height")
		return
	case "text":
		var text string
		if err := read.DecodeElement(&text, &e); err != nil {
			t.Fatal(err)
		}
		d.texts = append(d.texts, text)
	case "line":
		if attr["marker-end"] != "" {
			d.lines++
		}
	case "rect":
		if attr["fill"] == "url(#cut)" {
			d.patterns++
		}
	}
	for _, name := range []string{"x", "x1", "x2", "cx"} {
		if n := number(name); n < 0 || n > d.width {
			t.Errorf("%v is outside of a picture %v wide", e, d.width)
		}
	}
	for _, name := range []string{"y", "y1", "y2", "cy"} {
		if n := number(name); n < 0 || n > d.height {
			t.Errorf("%v is outside of a picture %v high", e, d.height)
		}
	}
}

// says reports whether one of the texts is this.
func (d *drawing) says(text string) bool {
	for _, s := range d.texts {
		if s == text {
			return true
		}
	}
	return false
}

// It fails if a picture leaves out a message, a fact, a fault or what they changed, or draws a message that was lost as one that arrived.
func TestSVG(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	trace.Verdict.Outcome, trace.Verdict.Property, trace.Verdict.Why = sim.Violated, "counts", "counter forgot what it had counted\nand more"
	end := find(t, trace, sim.Noted, "counter", "counted 8")
	trace.Verdict.Violations = []sim.Violation{{Property: "counts", Seq: end}}
	d := svgDrawn(t, trace, 0)
	for _, want := range []string{"counting: violated counts", "counts: counter forgot what it had counted", "caller", "counter", "count{N:1}", "counted 8", "heal",
		"cut caller | counter,idle", "crash", "starts, life 2", "sum 1 → 5", "lost (cut): count{N:2}", "counting, seed 0x7", "faults: " + trace.Plan[0] + "; 25ms heal; 35ms crash counter for 20ms; 60ms"} {
		if !d.says(want) {
			t.Errorf("the picture does not say %q: %q", want, d.texts)
		}
	}
	delivered := 0
	for seq := uint64(1); seq <= end; seq++ {
		if trace.kind[seq-1] == sim.Delivered {
			delivered++
		}
	}
	if d.lines != delivered || d.patterns != 1 || !strings.Contains(d.source, "counted 8") {
		t.Errorf("%d arrows for %d messages, %d cuts", d.lines, delivered, d.patterns)
	}
	if !regexp.MustCompile(`fill="#fbdcd1"[^\n]*\n<text[^\n]*>counted 8<`).MatchString(d.source) || strings.Count(d.source, `fill="#fbdcd1"`) != 1 {
		t.Error("the fact that violates is not marked, or others are")
	}
	if other := svgDrawn(t, trace, find(t, trace, sim.Noted, "counter", "counted 4")); strings.Contains(other.source, `fill="#fbdcd1"`) || !other.says("counted 4") {
		t.Error("a fact that is asked for is marked as one that violates")
	}
}

// It fails if a message that was lost has the head of one that arrived, or does not say why.
func TestSVGLost(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, "lose caller>counter count#2\n")
	lost := find(t, trace, sim.Dropped, "counter", "N:2")
	p := &svg{t: trace, Story: Story{Lanes: trace.Nodes, rows: []row{trace.row(lost)}}, b: new(strings.Builder)}
	p.rows[0].down = make([]bool, len(trace.Nodes))
	p.layOut()
	p.draw()
	if got := p.b.String(); strings.Contains(got, "marker-end") || !strings.Contains(got, ">lost (planned): count{N:2}<") || strings.Count(got, "<path") != 1 {
		t.Errorf("drawn as\n%s", got)
	}
}

// It fails if a long run is drawn whole, or refused though a part is asked for.
func TestSVGBounds(t *testing.T) {
	trace := longTrace(MostDrawn + 1)
	var r *Refusal
	if err := SVG(io.Discard, trace, 0); !errors.As(err, &r) || !r.Long || !strings.Contains(r.Why, "20,001 events, and a picture is for at most 20,000") {
		t.Errorf("a long run gives %v", err)
	}
	d := svgDrawn(t, trace, 15_000)
	if rows := strings.Count(d.source, "<circle") + strings.Count(d.source, "rx="); d.height > svgRows*3*svgRow || rows < 10 {
		t.Errorf("the picture of a part is %v high and has %d marks", d.height, rows)
	}
	left := ""
	for _, text := range d.texts {
		if strings.HasSuffix(text, "other events up to there are not drawn.") {
			left = text
		}
	}
	if left == "" {
		t.Errorf("it is not said what is left out: %q", d.texts)
	}
}

// It fails if what a run says becomes a part of the picture, or a run of nothing cannot be drawn.
func TestSVGEscapes(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, eventful)
	trace.Nodes = []sim.NodeID{`<a>&"`, "]]>", "\x00"}
	for i := range trace.texts[1:] {
		trace.texts[i+1] += "</text><script>"
	}
	if d := svgDrawn(t, trace, 0); strings.Contains(d.source, "<script") || !d.says(`<a>&"`) {
		t.Errorf("the picture holds what the run says:\n%s", d.source)
	}
	if d := svgDrawn(t, newRecorder("nothing", sim.Config{}, Window{}).t, 0); !d.says("nothing: ok") {
		t.Errorf("a run of nothing is drawn as %q", d.texts)
	}
}

// It fails if texts are taken for narrower than they are in the fonts that are asked for, so that boxes are too small: the widths are those of Helvetica, in
// thousandths of the size.
func TestSVGWidth(t *testing.T) {
	for text, thousandths := range map[string]float64{"Chosen{1.2 B}": 6671, "proposed A": 5227, "mmmm": 3332, "iiii": 888, "WWWW": 3776} {
		want := thousandths * svgFont / 1000
		if got := float64(svgWidth(text, svgFont)); got < want*0.92 || got > want*1.5+4 {
			t.Errorf("%q takes %v, want about %v", text, got, math.Round(want))
		}
	}
}
