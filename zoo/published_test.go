package zoo

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func measured() (Zoo, []Score) {
	a := &Bug{Name: "a/a", Breaks: "agreement", Patch: "+x\n", Title: "a counts", Also: []Also{{"validity", "so"}}}
	b := &Bug{Name: "a/b", Breaks: "validity", Patch: "+y\n", Title: "b counts", Needs: []string{"crash"}}
	c := &Bug{Name: "b/c", Breaks: "agreement", Masked: "nobody", Patch: "+z\n"}
	scores := []Score{
		scored(a, "", 1000, 40, 50, 60), scored(a, "calm", 1000, 340, 0, 340),
		scored(b, "", 1000, 0, 0, 0), scored(b, "calm", 1000, 0, 0, 0),
		scored(c, "", 1000, 0),
	}
	scores[0].Results[1].Inner = &Seen{Seed: 1e6, Property: "backed"}
	scores[0].Small = &Small{Faults: 1, Nodes: 3, Events: 9, Token: "s2-x"}
	scores[2].Hard = true
	return Zoo{a, b, c, {Name: "b/new", Breaks: "agreement", Patch: "+n\n"}}, scores
}

// Fails if what is written is not what is read: the tables made of a file must be those of the measurement.
func TestPublishedFile(t *testing.T) {
	z, scores := measured()
	var file, want, got strings.Builder
	if err := Publish(scores, 1e6, 3, "abc").Write(&file); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPublished(fstest.MapFS{PublishedFile: {Data: []byte(file.String())}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Scores(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := Table(&want, append(scores, Score{Bug: z[3]})); err != nil {
		t.Fatal(err)
	}
	if err := Table(&got, again); err != nil || got.String() != want.String() {
		t.Errorf("%v: got\n%s\nwant\n%s", err, got.String(), want.String())
	}
	if last := again[len(again)-1]; last.Bug.Name != "b/new" || len(last.Results) != 0 {
		t.Errorf("what was not measured is %+v", last)
	}
	if strings.Count(file.String(), "\n") != 2+3 {
		t.Errorf("not a line a bug:\n%s", file.String())
	}
	if got := p.About(); got != "Measured in up to 3 ranges of 1,000,000 seeds for each of 3 bugs, at commit `abc`." {
		t.Errorf("it says %q", got)
	}
}

// Fails if what an interrupted measurement has too little of is published, or what it has enough of is lost.
func TestPublishInterrupted(t *testing.T) {
	z, scores := measured()
	for i := range scores {
		scores[i].Whole = false
	}
	few := scored(z[3], "", 1000, 7, 7)
	few.Whole = false
	p := Publish(append(scores, few), 1e6, 20, "")
	var got []string
	for _, m := range p.Bugs {
		for _, o := range m.Under {
			got = append(got, m.Bug+" "+o.Profile)
		}
	}
	if want := "a/a swarm, a/b swarm"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	scores[4].Whole = true // a masked patch is tried in one range
	if p := Publish(scores, 1e6, 20, ""); len(p.Bugs) != 3 {
		t.Errorf("the masked one is missing: %+v", p.Bugs)
	}
}

// Fails if a score of another patch passes for that of this one, or line numbers make it another.
func TestStaleScores(t *testing.T) {
	z, scores := measured()
	p := Publish(scores, 1e6, 3, "")
	for patch, stale := range map[string]bool{"@@ -7,3 +7,3 @@\n here\n+x\n": false, "+xx\n": true, "-x\n": true} {
		z[0].Patch = patch
		again, err := p.Scores(z)
		if err != nil || again[0].Stale != stale || again[2].Stale || strings.Contains(ranges(&again[0]), "†") != stale {
			t.Errorf("%v, %q: stale %t, of another %t", err, patch, again[0].Stale, again[2].Stale)
		}
	}
	z[1].Set = []string{"clerks=3"}
	if again, err := p.Scores(z); err != nil || !again[2].Stale {
		t.Errorf("%v: other settings, and the score is taken for one of these", err)
	}
}

// Fails if new scores do not take the place of old ones of the same bug, if others are lost, or if what was measured otherwise is put beside them.
func TestPublishedTake(t *testing.T) {
	z, scores := measured()
	p := Publish(scores, 1e6, 3, "abc")
	if _, err := p.Take(Publish([]Score{scored(z[3], "", 1000, 7), scored(z[0], "", 1000, 9, 9, 9)}, 1e6, 3, "def")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range p.Bugs {
		names = append(names, m.Bug+" "+m.Commit)
	}
	if got, want := strings.Join(names, ", "), "a/a def, a/b abc, b/c abc, b/new def"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := p.About(); !strings.Contains(got, "`def` (2), `abc` (2)") {
		t.Errorf("it says %q", got)
	}
	before := *p
	for _, other := range []*Published{Publish(scores, 1e5, 3, ""), Publish(scores, 1e6, 4, "")} {
		if _, err := p.Take(other); err == nil || !reflect.DeepEqual(before, *p) {
			t.Errorf("%v: ranges of %d seeds, %d of them, were put beside others", err, other.Budget, other.Ranges)
		}
	}
}

// Fails if a token of hundreds of thousands of bytes is published, if a short one is not, or if the score that it came from loses it.
func TestPublishLongToken(t *testing.T) {
	z, _ := measured()
	for n, want := range map[int]int{longestToken: longestToken, longestToken + 1: 0} {
		s := scored(z[0], "", 1000, 7)
		s.Small = &Small{Faults: 3, Token: strings.Repeat("x", n)}
		p := Publish([]Score{s}, 1e6, 1, "")
		if got := p.Bugs[0].Small; len(got.Token) != want || got.Faults != 3 || len(s.Small.Token) != n {
			t.Errorf("of a token of %d bytes %d are kept, and %d stay", n, len(got.Token), len(s.Small.Token))
		}
	}
}

// Fails if an interrupted measurement takes the place of a longer one of the same patch, or does not take that of a shorter one, or of one of another patch.
func TestPublishedStays(t *testing.T) {
	z, _ := measured()
	of := func(commit string, whole bool, seeds ...uint64) *Published {
		s := scored(z[0], "", 1000, seeds...)
		s.Whole = whole
		return Publish([]Score{s}, 1e6, 20, commit)
	}
	old := func() *Published { return of("old", true, 1, 2, 3, 4, 5) }
	if z[0].Patch == "" {
		t.Fatal("the bug has no patch")
	}
	for _, x := range []struct {
		more *Published
		want string
	}{
		{of("new", false, 7, 7, 7), "old"}, {of("new", true, 7, 7, 7), "new"}, {of("new", false, 7, 7, 7, 7, 7), "new"}, {of("new", false, 7, 7, 7, 7, 7, 7), "new"},
	} {
		p := old()
		stay, err := p.Take(x.more)
		if err != nil || len(p.Bugs) != 1 || p.Bugs[0].Commit != x.want || (len(stay) > 0) != (x.want == "old") {
			t.Errorf("%v: of %d ranges in the place of five there is %s; %q stay", err, x.more.Bugs[0].ranges(), p.Bugs[0].Commit, stay)
		}
	}
	p := old()
	z[0].Patch = "+another\n"
	if stay, err := p.Take(of("new", false, 7, 7, 7)); err != nil || len(stay) > 0 || p.Bugs[0].Commit != "new" {
		t.Errorf("%v: of another patch %s is there, and %q stay", err, p.Bugs[0].Commit, stay)
	}
}

// Fails if a broken file is taken.
func TestPublishedErrors(t *testing.T) {
	const row = `{"budget":9,"ranges":1,"bugs":[{"bug":"a/a","mark":"","under":[{"profile":"swarm","budget":9,"outer":["1 x"],"inner":["-"]}]}]}`
	if _, err := ReadPublished([]byte(row)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][3]string{
		{`{"budget"`, `["budget"`, "it is no file of scores"},
		{`"a/a"`, `""`, "a row lacks its bug"},
		{`"under":[`, `"under":[],"x":[`, "or what was measured"},
		{`"1 x"`, `"x"`, `a/a under swarm: "x" is no number of seeds and a property`},
		{`"1 x"`, `"10 x"`, `"10 x" is no number`},
		{`"1 x"`, `"0 x"`, `"0 x" is no number`},
		{`["-"]`, `[]`, "not as many inner as outer ones"},
	} {
		if _, err := ReadPublished([]byte(strings.Replace(row, change[0], change[1], 1))); err == nil || !strings.Contains(err.Error(), change[2]) {
			t.Errorf("%s for %s: got %v, want %s", change[1], change[0], err, change[2])
		}
	}
	if _, err := OpenPublished(fstest.MapFS{PublishedFile: {Data: []byte("{")}}); err == nil || !strings.HasPrefix(err.Error(), PublishedFile+": ") {
		t.Errorf("got %v", err)
	}
	if p, err := OpenPublished(fstest.MapFS{}); err != nil || p.About() != "Nothing has been measured yet." {
		t.Errorf("a module without scores: %v", err)
	}
}

// Fails if what stands around the table is not what the scores say.
func TestBoard(t *testing.T) {
	z, scores := measured()
	scores[4].Stale = true
	scores[0].Results[0].Outer.Property = "validity" // expected
	scores[0].Results[2].Outer.Property = "order"
	var b strings.Builder
	if err := Board(&b, append(scores, Score{Bug: z[3]}), "About it."); err != nil {
		t.Fatal(err)
	}
	want := `- 1 of 2 bugs are found in more than half of their ranges, of 1,000 seeds each.
- Open: a/b.
- 1 more patch is masked: nobody is to see what it does.
- Caught by another property than the header names, in some range at least: a/a.
- \* takes long, so fewer ranges were tried.
- † was measured of another patch than the one that is there now.
- 1 is not measured yet.
- calm takes 6.8× the seeds of swarm in the geometric mean of 1 bug, too few for an interval: more for 1, fewer for 0, as many for 0. Neither finds 1, which do not count.
`
	if _, notes, _ := strings.Cut(b.String(), "\n\n- "); !strings.HasPrefix(b.String(), "About it.\n\n| bug |") || "- "+notes != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	few := scored(z[1], "", 1000, 9, 0, 0)
	if notes := Notes([]Score{few}); len(notes) != 3 || notes[1] != "Open: a/b (found in 1 of 3)." {
		t.Errorf("of one that was found too rarely: %q", notes)
	}
	if !strings.Contains(b.String(), "| order 1× (unexpected) |") && !strings.Contains(b.String(), "order 1× (unexpected), ") && !strings.Contains(b.String(), ", order 1× (unexpected) |") {
		t.Errorf("an unexpected catch has no remark, or an expected one has:\n%s", b.String())
	}
}

// Fails if a line of the short table is not that of its folder, if masked ones count, or what is slow is another.
func TestSummary(t *testing.T) {
	z, scores := measured()
	var b strings.Builder
	if err := Summary(&b, append(scores, scored(z[3], "", 1000, 7, 7, 7)), "About."); err != nil {
		t.Fatal(err)
	}
	want := `| bugs in | bugs | found | seeds | the slowest | calm |
|---|--:|--:|--:|---|--:|
| a | 2 | 1 | >1,000 | b, >1,000 | 6.8× |
| b | 1 | 1 | 7 | new, 7 | – |
| all | 3 | 2 | 50 | b, >1,000 | 6.8× |
`
	if got, rest, _ := strings.Cut(b.String(), "\n\n"); got+"\n" != want || !strings.HasPrefix(rest, "About.\n\ncalm takes 6.8× ") {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := Slowest(&b, append(scores, scored(z[3], "", 1000, 7, 7, 7)), 2); err != nil {
		t.Fatal(err)
	}
	want = `| bug | outer | inner | found | needs | what it is |
|---|--:|--:|--:|---|---|
| a/b | >1,000 | >1,000 | 0 of 3 | crash | b counts |
| a/a | 50 | none | 3 of 3 | no fault: concurrency alone | a counts |
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := Summary(&b, nil, "Nothing."); err != nil || b.String() != "Nothing.\n" {
		t.Errorf("%v, %q", err, b.String())
	}
}
