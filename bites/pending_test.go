package bites

// pending are the faults that nothing bites with yet.
var pending = map[string]bool{}
