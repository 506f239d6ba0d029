package simrun

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"simrun/seedfile"
)

var update = flag.Bool("update", false, "rewrite the output in README.md and the hashes in seeds/")

// A block is a fenced block of a document: the lines between the fences.
type block struct {
	lang, text string
	from, to   int // where the text stands
}

func blocks(doc string) (list []block) {
	fence := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	for _, m := range fence.FindAllStringSubmatchIndex(doc, -1) {
		list = append(list, block{doc[m[2]:m[3]], doc[m[4]:m[5]], m[4], m[5]})
	}
	return list
}

// elsewhere are commands that .ci/run executes, since a test cannot run itself.
var elsewhere = map[string]bool{"go test ./...": true, "go test -short ./...": true}

// documents are those whose commands are run.
func documents(t *testing.T) []string {
	more, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"README.md"}, more...)
}

// Every command in README.md and in docs/ runs, exits as shown and prints what is shown.
func TestReadmeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the command")
	}
	program := built(t)
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) { commands(t, name, program) })
	}
}

// built builds the command.
func built(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "simrun")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/simrun").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// The picture in README.md is the one that the command draws of the small run whose story stands above it.
func TestReadmePicture(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the command")
	}
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const picture = "docs/first-seed.svg"
	look := regexp.MustCompile(`(?m)^  look +go run ./cmd/simrun show (s2-\S+) `).FindSubmatch(raw)
	if look == nil || !bytes.Contains(raw, []byte("]("+picture+")")) {
		t.Fatalf("README.md shows no small run, or not %s", picture)
	}
	file := filepath.Join(t.TempDir(), "run.svg")
	if out, err := exec.Command(built(t), "show", string(look[1]), "--format", "svg", "--out", file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	drawn, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(picture, drawn, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if shown, err := os.ReadFile(picture); err != nil || !bytes.Equal(shown, drawn) {
		t.Errorf("%v: %s is another picture (go test -run Readme . -update draws it)", err, picture)
	}
}

// commands runs the commands of one document.
func commands(t *testing.T, name, program string) {
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	ran, token := 0, ""
	var rewritten strings.Builder
	last := 0
	for _, b := range blocks(doc) {
		if b.lang != "console" {
			continue
		}
		command, shown, _ := strings.Cut(b.text, "\n")
		command = strings.TrimPrefix(command, "$ ")
		ran++
		if elsewhere[command] {
			continue
		}
		if f := strings.Fields(command); *update && token != "" && len(f) == 5 && f[3] == "replay" && !strings.HasSuffix(command, ".seed") {
			command = strings.Join(append(f[:4], token), " ") // tokens come from the block before
		}
		got := run(t, name, program, command)
		got = oneWord.ReplaceAllStringFunc(got, ofNoBuild)
		if m := oneWord.FindString(got); m != "" {
			token = m
		}
		if *update {
			rewritten.WriteString(doc[last:b.from] + "$ " + command + "\n" + got)
			last = b.to
		} else if steady(got) != steady(shown) {
			t.Errorf("%s shows for %q\n%s\nbut it prints\n%s\n(go test -run Readme . -update rewrites it)", name, command, shown, got)
		}
	}
	if least := map[bool]int{true: 6, false: 1}[name == "README.md"]; ran < least {
		t.Errorf("found only %d commands in %s", ran, name)
	}
	if *update {
		if err := os.WriteFile(name, []byte(rewritten.String()+doc[last:]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a command of a document with the program built once, and returns what it prints, with the exit code if it is not 0.
func run(t *testing.T, document, program, command string) string {
	t.Helper()
	var cmd *exec.Cmd
	if args, ok := strings.CutPrefix(command, "go run ./cmd/simrun "); ok {
		args, file, redirected := strings.Cut(args, " < ")
		cmd = exec.Command(program, strings.Fields(args)...)
		if redirected {
			input, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdin = bytes.NewReader(input)
		}
	} else if args, ok := strings.CutPrefix(command, "go test example.com/counter"); ok {
		cmd = exec.Command("go", append([]string{"test", "example.com/counter"}, strings.Fields(args)...)...)
		cmd.Dir = counterModule(t)
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	} else {
		t.Fatalf("%s has a command that no test runs: %s", document, command)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(out.String(), program, "go run ./cmd/simrun")
	if exit != nil && exit.ExitCode() != 1 {
		t.Errorf("%s exits %d\n%s", command, exit.ExitCode(), text)
	}
	return text
}

// counterModule is the module of README.md's own system, where it finds this one.
func counterModule(t *testing.T) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "counter")
	if err := os.CopyFS(dir, os.DirFS("simtest/testdata/counter")); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"go.sum": sums, "go.mod": fmt.Appendf(mod, "\nreplace simrun => %s\n", here)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// oneWord finds tokens.
var oneWord = regexp.MustCompile(`\bs2-[A-Za-z0-9_-]+`)

// ofNoBuild leaves the fingerprint of the program out of a token: a document is not of one build.
func ofNoBuild(token string) string {
	f, err := seedfile.ParseToken(token)
	if err != nil {
		return token
	}
	f.Build = 0
	return f.Token()
}

// steady masks what differs from run to run: real time and speed.
func steady(s string) string {
	s = regexp.MustCompile(`[0-9.]+\S* of real time`).ReplaceAllString(s, "T of real time")
	s = regexp.MustCompile(`(?m)\([0-9.]+s\)|events in [0-9.]+\S*|\t[0-9.]+s$`).ReplaceAllString(s, "T")
	return regexp.MustCompile(`in \S+, \S+ a second`).ReplaceAllString(s, "in T, N a second")
}

// Every piece of Go in README.md stands in the module that a test builds.
func TestReadmeCode(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "cmd/counter/*.go"} {
		names, _ := filepath.Glob(filepath.Join("simtest/testdata/counter", pattern))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	n := 0
	for _, b := range blocks(string(raw)) {
		if b.lang == "go" {
			n++
			if !strings.Contains(sources.String(), strings.TrimSpace(b.text)) {
				t.Errorf("README.md shows code that is not in simtest/testdata/counter:\n%s", b.text)
			}
		}
	}
	if n < 3 {
		t.Errorf("found only %d pieces of Go in README.md", n)
	}
}
