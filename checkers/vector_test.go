package checkers

import (
	"slices"
	"testing"
)

// Fails if merging forgets a process that only one side knows of, or changes the side that is only read.
func TestVectorMerge(t *testing.T) {
	long, short := vector{1, 5, 0, 7}, vector{2, 3}
	if got := slices.Clone(short).merged(long); !slices.Equal(got, vector{2, 5, 0, 7}) {
		t.Errorf("got %v", got)
	}
	if got := slices.Clone(long).merged(short); !slices.Equal(got, vector{2, 5, 0, 7}) {
		t.Errorf("got %v", got)
	}
	if !slices.Equal(long, vector{1, 5, 0, 7}) || !slices.Equal(short, vector{2, 3}) {
		t.Errorf("changed: %v, %v", long, short)
	}
}

// Fails if a process that is not there has done something, or setting one loses others.
func TestVectorWith(t *testing.T) {
	var v vector
	v = v.with(2, 9).with(0, 4)
	if !slices.Equal(v, vector{4, 0, 9}) || v.at(1) != 0 || v.at(2) != 9 || v.at(7) != 0 {
		t.Errorf("got %v", v)
	}
}
