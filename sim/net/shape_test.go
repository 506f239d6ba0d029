package net

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// matrix says which of n nodes sees which: a row a node, # where it sees the other, . where it does not.
func matrix(s Shape, n int) (sees [][]bool) {
	for i := range n {
		sees = append(sees, make([]bool, n))
		for j := range sees[i] {
			sees[i][j] = true
		}
	}
	for _, p := range s.Apart(n) {
		sees[p[0]][p[1]], sees[p[1]][p[0]] = false, false
	}
	return sees
}

// Each shape drawn for two to seven nodes. The picture is the specification: read it when it changes.
func TestShapesGolden(t *testing.T) {
	var b strings.Builder
	for s := range shapeNames {
		for n := 2; n <= 7; n++ {
			fmt.Fprintf(&b, "%v of %d\n", Shape(s), n)
			for _, row := range matrix(Shape(s), n) {
				for _, see := range row {
					b.WriteString(map[bool]string{true: " #", false: " ."}[see])
				}
				b.WriteByte('\n')
			}
		}
	}
	golden(t, "testdata/shapes.golden", b.String())
}

// golden compares text with a file, or rewrites the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: got %q, want %q", file, i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("%s: got %d lines, want %d", file, len(g), len(w))
	}
}

// sees lists whom a node sees, itself included.
func sees(m [][]bool, i int) (list string, count int) {
	for j, see := range m[i] {
		if see {
			list += fmt.Sprint(j, " ")
			count++
		}
	}
	return list, count
}

// On a ring every node sees a majority, and no two see the same one; from three nodes on. Fails for a ring whose reach
// is rounded down, or one so wide that all see all.
func TestRingOfMajorities(t *testing.T) {
	for n := 3; n <= 40; n++ {
		m, seen := matrix(Ring, n), map[string]int{}
		for i := range n {
			list, count := sees(m, i)
			if count < n/2+1 || count > n/2+3 {
				t.Errorf("of %d, node %d sees %d: %s", n, i, count, list)
			}
			if other, same := seen[list]; same {
				t.Errorf("of %d, nodes %d and %d see the same: %s", n, other, i, list)
			}
			seen[list] = i
		}
	}
}

// Across a bridge exactly one node sees all, and neither half has a majority without it.
func TestBridgeHasOneInTheMiddle(t *testing.T) {
	for n := 3; n <= 40; n++ {
		m, all := matrix(Bridge, n), 0
		for i := range n {
			switch _, count := sees(m, i); {
			case count == n:
				all++
			case count > n/2+1:
				t.Errorf("of %d, node %d sees %d", n, i, count)
			}
		}
		if all != 1 {
			t.Errorf("of %d, %d nodes see all, want 1", n, all)
		}
	}
}

// The shapes that split nodes in two leave no bridge, and the parts have the sizes that their names say.
func TestSplits(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for s, first := range map[Shape]int{Isolate: 1, Halves: n / 2, Majority: n/2 + 1} {
			m := matrix(s, n)
			for i := range n {
				for j := range n {
					if want := (i < first) == (j < first); m[i][j] != want {
						t.Errorf("%v of %d: %d sees %d: %t, want %t", s, n, i, j, m[i][j], want)
					}
				}
			}
		}
	}
}

// Pairs are of different nodes, in order and without repetition, for every number of nodes; and a shape that needs more
// nodes than there are cuts nothing.
func TestApartInTheSmall(t *testing.T) {
	for s := range shapeNames {
		for n := range 12 {
			last := [2]int{-1, -1}
			for _, p := range Shape(s).Apart(n) {
				if p[0] >= p[1] || p[0] < 0 || p[1] >= n || p[0] < last[0] || p[0] == last[0] && p[1] <= last[1] {
					t.Errorf("%v of %d: pair %v after %v", Shape(s), n, p, last)
				}
				last = p
			}
		}
		for n, want := range []int{0, 0, map[Shape]int{Isolate: 1, Halves: 1, Partial: 1}[Shape(s)]} {
			if got := Shape(s).Apart(n); len(got) != want {
				t.Errorf("%v of %d: %v, want %d pairs", Shape(s), n, got, want)
			}
		}
	}
}

func TestParseShape(t *testing.T) {
	for i, name := range shapeNames {
		if s, err := ParseShape(name); err != nil || s != Shape(i) || s.String() != name {
			t.Errorf("%q: %v, %v", name, s, err)
		}
	}
	for _, bad := range []string{"", "Ring", "thirds"} {
		if _, err := ParseShape(bad); err == nil || !strings.Contains(err.Error(), "one of isolate, halves") {
			t.Errorf("%q: error %v, want one that lists the shapes", bad, err)
		}
	}
}
