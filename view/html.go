package view

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"

	"simrun/sim"
	"simrun/sim/fault"
)

// The parts of the page. The program is one module in several files.
//
//go:embed html
var htmlParts embed.FS

var htmlProgram = []string{"data.js", "layout.js", "draw.js", "panel.js", "serve.js", "pair.js", "main.js"}

// A Page says what an HTML file shows besides the run.
type Page struct {
	Replay string // the command that makes the run again; "" for none
	Event  uint64 // the event at which it opens; 0: that of the violation, if there is one
	Served bool   // whoever serves the page answers "state/123" with the states after that event, as JSON: see Film

	Twin    *Trace // the nearest run in which nothing goes wrong, to stand beside this one; nil for none
	Differs string // what is otherwise in it: "without 12ms crash a2"

	Without []Without // what becomes of the run without each of its faults, if that is known
}

// A Without says what becomes of a run when one thing is left out, for those who want to know what it needs to fail.
type Without struct {
	What  string // the thing, as a plan says it: "12ms crash a2"
	Says  string // what becomes of the run: "ok", "still fails"
	Needs bool   // without it the run does not fail as it did
}

// HTML writes a run as one self-contained file: it needs a browser, and nothing else. The picture has a lane for each node and an arrow for each
// message; beside it stand the states of nodes before and after an event, its causes and its effects, the faults and the
// history of operations. A link that ends in #event=123 opens it at that event. It returns the first error of w.
//
// The run is packed as columns, see html_data.go, and the program with it: a run of a hundred events takes some 40 kB, and a million events
// under 20 MB.
func HTML(w io.Writer, t *Trace, p Page) error {
	columns := newColumns()
	columns.text("program", htmlSource(htmlProgram...))
	if err := columns.trace("", t, p); err != nil {
		return err
	}
	if p.Twin != nil {
		if err := columns.trace("twin.", p.Twin, Page{}); err != nil {
			return err
		}
	}
	title := fmt.Sprintf("%s %s: %s", t.Scenario, seedText(t.Config), verdictText(t.Verdict))
	page := htmlPart("page.html")
	b := bufio.NewWriterSize(w, 1<<16)
	for page != "" {
		before, rest, found := strings.Cut(page, "{{")
		b.WriteString(before)
		if !found {
			break
		}
		var name string
		name, page, _ = strings.Cut(rest, "}}")
		switch name {
		case "title":
			b.WriteString(html.EscapeString(title))
		case "style":
			b.WriteString(htmlSource("style.css"))
		case "script":
			b.WriteString(htmlSource("loader.js"))
		case "columns":
			b.WriteString(columns.directory())
		case "data":
			if err := columns.pack(b); err != nil {
				return err
			}
		}
	}
	return b.Flush()
}

// htmlPart returns an embedded file.
func htmlPart(name string) string {
	text, err := htmlParts.ReadFile("html/" + name)
	if err != nil {
		panic("view: " + err.Error())
	}
	return string(text)
}

// htmlSource joins sources without the lines that are comments, and without indentation: they are for whoever reads the sources.
func htmlSource(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		for line := range strings.Lines(htmlPart(name)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				b.WriteString(line + "\n")
			}
		}
	}
	return b.String()
}

// verdictText is an outcome and the property that it is named after.
func verdictText(v sim.Verdict) string {
	return strings.TrimSpace(v.Outcome.String() + " " + v.Property)
}

// A pageMeta is all of a run but its events.
type pageMeta struct {
	Scenario   string           `json:"scenario"`
	Seed       string           `json:"seed"` // "seed 0x2a", or "no seed"
	Verdict    string           `json:"verdict"`
	Outcome    string           `json:"outcome"`
	Why        string           `json:"why"`
	Hash       string           `json:"hash"`
	Fired      string           `json:"fired"`
	Replay     string           `json:"replay"`
	OpensAt    uint64           `json:"opensAt"`
	Served     bool             `json:"served"`
	Settings   []string         `json:"settings"`
	Plan       []string         `json:"plan"`
	Nodes      []sim.NodeID     `json:"nodes"`
	States     [2]uint64        `json:"states"`
	Violations []map[string]any `json:"violations"`
	Checks     []map[string]any `json:"checks"`
	Cuts       []map[string]any `json:"cuts"`
	History    [][6]any         `json:"history"`
	Names      []string         `json:"names"`
	Twin       string           `json:"twin"` // what is otherwise in the twin; "" for none
	TwinPasses bool             `json:"twinPasses"`
	Without    [][3]any         `json:"without"` // what, what becomes of the run, whether it is needed
}

// metaOf collects it; the names are those of types and reasons.
func metaOf(t *Trace, p Page, names []string) pageMeta {
	v := &t.Verdict
	m := pageMeta{
		Scenario: t.Scenario, Seed: seedText(t.Config), Verdict: verdictText(*v), Outcome: v.Outcome.String(), Hash: fmt.Sprintf("%016x", v.Hash),
		Replay: p.Replay, OpensAt: p.Event, Served: p.Served, Settings: append([]string{}, t.Config.Options.Given()...), Plan: append([]string{}, t.Plan...), Nodes: t.Nodes,
		States: [2]uint64{t.States.From, t.States.To}, Violations: []map[string]any{}, Checks: []map[string]any{}, Cuts: []map[string]any{},
		History: [][6]any{}, Names: names, Without: [][3]any{},
	}
	if p.Twin != nil {
		m.Twin, m.TwinPasses = p.Differs, p.Twin.Verdict.Outcome == sim.OK
		if m.Twin == "" {
			m.Twin = "another run"
		}
	}
	for _, w := range p.Without {
		m.Without = append(m.Without, [3]any{w.What, w.Says, w.Needs})
	}
	if v.Outcome != sim.OK {
		m.Why = because(v, Hints{})
	}
	m.Fired = firedText(v)
	for _, x := range v.Violations {
		m.Violations = append(m.Violations, map[string]any{"property": x.Property, "inner": x.Inner, "why": x.Why, "seq": x.Seq})
		if x.Property == v.Property && m.OpensAt == 0 {
			m.OpensAt = x.Seq
		}
	}
	for _, c := range v.Checks {
		m.Checks = append(m.Checks, map[string]any{"property": c.Property, "inner": c.Inner, "outcome": c.Outcome.String(), "checks": c.Checks})
	}
	for _, c := range t.Cuts {
		m.Cuts = append(m.Cuts, map[string]any{"from": c.From, "to": c.To, "side": c.Side, "text": c.Text})
	}
	for _, o := range t.History {
		place := 0
		for i, id := range t.Nodes {
			if id == o.Client {
				place = i + 1
			}
		}
		m.History = append(m.History, [6]any{place, o.Call, o.Ret, o.Text, o.Done, o.Illegal})
	}
	return m
}

// columns are named parts of a payload. Those of numbers are kept as planes, the lowest bytes of all numbers first: like bytes side by
// side pack better.
type columns struct {
	body   bytes.Buffer
	names  []string
	prefix string // of the names of those that are added
}

func newColumns() *columns { return &columns{} }

// directory says what is where: "name:width:count", where a width of 0 is a text of so many bytes.
func (c *columns) directory() string { return strings.Join(c.names, " ") }

// text adds a text.
func (c *columns) text(name, s string) {
	c.names = append(c.names, fmt.Sprintf("%s%s:0:%d", c.prefix, name, len(s)))
	c.body.WriteString(s)
}

// numbers adds a column of numbers that fit into so many bytes.
func (c *columns) numbers(name string, width, n int, at func(i int) uint32) {
	c.names = append(c.names, fmt.Sprintf("%s%s:%d:%d", c.prefix, name, width, n))
	plane := make([]byte, n*width)
	for i := range n {
		v := at(i)
		for b := range width {
			plane[b*n+i] = byte(v >> (8 * b))
		}
	}
	c.body.Write(plane)
}

// pack writes all parts, packed.
func (c *columns) pack(w io.Writer) error {
	coder := base64.NewEncoder(base64.StdEncoding, w)
	z, err := gzip.NewWriterLevel(coder, packLevel)
	if err != nil {
		return err
	}
	if _, err := c.body.WriteTo(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return coder.Close()
}

// packLevel is how hard gzip tries: more makes files 2 % smaller and takes three times as long.
const packLevel = 6

// meta adds what is not a column, as JSON.
func (c *columns) meta(m pageMeta) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.text("meta", string(text))
	return nil
}

// firedText lists the faults that happened; "" for none.
func firedText(v *sim.Verdict) string {
	var did []string
	for k := fault.Kind(0); k < fault.Kinds; k++ {
		if v.Faults[k] > 0 {
			did = append(did, fmt.Sprintf("%v %s", k, Number(v.Faults[k])))
		}
	}
	return strings.Join(did, ", ")
}
