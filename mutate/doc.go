// Package mutate finds out whether the tests of a package would notice if its code were wrong. It makes
// mutants, copies of the package with one small change each, and runs the package's own tests against every one.
// A mutant that makes a test fail is killed. One that survives is a change nobody would have noticed: a
// test is missing, or the change makes no difference.
//
//	report, err := mutate.Run(ctx, mutate.Config{Package: "./counter"})
//
// # What is changed
//
// The changes are those that authors of nodes make by mistake: a comparison that is another or off by one, a constant that is
// one more or one less, a guard that is turned round or lacks a condition, arithmetic, a statement that is left out
// (a field that is not set before a send, a send that is not made), and a sync that is skipped though all goes on as if it had been done.
// Only files that are compiled into the package are changed, never tests, and no generated files. The
// sources stay as they are: the Go tool reads the changed file through its flag -overlay.
//
// # How a mutant is tried
//
// Before the first mutant, each test runs alone on the code as it is, with coverage, so that it is known
// which tests reach a line, and how long each takes. A mutant that no test reaches is not covered, and no test is run.
// Else it is compiled once, and the tests that reach it run: those that are quick, then the others, both
// with -short; and if it lives, the same without. The first failure ends it. A mutant that takes much longer than the
// tests took, or uses much more memory, counts as killed.
//
// If a mutant compiles to the very bytes of the code as it is, it is equivalent, and needs no test. Others that make no difference have to be
// marked by a person, with the reason, in a file beside the package; see [Marks]. A mark that fits no mutant any more,
// or one that a test kills, is reported.
//
// # What it relies on
//
// Tests must pass by themselves, one at a time, and in several processes at once in the folder of their
// package. A test that fails now and then kills mutants that it should not. Tests of simtest do not make failing runs small meanwhile (SIM_SHRINK=0).
// What is compiled stays in the cache of the Go tool, some megabytes a mutant, until that tool removes it after some days.
package mutate
