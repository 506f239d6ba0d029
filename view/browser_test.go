package view

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"simrun/sim"
	"simrun/sim/clock"
)

// A browser is a real one without a window, with a file open in it.
type browser struct {
	t      *testing.T
	ctx    context.Context
	mu     sync.Mutex
	errors []string // what the page complained of
}

// complaints is what the page complained of so far.
func (b *browser) complaints() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.errors, "\n")
}

// chromium finds the browser's program; the test is skipped where there is none.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium was found: install the package chromium to test the page in a browser")
	return ""
}

// start starts a browser, in which each test has a page of its own: to start one takes seconds.
func start(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// browse opens a page of a run at a link such as "#event=3", in a window of that size.
func browse(t *testing.T, program context.Context, trace *Trace, link string, width, height int) *browser {
	t.Helper()
	return browsePage(t, program, []byte(htmlPage(t, trace, Page{Replay: "simrun replay s1-x"})), link, width, height)
}

// browsePage opens a page.
func browsePage(t *testing.T, program context.Context, page []byte, link string, width, height int) *browser {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.html")
	if err := os.WriteFile(file, page, 0o666); err != nil {
		t.Fatal(err)
	}
	return browseFile(t, program, "file://"+file, link, width, height)
}

// browseFile opens a file that is there already.
func browseFile(t *testing.T, program context.Context, url, link string, width, height int) *browser {
	t.Helper()
	ctx, stop := chromedp.NewContext(program)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx}
	b.do(chromedp.EmulateViewport(int64(width), int64(height)))
	err := chromedp.Listen(ctx, func(e any) {
		if x, ok := e.(*runtime.EventExceptionThrown); ok {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.errors = append(b.errors, fmt.Sprintf("%s: %s", x.ExceptionDetails.Text, x.ExceptionDetails.Exception.Description))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(url + link))
	b.wait("window.opened > 0")
	t.Cleanup(func() {
		if c := b.complaints(); c != "" {
			t.Errorf("the page complained: %s", c)
		}
	})
	return b
}

// do does something in the browser.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v; the page complained of: %s", err, b.complaints())
	}
}

// wait waits until an expression is true in the page.
func (b *browser) wait(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		b.t.Fatalf("waiting for %s: %v; the page complained of: %s", expression, err, b.complaints())
	}
}

// ask evaluates an expression in the page.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// text returns what an element says.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return ask[string](b, "document.querySelector('"+selector+"').innerText")
}

// key presses keys.
func (b *browser) key(keys string) { b.do(chromedp.KeyEvent(keys)) }

// head is what the panel says of the selected event.
func (b *browser) head() string { return b.text("#page .head") }

// link is the end of the page's address.
func (b *browser) link() string { return ask[string](b, "location.hash") }

// want fails the test unless a text contains another.
func (b *browser) want(what, got, want string) {
	b.t.Helper()
	if !strings.Contains(got, want) {
		b.t.Errorf("%s is %q, want %q in it", what, got, want)
	}
}

// The page in a real browser; each test says below what makes it fail.
func TestBrowser(t *testing.T) {
	program := start(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"steps": browserStepsAndFollowsCauses, "links": browserLinks, "filters": browserFiltersAndFinds, "phone": browserOnAPhone, "draws": browserDraws,
		"many": browserOpensAMillionEvents, "twin": browserComparesWithTheTwin, "keys": browserTakesAnyKey, "illegal": browserShowsIllegalOperations, "broken": browserOfABrokenFile, "faults": browserCountsFaults, "theme": browserRemembersAWish,
	} {
		t.Run(name, func(t *testing.T) { test(t, program) })
	}
}

// It fails if the page does not open, if a step, a cause or an effect leads to another event than the trace says, or if the states shown are
// not those of the trace.
func browserStepsAndFollowsCauses(t *testing.T, program context.Context) {
	trace := recorded(t, counting(10), Window{}, eventful)
	seq := find(t, trace, sim.Delivered, "counter", "N:1")
	b := browse(t, program, trace, fmt.Sprintf("#event=%d", seq), 1280, 800)
	b.want("the title", ask[string](b, "document.title"), "counting seed 0x7: ok")
	b.want("the selected event", b.head(), "caller→counter count{N:1}")
	state := b.text("#state")
	for _, want := range []string{"−\nsum\n0", "+\nsum\n1", "+\nseen\n{1:\"by caller\"}"} {
		b.want("the state", state, want)
	}
	b.key("c")
	b.want("its cause", b.link(), fmt.Sprintf("#event=%d", trace.Event(seq).Cause))
	b.key("e")
	b.want("the effect of its cause", b.link(), fmt.Sprintf("#event=%d", seq))
	b.key("j")
	b.want("the next event", b.link(), fmt.Sprintf("#event=%d", seq+1))
	b.key("kk")
	b.want("two events back", b.link(), fmt.Sprintf("#event=%d", seq-1))
	b.key("l")
	if next := trace.Event(ask[uint64](b, "+location.hash.slice(7)")); next.Node != trace.Event(seq-1).Node {
		t.Errorf("the next event of the same node is %+v", next)
	}
	fact := find(t, trace, sim.Noted, "counter", "counted 1")
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("location.hash = '#event=%d'", fact)))
	b.wait("document.querySelector('#page .head').innerText.includes('counted 1')")
	b.want("the chain", b.text("#page .list"), fmt.Sprintf("#%d", trace.Event(fact).Cause))
	b.want("what the handler changed", b.text("#state"), "+\nsum\n1")
}

// It fails if a link to an event does not open it, or a link to one that is not there goes anywhere or says nothing.
func browserLinks(t *testing.T, program context.Context) {
	trace := recorded(t, counting(10), Window{}, eventful)
	b := browse(t, program, trace, "#event=9999", 1280, 800)
	b.want("the note", b.text("#note"), fmt.Sprintf("There is no event 9999 in this run: it has events 1 to %d.", trace.Len()))
	b.want("the panel", b.head(), "No event is selected")
	b.do(chromedp.Evaluate[chromedp.Void]("location.hash = '#event=5'"))
	b.wait("document.querySelector('#page .sub').innerText.startsWith('Event 5 of')")
	b.do(chromedp.Evaluate[chromedp.Void]("location.hash = '#event=x'"))
	b.wait("document.getElementById('note').innerText.startsWith('There is no event x')")
}

// It fails if a filter leaves what it should leave out, if steps stop at what is not drawn, or if what is looked for is not found.
func browserFiltersAndFinds(t *testing.T, program context.Context) {
	trace := recorded(t, counting(10), Window{}, eventful)
	b := browse(t, program, trace, "", 1280, 800)
	b.key("4")
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#page h2")].find((h) => h.innerText.startsWith("Kinds")).querySelectorAll("button")[1].click()`))
	b.want("the count of drawn events", b.text("#page .sub"), fmt.Sprintf("0 of %d events", trace.Len()))
	b.do(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("#page label")].find((l) => l.innerText.startsWith("Facts")).click()`))
	b.do(chromedp.Evaluate[chromedp.Void]("document.activeElement.blur()"))
	facts := 0
	for seq := 1; seq <= trace.Len(); seq++ {
		if trace.Event(uint64(seq)).Kind == sim.Noted {
			facts++
		}
	}
	b.want("the count of drawn events", b.text("#page .sub"), fmt.Sprintf("%d of %d events", facts, trace.Len()))
	b.key("jj")
	if e := trace.Event(ask[uint64](b, "+location.hash.slice(7)")); e.Kind != sim.Noted {
		t.Errorf("a step goes to %+v, which is not drawn", e)
	}
	b.key("4")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#page h2 button").click()`))
	b.do(chromedp.SendKeys(chromedp.ID("find"), "counter count N:3"))
	b.wait("document.getElementById('found').innerText === '2 found'")
	b.key("\r")
	b.want("what was found", b.head(), "count{N:3}")
}

// It fails if the page on a phone is wider than the phone, or if a tap selects nothing.
func browserOnAPhone(t *testing.T, program context.Context) {
	b := browse(t, program, recorded(t, counting(10), Window{}, eventful), "", 390, 844)
	if wide := ask[int](b, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the page is %d pixels wide", wide)
	}
	b.do(chromedp.MouseClickXY(100, 300))
	b.wait("location.hash.startsWith('#event=')")
	if tall := ask[int](b, "document.getElementById('stage').clientHeight"); tall < 300 {
		t.Errorf("the picture is %d pixels high", tall)
	}
}

// It fails if the tab of faults counts what is no fault, or not what it lists.
func browserCountsFaults(t *testing.T, program context.Context) {
	for plan, want := range map[string]string{"always law constant 1ms": "Faults", "lose caller>counter count#2": "Faults1", "13ms crash counter for 2ms": "Faults2"} {
		b := browse(t, program, recorded(t, counting(4), Window{}, plan), "", 1280, 800)
		if got := ask[string](b, "document.querySelector('[data-tab=faults]').textContent"); got != want {
			t.Errorf("with %q the tab is called %q, want %q", plan, got, want)
		}
		b.key("2")
		if listed := strings.Contains(b.text("#page"), "One after the other"); listed != (want == "Faults2") {
			t.Errorf("with %q the faults are told as %q", plan, b.text("#page"))
		}
	}
}

// It fails if what the system prefers is taken for what somebody has chosen, or if what somebody has chosen is forgotten.
func browserRemembersAWish(t *testing.T, program context.Context) {
	trace := recorded(t, counting(4), Window{}, "")
	b := browse(t, program, trace, "", 1280, 800)
	b.do(chromedp.Evaluate[chromedp.Void](`localStorage.removeItem("simrun-theme")`), chromedp.Reload())
	b.wait("window.opened > 0")
	if ask[bool](b, `localStorage.getItem("simrun-theme") !== null`) {
		t.Error("nobody has chosen colours, and there is a choice")
	}
	is := ask[string](b, "document.documentElement.dataset.theme")
	b.key("t")
	b.do(chromedp.Reload())
	b.wait("window.opened > 0")
	if now := ask[string](b, "document.documentElement.dataset.theme"); now == is {
		t.Errorf("the colours are %s again", now)
	}
}

// It fails if the picture is empty, in either of the two colour schemes.
func browserDraws(t *testing.T, program context.Context) {
	b := browse(t, program, recorded(t, counting(10), Window{}, eventful), "#event=10", 1280, 800)
	for range 2 {
		colours := ask[int](b, `new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
			const c = document.getElementById("lanes"), p = c.getContext("2d").getImageData(0, 40, c.width - 30, c.height - 40).data, seen = new Set();
			for (let i = 0; i < p.length; i += 4) seen.add(p[i] * 65536 + p[i + 1] * 256 + p[i + 2]);
			done(seen.size);
		}, 50)))`)
		if colours < 20 {
			t.Errorf("the picture has %d colours, as an empty one has", colours)
		}
		b.key("t")
	}
}

// A long trace is made by hand: a world would take a minute.
func longTrace(events int) *Trace {
	r := newRecorder("long", sim.Config{Seed: 1}, Window{From: uint64(events)})
	t := r.t
	for i := range 10 {
		t.Nodes = append(t.Nodes, sim.NodeID(fmt.Sprintf("n%d", i)))
	}
	at, pending := clock.Time(0), []int{}
	kinds := []string{"Prepare", "Promise", "Accept", "Accepted"}
	for i := range events {
		at += clock.Time(1000 + i*7919%50_000)
		m := sim.Event{Seq: uint64(i + 1), At: at, Kind: sim.Sent}
		from, to := uint16(i*31%10+1), uint16(i*17%10+1)
		name := kinds[i/20%4]
		text := fmt.Sprintf("%s{%d.%d slot %d}", name, i/200, from, i/20)
		switch {
		case i%2 == 1 && len(pending) > 20:
			c := pending[0]
			pending = pending[1:]
			m.Kind, m.Cause = sim.Delivered, uint64(c+1)
			from, to, name, text = t.peer[c], t.node[c], t.texts[t.typ[c]], t.texts[t.text[c]]
		case i%10 == 4:
			m.Kind, m.Cause, to = sim.Noted, uint64(i), 0
			text = fmt.Sprintf("chosen %d", i)
		default:
			pending = append(pending, i)
		}
		t.at, t.cause, t.kind = append(t.at, m.At), append(t.cause, uint32(m.Cause)), append(t.kind, m.Kind)
		t.node, t.peer = append(t.node, from), append(t.peer, to)
		t.typ, t.text, t.reason = append(t.typ, r.id(name)), append(t.text, r.id(text)), append(t.reason, 0)
	}
	return t
}

// It fails if a million events make a file of more than 20 MB, or if the page cannot show them, or cannot find and draw one among them. How long
// it takes is logged: a busy machine may be slow.
func browserOpensAMillionEvents(t *testing.T, program context.Context) {
	b := browsePage(t, program, million(), "", 1280, 800)
	t.Logf("opened after %.0f ms, a frame takes %.1f ms", ask[float64](b, "window.opened"), ask[float64](b, "window.lastFrame"))
	b.key("0")
	b.key("j")
	b.want("the first event", b.link(), "#event=1")
	b.do(chromedp.Evaluate[chromedp.Void]("location.hash = '#event=654321'"))
	b.wait("document.querySelector('#page .sub').innerText.startsWith('Event 654,321 of 1,000,000')")
}

// It fails if a file that was cut short shows nothing, and does not say why.
func browserOfABrokenFile(t *testing.T, program context.Context) {
	page := htmlPage(t, recorded(t, counting(10), Window{}, ""), Page{})
	file := filepath.Join(t.TempDir(), "cut.html")
	i := strings.Index(page, "</script>")
	if err := os.WriteFile(file, []byte(page[:i-2000]+page[i:]), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, stop := chromedp.NewContext(program)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx}
	b.do(chromedp.Navigate("file://" + file))
	b.wait("!document.getElementById('note').hidden")
	b.want("the note", b.text("#note"), "This file cannot be shown, perhaps because it was cut short")
}
