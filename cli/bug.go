package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"simrun/seedfile"
	"simrun/zoo"
)

// A command with --bug, or about a run of a program with a bug, is done by another program: this one, compiled with the patch from the
// zoo. It takes the place of this process, or is started by it where a system cannot do that, with the same arguments, in the same folder,
// and its exit code is that of the command. It knows its bug,
// so its tokens state it, and lines to paste start the program that people know.

// asVariable holds, for the program with the bug, the name of this one in messages and how a person would start it.
const asVariable = "SIMRUN_AS"

// bugFlag is the name of the flag.
const bugFlag = "bug"

// addBug declares --bug.
func (c *command) addBug(cmds ...*cobra.Command) {
	for _, cmd := range cmds {
		cmd.Flags().StringVar(&c.bug, bugFlag, "", "do it with a bug from the zoo, by its `name`; see: "+c.name+" zoo list")
		err := cmd.RegisterFlagCompletionFunc(bugFlag, func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
			if z, _, err := c.openZoo(); err == nil {
				names = z.Names()
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		})
		if err != nil {
			panic("cli: " + err.Error())
		}
	}
}

// handOver does a command that was given --bug with another program, if this one has not that bug; the error is how that ended, also if
// it ended well. The bug's own settings are set unless the command line says otherwise, if it is about the scenario that shows the bug.
func (c *command) handOver(cmd *cobra.Command, args []string) error {
	switch {
	case !cmd.Flags().Changed(bugFlag):
		return nil
	case len(args) == 0 || c.bug == "":
		return usage("--bug wants the name of a bug; see: %s zoo list", c.name)
	case c.bug == seedfile.Bug():
		return nil
	}
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	bug, err := c.findBug(z, c.bug)
	if err != nil {
		return err
	}
	if s, err := c.scenario(args[0]); err == nil && s.Name != bug.Scenario {
		c.warn("the bug %s is shown by %s: %s may have nothing of it", bug.Name, bug.Scenario, s.Name)
	}
	more := extra(cmd, args[0], bug)
	if at := slices.Index(c.args, "--"); at >= 0 { // behind it are no flags
		return c.with(b, bug, slices.Insert(slices.Clone(c.args), at, more...))
	}
	return c.with(b, bug, append(c.args, more...))
}

// extra are the arguments that a bug brings along.
func extra(cmd *cobra.Command, scenario string, bug *zoo.Bug) (args []string) {
	args = append(args, "--"+bugFlag, bug.Name) // its full name, whatever was typed
	if scenario != bug.Scenario || cmd.Flags().Lookup("set") == nil {
		return args
	}
	given, _ := cmd.Flags().GetStringArray("set")
	set := make(map[string]bool)
	for _, s := range given {
		name, _, _ := strings.Cut(s, "=")
		set[name] = true
	}
	for _, s := range bug.Set {
		if name, _, _ := strings.Cut(s, "="); !set[name] {
			args = append(args, "--set", s)
		}
	}
	if bug.Faults != "" && !cmd.Flags().Changed("faults") && !cmd.Flags().Changed("plan") {
		args = append(args, "--faults", bug.Faults)
	}
	return args
}

// fitting sees to it that this program has the bug of a run that was written down. If it has not, the command is done by one that has, and the
// error is how that ended. What --bug says goes before what the run says.
func (c *command) fitting(r *replayed) error {
	if c.bug != "" {
		r.seed.Bug = seedfile.Bug()
	}
	if r.seed.Bug == "" || r.seed.Bug == seedfile.Bug() {
		return nil
	}
	if seedfile.Bug() != "" {
		return usage("%s is of a run with the bug %s, and this program was compiled with the bug %s", r.what(), r.seed.Bug, seedfile.Bug())
	}
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	bug, ok := z.Find(r.seed.Bug)
	if !ok {
		return usage("%s is of a run with the bug %s, which the zoo does not have%s", r.what(), r.seed.Bug, didYouMean(r.seed.Bug, z.Names()))
	}
	return c.with(b, bug, c.args)
}

// with does a command with a bug.
func (c *command) with(b *zoo.Builder, bug *zoo.Bug, args []string) error {
	program, err := c.compile(b, bug)
	if err != nil {
		return err
	}
	env := append(os.Environ(), asVariable+"="+c.name+"\x1f"+c.program)
	if c.outFile == os.Stdout && c.err == os.Stderr {
		if err := become(program, args, env); !errors.Is(err, errors.ErrUnsupported) {
			return &ending{exitUnknown, fmt.Sprintf("the program with the bug %s: %v", bug.Name, err)}
		}
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, c.outFile, c.err, env
	// An interrupt from the keyboard reaches both. The other program ends in good order, and this one waits for it.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt)
	defer signal.Stop(caught)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &ending{code: exitOK} // no nil: the command has been done
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return &ending{code: exit.ExitCode()}
	case c.ctx.Err() != nil:
		return &ending{code: exitInterrupted}
	}
	return &ending{exitUnknown, fmt.Sprintf("the program with the bug %s: %v", bug.Name, err)}
}

// compile makes the program with the bug.
func (c *command) compile(b *zoo.Builder, bug *zoo.Bug) (string, error) {
	program, err := b.Build(c.ctx, bug)
	switch {
	case errors.Is(err, context.Canceled):
		return "", endAs(exitInterrupted)
	case err != nil:
		return "", usage("%v", err)
	}
	return program, nil
}

// openZoo finds the source of this program, from the working directory upwards, and reads its zoo.
func (c *command) openZoo() (zoo.Zoo, *zoo.Builder, error) {
	z, _, b, err := c.openAll()
	return z, b, err
}

// openAll does the same, and also reads the patches that make a checker weak.
func (c *command) openAll() (z, weak zoo.Zoo, b *zoo.Builder, err error) {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path == "" {
		return nil, nil, nil, usage("this program does not say what it was made of: bugs need one that was built in a module")
	}
	root, err := sourceOf(info.Main.Path)
	if err != nil {
		return nil, nil, nil, err
	}
	if z, weak, err = zoo.OpenAll(os.DirFS(root)); err != nil {
		return nil, nil, nil, usage("%v", err)
	}
	return z, weak, &zoo.Builder{Root: root, Program: strings.TrimSuffix(info.Path, ".test"), Named: seedfile.BugVariable}, nil
}

// sourceOf returns the folder of the module, which is the working directory or one above it.
func sourceOf(module string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", usage("bugs are patches to the source of this program: %v", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if mod, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && modfile.ModulePath(mod) == module {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", usage("bugs are patches to the source of this program: start it in a folder of module %s; %s is none", module, here)
		}
	}
}

// findBug finds a bug by what a person calls it.
func (c *command) findBug(z zoo.Zoo, name string) (*zoo.Bug, error) {
	if len(z) == 0 {
		return nil, usage("the zoo is empty: bugs are files %s/FOLDER/NAME%s", zoo.Folder, zoo.Suffix)
	}
	bug, ok := z.Find(name)
	if !ok {
		return nil, usage("unknown bug %q%s see: %s zoo list", name, didYouMean(name, z.Names()), c.name)
	}
	return bug, nil
}
