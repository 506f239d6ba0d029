package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/sim"
	"simrun/steps"
	"simrun/view"
)

// A small run can be printed as a Go test: to standard output, which then has nothing else, or into a file.

// toStdout is what --test says without a file.
const toStdout = "-"

func (f *shrinkFlags) addTest(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.test, "test", "", "print a Go test that fails as the small run does, and nothing else; with a `FILE_test.go`, write it there")
	cmd.Flags().Lookup("test").NoOptDefVal = toStdout
}

// takesTest finds the file of --test where it stands apart, as the values of other flags may.
func (f *shrinkFlags) takesTest(args []string) []string {
	if len(args) == 2 {
		for i, a := range args {
			if strings.HasSuffix(a, "_test.go") && (f.test == toStdout || f.test == a) {
				f.test = a
				return args[1-i : 2-i]
			}
		}
	}
	return args
}

// checkTest says what is wrong with --test before any run is made.
func (f *shrinkFlags) checkTest(s *sim.Scenario) error {
	if f.test == "" {
		return nil
	}
	if f.test != toStdout {
		if err := checkOut("test", f.test); err != nil {
			return err
		}
		if _, err := steps.PackageOf(f.test); err != nil {
			return usage("--test %v", err)
		}
	}
	if _, err := steps.Expression(s); err != nil {
		return usage("--test: %v", err)
	}
	return nil
}

// printTest prints a test of the small run to standard output, or writes it into its file. It returns the source, "" if none is wanted, and how to run it.
func (c *command) printTest(s *search.Shrunk, f *shrinkFlags) (source, run string, err error) {
	if f.test == "" {
		return "", "", nil
	}
	x := steps.Test{Case: s.Case, Property: f.property}
	if f.test != toStdout {
		x.Package, _ = steps.PackageOf(f.test) // checked before
		x.Name = steps.NameOf(f.test)
	}
	if source, err = x.Source(); err != nil {
		return "", "", &ending{exitUnknown, fmt.Sprintf("cannot print a test: %v", err)}
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, source); return err }
	if f.test == toStdout {
		if !f.json {
			err = text(c.out)
		}
		return source, "", err
	}
	if _, err := view.WriteFile(f.test, text); err != nil {
		return "", "", &ending{exitUnknown, fmt.Sprintf("cannot write the test: %v", err)}
	}
	dir := filepath.ToSlash(filepath.Dir(f.test))
	if !filepath.IsAbs(f.test) && !strings.HasPrefix(dir, ".") {
		dir = "./" + dir
	}
	return source, fmt.Sprintf("go test %s -run '^%s$'", dir, x.Name), nil
}
