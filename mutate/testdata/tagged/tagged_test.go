//go:build never

package tagged

import "testing"

func TestMore(t *testing.T) {
	if More(1) {
		t.Error("one is more than one")
	}
}
