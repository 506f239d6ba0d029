package apps

import "testing"

// Fails if a transfer stays what it is, or a message changes that names workers or steps.
func TestAltered(t *testing.T) {
	for i := range 4 {
		if m := Altered(Transfer{7}, func(n int) int { return i % n }); m == (Transfer{7}) {
			t.Errorf("pick %d changes nothing", i)
		}
	}
	for _, m := range []Message{Ping{1}, Token{2}, Word{1, "x"}} {
		if Altered(m, func(int) int { return 0 }) != m {
			t.Errorf("%v has changed", m)
		}
	}
}
