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
// Only files that are compiled into the package are changed, never tests, no generated files and none that use cgo. Build constraints hold as in any
// command of the Go tool, and so do tags in GOFLAGS. The sources stay as they are: the Go tool reads the changed file through its flag -overlay.
//
// # How a mutant is tried
//
// Before the first mutant, each test runs alone on the code as it is, with coverage, so that it is known
// which tests reach a line, and how long each takes. A mutant that no test reaches is not covered, and no test is run.
// Else the tests that reach it run: those that are quick together, then the others one after the other, the quickest first, all
// with -short; and if it lives, the same without. The first failure ends it. A mutant that takes much more time, work (on Linux)
// or memory than the tests took counts as killed.
//
// To compile is what takes longest. So up to a hundred mutants are compiled into one program first, in which a body with mutants stands several times and
// the environment says which is in force. What that program says is believed only of mutants that it kills, by a test that passes in it while none is in force. All others are
// compiled alone: those that live, those outside of functions, and those in functions with labels.
//
// If a mutant compiles to the very bytes of the code as it is, it is equivalent. Others that make no difference have to be
// marked by a person, with the reason, in a file beside the package; see [Marks]. A mark that fits no mutant any more,
// or one that a test kills, is reported.
//
// # What it relies on
//
// Tests must pass by themselves, one at a time, and in several processes at once in the folder of their
// package. A test that fails now and then kills mutants that it should not. Tests of simtest do not make failing runs small meanwhile (SIM_SHRINK=0).
// The package is compiled without inlining, so a test that counts allocations of it may fail without any mutant: it has to be skipped.
// What is compiled stays in the cache of the Go tool, some megabytes a compilation, until that tool removes it after some days.
package mutate
