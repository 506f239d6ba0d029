package bites

// pending are the faults that nothing bites with yet.
var pending = map[string]bool{

	"cut": true, "isolate": true, "halves": true, "majority": true, "bridge": true, "ring": true, "partial": true, "leader-alone": true,
}
