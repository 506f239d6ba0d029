// Package foreign is written half in C.
package foreign

// int one(void) { return 1; }
import "C"

// One is one.
func One() int { return int(C.one()) }
