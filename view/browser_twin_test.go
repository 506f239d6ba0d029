package view

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"simrun/sim"
)

// twins are a run in which a message is lost, and one in which it is not; and the first event that is another one.
func twins(t testing.TB) (run, twin *Trace, parts uint64) {
	t.Helper()
	run = recorded(t, counting(4), Window{}, "lose caller>counter count#2")
	twin = recorded(t, counting(4), Window{}, "")
	for parts = 1; run.Event(parts) == twin.Event(parts); parts++ {
	}
	return run, twin, parts
}

// It fails if the twin's events cannot be told from those of the run, or if what is otherwise in it, or without a fault, is not in the page.
func TestHTMLHasTheTwin(t *testing.T) {
	run, twin, _ := twins(t)
	page := htmlPage(t, run, Page{Twin: twin, Differs: "without the loss", Without: []Without{{"lose caller>counter count#2", "ok", true}}})
	c := unpacked(t, page)
	if len(c["kind"]) != run.Len() || len(c["twin.kind"]) != twin.Len() || run.Len() == twin.Len() {
		t.Errorf("the page has %d and %d events, want %d and %d", len(c["kind"]), len(c["twin.kind"]), run.Len(), twin.Len())
	}
	meta := asText(c["meta"])
	for _, want := range []string{`"twin":"without the loss"`, `"without":[["lose caller\u003ecounter count#2","ok",true]]`} {
		if !strings.Contains(meta, want) {
			t.Errorf("no %s in %s", want, meta)
		}
	}
	if len(page) > 60_000 {
		t.Errorf("two runs of %d and %d events take %d bytes, want at most 60,000", run.Len(), twin.Len(), len(page))
	}
}

// It fails if the two do not stand beside each other, if the keys do not lead to where they part, to the same event in the other or to what only one has, or
// if a link does not open an event of the twin.
func browserComparesWithTheTwin(t *testing.T, program context.Context) {
	run, twin, parts := twins(t)
	page := []byte(htmlPage(t, run, Page{Twin: twin, Differs: "without the loss", Without: []Without{{"without lose caller>counter count#2", "ok", true}}}))
	b := browsePage(t, program, page, "", 1280, 800)
	b.want("the header", b.text("#beside"), "without the loss")
	if ask[int](b, "document.getElementById('twin').clientWidth") != 0 {
		t.Error("the twin is there before anybody asked")
	}
	b.key("b")
	if w := ask[int](b, "document.getElementById('twin').clientWidth"); w < 300 {
		t.Errorf("the twin is %d pixels wide", w)
	}
	b.want("where they part", b.link(), fmt.Sprintf("#event=%d", parts))
	b.want("the lost message", b.text("#page"), "Only here: the twin has no such event.")
	b.key("k")
	b.key("x")
	b.want("the same event in the other", b.link(), fmt.Sprintf("#twin=%d", parts-1))
	b.want("whose event it is", b.text("#page .sub"), "In the twin")
	b.key("p")
	there := parts
	for twin.Event(there).Kind == sim.TimerSet {
		there++ // it is not drawn
	}
	b.want("where they part, in the twin", b.link(), fmt.Sprintf("#twin=%d", there))
	b.do(chromedp.Evaluate[chromedp.Void]("location.hash = '#event=1'"))
	b.wait("document.querySelector('#page .sub').innerText === 'In this run'")
	b.key("d")
	b.want("the first that only this run has", b.link(), fmt.Sprintf("#event=%d", parts))
	b.key("3")
	b.want("the tab", b.text("#page"), "Only in this run (1)")
	b.key("b")
	if ask[int](b, "document.getElementById('twin').clientWidth") != 0 {
		t.Error("the twin does not go away")
	}
	b.key("2")
	b.want("the faults", b.text("#without"), "lose caller>counter count#2\twithout it: ok")

	b = browsePage(t, program, page, "#twin=5", 390, 844)
	b.want("a link into the twin", b.text("#page .sub"), "In the twin")
	if tops := ask[[]int](b, "[...document.querySelectorAll('.half')].map((h) => h.offsetTop)"); tops[1] < tops[0]+100 {
		t.Errorf("on a phone the halves are at %v, want one above the other", tops)
	}
	b = browse(t, program, run, "#twin=5", 1280, 800)
	b.want("a link into a twin that is not there", b.text("#note"), "There is no run beside this one.")
}

// It fails if any key, in whatever order, alone or beside the twin, makes the page complain.
func browserTakesAnyKey(t *testing.T, program context.Context) {
	run, twin, _ := twins(t)
	b := browsePage(t, program, []byte(htmlPage(t, run, Page{Twin: twin})), "", 1000, 700)
	const keys = "jkhlcevfw+-0mnNt123456bpxd"
	for i := range 3 * len(keys) {
		b.key(string(keys[i*7%len(keys)]))
	}
	b.do(chromedp.SendKeys(chromedp.ID("find"), "count"))
	b.wait("document.getElementById('found').innerText.endsWith('found')")
	b.key("\r")
	b.want("what was found", b.link(), "=")
}

// It fails if the operations that exclude one another are not told first among the operations.
func browserShowsIllegalOperations(t *testing.T, program context.Context) {
	s := counting(3)
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&wrongs{}} }
	b := browse(t, program, recorded(t, s, Window{}, ""), "", 1280, 800)
	b.key("3")
	b.want("the operations", b.text("#illegal"), "✗ count 2: never returned")
	if all := b.text("#page"); strings.Contains(b.text("#illegal"), "count 1") || !strings.Contains(all, "✓ count 1") {
		t.Errorf("the history is told as %q", all)
	}
}
