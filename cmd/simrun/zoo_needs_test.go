package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Fails if zoo needs does not find out that an acceptor which answers before it syncs needs crashes that lose something, and nothing else; if it ends with another exit code than its findings, or if what is wrong on
// its command line is not said in a line.
func TestZooNeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles this program, twice")
	}
	program := filepath.Join(t.TempDir(), "simrun")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := []string{"XDG_CACHE_HOME=" + t.TempDir(), "GOCACHE=" + goCache(t)}
	out, stderr, code := simrunIn(t, program, env, "zoo", "needs", "paxos/acceptance-unsynced", "--hits", "5", "--json")
	var r struct {
		Bug, Profile string
		All          struct{ Hits, Seeds int }
		Groups       []struct {
			Group, Profile, Finding string
			Hits, Seeds             int
			Ratio                   *float64
		}
		Differs []string
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, stderr)
	}
	if r.Bug != "paxos/acceptance-unsynced" || r.Profile != "swarm" || r.All.Hits != 5 || len(r.Groups) < 10 || len(r.Differs) > 0 {
		t.Errorf("%+v", r)
	}
	for _, g := range r.Groups {
		switch needed := g.Group == "crash" || g.Group == "lost-bytes" || g.Group == "any fault"; {
		case (g.Finding == "needed") != needed, needed && (g.Hits > 0 || g.Seeds < 29*r.All.Seeds/r.All.Hits || g.Ratio != nil), !needed && g.Hits > 0 && g.Ratio == nil:
			t.Errorf("%+v", g)
		case g.Group == "byzantine" && g.Finding != "not drawn":
			t.Errorf("%+v, and this system trusts its nodes", g)
		}
	}
	out, stderr, code = simrunIn(t, program, env, "zoo", "needs", "paxos/acceptance-unsynced", "--faults", "none", "--budget", "50")
	if want := "paxos/acceptance-unsynced  0 of 50 seeds show it under none\n  so nothing can be told of what it needs\n"; out != want || code != 0 {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	for want, args := range map[string]string{
		"zoo needs takes the names of bugs, or folders": "",
		"did you mean paxos/acceptance-unsynced?":       "paxos/acceptance-unsynce",
		"--hits and --times are numbers from 2":         "paxos/acceptance-unsynced --hits 1",
		`unknown fault profile "swam"`:                  "paxos/acceptance-unsynced --faults swam",
	} {
		out, stderr, code := simrunIn(t, program, env, append([]string{"zoo", "needs"}, strings.Fields(args)...)...)
		if code != 2 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 || out != "" {
			t.Errorf("%s: exit code %d, %s%s", args, code, out, stderr)
		}
	}
}
