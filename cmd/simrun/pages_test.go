package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/protocols/paxos"
)

// It fails if the page of a failing run has no twin beside it, or that of one that is right has one.
func TestPageHasTheTwin(t *testing.T) {
	for durable, want := range map[string]bool{"durable=false": true, "durable=true": false} {
		file := filepath.Join(t.TempDir(), "run.html")
		var out, stderr strings.Builder
		code := cli.Run(context.Background(), []string{"run", "paxos", "--seed", "0x32", "--set", durable, "--html", file}, &out, &stderr, paxos.Scenario())
		page, err := os.ReadFile(file)
		if err != nil || code == 2 {
			t.Fatal(code, err, stderr.String())
		}
		if got := strings.Contains(string(page), " twin.meta:0:"); got != want {
			t.Errorf("%s: a twin is %v, want %v (code %d)", durable, got, want, code)
		}
	}
}
