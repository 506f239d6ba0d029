package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"simrun/cli"
)

// A served run is one that show --serve serves.
type servedRun struct {
	t      *testing.T
	url    string
	stop   func() (code int, stderr string) // interrupts it
	events uint64
}

// serveRun starts show --serve for a run of so many additions in so much virtual time, with more arguments.
func serveRun(t *testing.T, adds int, virtual string, args ...string) *servedRun {
	t.Helper()
	r, _, _ := with(t, counter(), "run", "counter", "--seed", "7", "--set", fmt.Sprint("adds=", adds), "--for", virtual)
	ctx, interrupt := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr strings.Builder
	ended := make(chan int, 1)
	go func() {
		code := cli.Run(ctx, append([]string{"show", r.Token, "--serve"}, args...), in, &stderr, scenarios()...)
		in.Close()
		ended <- code
	}()
	stopped := false
	s := &servedRun{t: t, events: r.Events}
	s.stop = func() (int, string) {
		interrupt()
		if stopped {
			return 0, ""
		}
		stopped = true
		return <-ended, stderr.String()
	}
	t.Cleanup(func() { s.stop() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if s.url = strings.TrimSpace(line); err != nil || !strings.HasPrefix(s.url, "http://127.0.0.1:") || !strings.HasSuffix(s.url, "/") {
		code, text := s.stop()
		t.Fatalf("served at %q, %v; exit code %d, %s", line, err, code, text)
	}
	return s
}

// get asks for a page under a host's name.
func (s *servedRun) get(method, path, host string) (status int, body string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Host = host
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// A servedState is the part of an answer that tests look at.
type servedState struct {
	Event uint64
	AtNS  int64 `json:"at_ns"`
	Nodes []struct {
		Node  string
		State []struct{ Path, Value string }
	}
	Changes []struct{ Node, Path, Before, After string }
}

// Fails if the page is not there, if the states after an event are not those of the run, in a short one or in one that carries none, if what is not there is not told
// in a line, if somebody under another name is answered, or if an interrupt does not end it well.
func TestServe(t *testing.T) {
	for adds, virtual := range map[int]string{20: "2s", 1000: "60s"} {
		s := serveRun(t, adds, virtual)
		if status, body := s.get("GET", "", ""); status != 200 || !strings.Contains(body, "<title>counter seed 0x7: ok</title>") {
			t.Errorf("the page: status %d, %.200s", status, body)
		}
		status, body := s.get("GET", fmt.Sprint("state/", s.events), "localhost:1234")
		var last servedState
		if err := json.Unmarshal([]byte(body), &last); err != nil || status != 200 || last.Event != s.events || last.AtNS == 0 || len(last.Nodes) != 2 {
			t.Fatalf("the last event: status %d, %v: %s", status, err, body)
		}
		want := fmt.Sprintf("[{dedupe true} {last %d} {total %[1]d}]", adds)
		if n := last.Nodes[1]; n.Node != "server" || fmt.Sprint(n.State) != want {
			t.Errorf("after the last event there is %v, want %s", n, want)
		}
		if short := s.events < 2000; short != (adds == 20) {
			t.Errorf("%d additions make %d events: the one run should be short, and the other not", adds, s.events)
		}
		changes := 0
		for seq := uint64(40); seq < 60; seq++ {
			var at servedState
			_, body := s.get("GET", fmt.Sprint("state/", seq), "")
			if err := json.Unmarshal([]byte(body), &at); err != nil {
				t.Fatal(err)
			}
			changes += len(at.Changes)
			for _, c := range at.Changes {
				if c.Before == "" || c.Before == c.After {
					t.Errorf("event %d changes %+v", seq, c)
				}
			}
		}
		if changes == 0 {
			t.Errorf("twenty events changed nothing")
		}
		for _, c := range []struct {
			method, path, host string
			status             int
			text               string
		}{
			{"GET", "state/0", "", 404, "there is no event 0: the run has events 1 to "}, {"GET", "state/x", "", 404, "there is no event x"},
			{"GET", "state/999999", "", 404, "there is no event 999999"}, {"GET", "etc/passwd", "", 404, ""}, {"POST", "state/1", "", 405, ""},
			{"GET", "", "example.com", 403, "under its address alone, not as example.com"}, {"GET", "state/1", "example.com:80", 403, "not as example.com"},
		} {
			if status, body := s.get(c.method, c.path, c.host); status != c.status || !strings.Contains(body, c.text) {
				t.Errorf("%s %s of %q: status %d, %s", c.method, c.path, c.host, status, body)
			}
		}
		if code, stderr := s.stop(); code != 0 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, " events until it is interrupted") {
			t.Errorf("interrupted it ends with %d: %s", code, stderr)
		}
	}
}

// Fails if an address that is taken is no error, or another address than the one asked for is used.
func TestServeElsewhere(t *testing.T) {
	s := serveRun(t, 5, "1s")
	taken := strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/")
	r, _, _ := with(t, counter(), "run", "counter", "--seed", "7")
	if code, out, stderr := call(context.Background(), "show", r.Token, "--serve", "--listen", taken); code != 2 || out != "" || !strings.Contains(stderr, "simrun: --listen "+taken+": ") {
		t.Errorf("a taken address: exit code %d, %s%s", code, out, stderr)
	}
	if other := serveRun(t, 5, "1s", "--listen", "127.0.0.1:0"); other.url == s.url {
		t.Errorf("two runs are served at %s", s.url)
	}
}

// Fails if a page that was served cannot show a state that it does not carry, does not say that it cannot be had any more, or leaves the reason there for ever.
func TestServedPageAsksForStates(t *testing.T) {
	if testing.Short() {
		t.Skip("short: no browser is started")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium was found: install the package chromium to test the page in a browser")
	}
	s := serveRun(t, 1000, "60s")
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	wait := func(expression string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
			t.Fatalf("waiting for %s: %v", expression, err)
		}
	}
	state, page := "(document.getElementById('state')?.innerText ?? '')", "document.getElementById('page').innerText"
	if err := chromedp.Do(ctx, chromedp.Navigate(s.url+"#event=2000")); err != nil {
		t.Fatal(err)
	}
	wait(state + " !== ''")
	for range 6 { // over a whole step of the counter, which one of these events changes
		if err := chromedp.Do(ctx, chromedp.KeyEvent("j")); err != nil {
			t.Fatal(err)
		}
		wait(state + " !== ''")
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](state))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "+\ntotal\n") && strings.Contains(text, "−\ntotal\n") {
			s.stop()
			if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void]("location.hash = '#event=99'")); err != nil {
				t.Fatal(err)
			}
			wait(page + ".includes('Is the command that serves this page still running?')")
			return
		}
	}
	t.Error("no event was seen to change the counter's total")
}
