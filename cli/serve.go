package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"simrun/search"
	"simrun/sim"
	"simrun/view"
)

// A run is served by what draws it into a file, and by one thing more: the page may ask for the states after any event, which are found by making the run
// again up to there. So a run of any length opens at once.

// defaultListen is where a page is served unless somebody asks for another place: a port that is free, on this machine alone.
const defaultListen = "127.0.0.1:0"

// checkServe refuses what does not go with --serve.
func (f *showFlags) checkServe() error {
	switch {
	case f.out != "":
		return usage("--serve writes no file: leave out --out %s", f.out)
	case f.format != "html":
		return usage("--serve serves the page: leave out --format %s", f.format)
	}
	if _, port, err := net.SplitHostPort(f.listen); err != nil || port == "" {
		return usage("--listen %q: want an address and a port, such as %s", f.listen, defaultListen)
	}
	return nil
}

// serve serves a run that was made until it is interrupted.
func (c *command) serve(s *sim.Scenario, cfg sim.Config, m *made, p picture, listen string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return usage("--listen %s: %v", listen, err)
	}
	defer l.Close()
	if p.trace, err = c.recorded(s, cfg, m, servedStates(m.verdict.Events)); err != nil {
		return err
	}
	if p.beside, err = c.beside(s, cfg, m.verdict); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100) // what a film keeps lives long
	}
	film := view.NewFilm(s, cfg, p.trace)
	defer film.Close()
	x := &server{film: film, ctx: c.ctx, restock: make(chan struct{}, 1)}
	if err := x.draw(p); err != nil {
		return &ending{exitUnknown, fmt.Sprintf("cannot draw the run: %v", err)}
	}
	fmt.Fprintf(c.out, "http://%s/\n", l.Addr())
	c.out.Flush()
	c.warn("serving %s events until it is interrupted; the states after an event as JSON: state/EVENT", view.Number(uint64(p.trace.Len())))
	h := &http.Server{Handler: onlyHere(x.routes()), ReadHeaderTimeout: 10 * time.Second}
	done := context.AfterFunc(c.ctx, func() { h.Close() })
	defer done()
	go x.restocks()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return &ending{exitUnknown, fmt.Sprintf("cannot serve any longer: %v", err)}
	}
	return nil
}

// servedStates is the window of events in which the states of a run that is served are recorded: all, or none of a long run, since they can be asked for.
func servedStates(events uint64) view.Window {
	if events <= filmedFrom {
		return view.Window{}
	}
	return view.Window{From: events + 2} // of the last event, and of that before, there is none
}

// filmedFrom is up to how many events all states are recorded before anybody has asked for one.
const filmedFrom = 2000

// recorded records a run that was made, with the states in a window.
func (c *command) recorded(s *sim.Scenario, cfg sim.Config, m *made, states view.Window) (*view.Trace, error) {
	if m.diverged != nil {
		return nil, diverged(m.diverged)
	}
	t, err := view.Record(c.ctx, s, cfg, states)
	switch {
	case err != nil:
		return nil, c.notRecorded(err)
	case t.Verdict.Hash != m.verdict.Hash:
		return nil, diverged(&search.Divergence{Seed: cfg.Seed, Hashes: [2]uint64{m.verdict.Hash, t.Verdict.Hash}})
	}
	return t, nil
}

// A server answers for one run.
type server struct {
	film    *view.Film
	page    []byte
	ctx     context.Context
	restock chan struct{} // somebody has looked, and the film may want to prepare for the next look
}

// draw makes the page.
func (x *server) draw(p picture) error {
	var b strings.Builder
	page := p.page()
	page.Served = true
	err := view.HTML(&b, p.trace, page)
	x.page = []byte(b.String())
	return err
}

// routes says what is where.
func (x *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(x.page)
	})
	mux.HandleFunc("GET /state/{event}", x.state)
	return mux
}

// onlyHere refuses a request that names another machine: a page of somebody else's, to whose name this machine's address was given, is not to read what is served here.
func onlyHere(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "this page is served under its address alone, not as "+host, http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// A stateRecord is what "state/EVENT" answers.
type stateRecord struct {
	Event   uint64         `json:"event"`
	AtNS    int64          `json:"at_ns"`
	Nodes   []nodeRecord   `json:"nodes"`
	Changes []changeRecord `json:"changes"` // what the event changed
}

// A nodeRecord is a node after an event; a line whose path starts with "disk: " is a file that its disk would still have after a power failure.
type nodeRecord struct {
	Node   string       `json:"node"`
	State  []lineRecord `json:"state"`
	SkewNS int64        `json:"skew_ns"` // by how much its wall clock is ahead of true time
}

// A lineRecord is a part of a state.
type lineRecord struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// A changeRecord is how one line of a state changed; "" where there is none.
type changeRecord struct {
	Node   string `json:"node"`
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// state answers with the states after an event.
func (x *server) state(w http.ResponseWriter, r *http.Request) {
	events := uint64(x.film.Trace.Len())
	seq, err := strconv.ParseUint(r.PathValue("event"), 10, 64)
	if err != nil || seq < 1 || seq > events {
		http.Error(w, fmt.Sprintf("there is no event %s: the run has events 1 to %s", r.PathValue("event"), view.Number(events)), http.StatusNotFound)
		return
	}
	rec, err := stateRecordOf(r.Context(), x.film, seq)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(rec)
	select {
	case x.restock <- struct{}{}:
	default:
	}
}

// stateRecordOf asks a film for all that is known after an event.
func stateRecordOf(ctx context.Context, f *view.Film, seq uint64) (*stateRecord, error) {
	rec := &stateRecord{Event: seq, AtNS: int64(f.Trace.Event(seq).At), Changes: []changeRecord{}}
	for _, id := range f.Trace.Nodes {
		lines, err := f.State(ctx, id, seq)
		if err != nil {
			return nil, err
		}
		by, err := f.Skew(ctx, id, seq)
		if err != nil {
			return nil, err
		}
		n := nodeRecord{Node: string(id), SkewNS: int64(by), State: []lineRecord{}}
		for _, l := range lines {
			n.State = append(n.State, lineRecord(l))
		}
		rec.Nodes = append(rec.Nodes, n)
	}
	diff, err := f.Changes(ctx, seq)
	for _, d := range diff {
		rec.Changes = append(rec.Changes, changeRecord{string(d.Node), d.Path, d.Before, d.After})
	}
	return rec, err
}

// restocks prepares the film for the next look after each one.
func (x *server) restocks() {
	for {
		select {
		case <-x.ctx.Done():
			return
		case <-x.restock:
			if x.film.Restock(x.ctx) != nil {
				return // whoever looks is told
			}
		}
	}
}
