// Package tagged has a test that is only there with a tag.
package tagged

// More reports whether n is more than one.
func More(n int) bool { return n > 1 }
