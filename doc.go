// Package simrun is the root of the module; it holds no code of its own. The world is in package sim, the command in cmd/simrun,
// go test's door in package simtest. ARCHITECTURE.md shows the house.
package simrun
