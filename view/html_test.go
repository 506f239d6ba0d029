package view

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"simrun/sim"
)

func htmlPage(t testing.TB, trace *Trace, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, trace, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// million is the page of a million events.
var million = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := HTML(&b, longTrace(1_000_000), Page{}); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// It fails if a file takes more than was promised: 60 kB for a hundred events, 20 MB for a million.
func TestHTMLSizes(t *testing.T) {
	trace := recorded(t, counting(15), Window{}, eventful)
	if n := trace.Len(); n < 90 || n > 150 {
		t.Fatalf("the small run has %d events, want about 100", n)
	}
	if n := len(htmlPage(t, trace, Page{})); n > 60_000 {
		t.Errorf("%d events take %d bytes, want at most 60,000", trace.Len(), n)
	}
	if testing.Short() {
		return
	}
	if n := len(million()); n > 20_000_000 {
		t.Errorf("a million events take %d bytes, want at most 20,000,000", n)
	}
}

// It fails if the page needs anything from elsewhere.
func TestHTMLIsSelfContained(t *testing.T) {
	text := htmlPage(t, recorded(t, counting(2), Window{}, ""), Page{}) + htmlSource(htmlProgram...)
	for _, re := range []string{`https?://`, `src=`, `@import`, `url\(`, `{{`} {
		if found := regexp.MustCompile(re).FindString(text); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

// unpacked reads a page's payload as the page does.
func unpacked(t *testing.T, text string) map[string][]uint32 {
	t.Helper()
	m := regexp.MustCompile(`id="data" data-columns="([^"]*)">([^<]*)<`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the page has no payload")
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(m[2])))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	columns := make(map[string][]uint32)
	for _, part := range strings.Fields(m[1]) {
		f := strings.Split(part, ":")
		width, _ := strconv.Atoi(f[1])
		n, _ := strconv.Atoi(f[2])
		list := make([]uint32, n)
		for b := range max(width, 1) {
			for i := range n {
				list[i] |= uint32(raw[b*n+i]) << (8 * b)
			}
		}
		raw = raw[n*max(width, 1):]
		columns[f[0]] = list
	}
	if len(raw) > 0 {
		t.Errorf("%d bytes are in no column", len(raw))
	}
	return columns
}

func asText(list []uint32) string {
	b := make([]byte, len(list))
	for i, v := range list {
		b[i] = byte(v)
	}
	return string(b)
}

// It fails if an event is packed as another one.
func TestHTMLHasAllEvents(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	c := unpacked(t, htmlPage(t, trace, Page{}))
	var meta pageMeta
	if err := json.Unmarshal([]byte(asText(c["meta"])), &meta); err != nil {
		t.Fatal(err)
	}
	texts, next, at := strings.Split(asText(c["texts"]), "\n"), uint32(1), uint64(0)
	for i := range trace.Len() {
		want := trace.Event(uint64(i + 1))
		at += uint64(c["atLo"][i]) | uint64(c["atHi"][i])<<32
		text := uint32(0)
		if back := c["text"][i]; back > 0 {
			if text = next - back + 1; text == next {
				next++
			}
		}
		cause := uint64(0)
		if back := c["cause"][i]; back > 0 {
			cause = uint64(i + 1 - int(back))
		}
		if at != uint64(want.At) || texts[text] != want.Text || cause != want.Cause || sim.Kind(c["kind"][i]) != want.Kind ||
			trace.name(uint16(c["node"][i])) != want.Node || trace.name(uint16(c["peer"][i])) != want.Peer ||
			meta.Names[c["typ"][i]] != want.Type || meta.Names[c["reason"][i]] != want.Reason {
			t.Fatalf("event %+v is packed as text %q, cause %d, at %d", want, texts[text], cause, at)
		}
	}
	if len(c["changeSeq"]) != len(trace.changes) || len(c["skewSeq"]) != 1 || int32(c["skewHi"][0]) != -1 {
		t.Errorf("%d changes of states, want %d; skews %v", len(c["changeSeq"]), len(trace.changes), c["skewHi"])
	}
}

// It fails if what a run says becomes a part of the page: a message may say anything.
func TestHTMLEscapes(t *testing.T) {
	trace := recorded(t, counting(2), Window{}, "")
	trace.Scenario = `</title><script>alert("1")</script>`
	trace.texts[trace.text[2]] = "</script>\n<b>"
	text := htmlPage(t, trace, Page{Replay: `</script>`})
	if strings.Contains(text, "alert(\"1\")") || strings.Count(text, "</script>") != 2 {
		t.Errorf("what the run says is in the page: %s", text[:400])
	}
	if got := asText(unpacked(t, text)["texts"]); !strings.Contains(got, "\n</script> <b>\n") {
		t.Errorf("the text is packed as %q", got)
	}
}

// It fails if the page does not open where the run went wrong, or where it is told to.
func TestHTMLOpensAtTheViolation(t *testing.T) {
	trace := recorded(t, counting(2), Window{}, "")
	trace.Verdict.Outcome, trace.Verdict.Property, trace.Verdict.Why = sim.Violated, "agreement", "two values"
	trace.Verdict.Violations = []sim.Violation{{Property: "backed", Seq: 3}, {Property: "agreement", Seq: 7}}
	for event, want := range map[uint64]uint64{0: 7, 5: 5} {
		if got := metaOf(trace, Page{Event: event}, nil); got.OpensAt != want || got.Why != "agreement: two values" || got.Verdict != "violated agreement" {
			t.Errorf("with event %d the page opens at %d, with %q, %q", event, got.OpensAt, got.Verdict, got.Why)
		}
	}
}

// A small disk takes so many bytes and no more.
type smallDisk struct{ room int }

var errNoRoom = errors.New("no space left")

func (f *smallDisk) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errNoRoom
	}
	return len(p), nil
}

// It fails if an error of the writer is lost, wherever it strikes.
func TestHTMLWriteErrors(t *testing.T) {
	trace := recorded(t, counting(1000), Window{}, "")
	size := len(htmlPage(t, trace, Page{}))
	for _, room := range []int{0, 5000, size / 2, size - 1} {
		if err := HTML(&smallDisk{room}, trace, Page{}); !errors.Is(err, errNoRoom) {
			t.Errorf("with room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := HTML(&smallDisk{size}, trace, Page{}); err != nil {
		t.Error(err)
	}
}
