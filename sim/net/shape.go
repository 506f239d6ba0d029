package net

import (
	"fmt"
	"strings"
)

// A Shape is a way in which a network falls apart, as the literature names it. It says of a list of nodes which pairs do
// not see each other; who stands where in the list is the caller's choice.
//
// The bridge and the ring are those of Jepsen's nemesis (Kingsbury); partial partitions are from Alfatafta, Alkhatib,
// Alquraan and Al-Kiswany, OSDI 2020.
type Shape uint8

const (
	Isolate  Shape = iota // the first is alone
	Halves                // the first half does not see the rest, which has one more if the number is odd
	Majority              // the least majority, the first n/2+1, does not see the rest
	Bridge                // two halves do not see each other; the node in the middle of the list sees both
	Ring                  // each sees its nearest neighbours on a ring: a majority, and no two the same one
	Partial               // the first two do not see each other; the rest see both
)

var shapeNames = [...]string{"isolate", "halves", "majority", "bridge", "ring", "partial"}

// String is the word for the shape in a plan.
func (s Shape) String() string { return shapeNames[s] }

// ParseShape reads the word for a shape.
func ParseShape(word string) (Shape, error) {
	for i, name := range shapeNames {
		if name == word {
			return Shape(i), nil
		}
	}
	return 0, fmt.Errorf("unknown shape of a partition %q: one of %s", word, strings.Join(shapeNames[:], ", "))
}

// Apart returns the pairs of n nodes that do not see each other, each as two places in the list, the earlier first. There
// are none where the shape needs more nodes than there are: two for isolate, halves and partial, three for the others.
func (s Shape) Apart(n int) (pairs [][2]int) {
	for i := range n {
		for j := i + 1; j < n; j++ {
			if s.apart(i, j, n) {
				pairs = append(pairs, [2]int{i, j})
			}
		}
	}
	return pairs
}

// apart reports whether node i and a later one, j, of n do not see each other.
func (s Shape) apart(i, j, n int) bool {
	switch s {
	case Isolate:
		return i == 0
	case Halves:
		return i < n/2 && j >= n/2
	case Majority:
		return i <= n/2 && j > n/2
	case Bridge:
		return i < n/2 && j > n/2
	case Ring:
		if n == 3 { // all see all on such a ring: it is cut open between its ends
			return j-i == 2
		}
		return min(j-i, n-j+i) > (n/2+1)/2 // as far each way as gives a majority, n/2+1 with the node itself
	case Partial:
		return j == 1
	}
	return false
}
