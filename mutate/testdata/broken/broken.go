// Package broken does not compile.
package broken

// One is 1.
func One() int { return 1 + "1"[0:] }
