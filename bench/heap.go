package bench

// A heap is a priority queue by time in which every entry has four children: fewer levels than with two,
// and the children share a line of the cache.
type heap[T any] struct{ entries []entry[T] }

type entry[T any] struct {
	at    int64
	value T
}

// push adds an entry. Entries of the same time come out in any order.
func (h *heap[T]) push(at int64, value T) {
	h.entries = append(h.entries, entry[T]{})
	i := len(h.entries) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if h.entries[parent].at <= at {
			break
		}
		h.entries[i] = h.entries[parent]
		i = parent
	}
	h.entries[i] = entry[T]{at, value}
}

// pop removes the earliest entry. The heap must not be empty.
func (h *heap[T]) pop() (int64, T) {
	first := h.entries[0]
	n := len(h.entries) - 1
	last := h.entries[n]
	h.entries[n] = entry[T]{}
	h.entries = h.entries[:n]
	if n > 0 {
		h.sink(last)
	}
	return first.at, first.value
}

// sink puts e into the gap at the root and lets it sink to its place.
func (h *heap[T]) sink(e entry[T]) {
	i, n := 0, len(h.entries)
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, n); c++ {
			if h.entries[c].at < h.entries[least].at {
				least = c
			}
		}
		if h.entries[least].at >= e.at {
			break
		}
		h.entries[i] = h.entries[least]
		i = least
	}
	h.entries[i] = e
}
