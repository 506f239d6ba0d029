package zoo

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// shows is a bug that every tenth seed or so shows, as long as nodes crash; with a crash in which nothing is lost it is a sixth as often, and without losses of messages ten times as often.
func shows(seed uint64, profile string) bool {
	x := (seed + 1) * 0x9e3779b97f4a7c15
	x ^= x >> 29
	x = (x * 0xbf58476d1ce4e5b9) >> 33
	switch {
	case strings.Contains(profile, "crash=off"):
		return false
	case strings.Contains(profile, "crash.loses=0%"):
		return x%60 == 0
	case strings.Contains(profile, "loss=off"):
		return x%10 < 9
	}
	return x%10 == 0
}

// needOf asks what it needs.
func needOf(b *Bug) Need {
	return Need{Bug: b, Hits: 10, Times: 30, Budget: 5000, Workers: 3,
		Try: func(_ context.Context, b *Bug, t Trial) (r Result, err error) {
			for seed := t.From; seed < t.To; seed++ {
				if shows(seed, t.Profile) {
					r.Outer = &Seen{Seed: seed, Property: b.Breaks}
					break
				}
			}
			return r, nil
		},
		Draws: func(_ *Bug, _, without string) (bool, error) { return without != "swarm:betray=off", nil },
	}
}

// Fails if what a bug needs, what helps it and what hinders it are not told apart, or if what its header says stands though it is not so.
func TestNeeds(t *testing.T) {
	b := mustParse(t, strings.Replace(head, "needs: crash", "needs: loss, duplicate|wipe", 1)+diff)
	n := needOf(b)
	parts := 0
	var mu sync.Mutex
	n.Done = func(done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if parts++; done != parts || total != len(Groups())+1 {
			t.Errorf("%d of %d parts are done, and it is call %d", done, total, parts)
		}
	}
	got, err := n.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got.Profile != "swarm" || got.All.Hits != 10 || got.All.Seeds < 50 || got.All.Seeds > 200 || parts != len(Groups())+1 {
		t.Errorf("%+v of %d parts", got.All, parts)
	}
	for _, p := range got.Parts {
		want := map[string]Finding{"crash": Needed, anyFault: Needed, "lost-bytes": Helps, "loss": Hinders, "byzantine": NotDrawn}[p.Group.Name]
		if want == "" {
			want = Nothing
		}
		if p.Finding != want || p.Header != (p.Group.Name == "loss" || p.Group.Name == "duplicate or wipe") {
			t.Errorf("%s: %s, %+v, in the header %v; want %s", p.Group.Name, p.Finding, p.Rate, p.Header, want)
		}
		if want == Needed && (p.Hits != 0 || float64(p.Seeds) < 30*got.All.Each()) {
			t.Errorf("%s: it is said after %d seeds, where one takes %.0f", p.Group.Name, p.Seeds, got.All.Each())
		}
	}
	text := strings.Join(got.Differs, "\n")
	for _, want := range []string{"it needs crash, and the header does not say so", "the header says that it needs loss, and it shows without: 10 of ", "needs duplicate or wipe, and it shows without: "} {
		if !strings.Contains(text, want) || len(got.Differs) != 3 {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	n.Workers, n.Done = 1, nil
	if again, err := n.Run(context.Background()); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("one worker comes to something else: %+v, %v", again, err)
	}
	b.Needs = []string{"crash"}
	if got, err := n.Run(context.Background()); err != nil || len(got.Differs) > 0 {
		t.Errorf("what is so is said to differ: %q, %v", got.Differs, err)
	}
	b.Needs = []string{"crash", "byzantine"}
	if got, err := n.Run(context.Background()); err != nil || !reflect.DeepEqual(got.Differs, []string{"the header says that it needs byzantine, which is never drawn"}) {
		t.Errorf("what is never drawn: %q, %v", got.Differs, err)
	}
}

// Fails if a group is said to be needed only since it holds one that is: without crashes no disk is wiped.
func TestNeedsTheSmaller(t *testing.T) {
	out := &Needs{Bug: &Bug{}}
	for _, name := range []string{"stale", "linger", "reorder", "crash"} {
		g, _ := groupOf([]string{name})
		out.Parts = append(out.Parts, Part{Group: g, Finding: Needed})
	}
	out.compare()
	if want := []string{"it needs stale, and the header does not say so", "it needs crash, and the header does not say so"}; !reflect.DeepEqual(out.Differs, want) {
		t.Errorf("got  %q\nwant %q", out.Differs, want)
	}
}

// A bug that any of several faults brings about needs no single one. Fails if it is said to need none, if late messages count as a fault there, or if that differs from a header which names
// the several.
func TestNeedsOneOfSeveral(t *testing.T) {
	for header, want := range map[string][]string{"": {"it needs any fault, and the header does not say so"}, "needs: crash|cut": nil, "needs: linger|crash|cut": nil} {
		n := needOf(mustParse(t, strings.Replace(head, "needs: crash\n", strings.TrimPrefix(header+"\n", "\n"), 1)+diff))
		n.Try = func(_ context.Context, b *Bug, t Trial) (r Result, err error) {
			if strings.Contains(t.Profile, "law.long-tail=0") && strings.Contains(t.Profile, "loss=off") {
				return r, errors.New("late messages are left out with losses")
			}
			if from := (t.From + 1) / 2 * 2; from < t.To && !(strings.Contains(t.Profile, "crash=off") && strings.Contains(t.Profile, "cut=off")) {
				r.Outer = &Seen{Seed: from, Property: b.Breaks}
			}
			return r, nil
		}
		if got, err := n.Run(context.Background()); err != nil || !reflect.DeepEqual(got.Differs, want) {
			t.Errorf("%q: %q, %v; want %q", header, got.Differs, err, want)
		}
	}
}

// Fails if it is called a fault that messages take different times, or if a header that says so is not heard.
func TestDelaysAreNoFault(t *testing.T) {
	out := &Needs{}
	for _, g := range Groups() {
		if g.Name == "delays" {
			out.Parts = []Part{{Group: g, Finding: Needed}}
		}
	}
	if out.compare(); len(out.Parts) != 1 || len(out.Differs) > 0 {
		t.Errorf("%d parts, %q", len(out.Parts), out.Differs)
	}
	b := mustParse(t, strings.Replace(head, "needs: crash", "needs: reorder", 1)+diff)
	got, err := needOf(b).Run(context.Background())
	if err != nil || len(got.Parts) != len(Groups()) || len(got.Differs) != 2 || !strings.Contains(got.Differs[1], "the header says that it needs delays, and it shows without") {
		t.Errorf("%d parts, %q, %v", len(got.Parts), got.Differs, err)
	}
}

// Fails if something is told that chance might have done. Ten hits beside none in as many seeds come by chance once in 1,024 cases, five once in 32.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		all, without Rate
		want         Finding
	}{
		{Rate{10, 1000}, Rate{0, 1000}, Needed},
		{Rate{5, 1000}, Rate{0, 1000}, Unsure},
		{Rate{2, 100}, Rate{0, 1000}, Unsure}, // 1/11 squared is 0.008
		{Rate{3, 100}, Rate{0, 1000}, Needed},
		{Rate{10, 1000}, Rate{10, 1000}, Nothing},
		{Rate{10, 1000}, Rate{10, 2000}, Nothing},
		{Rate{10, 1000}, Rate{10, 6000}, Helps},
		{Rate{10, 1000}, Rate{10, 100}, Hinders},
		{Rate{10, 1000}, Rate{10, 600}, Nothing},
	} {
		if got := find(c.all, c.without); got != c.want {
			t.Errorf("%+v beside %+v: %s, want %s", c.without, c.all, got, c.want)
		}
	}
	if few, many := tails(10, 0, 0.5); few != 1.0/1024 || many < 0.9999 {
		t.Errorf("none of ten by chance: %v, at least none: %v", few, many)
	}
}

// Fails if a bug that no seed shows gets findings, or if an error or an interrupt is taken for "not found".
func TestNeedsOfNobody(t *testing.T) {
	n := needOf(mustParse(t, head+diff))
	n.Try = func(context.Context, *Bug, Trial) (Result, error) { return Result{}, nil }
	if got, err := n.Run(context.Background()); err != nil || got.All != (Rate{0, 5000}) || got.Parts[0].Finding != "" || len(got.Differs) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	broken := errors.New("broken")
	calls := 0
	n = needOf(n.Bug)
	try := n.Try
	n.Workers = 1
	n.Try = func(ctx context.Context, b *Bug, t Trial) (Result, error) {
		if calls++; calls > 15 {
			return Result{}, broken
		}
		return try(ctx, b, t)
	}
	if _, err := n.Run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("a try that fails: %v", err)
	}
	n = needOf(n.Bug)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := n.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	for _, bad := range []Need{{Hits: 1, Times: 2, Budget: 1}, {Hits: 2, Times: 1, Budget: 1}, {Hits: 2, Times: 2}} {
		bad.Bug = n.Bug
		if _, err := bad.Run(context.Background()); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
