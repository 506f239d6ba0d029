// Package cli is the command simrun as a library: given scenarios, it is a program that lists them,
// makes one run, hunts for failing seeds over many, makes a run again, draws it, serves it, and steps through it.
//
//	func main() { cli.Main(counter.Scenario()) }
//
// A program of those three lines has all the commands. Nothing here decides anything about a run:
// commands parse what they are told, call simrun/search and simrun/seedfile, and print.
//
// # Streams and exit codes
//
// Standard output carries the result and nothing else; with --json it is one JSON object a line, with
// fields that keep their names. Standard error carries progress, warnings and errors. The exit code is
//
//	0    everything that was judged holds
//	1    a property was violated, or a run stalled
//	2    the command line or a file is wrong; one line says what and how to mend it
//	3    the same run was made twice and differed
//	4    a checker ran out of budget, a hunt tested nothing it was meant to test, or the machine failed
//	130  interrupted; what was found so far was printed
//
// A program started by go run hides its exit code: go run itself exits 1 whatever that was. Whoever looks at the code
// builds the program first.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
)

// The exit codes, see the package comment.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitDiverged    = 3
	exitUnknown     = 4
	exitInterrupted = 130
)

// Main runs the command with the arguments of the process and exits. An interrupt, or a request to terminate,
// ends what is under way in good order; a second one ends the process.
func Main(scenarios ...*sim.Scenario) {
	if search.Ordered() {
		os.Exit(serve(scenarios))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	collect(os.Getenv)
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if as, _, ok := strings.Cut(os.Getenv(asVariable), "\x1f"); ok {
		name = as
	}
	self, err := search.Self()
	if err != nil {
		self = nil // then there is this process alone, and who asks for another is told
	}
	os.Exit(run(ctx, name, os.Args[1:], os.Stdout, os.Stderr, scenarios, self))
}

// gcPercent is how much garbage there may be before it is collected, in parts of a hundred of what
// lives: runs keep little and leave much, and with Go's own hundred a hunt would spend a tenth of its
// time on collections.
const gcPercent = 800

// gcLimit is up to how many bytes that holds. Beyond, a long run of which much is kept, such as a livelock that is made small, would take nine times what it needs.
const gcLimit = 2 << 30

// collect says when garbage is collected, unless the environment does.
func collect(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(gcLimit)
	}
}

// Run runs the command with the given arguments, without the program's name,
// and returns the exit code. In its messages the program is called simrun,
// whatever the process is. It panics if two scenarios have the same name.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, scenarios ...*sim.Scenario) (code int) {
	return run(ctx, "simrun", args, stdout, stderr, scenarios, nil)
}

// run is Run for a program of the given name.
func run(ctx context.Context, name string, args []string, stdout, stderr io.Writer, scenarios []*sim.Scenario, self *search.Process) (code int) {
	out := bufio.NewWriter(stdout)
	info, _ := debug.ReadBuildInfo()
	c := &command{ctx: ctx, name: name, out: out, outFile: stdout, err: stderr, scenarios: scenarios, program: pasteable(os.Args[0], info), self: self}
	if _, as, ok := strings.Cut(os.Getenv(asVariable), "\x1f"); ok && seedfile.Bug() != "" {
		c.program = as
	}
	c.args = args
	c.checkNames()
	defer func() {
		if p := recover(); p != nil {
			out.Flush()
			fmt.Fprintf(stderr, "%s: panic: %v\n\n%s", name, p, debug.Stack())
			code = exitUnknown
		}
	}()
	root := c.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if e := out.Flush(); e != nil && err == nil {
		err = &ending{exitUnknown, fmt.Sprintf("cannot write the result: %v", e)}
	}
	return c.exitCode(err)
}

// A command is one invocation.
type command struct {
	ctx       context.Context
	name      string        // of the program, in messages
	out       *bufio.Writer // the result
	outFile   io.Writer     // what out writes to: for finding out whether it is a terminal
	err       io.Writer     // progress, warnings, errors
	scenarios []*sim.Scenario
	program   string          // how a person would start this program again
	args      []string        // of the command line
	bug       string          // what --bug says
	self      *search.Process // this program as another process; nil if it was not started by Main
}

// An ending is why a command ends with another code than 0. The text is empty if all has been said.
type ending struct {
	code int
	text string
}

// Error returns the text, which is empty if all has been said.
func (e *ending) Error() string { return e.text }

// usage is the ending of a command that was told something wrong.
func usage(format string, args ...any) error {
	return &ending{exitUsage, fmt.Sprintf(format, args...)}
}

// exitCode says what went wrong, in one line, and returns the code for it. What is not an ending is an
// error of cobra's about the command line.
func (c *command) exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	end := &ending{exitUsage, err.Error()}
	errors.As(err, &end)
	if end.text != "" {
		c.out.Flush()
		fmt.Fprintf(c.err, "%s: %s\n", c.name, oneLine(end.text))
	}
	return end.code
}

// oneLine joins the lines of a message.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// warn tells something on standard error that does not end the command.
func (c *command) warn(format string, args ...any) {
	c.out.Flush()
	fmt.Fprintf(c.err, c.name+": "+format+"\n", args...)
}

// checkNames panics unless each scenario has a name of its own: a token names the scenario of its run,
// and nothing else does.
func (c *command) checkNames() {
	seen := make(map[string]bool)
	for _, s := range c.scenarios {
		if s.Name == "" || seen[s.Name] {
			panic(fmt.Sprintf("cli: each scenario needs a name of its own, and %q is not one", s.Name))
		}
		seen[s.Name] = true
	}
}

// root makes the tree of commands.
func (c *command) root() *cobra.Command {
	root := &cobra.Command{
		Use:           c.name,
		Short:         "Runs distributed systems in a simulated world that one seed decides",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("which command? see: %s help", c.name)
			}
			return c.unknownCommand(args[0])
		},
		PersistentPreRunE: c.handOver,
		RunE:              func(*cobra.Command, []string) error { return nil },
	}
	run, hunt, replay, shrink, show := c.run(), c.hunt(), c.replay(), c.shrink(), c.show()
	c.addBug(run, hunt, replay, shrink, show)
	root.AddCommand(c.list(), run, hunt, replay, shrink, show, c.zoo(), c.mutate(), c.bench(), c.version())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%v; see: %s --help", err, cmd.CommandPath())
	})
	c.tame(root)
	return root
}

// unknownCommand says that there is no command of that name.
func (c *command) unknownCommand(name string) error {
	return usage("unknown command %q%s see: %s help", name, didYouMean(name, commandNames), c.name)
}

// tame makes the commands that cobra brings along refuse what they do not know. By themselves they print
// some help and end with 0.
func (c *command) tame(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.RunE = func(_ *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return c.unknownCommand(strings.Join(args, " "))
				}
				return about.Help()
			}
		case "completion":
			cmd.Args = cobra.ArbitraryArgs
			cmd.RunE = func(*cobra.Command, []string) error {
				return usage("completion needs the name of a shell: bash, fish, powershell or zsh")
			}
		}
	}
}

// commandNames is what an unknown command is compared with.
var commandNames = []string{"list", "run", "hunt", "replay", "shrink", "show", "zoo", "mutate", "bench", "version", "completion", "help"}

// scenario finds a scenario by name.
func (c *command) scenario(name string) (*sim.Scenario, error) {
	var names []string
	for _, s := range c.scenarios {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, usage("unknown scenario %q%s see: %s list", name, didYouMean(name, names), c.name)
}

// oneScenario is the check of arguments of commands that take the name of a scenario and nothing else.
func oneScenario(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usage("%s needs the name of a scenario; see: %s list", cmd.Name(), cmd.Root().Name())
	case 1:
		return nil
	}
	return usage("%s takes one scenario; what is %q?", cmd.Name(), args[1])
}

// completeScenario offers the names of the scenarios to a shell.
func (c *command) completeScenario(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.offered(nil), cobra.ShellCompDirectiveNoFileComp
}

// offered lists the scenarios that are not given yet, with what they are, as shells take it.
func (c *command) offered(given []string) (names []string) {
	for _, s := range c.scenarios {
		if !slices.Contains(given, s.Name) {
			names = append(names, s.Name+"\t"+firstSentence(s.Doc))
		}
	}
	return names
}

// packageHere names the main package as a person would from the working directory: ./cmd/simrun in the
// root of its module, else its import path.
func packageHere(info *debug.BuildInfo) string {
	below, inside := strings.CutPrefix(info.Path, info.Main.Path)
	mod, err := os.ReadFile("go.mod")
	if err != nil || info.Main.Path == "" || !inside {
		return info.Path
	}
	if modfile.ModulePath(mod) == info.Main.Path {
		return "." + below
	}
	return info.Path
}

// pasteable returns how a person would start this program again from where they are.
func pasteable(arg0 string, info *debug.BuildInfo) string {
	if strings.Contains(arg0, "go-build") && info != nil && info.Path != "" {
		return "go run " + packageHere(info) // the binary of go run is gone by then
	}
	base := filepath.Base(arg0)
	if found, err := exec.LookPath(base); err == nil && (found == arg0 || arg0 == base) {
		return base
	}
	return quoted(arg0)
}

// quoted returns a path as a shell takes it for one word.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$\\") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
