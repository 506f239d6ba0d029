// Package bites shows that every fault bites. For each one in the catalogue of package fault there is a small node that is
// wrong in exactly the way which this fault exposes, and a right one beside it. Under the fault the wrong one is caught and the right one is not; without
// the fault the wrong one gets away with its mistake, so it is the fault that found it. The mistakes are real ones where possible: each says
// where it was made.
//
// A file has its bites at the top, and their nodes below. What all use is in common_test.go; the bites of disk_test.go are about the archive of
// archive_test.go and the ways to keep things in shelf_test.go.
//
// There is nothing here but tests: go test -v simrun/bites tells which fault catches which mistake, and after how many seeds.
package bites
