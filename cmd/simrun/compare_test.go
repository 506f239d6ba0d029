package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A column is a design as --compare --json prints it.
type column struct {
	Setting  string
	Set      []string
	Verdicts map[string]int
	Outside  int
	Failing  string
	Figures  json.RawMessage
}

// columns returns what is compared, with the figures as one reads them.
func columns(t *testing.T, code int, args ...string) (all []column) {
	t.Helper()
	out, _ := printed(t, code, append(args, "--json")...)
	for l := range strings.Lines(out) {
		var c column
		if err := json.Unmarshal([]byte(l), &c); err != nil {
			t.Fatal(err, l)
		}
		all = append(all, c)
	}
	return all
}

// Each column is the run that the same settings and faults make by themselves. Fails if a column is measured otherwise, or has other faults than the other.
func TestCompareMakesTheRunsOfEach(t *testing.T) {
	plan, _ := printed(t, 0, "run", "multipaxos", "--seed", "7", "--set", "ops=30", "--print-plan")
	file := planFile(t, plan)
	all := columns(t, 0, "run", "multipaxos", "--seed", "7", "--set", "ops=30", "--compare", "read=log,index")
	if len(all) != 2 {
		t.Fatal(all)
	}
	for _, c := range all {
		out, _ := printed(t, 0, "run", "multipaxos", "--seed", "7", "--set", "ops=30", "--set", c.Setting, "--plan", file, "--json")
		var alone column
		if err := json.Unmarshal([]byte(out), &alone); err != nil {
			t.Fatal(err)
		}
		if string(c.Figures) != string(alone.Figures) || len(c.Figures) < 100 || c.Verdicts["ok"] != 1 {
			t.Errorf("%s: %s\nalone: %s", c.Setting, c.Figures, alone.Figures)
		}
	}
	if string(all[0].Figures) == string(all[1].Figures) {
		t.Error("both columns are the same")
	}
}

// On links of a millisecond a read through the log takes four one-way delays, as a write does, one by index as many, and one by lease two: the leader answers at once. Fails if the table says
// something else; a row that nobody has should not be there.
func TestCompareByHand(t *testing.T) {
	out, _ := printed(t, 0, "run", "multipaxos", "--plan", planFile(t, calm), "--compare", "read=log,index,lease", "--set", "think=0s", "--set", "clients=1", "--set", "ops=300")
	rows := map[string]string{}
	for l := range strings.Lines(out) {
		if f := strings.Fields(l); len(f) >= 3 {
			rows[strings.Join(f[:len(f)-3], " ")] = strings.Join(f[len(f)-3:], " ")
		}
	}
	for name, want := range map[string]string{"": "read=log read=index read=lease", "verdict": "ok ok ok", "reads p50": "4ms 4ms 2ms", "writes p50": "4ms 4ms 4ms", "leaders elected": "1 1 1"} {
		if rows[name] != want {
			t.Errorf("%s: %q, want %q; in\n%s", name, rows[name], want, out)
		}
	}
	if strings.Contains(out, "recovery") || strings.Contains(out, "outside") || !strings.Contains(out, "the given plan in each") {
		t.Error(out)
	}
	told := columns(t, 0, "run", "multipaxos", "--plan", planFile(t, calm), "--compare", "decisions=ride,told", "--set", "service=register", "--set", "operations=c1: write x 1; write x 2")
	for i, want := range []string{`"Decided":4`, `"Accept":4,`} {
		if s := string(told[1].Figures); !strings.Contains(s, want) || strings.Contains(string(told[0].Figures), "Decided") {
			t.Errorf("%d: %s, want %s", i, s, want)
		}
	}
}

// Fails if a design gets faults that it is not built for though another draws gentler ones, if one with fewer nodes makes the comparison impossible, or if a failing run
// does not fail the command and cannot be made again.
func TestCompareOnMany(t *testing.T) {
	for _, settings := range []string{"read=log,lease", "servers=5,3"} {
		for _, c := range columns(t, 0, "run", "multipaxos", "--seeds", "0:12", "--set", "ops=20", "--compare", settings) {
			if c.Outside != 0 || c.Verdicts["ok"] != 12 {
				t.Errorf("%s: %v, %d outside", c.Setting, c.Verdicts, c.Outside)
			}
		}
	}
	out, _ := printed(t, 0, "run", "multipaxos", "--set", "ops=20", "--compare", "read=log,lease")
	if !strings.Contains(out, "drawn by profile swarm for read=l") {
		t.Error(out)
	}
	all := columns(t, 1, "run", "paxos-kv", "--seeds", "0:12", "--compare", "mistake=none,reads-locally")
	if all[0].Failing != "" || all[1].Failing == "" || all[1].Verdicts["violated"]+all[1].Verdicts["ok"] != 12 {
		t.Fatalf("%v", all)
	}
	printed(t, 1, "replay", all[1].Failing)
}

// Each mistake is told in one line that names it, with exit code 2, before anything is printed.
func TestCompareBadInput(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--compare read", "want an option and two values"},
		{"--compare read=log", "want an option and two values"},
		{"--compare read=log,", "want an option and two values"},
		{"--compare read=log,log", "log stands there twice"},
		{"--compare red=log,index", `no option "red"`},
		{"--compare read=log,indx", "option read=indx: want one of"},
		{"--compare read=log,index --set read=lease", "about the same option"},
		{"--compare read=log,index --events", "--events, which is about one"},
		{"--compare read=log,index --verify", "--verify, which is about one"},
		{"--compare read=log,index --seeds 5", "want a range"},
		{"--compare read=log,index --seeds 1:3 --seed 4", "give one of them"},
		{"--compare read=log,index --seed 0xffffffffffffffff", "the last there is"},
		{"--compare read=log,index --for -1s", "--for"},
		{"--compare read=log,index --plan nowhere.plan", "nowhere.plan"},
		{"--seeds 1:3", "--seeds is for --compare"},
	} {
		out, _ := printed(t, 2, append([]string{"run", "multipaxos"}, strings.Fields(c.args)...)...)
		if !strings.Contains(out, c.want) || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: %s, want %q in one line", c.args, out, c.want)
		}
	}
	if out, _ := printed(t, 2, "run", "paxos", "--compare", "proposers=1,2"); !strings.Contains(out, "does not say what its service is") {
		t.Error(out)
	}
}
