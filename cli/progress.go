package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"simrun/search"
	"simrun/view"
)

// How far a hunt has come is told in one of four styles. On a terminal one line is drawn over and over,
// with new failures above it; elsewhere a plain line every ten seconds keeps a log short and shows that
// the hunt is alive; programs get JSON; and none is for those who only want the result. Nothing of it
// goes to standard output.

// A meter shows how far a hunt has come, on standard error.
type meter struct {
	style string // tty, plain, json or none
	w     io.Writer
	width int           // of the terminal
	shown time.Duration // when, since the start, the last line was written
	drawn bool          // there is a line to clear
	seed  *uint64       // of the latest failure that was told
}

// How often each style writes, beside what it says at once: a new distinct failure.
const (
	plainEvery = 10 * time.Second
	jsonEvery  = time.Second
)

// newMeter makes a meter of the given style. Auto draws on a terminal and writes plain lines elsewhere.
func newMeter(style string, w io.Writer) (*meter, error) {
	m := &meter{style: style, w: w, width: view.Width}
	switch style {
	case "auto":
		m.style = "plain"
		if isTerminal(w) && os.Getenv("TERM") != "dumb" {
			m.style = "tty"
		}
	case "tty", "plain", "json", "none":
	default:
		return nil, usage("--progress %s: want auto, tty, plain, json or none", style)
	}
	if f, ok := w.(*os.File); ok && m.style == "tty" {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			m.width = width
		}
	}
	return m, nil
}

// show is called by the hunt.
func (m *meter) show(p search.Progress) {
	fresh := p.Last != nil && (m.seed == nil || *m.seed != p.Last.Seed)
	if fresh {
		seed := p.Last.Seed
		m.seed = &seed
	}
	switch m.style {
	case "tty":
		if fresh {
			m.clear()
			fmt.Fprintln(m.w, told(p.Last))
		}
		fmt.Fprintf(m.w, "\r\x1b[K%s", shorten(line(p), m.width-1))
		m.drawn = true
	case "plain":
		if fresh {
			fmt.Fprintln(m.w, told(p.Last))
		}
		if p.Elapsed-m.shown >= plainEvery {
			m.shown = p.Elapsed
			fmt.Fprintln(m.w, line(p))
		}
	case "json":
		if fresh || p.Elapsed-m.shown >= jsonEvery {
			m.shown = p.Elapsed
			m.writeJSON(p)
		}
	}
}

// end removes what is drawn.
func (m *meter) end() { m.clear() }

// clear leaves the cursor at the beginning of an empty line, if there is one to clear.
func (m *meter) clear() {
	if m.drawn {
		fmt.Fprint(m.w, "\r\x1b[K")
		m.drawn = false
	}
}

// A progressRecord is a line of --progress=json.
type progressRecord struct {
	Done     uint64  `json:"done"`
	Total    uint64  `json:"total"` // 0: only time limits the hunt
	Failures int     `json:"failures"`
	Distinct int     `json:"distinct"`
	Reached  int     `json:"reached"` // situations, states and kinds of faults that were seen
	Since    uint64  `json:"since"`   // runs since the latest of them was first seen
	Seconds  float64 `json:"elapsed_s"`
	RunsPerS float64 `json:"runs_per_s"`
}

// writeJSON writes one object. What cannot be written is not worth ending a hunt.
func (m *meter) writeJSON(p search.Progress) {
	m.print(progressRecord{p.Done, p.Total, p.Failures, p.Distinct, p.Reached, p.Since, p.Elapsed.Seconds(), rate(p.Done, p.Elapsed)})
}

func (m *meter) print(record any) {
	text, err := json.Marshal(record)
	if err == nil {
		fmt.Fprintf(m.w, "%s\n", text)
	}
}

// told is one line about a failure that is new.
func told(f *search.Failure) string {
	return shorten(fmt.Sprintf("seed %#x %v %s: %s", f.Seed, f.Outcome, f.Property, oneLine(f.Why)), view.Width)
}

// line is one line about how far the hunt has come.
func line(p search.Progress) string {
	var b strings.Builder
	b.WriteString(view.Number(p.Done))
	if p.Total > 0 {
		fmt.Fprintf(&b, "/%s", view.Number(p.Total))
	}
	perSecond := rate(p.Done, p.Elapsed)
	fmt.Fprintf(&b, " seeds  %s/s", view.Number(uint64(perSecond)))
	if p.Failures > 0 {
		fmt.Fprintf(&b, "  %s failing, %d distinct", view.Number(uint64(p.Failures)), p.Distinct)
	}
	if p.Reached > 0 {
		fmt.Fprintf(&b, "  %s reached", view.Number(uint64(p.Reached)))
	}
	if p.Total > 0 && perSecond > 0 {
		left := time.Duration(float64(p.Total-p.Done) / perSecond * float64(time.Second))
		fmt.Fprintf(&b, "  %s left", left.Round(time.Second))
	} else {
		fmt.Fprintf(&b, "  %s", p.Elapsed.Round(time.Second))
	}
	return b.String()
}

// shorten cuts s to n runes.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n && n > 0 {
		return string(r[:n-1]) + "…"
	}
	return s
}
