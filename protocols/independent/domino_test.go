package independent

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/fault"
)

// The figure of the domino effect: how much work one failure undoes, by the number of processes and by how many messages they send, for four
// ways to recover. It is written to docs/ by
//
//	go test ./protocols/independent -run TestDominoFigure -update
//
// in a few minutes. Without -update a few runs of each cell are made, and compared with the hash of the same runs that stands in the table.

const (
	figureRuns = 150 // a cell
	figureSome = 1   // a cell, without -update
	failsAt    = 100 // ms
)

// What stands between these in docs/domino.md is written by the test.
const (
	figureBegins = "<!-- figure -->\n"
	figureEnds   = "<!-- end of figure -->\n"
)

// ways are the lines of the figure.
var ways = []struct {
	name, colour string
	settings     []string
}{
	{"independent", "#c0392b", nil},
	{"coordinated", "#2471a3", []string{"checkpoints=coordinated"}},
	{"optimistic logging", "#b9770e", []string{"logging=optimistic"}},
	{"pessimistic logging", "#1e8449", []string{"logging=pessimistic"}},
}

var (
	sizes = []int{2, 3, 4, 6, 8, 12}
	rates = []int{12, 25, 50, 100, 200}
)

// A cell is what was measured in the runs of one setting.
type cell struct {
	runs, handled, undone, rolled, beginning int
	checkpointBytes, logBytes                int
}

// share is how much of all work is undone, in percent.
func (c cell) share() float64 { return 100 * float64(c.undone) / float64(c.handled) }

// dominoRun makes one run in which one process fails, once.
func (c *cell) dominoRun(t *testing.T, memory *sim.Memory, seed, nodes, rate int, settings []string) {
	t.Helper()
	s := Scenario()
	s.Run, s.Settle = 160*time.Millisecond, 0
	o, err := s.ParseOptions(append([]string{"app=mesh", "topology=clique", "work=1000", "outputs=0",
		fmt.Sprintf("nodes=%d", nodes), fmt.Sprintf("rate=%d", rate)}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	victim := 1 + seed%nodes
	plan, err := fault.Parse(fmt.Sprintf("always law uniform 500µs 3ms\nalways sync 100µs\n%dms crash p%d\n%dms restart p%d\n", failsAt, victim, failsAt+5, victim))
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: uint64(seed), Options: o, Plan: &plan, Reuse: memory})
	if err != nil {
		t.Fatal(err)
	}
	c.runs++
	over := false // the work that may be undone has been done
	back := make(map[sim.NodeID]int)
	for e := range w.Events(0) {
		switch f := e.Data.(type) {
		case Handled:
			if !over {
				c.handled++
			}
		case Restored:
			over = len(settings) > 0 && settings[0] == "logging=pessimistic"
			back[e.Node] = f.From
		case LineFound:
			over = true
		case RolledBack:
			back[e.Node] = f.From
		}
	}
	if len(back) == 0 {
		t.Fatalf("seed %d: nobody has failed", seed)
	}
	for _, from := range back {
		c.rolled++
		if from == 1 {
			c.beginning++
		}
	}
	for _, tally := range w.Verdict().Tallies {
		switch tally.Name {
		case "undone":
			c.undone += int(tally.N)
		case "checkpoint bytes":
			c.checkpointBytes += int(tally.N)
		case "log bytes":
			c.logBytes += int(tally.N)
		}
	}
}

// measure makes all cells, with so many runs each: by way, first by size and then by rate.
func measure(t *testing.T, runs int) (bySize, byRate [][]cell, pages []cell) {
	var memory sim.Memory
	one := func(nodes, rate int, settings []string) (c cell) {
		for seed := 1; seed <= runs; seed++ {
			c.dominoRun(t, &memory, seed, nodes, rate, settings)
		}
		return c
	}
	for i, way := range ways {
		bySize, byRate = append(bySize, nil), append(byRate, nil)
		for _, n := range sizes {
			bySize[i] = append(bySize[i], one(n, 50, way.settings))
		}
		for _, r := range rates {
			byRate[i] = append(byRate[i], one(6, r, way.settings))
		}
		for _, incremental := range []string{"incremental=false", "incremental=true"} {
			pages = append(pages, one(4, 50, append(way.settings[:len(way.settings):len(way.settings)], incremental)))
		}
	}
	return bySize, byRate, pages
}

// fingerprint is a hash over all cells.
func fingerprint(all ...any) string {
	h := fnv.New64a()
	fmt.Fprint(h, all...)
	return fmt.Sprintf("%016x", h.Sum64())
}

// Fails if the figure in docs/ is not that of this code, or if it does not show what the theory says: independent checkpoints lose more than
// coordinated ones, and pessimistic logging next to nothing.
func TestDominoFigure(t *testing.T) {
	table, picture := filepath.Join("..", "..", "docs", "domino.md"), filepath.Join("..", "..", "docs", "domino.svg")
	if testing.Short() && !*trial.Update {
		t.Skip("runs of all cells")
	}
	some := fingerprint(measure(t, figureSome))
	if *trial.Update {
		bySize, byRate, pages := measure(t, figureRuns)
		page, err := os.ReadFile(table)
		before, rest, ok := strings.Cut(string(page), figureBegins)
		_, after, ok2 := strings.Cut(rest, figureEnds)
		if err != nil || !ok || !ok2 {
			t.Fatalf("%s has no place for the figure: %v", table, err)
		}
		text := before + figureBegins + dominoTable(bySize, byRate, pages, some) + figureEnds + after
		if err := errors.Join(os.WriteFile(table, []byte(text), 0o644), os.WriteFile(picture, []byte(dominoPicture(bySize, byRate)), 0o644)); err != nil {
			t.Fatal(err)
		}
		last := len(sizes) - 1
		if a, b, c := bySize[0][last].share(), bySize[1][last].share(), bySize[3][last].share(); a <= b || b <= c {
			t.Errorf("with %d processes %.1f%% is undone with independent checkpoints, %.1f%% with coordinated ones and %.1f%% with pessimistic logging", sizes[last], a, b, c)
		}
	}
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), some) {
		t.Errorf("docs/domino.md was made by other code: the first runs have the hash %s; make it anew with -update", some)
	}
}

// dominoTable writes the figure as text.
func dominoTable(bySize, byRate [][]cell, pages []cell, some string) string {
	var b strings.Builder
	runs := 0
	for _, rows := range [][][]cell{bySize, byRate, {pages}} {
		for _, row := range rows {
			for _, c := range row {
				runs += c.runs
			}
		}
	}
	fmt.Fprintf(&b, `## Measured

One process of several fails %d ms after the start, and all return to a recovery line. How much of the work of all of them does that undo?
Scenario `+"`independent`"+`: random senders on a clique, checkpoints every 20 ms, %d runs a cell, %d runs in all. Made by

    go test ./protocols/independent -run TestDominoFigure -update

![work undone by one failure](domino.svg)

The rate is how fast the application works, in percent of its usual pace (a message every 4.5 ms and process, besides answers).
`, failsAt, figureRuns, runs)
	dominoRows(&b, "processes", sizes, bySize, "Work undone by one failure, in percent of all that was done, by the number of processes (rate 50%)", cell.share)
	dominoRows(&b, "rate", rates, byRate, "The same with 6 processes, by rate", cell.share)
	perRun := func(c cell) float64 { return float64(c.rolled) / float64(c.runs) }
	dominoRows(&b, "processes", sizes, bySize, "How many processes roll back, the one that failed included", perRun)
	dominoRows(&b, "processes", sizes, bySize, "How many of them return to the very beginning", func(c cell) float64 { return float64(c.beginning) / float64(c.runs) })
	fmt.Fprintf(&b, "\n### What it costs: kilobytes written in a run, 4 processes, rate 50%%\n\n| | checkpoints, whole | checkpoints, incremental | log |\n|---|---:|---:|---:|\n")
	for i, way := range ways {
		kb := func(n int) float64 { return float64(n) / float64(figureRuns) / 1000 }
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f |\n", way.name, kb(pages[2*i].checkpointBytes), kb(pages[2*i+1].checkpointBytes), kb(pages[2*i].logBytes))
	}
	fmt.Fprintf(&b, "\nHash of the first runs of every cell: %s\n", some)
	return b.String()
}

func dominoRows(b *strings.Builder, what string, heads []int, cells [][]cell, title string, value func(cell) float64) {
	fmt.Fprintf(b, "\n### %s\n\n| %s |", title, what)
	for _, h := range heads {
		fmt.Fprintf(b, " %d |", h)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(heads)) + "\n")
	for i, way := range ways {
		fmt.Fprintf(b, "| %s |", way.name)
		for k := range heads {
			fmt.Fprintf(b, " %.1f |", value(cells[i][k]))
		}
		b.WriteString("\n")
	}
}

// dominoPicture draws two panels: work undone by size, and by rate.
func dominoPicture(bySize, byRate [][]cell) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 380" font-family="sans-serif" font-size="13">` + "\n<rect width=\"860\" height=\"380\" fill=\"white\"/>\n")
	dominoPanel(&b, 60, "processes", sizes, bySize)
	dominoPanel(&b, 480, "rate, percent (6 processes)", rates, byRate)
	for i, way := range ways {
		x := 70 + 195*i
		fmt.Fprintf(&b, `<rect x="%d" y="350" width="18" height="6" fill="%s"/><text x="%d" y="358">%s</text>`+"\n", x, way.colour, x+24, way.name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func dominoPanel(b *strings.Builder, left int, title string, heads []int, cells [][]cell) {
	const top, width, height, most = 40, 340, 240, 100.0
	fmt.Fprintf(b, `<text x="%d" y="22">work undone by one failure, percent</text>`+"\n", left)
	for p := 0; p <= 100; p += 25 {
		y := top + height - height*p/100
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#ddd"/><text x="%d" y="%d" text-anchor="end">%d</text>`+"\n", left, y, left+width, y, left-6, y+4, p)
	}
	fmt.Fprintf(b, `<polyline points="%d,%d %d,%d %d,%d" fill="none" stroke="#333"/>`+"\n", left, top, left, top+height, left+width, top+height)
	at := func(k int) int { return left + 20 + k*(width-40)/(len(heads)-1) }
	for k, h := range heads {
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%d</text>`+"\n", at(k), top+height+18, h)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", left+width/2, top+height+40, title)
	for i, way := range ways {
		var points []string
		for k := range heads {
			points = append(points, fmt.Sprintf("%d,%.1f", at(k), top+height-height*cells[i][k].share()/most))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2.5"/>`+"\n", strings.Join(points, " "), way.colour)
		for _, p := range points {
			x, y, _ := strings.Cut(p, ",")
			fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="3.5" fill="%s"/>`+"\n", x, y, way.colour)
		}
	}
}
