// Package untested has no tests.
package untested

// One is 1.
func One() int { return 1 }
