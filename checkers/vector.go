package checkers

// A vector is a vector clock (Fidge 1988, Mattern 1989): for each process, by its index, the number of the latest of
// its steps that an event depends on, itself included. A process that is not there has done nothing.
//
// The numbers are never used again, not after a rollback either, so that they name steps for the whole run.
type vector []int32

// at returns the number that stands for a process.
func (v vector) at(process int) int32 {
	if process < len(v) {
		return v[process]
	}
	return 0
}

// with returns a vector with the number of a process set. The old one may be changed.
func (v vector) with(process int, n int32) vector {
	for len(v) <= process {
		v = append(v, 0)
	}
	v[process] = n
	return v
}

// merged returns the least vector that is no less than either. The first may be changed, the second is not.
func (v vector) merged(w vector) vector {
	for len(v) < len(w) {
		v = append(v, 0)
	}
	for i, n := range w {
		v[i] = max(v[i], n)
	}
	return v
}
