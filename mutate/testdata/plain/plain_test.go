package plain

import "testing"

func TestName(t *testing.T) {
	if Name() != "plain" {
		t.Error("another name")
	}
}
