package twopc

import (
	"reflect"
	"strings"
	"testing"
)

// Fails if orders are not read as they are printed, or go to the wrong teller.
func TestParseOrders(t *testing.T) {
	got, err := parseOrders("k2: pay a1 a2 5; audit;k1:pay a3 a1 7")
	want := [][]order{{{3, 1, 7}}, {{1, 2, 5}, {}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	for _, o := range want[1] {
		if again, err := parseOrder(strings.Fields(o.String())); err != nil || again != o {
			t.Errorf("%v is read as %v (%v)", o, again, err)
		}
	}
	if all, err := parseOrders(""); all != nil || err != nil {
		t.Errorf("no text is read as %v (%v)", all, err)
	}
}

// Fails if a text that is no list of orders is taken for one, or the error does not say what is wrong.
func TestParseOrdersRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"audit":            "begins with no teller",
		"k0: audit":        `there is no "k0"`,
		"k10: audit":       "want k1 to k9",
		"k1: pay a1 a2":    "not of the form",
		"k1: pay a1 a1 3":  "two different accounts",
		"k1: pay a1 a2 0":  "at least 1",
		"k1: pay a1 b2 1":  `there is no "b2"`,
		"k1: pay a1 a27 1": "want a1 to a26",
		"k1: audit a1":     "not of the form",
		"k1: ":             "not of the form",
		"k1: audit;; k2: ": "not of the form",
	} {
		if _, err := parseOrders(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
