package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"simrun/protocols/paxos"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// storyLines is how long the drawing of a failure may be.
const storyLines = 40

// storyOf draws the story of a run, and fails the test if it has no room.
func storyOf(t *testing.T, s *sim.Scenario, f seedfile.File) string {
	t.Helper()
	cfg, err := f.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := view.Record(context.Background(), s, cfg, view.Window{})
	if err != nil {
		t.Fatal(err)
	}
	var end uint64
	for _, v := range trace.Verdict.Violations {
		if v.Property == trace.Verdict.Property {
			end = v.Seq
		}
	}
	var b strings.Builder
	if err := view.Diagram(&b, trace.Story(end, storyLines), view.Hints{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > storyLines {
		t.Errorf("the drawing has %d lines, more than %d", n, storyLines)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > view.Width {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
	return b.String()
}

// inOrder returns the first of some texts that does not stand behind those before it, or "".
func inOrder(drawing string, texts []string) string {
	drawing = strings.Join(strings.Fields(strings.NewReplacer("│", " ", "┊", " ").Replace(drawing)), " ") // what goes on in a second line is whole again
	for _, text := range texts {
		_, rest, ok := strings.Cut(drawing, text)
		if !ok {
			return text
		}
		drawing = rest
	}
	return ""
}

// It fails if the drawing of the smallest run in which an acceptor answers before it syncs does not fit, or does not tell what everybody who knows Paxos
// wants to know: who promised what, what was on no disk, what the crash made the acceptor forget, who accepted what, and the two values that were chosen.
func TestStoryOfAForgottenPromise(t *testing.T) {
	s := paxos.Scenario()
	options, err := s.ParseOptions([]string{"durable=false"})
	if err != nil {
		t.Fatal(err)
	}
	given, _, err := search.Explicit(s, sim.Config{Seed: 0x32, Options: options, Only: "agreement"})
	if err != nil {
		t.Fatal(err)
	}
	small, err := search.Shrink{Case: given, Property: "agreement", Runs: 2000}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	drawing := storyOf(t, s, small.File())
	want := []string{
		"p1 proposed A", "p2 proposed B", "p1→a1 Prepare{1.1} promised 1.1", "bytes unsynced", "p2→a1 Prepare{1.2} promised 1.1 → 1.2", "FAULT crash a1: lost",
		"a1 starts life 2 forgot promised 1.2", "Accept{1.1 A} promised 1.1, accepted 1.1", "Accept{1.2 B}", "p1 Chosen{1.1 A}", "p2 Chosen{1.2 B}",
	}
	if missing := inOrder(drawing, want); missing != "" {
		t.Errorf("%q is missing, or not where it belongs, in\n%s", missing, drawing)
	}
}

// It fails if the story of a failure leaves out what its file says that it is about.
func TestStoriesOfFailures(t *testing.T) {
	for file, want := range map[string][]string{
		"paxos/one-liar":                  {"Accept{1.1 A} accepted none → 1.1", "p1 Chosen{1.1 A}", "has 1.1 A'} by a liar", "Value B → A'", "p2 Chosen{1.2 A'}"},
		"2pc/vote-not-forced":             {"CanCommit{T1}", "voted", "p2→c is sent: Vote{T1 yes} 49 bytes unsynced", "FAULT crash p2", "c T1 committed", "starts life 2 forgot", "voted", "state unknown → aborted", "p2 T1 aborted"},
		"2pc/heuristic":                   {"p2 T1 voted yes", "c T1 committed", "c→p2 lost (planned): Decision{T1 commit}", "p2 timer overdue{T1} state prepared → aborted", "p2 T1 aborted"},
		"2pc/blocked":                     {"FAULT crash c", "FAULT crash p3", "p1→c lost (down): GetDecision{T1} 11th time"},
		"3pc/partition":                   {"FAULT cut", "lost (cut): PreCommit{T1}", "c timer overdue{T1 wait 2} state p → c", "c T1 committed", "state w → a", "p1 T1 aborted"},
		"3pc/late-message":                {"c→p1 is sent: PreCommit{T1} still on its way", "c T1 committed", "p1 T1 aborted"},
		"3pc-quorum/quorum-too-small":     {"state wait → pre-commit", "lost (cut): PreCommit{T1 in 1.c}", "c T1 committed", "state wait → aborted", "p1 T1 aborted"},
		"bank/early-release":              {"s1→k2 Done{T2 #1 }", "s2 T2 read a2 of T1: 105", "k2 T2 found 205"},
		"broadcast/believed":              {"Initial{p1#1 A'} by a liar, delivered", "p2 p1#1: delivered A'", "Initial{p1#1 A} by a liar, delivered"},
		"chandy-lamport/token-unseen":     {"p1→p2 Token{1} token", "p1 recorded for p1#1: no token", "p2→p1 Token{0}", "p2 recorded for p1#1: no token", "complete"},
		"lai-yang/late-white-not-kept":    {"p1 recorded for p1#1: no token", "p2 recorded for p1#1: no token", "p2 late for p1#1 from p1: Token{1}", "p1 complete"},
		"independent/early-output":        {"p1 output 1", "p2→p1 Note{1}", "FAULT crash p1", "p1 restored at 2"},
		"koo-toueg/sent-early":            {"p1 recorded for p1 C1.1", "MakePermanent{p1 C1.1}", "p2 made p1 C1.1 permanent"},
		"chandy-lamport/marker-overtaken": {"recorded for p1#1", "complete"},
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("../../seeds/" + file + ".seed")
			if err != nil {
				t.Fatal(err)
			}
			f, err := seedfile.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range scenarios() {
				if s.Name == f.Scenario {
					if drawing := storyOf(t, s, f); inOrder(drawing, want) != "" {
						t.Errorf("%q is missing in\n%s", inOrder(drawing, want), drawing)
					}
				}
			}
		})
	}
}
