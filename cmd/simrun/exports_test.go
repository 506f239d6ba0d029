package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/protocols/bracha"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
)

// It fails if a run of a protocol cannot be had in one of the formats: runs with crashes, with cuts, with liars, and with operations of clients, which alone Porcupine
// has a page of.
func TestExports(t *testing.T) {
	begins := map[string]string{
		"html": "<!doctype html>", "svg": "<svg ", "mermaid": "sequenceDiagram\n", "perfetto": `{"displayTimeUnit"`, "shiviz": "(?<host>", "ndjson": `{"scenario":`,
		"porcupine": "<!doctype html>",
	}
	for _, seed := range []string{"paxos/forgotten-promise", "3pc/partition", "broadcast/two-faced", "paxos-kv/power-cut"} {
		for format, head := range begins {
			var stdout, stderr strings.Builder
			out := filepath.Join(t.TempDir(), "run."+format)
			code := cli.Run(context.Background(), []string{"show", "../../seeds/" + seed + ".seed", "--format", format, "--out", out}, &stdout, &stderr,
				paxos.Scenario(), paxoskv.Scenario(), threepc.Scenario(), bracha.Scenario())
			text, err := os.ReadFile(out)
			if format == "porcupine" && !strings.HasPrefix(seed, "paxos-kv") {
				if code != 2 || !strings.Contains(stderr.String(), "has a history that Porcupine judges\n") || err == nil {
					t.Errorf("%s of %s ends with %d, %s", format, seed, code, stderr.String())
				}
				continue
			}
			if code != 0 || err != nil || !strings.HasPrefix(string(text), head) || stdout.Len() > 0 {
				t.Errorf("%s of %s ends with %d, %s, and the file begins with %.40q", format, seed, code, stderr.String(), text)
			}
			if format == "porcupine" && (!strings.Contains(string(text), `"Tag":"down: s1"`) || !strings.Contains(string(text), `c1#2 x: get -\u003e`)) {
				t.Error("Porcupine's page shows no faults, or no operations")
			}
		}
	}
}
