package cli

import "testing"

func TestSizeText(t *testing.T) {
	for n, want := range map[int64]string{9999: "9,999 bytes", 60_000: "60 kB", 5_708_123: "5,708 kB", 20_000_000: "20 MB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d bytes are told as %q, want %q", n, got, want)
		}
	}
}
