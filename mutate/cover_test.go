package mutate

import "testing"

func TestParseProfile(t *testing.T) {
	ran, err := parseProfile("mode: set\n\na.b/c/x.go:1.2,3.4 5 0\na.b/c/x.go:1.2,3.4 5 1\r\na.b/c/x.go:1.2,3.4 5 0\na.b/c/y.go:7.1,9.2 1 0\na.b/other/x.go:1.1,2.2 1 1\n", "a.b/c")
	x, y := block{"x.go", spot{1, 2}, spot{3, 4}}, block{"y.go", spot{7, 1}, spot{9, 2}}
	if err != nil || len(ran) != 2 || !ran[x] || ran[y] {
		t.Errorf("%v, %v", ran, err)
	}
	for _, bad := range []string{"x", "x.go:1.2,3.4 5", "x.go:a"} {
		if _, err := parseProfile(bad, "."); err == nil {
			t.Errorf("%q is a line of a profile", bad)
		}
	}
}

// It fails if the end of a block is taken for a part of it, or an outer one is taken for an inner one.
func TestAround(t *testing.T) {
	outer, inner, last := block{"x.go", spot{1, 1}, spot{9, 9}}, block{"x.go", spot{2, 5}, spot{4, 2}}, block{"x.go", spot{9, 9}, spot{10, 1}}
	blocks := []block{outer, inner, last, {"y.go", spot{1, 1}, spot{99, 1}}}
	for _, c := range []struct {
		at   spot
		want block
		ok   bool
	}{
		{spot{1, 1}, outer, true}, {spot{2, 4}, outer, true}, {spot{2, 5}, inner, true}, {spot{3, 1}, inner, true},
		{spot{4, 1}, inner, true}, {spot{4, 2}, outer, true}, {spot{9, 9}, last, true}, {spot{10, 1}, block{}, false},
	} {
		if b, ok := around(blocks, &Mutant{File: "x.go", Line: c.at.line, Column: c.at.column}); b != c.want || ok != c.ok {
			t.Errorf("around %v is %v, %v: want %v, %v", c.at, b, ok, c.want, c.ok)
		}
	}
}
