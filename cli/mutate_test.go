package cli_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"simrun/cli"
)

const account = "../mutate/testdata/account"

// It fails if a survivor is not shown with its place and its lines, if the sum is wrong, or if the exit code does not say that some are alive.
func TestMutate(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a dozen programs")
	}
	args := []string{"mutate", account, "--run", "Withdraw|Larger", "--mutants", "12", "--seed", "1", "--short", "--progress", "json"}
	code, out, stderr := call(context.Background(), append(args, "--json")...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var sum struct {
		Outcomes     map[string]int
		Killed, Of   int
		Tests, Found int
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil || len(lines) != 13 || sum.Tests != 2 || sum.Killed == 0 || sum.Of <= sum.Killed || code != 1 {
		t.Fatalf("exit code %d, %d lines, %+v, %v\n%s%s", code, len(lines), sum, err, out, stderr)
	}
	var survivor struct {
		File, Func, Outcome string
		Line                int
		Before, After       []string
	}
	seen := map[string]int{}
	for _, l := range lines[:12] {
		var m struct{ Outcome string }
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatal(err)
		}
		if seen[m.Outcome]++; m.Outcome == "survived" || m.Outcome == "not covered" {
			if err := json.Unmarshal([]byte(l), &survivor); err != nil {
				t.Fatal(err)
			}
		}
	}
	for outcome, n := range sum.Outcomes {
		if seen[outcome] != n {
			t.Errorf("%d mutants are %s, and the sum says %d", seen[outcome], outcome, n)
		}
	}
	if !regexp.MustCompile(`(?m)^\{"done":\d+,"total":12,"survived":\d+,"elapsed_s":[0-9.]+\}$`).MatchString(stderr) {
		t.Errorf("progress says %q", stderr)
	}
	code, out, _ = call(context.Background(), append(args, "--least", "10", "--list")...)
	shown := survivor.File + " " + survivor.Func + "\n- " + strings.Join(survivor.Before, "\n- ") + "\n"
	for _, want := range []string{shown, "simrun/mutate/testdata/account  12 of 29 mutants, 2 tests, ", "\n  killed ", "\n  score ", ": TestWithdraw\n"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d; %q is not in\n%s", code, want, out)
		}
	}
}

// Each mistake is one line that says what is wrong, and exit code 2.
func TestMutateComplains(t *testing.T) {
	for want, args := range map[string][]string{
		"simrun: mutate takes one package":                    {},
		"simrun: --mutants, --workers and --for are not":      {account, "--workers", "-1"},
		"simrun: --least is a share":                          {account, "--least", "101"},
		"simrun: --progress loud: want ":                      {account, "--progress", "loud"},
		"simrun: ./nowhere: ":                                 {"./nowhere"},
		"simrun: simrun/mutate/testdata/untested has no test": {"../mutate/testdata/untested"},
	} {
		code, out, stderr := call(context.Background(), append([]string{"mutate"}, args...)...)
		if code != 2 || out != "" || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: exit code %d, %s%s, want %q", args, code, out, stderr, want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if code, _, stderr := call(context.Background(), "mutate", account); code != 2 || !strings.HasPrefix(stderr, "simrun: there is no Go tool in the PATH") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("without a Go tool: exit code %d, %s", code, stderr)
	}
}

// It fails if an interrupt loses what was found, or if the exit code hides it.
func TestInterruptedMutate(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles some programs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	var out strings.Builder
	w := &tripwire{after: `"done":1`, trip: cancel}
	code := cli.Run(ctx, []string{"mutate", account, "--run", "Withdraw", "--short", "--workers", "1", "--progress", "json"}, &out, w, scenarios()...)
	if code != 130 || !strings.Contains(out.String(), "  not tried ") || !strings.Contains(out.String(), "account  1 of 29 mutants") {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
}
