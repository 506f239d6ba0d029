// Package plain has nothing that a mutant could change.
package plain

// Name is its name.
func Name() string { return "plain" }
